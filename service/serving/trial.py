"""Tries a changed rulebase in a process of its own, so that one on which the engine crashes takes nothing with it.

It copies, proves, asks every page, and accepts. It prints the name of the copy if all of that held, and REFUSED if its
authors must mend something; what, goes to the log. It prints nothing if it could not be tried.
"""

from __future__ import annotations

import sys
from pathlib import Path

from service.core.errors import WegwijzerError
from service.rulebook.library import load_library, nothing_of_tomorrow
from service.rulebook.locate import installed
from service.serving.needed import ask_everything
from service.serving.proven import Shelf, examine
from service.web.state import amsterdam_today

REFUSED = "refused"


def main(source: str, shelf: str, version: str) -> None:
    """Copy, prove, ask, accept.

    Args:
        source: the folder that somebody changed.
        shelf: where proved copies of it stand.
        version: what is served with it.

    """
    if installed() != version:
        print("The service was changed while it ran; restart it.", file=sys.stderr)
        return
    there = Shelf(Path(shelf), version)
    try:
        copy = there.take(Path(source))
        if there.current() != copy:
            library = load_library(copy / "rules", copy / "content")
            nothing_of_tomorrow(library, copy / "content", amsterdam_today())
            examine(library)
            ask_everything(library)
            there.accept(copy)
    except WegwijzerError as error:
        print(error, file=sys.stderr)
        print(REFUSED)
    except OSError as error:
        print(f"The copy cannot be made: {error.strerror}.", file=sys.stderr)
    else:
        print(copy.name)
