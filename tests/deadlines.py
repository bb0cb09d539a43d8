"""On which day a deadline ends, said a second time: what the script of the pages is held against."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def due(start, term):
    """The last day of a deadline, as the law counts: a month that lacks the day ends on its last one.

    Args:
        start: the day it starts on.
        term: has `days`, `weeks` and `months`, of which one is a number.

    """
    if term.months:
        month = start.month - 1 + term.months
        year, month = start.year + month // 12, month % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))
    return start + timedelta(days=term.days or 0, weeks=term.weeks or 0)
