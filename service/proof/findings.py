"""What a proof finds: a promise, for how many situations it was looked at, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Ref = tuple[str | int, ...]  # the table in which something stands, which one of them, and the keys in it
Teller = Callable[[str, Mapping[str, str]], str]  # a concern and some answers, as a story
Words = Mapping[str, str]  # the words of one language, by name
Watch = Callable[[str, Words, float], None]  # the name of a finding, what it says, and which share of it was looked at

# Who is told what is being proved, and how far; nobody, unless somebody waits at a terminal. It is no part of what a
# proof needs, so it goes beside its arguments.
watching: ContextVar[Watch] = ContextVar("watching", default=lambda *_: None)


@dataclass(frozen=True)
class Broken:
    """What breaks a promise.

    Attributes:
        name: the id of the message that says it and how to mend it.
        values: what that fills in.
        about: what it is about, with what an author would change first in front.

    """

    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    about: tuple[Ref, ...] = ()


T = TypeVar("T")


@dataclass(frozen=True)
class Finding(Generic[T]):
    """One promise, for how many things it was looked at, and what breaks it (none when it holds).

    Attributes:
        name: of the sentence that says it.
        counted: for how many.
        seconds: how long that took.
        broken: empty when it holds.
        says: the sentence in each language, for a promise that authors wrote; otherwise it is among the words.
        of: what is counted, as a word.

    """

    name: str
    counted: int
    seconds: float
    broken: tuple[T, ...]
    says: Mapping[str, str] = field(default_factory=dict)
    of: str = "situations"

    def tell(self, words: Words, language: str) -> str:
        """The promise in a language."""
        return self.says[language] if self.says else words[f"promise_{self.name}"]


def rules(ids: Iterable[str]) -> tuple[Ref, ...]:
    """What a finding is about when it is about rules."""
    return tuple(("rule", id_) for id_ in ids)


def once(broken: Iterable[Broken]) -> Iterator[Broken]:
    """Each mistake once: where several editions have the same, the first of them tells it."""
    seen = set()
    for one in broken:
        key = (one.name, one.about) if one.about else (one.name, repr(one.values))
        if key not in seen:
            seen.add(key)
            yield one
