"""Which situations get another outcome from one edition than from another, exact over the whole space.

An outcome is, for one concern, how each destination is referred to and by which rules that count. Both sides are laid
over one space: every combination of answers to the facts that the rules of either side test. A fact that only one side
knows is a part of that space; of a fact that both know, the answers that both know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from service.core.cubes import who
from service.core.period import Period
from service.core.rule import STRENGTH, As, Edition
from service.core.space import Situations, Space, counts
from service.core.vocabulary import UNKNOWN, Fact, Vocabulary
from service.proof.prove import Ground
from service.publishing.difference.values import Count, Door, Example, Group, Move, RulesDiff

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


def compare(pairs: Sequence[Pair], most: int) -> RulesDiff:
    """Compare editions.

    Args:
        pairs: at least one; all old editions have one vocabulary, and all new ones.
        most: how many groups of people to tell; the others are counted.

    """
    old, new = pairs[0].old.vocabulary, pairs[0].new.vocabulary
    found = {one: _concern(one, pairs) for one in new.concerns.answers if one in old.concerns.answers}
    changes = [change for _, of in found.values() for change in of]
    told = sorted(changes, key=lambda change: change.weight)[:most]
    return RulesDiff(
        tuple(_count(concern, space, of, told) for concern, (space, of) in found.items()),
        tuple(_group(change, found[change.concern][1][change]) for change in told),
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
    rules = edition.of_concern(concern)
    fires = space.of_rules(rules)
    return Ground(edition, concern, rules, space, fires, counts(rules, fires))


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


def _count(concern: str, space: Space, changes: Iterable[_Change], told: Sequence[_Change]) -> Count:
    def where(some: Iterable[_Change]) -> int:
        return space.union(change.where for change in some).size

    untold = [change for change in changes if change not in told]
    return Count(
        concern,
        space.size,
        changed=where(changes),
        moved=where(change for change in changes if change.moving),
        loses_first=where(change for change in changes if change.loses_first),
        groups_untold=len(untold),
        untold=where(untold),
    )


def _group(change: _Change, periods: tuple[Period, ...]) -> Group:
    who_ = who(change.where)
    return Group(change.concern, periods, change.moves, change.loses_first, who_, _example(change))


def _example(change: _Change) -> Example:
    """Somebody in a group with common answers: the first that the vocabulary lists, not knowing last.

    Answers that could be others are left out: for whoever has those that are left, the same moves, by the same rules,
    beside the same first step.
    """
    where = alike = change.where
    for fact in where.space.facts:
        for answer in sorted(fact.answers, key=lambda one: one == UNKNOWN):
            if here := where & where.space.where(fact.id, (answer,)):
                where = here
                break
    whole = where.some()
    assert whole is not None  # noqa: S101 - a change is somewhere
    doors = [
        _outcome(here, whole, change.moving) if change.moving else ((), []) for here in (change.before, change.after)
    ]
    for _, masks in doors:
        for mask in masks:
            alike = alike & mask if whole in mask else alike - mask
    answers: Mapping[str, str] = whole
    for fact in reversed(where.space.facts):
        fewer = {id_: answer for id_, answer in answers.items() if id_ != fact.id}
        if not where.space.of({id_: (answer,) for id_, answer in fewer.items()}) - alike:
            answers = fewer
    return Example(answers, doors[0][0], doors[1][0])


def _outcome(
    here: Ground, situation: Mapping[str, str], moving: Iterable[str]
) -> tuple[tuple[Door, ...], list[Situations]]:
    """The first step of a situation and the doors that move, strongest first, and the sets that decide on them."""
    found: dict[tuple[str, As], list[str]] = {}
    masks = [
        here.made(lambda rule, to=to: (rule.refer, rule.as_) == (to, As.FIRST))  # type: ignore[misc]
        for to in dict.fromkeys(rule.refer for rule in here.rules)
    ]
    for rule, where in zip(here.rules, here.counts, strict=True):
        if rule.refer in moving:
            masks.append(where)
        if situation in where and (rule.refer in moving or rule.as_ is As.FIRST):
            found.setdefault((rule.refer, rule.as_), []).append(rule.id)
    doors = [Door(destination, as_, tuple(rules)) for (destination, as_), rules in found.items()]
    return tuple(sorted(doors, key=lambda door: STRENGTH[door.as_])), masks


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
