"""The patches on the engine's source mend what they say, and change nothing of what we use it for.

Each case runs in a process of its own, for the engine as it was released takes its process with it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parent.parent
FORK = ROOT / "build" / "fork"
USUAL = """
import json, sys
import durable_rules_engine as core

def made(name, *conditions):
    rules = {f"r{number}": {"all": [{"m": one}]} for number, one in enumerate(conditions)}
    return core.create_ruleset(name, json.dumps(rules))

def fact(sid="s", **more):
    return json.dumps({"sid": sid, "id": "1", **more})

def fired(handle, offset):
    found, step = [], core.start_action_for_state(handle, offset)
    message = step and step[1]
    while message:
        found += json.loads(message)
        message = core.complete_and_start_action(handle, offset)
    return found

def said(call, *given):
    try:
        return call(*given)[0]
    except Exception as error:
        return str(error).rpartition(" ")[2]

A = {"a": "x"}
"""
# What a core that is mended prints; of three of them, what the one that was released prints instead.
CASES = {
    "no message at all": ("print(said(core.assert_facts, made('n', A), '[]'))", "204", None),
    "a number it cannot read": (
        'print(said(core.assert_facts, made(\'n\', A), \'[{"sid": "s", "id": "1", "a": 1e-07}]\'))',
        "204",
        None,
    ),
    "a number it cannot read, later": (
        'list_ = \'[{"sid": "s", "id": "1", "a": "x"}, {"sid": "s", "id": "2", "b": 1e-07}]\'\n'
        "print(said(core.assert_facts, made('n', A), list_))",
        "204",
        "0",
    ),
    "sessions in which nothing fired": (
        "junk = [b'\\xab' * size for size in range(100, 700_000, 997)]; del junk\n"
        "for number in range(100):\n"
        "    handle = made(f'n{number}', A); core.assert_fact(handle, fact(b='y')); core.delete_state(handle, 's')\n"
        "print('alive')",
        "alive",
        None,
    ),
    "some of several sessions deleted": (
        "handle = made('n', A)\n"
        "for number in range(8): core.assert_fact(handle, fact(f's{number}', a='x'))\n"
        "for number in (0, 2, 4): core.delete_state(handle, f's{number}')\n"
        "steps = [core.start_action(handle) for _ in range(5)]\n"
        "print(*sorted(json.loads(step[0])['sid'] for step in steps))",
        "s1 s3 s5 s6 s7",
        None,
    ),
    "two people of one hash": (
        "handle = made('n', A)\n"
        "core.assert_fact(handle, fact('sess-990918', a='x'))\n"
        "print(fired(handle, core.assert_fact(handle, fact('sess-2221474', b='y'))[1]))",
        "[]",
        "['r0']",
    ),
    "255 rules with one condition": (
        "handle = made('n', *[A] * 255, {'z': 'x'})\n"
        "print(len(fired(handle, core.assert_fact(handle, fact(a='x'))[1])))",
        "255",
        "255",
    ),
    "256 rules with one condition": ("print(said(lambda: [made('n', *[A] * 256, {'z': 'x'})]))", "108", "1"),
    "511 conditions side by side": (
        "handle = made('n', *[{'a': f'v{number}'} for number in range(511)])\n"
        "print(fired(handle, core.assert_fact(handle, fact(a='v510'))[1]))",
        "['r510']",
        "['r510']",
    ),
    "513 conditions side by side": (
        "print(said(lambda: [made('n', *[{'a': f'v{number}'} for number in range(513)])]))",
        "106",
        None,
    ),
}


def run(code, core):
    return subprocess.run(
        [sys.executable, "-c", USUAL + code],
        env={**os.environ, "PYTHONPATH": str(core)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("what", CASES)
def test_the_patched_engine_refuses_or_does_right_where_the_released_one_crashes(what):
    code, expected, _ = CASES[what]
    done = run(code, FORK)
    assert (done.returncode, done.stdout.strip()) == (0, expected), done.stderr


@pytest.mark.parametrize("what", [what for what, (_, _, released) in CASES.items() if released])
def test_the_released_engine_does_what_the_patches_are_about(what):
    code, _, released = CASES[what]
    assert run(code, "").stdout.strip() == released


def test_the_patched_engine_decides_every_story_as_the_definition_of_a_rule():
    code = """
import durable_rules_engine
from service.engine.decider import Decider, agree
from service.rulebook.library import load_library
print(durable_rules_engine.__file__)
print(agree(Decider(load_library().rulebase)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(FORK)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    where, stories = done.stdout.split()
    assert where.startswith(str(FORK))
    assert int(stories) > 1000
