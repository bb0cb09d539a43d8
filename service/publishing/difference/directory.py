"""What the directory says otherwise: facts of organisations and whom that refers elsewhere, and contacts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import TypeVar

from service.core.period import Period
from service.core.rule import Edition
from service.core.vocabulary import UNKNOWN, Vocabulary
from service.publishing.difference.rules import compare, joined, pairs_of
from service.publishing.difference.values import ContactDiff, Moment, OrganisationsDiff
from service.rulebook.audience import Fit
from service.rulebook.digests import written
from service.rulebook.known import KIND, ORGANISATION
from service.rulebook.organisations import Organisations
from service.rulebook.revisions import Version
from service.rulebook.texts import Contact

ALIKE = ("name", "who", "subject", "phone", "email", "url")  # by these a contact is known again

Change = TypeVar("Change", bound=Hashable)
Id = TypeVar("Id", str, str | None)


def days(side: Version) -> set[date]:
    """Every day on which a contact, or what the directory knows of an organisation, becomes another."""
    held: list[Contact | Period] = [one for channel in side.texts.channels.values() for one in channel.contacts]
    for one in side.organisations.by_id.values() if side.organisations else ():
        held += [*one.parents, *one.successors, *one.predecessors, *one.provisions]
        held += [own.contact for own in one.channels]
    return {day for one in held for day in (one.since, one.until) if day}


def of_organisations(old: Version, new: Version, moments: Sequence[Moment], most: int) -> tuple[OrganisationsDiff, ...]:
    """Of which organisations the directory says something else, and for whom the answer changes there.

    Only of organisations that both sides have. The answer is that of the new rules: what rules change is told of all.
    """
    if not (old.organisations and new.organisations):
        return ()
    seen = [
        ((was, now), id_, moment)
        for id_ in _shared(old.organisations, new.organisations)
        for moment in moments
        for was in (_facts(new.rulebase.vocabulary, old.organisations, id_, moment.old),)
        for now in (_facts(new.rulebase.vocabulary, new.organisations, id_, moment.new),)
        if was != now
    ]
    found = []
    for (was, now), ids, when in _alike(seen):
        editions = [(new.rulebase.on(moment.new), moment.period) for moment in when]
        pairs = pairs_of((_at(one, dict(was)), _at(one, dict(now)), period) for one, period in editions)
        facts = {fact: (before, dict(now)[fact]) for fact, before in was if before != dict(now)[fact]}
        found.append(OrganisationsDiff(ids, _periods(when), facts, compare(pairs, most)))
    return tuple(sorted(found, key=lambda one: -sum(count.moved for count in one.changes.counts)))


def _alike(seen: Iterable[tuple[Change, Id, Moment]]) -> list[tuple[Change, tuple[Id, ...], tuple[Moment, ...]]]:
    """What is seen to change, once for all of whom it does at the same moments."""
    when: dict[tuple[Change, Id], list[Moment]] = {}
    for change, id_, moment in seen:
        when.setdefault((change, id_), []).append(moment)
    whose: dict[tuple[Change, tuple[Moment, ...]], list[Id]] = {}
    for (change, id_), moments in when.items():
        whose.setdefault((change, tuple(moments)), []).append(id_)
    return [(change, tuple(ids), moments) for (change, moments), ids in whose.items()]


def _periods(moments: Iterable[Moment]) -> tuple[Period, ...]:
    return joined(one.period for one in moments if one.period)


def _shared(old: Organisations, new: Organisations) -> list[str]:
    return [id_ for id_ in new.by_id if id_ in old.by_id]


def _facts(vocabulary: Vocabulary, organisations: Organisations, id_: str, day: date) -> tuple[tuple[str, str], ...]:
    known = organisations.on(id_, day).facts(day)
    return tuple((fact.id, known.get(fact.id, UNKNOWN)) for fact in vocabulary.of_organisation)


def _at(edition: Edition, facts: Mapping[str, str]) -> Edition:
    """The rules that are left at an organisation, with the conditions that are left."""
    rules = (
        replace(rule, when={fact: answers for fact, answers in rule.when.items() if fact not in facts})
        for rule in edition.rules
        if all(facts[fact] in answers for fact, answers in rule.when.items() if fact in facts)
    )
    return replace(edition, rules=tuple(rules))


def of_contacts(old: Version, new: Version, moments: Sequence[Moment]) -> tuple[ContactDiff, ...]:
    """Which contacts become others, for whom. Those of organisations where both directories could be read."""
    vocabularies = [side.rulebase.vocabulary for side in (new, old)]
    destinations = dict.fromkeys(one for vocabulary in vocabularies for one in vocabulary.destinations)
    ids: list[str | None] = [None]
    if old.organisations and new.organisations:
        there = [list(side.by_id.values()) for side in (old.organisations, new.organisations)]
        if there[0] != there[1] or any(one.old != one.new for one in moments):  # else it is told of all
            ids += _shared(old.organisations, new.organisations)
    known: dict[bytes, tuple[Contact | None, Contact | None]] = {}
    seen: list[tuple[tuple[str, bytes], str | None, Moment]] = []
    for destination in destinations:
        if any(side.unread and destination not in side.texts.channels for side in (old, new)):
            continue
        for id_, moment in product(ids, moments):
            was, now = _shown(old, destination, id_, moment.old), _shown(new, destination, id_, moment.new)
            for change in _changed(was, now) if was != now else ():
                known[written(change)] = change
                seen.append(((destination, written(change)), id_, moment))
    return tuple(
        ContactDiff(destination, () if None in whose else tuple(filter(None, whose)), _periods(when), *known[change])
        for (destination, change), whose, when in _alike(seen)
    )


def _shown(side: Version, destination: str, id_: str | None, day: date) -> list[Contact]:
    """The contacts of a destination on a day for whoever names an organisation, or none, and may be anybody there.

    For which organisations they are is settled where one is named; all that is left is that one may be for it.
    """
    channel = side.texts.channels.get(destination)
    shared = [one for one in channel.contacts if one.in_force(day)] if channel else []
    if id_ is None or side.organisations is None:
        return shared
    one = side.organisations.on(id_, day)
    known = {ORGANISATION: one.id, KIND: one.kind}
    return [
        replace(
            contact,
            audience={key: answers for key, answers in contact.audience.items() if key not in known},
            perhaps={
                key: (known[key],) if key in known else answers
                for key, answers in contact.perhaps.items()
                if known.get(key, answers[0]) in answers
            },
        )
        for contact in (*side.organisations.channels(one, destination, day), *shared)
        if contact.fit(known) is not Fit.NO
    ]


def _changed(was: list[Contact], now: list[Contact]) -> Iterable[tuple[Contact | None, Contact | None]]:
    """Each contact that is another one now, one that goes, one that comes; or the first, where the order differs."""
    gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
    if not gone and not come:
        yield now[0], now[0]
    for before in gone:
        after = max(come, key=lambda one: _shared_fields(before, one), default=None)
        if after and (_shared_fields(before, after) or len(gone) == len(come) == 1):
            come.remove(after)
            yield before, after
        else:
            yield before, None
    yield from ((None, after) for after in come)


def _shared_fields(one: Contact, other: Contact) -> int:
    return sum(getattr(one, field) == getattr(other, field) != None for field in ALIKE)  # noqa: E711 - chained
