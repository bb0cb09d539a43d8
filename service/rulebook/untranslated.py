"""What a language has of the one that it falls back to: how many texts, and in which files. Nothing of it is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from service.rulebook.drafts import Draft
from service.rulebook.messages import Message
from service.rulebook.site import INTERFACE
from service.rulebook.style import texts


@dataclass(frozen=True)
class Untranslated:
    """How many texts of a language are those of another, of how many, and in which files."""

    language: str
    fallback: str
    count: int
    all: int
    files: Mapping[str, int]

    def tell(self, language: str, *, files: bool) -> str:
        """How much it is, with each file where that is asked."""
        said = asdict(self) | {"hint": "" if files else Message("untranslated_hint")}
        lines = [f"{count:>6} {file}" for file, count in self.files.items()] if files else []
        return "\n".join([Message("untranslated", said).tell(language).rstrip(), *lines])


def untranslated(draft: Draft) -> Iterator[Untranslated]:
    """Each language that falls back to another, where it lacks anything."""
    for language, one in draft.site.locales.items():
        if one.fallback:
            found = list(_texts(draft, language, one.fallback))
            lacks = Counter(file for file, translated in found if not translated)
            if lacks:
                yield Untranslated(language, one.fallback, lacks.total(), len(found), dict(sorted(lacks.items())))


def _texts(draft: Draft, language: str, fallback: str) -> Iterator[tuple[str, bool]]:
    """Of each text of the other language its file, and whether it stands in this one."""
    for file in draft.files:
        there: dict[str, set[tuple[str | int, ...]]] = {language: set(), fallback: set()}
        for one in texts((file,), (language, fallback)):
            at = one.place.index(one.language) if one.words and one.language in one.place else None
            if at is not None:
                there[one.language].add((*one.place[:at], *one.place[at + 1 :]))
        if file.part == INTERFACE:  # what a rulebase leaves out came along
            there[fallback] = {(word,) for word in draft.texts.interface[fallback]}
            there[fallback] -= {(word,) for word in draft.site.locales[fallback].words}
        for place in there[fallback]:
            yield file.name, place in there[language]
