"""rules/competence.toml: who can take what, written from the sources by somebody who had not seen the rules.

Every referral in every situation is held against it. Where the two disagree, a jurist decides which of them is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from service.authoring import AuthorSchema, Problems, Text, TomlDate, TomlFile, both_languages, did_you_mean, read
from service.core.masks import bits, union
from service.core.rule import As, Citation, Edition, Rule, Rulebase
from service.core.space import Space, counts
from service.core.vocabulary import Vocabulary
from service.load import Answers, CitationSchema
from service.texts import Made

COMPETENCE = "competence.toml"
CAN, CANNOT, ONLY_IF = "can", "cannot", "only_if"


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: whether a body can take these cases, and on which source."""

    body: str
    takes: str
    passing: bool
    concerns: tuple[str, ...]
    since: date | None
    until: date | None
    when: Mapping[str, frozenset[str]]
    why: Mapping[str, str]
    only_if: Mapping[str, str] | None
    citations: tuple[Citation, ...]

    def applies(self, edition: Edition, concern: str) -> bool:
        """Whether the cell speaks about a concern in an edition.

        What a body can take it must be able to take on every day of the edition; what it cannot, on any day of it.
        """
        if self.concerns and concern not in self.concerns:
            return False
        since, until = self.since or date.min, self.until or date.max
        ends = edition.until or date.max
        if self.takes == CANNOT:
            return since < ends and edition.since < until
        return since <= edition.since and ends <= until


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
    why = both_languages(required=True)
    only_if = both_languages()
    citations = fields.List(fields.Nested(CitationSchema), required=True, data_key="source")

    def build(self, values: dict[str, Any]) -> Cell:
        """The cell, with its citations as those of a rule."""
        cited = tuple(Citation(one["id"], one["locator"], one["quote"]) for one in values.pop("citations"))
        return Cell(**values, citations=cited)


class MatrixSchema(AuthorSchema):
    """rules/competence.toml."""

    cell = fields.List(fields.Nested(CellSchema), required=True)


def load_competence(
    folder: Path, vocabulary: Vocabulary, sources: Collection[str], problems: Problems
) -> tuple[Cell, ...]:
    """Read the matrix and hold it against the vocabulary and the sources."""
    file = read(folder, folder / COMPETENCE, MatrixSchema(), problems)
    if file is None:
        return ()
    cells: tuple[Cell, ...] = tuple(file.data["cell"])
    for index, cell in enumerate(cells):
        _check(file, index, cell, vocabulary, sources, problems)
    return cells


def _check(
    file: TomlFile, index: int, cell: Cell, vocabulary: Vocabulary, sources: Collection[str], problems: Problems
) -> None:
    def say(message: str, *path: str | int) -> None:
        problems.add(file, ("cell", index, *path), f"cell of {cell.body!r}: {message}")

    if cell.body not in vocabulary.destinations:
        say(f"{cell.body!r} is not a destination.{did_you_mean(cell.body, vocabulary.destinations)}", "body")
    if (cell.takes == ONLY_IF) != (cell.only_if is not None):
        say('`only_if` says the condition of `takes = "only_if"`; give both or neither.', "takes")
    if cell.passing and cell.takes != CANNOT:
        say("`passing` says that what a body cannot take now it may take later; it goes with `cannot`.", "passing")
    if cell.since and cell.until and cell.until <= cell.since:
        say("`until` must lie after `from`.", "until")
    for concern in cell.concerns:
        if concern not in vocabulary.concerns.answers:
            say(f"{concern!r} is not a concern.{did_you_mean(concern, vocabulary.concerns.answers)}", "concern")
    for name, answers in cell.when.items():
        fact = vocabulary.by_id.get(name)
        if fact is None or fact.several:
            say(f"{name!r} is not a fact to test.{did_you_mean(name, vocabulary.by_id)}", "when", name)
        elif fact.concern and set(cell.concerns) != {fact.concern}:
            say(f"{name!r} belongs to the concern {fact.concern!r}; name that one in `concern`.", "when", name)
        else:
            for one in sorted(answers - set(fact.answers)):
                say(f"{one!r} is not an answer of {name!r}.{did_you_mean(one, fact.answers)}", "when", name)
    for number, citation in enumerate(cell.citations):
        if citation.source not in sources:
            hint = did_you_mean(citation.source, sources)
            say(f"Source {citation.source!r} is not in content/sources/.{hint}", "source", number, "id")


def violations(rulebase: Rulebase, cells: Iterable[Cell]) -> Iterator[str]:
    """Every referral that the matrix does not allow, with the smallest situation in which it is made."""
    cells = list(cells)
    seen = set()
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            rules = edition.of_concern(concern)
            for body in dict.fromkeys(rule.refer for rule in rules):
                mine = [rule for rule in rules if rule.refer == body]
                spoken = [cell for cell in cells if cell.body == body and cell.applies(edition, concern)]
                key = (concern, body, *(rule.id for rule in mine), *map(id, spoken))
                if key not in seen:
                    seen.add(key)
                    yield from _body(edition, concern, mine, spoken)


def _body(edition: Edition, concern: str, rules: list[Rule], cells: list[Cell]) -> Iterator[str]:
    tested = {fact for rule in rules for fact in rule.when} | {fact for cell in cells for fact in cell.when}
    space = Space([fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested])
    counted = counts(rules, space.of_rules(rules))

    def where(*takes: str, passing: bool | None = None) -> int:
        return union(space.of(cell.when) for cell in cells if cell.takes in takes and passing in (None, cell.passing))

    def tell(made: int, what: str, as_: As) -> str:
        index = next(bits(made))
        firing = ", ".join(rule.id for rule, count in zip(rules, counted, strict=True) if count >> index & 1)
        answers = " ".join(f"{fact}={answer}" for fact, answer in space.situation(index).items())
        return f"edition {edition.id}, {concern}: {firing} ({as_}) {what}: {answers or 'always'}"

    takes, cannot = where(CAN, ONLY_IF), where(CANNOT)
    for as_ in As:
        made = doubted = 0
        for rule, count in zip(rules, counted, strict=True):
            if rule.as_ is as_:
                made |= count
                doubted |= count if rule.doubt else 0
        if as_ is As.LATER:
            refused = made & where(CANNOT, passing=False)
            unknown = made & ~takes & ~cannot
        else:
            refused = made & cannot
            unknown = made & ~takes & ~cannot
            if silent := made & ~where(CAN) & ~cannot & ~doubted & takes:
                yield tell(silent, "shows no doubt, where the matrix says only_if", as_)
        if refused:
            yield tell(refused, "refers to a body that cannot take it", as_)
        if unknown:
            yield tell(unknown, "refers where the matrix does not say that the body can take it", as_)
