"""Organisations through time: names, successors, what each had when, and their own channels.

A name that is no longer, or not yet, in use finds the organisation that holds the matter on the day asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from service.core.period import Period
from service.core.vocabulary import UNKNOWN, Vocabulary
from service.rulebook.audience import Fit, not_possible
from service.rulebook.bodies import (
    Body,
    Called,
    Files,
    Finding,
    General,
    GeneralSchema,
    check_bodies,
    general,
    load_bodies,
)
from service.rulebook.known import DESTINATION, KIND, ORGANISATION, SOURCE, Known
from service.rulebook.languages import Languages, Localised
from service.rulebook.overlay import within
from service.rulebook.schemas import AuthorSchema, Lasting, Made, Names, PerLanguage, Place, Ref, Rows, Text, Words
from service.rulebook.site import languages_of
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
    former: tuple[str, ...] = ()


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
class Profile:
    """Organisations that are alike to the rules: what is known of each of them, and which those are.

    Attributes:
        always: the facts of them that no day changes.
        provisions: what they had when.
        one_house: whether who answers the telephone of the parent answers for them too.
        type: what the register says they are; none for whatever that is. So with the next three.
        agreement: the collective agreement that the register names.
        legal_form: in the register.
        parent: the organisation that they are below.

    """

    id: str
    always: Mapping[str, str]
    provisions: tuple[Provision, ...]
    one_house: bool
    type: tuple[str, ...]
    agreement: tuple[str, ...]
    legal_form: tuple[str, ...]
    parent: tuple[str, ...]

    def holds(self, said: Body, parent: str | None) -> bool:
        """Whether a body of the register is one of them."""
        found = {"type": said.type, "agreement": said.agreement, "legal_form": said.legal_form, "parent": parent}
        return all(not getattr(self, key) or one in getattr(self, key) for key, one in found.items())


@dataclass(frozen=True)
class Organisation:
    """One organisation, with all its periods. `always` holds the facts of it that no day changes.

    Attributes:
        profile: whose facts it has beside its own; None where it says them all itself.
        identifier: its name in a register of identifiers.
        agreement: the collective agreement that the register names; None where it names none, which is not "no".
        staff: how many people work there, in full-time jobs, where the register says so.
        general: how it is reached in general.
        one_house: whether who answers the telephone of the parent answers for it too.

    """

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
    profile: str | None = None
    identifier: str | None = None
    agreement: str | None = None
    staff: int | None = None
    general: General | None = None
    one_house: bool = False

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
    `written` is what was written of each, `by_id` has what its profile adds to it.
    """

    def __init__(
        self, written: Iterable[Organisation], profiles: Iterable[Profile] = (), finding: Finding | None = None
    ) -> None:
        self.written, self.shared, self.finding = tuple(written), tuple(profiles), finding or Finding()
        of = {one.id: one for one in self.shared}
        self.by_id: Mapping[str, Organisation] = {one.id: _shared(one, of) for one in self.written}
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
            for one in self.with_parents(organisation, day)
            for channel in one.channels
            if channel.destination == destination and channel.contact.in_force(day)
        ]
        return [contact for contact in own if contact.fit({ORGANISATION: organisation.id}) is not Fit.NO]

    def operator(self, organisation: Organisation, day: date) -> Organisation | None:
        """Whose telephone is answered by somebody who can connect one through to an organisation; None if none is.

        Its own, unless that is a line for the public; else that of its parent on a day, where both are one house.
        """
        for one in self.with_parents(organisation, day):
            if one.general and one.general.phone and not one.general.for_public:
                return one
            if not one.one_house:
                return None
        return None

    def with_parents(self, organisation: Organisation, day: date) -> list[Organisation]:
        """An organisation, its parents on a day, theirs, and so on."""
        found = [organisation]
        for one in found:  # grows while it is read
            above = [self.on(parent.id, day) for parent in one.parents if parent.holds(day)]
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


def _shared(one: Organisation, profiles: Mapping[str, Profile]) -> Organisation:
    """An organisation with what its profile adds to its own; one that names no profile that there is, as it is."""
    profile = profiles.get(one.profile or "")
    if profile is None:
        return one
    return replace(
        one,
        always={**profile.always, **one.always},
        provisions=(*one.provisions, *profile.provisions),
        one_house=profile.one_house or one.one_house,
    )


class NameSchema(Lasting, Made):
    """One `[[name]]`."""

    made = Name
    text = PerLanguage(bare=True, required=True, proper=True)
    abbreviation = Text(load_default=None)
    aliases = fields.List(Text(), load_default=list)
    former = fields.List(Text(), load_default=list)
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


class ProfileSchema(Made):
    """One `[[profile]]`."""

    made = Profile
    id = Text(required=True)
    always = Names(Text(), data_key="facts")
    provisions = fields.List(fields.Nested(ProvisionSchema), load_default=list, data_key="provision")
    one_house = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    type = Words()
    agreement = Words()
    legal_form = Words()
    parent = Words()


class ProfilesSchema(AuthorSchema):
    """content/directory/profiles.toml: kinds by the types of the register, and profiles: the first that fits counts.

    `on_request` and `no_bodies` are for the import: types of which it takes only what has an id in names.toml, and
    sorts of which it takes nothing.
    """

    kinds = Names(Ref(KIND))
    on_request = Words()
    no_bodies = Words()
    profile = Rows(ProfileSchema)


class OwnChannelSchema(ContactSchema):
    """One `[[channel]]` of an organisation."""

    destination = Ref(DESTINATION, required=True)

    def build(self, values: dict[str, object]) -> OwnChannel:
        """Keep the destination beside the contact."""
        destination = values.pop("destination")
        assert isinstance(destination, str)  # noqa: S101 - for the type checker
        return OwnChannel(destination, Contact(**values))  # type: ignore[arg-type]


class OrganisationSchema(Made):
    """content/organisations/*.toml."""

    made = Organisation
    id = Text(required=True)
    kind = Ref(KIND, required=True)
    profile = Text(load_default=None)
    always = Names(Text(), data_key="facts")
    catch_all = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    one_house = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    names = fields.List(fields.Nested(NameSchema), required=True, data_key="name", validate=validate.Length(min=1))
    parents = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="parent")
    successors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="successor")
    predecessors = fields.List(fields.Nested(LinkSchema), load_default=list, data_key="predecessor")
    provisions = fields.List(fields.Nested(ProvisionSchema), load_default=list, data_key="provision")
    channels = fields.List(fields.Nested(OwnChannelSchema), load_default=list, data_key="channel")
    general = fields.Nested(GeneralSchema, load_default=dict)

    def build(self, values: dict[str, Any]) -> Organisation:
        """Say of each own channel that it is for this organisation, and for no other that it does not name."""
        hand = values.pop("general")
        one = Organisation(**values, general=general(None, None, hand))
        return replace(one, channels=tuple(replace(own, contact=_of(one.id, own.contact)) for own in one.channels))


def _of(owner: str, contact: Contact) -> Contact:
    named = contact.audience.get(ORGANISATION, ())
    return replace(contact, audience={**contact.audience, ORGANISATION: (owner, *named)})


def load_organisations(folder: Path, known: Known, problems: Problems) -> Organisations:
    """Read content/organisations/ and content/directory/, and hold them against all that they name."""
    vocabulary = known.facts
    before = len(problems.found)
    bodies = load_bodies(folder, ProfilesSchema(), known, problems)
    own = [path.stem for path in within(folder, "organisations")]
    ids = [*own, *(id_ for id_ in bodies.ids if id_ not in own)]
    known = replace(known, names={**known.names, ORGANISATION: ids})
    files = each(folder, "organisations", OrganisationSchema(), problems, known)
    check_bodies(bodies, ids, own, problems)
    profiles: tuple[Profile, ...] = tuple(bodies.profiles.data["profile"]) if bodies.profiles else ()
    for file in files.values():
        _check(file, (), file.value, vocabulary, known.languages, problems)
    for number, profile in enumerate(profiles):
        assert bodies.profiles  # noqa: S101 - for the type checker
        _check(bodies.profiles, ("profile", number), profile, vocabulary, known.languages, problems)
    said: list[tuple[TomlFile, Place, Mapping[str, str]]] = [
        (file, (), file.value.always) for file in files.values() if not file.value.profile
    ]
    said += [
        (bodies.profiles, ("profile", number), one.always) for number, one in enumerate(profiles) if bodies.profiles
    ]
    for fact in dict.fromkeys(fact for _, _, always in said for fact in always):
        for file, place, always in said:
            if fact in vocabulary.by_id and fact not in always:
                problems.add(file, (*place, "facts"), "others_say_it", fact=fact)
    written = [_registered(file, bodies) for file in files.values()]
    if len(problems.found) == before:  # else what is missing may be only what could not be read
        written += _without_files(bodies, files, profiles, known.languages, problems)
    organisations = Organisations(written, profiles, bodies.finding)
    catching = [file for file in files.values() if file.value.catch_all]
    for file in catching[1:]:
        problems.add(file, ("catch_all",), "second_catch_all", first=catching[0].stem)
    for id_, file in files.items():
        organisation = organisations.by_id.get(id_)
        if organisation is None:
            continue
        if organisation.profile:
            Table(file, problems).among(organisation.profile, [one.id for one in profiles], "not_a_profile", "profile")
            _check_periods(file, ("provision",), organisation.provisions, problems)
        if id_ in _above(organisation, organisations):
            problems.add(file, ("parent", 0, "id"), "parents_lead_back", id=id_)
        _check_links(file, organisation, organisations, problems)
    if not problems.found:  # else who is below whom may not be known
        below: dict[str, list[str]] = {}
        for one in organisations.by_id.values():
            for above in _above(one, organisations):
                below.setdefault(above, []).append(one.id)
        for id_, file in files.items():
            _check_audiences(file, (id_, *below.get(id_, ())), organisations.by_id[id_], problems)
    return organisations


def directory_of(content: Path) -> Files:
    """What stands in content/directory/, whatever the rest of content/ holds.

    Raises:
        AuthoringError: it has mistakes.

    """
    problems = Problems()
    files = load_bodies(content, ProfilesSchema(), Known(languages_of(content)), problems)
    problems.stop_if_any()
    return files


def _registered(file: TomlFile, bodies: Files) -> Organisation:
    """An organisation of a file of its own, with what only the register says."""
    one: Organisation = replace(file.value, id=file.stem)  # another one in it has been told, and is no reason to stop
    said = bodies.said.get(one.id)
    found = general(said, bodies.source, file.raw.get("general", {}))
    if said is None:
        return replace(one, general=found)
    return replace(one, identifier=said.identifier, agreement=said.agreement, staff=said.staff, general=found)


def _without_files(
    bodies: Files, files: Mapping[str, TomlFile], profiles: Iterable[Profile], languages: Languages, problems: Problems
) -> Iterator[Organisation]:
    """The organisations of which only the directory says something, in the order of their ids."""
    by_id = {one.id: one for one in profiles}
    kinds: Mapping[str, str] = bodies.profiles.data["kinds"] if bodies.profiles else {}
    for id_ in sorted(bodies.ids - files.keys()):
        said, called = bodies.said.get(id_), bodies.called.get(id_)
        parent = (called.parent if called else None) or (said.parent if said else None)
        kind = (called.kind if called else None) or (kinds.get(said.type) if said else None)
        if called and called.profile:
            profile = by_id.get(called.profile)
        else:
            profile = next((one for one in by_id.values() if said and one.holds(said, parent)), None)
        file, number = bodies.place(id_)
        table = Table(file, problems, "body", number)
        if called and called.profile and not table.among(called.profile, by_id, "not_a_profile", "profile"):
            continue
        if not kind:
            table.say("body_of_no_kind", id=id_)
        elif not profile:
            table.say("body_of_no_profile", id=id_)
        elif name := _name_of(said, called, bodies.source, languages):
            yield Organisation(
                id=id_,
                kind=kind,
                always={},
                catch_all=False,
                names=(name,),
                parents=(Link(None, None, parent),) if parent else (),
                successors=(),
                predecessors=(),
                provisions=(),
                channels=(),
                profile=profile.id,
                identifier=said.identifier if said else None,
                agreement=said.agreement if said else None,
                staff=said.staff if said else None,
                general=general(said, bodies.source, called.general if called else {}),
            )
        else:
            table.say("body_of_no_name", id=id_)


def _name_of(said: Body | None, called: Called | None, source: str | None, languages: Languages) -> Name | None:
    """What a body is called: as was written by hand, and else as the register says; None where nothing says it."""
    named = called.name if called else {}
    usual = said.name if said else named.get(languages.codes[0])
    if not usual:
        return None
    short = list(said.abbreviations if said else ())
    if called and called.abbreviation:
        short = [called.abbreviation, *(one for one in short if one != called.abbreviation)]
    return Name(
        since=None,
        until=None,
        text={code: named.get(code, named.get(languages.codes[0], usual)) for code in languages.codes},
        abbreviation=short[0] if short else None,
        aliases=(*short[1:], *(called.aliases if called else ())),
        sure="archived_copy" if said else "background",
        source=source if said else None,
        former=called.former if called else (),
    )


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
    place: Place,
    one: Organisation | Profile,
    vocabulary: Vocabulary,
    languages: Languages,
    problems: Problems,
) -> None:
    by_id = vocabulary.by_id
    whole = Table(file, problems, *place)
    facts = [fact.id for fact in vocabulary.of_organisation]
    for id_, answer in one.always.items():
        if whole.among(id_, facts, "not_a_fact_of_an_organisation", "facts", id_):
            whole.among(answer, by_id[id_].answers, "not_an_answer", "facts", id_, fact=id_)
    tables: dict[str, tuple[Period, ...]] = {"provision": one.provisions}
    if isinstance(one, Organisation):
        links = {"parent": one.parents, "successor": one.successors, "predecessor": one.predecessors}
        tables |= {"name": one.names, **links}
    for table, periods in tables.items():
        _check_periods(file, (*place, table), periods, problems)
    given = [fact for fact in facts if fact not in one.always]
    for index, provision in enumerate(one.provisions):
        at = Table(file, problems, *place, "provision", index)
        if at.among(provision.fact, given, "not_a_fact_to_provide", "fact"):
            answers = by_id[provision.fact].answers
            at.among(provision.answer, answers, "not_an_answer", "answer", fact=provision.fact)
        if provision.sure not in READ and not provision.note:
            at.say("decides_unread", "sure", keys=", ".join(f"note.{one}" for one in languages.codes))


def _check_audiences(file: TomlFile, possible: tuple[str, ...], organisation: Organisation, problems: Problems) -> None:
    """An own channel may be for its own organisation and for those below it; another one would never show it."""
    for index, own in enumerate(organisation.channels):
        for name, whom in (("audience", own.contact.audience), ("perhaps", own.contact.perhaps)):
            for one in whom.get(ORGANISATION, ()):
                if one not in possible:
                    place = ("channel", index, name, ORGANISATION)
                    problems.note(file, place, not_possible(one, ORGANISATION, possible))


def _check_periods(file: TomlFile, place: Place, periods: tuple[Period, ...], problems: Problems) -> None:
    for index, period in enumerate(periods):
        for other in periods[:index]:
            same = not isinstance(period, Provision) or period.fact == getattr(other, "fact", None)
            if same and period.overlaps(other):
                problems.add(file, (*place, index), "two_at_once", table=place[-1])


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
