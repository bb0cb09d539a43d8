"""The prime cubes of a destination: every way to meet it that asks no more than it must.

A cube is a conjunction, per fact the answers that meet it. It is prime when none of its conditions can be dropped or
widened: then somebody would meet it to whom no rule refers. Together they cover exactly what the rules cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from service.core.graph import GraphSizeError
from service.core.rule import Edition
from service.core.space import Situations, Space, SpaceSizeError
from service.core.vocabulary import Fact

MOST = 500  # cubes of one destination for one concern
BUDGET = 50_000  # nodes to find them; the most that one of ours takes is 451
MEND = "Let fewer facts decide."

Cube = Mapping[str, tuple[str, ...]]  # fact id -> the answers that meet it, in their order
Cubes = Mapping[str, Mapping[str, Sequence[Cube]]]  # concern -> destination -> its prime cubes
PrimeCubes = dict[tuple[object, ...], tuple[Cube, ...]]  # the facts and the conditions of rules -> their prime cubes


def of_edition(edition: Edition, known: PrimeCubes | None = None) -> dict[str, dict[str, tuple[Cube, ...]]]:
    """The prime cubes per concern and destination.

    Args:
        edition: the rules.
        known: those that were found before, of this rulebase or another; grows.

    Raises:
        GraphSizeError: a destination has very many.

    """
    known = {} if known is None else known
    found: dict[str, dict[str, tuple[Cube, ...]]] = {}
    for concern in edition.vocabulary.concerns.answers:
        of_concern = found[concern] = {}
        facts, mine = edition.vocabulary.facts_of(concern), edition.of_concern(concern)
        testable = tuple((fact.id, fact.answers) for fact in facts)
        for destination in edition.vocabulary.destinations:
            rules = [rule.when for rule in mine if rule.refer == destination]
            key = (testable, *(frozenset(one.items()) for one in rules))
            if rules and key not in known:
                known[key] = prime(facts, rules, f"edition {edition.id}, {concern}, {destination}")
            if rules:
                of_concern[destination] = known[key]
    return found


def prime(facts: Sequence[Fact], covers: Iterable[Mapping[str, Iterable[str]]], told: str = "") -> tuple[Cube, ...]:
    """The prime cubes of what some conjunctions cover together.

    Args:
        facts: those that may be tested, in their order.
        covers: fact id -> the answers that meet it.
        told: what they are of, for the error.

    Raises:
        GraphSizeError: there are more than `MOST`, or to find them takes too much.

    """
    space = Space(facts, BUDGET)
    try:
        whole = space.union(space.of({fact: tuple(answers) for fact, answers in cover.items()}) for cover in covers)
        cubes = [cube for cube, _ in _prime(whole, {})]
    except SpaceSizeError:
        raise GraphSizeError(f"{told}: to find every way to meet these rules takes too much. {MEND}") from None
    if len(cubes) > MOST:
        raise GraphSizeError(f"{told}: there are more than {MOST} ways to meet these rules. {MEND}")
    return tuple(sorted(cubes, key=lambda cube: (len(cube), sorted(cube))))


def _prime(where: Situations, known: dict[Situations, list[tuple[Cube, Situations]]]) -> list[tuple[Cube, Situations]]:
    """The prime cubes of a set, each with the situations that it is.

    Of the first fact that decides, a cube asks some answers: those after which the rest of it holds. It is prime when
    its rest is prime of what holds after each of them, and holds after no other answer.
    """
    if where in known:
        return known[where]
    split = where.split()
    if split is None:
        return [({}, where)] if where else []
    fact, after = split
    parts = list(dict.fromkeys(one for one in after.values() if one))
    found: list[tuple[Cube, Situations]] = []
    whole = len(parts) == len(dict.fromkeys(after.values()))
    for size in range(len(parts), 0, -1):
        for chosen in combinations(parts, size):
            shared = chosen[0]
            for one in chosen[1:]:
                shared &= one
            others = [one for one in parts if one not in chosen]
            for cube, rest in _prime(shared, known) if shared else ():
                if all(rest - other for other in others):
                    answers = tuple(answer for answer, one in after.items() if one in chosen)
                    asks = {} if whole and size == len(parts) else {fact: answers}
                    found.append(({**asks, **cube}, where.space.of(asks) & rest))
    known[where] = found
    return found


@dataclass(frozen=True)
class Who:
    """Some situations of a space, exactly.

    Those that meet `meets`; of them only those that meet one of `any_of`, where there are any, and those that meet
    none of `none_of`.

    Attributes:
        size: how many situations they are.
        rest: how many more of `size` meet none of `any_of`: these would take too many cubes to say.

    """

    size: int
    meets: Cube
    any_of: tuple[Cube, ...] = ()
    none_of: tuple[Cube, ...] = ()
    rest: int = 0


def who(where: Situations, most: int = 6) -> Who:
    """Say who are in a set, by what they share and, where that is not all, in the fewest conditions more.

    Args:
        where: a set that is not empty.
        most: how many cubes may be said besides.

    """
    space = where.space
    meets = {}
    for fact in space.facts:
        answers = tuple(one for one in fact.answers if where & space.where(fact.id, (one,)))
        if len(answers) < len(fact.answers):
            meets[fact.id] = answers
    inside = space.of(meets)
    within, rest = _cover(where, where | ~inside, meets, most)
    without, over = _cover(inside - where, ~where, meets, most)
    if over or (not rest and _length(within) < _length(without)):
        return Who(where.size, meets, any_of=within, rest=rest.size)
    return Who(where.size, meets, none_of=without)


def _cover(where: Situations, within: Situations, meets: Cube, most: int) -> tuple[tuple[Cube, ...], Situations]:
    """Cubes in `within` that cover `where`, the one that takes most first, and what is left when there are `most`.

    Whoever is spoken of meets `meets`, so no cube names answers besides.
    """
    found: list[Cube] = []
    while where and len(found) < most:
        seed = where.some()
        assert seed is not None  # noqa: S101 - it is not empty
        facts = [fact for fact in where.space.facts if fact.id in {*where.facts, *within.facts}]
        # Which condition is dropped first decides which can be dropped after it.
        orders = [(*facts[turn:], *facts[:turn]) for turn in range(len(facts))] or [()]
        cubes = [_widened(seed, within, meets, order) for order in orders]
        found.append(max(cubes, key=lambda cube: ((where & where.space.of(cube)).size, -_length([cube]))))
        where -= where.space.of(found[-1])
    return tuple(found), where


def _widened(seed: Mapping[str, str], within: Situations, meets: Cube, order: Sequence[Fact]) -> Cube:
    """A cube round a situation that no condition can be dropped from, nor widened, without leaving a set."""
    space = within.space
    cube: dict[str, tuple[str, ...]] = {fact.id: (seed[fact.id],) for fact in order}
    for fact in order:
        without = {id_: answers for id_, answers in cube.items() if id_ != fact.id}
        if not space.of(without) - within:
            cube = without
    for fact in order:
        for answer in meets.get(fact.id, fact.answers) if fact.id in cube else ():
            if answer not in cube[fact.id] and not space.of({**cube, fact.id: (answer,)}) - within:
                cube[fact.id] = tuple(one for one in fact.answers if one in (*cube[fact.id], answer))
    return {fact.id: cube[fact.id] for fact in space.facts if fact.id in cube}


def _length(cubes: Iterable[Cube]) -> int:
    """How much there is to say: each cube, and each of its conditions."""
    return sum(1 + len(cube) for cube in cubes)
