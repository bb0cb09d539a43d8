"""content/acts/ and content/handles.toml -> what somebody does now at a door: at most three steps, what to say and ask.

An act is for some people, in facts, as a contact is; the first of a destination that is for somebody is theirs. A step
may name a handle between braces: a way to reach a person or desk that not everybody has, such as an intranet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from service.core.period import holds
from service.core.rule import As
from service.rulebook.audience import Audience, Fit, Whom, fit
from service.rulebook.known import ORGANISATION, WAY, Known
from service.rulebook.languages import Localised
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.overlay import lies
from service.rulebook.schemas import (
    AuthorSchema,
    Lasting,
    Link,
    Made,
    Mail,
    PerLanguage,
    Phone,
    Place,
    Ref,
    Rows,
    Text,
    Words,
)
from service.rulebook.toml_files import Problems, TomlFile, each, read

FOLDER, HANDLES = "acts", "handles.toml"
CASES = (
    "through",
    "public",
    "without",
    "unnamed",
    "elsewhere",
)  # in which a number of an organisation is said otherwise
NAMED = re.compile(r"\{(\w+)(?::([^{}]*))?\}")  # a handle in a step, with the words that it takes
GIVEN = ("phone", "email")  # what an act itself may name in its steps
MOST = 3  # steps


@dataclass(frozen=True)
class Handle:
    """A way to reach somebody, and who has it.

    Attributes:
        text: the step, as a sentence; with `{words}` it takes words from the act.
        contact: what of a contact of the destination it points at; who is shown none with that does not have it.
        number: where it is a telephone number of the organisation: what is called instead where that has none.
        through: how it is said where another organisation answers for it.
        public: where the only number of the organisation is a line for the public.
        without: where it has no number.
        unnamed: where nobody named the organisation.
        elsewhere: where the organisation has no entry of its own.

    """

    id: str
    audience: Audience
    text: Localised
    number: str | None
    through: Localised | None
    public: Localised | None
    without: Localised | None
    unnamed: Localised | None
    elsewhere: Localised | None
    contact: str | None = None


@dataclass(frozen=True)
class Act:
    """What to do now, for whom, in a period. `otherwise` is for whom the steps lead nowhere."""

    audience: Audience
    as_: tuple[str, ...]
    since: date | None
    until: date | None
    phone: str | None
    email: str | None
    url: str | None
    steps: Mapping[str, tuple[str, ...]]
    say: Localised
    ask: Localised
    otherwise: Localised | None

    def in_force(self, on: date) -> bool:
        """Whether it holds on that day."""
        return holds(self.since, self.until, on)

    @cached_property
    def handles(self) -> frozenset[str]:
        """The handles that it names."""
        return self.handles_in_steps | _handles(self.otherwise.values() if self.otherwise else ())

    @property
    def handles_in_steps(self) -> frozenset[str]:
        """Those that its steps name: whoever does not have them cannot do it."""
        return _handles(step for steps in self.steps.values() for step in steps)


def _handles(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in texts for name, _ in NAMED.findall(text)) - {*GIVEN}


@dataclass(frozen=True)
class Acts:
    """Every act by destination, in order, and the handles they name."""

    by_destination: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    handles: tuple[Handle, ...] = ()

    @cached_property
    def handle(self) -> Mapping[str, Handle]:
        """Each handle by its id."""
        return {one.id: one for one in self.handles}

    def for_(self, destination: str, as_: str, on: date, known: Mapping[str, str]) -> Act | None:
        """What somebody does of whom this is known; None where that is not known well enough to say."""
        for one in self.by_destination.get(destination, ()):
            if as_ in one.as_ and one.in_force(on) and fit(one.audience, {}, known) is Fit.YES:
                return one
        return None


class HandleSchema(Made):
    """One `[[handle]]`."""

    made = Handle
    id = Text(required=True)
    audience = Whom()
    text = PerLanguage(bare=True, required=True)
    contact = Text(load_default=None, validate=validate.OneOf((*GIVEN, "url")))
    number = Phone(load_default=None)
    through = PerLanguage()
    public = PerLanguage()
    without = PerLanguage()
    unnamed = PerLanguage()
    elsewhere = PerLanguage()

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """Note a number of an organisation for which nothing is said where it has none."""
        if data["number"] and (lacking := [one for one in CASES if not data[one]]):
            raise ValidationError({one: [Message("handle_without", {"key": one})] for one in lacking})


class HandlesSchema(AuthorSchema):
    """content/handles.toml."""

    handle = Rows(HandleSchema)


class ActSchema(Lasting, Made):
    """One `[[act]]`."""

    made = Act
    audience = Whom()
    as_ = Words(Ref(WAY), data_key="as")
    phone = Phone(load_default=None)
    email = Mail(load_default=None)
    url = Link(load_default=None)
    steps = PerLanguage(fields.List(Text(), validate=validate.Length(1, MOST)), required=True)
    say = PerLanguage(required=True)
    ask = PerLanguage(required=True)
    otherwise = PerLanguage()

    def build(self, values: dict[str, Any]) -> Act:
        """The act; without `as` it is for every way to refer."""
        steps = {language: tuple(steps) for language, steps in values["steps"].items()}
        ways = values["as_"] or tuple(one.value for one in As)
        return Act(**(values | {"steps": steps, "as_": ways}))


class ActsSchema(AuthorSchema):
    """content/acts/*.toml."""

    id = Text(required=True)
    act = fields.List(fields.Nested(ActSchema), required=True, validate=validate.Length(min=1))


def load_acts(folder: Path, organisations: Iterable[str], known: Known, problems: Problems) -> Acts:
    """Read content/acts/ and content/handles.toml; a rulebase may have neither.

    Args:
        folder: content/.
        organisations: the ids that an audience may name.
        known: what else may be named.
        problems: where mistakes are noted.

    """
    known = replace(known, names={**known.names, ORGANISATION: tuple(organisations)})
    path = folder / HANDLES
    file = read(folder, path, HandlesSchema(), problems, known) if lies(folder, path).exists() else None
    handles: tuple[Handle, ...] = tuple(file.data["handle"]) if file else ()
    files = each(folder, FOLDER, ActsSchema(), problems, known)
    for name, one in files.items():
        if name not in known.facts.destinations:
            hint = did_you_mean(name, known.facts.destinations)
            problems.add(one, (), "file_of_no_name", name=name, hint=hint)
        for number, act in enumerate(one.data["act"]):
            _check(one, number, act, {handle.id: handle for handle in handles}, problems)
    return Acts({name: tuple(one.data["act"]) for name, one in files.items()}, handles)


def _check(file: TomlFile, number: int, act: Act, handles: Mapping[str, Handle], problems: Problems) -> None:
    """Note what a step names between braces that the act cannot give."""
    first = next(iter(act.steps))
    for language, steps in act.steps.items():
        written = file.of(language)
        texts: list[tuple[Place, str]] = [(("steps", language, index), step) for index, step in enumerate(steps)]
        texts += [(("otherwise", language), act.otherwise[language])] if act.otherwise else []
        for place, text in texts:
            at = ("act", number, *place)
            for name, words in NAMED.findall(text):
                handle = handles.get(name)
                given = [one for one in GIVEN if getattr(act, one)]
                if name not in given and handle is None:
                    hint = did_you_mean(name, [*given, *handles])
                    problems.add(written, at, "not_a_handle", given=name, hint=hint)
                elif handle and bool(words) != ("{words}" in handle.text[language]):
                    problems.add(written, at, "words_of_handle", given=name)
        if len(steps) != len(act.steps[first]):
            counted = {"here": len(act.steps[first]), "first": first, "there": len(steps), "language": language}
            problems.add(written, ("act", number, "steps", language), "items_differ", part="steps", **counted)
