"""Organisations through time: names, successors, what each had when, and their own channels.

A name that is no longer, or not yet, in use finds the organisation that holds the matter on the day asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from marshmallow import fields, validate

from service.authoring import Problems, Text, TomlDate, TomlFile, did_you_mean, read
from service.core.vocabulary import UNKNOWN, Vocabulary
from service.texts import SURE, Contact, ContactSchema, Made, check_contact, check_source

REGIME = "regime"


@dataclass(frozen=True)
class Period:
    """From a day (or always) until a day that itself no longer counts (or open)."""

    since: date | None
    until: date | None

    def holds(self, on: date) -> bool:
        """Whether the day lies in the period."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return (self.since or date.min) < (other.until or date.max) and (other.since or date.min) < (
            self.until or date.max
        )


@dataclass(frozen=True)
class Name(Period):
    """What an organisation was called in a period."""

    nl: str
    en: str
    abbreviation: str | None
    aliases: tuple[str, ...]
    sure: str
    source: str | None


@dataclass(frozen=True)
class Link(Period):
    """Another organisation: successor, predecessor or parent, in a period."""

    id: str


@dataclass(frozen=True)
class Provision(Period):
    """A fact of an organisation in a period, with its source. What is not stated is unknown."""

    fact: str
    answer: str
    source: str
    locator: str
    sure: str
    note_nl: str | None
    note_en: str | None


@dataclass(frozen=True)
class OwnChannel:
    """An organisation's own contact for a destination, shown before the shared ones."""

    destination: str
    contact: Contact


@dataclass(frozen=True)
class Organisation:
    """One organisation, with all its periods."""

    id: str
    kind: str
    regime: str
    names: tuple[Name, ...]
    parents: tuple[Link, ...]
    successors: tuple[Link, ...]
    predecessors: tuple[Link, ...]
    provisions: tuple[Provision, ...]
    channels: tuple[OwnChannel, ...]

    def name(self, on: date) -> Name:
        """The name on a day; outside every period of a name, the nearest one."""
        return next((name for name in self.names if name.holds(on)), self.names[-1])

    def facts(self, on: date) -> dict[str, str]:
        """What the directory knows of the organisation on a day: fact id -> answer id."""
        known = {REGIME: self.regime}
        known.update({one.fact: one.answer for one in self.provisions if one.holds(on)})
        return known


class Organisations:
    """All organisations, and who holds the matters of whom on a day."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.by_id: Mapping[str, Organisation] = {one.id: one for one in organisations}

    def on(self, id_: str, day: date) -> Organisation:
        """The organisation that holds the matters of `id_` on a day: itself, its successor or its predecessor.

        Raises:
            KeyError: there is no organisation with this id.

        """
        organisation = self.by_id[id_]
        seen = {id_}
        while True:
            links = (*organisation.successors, *organisation.predecessors)
            link = next((link for link in links if link.holds(day) and link.id not in seen), None)
            if link is None:
                return organisation
            seen.add(link.id)
            organisation = self.by_id[link.id]

    def channels(self, organisation: Organisation, destination: str, day: date) -> list[Contact]:
        """Its own contacts for a destination on a day, then those of its parent."""
        own = [
            channel.contact
            for channel in organisation.channels
            if channel.destination == destination and channel.contact.in_force(day)
        ]
        for parent in organisation.parents:
            if parent.holds(day):
                own += [
                    contact for contact in self.channels(self.by_id[parent.id], destination, day) if contact not in own
                ]
        return own

    def profiles(self, vocabulary: Vocabulary, day: date) -> dict[tuple[tuple[str, str], ...], list[str]]:
        """The distinct sets of organisation facts on a day, each with the organisations that have it."""
        found: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for id_ in self.by_id:
            facts = self.on(id_, day).facts(day)
            profile = tuple((fact.id, facts.get(fact.id, UNKNOWN)) for fact in vocabulary.of_organisation)
            found.setdefault(profile, []).append(id_)
        return found


class _PeriodSchema(Made):
    since = TomlDate(load_default=None, data_key="from")
    until = TomlDate(load_default=None)


class NameSchema(_PeriodSchema):
    """One `[[name]]`."""

    made = Name
    nl = Text(required=True)
    en = Text(required=True)
    abbreviation = Text(load_default=None)
    aliases = fields.List(Text(), load_default=list)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    source = Text(load_default=None)


class LinkSchema(_PeriodSchema):
    """One `[[successor]]`, `[[predecessor]]` or `[[parent]]`."""

    made = Link
    id = Text(required=True)


class ProvisionSchema(_PeriodSchema):
    """One `[[provision]]`."""

    made = Provision
    fact = Text(required=True)
    answer = Text(required=True)
    source = Text(required=True)
    locator = Text(required=True)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    note_nl = Text(load_default=None)
    note_en = Text(load_default=None)


class OwnChannelSchema(ContactSchema):
    """One `[[channel]]` of an organisation."""

    destination = Text(required=True)

    def build(self, values: dict[str, object]) -> OwnChannel:
        """Keep the destination beside the contact."""
        destination = values.pop("destination")
        assert isinstance(destination, str)  # noqa: S101 - for the type checker
        return OwnChannel(destination, Contact(**values))  # type: ignore[arg-type]


class OrganisationSchema(Made):
    """content/organisations/*.toml."""

    made = Organisation
    id = Text(required=True)
    kind = Text(required=True, validate=validate.OneOf(("ministry", "agency", "service", "police", "other")))
    regime = Text(required=True)
    names = fields.List(fields.Nested(NameSchema), required=True, data_key="name", validate=validate.Length(min=1))
    parents = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="parent")
    successors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="successor")
    predecessors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="predecessor")
    provisions = fields.List(fields.Nested(ProvisionSchema), load_default=list, data_key="provision")
    channels = fields.List(fields.Nested(OwnChannelSchema), load_default=list, data_key="channel")


def load_organisations(
    folder: Path, vocabulary: Vocabulary, sources: Iterable[str], problems: Problems
) -> Organisations:
    """Read content/organisations/ and hold it against the vocabulary, the sources and itself."""
    files: dict[str, TomlFile] = {}
    for path in sorted((folder / "organisations").glob("*.toml")):
        file = read(folder, path, OrganisationSchema(), problems)
        if file is not None:
            files[file.stem] = file
    for file in files.values():
        _check(file, file.value, set(files), vocabulary, list(sources), problems)
    return Organisations(file.value for file in files.values())


def _check(
    file: TomlFile,
    organisation: Organisation,
    known: set[str],
    vocabulary: Vocabulary,
    sources: list[str],
    problems: Problems,
) -> None:
    if organisation.id != file.stem:
        problems.add(file, ("id",), f"This file is called {file.stem}.toml, so its id is {file.stem!r}.")
    by_id = vocabulary.by_id
    if organisation.regime not in by_id[REGIME].answers:
        hint = did_you_mean(organisation.regime, by_id[REGIME].answers)
        problems.add(file, ("regime",), f"{organisation.regime!r} is not an answer of {REGIME!r}.{hint}")
    for table, periods in (
        ("name", organisation.names),
        ("parent", organisation.parents),
        ("successor", organisation.successors),
        ("predecessor", organisation.predecessors),
        ("provision", organisation.provisions),
    ):
        _check_periods(file, table, periods, known, problems)
    for index, provision in enumerate(organisation.provisions):
        place: tuple[str | int, ...] = ("provision", index)
        fact = by_id.get(provision.fact)
        if fact is None or not fact.of_organisation or fact.id == REGIME:
            wanted = [one.id for one in vocabulary.of_organisation if one.id != REGIME]
            hint = did_you_mean(provision.fact, wanted)
            problems.add(file, (*place, "fact"), f"{provision.fact!r} is not a fact a provision can give.{hint}")
        elif provision.answer not in fact.answers:
            hint = did_you_mean(provision.answer, fact.answers)
            problems.add(file, (*place, "answer"), f"{provision.answer!r} is not an answer of {fact.id!r}.{hint}")
        check_source(file, provision.source, sources, problems, *place, "source")
    for index, name in enumerate(organisation.names):
        if name.source:
            check_source(file, name.source, sources, problems, "name", index, "source")
    for index, channel in enumerate(organisation.channels):
        if channel.destination not in vocabulary.destinations:
            hint = did_you_mean(channel.destination, vocabulary.destinations)
            problems.add(
                file, ("channel", index, "destination"), f"{channel.destination!r} is not a destination.{hint}"
            )
        check_contact(file, channel.contact, sources, problems, "channel", index)


def _check_periods(
    file: TomlFile, table: str, periods: tuple[Period, ...], known: set[str], problems: Problems
) -> None:
    for index, period in enumerate(periods):
        if period.since and period.until and period.until <= period.since:
            problems.add(file, (table, index, "until"), "`until` must lie after `from`.")
        if isinstance(period, Link) and period.id not in known:
            hint = did_you_mean(period.id, known)
            problems.add(file, (table, index, "id"), f"There is no organisation {period.id!r}.{hint}")
        for other in periods[:index]:
            same = not isinstance(period, Provision) or period.fact == getattr(other, "fact", None)
            if same and period.overlaps(other):
                problems.add(file, (table, index), f"Two [[{table}]] hold on the same day; end one before the other.")
