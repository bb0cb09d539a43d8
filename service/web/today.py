"""The day it is where the rules hold."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def amsterdam_today() -> date:
    """Today where the rules hold."""
    return datetime.now(ZoneInfo("Europe/Amsterdam")).date()
