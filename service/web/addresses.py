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


ADDRESSES = {
    "nl": Addresses("/", "/vragen", "/toegankelijkheid", "/verlaten"),
    "en": Addresses("/en", "/en/questions", "/en/accessibility", "/en/leave"),
}


def language_of(path: str) -> str:
    """The language of an address; Dutch where it names none."""
    return "en" if path == ADDRESSES["en"].start or path.startswith(f"{ADDRESSES['en'].start}/") else "nl"
