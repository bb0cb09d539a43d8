"""Gives every answer to a person's browser one size, so that whoever counts bytes learns no outcome from them.

A program gets what it asked for, as small as it gets, unless whoever runs the service wants one size for all.

TLS hides what is said and not how long it is. A proxy that compresses would bring the differences back, so what a
caller can read compressed is compressed here, to one size as well: a proxy leaves that alone. White space fills what is
missing; at the end of a page, of JSON or of TOML it means nothing.
"""

from __future__ import annotations

import struct
from http import HTTPStatus

from flask import Request, Response, g
from isal import isal_zlib

from service.web.compression import LEVEL

# Per sort of answer: how long plain, how long compressed. One of these holds the longest there is, with room to grow;
# tests/test_size.py walks what could be longer.
PAGE = (208 * 1024, 40 * 1024)
TRIED = (384 * 1024, 80 * 1024)  # a referral as people read JSON, with the form that asked for it
WORKBENCH = (768 * 1024, 96 * 1024)
REFERRAL = (224 * 1024, 64 * 1024)
REST = (4 * 1024, 4 * 1024)

HIDES = "wegwijzer.hides"  # in the environment of a request, for who sends the answer: its time tells nothing either
OF_A_BROWSER = ("Origin", "Sec-Fetch-Site")  # what no page of it can leave out of a POST
_FILL = b" "
GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # gzip, without a name or a time
NO_MORE = b"\x03\x00"  # the end of what is compressed, when nothing before said so
_PIECE = 65_535  # the longest stored block
_LEAST = len(GZIP) + 5 + 8 + 5  # a header, an end, and one stored block of whatever length


def sort_of(request: Request) -> tuple[int, int]:
    """What lengths the answer to a POST may have, plain and compressed, in bytes."""
    if request.path.startswith("/api/"):
        return REFERRAL
    return {"advisor": WORKBENCH, "programmers": TRIED}.get(request.blueprint or "", PAGE)


def of_posts(request: Request) -> int:
    """How long the answer to a POST will be, in bytes; a batch as many times that as it has situations."""
    return sort_of(request)[_reads_gzip(request)]


def _reads_gzip(request: Request) -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _length(request: Request, response: Response) -> tuple[int, int]:
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return REST  # says nothing of what was asked: whoever asks too often gets no more bytes for it
    if not request.path.startswith("/api/") and response.mimetype != "text/html":
        return REST
    plain, packed = sort_of(request)
    situations = g.get("situations", 1)
    return plain * situations, packed * situations


def hides(request: Request, everybody: bool) -> bool:
    """Whether the answer to a POST gets one size: whoever asks the API from no page of a browser is a program.

    Args:
        request: what came.
        everybody: whether programs get one size too.

    """
    return everybody or not request.path.startswith("/api/") or any(name in request.headers for name in OF_A_BROWSER)


def one_size(request: Request, response: Response) -> None:
    """Make the answer to a POST as long as every other of its sort.

    Args:
        request: says whether the caller can read gzip.
        response: not compressed yet; filled up, and compressed where that can be read.

    """
    body = response.get_data()
    plain, packed = _length(request, response)
    response.vary.add("Accept-Encoding")
    if _reads_gzip(request):
        response.set_data(_packed(body, packed))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(body + _FILL * (_up(len(body), plain) - len(body)))


def _up(length: int, step: int) -> int:
    return -(-length // step) * step


def _packed(body: bytes, step: int) -> bytes:
    """A body as gzip of one length: what it says compressed, and spaces that are not."""
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
    said = packer.compress(body) + packer.flush(isal_zlib.Z_FULL_FLUSH)  # ends at a byte
    missing = _up(len(said) + _LEAST, step) - len(said) - len(GZIP) - 8
    blocks, filled = [], 0
    while missing:
        piece = min(missing - 5, _PIECE)
        if 0 < missing - 5 - piece < 5:
            piece -= 5  # what is left must hold a block of its own
        last = missing == piece + 5
        blocks.append(struct.pack("<BHH", last, piece, piece ^ 0xFFFF) + _FILL * piece)
        missing -= piece + 5
        filled += piece
    whole = isal_zlib.crc32(_FILL * filled, isal_zlib.crc32(body))
    return GZIP + said + b"".join(blocks) + struct.pack("<II", whole, (len(body) + filled) & 0xFFFFFFFF)
