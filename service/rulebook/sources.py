"""content/sources/ -> the documents that all rests on, and their words that rules rest on, each under a name.

A quotation is named beside its source, once: `awb.zes-weken` is the one that content/sources/awb.toml calls so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from service.core.rule import Citation
from service.rulebook.known import Known
from service.rulebook.schemas import AuthorSchema, Link, Made, Names, Place, Text, TomlDate
from service.rulebook.toml_files import DOCUMENT, Problems, each

SURE = ("archived_copy", "law_2017", "notes", "background", "inference")
READ = ("archived_copy", "law_2017")  # the words themselves were read
LONGEST_QUOTE = 60  # words: a quotation is short
NAME = re.compile(r"\w+(?:-\w+)*")
MARKS = str.maketrans({"«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})


@dataclass(frozen=True)
class Passage:
    """A few words of a source, verbatim, and where they stand."""

    locator: str
    text: str


@dataclass(frozen=True)
class Source:
    """A document that rules, terms and contacts rest on, and how it was read."""

    id: str
    title: str
    short: str
    kind: str
    url: str | None
    sure: str
    read: date | None
    note: str | None
    text: str | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Quoted:
    """A source, and what it is quoted with: name -> words at their place."""

    source: Source
    by_name: Mapping[str, Citation]

    @property
    def id(self) -> str:
        """Of the source."""
        return self.source.id


@dataclass(frozen=True)
class Sources:
    """All sources by id, None where one has mistakes; and all quotations by the names of both, as `awb.zes-weken`.

    Where a source has mistakes it is not known which quotations there are.
    """

    by_id: Mapping[str, Source | None]
    quotations: Mapping[str, Citation] | None


def plain(text: str) -> str:
    """The words, with white space folded and quotation marks made alike."""
    return " ".join(text.translate(MARKS).split())


class PlaceSchema(AuthorSchema):
    """One `[[place]]` of which no passage was kept: a name for it, or quotations from the whole text of the source."""

    locator = Text(required=True)
    name = Text(load_default=None)
    quotes = Names(Text())

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the quotations against the words that were kept."""
        wrong: dict[str, list[str]] = {}
        for name, quote in data["quotes"].items():
            if len(quote.split()) > LONGEST_QUOTE:
                wrong[name] = [f"The quotation is longer than {LONGEST_QUOTE} words; keep what carries the rule."]
            elif "text" in data and plain(quote) not in plain(data["text"]):
                wrong[name] = [f"These words do not stand in the passage: “{quote}”"]
        if wrong:
            raise ValidationError({"quotes": wrong})


class PassageSchema(PlaceSchema):
    """One `[[passage]]`, with the quotations from it; its own `name` is that of all its words."""

    text = Text(required=True)


class SourceSchema(Made):
    """content/sources/*.toml."""

    made = Source
    id = Text(required=True)
    title = Text(required=True)
    short = Text(required=True)
    kind = Text(required=True, validate=validate.OneOf(("letter", "law", "agreement", "regulation", "page")))
    url = Link(load_default=None)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    read = TomlDate(load_default=None)
    note = Text(load_default=None)
    text = Text(load_default=None)
    passages = fields.List(fields.Nested(PassageSchema), load_default=list, data_key="passage")
    places = fields.List(fields.Nested(PlaceSchema), load_default=list, data_key="place")

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Note names that are none, or that stand twice."""
        seen: set[str] = set()
        for (table, index, *below), name, _citation in _named(data):
            told = ""
            if not NAME.fullmatch(name):
                told = f"Name it in letters, digits and hyphens, such as 'zes-weken', not {name!r}."
            elif name in seen:
                told = f"The name {name!r} stands in this file twice; give this one another."
            if told:
                wrong: Any = [told]
                for part in reversed(below):
                    wrong = {part: wrong}
                raise ValidationError({table: {index: wrong}})
            seen.add(name)

    def build(self, values: dict[str, Any]) -> Quoted:
        """The source, with its quotations by name."""
        by_name = {name: Citation(values["id"], *citation) for _, name, citation in _named(values)}
        passages = tuple(Passage(one["locator"], one["text"]) for one in values["passages"])
        del values["places"]
        return Quoted(Source(**(values | {"passages": passages})), by_name)


def _named(values: Mapping[str, Any]) -> Iterator[tuple[Place, str, tuple[str, str | None]]]:
    """Every name that a source gives: where it stands, the name, and its place in the source with its words."""
    for table in ("passage", "place"):
        for index, one in enumerate(values[f"{table}s"]):
            if one["name"] is not None:
                yield (table, index, "name"), one["name"], (one["locator"], one.get("text"))
            for name, quote in one["quotes"].items():
                yield (table, index, "quotes", name), name, (one["locator"], quote)


def load_sources(content: Path, known: Known, problems: Problems) -> Sources:
    """Read content/sources/."""
    files = each(content, "sources", SourceSchema(), problems, known)
    quotations: dict[str, Citation] = {}
    for id_, file in files.items():
        quoted: Quoted = file.value
        quotations |= {f"{id_}.{name}": one for name, one in quoted.by_name.items()}
        text = quoted.source.text
        if text and (Path(text).name != text or not text.endswith(DOCUMENT)):
            problems.add(file, ("text",), f"Write the name of a file beside this one, such as {id_}{DOCUMENT}.")
        elif text and not (content / "sources" / text).is_file():
            problems.add(file, ("text",), f"The file {text!r} does not stand beside this one; add it there.")
    # A source with mistakes is there all the same: who cites it is not told that it is missing.
    unread: dict[str, Source | None] = {path.stem: None for path in sorted((content / "sources").glob("*.toml"))}
    by_id = unread | {id_: file.value.source for id_, file in files.items()}
    return Sources(by_id, None if None in by_id.values() else quotations)
