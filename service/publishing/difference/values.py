"""What differs between two sides: plain values, as the JSON of `wegwijzer diff` has them, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.core.cubes import Who
from service.core.period import Period
from service.core.rule import As
from service.rulebook.texts import Contact


@dataclass(frozen=True)
class Moment:
    """A day of the old side and one of the new, and the period for which they stand; None: for these days alone."""

    old: date
    new: date
    period: Period | None


@dataclass(frozen=True)
class Move:
    """A destination that is referred to in another way (None: not at all), or in the same way by other rules.

    `old` and `new` are the rules that count for anybody in the group; of other rules in the same way, those alone.
    """

    destination: str
    before: As | None
    after: As | None
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """People of one concern for whom the same changes, in these periods; `example` is one of them, by what matters."""

    concern: str
    periods: tuple[Period, ...]
    moves: tuple[Move, ...]
    loses_first: bool
    who: Who
    example: Mapping[str, str]


@dataclass(frozen=True)
class Count:
    """Of one concern how many situations were compared, and in how many something changes in some period.

    Attributes:
        changed: another answer.
        moved: of these, a destination is referred to in another way; in the others only the reason differs.
        loses_first: of these, there was a first step and there is none now.

    """

    concern: str
    size: int
    changed: int
    moved: int
    loses_first: int


@dataclass(frozen=True)
class RulesDiff:
    """What rules decide otherwise: groups of people, those who lose most first, and the groups that are only counted.

    `untold` has per such group its number of situations.
    """

    counts: tuple[Count, ...]
    groups: tuple[Group, ...]
    untold: tuple[int, ...]

    @property
    def changed(self) -> int:
        """In how many situations the answer changes."""
        return sum(count.changed for count in self.counts)


@dataclass(frozen=True)
class OrganisationsDiff:
    """Organisations of which the directory says something else: per fact what it said and says.

    `changes` is for whom the answer changes there by that, as the new rules decide.
    """

    organisations: tuple[str, ...]
    periods: tuple[Period, ...]
    facts: Mapping[str, tuple[str, str]]
    changes: RulesDiff


@dataclass(frozen=True)
class ContactDiff:
    """A contact of a destination that is another one, for whoever names one of these organisations; none: everybody.

    `before` is None where there was none, `after` where there is none; both are the same where only the order differs.
    """

    destination: str
    organisations: tuple[str, ...]
    periods: tuple[Period, ...]
    before: Contact | None
    after: Contact | None


@dataclass(frozen=True)
class TextDiff:
    """A text, by the file and the key where it stands; None is no such text. Without a key: the whole file."""

    file: str
    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Side:
    """One side: the digests of the rules that were compared, by their first days, and what else is its own.

    Attributes:
        name: what it is called.
        editions: first day -> digest.
        facts: those that only this side knows.
        answers: those to facts of both that only this side knows.
        unread: mistakes for which something of it could not be read.

    """

    name: str
    editions: Mapping[str, str]
    facts: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """All that differs between two sides. `one_sided` are the days for which only one of them has rules."""

    old: Side
    new: Side
    moments: tuple[Moment, ...]
    one_sided: Period | None
    rules: RulesDiff
    organisations: tuple[OrganisationsDiff, ...]
    contacts: tuple[ContactDiff, ...]
    texts: tuple[TextDiff, ...]

    @property
    def loses_first(self) -> bool:
        """Whether there is anybody who had a first step and has none now."""
        of = (self.rules, *(one.changes for one in self.organisations))
        return any(count.loses_first for rules in of for count in rules.counts)

    @property
    def nothing(self) -> bool:
        """Whether everything was compared, and nothing is different."""
        alone = any(side.facts or side.answers or side.unread for side in (self.old, self.new))
        differ = self.rules.changed or self.organisations or self.contacts or self.texts
        return not (alone or self.one_sided or differ)
