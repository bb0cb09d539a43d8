"""The OpenAPI document: made from the routes, the schemas and what the service answers.

Knows no route by name but its own, and no word of an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json
from flask_smorest import Api

from service.rulebook.library import Library
from service.web.api import cors
from service.web.api.examples import DOCUMENT, Examples
from service.web.api.routes import READING, TAGS
from service.web.api.schemas import ProblemSchema, known_by_the_directory
from service.web.body import BATCH, MOST_IN_A_BATCH, ONE_SITUATION
from service.web.caching import A_WHILE, kept
from service.web.once import once
from service.web.padding import REFERRAL
from service.web.problems import KINDS
from service.web.settings import Settings
from service.web.state import State
from service.web.versions import NOTICE, PREFIX, VERSION

JSON = "application/json"
PROBLEM = "application/problem+json"

# What holds for all operations, by a name of which the page for programmers has the heading.
TOLD = {
    "loop": """\
**Begin** with `POST /referrals` and an empty situation. Ask what `nextQuestion` says, with its labels word for
word; put the answer in `situation` under its `fact`, as a list where `several` is true; post again, until
`nextQuestion` is `null`. Then, while `organisationMatters` is true, offer to choose one of `GET /organisations`,
and to decline: once it is named there may be a next question. Leave out what was not asked: that is something else
than the answer `unknown`. What `referrals` holds is certain at every step; `complete` says that no question can
change it any more. Answers travel in the body of a POST and nowhere else, so that they end up in no log and no
history.""",
    "promises": """\
**In a chatbot or a case system** the promises of this service hold only if yours keeps them. Show `text`, `labels`,
`act`, `inShort`, `why` and `yourName` word for word. Let people choose from the answers themselves, and send no
free text to a language model, nor let one choose an answer. Show `sources` with what they carry, and `edition` and
`on` with an answer that is kept. Keep the answer of `catchAll` in sight. Write no body in a log, and no answer in
an address or a session: the situation travels whole with each request. Or decide without us: `GET /compiled.json`
is all it takes.""",
    "errors": """\
**Errors** are problem details (RFC 9457). `type` is one of the closed list that `GET /problems` gives, and leads to
its explanation. Input that is wrong is 400, with every mistake in `errors`. No error repeats what was sent. A
method that a resource does not take is 405, with those that it takes in `Allow`; every GET may also be a HEAD.""",
    "caching": """\
**Caching**: what is read by GET has an `ETag`; send it back in `If-None-Match` and 304 says that nothing changed.
What depends on today is `no-cache`, the rest may be kept for some minutes. Answers to a POST, what somebody
searched for, and errors are `no-store`.""",
    "versions": f"""\
**Versions** are semantic; each response names its own in `API-Version`. Within a major version members may be added
to responses, and answers and rules to the lists, but nothing is taken away and nothing gets another meaning. What
will go says so for at least {NOTICE.days} days in the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), and
an old major version keeps answering as long after a new one has come. `docs/api.md`, beside the source, tells all
of it.""",
    "limits": f"""\
**Limits**: a body of {ONE_SITUATION // 1024} KiB, or {BATCH // 1024} KiB and {MOST_IN_A_BATCH} situations in a
batch; packed with `Content-Encoding: gzip` or `deflate`, so many unpacked. It may come in chunks. Whoever asks too
often gets 429, with the seconds to wait in `Retry-After`. Send `Accept-Encoding: gzip`; and what you do not show,
name in `without`. The answer to a page in a browser, or to everybody where whoever runs the service wants that, has one
length, so that nobody on the network can tell one from another: {REFERRAL[1] // 1024} KiB with that header,
{REFERRAL[0] // 1024} KiB without. White space at the end means nothing.""",
    "browsers": """\
**From pages of other sites**: {cors} Or ask from your own server, or show our questions in a frame.""",
}

DESCRIPTION = """\
{about} It refers: it takes in no report, asks for no name and no story, and keeps nothing.

{told}

Examples are what the service answers, with no more than the first two of each list.
"""

SCHEMA_OF_PROBLEMS = {"$ref": "#/components/schemas/Problem"}


def _header(description: str, example: str | int, *, sure: bool = True) -> dict[str, Any]:
    kind = "integer" if isinstance(example, int) else "string"
    return {"description": description, "required": sure, "schema": {"type": kind}, "example": example}


EVERYWHERE = {
    "API-Version": _header("The version of this API.", VERSION),
    "Cache-Control": _header("How long the response may be kept.", "no-store"),
    "Content-Security-Policy": _header(
        "Nothing may be loaded from it, and no site may frame it.", "default-src 'none'"
    ),
    "Referrer-Policy": _header("Where it is read is told to nobody.", "no-referrer"),
    "X-Content-Type-Options": _header("It is what its type says.", "nosniff"),
    "X-Frame-Options": _header("No site may frame it.", "DENY"),
}
OF_WHAT_IS_KEPT = {
    "ETag": _header("Tells this content from any other. Not with what somebody searched for.", 'W/"5c1b"', sure=False),
    "Vary": _header("What in a request makes another response of it.", "Accept-Encoding", sure=False),
}
OPEN = {"Access-Control-Allow-Origin": _header("A page of any site may read this.", "*")}
LATER = {"Retry-After": _header("After how many seconds to try again.", 60, sure=False)}
LEAVING = {
    "Deprecation": _header("Since when nobody should begin to use this, after RFC 9745.", "@1798761600"),
    "Sunset": _header("When it may stop to answer, after RFC 8594.", "Mon, 01 Jan 2029 00:00:00 GMT"),
    "Link": _header("What to read about it.", '</docs>; rel="deprecation"'),
}
HEADERS = EVERYWHERE | OF_WHAT_IS_KEPT | OPEN | LATER | LEAVING

IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` of the copy that the caller has.",
}

ANYTHING = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
WITH_A_BODY = (
    HTTPStatus.LENGTH_REQUIRED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
WITH_A_NAME = (HTTPStatus.NOT_FOUND,)
TRY_AGAIN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest, without errors of its own: `problems` answers them all."""

    def _register_error_handlers(self) -> None:
        """None: ours stand on the app."""

    def _register_responses(self) -> None:
        """None of its default responses: ours are added in `document`."""


def make_api(app: Flask, title: str) -> ProblemApi:
    """The documented API of an app."""
    return ProblemApi(app, spec_kwargs={"title": title, "version": VERSION, "openapi_version": "3.1.0", "servers": []})


def document(api: ProblemApi, library: Library, examples: Examples, settings: Settings) -> dict[str, Any]:
    """The OpenAPI document as served."""
    raw: dict[str, Any] = deepcopy(api.spec.to_dict())
    paths = {path.removeprefix(PREFIX): operations for path, operations in raw["paths"].items()}
    paths[DOCUMENT] = {"get": _itself()}
    for path, operations in paths.items():
        for method in operations.keys() & {"get", "post"}:
            _complete(operations[method], method.upper(), path, examples)
            if cors.NEEDS[method.upper()] in settings.cors:
                for status, response in operations[method]["responses"].items():
                    # What is refused by its name is answered before it is known what is asked.
                    response["headers"] |= {} if int(status) == HTTPStatus.MISDIRECTED_REQUEST else _refs(OPEN)
        for parameter in operations.get("parameters", ()):
            parameter["example"] = examples.path(parameter["name"])
            parameter["description"] = "Its name."
    schemas = raw["components"]["schemas"]
    schemas["ReferralRequest"].update(known_by_the_directory(library.rulebase.vocabulary))
    return {
        "openapi": raw["openapi"],
        "info": {
            "title": examples.title,
            "version": VERSION,
            "description": DESCRIPTION.format(about=library.site.about, told="\n\n".join(told(settings).values())),
            "contact": contact(settings),
            "license": {"name": "EUPL-1.2", "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"},
        },
        "servers": [{"url": PREFIX}],
        "security": [],
        "tags": [{"name": name, "description": TAGS[name]} for name in sorted(TAGS)],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name != "PaginationMetadata"},
            "headers": {name: header for name, header in HEADERS.items() if f'/headers/{name}"' in json.dumps(paths)},
            "parameters": {"IfNoneMatch": IF_NONE_MATCH},
        },
    }


def told(settings: Settings) -> dict[str, str]:
    """What holds for all operations of this service, by name."""
    return {name: text.replace("{cors}", cors.told(settings.cors)) for name, text in TOLD.items()}


def contact(settings: Settings) -> dict[str, str]:
    """Whom to ask: what the deployer set, or else no more than what is true of anybody who runs this."""
    if settings.contact:
        return {"name": settings.contact.name, "email": settings.contact.email, "url": settings.contact.url}
    return {"name": "Whoever runs this service"} | ({"url": settings.address} if settings.address else {})


def _itself() -> dict[str, Any]:
    return {
        "summary": "This document",
        "description": "A page of any site may read it.",
        "operationId": "getOpenapi",
        "tags": [READING],
        "responses": {
            "200": {"description": "The document, in OpenAPI 3.1.0.", "content": {JSON: {"schema": {"type": "object"}}}}
        },
    }


def _complete(operation: dict[str, Any], method: str, path: str, examples: Examples) -> None:
    """Add to an operation what flask-smorest does not know: every answer it can give, with an example."""
    always = EVERYWHERE | (LEAVING if operation.get("deprecated") else {})
    found = operation["responses"]["200"]
    operation["responses"] = {"200": found}
    if method == "POST":
        _posted(operation, found, path, examples)
        found["headers"] = _refs(always)
    else:
        _read(operation, found, path, examples)
        kept_too = always | OF_WHAT_IS_KEPT | (OPEN if path == DOCUMENT else {})
        found["headers"] = _refs(kept_too)
        unchanged = {"description": "The copy that the caller has is still right.", "headers": _refs(kept_too)}
        operation["responses"]["304"] = unchanged
    for status in sorted(
        (*ANYTHING, *(WITH_A_BODY if method == "POST" else ()), *(WITH_A_NAME if "{" in path else ()))
    ):
        operation["responses"][str(status.value)] = {
            "description": " ".join(kind.title + "." for kind in KINDS if kind.status == status),
            "headers": _refs(always | (LATER if status in TRY_AGAIN else {})),
            "content": {PROBLEM: {"schema": SCHEMA_OF_PROBLEMS, "example": examples.problem(method, path, status)}},
        }


def _posted(operation: dict[str, Any], found: dict[str, Any], path: str, examples: Examples) -> None:
    asked = examples.asked_together if path.endswith("/batch") else examples.asked
    operation["requestBody"]["content"][JSON]["examples"] = asked
    found["content"][JSON]["examples"] = examples.answered(path, asked)


def _read(operation: dict[str, Any], found: dict[str, Any], path: str, examples: Examples) -> None:
    parameters = operation.setdefault("parameters", [])
    itself = {"openapi": "3.1.0", "info": {"title": examples.title, "version": VERSION}}
    taken = {one["name"] for one in parameters}
    found["content"][JSON]["example"] = itself if path == DOCUMENT else examples.read(path, taken)
    parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})


def _refs(headers: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def serve(
    app: Flask, api: ProblemApi, state: State, settings: Settings, examples: Examples
) -> Callable[[], dict[str, Any]]:
    """Serve the document at /api/v1/openapi.json, readable from any site; it is made when it is first asked for.

    Returns:
        reads the document, in a request.

    """
    api.spec.components.schema("Problem", schema=ProblemSchema)
    library = state.library

    @once(state.today, 1)
    def made() -> Response:
        body = json.dumps(document(api, library, examples, settings))
        return Response(body, content_type=JSON, headers={"Access-Control-Allow-Origin": "*"})

    @app.get(f"{PREFIX}{DOCUMENT}")
    def openapi() -> Response:
        return kept(made(), A_WHILE)

    def read() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(made().get_data())
        return found

    return read
