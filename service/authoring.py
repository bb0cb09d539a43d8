"""What authors of rules/ and content/ get to see: every mistake with its file, line, place and mend.

Errors for authors show what was written. Errors for callers never do; those are in web/problems.py.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from service.core.errors import WegwijzerError


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is and how to mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """As `rules/huis.toml:12: …`, which editors can jump to."""
        return f"{self.file}:{self.line}: {self.message}"


class AuthorErrors(WegwijzerError):
    """All mistakes found in rules/ and content/ at once, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Problems:
    """Collects mistakes, so that an author sees all of them in one run."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: TomlFile, path: tuple[str | int, ...], message: str) -> None:
        """Note a mistake at a path of keys and indexes in a file."""
        self.found.append(Problem(file.name, file.line(path), message))

    def missing(self, root: Path, part: str, message: str) -> None:
        """Note a file that should be there."""
        self.found.append(Problem(f"{root.name}/{part}", 1, message))

    def stop_if_any(self) -> None:
        """Raise what was found.

        Raises:
            AuthorErrors: anything was found.

        """
        if self.found:
            raise AuthorErrors(self.found)


class TomlFile:
    """A TOML file with its place in the tree and the line each table and key stands on."""

    def __init__(self, root: Path, path: Path) -> None:
        self.name = f"{root.name}/{path.relative_to(root).as_posix()}"
        self.stem = path.stem
        self.text = path.read_text("utf-8")
        self.value: Any = None

    @property
    def data(self) -> dict[str, Any]:
        """What the schema made of the file, for schemas that make a table."""
        assert isinstance(self.value, dict)  # noqa: S101 - a schema with `made` is read through `value`
        return self.value

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of the deepest part of `path` that can be found; 1 if nothing of it can."""
        lines = self.text.splitlines()
        at, end, found = 0, len(lines), 1
        tables: list[str] = []
        for part in path:
            if isinstance(part, int):
                header = re.compile(rf"\s*\[\[{re.escape('.'.join(tables))}\]\]")
                starts = [number for number in range(at, end) if header.match(lines[number])]
                if part < len(starts):
                    at = starts[part]
                    end = starts[part + 1] if part + 1 < len(starts) else end
                    found = at + 1
                continue
            tables.append(part)
            key = re.compile(rf"\s*\"?{re.escape(part)}\"?\s*=|\s*\[\[?{re.escape('.'.join(tables))}\]")
            # The last key may be a word inside an inline table, on the line found so far or below it.
            inline = re.compile(rf"\b{re.escape(part)}\b\s*=")
            for pattern in (key, inline):
                hit = next(
                    (n for n in range(at, end) if pattern.search(lines[n]) and _matches(pattern, lines[n])),
                    None,
                )
                if hit is not None:
                    at, found = hit, hit + 1
                    break
        return found


def _matches(pattern: re.Pattern[str], line: str) -> bool:
    return bool(pattern.match(line) or "=" in line)


def read(root: Path, path: Path, schema: AuthorSchema, problems: Problems) -> TomlFile | None:
    """Read one file against its schema; None when it has mistakes, which are noted in `problems`."""
    try:
        file = TomlFile(root, path)
    except (OSError, UnicodeDecodeError) as error:
        problems.found.append(
            Problem(f"{root.name}/{path.relative_to(root).as_posix()}", 1, f"Cannot be read: {error}.")
        )
        return None
    try:
        raw = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else len(file.text.splitlines())
        problems.found.append(Problem(file.name, number, f"This is not TOML: {error}."))
        return None
    try:
        file.value = schema.load(raw)
    except ValidationError as error:
        assert isinstance(error.messages, dict)  # noqa: S101 - a schema that is not `many` gives a dict
        for path_, message in _flatten(error.messages):
            text = message
            if message == "Unknown field.":
                hint = did_you_mean(str(path_[-1]), schema.keys_at(path_[:-1]))
                text = f"The key {path_[-1]!r} is not known here.{hint}"
            elif message == "Missing data for required field.":
                text = f"The key {path_[-1]!r} is missing."
            problems.add(file, path_, text)
        return None
    return file


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """' Did you mean …?' when something known is near, else the list of what is known."""
    known = list(known)
    near = get_close_matches(given, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."


def _flatten(
    messages: Mapping[Any, Any], path: tuple[str | int, ...] = ()
) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for key, value in messages.items():
        here = path if key == "_schema" else (*path, key)
        if isinstance(value, Mapping):
            yield from _flatten(value, here)
        else:
            for message in value:
                yield here, message


class AuthorSchema(Schema):
    """A TOML table of ours: unknown keys are mistakes, not extras."""

    class Meta:
        unknown = RAISE

    def keys_at(self, path: tuple[str | int, ...]) -> list[str]:
        """The keys that are known at a path below this schema."""
        schema: Schema = self
        for part in path:
            if isinstance(part, int):
                continue
            inner: Any = schema.load_fields.get(part) or next(
                (f for f in schema.load_fields.values() if f.data_key == part), None
            )
            while isinstance(inner, fields.List):
                inner = inner.inner
            if not isinstance(inner, fields.Nested):
                return []
            schema = inner.schema
        return [f.data_key or name for name, f in schema.load_fields.items()]


class TomlDate(fields.Field[date]):
    """A date as TOML has it: 2019-06-20, without quotation marks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise ValidationError("Write a date as 2019-06-20, without quotation marks and without a time.")
        return value


class Text(fields.String):
    """A text that says something."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text.strip():
            raise ValidationError("This text is empty; write it, or leave the key out where it may be left out.")
        return text.strip()


class BothLanguages(AuthorSchema):
    """One text in Dutch and in English."""

    nl = Text(required=True)
    en = Text(required=True)


def both_languages(*, required: bool = False) -> fields.Nested:
    """A field for one text in Dutch and in English."""
    return fields.Nested(BothLanguages, required=True) if required else fields.Nested(BothLanguages, load_default=None)
