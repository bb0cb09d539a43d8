"""Lets an answer leave a fixed time after its request arrived, so that whoever has a clock learns no outcome from it.

What takes longer leaves at the next multiple, counted from when it arrived. The ticks of one clock for all would not
do: whoever chooses when to ask would see on which side of a tick an answer falls.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from service.web.padding import HIDES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PACE = 0.1  # seconds; several times what the dearest page takes
_LAST_DATA = 52  # bytes into what the kernel says of a connection: milliseconds since the last data came


def leaves(arrived: float, now: float) -> float:
    """When an answer leaves that is ready now: a whole number of times `PACE` after it arrived; `time.monotonic`."""
    return arrived + (math.floor((now - arrived) / PACE) + 1) * PACE


class Arrival:
    """What a request holds, and when the last of it arrived: also while it waited for a worker.

    That is asked before anything is decided. Asked later, how the kernel rounds would tell how long that took.
    """

    def __init__(self, connection: socket.socket, body: Any) -> None:
        self._connection, self._body = connection, body
        self.at = self._now()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        return self._noted(self._body.read(size))

    def readline(self, size: int = -1) -> bytes:
        """Read a line."""
        return self._noted(self._body.readline(size))

    def _noted(self, data: bytes) -> bytes:
        if data:
            self.at = self._now()
        return data

    def _now(self) -> float:
        waited = 0
        with contextlib.suppress(AttributeError, OSError):  # only Linux says
            told = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA + 4)
            (waited,) = struct.unpack_from("I", told, _LAST_DATA)
        return time.monotonic() - waited / 1000


def paced(app: WSGIApplication) -> WSGIApplication:
    """The application, of which answers that must tell nothing by their time leave when pace says."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection = environ["gunicorn.socket"]
        environ["wsgi.input"] = arrival = Arrival(connection, environ["wsgi.input"])
        body = app(environ, start_response)
        if environ.get(HIDES):
            connection.arrived = arrival.at
        return body

    return answer
