"""The case code: what is read is what was written, a slip of the tongue is noticed, and nothing else is in it."""

from __future__ import annotations

import random

import pytest

from service.core.case_code import LETTERS, CaseCode, OtherVersion, WrongCode
from service.core.situation import Situation, situation
from service.core.vocabulary import Fact, Vocabulary
from service.rulebook.library import load_library

pytestmark = pytest.mark.data

LIBRARY = load_library()
VOCABULARY = LIBRARY.rulebase.vocabulary
ORGANISATIONS = sorted(LIBRARY.organisations.by_id)
CODES = CaseCode(VOCABULARY, ORGANISATIONS)


def some_situations(count):
    """Situations of every kind: from nothing answered to everything, with and without an organisation."""
    dice = random.Random(4)
    for number in range(count):
        concerns = tuple(one for one in VOCABULARY.concerns.answers if dice.random() < number / count)
        organisation = dice.choice(ORGANISATIONS) if dice.random() < 0.5 else None
        answers = {
            fact.id: dice.choice(fact.answers)
            for fact in VOCABULARY.facts
            if not fact.several and not (organisation and fact.of_organisation) and dice.random() < number / count
        }
        yield Situation(concerns, answers), organisation


def test_what_is_read_is_what_was_written():
    for told, organisation in some_situations(2000):
        code = CODES.write(told, organisation)
        assert CODES.read(code) == (told.concerns, told.answers, organisation)


def test_the_code_is_short_and_of_one_length():
    codes = {CODES.write(told, organisation) for told, organisation in some_situations(500)}
    (length,) = {len(code.replace("-", "")) for code in codes}
    assert length <= 16  # more than can be read out over a telephone
    assert len(codes) > 450


def test_it_is_read_as_it_is_heard():
    told = situation(VOCABULARY, {"concerns": ["handling"], "handled": "complaint"})
    code = CODES.write(told)
    for heard in (code.lower(), code.replace("-", " "), code.replace("0", "O").replace("1", "l"), f" {code}. "):
        assert CODES.read(heard) == CODES.read(code)


def test_every_wrong_character_and_every_swap_of_neighbours_is_noticed():
    for told, organisation in some_situations(60):
        code = CODES.write(told, organisation).replace("-", "")
        for place in range(len(code)):
            for letter in LETTERS:
                if letter != code[place]:
                    with pytest.raises(WrongCode) as caught:
                        CODES.read(code[:place] + letter + code[place + 1 :])
                    assert type(caught.value) is WrongCode
            swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
            if swapped != code:
                with pytest.raises(WrongCode):
                    CODES.read(swapped)


def test_a_code_of_other_lists_is_told_apart_from_a_wrong_one():
    more = (*VOCABULARY.facts, Fact("new", ("yes", "no")))
    other = CaseCode(Vocabulary(more, VOCABULARY.destinations, VOCABULARY.first_edition, ""), ORGANISATIONS)
    fewer = CaseCode(VOCABULARY, ORGANISATIONS[:-1])
    for told, _ in some_situations(50):
        for codes in (other, fewer):
            with pytest.raises(OtherVersion):
                CODES.read(codes.write(told))


@pytest.mark.parametrize("text", ["", "x", "0" * 11, "0" * 12, "ÀÀÀÀ-ÀÀÀÀ-ÀÀÀ", "U" * 11, "0" * 10_000])
def test_anything_else_is_refused_and_never_repeated(text):
    with pytest.raises(WrongCode) as caught:
        CODES.read(text)
    assert str(caught.value) == ""


def test_an_organisation_is_in_it_only_if_that_was_chosen_and_never_its_facts():
    told = situation(VOCABULARY, {"concerns": ["unsure"]}, {"regime": "rijk"})
    assert CODES.read(CODES.write(told, "ocw"))[1:] == ({}, "ocw")
    assert CODES.read(CODES.write(Situation(("unsure",), {})))[1:] == ({}, None)
