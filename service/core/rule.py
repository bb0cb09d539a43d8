"""Rules, the rulebase they stand in, and the edition of it that is in force on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.core.errors import NoEditionError
from service.core.period import Period
from service.core.vocabulary import Vocabulary


class As(StrEnum):
    """How a rule refers, strongest first: the step to take now, another open door, the door after this one."""

    FIRST = "first"
    ALSO = "also"
    LATER = "later"


STRENGTH = {as_: number for number, as_ in enumerate(As)}


@dataclass(frozen=True)
class Citation:
    """The words of a source a rule rests on: source id, where in it, and a short verbatim quotation (or none)."""

    source: str
    locator: str
    quote: str | None


@dataclass(frozen=True)
class Story:
    """A situation told in one sentence: facts and answers as in a request, without an organisation."""

    name: str
    situation: Mapping[str, str]


@dataclass(frozen=True)
class Doubt:
    """What changes what somebody should do because the law or the facts are not certain.

    Attributes:
        says: per language.
        whom: whom it concerns: whoever meets all conditions of one of these; everybody where there are none.

    """

    says: Mapping[str, str]
    whom: tuple[Mapping[str, frozenset[str]], ...] = ()


@dataclass(frozen=True)
class Rule:
    """One flat row: every condition holds; a list of answers means "one of these".

    Attributes:
        note: what only an editor or a jurist has to know; nobody who is referred reads it.

    """

    id: str
    refer: str
    as_: As
    concern: str
    when: Mapping[str, frozenset[str]]
    since: date
    until: date | None
    citations: tuple[Citation, ...]
    why: Mapping[str, str]
    doubts: tuple[Doubt, ...]
    terms: tuple[str, ...]
    example: Story
    near_miss: Story
    note: Mapping[str, str] | None = None

    @property
    def remarks(self) -> tuple[Mapping[str, str], ...]:
        """The words of its doubts and of its note."""
        return (*(one.says for one in self.doubts), *([self.note] if self.note else ()))

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on that day; the day in `until` itself no longer counts."""
        return Period(self.since, self.until).holds(on)

    def matches(self, situation: Mapping[str, str]) -> bool:
        """The definition of a rule: every condition holds. `situation` answers every fact the rule tests."""
        return all(situation[fact] in answers for fact, answers in self.when.items())


@dataclass(frozen=True)
class Edition:
    """The rules in force from one day to the next change, with the digest that names them."""

    id: str
    since: date
    until: date | None
    rules: tuple[Rule, ...]
    digest: str
    vocabulary: Vocabulary

    def of_concern(self, concern: str) -> tuple[Rule, ...]:
        """The rules of one concern, in the order of the files."""
        return tuple(rule for rule in self.rules if rule.concern == concern)


@dataclass(frozen=True)
class Rulebase:
    """All editions, oldest first, without a gap between them."""

    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    editions: tuple[Edition, ...]

    def on(self, day: date) -> Edition:
        """The edition in force on `day`.

        Raises:
            NoEditionError: `day` lies before the first edition; never a guess.

        """
        for edition in reversed(self.editions):
            if edition.since <= day:
                return edition
        raise NoEditionError(self.editions[0].since)
