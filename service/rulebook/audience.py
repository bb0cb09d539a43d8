"""For whom a contact or a term is, as its source says it, held against what is known of a person.

An audience is a property of what is shown, not a condition of the decision: it never changes where somebody is sent.
The browser reads it in the same way (`fit` in web/static/ways.js).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.core.vocabulary import UNKNOWN
from service.rulebook.known import KIND, ORGANISATION, known
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.schemas import AuthorSchema, Names, Text

Audience = Mapping[str, tuple[str, ...]]  # fact, kind or organisation -> the answers or ids it is for


class Fit(StrEnum):
    """Whether something is for a person: what is not is never shown, what is not known never comes first."""

    YES = "fits"
    UNKNOWN = "unknown"
    NO = "not"


def fit(audience: Mapping[str, Collection[str]], perhaps: Audience, known: Mapping[str, str]) -> Fit:
    """Hold an audience against what is known of a person.

    Args:
        audience: whom it is for; a key that is left out is no limit.
        perhaps: whom it may be for: the source does not say.
        known: fact id -> answer id, and the kind and id of the organisation where one is named.

    Returns:
        The worst over all keys: one that does not fit is enough.

    """
    worst = Fit.YES
    for key in (*audience, *(one for one in perhaps if one not in audience)) if perhaps else audience:
        value = known.get(key, UNKNOWN)
        if value in audience.get(key, ()):
            continue
        if value != UNKNOWN and value not in perhaps.get(key, ()):
            return Fit.NO
        worst = Fit.UNKNOWN
    return worst


class Whom(Names):
    """A table of fact = [answers], as tuples; it may name kinds too, and organisations where one is told about."""

    def __init__(self) -> None:
        super().__init__(fields.List(Text()))

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dict[str, tuple[str, ...]]:
        """Read the table."""
        table = super().deserialize(value, *args, **kwargs)
        given, wrong = known(), dict[str, Any]()
        possible = {fact.id: fact.answers for fact in given.facts.facts} | {KIND: given.facts.kinds}
        possible |= {ORGANISATION: tuple(given.names[ORGANISATION])} if ORGANISATION in given.names else {}
        for key, answers in table.items():
            if key not in possible:
                hint = did_you_mean(key, possible)
                wrong[key] = [Message("not_in_an_audience", {"given": key, "hint": hint})]
            elif told := [not_possible(one, key, possible[key]) for one in answers if one not in possible[key]]:
                wrong[key] = told
        if wrong:
            raise ValidationError(wrong)
        return {key: tuple(answers) for key, answers in table.items()}


class ForWhom(AuthorSchema):
    """A table that says whom it is for."""

    audience = Whom()
    perhaps = Whom()

    @validates_schema
    def once(self, data: dict[str, Any], **_: Any) -> None:
        """Note what is named as sure and as unsure at once."""
        wrong = {
            key: [Message("in_audience_and_perhaps", {"given": one}) for one in answers if one in sure]
            for key, answers in data["perhaps"].items()
            if (sure := set(answers) & set(data["audience"].get(key, ())))
        }
        if wrong:
            raise ValidationError({"perhaps": wrong})


def not_possible(given: str, key: str, possible: Iterable[str]) -> Message:
    """What an author reads who names something that an audience cannot be."""
    return Message("not_possible_for", {"given": given, "key": key, "hint": did_you_mean(given, possible)})
