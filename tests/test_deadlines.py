"""Days and deadlines: the cases that the script of the pages runs too (tests/javascript/dates.test.mjs)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from deadlines import due

from service.core.day import iso_day

CASES = json.loads(Path(__file__).with_name("deadlines.json").read_text("utf-8"))


def test_a_deadline_ends_on_the_day_that_the_law_says(subtests):
    for case in CASES["deadlines"]:
        span = SimpleNamespace(**{one: case.get(one) for one in ("days", "weeks", "months")})
        with subtests.test(start=case["start"]):
            assert due(date.fromisoformat(case["start"]), span).isoformat() == case["end"]


def test_a_day_exists_or_it_does_not(subtests):
    for day in CASES["days"]:
        assert iso_day(day).isoformat() == day
    for text in CASES["noDays"]:
        with subtests.test(text=text), pytest.raises(ValueError):
            iso_day(text)
