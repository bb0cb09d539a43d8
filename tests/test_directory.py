"""The directory: organisations through time, the search over them, and the database that is written of them."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import unicodedata
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from forms import ADDRESS

from service.answers.directory import Directory
from service.publishing.sqlite import export

LETTER = date(2019, 6, 20)
SCHOOF = date(2025, 1, 1)
JETTEN = date(2026, 3, 1)


FOUND = json.loads(Path(__file__).with_name("found.json").read_text("utf-8"))["found"]


@pytest.fixture(scope="module")
def directory(library):
    return Directory(library.organisations, library.rulebase.vocabulary.kinds)


@pytest.fixture(scope="module")
def database(library, tmp_path_factory):
    path = tmp_path_factory.mktemp("directory") / "directory.db"
    path.write_bytes(export(library))
    with closing(sqlite3.connect(path)) as found:
        yield found


@pytest.mark.parametrize(
    ("asked", "day", "found"),
    [
        ("ezk", LETTER, "ezk"),
        ("ezk", SCHOOF, "ez"),
        ("ezk", JETTEN, "ezk"),
        ("ez", LETTER, "ezk"),
        ("ez", JETTEN, "ezk"),
        ("kgg", LETTER, "ezk"),
        ("kgg", SCHOOF, "kgg"),
        ("kgg", JETTEN, "ezk"),
        ("vro", LETTER, "bzk"),
        ("vro", SCHOOF, "vro"),
        ("vro", JETTEN, "bzk"),
        ("aenm", SCHOOF, "aenm"),
        ("aenm", JETTEN, "jenv"),
        ("lnv", LETTER, "lnv"),
        ("lnv", SCHOOF, "lvvn"),
        ("lvvn", LETTER, "lnv"),
        ("lvvn", JETTEN, "lvvn"),
        ("ezk", date(2024, 7, 1), "ezk"),
        ("ezk", date(2024, 7, 2), "ez"),
        ("ezk", date(2026, 2, 22), "ez"),
        ("ezk", date(2026, 2, 23), "ezk"),
    ],
)
def test_a_name_of_another_time_finds_who_holds_the_matter_now(library, asked, day, found):
    assert library.organisations.on(asked, day).id == found


@pytest.mark.parametrize("day", [LETTER, date(2020, 1, 1), date(2024, 7, 2), SCHOOF, date(2026, 2, 23), JETTEN])
def test_every_organisation_finds_one_that_exists(library, day):
    for id_ in library.organisations.by_id:
        held = library.organisations.on(id_, day)
        assert library.organisations.on(held.id, day) is held
        assert any(name.holds(day) for name in held.names)


def test_in_2019_only_the_three_ministries_of_the_letter_have_a_labour_desk(library):
    organisations = library.organisations.by_id.values()
    assert [one.id for one in organisations if one.facts(LETTER).get("labour_desk") == "yes"] == ["ocw", "szw", "vws"]


def test_own_channels_come_before_those_of_the_parent(library):
    organisations = library.organisations
    names = [one.name["nl"] for one in organisations.channels(organisations.by_id["mivd"], "internal_report", JETTEN)]
    assert len(names) > 1
    assert names[-1] == "Meldpunt Integriteit Defensie (MID)"


def test_what_people_type_finds_the_organisation(directory, library, subtests):
    other = library.organisations.catch_all
    for one in FOUND:
        with subtests.test(one["typed"]):
            found = directory.search(one["typed"], JETTEN)
            assert found[0].id == one["first"]
            assert [hit.id for hit in found].count(other.id) == 1, "who is not in the list has an answer, always"


def test_what_is_no_body_of_the_directory_leads_on_with_a_reason(directory, library):
    for away in library.organisations.finding.elsewhere:
        for words in (away.words[0], f"{away.words[0]} Zuidland"):
            assert directory.search(words, JETTEN)[0].why == away.why


def test_the_api_and_the_page_without_javascript_say_why(client, library):
    away = library.organisations.finding.elsewhere[0]
    for language in library.languages:
        led = client.get("/api/v1/organisations", query_string={"q": away.words[0], "language": language}).json
        assert (led[0]["id"], led[0]["why"]) == (away.to, away.why[language])
        form = {"at": "organisation", "to": "search", "q": away.words[0]}
        assert away.why[language] in client.post(ADDRESS[language], data=form).text


@pytest.mark.slow
def test_a_name_of_the_directory_finds_its_own_organisation_in_every_spelling(directory, library):
    """Its name, small or capital, with dots between the letters of an abbreviation, and without its accents."""
    for one in library.organisations.by_id.values():
        for name in one.names:
            for typed in (*name.text.values(), name.abbreviation or ""):
                for spelled in (unaccented(typed).upper(), *dotted(typed)):
                    found = [hit.id for hit in directory.search(spelled, JETTEN)]
                    assert not spelled or one.id in found[:5], (spelled, found)


def unaccented(text):
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def dotted(text):
    return [".".join(text) + "."] if text.isalpha() and text.isupper() else []


@pytest.mark.parametrize("words", ['"', "'; drop table name", "a OR b", "*", "NEAR(", "xyzzy", "-", "é" * 5000])
def test_search_takes_any_text_as_words(directory, library, words):
    other = library.organisations.catch_all
    found = [one.id for one in directory.search(words, JETTEN)]
    assert not found or found[-1] == other.id


def test_nothing_that_counts_finds_nothing(directory, library):
    for words in (" ", "...", *library.organisations.finding.light):
        assert directory.search(words, JETTEN) == []


def test_the_export_opens_in_sqlite_and_holds_every_table(database, library):
    tables = {row[0] for row in database.execute("select name from sqlite_master where type = 'table'")}
    assert {"organisation", "organisation_name", "provision", "contact", "own_contact", "source"} <= tables
    phone = database.execute("select phone, checked from contact where channel = 'national_ombudsman'").fetchone()
    contact = library.texts.channels["national_ombudsman"].contacts[0]
    assert phone == (contact.phone, contact.checked and contact.checked.isoformat())
    assert database.execute("select * from made_from").fetchall() == [
        (library.digest, library.digests.texts, library.digests.directory)
    ]
    found = database.execute("select nl from organisation_name_fts where organisation_name_fts match 'financien'")
    assert "Financiën" in found.fetchone()[0]


def test_what_nobody_has_read_is_null(database, library):
    held = database.execute("select channel, phone, email from contact order by rowid").fetchall()
    contacts = [(one.id, each.phone, each.email) for one in library.texts.channels.values() for each in one.contacts]
    assert sorted(held, key=str) == sorted(contacts, key=str)
    assert any(None in one for one in held)


def _search(directory, result):
    result.put(directory.search("ocw", JETTEN)[0].id)


def test_a_fork_opens_its_own_connection(directory):
    directory.search("szw", JETTEN)
    context = multiprocessing.get_context("fork")
    result = context.Queue()
    worker = context.Process(target=_search, args=(directory, result))
    worker.start()
    assert result.get(timeout=60) == "ocw"
    worker.join(60)
    assert worker.exitcode == 0
