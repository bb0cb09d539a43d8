"""What takes long is looked for in a process beside the rest; asked in processes of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from service.proof import beside as module
from service.proof.beside import beside

BEGIN = """
import os, sys, time
from service.proof import beside as module
from service.proof.beside import beside
from service.proof.findings import watching
can_be_had, module._can_be_had = module._can_be_had, lambda: True
"""


def said(code):
    done = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_it_goes_on_in_another_process_and_whoever_watches_is_told_how_far_it_is():
    code = """
def look():
    for share in (0.25, 0.5):
        watching.get()("name", {}, share)
    return os.getpid()
print("said before", end="")
with beside(look) as answer:
    watching.set(lambda name, says, share: print(f" {name} {share}", end=""))
    print(" ", answer() != os.getpid())
"""
    assert said(code) == (0, "said before name 0.25 name 0.5  True\n", "")


def test_a_process_that_ends_without_an_answer_is_told_in_a_sentence():
    code = """
with beside(lambda: os._exit(7)) as answer:
    try:
        answer()
    except module.BesideError as error:
        print(error)
"""
    assert said(code) == (0, "The process that looked ended by itself (7).\n", "")


def test_whoever_wants_no_answer_any_more_leaves_no_process():
    code = """
with beside(lambda: time.sleep(600)):
    (child,) = open(f"/proc/self/task/{os.getpid()}/children").read().split()
print(os.path.exists(f"/proc/{child}"))
"""
    assert said(code) == (0, "False\n", "")


def test_what_goes_wrong_there_goes_wrong_here():
    code = """
def look():
    raise ValueError("wrong")
with beside(look) as answer:
    try:
        answer()
    except ValueError as error:
        print(error)
"""
    assert said(code) == (0, "wrong\n", "")


def test_no_process_is_forked_beside_a_thread_which_might_hold_what_it_waits_for():
    code = """
import threading
print(can_be_had() == (sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1), end=" ")
end = threading.Event()
threading.Thread(target=end.wait).start()
print(can_be_had())
end.set()
"""
    assert said(code) == (0, "True False\n", "")


@pytest.mark.parametrize("worth_it", [True, False])
def test_where_there_is_no_process_for_it_it_is_looked_for_when_it_is_asked(monkeypatch, worth_it):
    monkeypatch.setattr(module, "_can_be_had", lambda: not worth_it)
    done = []
    with beside(lambda: done.append(1) or "found", worth_it=worth_it) as answer:
        assert not done
        assert answer() == "found"
