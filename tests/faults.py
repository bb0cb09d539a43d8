"""Faults that tests bring about on purpose."""

from __future__ import annotations

import itertools
import os
import signal
import sys

TOUCHES = ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.utime", "os.listdir", "os.symlink", "os.chmod")


def killed_at(number, watched, does):
    """Do something in a process that is killed with -9 at the n-th time it touches a file there; whether it was."""
    pid = os.fork()
    if pid == 0:
        events = itertools.count()

        def hook(event, arguments):
            if event in TOUCHES and any(str(watched) in str(one) for one in arguments) and next(events) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            does()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
