"""Which sentences of a source carry rules, cells of the competence matrix, promises and cases, and which carry none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from service.core.rule import Citation, Rule
from service.proof.competence import Cell
from service.proof.promises import Promise
from service.rulebook.compiled import Library
from service.rulebook.sources import plain

Resting = Rule | Cell | Promise

SHARED = 40  # letters in a row that a quotation must share with a sentence to rest on it


@dataclass(frozen=True)
class Sentence:
    """One sentence of a source, and what rests on it.

    Attributes:
        locator: where it stands.
        words: verbatim; empty where rules name the place alone.
        rules: the ids of those that quote it, of every day.
        cells: of the competence matrix, that quote it.
        promises: that quote it.
        cases: the names of those that tell of its place and are decided by one of these rules.
        beside: the names of the others that tell of its place.

    """

    locator: str
    words: str
    rules: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    promises: tuple[Promise, ...] = ()
    cases: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Its name within its source: the same for as long as its words and its place are."""
        digest = hashlib.sha256(plain(self.words).encode()).hexdigest()
        return f"{re.sub(r'[^a-z0-9]+', '-', self.locator.lower()).strip('-')}-{digest[:6]}"


def coverage(library: Library, source: str, cases: Iterable[Mapping[str, Any]] = ()) -> Iterator[Sentence]:
    """Every passage kept of a source, with what quotes it and the cases told about its place.

    Args:
        library: rules and sources.
        source: its id.
        cases: `tells` and `name` of each, and in `rules` the ids of those that decide it; without them it is told of
            the place alone.

    """
    told = list(cases)
    resting = list(_resting(library, source))
    for passage in library.texts.sources[source].passages:
        sentence = _sentence(
            passage.locator,
            passage.text,
            [one for one, by in resting if by.locator == passage.locator and _shares(by.quote or "", passage.text)],
        )
        here = [one for one in told if one["tells"] in (passage.locator, f"{source}, {passage.locator}")]
        mine = [one["name"] for one in here if not set(sentence.rules).isdisjoint(one.get("rules", ()))]
        beside = [one["name"] for one in here if one["name"] not in mine]
        yield replace(sentence, cases=tuple(mine), beside=tuple(beside))


def sentences(library: Library, source: str) -> tuple[Sentence, ...]:
    """Every passage kept of a source, and what is quoted of it besides; each with what rests on it."""
    kept = tuple(coverage(library, source))
    more: dict[tuple[str, str], list[Resting]] = {}
    for one, by in _resting(library, source):
        if not any(sentence.locator == by.locator and _carries(sentence, one) for sentence in kept):
            more.setdefault((by.locator, by.quote or ""), []).append(one)
    return tuple(_in_order([*kept, *(_sentence(*place, those) for place, those in more.items())]))


def _in_order(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """Those of one part of a source together; by number where nothing but a number tells them apart."""
    parts: dict[str, list[Sentence]] = {}
    for one in found:
        parts.setdefault(one.locator.partition(",")[0], []).append(one)
    for part in parts.values():
        places = list(dict.fromkeys(one.locator for one in part))
        if len({re.sub(r"\d+", "", place) for place in places}) == 1:
            places.sort(key=lambda place: [int(number) for number in re.findall(r"\d+", place)])
        yield from sorted(part, key=lambda one: places.index(one.locator))


def _resting(library: Library, source: str) -> Iterator[tuple[Resting, Citation]]:
    """Every citation of a source, with what rests on it."""
    every: list[Resting] = [*library.rulebase.rules, *library.competence, *library.promises]
    for one in every:
        yield from ((one, by) for by in one.citations if by.source == source)


def _sentence(locator: str, words: str, those: Iterable[Resting]) -> Sentence:
    """With each of what rests on it once."""
    each = list({id(one): one for one in those}.values())
    return Sentence(
        locator,
        words,
        tuple(one.id for one in each if isinstance(one, Rule)),
        tuple(one for one in each if isinstance(one, Cell)),
        tuple(one for one in each if isinstance(one, Promise)),
    )


def _carries(sentence: Sentence, one: Resting) -> bool:
    if isinstance(one, Rule):
        return one.id in sentence.rules
    return any(one is other for other in (*sentence.cells, *sentence.promises))


@lru_cache(maxsize=10_000)  # whoever looks at each save asks this of the same words again
def _shares(quote: str, words: str) -> bool:
    quote, words = plain(quote), plain(words)
    if quote and quote in words:
        return len(quote) >= min(SHARED, len(words))
    match = SequenceMatcher(None, quote, words, autojunk=False).find_longest_match()
    return match.size >= min(SHARED, len(words))
