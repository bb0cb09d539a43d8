"""content/sources/ -> the documents that all rests on, and their words that rules rest on, each under a name.

A quotation is named beside its source, once: `awb.zes-weken` is the one that content/sources/awb.toml calls so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.core.rule import Citation
from service.rulebook.known import SOURCE, Known
from service.rulebook.messages import Message
from service.rulebook.overlay import lies, within
from service.rulebook.schemas import AuthorSchema, Link, Made, Names, Text, TomlDate, mistake
from service.rulebook.toml_files import DOCUMENT, Problems, each

SURE = ("archived_copy", "law_2017", "notes", "background", "inference")
READ = ("archived_copy", "law_2017")  # the words themselves were read
LONGEST_QUOTE = 60  # words: a quotation is short
ALIKE = 0.5  # of the words of a quotation, from where on it is told which of them differs
BESIDE = 5  # words around a place that are looked at, for the quotation may have left some out
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


class Quoted(NamedTuple):
    """A source, and what it is quoted with: name -> words at their place."""

    id: str
    source: Source
    by_name: Mapping[str, Citation]


def plain(text: str) -> str:
    """The words, with white space folded and quotation marks made alike."""
    return " ".join(text.translate(MARKS).split())


def differing(quoted: str, kept: str) -> tuple[str, dict[str, Any]]:
    """What is wrong with a quotation that does not stand in some words: the id of a message, and what that fills in.

    Args:
        quoted: as `plain` has it.
        kept: likewise.

    """
    quote, words = quoted.split(), kept.split()
    longest = SequenceMatcher(None, quote, words, autojunk=False).find_longest_match()
    begin = max(longest.b - longest.a - BESIDE, 0)
    near = words[begin : longest.b + len(quote) - longest.a + BESIDE]
    alike = 0
    first: tuple[list[str], list[str]] | None = None
    for how, start, end, there, until in SequenceMatcher(None, quote, near, autojunk=False).get_opcodes():
        if how == "equal":
            alike += end - start
        elif first is None and not (start == end and start in (0, len(quote))):  # what stands around it is no part
            there = max(there, until - (end - start)) if start == 0 else there
            until = min(until, there + end - start) if end == len(quote) else until
            first = quote[start:end], near[there:until]
    given, stands = (" ".join(one) for one in first or ([], []))
    said = {"alike": alike / len(quote), "given": given, "stands": stands, "quote": quoted}
    if alike < ALIKE * len(quote):
        return "quote_unknown", said
    return "quote_differs" if given and stands else "quote_adds" if given else "quote_lacks", said


def short(quote: str) -> None:
    """Refuse a quotation that says more than a rule can rest on."""
    if len(quote.split()) > LONGEST_QUOTE:
        raise mistake("long_quotation", longest=LONGEST_QUOTE)


def well_named(given: str) -> None:
    """Refuse a name that is none."""
    if not NAME.fullmatch(given):
        raise mistake("form_of_name", given=given)


class PlaceSchema(AuthorSchema):
    """One `[[place]]` of which no passage was kept: a name for it, or quotations from the whole text of the source."""

    locator = Text(required=True)
    name = Text(load_default=None, validate=well_named)
    quotes = Names(Text(validate=short), named=well_named)

    @post_load
    def cite(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add what each name stands for."""
        own = {data["name"]: data.get("text")} if data["name"] else {}
        return {**data, "cited": {name: (data["locator"], words) for name, words in (own | data["quotes"]).items()}}


class PassageSchema(PlaceSchema):
    """One `[[passage]]`, with the quotations from it; its own `name` is that of all its words."""

    text = Text(required=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the quotations against the words that were kept."""
        words, wrong = plain(data["text"]), dict[str, list[Message]]()
        for given, quote in data["quotes"].items():
            if plain(quote) not in words:
                id_, said = differing(plain(quote), words)
                wrong[given] = [Message(id_, {**said, "locator": data["locator"], "source": Message("passage")})]
        if wrong:
            raise ValidationError({"quotes": wrong})


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
        """Note names that stand twice."""
        seen: set[str] = set()
        for table in ("passage", "place"):
            for index, one in enumerate(data[f"{table}s"]):
                if twice := seen & one["cited"].keys():
                    wrong = {given: [Message("name_twice", {"given": given})] for given in twice}
                    raise ValidationError({table: {index: {"quotes": wrong}}})
                seen |= one["cited"].keys()

    def build(self, values: dict[str, Any]) -> Quoted:
        """The source, with its quotations by name."""
        id_, parts = values["id"], (*values["passages"], *values.pop("places"))
        cited = {name: Citation(id_, *one) for part in parts for name, one in part["cited"].items()}
        passages = tuple(Passage(one["locator"], one["text"]) for one in values["passages"])
        return Quoted(id_, Source(**(values | {"passages": passages})), cited)


def load_sources(content: Path, known: Known, problems: Problems) -> Known:
    """Read content/sources/.

    Returns:
        What is known, and with it all sources by id (None where one has mistakes) and all quotations by the names of
        both, as `awb.zes-weken`. Where a source has mistakes it is not known which quotations there are.

    """
    files = each(content, "sources", SourceSchema(), problems, known)
    quotations: dict[str, Citation] = {}
    for id_, file in files.items():
        quoted: Quoted = file.value
        quotations |= {f"{id_}.{name}": one for name, one in quoted.by_name.items()}
        text = quoted.source.text
        if text and (Path(text).name != text or not text.endswith(DOCUMENT)):
            problems.add(file, ("text",), "document_elsewhere", such=f"{id_}{DOCUMENT}")
        elif text and not lies(content, content / "sources" / text).is_file():
            problems.add(file, ("text",), "document_missing", name=text)
    # A source with mistakes is there all the same: who cites it is not told that it is missing.
    unread: dict[str, Source | None] = {path.stem: None for path in within(content, "sources")}
    by_id = unread | {id_: file.value.source for id_, file in files.items()}
    whole = None not in by_id.values()
    return replace(known, names={**known.names, SOURCE: by_id}, quotations=quotations if whole else None)
