"""The command line, as somebody at a terminal uses it: answers, help, exit codes, and never a traceback."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner
from running import LANGUAGES

from service.answers import view
from service.cli.main import main
from service.cli.terminal import render
from service.rulebook.library import load_library


@pytest.fixture
def run(library, monkeypatch):
    """Run a command in this process, on the rules that this process has read already."""
    monkeypatch.setattr(
        "service.cli.main.load_library", lambda *folders: load_library(*folders) if any(folders) else library
    )

    def command(*words, stdin=None):
        return CliRunner().invoke(main, words, input=stdin)

    return command


def test_decide_answers_in_words_with_reason_source_and_what_to_expect(run):
    words = ("concerns=labour_conflict", "reporter=employee", "conflict_kind=pay_or_hours", "because_of=none")
    result = run("decide", *words, "--organisation", "szw", "--on", "2019-06-20")
    assert result.exit_code == 0
    for words in ("UW EERSTE STAP", "Loket voor arbeidszaken", "Raadsman SZW", "onderdeel 5", "Als u niets hoort"):
        assert words in result.output


def test_decide_gives_json_as_the_api_does(run, client):
    words = ("concerns=labour_conflict,unsure", "reporter=contractor")
    result = run("decide", *words, "--json", "--on", "2026-11-23", "--language", "en")
    situation = {"concerns": ["labour_conflict", "unsure"], "reporter": "contractor"}
    asked = {"situation": situation, "on": "2026-11-23", "language": "en"}
    assert json.loads(result.output) == client.post("/api/v1/referrals", json=asked).json


def test_decide_shows_the_next_question_while_there_is_one(run):
    result = run("decide", "concerns=misconduct")
    assert "? Wie bent u" in result.output
    assert "1. " in result.output


def test_decide_shows_closed_doors_when_asked(run):
    result = run("decide", "concerns=labour_conflict", "reporter=contractor", "--closed")
    assert "DEZE DEUREN STAAN NU NIET OPEN" in result.output
    assert "Nationale ombudsman: " in result.output


def test_decide_asks_one_by_one_when_given_nothing(run):
    result = run("decide", stdin="3\n1\n1\n4\n")
    assert result.exit_code == 0
    assert result.output.count("> ") == 4
    assert "UW EERSTE STAP" in result.output


def test_a_wrong_number_is_asked_again(run):
    result = run("decide", stdin="3\nnine\n99\n6\n")
    assert result.output.count("Geef een getal van 1 tot en met 8.") == 2
    assert "UW EERSTE STAP" in result.output


def test_whoever_stops_half_way_still_gets_what_is_certain(run):
    result = run("decide", stdin="1\n")
    assert result.exit_code == 0
    assert "Direct hulp nodig?".upper() in result.output


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (["reportr=employee"], "Did you mean 'reporter'?"),
        (["reporter=employe"], "Did you mean 'employee'?"),
        (["employee"], "write fact=answer"),
        (["reporter=employee", "reporter=contractor"], "answered twice"),
        (["reporter=employee", "--organisation", "landbouw"], "Did you mean lvvn, lnv"),
        (["reporter=employee", "--organisation", "xyzzy"], "wegwijzer organisations"),
        (["reporter=employee", "--on", "2019-06-19"], "before 2019-06-20"),
        (["reporter=employee", "--on", "20 juni"], "as 2019-06-20"),
        (["reporter=employee", "--language", "fr"], "nl"),
        (["regime=rijk", "--organisation", "ocw"], "together with an organisation"),
    ],
)
def test_a_users_mistake_is_one_line_with_its_mend_and_exit_code_2(run, words, mend):
    result = run("decide", *words)
    assert result.exit_code == 2
    assert mend in result.output
    assert "Traceback" not in result.output


def test_questions_lists_every_fact_and_answer(run, library):
    output = run("questions").output
    for fact in library.rulebase.vocabulary.facts:
        assert f"{fact.id}: " in output
        assert all(f"  {answer}: " in output for answer in fact.answers)


def test_organisations_finds_and_shows_who_holds_the_matter(run, library):
    output = run("organisations", "landbouw", "--on", "2026-11-23").output
    assert "lnv -> lvvn: " in output
    assert len(run("organisations").output.splitlines()) == len(library.organisations.by_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_organisations_that_finds_nothing_says_what_to_take_then(run, library, language):
    result = run("organisations", "xyzzy", "--language", language)
    other = library.organisations.catch_all
    assert result.exit_code == 0
    assert result.stdout == f"{other.id}: {other.names[0].text[language]}\n"
    assert f"{other.id}: {other.names[0].text[language]}" in result.stderr
    assert other.id in run("decide", "concerns=unsure", "--organisation", "xyzzy").stderr


def test_check_says_what_was_proved_and_for_how_many_situations(run, monkeypatch, findings):
    """What was proved of these rules already in this run; `make test` begins with a `wegwijzer check` of its own."""
    monkeypatch.setattr("service.cli.check.findings", lambda *_: iter(findings))
    monkeypatch.setattr("service.cli.main.store_here", lambda *_: None)  # that is for who proved all of it
    result = run("check", "--language", "en")
    assert result.exit_code == 0
    assert "ok: Every situation ends in exactly one first step per concern. (" in result.output
    assert "BROKEN" not in result.output
    assert "edition 2019-06-20: sha256:" in result.output


def test_check_says_each_finding_when_it_has_it(run, monkeypatch, findings):
    """Whoever waits for the longest proof reads what was proved before it."""
    said, silent = [], []

    def watched(*_):
        for number, finding in enumerate(findings):
            silent.append(number > sum(line.startswith("ok: ") for line in said))
            yield finding

    monkeypatch.setattr("service.cli.check.findings", watched)
    monkeypatch.setattr("service.cli.main.store_here", lambda *_: None)
    monkeypatch.setattr("service.cli.main.click.echo", lambda line="", **_: said.append(str(line)))
    assert run("check").exit_code == 0
    assert len(silent) > 10
    assert not any(silent)


def test_doubts_lists_every_doubt_once_with_its_rules_for_a_jurist(run, library):
    output = run("doubts", "--language", "en").output
    listed = {id_ for line in output.splitlines() if line.startswith("  ") for id_ in line.strip().split(", ")}
    noted = [(one, fact) for one in library.organisations.by_id.values() for fact in one.provisions if fact.note]
    facts = {f"{one.id} ({fact.fact})" for one, fact in noted}
    assert listed == {rule.id for rule in library.rulebase.rules if rule.doubt} | facts
    for rule in library.rulebase.rules:
        if rule.doubt:
            assert output.count(f"{rule.doubt['en']}\n") == 1


def test_stale_lists_what_nobody_checked_or_read_in_a_year_and_what_concerns_most_comes_first(run, library):
    on = max(source.read for source in library.texts.sources.values() if source.read)
    contacts = [one for channel in library.texts.channels.values() for one in channel.contacts]
    contacts += [own.contact for one in library.organisations.by_id.values() for own in one.channels]
    for day in (on, on + timedelta(days=366)):
        old = day - timedelta(days=365)
        rows = list(csv.DictReader(run("stale", "--on", day.isoformat(), "--csv").stdout.splitlines()))
        listed = {row["id"] for row in rows}
        for source in library.texts.sources.values():
            assert (f"source/{source.id}" in listed) == (source.read is None or source.read < old), source.id
        for one in library.organisations.by_id.values():
            checked = one.general.verified("phone")[0] if one.general and one.general.phone else old
            assert (one.id in listed) >= (checked is None or checked < old), one.id
        below = [row for row in rows if "/" in row["id"] and not row["id"].startswith("source/")]
        assert len(below) == sum(one.checked is None or one.checked < old for one in contacts)
        reach = [int(row["organisations"]) for row in rows]
        assert reach == sorted(reach, reverse=True)


@pytest.mark.parametrize("words", [[], *([name] for name in main.commands)])
def test_every_command_explains_itself(run, words):
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 5


def test_the_commands_are_those_of_the_design():
    wanted = {
        "serve",
        "decide",
        "questions",
        "organisations",
        "directory",
        "check",
        "page",
        "doubts",
        "stale",
        "checked",
    }
    assert wanted <= set(main.commands)


def test_a_contact_that_was_checked_says_when(refer, library):
    words = library.texts.interface["en"]
    body = refer({"concerns": ["handling"], "handled": "ombudsman", "reporter": "employee"}, language="en")
    for one in body["referrals"]:
        for contact in (one["contact"], *one["otherContacts"]):
            if contact:
                contact["checked"] = "2026-01-02"
    said = render(msgspec.convert(body, view.Answer), words)
    assert "Checked on 2026-01-02." in said
    assert words["contact_never_checked"][:20] not in said
