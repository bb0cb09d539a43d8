"""How long the workbench takes for a change of an answer, in a real browser, against deciding alone."""

from __future__ import annotations

import statistics
import threading

from playwright.sync_api import sync_playwright
from tabulate import tabulate
from werkzeug.serving import WSGIRequestHandler, make_server

from service.web.app import create_app

CHROMIUM = "/usr/bin/chromium"
CHANGES = 60
MEASURE = """async (changes) => {
    const script = document.querySelector('script[src$="/advisor.js"]').src;
    const { Graph } = await import(script.replace("advisor", "graph"));
    const { rulebases } = JSON.parse(document.getElementById("data").textContent);
    const graph = new Graph(rulebases.at(-1));
    const form = document.getElementById("bench");
    form.querySelectorAll('[name="a.concerns"]').forEach((one) => (one.checked = true));
    const answers = [...form.querySelectorAll('[data-fact] [type=radio]:not([value=""])')];
    const taken = { "a change, laid out anew": [], "deciding alone": [] };
    const time = (what, act) => {
        const start = performance.now();
        act();
        taken[what].push(performance.now() - start);
    };
    for (let number = 0; number < changes; number++) {
        const answer = answers[number % answers.length];
        answer.checked = true;
        time("a change, laid out anew", () => {
            answer.dispatchEvent(new Event("change", { bubbles: true }));
            document.body.getBoundingClientRect();
        });
        const given = Object.fromEntries(
            [...new FormData(form)]
                .map(([name, value]) => [name.replace("a.", ""), value])
                .filter(([, value]) => value),
        );
        time("deciding alone", () =>
            graph.decide({ concerns: graph.concerns.answers, answers: { ...graph.unknown, ...given } }),
        );
    }
    return taken;
}"""


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *_: object) -> None:
        """Say nothing."""


def run() -> str:
    """Measure, and return a table."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/adviseur")
        page.wait_for_selector("[data-device-only]", state="visible")
        taken: dict[str, list[float]] = page.evaluate(MEASURE, CHANGES)
        browser.close()
    server.shutdown()
    least = statistics.median(taken["deciding alone"])
    table = [
        (what, *(round(one, 1) for one in (statistics.median(times), max(times), statistics.median(times) / least)))
        for what, times in taken.items()
    ]
    head = ("what", "ms median", "ms most", "ratio")
    return f"Workbench, one change\n{tabulate(table, head, tablefmt='github')}\n"
