"""Tries a changed rulebase in a process of its own, so that one on which the engine crashes takes nothing with it.

`python -m service.web.trial FOLDER SHELF` copies, proves, asks every page, and accepts. It prints the name of the copy
if all of that held, and nothing if not; why not goes to the log, for its authors.
"""

from __future__ import annotations

import sys
from dataclasses import astuple
from pathlib import Path

from service.authoring import AuthorErrors
from service.core.errors import WegwijzerError
from service.library import Library, load_library
from service.proven import Refused, Shelf, examine
from service.web import create_app
from service.web.addresses import ADDRESSES
from service.web.settings import Settings

NOT_PAGES = ("/verlaten", "/en/leave")  # they lead to another site
READ = ("questions", "organisations", "destinations", "editions", "rules", "rulebase.json", "openapi.json")


def ask_everything(library: Library) -> None:
    """Ask for every page and everything that programs read.

    Raises:
        Refused: one of them does not come.

    """
    client = create_app(library, settings=Settings(rate=0)).test_client()
    pages = [path for addresses in ADDRESSES.values() for path in astuple(addresses) if path not in NOT_PAGES]
    for path in [*pages, *(f"/api/v1/{one}" for one in READ), "/health/ready"]:
        if client.get(path).status_code != 200:
            raise Refused(f"{path} cannot be made from this rulebase.")


def main(source: str, shelf: str) -> None:
    """Copy, prove, ask, accept."""
    there = Shelf(Path(shelf))
    try:
        copy = there.take(Path(source))
        if there.current() != copy:
            ask_everything(examine(copy, load_library().texts.interface["nl"].keys()))
            there.accept(copy)
    except (WegwijzerError, AuthorErrors) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"The copy cannot be made: {error.strerror}.", file=sys.stderr)
    else:
        print(copy.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
