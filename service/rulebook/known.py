"""What the files of a rulebase may name that stands elsewhere, and what an author reads who names something else."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from marshmallow.experimental.context import Context

from service.core.rule import As, Citation
from service.core.vocabulary import Vocabulary
from service.rulebook.languages import Languages
from service.rulebook.messages import Message, did_you_mean

DESTINATION, CONCERN, WAY = "destination", "concern", "way"
SOURCE, TERM, QUOTATION = "source", "term", "quotation"
ORGANISATION, KIND = "organisation", "kind"
IS_NOT = {
    DESTINATION: "not_a_destination",
    CONCERN: "not_a_concern",
    WAY: "not_a_way_to_refer",
    ORGANISATION: "not_an_organisation",
    KIND: "not_a_kind",
    SOURCE: "not_a_source",
    TERM: "not_a_term",
    QUOTATION: "not_a_quotation",
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

    @cached_property
    def name(self) -> bytes:
        """What may be named, in one value: what a file is made into depends on no more of this."""
        names = {kind: sorted(one) for kind, one in self.names.items()}
        return pickle.dumps(
            (self.languages.codes, dict(self.languages.fallback), self.vocabulary, names, self.quotations, self.older)
        )

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

    def wrong(self, kind: str, given: str) -> Message | None:
        """What is wrong with a name, and what was probably meant; None when there is such a thing."""
        names = self.names_of(kind)
        if names is None or given in names:
            return None
        return Message(IS_NOT[kind], {"given": given, "hint": did_you_mean(given, names)})


def known() -> Known:
    """What may be named in the file that is being read."""
    return Context[Known].get()
