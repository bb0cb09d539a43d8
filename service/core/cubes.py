"""The prime cubes of a destination: every way to meet it that asks no more than it must.

A cube is a conjunction, per fact the answers that meet it. It is prime when none of its conditions can be dropped or
widened: then somebody would meet it to whom no rule refers. Together they cover exactly what the rules cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from service.core.graph import GraphSizeError
from service.core.rule import Edition
from service.core.vocabulary import Fact

MOST = 500  # cubes of one destination for one concern; today's rules have seven at most

Cube = Mapping[str, tuple[str, ...]]  # fact id -> the answers that meet it, in their order
Known = dict[tuple[str, ...], tuple[Cube, ...]]  # concern and ids of rules -> their prime cubes
_Cube = tuple[int, ...]  # per fact the answers that meet it, as bits


def of_edition(edition: Edition, known: Known | None = None) -> dict[str, dict[str, tuple[Cube, ...]]]:
    """The prime cubes per concern and destination.

    Args:
        edition: the rules.
        known: those of other editions of the same rulebase; grows.

    Raises:
        GraphSizeError: a destination has very many.

    """
    known = {} if known is None else known
    found: dict[str, dict[str, tuple[Cube, ...]]] = {}
    for concern in edition.vocabulary.concerns.answers:
        of_concern = found[concern] = {}
        facts = edition.vocabulary.facts_of(concern)
        for destination in edition.vocabulary.destinations:
            rules = {rule.id: rule.when for rule in edition.of_concern(concern) if rule.refer == destination}
            key = (concern, *rules)
            if rules and key not in known:
                known[key] = prime(facts, rules.values(), f"edition {edition.id}, {concern}, {destination}")
            if rules:
                of_concern[destination] = known[key]
    return found


def prime(facts: Sequence[Fact], covers: Iterable[Mapping[str, Iterable[str]]], told: str = "") -> tuple[Cube, ...]:
    """The prime cubes of what some conjunctions cover together, by consensus.

    Args:
        facts: those that may be tested, in their order.
        covers: fact id -> the answers that meet it.
        told: what they are of, for the error.

    Raises:
        GraphSizeError: there are more than `MOST`.

    """
    whole = tuple((1 << len(fact.answers)) - 1 for fact in facts)
    cubes: list[_Cube] = []
    todo = [
        tuple(
            sum(1 << n for n, answer in enumerate(fact.answers) if answer in cover.get(fact.id, fact.answers))
            for fact in facts
        )
        for cover in covers
    ]
    while todo:
        one = todo.pop(0)
        if any(_within(one, other) for other in cubes):
            continue
        cubes = [other for other in cubes if not _within(other, one)]
        todo += [met for other in cubes for met in _consensus(one, other)]
        cubes.append(one)
        if len(cubes) > MOST:
            raise GraphSizeError(
                f"{told}: there are more than {MOST} ways to meet these rules. Let fewer facts decide."
            )
    return tuple(sorted((_named(facts, cube, whole) for cube in cubes), key=lambda cube: (len(cube), sorted(cube))))


def _consensus(one: _Cube, other: _Cube) -> Iterable[_Cube]:
    """What both meet together when the answers to one fact are those of either."""
    for fact, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine | theirs not in (mine, theirs):
            met = tuple(a | b if n == fact else a & b for n, (a, b) in enumerate(zip(one, other, strict=True)))
            if all(met):
                yield met


def _within(cube: _Cube, other: _Cube) -> bool:
    """Whether whoever meets the one meets the other."""
    return all(a & b == a for a, b in zip(cube, other, strict=True))


def _named(facts: Sequence[Fact], cube: _Cube, whole: _Cube) -> Cube:
    return {
        fact.id: tuple(answer for n, answer in enumerate(fact.answers) if met >> n & 1)
        for fact, met, every in zip(facts, cube, whole, strict=True)
        if met != every
    }
