"""The edits that an editor and a jurist make most, made on a copy of everything: none needs a change of Python.

Contacts that were checked, a new organisation, a new day of law, a new question. `wegwijzer check`, which is the whole
gate for authors, passes on the copy.
"""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import TODAY
from jurist_guide import blocks, edit

from service.cli.check import Folders, look

ROOT = Path(__file__).parent.parent

ORGANISATION = """\
id = "dienst_proef"
kind = "agency"

[facts]
regime = "rijk"

[[name]]
nl = "Dienst Proef (verzonnen)"
en = "Trial Service (made up)"
abbreviation = "DP"
aliases = ["Proefdienst"]
sure = "background"

[[parent]]
id = "ocw"
"""

FACT = """\

[[fact]]
id = "on_exercise"
nature = "where"
concern = "labour_conflict"
answers = ["yes", "no", "unknown"]
"""

QUESTION = """\
fact = "on_exercise"

[nl]
ask = "Bent u op oefening?"
why = "Op oefening is er een andere plek."
[nl.answers]
yes = "Ja"
no = "Nee"
unknown = "Dat weet ik niet"
[nl.clauses]
yes = "u op oefening bent"
no = "u niet op oefening bent"
unknown = "u niet weet of u op oefening bent"

[en]
ask = "Are you on an exercise?"
why = "On an exercise there is another place."
[en.answers]
yes = "Yes"
no = "No"
unknown = "I do not know"
[en.clauses]
yes = "you are on an exercise"
no = "you are not on an exercise"
unknown = "you do not know whether you are on an exercise"
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of all that authors write."""
    for name in ("rules", "content", "tests/cases"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/neighbourhoods.toml", tmp_path / "tests")
    return tmp_path


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def check_a_contact(folder):
    """Somebody called every number there is, today."""
    for path in (*(folder / "content/channels").glob("*.toml"), *(folder / "content/organisations").glob("*.toml")):
        blocks_ = re.split(r"(?m)^(?=\[)", path.read_text("utf-8"))
        day = f"checked = {TODAY - timedelta(days=1)}\n"
        changed = [
            re.sub(r"^(\[\[(?:contact|channel)\]\]\n)", rf"\g<1>{day}", one) if "checked = " not in one else one
            for one in blocks_
        ]
        path.write_text("".join(changed), "utf-8")


def add_an_organisation(folder):
    (folder / "content/organisations/dienst_proef.toml").write_text(ORGANISATION, "utf-8")


def add_an_edition(folder):
    """The day, the source, the rule, the cell and the story of the guide for jurists."""
    for one in blocks("en"):
        if one.how in ("append", "change"):
            edit(one, folder)


def add_a_question(folder):
    """A question that decides one rule of the new edition, put before the last ones."""
    vocabulary = folder / "rules/vocabulary.toml"
    (before, last) = vocabulary.read_text("utf-8").rsplit('\n[[fact]]\nid = "manager_involved"', 1)
    vocabulary.write_text(f'{before}{FACT}\n[[fact]]\nid = "manager_involved"{last}', "utf-8")
    (folder / "content/questions/on_exercise.toml").write_text(QUESTION, "utf-8")
    rules = folder / "rules/defence_inspector.toml"
    text, new = rules.read_text("utf-8").split('id = "defence_inspector.6"')
    new = new.replace('regime = "defence" }', 'regime = "defence", on_exercise = ["yes", "unknown"] }', 1)
    new = new.replace('regime = "defence" }', 'regime = "defence", on_exercise = "yes" }', 1)
    rules.write_text(f'{text}id = "defence_inspector.6"{new}', "utf-8")
    change(
        folder / "tests/cases/organisations.toml",
        'because_of = "none" }\nexpect.also = ["defence_inspector"]',
        'because_of = "none", on_exercise = "yes" }\nexpect.also = ["defence_inspector"]',
    )


EDITS = (check_a_contact, add_an_organisation, add_an_edition, add_a_question)


@pytest.mark.slow
def test_the_edits_of_editor_and_jurist_pass_the_gate_without_python(copy):
    for one in EDITS:
        one(copy)
    found = look(Folders(copy / "rules", copy / "content", None), "en")
    assert list(map(str, found.problems)) == []
    assert found.lacking == ()
    assert "2027-01-01" in [one.id for one in found.draft.rulebase.editions]
