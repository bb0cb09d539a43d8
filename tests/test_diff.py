"""The difference between two rulebases: exact over the whole space, and told in words."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.core.rule import STRENGTH, As, Rulebase
from service.core.vocabulary import UNKNOWN
from service.publishing.difference import Pair, Period, difference, pairs
from service.publishing.difference_report import as_html, as_markdown, as_text
from service.rulebook.revisions import RevisionError, ours, version

pytestmark = [pytest.mark.data, pytest.mark.slow]

ROOT = Path(__file__).parent.parent
RULEBASE = ours("ours").rulebase
VOCABULARY = RULEBASE.vocabulary
LETTER, TODAY = RULEBASE.editions[0], RULEBASE.editions[-1]
LABOUR = "labour_conflict"
SOME_CHANGE = r"Voor [1-9][\d.]* van de [\d.]+ situaties verandert"


def of_before(rule):
    """A rule in the notation of before there were names: everything in full, in tables."""
    told = {
        "": {"id": rule.id, "refer": rule.refer, "as": rule.as_, "concern": rule.concern, "terms": rule.terms},
        ".when": {fact: sorted(answers) for fact, answers in rule.when.items()},
        ".why": rule.why,
        ".doubt": rule.doubt or {},
    }
    lines = ["[[rule]]", f"from = {rule.since}", f"until = {rule.until}" if rule.until else ""]
    for table, values in told.items():
        lines += [f"[rule{table}]"] if table and values else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    for one in rule.citations:
        words = {"id": one.source, "locator": one.locator, "quote": one.quote}
        lines += ["[[rule.source]]", *(f"{key} = {json.dumps(value)}" for key, value in words.items() if value)]
    for name, story in (("example", rule.example), ("near_miss", rule.near_miss)):
        answers = ", ".join(f'{fact} = "{answer}"' for fact, answer in story.situation.items())
        lines += [f"[rule.{name}]", f"name = {json.dumps(story.name)}", f"situation = {{ {answers} }}"]
    return "\n".join(lines)


@pytest.fixture
def run():
    def command(*words, cwd=None):
        here = Path.cwd()
        os.chdir(cwd or here)
        try:
            return CliRunner().invoke(main, ["diff", *map(str, words)])
        finally:
            os.chdir(here)

    return command


@pytest.fixture
def copy(tmp_path):
    """Our rules and content in a folder of their own, with some words replaced in one file."""

    def make(name, path=None, *changes):
        for part in ("rules", "content"):
            shutil.copytree(ROOT / part, tmp_path / name / part)
        if path:
            change(tmp_path / name / path, *changes)
        return tmp_path / name

    return make


def change(path, *changes):
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def edited(edition, change):
    """The edition with each rule as `change` makes it; None takes it out."""
    rules = tuple(new for rule in edition.rules if (new := change(rule)))
    return replace(edition, rules=rules)


def without(edition, *ids):
    return edited(edition, lambda rule: None if rule.id in ids else rule)


def compare(old, new):
    found = difference([Pair(old, new)])
    return {one.concern: one for one in found.concerns}


def outcome(edition, concern, situation):
    """The outcome by its definition, without any bit: the strongest way to each destination, and its rules."""
    fires = [rule for rule in edition.of_concern(concern) if rule.matches(situation)]
    found = {}
    for rule in fires:
        best = min((one.as_ for one in fires if one.refer == rule.refer), key=STRENGTH.__getitem__)
        if rule.as_ is best:
            found.setdefault((rule.refer, rule.as_), set()).add(rule.id)
    return found


def brute_force(old, new, concern):
    """Every situation of a concern with another outcome, as it is counted by hand."""
    tested = {fact for edition in (old, new) for rule in edition.of_concern(concern) for fact in rule.when}
    facts = [fact for fact in VOCABULARY.facts if fact.id in tested]
    found = []
    for answers in itertools.product(*(fact.answers for fact in facts)):
        situation = dict(zip((fact.id for fact in facts), answers, strict=True))
        if outcome(old, concern, situation) != outcome(new, concern, situation):
            found.append(situation)
    return found


def changed(one):
    every = map(one.space.situation, range(one.space.size))
    return [situation for situation in every if situation in one.changed]


def in_order(situations):
    return sorted(situations, key=lambda situation: sorted(situation.items()))


def test_nothing_differs_from_itself():
    found = difference(pairs(RULEBASE, RULEBASE))
    assert found.changed == found.moved == 0
    assert found.size == sum(one.space.size for one in found.concerns)
    assert all(not one.spans for one in found.concerns)
    assert len(found.pairs) == len(RULEBASE.editions)


@pytest.mark.parametrize("id_", [rule.id for rule in TODAY.of_concern(LABOUR)])
def test_a_rule_taken_out_shows_exactly_the_situations_that_change(id_):
    new = without(TODAY, id_)
    found = compare(TODAY, new)
    assert in_order(changed(found[LABOUR])) == in_order(brute_force(TODAY, new, LABOUR))
    assert changed(found[LABOUR])
    assert not any(one.changed for concern, one in found.items() if concern != LABOUR)


@pytest.mark.parametrize("concern", [LABOUR, "unsure"])
def test_two_editions_differ_exactly_where_the_definition_of_a_rule_says(concern):
    for old, new in itertools.pairwise(RULEBASE.editions):
        assert in_order(changed(compare(old, new)[concern])) == in_order(brute_force(old, new, concern))


def test_a_narrower_list_of_answers_shows_those_who_lose_the_door():
    rule = next(one for one in TODAY.of_concern(LABOUR) if len(one.when.get("reporter", ())) > 1)
    less = frozenset(sorted(rule.when["reporter"])[1:])
    new = edited(TODAY, lambda one: replace(one, when={**one.when, "reporter": less}) if one is rule else one)
    found = changed(compare(TODAY, new)[LABOUR])
    assert found
    assert in_order(found) == in_order(brute_force(TODAY, new, LABOUR))
    assert {one["reporter"] for one in found} == rule.when["reporter"] - less


def test_each_situation_is_in_one_group_that_says_what_changes_there():
    found = difference([Pair(LETTER, TODAY)])
    for one in found.concerns:
        (span,) = one.spans
        for some, other in itertools.combinations(span.groups, 2):
            assert not some.where & other.where
        assert sum(group.size for group in span.groups) == one.changed.size
        for group in span.groups:
            situation = group.where.some()
            old, new = (outcome(edition, one.concern, situation) for edition in (LETTER, TODAY))
            before, after = dict(old.keys()), dict(new.keys())
            moves = {
                door: (before.get(door), after.get(door))
                for door in before | after
                if before.get(door) is not after.get(door)
            }
            assert {move.destination: (move.before, move.after) for move in group.moves} == moves
            assert bool(group.swaps) != bool(moves)
            for swap in group.swaps:
                key = (swap.destination, before[swap.destination])
                assert {rule.id for rule in swap.before} == old[key] - new[key]
                assert {rule.id for rule in swap.after} == new[key] - old[key]


def test_what_a_group_shares_holds_in_all_of_it_and_the_example_is_in_it():
    found = difference([Pair(LETTER, TODAY)])
    for one in found.concerns:
        for group in one.spans[0].groups:
            shared, size = one.shared(group)
            assert not group.where - one.space.of(shared)
            assert size >= group.size
            example = one.example(one.spans[0], group)
            those = one.space.of({fact: (answer,) for fact, answer in example.answers.items()})
            assert those
            assert not those - group.where
            situation = those.some()
            for doors, edition in ((example.before, LETTER), (example.after, TODAY)):
                shown = {(door.destination, door.as_) for door in doors}
                assert not group.moves or shown == set(outcome(edition, one.concern, situation))


def test_an_example_is_somebody_ordinary():
    """Fact by fact the first answer that the group has; the answer for not knowing only where it has no other."""
    found = difference([Pair(LETTER, TODAY)])
    for one in found.concerns:
        for group in one.spans[0].groups:
            example = one.example(one.spans[0], group).answers
            left = group.where
            for fact in one.space.facts:
                there = [answer for answer in fact.answers if left & one.space.where(fact.id, (answer,))]
                known = [answer for answer in there if answer != UNKNOWN]
                common = (known or there)[0]
                assert example.get(fact.id, common) == common
                left &= one.space.where(fact.id, (common,))
            assert "reporter" in example


def test_the_letter_and_2020_differ_in_the_dispute_committee_alone():
    """The desk comes by what the directory knows of an organisation; only the committee comes by a rule."""
    found = compare(RULEBASE.on(date(2019, 6, 20)), RULEBASE.on(date(2020, 1, 1)))
    assert {concern for concern, one in found.items() if one.changed} == {LABOUR, "handling"}
    moves = {group.moves for one in found.values() for span in one.spans for group in span.groups}
    assert {(move.destination, move.before) for (move,) in moves} == {("dispute_committee", None)}
    assert {
        (move.after, len(changed(found[LABOUR]))) for group in found[LABOUR].spans[0].groups for move in group.moves
    }


def test_another_reason_for_the_same_doors_is_told_apart():
    rule = next(one for one in TODAY.of_concern("unsure") if one.as_ is As.FIRST)
    number = f"{rule.refer}.999"
    new = edited(TODAY, lambda one: replace(one, id=number) if one is rule else one)
    one = compare(TODAY, new)["unsure"]
    assert one.changed
    assert not one.moved
    (group,) = one.spans[0].groups
    ((before,), (after,)) = (group.swaps[0].before, group.swaps[0].after)
    assert (before.id, after.id) == (rule.id, number)


def test_the_same_change_in_several_editions_is_told_once():
    rule = next(one for one in TODAY.of_concern("unsure") if one.as_ is As.FIRST and one.since == LETTER.since)
    editions = tuple(without(edition, rule.id) for edition in RULEBASE.editions)
    found = difference(pairs(RULEBASE, Rulebase(VOCABULARY, RULEBASE.rules, editions)))
    one = next(one for one in found.concerns if one.concern == "unsure")
    (span,) = one.spans
    assert [period.since for period in span.periods] == [edition.since for edition in editions]
    assert span.periods[-1].until is None


def test_every_day_on_which_either_side_changes_is_compared():
    days = [edition.since for edition in RULEBASE.editions]
    fewer = Rulebase(VOCABULARY, RULEBASE.rules, (replace(LETTER, until=None),))
    assert [pair.period.since for pair in pairs(RULEBASE, fewer)] == days
    later = Rulebase(VOCABULARY, RULEBASE.rules, (RULEBASE.editions[-1],))
    assert [pair.period for pair in pairs(RULEBASE, later)] == [Period(TODAY.since, None)]
    assert [pair.old.id for pair in pairs(RULEBASE, RULEBASE, date(2021, 5, 1))] == ["2020-01-01"]


def with_facts(edition, *facts, rules=None):
    vocabulary = replace(edition.vocabulary, facts=facts)
    return replace(edition, vocabulary=vocabulary, rules=edition.rules if rules is None else rules)


def test_a_fact_that_one_side_has_is_compared_for_each_of_its_answers():
    """Who has the new answer keeps no first step; who has another keeps what they had."""
    new_fact = replace(VOCABULARY.asked[0], id="weather", answers=("rain", "sun", "unknown"), concern=None)
    rule = next(one for one in TODAY.of_concern("unsure") if one.as_ is As.FIRST)
    rules = tuple(
        replace(one, when={**one.when, "weather": frozenset({"sun"})}) if one is rule else one for one in TODAY.rules
    )
    new = with_facts(TODAY, *VOCABULARY.facts, new_fact, rules=rules)
    found = difference([Pair(TODAY, new)])
    assert found.added.facts == ("weather",)
    assert found.removed.facts == ()
    one = next(one for one in found.concerns if one.concern == "unsure")
    assert {situation["weather"] for situation in changed(one)} == {"rain", "unknown"}
    back = difference([Pair(new, TODAY)])
    assert back.removed.facts == ("weather",)
    assert back.changed == found.changed


def test_an_answer_that_one_side_has_is_named_and_left_out():
    first = VOCABULARY.asked[0]
    more = replace(first, answers=(*first.answers, "robot"))
    facts = [more if fact is first else fact for fact in VOCABULARY.facts]
    found = difference([Pair(TODAY, with_facts(TODAY, *facts))])
    assert found.added.answers == ((first.id, "robot"),)
    assert found.changed == 0
    assert found.size == difference([Pair(TODAY, TODAY)]).size


def test_a_concern_that_one_side_has_is_named_and_left_out():
    concerns = VOCABULARY.concerns
    more = replace(concerns, answers=(*concerns.answers, "weather"))
    found = difference([Pair(TODAY, with_facts(TODAY, *(more if one.several else one for one in VOCABULARY.facts)))])
    assert found.added.answers == ((concerns.id, "weather"),)
    assert [one.concern for one in found.concerns] == list(concerns.answers)


def test_other_words_of_a_rule_are_named_and_count_as_no_other_answer():
    rule = TODAY.rules[0]
    new = edited(TODAY, lambda one: replace(one, why={"nl": "Daarom.", "en": "Because."}) if one is rule else one)
    found = difference([Pair(TODAY, new)])
    assert found.reworded == (rule.id,)
    assert found.changed == 0


def test_a_space_that_nobody_shares_an_answer_in_has_nothing_to_compare():
    first = VOCABULARY.asked[0]
    other = replace(first, answers=("robot", "ghost"))
    rules = tuple(one for one in TODAY.rules if first.id not in one.when)
    new = with_facts(TODAY, *(other if fact is first else fact for fact in VOCABULARY.facts), rules=rules)
    found = difference([Pair(TODAY, new)])
    assert found.size == found.changed == 0


def test_dates_are_told_in_words_with_counts_and_an_example(run):
    result = run("2019-06-20", "2020-01-01")
    assert result.exit_code == 0
    output = " ".join(result.output.split())
    for words in (
        "Wat er verandert: van 2019-06-20 naar 2020-01-01",
        "Erbij, voor later: Geschillencommissie Rijk",
        "Het zijn alle situaties waarin u er in dienst bent of u er hebt gewerkt of u er vertrouwenspersoon bent; en",
        "Voorbeeld: stel dat het over een meningsverschil over uw werk gaat, u er in dienst bent,",
        "later Geschillencommissie Rijk (dispute_committee.1).",
        LETTER.digest,
    ):
        assert words in output
    found = difference([Pair(LETTER, RULEBASE.editions[1])])
    assert f"Voor {found.changed:,} van de {found.size:,} situaties".replace(",", ".") in output
    (labour,) = [one for one in found.concerns if one.concern == LABOUR]
    assert f"Voor {labour.changed.size} van de {labour.space.size} situaties verandert het antwoord." in output


def test_the_report_is_in_english_too(run):
    output = " ".join(run("2019-06-20", "2020-01-01", "--language", "en").output.split())
    assert re.search(r"For [1-9][\d,]* of the [\d,]+ situations the answer changes\.", output)
    assert "Example: suppose that it is about a disagreement about your work, " in output
    assert "diff_" not in output


def test_the_largest_groups_come_first_and_the_rest_is_counted(run):
    everything = run("2019-06-20", TODAY.id, "--most", "1000").output
    assert "staan hier niet" not in everything
    some = run("2019-06-20", TODAY.id, "--most", "2").output
    shown = [int(count.replace(".", "")) for count in re.findall(r"^\d+\. ([\d.]+) situaties$", some, re.M)]
    left = re.findall(r"Nog (\d+) groep(?:en)? met (?:samen )?([\d.]+) situaties sta", " ".join(some.split()))
    counted = sum(int(count.replace(".", "")) for _, count in left)
    found = difference([Pair(LETTER, TODAY)])
    groups = [group for one in found.concerns for span in one.spans for group in span.groups]
    sizes = sorted(group.size for group in groups if group.moves)
    assert sorted(shown) == sizes[-2:]
    assert sum(shown) + counted == found.changed
    assert len(shown) + sum(int(groups) for groups, _ in left) == len(
        re.findall(r"^\d+\. .* situaties?$", everything, re.M)
    )


def test_two_folders_are_compared_in_every_edition(run, copy):
    new = copy("new", "rules/dispute_committee.toml", ('as = "later"', 'as = "also"'))
    result = run(copy("old"), new)
    assert result.exit_code == 0
    assert "van old/ naar new/" in result.output
    assert "Vanaf 2020-01-01" in result.output
    assert "Van later naar nu: Geschillencommissie Rijk" in result.output
    assert re.search(SOME_CHANGE, result.output)
    before = run(copy("again"), new, "--on", "2019-12-31")
    assert "Er verandert niets." in before.output


def test_an_older_rulebase_is_compared_in_its_own_notation(run, copy):
    """Facts had no nature, and rules said in full what has a name today."""
    old = copy("old")
    vocabulary = old / "rules/vocabulary.toml"
    vocabulary.write_text(re.sub(r"(?m)^nature = .*\n", "", vocabulary.read_text("utf-8")), "utf-8")
    rules = [rule for rule in RULEBASE.rules if rule.refer == "dispute_committee"]
    (old / "rules/dispute_committee.toml").write_text("\n\n".join(map(of_before, rules)), "utf-8")
    result = run(old, copy("new"))
    assert result.exit_code == 0
    assert "Er verandert niets." in result.output
    assert "de uitleg, de twijfel, de bron" not in result.output
    change(old / "rules/dispute_committee.toml", ('as = "later"', 'as = "also"'))
    assert "Van nu naar later: Geschillencommissie Rijk" in run(old, copy("again")).output


def test_a_folder_of_rules_beside_its_content_will_do(run, copy):
    old, new = copy("old"), copy("new")
    result = run(old / "rules", new / "rules")
    assert result.exit_code == 0
    assert "van old/rules/ naar new/rules/" in result.output
    assert "Er verandert niets." in result.output


def test_a_new_answer_and_a_new_question_are_said_in_words(run, copy):
    old, new = copy("old"), copy("new", "rules/vocabulary.toml", ('"applicant",', '"applicant",\n    "intern",'))
    for part, words in (("answers", "Ik ben stagiair"), ("clauses", "u er stage loopt")):
        for language in ("nl", "en"):
            change(
                new / "content/questions/reporter.toml",
                (f"[{language}.{part}]\n", f'[{language}.{part}]\nintern = "{words}"\n'),
            )
    output = " ".join(run(old, new).output.split())
    assert (
        "Nieuw antwoord op “Wie bent u?”: “Ik ben stagiair” Situaties met dit antwoord zijn niet vergeleken" in output
    )
    assert "Er verandert niets." in output
    output = " ".join(run(new, old).output.split())
    assert "Vervallen antwoord op “Wie bent u?”: “Ik ben stagiair”" in output


def test_days_for_which_one_side_has_no_rules_are_said(run, copy):
    new = copy("new", "rules/vocabulary.toml", ("first_edition = 2019-06-20", "first_edition = 2018-01-01"))
    output = run(copy("old"), new).output
    assert "Van 2018-01-01 tot 2019-06-20 heeft alleen de nieuwe kant regels." in output
    assert "Er verandert niets." in output


@pytest.fixture
def checkout(copy):
    """A tiny repository: the rules as they are, then with a change, then no rules at all."""
    folder = copy("checkout")

    def git(*words):
        nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        for role in ("AUTHOR", "COMMITTER"):
            nobody |= {f"GIT_{role}_NAME": "nobody", f"GIT_{role}_EMAIL": "nobody@example.org"}
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **nobody})

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("tag", "one")
    change(folder / "rules/dispute_committee.toml", ('as = "later"', 'as = "also"'))
    git("commit", "-am", "two")
    git("tag", "two")
    git("rm", "-r", "--cached", "rules")
    git("commit", "-m", "three")
    git("tag", "three")
    return folder


def test_revisions_of_a_checkout_are_compared_with_each_other_and_with_a_folder(run, checkout):
    result = run("HEAD~2", "two", cwd=checkout / "content")
    assert result.exit_code == 0
    assert re.search(r"van HEAD~2 \([0-9a-f]{10}\) naar two \([0-9a-f]{10}\)", result.output)
    assert re.search(SOME_CHANGE, result.output)
    assert re.search(SOME_CHANGE, run("one", ".", cwd=checkout).output)
    assert "Er verandert niets." in run("two", ".", cwd=checkout).output


def test_a_comparison_leaves_the_checkout_as_it_was(run, checkout):
    def everything():
        return {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file() and path.name != "index"}

    before = everything()
    run("one", "two", cwd=checkout)
    assert everything() == before


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (["four", "."], "no folder and no git revision 'four'"),
        (["--", "--output=x", "."], "no folder and no git revision '--output=x'"),
        (["three", "."], "The revision 'three' holds no rules/ and content/"),
        (["content", "."], "The folder 'content' holds no rules/ and content/"),
        (["2019-06-20", "."], "Give two dates"),
        (["2019-06-20", "2020-01-01", "--on", "2020-01-01"], "Give two dates"),
        (["2019-02-30", "2020-01-01"], "give a date that exists"),
        (["2019-06-19", "2020-01-01"], "before 2019-06-20"),
        (["one", "two", "--on", "2019-06-19"], "before 2019-06-20"),
        (["one"], "Missing argument 'NEW'"),
        (["one", "two", "--most", "-1"], "--most"),
        (["one", "two", "--format", "pdf"], "--format"),
    ],
)
def test_a_users_mistake_is_said_with_its_mend_and_exit_code_2(run, checkout, words, mend):
    result = run(*words, cwd=checkout)
    assert result.exit_code == 2
    assert mend in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_outside_a_checkout_there_are_no_revisions(run, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    result = run("HEAD", "HEAD~1", cwd=tmp_path)
    assert result.exit_code == 2
    assert "here is no git checkout" in result.output


def test_without_git_a_revision_is_said_to_need_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RevisionError, match="git must be installed"):
        version("HEAD")


def test_rules_without_content_are_said_to_miss_it(copy):
    folder = copy("alone")
    shutil.rmtree(folder / "content")
    with pytest.raises(RevisionError, match="stands no folder content/"):
        version(str(folder / "rules"))


def test_rules_with_mistakes_are_not_compared_and_the_mistakes_are_shown(run, copy):
    broken = copy("broken", "rules/dispute_committee.toml", ('as = "later"', 'as = "latr"'))
    result = run(copy("old"), broken, "--exit-code")
    assert result.exit_code == 2
    assert "rules/dispute_committee.toml:" in result.output
    assert "Did you mean 'later'?" in result.output


def test_mistakes_in_the_words_do_not_keep_the_rules_from_being_compared(run, copy):
    new = copy("new", "rules/dispute_committee.toml", ('as = "later"', 'as = "also"'))
    (new / "content/questions/regime.toml").unlink()
    (new / "content/channels/dispute_committee.toml").write_text("id =")
    result = run(copy("old"), new)
    assert result.exit_code == 0
    assert "Van later naar nu: Geschillencommissie Rijk" in result.output
    (new.parent / "old/content/channels/dispute_committee.toml").unlink()
    assert "Van later naar nu: dispute_committee" in run(new.parent / "old", new).output


def test_the_exit_code_says_whether_an_answer_changes_only_when_asked(run):
    assert run("2019-06-20", "2020-01-01").exit_code == 0
    assert run("2019-06-20", "2020-01-01", "--exit-code").exit_code == 1
    assert run("2019-06-20", "2019-12-31", "--exit-code").exit_code == 0
    assert run("2019-06-20", "2020-01-01", "--exit-code", "--most", "0").exit_code == 1


class Balanced(HTMLParser):
    """Notes each element, and fails on one that is closed out of turn."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


NASTY = "1 < script > 2 & | *ster* `code` [link](x) _x_"  # texts with tags are refused when they are read


@pytest.fixture
def nasty(copy):
    new = copy("new", "rules/dispute_committee.toml", ('as = "later"', 'as = "also"'))
    change(new / "content/channels/dispute_committee.toml", ('name = "Geschillencommissie Rijk"', f"name = '{NASTY}'"))
    return copy("old"), new


def test_html_is_well_formed_and_escaped(run, nasty):
    page = run(*nasty, "--format", "html").output
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert "script" not in parser.seen
    assert NASTY in parser.text
    assert page.startswith('<!doctype html>\n<html lang="nl">')
    assert {"h1", "h2", "h3", "h4", "table", "ul"} <= set(parser.seen)
    levels = [int(tag[1]) for tag in parser.seen if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_markdown_is_well_formed_and_escaped(run, nasty):
    text = run(*nasty, "--format", "markdown").output
    escaped = r"1 \< script \> 2 &amp; \| \*ster\* \`code\` \[link\](x) \_x\_"
    assert escaped in text
    assert NASTY not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert re.fullmatch(r"\| --- \|( ---: \|)+", rows[1])
    assert text.startswith("# Wat er verandert: van old/ naar new/\n\n")
    for line in text.splitlines():
        assert line == "" or re.match(r"#{1,4} |- |\||[A-Z]", line), line


def test_the_three_formats_say_the_same(run):
    words = [
        re.findall(r"\w+", unescape(re.sub(r"(?s)<style>.*</style>|<title>.*</title>|<[^>]*>|[|=-]", " ", text)))
        for text in (run("2019-06-20", "2023-02-18", "--format", one).output for one in ("markdown", "html"))
    ]
    assert words[0] == words[1]


def test_an_empty_report_is_one_in_every_format():
    assert as_text([]) == as_markdown([]) == "\n"
    with pytest.raises(StopIteration):
        as_html([], "nl")


def test_python_names_no_way_to_change_that_the_interface_has_no_words_for(library):
    """Every way for a door to move has its words, in both languages."""
    from service.publishing.difference_report import KINDS

    ways = {(one, other) for one in (None, *As) for other in (None, *As) if one is not other}
    assert set(KINDS) == ways - {(None, As.FIRST)}  # that one is said as the first step
    for language in library.texts.interface.values():
        assert {f"diff_{kind}" for kind in KINDS.values()} <= set(language)


def test_a_comparison_takes_as_many_nodes_as_it_needs_and_no_more():
    """Its cost grows with the nodes of the sets it makes, not with the number of situations."""
    found = difference(pairs(RULEBASE, RULEBASE))
    assert found.size > 500_000
    assert sum(one.space.nodes for one in found.concerns) < 20_000
