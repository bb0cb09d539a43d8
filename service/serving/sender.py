"""Sends what a caller is slow to read, and what may not leave yet, so that no worker waits. Holds so much and no more.

A thread of the worker's process: it touches sockets and bytes, and neither the engine nor the application.
"""

from __future__ import annotations

import contextlib
import heapq
import selectors
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass

HELD = 32 * 1024 * 1024  # bytes that callers have not read yet; past this, whoever is at it for longest is let go
CALLERS = 256
PATIENCE = 5.0  # seconds that anybody has
SLOWEST = 32 * 1024  # bytes a second; whoever reads slower is let go
SOON = 0.003  # seconds before its time that an answer is waited for by itself: a selector goes by milliseconds
LINGER = 2.0  # seconds that a caller who has the whole answer may take to close


@dataclass(eq=False)  # each is itself: several may leave at one moment
class _Slow:
    at: float  # not before
    client: socket.socket
    rest: memoryview
    patience: float
    held: int  # bytes in memory, until the last of them is sent
    ends: float = 0.0

    def __lt__(self, other: _Slow) -> bool:
        """Whether it leaves first."""
        return self.at < other.at


class Sender:
    """Answers on their way to callers who read them slowly."""

    def __init__(self) -> None:
        self._new: deque[_Slow] = deque()
        self._waiting: list[_Slow] = []  # a heap: whose time comes first
        self._held: list[_Slow] = []
        self._waker, self._wakes = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._idle = threading.Event()
        self._idle.set()
        threading.Thread(target=self._run, daemon=True).start()

    def take(self, client: socket.socket, rest: bytes, at: float = 0.0) -> None:
        """Send the rest of an answer and close the connection.

        Args:
            client: a connection that nobody else uses from here on.
            rest: what is left to send; nothing, to wait until the caller closes.
            at: not before this moment of `time.monotonic`.

        """
        client.setblocking(False)
        patience = PATIENCE + len(rest) / SLOWEST if rest else LINGER
        self._idle.clear()
        self._new.append(_Slow(at, client, memoryview(rest), patience, len(rest)))
        self._waker.send(b"\0")

    def finish(self, seconds: float) -> None:
        """Wait until everybody has their answer, for so many seconds at most."""
        self._idle.wait(seconds)

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select(self._pause()):
                if key.data is None:
                    self._wakes.recv(4096)
                else:
                    self._go_on(key.data)
            self._begin()
            now = time.monotonic()
            for one in [one for one in self._held if one.ends < now]:
                self._let_go(one)
            if not self._held and not self._waiting and not self._new:
                self._idle.set()
                if self._new:  # came in between
                    self._idle.clear()

    def _pause(self) -> float | None:
        """Seconds until something must be looked at, whatever callers do."""
        pause = 0.5 if self._held else None
        if self._waiting:
            pause = min(pause or 0.5, max(0.0, self._waiting[0].at - time.monotonic() - SOON))
        return pause

    def _begin(self) -> None:
        while self._new:
            heapq.heappush(self._waiting, self._new.popleft())
        now = time.monotonic()
        # Past what may be held, the first leaves early: better a time that tells something than no answer.
        while self._waiting and (self._waiting[0].at <= now + SOON or sum(one.held for one in self._waiting) > HELD):
            one = heapq.heappop(self._waiting)
            # On the dot: how a selector rounds would tell when it was made.
            time.sleep(min(SOON, max(0.0, one.at - time.monotonic())))
            one.ends = now + one.patience
            self._held.append(one)
            self._selector.register(one.client, selectors.EVENT_WRITE if one.rest else selectors.EVENT_READ, one)
        while sum(one.held for one in self._held) > HELD or len(self._held) > CALLERS:
            self._let_go(self._held[0])

    def _go_on(self, one: _Slow) -> None:
        try:
            if one.rest:
                one.rest = one.rest[one.client.send(one.rest) :]
                if not one.rest:
                    one.rest, one.held = memoryview(b""), 0
                    one.client.shutdown(socket.SHUT_WR)
                    one.ends = time.monotonic() + LINGER
                    self._selector.modify(one.client, selectors.EVENT_READ, one)
            elif not one.client.recv(65_536):
                self._let_go(one)
        except BlockingIOError:
            return
        except OSError:  # the caller has gone
            self._let_go(one)

    def _let_go(self, one: _Slow) -> None:
        self._held.remove(one)
        self._selector.unregister(one.client)
        with contextlib.suppress(OSError):
            one.client.close()
