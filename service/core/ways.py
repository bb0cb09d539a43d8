"""Which rules lead to a destination, the one that asks least of somebody first, and a way that opens a closed one."""

from __future__ import annotations

from typing import NamedTuple

from service.core.decision import Condition, Way
from service.core.rule import As, Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import IDENTITY, UNKNOWN, Nature

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
    """What each rule of an edition asks of somebody."""

    def __init__(self, edition: Edition) -> None:
        self.vocabulary = edition.vocabulary
        self._leading: dict[str, list[_Leading]] = {destination: [] for destination in self.vocabulary.destinations}
        for rule in edition.rules:
            self._leading[rule.refer].append(self._leads(rule))
        self._answers = {fact.id: fact.answers for fact in self.vocabulary.facts}

    def lead(self, destination: str) -> bool:
        """Whether any rule in force leads to a destination, for whomever."""
        return bool(self._leading[destination])

    def way(self, situation: Situation, destination: str) -> Way | None:
        """One way by which a destination opens in any case; None if none does for somebody in this position.

        A rule is a conjunction, so its conditions that do not hold are, all together, enough. They need not be
        necessary: another rule may lead there too.

        Args:
            situation: with the answers that matter; one that does not matter says nothing.
            destination: one of the vocabulary.

        """
        return self._way(situation, frozenset(situation.answers.items()), destination)

    def nearest(self, situation: Situation, destination: str) -> list[Rule]:
        """Every rule that leads to a destination, the one that asks least of somebody first."""
        given = frozenset(situation.answers.items())
        leading = sorted(self._leading[destination], key=lambda one: self._effort(one, situation, given))
        return [one.rule for one in leading]

    def _way(self, situation: Situation, given: _Answers, destination: str) -> Way | None:
        nearest = min(self._leading[destination], key=lambda one: self._effort(one, situation, given), default=None)
        if nearest is None or not nearest.bars.isdisjoint(given):
            return None
        rule = nearest.rule
        conditions = []
        if rule.concern not in situation.concerns:
            conditions.append(Condition(self.vocabulary.concerns.id, (rule.concern,)))
        for fact, wanted in rule.when.items():
            if situation.answers.get(fact) not in wanted:
                conditions.append(Condition(fact, tuple(one for one in self._answers[fact] if one in wanted)))
        return Way(tuple(conditions), later=rule.as_ is As.LATER, elsewhere=self._elsewhere(rule, situation))

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
