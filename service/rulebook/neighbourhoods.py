"""Neighbourhoods: one situation, how it is referred to one destination, and which single other answer changes that.

A case says where one person ends; a neighbourhood says, for every question, which answers make the difference. They
are written down from the rules and signed by a person, so they prove no rule right: they make every change of a rule
visible. `python tests/neighbours.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from marshmallow import fields

from service.core.rule import STRENGTH, As, Edition, Rule
from service.core.vocabulary import UNKNOWN, Fact
from service.proof.grounds import deciding
from service.proof.tried import Tried, name_of, unless_tried
from service.rulebook.drafts import Draft
from service.rulebook.known import Known
from service.rulebook.languages import NONE
from service.rulebook.messages import Message
from service.rulebook.schemas import AuthorSchema, Made, Text, TomlDate
from service.rulebook.toml_files import Problem, Problems, Table, TomlFile, of_base, read

FILE = "neighbourhoods.toml"
CLOSED = "closed"

Outcome = tuple[str, tuple[str, ...]]  # how somebody is referred, and on which rules that count


@dataclass(frozen=True)
class Neighbourhood:
    """A situation with every fact answered, its outcome for one destination, and the answers that change it."""

    destination: str
    concern: str
    on: date
    as_: str
    rules: tuple[str, ...]
    situation: Mapping[str, str]
    unless: Mapping[str, Sequence[str]]

    @property
    def outcome(self) -> Outcome:
        """How the situation is referred, as it was signed."""
        return self.as_, self.rules

    def differences(self, rules: Sequence[Rule], facts: Iterable[Fact]) -> Iterator[tuple[str, str, Outcome]]:
        """The answers of which these rules say something else than what was signed: fact, answer, and the outcome."""
        for fact, answer, there in neighbours(rules, facts, self.situation):
            if (there != self.outcome) != (answer in self.unless.get(fact, ())):
                yield fact, answer, there


class NeighbourhoodSchema(Made):
    """One `[[neighbourhood]]`."""

    made = Neighbourhood
    destination = Text(required=True)
    concern = Text(required=True)
    on = TomlDate(required=True)
    as_ = Text(required=True, data_key="as")
    rules = fields.List(Text(), required=True)
    situation = fields.Dict(keys=fields.String(), values=Text(), required=True)
    unless = fields.Dict(keys=fields.String(), values=fields.List(Text()), required=True)


class NeighbourhoodsSchema(AuthorSchema):
    """tests/neighbourhoods.toml."""

    neighbourhood = fields.List(fields.Nested(NeighbourhoodSchema), required=True)


@dataclass(frozen=True)
class Signed:
    """A neighbourhood and where it stands."""

    neighbourhood: Neighbourhood
    file: TomlFile
    number: int


def load_neighbourhoods(folder: Path, library: Draft, problems: Problems) -> list[Signed]:
    """Read what was signed, and hold it against the vocabulary.

    In an overlay what was signed with the base counts where no rules of its own lead.
    """
    vocabulary = library.rulebase.vocabulary
    file = read(folder, folder / FILE, NeighbourhoodsSchema(), problems, Known(NONE))
    found = file.data["neighbourhood"] if file else []
    for number, one in enumerate(found):
        assert file is not None  # noqa: S101 - for the type checker
        at = Table(file, problems, "neighbourhood", number)
        at.among(one.destination, vocabulary.destinations, "not_a_destination", "destination")
        at.among(one.concern, vocabulary.concerns.answers, "not_a_concern", "concern")
        at.among(one.as_, (*As, CLOSED), "not_a_way_to_refer", "as")
        if one.on < vocabulary.first_edition:
            at.say("before_first_edition", "on", since=one.on, first=vocabulary.first_edition)
    own = {path.stem for path in (folder.resolve().parent / "rules").glob("*.toml")}
    return [
        Signed(one, file, number)
        for number, one in enumerate(found)
        if file and not (of_base(file.at(("neighbourhood", number))[0]) and one.destination in own)
    ]


def changed(signed: Iterable[Signed], library: Draft, tried: Tried) -> Iterator[Problem]:
    """Every neighbourhood that is no longer as it was signed.

    Args:
        signed: all of them.
        library: with the rules.
        tried: which of them were held against which rules before; grows. They are not held against them again.

    """
    together: dict[tuple[str, str, str], list[Signed]] = {}
    for one in signed:
        here = one.neighbourhood
        edition = library.rulebase.on(here.on)
        together.setdefault((edition.id, here.concern, here.destination), []).append(one)
    editions = {edition.id: edition for edition in library.rulebase.editions}
    for (id_, concern, destination), ones in together.items():
        facts = facts_of(editions[id_], concern)
        rules = [rule for rule in editions[id_].of_concern(concern) if rule.refer == destination]
        decides = [(fact.id, fact.answers) for fact in facts], [deciding(rule) for rule in rules]
        name = name_of("neighbourhoods", decides, [one.neighbourhood for one in ones])
        yield from unless_tried(tried, name, len(ones), partial(_changed, ones, id_, rules, facts, library))


def _changed(
    signed: Iterable[Signed], edition: str, rules: Sequence[Rule], facts: Sequence[Fact], library: Draft
) -> Iterator[Problem]:
    for one in signed:
        here = one.neighbourhood
        here = replace(here, situation={**{fact.id: unasked(fact) for fact in facts}, **here.situation})
        now = outcome(rules, here.situation)
        said = {"destination": here.destination, "concern": here.concern, "edition": edition}
        if now != here.outcome:
            message = Message("neighbourhood_outcome", {**said, "signed": _told(here.outcome), "now": _told(now)})
        elif differ := [
            Message("answer_leads", {"fact": fact, "answer": answer, "there": _told(there)})
            for fact, answer, there in here.differences(rules, facts)
        ]:
            message = Message("neighbourhood_border", {**said, "answers": tuple(differ)})
        else:
            continue
        also = tuple(dict.fromkeys(library.places.of(("rule", id_)) for id_ in dict.fromkeys((*now[1], *here.rules))))
        at = one.file.at(("neighbourhood", one.number))
        yield Problem(*at, message, also=tuple(place for place in also if place != library.places.whole))


def _told(outcome_: Outcome) -> Message | str:
    as_, rules = outcome_
    return f"{as_} ({', '.join(rules)})" if rules else Message("closed")


def facts_of(edition: Edition, concern: str) -> list[Fact]:
    """The facts that the rules of a concern test."""
    tested = {fact for rule in edition.of_concern(concern) for fact in rule.when}
    return [fact for fact in edition.vocabulary.facts if fact.id in tested]


def unasked(fact: Fact) -> str:
    """The answer of a situation to a fact of which it says nothing."""
    return UNKNOWN if UNKNOWN in fact.answers else fact.answers[0]


def outcome(rules: Iterable[Rule], situation: Mapping[str, str]) -> Outcome:
    """How a situation is referred by the rules of one destination: how, and on which rules that count."""
    firing = [rule for rule in rules if rule.matches(situation)]
    if not firing:
        return CLOSED, ()
    as_ = min((rule.as_ for rule in firing), key=STRENGTH.__getitem__)
    return as_.value, tuple(rule.id for rule in firing if rule.as_ is as_)


def neighbours(
    rules: Sequence[Rule], facts: Iterable[Fact], situation: Mapping[str, str]
) -> Iterator[tuple[str, str, Outcome]]:
    """Every situation that differs in one answer, and its outcome."""
    for fact in facts:
        for answer in fact.answers:
            if answer != situation.get(fact.id):
                yield fact.id, answer, outcome(rules, {**situation, fact.id: answer})
