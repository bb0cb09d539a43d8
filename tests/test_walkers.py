"""What the compiled rulebase says of itself is enough for others: its page explains every part, and walkers decide."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TODAY

from service.core.reading import Reading
from service.core.situation import Situation
from service.core.vocabulary import UNKNOWN
from service.rulebook.compiled import encode

ROOT = Path(__file__).parent.parent
WALKERS = ROOT / "docs" / "walkers"
PAGE = (ROOT / "docs/compiled.md").read_text("utf-8")
PARTS = json.loads((ROOT / "docs/compiled.schema.json").read_text("utf-8"))["$defs"]


def test_every_part_of_the_file_is_explained_and_no_other():
    told = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert told == [*PARTS["File"]["properties"], *PARTS["Compiled"]["properties"]]


@pytest.fixture(scope="module")
def file(library, tmp_path_factory):
    """Our rulebase as it stands in a file."""
    path = tmp_path_factory.mktemp("compiled") / "compiled.json"
    path.write_bytes(encode(library, library.receipt))
    return path


@pytest.fixture(scope="module")
def situations(library):
    """What is told of every rule in force, with all other facts answered in turn."""
    edition = library.rulebase.on(TODAY)
    asked = [fact for fact in edition.vocabulary.facts if not fact.several]
    return [
        {
            "concerns": [rule.concern],
            **{fact.id: fact.answers[number % len(fact.answers)] for fact in asked},
            **rule.example.situation,
        }
        for number, rule in enumerate(edition.rules)
    ]


def walked(command, file, situations):
    """What a walker says of situations."""
    lines = "".join(json.dumps(one) + "\n" for one in situations)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def commands(file):
    day = TODAY.isoformat()
    compact = ["--compact-output", "--slurpfile", "sealed", str(file), "--arg", "on", day]
    return {
        "Python": [sys.executable, str(WALKERS / "walk.py"), str(file), day],
        "JavaScript": ["node", str(WALKERS / "walk.mjs"), str(file), day],
        "jq": ["jq", *compact, "--from-file", str(WALKERS / "walk.jq")],
    }


@pytest.mark.tools
@pytest.mark.parametrize("language", ["Python", "JavaScript", "jq"])
def test_a_walker_decides_as_the_service_does(library, file, situations, language):
    """Told whole, told without an organisation, and told in part: then it says what it lacks, and guesses nothing."""
    reading = Reading(library.rulebase.on(TODAY))
    facts = reading.vocabulary.facts
    of_organisation = {fact.id for fact in facts if fact.of_organisation}
    nowhere = [{key: value for key, value in one.items() if key not in of_organisation} for one in situations]
    asked = [*situations, *nowhere]
    for one, said in zip(asked, walked(commands(file)[language], file, asked), strict=True):
        answers = {**dict.fromkeys(of_organisation, UNKNOWN), **{key: one[key] for key in one if key != "concerns"}}
        meant: dict[str, dict[str, list[str]]] = {}
        for referral in reading.decide(Situation(tuple(one["concerns"]), answers), closed=False).referrals:
            meant.setdefault(referral.concern, {})[referral.destination] = [rule.id for rule in referral.rules]
        assert said == {"refers": meant, "asks": []}

    part = [{"concerns": one["concerns"]} for one in situations[::40]]
    for one, said in zip(part, walked(commands(file)[language], file, part), strict=True):
        assert said["asks"], one
        assert set(said["refers"]) <= set(one["concerns"])


@pytest.mark.tools
@pytest.mark.parametrize("language", ["Python", "JavaScript"])
def test_a_walker_refuses_a_file_that_was_changed(file, tmp_path, language):
    changed = tmp_path / "changed.json"
    changed.write_bytes(file.read_bytes().replace(b'"until":null', b'"until":"9999-01-01"', 1))
    told = {"input": "", "capture_output": True, "text": True, "timeout": 60, "check": False}
    done = subprocess.run(commands(changed)[language], **told)
    assert done.returncode != 0
    assert "changed since it was compiled" in done.stderr


def test_a_walker_is_short():
    for path in sorted(WALKERS.glob("walk.*")):
        assert len(path.read_text("utf-8").splitlines()) <= 50, path.name
