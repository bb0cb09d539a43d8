"""What the browser decides is what the server decides: along every edge of a graph, and wherever people can stand."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from datetime import date, timedelta
from itertools import cycle, product
from pathlib import Path

import msgspec
import pytest
from conftest import TODAY
from journeys import answered, everybody, make_interview, nodes_ahead, options, profiles
from ours import case_code, library, some_situations

from service.answers import view
from service.answers.acts import ActWords
from service.answers.directory import Directory
from service.answers.explain import explain, weigh
from service.answers.phrases import conditions_of
from service.answers.presenter import Presenter, rulebase
from service.core.bits import bits
from service.core.decision import Condition, Referral, Way
from service.core.graph import edges
from service.core.interview import Given
from service.core.reading import Reading
from service.core.rule import STRENGTH, As
from service.core.situation import Situation
from service.engine.decider import Decider
from service.web.pages.client_data import finding, listed, of_both
from service.web.rendering import STATIC
from service.web.state import State

LIBRARY = library()
VOCABULARY = LIBRARY.rulebase.vocabulary
EDITIONS = {edition.id: edition for edition in LIBRARY.rulebase.editions}
READINGS = {one.id: Reading(one, LIBRARY.graphs[one.id], LIBRARY.cubes[one.id]) for one in EDITIONS.values()}
CONCERNS = VOCABULARY.concerns.answers
FOUND = Path(__file__).with_name("found.json")


class Browser:
    """Our scripts under Node.js."""

    def __init__(self, folder=STATIC):
        command = ["node", str(Path(__file__).with_name("browser_reading.mjs")), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, job, **more):
        self._process.stdin.write(msgspec.json.encode({"job": job, **more}) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline())

    def load(self, edition, reading=None):
        reading = reading or READINGS[edition.id]
        given = view.as_json(rulebase(edition, reading.graph, reading.ways.cubes))
        assert self.ask("load", rulebase=given) == len(edition.rules)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def browser():
    running = Browser()
    yield running
    running.close()


def said_of(edition, concern, answers):
    """What the definition of a rule says of a complete situation, in one line. It knows no graph."""
    rules = edition.of_concern(concern)
    return in_one_line(
        edition.vocabulary, [one for one in rules if all(answers[fact] in met for fact, met in one.when.items())]
    )


def everything(edition, concern):
    """Every situation of a concern, in the facts that its rules test."""
    tested = sorted({fact for rule in edition.of_concern(concern) for fact in rule.when})
    vocabulary = edition.vocabulary.by_id
    for answers in product(*(vocabulary[fact].answers for fact in tested)):
        yield dict(zip(tested, answers, strict=True))


def every_step(reading, concern):
    """A complete situation for every answer of every node: what the walker does at each step, it does here."""
    vocabulary, dice = reading.edition.vocabulary, random.Random(5)
    single = [fact for fact in vocabulary.facts if not fact.several]
    for root in reading.graph.roots[concern].values():
        for path in edges(reading.graph, root):
            answers = {fact.id: dice.choice(fact.answers) for fact in single}
            for node, answer in zip(path[::2], path[1::2], strict=True):
                fact = vocabulary.facts[reading.graph.nodes[node][0]]
                answers[fact.id] = fact.answers[answer]
            yield answers


def in_one_line(vocabulary, fired):
    """Per destination the rules that refer there most strongly, the first step first."""
    place = vocabulary.destinations.index
    strongest = {one.refer: min(STRENGTH[rule.as_] for rule in fired if rule.refer == one.refer) for one in fired}
    referrals = sorted(strongest.items(), key=lambda pair: (pair[1], place(pair[0])))
    return " ".join(
        f"{destination}:{list(As)[strength]}:"
        + "+".join(one.id for one in fired if (one.refer, STRENGTH[one.as_]) == (destination, strength))
        for destination, strength in referrals
    )


def lines_of(browser, concern, situations):
    return browser.ask("lines", situations=[{"concerns": [concern], "answers": answers} for answers in situations])


def test_the_browser_refers_as_a_rule_is_defined_in_every_situation_of_the_small_rulebase(browser, university):
    for edition in university.rulebase.editions:
        reading = Reading(edition)
        browser.load(edition, reading)
        for concern in edition.vocabulary.concerns.answers:
            situations = list(everything(edition, concern))
            assert lines_of(browser, concern, situations) == [said_of(edition, concern, one) for one in situations]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_browser_refers_as_a_rule_is_defined_along_every_edge_of_our_graphs(browser, edition):
    """`check` proves the graph in every situation; that the walker takes each of its steps is what is left to see."""
    reading = READINGS[edition]
    browser.load(EDITIONS[edition])
    for concern in CONCERNS:
        situations = list(every_step(reading, concern))
        lines = lines_of(browser, concern, situations)
        different = [
            answers
            for answers, line in zip(situations, lines, strict=True)
            if line != said_of(EDITIONS[edition], concern, answers)
        ]
        assert different == []


def test_a_wrong_step_of_the_walker_would_be_seen(tmp_path):
    folder = shutil.copytree(STATIC, tmp_path / "static", ignore=shutil.ignore_patterns("*.css", "*.woff2"))
    (folder / "package.json").write_text('{"type": "module"}')
    text = (folder / "graph.js").read_text("utf-8")
    broken = text.replace("return at(rest[given[fact]]);", "return at(rest[0]);")
    assert broken != text
    (folder / "graph.js").write_text(broken, "utf-8")
    running = Browser(folder)
    edition = next(reversed(EDITIONS.values()))
    running.load(edition)
    situations = list(every_step(READINGS[edition.id], "unsure"))
    theirs = lines_of(running, "unsure", situations)
    running.close()
    assert theirs != [said_of(edition, "unsure", one) for one in situations]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_browser_decides_as_the_server_does_with_answers_missing(browser, edition):
    """In 200 situations with any concerns, any answers and any facts of the organisation; others in each edition."""
    browser.load(EDITIONS[edition])
    dice = random.Random(edition)
    for number in range(200):
        concerns = tuple(one for one in CONCERNS if dice.random() < 0.4)
        answers = {fact.id: dice.choice(fact.answers) for fact in VOCABULARY.asked if dice.random() < number / 200}
        known = {fact.id: dice.choice(fact.answers) for fact in VOCABULARY.of_organisation}
        same_decision(browser, READINGS[edition], Situation(concerns, {**answers, **known}))


def same_way(way):
    conditions = [{"fact": one.fact, "answers": list(one.answers)} for one in way.conditions]
    return {"conditions": conditions, "changes": way.changes, "later": way.later, "elsewhere": way.elsewhere}


def same_decision(browser, reading, situation):
    ours = reading.decide(situation)
    accepted, _ = reading.accept(situation)
    theirs = browser.ask("decide", situation={"concerns": situation.concerns, "answers": situation.answers})
    assert theirs == {
        "concerns": list(accepted.concerns),
        "answers": dict(accepted.answers),
        "referrals": [
            {
                "destination": one.destination,
                "as": one.as_,
                "concern": one.concern,
                "rules": [rule.id for rule in one.rules],
            }
            for one in ours.referrals
        ],
        "next": ours.next_fact,
        "complete": ours.complete,
        "possible": list(ours.possible),
        "closed": [
            {
                "destination": one.destination,
                "ways": [same_way(way) for way in one.ways],
                "leads": one.leads,
            }
            for one in ours.closed
        ],
        "ignored": list(ours.ignored),
    }, situation


def stands(journey, concern, organisations):
    """Where a person can stand with one concern: by each answer, from every place with other questions ahead.

    What is asked from a place on hangs on the nodes that are next and on the answers that are tested below them. From
    where two ways meet, only one goes on; that the other is told the same there is seen too.
    """
    reading, facts = journey._reading, VOCABULARY.facts
    below = [one.tests for one in reading._whole]
    todo, seen = [Given((concern,))], set()
    while todo:
        given = todo.pop()
        stand = journey.at(given)
        yield given, stand
        told = journey._told(stand.given)
        ahead = nodes_ahead(reading, concern, told)
        tested = {facts[place].id for node in ahead for place in bits(below[node])}
        key = ahead, frozenset(one for one in told.items() if one[0] in tested), stand.given.organisation is None
        if stand.next and key not in seen:
            seen.add(key)
            todo += [answered(stand.given, stand.next, one) for one in options(VOCABULARY, stand.next, organisations)]


def same_stand(browser, given, stand):
    organisation = {} if given.organisation is None else {"organisation": given.organisation}
    asked = {"concerns": given.concerns, "answers": given.answers or {}, **organisation}
    facts = LIBRARY.organisations.on(given.organisation, TODAY).facts(TODAY) if given.organisation else {}
    theirs = browser.ask("progress", given=asked, facts=facts)
    assert theirs["next"] == stand.next, given
    assert theirs["most"] == stand.most
    assert theirs["certain"] == stand.certain
    assert theirs["path"] == list(stand.path)
    assert theirs["dropped"] == list(stand.dropped)
    assert theirs["given"]["answers"] == (stand.given.answers or {})
    assert theirs["given"].get("organisation") == stand.given.organisation
    assert theirs["situation"]["answers"] == stand.situation.answers


@pytest.mark.slow
@pytest.mark.parametrize("concern", CONCERNS)
def test_the_browser_asks_and_explains_as_the_server_does_wherever_a_person_can_stand(browser, concern):
    journey = make_interview(LIBRARY, TODAY)
    browser.load(LIBRARY.rulebase.on(TODAY))
    for number, (given, stand) in enumerate(stands(journey, concern, profiles(LIBRARY, TODAY))):
        same_stand(browser, given, stand)
        if number % 5 == 0:
            same_decision(browser, journey._reading, stand.situation)


def test_the_browser_agrees_on_several_subjects_at_once_and_on_answers_left_over(browser):
    """A walk through pairs and triples of subjects, with an answer of another route still there."""
    journey = make_interview(LIBRARY, TODAY)
    browser.load(LIBRARY.rulebase.on(TODAY))
    leftover = {"handled": "complaint", "behaviour_pattern": "incident", "misconduct_kind": "unknown"}
    walked, organisations = 0, profiles(LIBRARY, TODAY)
    for size in (0, 2, 3, 5):
        for start in range(len(CONCERNS) if 0 < size < len(CONCERNS) else 1):  # of none and of all there is one
            concerns = tuple(one for one in CONCERNS if one in [CONCERNS[(start + step) % 5] for step in range(size)])
            for turn in range(8):
                given = Given(concerns, leftover)
                while True:
                    stand = journey.at(given)
                    same_stand(browser, given, stand)
                    same_decision(
                        browser,
                        journey._reading,
                        Situation(given.concerns, {**stand.situation.answers, **(given.answers or {})}),
                    )
                    walked += 1
                    if stand.next is None or not concerns:
                        break
                    possible = options(VOCABULARY, stand.next, organisations)
                    given = answered(stand.given, stand.next, possible[(turn * 7 + walked) % len(possible)])
    assert walked > 500


def explained(reading, asked, destination):
    """What the server says of every rule for a destination, in the form of the script."""
    return [
        {
            "rule": one.rule.id,
            "kind": one.kind,
            "needed": [
                *([{"fact": VOCABULARY.concerns.id, "answers": [one.rule.concern]}] if one.of_other_concern else []),
                *({"fact": of.fact, "answers": list(of.answers)} for of in (*one.unmet, *one.unanswered)),
            ],
        }
        for one in explain(reading, asked, destination).rules
    ]


def ruled_otherwise(edition):
    """The destinations to which other rules lead than in the edition before it."""
    before = next((one for one in EDITIONS.values() if one.until == edition.since), None)
    here, there = ({rule.id: rule for rule in one.rules} if one else {} for one in (edition, before))
    return {(here | there)[id_].refer for id_ in here.keys() ^ there.keys()}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_browser_explains_and_weighs_as_the_server_does(browser, edition):
    """In situations of every kind, incomplete ones and several subjects at once among them."""
    browser.load(EDITIONS[edition])
    reading = READINGS[edition]
    unknown = {fact.id: "unknown" for fact in VOCABULARY.of_organisation}
    for told, _ in some_situations(30):
        asked = Situation(told.concerns, {**unknown, **told.answers})
        plain = {"concerns": asked.concerns, "answers": asked.answers}
        weight = weigh(reading, asked)
        assert browser.ask("weigh", situation=plain) == {
            "decided": list(weight.decided),
            "settles": weight.settles,
            "left": None if weight.left is None else pytest.approx(float(weight.left)),
            "now": weight.now,
        }
        for destination in ruled_otherwise(EDITIONS[edition]):
            theirs = browser.ask("explain", situation=plain, destination=destination)
            assert theirs == explained(reading, asked, destination)
            ways = reading.ways.to(reading.accept(asked)[0], destination)
            assert browser.ask("ways", situation=plain, destination=destination) == list(map(same_way, ways))


def test_the_browser_writes_and_reads_the_codes_that_the_server_does(browser):
    browser.load(LIBRARY.rulebase.on(TODAY))
    codes, first = case_code(), VOCABULARY.first_edition
    made = {
        "version": codes.version,
        "length": codes.length,
        "first": first.isoformat(),
        "organisations": sorted(LIBRARY.organisations.by_id),
    }
    for told, organisation in some_situations(60):
        given = {"concerns": told.concerns, "answers": told.answers}
        named = {"organisation": organisation} if organisation else {}
        for on in (None, first, TODAY, first + timedelta(32**3 - 1), date.max):
            code = codes.write(told, organisation, on)
            day = {"on": on.isoformat()} if on else {}
            assert browser.ask("write", code=made, situation=given, **named, **day) == code
            read = browser.ask("read", code=made, text=code.lower())
            assert (tuple(read["concerns"]), read["answers"], read.get("organisation")) == codes.read(code)[:3]
            assert read.get("on") == (codes.read(code).on and codes.read(code).on.isoformat())
        assert browser.ask("read", code=made, text=code[:-1] + ("0" if code[-1] != "0" else "1")) is None


def ways_of_everybody(reading):
    """Per destination its prime cubes as ways: now and later, by a subject that was named and by others."""
    cubes = reading.ways.cubes
    concerns = [one for one in CONCERNS if any(cubes.get(one, {}).values())]
    for destination in VOCABULARY.destinations:
        found = [(one, cube) for one in concerns for cube in cubes[one].get(destination, ())]
        subjects = tuple(dict.fromkeys(one for one, _ in found))
        yield (
            destination,
            [
                Way((*about, *conditions_of(cube)), 0, later, elsewhere)
                for _, cube in found
                for later in (False, True)
                for about, elsewhere in (((), False), ((Condition(VOCABULARY.concerns.id, subjects),), True))
                if about or cube  # one that asks nothing is said otherwise
            ],
        )


@pytest.mark.parametrize(("edition", "language"), [*zip(EDITIONS, cycle(LIBRARY.languages), strict=False)])
def test_the_browser_says_every_way_in_the_words_of_the_server(browser, edition, language):
    """Over all prime cubes of every destination: one by one, those by a subject that was named, and the others."""
    presenter = Presenter(LIBRARY, language)
    state = State(LIBRARY, Decider(LIBRARY.rulebase), Directory(LIBRARY.organisations, VOCABULARY.kinds), lambda: TODAY)
    texts = of_both(state, language) | {"words": LIBRARY.texts.interface[language]}
    said = 0
    for destination, ways in ways_of_everybody(READINGS[edition]):
        assert browser.ask("say", ways=list(map(same_way, ways)), texts=texts) == {
            "each": list(map(presenter.way, ways)),
            "named": presenter.ways(ways),
            "elsewhere": presenter.elsewhere(ways),
        }, destination
        said += len(ways)
    assert said > 100


def test_the_browser_tells_the_act_that_the_server_tells(browser):
    """At every door, for every role and concern at every organisation."""
    words = ActWords(LIBRARY, "nl")
    doors = [Referral(door, As.FIRST, "", ()) for door in VOCABULARY.destinations]
    browser.ask(
        "acts", known=words.all(TODAY), doors=[{"destination": one.destination, "as": one.as_} for one in doors]
    )
    for holder, person in everybody(LIBRARY, TODAY):
        said = [words.for_(one, person, holder, TODAY) for one in doors]
        found = browser.ask("act", person=person, calling=words.number(holder, TODAY))
        assert found == msgspec.json.decode(msgspec.json.encode(view.as_json(said))), person


def test_the_browser_finds_the_same_organisations_first_as_the_server(browser):
    """For what people type, and for every name of ours: whole, begun, and with a letter that was left out."""
    directory = Directory(LIBRARY.organisations, VOCABULARY.kinds)
    state = State(LIBRARY, Decider(LIBRARY.rulebase), directory, lambda: TODAY)
    here = state.presenter("nl").listed(TODAY)
    given = {"finding": finding(state, "nl", here), "organisations": listed(here)["organisations"]}
    assert browser.ask("names", **given) > len(LIBRARY.organisations.by_id)
    typed = [one["typed"] for one in json.loads(FOUND.read_text("utf-8"))["found"]]
    names = [text for one in LIBRARY.organisations.by_id.values() for name in one.names for text in name.text.values()]
    typed += [*names[::5], *(one[:5] for one in names[1::5])]
    typed += [one[: len(one) // 2] + one[len(one) // 2 + 1 :] for one in names[2::5]]
    for words, found in zip(typed, browser.ask("find", typed=typed), strict=True):
        here = [{"id": one.id, "why": one.why and one.why["nl"]} for one in directory.search(words, TODAY)]
        assert found[:3] == here[:3], words
