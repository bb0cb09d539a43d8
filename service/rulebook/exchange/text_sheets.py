"""All texts of a language as rows of a sheet, and what somebody changed in them as edits of TOML.

A row is called by its file and the keys that lead to it; an item of a list of tables by its id, or else by a digest of
what it says besides texts, so that a row stays the same row when a colleague puts another above it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from service.rulebook.exchange.toml_edits import EditError
from service.rulebook.exchange.workbooks import Changed, Sheet, said_of, sayable
from service.rulebook.languages import FOLDER, Languages
from service.rulebook.locate import folder
from service.rulebook.messages import Message
from service.rulebook.schemas import Place, Text
from service.rulebook.site import INTERFACE, SITE, languages_of
from service.rulebook.style import FILE as STYLE
from service.rulebook.style import GAP, Written, texts
from service.rulebook.toml_files import Beside, Problem, Problems, TomlFile, merged, repeated

TITLE, PLACE, NOTE = "texts", "place", "note"
PLACES = ("addresses", "files")  # of pages, which a site may leave to the one that came along
DIGITS = 8  # of a digest in the name of a row: enough to tell the items of a list apart


@dataclass(frozen=True)
class _Row:
    """A text, or the place of one that is still to be written."""

    file: TomlFile
    root: Path
    place: Place  # in what the file says with all its languages
    source: str
    text: str


class TextSheets:
    """The texts of a language of a rulebase.

    Args:
        rules: the folder.
        content: the folder.
        language: the one that is written in.

    Raises:
        AuthoringError: a file cannot be read.

    """

    def __init__(self, rules: Path, content: Path, language: str) -> None:
        self.languages, self.language = languages_of(content), language
        others = [one for one in (self.languages.usual, *self.languages.codes) if one != language]
        self.source = next(iter(others), None)
        self.rows: dict[str, _Row] = {}
        self._called: dict[tuple[str, Place], list[str]] = {}
        self.silent: list[_Row] = []  # texts that are empty on purpose, and must be so in a language that is new
        self.unsaid: list[str] = []  # what no cell can hold
        longest = _longest(content)
        notes: dict[str, str] = {}
        for root, file in _files(rules, content, self.languages, language):
            for place, source, said in self._texts(file):
                if said is None and not source:
                    self.silent.append(_Row(file, root, place, "", ""))
                    continue
                text = said or ""
                if not (sayable(text) and sayable(source)):
                    self.unsaid.append(f"{file.name}:{file.line(place)}")
                    continue
                id_ = f"{file.name} {'.'.join(self._names(file, place))}"
                self.rows[id_] = _Row(file, root, place, source, text)
                kind = Written(file, place, "", language, text).kind
                notes[id_] = self._note(text or source, longest.get(kind, {}).get(language))
        reference = (self.source,) if self.source else ()
        columns = (PLACE, *reference, language, NOTE)
        rows = tuple(
            (id_, *((one.source,) if reference else ()), one.text, notes[id_]) for id_, one in self.rows.items()
        )
        width = (38, *(60 for _ in reference), 60, 26)
        self.sheets = (Sheet(TITLE, columns, frozenset({language}), width, rows),)

    def _texts(self, file: TomlFile) -> Iterator[tuple[Place, str, str | None]]:
        """Of each text its place, what it says in the language that is read, and in the one that is written."""
        found: dict[Place, dict[str, str]] = {}
        for one in texts((file,), self.languages.codes):
            at = one.place.index(one.language) if one.language in one.place else None
            if at is not None:  # `note_nl` is of an older notation
                place = (*one.place[:at], self.language, *one.place[at + 1 :])
                found.setdefault(place, {})[one.language] = one.words
        for place, said in found.items():
            wanted = self.language in self.languages.in_folders
            if self.language in said or wanted:
                source = said.get(self.source or "") or next(iter(said.values()))
                yield place, source, said.get(self.language)

    def _names(self, file: TomlFile, place: Place) -> Iterator[str]:
        """The keys that lead to a text, without its language; items of lists of tables by what they are."""
        data: Any = file.raw
        for number, part in enumerate(place):
            if isinstance(part, int) and isinstance(data, list) and isinstance(data[0], dict):
                if (file.name, place[:number]) not in self._called:
                    self._called[file.name, place[:number]] = _all_called(data, self.languages.codes)
                yield self._called[file.name, place[:number]][part]
            elif part != self.language:
                yield str(part + 1 if isinstance(part, int) else part)
            try:
                data = data[part]
            except (LookupError, TypeError):  # a text that is still to be written
                data = None

    def _note(self, text: str, longest: int | None) -> str:
        gaps = ", ".join(dict.fromkeys(GAP.findall(text)))
        notes = [Message("note_gaps", {"gaps": gaps})] if gaps else []
        notes += [Message("note_longest", {"count": longest})] if longest else []
        return " ".join(one.tell(self.spoken) for one in notes)

    @property
    def spoken(self) -> str:
        """The language in which people are told what a sheet is."""
        return self.language if self.language in self.languages.side_by_side else self.languages.usual

    def edits(self, file: str, changed: Iterable[Changed]) -> tuple[dict[Path, dict[Place, Any]], list[Problem]]:
        """What is to be written, per file, and what is wrong with what somebody wrote.

        Args:
            file: the workbook.
            changed: cells of the column of the language, none of which somebody else changed.

        """
        problems, new = list[Problem](), dict[str, tuple[Changed, str]]()
        for one in changed:
            row = self.rows[one.row]
            try:
                said = _text(one, row)
            except ValidationError as error:
                problems += [one.wrong(file, told) for told in said_of(error)]
                continue
            if said != row.text:
                new[one.row] = (one, said)
        return self._places(file, new, problems), problems

    def _places(
        self, file: str, new: Mapping[str, tuple[Changed, str]], problems: list[Problem]
    ) -> dict[Path, dict[Place, Any]]:
        """Each new text at its place in its own file; a list that grows as a whole."""
        found: dict[Path, dict[Place, Any]] = {}
        lists: dict[tuple[str, Place], list[str]] = {}
        for id_, row in self.rows.items():
            if isinstance(row.place[-1], int):
                said = new[id_][1] if id_ in new else row.text
                lists.setdefault((row.file.name, row.place[:-1]), []).append(said)
        grown = {(self.rows[id_].file.name, self.rows[id_].place[:-1]) for id_ in new if not self.rows[id_].text}
        begun: dict[Path, dict[Place, Place]] = {}
        value: str | list[str]
        for id_, (one, said) in new.items():
            row = self.rows[id_]
            path, place, value = self._path(row), row.place, said
            if (row.file.name, place[:-1]) in grown & lists.keys():
                items = lists[row.file.name, place[:-1]]
                if "" in items[: int(place[-1])]:
                    problems.append(one.wrong(file, Message("list_with_gap")))
                place, value = place[:-1], list(filter(None, items))
            edits = found.setdefault(path, {})
            try:
                edits[self._own(row, place, begun.setdefault(path, {}), edits)] = value
            except EditError:
                problems.append(one.wrong(file, Message("not_to_be_put")))
        for row in self.silent:
            path = self._path(row)
            if edits := found.get(path, {}):
                edits[self._own(row, row.place, begun[path], edits)] = ""
        return found

    def _path(self, row: _Row) -> Path:
        beside = self.language in self.languages.in_folders
        return self.languages.beside(self.language, row.root, row.file.path) if beside else row.file.path

    def _own(self, row: _Row, place: Place, begun: dict[Place, Place], edits: dict[Place, Any]) -> Place:
        """The place in the file that holds the language; an item that is not there yet says to which one it belongs."""
        beside = row.file.of(self.language)
        size = max((at + 1 for at in range(len(place)) if isinstance(place[at], int)), default=0)
        if not isinstance(beside, Beside) or not size:
            return place
        item = place[:size]
        if there := beside.items.get(item) or begun.get(item):
            return (*there, *place[size:])
        number = len(beside.raw.get(str(place[0]), ())) + sum(one[0] == place[0] for one in begun.values())
        own: Place = ()
        data: Any = row.file.raw
        for part in item:
            if isinstance(part, int):
                own = (*own, number)
                number = 0  # of what stands in it
                for key, value in _told_by(data, part, self.languages, self.language).items():
                    edits[(*own, *key)] = value
            else:
                own = (*own, part)
            data = data[part]
        begun[item] = own
        return (*own, *place[size:])


def _text(one: Changed, row: _Row) -> str:
    """What somebody wrote, held against what holds for every text."""
    if not one.now:
        raise ValidationError([Message("cell_emptied")])
    said: str = Text().deserialize(one.now)
    wanted, given = set(GAP.findall(row.text or row.source)), set(GAP.findall(said))
    if wanted != given:
        lacks, more = (", ".join(sorted(ones)) or "-" for ones in (wanted - given, given - wanted))
        raise ValidationError([Message("gaps_changed", {"lacks": lacks, "more": more})])
    before, after = (row.text[: len(row.text) - len(row.text.lstrip())], row.text[len(row.text.rstrip()) :])
    return f"{before}{said}{after}" if row.text.strip() else said


def _files(rules: Path, content: Path, languages: Languages, language: str) -> Iterator[tuple[Path, TomlFile]]:
    """Every file that holds texts, with its folder."""
    problems, found = Problems(), list[tuple[Path, TomlFile]]()
    for root in (content, rules):
        for path in sorted(root.rglob("*.toml")):
            part = path.relative_to(root)
            if part.parts[0] == FOLDER or part.name.startswith(".") or part.as_posix() == STYLE:
                continue
            if file := merged(root, path, problems, languages):
                if part.as_posix() in (INTERFACE, SITE) and language in languages.in_folders:
                    _came_along(file.raw, part.name, languages)
                found.append((root, file))
    problems.stop_if_any()
    return iter(found)


def _came_along(raw: dict[str, Any], name: str, languages: Languages) -> None:
    """Add what came along and a rulebase need not write itself: a language in a folder must say it too."""
    ours = tomllib.loads((folder("content") / name).read_text("utf-8-sig"))
    for language in ours.keys() & set(languages.side_by_side):
        more = {key: one for key, one in ours[language].items() if name == INTERFACE or key in PLACES}
        raw[language] = more | raw.get(language, {})


def _longest(content: Path) -> dict[str, Any]:
    path = content / STYLE
    found: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    return dict(found.get("longest", {}))


def _all_called(items: Sequence[Mapping[str, Any]], codes: Sequence[str]) -> list[str]:
    """What the items of a list are called; those that are alike are numbered."""
    found = [_called(one, codes) for one in items]
    seen = [found[:number].count(one) for number, one in enumerate(found)]
    return [f"{one}/{again + 1}" if again else one for one, again in zip(found, seen, strict=True)]


def _called(item: Mapping[str, Any], codes: Sequence[str]) -> str:
    if isinstance(id_ := item.get("id"), str):
        return id_
    said = json.dumps(_without_texts(item, codes), default=str, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:DIGITS]


def _without_texts(value: Any, codes: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _without_texts(one, codes) for key, one in value.items() if key not in codes}
        return {key: one for key, one in kept.items() if one != {}}
    return [_without_texts(one, codes) for one in value] if isinstance(value, list) else value


def _told_by(items: Sequence[Mapping[str, Any]], number: int, languages: Languages, language: str) -> dict[Place, Any]:
    """What of an item says that it is this one and no other: its id, one of its values, all of them, or a text."""
    item = items[number]
    plain = {key: value for key, value in item.items() if _without_texts(value, languages.codes) == value != {}}
    plain = {
        key: value
        for key, value in plain.items()
        if not (isinstance(value, list) and value[:1] and isinstance(value[0], dict))
    }
    each = [{key: plain[key]} for key in sorted(plain, key=lambda key: key != "id")]
    told = {
        (key, code): value[code]
        for key, value in item.items()
        for code in languages.codes
        if code != language and isinstance(value, Mapping) and isinstance(value.get(code), str | list)
    }
    choices: list[dict[Place, Any]] = [{(key,): value for key, value in one.items()} for one in (*each, plain)]
    choices += [{**choices[-1], place: text} for place, text in told.items()]
    for choice in choices:
        tree: dict[str, Any] = {}
        for place, value in choice.items():
            inner = tree.setdefault(str(place[0]), {}) if len(place) > 1 else tree
            inner[str(place[-1])] = value
        much = [repeated(tree, one, language) or 0 for one in items]
        if much[number] and [at for at, one in enumerate(much) if one == max(much)] == [number]:
            return choice
    raise EditError("Nothing tells which one of a list it is.")
