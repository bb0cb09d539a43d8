"""docs/benchmarks.md says what was measured, and nothing else; our readings in it say what a rule says."""

from __future__ import annotations

import ast
import json
import re

import pytest
from looks import ROOT

from benchmarks.peers import in_python, ours, page, rulebases

RESULTS = json.loads(page.RESULTS.read_text("utf-8"))
LONGEST = 30  # lines that an engine may take: longer, and it is no longer what its users would write


def test_the_page_and_its_charts_are_what_the_command_makes_of_what_it_measured():
    for path, text in page.made(RESULTS).items():
        assert path.read_text("utf-8") == text


def test_of_each_goal_the_page_says_whether_it_is_met():
    goals = list(page.goals(RESULTS))
    shown = re.findall(r"^\| (.*?) +\| \*\*(met|not met)\*\* +\| ", page.PAGE.read_text("utf-8"), re.M)
    assert shown == [(goal, "met" if met else "not met") for goal, met, _ in goals]
    for words in ("5 times", "1.5 times", "Ahead of every engine", "chains forward", "compiled in less than 5 s"):
        assert any(words in goal for goal, *_ in goals)


def test_every_engine_was_asked_about_every_rulebase():
    engines = {(one["kind"], one["engine"]) for one in RESULTS["results"]}
    assert {name for kind, name in engines if kind == "ours"} == set(ours.ENGINES)
    assert {name for kind, name in engines if kind == "Python"} == set(in_python.ENGINES)
    for some in page.cases(RESULTS).values():
        assert {(one["kind"], one["engine"]) for one in some} == engines


def test_no_engine_that_was_wrong_has_a_time():
    assert not [one for one in RESULTS["results"] if (one.get("wrong") or "failed" in one) and "median" in one]


def test_the_versions_are_those_that_are_pinned():
    pinned = (ROOT / "benchmarks/peers/requirements.txt").read_text("utf-8")
    told = {name: version for name, version in RESULTS["versions"].items() if "==" in version}
    assert told
    for name, version in told.items():
        assert f"{version} \\\n" in pinned, name


@pytest.mark.parametrize("build", in_python.ENGINES.values(), ids=in_python.ENGINES)
def test_an_engine_of_others_is_written_shortly(build):
    (tree,) = (
        one
        for one in ast.parse((ROOT / "benchmarks/peers/in_python.py").read_text("utf-8")).body
        if isinstance(one, ast.FunctionDef) and one.name == build.__name__
    )
    assert tree.end_lineno - tree.lineno < LONGEST


@pytest.mark.slow  # together
@pytest.mark.parametrize("name", ours.ENGINES)
def test_our_readings_and_the_floors_fire_what_a_rule_says(name):
    concerns = rulebases.shipped() | rulebases.grown(20, 12)
    ways = {concern: ours.ENGINES[name](**rulebase) for concern, rulebase in concerns.items()}
    for concern, answers, wanted in rulebases.drawn(concerns, 300):
        assert list(ways[concern](answers)) == wanted
