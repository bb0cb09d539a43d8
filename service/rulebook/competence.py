"""rules/competence.toml -> the cells of the competence matrix, held against the vocabulary and the sources."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from service.core.rule import Citation
from service.core.vocabulary import Vocabulary
from service.proof.competence import CAN, CANNOT, ONLY_IF, Cell
from service.rulebook.languages import Languages
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.rules import Answers, CitationSchema
from service.rulebook.schemas import AuthorSchema, PerLanguage, Text, TomlDate
from service.rulebook.texts import Made
from service.rulebook.toml_files import Problems, Table, TomlFile, read

COMPETENCE = "competence.toml"


class CellSchema(Made):
    """One `[[cell]]`."""

    made = Cell
    body = Text(required=True)
    takes = Text(required=True, validate=validate.OneOf((CAN, CANNOT, ONLY_IF)))
    passing = fields.Boolean(load_default=False)
    concerns = fields.List(Text(), load_default=list, data_key="concern")
    since = TomlDate(load_default=None, data_key="from")
    until = TomlDate(load_default=None)
    when = fields.Dict(keys=fields.String(), values=Answers(), load_default=dict)
    why = PerLanguage(required=True)
    only_if = PerLanguage()
    citations = fields.List(fields.Nested(CitationSchema), required=True, data_key="source")

    def build(self, values: dict[str, Any]) -> Cell:
        """The cell, with its citations as those of a rule."""
        cited = tuple(Citation(one["id"], one["locator"], one["quote"]) for one in values.pop("citations"))
        return Cell(**values, citations=cited)


class MatrixSchema(AuthorSchema):
    """rules/competence.toml."""

    cell = fields.List(fields.Nested(CellSchema), required=True)


def load_competence(
    folder: Path, vocabulary: Vocabulary, sources: Collection[str], languages: Languages, problems: Problems
) -> tuple[Cell, ...]:
    """Read the matrix and hold it against the vocabulary and the sources."""
    file = read(folder, folder / COMPETENCE, MatrixSchema(), problems, languages)
    if file is None:
        return ()
    cells: tuple[Cell, ...] = tuple(file.data["cell"])
    for index, cell in enumerate(cells):
        _check(file, index, cell, vocabulary, sources, problems)
    return cells


def _check(
    file: TomlFile, index: int, cell: Cell, vocabulary: Vocabulary, sources: Collection[str], problems: Problems
) -> None:
    at = Table(file, problems, "cell", index, whose=Message("in_cell", {"body": cell.body}))
    at.among(cell.body, vocabulary.destinations, "not_a_destination", "body")
    if (cell.takes == ONLY_IF) != (cell.only_if is not None):
        at.say("only_if_alone", "takes")
    if cell.passing and cell.takes != CANNOT:
        at.say("passing_alone", "passing")
    if cell.since and cell.until and cell.until <= cell.since:
        at.say("ends_before_it_begins", "until", until=cell.until, since=cell.since)
    for concern in cell.concerns:
        at.among(concern, vocabulary.concerns.answers, "not_a_concern", "concern")
    for name, answers in cell.when.items():
        fact = vocabulary.by_id.get(name)
        if fact is None or fact.several:
            at.say("not_a_fact", "when", name, given=name, hint=did_you_mean(name, vocabulary.by_id))
        elif fact.concern and set(cell.concerns) != {fact.concern}:
            at.say("name_its_concern", "when", name, fact=name, concern=fact.concern)
        else:
            for one in sorted(answers):
                at.among(one, fact.answers, "not_an_answer", "when", name, fact=name)
    for number, citation in enumerate(cell.citations):
        at.source(citation.source, sources, "source", number, "id")
