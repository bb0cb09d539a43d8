"""What is said to authors of a mistake: every message by its id, in the languages of authors, with its values.

The texts stand in messages.toml beside this file. They belong to the program: who cannot read content/ can say so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).with_name("messages.toml")
NEAR = 0.75  # how alike words must be that begin otherwise: a wrong guess is worse than the list
ENGLISH = "en"  # what is said in a language that has no messages


@dataclass(frozen=True)
class Message:
    """A message and what it fills in: texts, numbers, days, other messages, or several words of which one is meant."""

    id: str
    values: Mapping[str, object] = field(default_factory=dict)

    def tell(self, language: str = ENGLISH) -> str:
        """The message in a language."""
        texts = messages()[self.id]
        filled = {name: _told(one, language) for name, one in self.values.items()}
        return texts.get(language, texts[ENGLISH]).format(**filled)

    def __str__(self) -> str:
        return self.tell()


def _told(value: object, language: str) -> object:
    if isinstance(value, Message):
        return value.tell(language)
    if isinstance(value, tuple):
        return Message("or").tell(language).join(str(_told(one, language)) for one in value)
    return value


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Every message: id -> language -> text."""
    return tomllib.loads(TEXTS.read_text("utf-8"))


def did_you_mean(given: str, known: Iterable[str]) -> Message | str:
    """What was meant when something known is near, else the list of what is known; nothing where nothing is."""
    known = list(known)
    if not known:
        return ""
    given = str(given)
    near = {*get_close_matches(given, known, n=len(known), cutoff=NEAR), *(one for one in known if one in given)}
    alike = [one for one in get_close_matches(given, known, n=len(known)) if one in near or one[:1] == given[:1]]
    return Message("did_you_mean", {"near": alike[0]}) if alike else all_known(known)


def all_known(known: Collection[str]) -> Message:
    """The list of what is known."""
    return Message("known", {"known": ", ".join(known)})


def mistakes(count: int) -> Message:
    """How many mistakes there are."""
    return Message("one_mistake" if count == 1 else "mistakes", {"count": count})
