"""content/directory/ -> bodies that a register knows: what it says of them, what they are called, what follows from it.

`register.toml` is made by an import and never edited; `names.toml` and `profiles.toml` are written by hand, and win.
What an organisation says in a file of its own wins over all three. A rulebase may have none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields

from service.rulebook.known import KIND, SOURCE, Known
from service.rulebook.languages import Localised
from service.rulebook.overlay import lies
from service.rulebook.schemas import (
    AuthorSchema,
    Link,
    Made,
    Names,
    PerLanguage,
    Phone,
    Ref,
    Rows,
    Text,
    TomlDate,
    Words,
)
from service.rulebook.toml_files import Problems, Table, TomlFile, read

FOLDER = "directory"
REACHED = ("phone", "contact", "site", "post", "visit")
REGISTER, NAMES, PROFILES = f"{FOLDER}/register.toml", f"{FOLDER}/names.toml", f"{FOLDER}/profiles.toml"


@dataclass(frozen=True)
class Better:
    """A fact that was written by hand: when it was checked, by whom, and what the register says, if anything."""

    checked: date | None
    by: str | None
    instead: str | None


@dataclass(frozen=True)
class General:
    """How an organisation is reached in general; nothing of it is of anybody in particular there.

    Attributes:
        phone: of whoever connects one through, or a line for the public.
        for_public: whether it is such a line: who answers may know nobody inside.
        contact: page with the ways to reach it.
        site: its own site.
        post: address for letters.
        visit: address for visitors.
        checked: day on which the register verified what it says; None if it did not.
        by: the source that is the register; None where it says nothing.
        better: by the name of one of these the fact that was written by hand.

    """

    phone: str | None = None
    for_public: bool = False
    contact: str | None = None
    site: str | None = None
    post: str | None = None
    visit: str | None = None
    checked: date | None = None
    by: str | None = None
    better: Mapping[str, Better] = field(default_factory=dict)

    def verified(self, name: str) -> tuple[date | None, str | None]:
        """When one of these facts was last verified, and by whom; None where nobody said so."""
        own = self.better.get(name)
        return (own.checked, own.by) if own else (self.checked, self.by)


@dataclass(frozen=True)
class Body:
    """What a register says of a body. `number` is its name there, `type` what it is there."""

    id: str
    number: str
    type: str
    name: str
    abbreviations: tuple[str, ...]
    parent: str | None
    agreement: str | None
    legal_form: str | None
    identifier: str | None
    phone: str | None
    contact: str | None
    site: str | None
    post: str | None
    visit: str | None
    staff: int | None
    verified: date | None


@dataclass(frozen=True)
class Called:
    """What is written by hand of a body that has no file of its own; what is left out is as the register says."""

    id: str
    kind: str | None
    profile: str | None
    parent: str | None
    name: Mapping[str, str]
    abbreviation: str | None
    aliases: tuple[str, ...]
    former: tuple[str, ...]
    general: Mapping[str, Any]


@dataclass(frozen=True)
class Elsewhere:
    """Words by which people look for what the directory does not hold, where to go then, and why."""

    to: str
    words: tuple[str, ...]
    why: Localised


@dataclass(frozen=True)
class Finding:
    """What a search knows beside the names of organisations.

    Attributes:
        light: words that stand in so many names that they find nothing.
        alike: what may be written otherwise: a mark -> how it is looked for.
        elsewhere: words for what the directory does not hold.

    """

    light: tuple[str, ...] = ()
    alike: Mapping[str, str] = field(default_factory=dict)
    elsewhere: tuple[Elsewhere, ...] = ()


class GeneralSchema(AuthorSchema):
    """`[general]` of an organisation, or `general = { … }` of a name: what is better than the register's."""

    phone = Phone()
    for_public = fields.Boolean(truthy={True}, falsy={False})
    contact = Link()
    site = Link()
    post = Text()
    visit = Text()
    checked = TomlDate()
    by = Text()


class BodySchema(Made):
    """One `[[body]]` of the register."""

    made = Body
    id = Text(required=True)
    number = Text(required=True)
    type = Text(required=True)
    name = Text(required=True)
    abbreviations = Words()
    parent = Text(load_default=None)
    agreement = Text(load_default=None)
    legal_form = Text(load_default=None)
    identifier = Text(load_default=None)
    phone = Phone(load_default=None)
    contact = Link(load_default=None)
    site = Link(load_default=None)
    post = Text(load_default=None)
    visit = Text(load_default=None)
    staff = fields.Integer(load_default=None, strict=True)
    verified = TomlDate(load_default=None)


class RegisterSchema(AuthorSchema):
    """content/directory/register.toml."""

    source = Ref(SOURCE, required=True)
    of = TomlDate(required=True)
    body = Rows(BodySchema)


class CalledSchema(Made):
    """One `[[body]]` of the names."""

    made = Called
    id = Text(required=True)
    kind = Ref(KIND, load_default=None)
    profile = Text(load_default=None)
    parent = Text(load_default=None)
    name = Names(Text())
    abbreviation = Text(load_default=None)
    aliases = Words()
    former = Words()
    general = fields.Nested(GeneralSchema, load_default=dict)


class ElsewhereSchema(Made):
    """One `[[elsewhere]]`."""

    made = Elsewhere
    to = Text(required=True)
    words = Words(required=True)
    why = PerLanguage(bare=True, required=True)


class NamesSchema(AuthorSchema):
    """content/directory/names.toml.

    `ids` and `left_out` are for the import: per number in the register the id that it gets here, or why it has none.
    """

    light = Words()
    alike = Names(Text())
    ids = Names(Text())
    left_out = Names(Text())
    body = Rows(CalledSchema)
    elsewhere = fields.List(fields.Nested(ElsewhereSchema), load_default=list)


@dataclass(frozen=True)
class Files:
    """The files of the directory, those that there are; what is in none of them is empty."""

    register: TomlFile | None = None
    names: TomlFile | None = None
    profiles: TomlFile | None = None
    said: Mapping[str, Body] = field(default_factory=dict)
    called: Mapping[str, Called] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """Every body that stands in one of them."""
        return {*self.said, *self.called}

    @property
    def source(self) -> str | None:
        """The register."""
        return self.register.data["source"] if self.register else None

    def place(self, id_: str) -> tuple[TomlFile, int]:
        """Where a body stands: among the names, or else in the register."""
        for file in (self.names, self.register):
            for number, row in enumerate(file.data["body"] if file else ()):
                if file and row.id == id_:
                    return file, number
        raise KeyError(id_)

    @property
    def finding(self) -> Finding:
        """What they say for a search."""
        if self.names is None:
            return Finding()
        said = self.names.data
        return Finding(said["light"], said["alike"], tuple(said["elsewhere"]))


def load_bodies(folder: Path, profiles: AuthorSchema, known: Known, problems: Problems) -> Files:
    """Read content/directory/, as far as it is there.

    Args:
        folder: content/.
        profiles: what profiles.toml must hold.
        known: what may be named.
        problems: to note mistakes in.

    """

    def one(part: str, schema: AuthorSchema) -> TomlFile | None:
        path = folder / part
        return read(folder, path, schema, problems, known) if lies(folder, path).exists() else None

    register, names = one(REGISTER, RegisterSchema()), one(NAMES, NamesSchema())
    return Files(
        register,
        names,
        one(PROFILES, profiles),
        {body.id: body for body in register.data["body"]} if register else {},
        {called.id: called for called in names.data["body"]} if names else {},
    )


def check_bodies(files: Files, ids: Iterable[str], own: Iterable[str], problems: Problems) -> None:
    """Hold what the files name against each other, and against the organisations that have files of their own.

    Args:
        files: as they were read.
        ids: of all organisations.
        own: of those that have a file of their own.
        problems: to note mistakes in.

    """
    ids, own = list(ids), set(own)
    for file in (files.register, files.names):
        for number, row in enumerate(file.data["body"] if file else ()):
            assert file  # noqa: S101 - for the type checker
            table = Table(file, problems, "body", number)
            if row.parent is not None:
                table.among(row.parent, ids, "not_an_organisation", "parent")
            if file is files.names and row.id in own:
                table.say("named_beside_its_file", "id", id=row.id)
    for number, away in enumerate(files.finding.elsewhere):
        assert files.names  # noqa: S101 - for the type checker
        Table(files.names, problems, "elsewhere", number).among(away.to, ids, "not_an_organisation", "to")


def general(said: Body | None, source: str | None, hand: Mapping[str, Any]) -> General | None:
    """How an organisation is reached: what was written by hand, and else what the register says; None where neither.

    Args:
        said: what the register says; None where it knows nothing of it.
        source: the register.
        hand: what was written by hand: the keys of GeneralSchema -> values.

    """
    register = {name: getattr(said, name) for name in REACHED if getattr(said, name, None)}
    own = {name: hand[name] for name in REACHED if name in hand}
    if not register and not own:
        return None
    better = {name: Better(hand.get("checked"), hand.get("by"), register.get(name)) for name in own}
    verified = (said.verified, source) if said and register else (None, None)
    return General(
        **register | own, for_public=hand.get("for_public", False), checked=verified[0], by=verified[1], better=better
    )
