"""How long the workbench takes for a change of an answer, in a real browser, with our rules and with ten times them."""

from __future__ import annotations

import json
import re
import statistics
import threading
from typing import Any

from playwright.sync_api import Page, sync_playwright
from tabulate import tabulate
from werkzeug.serving import WSGIRequestHandler, make_server

from service.web.app import create_app

CHROMIUM = "/usr/bin/chromium"
TIMES = (1, 10)
CHANGES = 60
MEASURE = """(changes) => {
    const form = document.getElementById("bench");
    form.querySelectorAll('[name="a.concerns"]').forEach((one) => (one.checked = true));
    const selects = [...document.querySelectorAll('[data-side="a"] select[data-fact]')];
    const taken = [];
    for (let number = 0; number < changes; number++) {
        const select = selects[number % selects.length];
        select.selectedIndex = 1 + (number % (select.options.length - 1));
        const start = performance.now();
        select.dispatchEvent(new Event("change", { bubbles: true }));
        document.body.getBoundingClientRect();
        taken.push(performance.now() - start);
    }
    return taken;
}"""


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *_: object) -> None:
        """Say nothing."""


def times(html: str, many: int) -> str:
    """The page with every rule so many times, each copy under a name of its own."""
    start, end = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S).span(1)  # type: ignore[union-attr]
    data: dict[str, Any] = json.loads(html[start:end])
    for table in data["tables"]:
        table["rules"] = [{**rule, "id": f"{rule['id']}-{copy}"} for copy in range(many) for rule in table["rules"]]
    data["rules"] = {f"{id_}-{copy}": said for copy in range(many) for id_, said in data["rules"].items()}
    return html[:start] + json.dumps(data).replace("<", "\\u003c") + html[end:]


def measure(page: Page, address: str, html: str, many: int) -> tuple[int, list[float]]:
    """How many rules the newest edition then has, and the milliseconds of each change."""
    body = times(html, many)
    page.route("**/adviseur", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{address}/adviseur")
    page.wait_for_selector("#sort", state="visible")
    rules = page.evaluate("JSON.parse(document.getElementById('data').textContent).tables.at(-1).rules.length")
    return rules, page.evaluate(MEASURE, CHANGES)


def run() -> str:
    """Measure, and return a table."""
    app = create_app()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    html = app.test_client().get("/adviseur").text
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for many in TIMES:
            page = browser.new_page()
            rules, taken = measure(page, f"http://127.0.0.1:{server.port}", html, many)
            rows.append((rules, statistics.median(taken), max(taken)))
            page.close()
        browser.close()
    server.shutdown()
    first = rows[0][1]
    table = [(rules, round(median, 1), round(most, 1), round(median / first, 1)) for rules, median, most in rows]
    head = ("rules", "ms median", "ms most", "ratio")
    return f"Workbench, one change\n{tabulate(table, head, tablefmt='github')}\n"
