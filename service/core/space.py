"""Sets of situations as reduced ordered decision diagrams, so that a promise is proved over all of them at once.

A space is every combination of answers to some facts. A set is a node: a fact and, per answer, the set of what
follows; equal sets are one node, and a fact that does not matter is left out. So the cost of an operation grows with
the nodes of its operands, not with the number of situations, and two sets are equal exactly when their nodes are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import prod

from service.core.errors import WegwijzerError
from service.core.rule import STRENGTH, Rule
from service.core.vocabulary import Fact

NONE, ALL = 0, 1  # the numbers of the two nodes without a fact

_Node = tuple[int, tuple[int, ...]]  # the place of a fact in the order, and per answer the number of what follows


class SpaceSizeError(WegwijzerError):
    """The sets of a space take more nodes than it may make."""


class Situations:
    """A set of situations of one space; `&`, `|`, `-` and `~` are those of sets."""

    __slots__ = ("node", "space")

    def __init__(self, space: Space, node: int) -> None:
        self.space, self.node = space, node

    def __and__(self, other: Situations) -> Situations:
        return Situations(self.space, self.space.both(self.node, other.node))

    def __or__(self, other: Situations) -> Situations:
        return Situations(self.space, self.space.either(self.node, other.node))

    def __sub__(self, other: Situations) -> Situations:
        return Situations(self.space, self.space.without(self.node, other.node))

    def __invert__(self) -> Situations:
        return self.space.all - self

    def __bool__(self) -> bool:
        return self.node != NONE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Situations) and (self.space, self.node) == (other.space, other.node)

    def __hash__(self) -> int:
        return hash(self.node)

    def __contains__(self, situation: Mapping[str, str]) -> bool:
        return self.space.descend(self.node, situation) == ALL

    @property
    def size(self) -> int:
        """How many situations these are."""
        return self.space.count(self.node)

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts on which membership depends, in the order of the space."""
        return self.space.tested(self.node)

    def split(self) -> tuple[str, dict[str, Situations]] | None:
        """The first fact that decides, and what is left after each answer; None where none does."""
        return self.space.children(self.node)

    def some(self) -> dict[str, str] | None:
        """The first situation, in the order of facts and answers; None if there is none."""
        return self.space.first(self.node)


class Space:
    """Every combination of answers to some facts."""

    def __init__(self, facts: Sequence[Fact], budget: int | None = None) -> None:
        """Begin with no set but the empty one and that of all situations.

        Args:
            facts: in the order in which diagrams test them. Without an answer to one of them there is no situation.
            budget: how many nodes it may make; None for as many as it takes.

        """
        self._budget = budget
        self.facts = tuple(facts)
        self.size = prod(len(fact.answers) for fact in facts)
        self._place = {fact.id: place for place, fact in enumerate(self.facts)}
        self._answers = [len(fact.answers) for fact in self.facts]
        self._below = [prod(self._answers[place:]) for place in range(len(self.facts) + 1)]
        self._nodes: list[_Node] = [(len(self.facts), ()), (len(self.facts), ())]
        self._number: dict[_Node, int] = {}
        self._both, self._either, self._without = (dict[tuple[int, int], int]() for _ in range(3))
        self._counted = {NONE: 0, ALL: 1}
        self.none = Situations(self, NONE)
        self.all = Situations(self, ALL if self.size else NONE)

    def where(self, fact: str, answers: Collection[str]) -> Situations:
        """The situations that answer `fact` with one of `answers`; all of them for a fact this space does not have."""
        return self.of({fact: answers})

    def of(self, conditions: Mapping[str, Collection[str]]) -> Situations:
        """The situations in which every condition holds."""
        node = self.all.node
        known = [(self._place[fact], answers) for fact, answers in conditions.items() if fact in self._place]
        if not self.size:
            return self.none
        for place, answers in sorted(known, reverse=True, key=lambda one: one[0]):
            node = self._make(place, tuple(node if one in answers else NONE for one in self.facts[place].answers))
        return Situations(self, node)

    def within(self, conditions: Iterable[tuple[str, Collection[str]]]) -> Situations:
        """The situations in which every condition holds, of which several may be on one fact."""
        found = self.all
        for fact, answers in conditions:
            found &= self.where(fact, answers)
        return found

    def branch(self, fact: str, after: Mapping[str, Situations]) -> Situations:
        """The situations that are in the set that stands after their answer to `fact`."""
        place = self._place.get(fact)
        if place is not None:
            nodes = tuple(after[answer].node for answer in self.facts[place].answers)
            if all(place < self._nodes[one][0] for one in nodes):
                return Situations(self, self._make(place, nodes))
        return self.union(self.where(fact, (answer,)) & one for answer, one in after.items())

    def of_any(self, either: Sequence[Mapping[str, Collection[str]]]) -> Situations:
        """The situations in which every condition of one of these holds; all where there are none."""
        return self.union(map(self.of, either)) if either else self.all

    def of_rules(self, rules: Sequence[Rule]) -> list[Situations]:
        """Per rule the situations in which it fires."""
        return [self.of(rule.when) for rule in rules]

    def situation(self, number: int) -> dict[str, str]:
        """The situation with this number, from 0 to `size`, in the order of facts and answers."""
        return {
            fact.id: fact.answers[number // self._below[place + 1] % self._answers[place]]
            for place, fact in enumerate(self.facts)
        }

    def union(self, sets: Iterable[Situations]) -> Situations:
        """What is in any of the sets."""
        found = self.none
        for one in sets:
            found |= one
        return found

    @property
    def nodes(self) -> int:
        """How many nodes all sets made so far have together."""
        return len(self._nodes)

    # What follows works on the numbers of nodes; it is for the class above.

    def both(self, one: int, other: int) -> int:
        """The set of what is in both."""
        if one in (other, NONE) or other == ALL:
            return one
        if one == ALL or other == NONE:
            return other
        key = (one, other) if one < other else (other, one)
        found = self._both.get(key)
        if found is None:
            self._both[key] = found = self._each(self.both, one, other)
        return found

    def either(self, one: int, other: int) -> int:
        """The set of what is in any."""
        if one in (other, ALL) or other == NONE:
            return one
        if one == NONE or other == ALL:
            return other
        key = (one, other) if one < other else (other, one)
        found = self._either.get(key)
        if found is None:
            self._either[key] = found = self._each(self.either, one, other)
        return found

    def without(self, one: int, other: int) -> int:
        """The set of what is in the first alone."""
        if one in (NONE, other) or other == ALL:
            return NONE
        if other == NONE:
            return one
        key = one, other
        found = self._without.get(key)
        if found is None:
            self._without[key] = found = self._each(self.without, one, other)
        return found

    def _each(self, combine: Callable[[int, int], int], one: int, other: int) -> int:
        """Two sets combined after each answer to the first fact that either tests."""
        (mine, after), (theirs, after_other) = self._nodes[one], self._nodes[other]
        if mine == theirs:
            return self._make(mine, tuple(map(combine, after, after_other)))
        if mine < theirs:
            return self._make(mine, tuple([combine(each, other) for each in after]))
        return self._make(theirs, tuple([combine(one, each) for each in after_other]))

    def count(self, node: int) -> int:
        """How many situations a node holds."""
        return self._count(node) * self._above(node, 0)

    def _count(self, node: int) -> int:
        """How many of the combinations of answers from its own fact on a node holds."""
        found = self._counted.get(node)
        if found is None:
            place, after = self._nodes[node]
            found = sum(self._count(one) * self._above(one, place + 1) for one in after)
            self._counted[node] = found
        return found

    def _above(self, node: int, place: int) -> int:
        """In how many ways the facts from a place on that come before the node can be answered."""
        return self._below[place] // self._below[self._nodes[node][0]] if self.size else 0

    def tested(self, node: int) -> tuple[str, ...]:
        """The facts that a node and those below it test."""
        seen, todo = {node}, [node]
        while todo:
            new = set(self._nodes[todo.pop()][1]) - seen
            seen |= new
            todo += new
        places = {self._nodes[one][0] for one in seen}
        return tuple(fact.id for place, fact in enumerate(self.facts) if place in places)

    def first(self, node: int) -> dict[str, str] | None:
        """The first situation that a node holds."""
        if node == NONE:
            return None
        found = {}
        for place, fact in enumerate(self.facts):
            at, after = self._nodes[node]
            chosen = 0
            if at == place:
                chosen = next(number for number, one in enumerate(after) if one != NONE)
                node = after[chosen]
            found[fact.id] = fact.answers[chosen]
        return found

    def children(self, node: int) -> tuple[str, dict[str, Situations]] | None:
        """The fact that a node tests, and what follows each answer to it."""
        if node in (NONE, ALL):
            return None
        place, after = self._nodes[node]
        fact = self.facts[place]
        return fact.id, {answer: Situations(self, one) for answer, one in zip(fact.answers, after, strict=True)}

    def descend(self, node: int, situation: Mapping[str, str]) -> int:
        """Where the answers of a situation lead, from a node on."""
        while node not in (NONE, ALL):
            place, after = self._nodes[node]
            fact = self.facts[place]
            node = after[fact.answers.index(situation[fact.id])]
        return node

    def _make(self, place: int, after: tuple[int, ...]) -> int:
        if after.count(after[0]) == len(after):
            return after[0]
        node = place, after
        if node not in self._number:
            if len(self._nodes) == self._budget:
                raise SpaceSizeError
            self._number[node] = len(self._nodes)
            self._nodes.append(node)
        return self._number[node]


def counts(rules: Sequence[Rule], fires: Sequence[Situations]) -> list[Situations]:
    """Per rule where it fires and does not give way to a stronger one for the same destination."""
    together: dict[tuple[str, int], Situations] = {}
    for rule, mine in zip(rules, fires, strict=True):
        key = rule.refer, STRENGTH[rule.as_]
        together[key] = together[key] | mine if key in together else mine
    counting = []
    for rule, mine in zip(rules, fires, strict=True):
        for strength in range(STRENGTH[rule.as_]):
            if stronger := together.get((rule.refer, strength)):
                mine -= stronger
        counting.append(mine)
    return counting
