"""The directory: organisations through time, and a database that is a build product."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import date

import pytest

from service.answers.directory import Directory

pytestmark = pytest.mark.data

LETTER = date(2019, 6, 20)
SCHOOF = date(2025, 1, 1)
JETTEN = date(2026, 3, 1)


@pytest.fixture
def make(library, tmp_path):
    def directory(path=tmp_path / "directory.db", digest="one"):
        return Directory(library.texts, library.organisations, digest, path)

    return directory


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


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("ocw", "ocw"),
        ("OCW", "ocw"),
        ("bz", "bz"),
        ("Financiën", "fin"),
        ("FINANCIEN", "fin"),
        ("financiën ministerie", "fin"),
        ("landbouw", "lnv"),
        ("belasting", "belastingdienst"),
        ("Tax", "belastingdienst"),
        ("Justitie", "jenv"),
        ("asiel", "aenm"),
        ("ministry of defence", "def"),
        ("ez", "ez"),
        ("Inspectie SZW", "nla"),
        ("V.W.S.", "vws"),
    ],
)
def test_search_finds_present_and_former_names_whatever_case_and_accents(make, words, first):
    assert make().search(words)[0] == first


@pytest.mark.parametrize("words", ['"', "'; drop table organisation", "a OR b", "*", "NEAR(", "xyzzy", "-", "é" * 5000])
def test_search_takes_any_text_as_words(make, words):
    assert make().search(words) in ([], sorted(make()._organisations.by_id))


def test_an_empty_search_lists_all(make, library):
    assert make().search(" ") == sorted(library.organisations.by_id)


def test_the_file_opens_in_sqlite_and_holds_every_table(make, tmp_path, library):
    make().search("ocw")
    with closing(sqlite3.connect(tmp_path / "directory.db")) as database:
        tables = {row[0] for row in database.execute("select name from sqlite_master where type = 'table'")}
        assert {"organisation", "organisation_name", "provision", "contact", "own_contact", "source"} <= tables
        phone = database.execute("select phone, checked from contact where channel = 'national_ombudsman'").fetchone()
        contact = library.texts.channels["national_ombudsman"].contacts[0]
        assert phone == (contact.phone, contact.checked and contact.checked.isoformat())


def test_what_nobody_has_read_is_null(make, tmp_path, library):
    make().search("ocw")
    with closing(sqlite3.connect(tmp_path / "directory.db")) as database:
        held = database.execute("select channel, phone, email from contact order by rowid").fetchall()
    contacts = [(one.id, each.phone, each.email) for one in library.texts.channels.values() for each in one.contacts]
    assert sorted(held, key=str) == sorted(contacts, key=str)
    assert any(None in one for one in held)


def change(path, statement):
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statement)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database at all" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)),
        lambda path: change(path, "drop table made_from"),
        lambda path: change(path, "update made_from set digest = 'older'"),
    ],
    ids=["missing", "empty", "nonsense", "cut off", "overwritten", "without digest", "of other content"],
)
def test_a_missing_damaged_or_old_file_is_made_anew(make, tmp_path, damage):
    path = tmp_path / "directory.db"
    make(path).search("ocw")
    damage(path)
    assert make(path).search("ocw") == ["ocw"]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_file_damaged_while_it_is_open_is_made_anew(make, tmp_path):
    path = tmp_path / "directory.db"
    directory = make(path)
    assert directory.search("szw")[0] == "szw"
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert directory.search("ocw") == ["ocw"]


HOLDS = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("begin exclusive")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(path):
    """Another process has the file for itself, as a backup or a repair has."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        yield
        other.stdin.close()
    assert other.returncode == 0


@pytest.mark.parametrize("opened", ["before", "not before"])
@pytest.mark.parametrize("digest", ["one", "another"])
def test_a_file_that_somebody_else_has_locked_is_answered_for_from_memory_and_left_alone(
    make, tmp_path, opened, digest
):
    path = tmp_path / "directory.db"
    first = make()
    expected = first.search("justitie")
    assert expected
    was = path.stat().st_ino, path.read_bytes()
    asked = first if opened == "before" and digest == "one" else make(digest=digest)
    with held(path):
        assert asked.search("justitie") == expected
        assert asked.search("ocw") == make(path=None).search("ocw")
        assert (path.stat().st_ino, path.read_bytes()) == was
    assert asked.search("justitie") == expected
    assert (path.stat().st_ino == was[0]) == (digest == "one"), "an old file is made anew when it is free"
    path.write_bytes(b"damaged" * 1000)
    assert make().search("justitie") == expected
    assert path.read_bytes()[:6] == b"SQLite"


def test_other_content_gets_another_file(make, tmp_path):
    path = tmp_path / "directory.db"
    make(path, "one").search("ocw")
    before = path.stat().st_ino
    make(path, "one").search("ocw")
    assert path.stat().st_ino == before
    make(path, "two").search("ocw")
    assert path.stat().st_ino != before


def test_where_nothing_can_be_written_it_lives_in_memory(make, tmp_path):
    (tmp_path / "a file").write_text("")
    assert make(tmp_path / "a file" / "directory.db").search("ocw") == ["ocw"]
    assert make(None).search("ocw") == ["ocw"]


def test_nothing_is_left_beside_the_file(make, tmp_path):
    make().search("ocw")
    assert [path.name for path in tmp_path.iterdir()] == ["directory.db"]


def _search(directory, result):
    result.put(directory.search("ocw"))


def test_a_fork_opens_its_own_connection(make):
    directory = make()
    directory.search("szw")
    context = multiprocessing.get_context("fork")
    result = context.Queue()
    worker = context.Process(target=_search, args=(directory, result))
    worker.start()
    assert result.get(timeout=60) == ["ocw"]
    worker.join(60)
    assert worker.exitcode == 0
