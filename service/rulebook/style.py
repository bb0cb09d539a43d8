"""The house style of what people read: short sentences, no jargon, one word per thing, no promise of an outcome.

What it asks stands in content/style.toml; a rulebase without one is not held against any. B1 is judged by readers: this
only stops what surely is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from marshmallow import fields

from service.rulebook.audience import Audience, Whom
from service.rulebook.known import Known
from service.rulebook.messages import Message
from service.rulebook.overlay import lies
from service.rulebook.schemas import AuthorSchema, Made, Place, Text, mistake
from service.rulebook.toml_files import Problem, Problems, TomlFile, read

FILE = "style.toml"
SENTENCE = re.compile(r"(?<=[.?!:;])\s")
GAP = re.compile(r"\{\w+(?::[^{}]*)?\}")
PAGES, RULES = "pages", "rules"
ON_PAGES = re.compile(r"(?:acts|channels|questions)/|(?:handles|notices|terms|glossary|interface|site)\.toml$")


class Pattern(Text):
    """A regular expression."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            re.compile(pattern := super()._deserialize(value, attr, data, **kwargs))
        except re.error as error:
            raise mistake("no_pattern", why=str(error)) from None
        return pattern


def _per(inner: fields.Field[Any]) -> fields.Dict:
    """What is asked per language; of one that is left out nothing is."""
    return fields.Dict(keys=fields.String(), values=inner, load_default=dict)


class LongestSchema(AuthorSchema):
    """How many words a sentence has at most."""

    pages = _per(fields.Integer(strict=True))
    rules = _per(fields.Integer(strict=True))


@dataclass(frozen=True)
class About:
    """Words by which a text is about some people (language -> patterns), and who those are."""

    words: Mapping[str, list[str]]
    whom: Audience


class AboutSchema(Made):
    """One `[[about]]`."""

    made = About
    words = _per(fields.List(Pattern()))
    whom = Whom()


@dataclass(frozen=True)
class Style:
    """What the house asks of a text.

    Attributes:
        same: the keys of texts that are the same in every language.
        passed_over: what the keys of texts begin with that are not held against it: names, and what jurists read.
        longest: kind of text -> language -> words in a sentence.
        jargon: language -> words that are not written.
        instead: language -> what is not written -> what is written instead.
        promises: language -> patterns of promises of an outcome.
        joins: language -> words that make two questions of one.
        about: what says of whom a doubt is: nobody else reads it.
        asks: language -> patterns of a doubt that asks if a place takes somebody: whom it surely takes never reads it.

    """

    same: tuple[str, ...]
    passed_over: tuple[str, ...]
    longest: Mapping[str, Mapping[str, int]]
    jargon: Mapping[str, list[str]]
    instead: Mapping[str, Mapping[str, str]]
    promises: Mapping[str, list[str]]
    joins: Mapping[str, list[str]]
    about: tuple[About, ...]
    asks: Mapping[str, list[str]]

    @cached_property
    def patterns(self) -> dict[tuple[str, str], re.Pattern[str]]:
        """What finds its words, by their name and the language."""
        made = {
            "jargon": (self.jargon, r"\b(?:{})\b", re.IGNORECASE),
            "instead": (self.instead, r"\b(?:{})\b", 0),
            "promises": (self.promises, r"\b(?:{})", re.IGNORECASE),
            "joins": (self.joins, r"\b(?:{})\b", re.IGNORECASE),
        }
        return {
            (name, language): re.compile(around.format("|".join(words)), flags)
            for name, (per_language, around, flags) in made.items()
            for language, words in per_language.items()
            if words
        }

    def found(self, name: str, text: Written) -> list[str]:
        """Which of its words stand in a text."""
        pattern = self.patterns.get((name, text.language))
        return [found[0] for found in pattern.finditer(text.words)] if pattern else []


class StyleSchema(Made):
    """content/style.toml."""

    made = Style
    same = fields.List(Text(), load_default=list)
    passed_over = fields.List(Pattern(), load_default=list)
    longest = fields.Nested(LongestSchema, required=True)
    jargon = _per(fields.List(Text()))
    instead = _per(fields.Dict(keys=fields.String(), values=Text()))
    promises = _per(fields.List(Pattern()))
    joins = _per(fields.List(Text()))
    about = fields.List(fields.Nested(AboutSchema), load_default=list)
    asks = _per(fields.List(Pattern()))


@dataclass(frozen=True)
class Written:
    """One text: its file, the keys that lead to it, the same without the language, and the words."""

    file: TomlFile
    place: Place
    key: str
    language: str
    words: str

    def wrong(self, message: Message) -> Problem:
        """What is wrong with it."""
        return Problem(*self.file.of(self.language).at(self.place), message)

    @property
    def kind(self) -> str:
        """What everybody reads, or what stands with a rule or an organisation, where a sentence may be longer."""
        return PAGES if ON_PAGES.match(self.file.part) else RULES


def load_style(content: Path, known: Known, problems: Problems) -> Style | None:
    """Read content/style.toml; None where there is none."""
    if not lies(content, content / FILE).exists():
        return None
    file = read(content, content / FILE, StyleSchema(), problems, known)
    return file.value if file else None


def texts(files: tuple[TomlFile, ...], languages: tuple[str, ...]) -> Iterator[Written]:
    """Every text of what was read that stands per language."""
    for file in files:
        if file.path.name != FILE:
            for place, words in _leaves(file.raw):
                yield from _per_language(file, place, words, languages)


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*place, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _leaves(below, (*place, number))


def _per_language(file: TomlFile, place: Place, words: str, codes: tuple[str, ...]) -> Iterator[Written]:
    last = place[-1]
    for code in codes:
        if code in place:
            yield Written(file, place, ".".join(str(part) for part in place if part != code), code, words)
        elif isinstance(last, str) and last.endswith(f"_{code}"):
            key = ".".join(map(str, (*place[:-1], last.removesuffix(f"_{code}"))))
            yield Written(file, place, key, code, words)


def faults(text: Written, style: Style) -> Iterator[Problem]:
    """What the house has against a text."""
    words, language = text.words, text.language
    longest = style.longest[text.kind].get(language, 0)
    for sentence in SENTENCE.split(words):
        if longest and (count := len(sentence.split())) > longest:
            yield text.wrong(Message("long_sentence", {"count": count, "longest": longest, "sentence": sentence}))
    for found in style.found("jargon", text):
        yield text.wrong(Message("jargon", {"word": found}))
    for found in style.found("instead", text):
        yield text.wrong(Message("other_word", {"word": found, "instead": style.instead[language].get(found, "")}))
    for found in style.found("promises", text):
        yield text.wrong(Message("promise_of_outcome", {"words": found}))
    asked = text.file.part.startswith("questions/") and text.key == "ask" and words.endswith("?")
    for found in style.found("joins", text) if asked else ():
        yield text.wrong(Message("two_questions", {"word": found}))


def against_style(written: list[Written], style: Style) -> Iterator[Problem]:
    """Every text that the house style does not let through, and every one that is the same in two languages."""
    passed_over = re.compile("|".join(style.passed_over)) if style.passed_over else None
    held = [one for one in written if not (passed_over and passed_over.search(one.key))]
    for one in held:
        yield from faults(one, style)
    by_key: dict[tuple[str, str], Written] = {}
    for one in held:
        first = by_key.setdefault((one.file.name, one.key), one)
        alike = first is not one and first.words == one.words and GAP.sub("", one.words)
        if alike and one.key.rpartition(".")[2] not in style.same:
            yield one.wrong(Message("same_in_both", {"one": first.language, "other": one.language}))
        for gap in sorted(set(GAP.findall(first.words)) ^ set(GAP.findall(one.words))):
            yield one.wrong(Message("gap_differs", {"gap": gap, "one": first.language, "other": one.language}))
