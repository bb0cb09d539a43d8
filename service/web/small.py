"""Sends what holds nothing of anybody small. What answers a form or a program gets one size instead: see size.py."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Response, request

LEAST = 1000  # bytes; less is not worth it


@lru_cache(maxsize=32)
def _small(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def small(response: Response) -> Response:
    """The response to a GET, compressed where the caller can read that and it helps."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= LEAST and request.accept_encodings.quality("gzip") > 0:
        response.set_data(_small(body))
        response.headers["Content-Encoding"] = "gzip"
    return response
