"""/health/live and /health/ready: for machines, outside the version of the API. Counts only, never answers."""

from __future__ import annotations

from flask import Blueprint, Response, json

from service import VERSION
from service.rulebook.library import Library
from service.web.metrics import KILLED, REFUSED
from service.web.state import Clock, State

WRONG = ("engine_failures", "disagreements", REFUSED, KILLED)


def blueprint(state: State) -> Blueprint:
    """The two health routes."""
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> Response:
        return Response(json.dumps({"status": "ok"}), content_type="application/json")

    @health.get("/ready")
    def ready() -> Response:
        counts = state.decider.counts
        behind = isinstance(state.today, Clock) and state.today.behind
        newest = state.library.rulebase.on(state.today())
        body = {
            "status": "degraded" if behind or any(counts[one] for one in WRONG) else "ok",
            "edition": newest.id,
            "digest": newest.digest,
            "engineFailures": counts["engine_failures"],
            "disagreements": counts["disagreements"],
            "killedWorkers": counts[KILLED],
            "clock": "behind" if behind else None,
            "changedRulebase": "refused" if counts[REFUSED] else None,
            "rulebase": _served(state.library),
            "version": VERSION,
        }
        return Response(json.dumps(body), content_type="application/json")

    return health


def _served(library: Library) -> dict[str, object]:
    """What answers: each part by its digest, who proved it, and whether somebody signed for it."""
    return {
        "digest": library.digest,
        "editions": {one.id: one.digest for one in library.rulebase.editions},
        "texts": library.digests.texts,
        "directory": library.digests.directory,
        "provedBy": library.receipt.version if library.receipt and library.proved else None,
        "signature": "signed" if library.signed else "unsigned",
    }
