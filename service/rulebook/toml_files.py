"""What authors of rules/ and content/ get to see: every mistake with its file, line, place and mend.

Errors for authors show what was written. Errors for callers never do; those are in web/problems.py.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from marshmallow import ValidationError
from marshmallow.experimental.context import Context

from service.core.errors import WegwijzerError
from service.rulebook.known import Known, did_you_mean
from service.rulebook.languages import Languages
from service.rulebook.older import modern
from service.rulebook.schemas import MISSING_KEY, UNKNOWN_KEY, AuthorSchema, Place

HEADER = re.compile(r"\s*\[(\[?)([^\[\]]+)\]")
BLANK = re.compile(r"\s*(#|$)")
KEY = re.compile(r"""\s*([\w.-]+|"[^".]+"|'[^'.]+')\s*=""")
TOML, DOCUMENT, EXPLAINS = ".toml", ".txt", "README.md"
TOML_HINTS = {
    "Cannot overwrite a value": "This key stands in its table twice; keep one, or write the missing [[…]] above it.",
    "Cannot declare": "This table stands here twice; keep one, or write the missing [[…]] above it.",
    "Invalid value": "A text stands between quotation marks; a date, true and false do not.",
    "Illegal character": "A text ends on its own line, with a quotation mark.",
    "Unclosed array": "Here or above a list lacks its ], or a comma between its items.",
    "Unclosed inline table": "A table between braces lacks its } here, or a comma between its items.",
    "Invalid initial character for a key": "A table between braces stands on one line, without a comma before its }.",
    "Expected '='": "Between a name or a sentence and what it says stands an =.",
    "Invalid date": "Write a date that exists, as 2019-06-20.",
}
ONE_OF = "Must be one of: "
PLAIN = {
    "Not a valid string.": "is a text; write it between quotation marks.",
    "Not a valid list.": 'is a list; write it between square brackets, such as ["one", "two"].',
    "Not a valid boolean.": "is true or false, without quotation marks.",
    "Not a valid integer.": "is a whole number, without quotation marks.",
    "Not a valid mapping type.": "is a table; give each of its keys a value.",
    "Invalid input type.": "is a table; give each of its keys a value.",
    "Shorter than minimum length 1.": "is empty; at least one is needed.",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is and how to mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """As `rules/huis.toml:12: …`, which editors can jump to."""
        return f"{self.file}:{self.line}: {self.message}"


class AuthoringError(WegwijzerError):
    """All mistakes found in rules/ and content/ at once, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Problems:
    """Collects mistakes, so that an author sees all of them in one run."""

    found: list[Problem] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)  # the files that were looked at

    def add(self, file: TomlFile | Beside, path: Place, message: str) -> None:
        """Note a mistake at a path of keys and indexes in a file."""
        self.found.append(Problem(file.name, file.line(path), message))

    def missing(self, root: Path, part: str, message: str) -> None:
        """Note a file that should be there."""
        self.found.append(Problem(_name(root, root / part), 1, message))

    def stop_if_any(self) -> None:
        """Raise what was found.

        Raises:
            AuthoringError: anything was found.

        """
        if self.found:
            raise AuthoringError(self.found)


def only_ours(root: Path, problems: Problems, read: Collection[Path] | None = None) -> None:
    """Note what stands in a folder of ours and would be passed over, or be read from elsewhere.

    Args:
        root: rules/ or content/. What begins with a dot in it is no concern of ours.
        problems: to note it in.
        read: the files that are read; None where that is not known.

    """
    for path in _seen(root):
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            message = "This is a link out of the folder; put the file itself here."
        elif path.is_dir() or path.name == EXPLAINS:
            continue
        elif path.suffix not in (TOML, DOCUMENT):
            mend = f"Rename it to {path.stem}{TOML}." if path.suffix.lower() == TOML else "Rename it, or take it away."
            message = f"This file is not read: its name must end in {TOML}, in small letters. {mend}"
        elif read is None or path in read:
            continue
        elif path.suffix == TOML:
            message = "Nothing reads a file of this name in this place; rename it, move it, or take it away."
        else:
            message = "No source has this file as its `text`; name it there, or take it away."
        problems.missing(root, path.relative_to(root).as_posix(), message)


def _seen(root: Path) -> Iterable[Path]:
    for path in sorted(root.rglob("*")):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


class Table:
    """Notes mistakes in one table of a file."""

    def __init__(self, file: TomlFile, problems: Problems, *place: str | int) -> None:
        self._file, self._problems, self._place = file, problems, place

    def say(self, message: str, *place: str | int) -> None:
        """Note a mistake at a place in the table."""
        self._problems.add(self._file, (*self._place, *place), message)

    def among(self, given: str, known: Iterable[str], what: str, *place: str | int) -> bool:
        """Whether a word is one of those that are known; where it is not, note what it is not, and what was meant."""
        known = list(known)
        if given in known:
            return True
        self.say(f"{given!r} {what}.{did_you_mean(given, known)}", *place)
        return False


class TomlFile:
    """A TOML file with its place in the tree and the line each table and key stands on."""

    def __init__(self, root: Path, path: Path) -> None:
        self.name, self.path = _name(root, path), path
        self.stem = path.stem
        self.text = path.read_text("utf-8-sig")
        self.value: Any = None
        self.beside: dict[str, Beside] = {}  # per language that has a folder: what it adds to this file

    @property
    def data(self) -> dict[str, Any]:
        """What the schema made of the file, for schemas that make a table."""
        assert isinstance(self.value, dict)  # noqa: S101 - a schema with `made` is read through `value`
        return self.value

    def of(self, language: str) -> TomlFile | Beside:
        """Where the texts of a language for this file are written: here, or in the folder of the language."""
        return self.beside.get(language, self)

    def line(self, path: Place) -> int:
        """The line of the deepest part of `path` that can be found; 1 if nothing of it can."""
        known = next(length for length in range(len(path), -1, -1) if path[:length] in self._places)
        found = self._places[path[:known]]
        # What is left may be a word inside an inline table or list, on that line or below it, before the next key.
        lines = self.text.splitlines()
        end = min((place for place in self._places.values() if place > found), default=len(lines) + 1)
        for part in path[known:]:
            if isinstance(part, int) and lines[found - 1].rstrip().endswith("["):  # a list with an item per line
                items = [line for line in range(found + 1, end) if not BLANK.match(lines[line - 1])]
                found = items[part] if part < len(items) else found
            word = re.compile(rf"(?<![\w-])\"?{re.escape(str(part))}\"?\s*=")
            found = next((line for line in range(found, end) if word.search(lines[line - 1])), found)
        return found

    @cached_property
    def _places(self) -> dict[Place, int]:
        """The line of each table, each item of a list of tables and each key, by their path."""
        places: dict[Place, int] = {(): 1}
        items: dict[Place, int] = {}
        table: Place = ()
        inside = ""  # the mark that ends the text of several lines in which a line stands
        for number, line in enumerate(self.text.splitlines(), 1):
            if inside:
                inside = "" if inside in line else inside
                continue
            if header := HEADER.match(line):
                *above, last = (name.strip(" \"'") for name in header[2].split("."))
                table = ()
                for name in above:
                    table = (*table, name)
                    table = (*table, items[table]) if table in items else table
                table = (*table, last)
                places.setdefault(table, number)
                if header[1]:
                    items[table] = items.get(table, -1) + 1
                    table = (*table, items[table])
                    places[table] = number
            elif key := KEY.match(line):
                names = tuple(name.strip("\"'") for name in key[1].split("."))
                for length in range(1, len(names)):
                    places.setdefault((*table, *names[:length]), number)
                places[(*table, *names)] = number
            inside = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
        return places


def _name(root: Path, path: Path) -> str:
    return f"{root.resolve().name}/{path.relative_to(root).as_posix()}"


def read(root: Path, path: Path, schema: AuthorSchema, problems: Problems, known: Known) -> TomlFile | None:
    """Read one file against its schema, with what the folder of each language adds to it.

    Args:
        root: rules/ or content/.
        path: of the file.
        schema: what it must hold.
        problems: where mistakes are noted.
        known: what it may name, and in which languages each text must stand.

    Returns:
        The file; None when it has mistakes.

    """
    opened = _open(root, path, problems)
    if opened is None:
        return None
    file, raw = opened
    languages = known.languages
    if known.older:
        modern(raw)
    for language in languages.in_folders:
        _add(file, raw, language, root, languages, problems)
    try:
        with Context(known):
            file.value = schema.load(raw)
    except ValidationError as error:
        assert isinstance(error.messages, dict)  # noqa: S101 - a schema that is not `many` gives a dict
        _note(file, raw, dict(_flatten(error.messages)), schema, problems, languages)
        return None
    return file


def each(
    root: Path, part: str, schema: AuthorSchema, problems: Problems, known: Known, key: str = "id"
) -> dict[str, TomlFile]:
    """Every file of a folder of content/, by the id it gives, which must be its name."""
    found = {}
    for path in sorted((root / part).glob("*.toml")):
        file = read(root, path, schema, problems, known)
        if file is None:
            continue
        name = file.value[key] if isinstance(file.value, Mapping) else getattr(file.value, key)
        if name != file.stem:
            told = f"This file is called {file.stem}.toml, so its {key} is {file.stem!r}, not {name!r}."
            problems.add(file, (key,), told)
        found[file.stem] = file
    return found


class Beside:
    """What the folder of a language adds to a file: the lines of its own file, found by the places of the other."""

    def __init__(self, name: str, file: TomlFile | None) -> None:
        self.name, self._file = name, file
        self.items: dict[Place, Place] = {(): ()}  # item of a list in the other file -> in this one

    def line(self, place: Place) -> int:
        """The line for a place in the other file; 1 where this one has nothing of it."""
        known = next(length for length in range(len(place), -1, -1) if place[:length] in self.items)
        rest = place[known:]
        index = next((number for number, part in enumerate(rest) if isinstance(part, int)), len(rest))
        return self._file.line((*self.items[place[:known]], *rest[:index])) if self._file else 1


def _add(
    file: TomlFile, raw: dict[str, Any], language: str, root: Path, languages: Languages, problems: Problems
) -> None:
    """Add to what a file says the texts that the folder of a language has for it."""
    path = languages.beside(language, root, file.path)
    name = _name(languages.content, path)
    opened = _open(languages.content, path, problems) if path.exists() else None
    beside = file.beside[language] = Beside(name, opened[0] if opened else None)

    def merge(written: TomlFile, into: dict[str, Any], adds: Mapping[str, Any], place: Place, here: Place) -> None:
        for key, value in adds.items():
            old: Any = into.get(key)
            if key == language:
                into[key] = value
            elif isinstance(old, dict) and isinstance(value, dict):
                merge(written, old, value, (*place, key), (*here, key))
            elif _tables(old) and _tables(value):
                for number, item in enumerate(value):
                    repeats = [_repeated(item, one) or 0 for one in old]
                    found = [index for index, much in enumerate(repeats) if much and much == max(repeats)]
                    for index in found:
                        beside.items[(*place, key, index)] = (*here, key, number)
                        merge(written, old[index], item, (*place, key, index), (*here, key, number))
                    if not found:
                        told = f"This belongs to nothing in {file.name}: what it repeats of it does not stand so there."
                        problems.add(written, (*here, key, number), told)
            elif old != value:
                told = f"{key!r} is no text of the language {language!r}, and does not stand so in {file.name}."
                problems.add(written, (*here, key), told)

    if opened:
        merge(opened[0], raw, opened[1], (), ())


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _repeated(item: Mapping[str, Any], other: Mapping[str, Any]) -> int | None:
    """How much an item repeats of another, to say where it belongs; None where it says something else."""
    found = 0
    for key in item.keys() & other.keys():
        mine, theirs = item[key], other[key]
        if isinstance(mine, dict) and isinstance(theirs, dict):
            inside = _repeated(mine, theirs)
        else:
            inside = 0 if _tables(mine) else 1 if mine == theirs else None
        if inside is None:
            return None
        found += inside
    return found


def _open(root: Path, path: Path, problems: Problems) -> tuple[TomlFile, dict[str, Any]] | None:
    """A file and what it says; None when it cannot be read."""
    problems.read.add(path)
    try:
        file = TomlFile(root, path)
    except FileNotFoundError:
        problems.missing(root, path.relative_to(root).as_posix(), "This file is missing; add it.")
        return None
    except UnicodeDecodeError:
        problems.missing(root, path.relative_to(root).as_posix(), "This file is not UTF-8; save it as UTF-8.")
        return None
    except OSError as error:
        problems.missing(root, path.relative_to(root).as_posix(), f"This file cannot be read: {error.strerror}.")
        return None
    try:
        return file, tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else max(len(file.text.splitlines()), 1)
        hint = next((f" {hint}" for start, hint in TOML_HINTS.items() if str(error).startswith(start)), "")
        problems.found.append(Problem(file.name, number, f"This is not TOML: {error}.{hint}"))
        return None


def _note(
    file: TomlFile,
    raw: Any,
    found: Mapping[Place, str],
    schema: AuthorSchema,
    problems: Problems,
    languages: Languages,
) -> None:
    """Note what marshmallow found, as an author can act on it, where it was written."""
    meant = {_meant(place, schema, languages) for place, message in found.items() if message == UNKNOWN_KEY}
    for place, message in found.items():
        spelled, language = schema.spelled(place)
        if message == MISSING_KEY and spelled in meant:
            continue
        if not language and place[0] in file.beside:
            language = str(place[0])
        said = _whose(place, raw, schema) + _mend(message, spelled, raw, schema.keys_at(place[:-1], languages))
        if language not in file.beside:
            problems.add(file, spelled, said)
        elif message == MISSING_KEY:
            where = f"{file.name}:{file.line(spelled)}"
            problems.add(file.beside[language], spelled, f"{said} It goes with what stands at {where}.")
        else:
            problems.add(file.beside[language], spelled, said)


def _whose(place: Place, raw: Any, schema: AuthorSchema) -> str:
    """Of which table of a list a mistake is told, for those that have a name."""
    if len(place) < 2 or place[0] not in schema.named:
        return ""
    table, index = place[:2]
    with suppress(LookupError, TypeError):
        return f"{table} {raw[table][index][schema.named[str(table)]]!r}: "
    return ""


def _meant(place: Place, schema: AuthorSchema, languages: Languages) -> Place:
    """The key that an unknown one was probably meant to be."""
    near = get_close_matches(str(place[-1]), schema.keys_at(place[:-1], languages), n=1)
    return (*schema.spelled(place[:-1])[0], *near)


def _mend(message: str, path: Place, raw: Any, keys: list[str]) -> str:
    """What marshmallow says, as an author can act on it."""
    if message == UNKNOWN_KEY:
        return f"The key {path[-1]!r} is not known here.{did_you_mean(str(path[-1]), keys)}"
    if message == MISSING_KEY:
        return f"The key {path[-1]!r} is missing."
    key, value = "", raw
    for part in path:
        with suppress(LookupError, TypeError):  # a check may point at a key that is not there
            value = value[part]
            key = part if isinstance(part, str) else key
    tables = ".".join(part for part in path if isinstance(part, str))
    if message.startswith(ONE_OF):
        return f"{value!r} is not possible for {key!r}.{did_you_mean(value, message[len(ONE_OF) : -1].split(', '))}"
    if message == "Not a valid list." and isinstance(value, Mapping):
        return f"There can be several of these, so write [[{tables}]], between double brackets."
    if message == "Invalid input type." and isinstance(value, list):
        return f"There is one of these, so write [{tables}], between single brackets."
    if message in PLAIN:
        return f"{key!r} {PLAIN[message]}"
    return message


def _flatten(messages: Mapping[Any, Any], path: Place = ()) -> Iterable[tuple[Place, str]]:
    for key, value in messages.items():
        here = path if key == "_schema" else (*path, key)
        if isinstance(value, Mapping):
            yield from _flatten(value, here)
        else:
            for message in value:
                yield here, message
