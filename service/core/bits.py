"""Sets of rules or situations as bits of an integer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the ones in `mask`, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def union(masks: Iterable[int]) -> int:
    """What is in any of the sets."""
    return reduce(or_, masks, 0)
