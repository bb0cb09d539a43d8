"""How long a key takes in the search for an organisation, in Chromium made slower, over the names of tests/found.json.

Each name is typed letter by letter, once in each of some fresh pages; of each key the least of those counts, for what
else the machine does is no part of it.
"""

from __future__ import annotations

import json
import statistics
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tabulate import tabulate
from werkzeug.serving import make_server

from benchmarks.workbench import CHROMIUM, Quiet
from service.web.app import create_app

FOUND = Path(__file__).parents[1] / "tests" / "found.json"
SLOWER = (1, 4, 6)  # times slower than the machine that measures
PAGES = 3
FIELD = "#q"
SETTLED = (
    "document.documentElement.dataset.settling !== 'yes' && document.querySelector('#mode')?.dataset.mode !== 'wait'"
)
MEASURE = """async ([field, names]) => {
    const script = document.querySelector('script[src$="/questionnaire.js"]').src;
    const { Finder } = await import(script.replace("questionnaire", "finder"));
    const taken = { "coming to the field": [], "finding": [], "a key, with the list": [], "and laid out anew": [] };
    const time = (what, act) => {
        const start = performance.now();
        const made = act();
        taken[what].push(performance.now() - start);
        return made;
    };
    const find = Finder.prototype.find;
    Finder.prototype.find = function (text) {
        return time("finding", () => find.call(this, text));
    };
    const input = document.querySelector(field);
    time("coming to the field", () => input.focus());
    for (const typed of names.flatMap((name) => Array.from(name, (_, at) => name.slice(0, at + 1)))) {
        input.value = typed;
        time("and laid out anew", () => {
            time("a key, with the list", () => input.dispatchEvent(new Event("input", { bubbles: true })));
            document.body.getBoundingClientRect();
        });
    }
    return taken;
}"""


def measure(browser: Browser, address: str, slower: int, names: list[str]) -> dict[str, list[float]]:
    """The milliseconds that each thing took, in one fresh page."""
    page = browser.new_page(bypass_csp=True)  # Playwright waits by evaluating text
    page.goto(address)
    page.wait_for_function(SETTLED)
    while page.query_selector(FIELD) is None:  # what is chosen on the way there does not matter
        if (choices := page.locator("main .ww-control")).count():
            choices.locator("css=:scope:is([value=undesirable_behaviour], :not([name=concerns]))").last.check()
        page.locator('main button[value="next"]').click()
        page.wait_for_function(SETTLED)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    taken: dict[str, list[float]] = page.evaluate(MEASURE, [FIELD, names])
    page.context.close()
    return taken


def run() -> str:
    """Measure, and return a table."""
    names = [one["typed"] for one in json.loads(FOUND.read_text("utf-8"))["found"]]
    server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.port}/vragen"
    table, usual = [], dict[str, float]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for slower in SLOWER:
            pages = [measure(browser, address, slower, names) for _ in range(PAGES)]
            for what in pages[0]:
                least = sorted(map(min, zip(*(page[what] for page in pages), strict=True)))
                median, late = statistics.median(least), least[-1 - len(least) // 100]
                times = [round(one, 1) for one in (median, late, least[-1], median / usual.setdefault(what, median))]
                table.append((f"{slower}x", what, len(least), *times))
        browser.close()
    server.shutdown()
    head = ("slower", "what", "times", "ms median", "ms p99", "ms most", "ratio")
    return f"Search for an organisation, key by key\n{tabulate(table, head, tablefmt='github')}\n"
