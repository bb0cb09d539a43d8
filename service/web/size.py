"""Gives every answer to a form or a program one size, so that whoever counts bytes learns no outcome from them.

TLS hides what is said and not how long it is. A proxy that compresses would bring the differences back, so what a
caller can read compressed is compressed here, to one size as well: a proxy leaves that alone. White space fills what is
missing; at the end of a page, of JSON or of TOML it means nothing.
"""

from __future__ import annotations

import struct
import zlib

from flask import Request, Response, g

from service.web.addresses import ADDRESSES

# Per sort of answer: how long plain, how long compressed. One of these holds the longest there is, with room to grow;
# tests/test_size.py walks what could be longer.
PAGE = (192 * 1024, 32 * 1024)
WORKBENCH = (768 * 1024, 96 * 1024)
REFERRAL = (112 * 1024, 24 * 1024)
REST = (4 * 1024, 4 * 1024)

_FILL = b" "
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # gzip, without a name or a time
_PIECE = 65_535  # the longest stored block
_LEAST = len(_HEADER) + 5 + 8 + 5  # a header, an end, and one stored block of whatever length


def sort_of(request: Request, response: Response) -> tuple[int, int]:
    """What lengths the answer to a POST may have, plain and compressed, in bytes."""
    if request.path.startswith("/api/"):
        situations = g.get("situations", 1)
        return REFERRAL[0] * situations, REFERRAL[1] * situations
    if response.mimetype != "text/html":
        return REST
    return WORKBENCH if request.path in {one.advisor for one in ADDRESSES.values()} else PAGE


def one_size(request: Request, response: Response) -> None:
    """Make the answer to a POST as long as every other of its sort.

    Args:
        request: says whether the caller can read gzip.
        response: not compressed yet; filled up, and compressed where that can be read.

    """
    body = response.get_data()
    plain, packed = sort_of(request, response)
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(_packed(body, packed))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(body + _FILL * (_up(len(body), plain) - len(body)))


def _up(length: int, step: int) -> int:
    return -(-length // step) * step


def _packed(body: bytes, step: int) -> bytes:
    """A body as gzip of one length: what it says compressed, and spaces that are not."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    said = packer.compress(body) + packer.flush(zlib.Z_FULL_FLUSH)  # ends at a byte
    missing = _up(len(said) + _LEAST, step) - len(said) - len(_HEADER) - 8
    blocks, filled = [], 0
    while missing:
        piece = min(missing - 5, _PIECE)
        if 0 < missing - 5 - piece < 5:
            piece -= 5  # what is left must hold a block of its own
        last = missing == piece + 5
        blocks.append(struct.pack("<BHH", last, piece, piece ^ 0xFFFF) + _FILL * piece)
        missing -= piece + 5
        filled += piece
    whole = zlib.crc32(_FILL * filled, zlib.crc32(body))
    return _HEADER + said + b"".join(blocks) + struct.pack("<II", whole, (len(body) + filled) & 0xFFFFFFFF)
