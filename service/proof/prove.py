"""Proves the rulebase over the whole space: every situation, every edition, every set of organisation facts.

A concern is decided on its own, and only the facts its rules test can matter; so the space of one concern holds every
situation there is, and set algebra on `core.space` takes all of them at once. That the engine fires the same rules is
tested, not proved: along every path of the decision graph, and on both sides of every condition of every rule.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.core.cubes import Cube, of_edition
from service.core.graph import LEAF, Graph, build, count_paths, edges, order, paths
from service.core.index import RuleIndex
from service.core.rule import STRENGTH, As, Edition, Rule, Rulebase
from service.core.situation import Situation
from service.core.space import Situations, Space, counts
from service.core.vocabulary import UNKNOWN
from service.engine.durable import Engine
from service.proof.competence import Cell, violations
from service.proof.promises import EditionDay, Promise

MANY = 20_000  # paths from one root

Words = Mapping[str, str]  # the words of one language, by name
Teller = Callable[[str, Mapping[str, str]], str]  # a concern and some answers, as a story


@dataclass(frozen=True)
class Broken:
    """What breaks a promise: the name of a sentence that says how to mend it, and what it fills in.

    A mistake that is told in one language has its `text` instead of a name.
    """

    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def tell(self, words: Words) -> str:
        """The sentence with its values in their place."""
        return words[f"broken_{self.name}"].format(**self.values) if self.name else self.text


@dataclass(frozen=True)
class Finding:
    """One promise, for how many situations it was proved, and what breaks it (none when it holds).

    Attributes:
        name: of the sentence that says it.
        says: the sentence in each language, for a promise that authors wrote; otherwise it is among the words.
        situations: for how many it was proved.
        seconds: how long that took.
        broken: empty when it holds.

    """

    name: str
    situations: int
    seconds: float
    broken: tuple[Broken, ...]
    says: Mapping[str, str] = field(default_factory=dict)

    def tell(self, words: Words, language: str) -> str:
        """The promise in a language."""
        return self.says[language] if self.says else words[f"promise_{self.name}"]


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


def plainly(text: str) -> Broken:
    """A mistake that is told to authors, in one language."""
    return Broken(text=text)


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

    def tell(self, where: Situations) -> str:
        """The smallest counterexample of a set: the answers that matter, as a story, with the rules that fire."""
        whole = where.some()
        assert whole is not None  # noqa: S101 - asked for a set that is not empty
        answers = whole
        for fact in tuple(whole):
            fewer = {key: value for key, value in answers.items() if key != fact}
            if not self.space.of({key: (value,) for key, value in fewer.items()}) - where:
                answers = fewer  # whatever this fact is, the promise is broken
        rules = ", ".join(f"{rule.id} ({rule.as_})" for rule in self.rules if rule.matches(whole))
        return f"[{self.edition.id}] {self.teller(self.concern, answers)} [{rules or '-'}]"

    def where(self, conditions: Mapping[str, Collection[str]]) -> Situations:
        """Where conditions hold, and the facts in them apply."""
        vocabulary = self.edition.vocabulary
        found = self.space.of(conditions)
        facts = list(conditions)
        for fact in facts:  # grows while it is read
            if self.concern not in vocabulary.by_id[fact].applies.get(vocabulary.concerns.id, (self.concern,)):
                return self.space.none
            applies = vocabulary.applying(fact, self.concern)
            found &= self.space.of(applies)
            facts += applies
        return found

    def made(self, about: Callable[[Rule], bool]) -> Situations:
        """Where a rule of some kind counts."""
        return self.space.union([where for rule, where in zip(self.rules, self.counts, strict=True) if about(rule)])


def ground(edition: Edition, concern: str, teller: Teller = in_ids) -> Ground:
    """The space of a concern over the facts its rules test, with each rule in it."""
    rules = edition.of_concern(concern)
    tested = {fact for rule in rules for fact in rule.when}
    facts = [edition.vocabulary.facts[place] for place in order(edition.vocabulary)]
    space = Space([fact for fact in facts if fact.id in tested])
    fires = space.of_rules(rules)
    return Ground(edition, concern, rules, space, fires, counts(rules, fires), teller)


def grounds(rulebase: Rulebase, teller: Teller = in_ids) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern, teller)
    return list(found.values())


def prove(rulebase: Rulebase, demands: Demands, teller: Teller = in_ids) -> Iterator[Finding]:
    """Prove everything that must hold, one finding per promise.

    Args:
        rulebase: all editions.
        demands: what they are held against.
        teller: tells a counterexample.

    """
    everywhere = grounds(rulebase, teller)
    graphs = {edition.id: build(edition) for edition in rulebase.editions}

    def each(name: str, broken_by: Callable[[Ground], Iterator[Broken]], says: Words | None = None) -> Finding:
        return _timed(name, everywhere, lambda: itertools.chain.from_iterable(map(broken_by, everywhere)), says)

    yield each("one_first", one_first)
    yield each("another_door", another_door)
    yield each("every_rule_counts", every_rule_counts)
    for promise in demands.promises:
        yield each(promise.id, holds(promise, demands.name_needed), promise.says)
    exact = [(edition, here) for here in everywhere for edition in rulebase.editions if _same(edition, here)]
    yield _timed(
        "exact_questions",
        everywhere,
        lambda: (
            plainly(told)
            for edition, here in exact
            for told in exact_questions(replace(here, edition=edition), graphs[edition.id])
        ),
    )
    cubes = {edition.id: of_edition(edition) for edition in rulebase.editions}
    yield each("exact_ways", lambda here: map(plainly, exact_ways(here, cubes[here.edition.id][here.concern])))
    tried: set[tuple[str, ...]] = set()
    start = time.perf_counter()
    told = [engine_agrees(here, graphs[here.edition.id], tried) for here in everywhere]
    differ = tuple(plainly(one) for _, one in told if one)
    yield Finding("engine_agrees", sum(count for count, _ in told), time.perf_counter() - start, differ)
    yield _timed("reach", everywhere, lambda: map(plainly, _reach(rulebase, everywhere)))
    yield _timed("days", everywhere, lambda: map(plainly, edition_days(rulebase, demands.days)))
    yield _timed("competence", everywhere, lambda: map(plainly, violations(rulebase, demands.competence)))


def _same(edition: Edition, here: Ground) -> bool:
    """Whether a concern has the same rules in an edition as where it was taken from."""
    return edition.of_concern(here.concern) == here.rules


def _timed(
    name: str, everywhere: list[Ground], broken_by: Callable[[], Iterable[Broken]], says: Words | None = None
) -> Finding:
    start = time.perf_counter()
    broken = tuple(broken_by())
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
        yield Broken("no_first", {"story": here.tell(none)})
    if more:
        yield Broken("two_first", {"story": here.tell(more)})


def another_door(here: Ground) -> Iterator[Broken]:
    """Where there is no other door beside the first step."""
    _, more = _more_than_one(here, _destinations(here))
    if lone := ~more:
        yield Broken("one_door", {"story": here.tell(lone)})


def every_rule_counts(here: Ground) -> Iterator[Broken]:
    """Each rule that gives way to a stronger one wherever it fires."""
    for rule, counting in zip(here.rules, here.counts, strict=True):
        if not counting:
            yield Broken("never_counts", {"rule": rule.id, "edition": here.edition.id})


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
            yield Broken("promise", {"story": here.tell(made)})

    return broken_by


def exact_questions(here: Ground, graph: Graph) -> Iterator[str]:
    """Hold the graph against the rules: in each situation each root leads to the rules that count, and to no others.

    It must be reduced and ordered as well. Then a node that can be reached tests a fact that can still change the
    outcome, and no fact that can is left out, however many questions are still open.
    """
    vocabulary, mine = here.edition.vocabulary, {rule.id: n for n, rule in enumerate(here.edition.rules)}
    place = {fact: number for number, fact in enumerate(order(vocabulary))}
    if len(set(graph.nodes)) < len(graph.nodes):
        yield f"edition {here.edition.id}: two nodes of the graph say the same."
    for node in graph.nodes:
        if node[0] == LEAF:
            continue
        below = [graph.nodes[child][0] for child in node[1:]]
        if len(set(node[1:])) == 1 or any(one != LEAF and place[one] <= place[node[0]] for one in below):
            yield f"edition {here.edition.id}: a node of the graph decides nothing, or is out of order."
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
            yield f"edition {here.edition.id}, {here.concern}, {rule.id}: the graph and the rule differ."
    own = {(rule.refer, mine[rule.id]) for rule in here.rules}
    for destination, root in roots.items():
        strange = [n for n in _leaves(graph, root) if (destination, n) not in own]
        if strange:
            yield f"edition {here.edition.id}, {here.concern}, {destination}: the graph has a rule of elsewhere."


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


def exact_ways(here: Ground, cubes: Mapping[str, Sequence[Cube]]) -> Iterator[str]:
    """Hold the prime cubes against the rules: together they meet the same, and none asks more than it must."""
    answers = {fact.id: fact.answers for fact in here.edition.vocabulary.facts}
    for destination in dict.fromkeys(rule.refer for rule in here.rules):
        door = here.made(lambda rule, d=destination: rule.refer == d)  # type: ignore[misc]
        if here.space.union(map(here.space.of, cubes[destination])) != door:
            yield f"edition {here.edition.id}, {here.concern}, {destination}: the ways and the rules differ."
        for cube in cubes[destination]:
            for fact, met in cube.items():
                wider = ({**cube, fact: (*met, answer)} for answer in answers[fact] if answer not in met)
                if any(not here.space.of(one) - door for one in wider):
                    yield f"edition {here.edition.id}, {here.concern}, {destination}: a way asks more than it must."


def engine_agrees(here: Ground, graph: Graph, tried: set[tuple[str, ...]] | None = None) -> tuple[int, str | None]:
    """Hold durable-rules against the graph and the definition of a rule. A test, not a proof; see `situations_to_try`.

    The whole space is walked by `compare`, which takes minutes.

    Args:
        here: the concern.
        graph: of the same edition.
        tried: the concerns and rules of the destinations whose paths were followed before; grows.

    Returns:
        How many situations were tried, and the first difference (None if there is none).

    """
    engine, index = Engine(here.edition), RuleIndex(here.edition)
    strengths = {rule.id: (rule.refer, STRENGTH[rule.as_]) for rule in here.rules}
    count = 0
    try:
        for answers in situations_to_try(here, graph, tried):
            count += 1
            asked = Situation((here.concern,), answers)
            fired = engine.fire(asked)[here.concern]
            doors: dict[str, list[tuple[int, str]]] = {}
            for rule in fired:
                destination, strength = strengths[rule]
                doors.setdefault(destination, []).append((strength, rule))
            standing = {
                destination: {rule for strength, rule in firing if strength == min(firing)[0]}
                for destination, firing in doors.items()
            }
            if standing != _standing(here, graph, answers) or fired != index.fire(asked)[here.concern]:
                return count, f"edition {here.edition.id}: {in_ids(here.concern, answers)}: engine and graph differ."
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

    for destination, root in named.items():
        rules = (here.concern, *(rule.id for rule in here.rules if rule.refer == destination))
        if rules in known:
            continue
        known.add(rules)
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


def edition_days(rulebase: Rulebase, days: Iterable[EditionDay]) -> Iterator[str]:
    """A rule begins and ends on a day on which the law or the provisions changed, and on no other."""
    known = {one.day for one in days}
    for rule in rulebase.rules:
        for day in (rule.since, rule.until):
            if day and day not in known:
                yield f"rule {rule.id} changes on {day}, which is not in rules/editions.toml. Add it, with its source."
    for day in sorted(known - {one.since for one in rulebase.editions}):
        yield f"on {day} no rule changes. Take it out of rules/editions.toml."


def _reach(rulebase: Rulebase, everywhere: list[Ground]) -> Iterator[str]:
    """Every destination is reached, and every fact changes some outcome, in some edition."""
    reached = {rule.refer for here in everywhere for rule in here.rules}
    for destination in rulebase.vocabulary.destinations:
        if destination not in reached and destination != rulebase.vocabulary.safety_net:
            yield f"no rule leads to {destination}. Add one, or take the destination out of the vocabulary."
    changing = {fact for here in everywhere for counting in here.counts for fact in counting.facts}
    for fact in rulebase.vocabulary.facts:
        if not fact.several and fact.id not in changing:
            yield f"no answer to {fact.id} changes any outcome. Use it in a rule, or take it out."


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
