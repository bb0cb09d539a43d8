"""The page of a concern: every rule a row, every fact a column, and whoever falls through or is sent twice is named."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from looks import faults
from walking import tab

from service.cli.main import main
from service.core.rule import As, Doubt
from service.publishing.decision_table import as_csv, as_text, tables

NARROW, WIDE = 60, 200


@pytest.fixture
def edition(university):
    return university.rulebase.editions[-1]


def without(edition, *ids):
    return replace(edition, rules=tuple(rule for rule in edition.rules if rule.id not in ids))


def with_more(edition, id_, **changes):
    """The edition with one rule once more, under the id `more`, with some changes."""
    rule = next(rule for rule in edition.rules if rule.id == id_)
    return replace(edition, rules=(*edition.rules, replace(rule, id="more", **changes)))


def marks(library, edition):
    return [(table, mark) for table in tables(library, edition, "nl") for mark in table.marks]


def test_each_rule_is_a_row_that_says_what_it_asks_and_no_more(university, edition):
    found = tables(university, edition, "en")
    rules = {rule.id: rule for rule in edition.rules}
    for table in found:
        assert {id_ for id_, *_ in table.facts} == {
            fact for rule in edition.of_concern(table.concern) for fact in rule.when
        }
        for row in table.rows:
            rule = rules.pop(row.rule.id)
            for (fact, asked, question), cell in zip(table.facts, row.cells, strict=True):
                text = university.texts.questions[fact]["en"]
                assert (asked, question) == (text.for_advisor.ask, text.ask)
                short = text.for_advisor.answers
                met = rule.when.get(fact)
                if met is None:
                    assert cell == "-"
                    continue
                said = set(cell.removeprefix("not: ").split(" / "))
                meant = set(text.answers) - met if cell.startswith("not: ") else met
                assert said == {short[answer] for answer in meant}
            numbers = re.findall(r"(?<![?!\d])\d+", row.notes.partition(". ")[0])
            for number, one in zip(numbers, rule.citations, strict=True):
                assert f"{one.locator}" in table.sources[int(number) - 1]
                assert not one.quote or one.quote in table.sources[int(number) - 1]
            doubts = [table.doubts[int(number) - 1] for number in re.findall(r"\?(\d+)", row.notes)]
            assert doubts == [one["en"] for one in rule.remarks]
    assert not rules


def test_whoever_is_left_without_a_first_step_is_named(university, edition):
    firsts = [rule for rule in edition.rules if rule.as_ is As.FIRST]
    for rule in firsts:
        found = [mark for _, mark in marks(university, without(edition, rule.id)) if mark.kind == "gap"]
        assert len(found) == 1
    gap = next(mark for _, mark in marks(university, without(edition, "exam_board.2")) if mark.kind == "gap")
    phrases = university.texts.questions
    for fact, answer in (("review", "done"), ("role", "student")):
        assert phrases[fact]["nl"].clauses[answer] in gap.whom.whole
    assert not any(mark.kind == "gap" for _, mark in marks(university, edition))


def test_two_first_steps_at_once_are_named(university, edition):
    doubled = with_more(edition, "exam_board.2", refer="study_adviser")
    ((_, mark),) = [(table, mark) for table, mark in marks(university, doubled) if mark.kind == "two_first"]
    assert set(mark.rules) == {"exam_board.2", "more"}


def test_two_rules_that_refer_the_same_people_to_the_same_place_are_named(university, edition):
    assert not any(mark.kind == "twice" for _, mark in marks(university, edition))
    ((table, mark),) = marks(university, with_more(edition, "exam_board.1"))
    assert (mark.kind, mark.rules) == ("twice", ("exam_board.1", "more"))
    assert {row.rule.id for row in table.rows if row.marked} == set(mark.rules)
    assert all(row.notes.endswith(", !1") for row in table.rows if row.marked)


def test_a_rule_that_a_stronger_one_hides_says_so(university, edition):
    hidden = with_more(edition, "exam_board.1", as_=As.LATER)
    row = next(row for table in tables(university, hidden, "nl") for row in table.rows if row.rule.id == "more")
    assert row.marked
    assert "Telt nooit, want deze sterkere regels gelden dan ook: exam_board.1." in row.notes
    partly = with_more(edition, "exam_board.1", as_=As.LATER, when={})
    row = next(row for table in tables(university, partly, "nl") for row in table.rows if row.rule.id == "more")
    assert not row.marked
    assert "Wijkt waar deze regel ook geldt: exam_board.1, exam_board.2." in row.notes


@pytest.mark.parametrize("width", [NARROW, 80, 120, WIDE])
def test_a_terminal_shows_the_whole_within_its_width(university, edition, width):
    words = university.texts.interface["nl"]
    doubled = without(with_more(edition, "exam_board.1"), "exam_board.2")
    for table in tables(university, doubled, "nl"):
        text = as_text(table, words, width)
        assert max(map(len, text.splitlines())) <= width
        plain = re.sub(r"[\s│]+", "", text)
        for row in table.rows:
            assert row.rule.id in text
        for said in (*table.sources, *table.doubts, *(mark.whom.whole for mark in table.marks)):
            assert re.sub(r"\s+", "", said) in plain
        assert (words["page_no_gap"] in " ".join(text.split())) is not table.gaps


def test_a_spreadsheet_has_a_column_per_fact_and_no_formula(university, edition):
    text = as_csv(university, edition, "nl")
    assert text[0] == "\ufeff"
    assert all(line.startswith('"') for line in text[1:].split("\r\n") if line)
    heads, *rows = csv.reader(io.StringIO(text[1:]), delimiter=";")
    ids = [re.fullmatch(r".+ \((\w+)\)", one)[1] for one in heads]
    assert f"{university.texts.questions['role']['nl'].for_advisor.ask} (role)" in heads
    rows = [dict(zip(ids, row, strict=True)) for row in rows]
    assert {row["rule"] for row in rows} == {rule.id for rule in edition.rules}
    rules = {rule.id: rule for rule in edition.rules}
    for row, fact in itertools.product(rows, (fact for fact in edition.vocabulary.facts if not fact.several)):
        assert (row[fact.id] == "-") is (fact.id not in rules[row["rule"]].when)
    bad = with_more(edition, "exam_board.1", doubts=(Doubt({"nl": "=1+1", "en": "=1+1"}),))
    assert ';"\'=1+1"\r\n' in as_csv(university, bad, "nl")


def test_one_concern_or_all_are_shown_by_the_command(university_command, university):
    library, concerns = university, university.rulebase.vocabulary.concerns.answers
    one = university_command("page", concerns[-1])
    assert one.exit_code == 0
    of_one = {rule.id for rule in library.rulebase.editions[-1].of_concern(concerns[-1])}
    assert set(re.findall(r"[a-z_]+\.\d+", one.output)) == of_one
    assert library.rulebase.editions[-1].digest in one.output
    first = library.rulebase.editions[0]
    everything = university_command("page", "--on", first.since.isoformat())
    for rule in first.rules:
        assert rule.id in everything.output
    wrong = university_command("page", concerns[0][:-1])
    assert wrong.exit_code == 2
    assert f"Did you mean {concerns[0]!r}?" in wrong.output


def test_the_page_stands_alone_and_reads_in_every_look(chromium, tmp_path, library):
    path = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["page", "misconduct", "--html", str(path)])
    assert done.exit_code == 0
    assert not re.findall(r'(?:href|src)="|url\((?!"?data:)|@import', path.read_text("utf-8"))
    with tab(chromium) as page:
        page.goto(path.as_uri())
        assert page.requests == [path.as_uri()]
        assert faults(page, "nl") == []
        rows = page.locator(".ww-rules tbody th[scope=row]").all_inner_texts()
        assert sorted(rows) == sorted(rule.id for rule in library.rulebase.editions[-1].of_concern("misconduct"))
        page.emulate_media(media="print")
        assert page.evaluate("() => getComputedStyle(document.querySelector('.ww-scroll')).overflowX") == "visible"
        assert page.wrong == []
