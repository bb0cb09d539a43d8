"""What a shell completes, asked as a shell asks it; and what a command says to programs."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import VERSION
from service.cli.main import main
from service.core.case_code import CaseCode
from service.core.situation import situation
from service.rulebook.library import RULEBASE

COMMAND = Path(sys.executable).with_name("wegwijzer")


def in_this_process(given):
    return CliRunner().invoke(main, prog_name="wegwijzer", env=given)


def as_a_command(given):
    return subprocess.run([COMMAND], env={**os.environ, **given}, capture_output=True, text=True, check=False)


@pytest.fixture
def complete(university_file):
    def ask(shell, *words, start=in_this_process):
        given = {"_WEGWIJZER_COMPLETE": f"{shell}_complete", RULEBASE: str(university_file)}
        typed = words[-1] if shell == "fish" else str(len(words))
        given |= {"COMP_WORDS": " ".join(("wegwijzer", *words)), "COMP_CWORD": typed}
        done = start(given)
        assert done.stderr == ""
        if shell == "zsh":
            return done.stdout.splitlines()[1::3]
        return [line.partition(",")[2].partition("\t")[0] for line in done.stdout.splitlines() if line]

    yield ask
    logging.disable(logging.NOTSET)  # it is quiet for as long as its process lives


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_completes_destinations_organisations_facts_and_answers(complete, university, shell):
    vocabulary = university.rulebase.vocabulary
    place, fact = vocabulary.destinations[0], next(one for one in vocabulary.facts if not one.several)
    assert place in complete(shell, "why-not", place[:3])
    organisation = next(iter(university.organisations.by_id))
    assert organisation in complete(shell, "decide", "--organisation", organisation[:2])
    assert f"{fact.id}={fact.answers[0]}" in complete(shell, "decide", fact.id)
    assert complete(shell, "page", vocabulary.concerns.answers[0]) == [vocabulary.concerns.answers[0]]
    if shell != "bash":
        found = complete(shell, "decide", f"{fact.id}={fact.answers[-1][:2]}")
        assert f"{fact.id}={fact.answers[-1]}" in found


def test_bash_cuts_a_word_at_its_sign_and_gets_the_rest(complete, university):
    fact = next(one for one in university.rulebase.vocabulary.facts if not one.several)
    assert complete("bash", "decide", fact.id, "=", fact.answers[0][:2])[0] == fact.answers[0]
    assert complete("bash", "decide", fact.id, "=") == list(fact.answers)


def test_of_several_concerns_the_next_one_is_completed(complete, university):
    concerns = university.rulebase.vocabulary.concerns
    one, other, *_ = concerns.answers
    found = complete("zsh", "decide", f"{concerns.id}={one},")
    assert f"{concerns.id}={one},{other}" in found
    assert f"{concerns.id}={one},{one}" not in found


@pytest.mark.processes
def test_the_command_that_a_shell_starts_says_the_same(complete, university):
    place = university.rulebase.vocabulary.destinations[0]
    for shell in ("bash", "zsh", "fish"):
        said = complete(shell, "why-not", place[:1], start=as_a_command)
        assert said
        assert said == complete(shell, "why-not", place[:1])


def test_without_a_rulebase_nothing_is_completed_and_nothing_is_said(complete, university_file):
    university_file.rename(university_file.with_suffix(".away"))
    try:
        assert complete("bash", "why-not", "e") == []
    finally:
        university_file.with_suffix(".away").rename(university_file)


def test_the_version_is_said(university_command):
    assert university_command("--version").output == f"wegwijzer {VERSION}\n"


def test_decide_takes_the_code_of_a_case_and_says_how_to_ask_again(university_command, university):
    vocabulary = university.rulebase.vocabulary
    edition = university.rulebase.editions[-1]
    rule = edition.rules[0]
    given = {vocabulary.concerns.id: [rule.concern], **rule.example.situation}
    asked = situation(vocabulary, given)
    code = CaseCode(vocabulary, sorted(university.organisations.by_id)).write(asked, None, edition.since)
    first = university_command("decide", code.lower())
    assert first.exit_code == 0, first.output
    again = first.output.splitlines()[-1].split()
    assert again[:2] == ["wegwijzer", "decide"]
    assert again[2:4] == ["--on", edition.since.isoformat()], "the code carries its day"
    repeated = university_command(*again[1:])
    assert (repeated.stdout, repeated.stderr) == (first.stdout, "")
    with_code = json.loads(university_command("decide", code, "--json").output)
    with_words = json.loads(university_command(*again[1:], "--json").output)
    assert with_code == with_words
    wrong = university_command("decide", "QQQQ-QQQQ")
    assert wrong.exit_code == 2
    assert "QQQQ" not in wrong.output.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        *(("questions",), ("questions", "--count"), ("organisations",), ("reach",), ("stale",), ("coverage",)),
        *(("doubts",), ("directory", "show", "law")),
    ],
)
def test_what_a_command_shows_as_a_table_it_also_says_to_a_program(university_command, university, words, tmp_path):
    if words == ("coverage",):
        words = ("coverage", next(iter(university.texts.sources)), "--cases", str(tmp_path))
    said = university_command(*words, "--json")
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert isinstance(found, list)
    assert found
    assert len({frozenset(row) for row in found}) == 1, "every row has the same columns"


@pytest.mark.parametrize("command", ["why", "why-not"])
def test_an_explanation_is_told_to_a_program_too(university_command, university, command):
    """Of a rule and the situation that is told of it: it holds there, and rests on these words."""
    rule = university.rulebase.editions[-1].rules[0]
    words = [f"{fact}={answer}" for fact, answer in rule.example.situation.items()]
    said = university_command(command, rule.refer, f"concerns={rule.concern}", *words, "--json")
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert (found["destination"], found["referred"], found["ways"]) == (rule.refer, True, [])
    (told,) = [one for one in found["rules"] if one["id"] == rule.id]
    assert (told["stands"], told["unmet"], told["unanswered"]) == ("fires", [], [])
    assert [one["quote"] for one in told["restsOn"]] == [one.quote for one in rule.citations]
