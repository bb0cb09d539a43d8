"""The proof: quotations at their place, the competence matrix, the days of change, and the coverage of the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.core.rule import As, Citation, Doubt
from service.proof.competence import CAN, CANNOT, ONLY_IF, Cell, Spoken, violations
from service.proof.grounds import in_ids
from service.proof.prove import edition_days
from service.rulebook.locate import folder
from service.rulebook.messages import Message
from service.rulebook.quotations import Passages, paragraphs

LETTER = "kst-28844-183"


def said(broken):
    """What breaks a promise, in English."""
    return Message(broken.name, broken.values).tell()


@pytest.fixture(scope="module")
def letter():
    return (folder("content") / "sources" / f"{LETTER}.txt").read_text("utf-8")


def test_paragraphs_are_counted_as_a_reader_counts_them(letter):
    found = paragraphs(letter)
    assert found["inleiding, alinea 1"].startswith("Als werkgever voor de sector Rijk")
    assert found["onderdeel 2, alinea 1"].endswith("5,4% weet het niet of heeft geen mening.")
    assert found["onderdeel 5, alinea 2"].startswith("De Ministeries van OCW, SZW en VWS")
    assert found["onderdeel 6, alinea 4"].startswith("Wanneer een medewerker niet tevreden is")
    assert "Als de medewerker niet tevreden is over de afhandeling van de" in found["onderdeel 6, alinea 4"]
    assert "terecht bij het Huis voor klokkenluiders." in found["onderdeel 6, alinea 4"]
    assert not any(place.startswith("onderdeel 6, alinea 9") for place in found)


QUOTE = Citation(LETTER, "onderdeel 6, alinea 4", "kan de medewerker daarover een klacht indienen.")


def test_white_space_and_quotation_marks_are_all_that_may_differ(draft):
    passages = draft.passages
    assert passages.wrong(QUOTE) is None
    assert passages.wrong(replace(QUOTE, quote="kan de\n  medewerker daarover  een klacht indienen.")) is None
    loket = Citation(LETTER, "onderdeel 5, alinea 1", 'behoefte hebben aan een "loket" of vraagbaak')
    assert passages.wrong(loket) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            replace(QUOTE, quote="kan de werknemer daarover een klacht indienen."),
            "not say “werknemer” but “medewerker”",
        ),
        (
            replace(QUOTE, quote="kan de medewerker daarover een klacht indienen!"),
            "not say “indienen!” but “indienen.”",
        ),
        (replace(QUOTE, quote="kan de zieke medewerker daarover een klacht indienen."), "does not say “zieke”"),
        (replace(QUOTE, quote="kan de medewerker een klacht indienen."), "also says “daarover”"),
        (replace(QUOTE, quote="De maan schijnt door de bomen."), "do not stand at ‘onderdeel 6, alinea 4’"),
        (replace(QUOTE, locator="onderdeel 6, alinea 5"), "stand at ‘onderdeel 6, alinea 4’, not at"),
        (replace(QUOTE, locator="onderdeel 9, alinea 1"), "stand at ‘onderdeel 6, alinea 4’"),
        (replace(QUOTE, source="awb"), "awb has no ‘onderdeel 6, alinea 4’"),
    ],
)
def test_an_altered_quotation_or_a_wrong_place_is_found_with_its_mend(draft, changed, words):
    assert words in said(draft.passages.wrong(changed))


def test_one_changed_letter_in_the_letter_is_found(draft, letter, tmp_path):
    """Whoever edits the source document breaks the quotations that rest on it."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / f"{LETTER}.txt").write_text(letter.replace("een klacht indienen", "een Klacht indienen"), "utf-8")
    changed = Passages({LETTER: replace(draft.texts.sources[LETTER], passages=())}, tmp_path)
    assert changed.wrong(QUOTE)


def test_a_rule_that_changes_on_another_day_is_found(university):
    rulebase, days = university.rulebase, university.days
    assert list(edition_days(rulebase, days)) == []
    rule = rulebase.rules[0]
    rules = (replace(rule, since=date(2025, 2, 2)), *rulebase.rules[1:])
    (broken,) = edition_days(replace(rulebase, rules=rules), days)
    assert said(broken).startswith(f"rule {rule.id} changes on 2025-02-02, which is not in rules/editions.toml.")


def cell(body, takes, **more):
    only_if = {"nl": "als", "en": "if"} if takes == ONLY_IF else None
    known = {"passing": False, "concerns": (), "since": None, "until": None, "when": {}, "only_if": only_if}
    return Cell(body=body, takes=takes, why={}, citations=(), **(known | more))


@pytest.fixture
def about(university):
    """What the matrix says against the referrals to one body, with other cells for it."""

    def say(body, *cells):
        found = map(said, violations(university.rulebase, cells, in_ids))
        return [one for one in found if one.startswith(f"{body}.")]

    return say


def test_the_matrix_finds_a_body_that_cannot_take_a_case(about):
    everybody = cell("student_desk", CAN)
    assert about("student_desk", everybody) == []
    not_applicants = cell("student_desk", CANNOT, when={"role": frozenset({"applicant"})})
    found = about("student_desk", everybody, not_applicants)
    assert found
    assert all("refers to a body that cannot take it" in one and "role=applicant" in one for one in found)


def test_the_matrix_finds_a_referral_about_which_it_says_nothing(about):
    found = about("student_desk", cell("student_desk", CAN, concerns=("building",)))
    assert found
    assert all("refers where no cell says that the body can take it" in one for one in found)
    assert not any("building" in one for one in found)


def test_the_matrix_wants_a_doubt_that_everybody_reads_whom_it_concerns(university):
    """What is for applicants alone is no doubt for a student, and a note is none for anybody."""
    (rule,) = [one for one in university.rulebase.rules if one.id == "student_desk.1"]
    said_to = {
        "everybody": replace(rule, doubts=(Doubt(rule.why),)),
        "applicants": replace(rule, doubts=(Doubt(rule.why, ({"role": frozenset({"applicant"})},)),)),
        "editors": replace(rule, doubts=(), note=rule.why),
    }
    edition, cells = university.rulebase.editions[-1], [cell("student_desk", ONLY_IF)]
    found = {
        whom: list(Spoken(edition, rule.concern, [one], cells).not_allowed([one], in_ids))
        for whom, one in said_to.items()
    }
    assert {whom: len(broken) for whom, broken in found.items()} == {"everybody": 0, "applicants": 1, "editors": 1}
    assert "role=applicant" not in said(found["applicants"][0][0])


def test_nobody_is_told_to_ask_whether_a_place_takes_them_where_the_matrix_says_that_it_does(university):
    """Today; what an edition of before says of it is read by nobody any more."""
    edition = university.rulebase.editions[-1]
    (rule,) = [one for one in edition.rules if one.id == "student_desk.1"]
    can, only_if = cell("student_desk", CAN), cell("student_desk", ONLY_IF)
    applicants = {"role": frozenset({"applicant"})}
    of_them = cell("student_desk", ONLY_IF, when=applicants)

    def found(cells, *whom, on=edition):
        asking = replace(rule, doubts=(Doubt(rule.why, whom),))
        return [
            one.name
            for one, _ in Spoken(on, rule.concern, [asking], cells).not_allowed([asking], in_ids, lambda _: True)
        ]

    assert found([can]) == ["matrix_sure"]
    assert found([only_if]) == []
    assert found([can, of_them]) == ["matrix_sure"]
    assert found([can, of_them], applicants) == []
    assert found([can], on=replace(edition, until=edition.since)) == []


def test_the_matrix_wants_a_doubt_where_it_says_only_if(university, about):
    for body in university.rulebase.vocabulary.destinations:
        now = [one for one in university.rulebase.rules if one.refer == body and one.as_ is not As.LATER]
        silent = {one.id for one in now if not one.doubts}
        found = about(body, cell(body, ONLY_IF))
        assert {one.split()[0].rstrip(":") for one in found} <= silent
        assert bool(found) == bool(silent)


def test_an_obstacle_that_can_pass_is_none_for_later(about):
    """The committee is there now for whoever gives a name, and later for whoever does not."""
    nameless = {"anonymity": frozenset({"nameless"})}
    later = cell("complaints_committee", CANNOT, passing=True, when=nameless, concerns=("conduct",))
    can = cell("complaints_committee", CAN)
    assert not about("complaints_committee", can, later)
    for_good = about("complaints_committee", can, replace(later, passing=False))
    assert for_good
    assert all("(later)" in one for one in for_good)


def test_a_day_in_the_matrix_counts_for_the_editions_it_covers(about):
    always = cell("student_desk", CAN)
    until = cell("student_desk", CANNOT, until=date(2025, 9, 1))
    found = about("student_desk", always, until)
    assert found
    assert all("[2024-09-01]" in one for one in found)


def test_a_doubt_is_read_today_also_where_its_rule_stood_before(university):
    """The rules of the desk are the same in both editions; only in the last somebody reads what they say."""
    asking = [
        replace(one, doubts=(Doubt(one.why),)) if one.refer == "student_desk" else one
        for one in university.rulebase.rules
    ]
    editions = tuple(
        replace(one, rules=tuple(rule for rule in asking if rule.in_force(one.since)))
        for one in university.rulebase.editions
    )
    rulebase = replace(university.rulebase, rules=tuple(asking), editions=editions)
    before, last = ({rule.id for rule in one.rules if rule.refer == "student_desk"} for one in editions)
    assert before == last
    cells = [cell("student_desk", CAN)]
    found = [one for one in violations(rulebase, cells, in_ids, lambda _: True) if one.name == "matrix_sure"]
    assert {one.values["edition"] for one in found} == {editions[-1].id}
    assert {id_ for one in found for _, id_ in one.about} == last
