"""Which rules fire for some answers, by the definition of a rule alone: what the engine is held against.

Per fact and answer the set of rules that are not refuted, as bits of an integer. It does not know what a rule leads to.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.core.bits import bits
from service.core.rule import Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import Fact

_Column = Mapping[str | None, int]  # of a fact: the rules that each answer leaves; under None those that do not test it


class RuleIndex:
    """The rules of an edition, by answer."""

    def __init__(self, edition: Edition) -> None:
        self._concerns = {concern: edition.of_concern(concern) for concern in edition.vocabulary.concerns.answers}
        self._columns = {
            concern: [
                (fact.id, _column(fact, rules))
                for fact in edition.vocabulary.facts_of(concern)
                if any(fact.id in rule.when for rule in rules)
            ]
            for concern, rules in self._concerns.items()
        }

    def fire(self, situation: Situation) -> dict[str, tuple[str, ...]]:
        """Per concern of a situation the ids of the rules that fire whatever is still answered, in their order."""
        return {concern: self._fire(concern, situation.answers) for concern in situation.concerns}

    def _fire(self, concern: str, answers: Mapping[str, str]) -> tuple[str, ...]:
        rules = self._concerns[concern]
        firing = (1 << len(rules)) - 1
        for fact, column in self._columns[concern]:
            firing &= column[answers.get(fact)]
        return tuple([rules[number].id for number in bits(firing)])


def _column(fact: Fact, rules: tuple[Rule, ...]) -> _Column:
    column: dict[str | None, int] = {None: 0} | dict.fromkeys(fact.answers, 0)
    for number, rule in enumerate(rules):
        left = rule.when.get(fact.id, fact.answers)
        for answer in left:
            column[answer] |= 1 << number
        if len(left) == len(fact.answers):
            column[None] |= 1 << number
    return column
