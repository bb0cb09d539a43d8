"""The examples of the OpenAPI document, made by asking the service itself: none can say what it does not answer.

Knows no fact, no answer and no organisation: its story is the example of a rule, on the first day there are rules for.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, abort
from werkzeug.test import EnvironBuilder

from service.rulebook.library import Library
from service.rulebook.site import NAME
from service.web.body import BATCH
from service.web.problems import BY_STATUS, KINDS, told
from service.web.versions import PREFIX

DOCUMENT = "/openapi.json"
FEW = 2  # of each list, an example shows so many

Body = dict[str, Any]


class Examples:
    """Asks an app, in the request that wants to know."""

    def __init__(self, app: Flask, library: Library) -> None:
        self._app = app
        self.title = library.texts.interface[library.site.programs][NAME]
        edition = library.rulebase.editions[0]
        self._day = edition.since.isoformat()
        rule = edition.rules[0]
        vocabulary = library.rulebase.vocabulary
        known = {fact.id for fact in vocabulary.of_organisation}
        told = {fact: answer for fact, answer in rule.example.situation.items() if fact not in known}
        around = self._around = {"on": self._day, "language": library.site.programs}
        self._stories = {
            "begin": {"situation": {}, **around},
            "story": {
                "situation": {vocabulary.concerns.id: [rule.concern], **told},
                "organisation": next(iter(library.organisations.by_id)),
                **around,
            },
        }
        self._named = {"rule": rule.id, "problem": KINDS[0].id}

    @property
    def asked(self) -> dict[str, Body]:
        """Requests to POST, by name."""
        return {name: {"summary": SUMMARIES[name], "value": body} for name, body in self._stories.items()}

    @property
    def asked_together(self) -> dict[str, Body]:
        """Requests to POST in a batch, by name."""
        return {"both": {"summary": SUMMARIES["both"], "value": {"requests": [*self._stories.values()]}}}

    def path(self, parameter: str) -> str:
        """What stands in the place of a parameter of a path."""
        return self._named[parameter]

    def answered(self, path: str, asked: dict[str, Body]) -> dict[str, Body]:
        """What comes back for each request to POST."""
        return {
            name: {"summary": one["summary"], "value": few(self.post(path, one["value"]).get_json())}
            for name, one in asked.items()
        }

    def post(self, path: str, body: Body) -> Response:
        """What this service answers to a request, as any caller gets it."""
        return self._ask("POST", path, json=body)

    def read(self, path: str, taken: set[str]) -> Any:
        """What comes back for a GET.

        Args:
            path: with its parameters.
            taken: the keys its query takes.

        """
        query = {key: value for key, value in self._around.items() if key in taken}
        return few(self._ask("GET", path.format(**self._named), query_string=query).get_json())

    def problem(self, method: str, path: str, status: HTTPStatus) -> Any:
        """What comes back when something is wrong: really wrong where a request can make it so.

        The document itself is never asked for here, nor what goes wrong on our side or before a route is found.
        """
        ways: dict[HTTPStatus, dict[str, Any]] = {
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"data": b" " * (BATCH + 1)},
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {"data": b" ", "content_type": "text/plain"},
            HTTPStatus.BAD_REQUEST: {"json": {}} if method == "POST" else {"query_string": {"": ""}},
            HTTPStatus.NOT_FOUND: {},
        }
        if status in ways and path != DOCUMENT:
            named = dict.fromkeys(self._named, "nothing") if status == HTTPStatus.NOT_FOUND else self._named
            return self._ask(method, path.format(**named), **ways[status]).get_json()
        if status == HTTPStatus.MISDIRECTED_REQUEST:  # is answered before there is a request to speak of
            return told(BY_STATUS[status])
        with self._context(method, path):
            return self._answer(lambda: abort(status)).get_json()

    def _ask(self, method: str, path: str, **how: Any) -> Response:
        with self._context(method, path, **how):
            return self._answer(self._app.dispatch_request)

    def _context(self, method: str, path: str, **how: Any) -> Any:
        builder = EnvironBuilder(f"{PREFIX}{path}", method=method, base_url=request.host_url, **how)
        return self._app.request_context(builder.get_environ())

    def _answer(self, view: Any) -> Response:
        try:
            return self._app.make_response(view())
        except HTTPException as error:
            return self._app.make_response(self._app.handle_user_exception(error))


SUMMARIES = {
    "begin": "Nothing is known yet",
    "story": "Some answers, at an organisation",
    "both": "Two situations at once",
}


def few(value: Any) -> Any:
    """A value, with no more than the first few of each list."""
    if isinstance(value, dict):
        return {key: few(inner) for key, inner in value.items()}
    return [few(inner) for inner in value[:FEW]] if isinstance(value, list) else value
