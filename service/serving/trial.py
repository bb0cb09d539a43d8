"""Tries a compiled rulebase in a process of its own, so that one on which the engine crashes takes nothing with it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterable

from gunicorn.sock import BaseSocket

from service.core.errors import WegwijzerError
from service.engine.decider import Decider, agree
from service.rulebook.compiled import CompiledError, decode
from service.rulebook.library import read_key
from service.serving.needed import ask_everything
from service.web.problems import log_without_words

log = logging.getLogger("wegwijzer")

LONGEST = 60  # seconds
OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)  # a server's; not those of a try


def begin(data: bytes, listeners: Iterable[BaseSocket] = ()) -> int:
    """Fork, and try there: the child ends with 0 when all of it can be served. Why not goes to the log.

    Args:
        data: a compiled rulebase, as it was read once: what is tried is what is served.
        listeners: what the child must not keep open, should it outlive whoever asks.

    Returns:
        the id of the child; whoever asks waits for it.

    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for one in OURS:
            signal.signal(one, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST)
        for listener in listeners:
            listener.close()
        examine(data)
        code = 0
    except WegwijzerError as error:
        log.error("%s", error)
    except Exception as error:  # whatever it is, it is no reason to serve
        log_without_words(error)
    finally:
        os._exit(code)


def holds(data: bytes) -> bool:
    """Try, and wait for it."""
    return os.waitpid(begin(data), 0)[1] == 0


def examine(data: bytes) -> None:
    """Load it as a service would, compare both readings on every story, ask every page.

    Raises:
        CompiledError: it cannot be used, or was not proved.
        DisagreementError: the engine and the index of rules disagree.
        LackingError: a page cannot be made.

    """
    library = decode(data, read_key())
    if not library.proved:
        raise CompiledError("It was not proved: compile it with wegwijzer compile.")
    agree(Decider(library.rulebase))
    ask_everything(library)
