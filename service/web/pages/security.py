"""/.well-known/security.txt (RFC 9116): where to report a weakness. Only where the deployer says where that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from service.web.settings import Settings

HOLDS = timedelta(days=90)
PATH = "/.well-known/security.txt"


def blueprint(settings: Settings, today: Callable[[], date], languages: Iterable[str]) -> Blueprint:
    """The route."""
    routes = Blueprint("security", __name__)

    @routes.get(PATH)
    def security() -> Response:
        if settings.security is None:
            raise NotFound
        lines = [
            f"Contact: {settings.security}",
            f"Expires: {(today() + HOLDS).isoformat()}T00:00:00Z",
            f"Preferred-Languages: {', '.join(languages)}",
            *([f"Canonical: {settings.address}{PATH}"] if settings.address else []),
        ]
        return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")

    return routes
