"""Which sentences of a source carry rules and cases, and which carry none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from service.rulebook.compiled import Library
from service.rulebook.sources import plain

SHARED = 40  # letters in a row that a quotation must share with a sentence to rest on it


@dataclass(frozen=True)
class Sentence:
    """One sentence of a source, and what rests on it."""

    locator: str
    words: str
    rules: tuple[str, ...]
    cases: tuple[str, ...]


def coverage(library: Library, source: str, cases: Iterable[Mapping[str, Any]]) -> Iterator[Sentence]:
    """Every passage kept of a source, with the rules that quote it and the cases told about its place.

    Args:
        library: rules and sources.
        source: its id.
        cases: `tells` and `name` of each.

    """
    told = list(cases)
    for passage in library.texts.sources[source].passages:
        rules = [
            rule.id
            for rule in library.rulebase.rules
            if any(
                one.source == source and one.locator == passage.locator and _shares(one.quote or "", passage.text)
                for one in rule.citations
            )
        ]
        names = [one["name"] for one in told if one["tells"] in (passage.locator, f"{source}, {passage.locator}")]
        yield Sentence(passage.locator, passage.text, tuple(rules), tuple(names))


def _shares(quote: str, words: str) -> bool:
    quote, words = plain(quote), plain(words)
    if quote and quote in words:
        return len(quote) >= min(SHARED, len(words))
    match = SequenceMatcher(None, quote, words, autojunk=False).find_longest_match()
    return match.size >= min(SHARED, len(words))
