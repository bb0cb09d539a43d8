"""The application: every route, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import TooManyRequests

from service.answers.directory import Directory
from service.engine.counters import Tally
from service.engine.decider import COUNTED, Decider
from service.rulebook.library import Library, load_library
from service.rulebook.site import NAME
from service.web import cost, headers, health, metrics, padding, problems
from service.web.api import cors, openapi, programmers, routes
from service.web.api.examples import Examples
from service.web.body import BATCH, longest, refuse_chunks, refuse_long
from service.web.compression import small
from service.web.embedding import frame, guide
from service.web.guard import guarded
from service.web.pages import advisor, book, questionnaire, security
from service.web.rate_limit import Limit
from service.web.rendering import OncePerProcess, Pages
from service.web.settings import EVERYBODY, Settings, read_settings
from service.web.state import Clock, State
from service.web.versions import DEPRECATED, VERSION, Deprecated

AGAIN = "Wegwijzer-Again"  # by which a proxy of ours says that a process was lost at this very request


class Wegwijzer(Flask):
    """Flask that logs where an exception came from, and never what it says."""

    def log_exception(self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
        """Log an exception of ours without its words."""
        problems.log_without_words(exc_info[1])

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """A view as it is: none of ours is a coroutine, and Flask would look for that at each hook of a request."""
        return func

    def dispatch_request(self) -> Response:
        """Make the answer, and count the bytes of one to a GET before they are sent.

        Raises:
            TooManyRequests: whoever asks has no more requests left.

        """
        response = self.make_response(super().dispatch_request())
        cost.charge(cost.of_answer(request, response, metrics.kind_of(request)))
        return response


def create_app(
    library: Library | None = None,
    *,
    settings: Settings | None = None,
    today: Callable[[], date] | None = None,
    counts: Tally | None = None,
    limit: Limit | None = None,
    deprecated: Mapping[str, Deprecated] = DEPRECATED,
) -> Flask:
    """The application.

    Args:
        library: what it serves; None for the rulebase that the setting names.
        settings: what a deployer sets; None to read the environment.
        today: gives the day when a request names none; None to ask the clock.
        counts: what all processes count together; None to count here alone.
        limit: what all processes hold callers to; None for one of its own, as the settings say.
        deprecated: the operations of the API that are on their way out, by operationId.

    Raises:
        AuthoringError: this is a checkout whose rules/ or content/ has mistakes.
        SettingError: a setting cannot be used.
        CompiledError: the compiled rulebase cannot be used.

    """
    library = library or load_library()
    settings = settings or read_settings()
    directory = Directory(library.organisations, library.rulebase.vocabulary.kinds)
    today = today or Clock(library.written)
    counts = counts or Tally([*COUNTED, *metrics.COUNTED])
    state = State(library, Decider(library.rulebase, counts, library.graphs, library.cubes), directory, today)

    title = library.texts.interface[library.site.programs][NAME]
    app = Wegwijzer("service.web", static_folder=None)
    app.url_map.merge_slashes = False  # werkzeug would lead on with all of the query; problems.py leads to pages
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "bytecode_cache": OncePerProcess()}
    app.jinja_env.globals["sources_language"] = library.site.sources
    # Not sorted: the browser says answers in the order of the vocabulary.
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    app.config.update(
        DEBUG=False,  # whatever the environment says
        MAX_CONTENT_LENGTH=BATCH,
        API_TITLE=title,
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["wegwijzer"] = state
    pages = Pages(state, settings)
    problems.register(app, pages)
    documented = openapi.make_api(app, title)
    documented.register_blueprint(routes.blueprint(state, deprecated))
    examples = Examples(app, library)
    document = openapi.serve(app, documented, state, settings, examples)
    cors.register(app, settings.cors)
    app.register_blueprint(health.blueprint(state))
    app.register_blueprint(questionnaire.blueprint(state, pages))
    app.register_blueprint(advisor.blueprint(state, pages))
    app.register_blueprint(book.blueprint(state, pages))
    app.register_blueprint(frame.blueprint(state, pages))
    app.register_blueprint(guide.blueprint(state, pages))
    app.register_blueprint(programmers.blueprint(state, pages, document, examples))

    app.register_blueprint(security.blueprint(settings, today, library.languages))
    app.before_request(metrics.begin)

    @app.before_request
    def _again() -> None:
        g.again = settings.proxies > 0 and AGAIN in request.headers

    if settings.rate:
        _hold(app, limit or Limit(settings.rate))
    app.before_request(refuse_chunks)
    app.before_request(refuse_long)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers.add(response, VERSION)
        if request.method == "POST":
            hidden = padding.hides(request, settings.padding == EVERYBODY)
            request.environ[padding.HIDES] = hidden
            padding.one_size(request, response) if hidden else small(response)
        metrics.answered(counts, response)
        # For a log line: what was asked for as we call it, and not as the caller wrote it.
        request.environ["wegwijzer.request"] = f"{request.method} {request.url_rule}" if request.url_rule else "?"
        return response

    app.wsgi_app = guarded(app.wsgi_app, settings)  # type: ignore[assignment,method-assign]  # Flask's own way
    return app


def _hold(app: Flask, limit: Limit) -> None:
    """Answer nobody more often than the limit says, and count a request before it is answered."""

    def meter(requests: int) -> None:
        if wait := limit.takes(request.remote_addr or "", requests):
            raise TooManyRequests(retry_after=wait)

    @app.before_request
    def _count() -> None:
        g.meter = meter
        if metrics.kind_of(request) not in cost.FREE:
            meter(cost.of_post(request, longest(request)) if request.method == "POST" else 1)
