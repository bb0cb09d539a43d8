"""The case code: what is read is what was written, a slip of the tongue is noticed, and nothing else is in it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from ours import case_code, some_situations
from ours import library as our_library

from service.core.case_code import DAY, LETTERS, CaseCode, CaseCodeError, CaseCodeVersionError
from service.core.situation import Situation, situation
from service.core.vocabulary import Fact, Vocabulary

FIRST = our_library().rulebase.vocabulary.first_edition


@pytest.fixture
def codes():
    return case_code()


@pytest.fixture
def vocabulary(library):
    return library.rulebase.vocabulary


def test_what_is_read_is_what_was_written(codes):
    for told, organisation in some_situations(2000):
        for on in (None, FIRST, date(2026, 11, 28), FIRST + timedelta(32**DAY - 1)):
            code = codes.write(told, organisation, on)
            assert codes.read(code) == (told.concerns, told.answers, organisation, on)


def test_the_code_is_short_and_of_one_length(codes):
    written = {codes.write(told, organisation, FIRST) for told, organisation in some_situations(500)}
    (length,) = {len(code.replace("-", "")) for code in written}
    assert length <= 20  # five groups of four: more than can be read out over a telephone
    assert len(written) > 450


def test_it_is_read_as_it_is_heard(codes, vocabulary):
    told = situation(vocabulary, {"concerns": ["handling"], "handled": "complaint"})
    code = codes.write(told)
    for heard in (code.lower(), code.replace("-", " "), code.replace("0", "O").replace("1", "l"), f" {code}. "):
        assert codes.read(heard) == codes.read(code)


def test_every_wrong_character_and_every_swap_of_neighbours_is_noticed(codes):
    for told, organisation in some_situations(60):
        code = codes.write(told, organisation, FIRST).replace("-", "")
        for place in range(len(code)):
            for letter in LETTERS:
                if letter != code[place]:
                    with pytest.raises(CaseCodeError) as caught:
                        codes.read(code[:place] + letter + code[place + 1 :])
                    assert type(caught.value) is CaseCodeError
            swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
            if swapped != code:
                with pytest.raises(CaseCodeError):
                    codes.read(swapped)


def test_a_code_of_other_lists_is_told_apart_from_a_wrong_one(codes, vocabulary, library):
    organisations = sorted(library.organisations.by_id)
    more = (*vocabulary.facts, Fact("new", ("yes", "no")))
    other = CaseCode(Vocabulary(more, vocabulary.destinations, vocabulary.first_edition, ""), organisations)
    fewer = CaseCode(vocabulary, organisations[:-1])
    for told, _ in some_situations(50):
        for one in (other, fewer):
            with pytest.raises(CaseCodeVersionError):
                codes.read(one.write(told))


@pytest.mark.parametrize("text", ["", "x", "0" * 11, "0" * 12, "ÀÀÀÀ-ÀÀÀÀ-ÀÀÀ", "U" * 11, "0" * 10_000])
def test_anything_else_is_refused_and_never_repeated(text, codes):
    with pytest.raises(CaseCodeError) as caught:
        codes.read(text)
    assert str(caught.value) == ""


def test_an_organisation_is_in_it_only_if_that_was_chosen_and_never_its_facts(codes, vocabulary):
    told = situation(vocabulary, {"concerns": ["unsure"]}, {"regime": "rijk"})
    assert codes.read(codes.write(told, "ocw"))[1:] == ({}, "ocw", None)
    assert codes.read(codes.write(Situation(("unsure",), {})))[1:] == ({}, None, None)


def test_a_day_too_far_away_is_left_out(codes):
    for on in (FIRST - timedelta(1), FIRST + timedelta(32**DAY), date.max):
        assert codes.write(Situation((), {}), on=on) == codes.write(Situation((), {}))
