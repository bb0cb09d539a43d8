"""A situation: the concerns and the answers given so far. An unanswered fact is not the answer "unknown"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from service.core.errors import VocabularyError
from service.core.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True)
class Situation:
    """What is known: concerns in the order of the vocabulary, answers per fact, every organisation fact included."""

    concerns: tuple[str, ...]
    answers: Mapping[str, str]


def situation(
    vocabulary: Vocabulary,
    given: Mapping[str, object],
    organisation: Mapping[str, str] | None = None,
) -> Situation:
    """Read a situation from facts as they come in.

    Args:
        vocabulary: the closed lists.
        given: fact id -> answer id; for the concerns a list of answer ids. Organisation facts only when
            `organisation` is None.
        organisation: what the directory knows of the organisation: fact id -> answer id. Facts it leaves out,
            and all of them when it is None and nobody gave them, are "unknown".

    Raises:
        VocabularyError: with the place (a JSON pointer below the situation) and what is possible there.

    """
    concerns: tuple[str, ...] = ()
    answers = {fact.id: UNKNOWN for fact in vocabulary.of_organisation}
    answers.update(organisation or {})
    for name, value in given.items():
        fact = vocabulary.by_id.get(name)
        if fact is None:
            raise VocabularyError("", _unknown("fact", name, [fact.id for fact in vocabulary.facts]))
        if fact.several:
            concerns = _several(vocabulary, value)
        elif fact.of_organisation and organisation is not None:
            raise VocabularyError(
                f"/{fact.id}", "A fact of the organisation cannot be given together with an organisation."
            )
        elif not isinstance(value, str) or value not in fact.answers:
            raise VocabularyError(f"/{fact.id}", _unknown("answer", value, fact.answers))
        else:
            answers[fact.id] = value
    return Situation(concerns, answers)


def _several(vocabulary: Vocabulary, value: object) -> tuple[str, ...]:
    fact = vocabulary.concerns
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise VocabularyError(f"/{fact.id}", "Give a list of answers.")
    if len(value) > len(fact.answers):
        raise VocabularyError(f"/{fact.id}", f"Give at most {len(fact.answers)} answers.")
    for index, answer in enumerate(value):
        if not isinstance(answer, str) or answer not in fact.answers:
            raise VocabularyError(f"/{fact.id}/{index}", _unknown("answer", answer, fact.answers))
        if answer in value[:index]:
            raise VocabularyError(f"/{fact.id}/{index}", "Give each one once.")
    return tuple(answer for answer in fact.answers if answer in value)


def _unknown(what: str, given: object, known: Sequence[str]) -> str:
    """Say what is possible, and what was probably meant, in our own words only."""
    return f"This {what} is not known.{meant(given, known)} Known: {', '.join(known)}."


def meant(given: object, known: Sequence[str]) -> str:
    """What was probably meant, as a sentence with a word of ours and a space before it; empty where nothing is near."""
    if not isinstance(given, str) or len(given) >= 60:
        return ""
    near = get_close_matches(given.lower().replace("-", "_"), known, n=1, cutoff=0.75)
    return f" Did you mean '{near[0]}'?" if near else ""
