"""Mixed traffic at the point where two cores can do no more: errors, memory, and how far the slowest are from the rest.

Needs wrk (`make load` sets it up) and `PYTHONPATH=tests`, whose way to run the service and nginx it shares. Everything
runs on one machine, so wrk takes its part of the two cores too: take the ratios, not the requests per second.
"""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import date
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from running import NAME, Nginx, Service, closing
from tabulate import tabulate

from service.engine.decider import stories
from service.rulebook.library import load_library

CALLERS = 64  # a form waits for its moment to leave (service/serving/pace.py): few callers cannot fill two cores
ROUND = 10  # seconds
ROUNDS = 3
KINDS = ("referrals", "forms", "read", "searches")
READ = (
    "/vragen",
    "/api/v1/organisations?q=justitie",
    "/",
    "/api/v1/editions",
    "/api/v1/questions",
    "/toegankelijkheid",
)

PLAIN = """
import sys
from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
app = Flask("plain")
bodies = {asked: b"x" * length for asked, length in %s.items()}
@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def answer(path):
    body = bodies.get((request.method, request.path), b"ready")
    return Response(body, content_type="application/json", headers={"Content-Encoding": "gzip"})
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


class Asked(NamedTuple):
    """A request, and of which of `KINDS` it is."""

    kind: str
    method: str
    path: str
    body: str = ""
    type: str = "application/json"

    @property
    def headers(self) -> dict[str, str]:
        """What a caller says with it."""
        return {"Host": NAME, "Accept-Encoding": "gzip", "Content-Type": self.type}


def mix() -> Iterator[Asked]:
    """What people and programs ask: seven referrals, two forms, and one of what is read."""
    library = load_library()
    told = [one for one in stories(library.rulebase.on(date.today())) if len(one.concerns) == 1]  # noqa: DTZ011
    of_organisation = {fact.id for fact in library.rulebase.vocabulary.facts if fact.of_organisation}
    for number, story in enumerate(told):
        answers = {fact: answer for fact, answer in story.answers.items() if fact not in of_organisation}
        asked = {**answers, "concerns": list(story.concerns)}
        if number % 10 < 7:
            body = json.dumps({"situation": asked, "language": ("nl", "en")[number % 2]})
            yield Asked("referrals", "POST", "/api/v1/referrals", body)
        elif number % 10 < 9:
            form = urlencode({**asked, "to": "next"}, doseq=True)
            path = ("/vragen", "/en/questions")[number % 2]
            yield Asked("forms", "POST", path, form, "application/x-www-form-urlencoded")
        else:
            path = READ[number // 10 % len(READ)]
            yield Asked("searches" if "?q=" in path else "read", "GET", path)


def script(those: Iterable[Asked]) -> str:
    """Requests as a script for wrk."""
    lines = []
    for one in those:
        headers = ", ".join(f'["{name}"]="{value}"' for name, value in one.headers.items())
        lines.append(
            f'requests[#requests + 1] = wrk.format("{one.method}", "{one.path}", {{{headers}}}, [==[{one.body}]==])'
        )
    return MIX % "\n".join(lines)


def sizes(port: int, those: Iterable[Asked]) -> dict[tuple[str, str], int]:
    """How long the answer to each method and path is, in bytes as it is sent."""
    found = {}
    for one in {(asked.method, asked.path): asked for asked in those}.values():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request(one.method, one.path, one.body or None, one.headers)
        answered = connection.getresponse()
        if answered.status != HTTPStatus.OK:
            raise SystemExit(f"{one.method} {one.path} is answered by {answered.status}.")
        found[one.method, one.path.partition("?")[0]] = len(answered.read())
        connection.close()
    return found


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
    asked = [*mix()]
    kinds = {"mixed": asked} | {kind: [one for one in asked if one.kind == kind] for kind in KINDS}
    folder = Path(tempfile.mkdtemp(prefix="wegwijzer-load-"))
    places = [folder / one for one in ("ours", "plain", "nginx-ours", "nginx-plain")]
    for place in places:
        place.mkdir()
    scripts = {kind: folder / f"{kind}.lua" for kind in kinds}
    for kind, those in kinds.items():
        scripts[kind].write_text(script(those), "utf-8")
    ours = Service(places[0], WEGWIJZER_HOSTS=NAME, WEGWIJZER_PROXIES="1", WEGWIJZER_RATE="0")
    before_ours = Nginx(places[2], [ours.port])
    plain = Service(places[1], code=PLAIN % sizes(before_ours.port, asked))
    before_plain = Nginx(places[3], [plain.port])
    with closing(ours, plain, before_ours, before_plain):
        ask(before_ours.port, scripts["mixed"], 5)
        shares: dict[str, list[float]] = {kind: [] for kind in kinds}
        for kind in [*kinds] * ROUNDS:
            found = [ask(one.port, scripts[kind], ROUND) for one in (before_ours, before_plain)]
            shares[kind].append(found[0]["requests"] / found[1]["requests"])
        began = time.monotonic()
        memory = Memory(ours)
        try:
            loaded = ask(before_ours.port, scripts["mixed"], seconds)
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
        *(
            (f"share of plain Flask: {kind}", f"{median(found):.2f} ({min(found):.2f} to {max(found):.2f})")
            for kind, found in shares.items()
        ),
    ]
    return tabulate(rows, ("mixed traffic, 2 processes, nginx and wrk on the same two cores", ""))


if __name__ == "__main__":
    print(run(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
