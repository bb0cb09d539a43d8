"""What is said to open a place: it does, it makes nobody somebody else, and it claims no more than that."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from html import unescape

import pytest
from click.testing import CliRunner
from ours import TESTS

from service.cli.main import main
from service.core.reading import Reading
from service.core.situation import Situation
from service.rulebook.drafts import read_folders
from service.web.api.schemas import MOST_IN_A_BATCH as BATCH

LANGUAGES = ("nl", "en")
UNIVERSITY = TESTS / "university"
UNKNOWN = "unknown"
IDENTITY = {"who", "where"}
HELD = {*IDENTITY, "past"}
NECESSARY = re.compile(r"\b(pas|alleen|slechts|tenzij|niet als|only|unless|not if|smallest|kleinste)\b", re.IGNORECASE)
SHARE = 400  # situations an edition


class Told:
    """What the rules are, and what somebody told: read from outside."""

    def __init__(self, table, situation, facts=None, ignored=()):
        self.facts = {fact["id"]: fact for fact in table["facts"]}
        self.table = table
        self.concerns = situation.get("concerns", [])
        organisation = {one: UNKNOWN for one, fact in self.facts.items() if fact["ofOrganisation"]}
        self.given = {**organisation, **(facts or {}), **situation}
        self.given.pop("concerns", None)
        # An answer that does not matter says nothing; who and where somebody is stays so.
        self.answers = {
            fact: answer
            for fact, answer in self.given.items()
            if fact not in ignored or self.facts[fact]["nature"] in IDENTITY
        }

    def rules(self, destination):
        for rule in self.table["rules"]:
            if rule["refer"] == destination:
                when = {fact: [self.facts[fact]["answers"][one] for one in ones] for fact, ones in rule["when"].items()}
                yield rule["concern"], when

    def holds(self, fact):
        """Whether what was told of a fact stays so, whatever somebody wants."""
        return self.facts[fact]["nature"] in HELD and self.answers.get(fact, UNKNOWN) != UNKNOWN

    def may_open(self, destination):
        """Whether a place is open, or may still be: some rule for it is not refuted."""
        return any(
            concern in self.concerns
            and all(self.answers.get(fact, answers[0]) in answers for fact, answers in when.items())
            for concern, when in self.rules(destination)
        )

    def may_ever_open(self, destination):
        """Whether some rule for a place is refuted by nothing that stays so."""
        return any(
            all(self.answers.get(fact) in answers or not self.holds(fact) for fact, answers in when.items())
            for _, when in self.rules(destination)
        )

    def after(self, conditions, choose):
        """What is told when all of this is so."""
        situation = {"concerns": list(self.concerns), **self.given}
        for one in conditions:
            if one["fact"] == "concerns":
                situation["concerns"] += [choose(one["answers"])]
            else:
                situation[one["fact"]] = choose(one["answers"])
        return Told(self.table, situation)

    def untrue(self, destination, ways):
        """What is wrong with the ways to a closed place, by the rules alone."""
        wrong = [] if bool(ways) == self.may_ever_open(destination) else ["there is a way where none is, or none"]
        for way in ways:
            for one in way:
                if one["fact"] == "concerns":
                    if set(one["answers"]) & set(self.concerns):
                        wrong.append("asks for a subject that was named")
                elif self.holds(one["fact"]):
                    wrong.append(f"tells somebody to be somebody else, or that something else happened: {one['fact']}")
                elif self.answers.get(one["fact"]) in one["answers"]:
                    wrong.append(f"asks for what is so already: {one['fact']}")
            if not way or not all(self.after(way, choose).may_open(destination) for choose in (min, max)):
                wrong.append("does not open it")
        return wrong


@pytest.fixture(scope="module")
def tables(library, app):
    """Per day on which an edition begins, its rules as they are handed out."""
    client = app.test_client()
    days = [one.since.isoformat() for one in library.rulebase.editions]
    return {day: client.get("/api/v1/rulebase.json", query_string={"on": day}).json for day in days}


def some(table, seed, count):
    """Situations of every kind: whole and half, without a subject and with several, whatever the organisation is."""
    chance = random.Random(seed)
    facts = [fact for fact in table["facts"] if not fact["several"]]
    concerns = next(fact["answers"] for fact in table["facts"] if fact["several"])
    for _ in range(count):
        known = chance.choice((0.2, 0.5, 0.8, 1.0))
        situation = {fact["id"]: chance.choice(fact["answers"]) for fact in facts if chance.random() < known}
        named = chance.sample(concerns, chance.choice((0, 1, 1, 1, 1, 2, 3)))
        yield {**situation, "concerns": named} if named else situation


def ask(client, situations, day):
    """The answer to each."""
    requests = [{"situation": one, "on": day} for one in situations]
    for start in range(0, len(requests), BATCH):
        response = client.post("/api/v1/referrals/batch", json={"requests": requests[start : start + BATCH]})
        assert response.status_code == 200, response.text
        yield from response.json["answers"]


@pytest.mark.slow
def test_what_is_said_to_open_a_closed_place_is_true(tables, client):
    """A large share of every edition: enough by itself, nobody else, nothing else that happened, and none left out."""
    seen = barred = 0
    for day, table in tables.items():
        situations = list(some(table, 183, SHARE))
        for situation, body in zip(situations, ask(client, situations, day), strict=True):
            told = Told(table, situation, ignored=body["ignored"])
            for one in body["closed"]:
                assert told.untrue(one["destination"], one["ways"]) == [], (day, situation, one)
                assert one["opensWhen"] == (one["ways"][0] if one["ways"] else [])
                seen += bool(one["ways"])
                barred += not one["ways"]
    assert seen > 1000
    assert barred > 100


@pytest.mark.slow
def test_whoever_does_what_is_said_finds_the_place_open(tables, client):
    """Not by reading the rules, but by asking again."""
    for day, table in tables.items():
        situations = list(some(table, 6, 4))
        for situation, body in zip(situations, ask(client, situations, day), strict=True):
            ways = [(one["destination"], way) for one in body["closed"] for way in one["ways"]]
            done = [Told(table, situation).after(way, min) for _, way in ways]
            again = [{"concerns": one.concerns, **one.given} for one in done]
            for (destination, way), after in zip(ways, ask(client, again, day), strict=True):
                assert destination in after["possible"], (day, situation, destination, way)


# ---- the three laws, by their definition


@pytest.fixture(scope="module")
def small():
    """The small rulebase: of it everybody can be looked at."""
    return read_folders(UNIVERSITY / "rules", UNIVERSITY / "content").rulebase.editions[-1]


def everybody(edition, answers, concerns):
    """Every complete situation that some answers leave, by concern: pairs of a concern and its answers."""
    for concern in concerns:
        facts = edition.vocabulary.facts_of(concern)
        for chosen in itertools.product(*(answers.get(one.id, one.answers) for one in facts)):
            yield concern, dict(zip((one.id for one in facts), chosen, strict=True))


def opens(edition, destination, answers, concerns):
    """Whether a place is open to everybody whom these answers leave, in one of the concerns."""
    rules = [rule for rule in edition.rules if rule.refer == destination]
    return any(
        all(any(rule.concern == concern and rule.matches(one) for rule in rules) for _, one in these)
        for concern in concerns
        if (these := list(everybody(edition, answers, (concern,))))
    )


def half_told(edition, count):
    """Some situations of every kind, and all that count of their answers."""
    dice, reading = random.Random(20), Reading(edition)
    vocabulary = edition.vocabulary
    for _ in range(count):
        concerns = tuple(one for one in vocabulary.concerns.answers if dice.random() < 0.5)
        answers = {one.id: dice.choice(one.answers) for one in vocabulary.asked if dice.random() < 0.6}
        answers |= {one.id: dice.choice(one.answers) for one in vocabulary.of_organisation}
        yield reading, reading.accept(Situation(concerns, answers))[0]


def test_every_way_suffices_is_minimal_and_there_is_no_other(small):
    """The three laws of an explanation, over everybody whom a situation leaves, by the definition of a rule."""
    facts, every = small.vocabulary.by_id, small.vocabulary.concerns
    seen = Counter()
    for reading, told in half_told(small, 150):
        given = {fact: (answer,) for fact, answer in told.answers.items()}
        held = {
            fact: answers for fact, answers in given.items() if facts[fact].nature in HELD and answers != (UNKNOWN,)
        }
        for destination in small.vocabulary.destinations:
            ways = [{one.fact: one.answers for one in way.conditions} for way in reading.ways.to(told, destination)]
            for way in ways:
                concerns = way.get(every.id, told.concerns)
                asked = {fact: answers for fact, answers in way.items() if fact != every.id}
                assert not held.keys() & asked.keys()
                assert all(opens(small, destination, given | asked, (one,)) for one in way.get(every.id, ())) or opens(
                    small, destination, given | asked, concerns
                )
                for fact, answers in asked.items():
                    less = {other: met for other, met in asked.items() if other != fact}
                    assert not opens(small, destination, given | less, concerns)
                    for wider in set(facts[fact].answers) - set(answers):
                        assert not opens(small, destination, given | less | {fact: (*answers, wider)}, concerns)
                seen["ways"] += 1
            rules = [rule for rule in small.rules if rule.refer == destination]
            for concern, one in everybody(small, held, every.answers):
                if any(rule.concern == concern and rule.matches(one) for rule in rules):
                    assert any(meets(way, {**one, every.id: concern}) for way in ways)
                    seen["open"] += 1
    assert min(seen["ways"], seen["open"]) > 1000


def meets(way, somebody):
    return all(somebody.get(fact) in answers for fact, answers in way.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_is_said_of_all_ways_together_and_of_none_by_itself(library, language):
    words = library.texts.interface[language]
    said = [text for word, text in words.items() if word.startswith("way_") or word in {"clause_not", "rule_asks"}]
    assert len(said) == 4
    assert [text for text in said if NECESSARY.search(text)] == []
    assert NECESSARY.search(words["ways_only"])
    assert not NECESSARY.search(words["ways_enough"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_place_says_why(refer, library, language):
    """Every way by what was named, which other subjects have one, or that it is not for somebody like this."""
    words = library.texts.interface[language]
    for situation in ({"concerns": ["misconduct"], "reporter": "member_of_public"}, {"concerns": ["labour_conflict"]}):
        for one in refer(situation, language=language)["closed"]:
            if one["opensWhen"]:
                other = [way for way in one["ways"] if any(each["fact"] == "concerns" for each in way)]
                own = len(one["ways"]) - len(other)
                assert one["why"].startswith(words["ways_only" if own else "closed_here"])
                assert one["why"].count(f"; {words['or']} ") == max(own - 1, 0)
                assert (words["ways_elsewhere"] in one["why"]) == bool(other)
            else:
                assert one["why"] in {words["closed_barred"], words["closed_never"]}


def way_line(html, destination):
    """How a place stands in the workbench, the ways that are said to open it, and all that is said of it."""
    said = html[html.index(f'data-door="{destination}"') :].split("data-door=")[1]
    state = re.search(r'data-state="(\w+)"', said)[1]
    own = said.split('data-slot="ways">')[-1] if 'data-slot="ways">' in said else ""
    ways = re.findall(r'class="ww-way">(?:<button[^>]*>|<span>)(.*?)</', own, re.S)
    return state, list(map(unescape, ways)), unescape(said)


def bench(client, situation, organisation=None, language="nl"):
    data = {f"a.{fact}": answer for fact, answer in situation.items()}
    if organisation:
        data["a.organisation"] = organisation
    response = client.post({"nl": "/adviseur", "en": "/advisor"}[language], data=data)
    assert response.status_code == 200
    return response.text


def of_answered(library, situation, language):
    """Every question that was answered, as an advisor reads it."""
    return [
        library.texts.questions[fact][language].for_advisor.ask for fact, one in situation.items() if one != UNKNOWN
    ]


@pytest.mark.slow
def test_a_place_that_may_still_open_asks_only_for_what_was_not_answered(client, library, tables):
    table = tables[max(tables)]
    seen = 0
    for situation in some(table, 7, 60):
        if "concerns" not in situation:
            continue
        html = bench(client, situation)
        answered = of_answered(library, situation, "nl")
        for destination in table["destinations"]:
            state, clauses, _ = way_line(html, destination)
            if state == "possible":
                seen += 1
                assert not [one for one in clauses if any(text in one for text in answered)], (situation, destination)
    assert seen > 100


# Seven people who were told something that was not so.
WRONGED = {
    "an employee, to have no tie through work": (
        {
            "concerns": ["misconduct"],
            "misconduct_kind": "integrity_breach",
            "reporter": "employee",
            "privacy": "anonymous",
        },
        "fin",
        "internal_report",
    ),
    "an employee with a conflict, to be disadvantaged after a report": (
        {"concerns": ["labour_conflict"], "reporter": "employee"},
        "ocw",
        "dispute_committee",
    ),
    "an employee with a conflict, that it must be misconduct": (
        {"concerns": ["labour_conflict"], "reporter": "employee"},
        None,
        "internal_advisor",
    ),
    "somebody with a conflict, that a crime closes the line": (
        {"concerns": ["labour_conflict"], "reporter": "contractor"},
        "nvwa",
        "vertrouwenslijn",
    ),
    "a contractor, to have no tie through work": (
        {
            "concerns": ["misconduct"],
            "misconduct_kind": "crime_by_official",
            "reporter": "contractor",
            "privacy": "anonymous",
        },
        "nvwa",
        "internal_report",
    ),
    "an employee, to apply for a job": (
        {"concerns": ["misconduct"], "misconduct_kind": "integrity_breach", "reporter": "employee"},
        "fin",
        "complaint_procedure",
    ),
    "an employee, to have a complaint handled where less would do": (
        {"concerns": ["labour_conflict"], "reporter": "employee"},
        None,
        "national_ombudsman",
    ),
}


@pytest.mark.parametrize(("person", "language"), [*zip(WRONGED, itertools.cycle(LANGUAGES), strict=False)])
def test_nobody_is_told_what_is_not_so(client, refer, library, tables, person, language):
    """Whatever the rules become: what is said of this place to this person is true."""
    situation, organisation, destination = WRONGED[person]
    more = {"organisation": organisation} if organisation else {}
    body = refer(situation, language=language, **more)
    facts = body["organisation"]["facts"] if organisation else None
    told = Told(tables[body["edition"]["id"]], situation, facts, body["ignored"])
    for one in body["closed"]:
        if one["destination"] == destination:
            assert told.untrue(destination, one["ways"]) == []
    state, clauses, _ = way_line(bench(client, situation, organisation, language), destination)
    if state == "possible":
        assert not [one for one in clauses if NECESSARY.search(one)]
        assert not [one for one in clauses if any(text in one for text in of_answered(library, situation, language))]
    words = [f"{fact}={','.join(answer) if fact == 'concerns' else answer}" for fact, answer in situation.items()]
    words += ["--organisation", organisation] if organisation else []
    said = " ".join(CliRunner().invoke(main, ["why-not", destination, *words, "--language", language]).output.split())
    heads = [text for word, text in library.texts.interface[language].items() if word.startswith(("ways_", "closed_"))]
    assert state not in {"possible", "closed"} or any(text in said for text in heads)
    for one in body["closed"]:
        if one["destination"] == destination:
            assert len(clauses) == len(one["ways"])
            own = [clause for clause, way in zip(clauses, one["ways"], strict=True) if way[0]["fact"] != "concerns"]
            assert all(clause in one["why"] and clause in said for clause in own), "the same words everywhere"


def test_what_decides_names_the_subject_and_the_organisation(university, university_app):
    """Only another organisation gives this person another first step: then the organisation decides."""
    client, words = university_app.test_client(), university.texts.interface["nl"]
    situation = {"concerns": ["conduct"], "feeling": "unsafe"}

    def first(organisation):
        found = client.post("/api/v1/referrals", json={"situation": situation, "organisation": organisation}).json
        return [one["destination"] for one in found["referrals"] if one["as"] == "first"]

    def decided(organisation):
        html = bench(client, situation, organisation)
        return unescape(re.search(r'data-slot="decided">(.*?)</span>', html)[1]).split(" – ")

    assert first("letters") != first("ships")
    for organisation in ("letters", "ships"):
        assert decided(organisation)[0] == university.texts.questions["concerns"]["nl"].for_advisor.ask
        assert decided(organisation)[-1] == words["organisation_label"]
    assert words["organisation_label"] not in decided(None)
