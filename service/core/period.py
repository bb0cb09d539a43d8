"""From one day until another: how long a rule, a name, a contact or a deadline holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Period:
    """From a day (or always) until a day that itself no longer counts (or open)."""

    since: date | None
    until: date | None

    def holds(self, on: date) -> bool:
        """Whether the day lies in the period."""
        return holds(self.since, self.until, on)

    @property
    def lasts(self) -> bool:
        """Whether it ends after it begins."""
        return not (self.since and self.until) or self.since < self.until

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        mine, theirs = (
            (self.since or date.min, self.until or date.max),
            (other.since or date.min, other.until or date.max),
        )
        return self.lasts and other.lasts and mine[0] < theirs[1] and theirs[0] < mine[1]


def holds(since: date | None, until: date | None, on: date) -> bool:
    """Whether a day lies from the one day until the other; None is no limit."""
    return (since is None or since <= on) and (until is None or on < until)
