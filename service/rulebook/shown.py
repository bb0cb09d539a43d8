"""What is shown beside a decision, as proofs take it: every act and contact, for whom it is and what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from service.core.period import Period
from service.core.rule import As, Doubt
from service.core.vocabulary import UNKNOWN
from service.proof.findings import Ref
from service.proof.shown import Mention, Need, Offer, Shown
from service.rulebook.acts import FOLDER, GIVEN, Act, Acts
from service.rulebook.audience import Audience
from service.rulebook.compiled import Library
from service.rulebook.known import KIND, ORGANISATION
from service.rulebook.organisations import Organisations
from service.rulebook.style import Style
from service.rulebook.texts import Contact

CONTENT = "content"  # what a reference begins with that is to a file of content/
WAYS = tuple(one.value for one in As)


def shown(library: Library, style: Style | None = None) -> Shown:
    """All that stands beside decisions.

    Args:
        library: acts, contacts and the doubts of rules.
        style: what says of whom a doubt is; None where nothing does.

    """
    return Shown(
        tuple(_acts(library)),
        tuple(
            Offer((CONTENT, part, *place), destination, _widest(one), WAYS, one.since, one.until)
            for part, place, destination, one in every_contact(library)
        ),
        lambda day: _people(library.organisations, day),
        _days(library.organisations),
        KIND,
        ORGANISATION,
        tuple(_mentions(library, style)) if style else (),
    )


def _mentions(library: Library, style: Style) -> Iterator[Mention]:
    """Of whom doubts are, by their words."""
    patterns = [
        (about.whom, language, re.compile(rf"\b(?:{'|'.join(words)})"))
        for about in style.about
        for language, words in about.words.items()
        if words
    ]
    for rule in library.rulebase.rules:
        for doubt in rule.doubts:
            seen = list[Audience]()  # what two languages say of the same people is one mention
            for whom, language, pattern in patterns:
                if whom not in seen and (found := pattern.search(doubt.says.get(language, ""))):
                    seen.append(whom)
                    yield Mention(rule.id, doubt, found[0], whom)


def asks(style: Style, doubt: Doubt) -> bool:
    """Whether a doubt asks whether a place takes somebody, by its words."""
    return any(re.search(one, doubt.says[language]) for language, ones in style.asks.items() for one in ones)


def every_contact(library: Library) -> Iterator[tuple[str, tuple[str, int], str, Contact]]:
    """Every contact, with its file below content/, its place in it, and the destination it is of."""
    for id_, channel in library.texts.channels.items():
        for number, contact in enumerate(channel.contacts):
            yield f"channels/{id_}.toml", ("contact", number), id_, contact
    for id_, organisation in library.organisations.by_id.items():
        for number, own in enumerate(organisation.channels):
            yield f"organisations/{id_}.toml", ("channel", number), own.destination, own.contact


def _acts(library: Library) -> Iterator[Offer]:
    contacts = [(of, one) for *_, of, one in every_contact(library)]
    for destination, found in library.acts.by_destination.items():
        for number, act in enumerate(found):
            about: Ref = (CONTENT, f"{FOLDER}/{destination}.toml", "act", number)
            needs = tuple(_needs(act, destination, library.acts, contacts))
            yield Offer(about, destination, act.audience, act.as_, act.since, act.until, needs)


def _needs(act: Act, destination: str, acts: Acts, contacts: list[tuple[str, Contact]]) -> Iterator[Need]:
    """What an act takes: each handle in its steps, and that each number, address or page of it is of a contact."""

    def any_of(found: Iterable[Contact]) -> tuple[tuple[Audience, Period], ...]:
        return tuple((_widest(one), Period(one.since, one.until)) for one in found)

    for name in sorted(act.handles_in_steps):
        handle = acts.handle[name]
        if handle.audience:
            yield Need(name, ((handle.audience, Period(None, None)),))
        if handle.contact:
            here = (one for of, one in contacts if of == destination and getattr(one, handle.contact))
            yield Need(name, any_of(here))
    for key in (*GIVEN, "url"):
        if given := getattr(act, key):
            yield Need(given, any_of(one for _, one in contacts if _same(getattr(one, key), given)))


def _same(one: str | None, other: str) -> bool:
    """Whether two numbers, addresses or pages are the same, however they are written."""
    plain = [re.sub(r"[\s()-]", "", text).casefold() for text in (one or "", other)]
    return plain[0] == plain[1]


def _widest(contact: Contact) -> Audience:
    """For whom a contact is or may be."""
    keys = {**contact.audience, **contact.perhaps}
    return {key: (*contact.audience.get(key, ()), *contact.perhaps.get(key, ()), UNKNOWN) for key in keys}


def _people(organisations: Organisations, day: date) -> list[Mapping[str, str]]:
    holders = dict.fromkeys(organisations.on(id_, day).id for id_ in organisations.by_id)
    found = [organisations.by_id[id_] for id_ in holders]
    return [{**one.facts(day), KIND: one.kind, ORGANISATION: one.id} for one in found]


def _days(organisations: Organisations) -> set[date]:
    periods = (
        period
        for one in organisations.by_id.values()
        for period in (*one.provisions, *one.successors, *one.predecessors)
    )
    return {day for period in periods for day in (period.since, period.until) if day}
