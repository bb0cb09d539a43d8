"""Which sentences of a source carry rules and cases, and which carry none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from service.core.rule import Citation
from service.rulebook.compiled import Library
from service.rulebook.sources import plain

SHARED = 40  # letters in a row that a quotation must share with a sentence to rest on it


@dataclass(frozen=True)
class Sentence:
    """One sentence of a source, and what rests on it.

    Attributes:
        locator: where it stands.
        words: verbatim; empty where rules name the place alone.
        rules: the ids of those that quote it, of every day.
        cases: the names of those that tell of its place and are decided by one of these rules.
        beside: the names of the others that tell of its place.

    """

    locator: str
    words: str
    rules: tuple[str, ...]
    cases: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its name within its source: the same for as long as its words and its place are."""
        digest = hashlib.sha256(plain(self.words).encode()).hexdigest()
        return f"{re.sub(r'[^a-z0-9]+', '-', self.locator.lower()).strip('-')}-{digest[:6]}"


def coverage(library: Library, source: str, cases: Iterable[Mapping[str, Any]] = ()) -> Iterator[Sentence]:
    """Every passage kept of a source, with the rules that quote it and the cases told about its place.

    Args:
        library: rules and sources.
        source: its id.
        cases: `tells` and `name` of each, and in `rules` the ids of those that decide it; without them it is told of
            the place alone.

    """
    told = list(cases)
    quoting = list(_quoting(library, source))
    for passage in library.texts.sources[source].passages:
        rules = tuple(
            dict.fromkeys(
                id_ for id_, one in quoting if one.locator == passage.locator and _shares(one.quote or "", passage.text)
            )
        )
        here = [one for one in told if one["tells"] in (passage.locator, f"{source}, {passage.locator}")]
        mine = [one["name"] for one in here if not set(rules).isdisjoint(one.get("rules", ()))]
        beside = [one["name"] for one in here if one["name"] not in mine]
        yield Sentence(passage.locator, passage.text, rules, tuple(mine), tuple(beside))


def sentences(library: Library, source: str) -> tuple[Sentence, ...]:
    """Every passage kept of a source, and what rules quote besides; each with the rules that rest on it."""
    kept = tuple(coverage(library, source))
    more: dict[tuple[str, str], list[str]] = {}
    for id_, one in _quoting(library, source):
        if not any(id_ in sentence.rules and sentence.locator == one.locator for sentence in kept):
            more.setdefault((one.locator, one.quote or ""), []).append(id_)
    return kept + tuple(Sentence(*place, tuple(dict.fromkeys(rules))) for place, rules in more.items())


def _quoting(library: Library, source: str) -> Iterator[tuple[str, Citation]]:
    """Every citation of a source, with the id of its rule."""
    for rule in library.rulebase.rules:
        yield from ((rule.id, one) for one in rule.citations if one.source == source)


def _shares(quote: str, words: str) -> bool:
    quote, words = plain(quote), plain(words)
    if quote and quote in words:
        return len(quote) >= min(SHARED, len(words))
    match = SequenceMatcher(None, quote, words, autojunk=False).find_longest_match()
    return match.size >= min(SHARED, len(words))
