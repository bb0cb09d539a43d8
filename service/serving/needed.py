"""What pages need of a rulebase besides that it is right: words, a notice, and that each of them can be made.

`wegwijzer check` asks this as `wegwijzer serve` does, so that the one never finds what the other did not.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

from service.rulebook.library import Library
from service.rulebook.texts import our_interface
from service.rulebook.toml_files import Problems, TomlFile
from service.serving.proven import Refused
from service.web.addresses import ADDRESSES
from service.web.app import create_app
from service.web.problems import log_without_words
from service.web.rendering import SEEN
from service.web.settings import Settings

READ = ("questions", "organisations", "destinations", "editions", "rules", "rulebase.json", "openapi.json")


def has_what_pages_need(library: Library, content: Path) -> None:
    """Hold content against what pages say wherever they are.

    Args:
        library: as it was read.
        content: the folder it was read from, to tell authors where.

    Raises:
        AuthorErrors: a word or a notice is missing.

    """
    problems = Problems()
    words = TomlFile(content, content / "interface.toml")
    for word in sorted(our_interface()["nl"].keys() - library.texts.interface["nl"].keys()):
        problems.add(words, ("nl",), f"The word {word!r} is missing, which pages need; add it in nl and in en.")
    if SEEN not in [notice.id for notice in library.texts.notices]:
        notices = TomlFile(content, content / "notices.toml")
        message = f"The notice {SEEN!r} is missing, which pages show before the first question; add it."
        problems.add(notices, (), message)
    problems.stop_if_any()


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
    pages = [path for one in ADDRESSES.values() for path in astuple(one) if path != one.leave]
    asked = [*pages, *(f"/api/v1/{one}" for one in READ), "/health/ready"]
    for path in asked:
        if client.get(path).status_code != 200:
            raise Refused(f"{path} cannot be made from this rulebase.")
    return len(asked)
