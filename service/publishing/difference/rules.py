"""Which situations get another outcome from one edition than from another, exact over the whole space.

An outcome is, for one concern, how each destination is referred to and by which rules that count. Both sides are laid
over one space: every combination of answers to the facts that the rules of either side test. A fact that only one side
knows is a part of that space; of a fact that both know, the answers that both know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from service.core.cubes import who
from service.core.period import Period
from service.core.rule import As, Edition
from service.core.space import Situations, Space
from service.core.vocabulary import UNKNOWN, Fact, Vocabulary
from service.proof.grounds import Ground
from service.publishing.difference.values import Count, Group, Move, RulesDiff

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Pair:
    """Two editions to compare, and the periods for which both are in force; none for two days."""

    old: Edition
    new: Edition
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, eq=False)  # told apart by identity: a set of situations knows its place
class _Change:
    """The situations in which the same changes, in the first pair of editions where it does."""

    concern: str
    moves: tuple[Move, ...]
    where: Situations
    before: Ground
    after: Ground

    @property
    def moving(self) -> set[str]:
        """The destinations that are referred to in another way."""
        return {one.destination for one in self.moves if one.before is not one.after}

    @property
    def loses_first(self) -> bool:
        """Whether there was a first step and there is none now."""
        before, after = ([getattr(one, side) for one in self.moves] for side in ("before", "after"))
        return As.FIRST in before and As.FIRST not in after

    @property
    def weight(self) -> tuple[bool, bool, bool, int]:
        """What to tell first: who loses a first step, who gets another one, then other doors, and the largest."""
        firsts = any(As.FIRST in (one.before, one.after) for one in self.moves)
        return not self.loses_first, not (self.moving and firsts), not self.moving, -self.where.size


def pairs_of(moments: Iterable[tuple[Edition, Edition, Period | None]]) -> list[Pair]:
    """Editions that are in force at the same time, each two once with all their periods."""
    found: dict[tuple[str, str], Pair] = {}
    for old, new, period in moments:
        known = found.get((old.id, new.id), Pair(old, new))
        found[old.id, new.id] = replace(known, periods=joined((*known.periods, *([period] if period else ()))))
    return list(found.values())


def compare(pairs: Sequence[Pair], most: int) -> RulesDiff:
    """Compare editions.

    Args:
        pairs: at least one; all old editions have one vocabulary, and all new ones.
        most: how many groups of people to tell; the others are counted.

    """
    old, new = pairs[0].old.vocabulary, pairs[0].new.vocabulary
    found = {one: _concern(one, pairs) for one in new.concerns.answers if one in old.concerns.answers}
    changes = [change for _, of in found.values() for change in of]
    told = sorted(changes, key=lambda change: change.weight)
    return RulesDiff(
        tuple(_count(concern, space, list(of)) for concern, (space, of) in found.items()),
        tuple(_group(change, found[change.concern][1][change]) for change in told[:most]),
        tuple(change.where.size for change in told[most:]),
    )


def _concern(concern: str, pairs: Sequence[Pair]) -> tuple[Space, dict[_Change, tuple[Period, ...]]]:
    """The space of a concern, and each change in it with the periods in which it is one."""
    old, new = pairs[0].old.vocabulary, pairs[0].new.vocabulary
    editions = [edition for pair in pairs for edition in (pair.old, pair.new)]
    tested = {fact for edition in editions for rule in edition.of_concern(concern) for fact in rule.when}
    both = {fact.id: fact for fact in (*new.facts, *old.facts)}
    space = Space([_common(fact, old, new) for fact in both if fact in tested])
    destinations = tuple(dict.fromkeys((*new.destinations, *old.destinations)))
    first: dict[tuple[object, ...], _Change] = {}
    periods: dict[_Change, tuple[Period, ...]] = {}
    for pair in pairs:
        before, after = (_ground(edition, concern, space) for edition in (pair.old, pair.new))
        for moves, where in _changes(before, after, destinations).items():
            same = first.setdefault((moves, where), _Change(concern, moves, where, before, after))
            periods[same] = joined((*periods.get(same, ()), *pair.periods))
    return space, periods


def _ground(edition: Edition, concern: str, space: Space) -> Ground:
    return Ground(edition, concern, edition.of_concern(concern), space)


def _doors(here: Ground, destination: str) -> dict[As | None, Situations]:
    """Per way to refer to a destination where that is done; None is where it is not."""
    doors: dict[As | None, Situations] = {
        as_: here.made(lambda rule, as_=as_: (rule.refer, rule.as_) == (destination, as_))  # type: ignore[misc]
        for as_ in As
    }
    return {**doors, None: ~here.space.union(doors.values())}


def _changes(before: Ground, after: Ground, destinations: Sequence[str]) -> dict[tuple[Move, ...], Situations]:
    """What changes, each with its situations: where a destination is referred to otherwise, or else by other rules."""
    space = before.space
    moving: dict[tuple[Move, ...], Situations] = {(): space.all}
    for destination in destinations:
        old, new = _doors(before, destination), _doors(after, destination)
        for one, other in product(old, new):
            if one is not other:
                moving = _split(moving, Move(destination, one, other), old[one] & new[other])
    others: dict[tuple[Move, ...], Situations] = {(): moving.pop((), space.none)}
    for destination in destinations:
        for as_ in As:
            others = _swapped(others, before, after, destination, as_)
    others.pop((), None)
    return {**moving, **others}


def _swapped(
    blocks: dict[tuple[Move, ...], Situations], before: Ground, after: Ground, destination: str, as_: As
) -> dict[tuple[Move, ...], Situations]:
    """Split each block by the rules that no longer, and that now, refer to a destination in the same way."""
    rules: dict[tuple[tuple[str, bool], ...], Situations] = {(): before.space.all}
    counting = [
        {
            rule.id: where
            for rule, where in zip(here.rules, here.counts, strict=True)
            if (rule.refer, rule.as_) == (destination, as_)
        }
        for here in (before, after)
    ]
    for id_ in dict.fromkeys((*counting[0], *counting[1])):
        old, new = (side.get(id_, before.space.none) for side in counting)
        rules = _split(_split(rules, (id_, False), old - new), (id_, True), new - old)
    for ids, where in rules.items():
        gone, come = (tuple(id_ for id_, comes in ids if comes is side) for side in (False, True))
        if ids:
            blocks = _split(blocks, Move(destination, as_, as_, gone, come), where)
    return blocks


def _split(
    blocks: dict[tuple[Thing, ...], Situations], change: Thing, where: Situations
) -> dict[tuple[Thing, ...], Situations]:
    """Split each block of situations in those that also change like this and those that do not."""
    if not where:
        return blocks
    found = {}
    for changes, block in blocks.items():
        if inside := block & where:
            found[(*changes, change)] = inside
        if outside := block - where:
            found[changes] = outside
    return found


def _count(concern: str, space: Space, changes: Sequence[_Change]) -> Count:
    sets = (changes, [one for one in changes if one.moving], [one for one in changes if one.loses_first])
    return Count(concern, space.size, *(space.union(one.where for one in of).size for of in sets))


def _group(change: _Change, periods: tuple[Period, ...]) -> Group:
    moves = tuple(
        replace(move, old=_counting(change.before, move, change.where), new=_counting(change.after, move, change.where))
        if move.before is not move.after
        else move
        for move in change.moves
    )
    return Group(change.concern, periods, moves, change.loses_first, who(change.where), _example(change.where))


def _counting(here: Ground, move: Move, where: Situations) -> tuple[str, ...]:
    """The rules that count for a destination for anybody in a group."""
    counting = zip(here.rules, here.counts, strict=True)
    return tuple(rule.id for rule, there in counting if rule.refer == move.destination and there & where)


def _example(where: Situations) -> Mapping[str, str]:
    """Somebody in a group with common answers: the first that the vocabulary lists, not knowing last.

    Answers that could be others are left out.
    """
    space, left = where.space, where
    for fact in space.facts:
        answers = sorted(fact.answers, key=lambda one: one == UNKNOWN)
        left = next(here for one in answers if (here := left & space.where(fact.id, (one,))))
    answers_ = left.some() or {}
    for fact in reversed(space.facts):
        fewer = {id_: answer for id_, answer in answers_.items() if id_ != fact.id}
        if not space.of({id_: (answer,) for id_, answer in fewer.items()}) - where:
            answers_ = fewer
    return answers_


def _common(fact: str, old: Vocabulary, new: Vocabulary) -> Fact:
    """A fact with the answers that both sides know; as it is when one side does not have it."""
    one, other = new.by_id.get(fact), old.by_id.get(fact)
    if one and other:
        return Fact(fact, tuple(answer for answer in one.answers if answer in other.answers))
    return one or old.by_id[fact]


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Periods of which one begins where another ends as one period."""
    found: list[Period] = []
    for period in periods:
        if found and found[-1].until == period.since:
            found[-1] = Period(found[-1].since, period.until)
        else:
            found.append(period)
    return tuple(found)
