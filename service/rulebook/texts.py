"""content/ -> what people read: sources, channels, questions, notices, terms and interface words, in every language.

Knows no conditions and no rules; `organisations.py` reads the organisations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields, validate, validates_schema

from service.core.period import holds
from service.core.vocabulary import Vocabulary
from service.rulebook.audience import Audience, Fit, ForWhom, Whom, fit
from service.rulebook.known import CONCERN, SOURCE, TERM, Known
from service.rulebook.languages import Languages, Localised
from service.rulebook.messages import did_you_mean
from service.rulebook.overlay import lies
from service.rulebook.schemas import (
    AuthorSchema,
    Conditions,
    Lasting,
    Link,
    Made,
    Mail,
    Names,
    PerLanguage,
    Phone,
    Ref,
    Rows,
    Text,
    TomlDate,
    Words,
    mistake,
)
from service.rulebook.site import Site, load_interface
from service.rulebook.sources import SURE, Source, load_sources
from service.rulebook.toml_files import Problems, Table, TomlFile, each, read

EVERYWHERE, BEFORE = "everywhere", "before_questions"  # where a notice stands
LOOKS = ("ladder",)  # in which the answers of a question can stand, other than in a plain list
NAME_NEEDED = ("required", "confidential", "not_needed", "unknown")


@dataclass(frozen=True)
class Contact:
    """How to reach a door, and for whom. What nobody has read is None; `checked` is None until somebody saw it live."""

    name: Localised | None = None
    who: Localised | None = None
    subject: Localised | None = None
    subject_sure: str | None = None
    phone: str | None = None
    phone_abroad: str | None = None
    email: str | None = None
    url: str | None = None
    hours: Localised | None = None
    note: Localised | None = None
    source: str = ""
    sure: str = "notes"
    checked: date | None = None
    checked_by: str | None = None
    since: date | None = None
    until: date | None = None
    audience: Audience = field(default_factory=dict)
    perhaps: Audience = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        """Whether this contact holds on that day."""
        return holds(self.since, self.until, on)

    def fit(self, known: Mapping[str, str]) -> Fit:
        """Whether this contact is for a person of whom this is known."""
        return fit(self.audience, self.perhaps, known)


@dataclass(frozen=True)
class Short:
    """A destination in few words: the step itself, what takes fear away, and what to know of it at a glance.

    Attributes:
        line: for whom it is, where others are open too.
        price: what it costs a person; empty where no source says so, as `does_not` may be.

    """

    heading: str
    calm: str
    your_name: str
    hear: str
    line: str
    does_not: str
    price: str


@dataclass(frozen=True)
class Variant:
    """What is said instead to some people, or in a period; what it leaves out stays as it is."""

    id: str
    audience: Audience
    since: date | None
    until: date | None
    text: Mapping[str, Mapping[str, str]]

    def in_force(self, on: date) -> bool:
        """Whether it holds on that day."""
        return holds(self.since, self.until, on)


@dataclass(frozen=True)
class ChannelText:
    """A destination in one language."""

    name: str
    action: str
    expect: tuple[str, ...]
    limits: tuple[str, ...]
    your_name: str
    when_silent: str
    short: Short


@dataclass(frozen=True)
class Channel:
    """A destination: its words, its contacts, and whether it needs a name. The first variant for somebody is theirs."""

    id: str
    name_needed: str
    sources: tuple[str, ...]
    contacts: tuple[Contact, ...]
    variants: tuple[Variant, ...]
    text: Mapping[str, ChannelText]

    def varied(self, language: str) -> list[tuple[Variant, Short]]:
        """Its few words of every day, with the variant that says them: the last is for all, always."""
        base = self.text[language].short
        varied = [(one, replace(base, **one.text[language])) for one in self.variants]
        return [*varied, (Variant("", {}, None, None, {}), base)]


@dataclass(frozen=True)
class AdvisorText:
    """A question as an advisor has it of whoever they talk with, in few words; an answer left out stays as it is."""

    ask: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class QuestionText:
    """A question in one language; `clauses` say each answer as a subclause after "als" or "if".

    `denials` say of some answers, in the same way, that they are not so: where a double negation would be hard to read.
    `tags` say some in a word or two, where there is little room; `notes` say of some what to know before choosing them.
    """

    ask: str
    hint: str | None
    why: str | None
    answers: Mapping[str, str]
    clauses: Mapping[str, str]
    denials: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    advisor: AdvisorText | None = None

    @property
    def read_to_answer(self) -> str:
        """All that somebody reads before answering."""
        return " ".join([self.ask, self.hint or "", *self.answers.values(), *self.notes.values()])

    @property
    def for_advisor(self) -> AdvisorText:
        """In the words of an advisor, where there are."""
        own = self.advisor or AdvisorText(self.ask, {})
        return AdvisorText(own.ask, {**self.answers, **own.answers})


@dataclass(frozen=True)
class Layout:
    """How the choices of a question stand on a page.

    Attributes:
        look: `ladder` where each answer is a step that goes further than the one before; None for a plain list.
        shown: answers and examples that are seen at once, in this order; the rest is folded below. Empty: all are.
        alone: answers that stand apart, after all others; of several answers such a one is the only one.

    """

    look: str | None = None
    shown: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """Somebody of whom a concern and some answers are known at once: the first page offers it as a choice."""

    id: str
    concern: str
    answers: Mapping[str, str]
    text: Mapping[str, str]

    @property
    def value(self) -> str:
        """How a form says it: the concern, and each fact with its answer."""
        return " ".join([self.concern, *(f"{fact}={answer}" for fact, answer in self.answers.items())])


@dataclass(frozen=True)
class Notice:
    """Shown on every page, or before the first question: nobody has to answer one to reach it."""

    id: str
    kind: str
    shown: str
    phone: str | None
    source: str | None
    text: Localised


@dataclass(frozen=True)
class Term:
    """A legal term: from which event it runs and how long, for the rules that name it and those it concerns.

    `may_come`: the event may lie ahead; otherwise it has happened. `past`: what can be done when the term is over.
    `theirs`: others must keep it; the place says it at when one hears something. `short`: what of it stands in sight.
    """

    id: str
    basis: str
    locator: str
    starts: str
    days: int | None
    weeks: int | None
    months: int | None
    weeks_with_committee: int | None
    weeks_extension: int | None
    since: date | None
    until: date | None
    sure: str
    may_come: bool
    past: Localised | None
    theirs: bool
    short: Localised | None
    text: Localised
    audience: Audience
    perhaps: Audience

    def in_force(self, on: date) -> bool:
        """Whether this term holds on that day."""
        return holds(self.since, self.until, on)

    def fit(self, known: Mapping[str, str]) -> Fit:
        """Whether this term concerns a person of whom this is known."""
        return fit(self.audience, self.perhaps, known)


@dataclass(frozen=True)
class Texts:
    """All of content/ but the organisations."""

    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    questions: Mapping[str, Mapping[str, QuestionText]]
    notices: tuple[Notice, ...]
    terms: Mapping[str, Term]
    interface: Mapping[str, Mapping[str, str]]
    examples: tuple[Example, ...] = ()
    layouts: Mapping[str, Layout] = field(default_factory=dict)


class ContactSchema(Lasting, ForWhom, Made):
    """A `[[contact]]` of a channel."""

    made = Contact
    name = PerLanguage()
    who = PerLanguage()
    subject = PerLanguage()
    subject_sure = Text(validate=validate.OneOf(SURE))
    phone = Phone()
    phone_abroad = Phone()
    email = Mail()
    url = Link()
    hours = PerLanguage()
    note = PerLanguage()
    source = Ref(SOURCE, required=True)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    checked = TomlDate()
    checked_by = Text()


class Unsaid(Text):
    """A text, or none: written as an empty one, where a variant leaves out what is said otherwise."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return "" if value == "" else super()._deserialize(value, attr, data, **kwargs)


class ShortSchema(Made):
    """`[nl.short]` of a channel."""

    made = Short
    heading = Text(required=True)
    calm = Text(required=True)
    your_name = Text(required=True)
    hear = Text(required=True)
    line = Text(required=True)
    does_not = Text(load_default="")
    price = Text(load_default="")


class VariantTextSchema(AuthorSchema):
    """What a variant says otherwise."""

    heading = Text()
    calm = Text()
    your_name = Text()
    hear = Text()
    line = Text()
    does_not = Unsaid()
    price = Unsaid()


class VariantSchema(Lasting, Made):
    """A `[[variant]]` of a channel."""

    made = Variant
    id = Text(required=True)
    audience = Whom()
    text = PerLanguage(fields.Nested(VariantTextSchema), bare=True, required=True)


class ChannelTextSchema(Made):
    """A channel in one language."""

    made = ChannelText
    name = Text(required=True)
    action = Text(required=True)
    expect = fields.List(Text(), required=True)
    limits = fields.List(Text(), required=True)
    your_name = Text(required=True)
    when_silent = Text(required=True)
    short = fields.Nested(ShortSchema, required=True)


class ChannelSchema(Made):
    """content/channels/*.toml."""

    made = Channel
    id = Text(required=True)
    name_needed = Text(required=True, validate=validate.OneOf(NAME_NEEDED))
    sources = fields.List(Ref(SOURCE), required=True)
    contacts = fields.List(fields.Nested(ContactSchema), load_default=list, data_key="contact")
    variants = Rows(VariantSchema, data_key="variant")
    text = PerLanguage(fields.Nested(ChannelTextSchema), bare=True, required=True)


class AdvisorTextSchema(Made):
    """`[nl.advisor]` of a question."""

    made = AdvisorText
    ask = Text(required=True)
    answers = Names(Text())


class QuestionTextSchema(Made):
    """A question in one language."""

    made = QuestionText
    ask = Text(required=True)
    hint = Text(load_default=None)
    why = Text(load_default=None)
    answers = Names(Text(), required=True)
    clauses = Names(Text(), required=True)
    denials = Names(Text())
    tags = Names(Text())
    notes = Names(Text())
    advisor = fields.Nested(AdvisorTextSchema, load_default=None)


class ExampleSchema(Made):
    """One `[[example]]` of the question about the concerns."""

    made = Example
    id = Text(required=True)
    concern = Ref(CONCERN, required=True)
    answers = Conditions(story=True, required=True)
    text = PerLanguage(bare=True, required=True)

    def build(self, values: dict[str, Any]) -> Example:
        """The example, with one answer per fact."""
        answers = {fact: next(iter(one)) for fact, one in values["answers"].items()}
        return Example(**(values | {"answers": answers}))


class QuestionSchema(AuthorSchema):
    """content/questions/*.toml."""

    fact = Text(required=True)
    look = Text(load_default=None, validate=validate.OneOf(LOOKS))
    shown = Words()
    alone = Words()
    example = Rows(ExampleSchema)
    text = PerLanguage(fields.Nested(QuestionTextSchema), bare=True, required=True)


class NoticeSchema(Made):
    """One `[[notice]]`."""

    made = Notice
    id = Text(required=True)
    kind = Text(required=True)
    shown = Text(load_default=EVERYWHERE, validate=validate.OneOf((EVERYWHERE, BEFORE)))
    phone = Phone(load_default=None)
    source = Ref(SOURCE, load_default=None)
    text = PerLanguage(bare=True, required=True)


class NoticesSchema(AuthorSchema):
    """content/notices.toml."""

    notice = Rows(NoticeSchema)


class TermSchema(Lasting, ForWhom, Made):
    """One `[[term]]`."""

    made = Term
    id = Text(required=True)
    basis = Ref(SOURCE, required=True)
    locator = Text(required=True)
    starts = Text(required=True)
    days = fields.Integer(load_default=None, strict=True)
    weeks = fields.Integer(load_default=None, strict=True)
    months = fields.Integer(load_default=None, strict=True)
    weeks_with_committee = fields.Integer(load_default=None, strict=True)
    weeks_extension = fields.Integer(load_default=None, strict=True)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    may_come = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    past = PerLanguage()
    theirs = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    short = PerLanguage()
    text = PerLanguage(bare=True, required=True)

    @validates_schema
    def runs(self, data: dict[str, Any], **_: Any) -> None:
        """Note a term without a length, or with two."""
        if [data["days"], data["weeks"], data["months"]].count(None) != 2:
            raise mistake("term_without_length", id=data["id"])


class TermsSchema(AuthorSchema):
    """content/terms.toml."""

    term = Rows(TermSchema)


def load_texts(folder: Path, site: Site | None, known: Known, problems: Problems) -> tuple[Texts, Known]:
    """Read content/ and hold it against the vocabulary.

    Returns:
        The texts, and what is known with them. Where `problems` were noted the texts have holes, and serve only to
        check the rest against.

    """
    known = load_sources(folder, known, problems)
    vocabulary, languages = known.facts, known.languages
    channels = each(folder, "channels", ChannelSchema(), problems, known)
    questions = each(folder, "questions", QuestionSchema(), problems, known, key="fact")
    notices = read(folder, folder / "notices.toml", NoticesSchema(), problems, known)
    terms = read(folder, folder / "terms.toml", TermsSchema(), problems, known)
    _names_all(folder, "channels", channels, vocabulary.destinations, problems)
    _names_all(folder, "questions", questions, [fact.id for fact in vocabulary.facts], problems)
    for file in channels.values():
        _channel(file, languages, problems)
    for file in questions.values():
        _question(file, vocabulary, languages, problems)
    made: list[Term] = terms.data["term"] if terms else []
    texts = Texts(
        sources=known.names[SOURCE],  # type: ignore[arg-type]  # where one has mistakes, nothing is made of these
        channels={name: file.value for name, file in channels.items()},
        questions={name: file.data["text"] for name, file in questions.items()},
        notices=tuple(notices.data["notice"]) if notices else (),
        terms={term.id: term for term in made},
        interface=load_interface(folder, site, {one.starts for one in made}, known, problems),
        examples=tuple(one for file in questions.values() for one in file.data["example"]),
        layouts={
            name: Layout(*(file.data[one] for one in ("look", "shown", "alone"))) for name, file in questions.items()
        },
    )
    names = {TERM: texts.terms} if terms else {}
    return texts, replace(known, names={**known.names, **names})


def _names_all(
    folder: Path, part: str, files: Mapping[str, TomlFile], wanted: Iterable[str], problems: Problems
) -> None:
    wanted = list(wanted)
    for name in wanted:
        if name not in files and not lies(folder, folder / part / f"{name}.toml").exists():
            problems.missing(folder, f"{part}/{name}.toml", "file_of_vocabulary_missing", name=name)
    for name, file in files.items():
        if name not in wanted:
            problems.add(file, (), "file_of_no_name", name=name, hint=did_you_mean(name, wanted))


def _channel(file: TomlFile, languages: Languages, problems: Problems) -> None:
    channel: Channel = file.value
    for part in ("expect", "limits"):
        first, *others = languages.codes
        here = len(getattr(channel.text[first], part))
        for one in others:
            there = len(getattr(channel.text[one], part))
            if there != here:
                counted = {"here": here, "first": first, "there": there, "language": one}
                problems.add(file.of(one), (one, part), "items_differ", part=part, **counted)


def _question(file: TomlFile, vocabulary: Vocabulary, languages: Languages, problems: Problems) -> None:
    fact, text = vocabulary.by_id.get(file.stem), file.data["text"]
    for part in ("shown", "alone") if fact else ():
        assert fact is not None  # noqa: S101 - for the type checker
        choices = [*fact.answers, *(one.id for one in file.data["example"] if part == "shown")]
        for choice in file.data[part]:
            Table(file, problems, part).among(choice, choices, "not_an_answer", fact=fact.id)
    for language in languages.codes if fact else ():
        assert fact is not None  # noqa: S101 - for the type checker
        written = file.of(language)
        for part in ("answers", "clauses"):
            texts = getattr(text[language], part)
            for answer in fact.answers:
                if answer not in texts:
                    problems.add(written, (language, part), "no_text_for", part=f"{language}.{part}", answer=answer)
        parts = {part: getattr(text[language], part) for part in ("answers", "clauses", "denials", "tags", "notes")}
        parts["advisor"] = text[language].advisor.answers if text[language].advisor else {}
        for part, said in parts.items():
            for answer in said:
                if answer not in fact.answers:
                    at = Table(written, problems, language, part)
                    at.among(answer, fact.answers, "not_an_answer", answer, fact=fact.id)
        for answer in fact.answers:
            if any(answer in one.denials for one in text.values()) and answer not in text[language].denials:
                problems.add(written, (language, "denials"), "no_denial_for", language=language, answer=answer)
            if any(answer in one.notes for one in text.values()) and answer not in text[language].notes:
                problems.add(written, (language, "notes"), "no_text_for", part=f"{language}.notes", answer=answer)
