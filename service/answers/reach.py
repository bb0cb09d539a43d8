"""How many first steps can be taken: with an act, a telephone number, a page; for whom, and at which organisation.

A step is counted once for each kind of person, subject and organisation that it can come first for: no people are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.answers.presenter import Presenter
from service.core.decision import Referral
from service.core.rule import As
from service.core.vocabulary import UNKNOWN, Nature
from service.proof.grounds import Ground, ground
from service.rulebook.compiled import Library
from service.rulebook.organisations import Organisation


@dataclass(frozen=True)
class Step:
    """A first step of somebody at an organisation, or at none that is named: what they have to take it."""

    who: str
    organisation: str | None
    destination: str
    act: bool
    phone: bool
    page: bool


def first_steps(library: Library, language: str, on: date) -> Iterator[Step]:
    """Every first step there can be on a day."""
    edition, presenter = library.rulebase.on(on), Presenter(library, language)
    who = next(fact for fact in edition.vocabulary.asked if fact.nature is Nature.WHO)
    here = [ground(edition, concern) for concern in edition.vocabulary.concerns.answers]
    holders = dict.fromkeys(library.organisations.on(id_, on).id for id_ in library.organisations.by_id)
    for organisation in (None, *(library.organisations.by_id[id_] for id_ in holders)):
        for one in here:
            for role in who.answers:
                yield from _steps(one, presenter, who.id, role, organisation, on)


def _steps(
    here: Ground, presenter: Presenter, who: str, role: str, organisation: Organisation | None, on: date
) -> Iterator[Step]:
    vocabulary = here.edition.vocabulary
    known = organisation.facts(on) if organisation else {}
    facts = {fact.id: (known.get(fact.id, UNKNOWN),) for fact in vocabulary.of_organisation}
    some = here.space.of({who: (role,), **facts})
    for destination in dict.fromkeys(rule.refer for rule in here.rules if rule.as_ is As.FIRST):
        first = some & here.made(lambda rule, d=destination: rule.refer == d and rule.as_ is As.FIRST)  # type: ignore[misc]
        if answers := first.some():
            referral = Referral(destination, As.FIRST, here.concern, ())
            said = presenter.referral(referral, {**answers, who: role}, organisation, on)
            contact = said.contact
            yield Step(
                role,
                organisation.id if organisation else None,
                destination,
                said.act is not None,
                bool((said.act and said.act.phone) or (contact and contact.phone)),
                bool((said.act and said.act.url) or (contact and contact.url)),
            )
