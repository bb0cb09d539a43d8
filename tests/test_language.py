"""The language gate: short sentences, no jargon, one term for one concept, no promise of an outcome, two languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from prose import texts
from running import LANGUAGES

pytestmark = pytest.mark.data

GATE = tomllib.loads(Path(__file__).with_name("language.toml").read_text("utf-8"))
HOLE = re.compile(r"\{\w+\}")
SPOKEN_TO = re.compile(r"\b(je|jij|jouw|jullie)\b", re.IGNORECASE)


def faults(kind, text, language):
    """What the gate has against a text."""
    found = [
        f"{len(sentence.split())} words: {sentence}"
        for sentence in re.split(r"(?<=[.?!:;])\s", text)
        if len(sentence.split()) > GATE["longest"][kind][language]
    ]
    found += [f"jargon: {word}" for word in GATE["jargon"][language] if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
    found += [
        f"{one}: write {other}" for one, other in GATE["instead"][language].items() if re.search(rf"\b{one}\b", text)
    ]
    found += [f"a promise: {one}" for one in GATE["promises"][language] if re.search(rf"\b{one}", text, re.IGNORECASE)]
    if language == "nl" and SPOKEN_TO.search(text):
        found.append("write u")
    if "<" in text:
        found.append("markup")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_passes_the_gate(language):
    mine = [one for one in texts() if one.language == language]
    assert len(mine) > 1_300
    wrong = [f"{one.place()}: {fault}" for one in mine for fault in faults(one.kind, one.words, language)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "Dit is een zin die maar doorgaat " + "en doorgaat " * 9 + "tot niemand meer weet waar hij begon."),
        ("nl", "Teneinde u te helpen vragen wij dit."),
        ("nl", "Bel het Huis voor Klokkenluiders."),
        ("nl", "Wij zorgen ervoor dat u gelijk krijgt."),
        ("nl", "Je kunt hier terecht."),
        ("nl", "Kies <b>dit</b>."),
        ("en", "You must do this prior to calling."),
        ("en", "Talk to a trusted person."),
        ("en", "We guarantee that you are heard."),
    ],
)
def test_the_gate_stops_what_it_should(language, text):
    assert faults("pages", text, language)


def test_both_languages_say_everything():
    nl, en = ({(one.path, one.key): one for one in texts() if one.language == language} for language in LANGUAGES)
    lacking = [one.place() for key, one in (nl | en).items() if key not in nl or key not in en]
    assert not lacking, "\n".join(lacking)
    same = [one.place() for key, one in nl.items() if one.words == en[key].words and one.key not in GATE["same"]]
    assert not same, "\n".join(["write it in both languages, or name it in tests/language.toml: same", *same])
    holes = [one.place() for key, one in nl.items() if {*HOLE.findall(one.words)} != {*HOLE.findall(en[key].words)}]
    assert not holes, "\n".join(holes)


def test_every_term_of_the_glossary_stands_in_a_question(library):
    for language in LANGUAGES:
        met = set()
        for question in library.texts.questions.values():
            one = question[language]
            met |= {
                entry.id
                for entry in library.glossary.found_in(
                    " ".join([one.ask, one.hint or "", *one.answers.values()]), language
                )
            }
        assert {entry.id for entry in library.glossary.entries} <= met


def test_the_longest_form_of_a_term_wins_and_part_of_a_word_is_no_term(library):
    glossary = library.glossary
    assert [one.id for one in glossary.found_in("Mijn klacht over een Misstand", "nl")] == ["complaint", "wrongdoing"]
    assert glossary.found_in("klachtencommissie", "nl") == ()
    assert glossary.found_in("", "en") == ()
