"""The difference between two rulebases: exact for everybody, in all that changes an answer, and told in words."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from service.answers.groups import Told, tell
from service.answers.phrases import Phrases
from service.cli.main import main
from service.core.cubes import Who, who
from service.core.period import Period
from service.core.rule import STRENGTH, As
from service.core.space import Space
from service.core.vocabulary import UNKNOWN, Fact
from service.publishing.difference.blocks import as_text
from service.publishing.difference.compare import difference, moments_of
from service.publishing.difference.report import KINDS, Report
from service.publishing.difference.rules import compare as compare_rules
from service.publishing.difference.rules import pairs_of
from service.publishing.difference.values import Moment
from service.rulebook.audience import Fit
from service.rulebook.organisations import Organisations
from service.rulebook.revisions import RevisionError, interface, ours, version

UNIVERSITY = Path(__file__).parent / "university"
BEFORE, AFTER = date(2024, 9, 1), date(2025, 9, 1)
NOTHING = "Er verandert niets"
SPREAD = 53  # a prime, so that each answer to each question comes by
SOME_CHANGE = r"Voor [1-9][\d.]* van de [\d.]+ situaties verandert"


@pytest.fixture(scope="module")
def university():
    """The side that most of these tests begin with."""
    return version(str(UNIVERSITY))


def of_before(rule):
    """A rule in the notation of before there were names: everything in full, in tables."""
    told = {
        "": {"id": rule.id, "refer": rule.refer, "as": rule.as_, "concern": rule.concern, "terms": rule.terms},
        ".when": {fact: sorted(answers) for fact, answers in rule.when.items()},
        ".why": rule.why,
        ".doubt": rule.doubts[0].says if rule.doubts else {},
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
    """The university in a folder of its own, with some words replaced in one file."""

    def make(name, path=None, *changes):
        shutil.copytree(UNIVERSITY, tmp_path / name)
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


def edited(side, change):
    """The side with each rule as `change` makes it; None takes it out."""
    editions = []
    for edition in side.rulebase.editions:
        rules = tuple(new for rule in edition.rules if (new := change(rule)))
        editions.append(replace(edition, rules=rules))
    known = {rule.id: rule for edition in editions for rule in edition.rules}
    return replace(side, rulebase=replace(side.rulebase, rules=tuple(known.values()), editions=tuple(editions)))


def compare(old, new, on=None, most=1000):
    return difference(old, new, moments_of(old, new, on), most)


def of_rules(old, new, *moments):
    """What the rules alone change, in the form of a whole difference."""
    moments = moments or moments_of(old, new)
    pairs = pairs_of((old.rulebase.on(one.old), new.rulebase.on(one.new), one.period) for one in moments)
    return SimpleNamespace(moments=moments, rules=compare_rules(pairs, 1000))


def told(old, new, language="nl"):
    """The whole report as one line."""
    report = Report(old, new, compare(old, new), language, interface(language))
    return " ".join(as_text(report.blocks(1000)).split())


def outcome(rules, situation):
    """The outcome by its definition, without any set: the strongest way to each destination, and its rules."""
    fires = [rule for rule in rules if rule.matches(situation)]
    found = {}
    for rule in fires:
        best = min((one.as_ for one in fires if one.refer == rule.refer), key=STRENGTH.__getitem__)
        if rule.as_ is best:
            found.setdefault((rule.refer, rule.as_), set()).add(rule.id)
    return found


def changes(old, new):
    """What changes between two outcomes: what moves, or else the rules that are others."""
    before, after = dict(old.keys()), dict(new.keys())
    moves = {(one, before.get(one), after.get(one)) for one in before | after if before.get(one) is not after.get(one)}
    if moves:
        return moves, set()
    rules = [{(*door, id_) for door, ids in side.items() for id_ in ids} for side in (old, new)]
    return set(), {("gone", *one) for one in rules[0] - rules[1]} | {("come", *one) for one in rules[1] - rules[0]}


def of_group(group):
    """What changes for a group, in the form of `changes`."""
    moves = {(one.destination, one.before, one.after) for one in group.moves if one.before is not one.after}
    swaps = {
        (kind, one.destination, one.before, id_)
        for one in group.moves
        if one.before is one.after
        for kind, ids in (("gone", one.old), ("come", one.new))
        for id_ in ids
    }
    return moves, swaps


def meets(cube, situation):
    return all(situation[fact] in answers for fact, answers in cube.items())


def inside(one, situation):
    """Whether a group says that somebody is in it."""
    among = not one.any_of or any(meets(cube, situation) for cube in one.any_of)
    return meets(one.meets, situation) and among and not any(meets(cube, situation) for cube in one.none_of)


def everybody(facts):
    for answers in itertools.product(*(fact.answers for fact in facts)):
        yield dict(zip((fact.id for fact in facts), answers, strict=True))


def held_against_the_definition(found, old, new, each=1):
    """Every (or each n-th) situation at every moment: in one group, that says what changes for it, or in none."""
    looked_at = 0
    for moment, concern in itertools.product(found.moments, new.rulebase.vocabulary.concerns.answers):
        sides = [side.rulebase.on(day).of_concern(concern) for side, day in ((old, moment.old), (new, moment.new))]
        every = (rule for side in (old, new) for rule in side.rulebase.rules if rule.concern == concern)
        tested = {fact for rule in every for fact in rule.when}
        groups = [one for one in found.rules.groups if one.concern == concern]
        asked = [fact for fact in new.rulebase.vocabulary.facts if fact.id in tested]
        for situation in itertools.islice(everybody(asked), 0, None, each):
            mine = [
                one
                for one in groups
                if inside(one.who, situation)
                and (moment.period is None or any(period.holds(moment.new) for period in one.periods))
            ]
            outcomes = [outcome(rules, situation) for rules in sides]
            expected = changes(*outcomes)
            assert [of_group(one) for one in mine] == ([expected] if any(expected) else [])
            firsts = [any(as_ is As.FIRST for _, as_ in doors) for doors in outcomes]
            assert all(one.loses_first == (firsts == [True, False]) for one in mine)
            looked_at += bool(mine)
    return looked_at


RULES = [rule.id for rule in version(str(UNIVERSITY)).rulebase.rules]


@pytest.mark.parametrize("id_", RULES)
def test_a_rule_taken_out_shows_exactly_for_whom_what_changes(university, id_):
    new = edited(university, lambda rule: None if rule.id == id_ else rule)
    assert held_against_the_definition(of_rules(university, new), university, new) > 0
    assert held_against_the_definition(of_rules(new, university), new, university) > 0


@pytest.mark.parametrize("id_", RULES)
def test_a_weaker_rule_shows_exactly_for_whom_what_changes(university, id_):
    weaker = {As.FIRST: As.ALSO, As.ALSO: As.LATER, As.LATER: As.FIRST}
    new = edited(university, lambda rule: replace(rule, as_=weaker[rule.as_]) if rule.id == id_ else rule)
    assert held_against_the_definition(of_rules(university, new), university, new) > 0


def test_a_narrower_list_of_answers_shows_those_who_lose_the_door(university):
    less = frozenset({"unsafe"})
    new = edited(
        university, lambda one: replace(one, when={**one.when, "feeling": less}) if one.id == "counsellor.1" else one
    )
    found = compare(university, new)
    assert held_against_the_definition(found, university, new) > 0
    assert {one.who.meets["feeling"] for one in found.rules.groups} == {("unknown",)}


@pytest.mark.slow
def test_our_own_editions_differ_exactly_as_the_definition_of_a_rule_says():
    """What changes is counted whole; who is told what, for situations spread over every space by a prime."""
    side, looked_at = ours("ours"), 0
    small = ("labour_conflict", "unsure")
    for old, new in itertools.pairwise(one.since for one in side.rulebase.editions):
        found = of_rules(side, side, Moment(old, new, None))
        for count in found.rules.counts:
            sizes = [group.who.size for group in found.rules.groups if group.concern == count.concern]
            assert sum(sizes) == count.changed
        only = {rule.id for rule in side.rulebase.rules if rule.concern in small}
        few = edited(side, lambda rule, only=only: rule if rule.id in only else None)
        found = of_rules(few, few, Moment(old, new, None))
        looked_at += held_against_the_definition(found, few, few, SPREAD)
    assert looked_at > 100


def test_a_group_is_said_exactly_or_its_rest_is_counted():
    """Sets of situations of every shape: what `who` says of each, held against the set."""
    dice = random.Random(16)
    for number in range(300):
        facts = [Fact(name, tuple("abcd"[: dice.randint(2, 4)])) for name in ("one", "two", "three", "four")]
        space = Space(facts)
        cubes = [
            {
                fact.id: dice.sample(fact.answers, dice.randint(1, len(fact.answers)))
                for fact in facts
                if dice.random() < 0.7
            }
            for _ in range(dice.randint(1, 5))
        ]
        where = space.union(map(space.of, cubes)) - space.of(cubes[-1] if number % 2 else {})
        if number % 2 == 0:
            where = space.union(map(space.of, cubes))
        if not where:
            continue
        found = who(where, most=3)
        assert found.size == where.size
        said = [situation for situation in everybody(facts) if inside(found, situation)]
        assert all(situation in where for situation in said)
        assert len(said) + found.rest == where.size


def test_a_group_is_said_in_words_with_whom_it_leaves_out(university):
    words = interface("nl")
    phrases = Phrases([university.texts.questions], university.rulebase.vocabulary.facts, words, "nl")
    unsafe, harbour = phrases.clause("feeling", ["unsafe"]), phrases.clause("campus", ["harbour"])
    student, visitor = phrases.clause("role", ["student"]), phrases.clause("role", ["visitor"])
    meets = {"feeling": ("unsafe",), "role": ("student", "applicant")}
    cubes = ({"campus": ("harbour",)}, {"campus": ("city",), "role": ("student",)})
    assert tell(Who(4, meets), phrases, words) == Told(
        f"Het zijn alle situaties waarin {unsafe}. Behalve als {visitor}."
    )
    assert tell(Who(3, meets, none_of=cubes[:1]), phrases, words) == Told(
        f"Het zijn alle situaties waarin {unsafe}. Behalve als {visitor}; of {harbour}."
    )
    lines = (harbour, f"{phrases.clause('campus', ['city'])}, en {student}")
    begin = f"Het zijn alle situaties waarin {unsafe}. Behalve als {visitor}."
    among = tell(Who(2000, meets, any_of=cubes, rest=1000), phrases, words)
    assert among == Told(f"{begin} {words['who_any_of']}", lines, words["who_rest"].replace("{count}", "1.000"))
    assert tell(Who(2, meets, none_of=cubes), phrases, words) == Told(f"{begin} {words['who_none_of']}", lines)
    assert tell(Who(2, {}), phrases, words) == Told("Het zijn alle situaties.")


def test_two_days_of_one_side_differ_in_what_is_said_on_each(university):
    """A name of a day is told, and not that it begins or ends on it."""
    found = difference(university, university, [Moment(BEFORE, AFTER, None)], 40)
    assert {(one.file, one.key.partition(".")[0]) for one in found.texts} == {
        *((f"organisations/{one}", "names") for one in ("ships", "law", "society")),
        ("organisations/law", "successors"),
        ("organisations/society", "predecessors"),
    }
    names = {(one.file, one.key): one.after for one in found.texts}
    assert "Zeekunde" in names["organisations/ships", "names.1.nl"]
    assert compare(university, university, on=AFTER).nothing


def test_nothing_differs_from_itself(university):
    found = compare(university, university)
    assert found.nothing
    assert told(university, university).count(NOTHING) == 1


def test_the_same_change_in_several_editions_is_told_once_with_its_days(university):
    new = edited(university, lambda rule: None if rule.id == "exam_board.1" else rule)
    assert {group.periods for group in compare(university, new).rules.groups} == {(Period(BEFORE, None),)}
    gone = edited(university, lambda rule: None if rule.id == "counsellor.2" else rule)
    assert {group.periods for group in compare(university, gone).rules.groups} == {(Period(AFTER, None),)}
    assert "Vanaf 2025-09-01." in told(university, gone)


def test_who_loses_a_first_step_comes_first_and_is_pointed_at(university):
    firsts = [rule.id for rule in university.rulebase.editions[0].rules if rule.as_ is As.FIRST]
    lost = edited(university, lambda rule: None if rule.id == firsts[-1] else rule)
    found = compare(university, lost)
    assert found.rules.groups[0].loses_first
    assert "zij hun eerste stap" not in told(university, university)
    assert "er zijn mensen die hun eerste stap verliezen" in told(university, lost)
    assert sum(count.loses_first for count in found.rules.counts) > 0
    back = compare(lost, university)
    assert not any(group.loses_first for group in back.rules.groups)


def test_who_gets_another_first_step_loses_none(university):
    new = edited(university, lambda one: replace(one, refer="study_adviser") if one.id == "exam_board.2" else one)
    found = compare(university, new)
    assert held_against_the_definition(found, university, new) > 0
    assert not found.loses_first
    report = told(university, new)
    assert "Eerste stap: van Examencommissie (exam_board.2) naar Studieadviseur (exam_board.2)" in report
    assert "verliezen" not in report


def test_an_example_is_somebody_ordinary_of_whom_every_answer_matters(university):
    """Whoever gives these answers is in the group; without one of them, somebody is not."""
    facts = [fact for fact in university.rulebase.vocabulary.facts if not fact.several]
    for id_ in RULES:
        new = edited(university, lambda rule, id_=id_: None if rule.id == id_ else rule)
        for group in compare(university, new).rules.groups:
            where = [situation for situation in everybody(facts) if inside(group.who, situation)]

            def alike(answers):
                return [one for one in everybody(facts) if answers.items() <= one.items()]

            assert all(one in where for one in alike(group.example))
            for fact in group.example:
                fewer = {one: answer for one, answer in group.example.items() if one != fact}
                assert not all(one in where for one in alike(fewer))
            left = where
            for fact in facts:
                there = [answer for answer in fact.answers if any(one[fact.id] == answer for one in left)]
                common = next((answer for answer in there if answer != UNKNOWN), UNKNOWN)
                assert group.example.get(fact.id, common) == common
                left = [one for one in left if one[fact.id] == common]


def test_a_desk_that_an_organisation_loses_is_another_answer_for_everybody_there(university, copy):
    new = version(str(copy("new", "content/organisations/letters.toml", ('answer = "yes"', 'answer = "no"'))))
    found = compare(university, new)
    assert not found.rules.changed
    (one,) = found.organisations
    assert one.organisations == ("letters",)
    assert one.facts == {"own_counsellor": ("yes", "no")}
    rules = {edition.since: edition.of_concern("conduct") for edition in new.rulebase.editions}
    city = {"campus": "city"}
    for day in (BEFORE, AFTER):
        for situation in everybody(
            [fact for fact in new.rulebase.vocabulary.asked if fact.id in ("role", "feeling", "anonymity")]
        ):
            expected = changes(
                *(outcome(rules[day], {**situation, **city, "own_counsellor": answer}) for answer in ("yes", "no"))
            )
            mine = [
                of_group(group)
                for group in one.changes.groups
                if inside(group.who, situation) and any(period.holds(day) for period in group.periods)
            ]
            assert mine == ([expected] if any(expected) else [])
    report = told(university, new)
    assert NOTHING not in report
    assert "Het antwoord verandert bij LET" in report
    assert "waarin uw organisatie LET is" in report


def test_a_fact_of_an_organisation_that_changes_nothing_there_is_said_to_change_nothing(university, copy):
    fact = '[[provision]]\nfact = "own_counsellor"\nanswer = "no"\nsource = "charter"\nlocator = "x"\n'
    fact += 'sure = "archived_copy"\n'
    new = copy("new")
    path = new / "content/organisations/elsewhere.toml"
    path.write_text(f"{path.read_text('utf-8')}\n{fact}", "utf-8")
    report = told(university, version(str(new)))
    assert NOTHING not in report
    assert "Het antwoord verandert daardoor voor niemand." in report


@pytest.mark.parametrize(
    ("path", "old", "new", "seen"),
    [
        ("organisations/letters.toml", "counsellor@letters", "help@letters", ("letters",)),
        ("channels/student_desk.toml", "url =", None, ()),
    ],
)
def test_another_number_page_or_address_is_told_with_whom_it_is_shown_to(university, copy, path, old, new, seen):
    folder = copy("new")
    text = (folder / "content" / path).read_text("utf-8")
    assert old in text
    text = text.replace(old, new) if new else re.sub(r'url = "(.*)"', r'url = "\1x"', text)
    (folder / "content" / path).write_text(text, "utf-8")
    side = version(str(folder))
    (one,) = compare(university, side).contacts
    assert one.organisations == seen
    assert one.before != one.after
    report = told(university, side)
    assert NOTHING not in report
    assert "Contacten die veranderen: 1." in report
    assert ("bij LET" if seen else "voor iedereen") in report


def test_a_contact_that_a_parent_shares_changes_for_its_children_too(university, copy):
    share = ('destination = "counsellor"', 'destination = "counsellor"\naudience = { organisation = ["ships"] }')
    old = copy("old", "content/organisations/letters.toml", share)
    new = copy("new", "content/organisations/letters.toml", share, ("counsellor@letters", "help@letters"))
    (one,) = compare(*(version(str(side)) for side in (old, new))).contacts
    assert set(one.organisations) == {"letters", "ships"}
    (gone,) = compare(version(str(old)), university).contacts
    assert gone.organisations == ("ships",)
    assert gone.after is None


def test_a_contact_that_may_no_longer_be_for_an_organisation_is_another_one_there(university, copy):
    begin = 'destination = "counsellor"\n'
    sides = [
        version(
            str(
                copy(
                    name,
                    "content/organisations/letters.toml",
                    (begin, f'{begin}{name} = {{ organisation = ["ships"] }}\n'),
                )
            )
        )
        for name in ("audience", "perhaps")
    ]
    (one,) = compare(*sides).contacts
    assert one.organisations == ("ships",)
    assert (one.before.perhaps, one.after.perhaps) == ({}, {"organisation": ("ships",)})
    assert "perhaps.organisation.1 niets → “ships”" in told(*sides)


def test_a_contact_is_compared_on_every_day_on_which_it_begins_or_ends(university, copy):
    new = copy(
        "new",
        "content/organisations/letters.toml",
        ('destination = "counsellor"', 'destination = "counsellor"\nfrom = 2025-01-01'),
    )
    found = compare(university, version(str(new))).contacts
    assert [(one.before is None, one.after is None, one.periods) for one in found] == [
        (False, True, (Period(BEFORE, date(2025, 1, 1)),)),
        (False, False, (Period(date(2025, 1, 1), None),)),
    ]
    side = version(str(new))
    between = difference(side, side, [Moment(BEFORE, AFTER, None)], 40).contacts
    # The shared one begins in that year as well.
    assert [(one.organisations, one.before, one.periods) for one in between] == [
        ((), None, ()),
        (("letters",), None, ()),
    ]


def test_contacts_in_another_order_are_told(university):
    channel = university.texts.channels["student_desk"]
    more = replace(channel.contacts[0], phone="1")
    sides = [
        replace(
            university,
            texts=replace(
                university.texts,
                channels={**university.texts.channels, channel.id: replace(channel, contacts=contacts)},
            ),
        )
        for contacts in ((channel.contacts[0], more), (more, channel.contacts[0]))
    ]
    (one,) = compare(*sides).contacts
    assert one.before == one.after == more
    assert "de volgorde verandert" in told(*sides)


@pytest.mark.parametrize(
    ("path", "old", "new", "where"),
    [
        ("content/questions/role.toml", "ask = ", None, "questions/role nl.ask"),
        ("content/channels/exam_board.toml", "action = ", None, "channels/exam_board nl.action"),
        ("content/terms.toml", "weeks = 6", "weeks = 4", "terms/appeal weeks: “6” → “4”"),
        ("content/notices.toml", "nl = ", None, "notices/"),
        ("content/glossary.toml", "Een tweede docent", "Een ander", "glossary/review nl.text"),
        ("content/sources/charter.toml", "title = ", None, "sources/charter title"),
        ("content/site.toml", 'site_name = "Kompas"', 'site_name = "Roos"', "interface/nl site_name"),
        ("content/organisations/ships.toml", "Zeekunde", "Zeevaart", "organisations/ships names.2.nl"),
        ("content/organisations/letters.toml", "deze week", "vandaag", "organisations/letters provisions.1.note.nl"),
        ("rules/exam_board.toml", "Een cijfer".lower(), "het cijfer", "rules/exam_board.1 why.nl"),
        ("rules/editions.toml", "Het eerste", "Een eerste", "editions/2024-09-01 says.nl"),
        ("rules/vocabulary.toml", 'nature = "event"', 'nature = "past"', "vocabulary/nature review: “event” → “past”"),
        (
            "rules/vocabulary.toml",
            '["student_desk", "study_adviser", ',
            '["study_adviser", "student_desk", ',
            "vocabulary/order destinations",
        ),
        ("content/organisations/ships.toml", 'id = "letters"', 'id = "elsewhere"', "organisations/ships parents.1.id"),
        ("content/organisations/ships.toml", "2025-09-01", "2025-10-01", "organisations/ships names.1.until"),
        (
            "content/channels/exam_board.toml",
            'name_needed = "',
            'name_needed = "not_needed" # ',
            "channels/exam_board name_needed",
        ),
    ],
)
def test_every_text_that_is_another_one_is_listed_with_its_place(university, copy, path, old, new, where):
    folder = copy("new")
    text = (folder / path).read_text("utf-8")
    assert old in text
    text = text.replace(old, new) if new else re.sub(rf"(?m)^({old}\")", r"\1Nu: ", text, count=1)
    (folder / path).write_text(text, "utf-8")
    side = version(str(folder))
    found = compare(university, side)
    assert not found.nothing
    assert found.texts
    assert not (found.rules.changed or found.organisations or found.contacts)
    report = told(university, side)
    assert where in report
    assert "Teksten die veranderen: " in report
    assert NOTHING not in report


def test_a_long_list_is_cut_and_the_rest_counted(university, copy):
    other = version(str(copy("new", "content/organisations/letters.toml", ("deze week", "nu"), ("this week", "now"))))
    report = Report(university, other, compare(university, other), "nl", interface("nl"))
    whole, cut = (" ".join(as_text(report.blocks(most)).split()) for most in (2, 1))
    assert "note.en" in whole
    assert "note.nl" in cut
    assert "note.en" not in cut
    assert "Niet getoond: 1." in cut
    assert "Niet getoond" not in whole


def test_what_one_side_could_not_read_is_named_and_never_called_the_same(university, copy):
    new = copy("new")
    (new / "content/channels/exam_board.toml").write_text("id =", "utf-8")
    change(new / "content/organisations/ships.toml", ('kind = "institute"', 'kind = "ship"'))
    side = version(str(new))
    report = told(university, side)
    assert NOTHING not in report
    assert "niet alles kon worden vergeleken" in report
    assert "content/channels/exam_board.toml:1:" in report
    assert "De organisaties en hun eigen contacten zijn niet vergeleken." in report
    assert "exam_board: vervallen" not in report
    assert compare(university, side).contacts == compare(university, side).texts == ()


def test_every_day_on_which_either_side_changes_is_compared(university):
    first, last = university.rulebase.editions
    until = replace(university, rulebase=replace(university.rulebase, editions=(replace(first, until=None),)))
    assert [one.period for one in moments_of(university, until)] == [Period(BEFORE, AFTER), Period(AFTER, None)]
    later = replace(university, rulebase=replace(university.rulebase, editions=(last,)))
    assert [one.period for one in moments_of(university, later)] == [Period(AFTER, None)]
    assert moments_of(university, university, date(2025, 5, 1)) == [Moment(date(2025, 5, 1), date(2025, 5, 1), None)]
    report = told(university, later)
    assert "Van 2024-09-01 tot 2025-09-01 heeft alleen de oude kant regels." in report
    assert NOTHING not in report


def with_facts(side, *facts):
    vocabulary = replace(side.rulebase.vocabulary, facts=facts)
    editions = tuple(replace(edition, vocabulary=vocabulary) for edition in side.rulebase.editions)
    return replace(side, rulebase=replace(side.rulebase, vocabulary=vocabulary, editions=editions))


def test_a_fact_that_one_side_has_is_compared_for_each_of_its_answers(university):
    """Who has the new answer keeps the door; who has another loses it."""
    facts = university.rulebase.vocabulary.facts
    weather = Fact("weather", ("rain", "sun", "unknown"))
    new = with_facts(university, *facts, weather)
    new = edited(
        new,
        lambda one: replace(one, when={**one.when, "weather": frozenset({"sun"})}) if one.id == "exam_board.1" else one,
    )
    found = compare(university, new)
    assert found.new.facts == ("weather",)
    assert found.old.facts == ()
    assert {one.who.meets["weather"] for one in found.rules.groups} == {("rain", "unknown")}
    back = compare(new, university)
    assert back.old.facts == ("weather",)
    assert back.rules.changed == found.rules.changed


def test_an_answer_or_a_concern_that_one_side_has_is_named_and_left_out(university):
    facts = university.rulebase.vocabulary.facts
    more = [replace(fact, answers=(*fact.answers, "robot")) for fact in facts]
    found = compare(university, with_facts(university, *more))
    assert found.new.answers == tuple((fact.id, "robot") for fact in facts)
    assert found.rules.changed == 0
    assert not found.nothing
    assert found.rules == compare(university, university).rules
    other = [replace(fact, answers=("robot", "ghost")) if fact.id == "role" else fact for fact in facts]
    few = edited(university, lambda rule: None if "role" in rule.when else rule)
    assert compare(few, with_facts(few, *other)).rules.changed == 0
    report = told(university, with_facts(university, *more))
    assert "Nieuw antwoord op" in report
    assert NOTHING not in report


def test_where_a_question_applies_is_compared(university):
    facts = university.rulebase.vocabulary.facts
    fewer = [replace(fact, applies={"role": ("student",)}) if fact.id == "review" else fact for fact in facts]
    (one,) = compare(university, with_facts(university, *fewer)).texts
    assert (one.file, one.key, one.before, one.after) == ("vocabulary/applies", "review.role.1", None, "student")


def test_other_rules_for_the_same_doors_are_told_apart_from_other_doors(university):
    new = edited(university, lambda one: replace(one, id="exam_board.999") if one.id == "exam_board.1" else one)
    found = compare(university, new)
    assert found.rules.changed > 0
    assert sum(count.moved for count in found.rules.counts) == 0
    assert {(move.old, move.new) for group in found.rules.groups for move in group.moves} == {
        (("exam_board.1",), ("exam_board.999",))
    }
    assert "Alleen de reden verandert, voor" in told(university, new)


def test_the_gravest_groups_come_first_and_the_rest_is_counted(university):
    new = edited(university, lambda rule: None if rule.as_ is As.ALSO else rule)
    everything, some = compare(university, new), compare(university, new, most=1)
    assert some.rules.groups == everything.rules.groups[:1]
    assert some.rules.untold == tuple(group.who.size for group in everything.rules.groups[1:])
    assert some.rules.counts == everything.rules.counts
    assert everything.rules.untold == ()


def test_a_contact_is_said_to_be_for_whom_it_is_and_no_other(university):
    """Somebody whom a contact is not for never sees it, so no difference of it is told for their organisation."""
    channel = university.texts.channels["student_desk"]
    only = replace(channel.contacts[0], audience={"kind": ("faculty",)}, phone="1")
    assert only.fit({"kind": "institute"}) is Fit.NO
    channels = {**university.texts.channels, channel.id: replace(channel, contacts=(*channel.contacts, only))}
    new = replace(university, texts=replace(university.texts, channels=channels))
    found = compare(university, new)
    assert [(one.organisations, one.after.audience) for one in found.contacts] == [((), {"kind": ("faculty",)})]
    assert "voor iedereen, als kind = faculty: erbij komt" in told(university, new)
    other = replace(university.organisations.by_id["ships"], catch_all=True)
    organisations = Organisations(
        [*(one for one in university.organisations.by_id.values() if one.id != "ships"), other]
    )
    found = compare(university, replace(new, organisations=organisations))
    assert {one.organisations for one in found.contacts} == {(), ("law", "letters", "society")}


# From here on by the command.


@pytest.mark.slow
def test_two_days_are_compared_in_words_with_an_example(run):
    side = ours("ours")
    first, second = side.rulebase.editions[:2]
    result = run(first.id, second.id)
    assert result.exit_code == 0
    output = " ".join(result.output.split())
    assert f"Wat er verandert: van {first.id} naar {second.id}" in output
    assert first.digest in output
    counts = of_rules(side, side, Moment(first.since, second.since, None)).rules.counts
    number = f"{sum(one.changed for one in counts):,} van de {sum(one.size for one in counts):,}".replace(",", ".")
    assert f"Voor {number} situaties verandert het antwoord." in output
    assert "Voorbeeld: stel dat " in output


def test_a_difference_is_told_in_english_too(run, copy):
    old, new = copy("old"), copy("new", "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    english = " ".join(run(old, new, "--language", "en").output.split())
    assert re.search(r"For [1-9][\d,]* of the [\d,]+ situations the answer changes\.", english)
    assert "diff_" not in english


def test_the_json_has_all_that_differs(run, copy):
    new = copy("new", "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    change(new / "content/organisations/letters.toml", ('answer = "yes"', 'answer = "no"'), ("counsellor@", "help@"))
    found = json.loads(run(copy("old"), new, "--format", "json").output)
    (group,) = found["rules"]["groups"]
    assert group["who"]["meets"] == {"review": ["none"]}
    assert group["moves"] == [
        {
            **{"destination": "exam_board", "before": "also", "after": "later"},
            **{"old": ["exam_board.1"], "new": ["exam_board.1"]},
        }
    ]
    assert found["organisations"][0]["organisations"] == ["letters"]
    assert found["contacts"][0]["after"]["email"].startswith("help@")
    assert found["new"]["name"] == "new/"


def test_two_folders_are_compared_in_every_edition_or_on_one_day(run, copy):
    second = 'id = "counsellor.2"\nrefer = { as = '
    old, new = copy("old"), copy("new", "rules/counsellor.toml", (f'{second}"first"', f'{second}"also"'))
    result = run(old, new)
    assert result.exit_code == 0
    assert "van old/ naar new/" in result.output
    assert "Vanaf 2025-09-01" in result.output
    assert NOTHING in run(old, new, "--on", "2025-08-31").output
    assert NOTHING not in run(old, new, "--on", "2025-09-01").output
    there = run(old / "rules", new / "rules")
    assert "van old/rules/ naar new/rules/" in there.output


def test_an_older_rulebase_is_compared_in_its_own_notation(run, copy):
    """Facts had no nature, and rules said in full what has a name today."""
    old = copy("old")
    vocabulary = old / "rules/vocabulary.toml"
    vocabulary.write_text(re.sub(r"(?m)^nature = .*\n", "", vocabulary.read_text("utf-8")), "utf-8")
    rules = [rule for rule in version(str(UNIVERSITY)).rulebase.rules if rule.refer == "exam_board"]
    (old / "rules/exam_board.toml").write_text("\n\n".join(map(of_before, rules)), "utf-8")
    result = run(old, copy("new"))
    assert result.exit_code == 0
    assert NOTHING in result.output
    change(old / "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    assert "Van later naar nu: Examencommissie" in run(old, copy("again")).output


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
    change(folder / "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
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
    assert NOTHING in run("two", ".", cwd=checkout).output


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
        (["one", "two", "--on", "2024-08-31"], "before 2024-09-01"),
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
    broken = copy("broken", "rules/exam_board.toml", ('as = "also"', 'as = "als"'))
    result = run(copy("old"), broken, "--exit-code")
    assert result.exit_code == 2
    assert "rules/exam_board.toml:" in result.output
    assert "Did you mean 'also'?" in result.output


def test_mistakes_in_the_words_do_not_keep_the_rules_from_being_compared(run, copy):
    new = copy("new", "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    (new / "content/questions/campus.toml").unlink()
    (new / "content/channels/exam_board.toml").write_text("id =")
    result = run(copy("old"), new)
    assert result.exit_code == 0
    assert (
        f"Van nu naar later: {version(str(UNIVERSITY)).texts.channels['exam_board'].text['nl'].name}" in result.output
    )
    (new.parent / "old/content/channels/exam_board.toml").unlink()
    assert "Van nu naar later: exam_board" in run(new.parent / "old", new).output


def test_the_exit_code_says_whether_an_answer_changes_only_when_asked(run, copy):
    old, new = copy("old"), copy("new", "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    assert run(old, new).exit_code == 0
    assert run(old, new, "--exit-code").exit_code == 1
    assert run(old, old, "--exit-code").exit_code == 0
    assert run(old, new, "--exit-code", "--most", "0").exit_code == 1


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
    new = copy("new", "rules/exam_board.toml", ('as = "also"', 'as = "later"'))
    change(new / "content/channels/exam_board.toml", ('name = "Examencommissie"', f"name = '{NASTY}'"))
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
    assert {"h1", "h2", "h3", "p", "ul"} <= set(parser.seen)
    levels = [int(tag[1]) for tag in parser.seen if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_markdown_is_well_formed_and_escaped(run, nasty):
    text = run(*nasty, "--format", "markdown").output
    escaped = r"1 \< script \> 2 &amp; \| \*ster\* \`code\` \[link\](x) \_x\_"
    assert escaped in text
    assert NASTY not in text
    assert text.startswith("# Wat er verandert: van old/ naar new/\n\n")
    for line in text.splitlines():
        assert line == "" or re.match(r"#{1,3} |- |[A-Z]", line), line


def test_the_three_formats_say_the_same(run, copy):
    old, new = copy("old"), copy("new", "rules/study_adviser.toml", ('as = "first"', 'as = "also"'))
    words = [
        re.findall(r"\w+", unescape(re.sub(r"(?s)<style>.*</style>|<title>.*</title>|<[^>]*>|[|=-]", " ", text)))
        for text in (run(old, new, "--format", one).output for one in ("markdown", "html"))
    ]
    assert words[0] == words[1]


def test_every_way_for_a_door_to_move_has_its_words(library):
    ways = {(one, other) for one in (None, *As) for other in (None, *As) if one is not other}
    assert set(KINDS) == ways - {(None, As.FIRST), (As.FIRST, None)}  # these are said as the first step
    for language in library.texts.interface.values():
        assert {f"diff_{kind}" for kind in KINDS.values()} <= set(language)


def test_whom_a_doubt_concerned_is_read_from_a_rule_of_before(copy):
    """The table stood at the rule, and the words under a name that another rule may use for everybody."""
    folder = copy("before")
    path = folder / "rules" / "complaints_committee.toml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('doubt = "no-student"\n', 'doubt = "no-student"\ndoubt_for = { role = "applicant" }\n', 1), "utf-8"
    )
    (rule, *_) = [one for one in version(str(folder)).rulebase.rules if one.doubts and "complaints" in one.id]
    (doubt,) = rule.doubts
    assert doubt.whom == ({"role": frozenset({"applicant"})},)
    assert doubt.says["nl"] == "Het statuut zegt niets over wie geen student is."
