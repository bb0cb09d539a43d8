"""Why, why not, how many questions, and a wrong referral that becomes a case."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import pytest

from service.answers.explain import count_questions, explain
from service.core.reading import Reading
from service.core.situation import Situation, situation
from service.engine.decider import Decider

LATER = "2025-10-01"  # in the second edition


@pytest.fixture
def reading(university):
    return Reading(university.rulebase.editions[-1])


@pytest.fixture
def run(university_command):
    return university_command


def test_an_explanation_says_of_every_rule_what_holds_and_what_does_not(reading, university):
    asked = situation(university.rulebase.vocabulary, {"concerns": ["conduct"], "feeling": "unsafe"})
    found = explain(reading, asked, "study_adviser")
    assert len(found.rules) == len([rule for rule in reading.edition.rules if rule.refer == "study_adviser"]) > 3
    for standing in found.rules:
        facts = {*standing.met} | {one.fact for one in (*standing.unmet, *standing.unanswered)}
        assert facts == set(standing.rule.when)
        for one in standing.unmet:
            assert asked.answers[one.fact] not in one.answers
    assert [one.fires for one in found.rules] == sorted((one.fires for one in found.rules), reverse=True)


def test_why_names_the_rule_its_words_and_its_source(run):
    output = run("why", "counsellor", "concerns=conduct", "feeling=unsafe", *SOCIETY, "--on", LATER).output
    assert "Raadgever: ja" in output
    assert "Regel counsellor.2 geldt." in output
    assert "onderdeel 4, alinea 1" in output
    assert "Twijfel:" in output


def test_why_not_says_what_opens_the_door(run):
    output = run("why-not", "appeals_board", "concerns=grade", "role=student", "review=none", "--on", LATER).output
    assert "College van beroep: nee" in output
    assert "gaat deze deur alleen open na een andere stap, als uw cijfer is herbeoordeeld" in " ".join(output.split())


def test_why_not_shows_the_nearest_rules_and_on_request_all(run, university):
    words = ("why-not", "study_adviser", "concerns=conduct", "feeling=unsafe", "--organisation", "letters")
    rules = [one for one in university.rulebase.editions[-1].rules if one.refer == "study_adviser"]
    assert run(*words, "--on", LATER).output.count("\nRegel ") == 3
    assert run(*words, "--all", "--on", LATER).output.count("\nRegel ") == len(rules) > 3


def test_why_not_a_place_to_which_no_rule_leads_on_that_day(run, university, monkeypatch):
    rulebase = university.rulebase
    edition = rulebase.editions[-1]
    without = replace(edition, rules=tuple(one for one in edition.rules if one.refer != "appeals_board"))
    fewer = replace(university, rulebase=replace(rulebase, editions=(without,)), graphs={})
    monkeypatch.setattr("service.cli.main.load_library", lambda: fewer)
    output = run("why-not", "appeals_board", "concerns=grade", "--on", LATER).output
    assert "Op deze datum leidt geen enkele regel naar deze plek." in output


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_an_unknown_destination_is_one_line_with_its_mend(run, command):
    result = run(command, "adviser", "concerns=grade")
    assert result.exit_code == 2
    assert "Did you mean 'study_adviser'?" in result.output


TOLD = {"concerns": ["grade"], "role": "student", "review": "none"}
SOCIETY = ("--organisation", "society")
WRONG = ("concerns=grade", "role=student", "review=none", "feeling=annoyed")  # the last does not count
STORY = ("--story", "Een onvoldoende", "--tells", "charter, section 2")
REPORT = ("--should", "exam_board", *STORY, "--on", LATER)


def test_a_wrong_referral_becomes_a_case_that_fails(run, university):
    result = run("case", *WRONG, "--organisation", "letters", *REPORT)
    assert result.exit_code == 0
    (case,) = tomllib.loads(result.output)["case"]
    assert case["situation"] == TOLD
    organisation = university.organisations.by_id[case["organisation"]]
    asked = situation(university.rulebase.vocabulary, case["situation"], organisation.facts(case["on"]))
    decision = Decider(university.rulebase).decide(asked, case["on"]).decision
    assert [one.destination for one in decision.referrals if one.as_ == "first"] != case["expect"]["first"]


def test_a_case_is_added_to_a_file_and_nothing_in_it_is_lost(run, tmp_path):
    file = tmp_path / "reported.toml"
    for story in ("Een onvoldoende", "Een cijfer dat kwijt is"):
        words = [story if word == "Een onvoldoende" else word for word in REPORT]
        assert run("case", *WRONG, *words, "--file", str(file)).exit_code == 0
    cases = tomllib.loads(file.read_text("utf-8"))["case"]
    assert [case["name"] for case in cases] == ["Een onvoldoende", "Een cijfer dat kwijt is"]
    assert cases[0]["on"] == date.fromisoformat(LATER)


def test_what_is_right_already_is_no_case(run):
    words = [word if word != "exam_board" else "study_adviser" for word in REPORT]
    result = run("case", *WRONG, *words)
    assert result.exit_code == 2
    assert "already refers" in result.output


@pytest.mark.parametrize(
    "story",
    [
        "Jan belde op 06-12 34 56 78",
        "Mail naar jan@example.org",
        "Mevrouw Jansen werd niet gehoord",
        "Zij is geboren op 3 mei 1980",
    ],
)
def test_a_story_that_names_somebody_is_refused(run, story):
    words = [word if word != "Een onvoldoende" else story for word in REPORT]
    result = run("case", *WRONG, *words)
    assert result.exit_code == 2
    assert "Tell it without." in result.output
    assert story not in result.output


def test_the_questionnaire_asks_no_more_than_a_fixed_list_and_mostly_less(library):
    """Of our own rules: the promise to whoever answers."""
    reading = Reading(library.rulebase.editions[-1])
    unknown = {fact.id: "unknown" for fact in library.rulebase.vocabulary.of_organisation}
    for concern in reading.concerns:
        found = count_questions(reading, concern, unknown)
        assert found.expected < found.fixed
        assert found.most <= found.fixed


def test_the_count_of_questions_is_that_of_walking_them(reading, university):
    """Against the decision itself, by walking every way."""
    unknown = {fact.id: "unknown" for fact in university.rulebase.vocabulary.of_organisation}

    def walk(concern, answers):
        fact = reading.decide(Situation((concern,), {**unknown, **answers})).next_fact
        if fact is None:
            return [len(answers)]
        return [n for one in reading.vocabulary.by_id[fact].answers for n in walk(concern, {**answers, fact: one})]

    for concern in reading.concerns:
        assert count_questions(reading, concern, unknown).most == max(walk(concern, {}))
