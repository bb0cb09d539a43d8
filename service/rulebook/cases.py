"""Cases that advisors tell: who is sent where, on which day, after which source; held against what the rules decide."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields

from service.core.decision import Decision
from service.core.reading import Reading
from service.core.rule import As
from service.core.situation import situation
from service.core.vocabulary import Nature
from service.proof.findings import Broken
from service.rulebook.compiled import Library
from service.rulebook.drafts import Draft
from service.rulebook.known import Known
from service.rulebook.languages import NONE
from service.rulebook.messages import Message
from service.rulebook.overlay import within
from service.rulebook.schemas import AuthorSchema, Made, Text, TomlDate, mistake
from service.rulebook.toml_files import Problem, Problems, Table, TomlFile, read

CASES = "cases"
REFERRED = tuple(one.value for one in As)
DESTINATIONS = (*REFERRED, "closed")


class Given(fields.Field[Any]):
    """The answer to a fact; for the concerns a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - marshmallow's
        if not all(isinstance(one, str) for one in (value if isinstance(value, list) else [value])):
            raise mistake("answer_no_word")
        return value


class ExpectSchema(AuthorSchema):
    """`expect` of a case: where it ends, and what is asked or ignored on the way."""

    first = fields.List(Text())
    also = fields.List(Text())
    later = fields.List(Text())
    closed = fields.List(Text())
    because = fields.List(Text())
    ignored = fields.List(Text())
    complete = fields.Boolean(truthy={True}, falsy={False})
    next = Text()


@dataclass(frozen=True)
class Case:
    """One story, and where it must end.

    Attributes:
        name: who it is, in a sentence.
        tells: the source that says so: its id and a place in it, or a place in the source that is kept whole.
        on: the day it is.
        organisation: the id of the organisation, or None where none is named.
        situation: fact -> answer; `concerns` -> a list.
        expect: what `ExpectSchema` has.

    """

    name: str
    tells: str
    on: date
    organisation: str | None
    situation: Mapping[str, Any]
    expect: Mapping[str, Any]


class CaseSchema(Made):
    """One `[[case]]`."""

    made = Case
    name = Text(required=True)
    tells = Text(required=True)
    on = TomlDate(required=True)
    organisation = Text(load_default=None)
    situation = fields.Dict(keys=fields.String(), values=Given(), required=True)
    expect = fields.Nested(ExpectSchema, required=True)


class CasesSchema(AuthorSchema):
    """A file of cases."""

    case = fields.List(fields.Nested(CaseSchema), required=True)


@dataclass(frozen=True)
class Told:
    """A case and where it stands."""

    case: Case
    file: TomlFile
    number: int

    def wrong(self, key: str, id_: str, told: Iterable[str], found: Iterable[str | None], **values: Any) -> Problem:
        """What does not come out as this case tells it, and what does."""
        said = Message(id_, {**values, "told": _listed(told), "found": _listed(found)})
        place = self.file.at(("case", self.number, "expect", key))
        return Problem(*place, said, Message("in_case", {"name": self.case.name}))


def standing_in(path: Path) -> list[Case]:
    """The cases of a file as they stand there, held against nothing.

    Raises:
        ValueError: it has no `[[case]]` tables.

    """
    try:
        told: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["case"]
        return [Case(**{"organisation": None, **one}) for one in told]
    except (KeyError, TypeError):
        raise ValueError(path) from None


def load_cases(folder: Path, library: Draft, problems: Problems) -> list[Told]:
    """Read every case in a folder and hold it against the vocabulary, the rules, the sources and the organisations."""
    told: list[Told] = []
    for path in within(folder.parent, folder.name):
        file = read(folder.parent, path, CasesSchema(), problems, Known(NONE))
        told += [Told(case, file, number) for number, case in enumerate(file.data["case"])] if file else []
    names: dict[str, Told] = {}
    for one in told:
        at = Table(one.file, problems, "case", one.number, whose=Message("in_case", {"name": one.case.name}))
        if one.case.name in names:
            first = names[one.case.name]
            where = first.file.at(("case", first.number, "name"))
            at.say("case_twice", "name", where=":".join(map(str, where)))
        names.setdefault(one.case.name, one)
        _check(one.case, at, library)
    return told


def _check(case: Case, at: Table, library: Draft) -> None:
    vocabulary = library.rulebase.vocabulary
    facts = [fact.id for fact in vocabulary.facts if not fact.several]
    if not case.expect:
        at.say("nothing_expected", "expect")
    if case.on < vocabulary.first_edition:
        at.say("before_first_edition", "on", since=case.on, first=vocabulary.first_edition)
    if case.organisation is not None:
        at.among(case.organisation, library.organisations.by_id, "not_an_organisation", "organisation")
    if not tells(case.tells, library):
        at.say("tells_nothing_we_hold", "tells", tells=case.tells)
    for fact, given in case.situation.items():
        here = ("situation", fact)
        if fact == vocabulary.concerns.id:
            for one in given if isinstance(given, list) else [given]:
                at.among(one, vocabulary.concerns.answers, "not_a_concern", *here)
        elif at.among(fact, facts, "not_a_fact", *here):
            if isinstance(given, list):
                at.say("story_with_two_answers", *here, fact=fact)
            else:
                at.among(given, vocabulary.by_id[fact].answers, "not_an_answer", *here, fact=fact)
            if case.organisation and vocabulary.by_id[fact].of_organisation:
                at.say("organisation_says_it", *here, fact=fact, organisation=case.organisation)
    rules = [rule.id for rule in library.rulebase.rules]
    for keys, known, id_ in (
        (DESTINATIONS, vocabulary.destinations, "not_a_destination"),
        (("because",), rules, "not_a_rule"),
        (("ignored",), facts, "not_a_fact"),
    ):
        for key in keys:
            for one in case.expect.get(key, ()):
                at.among(one, known, id_, "expect", key)
    if "next" in case.expect:
        at.among(case.expect["next"], vocabulary.by_id, "not_a_fact", "expect", "next")


def tells(told: str, library: Draft) -> bool:
    """Whether a source that we hold has the place that a case names."""
    source, _, place = told.partition(", ")
    if source in library.texts.sources:
        return not place or place in library.passages.places(source)
    whole = next((one.id for one in library.texts.sources.values() if one.text), None)
    return whole is not None and told in library.passages.places(whole)


def misses(told: Iterable[Told], library: Draft) -> Iterator[Problem]:
    """Every case that does not end as it is told."""
    readings = readings_of(library)
    for one in told:
        yield from _missed(one, decided(one.case, library, readings))


def readings_of(library: Library) -> dict[str, Reading]:
    """A reading of each edition, by its id."""
    return {one.id: Reading(one, library.graphs.get(one.id)) for one in library.rulebase.editions}


def decided(case: Case, library: Library, readings: Mapping[str, Reading]) -> Decision:
    """Where a case ends by the rules of its day.

    Raises:
        VocabularyError: it answers what is no fact, or as none is answered.

    """
    chosen = library.organisations.on(case.organisation, case.on) if case.organisation else None
    asked = situation(library.rulebase.vocabulary, case.situation, chosen.facts(case.on) if chosen else None)
    return readings[library.rulebase.on(case.on).id].decide(asked, closed=False)


def deciding(case: Case, found: Decision) -> tuple[str, ...]:
    """The ids of the rules that lead where a case says that it leads."""
    expected = {door for as_ in REFERRED for door in case.expect.get(as_, ())}
    return tuple(rule.id for door in found.referrals if door.destination in expected for rule in door.rules)


def _missed(one: Told, found: Decision) -> Iterator[Problem]:
    expect = one.case.expect
    ends = {as_: [door.destination for door in found.referrals if door.as_ == as_] for as_ in REFERRED}
    why = [rule.id for door in found.referrals if door.as_ == As.FIRST for rule in door.rules]
    if expect.get("first", ends["first"]) != ends["first"]:
        yield one.wrong("first", "case_first", expect["first"], ends["first"], rules=_listed(why))
    for as_ in ("also", "later"):
        if lost := [door for door in expect.get(as_, ()) if door not in ends[as_]]:
            yield one.wrong(as_, "case_lacks", lost, ends[as_], as_=as_)
    if open_ := [door for door in expect.get("closed", ()) if door in found.possible]:
        yield one.wrong("closed", "case_open", open_, found.possible)
    if lost := [rule for rule in expect.get("because", ()) if rule not in why]:
        yield one.wrong("because", "case_because", lost, why)
    if expect.get("complete", found.complete) != found.complete:
        yield one.wrong("complete", "case_complete" if found.complete else "case_incomplete", (), [found.next_fact])
    if expect.get("next", found.next_fact) != found.next_fact:
        yield one.wrong("next", "case_next", [expect["next"]], [found.next_fact])
    if set(expect.get("ignored", found.ignored)) != set(found.ignored):
        yield one.wrong("ignored", "case_ignored", expect["ignored"], found.ignored)


def _listed(words: Iterable[str | None]) -> str:
    return ", ".join(word for word in words if word) or "-"


def untold(told: Iterable[Told], library: Draft) -> Iterator[Broken]:
    """Every destination to which no case leads, and every answer about who and what that none gives."""
    cases = [one.case for one in told]
    expected = {door for case in cases for as_ in REFERRED for door in case.expect.get(as_, ())}
    vocabulary = library.rulebase.vocabulary
    for destination in vocabulary.destinations:
        if destination not in expected:
            yield Broken("destination_in_no_case", {"destination": destination}, (("destination", destination),))
    given = {
        (fact, answer)
        for case in cases
        for fact, answers in case.situation.items()
        for answer in (answers if isinstance(answers, list) else [answers])
    }
    for fact in vocabulary.asked:
        for answer in fact.answers if fact.several or fact.nature in (Nature.WHO, Nature.WISH) else ():
            if (fact.id, answer) not in given:
                yield Broken("answer_in_no_case", {"fact": fact.id, "answer": answer}, (("fact", fact.id),))
