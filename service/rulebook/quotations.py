"""Holds every quotation against the stored words of its source, at its place.

White space and quotation marks apart, a changed letter, a wrong paragraph or an altered quotation is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from service.core.rule import Citation
from service.rulebook.sources import Source, plain

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
        for source in sources.values():
            places: dict[str, list[str]] = {}
            if source.text:
                for place, words in paragraphs((folder / "sources" / source.text).read_text("utf-8")).items():
                    places.setdefault(place, []).append(plain(words))
            for passage in source.passages:
                places.setdefault(passage.locator, []).append(plain(passage.text))
            self._places[source.id] = places

    def places(self, source: str) -> list[str]:
        """The places of a source, in its order."""
        return list(self._places[source])

    def wrong(self, citation: Citation) -> str | None:
        """What is wrong with a citation, and its mend; None when its words stand at its place."""
        places = self._places[citation.source]
        if citation.quote is None:
            return None
        quote = plain(citation.quote)
        if any(quote in words for words in places.get(citation.locator, ())):
            return None
        elsewhere = [place for place, passages in places.items() if any(quote in words for words in passages)]
        if elsewhere:
            return f"these words stand at {elsewhere[0]!r}, not at {citation.locator!r}"
        if citation.locator not in places:
            return (
                f"there is no {citation.locator!r} in {citation.source}; it has: {', '.join(places) or 'no passages'}"
            )
        return f"these words do not stand at {citation.locator!r}: “{citation.quote}”"


def misquotations(cited: Iterable[tuple[str, Citation]], passages: Passages) -> Iterator[str]:
    """Every citation whose words do not stand at its place.

    Args:
        cited: who cites, and what.
        passages: the stored words.

    """
    for who, citation in cited:
        if wrong := passages.wrong(citation):
            yield f"{who} cites {citation.source}: {wrong}."
