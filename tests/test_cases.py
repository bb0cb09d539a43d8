"""Stories told by advisers: who is sent where, on which day. The files in tests/cases are written for jurists."""

from __future__ import annotations

import re

import pytest
from stories import REFERRED, all_cases, names, read

from service.core.rule import As
from service.core.situation import situation

LETTER = "kst-28844-183"
IN_THE_LETTER = re.compile(r"inleiding, alinea \d+|onderdeel [1-6], alinea \d+")


@pytest.fixture
def decide(library, decider):
    def decision(case):
        on = case["on"]
        chosen = library.organisations.on(case["organisation"], on) if "organisation" in case else None
        facts = chosen.facts(on) if chosen else None
        asked = situation(library.rulebase.vocabulary, case["situation"], facts)
        found = decider.decide(asked, on).decision
        assert found is not None, "the two readings differ"
        return found

    return decision


@pytest.mark.parametrize(("file", "name"), names(), ids=[": ".join(one) for one in names()])
def test_the_person_is_sent_where_the_adviser_says(file, name, decide):
    """One test per story, so that `-k` with a word of its name runs it alone."""
    (case,) = [one for where, one in all_cases() if (where, one["name"]) == (file, name)]
    expect, found = case["expect"], decide(case)
    doors = {as_: [one.destination for one in found.referrals if one.as_ == as_] for as_ in As}
    if "first" in expect:
        assert doors[As.FIRST] == expect["first"]
    for as_ in (As.ALSO, As.LATER):
        assert set(expect.get(as_.value, [])) <= set(doors[as_])
    assert set(expect.get("closed", [])) <= {one.destination for one in found.closed}
    reasons = {rule.id for one in found.referrals if one.as_ == As.FIRST for rule in one.rules}
    assert set(expect.get("because", [])) <= reasons
    if "complete" in expect:
        assert found.complete == expect["complete"]
    if "next" in expect:
        assert found.next_fact == expect["next"]
    if "ignored" in expect:
        assert set(found.ignored) == set(expect["ignored"])


def test_every_story_is_a_test():
    """Their names are read line by line, and must be all there are."""
    assert names() == [(file, case["name"]) for file, case in all_cases()]


def test_every_story_names_what_exists(library):
    vocabulary = library.rulebase.vocabulary
    rules = {rule.id for rule in library.rulebase.rules}
    wrong = []
    for file, case in all_cases():
        expect = case["expect"]
        named = {one for key in (*REFERRED, "closed") for one in expect.get(key, [])} - {*vocabulary.destinations}
        named |= set(expect.get("because", [])) - rules
        named |= {expect.get("next", "concerns"), *expect.get("ignored", [])} - vocabulary.by_id.keys()
        wrong += [f"{file}.toml, {case['name']}: there is no {one}" for one in sorted(named)]
    assert wrong == []


def test_what_a_story_tells_stands_in_a_source_we_hold(library):
    wrong = []
    for file, case in all_cases():
        id_, _, locator = case["tells"].partition(", ")
        if IN_THE_LETTER.fullmatch(case["tells"]):
            id_, locator = LETTER, ""
        source = library.texts.sources.get(id_)
        if not source or (locator and locator not in {passage.locator for passage in source.passages}):
            wrong.append(f"{file}.toml, {case['name']}: {case['tells']}")
    assert wrong == []


def test_there_are_cases_enough_and_each_destination_is_expected_somewhere(library):
    assert len(all_cases()) >= 60
    expected = {one for _, case in all_cases() for as_ in REFERRED for one in case["expect"].get(as_, [])}
    assert expected == set(library.rulebase.vocabulary.destinations)


@pytest.mark.parametrize("fact", ["concerns", "reporter", "privacy"])
def test_each_answer_about_who_what_and_privacy_is_told_somewhere(library, fact):
    found = set()
    for _, case in all_cases():
        answers = case["situation"].get(fact, [])
        found |= {answers} if isinstance(answers, str) else set(answers)
    assert found == set(library.rulebase.vocabulary.by_id[fact].answers)


GOOD = """[[case]]
name = "a story"
tells = "onderdeel 5, alinea 1"
on = 2019-06-20
situation = { concerns = ["labour_conflict"] }
expect.next = "reporter"
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + 'organization = "ocw"\n', "the key organization is not known"),
        (GOOD + 'expect.firts = ["hr_department"]\n', "the key expect.firts is not known"),
        (GOOD + 'expect.first = "hr_department"\n', "expect.first must be a list"),
        (GOOD.replace("on = 2019-06-20", 'on = "2019-06-20"'), "on must be a date"),
        (GOOD.replace('tells = "onderdeel 5, alinea 1"\n', ""), "the key tells is missing"),
        (GOOD.replace('expect.next = "reporter"', "expect = {}"), "nothing is expected"),
        (GOOD + GOOD, "another case has this name"),
        ("title = 'x'\n" + GOOD, "nothing else"),
    ],
    ids=["key", "expect key", "no list", "no date", "no source", "no expectation", "name twice", "outside a case"],
)
def test_a_case_file_with_a_mistake_is_refused(tmp_path, text, says):
    (tmp_path / "one.toml").write_text(text)
    with pytest.raises(ValueError, match=re.escape(says)):
        read(tmp_path)


def test_a_name_is_used_once_over_all_files(tmp_path):
    (tmp_path / "one.toml").write_text(GOOD)
    assert len(read(tmp_path)) == 1
    (tmp_path / "two.toml").write_text(GOOD)
    with pytest.raises(ValueError, match=r"two\.toml, a story: another case has this name"):
        read(tmp_path)
