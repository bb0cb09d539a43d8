"""One glossary: terms of art, each explained where it stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import fields, validate

from service.rulebook.known import Known
from service.rulebook.schemas import AuthorSchema, Made, PerLanguage, Rows, Text
from service.rulebook.toml_files import Problems, read


@dataclass(frozen=True)
class EntryText:
    """A term in one language: its name, the forms in which it stands in a text, and what it means."""

    term: str
    forms: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Entry:
    """One term of art."""

    id: str
    text: Mapping[str, EntryText]


class Glossary:
    """All terms of art."""

    def __init__(self, entries: tuple[Entry, ...], languages: Iterable[str]) -> None:
        self.entries = entries
        self._by_form = {
            language: {form: entry for entry in entries for form in entry.text[language].forms}
            for language in languages
        }
        # The longest form first: who reads of an external advisor is not told what an advisor is as well.
        self._forms = {
            language: re.compile(
                rf"\b({'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})\b" if forms else r"(?!)"
            )
            for language, forms in self._by_form.items()
        }

    def found_in(self, text: str, language: str) -> tuple[Entry, ...]:
        """The terms that stand in a text, in the order in which a reader meets them."""
        found = self._forms[language].findall(text.lower())
        entries = [self._by_form[language][form] for form in found]
        return tuple({entry.id: entry for entry in entries}.values())


class EntryTextSchema(Made):
    """A term in one language."""

    made = EntryText
    term = Text(required=True)
    forms = fields.List(Text(), required=True, validate=validate.Length(min=1))
    text = Text(required=True)


class EntrySchema(Made):
    """One `[[entry]]`."""

    made = Entry
    id = Text(required=True)
    text = PerLanguage(fields.Nested(EntryTextSchema), bare=True, required=True)


class GlossarySchema(AuthorSchema):
    """content/glossary.toml."""

    entry = Rows(EntrySchema)


def load_glossary(content: Path, known: Known, problems: Problems) -> Glossary:
    """Read content/glossary.toml; where `problems` were noted it is empty."""
    file = read(content, content / "glossary.toml", GlossarySchema(), problems, known)
    entries: tuple[Entry, ...] = tuple(file.data["entry"]) if file else ()
    for language in known.languages.codes if file else ():
        assert file is not None  # noqa: S101 - for the type checker
        seen: set[str] = set()
        written = file.of(language)
        for number, entry in enumerate(entries):
            for form in entry.text[language].forms:
                place = ("entry", number, language, "forms")
                if form in seen:
                    problems.add(written, place, "form_of_two_terms", form=form)
                if form != form.lower():
                    problems.add(written, place, "form_in_capitals", form=form)
                seen.add(form)
    return Glossary(entries, known.languages.codes)
