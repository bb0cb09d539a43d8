"""Which rules fire for some answers, by the definition of a rule alone: what the engine is held against.

Per fact and answer the set of rules that are not refuted, as bits of an integer. It does not know what a rule leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from service.core.bits import bits
from service.core.rule import Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import Fact


class _Column(NamedTuple):
    """One fact: the rules that each answer leaves, and those that leave it untested."""

    leaves: Mapping[str, int]
    untested: int


class RuleIndex:
    """The rules of an edition, by answer."""

    def __init__(self, edition: Edition) -> None:
        self._concerns = {concern: edition.of_concern(concern) for concern in edition.vocabulary.concerns.answers}
        self._columns = {
            concern: {
                fact.id: _column(fact, rules)
                for fact in edition.vocabulary.facts_of(concern)
                if any(fact.id in rule.when for rule in rules)
            }
            for concern, rules in self._concerns.items()
        }

    def fire(self, situation: Situation) -> dict[str, tuple[str, ...]]:
        """Per concern of a situation the ids of the rules that fire whatever is still answered, in their order."""
        return {concern: self._fire(concern, situation.answers) for concern in situation.concerns}

    def _fire(self, concern: str, answers: Mapping[str, str]) -> tuple[str, ...]:
        rules = self._concerns[concern]
        firing = (1 << len(rules)) - 1
        for fact, column in self._columns[concern].items():
            answer = answers.get(fact)
            firing &= column.untested if answer is None else column.leaves[answer]
        return tuple(rules[number].id for number in bits(firing))


def _column(fact: Fact, rules: tuple[Rule, ...]) -> _Column:
    numbered = list(enumerate(rules))
    leaves = {
        answer: sum(1 << number for number, rule in numbered if answer in rule.when.get(fact.id, (answer,)))
        for answer in fact.answers
    }
    tested = [len(rule.when.get(fact.id, fact.answers)) < len(fact.answers) for rule in rules]
    return _Column(leaves, sum(1 << number for number, one in enumerate(tested) if not one))
