"""Which version of the API this is, where it stands, and what in it is on its way out. Knows no route.

What a version promises, and how long an old one keeps working, stands in docs/api.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from werkzeug.http import http_date

PREFIX = "/api/v1"
VERSION = "1.3.0"

NOTICE = timedelta(days=365)  # the least time between saying that something goes and its going


@dataclass(frozen=True)
class Deprecated:
    """An operation that still works and will go.

    Attributes:
        since: the day from which nobody should begin to use it.
        sunset: the day on which it may stop to answer.
        instead: the address of the page that says what to use.

    """

    since: date
    sunset: date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"An operation keeps working for at least {NOTICE.days} days after it is deprecated.")

    @property
    def headers(self) -> dict[str, str]:
        """What each of its responses says: RFC 9745, RFC 8594 and the page to read."""
        since, sunset = (datetime.combine(day, time(), UTC) for day in (self.since, self.sunset))
        return {
            "Deprecation": f"@{since.timestamp():.0f}",
            "Sunset": http_date(sunset),
            "Link": f'<{self.instead}>; rel="deprecation"; type="text/html"',
        }


# The one place to deprecate an operation: its operationId, and since when. None is, today.
DEPRECATED: Mapping[str, Deprecated] = MappingProxyType({})
