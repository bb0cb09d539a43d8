"""Numbers for whoever runs the service, in the text that Prometheus reads. Nothing about a person.

Off unless asked for, and only on a listener of its own. What people do is told in steps of ten, so that one visit does
not show between two readings; what goes wrong is told exactly. There is no number per question, answer, place,
organisation or address: nobody counts those here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Request, Response, g, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.engine.counters import Tally

KINDS = ("api", "page", "file", "health")
STATUSES = ("2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)  # seconds
STEP = 10
REFUSED = "candidate_refused"
KILLED = "killed_workers"
COUNTED = (
    *(f"{kind} {status}" for kind in KINDS for status in STATUSES),
    *(f"within {bound}" for bound in (*BOUNDS, "+Inf")),
    "limited",
    REFUSED,
    KILLED,
)


def kind_of(asked: Request) -> str:
    """What sort of thing is asked for, by its address alone."""
    path = asked.path
    if path.startswith("/health/"):
        return "health"
    if path.startswith(("/static/", "/embed/1.")):
        return "file"
    return "api" if path.startswith(("/api/", "/oembed")) else "page"


def begin() -> None:
    """Remember when a request began."""
    g.began = time.perf_counter()


def answered(counts: Tally, response: Response) -> None:
    """Count an answer."""
    status = response.status_code
    counts.add(f"{kind_of(request)} {min(max(status // 100, 2), 5)}xx")
    if status == 429:
        counts.add("limited")
    if "began" in g:
        took = time.perf_counter() - g.began
        counts.add(f"within {next((bound for bound in BOUNDS if took <= bound), '+Inf')}")


class _Numbers(Collector):
    def __init__(self, counts: Tally) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Give the numbers as they stand."""
        counts = self._counts.all()
        answers = CounterMetricFamily(
            "wegwijzer_responses", f"Answers; those that went well in steps of {STEP}.", labels=("kind", "status")
        )
        for kind in KINDS:
            for status in STATUSES:
                count = counts[f"{kind} {status}"]
                answers.add_metric((kind, status), count if status == "5xx" else _blurred(count))
        yield answers
        total, buckets = 0, []
        for bound in (*BOUNDS, "+Inf"):
            total += counts[f"within {bound}"]
            buckets.append((str(bound), float(_blurred(total))))
        yield HistogramMetricFamily(
            "wegwijzer_response_seconds", f"How long answers took, in steps of {STEP}.", buckets=buckets, sum_value=None
        )
        yield CounterMetricFamily("wegwijzer_decisions", f"In steps of {STEP}.", _blurred(counts["decisions"]))
        for name, about in (
            ("engine_failures", "The engine failed; the decision graph answered."),
            ("disagreements", "The two readings differed; the person was sent to a human."),
            (KILLED, "A worker was killed or ended, and whoever it was answering got nothing from it."),
        ):
            yield CounterMetricFamily(f"wegwijzer_{name}", about, counts[name])
        yield CounterMetricFamily(
            "wegwijzer_limited", f"Requests past the limit, in steps of {STEP}.", _blurred(counts["limited"])
        )
        yield GaugeMetricFamily(
            "wegwijzer_candidate_refused",
            "1 if a changed rulebase was refused and the old one serves.",
            counts[REFUSED],
        )


def _blurred(count: int) -> int:
    return count // STEP * STEP


def text(counts: Tally) -> tuple[str, bytes]:
    """Content type and body of the answer to a scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(counts))
    return "text/plain; version=0.0.4; charset=utf-8", generate_latest(registry)
