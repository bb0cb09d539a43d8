"""The words people read: complete in two languages, short sentences, no jargon, nothing invented."""

from __future__ import annotations

import re
import tomllib

import pytest

from service.files import PACKAGE, folder
from service.library import load_library
from service.texts import LANGUAGES

LIBRARY = load_library()
LONGEST = 25  # words in a Dutch sentence that people read
JARGON = (
    "rechtspositie",
    "kenbaarheidsvereiste",
    "behoorlijkheid",
    "escalatie",
    "doorzendplicht",
    "bejegening",
    "ontvankelijk",
    "teneinde",
    "middels",
)
PHONES = re.compile(r"(?<![\w/])(?:\+31[\d ()-]{8,}|0[\d ()-]{8,}\d)")


def dutch():
    """Every Dutch text of ours that a person reads: where it stands, and the text."""
    texts = LIBRARY.texts
    for channel in texts.channels.values():
        text = channel.text["nl"]
        for part in ("action", "your_name", "when_silent"):
            yield f"{channel.id}.{part}", getattr(text, part)
        for number, item in enumerate((*text.expect, *text.limits)):
            yield f"{channel.id}.item{number}", item
    for fact, question in texts.questions.items():
        for part in ("ask", "hint", "why"):
            if getattr(question["nl"], part):
                yield f"{fact}.{part}", getattr(question["nl"], part)
    for notice in texts.notices:
        yield f"notice {notice.id}", notice.text["nl"]
    for term in texts.terms.values():
        yield f"term {term.id}", term.text["nl"]
    for rule in LIBRARY.rulebase.rules:
        yield f"{rule.id}.why", rule.why["nl"]
        if rule.doubt:
            yield f"{rule.id}.doubt", rule.doubt["nl"]


TEXTS = list(dutch())


@pytest.mark.parametrize(("place", "text"), TEXTS, ids=[place for place, _ in TEXTS])
def test_sentences_are_short_and_plain(place, text):
    for sentence in re.split(r"(?<=[.?!:;])\s", text):
        assert len(sentence.split()) <= LONGEST, sentence
    assert not [word for word in JARGON if word in text.lower()]
    assert "<" not in text
    assert not re.search(r"\b(je|jij|jouw|jullie)\b", text)


def test_no_text_promises_an_outcome():
    for place, text in TEXTS:
        assert not re.search(r"\b(garander|gegarandeerd|zeker weten dat u|altijd gelijk|lost het op)", text), place


def test_every_phone_number_in_a_text_stands_at_a_source_or_in_a_contact():
    """A number is never typed from memory: it stands in words that were read, or in a contact that names its source."""
    known = " ".join(passage.text for source in LIBRARY.texts.sources.values() for passage in source.passages)
    contacts = [one for channel in LIBRARY.texts.channels.values() for one in channel.contacts]
    contacts += [own.contact for one in LIBRARY.organisations.by_id.values() for own in one.channels]
    known += " ".join(contact.phone or "" for contact in contacts)
    known += " ".join(notice.phone or "" for notice in LIBRARY.texts.notices)
    known = re.sub(r"\D", "", known)
    for place, text in TEXTS:
        for number in PHONES.findall(text):
            assert re.sub(r"\D", "", number) in known, f"{place}: {number}"


def test_every_contact_detail_was_read_at_its_source():
    """The phone number or the e-mail address stands in the words that were read there.

    The exceptions are facts that our notes hold as read, for pages whose words could not be read again.
    """
    unread = {"088-1805 250", "klokkenluiders@autoriteitpersoonsgegevens.nl", "advies@rijksrecherche.nl"}
    contacts = [one for channel in LIBRARY.texts.channels.values() for one in channel.contacts]
    contacts += [own.contact for one in LIBRARY.organisations.by_id.values() for own in one.channels]
    for contact in contacts:
        words = " ".join(passage.text for passage in LIBRARY.texts.sources[contact.source].passages)
        if contact.phone and contact.phone not in unread:
            assert re.sub(r"\D", "", contact.phone) in re.sub(r"\D", "", words), (contact.phone, contact.source)
        if contact.email and contact.email not in unread:
            assert contact.email.lower() in words.lower(), (contact.email, contact.source)


def test_nothing_claims_to_be_checked_that_nobody_checked():
    for channel in LIBRARY.texts.channels.values():
        assert all(contact.checked is None for contact in channel.contacts)


def test_questions_and_answers_are_told_apart():
    """Two answers of one question never read the same, in either language."""
    for fact, question in LIBRARY.texts.questions.items():
        for language in LANGUAGES:
            labels = list(question[language].answers.values())
            assert len(set(labels)) == len(labels), fact


@pytest.mark.parametrize("path", sorted(folder("content").rglob("*.toml")), ids=lambda path: path.stem)
def test_content_holds_no_condition(path):
    """What is said is content; when it is said is a rule."""
    assert "when" not in tomllib.loads(path.read_text("utf-8"))


def cited():
    for rule in LIBRARY.rulebase.rules:
        for citation in rule.citations:
            if citation.quote:
                yield rule.id, citation


CITED = list(cited())


def plain(text):
    for one, other in (("«", '"'), ("»", '"'), ("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'")):
        text = text.replace(one, other)
    return " ".join(text.split())


@pytest.mark.parametrize(("rule", "citation"), CITED, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(CITED)])
def test_a_quotation_stands_in_its_source_word_for_word(rule, citation):
    source = LIBRARY.texts.sources[citation.source]
    if source.text:
        words = (folder("content") / "sources" / source.text).read_text("utf-8")
    else:
        words = "\n".join(one.text for one in source.passages if one.locator == citation.locator)
    assert plain(citation.quote) in plain(words)


def test_every_word_of_the_interface_is_said_somewhere():
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    said = set(re.findall(r'"([a-z_]+)"', source))
    begun = tuple(f"diff_{start}" for start in re.findall(r'_say\(f"([a-z]+_)\{', source))
    unsaid = {
        word
        for word in LIBRARY.texts.interface["nl"]
        if word not in said and word.removeprefix("diff_") not in said and not word.startswith(("as_", *begun))
    }
    assert unsaid == set()
