"""What must hold of content and of each rule by itself, besides that it can be read: facts that stand at their source.

A number is never typed from memory, and no two answers read the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from service.core.rule import Citation
from service.proof.findings import Broken, rules
from service.rulebook.coverage import coverage
from service.rulebook.drafts import Draft
from service.rulebook.messages import Message
from service.rulebook.schemas import Place
from service.rulebook.style import Written
from service.rulebook.texts import Contact
from service.rulebook.toml_files import Problem

PHONES = re.compile(r"(?<![\w/])(?:\+31[\d ()-]{8,}|0[\d ()-]{8,}\d)")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _contacts(library: Draft) -> Iterator[tuple[str, Place, Contact]]:
    """Every contact, with its file below content/ and its place in it."""
    for id_, channel in library.texts.channels.items():
        for number, contact in enumerate(channel.contacts):
            yield f"channels/{id_}.toml", ("contact", number), contact
    for id_, organisation in library.organisations.by_id.items():
        for number, own in enumerate(organisation.channels):
            yield f"organisations/{id_}.toml", ("channel", number), own.contact


def numbers(library: Draft, written: Iterable[Written]) -> Iterator[Problem]:
    """Every telephone number in a text that stands at no source that was read, and in no contact that names its own."""
    known = [passage.text for source in library.texts.sources.values() for passage in source.passages]
    known += [contact.phone or "" for _, _, contact in _contacts(library)]
    known += [notice.phone or "" for notice in library.texts.notices]
    digits = _digits(" ".join(known))
    for one in written:
        for number in PHONES.findall(one.words):
            if _digits(number) not in digits:
                yield one.wrong(Message("number_of_no_source", {"number": number}))


def contacts(library: Draft) -> Iterator[Problem]:
    """Every contact whose number or address does not stand in the words that were read at its source.

    Somebody may have seen it live or called it, and written down when; or its own grade says that only notes hold it.
    """
    for part, place, contact in _contacts(library):
        if contact.checked or contact.sure == "notes":
            continue
        words = " ".join(passage.text for passage in library.texts.sources[contact.source].passages)
        for key, given, stands in (
            ("phone", contact.phone, contact.phone and _digits(contact.phone) in _digits(words)),
            ("email", contact.email, contact.email and contact.email.lower() in words.lower()),
        ):
            if given and not stands:
                yield library.problem(part, (*place, key), "not_at_its_source", given=given, source=contact.source)


def answers(library: Draft) -> Iterator[Problem]:
    """Two answers of one question that read the same."""
    for fact, question in library.texts.questions.items():
        for language, text in question.items():
            seen: dict[str, str] = {}
            for answer, label in text.answers.items():
                other = seen.setdefault(label, answer)
                if other != answer:
                    place = (language, "answers", answer)
                    said = {"one": other, "other": answer, "label": label}
                    yield library.problem(f"questions/{fact}.toml", place, "answers_alike", language, **said)


def terms_of_art(library: Draft) -> Iterator[Problem]:
    """Every term of the glossary that no question has: nobody would see it explained."""
    for language in library.languages:
        asked = (one[language].read_to_answer for one in library.texts.questions.values())
        met = {entry.id for text in asked for entry in library.glossary.found_in(text, language)}
        for number, entry in enumerate(library.glossary.entries):
            if entry.id not in met:
                place = ("entry", number, language, "forms")
                yield library.problem("glossary.toml", place, "term_in_no_question", language, term=entry.id)


def passages(library: Draft) -> Iterator[Problem]:
    """Every passage of a source that is kept whole that does not stand in it, at its place."""
    for id_, source in library.texts.sources.items():
        for number, passage in enumerate(source.passages if source.text else ()):
            wrong = library.passages.in_document(Citation(id_, passage.locator, passage.text))
            if wrong:
                yield library.problem(f"sources/{id_}.toml", ("passage", number, "text"), wrong.name, **wrong.values)


def sentences(library: Draft, told: Sequence[dict[str, str]] | None) -> Iterator[Problem]:
    """Every sentence kept of a source that is kept whole on which no rule rests, or of which no case tells.

    Args:
        library: rules and sources.
        told: `name` and `tells` of every case; None where there are none to ask.

    """
    for id_, source in library.texts.sources.items():
        if source.text:
            for number, one in enumerate(coverage(library, id_, told or ())):
                place = ("passage", number)
                if not one.rules:
                    yield library.problem(f"sources/{id_}.toml", place, "sentence_without_rule", words=one.words)
                if told is not None and not (one.cases or one.beside):
                    yield library.problem(f"sources/{id_}.toml", place, "sentence_without_case", words=one.words)


def bare(library: Draft) -> Iterator[Broken]:
    """Every rule that rests on no words that were quoted, and does not say that it is our reading."""
    for rule in library.rulebase.rules:
        if not rule.remarks and not any(citation.quote for citation in rule.citations):
            yield Broken("no_words_and_no_doubt", {}, (("rule", rule.id, "rests_on"),))


def in_matrix(library: Draft) -> Iterator[Broken]:
    """Every destination to which rules lead and of which the matrix says nothing."""
    spoken = {cell.body for cell in library.competence}
    for destination in dict.fromkeys(rule.refer for rule in library.rulebase.rules):
        if destination not in spoken:
            first = next(rule.id for rule in library.rulebase.rules if rule.refer == destination)
            yield Broken("not_in_matrix", {"destination": destination}, rules([first]))
