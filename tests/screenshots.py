"""Takes the pictures in docs/screenshots: what a person sees, in each way to look at it. `make screenshots` runs it."""

from __future__ import annotations

import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

from conftest import TODAY, Served, start_chromium
from hosts import Host
from PIL import Image
from playwright.sync_api import sync_playwright
from walking import arrive, choose, press, settled, step_of, tab

from service.rulebook.library import load_library
from service.web.app import create_app
from service.web.embedding.frame import Scripts
from service.web.settings import Settings

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
WAYS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "320": {"viewport": {"width": 320, "height": 640}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "forced-colours": {
        "viewport": {"width": 1280, "height": 900},
        "color_scheme": "dark",
        "forced_colors": "active",
    },
}
# Somebody who knows the confidential advisor of their ministry.
ANSWERS = {
    "concerns": ["undesirable_behaviour"],
    "reporter": ["employee"],
    "position": ["affected"],
    "behaviour_pattern": ["structural"],
    "discrimination": ["no"],
    "privacy": ["colleagues"],
    "advisor_known": ["yes"],
    "manager_involved": ["yes"],
    "step": ["talk"],
    "organisation": ["ocw"],
}
SHOWN = {"privacy", "organisation"}
CODE = (
    f'<script src="{{address}}/embed/{Scripts().newest}/wegwijzer.js" defer></script>'
    '<wegwijzer-vragenlijst><a href="{address}/">Wegwijzer</a></wegwijzer-vragenlijst>'
)
COLOURS = 64  # enough for pages without photographs, and a quarter of the size


def keep(name: str, picture: bytes) -> None:
    """Write a picture with few colours."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)


def take(browser, site, host, way: str) -> bytes:
    """Walk to a referral, take pictures on the way, and give its printed pages as PDF."""
    with tab(browser, **WAYS[way]) as page:

        def picture(name: str) -> None:
            page.wait_for_load_state("networkidle")
            keep(f"{way}-{name}", page.screenshot())

        page.goto(site.address)
        picture("1-start")
        arrive(page, site)
        picture("2-before")
        press(page)
        press(page)
        picture("3-error")
        while step := step_of(page):
            choose(
                page, step, ANSWERS.get(step, [page.locator("main .ww-control").last.get_attribute("value").strip()])
            )
            if step in SHOWN:
                page.evaluate("scrollTo(0, 0)")
                picture(f"4-{step}")
            press(page)
        settled(page)
        picture("5-outcome")
        keep(f"{way}-6-outcome-whole", page.screenshot(full_page=True))
        printed = page.pdf(format="A4")
        page.goto(f"{site.address}/adviseur")
        page.wait_for_selector("#print", state="visible")
        for step, answers in ANSWERS.items():
            for answer in answers:
                if step == "organisation":
                    page.select_option("[name='a.organisation']", answer)
                else:
                    page.locator(f'[name="a.{step}"][value="{answer}"]').evaluate("(one) => one.click()")
        picture("7-advisor")
        page.locator('[data-group="closed"]').scroll_into_view_if_needed()
        picture("7-advisor-places")
        page.goto(f"{site.address}/insluiten")
        picture("8-guide")
        page.goto(host.shows("/", f"<p>Hulp bij integriteit</p>{CODE.format(address=site.address)}"))
        page.wait_for_function(
            "document.querySelector('wegwijzer-vragenlijst').shadowRoot.querySelector('slot').hidden"
        )
        picture("9-on-another-site")
        return printed


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    host = Host()
    site = Served(create_app(load_library(), settings=Settings(embed=(host.origin,)), today=lambda: TODAY))
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        for way in WAYS:
            printed = take(browser, site, host, way)
        browser.close()
    site.stop()
    host.stop()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "print.pdf").write_bytes(printed)
        pages = ["pdftoppm", "-png", "-r", "80", "-f", "1", "-l", "2", "print.pdf", "print"]
        subprocess.run(pages, cwd=folder, check=True)
        for number, path in enumerate(sorted(Path(folder).glob("print-*.png")), 1):
            keep(f"print-{number}", path.read_bytes())


if __name__ == "__main__":
    main()
