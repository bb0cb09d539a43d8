"""What a visit costs who runs the service: requests, bytes on the line and processor time, with JavaScript and without.

A visit is recorded once in Chromium with an empty cache, from the start page to the outcome with the first answer to
each question, and then asked again `TIMES` times, headers and all.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, sync_playwright
from running import ADDRESSES, Service, ask, closing
from tabulate import tabulate

from benchmarks.workbench import CHROMIUM

TIMES = 50
A_DAY = 1_000_000  # visits


def recorded(browser: Browser, port: int, *, scripts: bool) -> tuple[list[Request], int]:
    """Every request of a visit, and how many bytes came with the answers."""
    page = browser.new_context(java_script_enabled=scripts, bypass_csp=True).new_page()
    done: list[Request] = []
    page.on("requestfinished", lambda one: done.append(one))
    page.goto(f"http://127.0.0.1:{port}{ADDRESSES['nl'].start}", wait_until="networkidle")
    page.goto(f"http://127.0.0.1:{port}{ADDRESSES['nl'].questions}", wait_until="networkidle")
    page.locator('main button[value="next"]').click()
    page.wait_for_load_state("networkidle")
    while (controls := page.locator("main .ww-control")).count():
        controls.first.evaluate("(one) => { one.checked = true; }")
        page.locator('main button[value="next"]').click()
        page.wait_for_load_state("networkidle")
    done = list({(one.url, one.post_data): one for one in reversed(done)}.values())  # the others the browser kept
    sizes = [one.sizes() for one in done]
    return done, sum(one["responseHeadersSize"] + one["responseBodySize"] for one in sizes)


def processor(service: Service) -> float:
    """Seconds that all processes of the service have worked."""
    stats = [Path(f"/proc/{pid}/stat").read_text("utf-8") for pid in (service.pid, *service.workers())]
    return sum(sum(map(int, one.rpartition(")")[2].split()[11:13])) for one in stats) / os.sysconf("SC_CLK_TCK")


def replay(service: Service, visit: list[tuple[str, str, bytes | None, dict[str, str]]]) -> None:
    """Ask all of a visit again."""
    for method, path, body, headers in visit:
        status = ask(service.port, method, path, body, headers)[0]
        assert status == 200, (method, path, status)


def run() -> str:
    """Measure both visits and return them as a table."""
    rows = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with closing(Service(Path(folder), WEGWIJZER_RATE="0")) as service:
            for scripts in (True, False):
                done, size = recorded(browser, service.port, scripts=scripts)
                visit = [(one.method, urlsplit(one.url).path, one.post_data_buffer, one.all_headers()) for one in done]
                replay(service, visit)
                began = processor(service)
                for _ in range(TIMES):
                    replay(service, visit)
                took = (processor(service) - began) / TIMES
                forms = sum(one.method == "POST" for one in done)
                rows.append(
                    (
                        "with JavaScript" if scripts else "without",
                        len(done),
                        forms,
                        round(size / 1000),
                        round(took * 1000, 1),
                        round(took / len(done) * 1000, 2),
                        round(size * A_DAY / 1e9),
                        round(took * A_DAY / 3600, 1),
                    )
                )
        browser.close()
    head = (
        "visit",
        "requests",
        "forms",
        "kB",
        "ms of a core",
        "ms a request",
        "GB a day",
        "hours of a core a day",
    )
    return f"A visit, and {A_DAY:,} of them in a day\n" + tabulate(rows, head, tablefmt="github") + "\n"


if __name__ == "__main__":
    print(run())
