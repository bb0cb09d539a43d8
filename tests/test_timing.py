"""Whoever has a clock learns no outcome: an answer to a form leaves a fixed time after its request arrived."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from running import Service, ask, closing, until
from timing import FORMS, KIND, apart, auc, measured

from service.serving import pace, sender

# One outcome takes longer than any of ours differ, so that a busy machine does not hide it by itself.
SLOW = """
import time
from service.core import reading
from service.serving import pace
pace.PACE = {pace}
follows = reading.Reading.follow
def follow(self, accepted, *more, **named):
    if "misconduct" in accepted.concerns:
        time.sleep(0.05)
    return follows(self, accepted, *more, **named)
reading.Reading.follow = follow
from service.cli.main import main
main()
"""
TWO = {name: FORMS[name] for name in ("misconduct", "labour conflict")}


def told(tmp_path, pace_, callers):
    code = SLOW.format(pace=pace_)
    with closing(Service(tmp_path, code=code, WEGWIJZER_RATE="0")) as service:
        took = measured(service.port, TWO, 60, callers)
    return apart(*took.values()), min(map(min, took.values()))


@pytest.mark.slow
@pytest.mark.parametrize("callers", [1, 4])
def test_the_time_of_an_answer_tells_no_outcome_and_without_a_pace_it_does(tmp_path, callers):
    """By an outcome that takes 50 milliseconds more; `make timing` measures ours as they are."""
    found, least = told(tmp_path, 0.3, callers)
    assert found < 0.72, "four times what chance does to sixty rounds"
    assert least > 0.29
    control, _ = told(tmp_path, 1e-9, callers)
    assert control > 0.8


def test_an_answer_that_waits_for_its_time_is_not_lost_when_the_service_stops(tmp_path):
    code = SLOW.format(pace=3)
    answers = []
    with closing(Service(tmp_path, code=code, WEGWIJZER_LOG="requests")) as service:
        asked = threading.Thread(
            target=lambda: answers.append(ask(service.port, "POST", "/vragen", "to=next&concerns=unsure", KIND)[0])
        )
        asked.start()
        until(lambda: "POST /vragen 200" in service.said())
        assert not answers, "it is made, and waits"
        assert service.stop() == 0
        asked.join(30)
    assert answers == [200]


def test_whoever_is_done_first_takes_nobody_elses_place(monkeypatch):
    """Those who are sent to at once have one moment in common; each is let go for itself, and the sender goes on."""
    monkeypatch.setattr(sender, "PATIENCE", 0.5)
    monkeypatch.setattr(sender, "SLOWEST", 1 << 30)
    much, sends = bytes(4_000_000), sender.Sender()
    (slow, for_slow), (fast, for_fast), (last, for_last) = (socket.socketpair() for _ in range(3))
    with slow, fast, last:
        sends.take(for_slow, much)
        sends.take(for_fast, much)
        assert whole(fast) == len(much)
        fast.close()
        assert whole(slow, begin=lambda: until(lambda: for_slow.fileno() < 0)) < len(much), "it was let go, unread"
        sends.take(for_last, b"still there", time.monotonic() + 0.05)
        assert whole(last) == len(b"still there")


def whole(connection, begin=lambda: None):
    """How many bytes come until the other side ends."""
    begin()
    connection.settimeout(30)
    count = 0
    while piece := connection.recv(65_536):
        count += len(piece)
    return count


def test_what_takes_longer_leaves_at_the_next_multiple_after_it_arrived():
    for arrived in (0.0, 17.031):
        for took in (0.0, 0.4, 0.99, 1.0, 1.7, 12.2):
            at = pace.leaves(arrived, arrived + took * pace.PACE)
            assert at > arrived + took * pace.PACE
            assert (at - arrived) / pace.PACE == pytest.approx(int(took + 1e-9) + 1)


def test_a_measure_that_always_or_never_tells():
    assert auc([2, 3], [0, 1]) == 1
    assert auc([1, 2], [1, 2]) == 0.5
    assert apart([0, 1], [2, 3]) == 1
