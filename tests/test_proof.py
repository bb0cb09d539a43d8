"""The proof: quotations at their place, the competence matrix, the days of change, and the coverage of the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.core.rule import As, Citation
from service.proof.competence import CAN, CANNOT, ONLY_IF, Cell, violations
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


def test_a_rule_that_changes_on_another_day_is_found(draft):
    assert list(edition_days(draft.rulebase, draft.days)) == []
    rule = draft.rulebase.rules[0]
    rules = (replace(rule, since=date(2022, 2, 2)), *draft.rulebase.rules[1:])
    (broken,) = edition_days(replace(draft.rulebase, rules=rules), draft.days)
    assert said(broken).startswith(f"rule {rule.id} changes on 2022-02-02, which is not in rules/editions.toml.")


def cell(body, takes, **more):
    only_if = {"nl": "als", "en": "if"} if takes == ONLY_IF else None
    known = {"passing": False, "concerns": (), "since": None, "until": None, "when": {}, "only_if": only_if}
    return Cell(body=body, takes=takes, why={}, citations=(), **(known | more))


@pytest.fixture
def about(draft):
    """What the matrix says against the referrals to one body, with other cells for it."""

    def say(body, *cells):
        found = map(said, violations(draft.rulebase, cells, in_ids))
        return [one for one in found if one.startswith(f"{body}.")]

    return say


def test_the_matrix_finds_a_body_that_cannot_take_a_case(about):
    everybody = cell("legal_help", CAN)
    assert about("legal_help", everybody) == []
    not_applicants = cell("legal_help", CANNOT, when={"reporter": frozenset({"applicant"})})
    found = about("legal_help", everybody, not_applicants)
    assert found
    assert all("refers to a body that cannot take it" in one and "reporter=applicant" in one for one in found)


def test_the_matrix_finds_a_referral_about_which_it_says_nothing(about):
    found = about("legal_help", cell("legal_help", CAN, concerns=("labour_conflict",)))
    assert found
    assert all(
        "refers where no cell says that the body can take it" in one and "labour_conflict" not in one for one in found
    )


def test_the_matrix_wants_a_doubt_where_it_says_only_if(draft, about):
    silent = [rule for rule in draft.rulebase.rules if rule.refer == "internal_advisor" and not rule.doubt]
    assert bool(silent) == bool(about("internal_advisor", cell("internal_advisor", ONLY_IF)))


def test_an_obstacle_that_can_pass_is_none_for_later(draft, about):
    later = cell(
        "national_ombudsman", CANNOT, passing=True, when={"handled": frozenset({"report"})}, concerns=("handling",)
    )
    assert not [one for one in about("national_ombudsman", cell("national_ombudsman", CAN), later) if "(later)" in one]
    for_good = replace(later, passing=False)
    assert [one for one in about("national_ombudsman", cell("national_ombudsman", CAN), for_good) if "(later)" in one]
    assert any(rule.as_ is As.LATER for rule in draft.rulebase.rules if rule.refer == "national_ombudsman")


def test_a_day_in_the_matrix_counts_for_the_editions_it_covers(about):
    always = cell("huis_advice", CAN)
    until = cell("huis_advice", CANNOT, until=date(2020, 1, 1))
    found = about("huis_advice", always, until)
    assert found
    assert all("[2019-06-20]" in one for one in found)
