"""Errors for callers: RFC 9457 problem+json. Each names the place and the mend, and never repeats a value.

Not even the name of an unknown key comes back: that, too, is something the caller sent.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any, NoReturn
from urllib.parse import urlencode

from flask import Flask, Response, json, request
from werkzeug.exceptions import BadRequest, HTTPException

from service.core.situation import meant as meant_word
from service.web.addresses import language_of, meant
from service.web.rendering import Pages
from service.web.versions import PREFIX

log = logging.getLogger("wegwijzer")

Error = dict[str, str]

FOR_PROGRAMS = ("/api/", "/health", "/static", "/oembed")
MOST_ERRORS = 20
MORE = f"The request has more mistakes than the {MOST_ERRORS} that are listed here, each with its place and its mend."


@dataclass(frozen=True)
class Kind:
    """A kind of problem, told the same way each time it happens.

    Attributes:
        id: its name, which never changes within a version of the API.
        status: of the response.
        title: what is the case.
        detail: what to do about it.

    """

    id: str
    status: HTTPStatus
    title: str
    detail: str

    @property
    def type(self) -> str:
        """The address where it is explained, which is also its name to programs."""
        return f"{PREFIX}/problems/{self.id}"


INVALID_INPUT = Kind(
    "invalid-input",
    HTTPStatus.BAD_REQUEST,
    "The request has mistakes",
    "The request has mistakes; each is listed with its place and its mend.",
)

# The closed list. What has no kind here is said by its status alone, as RFC 9457 has it.
KINDS = (
    INVALID_INPUT,
    Kind("bad-request", HTTPStatus.BAD_REQUEST, "The request cannot be read", "The request cannot be read."),
    Kind(
        "not-found",
        HTTPStatus.NOT_FOUND,
        "There is nothing here",
        f"There is nothing here. The document at {PREFIX}/openapi.json lists what there is.",
    ),
    Kind(
        "method-not-allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "This method is not for this resource",
        "This resource does not take this method; the Allow header lists those it takes.",
    ),
    Kind(
        "length-required",
        HTTPStatus.LENGTH_REQUIRED,
        "The length of the body is missing",
        "Say how long the body is, in a Content-Length header.",
    ),
    Kind(
        "content-too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large",
        "The body is too large. One situation fits in 8 KiB, a batch in 256 KiB.",
    ),
    Kind(
        "unsupported-media-type",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The body is of another kind",
        "Send the body as application/json, plain or packed as gzip or deflate.",
    ),
    Kind(
        "misdirected-request",
        HTTPStatus.MISDIRECTED_REQUEST,
        "The service has another name",
        "This service does not answer to the name in this request. Whoever runs it lists its names in WEGWIJZER_HOSTS.",
    ),
    Kind(
        "too-many-requests",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests",
        "Too many requests in a short time. The Retry-After header says after how many seconds to try again.",
    ),
    Kind(
        "internal-error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side",
        "Something went wrong on our side. Nothing of your request was kept.",
    ),
    Kind(
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service cannot answer now",
        "The service cannot answer now. Try again later. Nothing of your request was kept.",
    ),
)

BY_STATUS = {kind.status: kind for kind in KINDS if kind is not INVALID_INPUT}

CHOSEN = ("organisation", "concern", "theme")  # what the address of a frame may say
WORD = re.compile(r"[a-z0-9_-]{1,64}")
SAID_BESIDES = ("Accept-Encoding", "Allow", "Retry-After")  # the headers of an error that tell the caller what to do


@dataclass(frozen=True)
class Mend:
    """How to mend a mistake. What was meant is looked for only in those that are told, and said in a word of ours.

    Attributes:
        detail: what to do.
        known: the words of which one was perhaps meant.
        given: what was sent instead; None where that is the name of a member.

    """

    detail: str
    known: tuple[str, ...]
    given: object = None

    def tell(self, name: object) -> str:
        """The mend of a mistake in a member of this name."""
        return self.detail + meant_word(name if self.given is None else self.given, self.known)


class InvalidInputError(BadRequest):
    """A request that was read and is wrong, with every place that is."""

    def __init__(self, errors: list[Error]) -> None:
        super().__init__(INVALID_INPUT.detail)
        self.errors = errors


def refuse(pointer: str, detail: str) -> NoReturn:
    """Refuse a request for one mistake.

    Raises:
        InvalidInputError: always.

    """
    raise InvalidInputError([{"pointer": pointer, "detail": detail}])


def told(kind: Kind) -> dict[str, Any]:
    """What a kind of problem says each time."""
    return {"type": kind.type, "title": kind.title, "status": kind.status.value, "detail": kind.detail}


def problem(error: HTTPException) -> Response:
    """An error as problem+json. Only our own sentences go in."""
    status = HTTPStatus(error.code or 500)
    kind = INVALID_INPUT if isinstance(error, InvalidInputError) else BY_STATUS.get(status)
    alone = Kind("", status, status.phrase, status.description or status.phrase)
    body = told(kind or alone) | ({} if kind else {"type": "about:blank"})
    if isinstance(error, InvalidInputError):
        body["errors"] = error.errors[:MOST_ERRORS]
        if error.errors[MOST_ERRORS:]:
            body["detail"] = MORE
    response = Response(json.dumps(body), status.value, content_type="application/problem+json")
    response.headers.extend(_advice(error))
    return response


def _advice(error: HTTPException) -> list[tuple[str, str]]:
    return [(name, value) for name, value in error.get_headers() if name in SAID_BESIDES]


def from_messages(messages: Mapping[Any, Any]) -> InvalidInputError:
    """What marshmallow says, as pointers and our own words; one more than are told, so that more can be said of it."""
    found = islice(_once(_flatten(messages, "")), MOST_ERRORS + 1)
    return InvalidInputError([{"pointer": pointer, "detail": detail} for pointer, detail in found])


def _once(found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each of these the first time: members that are not known say the same where nothing is near."""
    seen = set()
    for one in found:
        if one not in seen:
            seen.add(one)
            yield one


def _flatten(messages: Mapping[Any, Any], pointer: str) -> Iterator[tuple[str, str]]:
    for key, value in messages.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, pointer if key in ("json", "query", "_schema") else f"{pointer}/{key}")
            continue
        for message in value:
            if isinstance(message, Mend):
                # The name of a member that is not known is the caller's word, so the place is what holds it.
                yield (pointer if message.given is None else f"{pointer}/{key}"), message.tell(key)
            elif key == "_schema":
                yield pointer, message
            else:
                yield f"{pointer}/{key}", message


def register(app: Flask, pages: Pages) -> None:
    """Answer every error: to programs as problem+json, to people as a page that helps."""

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        code = error.code or 500
        if code == 404 and request.method in ("GET", "HEAD") and (page := meant(pages.site, request.path)):
            return Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": page + _chosen()})
        if code == 404 and request.path in (PREFIX, f"{PREFIX}/") and _is_read_by_a_person():
            page = pages.addresses[pages.site.programs].api
            return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": page, "Vary": "Accept"})
        if request.path.startswith(FOR_PROGRAMS):
            return problem(error)
        kind = str(code) if code in (404, 429) else "400" if code < 500 else "500"
        language = language_of(pages.site, request.path)
        title = pages.words(language)[f"wrong_{kind}_title"]
        response = pages.render("wrong.html", language, "start", code, title=title, kind=kind)
        response.headers.extend(_advice(error))
        return response


def _is_read_by_a_person() -> bool:
    """Whether a page is wanted rather than JSON: browsers say so, and programs that say nothing want either."""
    wants = request.accept_mimetypes
    return request.method in ("GET", "HEAD") and wants["text/html"] > wants["application/json"]


def _chosen() -> str:
    """What a site chose for its frame, if each is a word as our ids are: nothing else of an address is repeated."""
    chosen = {name: request.args[name] for name in CHOSEN if WORD.fullmatch(request.args.get(name, ""))}
    return f"?{urlencode(chosen)}" if chosen else ""


def log_without_words(error: BaseException | None) -> None:
    """Log where an exception came from, and never what it says: its text may hold an answer."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
    log.error("unexpected %s at %s", type(error).__name__, place)
