"""The papers for security officers name what shows each claim; what they name exists, and nothing is left out."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODEL = (ROOT / "docs/threat-model.md").read_text("utf-8")
ASVS = tomllib.loads((ROOT / "docs/asvs.toml").read_text("utf-8"))
ROWS = [*ASVS["requirement"], *ASVS["group"]]
NUMBERS = [f"{section}.{number}" for section, numbers in ASVS["numbers"].items() for number in numbers]
PROMISES = re.findall(r"^\| (P\d+) \| ([^|]+) \| ([^|]+) \|$", MODEL, re.MULTILINE)


@cache
def exists(name):
    """Whether a test or a file is there; a test must not be skipped or expected to fail."""
    path, _, test = name.partition("::")
    if not (ROOT / path).exists():
        return False
    if not test:
        return True
    found = re.search(
        rf"((?:^@.*\n|^    .*\n|^\)\n|^\]\)?\n)*)^def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE
    )
    return bool(found) and not re.search(r"skip|xfail", found[1])


def covers(row, number):
    return number == row["number"] or number.startswith(f"{row['number']}.")


def test_every_promise_has_a_number_and_a_test_that_exists():
    assert [number for number, _, _ in PROMISES] == [f"P{number + 1}" for number in range(len(PROMISES))]
    assert len(PROMISES) > 10
    for number, said, shown in PROMISES:
        named = re.findall(r"`(tests/[\w.]+::\w+)`", shown)
        assert said.strip(), number
        assert named, number
        assert [one for one in named if not exists(one)] == [], number


def test_whatever_the_model_refers_to_by_its_number_is_a_promise():
    assert set(re.findall(r"\bP\d+\b", MODEL)) == {number for number, _, _ in PROMISES}


def test_every_requirement_of_level_one_and_two_has_one_answer():
    answers = Counter(number for number in NUMBERS for row in ROWS if covers(row, number))
    assert {number: answers[number] for number in NUMBERS if answers[number] != 1} == {}


def test_every_answer_shows_what_it_rests_on_or_says_why():
    wrong = []
    for row in ROWS:
        met = row["status"] == "met"
        about = any(covers(row, number) for number in NUMBERS) and row["about"]
        told = row.get("shown") if met else row.get("why", "").endswith(".")
        if not about or not told or row["status"] not in ("met", "deployer", "deviates", "none"):
            wrong.append(row["number"])
        wrong += [f"{row['number']}: there is no {one}" for one in row.get("shown", ()) if not exists(one)]
    assert not wrong, "\n".join(wrong)


def test_what_is_not_there_would_be_noticed():
    assert not exists("tests/test_trace.py::test_nothing_of_the_kind")
    assert not exists("docs/none.md")
