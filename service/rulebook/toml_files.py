"""What authors of rules/ and content/ get to see: every mistake with its file, line, place and mend.

Errors for authors show what was written. Errors for callers never do; those are in web/problems.py.
"""

from __future__ import annotations

import json
import pickle
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from marshmallow import ValidationError
from marshmallow.experimental.context import Context

from service.core.cubes import PrimeCubes
from service.core.errors import WegwijzerError
from service.core.graph import Roots
from service.rulebook.known import Known
from service.rulebook.languages import Languages
from service.rulebook.messages import ENGLISH, Message, did_you_mean
from service.rulebook.older import modern
from service.rulebook.overlay import BASE, OVERLAY, OverlayError, base_of, extends, laid, lies, within
from service.rulebook.schemas import MISSING_KEY, UNKNOWN_KEY, AuthorSchema, Place
from service.rulebook.slips import slip

HEADER = re.compile(r"\s*\[(\[?)([^\[\]]+)\]")
BLANK = re.compile(r"\s*(#|$)")
KEY = re.compile(r"""\s*([\w.-]+|"[^".]+"|'[^'.]+')\s*=""")
TOML, DOCUMENT, EXPLAINS = ".toml", ".txt", "README.md"
ONE_OF = "Must be one of: "
PLAIN = {  # what marshmallow says, and our message for it
    "Not a valid string.": "not_a_text",
    "Not a valid list.": "not_a_list",
    "Not a valid boolean.": "not_a_boolean",
    "Not a valid integer.": "not_an_integer",
    "Not a valid mapping type.": "not_a_table",
    "Invalid input type.": "not_a_table",
    "Shorter than minimum length 1.": "too_few",
}


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is and how to mend it; `whose` names the table that it is in."""

    file: str
    line: int
    message: Message
    whose: Message | None = None
    also: tuple[tuple[str, int], ...] = ()  # where else an author would look

    def said(self, language: str = ENGLISH) -> str:
        """What is wrong, and the mend."""
        whose = self.whose.tell(language) if self.whose else ""
        also = ", ".join(f"{file}:{line}" for file, line in self.also)
        more = Message("see_also", {"places": also}).tell(language) if also else ""
        more += Message("of_base").tell(language) if of_base(self.file) else ""
        return f"{whose}{self.message.tell(language)}{more}"

    def tell(self, language: str = ENGLISH) -> str:
        """As `rules/huis.toml:12: …`, which editors can jump to."""
        return f"{self.file}:{self.line}: {self.said(language)}"

    def __str__(self) -> str:
        return self.tell()


class AuthoringError(WegwijzerError):
    """All mistakes found in rules/ and content/ at once, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, sorted by file and line."""
    found = {(one.file, one.line, str(one)): one for one in problems}
    return tuple(found[key] for key in sorted(found))


class Memo:
    """What files were made into by what they said, for whoever reads them again and again in one process.

    Attributes:
        roots: of the decision graphs that were made; grows.
        cubes: the prime cubes that were found; grows.

    """

    def __init__(self) -> None:
        self._known: dict[object, bytes] = {}
        self.roots, self.cubes = Roots(), PrimeCubes()

    def made(self, key: object, make: Callable[[], Any]) -> Any:
        """What `make` gives, or a copy of what it gave for this key; mistakes are not kept."""
        if key not in self._known:
            self._known[key] = pickle.dumps(make())
        return pickle.loads(self._known[key])  # noqa: S301 - of this process


@dataclass
class Problems:
    """Collects mistakes, so that an author sees all of them in one run."""

    found: list[Problem] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)  # the files that were looked at
    files: list[TomlFile] = field(default_factory=list)  # those that could be read, in the order of reading
    memo: Memo | None = None

    def add(
        self, file: TomlFile | Beside, path: Place, id_: str, whose: Message | None = None, /, **values: Any
    ) -> None:
        """Note a mistake at a path of keys and indexes in a file: the id of a message, and what it fills in."""
        self.note(file, path, Message(id_, values), whose)

    def note(self, file: TomlFile | Beside, path: Place, message: Message, whose: Message | None = None) -> None:
        """Note a mistake of which there is a message."""
        self.found.append(Problem(*file.at(path), message, whose))

    def missing(self, root: Path, part: str, id_: str, /, **values: Any) -> None:
        """Note what is wrong with a file as a whole."""
        self.found.append(Problem(_name(root, root / part), 1, Message(id_, values)))

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
        root: rules/ or content/. What begins with a dot in it is no concern of ours, but for what ends in .toml.
        problems: to note it in.
        read: the files that are read; None where that is not known.

    """
    for path in _seen(root):
        part = path.relative_to(root).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            problems.missing(root, part, "link_out_of_folder")
        elif path.is_dir() or path.name == EXPLAINS:
            continue
        elif path.name.startswith("."):
            problems.missing(root, part, "hidden_file")
        elif path.suffix.lower() == TOML and path.suffix != TOML:
            problems.missing(root, part, "ending_in_capitals", name=f"{path.stem}{TOML}")
        elif path.suffix not in (TOML, DOCUMENT):
            problems.missing(root, part, "other_ending")
        elif read is None or path in read:
            continue
        else:
            problems.missing(root, part, "nothing_reads_it" if path.suffix == TOML else "document_of_no_source")


def _seen(root: Path) -> Iterable[Path]:
    """What stands in a folder and was meant to be read; a Mac puts ._huis.toml beside huis.toml."""
    for path in sorted(root.rglob("*")):
        *folders, name = path.relative_to(root).parts
        if not any(part.startswith(".") for part in folders) and _meant_to_be_read(name):
            yield path


def _meant_to_be_read(name: str) -> bool:
    return not name.startswith(".") or name.lower().endswith(TOML)


class Table:
    """Notes mistakes in one table of a file."""

    def __init__(
        self, file: TomlFile | Beside, problems: Problems, *place: str | int, whose: Message | None = None
    ) -> None:
        self._file, self._problems, self._place, self._whose = file, problems, place, whose

    def say(self, id_: str, /, *place: str | int, **values: Any) -> None:
        """Note a mistake at a place in the table: the id of a message, and what it fills in."""
        self._problems.add(self._file, (*self._place, *place), id_, self._whose, **values)

    def among(self, given: str, known: Iterable[str], id_: str, /, *place: str | int, **values: Any) -> bool:
        """Whether a word is one of those that are known; where it is not, say what it is not, and what was meant."""
        known = list(known)
        if given in known:
            return True
        self.say(id_, *place, given=given, hint=did_you_mean(given, known), **values)
        return False


class TomlFile:
    """A TOML file with its place in the tree and the line each table and key stands on.

    In an overlay it says what its own file and that of the base say together; `base` is the latter, where it has both.
    """

    def __init__(self, root: Path, path: Path) -> None:
        self.name, self.path = _name(root, path), path
        self.part = path.relative_to(root).as_posix()
        self.stem = path.stem
        at, below = lies(root, path), base_of(root)
        self.text = at.read_text("utf-8-sig")
        self.own = at == path  # else all of it is of the base
        self.base: TomlFile | None = None
        self.places: dict[Place, tuple[bool, Place]] = {}
        self.wins: list[Place] = []
        if below and self.own and (below / self.part).is_file():
            self.base = TomlFile(below, below / self.part)
            self.base.name, self.base.own = f"{BASE}/{self.name}", False
        elif not self.own:
            self.name = f"{BASE}/{self.name}"
        self.raw: dict[str, Any] = {}  # what it says, with what the folder of each language adds
        self.value: Any = None  # what its schema made of that
        self.beside: dict[str, Beside] = {}  # per language that has a folder: what it adds to this file

    @property
    def data(self) -> dict[str, Any]:
        """What the schema made of the file, for schemas that make a table."""
        assert isinstance(self.value, dict)  # noqa: S101 - a schema with `made` is read through `value`
        return self.value

    def of(self, language: str) -> TomlFile | Beside:
        """Where the texts of a language for this file are written: here, or in the folder of the language."""
        return self.beside.get(language, self)

    def at(self, place: Place) -> tuple[str, int]:
        """The file and the line of something that it says."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.places:
                of_base_, start = self.places[place[:length]]
                file = self.base if of_base_ and self.base else self
                return file.name, file.line((*start, *place[length:]))
        return self.name, self.line(place)

    def line(self, path: Place) -> int:
        """The line in its own text of the deepest part of `path` that can be found; 1 if nothing of it can."""
        known = next(length for length in range(len(path), -1, -1) if path[:length] in self._places)
        found = self._places[path[:known]]
        if known == len(path):
            return found
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


def stamps(folders: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """When each file that authors write was saved last, and how long it is: others mean that something was saved."""
    found = {}
    for folder in folders:
        for path in folder.rglob("*.t*"):
            try:
                state = path.stat()
            except OSError:  # taken away meanwhile
                continue
            found[path] = (state.st_mtime_ns, state.st_size)
    return found


def extended(root: Path) -> str:
    """The digest of what an overlay extends, by one of its folders; "" where it is no overlay.

    Raises:
        AuthoringError: that is not there.

    """
    try:
        base_of(root)
        return extends(root)
    except OverlayError as error:
        raise AuthoringError([Problem(OVERLAY, error.line, error.message)]) from None


def of_base(file: str) -> bool:
    """Whether a file, by the name that authors read, is of the base of an overlay."""
    return file.startswith(f"{BASE}/")


def toml(value: Any) -> str:
    """A value as TOML has it on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)


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
    file, languages = merged(root, path, problems, known.languages, older=known.older), known.languages
    if file is None:
        return None
    raw = file.raw
    try:
        with Context(known):
            if problems.memo:
                said = (type(schema), pickle.dumps(raw), known.name)
                file.value = problems.memo.made(said, lambda: schema.load(raw))
            else:
                file.value = schema.load(raw)
    except ValidationError as error:
        assert isinstance(error.messages, dict)  # noqa: S101 - a schema that is not `many` gives a dict
        _note(file, raw, dict(_flatten(error.messages)), schema, problems, languages)
        return None
    return file


def merged(root: Path, path: Path, problems: Problems, languages: Languages, *, older: bool = False) -> TomlFile | None:
    """One file as it was written, with what the folder of each language adds to it, not held against any schema.

    Args:
        root: rules/ or content/.
        path: of the file.
        problems: where mistakes are noted.
        languages: of the rulebase.
        older: whether it may be of before the notation of today.

    Returns:
        The file; None when it cannot be read.

    """
    opened = _open(root, path, problems)
    if opened is None:
        return None
    file, raw = opened
    if older:
        modern(raw)
    for language in languages.in_folders:
        _add(file, raw, language, root, languages, problems)
    return file


def each(
    root: Path, part: str, schema: AuthorSchema, problems: Problems, known: Known, key: str = "id"
) -> dict[str, TomlFile]:
    """Every file of a folder of content/, by the id it gives, which must be its name."""
    found = {}
    for path in within(root, part):
        file = read(root, path, schema, problems, known)
        if file is None:
            continue
        name = file.value[key] if isinstance(file.value, Mapping) else getattr(file.value, key)
        if name != file.stem:
            problems.add(file, (key,), "other_id_than_file", key=key, stem=file.stem, given=name)
        found[file.stem] = file
    return found


class Beside:
    """What the folder of a language adds to a file: the lines of its own file, found by the places of the other."""

    def __init__(self, name: str, file: TomlFile | None) -> None:
        self.name, self._file = name, file
        self.items: dict[Place, Place] = {(): ()}  # item of a list in the other file -> in this one
        self.raw: Mapping[str, Any] = file.raw if file else {}

    def at(self, place: Place) -> tuple[str, int]:
        """The file and the line for a place in the other file; line 1 where this one has nothing of it."""
        known = next(length for length in range(len(place), -1, -1) if place[:length] in self.items)
        rest = place[known:]
        index = next((number for number, part in enumerate(rest) if isinstance(part, int)), len(rest))
        return self._file.at((*self.items[place[:known]], *rest[:index])) if self._file else (self.name, 1)


def _add(
    file: TomlFile, raw: dict[str, Any], language: str, root: Path, languages: Languages, problems: Problems
) -> None:
    """Add to what a file says the texts that the folder of a language has for it."""
    path = languages.beside(language, root, file.path)
    name = _name(languages.content, path)
    opened = _open(languages.content, path, problems) if lies(languages.content, path).exists() else None
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
                    repeats = [repeated(item, one, language) or 0 for one in old]
                    found = [index for index, much in enumerate(repeats) if much and much == max(repeats)]
                    for index in found:
                        beside.items[(*place, key, index)] = (*here, key, number)
                        merge(written, old[index], item, (*place, key, index), (*here, key, number))
                    if not found:
                        problems.add(written, (*here, key, number), "belongs_to_nothing", file=file.name)
            elif old != value:
                said = {"key": key, "language": language, "file": file.name}
                problems.add(written, (*here, key), "no_text_of_language", **said)

    if opened:
        merge(opened[0], raw, opened[1], (), ())


def _tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def repeated(item: Mapping[str, Any], other: Mapping[str, Any], language: str) -> int | None:
    """How much an item repeats of another, to say where it belongs; None where it says something else.

    It belongs to those of which it repeats most; what it adds, in its own language, says nothing of that.
    """
    found = 0
    for key in (item.keys() & other.keys()) - {language}:
        mine, theirs = item[key], other[key]
        if isinstance(mine, dict) and isinstance(theirs, dict):
            inside = repeated(mine, theirs, language)
        else:
            inside = 0 if _tables(mine) else 1 if mine == theirs else None
        if inside is None:
            return None
        found += inside
    return found


def _open(root: Path, path: Path, problems: Problems) -> tuple[TomlFile, dict[str, Any]] | None:
    """A file and what it says; None when it cannot be read."""
    problems.read.add(path)
    part = path.relative_to(root).as_posix()
    if path.name.startswith("."):
        problems.missing(root, part, "hidden_file")
        return None
    try:
        file = TomlFile(root, path)
    except FileNotFoundError:
        problems.missing(root, part, "file_missing")
        return None
    except UnicodeDecodeError:
        problems.missing(root, part, "not_utf_8")
        return None
    except OSError as error:
        problems.missing(root, part, "cannot_be_read", reason=error.strerror)
        return None
    said = [_parsed(one, problems) for one in (file, file.base) if one]
    if None in said:
        return None
    file.raw, *base = [one or {} for one in said]
    if file.own and base_of(root):
        file.raw, file.places, file.wins = laid(file.raw, base[0] if base else {}, partial(problems.note, file))
    problems.files.append(file)
    return file, file.raw


def _parsed(file: TomlFile, problems: Problems) -> dict[str, Any] | None:
    """What a file says by itself; None when that is no TOML."""
    parse = partial(tomllib.loads, file.text)
    try:
        found: dict[str, Any] = problems.memo.made(file.text, parse) if problems.memo else parse()
    except tomllib.TOMLDecodeError as error:
        line, message = slip(file.text, str(error))
        problems.found.append(Problem(file.name, line, message))
        return None
    return found


def _note(
    file: TomlFile,
    raw: Any,
    found: Mapping[Place, str | Message],
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
        whose, keys = _whose(place, raw, schema), schema.keys_at(place[:-1], languages)
        said = _mend(message, spelled, raw, keys, named=whose is not None)
        if language not in file.beside:
            problems.note(file, spelled, said, whose)
        elif message == MISSING_KEY:
            where = ":".join(map(str, file.at(spelled)))
            problems.add(file.beside[language], spelled, "missing_text", whose, key=spelled[-1], where=where)
        else:
            problems.note(file.beside[language], spelled, said, whose)


def _whose(place: Place, raw: Any, schema: AuthorSchema) -> Message | None:
    """Of which table of a list a mistake is told, for those that have a name."""
    if len(place) < 2 or place[0] not in schema.named:
        return None
    table, index = place[:2]
    with suppress(LookupError, TypeError):
        return Message(f"in_{table}", {"id": raw[table][index][schema.named[str(table)]]})
    return None


def _meant(place: Place, schema: AuthorSchema, languages: Languages) -> Place:
    """The key that an unknown one was probably meant to be."""
    near = get_close_matches(str(place[-1]), schema.keys_at(place[:-1], languages), n=1)
    return (*schema.spelled(place[:-1])[0], *near)


def _mend(message: str | Message, path: Place, raw: Any, keys: list[str], named: bool) -> Message:
    """What marshmallow says, as an author can act on it."""
    if isinstance(message, Message):
        return message
    if message == UNKNOWN_KEY:
        return Message("unknown_key", {"key": path[-1], "hint": did_you_mean(str(path[-1]), keys)})
    if message == MISSING_KEY:
        return Message("missing_key", {"key": path[-1], "of": _of(path[:-1], named)})
    key, value = "", raw
    for part in path:
        with suppress(LookupError, TypeError):  # a check may point at a key that is not there
            value = value[part]
            key = part if isinstance(part, str) else key
    tables = ".".join(part for part in path if isinstance(part, str))
    if message.startswith(ONE_OF):
        hint = did_you_mean(value, message[len(ONE_OF) : -1].split(", "))
        return Message("not_possible_for", {"given": value, "key": key, "hint": hint})
    if message == "Not a valid list." and isinstance(value, Mapping):
        return Message("double_brackets", {"tables": tables})
    if message == "Invalid input type." and isinstance(value, list):
        return Message("single_brackets", {"tables": tables})
    return Message(PLAIN[message], {"key": key}) if message in PLAIN else Message("as_said", {"said": message})


def _of(path: Place, named: bool) -> Message | str:
    """Of which table something is, by its keys; without those of the row that is named before it."""
    table = ".".join(part for part in path[2 if named else 0 :] if isinstance(part, str))
    return Message("of_table", {"table": table}) if table else ""


def _flatten(messages: Mapping[Any, Any], path: Place = ()) -> Iterable[tuple[Place, str | Message]]:
    for key, value in messages.items():
        here = path if key == "_schema" else (*path, key)
        if isinstance(value, Mapping):
            yield from _flatten(value, here)
        else:
            for message in value:
                yield here, message
