"""Sends what holds nothing of anybody, and what programs ask, small. What answers a form has one size: padding.py."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request
from isal import isal_zlib

Asked = ParamSpec("Asked")

LEAST = 1000  # bytes; less is not worth it
LEVEL = 2  # of ISA-L, for what is sent once: as small as level 3 of zlib, in a quarter of the time


class Packed(Response):
    """A response that is compressed already, for whoever can read that.

    Attributes:
        packed: its body as gzip.
        tag: what tells its body from any other; empty where that is not known yet.

    """

    packed: bytes = b""
    tag: str = ""


def pack(body: bytes) -> bytes:
    """A body as gzip, as small as it gets: for what is sent many times."""
    return gzip.compress(body, 9, mtime=0)


def tag(body: bytes) -> str:
    """What tells a body from any other."""
    return hashlib.sha256(body).hexdigest()[:32]


def smaller(view: Callable[Asked, Response]) -> Callable[Asked, Response]:
    """A view whose answers are sent small."""

    @wraps(view)
    def answer(*asked: Asked.args, **more: Asked.kwargs) -> Response:
        return small(view(*asked, **more))

    return answer


def small(response: Response) -> Response:
    """A response, compressed where the caller can read that and it helps."""
    response.vary.add("Accept-Encoding")
    if (response.calculate_content_length() or 0) >= LEAST and request.accept_encodings.quality("gzip") > 0:
        ready = response.packed if isinstance(response, Packed) else b""
        response.set_data(ready or isal_zlib.compress(response.get_data(), LEVEL, 16 + isal_zlib.MAX_WBITS))
        response.headers["Content-Encoding"] = "gzip"
    return response
