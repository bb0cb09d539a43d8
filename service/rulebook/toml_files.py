"""What authors of rules/ and content/ get to see: every mistake with its file, line, place and mend.

Errors for authors show what was written. Errors for callers never do; those are in web/problems.py.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from service.core.errors import WegwijzerError

REGIME = "regime"  # the fact that the directory gives each organisation
HEADER = re.compile(r"\s*\[(\[?)([^\[\]]+)\]")
BLANK = re.compile(r"\s*(#|$)")
KEY = re.compile(r"""\s*([\w.-]+|"[^".]+"|'[^'.]+')\s*=""")
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")  # control, direction and joining marks, and what is no character
HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]+|#\w+);")
SITE = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}"
LINK = re.compile(rf"https://{SITE}(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
PHONE = re.compile(r"(?:\+\d{1,3}[ -]?)?(?:\(\d{1,5}\) ?(?:- )?)?\d+(?:(?: - |[ -])\d+)*", re.ASCII)
MAIL = re.compile(rf"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@{SITE}")
TOML, DOCUMENT, EXPLAINS = ".toml", ".txt", "README.md"
TOML_HINTS = {
    "Cannot overwrite a value": "This key stands in its table twice; keep one, or write the missing [[…]] above it.",
    "Cannot declare": "This table stands here twice; keep one, or write the missing [[…]] above it.",
    "Invalid value": "A text stands between quotation marks; a date, true and false do not.",
    "Illegal character": "A text ends on its own line, with a quotation mark.",
    "Unclosed array": "Here or above a list lacks its ], or a comma between its items.",
    "Invalid date": "Write a date that exists, as 2019-06-20.",
}
UNKNOWN_KEY, MISSING_KEY, ONE_OF = "Unknown field.", "Missing data for required field.", "Must be one of: "
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


class AuthorErrors(WegwijzerError):
    """All mistakes found in rules/ and content/ at once, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Problems:
    """Collects mistakes, so that an author sees all of them in one run."""

    found: list[Problem] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)  # the files that were looked at

    def add(self, file: TomlFile, path: tuple[str | int, ...], message: str) -> None:
        """Note a mistake at a path of keys and indexes in a file."""
        self.found.append(Problem(file.name, file.line(path), message))

    def missing(self, root: Path, part: str, message: str) -> None:
        """Note a file that should be there."""
        self.found.append(Problem(_name(root, root / part), 1, message))

    def twice(self, file: TomlFile, table: str, ids: Sequence[str]) -> None:
        """Note each id that stands a second time in a list of tables."""
        for index, id_ in enumerate(ids):
            if id_ in ids[:index]:
                message = f"The id {id_!r} stands in this file twice; ids are used once, so give this one another."
                self.add(file, (table, index, "id"), message)

    def stop_if_any(self) -> None:
        """Raise what was found.

        Raises:
            AuthorErrors: anything was found.

        """
        if self.found:
            raise AuthorErrors(self.found)


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


class TomlFile:
    """A TOML file with its place in the tree and the line each table and key stands on."""

    def __init__(self, root: Path, path: Path) -> None:
        self.name = _name(root, path)
        self.stem = path.stem
        self.text = path.read_text("utf-8-sig")
        self.value: Any = None

    @property
    def data(self) -> dict[str, Any]:
        """What the schema made of the file, for schemas that make a table."""
        assert isinstance(self.value, dict)  # noqa: S101 - a schema with `made` is read through `value`
        return self.value

    def line(self, path: tuple[str | int, ...]) -> int:
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
    def _places(self) -> dict[tuple[str | int, ...], int]:
        """The line of each table, each item of a list of tables and each key, by their path."""
        places: dict[tuple[str | int, ...], int] = {(): 1}
        items: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
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
                places[(*table, *(name.strip("\"'") for name in key[1].split(".")))] = number
            inside = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
        return places


def _name(root: Path, path: Path) -> str:
    return f"{root.resolve().name}/{path.relative_to(root).as_posix()}"


def read(root: Path, path: Path, schema: AuthorSchema, problems: Problems) -> TomlFile | None:
    """Read one file against its schema; None when it has mistakes, which are noted in `problems`."""
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
        raw = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line[1]) if line else max(len(file.text.splitlines()), 1)
        hint = next((f" {hint}" for start, hint in TOML_HINTS.items() if str(error).startswith(start)), "")
        problems.found.append(Problem(file.name, number, f"This is not TOML: {error}.{hint}"))
        return None
    try:
        file.value = schema.load(raw)
    except ValidationError as error:
        assert isinstance(error.messages, dict)  # noqa: S101 - a schema that is not `many` gives a dict
        found = dict(_flatten(error.messages))
        meant = {_meant(path_, schema) for path_, message in found.items() if message == UNKNOWN_KEY}
        for path_, message in found.items():
            if message != MISSING_KEY or path_ not in meant:
                problems.add(file, path_, _mend(message, path_, raw, schema))
        return None
    return file


def _meant(path: tuple[str | int, ...], schema: AuthorSchema) -> tuple[str | int, ...]:
    """The key that an unknown one was probably meant to be."""
    return (*path[:-1], *get_close_matches(str(path[-1]), schema.keys_at(path[:-1]), n=1))


def _mend(message: str, path: tuple[str | int, ...], raw: Any, schema: AuthorSchema) -> str:
    """What marshmallow says, as an author can act on it."""
    if message == UNKNOWN_KEY:
        return f"The key {path[-1]!r} is not known here.{did_you_mean(str(path[-1]), schema.keys_at(path[:-1]))}"
    if message == MISSING_KEY:
        return f"The key {path[-1]!r} is missing."
    key, value = "", raw
    for part in path:
        with suppress(LookupError, TypeError):  # marshmallow adds a part of its own: "value", in a table of answers
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


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """' Did you mean …?' when something known is near, else the list of what is known."""
    known = list(known)
    if not known:
        return ""
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
    """A text that says something, in characters that everybody sees as they are."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not text.strip():
            raise ValidationError("This text is empty; write it, or leave the key out where it may be left out.")
        for letter in text:
            if letter != "\n" and unicodedata.category(letter) in UNSEEN:
                name = unicodedata.name(letter, "a control character")
                raise ValidationError(f"This text holds a character that nobody sees (U+{ord(letter):04X}, {name}).")
        if found := HTML.search(text):
            raise ValidationError(f"Texts hold no HTML: readers would see {found[0]!r} as it stands. Take it out.")
        return text.strip()


class Link(Text):
    """An address on the web that may be shown to people: over TLS, of a named site, and of nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        link = super()._deserialize(value, attr, data, **kwargs)
        if not LINK.fullmatch(link):
            raise ValidationError(
                f"{link!r} is not a link that may be shown. Write it whole, from https://, such as "
                "https://www.example.nl/contact; without a space, a name or a port before the path."
            )
        return link


class Phone(Text):
    """A telephone number as people write it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not PHONE.fullmatch(number) or not 3 <= sum(map(str.isdigit, number)) <= 15:
            raise ValidationError(
                f"{number!r} is not a telephone number. Write one number, in digits, spaces and hyphens, such as "
                "070 - 123 45 67, (070) 123 45 67 or +31 70 123 45 67."
            )
        return number


class Mail(Text):
    """An e-mail address, and nothing that a mail program would fill in besides."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        mail = super()._deserialize(value, attr, data, **kwargs)
        if not MAIL.fullmatch(mail):
            raise ValidationError(f"{mail!r} is not an e-mail address. Write one alone, such as desk@example.nl.")
        return mail


class BothLanguages(AuthorSchema):
    """One text in Dutch and in English."""

    nl = Text(required=True)
    en = Text(required=True)


def both_languages(*, required: bool = False) -> fields.Nested:
    """A field for one text in Dutch and in English."""
    return fields.Nested(BothLanguages, required=True) if required else fields.Nested(BothLanguages, load_default=None)
