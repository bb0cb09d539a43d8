"""What the files of a rulebase may name that stands elsewhere, and what an author reads who names something else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from marshmallow.experimental.context import Context

from service.core.rule import As, Citation
from service.core.vocabulary import Vocabulary
from service.rulebook.languages import Languages

DESTINATION, CONCERN, WAY = "destination", "concern", "way"
SOURCE, TERM, QUOTATION = "source", "term", "quotation"
ORGANISATION, KIND = "organisation", "kind"
IS_NOT = {
    DESTINATION: "{!r} is not a destination",
    CONCERN: "{!r} is not a concern",
    WAY: "{!r} is not a way to refer",
    ORGANISATION: "There is no organisation {!r}",
    KIND: "{!r} is not possible for 'kind'",
    SOURCE: "Source {!r} is not in content/sources/",
    TERM: "Term {!r} is not in content/terms.toml",
    QUOTATION: "{!r} is not the name of a quotation in content/sources/",
}


@dataclass(frozen=True)
class Known:
    """What may be named while a file is read.

    Attributes:
        languages: in which each text must stand.
        vocabulary: the facts, answers, concerns and destinations; None while it is read itself.
        names: of the rest, by kind. A kind that is left out has mistakes of its own, and is not looked at.
        quotations: by name; None where a source has mistakes.
        older: whether what is read may be of before the notation of today.

    """

    languages: Languages
    vocabulary: Vocabulary | None = None
    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    quotations: Mapping[str, Citation] | None = None
    older: bool = False

    @property
    def facts(self) -> Vocabulary:
        """The vocabulary, where a file is read that needs it."""
        assert self.vocabulary is not None  # noqa: S101 - every loader but that of the vocabulary is given one
        return self.vocabulary

    def names_of(self, kind: str) -> Collection[str] | None:
        """What may be named of a kind; None where that has mistakes of its own."""
        if kind == WAY:
            return [one.value for one in As]
        if kind == QUOTATION:
            return self.quotations
        if self.vocabulary and kind in (DESTINATION, CONCERN, KIND):
            of = {DESTINATION: self.facts.destinations, CONCERN: self.facts.concerns.answers, KIND: self.facts.kinds}
            return of[kind]
        return self.names.get(kind)

    def wrong(self, kind: str, given: str) -> str | None:
        """What is wrong with a name, and what was probably meant; None when there is such a thing."""
        names = self.names_of(kind)
        if names is None or given in names:
            return None
        return f"{IS_NOT[kind].format(given)}.{did_you_mean(given, names)}"


def known() -> Known:
    """What may be named in the file that is being read."""
    return Context[Known].get()


def did_you_mean(given: str, names: Iterable[str]) -> str:
    """' Did you mean …?' when something known is near, else the list of what is known."""
    names = list(names)
    if not names:
        return ""
    near = get_close_matches(given, names, n=1)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(names)}."
