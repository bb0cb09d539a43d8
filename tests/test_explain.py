"""Why, why not, how many questions, and a wrong referral that becomes a case."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from click.testing import CliRunner

from service.answers.explain import count_questions, explain
from service.cli.main import main
from service.core.reading import Reading
from service.core.situation import Situation, situation

TODAY = "2026-11-23"


@pytest.fixture
def reading(library):
    return Reading(library.rulebase.editions[-1])


@pytest.fixture
def run():
    def command(*words):
        return CliRunner().invoke(main, words)

    return command


def test_an_explanation_says_of_every_rule_what_holds_and_what_does_not(reading, library):
    asked = situation(
        library.rulebase.vocabulary,
        {"concerns": ["handling"], "reporter": "employee", "handled": "report", "dissatisfied_with": "treatment"},
    )
    found = explain(reading, asked, "national_ombudsman")
    assert len(found.rules) == len([rule for rule in reading.edition.rules if rule.refer == "national_ombudsman"])
    for standing in found.rules:
        facts = {*standing.met} | {one.fact for one in (*standing.unmet, *standing.unanswered)}
        assert facts == set(standing.rule.when)
        for one in standing.unmet:
            assert asked.answers[one.fact] not in one.answers
    assert [one.fires for one in found.rules] == sorted((one.fires for one in found.rules), reverse=True)


def test_why_names_the_rule_its_words_and_its_source(run):
    words = ("concerns=misconduct", "reporter=employee", "misconduct_kind=wrongdoing", "privacy=anonymous")
    output = run("why", "vertrouwenslijn", *words, "--organisation", "ocw", "--on", "2019-06-20").output
    assert "De Vertrouwenslijn: ja" in output
    assert "Regel vertrouwenslijn.1 geldt." in output
    assert "onderdeel 6, alinea 4" in output
    assert "Twijfel:" in output


def test_why_not_says_what_opens_the_door(run):
    words = ("concerns=handling", "reporter=employee", "handled=report", "dissatisfied_with=outcome", "privacy=none")
    output = run("why-not", "national_ombudsman", *words, "--on", TODAY).output
    assert "Nationale ombudsman: nee" in output
    assert "Met wat u vertelde, gaat deze deur alleen open" in " ".join(output.split())
    assert "uw klacht heeft behandeld" in " ".join(output.split())
    assert output.count("\nRegel ") == 3
    assert run("why-not", "national_ombudsman", *words, "--all", "--on", TODAY).output.count("\nRegel ") > 3


def test_why_not_a_place_to_which_no_rule_leads_on_that_day(run):
    output = run("why-not", "dispute_committee", "concerns=labour_conflict", "--on", "2019-06-20").output
    assert "Op deze datum leidt geen enkele regel naar deze plek." in output


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_an_unknown_destination_is_one_line_with_its_mend(run, command):
    result = run(command, "ombudsman", "concerns=handling")
    assert result.exit_code == 2
    assert "Did you mean 'national_ombudsman'?" in result.output


CONFLICT = {"conflict_kind": "pay_or_hours", "because_of": "none"}
GIVEN = tuple(f"{fact}={answer}" for fact, answer in CONFLICT.items())
WRONG = ("concerns=labour_conflict", "reporter=employee", *GIVEN, "handled=report")
STORY = ("--story", "Een roosterconflict", "--tells", "onderdeel 5, alinea 1")
REPORT = ("--should", "hr_department", *STORY, "--on", TODAY)


def test_a_wrong_referral_becomes_a_case_that_fails(run, library, decider):
    result = run("case", *WRONG, "--organisation", "def", *REPORT)
    assert result.exit_code == 0
    (case,) = tomllib.loads(result.output)["case"]
    assert case["situation"] == {"concerns": ["labour_conflict"], "reporter": "employee", **CONFLICT}
    organisation = library.organisations.by_id[case["organisation"]]
    asked = situation(library.rulebase.vocabulary, case["situation"], organisation.facts(case["on"]))
    decision = decider.decide(asked, case["on"]).decision
    assert [one.destination for one in decision.referrals if one.as_ == "first"] != case["expect"]["first"]


def test_a_case_is_added_to_a_file_and_nothing_in_it_is_lost(run, tmp_path):
    file = tmp_path / "reported.toml"
    for story in ("Een roosterconflict", "Een conflict over loon"):
        words = [story if word == "Een roosterconflict" else word for word in REPORT]
        assert run("case", *WRONG, *words, "--file", str(file)).exit_code == 0
    cases = tomllib.loads(file.read_text("utf-8"))["case"]
    assert [case["name"] for case in cases] == ["Een roosterconflict", "Een conflict over loon"]
    assert cases[0]["on"] == date(2026, 11, 23)


def test_what_is_right_already_is_no_case(run):
    words = [word if word != "hr_department" else "legal_help" for word in REPORT]
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
    words = [word if word != "Een roosterconflict" else story for word in REPORT]
    result = run("case", *WRONG, *words)
    assert result.exit_code == 2
    assert "Tell it without." in result.output
    assert story not in result.output


def test_the_questionnaire_asks_no_more_than_a_fixed_list_and_mostly_less(reading, library):
    unknown = {fact.id: "unknown" for fact in library.rulebase.vocabulary.of_organisation}
    for concern in reading.concerns:
        found = count_questions(reading, concern, unknown)
        assert found.expected < found.fixed
        assert found.most <= found.fixed


def test_the_count_of_questions_is_that_of_walking_them(reading, library):
    """Against the decision itself, for a concern small enough to walk every way."""
    unknown = {fact.id: "unknown" for fact in library.rulebase.vocabulary.of_organisation}

    def walk(answers):
        fact = reading.decide(Situation(("unsure",), {**unknown, **answers})).next_fact
        if fact is None:
            return [len(answers)]
        return [n for one in reading.vocabulary.by_id[fact].answers for n in walk({**answers, fact: one})]

    assert count_questions(reading, "unsure", unknown).most == max(walk({}))


def test_role_comes_first_and_the_most_sensitive_last(library):
    """The order of asking: who you are, what it is about, what you want; who is involved comes last."""
    order = [fact.id for fact in library.rulebase.vocabulary.asked]
    assert order[0] == "reporter"
    assert order[-2:] == ["manager_involved", "advisor_known"]
