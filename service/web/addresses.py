"""The addresses of the pages. The language stands in the address and nowhere else."""

from __future__ import annotations

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


def language_of(path: str) -> str:
    """The language of an address; Dutch where it names none."""
    one = ADDRESSES["en"]
    return "en" if path in astuple(one) or path.startswith(f"{one.start}/") else "nl"
