"""What was looked at before and found to hold, by the name of all that it depends on: nobody looks at it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, MutableMapping

import msgspec

from service.proof.findings import T

# A name, and what is known since nothing was wrong: how many were looked at, or bits of what was found there.
Tried = MutableMapping[str, int]


def name_of(*what: object) -> str:
    """A name of some values that is another where one of them is."""
    return hashlib.sha256(msgspec.json.encode(what, order="deterministic")).hexdigest()


def unless_tried(tried: Tried, name: str, counted: int, look: Callable[[], Iterable[T]]) -> Iterator[T]:
    """What a look finds; nothing where it was looked before and nothing was found.

    Args:
        tried: what was looked at before; grows.
        name: of all that the look depends on.
        counted: how many it looks at.
        look: finds what is wrong.

    """
    if name not in tried:
        wrong = tuple(look())
        yield from wrong
        if not wrong:
            tried[name] = counted
