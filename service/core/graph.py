"""The decision graph of an edition: from answers to the rules that stand, one root per concern and destination.

A node tests a fact and has one child per answer; a leaf holds the rules for its destination that fire and do not give
way to a stronger one. The graph is ordered (facts of the organisation first, then those that are asked, in the order
of asking) and reduced (no node that decides nothing, no two that say the same), so what it says of a question is
exact: a fact can still change the outcome exactly when a node that tests it can still be reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.core.errors import WegwijzerError
from service.core.rule import STRENGTH, Edition, Rule
from service.core.vocabulary import Fact, Vocabulary

LEAF = -1
BUDGET = 50_000  # nodes that test a fact, before those that say the same are one: thirty times the newest edition

Node = tuple[int, ...]  # a fact and a child per answer, or LEAF and rules: all of them as places in their list
Roots = dict[tuple[object, ...], "Root"]  # the facts and the rules that make a root -> the root


class _TooManyError(Exception):
    """A root takes more nodes than it may."""


@dataclass(frozen=True)
class Root:
    """One root alone: its nodes, children before parents and itself last, and how many it took to find them."""

    nodes: tuple[Node, ...]
    made: int


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


def build(edition: Edition, known: Roots | None = None, budget: int = BUDGET) -> Graph:
    """Make the graph of an edition.

    Args:
        edition: the rules.
        known: roots that were made before, of this rulebase or another; grows.
        budget: how many nodes it may take.

    Raises:
        GraphSizeError: it takes more.

    """
    known = {} if known is None else known
    facts = [(place, edition.vocabulary.facts[place]) for place in order(edition.vocabulary)]
    testable = tuple((place, fact.id, fact.answers) for place, fact in facts)
    number: dict[Node, int] = {}
    roots: dict[str, dict[str, int]] = {}
    made = 0
    for concern in edition.vocabulary.concerns.answers:
        roots[concern] = {}
        mine: dict[str, list[int]] = {}
        for n, rule in enumerate(edition.rules):
            if rule.concern == concern:
                mine.setdefault(rule.refer, []).append(n)
        for destination in edition.vocabulary.destinations:
            if destination not in mine:
                continue
            rules = [edition.rules[n] for n in mine[destination]]
            key = (testable, *((rule.as_, frozenset(rule.when.items())) for rule in rules))
            root = known.get(key) or _Builder(facts, rules, budget - made).root()
            if root is None or made + root.made > budget:
                raise GraphSizeError(
                    f"edition {edition.id}, {concern}, {destination}: these rules depend on too many questions at once "
                    f"(more than {budget:,} nodes). Let fewer rules test fewer facts, or split the concern."
                )
            known[key], made = root, made + root.made
            roots[concern][destination] = _add(root, mine[destination], number)
    return Graph(tuple(number), roots)


def _add(root: Root, rules: Sequence[int], number: dict[Node, int]) -> int:
    """Number the nodes of a root among those there are, its rules by their places in the edition; gives its own."""
    numbers: list[int] = []
    for fact, *after in root.nodes:
        among = rules if fact == LEAF else numbers
        numbers.append(number.setdefault((fact, *(among[n] for n in after)), len(number)))
    return numbers[-1]


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
    """Makes one root of its own, with rules as places in their list and nodes as places in what it made.

    Sets of rules are bits of one integer, so that what an answer refutes is taken away in one step.
    """

    def __init__(self, facts: Sequence[tuple[int, Fact]], rules: Sequence[Rule], budget: int) -> None:
        self._budget = budget
        self._whole = (1 << len(rules)) - 1
        # Per fact that a rule tests its place, the rules that do, and per answer those that it does not refute.
        self._facts: list[tuple[int, int, list[int]]] = []
        for place, fact in facts:
            tests = [(1 << n, rule.when[fact.id]) for n, rule in enumerate(rules) if fact.id in rule.when]
            others = self._whole & ~sum(bit for bit, _ in tests)
            left = [others + sum(bit for bit, met in tests if answer in met) for answer in fact.answers]
            if tests:
                self._facts.append((place, self._whole & ~others, left))
        self._by_strength = [sum(1 << n for n, rule in enumerate(rules) if rule.as_ is as_) for as_ in STRENGTH]
        self._nodes: list[Node] = []
        self._number: dict[Node, int] = {}
        self._known: dict[tuple[int, int], int] = {}
        self._made = 0

    def root(self) -> Root | None:
        """The root, with what is below it; None when it takes more than the budget."""
        try:
            self._below(0, self._whole)
        except _TooManyError:
            return None
        return Root(tuple(self._nodes), self._made)

    def _below(self, depth: int, possible: int) -> int:
        """The node for the rules that the answers so far have not refuted."""
        while depth < len(self._facts) and not possible & self._facts[depth][1]:
            depth += 1
        if depth == len(self._facts):
            strongest = next((possible & of for of in self._by_strength if possible & of), 0)
            return self._node((LEAF, *_places(strongest)))
        key = depth, possible
        if key not in self._known:
            self._made += 1
            if self._made > self._budget:
                raise _TooManyError
            place, _, left = self._facts[depth]
            children = [self._below(depth + 1, possible & of) for of in left]
            same = children.count(children[0]) == len(children)
            self._known[key] = children[0] if same else self._node((place, *children))
        return self._known[key]

    def _node(self, node: Node) -> int:
        if node not in self._number:
            self._number[node] = len(self._nodes)
            self._nodes.append(node)
        return self._number[node]


def _places(rules: int) -> Iterator[int]:
    while rules:
        lowest = rules & -rules
        yield lowest.bit_length() - 1
        rules ^= lowest
