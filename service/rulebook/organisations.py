"""Organisations through time: names, successors, what each had when, and their own channels.

A name that is no longer, or not yet, in use finds the organisation that holds the matter on the day asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from service.core.period import Period
from service.core.vocabulary import UNKNOWN, Vocabulary
from service.rulebook.audience import Fit, not_possible
from service.rulebook.known import DESTINATION, KIND, ORGANISATION, SOURCE, Known
from service.rulebook.languages import Languages, Localised
from service.rulebook.schemas import Lasting, Made, Names, PerLanguage, Phone, Ref, Text
from service.rulebook.schemas import Link as Address
from service.rulebook.sources import READ, SURE
from service.rulebook.texts import Contact, ContactSchema
from service.rulebook.toml_files import Problems, Table, TomlFile, each


@dataclass(frozen=True)
class Name(Period):
    """What an organisation was called in a period."""

    text: Localised
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
    """A fact of an organisation in a period, with its source. What is not stated is unknown.

    A rule that tests it shows its note to the person: it says what was not read, and what to ask.
    """

    fact: str
    answer: str
    source: str
    locator: str
    sure: str
    note: Localised | None


@dataclass(frozen=True)
class OwnChannel:
    """An organisation's own contact for a destination, shown before the shared ones."""

    destination: str
    contact: Contact


@dataclass(frozen=True)
class General:
    """How an organisation is reached in general; `for_public`: who answers may know nobody inside."""

    phone: str | None = None
    for_public: bool = False
    contact: str | None = None


@dataclass(frozen=True)
class Organisation:
    """One organisation, with all its periods. `always` holds the facts of it that no day changes."""

    id: str
    kind: str
    always: Mapping[str, str]
    catch_all: bool
    names: tuple[Name, ...]
    parents: tuple[Link, ...]
    successors: tuple[Link, ...]
    predecessors: tuple[Link, ...]
    provisions: tuple[Provision, ...]
    channels: tuple[OwnChannel, ...]
    general: General = General()

    def name(self, on: date) -> Name:
        """The name on a day; outside every period of a name, the nearest one."""
        return next((name for name in self.names if name.holds(on)), self.names[-1])

    def facts(self, on: date) -> dict[str, str]:
        """What the directory knows of the organisation on a day: fact id -> answer id."""
        return {**self.always, **{one.fact: one.answer for one in self.provisions if one.holds(on)}}

    def notes(self, on: date, language: str) -> dict[str, str]:
        """What to know of those facts on a day, in a language: fact id -> text, where there is something to know."""
        return {one.fact: one.note[language] for one in self.provisions if one.note and one.holds(on)}


class Organisations:
    """All organisations, and who holds the matters of whom on a day.

    `catch_all` is the one for every body that has no entry of its own; None where there is no such entry.
    """

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.by_id: Mapping[str, Organisation] = {one.id: one for one in organisations}
        self.catch_all = next((one for one in self.by_id.values() if one.catch_all), None)

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
        """Its own contacts for a destination on a day, then those of its parents that say they are for it too."""
        own = [
            channel.contact
            for one in self._with_parents(organisation, day)
            for channel in one.channels
            if channel.destination == destination and channel.contact.in_force(day)
        ]
        return [contact for contact in own if contact.fit({ORGANISATION: organisation.id}) is not Fit.NO]

    def operator(self, organisation: Organisation, day: date) -> Organisation | None:
        """Who can put somebody through to an organisation: itself, or a parent where it has but a line for the public.

        None where nobody has a number; itself where only that line is known.
        """
        above = self._with_parents(organisation, day)
        inside = (one for one in above if one.general.phone and not one.general.for_public)
        return next(inside, organisation if organisation.general.phone else None)

    def _with_parents(self, organisation: Organisation, day: date) -> list[Organisation]:
        """An organisation, its parents on a day, theirs, and so on."""
        found = [organisation]
        for one in found:  # grows while it is read
            above = [self.by_id[parent.id] for parent in one.parents if parent.holds(day)]
            found += [parent for parent in above if parent not in found]
        return found

    def profiles(self, vocabulary: Vocabulary, day: date) -> dict[tuple[tuple[str, str], ...], list[str]]:
        """The distinct sets of organisation facts on a day, each with the organisations that have it."""
        found: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for id_ in self.by_id:
            facts = self.on(id_, day).facts(day)
            profile = tuple((fact.id, facts.get(fact.id, UNKNOWN)) for fact in vocabulary.of_organisation)
            found.setdefault(profile, []).append(id_)
        return found


class NameSchema(Lasting, Made):
    """One `[[name]]`."""

    made = Name
    text = PerLanguage(bare=True, required=True)
    abbreviation = Text(load_default=None)
    aliases = fields.List(Text(), load_default=list)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    source = Ref(SOURCE, load_default=None)


class LinkSchema(Lasting, Made):
    """One `[[successor]]`, `[[predecessor]]` or `[[parent]]`."""

    made = Link
    id = Ref(ORGANISATION, required=True)


class ProvisionSchema(Lasting, Made):
    """One `[[provision]]`."""

    made = Provision
    fact = Text(required=True)
    answer = Text(required=True)
    source = Ref(SOURCE, required=True)
    locator = Text(required=True)
    sure = Text(required=True, validate=validate.OneOf(SURE))
    note = PerLanguage()


class OwnChannelSchema(ContactSchema):
    """One `[[channel]]` of an organisation."""

    destination = Ref(DESTINATION, required=True)

    def build(self, values: dict[str, object]) -> OwnChannel:
        """Keep the destination beside the contact."""
        destination = values.pop("destination")
        assert isinstance(destination, str)  # noqa: S101 - for the type checker
        return OwnChannel(destination, Contact(**values))  # type: ignore[arg-type]


class GeneralSchema(Made):
    """`[general]`."""

    made = General
    phone = Phone(load_default=None)
    for_public = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    contact = Address(load_default=None)


class OrganisationSchema(Made):
    """content/organisations/*.toml."""

    made = Organisation
    id = Text(required=True)
    kind = Ref(KIND, required=True)
    always = Names(Text(), data_key="facts")
    catch_all = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    names = fields.List(fields.Nested(NameSchema), required=True, data_key="name", validate=validate.Length(min=1))
    parents = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="parent")
    successors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="successor")
    predecessors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="predecessor")
    provisions = fields.List(fields.Nested(ProvisionSchema), load_default=list, data_key="provision")
    channels = fields.List(fields.Nested(OwnChannelSchema), load_default=list, data_key="channel")
    general = fields.Nested(GeneralSchema, load_default=General())

    def build(self, values: dict[str, Any]) -> Organisation:
        """Say of each own channel that it is for this organisation, and for no other that it does not name."""
        one = Organisation(**values)
        return replace(one, channels=tuple(replace(own, contact=_of(one.id, own.contact)) for own in one.channels))


def _of(owner: str, contact: Contact) -> Contact:
    named = contact.audience.get(ORGANISATION, ())
    return replace(contact, audience={**contact.audience, ORGANISATION: (owner, *named)})


def load_organisations(folder: Path, known: Known, problems: Problems) -> Organisations:
    """Read content/organisations/ and hold it against the vocabulary, the sources and itself."""
    vocabulary = known.facts
    ids = [path.stem for path in sorted((folder / "organisations").glob("*.toml"))]
    known = replace(known, names={**known.names, ORGANISATION: ids})
    files = each(folder, "organisations", OrganisationSchema(), problems, known)
    for file in files.values():
        _check(file, file.value, vocabulary, known.languages, problems)
    for fact in dict.fromkeys(fact for file in files.values() for fact in file.value.always):
        for file in files.values():
            if fact in vocabulary.by_id and fact not in file.value.always:
                problems.add(file, ("facts",), "others_say_it", fact=fact)
    organisations = Organisations(file.value for file in files.values())
    catching = [file for file in files.values() if file.value.catch_all]
    for file in catching[1:]:
        problems.add(file, ("catch_all",), "second_catch_all", first=catching[0].stem)
    for id_, organisation in organisations.by_id.items():
        if id_ in files and id_ in _above(organisation, organisations):
            problems.add(files[id_], ("parent", 0, "id"), "parents_lead_back", id=id_)
        if id_ in files:
            _check_links(files[id_], organisation, organisations, problems)
    if not problems.found:  # else who is below whom may not be known
        for id_, organisation in organisations.by_id.items():
            _check_audiences(files[id_], organisation, organisations, problems)
    return organisations


def _above(organisation: Organisation, organisations: Organisations) -> set[str]:
    """The parents of an organisation, their parents, and so on."""
    found: set[str] = set()
    todo = [organisation]
    while todo:
        new = {parent.id for parent in todo.pop().parents} - found
        found |= new
        todo += [organisations.by_id[id_] for id_ in new if id_ in organisations.by_id]
    return found


def _check(
    file: TomlFile,
    organisation: Organisation,
    vocabulary: Vocabulary,
    languages: Languages,
    problems: Problems,
) -> None:
    by_id = vocabulary.by_id
    whole = Table(file, problems)
    facts = [one.id for one in vocabulary.of_organisation]
    for id_, answer in organisation.always.items():
        if whole.among(id_, facts, "not_a_fact_of_an_organisation", "facts", id_):
            whole.among(answer, by_id[id_].answers, "not_an_answer", "facts", id_, fact=id_)
    for table, periods in (
        ("name", organisation.names),
        ("parent", organisation.parents),
        ("successor", organisation.successors),
        ("predecessor", organisation.predecessors),
        ("provision", organisation.provisions),
    ):
        _check_periods(file, table, periods, problems)
    given = [one for one in facts if one not in organisation.always]
    for index, provision in enumerate(organisation.provisions):
        at = Table(file, problems, "provision", index)
        if at.among(provision.fact, given, "not_a_fact_to_provide", "fact"):
            answers = by_id[provision.fact].answers
            at.among(provision.answer, answers, "not_an_answer", "answer", fact=provision.fact)
        if provision.sure not in READ and not provision.note:
            at.say("decides_unread", "sure", keys=", ".join(f"note.{one}" for one in languages.codes))


def _check_audiences(
    file: TomlFile, organisation: Organisation, organisations: Organisations, problems: Problems
) -> None:
    """An own channel may be for its own organisation and for those below it; another one would never show it."""
    below = [one.id for one in organisations.by_id.values() if organisation.id in _above(one, organisations)]
    possible = (organisation.id, *below)
    for index, own in enumerate(organisation.channels):
        for name, whom in (("audience", own.contact.audience), ("perhaps", own.contact.perhaps)):
            for one in whom.get(ORGANISATION, ()):
                if one not in possible:
                    place = ("channel", index, name, ORGANISATION)
                    problems.note(file, place, not_possible(one, ORGANISATION, possible))


def _check_periods(file: TomlFile, table: str, periods: tuple[Period, ...], problems: Problems) -> None:
    for index, period in enumerate(periods):
        for other in periods[:index]:
            same = not isinstance(period, Provision) or period.fact == getattr(other, "fact", None)
            if same and period.overlaps(other):
                problems.add(file, (table, index), "two_at_once", table=table)


def _check_links(file: TomlFile, organisation: Organisation, organisations: Organisations, problems: Problems) -> None:
    """On each day at most one other holds the matters of an organisation, and that one does not point back."""
    for table, links in (("successor", organisation.successors), ("predecessor", organisation.predecessors)):
        for index, link in enumerate(links):
            there = organisations.by_id.get(link.id)
            back = (*there.successors, *there.predecessors) if there else ()
            if any(one.id == organisation.id and one.overlaps(link) for one in back):
                problems.add(file, (table, index), "lead_to_each_other", one=organisation.id, other=link.id)
            elif table == "predecessor" and any(one.overlaps(link) for one in organisation.successors):
                problems.add(file, (table, index), "before_and_after_at_once")
