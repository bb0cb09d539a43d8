"""The outcome as a page tells it: each place once, whatever the number of subjects it is for.

The browser puts it together in the same way (web/static/referral.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from service.answers import view
from service.core.rule import As

T = TypeVar("T")
IN_SIGHT = 5  # other places; more of them are folded, for nobody chooses from ten


@dataclass(frozen=True)
class Place:
    """A destination with all that was said of it.

    Attributes:
        door: as it is for the first subject for which it is strongest.
        subjects: what they are called, of all subjects that lead there; none where nobody named one.
        whys: why, once each.
        doubts: what to ask, for any of them.
        sources: what it rests on, for any of them.
        terms: the deadlines, for any of them.

    """

    door: view.Referral
    subjects: tuple[str, ...]
    whys: tuple[str, ...]
    doubts: tuple[str, ...]
    sources: tuple[view.Citation, ...]
    terms: tuple[view.Term, ...]

    @property
    def sure(self) -> tuple[view.Term, ...]:
        """The deadlines that surely concern this person."""
        return tuple(one for one in self.terms if one.fit != "unknown")

    @property
    def perhaps(self) -> tuple[view.Term, ...]:
        """The deadlines that may concern this person, and for no subject surely do."""
        sure = {one.id for one in self.sure}
        return tuple(one for one in self.terms if one.fit == "unknown" and one.id not in sure)

    @property
    def phone(self) -> str | None:
        """The number to call: of the act, or else of the first contact that is surely for this person."""
        sure = (one.phone for one in self.door.contacts if one.fit != "unknown" and one.phone)
        return (self.door.act.phone if self.door.act else None) or next(sure, None)


@dataclass(frozen=True)
class Outcome:
    """Every place: the first steps, what else is open now, and what comes later."""

    first: tuple[Place, ...]
    also: tuple[Place, ...]
    later: tuple[Place, ...]

    @property
    def heading(self) -> str:
        """The first step in a few words."""
        return self.first[0].door.in_short.heading

    @property
    def near(self) -> tuple[Place, ...]:
        """Of what else is open now: what stands in sight."""
        return self.also[:IN_SIGHT]

    @property
    def rest(self) -> tuple[Place, ...]:
        """And what is folded."""
        return self.also[IN_SIGHT:]

    @property
    def open(self) -> tuple[Place, ...]:
        """Those among which somebody can choose now."""
        return (*self.first, *self.also)


def outcome(referrals: Sequence[view.Referral], labels: Mapping[str, str]) -> Outcome:
    """Bring referrals together by place.

    Args:
        referrals: per subject, the strongest first.
        labels: what each subject is called.

    """
    order = [as_.value for as_ in As]
    ranked = sorted(referrals, key=lambda one: order.index(one.as_))
    found: dict[str, list[view.Referral]] = {}
    for one in ranked:
        found.setdefault(one.destination, []).append(one)
    places = [_place(those, labels) for those in found.values()]
    told: set[str] = set()  # of first steps: a deadline that was told at one is not told again at the next
    for number, place in enumerate(places):
        if place.door.as_ == As.FIRST:
            places[number] = replace(place, terms=tuple(term for term in place.terms if term.id not in told))
            told |= {term.id for term in place.sure}
    return Outcome(*(tuple(one for one in places if one.door.as_ == as_) for as_ in order))


def _place(those: Sequence[view.Referral], labels: Mapping[str, str]) -> Place:
    return Place(
        door=those[0],
        subjects=_once(labels[one.concern] for one in those if one.concern),
        whys=_once(one.why for one in those),
        doubts=_once(said for one in those for said in one.doubts),
        sources=_each([source for one in those for source in one.sources]),
        terms=_each([term for one in those for term in one.terms]),
    )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _each(items: Sequence[T]) -> tuple[T, ...]:
    return tuple(one for number, one in enumerate(items) if one not in items[:number])
