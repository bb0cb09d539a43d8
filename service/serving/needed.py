"""What pages need of a rulebase besides that it is right: that each of them can be made.

`wegwijzer check` asks this as `wegwijzer serve` does, so that the one never finds what the other did not.
"""

from __future__ import annotations

from dataclasses import astuple

from service.rulebook.library import Library
from service.serving.proven import Refused
from service.web.app import create_app
from service.web.problems import log_without_words
from service.web.settings import Settings

READ = (
    *("questions", "organisations", "destinations", "editions", "rules", "rulebase.json", "compiled.json"),
    "openapi.json",
)


def ask_everything(library: Library) -> int:
    """Ask for every page and everything that programs read.

    Returns:
        how many there are.

    Raises:
        Refused: one of them does not come.

    """
    try:
        client = create_app(library, settings=Settings(rate=0)).test_client()
    except Exception as error:  # whatever it is, it is no reason to serve
        log_without_words(error)
        raise Refused("Pages cannot be made from this rulebase.") from None
    # Leaving leads to another site.
    pages = [path for one in library.site.addresses.values() for path in astuple(one) if path != one.leave]
    asked = [*pages, *(f"/api/v1/{one}" for one in READ), "/health/ready"]
    for path in asked:
        if client.get(path).status_code != 200:
            raise Refused(f"{path} cannot be made from this rulebase.")
    return len(asked)
