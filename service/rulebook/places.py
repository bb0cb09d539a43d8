"""Where what a proof is about stands: the file and the line. Read only when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from service.proof.findings import Ref
from service.rulebook.schemas import Place
from service.rulebook.toml_files import TomlFile

NAMED_BY = ("id", "day")  # what tells one table of a list from another; its number, where it has neither
VOCABULARY = "vocabulary.toml"


class Places:
    """The tables of rules/, by the name of their list and by what they are called.

    Args:
        files: of rules/, as they were read.

    """

    def __init__(self, files: Iterable[TomlFile]) -> None:
        self._files = sorted(files, key=lambda file: file.part)

    @property
    def whole(self) -> tuple[str, int]:
        """Where a mistake stands that is of no table."""
        return next(file.at(()) for file in self._files if file.part == VOCABULARY)[0], 1

    def of(self, ref: Ref) -> tuple[str, int]:
        """The file and the line of something in rules/; of the vocabulary, where there is no such thing."""
        table, name, *keys = ref
        file, place = self._tables.get((table, str(name)), (None, ()))
        return file.at((*place, *keys)) if file else self.whole

    @cached_property
    def _tables(self) -> dict[tuple[str | int, str], tuple[TomlFile, Place]]:
        found: dict[tuple[str | int, str], tuple[TomlFile, Place]] = {}
        for file in self._files:
            for table, name, place in _named(file.raw):
                found.setdefault((table, name), (file, place))
        return found


def _named(read: dict[str, Any]) -> Iterator[tuple[str, str, Place]]:
    for table, items in read.items():
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                name = next((item[key] for key in NAMED_BY if key in item), number)
                yield table, str(name), (table, number)
                for answer in item.get("answers", ()) if item.get("several") else ():
                    yield "concern", answer, (table, number, "answers")
            else:
                yield table.removesuffix("s"), str(item), (table, number)
