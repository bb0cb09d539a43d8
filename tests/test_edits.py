"""The edits that an editor and a jurist make most, made on a copy of a whole rulebase: none needs a change of Python.

Contacts that were checked, a new organisation, a new day of law, a new question. `wegwijzer check`, which is the whole
gate for authors, passes on the copy.
"""

from __future__ import annotations

import re
import shutil
from datetime import timedelta

import pytest
from conftest import TODAY
from small import UNIVERSITY

from service.cli.check import Folders, look

ORGANISATION = """\
id = "trial"
kind = "faculty"
facts = { campus = "city" }

[[name]]
nl = "Faculteit Proef"
en = "Faculty of Trials"
sure = "background"

[[parent]]
id = "letters"
"""

# A day of law: the source, the day, the rule that follows from it, who can take that, and a story.
SOURCE = """\
id = "charter-2027"
title = "Second amendment to the student charter"
short = "Second amendment"
kind = "regulation"
sure = "archived_copy"
read = 2026-01-15

[[passage]]
locator = "section 1"
text = "Whoever is annoyed in the library may turn to the exam board."
quotes.annoyed = "Whoever is annoyed in the library may turn to the exam board"
"""
EDITION = """
[[edition]]
day = 2027-01-01
source = "charter-2027"
locator = "section 1"
says = { nl = "De examencommissie hoort wie boos is.", en = "The exam board hears whoever is annoyed." }
"""
RULE = """
[[rule]]
id = "exam_board.3"
refer = { as = "also", concern = "conduct", from = 2027-01-01 }
when = { feeling = "annoyed", anonymity = "named" }
why.nl = "U bent boos: dan hoort de examencommissie u."
why.en = "You are annoyed: the exam board hears you."
rests_on = ["charter-2027.annoyed"]
example = { "A student is annoyed by a teacher." = { feeling = "annoyed", anonymity = "named" } }
but_not = { "A student is afraid of a teacher." = { feeling = "unsafe" } }
"""
CELL = """
[[cell]]
body = "exam_board"
takes = { as = "can", concern = ["conduct"], from = 2027-01-01 }
why.nl = "De examencommissie hoort wie boos is."
why.en = "The exam board hears whoever is annoyed."
rests_on = ["charter-2027.annoyed"]
"""
STORY = """
[[case]]
name = "A student is annoyed by a teacher"
tells = "charter-2027, section 1"
on = 2027-01-01
situation = { concerns = ["conduct"], feeling = "annoyed", anonymity = "named" }
expect.first = ["study_adviser"]
expect.also = ["exam_board", "complaints_committee"]
"""

FACT = """
[[fact]]
id = "in_library"
nature = "past"
concern = "conduct"
answers = ["yes", "no"]
"""
QUESTION = """\
fact = "in_library"

[nl]
ask = "Was het in de bibliotheek?"
answers = { yes = "Ja", no = "Nee" }
clauses = { yes = "het in de bibliotheek was", no = "het niet in de bibliotheek was" }

[en]
ask = "Was it in the library?"
answers = { yes = "Yes", no = "No" }
clauses = { yes = "it was in the library", no = "it was not in the library" }
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of all that authors write."""
    return shutil.copytree(UNIVERSITY, tmp_path / "copy")


def write(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def check_the_contacts(folder):
    """Somebody called every number there is, yesterday."""
    for path in (*folder.glob("content/channels/*.toml"), *folder.glob("content/organisations/*.toml")):
        day = f"checked = {TODAY - timedelta(days=1)}"
        text = re.sub(r"(?m)^(\[\[(?:contact|channel)\]\])$", rf"\1\n{day}", path.read_text("utf-8"))
        path.write_text(text, "utf-8")


def add_an_organisation(folder):
    write(folder / "content/organisations/trial.toml", ORGANISATION)


def add_an_edition(folder):
    write(folder / "content/sources/charter-2027.toml", SOURCE)
    write(folder / "rules/editions.toml", EDITION)
    write(folder / "rules/exam_board.toml", RULE)
    write(folder / "rules/competence.toml", CELL)
    write(folder / "tests/cases/students.toml", STORY)


def add_a_question(folder):
    """A question that decides one rule of the new edition, put before the last ones."""
    change(folder / "rules/vocabulary.toml", '\n[[fact]]\nid = "campus"', f'{FACT}\n[[fact]]\nid = "campus"')
    write(folder / "content/questions/in_library.toml", QUESTION)
    named = 'feeling = "annoyed", anonymity = "named" }'
    for file in ("rules/exam_board.toml", "tests/cases/students.toml"):
        change(folder / file, named, named.replace(" }", ', in_library = "yes" }'))


EDITS = (check_the_contacts, add_an_organisation, add_an_edition, add_a_question)


@pytest.mark.slow
def test_the_edits_of_editor_and_jurist_pass_the_gate_without_python(copy):
    for one in EDITS:
        one(copy)
        found = look(Folders(copy / "rules", copy / "content", None), "en")
        assert list(map(str, found.problems)) == [], one.__name__
        assert found.lacking == ()
    assert "2027-01-01" in [one.id for one in found.draft.rulebase.editions]
    assert "in_library" in found.draft.rulebase.vocabulary.by_id
    assert all(one.contacts[0].checked for one in found.draft.texts.channels.values() if one.contacts)
