"""What `check` found before, by the name of exactly what it depends on, so that an edit does its own part only.

Nothing is believed that another version of the code, of the engine or of Python kept. `compile` never asks: what is
served was proved whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import msgspec

from service.engine.durable import CORE
from service.rulebook.library import Library, store
from service.rulebook.locate import BUILT, code, in_checkout

MOST = 20_000  # so many are kept: those asked for last
TEXT = re.compile(r'"(?:[^"\\ ]|\\.)*+ (?:[^"\\]|\\.)*+"')  # in JSON: words with a space between them, so no id
LETTERS = re.compile(r"[^\W_]+(?:[\s’'-]+[^\W_]+)*")


class Kept(MutableMapping[str, int]):
    """How many were looked at when nothing was found wrong, by the name of what that depends on."""

    def __init__(self, file: Path | None) -> None:
        """Take what an earlier run kept, if it was of this version.

        Args:
            file: where it stands; None to keep it in this process alone.

        """
        self._file = file
        self._by = hashlib.sha256(f"{code()}\0{CORE}\0{sys.version}".encode()).hexdigest()
        self._known: dict[str, int] = {}
        if file:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                read = json.loads(file.read_bytes())
                if read.get("by") == self._by:
                    self._known = {str(key): int(count) for key, count in read["found"].items()}

    def __getitem__(self, key: str) -> int:
        self._known[key] = found = self._known.pop(key)  # asked for last
        return found

    def __setitem__(self, key: str, count: int) -> None:
        self._known[key] = count

    def __delitem__(self, key: str) -> None:
        del self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def keep(self) -> None:
        """Write it for the next run; where nothing can be written, that one begins anew."""
        if self._file:
            found = dict(list(self._known.items())[-MOST:])
            with contextlib.suppress(OSError):
                store(self._file, json.dumps({"by": self._by, "found": found}).encode())


def kept_here() -> Kept:
    """What was kept in this checkout, or on this machine."""
    folder = BUILT.parent if in_checkout() else _cache() / "wegwijzer"
    return Kept(folder / "checked.json")


def _cache() -> Path:
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if named.startswith("/") else Path.home() / ".cache"


def shape(library: Library) -> str:
    """The name of a compiled rulebase without the letters of its texts: whether a page can be made depends on no more.

    Marks stay, for braces and brackets may mean something where a page is made.
    """
    said = {key: value for key, value in library.parts.items() if key != "digests"}
    written = msgspec.json.encode(said).decode()
    return hashlib.sha256(TEXT.sub(lambda text: LETTERS.sub("w", text[0]), written).encode()).hexdigest()
