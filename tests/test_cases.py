"""Stories told by advisers: who is sent where, on which day. The files in tests/cases are written for jurists."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from service.core.rule import As
from service.core.situation import situation

pytestmark = pytest.mark.data

CASES = Path(__file__).parent / "cases"
KEYS = {"name", "tells", "on", "organisation", "situation", "expect"}
REQUIRED = KEYS - {"organisation"}
REFERRED = ("first", "also", "later")
LISTS = {*REFERRED, "closed", "because", "ignored"}
EXPECT = {*LISTS, "complete", "next"}
LETTER = "kst-28844-183"
IN_THE_LETTER = re.compile(r"inleiding, alinea \d+|onderdeel [1-6], alinea \d+")


def mistakes(case, seen):
    """What is wrong with how a case is written."""
    found = [f"the key {key} is not known" for key in case.keys() - KEYS]
    found += [f"the key {key} is missing" for key in REQUIRED - case.keys()]
    expect = case.get("expect", {})
    if not expect:
        found.append("nothing is expected")
    found += [f"the key expect.{key} is not known" for key in expect.keys() - EXPECT]
    found += [f"expect.{key} must be a list" for key in LISTS & expect.keys() if not isinstance(expect[key], list)]
    if "on" in case and type(case["on"]) is not date:
        found.append("on must be a date")
    if case.get("name") in seen:
        found.append("another case has this name")
    return found


def read(folder):
    """Every case with its file; stops at the first file with a mistake."""
    cases, seen = [], set()
    for path in sorted(folder.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if content.keys() != {"case"}:
            raise ValueError(f"{path.name}: a file holds [[case]] and nothing else")
        for case in content["case"]:
            if found := mistakes(case, seen):
                raise ValueError(f"{path.name}, {case.get('name', 'a case without a name')}: {'; '.join(found)}")
            seen.add(case["name"])
            cases.append((path.stem, case))
    return cases


ALL = read(CASES)
IDS = [f"{file}: {case['name']}" for file, case in ALL]


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


@pytest.mark.parametrize(("file", "case"), ALL, ids=IDS)
def test_the_person_is_sent_where_the_adviser_says(file, case, decide):
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


@pytest.mark.parametrize(("file", "case"), ALL, ids=IDS)
def test_the_case_names_what_exists(file, case, library):
    expect, vocabulary = case["expect"], library.rulebase.vocabulary
    for key in (*REFERRED, "closed"):
        assert set(expect.get(key, [])) <= set(vocabulary.destinations)
    assert set(expect.get("because", [])) <= {rule.id for rule in library.rulebase.rules}
    assert {expect.get("next", "concerns"), *expect.get("ignored", [])} <= vocabulary.by_id.keys()


@pytest.mark.parametrize(("file", "case"), ALL, ids=IDS)
def test_what_the_case_tells_stands_in_a_source_we_hold(file, case, library):
    if IN_THE_LETTER.fullmatch(case["tells"]):
        assert LETTER in library.texts.sources
        return
    id_, _, locator = case["tells"].partition(", ")
    source = library.texts.sources[id_]
    assert not locator or locator in {passage.locator for passage in source.passages}


def test_there_are_cases_enough_and_each_destination_is_expected_somewhere(library):
    assert len(ALL) >= 60
    expected = {one for _, case in ALL for as_ in REFERRED for one in case["expect"].get(as_, [])}
    assert expected == set(library.rulebase.vocabulary.destinations)


@pytest.mark.parametrize("fact", ["concerns", "reporter", "privacy"])
def test_each_answer_about_who_what_and_privacy_is_told_somewhere(library, fact):
    told = Counter()
    for _, case in ALL:
        answers = case["situation"].get(fact, [])
        told.update([answers] if isinstance(answers, str) else answers)
    assert set(told) == set(library.rulebase.vocabulary.by_id[fact].answers)


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
