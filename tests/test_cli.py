"""The command line, as somebody at a terminal uses it: answers, help, exit codes, and never a traceback."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from functools import partial

import msgspec
import pytest
import small
from conftest import TODAY
from running import LANGUAGES

from service.answers import view
from service.answers.presenter import Presenter
from service.cli.main import compare_everywhere, main
from service.cli.terminal import render
from service.core.situation import situation
from service.engine.decider import Decider
from service.proof.findings import watching
from service.proof.grounds import grounds
from service.rulebook.checking import Held
from service.serving.compiling import findings
from service.serving.kept import Kept


@pytest.fixture
def run(university_command):
    return university_command


def test_decide_answers_in_words_with_reason_source_and_what_to_expect(run):
    result = run("decide", "concerns=conduct", "feeling=unsafe", "--organisation", "letters", "--on", "2024-09-01")
    assert result.exit_code == 0
    for words in ("UW EERSTE STAP", "Raadgever", "Raadgever van Letteren", "Charter, section 3", "Als u niets hoort"):
        assert words in result.output


def test_decide_gives_json_as_the_api_does(run, university_app):
    words = ("concerns=conduct,building", "role=visitor")
    result = run("decide", *words, "--json", "--on", "2026-11-23", "--language", "en")
    situation = {"concerns": ["conduct", "building"], "role": "visitor"}
    asked = {"situation": situation, "on": "2026-11-23", "language": "en"}
    assert json.loads(result.output) == university_app.test_client().post("/api/v1/referrals", json=asked).json


def test_decide_shows_the_next_question_while_there_is_one(run):
    result = run("decide", "concerns=building")
    assert "? Wie bent u" in result.output
    assert "1. " in result.output


def test_decide_shows_closed_doors_when_asked(run):
    result = run("decide", "concerns=building", "role=visitor", "--closed")
    assert "DEZE DEUREN STAAN NU NIET OPEN" in result.output
    assert "College van beroep: " in result.output


def test_decide_asks_one_by_one_when_given_nothing(run):
    result = run("decide", stdin="2\n1\n1\n\n")
    assert result.exit_code == 0
    assert result.output.count("> ") == 4, "an organisation too, for that can change the answer"
    assert "UW EERSTE STAP" in result.output


def test_a_wrong_number_is_asked_again(run):
    result = run("decide", stdin="3\nnine\n99\n1\n")
    assert result.output.count("Geef een getal van 1 tot en met 3.") == 2
    assert "UW EERSTE STAP" in result.output


def test_whoever_stops_half_way_still_gets_what_is_certain(run):
    result = run("decide", stdin="2\n")
    assert result.exit_code == 0
    assert "Direct hulp nodig?".upper() in result.output


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_types_back_gives_another_answer_to_the_question_before(run, university, language):
    """Said at the start; at the first question there is none before it; after an organisation too."""
    words = university.texts.interface[language]
    back = words["cli_back"]
    asked = ("decide", "--language", language)
    result = run(*asked, stdin=f"{back}\n1\n{back[0]}\n2\n1\n2\n{back}\n1\nletters\n1\n")
    assert f"‘{back}’" in result.output
    assert result.output.count(words["cli_first"]) == 1
    straight = run(*asked, stdin="2\n1\n1\nletters\n1\n")
    assert result.stdout.split("> ")[-1] == straight.stdout.split("> ")[-1]
    assert "--organisation letters" in straight.output


def test_an_organisation_is_asked_by_what_people_type_and_several_are_offered(run):
    result = run("decide", stdin="2\n1\n1\nxyzzy\nfaculteit\n9\nfaculteit\n2\n")
    assert "  2. Faculteit Recht en Samenleving" in result.output
    assert "--organisation society" in result.output


def test_an_organisation_is_taken_by_its_name_and_said_by_its_id(run, university):
    """By a part of its name it is none yet: it may be another, and nobody is there to pick it."""
    name = university.organisations.by_id["letters"].name(TODAY).text["nl"]
    by_name, by_id = (run("decide", "concerns=conduct", "--organisation", one) for one in (name.upper(), "letters"))
    assert by_name.stdout == by_id.stdout
    assert "(letters)" in by_name.stderr
    near = run("decide", "concerns=conduct", "--organisation", name[: len(name) - 2])
    assert near.exit_code == 2
    assert "Did you mean letters" in near.stderr


def test_what_a_program_reads_has_no_questions_in_it(run):
    assert json.loads(run("decide", "--json", stdin="2\n1\n1\n\n").stdout)["complete"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_referral_fits_a_terminal(library, language):
    """Every place in words of at most 80 columns; only an address may be longer, for it must stay whole.

    The languages take turns with the rules: both are wrapped by the same lines.
    """
    words = dict(library.texts.interface[language])
    decider = Decider(library.rulebase)
    for rule in library.rulebase.on(TODAY).rules[15 * LANGUAGES.index(language) :: 30]:
        situation_ = {**rule.example.situation, "concerns": [rule.concern]}
        decision = decider.decide(situation(library.rulebase.vocabulary, situation_, None), TODAY)
        said = render(Presenter(library, language).answer(decision, None, TODAY), words, closed=True)
        long = [line for line in said.splitlines() if len(line) > 80]
        assert [line for line in long if len(line.split()) > 2] == []


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (["rol=student"], "Did you mean 'role'?"),
        (["role=studnt"], "Did you mean 'student'?"),
        (["student"], "write fact=answer"),
        (["role=student", "role=visitor"], "answered twice"),
        (["role=student", "--organisation", "faculteit"], "Did you mean letters, society, law"),
        (["role=student", "--organisation", "xyzzy"], "wegwijzer organisations"),
        (["role=student", "--on", "2024-08-31"], "before 2024-09-01"),
        (["role=student", "--on", "20 juni"], "as 2019-06-20"),
        (["role=student", "--language", "fr"], "nl"),
        (["campus=city", "--organisation", "letters"], "together with an organisation"),
    ],
)
def test_a_users_mistake_is_one_line_with_its_mend_and_exit_code_2(run, words, mend):
    result = run("decide", *words)
    assert result.exit_code == 2
    assert mend in result.output
    assert "Traceback" not in result.output


def test_questions_lists_every_fact_and_answer(run, university):
    output = run("questions").output
    for fact in university.rulebase.vocabulary.facts:
        assert f"{fact.id}: " in output
        assert all(f"  {answer}: " in output for answer in fact.answers)


def test_organisations_finds_and_shows_who_holds_the_matter(run, university):
    output = run("organisations", "rechtsgeleerdheid", "--on", "2026-11-23").output
    assert "law -> society: " in output
    assert len(run("organisations").output.splitlines()) == len(university.organisations.by_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_organisations_that_finds_nothing_says_what_to_take_then(run, university, language):
    result = run("organisations", "xyzzy", "--language", language)
    other = university.organisations.catch_all
    assert result.exit_code == 0
    assert result.stdout == f"{other.id}: {other.names[0].text[language]}\n"
    assert f"{other.id}: {other.names[0].text[language]}" in result.stderr
    assert other.id in run("decide", "concerns=building", "--organisation", "xyzzy").stderr


def test_check_says_what_was_proved_and_for_how_many_situations(run):
    result = run("check", "--language", "en")
    assert result.exit_code == 0
    assert "ok: Every situation ends in exactly one first step per concern. (" in result.output
    assert "BROKEN" not in result.output
    assert "edition 2024-09-01: sha256:" in result.output


def test_whoever_waits_is_told_what_is_being_proved_and_how_far():
    """Each finding is named before it is there, and the longest says its share; a pipe gets none of it."""
    told = []
    token = watching.set(lambda name, says, share: told.append((name, share)))
    try:
        for finding in findings(small.draft(), Held()):
            assert told[-1][0] == finding.name
    finally:
        watching.reset(token)
    shares = [share for name, share in told if name == "engine_agrees"]
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1


def test_what_was_compared_everywhere_before_is_not_compared_again(monkeypatch, capsys):
    kept, draft = Kept(None), small.draft()
    compare = partial(compare_everywhere, draft, draft.texts.interface["en"], kept, err=False)
    assert compare() == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert sum(kept[one] for one in [*kept]) == sum(one.space.size for one in grounds(draft.rulebase))
    monkeypatch.setattr("service.cli.main.ProcessPoolExecutor", Counting)
    for lost in ([], [*kept][:1], [*kept][1:]):
        for one in lost:
            del kept[one]
        Counting.handed = 0
        assert compare() == 0
        assert Counting.handed == len(lost)
        assert capsys.readouterr() == said


class Counting:
    """Works here, and counts what it is given."""

    handed = 0

    def __init__(self, _):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def map(self, work, *jobs):
        given = [*zip(*jobs, strict=True)]
        Counting.handed += len(given)
        return [work(*one) for one in given]


def test_what_goes_on_is_no_part_of_what_a_pipe_gets(run):
    assert "\r" not in run("check").output


def test_check_says_each_finding_when_it_has_it(run, monkeypatch):
    """Whoever waits for the longest proof reads what was proved before it."""
    said, silent = [], []

    def watched(*given):
        for number, finding in enumerate(findings(*given)):
            silent.append(number > sum(line.startswith("ok: ") for line in said))
            yield finding

    monkeypatch.setattr("service.cli.check.findings", watched)
    monkeypatch.setattr("service.cli.main.click.echo", lambda line="", **_: said.append(str(line)))
    assert run("check").exit_code == 0
    assert len(silent) > 10
    assert not any(silent)


def test_doubts_lists_every_doubt_once_with_its_rules_for_a_jurist(run, university):
    output = run("doubts", "--language", "en").output
    places = [line for line in output.splitlines() if line.startswith("  ") and not line.startswith("    ")]
    listed = {id_ for line in places for id_ in line.strip().split(", ")}
    there = (*university.organisations.written, *university.organisations.shared)
    noted = [(one, fact) for one in there for fact in one.provisions if fact.note]
    facts = {f"{one.id} ({fact.fact})" for one, fact in noted}
    assert listed == {rule.id for rule in university.rulebase.rules if rule.remarks} | facts
    for rule in university.rulebase.rules:
        for doubt in rule.doubts:
            assert output.count(f"{doubt.says['en']}\n") == 1


def test_stale_lists_what_nobody_checked_or_read_in_a_year_and_what_concerns_most_comes_first(run, university):
    on = max(source.read for source in university.texts.sources.values() if source.read)
    contacts = [one for channel in university.texts.channels.values() for one in channel.contacts]
    contacts += [own.contact for one in university.organisations.by_id.values() for own in one.channels]
    for day in (on, on + timedelta(days=366)):
        old = day - timedelta(days=365)
        rows = list(csv.DictReader(run("stale", "--on", day.isoformat(), "--csv").stdout.splitlines()))
        listed = {row["id"] for row in rows}
        for source in university.texts.sources.values():
            assert (f"source/{source.id}" in listed) == (source.read is None or source.read < old), source.id
        for one in university.organisations.by_id.values():
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


def test_a_contact_that_was_checked_says_when(university, university_app):
    words = university.texts.interface["en"]
    asked = {"situation": {"concerns": ["building"], "role": "visitor"}, "language": "en"}
    body = university_app.test_client().post("/api/v1/referrals", json=asked).json
    contacts = [one for each in body["referrals"] for one in (each["contact"], *each["otherContacts"]) if one]
    assert words["contact_never_checked"][:20] in render(msgspec.convert(body, view.Answer), words)
    for contact in contacts:
        contact["checked"] = "2026-01-02"
    said = render(msgspec.convert(body, view.Answer), words)
    assert "Checked on 2026-01-02." in said
    assert words["contact_never_checked"][:20] not in said


@pytest.mark.parametrize("by", ["who", "organisation", "destination"])
def test_the_rows_of_reach_count_every_first_step_once(university_command, by):
    done = university_command("reach", "--by", by)
    assert done.exit_code == 0
    first, *rows, _ = (line.split() for line in done.stdout.splitlines())
    assert first[0] == "all"
    assert sum(int(row[-5].replace(",", "")) for row in rows) == int(first[-5].replace(",", ""))
