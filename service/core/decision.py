"""What a decision says. Values only; `reading.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

from service.core.rule import As, Edition, Rule


@dataclass(frozen=True)
class Referral:
    """One door for one concern, with the rules it rests on, in the order of the files."""

    destination: str
    as_: As
    concern: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Condition:
    """A fact and the answers that would do."""

    fact: Annotated[str, "The fact."]
    answers: Annotated[tuple[str, ...], "Any one of these."]


class Way(NamedTuple):
    """One minimal way to a destination: enough by itself, and none of it can be left out.

    `conditions` are what it asks that is not so yet, a concern included, all of them together; `changes` how many of
    these were answered otherwise; `later` says whether it leads there only after another step, `elsewhere` whether it
    takes a concern that was not named.
    """

    conditions: tuple[Condition, ...]
    changes: int
    later: bool
    elsewhere: bool


class Closed(NamedTuple):
    """A door that is not open: every minimal way to it, and none where nobody in this position has one.

    `leads` says whether any rule in force leads there, for whomever.
    """

    destination: str
    ways: tuple[Way, ...]
    leads: bool


@dataclass(frozen=True)
class Decision:
    """The answer to a situation, complete or not.

    `referrals` holds only what is certain; `possible` every destination that can still be one (the certain ones
    included); `next_fact` is None exactly when the outcome can no longer change; `ignored` names answers to
    questions that do not matter; `organisation_matters` says whether naming the organisation could change it.
    """

    edition: Edition
    referrals: tuple[Referral, ...]
    next_fact: str | None
    possible: tuple[str, ...]
    closed: tuple[Closed, ...]
    ignored: tuple[str, ...]
    organisation_matters: bool

    @property
    def complete(self) -> bool:
        """Whether no further answer can change the referrals."""
        return self.next_fact is None
