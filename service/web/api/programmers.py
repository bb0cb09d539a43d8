"""The page for programmers: the OpenAPI document as people read it, and a form that asks this very service.

Knows no operation, no fact and no answer: all of them come from the document and from what the service says itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, json, request
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from service.answers.presenter import Json
from service.web.api import openapi
from service.web.api.examples import Examples
from service.web.api.openapi import JSON
from service.web.compression import smaller
from service.web.once import once
from service.web.problems import KINDS, told
from service.web.rendering import Pages
from service.web.state import State
from service.web.versions import PREFIX, VERSION

CLIENTS = Path(__file__).parents[1] / "clients"
NAMES = {"client.sh": "curl", "client.py": "Python", "client.mjs": "JavaScript"}
REFER = "/referrals"
STORY = "story"  # the example of which the whole answer is shown
LONGEST = 64  # characters of what is typed
FEW = 8  # what one of so many may be is written out
TYPED = ("organisation", "on", "language")
# Through a pipe, so that what is asked is in no list of processes.
CURL = """curl --silent --header 'Content-Type: application/json' --data @- \\
  https://wegwijzer.example.nl{path} <<'END'
{body}
END"""


class Programmers:
    """The page in one language."""

    def __init__(
        self, state: State, pages: Pages, language: str, document: Callable[[], Json], examples: Examples
    ) -> None:
        self._state, self._pages, self._language = state, pages, language
        self._document, self._examples = document, examples
        self._vocabulary = state.library.rulebase.vocabulary

    def page(self) -> Response:
        """Everything there is to read."""
        document = self._document()
        story = self._examples.asked[STORY]["value"]
        whole = self._examples.post(REFER, story).get_json()
        return self._page(
            "programmers.html",
            version=document["info"]["version"],
            contact=document["info"]["contact"],
            operations=list(_operations(document)),
            whole={"asked": _written(story), "answered": _written(whole)},
            told={name: marked(text) for name, text in openapi.told(self._pages.settings).items()},
            problems=[told(kind) for kind in KINDS],
            clients=clients(),
            concerns_of=self._concerns_of(),
            asked={},
        )

    def tried(self) -> Response:
        """What the service answers to the form, as a program gets it.

        Raises:
            BadRequest: a name or an answer that the form does not have.

        """
        body = self._read(request.form)
        response = self._examples.post(REFER, body)
        answered = response.get_json()
        return self._page(
            "programmers_tried.html",
            asked={**body["situation"], **body},
            body=_written(body),
            line=response.status,
            kind=response.mimetype,
            version=VERSION,
            curl=CURL.format(path=f"{PREFIX}{REFER}", body=json.dumps(body)),
            answered=_written(answered),
            next=(answered.get("nextQuestion") or {}).get("fact"),
            matters=answered.get("organisationMatters"),
        )

    def _page(self, template: str, **more: Any) -> Response:
        title = self._pages.words(self._language)["api_title"]
        questions = [self._state.presenter(self._language).question(fact) for fact in self._vocabulary.facts]
        return self._pages.render(
            template,
            self._language,
            "api",
            title=title,
            prefix=PREFIX,
            questions=questions,
            programs=self._pages.site.programs,
            languages=list(self._pages.site.locales),
            **more,
        )

    def _read(self, form: MultiDict[str, str]) -> Json:
        situation: Json = {}
        for fact in self._vocabulary.facts:
            if values := [one for one in form.getlist(fact.id) if one]:
                if not set(values) <= set(fact.answers) or (values[1:] and not fact.several):
                    raise BadRequest
                situation[fact.id] = values if fact.several else values[0]
        typed = {name: form[name].strip() for name in TYPED if form.get(name)}
        if not set(form) <= {*self._vocabulary.by_id, *TYPED} or any(len(one) > LONGEST for one in typed.values()):
            raise BadRequest
        return {"situation": situation, **{name: one for name, one in typed.items() if one}}

    def _concerns_of(self) -> Mapping[str, list[str]]:
        """Per fact the concerns with which it can matter today."""
        reading = self._state.decider.readings[self._state.library.rulebase.on(self._state.today()).id]
        facts = {concern: reading.facts_of(concern) for concern in reading.concerns}
        return {one.id: [concern for concern in facts if one.id in facts[concern]] for one in self._vocabulary.facts}


def clients() -> list[tuple[str, str, str]]:
    """Clients that run the loop of questions: what each is written in, its file, its text."""
    return [(language, name, (CLIENTS / name).read_text("utf-8")) for name, language in NAMES.items()]


def marked(text: str) -> Markup:
    """A paragraph of the document: code and emphasis as markup, all else as it stands."""
    code = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", code))  # noqa: S704 - escaped above


def _written(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


def _operations(document: Json) -> Iterator[Json]:
    schemas = document["components"]["schemas"]
    for path, found in document["paths"].items():
        for method in sorted(found.keys() & {"get", "post"}):
            one = found[method]
            takes = [*found.get("parameters", ()), *one.get("parameters", ())]
            content = one["responses"]["200"]["content"][JSON]
            body = one["requestBody"]["content"][JSON] if method == "post" else {}
            yield {
                "id": one["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": one["summary"],
                "about": marked(one["description"]),
                "deprecated": one.get("deprecated", False),
                "takes": [*map(_parameter, takes), *_members(body, schemas)],
                "asked": [(each["summary"], _written(each["value"])) for each in body.get("examples", {}).values()],
                "answered": [
                    (each["summary"], _written(each["value"])) for each in content.get("examples", {}).values()
                ]
                or [("", _written(content["example"]))] * ("example" in content),
                "says": content["schema"],
                "statuses": [(status, each["description"]) for status, each in one["responses"].items()],
            }


def _parameter(one: Json) -> Json:
    if "$ref" in one:  # the one that all have is told once, with what may be kept
        return {"name": one["$ref"].rpartition("/")[2], "in": "header", "kind": "", "required": False, "about": ""}
    kind = _kind(one["schema"])
    return {
        "name": one["name"],
        "in": one["in"],
        "kind": kind,
        "required": one["required"],
        "about": one["description"],
    }


def _members(body: Json, schemas: Json) -> Iterator[Json]:
    if not body:
        return
    schema = schemas[body["schema"]["$ref"].rpartition("/")[2]]
    for name, one in schema["properties"].items():
        required = name in schema.get("required", ())
        yield {
            "name": name,
            "in": "body",
            "kind": _kind(one),
            "required": required,
            "about": one.get("description", ""),
        }


def _kind(schema: Json) -> str:
    """What a value must be, in few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema["type"] == "array":
        return f"{_kind(schema['items'])}[]"
    choices = schema.get("enum", ())
    if 0 < len(choices) <= FEW:
        return " | ".join(choices)
    return f"one of {len(choices)}" if choices else str(schema.get("format", schema["type"]))


def blueprint(state: State, pages: Pages, document: Callable[[], Json], examples: Examples) -> Blueprint:
    """The page in every language, and what its form gets.

    Args:
        state: what the service knows.
        pages: makes them.
        document: reads the OpenAPI document, in a request.
        examples: asks the service.

    """
    routes = Blueprint("programmers", __name__)
    for language, addresses in pages.addresses.items():
        one = Programmers(state, pages, language, document, examples)
        page = smaller(once(state.today, 1)(one.page))
        routes.add_url_rule(addresses.api, f"read_{language}", page, methods=["GET"])
        routes.add_url_rule(addresses.api, f"tried_{language}", one.tried, methods=["POST"])
    return routes
