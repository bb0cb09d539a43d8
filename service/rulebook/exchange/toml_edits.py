"""Other values at places of a TOML file, in which every other byte stays as it was.

Knows the grammar of TOML and no rule or text. It finds where values stand and puts others there; whether that came out
right is asked of Python's own reader of TOML, each time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from service.core.errors import WegwijzerError
from service.rulebook.schemas import Place
from service.rulebook.toml_files import toml

Edits = Mapping[Place, Any]  # place -> a text, a day, a list of texts, or an inline table as a whole

SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
KEY = re.compile(r"""[ \t]*(?:([\w-]+)|("(?:\\.|[^"\\])*"|'[^']*'))[ \t]*""", re.ASCII)
BARE = re.compile(r"[\w-]+", re.ASCII)
TEXT = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|"(?:\\.|[^"\\])*"|' + r"'''.*?'{3,5}|'[^']*'", re.DOTALL)
PLAIN = re.compile(r"\d{4}-\d\d-\d\d [\d:.+Z-]+|[^\s,\]}#]+")


class EditError(WegwijzerError):
    """A value cannot be put at a place in the form in which the file is written."""


@dataclass
class _Table:
    """A table below a heading, or what stands above the first: where a line more can stand, and where each key ends."""

    end: int
    keys: list[tuple[Place, int]] = field(default_factory=list)

    def after(self, place: Place) -> int:
        """Where a line for a place stands best: below the last key that it shares most with."""

        def shared(key: Place) -> int:
            return next((n for n, two in enumerate(zip(key, place, strict=False)) if two[0] != two[1]), len(key))

        most = max((shared(key) for key, _ in self.keys), default=0)
        return max((end for key, end in self.keys if shared(key) == most), default=self.end)


class _Found:
    """Where everything stands in a text that is TOML: values, the same with their keys, and tables."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.values: dict[Place, tuple[int, int]] = {}
        self.entries: dict[Place, tuple[int, int]] = {}
        self.tables: dict[Place, _Table] = {(): _Table(0)}
        place, items = Place(), dict[Place, int]()
        self._space()
        while self.at < len(text):
            if text[self.at] == "[":
                brackets = 2 if text.startswith("[[", self.at) else 1
                self.at += brackets
                place = _below(self._key(), items, many=brackets == 2)
                self.at += brackets
                self.tables.setdefault(place, _Table(self._line_end()))
            else:
                key = self._entry(place)
                self.tables[place].keys.append((key, self._line_end()))
            self._space()

    def _space(self) -> None:
        self._take(SPACE)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        if not (found := pattern.match(self.text, self.at)):
            raise EditError("The form of this file is not known here.")
        self.at = found.end()
        return found

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end + 1

    def _key(self) -> Place:
        names: list[str] = []
        while True:
            bare, quoted = self._take(KEY).groups()
            names.append(bare or tomllib.loads(f"key = {quoted}")["key"])
            if self.text[self.at] != ".":
                return tuple(names)
            self.at += 1

    def _entry(self, table: Place) -> Place:
        start = self.at
        place = (*table, *self._key())
        self.at += 1  # the = between them
        self._space()
        self._value(place)
        self.entries[place] = (start, self.at)
        return place

    def _value(self, place: Place) -> None:
        start, first = self.at, self.text[self.at]
        if first in "[{":
            self._parts(place, "]" if first == "[" else "}")
        else:
            self._take(TEXT if first in "\"'" else PLAIN)
        self.values[place] = (start, self.at)

    def _parts(self, place: Place, end: str) -> None:
        self.at += 1
        self._space()
        count = 0
        while self.text[self.at] != end:
            if end == "}":
                self._entry(place)
            else:
                self._value((*place, count))
            count += 1
            self._space()
            if self.text[self.at] == ",":
                self.at += 1
                self._space()
        self.at += 1


def _below(names: Place, items: dict[Place, int], *, many: bool) -> Place:
    """The place of a heading, with the numbers of the items that it is in."""
    place: Place = ()
    for number, name in enumerate(names, 1):
        place = (*place, name)
        if many and number == len(names):
            items[place] = items.get(place, -1) + 1
        if place in items:
            place = (*place, items[place])
    return place


def edited(text: str, edits: Edits) -> str:
    """The text of a file with other values at some places.

    Args:
        text: TOML.
        edits: a key that is not there yet is a line more in its table; an item one beyond the last of a list of tables
            is a table more, at the end of the file.

    Raises:
        EditError: the form of the file does not let one of them.

    """
    found = _Found(text)
    pieces, added = list[tuple[int, int, str]](), dict[Place, list[str]]()
    for place, value in edits.items():
        if span := found.values.get(place):
            pieces.append((*span, _in_form(found, place, value)))
            continue
        known = next(size for size in range(len(place) - 1, -1, -1) if place[:size] in found.tables)
        size = max((number + 1 for number in range(known, len(place)) if isinstance(place[number], int)), default=known)
        line = f"{_dotted(place[size:])} = {toml(value)}\n"
        if size > known:
            added.setdefault(place[:size], []).append(line)
        else:
            at = found.tables[place[:size]].after(place)
            pieces.append((at, at, line if text[:at].endswith("\n") or not at else f"\n{line}"))
    made, done = list[str](), 0
    for start, end, piece in sorted(pieces, key=lambda one: one[:2]):
        made += [text[done:start], piece]
        done = end
    made.append(text[done:])
    if added and text and not text.endswith("\n"):
        made.append("\n")
    made += [f"\n[[{_dotted(item)}]]\n{''.join(lines)}" for item, lines in added.items()]
    whole = "".join(made).lstrip("\n" if not text else "")
    expected = tomllib.loads(text)
    with suppress(tomllib.TOMLDecodeError, LookupError, TypeError, AttributeError):
        for place, value in edits.items():
            _put(expected, place, value)
        if tomllib.loads(whole) == expected:
            return whole
    raise EditError("The form of this file does not let it.")


def _in_form(found: _Found, place: Place, value: Any) -> str:
    """A value in the form of the one that it comes instead of."""
    start, end = found.values[place]
    old = found.text[start:end]
    if isinstance(value, Mapping) and old.startswith("{"):
        was = tomllib.loads(f"it = {old}")["it"]
        parts = [
            found.text[slice(*found.entries[here])]
            if (here := (*place, key)) in found.entries and was[key] == one
            else f"{_dotted((key,))} = {toml(one)}"
            for key, one in value.items()
        ]
        return f"{{ {', '.join(parts)} }}"
    if isinstance(value, list) and "\n" in old:
        return "\n".join(["[", *(f"    {toml(one)}," for one in value), "]"])
    if isinstance(value, str) and old.startswith('"""'):
        begin = '"""\n' if old.startswith('"""\n') else '"""'
        return begin + toml(value)[1:-1].replace("\\n", "\n").replace('\\"', '"') + '"""'
    return toml(value)


def _dotted(place: Place) -> str:
    names = [part for part in place if isinstance(part, str)]
    return ".".join(name if BARE.fullmatch(name) else toml(name) for name in names)


def _put(data: Any, place: Place, value: Any) -> None:
    """The same in what the file says."""
    *above, last = place
    for part, then in zip(above, place[1:], strict=True):
        empty: Any = [] if isinstance(then, int) else {}
        if isinstance(part, int):
            if part == len(data):
                data.append(empty)
            data = data[part]
        else:
            data = data.setdefault(part, empty)
    data[last] = value
