"""The decision graph of an edition: from answers to the rules that stand, one root per concern and destination.

A node tests a fact and has one child per answer; a leaf holds the rules for its destination that fire and do not give
way to a stronger one. The graph is ordered (facts of the organisation first, then those that are asked, in the order
of asking) and reduced (no node that decides nothing, no two that say the same), so what it says of a question is
exact: a fact can still change the outcome exactly when a node that tests it can still be reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.core.errors import WegwijzerError
from service.core.rule import STRENGTH, Edition, Rule
from service.core.vocabulary import Vocabulary

LEAF = -1
BUDGET = 50_000  # nodes that test a fact, before those that say the same are one: thirty times the newest edition

Node = tuple[int, ...]  # a fact and a child per answer, or LEAF and rules: all of them as places in their list


class GraphSizeError(WegwijzerError):
    """The rules of an edition depend on too many questions at once; says for which destination, and what to do."""


@dataclass(frozen=True)
class Graph:
    """All nodes, children before parents, and the root per concern and destination."""

    nodes: tuple[Node, ...]
    roots: Mapping[str, Mapping[str, int]]


def order(vocabulary: Vocabulary) -> list[int]:
    """The facts in the order in which nodes test them, as places in the vocabulary."""
    single = [place for place, fact in enumerate(vocabulary.facts) if not fact.several]
    return sorted(single, key=lambda place: not vocabulary.facts[place].of_organisation)


def build(edition: Edition, budget: int = BUDGET) -> Graph:
    """Make the graph of an edition.

    Args:
        edition: the rules.
        budget: how many nodes it may take.

    Raises:
        GraphSizeError: it takes more.

    """
    builder = _Builder(edition, budget)
    roots = {concern: dict(builder.roots(concern)) for concern in edition.vocabulary.concerns.answers}
    return Graph(tuple(builder.nodes), roots)


def count_paths(graph: Graph, root: int) -> int:
    """How many paths there are from a node to a leaf. Takes a step per node."""
    known: dict[int, int] = {}

    def below(number: int) -> int:
        if number not in known:
            fact, *after = graph.nodes[number]
            known[number] = 1 if fact == LEAF else sum(map(below, after))
        return known[number]

    return below(root)


def paths(graph: Graph, root: int) -> Iterator[tuple[int, ...]]:
    """Every path from a node to a leaf: by turns a node and the number of the answer taken, and the leaf."""
    fact, *after = graph.nodes[root]
    if fact == LEAF:
        yield (root,)
        return
    for answer, child in enumerate(after):
        for path in paths(graph, child):
            yield (root, answer, *path)


def edges(graph: Graph, root: int) -> Iterator[tuple[int, ...]]:
    """For every answer of every node below a node one path to it, as `paths` gives them, without what follows."""
    seen, todo = {root}, list[tuple[int, ...]]([(root,)])
    while todo:
        path = todo.pop()
        fact, *after = graph.nodes[path[-1]]
        for answer, child in enumerate(after if fact != LEAF else ()):
            yield (*path, answer)
            if child not in seen:
                seen.add(child)
                todo.append((*path, answer, child))


class _Builder:
    def __init__(self, edition: Edition, budget: int) -> None:
        self._edition, self._budget = edition, budget
        self._facts = [(place, edition.vocabulary.facts[place]) for place in order(edition.vocabulary)]
        self.nodes: list[Node] = []
        self._number: dict[Node, int] = {}
        self._made = 0

    def roots(self, concern: str) -> Iterator[tuple[str, int]]:
        """Each destination of a concern with its root, in the order of the vocabulary."""
        mine: dict[str, list[tuple[int, Rule]]] = {}
        for n, rule in enumerate(self._edition.rules):
            if rule.concern == concern:
                mine.setdefault(rule.refer, []).append((n, rule))
        for destination in self._edition.vocabulary.destinations:
            if destination in mine:
                yield destination, self._below(0, tuple(mine[destination]), {}, f"{concern}, {destination}")

    def _below(
        self,
        depth: int,
        possible: tuple[tuple[int, Rule], ...],
        known: dict[tuple[int, tuple[int, ...]], int],
        told: str,
    ) -> int:
        """The node for the rules that the answers so far have not refuted."""
        while depth < len(self._facts) and not any(self._facts[depth][1].id in rule.when for _, rule in possible):
            depth += 1
        if depth == len(self._facts) or not possible:
            strongest = min((STRENGTH[rule.as_] for _, rule in possible), default=None)
            return self._node((LEAF, *(n for n, rule in possible if STRENGTH[rule.as_] == strongest)))
        key = depth, tuple(n for n, _ in possible)
        if key not in known:
            self._made += 1
            if self._made > self._budget:
                raise GraphSizeError(
                    f"edition {self._edition.id}, {told}: these rules depend on too many questions at once "
                    f"(more than {self._budget:,} nodes). Let fewer rules test fewer facts, or split the concern."
                )
            place, fact = self._facts[depth]
            children = tuple(
                self._below(
                    depth + 1,
                    tuple(one for one in possible if answer in one[1].when.get(fact.id, (answer,))),
                    known,
                    told,
                )
                for answer in fact.answers
            )
            known[key] = children[0] if len(set(children)) == 1 else self._node((place, *children))
        return known[key]

    def _node(self, node: Node) -> int:
        if node not in self._number:
            self._number[node] = len(self.nodes)
            self.nodes.append(node)
        return self._number[node]
