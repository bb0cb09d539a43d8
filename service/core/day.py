"""A day as people and programs write it: 2019-06-20 and in no other way."""

from __future__ import annotations

import re
from datetime import date


def iso_day(text: str) -> date:
    """The day that a text names.

    Raises:
        ValueError: it is no day that exists, or is written in another way, such as 20190620 or 2019-W25-4.

    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text)
