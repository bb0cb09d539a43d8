"""Holds the engine against the graph and the definition of a rule. A test, not a proof.

It is tried along every path of the decision graph, on both sides of every condition of every rule, and on every story
beside a rule. The whole space is walked by `compare_part`, part by part, which takes an hour.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import prod

from service.core.graph import LEAF, Graph, count_paths, edges, paths
from service.core.index import RuleIndex
from service.core.rule import STRENGTH, Edition
from service.core.situation import Situation
from service.core.space import Space
from service.core.vocabulary import UNKNOWN, Fact
from service.engine.durable import Engine, EngineLimitError
from service.proof.beside import beside
from service.proof.findings import Broken, Finding, rules, watching
from service.proof.grounds import Ground, in_ids
from service.proof.tried import Tried, name_of

MANY = 5_000  # paths from one root
ENDINGS = 500  # situations that share a beginning
PART = 1_000_000  # situations that are compared at a time


@contextmanager
def trying(
    everywhere: list[Ground], graphs: Mapping[str, Graph], tried: Tried
) -> Iterator[Callable[[], Finding[Broken]]]:
    """Begin to hold the engine against the graph, in each concern of which it has not been tried so before.

    Paths are followed once per root: in the first concern that has it, and not again when other rules of the concern
    change. Conditions and stories are tried whenever any rule of the concern changes.
    It takes as long as all proofs together, and goes on beside them where it can.

    Yields:
        What gives the finding.

    """
    own = {name_of("engine", here.name, _stories(here)): here for here in everywhere}
    roots = {name_of("paths", root) for here in everywhere for root in here.roots.values()}
    left = {name: here for name, here in own.items() if name not in tried}

    def look() -> tuple[float, dict[str, int], list[Broken]]:
        start, found, differ = time.perf_counter(), dict[str, int](), list[Broken]()
        for number, (name, here) in enumerate(left.items()):
            watching.get()("engine_agrees", {}, number / len(left))
            names = {destination: name_of("paths", root) for destination, root in here.roots.items()}
            follow = [destination for destination, path in names.items() if path not in tried and path not in found]
            counts, difference = engine_agrees(here, graphs[here.edition.id], follow)
            if difference:
                differ.append(difference)
            else:
                found[name] = counts[""]
                found.update({names[destination]: counts[destination] for destination in follow})
        return time.perf_counter() - start, found, differ

    with beside(look, worth_it=bool(left)) as answer:

        def finding() -> Finding[Broken]:
            watching.get()("engine_agrees", {}, 0)
            seconds, found, differ = answer()
            tried.update(found)
            return Finding("engine_agrees", sum(tried.get(one, 0) for one in (*own, *roots)), seconds, tuple(differ))

        yield finding


def _stories(here: Ground) -> list[object]:
    return [list(story.situation.items()) for rule in here.rules for story in (rule.example, rule.near_miss)]


def engine_agrees(
    here: Ground, graph: Graph, follow: Collection[str] | None = None
) -> tuple[Counter[str], Broken | None]:
    """Hold durable-rules against the graph and the definition of a rule. A test, not a proof; see `situations_to_try`.

    The whole space is walked by `compare_part`, which takes an hour.

    Args:
        here: the concern.
        graph: of the same edition.
        follow: the destinations whose paths are followed; None for all.

    Returns:
        How many situations were tried along the paths of each destination, under "" how many beside, and the first
        difference (None if there is none).

    """
    alone = replace(here.edition, rules=here.rules)
    counts = Counter[str]()
    try:
        engine = Engine(alone)
    except EngineLimitError as error:
        refused = [rule.id for rule in here.rules if rule.id in str(error)]
        return counts, Broken("engine_refuses", {"why": str(error)}, rules(refused))
    index = RuleIndex(alone)
    strengths = {rule.id: (rule.refer, STRENGTH[rule.as_]) for rule in here.rules}
    try:
        for one in here.rules:
            for story in (one.example, one.near_miss):
                counts[""] += 1
                told = Situation((here.concern,), story.situation)
                if engine.fire(told) != index.fire(told):
                    return counts, Broken("engine_differs_on_story", {"name": story.name}, rules([one.id]))
        for root, answers, stand in situations_to_try(here, graph, follow):
            counts[root] += 1
            asked = Situation((here.concern,), answers)
            fired = engine.fire(asked)[here.concern]
            doors: dict[str, list[tuple[int, str]]] = {}
            for id_ in fired:
                destination, strength = strengths[id_]
                doors.setdefault(destination, []).append((strength, id_))
            standing = {
                destination: {rule for strength, rule in firing if strength == min(firing)[0]}
                for destination, firing in doors.items()
            }
            if standing != stand or fired != index.fire(asked)[here.concern]:
                where = here.teller(here.concern, answers)
                return counts, Broken("engine_differs", {"edition": here.edition.id, "story": where}, rules(fired))
    finally:
        engine.close()
    return counts, None


def situations_to_try(
    here: Ground, graph: Graph, follow: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, str], dict[str, set[str]]]]:
    """Situations along every path of the graph, and for each answer to each condition of each rule.

    Each comes with the destination whose path it takes ("" for a condition), and with the rules to which the graph
    leads there, per destination; destinations without any are left out.

    One situation takes a path from every root, and a path that was taken is not taken again. Where there are more
    than `MANY` paths from a root, every answer of every node is taken instead. Only the paths of roots in `follow` are
    taken. Questions that a path passes over are answered in turn, so that each answer is tried.
    """
    facts = {fact.id: fact for fact in here.edition.vocabulary.facts if not fact.several}
    named, nodes = graph.roots.get(here.concern, {}), graph.nodes
    to_follow = [destination for destination in named if follow is None or destination in follow]
    few = {destination for destination in to_follow if count_paths(graph, named[destination]) <= MANY}
    taken: dict[str, set[tuple[int, ...]]] = {destination: set() for destination in few}
    turns = itertools.count()
    asked = [(fact.id, fact.answers, len(fact.answers)) for fact in facts.values()]
    leaves = [{here.edition.rules[n].id for n in after} if fact == LEAF else set() for fact, *after in nodes]
    places = [
        (fact.id, {answer: n for n, answer in enumerate(fact.answers, 1)}) for fact in here.edition.vocabulary.facts
    ]

    def whole(answers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, set[str]]]:
        turn = next(turns)
        found = {id_: answers.get(id_) or every[turn % many] for id_, every, many in asked}
        chosen = [place.get(found.get(id_, ""), 0) for id_, place in places]
        standing = {}
        for destination, root in named.items():
            node = root
            if destination in taken:
                path = [node]
                while (fact := nodes[node][0]) != LEAF:
                    node = nodes[node][chosen[fact]]
                    path += (chosen[fact] - 1, node)
                taken[destination].add(tuple(path))
            else:
                while (fact := nodes[node][0]) != LEAF:
                    node = nodes[node][chosen[fact]]
            if leaves[node]:
                standing[destination] = leaves[node]
        return found, standing

    for destination in to_follow:
        root = named[destination]
        for path in paths(graph, root) if destination in few else edges(graph, root):
            if path not in taken.get(destination, ()):
                yield destination, *whole(_answers(here.edition, graph, path))
        taken.pop(destination, None)  # nobody asks for it any more
    for rule in here.rules:
        inside = {fact: min(answers) for fact, answers in rule.when.items()}
        for fact in rule.when:
            yield from (("", *whole({**inside, fact: answer})) for answer in facts[fact].answers)


def _answers(edition: Edition, graph: Graph, path: Sequence[int]) -> dict[str, str]:
    """The answers along a path, which holds by turns a node and the number of the answer taken."""
    found = {}
    for node, chosen in zip(path[::2], path[1::2], strict=False):
        fact = edition.vocabulary.facts[graph.nodes[node][0]]
        found[fact.id] = fact.answers[chosen]
    return found


def compare(here: Ground, part: int = 0, parts: int = 1) -> tuple[int, str | None]:
    """Hold durable-rules against the definition of a rule, in situations spread over a concern.

    Args:
        here: the concern.
        part: the first of them, by its number in the space.
        parts: how far it is to the next; 1 for every situation.

    Returns:
        How many situations were compared, and the first difference (None if there is none).

    """
    unasked = {fact.id: UNKNOWN for fact in here.edition.vocabulary.of_organisation}
    situations = (unasked | here.space.situation(place) for place in range(part, here.space.size, parts))
    meant = ((answers, tuple([rule.id for rule in here.rules if rule.matches(answers)])) for answers in situations)
    return _compared(here, meant)


def parts_of(here: Ground) -> list[range]:
    """The whole space in parts of a minute at most, as numbers of beginnings: answers to all but the last facts."""
    beginning, ending = _divided(here)
    size = max(1, PART // prod(len(fact.answers) for fact in ending))
    whole = range(prod(len(fact.answers) for fact in beginning))
    return [whole[at : at + size] for at in whole[::size]]


def compare_part(here: Ground, part: range) -> tuple[int, str | None]:
    """Hold durable-rules against the definition of a rule, in every situation of a part of a concern.

    Of a beginning the rules are known that it refutes; only the others are looked at for each ending.

    Args:
        here: the concern.
        part: one of `parts_of`.

    Returns:
        How many situations were compared, and the first difference (None if there is none).

    """
    beginning, ending = _divided(here)
    first, last = Space(beginning), [fact.id for fact in ending]
    endings = list(itertools.product(*(fact.answers for fact in ending)))
    unasked = {fact.id: UNKNOWN for fact in here.edition.vocabulary.of_organisation}

    def meant() -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
        for number in part:
            begun = first.situation(number)
            left = [
                (rule.id, [(fact, met) for fact, met in rule.when.items() if fact not in begun])
                for rule in here.rules
                if all(begun[fact] in met for fact, met in rule.when.items() if fact in begun)
            ]
            for ends in endings:
                answers = {**unasked, **begun, **dict(zip(last, ends, strict=True))}
                yield answers, tuple([id_ for id_, asks in left if all(answers[fact] in met for fact, met in asks)])

    return _compared(here, meant())


def _divided(here: Ground) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The facts of a space, and those at their end that together have few combinations of answers."""
    facts, at = here.space.facts, len(here.space.facts)
    while at and prod(len(fact.answers) for fact in facts[at - 1 :]) <= ENDINGS:
        at -= 1
    return facts[:at], facts[at:]


def _compared(here: Ground, meant: Iterable[tuple[dict[str, str], tuple[str, ...]]]) -> tuple[int, str | None]:
    alone, concern = replace(here.edition, rules=here.rules), here.concern
    engine, index, compared = Engine(alone), RuleIndex(alone), 0
    try:
        for answers, rules_meant in meant:
            asked = Situation((concern,), answers)
            compared += 1
            if not engine.fire(asked)[concern] == index.fire(asked)[concern] == rules_meant:
                return compared, f"edition {here.edition.id}: {in_ids(concern, answers)}"
    finally:
        engine.close()
    return compared, None
