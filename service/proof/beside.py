"""What takes long, looked for in a process beside this one, where there is a core for it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from service.core.errors import WegwijzerError
from service.proof.findings import watching

T = TypeVar("T")


class BesideError(WegwijzerError):
    """The process beside this one ended without an answer."""


@contextmanager
def beside(look: Callable[[], T], *, worth_it: bool = True) -> Iterator[Callable[[], T]]:
    """Begin to look in a process of its own; where none can be had, or for little, look when the answer is asked for.

    Args:
        look: gives something that can be pickled. It sees what there is now, and what it changes is lost.
        worth_it: whether it takes longer than a process.

    Yields:
        What waits for the answer, and tells whoever watches how far it is.

    Raises:
        BesideError: the process ended without one.

    """
    if not (worth_it and _can_be_had()):
        yield look
        return
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_look, args=(look, there), daemon=True)
    process.start()
    there.close()

    def answer() -> T:
        found: T
        try:
            while (told := here.recv())[0]:
                watching.get()(*told[0])
        except EOFError:
            process.join()
            raise BesideError(f"The process that looked ended by itself ({process.exitcode}).") from None
        _, found, error = told
        if error:
            raise error
        return found

    try:
        yield answer
    finally:
        process.kill()
        process.join()
        here.close()


def _can_be_had() -> bool:
    """Whether there is a second core, and a process can be forked: a thread might hold what its copy waits for."""
    threads = Path("/proc/self/task")  # Python does not count those of others
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1 or not threads.is_dir():
        return False
    return len(list(threads.iterdir())) == 1


def _look(look: Callable[[], T], there: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever stops the proof stops this with it
    watching.set(lambda *share: there.send((share, None, None)))
    try:
        there.send((None, look(), None))
    except Exception as error:
        there.send((None, None, error))
