"""The language gate: short sentences, no jargon, one term for one concept, no promise of an outcome, two languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from running import LANGUAGES

from service.rulebook.library import load_library

pytestmark = pytest.mark.data

LIBRARY = load_library()
GATE = tomllib.loads(Path(__file__).with_name("language.toml").read_text("utf-8"))
NOT_ON_PAGES = ("diff_", "dmn_", "check_", "why_rule", "why_change", "why_because", "cli_")
SPOKEN_TO = re.compile(r"\b(je|jij|jouw|jullie)\b", re.IGNORECASE)


def texts_of(language):
    """Every text of ours that a person reads: what kind it is, where it stands, and the text."""
    texts = LIBRARY.texts
    for channel in texts.channels.values():
        text = channel.text[language]
        for part in ("name", "action", "your_name", "when_silent"):
            yield "pages", f"{channel.id}.{part}", getattr(text, part)
        for number, item in enumerate((*text.expect, *text.limits)):
            yield "pages", f"{channel.id}.item{number}", item
    for fact, question in texts.questions.items():
        for part in ("ask", "hint", "why"):
            if getattr(question[language], part):
                yield "pages", f"{fact}.{part}", getattr(question[language], part)
        for answer, text in question[language].answers.items():
            yield "pages", f"{fact}.{answer}", text
        for answer, text in question[language].clauses.items():
            yield "pages", f"{fact}.{answer}.clause", text
    for notice in texts.notices:
        yield "pages", f"notice {notice.id}", notice.text[language]
    for term in texts.terms.values():
        yield "pages", f"term {term.id}", term.text[language]
    for entry in LIBRARY.glossary.entries:
        yield "pages", f"glossary {entry.id}", entry.text[language].text
    for word, text in texts.interface[language].items():
        if not word.startswith(NOT_ON_PAGES) and word != "months":
            yield "pages", f"interface {word}", text
    for rule in LIBRARY.rulebase.rules:
        yield "rules", f"{rule.id}.why", rule.why[language]
        if rule.doubt:
            yield "rules", f"{rule.id}.doubt", rule.doubt[language]
    for organisation in LIBRARY.organisations.by_id.values():
        for number, channel in enumerate(organisation.channels):
            if channel.contact.note:
                yield "rules", f"{organisation.id}.channel{number}", channel.contact.note[language]


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


TEXTS = [(language, *one) for language in LANGUAGES for one in texts_of(language)]


@pytest.mark.parametrize(
    ("language", "kind", "place", "text"), TEXTS, ids=[f"{language} {place}" for language, _, place, _ in TEXTS]
)
def test_a_text_passes_the_gate(language, kind, place, text):
    assert faults(kind, text, language) == []


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
    nl, en = ({place: text for one, _, place, text in TEXTS if one == language} for language in LANGUAGES)
    assert nl.keys() == en.keys()
    same = {place for place in nl if nl[place] == en[place]}
    assert same <= set(GATE["same"]), "write it in both languages, or name it in tests/language.toml: same"
    for place in nl:
        assert set(re.findall(r"\{\w+\}", nl[place])) == set(re.findall(r"\{\w+\}", en[place])), place


def test_every_term_of_the_glossary_stands_in_a_question():
    for language in LANGUAGES:
        met = set()
        for question in LIBRARY.texts.questions.values():
            one = question[language]
            met |= {
                entry.id
                for entry in LIBRARY.glossary.found_in(
                    " ".join([one.ask, one.hint or "", *one.answers.values()]), language
                )
            }
        assert {entry.id for entry in LIBRARY.glossary.entries} <= met


def test_the_longest_form_of_a_term_wins_and_part_of_a_word_is_no_term():
    glossary = LIBRARY.glossary
    assert [one.id for one in glossary.found_in("Mijn klacht over een Misstand", "nl")] == ["complaint", "wrongdoing"]
    assert glossary.found_in("klachtencommissie", "nl") == ()
    assert glossary.found_in("", "en") == ()
