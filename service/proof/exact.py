"""Proves that the decision graph says what the rules say and nothing else, and that each way to a place is exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from service.core.cubes import Cube
from service.core.graph import LEAF, Graph, order
from service.core.rule import Edition, Rulebase
from service.core.space import Situations
from service.proof.findings import Broken, rules, watching
from service.proof.grounds import Ground
from service.proof.tried import Tried, name_of, unless_tried


def exact_everywhere(
    rulebase: Rulebase, everywhere: list[Ground], graphs: Mapping[str, Graph], tried: Tried
) -> Iterator[Broken]:
    """Hold the graph of every edition against the rules of each concern, where it was not held against them before."""
    for edition in rulebase.editions:
        yield from _in_order(edition, graphs[edition.id])
    for number, here in enumerate(everywhere):
        watching.get()("exact_questions", {}, number / len(everywhere))
        for edition in rulebase.editions:
            if _same(edition, here):
                graph = graphs[edition.id]
                known = name_of("exact", here.name, _unfolded(edition, graph, here.concern))
                look = partial(exact_roots, replace(here, edition=edition), graph)
                yield from unless_tried(tried, known, here.space.size, look)


def _unfolded(edition: Edition, graph: Graph, concern: str) -> list[object]:
    """What the graph says of a concern: its roots and the nodes below them, by places of their own."""
    place: dict[int, int] = {}
    found: list[object] = []

    def add(number: int) -> int:
        if number not in place:
            fact, *after = graph.nodes[number]
            said = [edition.rules[rule].id for rule in after] if fact == LEAF else [add(child) for child in after]
            place[number] = len(place)
            found.append((fact, said))
        return place[number]

    roots = {destination: add(root) for destination, root in graph.roots.get(concern, {}).items()}
    return [roots, found]


def _same(edition: Edition, here: Ground) -> bool:
    """Whether a concern has the same rules in an edition as where it was taken from."""
    return edition.of_concern(here.concern) == here.rules


def exact_questions(here: Ground, graph: Graph) -> Iterator[Broken]:
    """Hold the graph against the rules: in each situation each root leads to the rules that count, and to no others.

    It must be reduced and ordered as well. Then a node that can be reached tests a fact that can still change the
    outcome, and no fact that can is left out, however many questions are still open.
    """
    yield from _in_order(here.edition, graph)
    yield from exact_roots(here, graph)


def _in_order(edition: Edition, graph: Graph) -> Iterator[Broken]:
    """Where a graph is not reduced or not ordered."""
    place = {fact: number for number, fact in enumerate(order(edition.vocabulary))}
    if len(set(graph.nodes)) < len(graph.nodes):
        yield Broken("graph_twice", {"edition": edition.id})
    for node in graph.nodes:
        if node[0] == LEAF:
            continue
        below = [graph.nodes[child][0] for child in node[1:]]
        if len(set(node[1:])) == 1 or any(one != LEAF and place[one] <= place[node[0]] for one in below):
            yield Broken("graph_useless", {"edition": edition.id})


def exact_roots(here: Ground, graph: Graph) -> Iterator[Broken]:
    """Where a root of a concern leads to other rules than those that count."""
    vocabulary, mine = here.edition.vocabulary, {rule.id: n for n, rule in enumerate(here.edition.rules)}
    sets: dict[tuple[int, int], Situations] = {}

    def where(number: int, rule: int) -> Situations:
        """The situations that a node leads to a leaf with a rule."""
        if (number, rule) not in sets:
            fact, *after = graph.nodes[number]
            if fact == LEAF:
                found = here.space.all if rule in after else here.space.none
            else:
                of = vocabulary.facts[fact]
                found = here.space.branch(
                    of.id, {answer: where(child, rule) for answer, child in zip(of.answers, after, strict=True)}
                )
            sets[number, rule] = found
        return sets[number, rule]

    roots = graph.roots.get(here.concern, {})
    for rule, counting in zip(here.rules, here.counts, strict=True):
        if rule.refer not in roots or where(roots[rule.refer], mine[rule.id]) != counting:
            yield Broken("graph_differs", {"edition": here.edition.id, "rule": rule.id}, rules([rule.id]))
    own = {(rule.refer, mine[rule.id]) for rule in here.rules}
    for destination, root in roots.items():
        strange = [n for n in _leaves(graph, root) if (destination, n) not in own]
        if strange:
            yield Broken("graph_strange", {"edition": here.edition.id, "destination": destination})


def _leaves(graph: Graph, root: int) -> set[int]:
    """Every rule that stands in a leaf below a node."""
    seen, todo, found = {root}, [root], set[int]()
    while todo:
        fact, *after = graph.nodes[todo.pop()]
        if fact == LEAF:
            found.update(after)
        else:
            todo += set(after) - seen
            seen.update(after)
    return found


def exact_ways(here: Ground, cubes: Mapping[str, Sequence[Cube]]) -> Iterator[Broken]:
    """Hold the prime cubes against the rules: together they meet the same, and none asks more than it must."""
    answers = {fact.id: fact.answers for fact in here.edition.vocabulary.facts}
    for destination in dict.fromkeys(rule.refer for rule in here.rules):
        said = {"edition": here.edition.id, "concern": here.concern, "destination": destination}
        door = here.made(lambda rule, d=destination: rule.refer == d)  # type: ignore[misc]
        if here.space.union(map(here.space.of, cubes[destination])) != door:
            yield Broken("ways_differ", said)
        for cube in cubes[destination]:
            for fact, met in cube.items():
                wider = ({**cube, fact: (*met, answer)} for answer in answers[fact] if answer not in met)
                if any(not here.space.of(one) - door for one in wider):
                    yield Broken("way_asks_more", said)
