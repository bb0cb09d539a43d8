"""The decision graph, sets of situations and prime cubes, each against brute force or a library that is not ours."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from datetime import date
from itertools import cycle, product

import pytest
from dd.autoref import BDD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.peers.descent import Descent
from service.core.bits import bits
from service.core.cubes import of_edition, prime
from service.core.graph import LEAF, GraphSizeError, build, count_paths, edges, paths
from service.core.reading import Reading
from service.core.rule import STRENGTH, As, Edition, Rule, Story
from service.core.situation import Situation
from service.core.space import Space, counts
from service.core.vocabulary import Fact, Vocabulary
from service.engine.durable import Engine
from service.proof.exact import exact_questions, exact_ways
from service.proof.grounds import ground
from service.proof.trials import engine_agrees

# A busy machine is no failure.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

FACTS = (
    Fact("place", ("a", "b", "c"), of_organisation=True),
    Fact("who", ("a", "b", "c")),
    Fact("what", ("a", "b")),
    Fact("when", ("a", "b", "c", "d")),
)
VOCABULARY = Vocabulary(
    facts=(Fact("concerns", ("one", "two"), several=True), *FACTS),
    destinations=("desk", "court"),
    first_edition=date(2020, 1, 1),
    safety_net="desk",
)
EVERY = [dict(zip((fact.id for fact in FACTS), one, strict=True)) for one in product(*(fact.answers for fact in FACTS))]

conditions = st.fixed_dictionaries(
    {},
    optional={
        fact.id: st.sets(st.sampled_from(fact.answers), min_size=1, max_size=len(fact.answers) - 1) for fact in FACTS
    },
)
rows = st.tuples(st.sampled_from(VOCABULARY.destinations), st.sampled_from(list(As)), conditions)


def edition_of(rows, vocabulary=VOCABULARY):
    story = Story("", {})
    rules = [
        Rule(
            id=f"{refer}.{number}",
            refer=refer,
            as_=as_,
            concern="one",
            when={fact: frozenset(answers) for fact, answers in when.items()},
            since=date(2020, 1, 1),
            until=None,
            citations=(),
            why={},
            doubts=(),
            terms=(),
            example=story,
            near_miss=story,
        )
        for number, (refer, as_, when) in enumerate(rows)
    ]
    return Edition("2020-01-01", date(2020, 1, 1), None, tuple(rules), "", vocabulary)


def standing(edition, destination, situation):
    firing = [rule for rule in edition.rules if rule.refer == destination and rule.matches(situation)]
    strongest = min((STRENGTH[rule.as_] for rule in firing), default=None)
    return {rule.id for rule in firing if STRENGTH[rule.as_] == strongest}


def leaf(edition, graph, number, situation):
    while graph.nodes[number][0] != LEAF:
        fact = edition.vocabulary.facts[graph.nodes[number][0]]
        number = graph.nodes[number][1 + fact.answers.index(situation[fact.id])]
    return {edition.rules[place].id for place in graph.nodes[number][1:]}


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=8))
def test_every_root_leads_to_the_rules_that_stand(found):
    edition = edition_of(found)
    graph = build(edition)
    assert graph.roots["two"] == {}
    for destination, root in graph.roots["one"].items():
        for situation in EVERY:
            assert leaf(edition, graph, root, situation) == standing(edition, destination, situation)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=8))
def test_one_walk_says_what_stands_in_a_complete_situation(found):
    edition = edition_of(found)
    walk = Descent(edition)
    for situation in EVERY:
        stands = set().union(*(standing(edition, destination, situation) for destination in VOCABULARY.destinations))
        assert walk.stand("one", situation) == tuple(rule.id for rule in edition.rules if rule.id in stands)


@pytest.mark.slow
def test_one_walk_says_what_the_graph_says_in_every_situation_there_is(library):
    """Root by root, over every answer of every node: what the walk says of a destination is what its root leads to."""
    for edition in library.rulebase.editions:
        graph, facts = build(edition), edition.vocabulary.facts
        walk = Descent(edition, graph)
        refer = {rule.id: rule.refer for rule in edition.rules}
        of = {(concern, place): root for concern, roots in graph.roots.items() for place, root in roots.items()}
        for (concern, destination), root in of.items():
            todo, seen = [(walk.roots[concern], root)], set()
            while todo:
                (fact, after), number = todo.pop()
                place, *children = graph.nodes[number]
                if (id(after), number) in seen:
                    continue
                seen.add((id(after), number))
                if fact is None:
                    stands = tuple(edition.rules[one].id for one in children)
                    assert (place, stands) == (LEAF, tuple(one for one in after if refer[one] == destination))
                elif place != LEAF and facts[place].id == fact:
                    todo += zip((after[answer] for answer in facts[place].answers), children, strict=True)
                else:
                    todo += [(child, number) for child in after.values()]


def test_a_walk_of_too_many_nodes_is_refused(library):
    with pytest.raises(GraphSizeError, match="walked together"):
        Descent(library.rulebase.editions[-1], budget=100)


@given(st.sets(st.integers(0, 2_000)))
def test_bits_are_the_positions_of_the_ones(positions):
    assert list(bits(sum(1 << one for one in positions))) == sorted(positions)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=8), st.lists(st.booleans(), min_size=3, max_size=3), st.sampled_from(EVERY))
def test_a_question_is_open_exactly_when_its_answer_can_change_the_outcome(found, answered, situation):
    """Brute force over every way to answer what is left."""
    edition = edition_of(found)
    reading = Reading(edition)
    known = {"place": situation["place"]}
    known |= {fact.id: situation[fact.id] for fact, told in zip(FACTS[1:], answered, strict=True) if told}
    decision = reading.decide(Situation(("one",), known))
    left = [one for one in EVERY if all(one[fact] == answer for fact, answer in known.items())]

    def outcome(one):
        return tuple(frozenset(standing(edition, destination, one)) for destination in VOCABULARY.destinations)

    def matters(fact, among):
        rest = {tuple(value for key, value in one.items() if key != fact) for one in among}
        return len(rest) < len({(tuple(v for k, v in one.items() if k != fact), outcome(one)) for one in among})

    for place, fact in enumerate(FACTS[1:], 1):
        if fact.id in known:
            earlier = {one.id for one in FACTS[:place]} & known.keys() - set(decision.ignored)
            among = [one for one in EVERY if all(one[key] == situation[key] for key in earlier)]
            assert (fact.id in decision.ignored) == (not matters(fact.id, among))
    accepted = {fact: answer for fact, answer in known.items() if fact not in decision.ignored}
    among = [one for one in EVERY if all(one[fact] == answer for fact, answer in accepted.items())]
    still = [fact.id for fact in FACTS[1:] if fact.id not in accepted and matters(fact.id, among)]
    assert decision.next_fact == (still[0] if still else None)
    assert reading.open_facts(Situation(("one",), accepted)) == tuple(still)
    everywhere = [frozenset.union(*outcome(one)) for one in left]
    assert {rule.id for one in decision.referrals for rule in one.rules} == frozenset.intersection(*everywhere)
    assert set(decision.possible) == {id_.partition(".")[0] for one in everywhere for id_ in one}


@settings(deadline=None)
@given(conditions, conditions, conditions)
def test_sets_of_situations_are_sets(one, other, third):
    space = Space(FACTS)

    def members(found):
        return {number for number in range(space.size) if space.situation(number) in found}

    def meant(when):
        return {n for n, s in enumerate(EVERY) if all(s[fact] in answers for fact, answers in when.items())}

    a, b, c = map(space.of, (one, other, third))
    x, y, z = map(meant, (one, other, third))
    everything = set(range(space.size))
    found, expected = (a & b) | (c - a) | ~(b | c), (x & y) | (z - x) | (everything - (y | z))
    assert [space.situation(number) for number in range(space.size)] == EVERY
    assert members(found) == expected
    assert found.size == len(expected)
    assert found.some() == (EVERY[min(expected)] if expected else None)
    assert (found == space.all) == (expected == everything)
    depends = {
        fact.id
        for place, fact in enumerate(FACTS)
        if len({(tuple(v for k, v in s.items() if k != fact.id), n in expected) for n, s in enumerate(EVERY)})
        > space.size // len(fact.answers)
    }
    assert set(found.facts) == depends
    for fact in FACTS:  # also where what follows tests a fact that comes before
        after = dict(zip(fact.answers, cycle((a, b, found)), strict=False))
        assert members(space.branch(fact.id, after)) == {n for n, s in enumerate(EVERY) if s in after[s[fact.id]]}


@settings(max_examples=60, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=6))
def test_the_prime_cubes_are_all_the_widest_ways_and_no_other(covers):
    """Against every cube there is."""
    asked = FACTS[:3]
    covers = [{fact: answers for fact, answers in one.items() if fact != "when"} for one in covers]
    every = [dict(zip((fact.id for fact in asked), one, strict=True)) for one in product(*(f.answers for f in asked))]

    def holds(cover, situation):
        return all(situation[fact] in answers for fact, answers in cover.items())

    met = {n for n, s in enumerate(every) if any(holds(one, s) for one in covers)}
    subsets = [
        [tuple(a for n, a in enumerate(fact.answers) if mask >> n & 1) for mask in range(1, 2 ** len(fact.answers))]
        for fact in asked
    ]
    within = {}
    for chosen in product(*subsets):
        cube = dict(zip((fact.id for fact in asked), chosen, strict=True))
        inside = frozenset(n for n, s in enumerate(every) if all(s[fact] in cube[fact] for fact in cube))
        if inside <= met:
            within[inside] = cube
    widest = [one for one in within if not any(one < other for other in within)]
    expected = [
        {fact.id: within[one][fact.id] for fact in asked if len(within[one][fact.id]) < len(fact.answers)}
        for one in widest
    ]
    found = prime(asked, covers)
    assert sorted(map(str, map(dict, found))) == sorted(map(str, expected))


class Witness:
    """Rules and graph as binary decision diagrams of a library: each answer is a number in bits."""

    def __init__(self, facts):
        self.bdd, self._facts = BDD(), {fact.id: fact for fact in facts}
        width = {fact.id: (len(fact.answers) - 1).bit_length() for fact in facts}
        self._bits = {fact: [f"{fact}_{n}" for n in range(bits)] for fact, bits in width.items()}
        self.bdd.declare(*(name for names in self._bits.values() for name in names))
        self.valid = self.bdd.true
        for fact in facts:
            self.valid &= self.one_of(fact.id, fact.answers)
        self.size = self.bdd.count(self.valid, len(self.bdd.vars))

    def answer(self, fact, answer):
        number = self._facts[fact].answers.index(answer)
        return self.bdd.cube({name: bool(number >> n & 1) for n, name in enumerate(self._bits[fact])})

    def one_of(self, fact, answers):
        found = self.bdd.false
        for answer in answers:
            found |= self.answer(fact, answer)
        return found

    def rule(self, rule):
        found = self.valid
        for fact, answers in rule.when.items():
            found &= self.one_of(fact, answers)
        return found

    def where(self, edition, graph, number, rule, known):
        """The situations that a node leads to a leaf with a rule."""
        if number not in known:
            fact, *after = graph.nodes[number]
            if fact == LEAF:
                found = self.valid if rule in after else self.bdd.false
            else:
                found, of = self.bdd.false, edition.vocabulary.facts[fact]
                for answer, child in zip(of.answers, after, strict=True):
                    found |= self.answer(of.id, answer) & self.where(edition, graph, child, rule, known)
            known[number] = found
        return known[number]


@pytest.mark.slow
def test_a_library_of_diagrams_sees_the_same_sets(library):
    """Graph, sets and counts of our newest edition, made once more from the definition of a rule by somebody else."""
    edition = library.rulebase.editions[-1]
    graph, places = build(edition), {rule.id: n for n, rule in enumerate(edition.rules)}
    for concern in edition.vocabulary.concerns.answers:
        facts, rules = edition.vocabulary.facts_of(concern), edition.of_concern(concern)
        witness, space = Witness(facts), Space(facts)
        assert witness.size == space.size
        fires = {rule.id: witness.rule(rule) for rule in rules}
        counted = dict(zip((rule.id for rule in rules), counts(rules, space.of_rules(rules)), strict=True))
        for rule in rules:
            meant = fires[rule.id]
            for other in rules:
                if other.refer == rule.refer and STRENGTH[other.as_] < STRENGTH[rule.as_]:
                    meant &= ~fires[other.id]
            root = graph.roots[concern][rule.refer]
            assert witness.where(edition, graph, root, places[rule.id], {}) == meant, rule.id
            assert witness.bdd.count(meant, len(witness.bdd.vars)) == counted[rule.id].size, rule.id


@pytest.fixture
def here(university):
    return ground(university.rulebase.editions[-1], "conduct")


def changed(graph, number, node):
    return replace(graph, nodes=(*graph.nodes[:number], node, *graph.nodes[number + 1 :]))


def test_a_graph_that_is_not_that_of_the_rules_is_found(here):
    graph = build(here.edition)
    assert list(exact_questions(here, graph)) == []
    root = next(iter(graph.roots[here.concern].values()))
    fact, first, *others = graph.nodes[root]
    assert [*others] != [first] * len(others)
    turned = changed(graph, root, (fact, *others, first))
    assert any(one.name == "graph_differs" for one in exact_questions(here, turned))
    useless = changed(graph, root, (fact, first, *[first] * len(others)))
    assert any(one.name == "graph_useless" for one in exact_questions(here, useless))
    twice = replace(graph, nodes=(*graph.nodes, graph.nodes[root]))
    assert any(one.name == "graph_twice" for one in exact_questions(here, twice))


def test_a_way_that_is_too_wide_too_narrow_or_lacking_is_found(here):
    """Each way to each destination, with an answer more, with a condition more, and without it."""
    cubes = of_edition(here.edition)[here.concern]
    assert list(exact_ways(here, cubes)) == []
    for destination, ways in cubes.items():
        for place, way in enumerate(ways):
            others = (*ways[:place], *ways[place + 1 :])
            spoiled = [others]
            for fact in here.edition.vocabulary.facts_of(here.concern):
                if fact.id in way:
                    left_out = next(one for one in fact.answers if one not in way[fact.id])
                    spoiled.append((*others, {**way, fact.id: (*way[fact.id], left_out)}))
                else:
                    spoiled.append((*others, {**way, fact.id: fact.answers[:1]}))
            for found in spoiled:
                assert list(exact_ways(here, {**cubes, destination: found})), found


def test_an_engine_that_fires_one_rule_more_or_fewer_is_found(here, monkeypatch):
    """The rule fires in few situations, and no story is asked: only the paths of the graph and the conditions are."""
    graph = build(here.edition)
    count, difference = engine_agrees(here, graph)
    assert (count.total() > 50, difference) == (True, None)
    fire = Engine.fire
    for rule in here.rules:
        lost = lambda self, asked, id_=rule.id: {  # noqa: E731
            one: tuple(fired for fired in ids if fired != id_) for one, ids in fire(self, asked).items()
        }
        monkeypatch.setattr(Engine, "fire", lost)
        assert engine_agrees(here, graph)[1].name.startswith("engine_differs"), rule.id


def test_a_node_takes_a_few_bytes_on_its_way_to_a_browser(library):
    """What a browser gets to decide by, packed. How many nodes there are is the authors' and has a budget."""
    for edition in library.rulebase.editions:
        graph = build(edition)
        packed = gzip.compress(json.dumps([graph.nodes, graph.roots], separators=(",", ":")).encode())
        assert len(packed) < 8 * len(graph.nodes)


def test_paths_and_edges_cover_the_graph(university):
    graph = build(university.rulebase.editions[-1])
    for roots in graph.roots.values():
        for root in roots.values():
            found = list(paths(graph, root))
            assert len(set(found)) == len(found) == count_paths(graph, root)
            taken = {tuple(path[at : at + 2]) for path in found for at in range(0, len(path) - 1, 2)}
            assert {path[-2:] for path in edges(graph, root)} == taken


def test_six_more_questions_of_four_answers_take_few_nodes(library):
    """4,096 times as many situations of the first concern; a timing of this stands in benchmarks/growth.py."""
    edition = library.rulebase.editions[-1]
    concern, chance = edition.vocabulary.concerns.answers[0], random.Random(1)
    facts = [Fact(f"extra_{n}", ("a", "b", "c", "unknown"), concern) for n in range(6)]

    def more(rule):
        tested = [fact for fact in facts if rule.concern == concern and chance.random() < 0.25]
        return replace(rule, when={**rule.when, **{fact.id: frozenset(chance.sample("abc", 2)) for fact in tested}})

    vocabulary = replace(edition.vocabulary, facts=(*edition.vocabulary.facts, *facts))
    larger = replace(edition, vocabulary=vocabulary, rules=tuple(map(more, edition.rules)))
    assert len(build(larger).nodes) < 4 * len(build(edition).nodes)


@pytest.mark.slow
def test_rules_that_depend_on_too_much_at_once_are_refused():
    chance = random.Random(2)
    facts = [Fact(f"q{n}", tuple("abcd")) for n in range(30)]
    vocabulary = replace(VOCABULARY, facts=(VOCABULARY.facts[0], *facts))
    found = [
        ("desk", As.FIRST, {fact.id: chance.sample("abcd", 2) for fact in chance.sample(facts, 8)}) for _ in range(300)
    ]
    edition = edition_of(found, vocabulary)
    with pytest.raises(GraphSizeError, match=r"edition 2020-01-01, one, desk: .*Let fewer rules test fewer facts"):
        build(edition)
    with pytest.raises(GraphSizeError, match=r"one, desk: .* takes too much\. Let fewer facts decide\."):
        prime(facts, [rule.when for rule in edition.rules], "one, desk")
