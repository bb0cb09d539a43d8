"""The whole space of situations of one concern as bits of integers: one bit per situation, one integer per set.

Set algebra on these integers walks every situation at once, so a promise is proved, not sampled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import prod

from service.core.bits import bits
from service.core.rule import STRENGTH, Rule
from service.core.vocabulary import Fact


class Space:
    """Every combination of answers to some facts."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = tuple(facts)
        self.size = prod(len(fact.answers) for fact in facts)
        self.all = (1 << self.size) - 1
        self._where: dict[str, dict[str, int]] = {}
        self._block: dict[str, int] = {}
        block = 1
        for fact in reversed(self.facts):
            ones = (1 << block) - 1
            period = block * len(fact.answers)
            first = self._repeat(ones, period)
            self._where[fact.id] = {answer: first << (index * block) for index, answer in enumerate(fact.answers)}
            self._block[fact.id] = block
            block = period

    def _repeat(self, pattern: int, period: int) -> int:
        """`pattern` once in every `period` bits, by doubling."""
        width = period
        while width < self.size:
            pattern |= pattern << width
            width *= 2
        return pattern & self.all

    def where(self, fact: str, answers: Collection[str]) -> int:
        """The situations that answer `fact` with one of `answers`; all of them for a fact this space does not have."""
        if fact not in self._where:
            return self.all
        return sum(self._where[fact][answer] for answer in answers)

    def of(self, conditions: Mapping[str, Collection[str]]) -> int:
        """The situations in which every condition holds."""
        found = self.all
        for fact, answers in conditions.items():
            found &= self.where(fact, answers)
        return found

    def of_rules(self, rules: Sequence[Rule]) -> list[int]:
        """Per rule the situations in which it fires."""
        return [self.of(rule.when) for rule in rules]

    def situation(self, index: int) -> dict[str, str]:
        """The situation with this number."""
        return {fact.id: fact.answers[index // self._block[fact.id] % len(fact.answers)] for fact in self.facts}

    def some(self, where: int) -> dict[str, str] | None:
        """The first situation of a set, or None if it is empty."""
        return self.situation(next(bits(where))) if where else None

    def each(self, where: int) -> Iterator[dict[str, str]]:
        """Every situation of a set."""
        return map(self.situation, bits(where))

    def partial(self) -> Iterator[tuple[dict[str, str], int]]:
        """Every way to answer some of the facts, from none to all, with the situations it leaves."""
        yield from self._partial(0, {}, self.all)

    def _partial(self, index: int, answers: dict[str, str], left: int) -> Iterator[tuple[dict[str, str], int]]:
        if index == len(self.facts):
            yield answers, left
            return
        yield from self._partial(index + 1, answers, left)
        fact = self.facts[index]
        for answer, column in self._where[fact.id].items():
            yield from self._partial(index + 1, {**answers, fact.id: answer}, left & column)

    def depends_on(self, where: int, fact: str) -> bool:
        """Whether membership of this set ever changes when only the answer to `fact` changes."""
        if fact not in self._where:
            return False
        columns = self._where[fact]
        block = self._block[fact]
        shifted = [(where & column) >> (index * block) for index, column in enumerate(columns.values())]
        return any(one != shifted[0] for one in shifted[1:])


def counts(rules: Sequence[Rule], fires: Sequence[int]) -> list[int]:
    """Per rule where it fires and does not give way to a stronger rule for the same destination."""
    counting = []
    for rule, mine in zip(rules, fires, strict=True):
        for other, theirs in zip(rules, fires, strict=True):
            if other.refer == rule.refer and STRENGTH[other.as_] < STRENGTH[rule.as_]:
                mine &= ~theirs
        counting.append(mine)
    return counting
