"""Numbers that all processes of one service share: in memory only, never in a file, and gone when it stops.

Each process adds in a row of its own, so none needs a lock. It does not know what is counted, and holds nothing but
numbers.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable, Mapping
from types import MappingProxyType

ROWS = 64  # more than processes that live at once
NUMBER = struct.Struct("q")


class Tally:
    """Counters by name, made before the processes part."""

    def __init__(self, names: Iterable[str]) -> None:
        """Begin at 0.

        Args:
            names: of all counters there will be.

        """
        self._places = {name: place for place, name in enumerate(names)}
        self._shared = mmap.mmap(-1, ROWS * len(self._places) * NUMBER.size)
        self._row = 0

    def take_row(self, number: int) -> None:
        """Add in a row of its own from here on; for a process that has just begun, by its number.

        The first row stays with whoever made this.
        """
        self._row = 1 + number % (ROWS - 2)

    def take_last_row(self) -> None:
        """Add in the last row from here on; for a process of which there is only one."""
        self._row = ROWS - 1

    def add(self, name: str, more: int = 1) -> None:
        """Count.

        Raises:
            KeyError: nobody announced this name.

        """
        at = self._at(self._row, name)
        NUMBER.pack_into(self._shared, at, NUMBER.unpack_from(self._shared, at)[0] + more)

    def set(self, name: str, value: int) -> None:
        """Say how it stands; for what one process alone knows."""
        for row in range(ROWS):
            NUMBER.pack_into(self._shared, self._at(row, name), value if row == 0 else 0)

    def __getitem__(self, name: str) -> int:
        """The sum over all processes."""
        return sum(int(NUMBER.unpack_from(self._shared, self._at(row, name))[0]) for row in range(ROWS))

    def all(self) -> Mapping[str, int]:
        """Every counter with its sum."""
        return MappingProxyType({name: self[name] for name in self._places})

    def _at(self, row: int, name: str) -> int:
        return (row * len(self._places) + self._places[name]) * NUMBER.size
