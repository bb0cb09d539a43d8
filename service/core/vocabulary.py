"""The closed list of facts, answers and destinations that rules and situations are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

UNKNOWN = "unknown"


class Nature(StrEnum):
    """What a fact is about, and so whether its answer can still become another one."""

    WHO = "who"
    WHERE = "where"
    PAST = "past"
    EVENT = "event"
    WISH = "wish"


IDENTITY = (Nature.WHO, Nature.WHERE)  # nobody is told to be somebody else, or somewhere else
HELD = (*IDENTITY, Nature.PAST)  # nor that something else happened: only a wish and an event can still become another


@dataclass(frozen=True)
class Fact:
    """One fact: its closed answers, the concern it belongs to (or none), and whether the directory knows it."""

    id: str
    answers: tuple[str, ...]
    concern: str | None = None
    of_organisation: bool = False
    several: bool = False
    few: tuple[str, ...] = ()  # answers that few people can give: said of them, they may point at one
    nature: Nature = Nature.PAST
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # only where other facts have these answers
    must_name: bool = False  # whether each rule of its concerns names it


@dataclass(frozen=True)
class Vocabulary:
    """All facts in the order of asking, all destinations in the order of reading."""

    facts: tuple[Fact, ...]
    destinations: tuple[str, ...]
    first_edition: date
    safety_net: str
    kinds: tuple[str, ...] = ()  # of organisations

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        """Every fact by its id."""
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def concerns(self) -> Fact:
        """The one fact that can have several answers at once; each answer is decided on its own."""
        return next(fact for fact in self.facts if fact.several)

    @cached_property
    def asked(self) -> tuple[Fact, ...]:
        """The facts a person is asked, in order, without the concerns themselves."""
        return tuple(fact for fact in self.facts if not fact.of_organisation and not fact.several)

    @cached_property
    def of_organisation(self) -> tuple[Fact, ...]:
        """The facts the directory knows of an organisation."""
        return tuple(fact for fact in self.facts if fact.of_organisation)

    def applying(self, fact: str, concern: str) -> dict[str, tuple[str, ...]]:
        """Where a fact applies within a concern: the answers that other facts must have, of those that it may test."""
        testable = {one.id for one in self.facts_of(concern)}
        return {other: answers for other, answers in self.by_id[fact].applies.items() if other in testable}

    def scope(self, conditions: Mapping[str, Collection[str]], concern: str) -> Iterator[tuple[str, Collection[str]]]:
        """Conditions of a concern, and after them where each fact in them applies, and where those apply."""
        facts = list(conditions)
        yield from conditions.items()
        for fact in facts:  # grows while it is read
            applies = self.applying(fact, concern)
            yield from applies.items()
            facts += applies

    def facts_of(self, concern: str) -> tuple[Fact, ...]:
        """The single-answer facts that a rule of this concern may test, in the order of asking."""
        return tuple(fact for fact in self.facts if not fact.several and concern in self.concerns_of(fact))

    def concerns_of(self, fact: Fact) -> tuple[str, ...]:
        """The concerns a fact belongs to; all of them where it names none."""
        if fact.concern:
            return (fact.concern,)
        return tuple(fact.applies.get(self.concerns.id, self.concerns.answers))
