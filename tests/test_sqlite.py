"""The rules as a database: nothing lost, every key leads somewhere, its own questions are answered."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager

import pytest

from service.publishing.sqlite import export, metadata


@contextmanager
def written(library, folder):
    path = folder / "regels.db"
    path.write_bytes(export(library))
    with closing(sqlite3.connect(path)) as found:
        yield found


@pytest.fixture(scope="module")
def database(library, tmp_path_factory):
    with written(library, tmp_path_factory.mktemp("sqlite")) as found:
        yield found


@pytest.fixture
def small(university, tmp_path):
    with written(university, tmp_path) as found:
        yield found


def test_every_rule_stands_there_with_its_conditions_citations_and_editions(small, university):
    library, database = university, small
    for rule in library.rulebase.rules:
        ((refer, as_, since),) = database.execute("select refer, [as], since from rule where id = ?", [rule.id])
        assert (refer, as_, since) == (rule.refer, rule.as_.value, rule.since.isoformat())
        found: dict[str, set[str]] = {}
        for fact, answer in database.execute("select fact, answer from condition where rule = ?", [rule.id]):
            found.setdefault(fact, set()).add(answer)
        assert found == {fact: set(answers) for fact, answers in rule.when.items()}
        cited = database.execute("select source, locator, quote from citation where rule = ?", [rule.id]).fetchall()
        assert cited == [(one.source, one.locator, one.quote) for one in rule.citations]
        editions = {one for (one,) in database.execute("select edition from edition_rule where rule = ?", [rule.id])}
        assert editions == {one.id for one in library.rulebase.editions if rule in one.rules}


def test_things_have_keys_and_every_one_that_leads_on_leads_to_something(database):
    keyed = {"rule", "source", "edition", "channel", "organisation", "question"}
    for table in keyed:
        assert [row[1] for row in database.execute(f"pragma table_info({table})") if row[5]] == ["id"]
    leads = {
        (table, row[2])
        for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for row in database.execute(f"pragma foreign_key_list({table})")
    }
    assert {("citation", "rule"), ("citation", "source"), ("condition", "rule"), ("edition_rule", "edition")} <= leads
    assert {("rule", "channel"), ("organisation_name", "organisation"), ("condition", "question")} <= leads
    assert database.execute("pragma foreign_key_check").fetchall() == []


def test_each_question_that_comes_with_it_has_an_answer_that_the_rules_give(database, library):
    said = metadata("regels")["databases"]["regels"]
    assert json.loads(json.dumps(said)) == said
    found = {id_: database.execute(one["sql"]).fetchall() for id_, one in said["queries"].items()}
    assert len(found) == 3
    newest = library.rulebase.editions[-1]
    short, locator, quote, count = found["words_that_bear_most"][0]
    resting = [
        rule
        for rule in newest.rules
        if any((one.locator, one.quote) == (locator, quote) for one in rule.citations)
        and any(library.texts.sources[one.source].short == short for one in rule.citations)
    ]
    assert len(resting) == count
    rules = library.rulebase.rules
    assert sum(row[2] for row in found["changes_by_day"]) == len(rules)
    assert sum(row[3] for row in found["changes_by_day"]) == sum(rule.until is not None for rule in rules)
    checked = [row[-1] or "" for row in found["never_checked"]]
    assert checked == sorted(checked)
    searched = said["tables"]["organisation_name"]["fts_table"]
    assert database.execute(f"select count(*) from {searched} where {searched} match 'ministerie'").fetchone()[0]
