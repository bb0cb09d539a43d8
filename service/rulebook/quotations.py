"""Holds every quotation against the stored words of its source, at its place.

White space and quotation marks apart, a changed letter, a wrong paragraph or an altered quotation is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from service.core.rule import Citation
from service.proof.findings import Broken
from service.rulebook.overlay import lies
from service.rulebook.sources import Source, differing, plain

NUMBERED = re.compile(r"#+\s*\**(\d+)\.\s")
HEADING = re.compile(r"#+\s|\*\*[^*]+\*\*$")
ENDS = re.compile(r"[.?!:»”\"](?:<sup>\d+</sup>)?$")
FOOTNOTE = re.compile(r"<sup>\d+</sup>")


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
                read = paragraphs(lies(folder, folder / "sources" / source.text).read_text("utf-8"))
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
    name, differ = max((differing(quote, words) for words in here), key=lambda one: one[1]["alike"])
    return Broken(name, {**said, **differ})
