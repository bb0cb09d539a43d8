"""An answer in processor time: whole and less, alone and in a batch, against a Flask that answers constant bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

from flask import Flask, Response
from tabulate import tabulate
from werkzeug.test import EnvironBuilder

from benchmarks.decisions import TODAY, complete
from service.answers.view import LEFT_OUT
from service.core.reading import Reading
from service.core.situation import Situation
from service.engine.decider import stories
from service.rulebook.library import load_library
from service.web.app import create_app
from service.web.padding import REFERRAL
from service.web.settings import Settings

ROUNDS = 7
MOST = 400  # situations
TOGETHER = 100
HIDDEN = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
ADDRESS = "/api/v1/referrals"
READ = ("/", "/api/v1/compiled.json")  # what holds no answer

Asked = list[tuple[dict[str, Any], bytes]]  # requests as a server hands them over, each with its body


def requests(path: str, bodies: list[Any], **headers: str) -> Asked:
    """Requests to POST, ready to be answered again and again."""
    built = [EnvironBuilder(path, method="POST", json=one, headers=headers) for one in bodies]
    return [(one.get_environ(), json.dumps(body).encode()) for one, body in zip(built, bodies, strict=True)]


def seconds(app: Flask, asked: Asked) -> float:
    """How long a processor takes over them."""
    began = process_time()
    for environ, body in asked:
        answered = app({**environ, "wsgi.input": io.BytesIO(body)}, lambda *_: lambda _: None)
        b"".join(answered)
    return process_time() - began


def situations(reading: Reading) -> list[Situation]:
    """Every story of one concern as it is told, and with every question answered."""
    told = [one for one in stories(reading.edition) if len(one.concerns) == 1]
    return [*told, *(complete(reading, one) for one in told)][:: max(1, len(told) // (MOST // 2))][:MOST]


def run() -> str:
    """Time every way to ask and return them as a table."""
    library = load_library()
    app = create_app(library, settings=Settings(rate=0), today=lambda: TODAY)
    reading = app.extensions["wegwijzer"].decider.readings[library.rulebase.on(TODAY).id]
    known = {fact.id for fact in library.rulebase.vocabulary.of_organisation}
    bodies = [
        {
            "situation": {
                **{fact: answer for fact, answer in one.answers.items() if fact not in known},
                "concerns": list(one.concerns),
            },
            "language": library.languages[number % len(library.languages)],
        }
        for number, one in enumerate(situations(reading))
    ]
    bare = [{**one, "without": list(LEFT_OUT)} for one in bodies]
    plain = Flask("plain")
    body, coded = b"x" * REFERRAL[1], {"Content-Encoding": "gzip"}
    plain.add_url_rule(
        ADDRESS, methods=["POST"], view_func=lambda: Response(body, content_type="application/json", headers=coded)
    )

    def batches(those: list[Any]) -> Asked:
        together = [{"requests": those[n : n + TOGETHER]} for n in range(0, len(those), TOGETHER)]
        return requests(f"{ADDRESS}/batch", together, **{"Accept-Encoding": "gzip"})

    def read(path: str) -> Asked:
        return [(EnvironBuilder(path, headers={"Accept-Encoding": "gzip"}).get_environ(), b"")] * len(bodies)

    ways: dict[str, Callable[[], float]] = {
        name: lambda of=of, asked=asked: seconds(of, asked) / len(bodies)  # type: ignore[misc]
        for name, of, asked in (
            ("Flask, constant bytes", plain, requests(ADDRESS, bodies)),
            ("a referral, filled up and packed", app, requests(ADDRESS, bodies, **HIDDEN)),
            ("a referral for a program, packed", app, requests(ADDRESS, bodies, **{"Accept-Encoding": "gzip"})),
            ("a referral for a program, plain", app, requests(ADDRESS, bodies)),
            ("the decision alone, plain", app, requests(ADDRESS, bare)),
            (f"one of {TOGETHER} in a batch, packed", app, batches(bodies)),
            (f"one of {TOGETHER} in a batch, the decision alone", app, batches(bare)),
            *((f"GET {path}", app, read(path)) for path in READ),
        )
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(way())
    base = min(times["Flask, constant bytes"])
    rows = [
        (name, round(min(found) * 1e6), round(median(found) * 1e6), round(1 / min(found)), round(min(found) / base, 1))
        for name, found in times.items()
    ]
    title = f"An answer, of {len(bodies)} situations whole and half, in processor time"
    heads = ("asked for", "least µs", "median µs", "a second and core", "times Flask")
    return f"{title}\n{tabulate(rows, heads, tablefmt='github')}\n"


if __name__ == "__main__":
    print(run())
