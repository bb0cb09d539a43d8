"""Holds every quotation against the stored words of its source, at its place.

White space and quotation marks apart, a changed letter, a wrong paragraph or an altered quotation is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from service.core.rule import Citation
from service.proof.findings import Broken, Ref
from service.rulebook.texts import Source

MARKS = str.maketrans({"«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})
NUMBERED = re.compile(r"#+\s*\**(\d+)\.\s")
HEADING = re.compile(r"#+\s|\*\*[^*]+\*\*$")
ENDS = re.compile(r"[.?!:»”\"](?:<sup>\d+</sup>)?$")
ALIKE = 0.5  # of the words of a quotation, from where on it is told which of them differs
BESIDE = 5  # words around a place that are looked at, for the quotation may have left some out
FOOTNOTE = re.compile(r"<sup>\d+</sup>")


def plain(text: str) -> str:
    """The words, with white space folded and quotation marks made alike."""
    return " ".join(text.translate(MARKS).split())


def paragraphs(text: str) -> dict[str, str]:
    """The paragraphs of a document of the house, by place: `inleiding, alinea 1`, `onderdeel 6, alinea 5`.

    Headings and footnotes are no paragraphs, and a paragraph that a page or a footnote breaks in two is one.
    """
    found: dict[str, str] = {}
    section, number, last = "inleiding", 0, ""
    for block in re.split(r"\n\s*\n", text):
        block = block.strip()
        if numbered := NUMBERED.match(block):
            section, number, last = f"onderdeel {numbered[1]}", 0, ""
        elif HEADING.match(block):
            section, number, last = ("conclusie", 0, "") if "Conclusie" in block else (section, number, "")
        elif block and not FOOTNOTE.match(block):
            if last and not ENDS.search(found[last]):
                found[last] += f" {block}"
            elif (
                number or section != "inleiding" or ENDS.search(block)
            ):  # before the first sentence stands the letterhead
                number += 1
                last = f"{section}, alinea {number}"
                found[last] = block
    return {place: FOOTNOTE.sub("", words) for place, words in found.items()}


class Passages:
    """The stored words of every source, by place."""

    def __init__(self, sources: Mapping[str, Source], folder: Path) -> None:
        """Read the documents of which the whole text is kept.

        Args:
            sources: by id.
            folder: content/.

        """
        self._places: dict[str, dict[str, list[str]]] = {}
        self._documents: dict[str, dict[str, list[str]]] = {}
        for source in sources.values():
            if source.text:
                read = paragraphs((folder / "sources" / source.text).read_text("utf-8"))
                self._documents[source.id] = {place: [plain(words)] for place, words in read.items()}
            places = {place: [*words] for place, words in self._documents.get(source.id, {}).items()}
            for passage in source.passages:
                places.setdefault(passage.locator, []).append(plain(passage.text))
            self._places[source.id] = places

    def places(self, source: str) -> list[str]:
        """The places of a source, in its order."""
        return list(self._places[source])

    def wrong(self, citation: Citation) -> Broken | None:
        """What is wrong with a citation, and its mend; None when its words stand at its place."""
        return _wrong(citation, self._places[citation.source])

    def in_document(self, citation: Citation) -> Broken | None:
        """The same, held against the document that is kept alone."""
        return _wrong(citation, self._documents[citation.source])


def _wrong(citation: Citation, places: Mapping[str, list[str]]) -> Broken | None:
    if citation.quote is None:
        return None
    quote = plain(citation.quote)
    here = places.get(citation.locator, ())
    if any(quote in words for words in here):
        return None
    said = {"source": citation.source, "locator": citation.locator}
    elsewhere = [place for place, passages in places.items() if any(quote in words for words in passages)]
    if elsewhere:
        return Broken("quote_elsewhere", {**said, "place": elsewhere[0]})
    if not here:
        return Broken("quote_nowhere", {**said, "places": ", ".join(places) or "-"})
    differ = max((_differing(quote.split(), words.split()) for words in here), key=lambda one: one[0])
    if differ[0] < ALIKE:
        return Broken("quote_unknown", {**said, "quote": citation.quote})
    _, given, stands = differ
    name = "quote_differs" if given and stands else "quote_adds" if given else "quote_lacks"
    return Broken(name, {**said, "given": given, "stands": stands})


def _differing(quote: list[str], words: list[str]) -> tuple[float, str, str]:
    """How much of a quotation stands in some words, and the first of it that does not, with what stands there."""
    longest = SequenceMatcher(None, quote, words, autojunk=False).find_longest_match()
    begin = max(longest.b - longest.a - BESIDE, 0)
    near = words[begin : longest.b + len(quote) - longest.a + BESIDE]
    alike = 0
    first: tuple[list[str], list[str]] | None = None
    for how, start, end, there, until in SequenceMatcher(None, quote, near, autojunk=False).get_opcodes():
        if how == "equal":
            alike += end - start
        elif first is None and not (start == end and start in (0, len(quote))):  # what stands around it is no part
            there = max(there, until - (end - start)) if start == 0 else there
            until = min(until, there + end - start) if end == len(quote) else until
            first = quote[start:end], near[there:until]
    given, stands = first or ([], [])
    return alike / len(quote), " ".join(given), " ".join(stands)


def misquotations(cited: Iterable[tuple[Ref, Citation]], passages: Passages) -> Iterator[Broken]:
    """Every citation whose words do not stand at its place.

    Args:
        cited: where it is cited, and what.
        passages: the stored words.

    """
    for where, citation in cited:
        if wrong := passages.wrong(citation):
            yield replace(wrong, about=(where,))
