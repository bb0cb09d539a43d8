"""Mixed traffic at the point where two cores can do no more: errors, memory, and how far the slowest are from the rest.

Needs wrk (`make load` sets it up) and `PYTHONPATH=tests`, whose way to run the service and nginx it shares. Everything
runs on one machine, so wrk takes its part of the two cores too: take the ratios, not the requests per second.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from running import NAME, Nginx, Service, closing
from tabulate import tabulate

from service.engine.decider import stories
from service.rulebook.library import load_library
from service.web.padding import REFERRAL

CALLERS = 64  # a form waits for its moment to leave (service/serving/pace.py): few callers cannot fill two cores
ROUND = 20  # seconds
ROUNDS = 3

PLAIN = f"""
import sys
from flask import Flask, Response
from gunicorn.app.base import BaseApplication
app = Flask("plain")
body = b"x" * {REFERRAL[1]}
@app.route("/", defaults={{"path": ""}}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def answer(path):
    return Response(body, content_type="application/json", headers={{"Content-Encoding": "gzip"}})
class Plain(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "127.0.0.1:" + sys.argv[sys.argv.index("--port") + 1])
        self.cfg.set("workers", int(sys.argv[sys.argv.index("--workers") + 1]))
        self.cfg.set("preload_app", True)
        self.cfg.set("control_socket_disable", True)
    def load(self):
        return app
Plain().run()
"""

MIX = """
local requests, at = {}, 0
%s
request = function()
    at = at %% #requests + 1
    return requests[at]
end
done = function(summary, latency)
    local e = summary.errors
    io.write(string.format(
        'JSON {"requests": %%d, "errors": %%d, "p50": %%d, "p99": %%d, "max": %%d, "seconds": %%f}\\n',
        summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50), latency:percentile(99), latency.max, summary.duration / 1e6))
end
"""


def mix() -> str:
    """What people and programs ask, as a script for wrk: seven referrals, two forms, and one of what is read."""
    library = load_library()
    told = [one for one in stories(library.rulebase.on(date.today())) if len(one.concerns) == 1]  # noqa: DTZ011
    of_organisation = {fact.id for fact in library.rulebase.vocabulary.facts if fact.of_organisation}
    lines = []

    def add(method: str, path: str, body: str = "", kind: str = "application/json") -> None:
        headers = f'{{["Host"]="{NAME}", ["Accept-Encoding"]="gzip", ["Content-Type"]="{kind}"}}'
        lines.append(f'requests[#requests + 1] = wrk.format("{method}", "{path}", {headers}, [==[{body}]==])')

    for number, story in enumerate(told):
        answers = {fact: answer for fact, answer in story.answers.items() if fact not in of_organisation}
        asked = {**answers, "concerns": list(story.concerns)}
        if number % 10 < 7:
            add("POST", "/api/v1/referrals", json.dumps({"situation": asked, "language": ("nl", "en")[number % 2]}))
        elif number % 10 < 9:
            form = urlencode({**asked, "to": "next"}, doseq=True)
            add("POST", ("/vragen", "/en/questions")[number % 2], form, "application/x-www-form-urlencoded")
        else:
            add("GET", ("/vragen", "/api/v1/organisations?q=justitie", "/", "/health/ready")[number // 10 % 4])
    return MIX % "\n".join(lines)


def ask(port: int, script: Path, seconds: int) -> dict[str, float]:
    """What wrk says of so many seconds."""
    command = ["wrk", "-t1", f"-c{CALLERS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(said.split("JSON ")[1]))


class Memory:
    """Follows what all processes of a service hold together, in MB."""

    def __init__(self, service: Service) -> None:
        self.seen: list[float] = []
        self._service, self._end = service, threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def _follow(self) -> None:
        while not self._end.wait(2):
            held = 0
            for pid in (self._service.pid, *self._service.workers()):
                try:
                    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
                except OSError:
                    continue
                held += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            self.seen.append(held / 1024)

    def stop(self) -> None:
        self._end.set()
        self._thread.join()


def run(seconds: int) -> str:
    """Load the service for so many seconds, and set it against a Flask that decides nothing.

    Args:
        seconds: how long.

    """
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing; `make load` sets it up.")
    folder = Path(tempfile.mkdtemp(prefix="wegwijzer-load-"))
    script = folder / "mix.lua"
    script.write_text(mix(), "utf-8")
    places = [folder / one for one in ("ours", "plain", "nginx-ours", "nginx-plain")]
    for place in places:
        place.mkdir()
    settings = {"WEGWIJZER_HOSTS": NAME, "WEGWIJZER_PROXIES": "1", "WEGWIJZER_RATE": "0"}
    ours, plain = Service(places[0], **settings), Service(places[1], code=PLAIN)
    before_ours, before_plain = Nginx(places[2], [ours.port]), Nginx(places[3], [plain.port])
    with closing(ours, plain, before_ours, before_plain):
        ask(before_ours.port, script, 5)
        shares = []
        for _ in range(ROUNDS):
            found = [ask(one.port, script, ROUND)["requests"] for one in (before_ours, before_plain)]
            shares.append(found[0] / found[1])
        began = time.monotonic()
        memory = Memory(ours)
        try:
            loaded = ask(before_ours.port, script, seconds)
        finally:
            memory.stop()
        health = ours.health()
    shutil.rmtree(folder)
    tenth = max(1, len(memory.seen) // 10)
    rows = [
        ("seconds", f"{time.monotonic() - began:.0f}"),
        ("requests", f"{loaded['requests']:.0f}"),
        ("requests a second", f"{loaded['requests'] / loaded['seconds']:.0f}"),
        ("errors", f"{loaded['errors']:.0f}"),
        ("engine failures, disagreements", f"{health['engineFailures']}, {health['disagreements']}"),
        ("p99 / median", f"{loaded['p99'] / loaded['p50']:.1f}"),
        ("slowest / median", f"{loaded['max'] / loaded['p50']:.1f}"),
        ("median, ms", f"{loaded['p50'] / 1000:.1f}"),
        ("MB, first tenth", f"{median(memory.seen[:tenth]):.0f}"),
        ("MB, last tenth", f"{median(memory.seen[-tenth:]):.0f}"),
        (f"share of plain Flask, median of {ROUNDS}", f"{median(shares):.2f}"),
        ("share, lowest and highest", f"{min(shares):.2f}, {max(shares):.2f}"),
    ]
    return tabulate(rows, ("mixed traffic, 2 processes, nginx and wrk on the same two cores", ""))


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
