"""The way through the questions: which answers still apply, and what is asked next.

Nothing is remembered of the way itself. From the answers alone follows where a person stands, so a changed answer
keeps what still applies and drops what does not. The organisation is asked when no other question is left, for
it may be declined; where naming it opens questions, those follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.core.reading import Reading
from service.core.situation import Situation
from service.core.vocabulary import UNKNOWN

ORGANISATION = "organisation"
DECLINED = ""


@dataclass(frozen=True)
class Given:
    """What a person answered; `organisation` is None when not asked yet, DECLINED when they will not say."""

    concerns: tuple[str, ...] = ()
    answers: Mapping[str, str] | None = None
    organisation: str | None = None


@dataclass(frozen=True)
class Progress:
    """Where a person stands.

    `given` holds only the answers that still apply; `path` the steps that were answered, in the order of asking;
    `dropped` the steps whose answers no longer count; `next` the step to ask, or None when all is known;
    `most` how many steps there can be at most, those that were answered included; `certain` whether each concern has
    a first step that stands, whatever is still answered and wherever it is.
    """

    given: Given
    situation: Situation
    path: tuple[str, ...]
    dropped: tuple[str, ...]
    next: str | None
    most: int
    certain: bool = False


class Interview:
    """The way through the questions of one edition."""

    def __init__(self, reading: Reading, facts_of: Callable[[str], Mapping[str, str]]) -> None:
        """Prepare the way.

        Args:
            reading: of the edition.
            facts_of: what the directory knows of an organisation: its id -> fact id -> answer id.

        """
        self._reading, self._facts_of = reading, facts_of
        self._vocabulary = reading.vocabulary
        self.steps = (self._vocabulary.concerns.id, *(fact.id for fact in self._vocabulary.asked), ORGANISATION)

    def at(self, given: Given) -> Progress:
        """Where a person with these answers stands."""
        answers = dict(given.answers or {})
        of_organisation = {fact.id: UNKNOWN for fact in self._vocabulary.of_organisation}
        if given.organisation:
            of_organisation.update(self._facts_of(given.organisation))
        accepted, dropped = self._reading.accept(Situation(given.concerns, answers | of_organisation))
        if not given.concerns:
            return Progress(
                Given(), Situation((), of_organisation), (), tuple(answers), self.steps[0], self.longest(Given())
            )
        kept = {fact: accepted.answers[fact] for fact in answers if fact in accepted.answers}
        still = Given(given.concerns, kept, given.organisation)
        last = ORGANISATION if given.organisation is None else None
        next_ = next(iter(self._reading.open_facts(accepted)), last)
        answered = {self.steps[0], *kept, *([ORGANISATION] if given.organisation is not None else [])}
        path = tuple(step for step in self.steps if step in answered)
        certain = self._reading.has_first_steps(self._told(still), given.concerns)
        return Progress(still, accepted, path, dropped, next_, len(path) + self._left(still), certain)

    def longest(self, given: Given) -> int:
        """How many steps a person can meet at most with one subject, from these answers on."""
        if given.concerns:
            return self.at(given).most
        return max(1 + self._left(Given((concern,))) for concern in self._vocabulary.concerns.answers)

    def _left(self, given: Given) -> int:
        """How many steps can still be asked: only naming the organisation can open another question."""
        return self._reading.most(Situation(given.concerns, self._told(given))) + (given.organisation is None)

    def _told(self, given: Given) -> dict[str, str]:
        """The answers, and the facts of the organisation; not these while it was not asked, for it may be any."""
        answers = dict(given.answers or {})
        if given.organisation is not None:
            answers |= {fact.id: UNKNOWN for fact in self._vocabulary.of_organisation}
            answers |= self._facts_of(given.organisation) if given.organisation else {}
        return answers
