"""What must hold for everybody, and the days on which rules change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.core.rule import Citation, Rule


@dataclass(frozen=True)
class EditionDay:
    """A day on which rules change, why, and where that stands."""

    day: date
    says: Mapping[str, str]
    source: str
    locator: str | None


@dataclass(frozen=True)
class Promise:
    """Which referrals it is about, where they may be made, and on which words that rests, if any."""

    id: str
    refer: tuple[str, ...]
    name_needed: tuple[str, ...]
    as_: tuple[str, ...]
    concern: str | None
    only_where: Mapping[str, frozenset[str]] | None
    never_where: Mapping[str, frozenset[str]] | None
    says: Mapping[str, str]
    citations: tuple[Citation, ...] = ()

    def is_about(self, rule: Rule, name_needed: Mapping[str, str]) -> bool:
        """Whether a rule makes such a referral; `name_needed` says per destination whether it needs a name."""
        return (
            (rule.refer in self.refer or name_needed[rule.refer] in self.name_needed)
            and rule.as_ in self.as_
            and self.concern in (None, rule.concern)
        )
