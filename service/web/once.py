"""What is the same for everybody is made once a day and kept in memory, compressed too. Nothing keeps it another way.

What a caller can make up is no part of what it is kept by. The name that a caller calls us by stands in what is made as
a stand-in, and is filled in for each; and there is a number of things that are kept.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce, wraps

from flask import Response, g, request
from isal import isal_zlib

from service.web import cost
from service.web.compression import Asked, Packed, tag
from service.web.padding import GZIP, NO_MORE

STAND_IN = "https://stands-in.invalid"


@dataclass(frozen=True)
class _Made:
    """What was made, in pieces between which our own address belongs; each piece plain, and compressed by itself.

    `tag` tells the body from any other where our address is not in it, so that it is the same for all.
    """

    pieces: list[bytes]
    packed: list[bytes]
    headers: list[tuple[str, str]]
    tag: str


def address() -> str:
    """The service's own origin as the request says it; while something is made for all, what stands in for it."""
    return STAND_IN if g.get("for_all") else request.host_url.rstrip("/")


def once(today: Callable[[], date], most: int) -> Callable[[Callable[Asked, Response]], Callable[Asked, Response]]:
    """A view that is called once a day for each way it is asked.

    Args:
        today: gives the day.
        most: how many answers are kept; those that were asked for last.

    Returns:
        a decorator for a view that takes nothing but what its answer depends on, besides the day and our address.

    """

    def kept(view: Callable[Asked, Response]) -> Callable[Asked, Response]:
        @lru_cache(maxsize=most)
        def made(_: date, *asked: Asked.args, **more: Asked.kwargs) -> _Made:
            cost.charge(cost.MAKING)
            before = g.get("meter"), g.get("for_all", False)
            g.meter, g.for_all = None, True  # what the view asks of us is for nobody's account
            try:
                response = view(*asked, **more)
            finally:
                g.meter, g.for_all = before
            pieces = response.get_data().split(STAND_IN.encode())
            own = "" if pieces[1:] else tag(pieces[0])
            del response.headers["Content-Length"]  # our address is not as long as what stands in for it
            return _Made(pieces, [_packed(one) for one in pieces], list(response.headers), own)

        @wraps(view)
        def answer(*asked: Asked.args, **more: Asked.kwargs) -> Response:
            return _answer(made(today(), *asked, **more))  # type: ignore[arg-type]  # what is asked is plain values

        return answer

    return kept


def _packed(piece: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)  # ends at a byte, and refers to nothing before


def _answer(made: _Made) -> Response:
    ours = address() if made.pieces[1:] or any(STAND_IN in value for _, value in made.headers) else ""
    pieces = [made.pieces[0], *(piece for one in made.pieces[1:] for piece in (ours.encode(), one))]
    # In pieces, for it takes long to join what is half a megabyte, and who reads gzip gets none of it.
    response = Packed(pieces, headers=[(name, value.replace(STAND_IN, ours)) for name, value in made.headers])
    between = struct.pack("<BHH", 0, len(ours), len(ours) ^ 0xFFFF) + ours.encode()  # a block that is not compressed
    check = reduce(lambda before, piece: isal_zlib.crc32(piece, before), pieces, 0)
    ends = struct.pack("<II", check, sum(map(len, pieces)) & 0xFFFFFFFF)
    response.packed = b"".join([GZIP, between.join(made.packed), NO_MORE, ends])
    response.tag = made.tag
    return response
