"""What authors read of a mistake: each message in both languages, filled in alike, and none that nobody says."""

from __future__ import annotations

import ast
import re

import pytest

from service.rulebook.locate import PACKAGE
from service.rulebook.messages import Message, did_you_mean, messages

HOLE = re.compile(r"\{(\w+)")
SAYS = {"Message": 0, "mistake": 0, "Broken": 0, "say": 0, "among": 2, "add": 2, "missing": 2}  # where its id stands


def said():
    """Every id that the code says, with its place, and whether it is all that can stand there."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Dict) and path.name in ("slips.py", "toml_files.py"):  # by what a library says
                yield from ((path.name, one.value, False) for one in node.values if isinstance(one, ast.Constant))
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in SAYS and len(node.args) > SAYS[name]:
                given = node.args[SAYS[name]]
                for one in ast.walk(given):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield f"{path.name}:{node.lineno}", one.value, one is given


def test_every_message_stands_in_both_languages_with_the_same_filled_in():
    for id_, texts in messages().items():
        assert set(texts) == {"en", "nl"}, id_
        assert set(HOLE.findall(texts["en"])) == set(HOLE.findall(texts["nl"])), id_


def test_every_message_is_said_and_every_one_that_is_said_is_there():
    found = list(said())
    assert messages().keys() - {id_ for _, id_, _ in found} == set()
    assert [(place, id_) for place, id_, alone in found if alone and id_ not in messages()] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "'yess' is geen antwoord op 'step'. Bedoelt u 'yes'?"),
        ("en", "'yess' is not an answer of 'step'. Did you mean 'yes'?"),
        ("fy", "'yess' is not an answer of 'step'. Did you mean 'yes'?"),
    ],
)
def test_a_message_is_told_with_its_hint_in_the_language_asked_or_else_in_english(language, text):
    said = {"given": "yess", "fact": "step", "hint": did_you_mean("yess", ["yes", "no"])}
    assert Message("not_an_answer", said).tell(language) == text
