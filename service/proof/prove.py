"""Proves the rulebase over the whole space: every situation, every edition, every set of organisation facts.

A concern is decided on its own, and only the facts its rules test can matter; so the space of one concern holds every
situation there is, and set algebra on `core.space` takes all of them at once. That the engine fires the same rules is
tested, not proved (`trials`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from service.core.cubes import Cube
from service.core.graph import Graph
from service.core.rule import STRENGTH, As, Doubt, Rulebase
from service.core.space import Situations
from service.proof.competence import Cell, no_doubt, violations
from service.proof.exact import exact_everywhere, exact_ways
from service.proof.findings import Broken, Finding, Ref, Teller, Words, once, rules, watching
from service.proof.grounds import Ground
from service.proof.promises import EditionDay, Promise
from service.proof.shown import Shown, acts_hold, doubts_hold, others_hold, places
from service.proof.tried import Tried, name_of, unless_tried

Made = tuple[Mapping[str, Graph], Mapping[str, Mapping[str, Mapping[str, Sequence[Cube]]]]]


@dataclass(frozen=True)
class Demands:
    """What a rulebase is held against besides itself.

    `name_needed` says per destination whether it needs a name, as promises mean it. `shown` is what stands beside a
    decision; of acts nothing is proved where there are none. `asks` says of a
    doubt whether it asks if a place takes somebody.
    """

    promises: tuple[Promise, ...]
    competence: tuple[Cell, ...]
    days: tuple[EditionDay, ...]
    name_needed: Mapping[str, str]
    shown: Shown = field(default_factory=Shown)
    asks: Callable[[Doubt], bool] = no_doubt


def prove(
    rulebase: Rulebase, everywhere: list[Ground], demands: Demands, made: Made, teller: Teller, tried: Tried
) -> Iterator[Finding[Broken]]:
    """Prove everything that must hold, one finding per promise.

    Args:
        rulebase: all editions.
        everywhere: its concerns, as `grounds` gives them.
        demands: what they are held against.
        made: the graph and the prime cubes of each edition.
        teller: tells a counterexample.
        tried: what was proved before, each by the name of all that it depends on; grows. It is not proved again.

    """
    graphs, cubes = made

    def each(
        name: str,
        broken_by: Callable[[Ground], Iterator[Broken]],
        depends: Callable[[Ground], object] = lambda _: None,
        says: Words | None = None,
    ) -> Finding[Broken]:
        def look() -> Iterator[Broken]:
            for here in everywhere:
                known = name_of(name, here.name, depends(here))
                yield from unless_tried(tried, known, here.space.size, partial(broken_by, here))

        return _timed(name, everywhere, look, says)

    def promised(promise: Promise) -> Finding[Broken]:
        asked = promise, demands.name_needed
        return each(promise.id, holds(*asked), lambda _: asked, promise.says)

    def ways(here: Ground) -> Mapping[str, Sequence[Cube]]:
        return cubes[here.edition.id][here.concern]

    yield each("one_first", one_first)
    yield each("another_door", another_door)
    yield each("every_rule_counts", every_rule_counts)
    yield from map(promised, demands.promises)
    yield _timed("exact_questions", everywhere, lambda: exact_everywhere(rulebase, everywhere, graphs, tried))
    yield each("exact_ways", lambda here: exact_ways(here, ways(here)), ways)
    yield _timed("reach", everywhere, lambda: _reach(rulebase, everywhere, tried))
    yield _timed("days", everywhere, lambda: edition_days(rulebase, demands.days))
    where = places(rulebase, demands.shown, teller)
    if demands.shown.acts:
        yield _timed("acts", everywhere, lambda: acts_hold(where, demands.shown, tried))
    yield _timed("contacts", everywhere, lambda: others_hold(where, demands.shown, tried))
    if demands.shown.mentions:
        yield _timed("doubts", everywhere, lambda: doubts_hold(rulebase, demands.shown, teller, tried))
    held_against = demands.competence, teller, demands.asks, tried
    yield _timed("competence", everywhere, lambda: violations(rulebase, *held_against))


def _timed(
    name: str, everywhere: list[Ground], broken_by: Callable[[], Iterable[Broken]], says: Words | None = None
) -> Finding[Broken]:
    watching.get()(name, says or {}, 0)
    start = time.perf_counter()
    broken = tuple(once(broken_by()))
    situations = sum(one.space.size for one in everywhere)
    return Finding(name, situations, time.perf_counter() - start, broken, says or {})


def some_and_more(sets: Iterable[Situations], begun: tuple[Situations, Situations]) -> tuple[Situations, Situations]:
    """Where a situation is in any of the sets, and where it is in more than one; `begun` is that of sets before."""
    some, more = begun
    for one in sets:
        more |= some & one
        some |= one
    return some, more


def doors(here: Ground, *, only_first: bool = False) -> dict[str, Situations]:
    """Per destination where it is referred to."""
    found = dict[str, Situations]()
    for rule, where in zip(here.rules, here.counts, strict=True):
        if rule.as_ is As.FIRST or not only_first:
            found[rule.refer] = found.get(rule.refer, here.space.none) | where
    return found


def one_first(here: Ground) -> Iterator[Broken]:
    """Where there is no first step, or more than one."""
    none = here.space.none
    some, more = some_and_more(doors(here, only_first=True).values(), (none, none))
    if lacking := ~some:
        yield Broken("no_first", {"story": here.tell(lacking)}, _near(here, lacking))
    if more:
        first = [rule.id for rule in here.firing(more) if rule.as_ is As.FIRST]
        yield Broken("two_first", {"story": here.tell(more)}, rules(first))


def another_door(here: Ground) -> Iterator[Broken]:
    """Where there is no other door beside the first step."""
    _, more = some_and_more(doors(here).values(), (here.space.none, here.space.none))
    if lone := ~more:
        yield Broken("one_door", {"story": here.tell(lone)}, _near(here, lone))


def _near(here: Ground, where: Situations) -> tuple[Ref, ...]:
    """What is nearest to a rule that lacks: those that fire beside it, or else the concern."""
    return rules(rule.id for rule in here.firing(where)[:1]) or (("concern", here.concern),)


def every_rule_counts(here: Ground) -> Iterator[Broken]:
    """Each rule that gives way to a stronger one wherever it fires."""
    for rule, counting in zip(here.rules, here.counts, strict=True):
        if not counting:
            stronger = [
                other.id
                for other, fires in zip(here.rules, here.fires, strict=True)
                if other.refer == rule.refer
                and STRENGTH[other.as_] < STRENGTH[rule.as_]
                and fires & here.space.of(rule.when)
            ]
            said = {"rule": rule.id, "edition": here.edition.id, "stronger": ", ".join(stronger)}
            yield Broken("never_counts", said, rules((rule.id, *stronger)))


def holds(promise: Promise, name_needed: Mapping[str, str]) -> Callable[[Ground], Iterator[Broken]]:
    """Where a referral is made that a promise forbids."""

    def broken_by(here: Ground) -> Iterator[Broken]:
        made = here.made(lambda rule: promise.is_about(rule, name_needed))
        if promise.only_where is not None:
            inside = here.where(promise.only_where)
            if not set(promise.only_where) <= {fact.id for fact in here.space.facts}:
                inside = here.space.none  # a fact that no rule here tests cannot be what allows the referral
            made -= inside
        if promise.never_where is not None:
            made &= here.where(promise.never_where)
        if made:
            guilty = [rule.id for rule in here.firing(made) if promise.is_about(rule, name_needed)]
            yield Broken("promise", {"story": here.tell(made)}, (*rules(guilty), ("promise", promise.id)))

    return broken_by


def edition_days(rulebase: Rulebase, days: Iterable[EditionDay]) -> Iterator[Broken]:
    """A rule begins and ends on a day on which the law or the provisions changed, and on no other."""
    known = {one.day for one in days}
    for rule in rulebase.rules:
        for day in (rule.since, rule.until):
            if day and day not in known:
                yield Broken("day_not_listed", {"rule": rule.id, "day": day}, rules([rule.id]))
    for day in sorted(known - {one.since for one in rulebase.editions}):
        yield Broken("day_without_change", {"day": day}, (("edition", str(day)),))


def _reach(rulebase: Rulebase, everywhere: list[Ground], tried: Tried) -> Iterator[Broken]:
    """Every destination is reached, and every fact changes some outcome, in some edition."""
    facts = rulebase.vocabulary.facts
    reached = {rule.refer for here in everywhere for rule in here.rules}
    for destination in rulebase.vocabulary.destinations:
        if destination not in reached and destination != rulebase.vocabulary.safety_net:
            yield Broken("not_reached", {"destination": destination}, (("destination", destination),))
    changing = 0  # the facts, a bit each
    for here in everywhere:
        known = name_of("changes", here.name)
        if known not in tried:
            mine = {fact for counting in here.counts for fact in counting.facts}
            tried[known] = sum((fact.id in mine) << number for number, fact in enumerate(facts))
        changing |= tried[known]
    for number, fact in enumerate(facts):
        if not (fact.several or changing >> number & 1):
            yield Broken("changes_nothing", {"fact": fact.id}, (("fact", fact.id),))
