"""Reads a JSON body strictly: small, one object, no key twice, no NaN, not too deep. Never repeats what it read."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge, UnsupportedMediaType

from service.web import cost
from service.web.problems import InvalidInputError, from_messages, refuse

ONE_SITUATION = 8 * 1024
BATCH = 256 * 1024
FORM = 16 * 1024  # twice the longest form of ours
MOST_IN_A_BATCH = 100
DEEPEST = 8  # our deepest request is four levels


class DuplicateKeyError(ValueError):
    """A key stands in an object twice; which one counts would be a guess."""


class StrictParser(FlaskParser):
    """The way flask-smorest reads arguments, with a strict reading of JSON and errors of ours."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}  # noqa: RUF012 - webargs' way to say it

    def load_json(self, req: Request, schema: Any) -> Any:
        """Read the body of a request, and charge a batch for what is in it before anything looks into it."""
        read = read_object(req, longest(req))
        situations = read.get("requests")
        if isinstance(situations, list):
            held = min(len(situations), MOST_IN_A_BATCH)
            cost.charge(cost.of_post(req, longest(req), held) - cost.of_post(req, longest(req)))
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
    """Refuse what comes in chunks before anything reads it, a form too.

    Chunks that are wrong or break off show only while they are read, deep in the server, as an error of its own.

    Raises:
        LengthRequired: always, when it comes in chunks.

    """
    if request.method == "POST" and "Transfer-Encoding" in request.headers:
        raise LengthRequired


def refuse_long() -> None:
    """Let nothing read more of a body than its address allows."""
    request.max_content_length = longest(request)


def read_object(sent: Request, limit: int) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        UnsupportedMediaType: the body does not say it is JSON.
        RequestEntityTooLarge: it is longer than `limit` bytes.
        InvalidInputError: it is not one JSON object that can be read in one way.

    """
    if (sent.content_length or 0) > limit:
        raise RequestEntityTooLarge
    if sent.mimetype != "application/json":
        raise UnsupportedMediaType
    body = sent.get_data(cache=False)
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
