"""For whom a contact or a term is, as its source says it, held against what is known of a person.

An audience is a property of what is shown, not a condition of the decision: it never changes where somebody is sent.
The browser reads it in the same way (`fit` in web/static/ways.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from marshmallow import fields

from service.core.vocabulary import UNKNOWN, Vocabulary
from service.rulebook.schemas import Text
from service.rulebook.toml_files import Problems, Table, TomlFile

ORGANISATION, KIND = "organisation", "kind"  # beside facts, an audience may name these

Audience = Mapping[str, tuple[str, ...]]  # fact, kind or organisation -> the answers or ids it is for


class Fit(StrEnum):
    """Whether something is for a person: what is not is never shown, what is not known never comes first."""

    YES = "fits"
    UNKNOWN = "unknown"
    NO = "not"


def fit(audience: Audience, perhaps: Audience, known: Mapping[str, str]) -> Fit:
    """Hold an audience against what is known of a person.

    Args:
        audience: whom it is for; a key that is left out is no limit.
        perhaps: whom it may be for: the source does not say.
        known: fact id -> answer id, and the kind and id of the organisation where one is named.

    Returns:
        The worst over all keys: one that does not fit is enough.

    """
    keys = {**audience, **perhaps}
    found = {_of(audience.get(key, ()), perhaps.get(key, ()), known.get(key, UNKNOWN)) for key in keys}
    return next((one for one in (Fit.NO, Fit.UNKNOWN) if one in found), Fit.YES)


def _of(audience: tuple[str, ...], perhaps: tuple[str, ...], value: str) -> Fit:
    if value in audience:
        return Fit.YES
    return Fit.UNKNOWN if value == UNKNOWN or value in perhaps else Fit.NO


class Answers(fields.Dict):
    """A table of fact = [answers], as tuples."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.List(Text()), load_default=dict)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dict[str, tuple[str, ...]]:
        """Read the table."""
        return {key: tuple(answers) for key, answers in super().deserialize(value, *args, **kwargs).items()}


def check_audience(
    file: TomlFile,
    audience: Audience,
    perhaps: Audience,
    vocabulary: Vocabulary,
    problems: Problems,
    *path: str | int,
    organisations: Iterable[str] = (),
) -> None:
    """Note what an audience names that does not exist, or names twice.

    Args:
        file: where it stands.
        audience: whom it is for.
        perhaps: whom it may be for.
        vocabulary: the facts and their answers.
        problems: where mistakes are noted.
        path: of the table that holds both.
        organisations: the organisations that may be named; none where it is the same for all.

    """
    possible = {fact.id: tuple(fact.answers) for fact in vocabulary.facts} | {KIND: vocabulary.kinds}
    if organisations:
        possible[ORGANISATION] = tuple(organisations)
    for name, table in (("audience", audience), ("perhaps", perhaps)):
        for key, answers in table.items():
            at = Table(file, problems, *path, name, key)
            known = at.among(key, possible, "not_in_an_audience")
            for answer in answers if known else ():
                fits = at.among(answer, possible[key], "not_possible_for", key=key)
                if fits and name == "perhaps" and answer in audience.get(key, ()):
                    at.say("in_audience_and_perhaps", given=answer)
