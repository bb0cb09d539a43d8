"""What authors read of a mistake: each message in both languages, filled in alike, and none that nobody says."""

from __future__ import annotations

import ast
import re

import pytest

from service.rulebook.locate import PACKAGE
from service.rulebook.messages import Message, did_you_mean, messages

HOLE = re.compile(r"\{(\w+)")
SAYS = {
    "Message": 0,
    "mistake": 0,
    "Broken": 0,
    ".say": 0,
    ".among": 2,
    ".add": 2,
    ".missing": 2,
}  # where its id stands


def said():
    """Every text in the code, with its place and whether it is an id that is said there."""
    for path in PACKAGE.rglob("*.py"):
        nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
        yield from ((path.name, one.value, False) for one in nodes if isinstance(one, ast.Constant))
        for node in nodes:
            name = getattr(node.func, "id", "." + getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            given = node.args[SAYS[name]] if name in SAYS and len(node.args) > SAYS[name] else None
            if isinstance(given, ast.Constant):
                yield f"{path.name}:{node.lineno}", given.value, True


def test_every_message_stands_in_both_languages_with_the_same_filled_in():
    for id_, texts in messages().items():
        assert set(texts) == {"en", "nl"}, id_
        assert set(HOLE.findall(texts["en"])) == set(HOLE.findall(texts["nl"])), id_


def test_every_message_is_said_and_every_one_that_is_said_is_there():
    found = list(said())
    of_tables = {f"in_{table}" for table in ("rule", "cell", "promise", "fact")}
    assert messages().keys() - {id_ for _, id_, _ in found} - of_tables == set()
    assert [(place, id_) for place, id_, said_ in found if said_ and id_ not in messages()] == []


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


@pytest.mark.parametrize(
    ("given", "meant"),
    [("anoniem", "anonymous"), ("colleages", "colleagues"), ("nobody at all", None), ("misstand", None)],
)
def test_what_was_meant_is_guessed_only_where_it_is_near(given, meant):
    """Never a word that says the opposite: `anoniem` is nearer to `none` than to `anonymous`."""
    told = did_you_mean(given, ["none", "colleagues", "outside_organisation", "anonymous"])
    assert told.values.get("near") == meant
