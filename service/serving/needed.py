"""What pages need of a rulebase besides that it is right: their words, and that each of them can be made."""

from __future__ import annotations

from dataclasses import astuple

from service.core.errors import WegwijzerError
from service.engine.durable import EngineLimitError
from service.rulebook.library import Library
from service.rulebook.messages import Message
from service.rulebook.site import STARTS, our_interface
from service.web.settings import Settings

READ = (
    *("questions", "organisations", "destinations", "editions", "rules", "rulebase.json", "compiled.json"),
    "openapi.json",
)


class LackingError(WegwijzerError):
    """A rulebase lacks what pages need; says what."""

    def __init__(self, id_: str, **values: object) -> None:
        self.said = Message(id_, values)
        super().__init__(self.said.tell())


def lacks(library: Library) -> list[str]:
    """The words that pages of this version say, and that a rulebase another version compiled has not."""
    needed = {word for words in our_interface().values() for word in words if not word.startswith(STARTS)}
    return sorted({word for words in library.texts.interface.values() for word in needed - words.keys()})


def ask_everything(library: Library) -> int:
    """Ask for every page and everything that programs read.

    Returns:
        how many there are.

    Raises:
        LackingError: one of them does not come, or would have a hole in it.

    """
    from service.web.app import create_app  # takes longer to import than `check` takes after an edit of a text
    from service.web.problems import log_without_words

    if lacking := lacks(library):
        raise LackingError("lacks_words", words=", ".join(lacking))
    try:
        client = create_app(library, settings=Settings(rate=0)).test_client()
    except EngineLimitError:  # the trial of the engine says why
        raise LackingError("no_pages") from None
    except Exception as error:  # whatever it is, it is no reason to serve
        log_without_words(error)
        raise LackingError("no_pages") from None
    # Leaving leads to another site.
    pages = [path for one in library.site.addresses.values() for path in astuple(one) if path != one.leave]
    asked = [*pages, *(f"/api/v1/{one}" for one in READ), "/health/ready"]
    for path in asked:
        if client.get(path).status_code != 200:
            raise LackingError("no_page", path=path)
    return len(asked)
