"""Wegwijzer over HTTP; see README.md in this folder for the routes and for what is never kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import TracebackType

from flask import Flask, Response

from service.decide import Decider
from service.directory import Directory
from service.library import Library, load_library
from service.web import api, health, home, openapi, problems
from service.web.body import BATCH
from service.web.state import State, amsterdam_today

DATABASE = "WEGWIJZER_DATABASE"


class Wegwijzer(Flask):
    """Flask that logs where an exception came from, and never what it says."""

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Log an exception of ours without its words."""
        problems.log_without_words(exc_info[1])


def create_app(
    library: Library | None = None,
    *,
    database: Path | None = None,
    today: Callable[[], date] = amsterdam_today,
) -> Flask:
    """The application.

    Args:
        library: what it serves; None to read rules/ and content/.
        database: where the directory's database stands. None for the file that WEGWIJZER_DATABASE names, or memory.
        today: gives the day when a request names none.

    Raises:
        AuthorErrors: rules/ or content/ has mistakes.
        ReadingsDiffer: the engine and the plain reading disagree about the rules.

    """
    library = library or load_library()
    if database is None and (named := os.environ.get(DATABASE)):
        database = Path(named)
    directory = Directory(library.texts, library.organisations, library.digest, database)
    state = State(library, Decider(library.rulebase), directory, today)

    app = Wegwijzer(__name__, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=BATCH,
        API_TITLE="Wegwijzer",
        API_VERSION=api.VERSION,
        OPENAPI_VERSION="3.0.3",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["wegwijzer"] = state
    problems.register(app)
    documented = openapi.make_api(app)
    documented.register_blueprint(api.blueprint(state))
    openapi.serve(app, documented)
    app.register_blueprint(health.blueprint(state))
    app.register_blueprint(home.blueprint())

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["API-Version"] = api.VERSION
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        return response

    return app
