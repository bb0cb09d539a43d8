"""Reads a JSON body strictly: small, one object, no key twice, no NaN, not too deep. Never repeats what it read.

It may come compressed, or in chunks. It may be as long as any other then, when it is whole and plain: no more than that
is ever taken in or unpacked.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException, LengthRequired, RequestEntityTooLarge, UnsupportedMediaType

from service.web import cost
from service.web.problems import InvalidInputError, from_messages, refuse

ONE_SITUATION = 8 * 1024
BATCH = 256 * 1024
FORM = 16 * 1024  # twice the longest form of ours
MOST_IN_A_BATCH = 100
DEEPEST = 8  # our deepest request is four levels


CODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}  # as zlib calls them
READS = "gzip, deflate, identity"


class UnknownCodingError(UnsupportedMediaType):
    """A body is packed in a way that we do not read; the response says in which ways we do."""

    def get_headers(self, *about: Any) -> list[tuple[str, str]]:
        """What each error has, and the codings."""
        return [*super().get_headers(*about), ("Accept-Encoding", READS)]


class DuplicateKeyError(ValueError):
    """A key stands in an object twice; which one counts would be a guess."""


class StrictParser(FlaskParser):
    """The way flask-smorest reads arguments, with a strict reading of JSON and errors of ours."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}  # noqa: RUF012 - webargs' way to say it

    def load_json(self, req: Request, schema: Any) -> Any:
        """Read the body of a request, and charge a batch for what is in it before anything looks into it."""
        most = longest(req)
        body = read_body(req, most)
        charged = cost.of_post(req, most)
        unpacked = max(charged, cost.of_body(len(body)))
        cost.charge(unpacked - charged)
        read = read_object(body)
        situations = read.get("requests")
        if isinstance(situations, list):
            held = min(len(situations), MOST_IN_A_BATCH)
            cost.charge(cost.of_post(req, most, held) - unpacked)
        return read

    def handle_error(
        self, error: Any, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        """Say what is wrong in our own words; the cause, which holds the values, is dropped."""
        raise from_messages(error.messages) from None


def longest(sent: Request) -> int:
    """How many bytes a body may have, by its address alone."""
    if not sent.path.startswith("/api/"):
        return FORM
    return BATCH if sent.path.endswith("/batch") else ONE_SITUATION


def refuse_chunks() -> None:
    """Refuse a form in chunks before anything reads it; and anything in chunks, where the server does not end it.

    Chunks that are wrong or break off show only while they are read, deep in the server, as an error of its own. What
    reads a form would not know it.

    Raises:
        LengthRequired: it comes in chunks.

    """
    if request.method != "POST" or "Transfer-Encoding" not in request.headers:
        return
    if not (request.path.startswith("/api/") and request.environ.get("wsgi.input_terminated")):
        raise LengthRequired


def refuse_long() -> None:
    """Let nothing read more of a body than its address allows."""
    request.max_content_length = longest(request)


def read_body(sent: Request, limit: int) -> bytes:
    """The body of a request, unpacked.

    Raises:
        UnsupportedMediaType: it does not say it is JSON, or is packed in a way we do not read.
        RequestEntityTooLarge: it is longer than `limit` bytes, as it came or unpacked.
        BadRequest: it breaks off, or is not what it says it is.

    """
    if (sent.content_length or 0) > limit:
        raise RequestEntityTooLarge
    if sent.mimetype != "application/json":
        raise UnsupportedMediaType
    coding = sent.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in (*CODINGS, "identity"):
        raise UnknownCodingError
    sent.max_content_length = limit + 1  # chunks that go on are cut off there without a word
    try:
        body = sent.get_data(cache=False)
    except (HTTPException, MemoryError):
        raise
    except Exception:  # what a server raises at chunks that are wrong is of many kinds, and may repeat them
        raise BadRequest from None
    if len(body) > limit:
        raise RequestEntityTooLarge
    return body if coding == "identity" else _unpacked(body, CODINGS[coding], limit)


def _unpacked(body: bytes, coding: int, limit: int) -> bytes:
    unpacking = zlib.decompressobj(coding)
    try:
        found = unpacking.decompress(body, limit + 1)
    except zlib.error:
        raise BadRequest from None
    if len(found) > limit:
        raise RequestEntityTooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise BadRequest
    return found


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body.

    Raises:
        InvalidInputError: it is not one JSON object that can be read in one way.

    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except DuplicateKeyError:
        refuse("", "A key stands twice in one object; give each key once.")
    except RecursionError:
        refuse("", f"The body is nested too deep; {DEEPEST} levels is the most.")
    except ValueError:
        raise InvalidInputError([{"pointer": "", "detail": "The body is not JSON in UTF-8."}]) from None
    if not isinstance(value, dict):
        refuse("", "The body must be one JSON object.")
    if _depth(value) > DEEPEST:
        refuse("", f"The body is nested too deep; {DEEPEST} levels is the most.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateKeyError
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth
