"""Which situations get another outcome from one edition than from another: values only, exact over the whole space.

An outcome is, for one concern, how each destination is referred to and by which rules that count. Both sides are laid
over one space: every combination of answers to the facts that the rules of either side test. A fact that only one side
knows is a part of that space; of a fact that both know, the answers that both know.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from typing import TypeVar

from service.core.rule import STRENGTH, As, Edition, Rule, Rulebase
from service.core.space import Situations, Space, counts
from service.core.vocabulary import UNKNOWN, Fact, Vocabulary

Change = TypeVar("Change")
Doors = Mapping[As | None, Situations]


@dataclass(frozen=True)
class Period:
    """From one day to another; the day in `until` itself no longer counts."""

    since: date
    until: date | None


@dataclass(frozen=True)
class Pair:
    """Two editions to compare, and the period for which both are in force (None: each is of a day of its own)."""

    old: Edition
    new: Edition
    period: Period | None = None


@dataclass(frozen=True)
class Move:
    """A destination that is referred to in another way; None is not at all."""

    destination: str
    before: As | None
    after: As | None


@dataclass(frozen=True)
class Swap:
    """A destination that is referred to in the same way by other rules: those that count no more, those that now do."""

    destination: str
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]


@dataclass(frozen=True)
class Group:
    """The situations in which the same changes. Where anything moves there are no swaps."""

    moves: tuple[Move, ...]
    swaps: tuple[Swap, ...]
    where: Situations

    @property
    def size(self) -> int:
        """How many situations these are."""
        return self.where.size

    @cached_property
    def changes(self) -> Hashable:
        """What changes and where; rules by their ids."""
        swaps = tuple(rule.id for one in self.swaps for rule in one.before + one.after)
        return self.moves, swaps, self.where


@dataclass(frozen=True)
class Door:
    """One door in the outcome of a situation."""

    destination: str
    as_: As
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Example:
    """Somebody in a group: the answers that put them there, and both outcomes."""

    answers: Mapping[str, str]
    before: tuple[Door, ...]
    after: tuple[Door, ...]


class Side:
    """The rules of one concern in one edition, and where in a space each counts."""

    def __init__(self, rules: Sequence[Rule], space: Space) -> None:
        known = {fact.id: frozenset(fact.answers) for fact in space.facts}
        fires = [space.of({fact: answers & known[fact] for fact, answers in rule.when.items()}) for rule in rules]
        self._space = space
        self.rules = {rule.id: rule for rule in rules}
        self.counts = dict(zip(self.rules, counts(rules, fires), strict=True))
        self._doors: dict[str, dict[As | None, Situations]] = {}
        for rule in rules:
            doors = self._doors.setdefault(rule.refer, {})
            doors[rule.as_] = doors.get(rule.as_, space.none) | self.counts[rule.id]
        for doors in self._doors.values():
            doors[None] = ~space.union(doors.values())

    def doors(self, destination: str) -> Doors:
        """Per way to refer to a destination where that is done; None is where it is not."""
        return self._doors.get(destination, {None: self._space.all})

    def outcome(self, situation: Mapping[str, str]) -> tuple[Door, ...]:
        """Every door of one situation, first step first, and in the order of the files."""
        found: dict[tuple[str, As], list[Rule]] = {}
        for id_, where in self.counts.items():
            if situation in where:
                rule = self.rules[id_]
                found.setdefault((rule.refer, rule.as_), []).append(rule)
        doors = [Door(destination, as_, tuple(rules)) for (destination, as_), rules in found.items()]
        return tuple(sorted(doors, key=lambda door: STRENGTH[door.as_]))


@dataclass(frozen=True)
class Span:
    """What changes in one concern in all of these periods and no other; `before` and `after` are of the first."""

    periods: tuple[Period, ...]
    before: Side
    after: Side
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class ConcernDiff:
    """One concern: its space, and what changes in it when; in a span first the moves, and the largest groups first."""

    concern: str
    space: Space
    spans: tuple[Span, ...]

    @cached_property
    def changed(self) -> Situations:
        """The situations with another outcome in some period."""
        return self.space.union([group.where for span in self.spans for group in span.groups])

    @cached_property
    def moved(self) -> Situations:
        """The situations in which, in some period, not only the rules are others."""
        return self.space.union([group.where for span in self.spans for group in span.groups if group.moves])

    def shared(self, group: Group) -> tuple[dict[str, tuple[str, ...]], int]:
        """The facts of which a group has some answers only, with those answers; how many situations have them all."""
        found = {}
        for fact in self.space.facts:
            answers = tuple(one for one in fact.answers if group.where & self.space.where(fact.id, (one,)))
            if len(answers) < len(fact.answers):
                found[fact.id] = answers
        return found, self.space.of(found).size

    def example(self, span: Span, group: Group) -> Example:
        """Somebody in a group with common answers: the first that the vocabulary lists, not knowing last.

        Answers that could be others are left out, but not the first: who it is. Where doors move these answers alone
        give both outcomes, and where only reasons change this change of reasons.
        """
        where = group.where
        for fact in self.space.facts:
            for answer in sorted(fact.answers, key=lambda one: one == UNKNOWN):
                if here := where & self.space.where(fact.id, (answer,)):
                    where = here
                    break
        answers = where.some()
        assert answers is not None  # noqa: S101 - a group is never empty
        alike = group.where
        moving = {move.destination for move in group.moves}
        for side in (span.before, span.after) if moving else ():
            doors = [mask for rule in side.rules.values() for mask in side.doors(rule.refer).values()]
            reasons = [mask for id_, mask in side.counts.items() if side.rules[id_].refer in moving]
            for mask in (*doors, *reasons):
                alike = alike & mask if answers in mask else alike - mask
        whole = answers
        for fact in reversed(self.space.facts[1:]):
            fewer = {id_: answer for id_, answer in answers.items() if id_ != fact.id}
            if not self.space.of({id_: (answer,) for id_, answer in fewer.items()}) - alike:
                answers = fewer
        return Example(answers, span.before.outcome(whole), span.after.outcome(whole))


@dataclass(frozen=True)
class VocabularyDiff:
    """What only one of two vocabularies has: facts, answers of a fact that both have, destinations."""

    facts: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    destinations: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """All that differs between two sides.

    `removed` and `added` are what the vocabulary of the old and of the new side has alone; `reworded` the rules that
    both sides have with another explanation, doubt, source or term.
    """

    pairs: tuple[Pair, ...]
    concerns: tuple[ConcernDiff, ...]
    removed: VocabularyDiff
    added: VocabularyDiff
    reworded: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many situations were compared; each concern has its own."""
        return sum(one.space.size for one in self.concerns)

    @property
    def changed(self) -> int:
        """How many of them have another outcome."""
        return sum(one.changed.size for one in self.concerns)

    @property
    def moved(self) -> int:
        """In how many of those more changes than the rules it rests on."""
        return sum(one.moved.size for one in self.concerns)


def pairs(old: Rulebase, new: Rulebase, on: date | None = None) -> list[Pair]:
    """The editions of two rulebases that are in force at once, oldest first.

    Args:
        old: one rulebase.
        new: the other.
        on: the only day to compare; None for every day on which an edition of either begins.

    Raises:
        NoEditionError: one of them has no edition on the day `on`.

    """
    if on is not None:
        return [Pair(old.on(on), new.on(on))]
    begins = max(old.editions[0].since, new.editions[0].since)
    days = sorted({edition.since for edition in (*old.editions, *new.editions) if edition.since > begins} | {begins})
    ends = [*days[1:], None]
    return [Pair(old.on(day), new.on(day), Period(day, end)) for day, end in zip(days, ends, strict=True)]


def difference(compared: Sequence[Pair]) -> Difference:
    """Compare editions of two rulebases.

    Args:
        compared: at least one pair; all old editions have one vocabulary, and all new ones.

    """
    old, new = compared[0].old.vocabulary, compared[0].new.vocabulary
    both = [concern for concern in new.concerns.answers if concern in old.concerns.answers]
    return Difference(
        pairs=tuple(compared),
        concerns=tuple(_concern(concern, compared) for concern in both),
        removed=_alone(old, new),
        added=_alone(new, old),
        reworded=_reworded(compared),
    )


def _concern(concern: str, compared: Sequence[Pair]) -> ConcernDiff:
    old, new = compared[0].old.vocabulary, compared[0].new.vocabulary
    tested = {
        fact
        for pair in compared
        for edition in (pair.old, pair.new)
        for rule in edition.of_concern(concern)
        for fact in rule.when
    }
    space = Space([_common(fact.id, old, new) for fact in _either(new.facts, old.facts) if fact.id in tested])
    destinations = tuple(dict.fromkeys((*new.destinations, *old.destinations)))
    sides = [
        (Side(pair.old.of_concern(concern), space), Side(pair.new.of_concern(concern), space)) for pair in compared
    ]
    groups: dict[Hashable, Group] = {}
    places: dict[Hashable, tuple[int, ...]] = {}
    for place, (before, after) in enumerate(sides):
        for group in _groups(before, after, space, destinations):
            groups.setdefault(group.changes, group)
            places[group.changes] = (*places.get(group.changes, ()), place)
    spans = []
    for where in sorted(set(places.values())):
        periods = tuple(period for place in where if (period := compared[place].period))
        alike = (group for changes, group in groups.items() if places[changes] == where)
        ordered = sorted(alike, key=lambda group: (not group.moves, -group.size))
        spans.append(Span(periods, *sides[where[0]], tuple(ordered)))
    return ConcernDiff(concern, space, tuple(spans))


def _groups(before: Side, after: Side, space: Space, destinations: Iterable[str]) -> list[Group]:
    """The situations that change, each in one group."""
    moving: dict[tuple[Move, ...], Situations] = {(): space.all}
    for destination in destinations:
        old, new = before.doors(destination), after.doors(destination)
        for one, other in product(old, new):
            if one is not other:
                moving = _split(moving, Move(destination, one, other), old[one] & new[other])
    same = moving.pop((), space.none)
    others: dict[tuple[tuple[str, bool], ...], Situations] = {(): same}
    for id_ in dict.fromkeys((*before.rules, *after.rules)):
        old_, new_ = before.counts.get(id_, space.none), after.counts.get(id_, space.none)
        others = _split(others, (id_, False), old_ - new_)
        others = _split(others, (id_, True), new_ - old_)
    others.pop((), None)
    groups = [Group(moves, (), where) for moves, where in moving.items()]
    groups += [Group((), _swaps(ids, before, after), where) for ids, where in others.items()]
    return groups


def _split(
    blocks: dict[tuple[Change, ...], Situations], change: Change, where: Situations
) -> dict[tuple[Change, ...], Situations]:
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


def _swaps(ids: Iterable[tuple[str, bool]], before: Side, after: Side) -> tuple[Swap, ...]:
    found: dict[str, tuple[list[Rule], list[Rule]]] = {}
    for id_, is_new in ids:
        rule = (after if is_new else before).rules[id_]
        found.setdefault(rule.refer, ([], []))[is_new].append(rule)
    return tuple(Swap(destination, tuple(old), tuple(new)) for destination, (old, new) in found.items())


def _either(facts: Sequence[Fact], others: Sequence[Fact]) -> list[Fact]:
    known = {fact.id for fact in facts}
    return [*facts, *(fact for fact in others if fact.id not in known)]


def _common(fact: str, old: Vocabulary, new: Vocabulary) -> Fact:
    """A fact with the answers that both sides know; as it is when one side does not have it."""
    one, other = new.by_id.get(fact), old.by_id.get(fact)
    if one is None or other is None:
        known = one or other
        assert known is not None  # noqa: S101 - a rule tests it, so a vocabulary has it
        return known
    return Fact(fact, tuple(answer for answer in one.answers if answer in other.answers))


def _alone(here: Vocabulary, there: Vocabulary) -> VocabularyDiff:
    return VocabularyDiff(
        facts=tuple(fact.id for fact in here.facts if fact.id not in there.by_id),
        answers=tuple(
            (fact.id, answer)
            for fact in here.facts
            if fact.id in there.by_id
            for answer in fact.answers
            if answer not in there.by_id[fact.id].answers
        ),
        destinations=tuple(one for one in here.destinations if one not in there.destinations),
    )


def _reworded(compared: Iterable[Pair]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pair in compared:
        old = {rule.id: rule for rule in pair.old.rules}
        for rule in pair.new.rules:
            if rule.id in old and _words(rule) != _words(old[rule.id]):
                found[rule.id] = None
    return tuple(found)


def _words(rule: Rule) -> object:
    return rule.why, rule.doubt, rule.citations, rule.terms
