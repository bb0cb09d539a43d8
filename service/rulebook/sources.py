"""content/sources/ -> the documents that all rests on, and their words that rules rest on, each under a name.

A quotation is named beside its source, once: `awb.zes-weken` is the one that content/sources/awb.toml calls so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.core.rule import Citation
from service.rulebook.known import SOURCE, Known
from service.rulebook.schemas import AuthorSchema, Link, Made, Names, Text, TomlDate
from service.rulebook.toml_files import DOCUMENT, Problems, each

SURE = ("archived_copy", "law_2017", "notes", "background", "inference")
READ = ("archived_copy", "law_2017")  # the words themselves were read
LONGEST_QUOTE = 60  # words: a quotation is short
NAME = validate.Regexp(
    r"\w+(?:-\w+)*\Z", error="Name it in letters, digits and hyphens, such as 'zes-weken', not {input!r}."
)
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


def short(quote: str) -> None:
    """Refuse a quotation that says more than a rule can rest on."""
    if len(quote.split()) > LONGEST_QUOTE:
        raise ValidationError(f"The quotation is longer than {LONGEST_QUOTE} words; keep what carries the rule.")


class PlaceSchema(AuthorSchema):
    """One `[[place]]` of which no passage was kept: a name for it, or quotations from the whole text of the source."""

    locator = Text(required=True)
    name = Text(load_default=None, validate=NAME)
    quotes = Names(Text(validate=short), named=NAME)

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
        words, told = plain(data["text"]), "These words do not stand in the passage: “{}”"
        wrong = {name: [told.format(one)] for name, one in data["quotes"].items() if plain(one) not in words}
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
                    told = "The name {!r} stands in this file twice; give this one another."
                    raise ValidationError({table: {index: {"quotes": {name: [told.format(name)] for name in twice}}}})
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
            problems.add(file, ("text",), f"Write the name of a file beside this one, such as {id_}{DOCUMENT}.")
        elif text and not (content / "sources" / text).is_file():
            problems.add(file, ("text",), f"The file {text!r} does not stand beside this one; add it there.")
    # A source with mistakes is there all the same: who cites it is not told that it is missing.
    unread: dict[str, Source | None] = {path.stem: None for path in sorted((content / "sources").glob("*.toml"))}
    by_id = unread | {id_: file.value.source for id_, file in files.items()}
    whole = None not in by_id.values()
    return replace(known, names={**known.names, SOURCE: by_id}, quotations=quotations if whole else None)
