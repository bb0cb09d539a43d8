"""Proves the rulebase over the whole space: every situation, every edition, every set of organisation facts.

A concern is decided on its own, and only the facts its rules test can matter; so the space of one concern holds every
situation there is, and set algebra on `core.space` takes all of them at once. That the engine fires the same rules is
tested, not proved: along every path of the decision graph, and on both sides of every condition of every rule.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

from service.core.cubes import Cube, of_edition
from service.core.graph import LEAF, Graph, build, count_paths, edges, order, paths
from service.core.index import RuleIndex
from service.core.rule import STRENGTH, As, Edition, Rule, Rulebase
from service.core.situation import Situation
from service.core.space import Situations, Space, counts
from service.core.vocabulary import UNKNOWN
from service.engine.durable import Engine, EngineLimitError
from service.proof.competence import Cell, violations
from service.proof.findings import Broken, Finding, Ref, Teller, Words, once, rules
from service.proof.promises import EditionDay, Promise

MANY = 20_000  # paths from one root

Made = tuple[Mapping[str, Graph], Mapping[str, Mapping[str, Mapping[str, Sequence[Cube]]]]]
Tried = MutableMapping[str, int]  # the name of what a trial depends on -> how many situations it took


@dataclass(frozen=True)
class Demands:
    """What a rulebase is held against besides itself.

    `name_needed` says per destination whether it needs a name, as promises mean it.
    """

    promises: tuple[Promise, ...]
    competence: tuple[Cell, ...]
    days: tuple[EditionDay, ...]
    name_needed: Mapping[str, str]


def in_ids(concern: str, answers: Mapping[str, str]) -> str:
    """A story in the ids of facts and answers."""
    return " ".join([concern, *(f"{fact}={answer}" for fact, answer in answers.items())])


@dataclass(frozen=True)
class Ground:
    """One concern in one edition: its space, and where each rule fires and counts."""

    edition: Edition
    concern: str
    rules: tuple[Rule, ...]
    space: Space
    fires: Sequence[Situations]
    counts: Sequence[Situations]
    teller: Teller = in_ids

    def firing(self, where: Situations) -> tuple[Rule, ...]:
        """The rules that fire in the first situation of a set."""
        whole = where.some()
        assert whole is not None  # noqa: S101 - asked for a set that is not empty
        return tuple(rule for rule in self.rules if rule.matches(whole))

    def tell(self, where: Situations) -> str:
        """The smallest counterexample of a set: the answers that matter, as a story, with the rules that fire."""
        whole = where.some()
        assert whole is not None  # noqa: S101 - asked for a set that is not empty
        answers = whole
        for fact in tuple(whole):
            fewer = {key: value for key, value in answers.items() if key != fact}
            if not self.space.of({key: (value,) for key, value in fewer.items()}) - where:
                answers = fewer  # whatever this fact is, the promise is broken
        named = ", ".join(f"{rule.id} ({rule.as_})" for rule in self.firing(where))
        return f"[{self.edition.id}] {self.teller(self.concern, answers)} [{named or '-'}]"

    def where(self, conditions: Mapping[str, Collection[str]]) -> Situations:
        """Where conditions hold, and the facts in them apply."""
        found = self.space.of(conditions)
        facts = list(conditions)
        for fact in facts:  # grows while it is read
            applies = self.edition.vocabulary.applying(fact, self.concern)
            found &= self.space.of(applies)
            facts += applies
        return found

    def made(self, about: Callable[[Rule], bool]) -> Situations:
        """Where a rule of some kind counts."""
        return self.space.union([where for rule, where in zip(self.rules, self.counts, strict=True) if about(rule)])


def ground(edition: Edition, concern: str, teller: Teller = in_ids) -> Ground:
    """The space of a concern over the facts its rules test, with each rule in it."""
    mine = edition.of_concern(concern)
    tested = {fact for rule in mine for fact in rule.when}
    facts = [edition.vocabulary.facts[place] for place in order(edition.vocabulary)]
    space = Space([fact for fact in facts if fact.id in tested])
    fires = space.of_rules(mine)
    return Ground(edition, concern, mine, space, fires, counts(mine, fires), teller)


def grounds(rulebase: Rulebase, teller: Teller = in_ids) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern, teller)
    return list(found.values())


def prove(
    rulebase: Rulebase, demands: Demands, teller: Teller = in_ids, tried: Tried | None = None, made: Made | None = None
) -> Iterator[Finding[Broken]]:
    """Prove everything that must hold, one finding per promise.

    Args:
        rulebase: all editions.
        demands: what they are held against.
        teller: tells a counterexample.
        tried: what the engine was held against before, by this engine and this code; grows. It is not tried again.
        made: the graph and the prime cubes of each edition; None to make them.

    """
    everywhere = grounds(rulebase, teller)
    graphs, cubes = made or (
        {edition.id: build(edition) for edition in rulebase.editions},
        {edition.id: of_edition(edition) for edition in rulebase.editions},
    )

    def each(name: str, broken_by: Callable[[Ground], Iterator[Broken]], says: Words | None = None) -> Finding[Broken]:
        return _timed(name, everywhere, lambda: itertools.chain.from_iterable(map(broken_by, everywhere)), says)

    yield each("one_first", one_first)
    yield each("another_door", another_door)
    yield each("every_rule_counts", every_rule_counts)
    for promise in demands.promises:
        yield each(promise.id, holds(promise, demands.name_needed), promise.says)
    tried = {} if tried is None else tried
    yield _timed("exact_questions", everywhere, lambda: _exact(rulebase, everywhere, graphs, tried))
    yield each("exact_ways", lambda here: exact_ways(here, cubes[here.edition.id][here.concern]))
    yield _engine(everywhere, graphs, tried)
    yield _timed("reach", everywhere, lambda: _reach(rulebase, everywhere))
    yield _timed("days", everywhere, lambda: edition_days(rulebase, demands.days))
    yield _timed("competence", everywhere, lambda: violations(rulebase, demands.competence, teller))


def _exact(rulebase: Rulebase, everywhere: list[Ground], graphs: Mapping[str, Graph], tried: Tried) -> Iterator[Broken]:
    """Hold the graph of every edition against the rules of each concern, where it was not held against them before."""
    for here in everywhere:
        for edition in rulebase.editions:
            if _same(edition, here):
                graph = graphs[edition.id]
                yield from _in_order(edition, graph)
                key = name_of("exact", _decides(here), _unfolded(edition, graph, here.concern))
                if key not in tried:
                    wrong = list(exact_roots(replace(here, edition=edition), graph))
                    yield from wrong
                    if not wrong:
                        tried[key] = here.space.size


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


def _engine(everywhere: list[Ground], graphs: Mapping[str, Graph], tried: Tried) -> Finding[Broken]:
    """Hold the engine against the graph in each concern of which it has not been tried so before."""
    start = time.perf_counter()
    followed: set[tuple[str, ...]] = set()
    count, differ = 0, list[Broken]()
    for here in everywhere:
        key = _depends_on(here, followed)
        if key in tried:
            followed |= set(_roots(here).values())
        else:
            tried_now, difference = engine_agrees(here, graphs[here.edition.id], followed)
            if difference:
                differ.append(difference)
            else:
                tried[key] = tried_now
        count += tried.get(key, 0)
    return Finding("engine_agrees", count, time.perf_counter() - start, tuple(differ))


def _roots(here: Ground) -> dict[str, tuple[str, ...]]:
    """Per destination what its root in the graph is made of: the concern and the rules."""
    found: dict[str, tuple[str, ...]] = {}
    for rule in here.rules:
        found[rule.refer] = (*found.get(rule.refer, (here.concern,)), rule.id)
    return found


def name_of(*what: object) -> str:
    """A name of some values that is another where one of them is."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def _decides(here: Ground) -> list[object]:
    """All that decides in a concern."""
    facts = [(fact.id, fact.answers, fact.concern) for fact in here.edition.vocabulary.facts]
    mine = [
        (rule.id, rule.refer, str(rule.as_), [(key, sorted(of)) for key, of in rule.when.items()])
        for rule in here.rules
    ]
    return [here.concern, facts, mine]


def _depends_on(here: Ground, followed: Iterable[tuple[str, ...]]) -> str:
    """The name of all that a trial of the engine depends on; what was followed before it is not followed again."""
    told = [list(story.situation.items()) for rule in here.rules for story in (rule.example, rule.near_miss)]
    skipped = sorted(set(_roots(here).values()) & set(followed))
    return name_of("engine", _decides(here), told, skipped)


def _same(edition: Edition, here: Ground) -> bool:
    """Whether a concern has the same rules in an edition as where it was taken from."""
    return edition.of_concern(here.concern) == here.rules


def _timed(
    name: str, everywhere: list[Ground], broken_by: Callable[[], Iterable[Broken]], says: Words | None = None
) -> Finding[Broken]:
    start = time.perf_counter()
    broken = tuple(once(broken_by()))
    situations = sum(one.space.size for one in everywhere)
    return Finding(name, situations, time.perf_counter() - start, broken, says or {})


def _more_than_one(here: Ground, sets: Iterable[Situations]) -> tuple[Situations, Situations]:
    """Where a situation is in any of the sets, and where it is in more than one."""
    some = more = here.space.none
    for one in sets:
        more |= some & one
        some |= one
    return some, more


def _destinations(here: Ground, only_first: bool = False) -> Iterator[Situations]:
    """Per destination where it is referred to."""
    for destination in dict.fromkeys(rule.refer for rule in here.rules):
        yield here.made(lambda rule, d=destination: rule.refer == d and (rule.as_ is As.FIRST or not only_first))  # type: ignore[misc]


def one_first(here: Ground) -> Iterator[Broken]:
    """Where there is no first step, or more than one."""
    some, more = _more_than_one(here, _destinations(here, only_first=True))
    if none := ~some:
        yield Broken("no_first", {"story": here.tell(none)}, _near(here, none))
    if more:
        first = [rule.id for rule in here.firing(more) if rule.as_ is As.FIRST]
        yield Broken("two_first", {"story": here.tell(more)}, rules(first))


def another_door(here: Ground) -> Iterator[Broken]:
    """Where there is no other door beside the first step."""
    _, more = _more_than_one(here, _destinations(here))
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
                parts = [
                    here.space.where(of.id, (answer,)) & where(child, rule)
                    for answer, child in zip(of.answers, after, strict=True)
                ]
                found = here.space.union(parts)
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


def engine_agrees(here: Ground, graph: Graph, tried: set[tuple[str, ...]] | None = None) -> tuple[int, Broken | None]:
    """Hold durable-rules against the graph and the definition of a rule. A test, not a proof; see `situations_to_try`.

    The whole space is walked by `compare`, which takes minutes.

    Args:
        here: the concern.
        graph: of the same edition.
        tried: the concerns and rules of the destinations whose paths were followed before; grows.

    Returns:
        How many situations were tried, and the first difference (None if there is none).

    """
    alone = replace(here.edition, rules=here.rules)
    try:
        engine = Engine(alone)
    except EngineLimitError as error:
        return 0, Broken(
            "engine_refuses", {"why": str(error)}, rules(rule.id for rule in here.rules if rule.id in str(error))
        )
    index = RuleIndex(alone)
    strengths = {rule.id: (rule.refer, STRENGTH[rule.as_]) for rule in here.rules}
    count = 0
    try:
        for one in here.rules:
            for story in (one.example, one.near_miss):
                count += 1
                told = Situation((here.concern,), story.situation)
                if engine.fire(told) != index.fire(told):
                    return count, Broken("engine_differs_on_story", {"name": story.name}, rules([one.id]))
        for answers in situations_to_try(here, graph, tried):
            count += 1
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
            if standing != _standing(here, graph, answers) or fired != index.fire(asked)[here.concern]:
                where = here.teller(here.concern, answers)
                return count, Broken("engine_differs", {"edition": here.edition.id, "story": where}, rules(fired))
    finally:
        engine.close()
    return count, None


def _standing(here: Ground, graph: Graph, answers: Mapping[str, str]) -> dict[str, set[str]]:
    """Per destination the rules to which a complete situation leads; those that it leads to none are left out."""
    found = {}
    for destination, root in graph.roots.get(here.concern, {}).items():
        if leaf := graph.nodes[_descend(here.edition, graph, root, answers)[-1]][1:]:
            found[destination] = {here.edition.rules[n].id for n in leaf}
    return found


def situations_to_try(
    here: Ground, graph: Graph, tried: set[tuple[str, ...]] | None = None
) -> Iterator[dict[str, str]]:
    """Situations along every path of the graph, and for each answer to each condition of each rule.

    One situation takes a path from every root, and a path that was taken is not taken again. Where there are more
    than `MANY` paths from a root, every answer of every node is taken instead. A root with the same rules as one in
    `tried` has no new paths. Questions that a path passes over are answered in turn, so that each answer is tried.
    """
    facts = {fact.id: fact for fact in here.edition.vocabulary.facts if not fact.several}
    named = graph.roots.get(here.concern, {})
    roots, known = named.values(), set() if tried is None else tried
    taken: set[tuple[int, ...]] = set()
    number = itertools.count()

    def whole(answers: Mapping[str, str]) -> dict[str, str]:
        turn = next(number)
        found = {id_: answers.get(id_) or fact.answers[turn % len(fact.answers)] for id_, fact in facts.items()}
        taken.update(tuple(_descend(here.edition, graph, root, found)) for root in roots)
        return found

    made_of = _roots(here)
    for destination, root in named.items():
        if made_of[destination] in known:
            continue
        known.add(made_of[destination])
        for path in paths(graph, root) if count_paths(graph, root) <= MANY else edges(graph, root):
            if path not in taken:
                yield whole(_answers(here.edition, graph, path))
    for rule in here.rules:
        inside = {fact: min(answers) for fact, answers in rule.when.items()}
        for fact in rule.when:
            yield from (whole({**inside, fact: answer}) for answer in facts[fact].answers)


def _answers(edition: Edition, graph: Graph, path: Sequence[int]) -> dict[str, str]:
    """The answers along a path, which holds by turns a node and the number of the answer taken."""
    found = {}
    for node, chosen in zip(path[::2], path[1::2], strict=False):
        fact = edition.vocabulary.facts[graph.nodes[node][0]]
        found[fact.id] = fact.answers[chosen]
    return found


def _descend(edition: Edition, graph: Graph, number: int, answers: Mapping[str, str]) -> list[int]:
    """The path of a complete situation: by turns a node and the number of the answer taken, and the leaf."""
    path = [number]
    while graph.nodes[number][0] != LEAF:
        fact = edition.vocabulary.facts[graph.nodes[number][0]]
        chosen = fact.answers.index(answers[fact.id])
        number = graph.nodes[number][1 + chosen]
        path += (chosen, number)
    return path


def edition_days(rulebase: Rulebase, days: Iterable[EditionDay]) -> Iterator[Broken]:
    """A rule begins and ends on a day on which the law or the provisions changed, and on no other."""
    known = {one.day for one in days}
    for rule in rulebase.rules:
        for day in (rule.since, rule.until):
            if day and day not in known:
                yield Broken("day_not_listed", {"rule": rule.id, "day": day}, rules([rule.id]))
    for day in sorted(known - {one.since for one in rulebase.editions}):
        yield Broken("day_without_change", {"day": day}, (("edition", str(day)),))


def _reach(rulebase: Rulebase, everywhere: list[Ground]) -> Iterator[Broken]:
    """Every destination is reached, and every fact changes some outcome, in some edition."""
    reached = {rule.refer for here in everywhere for rule in here.rules}
    for destination in rulebase.vocabulary.destinations:
        if destination not in reached and destination != rulebase.vocabulary.safety_net:
            yield Broken("not_reached", {"destination": destination}, (("destination", destination),))
    changing = {fact for here in everywhere for counting in here.counts for fact in counting.facts}
    for fact in rulebase.vocabulary.facts:
        if not fact.several and fact.id not in changing:
            yield Broken("changes_nothing", {"fact": fact.id}, (("fact", fact.id),))


def compare(here: Ground, part: int = 0, parts: int = 1) -> tuple[int, str | None]:
    """Hold durable-rules against the definition of a rule, in every situation of a concern.

    Args:
        here: the concern.
        part: which part of the space to walk, from 0.
        parts: in how many parts it is walked.

    Returns:
        How many situations were compared, and the first difference (None if there is none).

    """
    engine, index = Engine(here.edition), RuleIndex(here.edition)
    unasked = {fact.id: UNKNOWN for fact in here.edition.vocabulary.of_organisation}
    compared = 0
    try:
        every = itertools.product(*(fact.answers for fact in here.space.facts))
        for chosen in itertools.islice(every, part, None, parts):
            answers = unasked | dict(zip([fact.id for fact in here.space.facts], chosen, strict=True))
            asked = Situation((here.concern,), answers)
            meant = tuple(rule.id for rule in here.rules if rule.matches(answers))
            compared += 1
            if not engine.fire(asked)[here.concern] == index.fire(asked)[here.concern] == meant:
                return compared, f"edition {here.edition.id}: {in_ids(here.concern, answers)}"
    finally:
        engine.close()
    return compared, None
