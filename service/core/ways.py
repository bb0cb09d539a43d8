"""Every way to a destination for somebody, and the rules that lead there, the one that asks least first.

A way is a prime cube of the destination less what already holds. It changes no more than a wish, an event that may
still come, or what somebody does not know yet; a cube that needs another person, another place or another past is none
for them. So the ways are all there are: each is enough, none asks more than it must, and where none of them holds, the
destination stays closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, reduce
from operator import and_, itemgetter, or_
from typing import NamedTuple

from service.core.cubes import Cube, Cubes, of_edition
from service.core.decision import Condition, Way
from service.core.rule import As, Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import HELD, IDENTITY, UNKNOWN, Fact, Nature

_Answers = frozenset[tuple[str, str]]  # pairs of a fact and an answer to it


class _Leading(NamedTuple):
    """A rule that leads to a destination, and the answers that refute it.

    `bars` are those that say who or where somebody is, `past` those that say what happened. What nobody knows of an
    organisation or of a person bars nothing: it may still be told.
    """

    rule: Rule
    refuting: _Answers
    bars: _Answers
    past: _Answers


class Ways:
    """What each rule of an edition, and each of its prime cubes, asks of somebody."""

    def __init__(self, edition: Edition, cubes: Cubes | None = None) -> None:
        """Prepare to say what is asked.

        Args:
            edition: the rules.
            cubes: their prime cubes; None to compute them when they are asked for.

        """
        self.vocabulary, self._edition, self._made = edition.vocabulary, edition, cubes

    @cached_property
    def _leading(self) -> dict[str, list[_Leading]]:
        """Per destination the rules that lead there."""
        found: dict[str, list[_Leading]] = {destination: [] for destination in self.vocabulary.destinations}
        for rule in self._edition.rules:
            found[rule.refer].append(self._leads(rule))
        return found

    @cached_property
    def cubes(self) -> Cubes:
        """The prime cubes of the edition."""
        return of_edition(self._edition) if self._made is None else self._made

    def prepare(self) -> None:
        """Make what is made once, if it is not made yet."""
        _ = self._bits, self._leading

    @cached_property
    def _bits(self) -> _Bits:
        return _Bits(self._edition, self.cubes)

    def lead(self, destination: str) -> bool:
        """Whether any rule in force leads to a destination, for whomever."""
        return bool(self._leading[destination])

    def to(self, situation: Situation, destination: str) -> tuple[Way, ...]:
        """Every minimal way by which a destination opens; none where none is open to somebody in this position.

        The ways of the concerns that were named come first, then those that change fewest answers, then the
        shortest. One without conditions says that it opens whatever is answered.

        Args:
            situation: with the answers that matter; one that does not matter says nothing.
            destination: one of the vocabulary.

        """
        return self.of(situation)(destination)

    def of(self, situation: Situation) -> Callable[[str], tuple[Way, ...]]:
        """What gives the ways to each destination in one situation, as `to` does."""
        return _Somebody(self._bits, situation).to

    def nearest(self, situation: Situation, destination: str) -> list[Rule]:
        """Every rule that leads to a destination, the one that asks least of somebody first."""
        given = frozenset(situation.answers.items())
        leading = sorted(self._leading[destination], key=lambda one: self._effort(one, situation, given))
        return [one.rule for one in leading]

    def _effort(
        self, leading: _Leading, situation: Situation, given: _Answers
    ) -> tuple[bool, bool, int, int, int, bool]:
        """What a rule asks, most weighty first.

        Another person or place; a concern that was not named; how many answers to change, and how many of those
        about what happened; how many conditions in all; and whether it opens only later.
        """
        rule = leading.rule
        return (
            not leading.bars.isdisjoint(given),
            self._elsewhere(rule, situation),
            len(leading.refuting & given),
            len(leading.past & given),
            sum(situation.answers.get(fact) not in wanted for fact, wanted in rule.when.items()),
            rule.as_ is As.LATER,
        )

    def _elsewhere(self, rule: Rule, situation: Situation) -> bool:
        return bool(situation.concerns) and rule.concern not in situation.concerns

    def _leads(self, rule: Rule) -> _Leading:
        refuting = [
            (self.vocabulary.by_id[fact], answer)
            for fact, wanted in rule.when.items()
            for answer in self.vocabulary.by_id[fact].answers
            if answer not in wanted
        ]
        known = [(fact, answer) for fact, answer in refuting if answer != UNKNOWN]
        return _Leading(
            rule,
            refuting=frozenset(
                (fact.id, answer) for fact, answer in refuting if not (fact.nature in IDENTITY and answer == UNKNOWN)
            ),
            bars=frozenset((fact.id, answer) for fact, answer in known if fact.nature in IDENTITY),
            past=frozenset((fact.id, answer) for fact, answer in known if fact.nature is Nature.PAST),
        )


class _Cube(NamedTuple):
    """A cube, as bits of the conditions and of the rules of an edition.

    Attributes:
        asks: its conditions.
        implies: what holds for whoever meets it.
        refutes: the rules that do not fire then.
        conditions: each with its bits, in the order of the facts.

    """

    asks: int
    implies: int
    refutes: int
    conditions: tuple[tuple[int, Condition], ...]


class _Told(NamedTuple):
    """An answer, as bits of the conditions and of the rules of an edition.

    Attributes:
        meets: conditions that hold by it.
        bars: those that never can: whoever gives it is another person, or had another past.
        decides: those that hold by it, or would take another answer.
        refutes: the rules that do not fire.

    """

    meets: int
    bars: int
    decides: int
    refutes: int


class _Road(NamedTuple):
    """How a concern leads to a destination: whether later by any rule, and the rules by which it does at once."""

    later: bool
    at_once: int


class _Bits:
    """The cubes, the answers and the rules of an edition as bits.

    A condition has as many bits as it takes answers, side by side, so that both can be counted.
    """

    def __init__(self, edition: Edition, cubes: Cubes) -> None:
        vocabulary, rules = edition.vocabulary, edition.rules
        concerns, destinations = vocabulary.concerns.answers, vocabulary.destinations
        of_all = (cube for of in cubes.values() for those in of.values() for cube in those)
        places, length = dict[Condition, int](), 0
        for condition in dict.fromkeys(one for cube in of_all for one in _conditions(cube)):
            places[condition] = (1 << len(condition.answers)) - 1 << length
            length += len(condition.answers)

        def those(which: Callable[[Condition], bool]) -> int:
            return _union(place for one, place in places.items() if which(one))

        def refuted(fact: str, answers: Iterable[str]) -> int:
            wanted = ((n, rule.when.get(fact)) for n, rule in enumerate(rules))
            return _union(1 << n for n, those in wanted if those is not None and those.isdisjoint(answers))

        implies = {one: those(lambda other, one=one: _implies(one, other)) for one in places}  # type: ignore[misc]
        refutes = {one: refuted(one.fact, one.answers) for one in places}

        def as_bits(cube: Cube) -> _Cube:
            asked = _conditions(cube)
            return _Cube(
                asks=_union(places[one] for one in asked),
                implies=_union(implies[one] for one in asked),
                refutes=_union(refutes[one] for one in asked),
                conditions=tuple((places[one], one) for one in asked),
            )

        def told(fact: Fact, answer: str) -> _Told:
            stays = fact.nature in HELD and answer != UNKNOWN
            return _Told(
                meets=those(lambda one: one.fact == fact.id and answer in one.answers),
                bars=those(lambda one: stays and one.fact == fact.id and answer not in one.answers),
                decides=those(lambda one: one.fact == fact.id and answer != UNKNOWN),
                refutes=refuted(fact.id, (answer,)),
            )

        self.one_each = _union(place & -place for place in places.values())
        # Per destination each concern, what all its cubes ask, and those cubes.
        self.cubes: dict[str, list[tuple[str, int, list[_Cube]]]] = {one: [] for one in destinations}
        for concern, of in cubes.items():
            for destination, those_of in of.items():
                found = list(map(as_bits, those_of))
                self.cubes[destination].append((concern, reduce(and_, [cube.asks for cube in found]), found))
        self.told = {(fact.id, answer): told(fact, answer) for fact in vocabulary.facts for answer in fact.answers}
        self.roads = {one: dict.fromkeys(concerns, _Road(later=False, at_once=0)) for one in destinations}
        for n, rule in enumerate(rules):
            road, later = self.roads[rule.refer][rule.concern], rule.as_ is As.LATER
            self.roads[rule.refer][rule.concern] = _Road(road.later or later, road.at_once | (not later) << n)
        self.concerns = vocabulary.concerns.id
        self.about: dict[str, tuple[Condition, ...]] = {
            concern: (Condition(vocabulary.concerns.id, (concern,)),) for concern in concerns
        }


_Asked = tuple[int, _Cube]  # what a cube asks of somebody that is not so already, and the cube
_MORE = 1 << 16  # one condition more weighs more than any number of answers that would do


class _Somebody:
    """The ways of somebody to any destination."""

    def __init__(self, bits: _Bits, situation: Situation) -> None:
        self._bits, self._named = bits, situation.concerns
        told = [(one[0], bits.told[one]) for one in situation.answers.items()]
        self._refuted = [(fact, one.refutes) for fact, one in told]
        self._refutes = _union(one.refutes for _, one in told)
        self._left = ~_union(one.meets for _, one in told)
        self._bars = _union(one.bars for _, one in told)
        self._changes = _union(one.decides for _, one in told) & bits.one_each

    def to(self, destination: str) -> tuple[Way, ...]:
        """Every minimal way to a destination."""
        bars, left = self._bars, self._left
        own: list[_Asked] = []  # `list[_Asked]()` would take as long as all that is put into it
        others: list[tuple[str, list[_Asked]]] = []
        for concern, all_ask, cubes in self._bits.cubes[destination]:
            if all_ask & bars:
                continue
            asked = [(cube.asks & left, cube) for cube in cubes if not cube.asks & bars]
            if concern in self._named:
                own += asked
            elif asked:
                others.append((concern, asked))
        ways: list[Way] = []
        roads = self._bits.roads[destination]
        if own:
            own, road = self._fewest(own), _road([roads[concern] for concern in self._named])
            ways += [self._way(one, road, ()) for one in own]
        shared: dict[int, tuple[_Asked, list[str]]] = {}
        for concern, asked in others:
            for one in self._fewest(asked):
                if own and self._within(one, own):
                    continue
                if one[0] in shared:
                    shared[one[0]][1].append(concern)
                else:
                    shared[one[0]] = one, [concern]
        about = self._bits.about
        for one, (first, *more) in shared.values():
            if more:
                several = (Condition(self._bits.concerns, (first, *more)),)
                ways.append(self._way(one, _road([roads[concern] for concern in (first, *more)]), several))
            else:
                ways.append(self._way(one, roads[first], about[first]))
        return tuple(sorted(ways, key=_order) if len(ways) > 1 else ways)

    def _fewest(self, asked: list[_Asked]) -> list[_Asked]:
        """Those that ask no more than they must, the one that asks least first."""
        if len(asked) < 2:
            return asked
        one_each = self._bits.one_each
        found: list[_Asked] = []
        weighed = [((one[0] & one_each).bit_count() * _MORE - one[0].bit_count(), one) for one in asked]
        weighed.sort(key=itemgetter(0))
        for _, one in weighed:
            if not found or not self._within(one, found):
                found.append(one)
        return found

    def _within(self, asked: _Asked, others: list[_Asked]) -> bool:
        """Whether whoever does what a cube asks does what one of the others asks as well."""
        more = ~(asked[1].implies & self._left)
        for other, _ in others:  # noqa: SIM110 - they are few: to make a generator takes longer than to look
            if not other & more:
                return True
        return False

    def _way(self, asked: _Asked, road: _Road, about: tuple[Condition, ...]) -> Way:
        asks, cube = asked
        conditions = tuple([one for place, one in cube.conditions if asks & place])
        later = road.later and not self._at_once(road.at_once & ~cube.refutes, conditions)
        return Way(about + conditions, (asks & self._changes).bit_count(), later, bool(about))

    def _at_once(self, rules: int, conditions: tuple[Condition, ...]) -> bool:
        """Whether one of these rules fires when conditions are met, whatever was answered to their facts before."""
        if rules & self._refutes:
            changed = {one.fact for one in conditions}
            for fact, refutes in self._refuted:
                if fact not in changed:
                    rules &= ~refutes
        return rules > 0


def _road(roads: list[_Road]) -> _Road:
    return roads[0] if len(roads) == 1 else _Road(any(one.later for one in roads), _union(one.at_once for one in roads))


def _order(way: Way) -> tuple[bool, int, int, bool]:
    return way.elsewhere, way.changes, len(way.conditions), way.later


def _conditions(cube: Cube) -> list[Condition]:
    return [Condition(*one) for one in cube.items()]


def _implies(one: Condition, other: Condition) -> bool:
    return one.fact == other.fact and set(one.answers) <= set(other.answers)


def _union(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)
