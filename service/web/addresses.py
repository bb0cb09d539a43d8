"""The addresses of the pages. The language stands in the address and nowhere else."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Addresses:
    """The pages in one language."""

    start: str
    questions: str
    statement: str
    leave: str
    advisor: str
    book: str
    frame: str = ""
    guide: str = ""


ADDRESSES = {
    "nl": Addresses(
        "/", "/vragen", "/toegankelijkheid", "/verlaten", "/adviseur", "/regels", "/insluiten/vragen", "/insluiten"
    ),
    "en": Addresses(
        "/en",
        "/en/questions",
        "/en/accessibility",
        "/en/leave",
        "/advisor",
        "/rules",
        "/embed/questions",
        "/embed-guide",
    ),
}


# How people write them: with a slash at the end or one too many, or in capitals.
_MEANT = {address.lower(): address for addresses in ADDRESSES.values() for address in astuple(addresses)}


def meant(path: str) -> str | None:
    """The page that an address without one was meant for: always one of ours, and never a part of what was asked."""
    return _MEANT.get(re.sub("/+", "/", path).rstrip("/").lower() or "/")


def language_of(path: str) -> str:
    """The language of an address; Dutch where it names none."""
    one = ADDRESSES["en"]
    return "en" if path in astuple(one) or path.startswith(f"{one.start}/") else "nl"
