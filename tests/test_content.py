"""The words people read: nothing invented, nothing claimed that nobody saw. Their language is in test_language."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
from prose import texts
from running import LANGUAGES

from service.rulebook.locate import PACKAGE, folder

pytestmark = pytest.mark.data

PHONES = re.compile(r"(?<![\w/])(?:\+31[\d ()-]{8,}|0[\d ()-]{8,}\d)")


def contacts(library):
    """Every contact, of a destination or of an organisation."""
    own = [one.contact for organisation in library.organisations.by_id.values() for one in organisation.channels]
    return [one for channel in library.texts.channels.values() for one in channel.contacts] + own


def test_every_phone_number_in_a_text_stands_at_a_source_or_in_a_contact(library):
    """A number is never typed from memory: it stands in words that were read, or in a contact that names its source."""
    known = [passage.text for source in library.texts.sources.values() for passage in source.passages]
    known += [one.phone or "" for one in (*contacts(library), *library.texts.notices)]
    digits = re.sub(r"\D", "", " ".join(known))
    unknown = [
        f"{one.place()}: {number}"
        for one in texts()
        for number in PHONES.findall(one.words)
        if re.sub(r"\D", "", number) not in digits
    ]
    assert not unknown, "\n".join(unknown)


def test_every_contact_detail_was_read_at_its_source(library):
    """The phone number or the e-mail address stands in the words that were read there.

    Or somebody saw it live or called it, and wrote down when; or its own grade says that only our notes hold it.
    """
    for contact in contacts(library):
        if contact.checked or contact.sure == "notes":
            continue
        words = " ".join(passage.text for passage in library.texts.sources[contact.source].passages)
        if contact.phone:
            assert re.sub(r"\D", "", contact.phone) in re.sub(r"\D", "", words), (contact.phone, contact.source)
        if contact.email:
            assert contact.email.lower() in words.lower(), (contact.email, contact.source)


def test_questions_and_answers_are_told_apart(library):
    """Two answers of one question never read the same, in either language."""
    for fact, question in library.texts.questions.items():
        for language in LANGUAGES:
            labels = list(question[language].answers.values())
            assert len(set(labels)) == len(labels), fact


def test_content_holds_no_condition():
    """What is said is content; when it is said is a rule."""
    files = sorted(folder("content").rglob("*.toml"))
    assert [path.name for path in files if "when" in tomllib.loads(path.read_text("utf-8"))] == []


def test_every_word_of_the_interface_is_said_somewhere(library):
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
        for word in library.texts.interface["nl"]
        if not {word, word.removeprefix("diff_")} & said and not word.startswith(tuple(begun))
    }
    assert unsaid == set()
