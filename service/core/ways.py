"""Every way to a destination for somebody, and the rules that lead there, the one that asks least first.

A way is a prime cube of the destination less what already holds. It changes no more than a wish, an event that may
still come, or what somebody does not know yet; a cube that needs another person, another place or another past is none
for them. So the ways are all there are: each is enough, none asks more than it must, and where none of them holds, the
destination stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from service.core.cubes import Cube, Cubes, of_edition
from service.core.decision import Condition, Way
from service.core.rule import As, Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import HELD, IDENTITY, UNKNOWN, Nature

_Asked = Mapping[str, tuple[str, ...]]  # what a way asks: fact id -> the answers that would do
_Answers = frozenset[tuple[str, str]]  # pairs of a fact and an answer to it


class _Leading(NamedTuple):
    """A rule that leads to a destination, and the answers that refute it.

    `bars` are those that say who or where somebody is, `past` those that say what happened. What nobody knows of an
    organisation or of a person bars nothing: it may still be told.
    """

    rule: Rule
    refuting: _Answers
    bars: _Answers
    past: _Answers


class Ways:
    """What each rule of an edition, and each of its prime cubes, asks of somebody."""

    def __init__(self, edition: Edition, cubes: Cubes | None = None) -> None:
        """Prepare to say what is asked.

        Args:
            edition: the rules.
            cubes: their prime cubes; None to compute them when they are asked for.

        """
        self.vocabulary, self._edition, self._made = edition.vocabulary, edition, cubes
        self._leading: dict[str, list[_Leading]] = {destination: [] for destination in self.vocabulary.destinations}
        for rule in edition.rules:
            self._leading[rule.refer].append(self._leads(rule))

    @cached_property
    def cubes(self) -> Cubes:
        """The prime cubes of the edition."""
        return of_edition(self._edition) if self._made is None else self._made

    @cached_property
    def _cubes(self) -> Mapping[str, Sequence[tuple[str, Cube, _Answers]]]:
        """Per destination each concern and cube, and the answers that bar it: another person, place or past."""
        cubes = self.cubes
        held = [fact for fact in self.vocabulary.facts if fact.nature in HELD]

        def bars(cube: Cube) -> _Answers:
            asked = [fact for fact in held if fact.id in cube]
            told = {(fact.id, answer) for fact in asked for answer in fact.answers if answer != UNKNOWN}
            return frozenset((fact, answer) for fact, answer in told if answer not in cube[fact])

        return {
            destination: [
                (concern, cube, bars(cube)) for concern in cubes for cube in cubes[concern].get(destination, ())
            ]
            for destination in self.vocabulary.destinations
        }

    @cached_property
    def _later(self) -> frozenset[tuple[str, str]]:
        """The concerns and destinations of which some rule leads there only later."""
        return frozenset((rule.concern, rule.refer) for rule in self._edition.rules if rule.as_ is As.LATER)

    def lead(self, destination: str) -> bool:
        """Whether any rule in force leads to a destination, for whomever."""
        return bool(self._leading[destination])

    def to(self, situation: Situation, destination: str) -> tuple[Way, ...]:
        """Every minimal way by which a destination opens; none where none is open to somebody in this position.

        The ways of the concerns that were named come first, then those that change fewest answers, then the
        shortest. One without conditions says that it opens whatever is answered.

        Args:
            situation: with the answers that matter; one that does not matter says nothing.
            destination: one of the vocabulary.

        """
        answers, given = situation.answers, frozenset(situation.answers.items())
        own, others = list[_Asked](), dict[str, list[_Asked]]()
        for concern, cube, bars in self._cubes[destination]:
            if bars.isdisjoint(given):
                asked = {fact: wanted for fact, wanted in cube.items() if answers.get(fact) not in wanted}
                (own if concern in situation.concerns else others.setdefault(concern, [])).append(asked)
        own = _fewest(own)
        ways = [self._way(situation, destination, one, situation.concerns) for one in own]
        shared: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
        for concern, asks in others.items():
            for one in _fewest(asks):
                if not any(_within(one, other) for other in own):
                    shared.setdefault(tuple(one.items()), []).append(concern)
        ways += [self._way(situation, destination, dict(one), tuple(concerns)) for one, concerns in shared.items()]
        return tuple(sorted(ways, key=lambda one: (one.elsewhere, one.changes, len(one.conditions), one.later)))

    def nearest(self, situation: Situation, destination: str) -> list[Rule]:
        """Every rule that leads to a destination, the one that asks least of somebody first."""
        given = frozenset(situation.answers.items())
        leading = sorted(self._leading[destination], key=lambda one: self._effort(one, situation, given))
        return [one.rule for one in leading]

    def _way(self, situation: Situation, destination: str, asked: _Asked, concerns: tuple[str, ...]) -> Way:
        elsewhere = concerns[0] not in situation.concerns
        conditions = [Condition(self.vocabulary.concerns.id, concerns)] if elsewhere else []
        conditions += [Condition(fact, wanted) for fact, wanted in asked.items()]
        after = {**{fact: (answer,) for fact, answer in situation.answers.items()}, **asked}
        waits = any((concern, destination) in self._later for concern in concerns)
        now = not waits or any(
            rule.as_ is not As.LATER
            and rule.concern in concerns
            and all(not wanted.isdisjoint(after.get(fact, wanted)) for fact, wanted in rule.when.items())
            for rule, *_ in self._leading[destination]
        )
        changes = sum(situation.answers.get(fact) not in {None, UNKNOWN} for fact in asked)
        return Way(tuple(conditions), changes, later=not now, elsewhere=elsewhere)

    def _effort(
        self, leading: _Leading, situation: Situation, given: _Answers
    ) -> tuple[bool, bool, int, int, int, bool]:
        """What a rule asks, most weighty first.

        Another person or place; a concern that was not named; how many answers to change, and how many of those
        about what happened; how many conditions in all; and whether it opens only later.
        """
        rule = leading.rule
        return (
            not leading.bars.isdisjoint(given),
            self._elsewhere(rule, situation),
            len(leading.refuting & given),
            len(leading.past & given),
            sum(situation.answers.get(fact) not in wanted for fact, wanted in rule.when.items()),
            rule.as_ is As.LATER,
        )

    def _elsewhere(self, rule: Rule, situation: Situation) -> bool:
        return bool(situation.concerns) and rule.concern not in situation.concerns

    def _leads(self, rule: Rule) -> _Leading:
        refuting = [
            (self.vocabulary.by_id[fact], answer)
            for fact, wanted in rule.when.items()
            for answer in self.vocabulary.by_id[fact].answers
            if answer not in wanted
        ]
        known = [(fact, answer) for fact, answer in refuting if answer != UNKNOWN]
        return _Leading(
            rule,
            refuting=frozenset(
                (fact.id, answer) for fact, answer in refuting if not (fact.nature in IDENTITY and answer == UNKNOWN)
            ),
            bars=frozenset((fact.id, answer) for fact, answer in known if fact.nature in IDENTITY),
            past=frozenset((fact.id, answer) for fact, answer in known if fact.nature is Nature.PAST),
        )


def _fewest(asked: Sequence[_Asked]) -> list[_Asked]:
    """Those that ask no more than they must, the one that asks least first."""
    found: list[_Asked] = []
    for one in asked if len(asked) < 2 else sorted(asked, key=lambda one: (len(one), -sum(map(len, one.values())))):
        if not any(_within(one, other) for other in found):
            found.append(one)
    return found


def _within(one: _Asked, other: _Asked) -> bool:
    """Whether whoever does what the one asks does what the other asks as well."""
    return all(fact in one and set(one[fact]) <= set(wanted) for fact, wanted in other.items())
