"""The addresses of the pages. The language stands in the address and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """The pages in one language."""

    start: str
    questions: str
    statement: str
    leave: str
    advisor: str


ADDRESSES = {
    "nl": Addresses("/", "/vragen", "/toegankelijkheid", "/verlaten", "/adviseur"),
    "en": Addresses("/en", "/en/questions", "/en/accessibility", "/en/leave", "/advisor"),
}


def language_of(path: str) -> str:
    """The language of an address; Dutch where it names none."""
    english = ADDRESSES["en"]
    return "en" if path in (english.start, english.advisor) or path.startswith(f"{english.start}/") else "nl"
