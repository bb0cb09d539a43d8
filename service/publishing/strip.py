"""The strip of a place: each row a case, from left to right the answers that count, at its end what the rules say.

Made from the decision graph, so that it says of every situation what is decided. The columns stand in an order that
takes few rows: each fact is tried at each place, for as long as that helps. One that fills more than a screen is cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.core.graph import LEAF, Graph, Node
from service.core.rule import Edition, Rule

MOST = 100  # rows times columns of a strip that fills no more than a screen

Given = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Cell:
    """Some answers to a fact, over a number of rows; no answers where the fact counts no more."""

    fact: str
    answers: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Row:
    """The cells that begin in a row, those further to the left having begun above it, and the rules that stand then."""

    cells: tuple[Cell, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Strip:
    """A concern, or with `given` the part of it that these answers make; `facts` are the columns."""

    concern: str
    given: Given
    facts: tuple[str, ...]
    rows: tuple[Row, ...]

    def paths(self) -> Iterator[tuple[Given, tuple[Rule, ...]]]:
        """Each row with all its answers, and its rules."""
        above: dict[str, tuple[str, ...]] = dict(self.given)
        for row in self.rows:
            above |= {cell.fact: cell.answers for cell in row.cells}
            yield tuple((fact, answers) for fact, answers in above.items() if answers), row.rules


def strips(edition: Edition, graph: Graph, destination: str) -> tuple[Strip, ...]:
    """The strips of a place, per concern that leads there.

    Args:
        edition: whose rules.
        graph: the decision graph of that edition.
        destination: the place.

    """
    drawing = _Drawing(edition, graph)
    roots = [(concern, of[destination]) for concern, of in graph.roots.items() if destination in of]
    return tuple(strip for concern, root in roots for strip in drawing.strips(concern, root, ()))


class _Drawing:
    """Nodes of a graph, and those that are left of them when a fact in the middle is answered first."""

    def __init__(self, edition: Edition, graph: Graph) -> None:
        self._edition = edition
        self._nodes: list[Node] = list(graph.nodes)
        self._number = {node: number for number, node in enumerate(self._nodes)}
        self._known: dict[tuple[int, int, int], int] = {}
        self._tested: dict[int, frozenset[int]] = {}
        self._counted: dict[tuple[int, ...], int] = {}
        self._parts: dict[tuple[int, int], list[tuple[tuple[str, ...], int]]] = {}

    def strips(self, concern: str, node: int, given: Given) -> Iterator[Strip]:
        """One strip of what is below a node, or as many as it takes."""
        order = self._order(node)
        rows = tuple(self._rows(node, order))
        if len(rows) * len(order) > MOST:
            for answers, child in self._parted(node, order[0]):
                yield from self.strips(concern, child, (*given, (self._edition.vocabulary.facts[order[0]].id, answers)))
            return
        facts = tuple(self._edition.vocabulary.facts[fact].id for fact in order)
        yield Strip(concern, given, facts, rows)

    def _rows(self, node: int, order: list[int]) -> Iterator[Row]:
        if not order:
            yield Row((), tuple(self._edition.rules[rule] for rule in self._nodes[node][1:]))
            return
        first, *rest = order
        fact = self._edition.vocabulary.facts[first].id
        parts = self._parted(node, first) if first in self._tests(node) else [((), node)]
        for answers, child in parts:
            begins, *more = self._rows(child, rest)
            yield Row((Cell(fact, answers, len(more) + 1), *begins.cells), begins.rules)
            yield from more

    def _order(self, node: int) -> list[int]:
        """The facts that a node and those below it test, in an order that takes few rows."""
        order = sorted(self._tests(node))
        fewest, better = self._count(node, order), True
        while better:
            better = False
            for fact in tuple(order):
                others = [one for one in order if one != fact]
                for place in range(len(order)):
                    tried = [*others[:place], fact, *others[place:]]
                    if (count := self._count(node, tried)) < fewest:
                        fewest, order, better = count, tried, True
        return order

    def _count(self, node: int, order: list[int]) -> int:
        """How many rows there are; known from before where only facts that do not matter here stand elsewhere."""
        tested = self._tests(node)
        first = next((number for number, fact in enumerate(order) if fact in tested), None)
        if first is None:
            return 1
        key = node, *(fact for fact in order if fact in tested)
        if key not in self._counted:
            rest = order[first + 1 :]
            self._counted[key] = sum(self._count(child, rest) for _, child in self._parted(node, order[first]))
        return self._counted[key]

    def _parted(self, node: int, fact: int) -> list[tuple[tuple[str, ...], int]]:
        """The answers to a fact, those that lead to the same together, and what they lead to."""
        if (node, fact) not in self._parts:
            found: dict[int, list[str]] = {}
            for place, answer in enumerate(self._edition.vocabulary.facts[fact].answers):
                found.setdefault(self._answered(node, fact, place), []).append(answer)
            self._parts[node, fact] = [(tuple(answers), child) for child, answers in found.items()]
        return self._parts[node, fact]

    def _answered(self, node: int, fact: int, answer: int) -> int:
        key = node, fact, answer
        if key not in self._known:
            tested, *after = self._nodes[node]
            if tested == LEAF:
                self._known[key] = node
            elif tested == fact:
                self._known[key] = after[answer]
            else:
                left = [self._answered(child, fact, answer) for child in after]
                self._known[key] = left[0] if len(set(left)) == 1 else self._node((tested, *left))
        return self._known[key]

    def _node(self, node: Node) -> int:
        if node not in self._number:
            self._number[node] = len(self._nodes)
            self._nodes.append(node)
        return self._number[node]

    def _tests(self, node: int) -> frozenset[int]:
        if node not in self._tested:
            fact, *after = self._nodes[node]
            below = map(self._tests, after) if fact != LEAF else ()
            self._tested[node] = frozenset([fact] if fact != LEAF else ()).union(*below)
        return self._tested[node]
