"""One decision, by each reading and through the whole service, interleaved in one process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any

from tabulate import tabulate

from service.core.index import RuleIndex
from service.core.reading import Reading
from service.core.situation import Situation
from service.engine.decider import stories
from service.rulebook.library import load_library
from service.web.app import create_app

ROUNDS = 20
TODAY = date(2026, 11, 23)


def complete(reading: Reading, story: Situation) -> Situation:
    """A story with the questions answered that it leaves open, each with its last answer."""
    answers = dict(story.answers)
    while fact := reading.decide(Situation(story.concerns, answers)).next_fact:
        answers[fact] = reading.vocabulary.by_id[fact].answers[-1]
    return Situation(story.concerns, {fact.id: fact.answers[-1] for fact in reading.vocabulary.asked} | answers)


def run() -> str:
    """Time the ways to decide and return them as a table."""
    library = load_library()
    app = create_app(library, today=lambda: TODAY)
    state = app.extensions["wegwijzer"]
    edition = library.rulebase.on(TODAY)
    reading, engine = state.decider.readings[edition.id], state.decider.engines[edition.id]
    index, asked_for = RuleIndex(edition), {fact.id for fact in reading.vocabulary.asked}
    asked = [complete(reading, one) for one in stories(edition) if len(one.concerns) == 1]
    client = app.test_client()
    bodies = [
        {"situation": {**{k: v for k, v in one.answers.items() if k in asked_for}, "concerns": list(one.concerns)}}
        for one in asked
    ]

    def followed(one: Situation) -> None:
        reading.reduce(reading.accept(one)[0].answers, one.concerns)

    def post(body: dict[str, object]) -> None:
        assert client.post("/api/v1/referrals", json=body).status_code == 200

    ways: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
        "index, the rules that fire": (index.fire, asked),
        "graph, what counts, is certain and is still open": (followed, asked),
        "graph, with closed doors and a way to each": (reading.decide, asked),
        "durable-rules, the rules that fire": (engine.fire, asked),
        "both, compared (as served)": (lambda one: state.decider.decide(one, TODAY), asked),
        "POST /referrals in process": (post, bodies),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        for name, (way, inputs) in ways.items():
            for one in inputs[turn :: max(1, len(inputs) // 40)]:
                start = perf_counter_ns()
                way(one)
                times[name].append((perf_counter_ns() - start) / 1000)
    base = median(times["index, the rules that fire"])
    rows = [
        (name, round(median(found), 1), round(quantiles(found, n=100)[98], 1), round(median(found) / base, 1))
        for name, found in times.items()
    ]
    title = f"One decision, {len(edition.rules)} rules in edition {edition.id}, {len(asked)} situations"
    return f"{title}\n{tabulate(rows, ('way', 'median µs', 'p99 µs', 'ratio'), tablefmt='github')}\n"
