"""A fact that applies only where another one has some answers: elsewhere it is not asked, and an answer is ignored."""

from __future__ import annotations

import shutil

import pytest
from running import ROOT

from service.core.reading import Reading
from service.core.situation import situation
from service.rulebook.checking import check
from service.rulebook.drafts import read_folders
from service.rulebook.toml_files import AuthoringError

VOCABULARY, RULES = "rules/vocabulary.toml", "rules/complaints_committee.toml"
DESK = "rules/student_desk.toml"
UNSAFE = 'feeling = ["unsafe", "unknown"]'
ANNOYED = """
[[rule]]
id = "complaints_committee.5"
refer = { as = "also", concern = "conduct", from = 2024-09-01 }
when = { feeling = "annoyed" }
why.nl = "Een klacht kan altijd."
why.en = "A complaint is always possible."
rests_on = ["charter.complaint"]
example = { "A student is annoyed." = { feeling = "annoyed" } }
but_not = { "A student feels unsafe." = { feeling = "unsafe" } }
"""


def change(path, *pairs):
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.fixture
def here(tmp_path):
    """The university, where only who does not feel safe is asked whether they want to give their name."""
    for name in ("rules", "content"):
        shutil.copytree(ROOT / "tests/university" / name, tmp_path / name)
    change(
        tmp_path / VOCABULARY,
        ('["named", "nameless"]', '["named", "nameless"]\napplies = { feeling = ["unsafe", "unknown"] }'),
    )
    return tmp_path


def mended(here):
    """The same, with rules that test it where it applies, and one more for those to whom it does not."""
    for path, answer in ((RULES, "named"), (RULES, "nameless"), (DESK, "nameless")):
        change(
            here / path,
            (f'when = {{ anonymity = "{answer}" }}', f'when = {{ {UNSAFE}, anonymity = "{answer}" }}'),
            (f'= {{ anonymity = "{answer}" }} }}\nbut', f'= {{ feeling = "unsafe", anonymity = "{answer}" }} }}\nbut'),
        )
    with (here / RULES).open("a", encoding="utf-8") as file:
        file.write(ANNOYED)
    return read_folders(here / "rules", here / "content")


def mistakes(here):
    with pytest.raises(AuthoringError) as caught:
        read_folders(here / "rules", here / "content")
    return str(caught.value).splitlines()


def test_a_rule_that_tests_it_where_it_does_not_apply_is_named_with_its_line_and_its_mend(here):
    told = "'anonymity' applies only where 'feeling' is unsafe or unknown; let the rule test that too."
    assert mistakes(here) == [
        f"{RULES}:8: rule 'complaints_committee.1': {told}",
        f"{RULES}:19: rule 'complaints_committee.2': {told}",
        f"{DESK}:15: rule 'student_desk.2': {told}",
    ]


def test_a_rule_that_tests_it_more_widely_than_it_applies_is_named_too(here):
    mended(here)
    change(here / RULES, (UNSAFE, 'feeling = ["unsafe", "annoyed"]'))
    assert [line.split("applies")[0] for line in mistakes(here)] == [
        f"{RULES}:8: rule 'complaints_committee.1': 'anonymity' ",
        f"{RULES}:19: rule 'complaints_committee.2': 'anonymity' ",
    ]


@pytest.mark.parametrize(
    ("applies", "told"),
    [
        (
            "{ mood = ['unsafe'] }",
            "'mood' is no fact above this one: whether a fact applies must be known before it is ",
        ),
        ("{ anonymity = ['named'] }", "'anonymity' is no fact above this one: "),
        ("{ feeling = ['angry'] }", "'angry' is not an answer of 'feeling'. Known: unsafe, annoyed, unknown."),
    ],
)
def test_what_a_fact_hangs_on_must_be_known_before_it_is_asked(here, applies, told):
    change(here / VOCABULARY, ('{ feeling = ["unsafe", "unknown"] }', applies))
    (line,) = mistakes(here)
    assert line.startswith(f"{VOCABULARY}:37: fact 'anonymity': {told}")


def test_a_rule_that_is_silent_about_what_each_rule_must_name_is_named_with_its_line(tmp_path):
    for name in ("rules", "content"):
        shutil.copytree(ROOT / "tests/university" / name, tmp_path / name)
    change(tmp_path / VOCABULARY, ('answers = ["unsafe"', 'must_name = true\nanswers = ["unsafe"'))
    told = "Each rule of this concern names 'feeling'; say for which answers this one holds."
    assert mistakes(tmp_path) == [
        f"{RULES}:8: rule 'complaints_committee.1': {told}",
        f"{RULES}:19: rule 'complaints_committee.2': {told}",
        f"{DESK}:15: rule 'student_desk.2': {told}",
    ]


def test_a_fact_may_hang_on_what_the_directory_knows(here):
    change(here / VOCABULARY, ('{ feeling = ["unsafe", "unknown"] }', '{ campus = ["city", "harbour", "unknown"] }'))
    assert "'anonymity' applies only where 'campus' is" in mistakes(here)[0]


def test_a_fact_may_belong_to_several_concerns(here):
    change(here / VOCABULARY, ('{ feeling = ["unsafe", "unknown"] }', '{ concerns = ["grade", "building"] }'))
    change(here / VOCABULARY, ('concern = "conduct"\nanswers = ["named"', 'answers = ["named"'))
    told = "'anonymity' belongs to the concern 'grade' or 'building'; name no other, or leave this out."
    assert mistakes(here)[0] == f"{RULES}:8: rule 'complaints_committee.1': {told}"


def test_an_answer_where_it_does_not_apply_is_ignored_and_the_question_is_never_asked(here):
    library = mended(here)
    for edition in library.rulebase.editions:
        reading = Reading(edition)
        told = {"concerns": ["conduct"], "feeling": "annoyed"}
        without = reading.decide(situation(edition.vocabulary, told))
        assert without.complete
        for answer in ("named", "nameless"):
            decision = reading.decide(situation(edition.vocabulary, {**told, "anonymity": answer}))
            assert decision.ignored == ("anonymity",)
            assert decision.referrals == without.referrals
        asked = reading.decide(situation(edition.vocabulary, {**told, "feeling": "unsafe"}))
        assert asked.next_fact == "anonymity"


def test_a_promise_about_it_holds_where_it_applies_and_is_broken_only_there(here):
    """The committee needs a name, and who wants to give none is never sent there now: of the annoyed nobody asks."""
    broken = [told for one in check(mended(here)) for told in one.broken]
    assert broken == []
    change(here / RULES, ('as = "later", concern = "conduct"', 'as = "also", concern = "conduct"'))
    found = {one.name for one in check(read_folders(here / "rules", here / "content")) if one.broken}
    assert "nameless_first" in found


def test_a_promise_about_it_says_nothing_of_a_concern_to_which_it_does_not_belong(here):
    """Of a grade nobody is asked whether they give their name, so no promise about that speaks of a grade."""
    change(here / VOCABULARY, ('{ feeling = ["unsafe", "unknown"] }', '{ concerns = ["conduct"] }'))
    change(here / VOCABULARY, ('concern = "conduct"\nanswers = ["named"', 'answers = ["named"'))
    change(here / "rules/promises.toml", ('concern = "conduct"\n', ""))
    assert [told for one in check(read_folders(here / "rules", here / "content")) for told in one.broken] == []
