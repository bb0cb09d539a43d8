"""Reads the stories that advisers tell, in tests/cases: files that are written for jurists."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

CASES = Path(__file__).parent / "cases"
KEYS = {"name", "tells", "on", "organisation", "situation", "expect"}
REQUIRED = KEYS - {"organisation"}
REFERRED = ("first", "also", "later")
LISTS = {*REFERRED, "closed", "because", "ignored"}
EXPECT = {*LISTS, "complete", "next"}
NAME = re.compile(r'^name = "(.+)"$', re.MULTILINE)


def mistakes(case, seen):
    """What is wrong with how a case is written: a list of sentences."""
    found = [f"the key {key} is not known" for key in case.keys() - KEYS]
    found += [f"the key {key} is missing" for key in REQUIRED - case.keys()]
    expect = case.get("expect", {})
    if not expect:
        found.append("nothing is expected")
    found += [f"the key expect.{key} is not known" for key in expect.keys() - EXPECT]
    found += [f"expect.{key} must be a list" for key in LISTS & expect.keys() if not isinstance(expect[key], list)]
    if "on" in case and type(case["on"]) is not date:
        found.append("on must be a date")
    if case.get("name") in seen:
        found.append("another case has this name")
    return found


def read(folder):
    """Every case with the name of its file, as pairs.

    Raises:
        ValueError: a file holds a mistake; only the first such file is told.

    """
    cases, seen = [], set()
    for path in sorted(folder.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if content.keys() != {"case"}:
            raise ValueError(f"{path.name}: a file holds [[case]] and nothing else")
        for case in content["case"]:
            if found := mistakes(case, seen):
                raise ValueError(f"{path.name}, {case.get('name', 'a case without a name')}: {'; '.join(found)}")
            seen.add(case["name"])
            cases.append((path.stem, case))
    return cases


@cache
def all_cases():
    """Our own cases, read once; see `read`."""
    return read(CASES)


def names():
    """The names of our own cases, each with that of its file, without reading what they tell."""
    return [
        (path.stem, name) for path in sorted(CASES.glob("*.toml")) for name in NAME.findall(path.read_text("utf-8"))
    ]
