"""Sets of rules as bits of an integer."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_WORD = 64
_SHORT = 1 << 8 * _WORD  # from here on it pays to take an integer apart: each step on it costs its length


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the ones in `mask`, lowest first."""
    words: tuple[int, ...] = (mask,)
    if mask >= _SHORT:
        count = -(-mask.bit_length() // _WORD)
        words = struct.unpack(f"<{count}Q", mask.to_bytes(count * 8, "little"))
    for place, word in enumerate(words):
        while word:
            low = word & -word
            yield place * _WORD + low.bit_length() - 1
            word ^= low
