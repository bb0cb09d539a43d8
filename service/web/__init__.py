"""Wegwijzer over HTTP; see README.md in this folder for the routes and for what is never kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import TracebackType

from flask import Flask, Response

from service.decide import Decider
from service.directory import Directory
from service.library import Library, load_library
from service.web import advisor, api, book, embed, guide, health, openapi, problems, questionnaire
from service.web.body import BATCH
from service.web.pages import Pages
from service.web.settings import Settings, read_settings
from service.web.state import State, amsterdam_today

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"  # what is not a page may do nothing


class Wegwijzer(Flask):
    """Flask that logs where an exception came from, and never what it says."""

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Log an exception of ours without its words."""
        problems.log_without_words(exc_info[1])


def create_app(
    library: Library | None = None,
    *,
    settings: Settings | None = None,
    today: Callable[[], date] = amsterdam_today,
) -> Flask:
    """The application.

    Args:
        library: what it serves; None to read rules/ and content/.
        settings: what a deployer sets; None to read the environment.
        today: gives the day when a request names none.

    Raises:
        AuthorErrors: rules/ or content/ has mistakes.
        WrongSetting: a setting cannot be used.
        ReadingsDiffer: the engine and the plain reading disagree about the rules.

    """
    library = library or load_library()
    settings = settings or read_settings()
    directory = Directory(library.texts, library.organisations, library.digest, settings.database)
    state = State(library, Decider(library.rulebase), directory, today)

    app = Wegwijzer(__name__, static_folder=None)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.policies["json.dumps_kwargs"] = {}  # the browser says answers in the order of the vocabulary
    app.config.update(
        MAX_CONTENT_LENGTH=BATCH,
        API_TITLE="Wegwijzer",
        API_VERSION=api.VERSION,
        OPENAPI_VERSION="3.0.3",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["wegwijzer"] = state
    pages = Pages(state, settings)
    problems.register(app, pages)
    documented = openapi.make_api(app)
    documented.register_blueprint(api.blueprint(state))
    openapi.serve(app, documented)
    app.register_blueprint(health.blueprint(state))
    app.register_blueprint(questionnaire.blueprint(state, pages))
    app.register_blueprint(advisor.blueprint(state, pages))
    app.register_blueprint(book.blueprint(state, pages))
    app.register_blueprint(embed.blueprint(state, pages))
    app.register_blueprint(guide.blueprint(state, pages))

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["API-Version"] = api.VERSION
        response.headers.setdefault("Cache-Control", "no-store")
        policy = response.headers.setdefault("Content-Security-Policy", NOTHING)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if "frame-ancestors 'none'" in policy:
            response.headers["X-Frame-Options"] = "DENY"
        return response

    return app
