"""Compares two sides in everything that changes an answer: rules, organisations, contacts, texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from service.core.period import Period
from service.core.rule import Edition
from service.publishing.difference.directory import days, of_contacts, of_organisations
from service.publishing.difference.rules import compare, pairs_of
from service.publishing.difference.texts import of_texts
from service.publishing.difference.values import Difference, Moment, Side
from service.rulebook.revisions import Version


def difference(old: Version, new: Version, moments: list[Moment], most: int) -> Difference:
    """Compare two sides.

    Args:
        old: one side.
        new: the other.
        moments: at least one; see `moments_of`.
        most: how many groups of people to tell; the others are counted.

    Raises:
        NoEditionError: a side has no rules on a day.

    """
    rules = [(old.rulebase.on(one.old), new.rulebase.on(one.new), one.period) for one in moments]
    compared = pairs_of(rules)
    begin, later = sorted(side.rulebase.editions[0].since for side in (old, new))
    return Difference(
        old=_side(old, new, (pair.old for pair in compared)),
        new=_side(new, old, (pair.new for pair in compared)),
        moments=tuple(moments),
        one_sided=Period(begin, later) if moments[0].period and begin < later else None,
        rules=compare(compared, most),
        organisations=of_organisations(old, new, moments, most),
        contacts=of_contacts(old, new, moments),
        texts=of_texts(old, new, moments[0] if moments[0].period is None else None),
    )


def moments_of(old: Version, new: Version, on: date | None = None) -> list[Moment]:
    """The days on which anything begins on either side, oldest first, each with the period until the next.

    Args:
        old: one side.
        new: the other.
        on: the only day to compare; None for every day for which both have rules.

    """
    if on is not None:
        return [Moment(on, on, None)]
    begin = max(side.rulebase.editions[0].since for side in (old, new))
    later = {edition.since for side in (old, new) for edition in side.rulebase.editions} | days(old) | days(new)
    begins = [begin, *sorted(day for day in later if day > begin)]
    return [Moment(day, day, Period(day, end)) for day, end in zip(begins, [*begins[1:], None], strict=True)]


def _side(here: Version, there: Version, compared: Iterable[Edition]) -> Side:
    theirs = there.rulebase.vocabulary.by_id
    mine = [(fact.id, fact.answers) for fact in here.rulebase.vocabulary.facts]
    both = [(fact, answer) for fact, answers in mine for answer in answers if fact in theirs]
    return Side(
        here.name,
        {edition.since.isoformat(): edition.digest for edition in compared},
        tuple(fact for fact, _ in mine if fact not in theirs),
        tuple((fact, answer) for fact, answer in both if answer not in theirs[fact].answers),
        here.unread,
    )
