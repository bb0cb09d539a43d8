"""How long the questionnaire takes on a slow phone: until it is ready, and for an answer, in Chromium made slower.

The machine that measures is made `SLOWER` times slower, on a line of `MBIT` and `DELAY`, with nothing kept from before.
An answer is shown when the page is laid out anew. The aims are `READY` and one `FRAME`; a miss is said, not raised.
"""

from __future__ import annotations

import statistics
import threading

from playwright.sync_api import Browser, sync_playwright
from tabulate import tabulate
from werkzeug.serving import make_server

from benchmarks.finder import SETTLED
from benchmarks.workbench import CHROMIUM, Quiet
from service.web.app import create_app

SLOWER = 4
MBIT, DELAY = 1.6, 150  # milliseconds there and back
PAGES = 5
READY, FRAME = 2000, 16  # milliseconds
# What a person can do first: the button takes a press once the browser knows that it can decide by itself.
FIRST = """() => new Promise((told) => {
    const look = () =>
        document.querySelector("#mode")?.dataset.mode === "device" ? told(performance.now()) : setTimeout(look, 5);
    look();
})"""
MEASURE = """async () => {
    const taken = { "a question": [], "the outcome": [] };
    while (document.querySelector("main .ww-control")) {
        const controls = [...document.querySelectorAll("main .ww-control")];
        const wanted = ["undesirable_behaviour", "employee", "affected", ""];
        const chosen = controls.find((one) => wanted.includes(one.value)) ?? controls.at(-1);
        chosen.checked = true;
        await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown))); // nobody presses before
        const start = performance.now();
        document.querySelector('main button[value="next"]').click();
        document.body.getBoundingClientRect();
        const last = !document.querySelector("main .ww-control");
        taken[last ? "the outcome" : "a question"].push(performance.now() - start);
        await new Promise((after) => setTimeout(after, 50));
    }
    return taken;
}"""


def measure(browser: Browser, address: str) -> dict[str, list[float]]:
    """The milliseconds that each thing took, in one fresh page with an empty cache."""
    page = browser.new_page(viewport={"width": 320, "height": 640}, bypass_csp=True)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    bytes_ = MBIT * 1_000_000 / 8
    line = {"offline": False, "latency": DELAY, "downloadThroughput": bytes_, "uploadThroughput": bytes_}
    session.send("Network.emulateNetworkConditions", line)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="commit")
    ready: float = page.evaluate(FIRST)
    page.wait_for_function(SETTLED)
    page.locator('main button[value="next"]').click()
    page.wait_for_function(SETTLED)
    taken: dict[str, list[float]] = page.evaluate(MEASURE)
    page.context.close()
    return {"ready for the first question": [ready], **taken}


def run() -> str:
    """Measure, and return a table."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        measure(browser, f"http://127.0.0.1:{server.port}/vragen")  # what the service makes once is made
        pages = [measure(browser, f"http://127.0.0.1:{server.port}/vragen") for _ in range(PAGES)]
        browser.close()
    server.shutdown()
    table = []
    for what in pages[0]:
        times = sorted(one for page in pages for one in page[what])
        aim = READY if what.startswith("ready") else FRAME
        median = statistics.median(times)
        table.append((what, len(times), round(median, 1), round(times[-1], 1), aim, round(median / aim, 2)))
    head = ("what", "times", "ms median", "ms most", "aim", "of the aim")
    line = f"{SLOWER}x slower, {MBIT} Mbit/s, {DELAY} ms"
    return f"The questionnaire on a slow phone ({line})\n{tabulate(table, head, tablefmt='github')}\n"
