"""The words people read: nothing invented, nothing claimed that nobody saw. Their language is in test_language."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
from running import LANGUAGES

from service.rulebook.library import load_library
from service.rulebook.locate import PACKAGE, folder

pytestmark = pytest.mark.data

LIBRARY = load_library()
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

    Or somebody saw it live or called it, and wrote down when; or its own grade says that only our notes hold it.
    """
    contacts = [one for channel in LIBRARY.texts.channels.values() for one in channel.contacts]
    contacts += [own.contact for one in LIBRARY.organisations.by_id.values() for own in one.channels]
    for contact in contacts:
        if contact.checked or contact.sure == "notes":
            continue
        words = " ".join(passage.text for passage in LIBRARY.texts.sources[contact.source].passages)
        if contact.phone:
            assert re.sub(r"\D", "", contact.phone) in re.sub(r"\D", "", words), (contact.phone, contact.source)
        if contact.email:
            assert contact.email.lower() in words.lower(), (contact.email, contact.source)


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
    python = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    said = {
        node.value
        for text in python
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pages = [
        path.read_text("utf-8") for part in ("templates/*", "static/*.js") for path in (PACKAGE / "web").glob(part)
    ]
    said |= {name for text in pages for name in re.findall(r"words\.(\w+)|\"(\w+)\"", text) for name in name if name}
    # Words chosen by what they are about: as_first, starts_conduct, wrong_404_title, diff_first.
    begun = {start for text in [*python, *pages] for start in re.findall(r'\[f?[`"]([a-z_]+_)(?:"|\$?\{)', text)}
    begun |= {f"diff_{start}" for text in python for start in re.findall(r'_say\(f"([a-z]+_)\{', text)}
    unsaid = {
        word
        for word in LIBRARY.texts.interface["nl"]
        if not {word, word.removeprefix("diff_")} & said and not word.startswith(tuple(begun))
    }
    assert unsaid == set()
