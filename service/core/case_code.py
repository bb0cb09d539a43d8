"""A short code of closed answers, to read out over the telephone.

It holds the answers and, only if that was chosen, the organisation and the day whose rules were followed: no text, no
time. Whoever has the same lists can read it; nothing is stored. A wrong or swapped character is noticed. A code begins
with the version of the lists it was made with, so one that is well made, but with other lists, is told apart from one
that was misheard. One with a day is three characters longer than one without.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from service.core.errors import WegwijzerError
from service.core.situation import Situation
from service.core.vocabulary import Vocabulary

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U: nobody hears or sees the difference
HEARD_AS = str.maketrans("OIL", "011")
BITS = 5
CHECK = 2 * BITS  # two characters
SEED = 1  # so that a nought too many before a text is noticed
POLYNOMIAL = 0x233  # of degree 10: notices every wrong character and every swap of neighbours
GROUP = 4
DAY = 3  # characters: every day up to ninety years after the first edition
LONGEST = 60  # characters


class CaseCodeError(WegwijzerError):
    """A code that was misheard or mistyped. Never says what was given."""


class CaseCodeVersionError(CaseCodeError):
    """A code that is well made, with other lists of questions, answers or organisations than these."""


class CodedCase(NamedTuple):
    """What a code holds; `on` is None where it has no day."""

    concerns: tuple[str, ...]
    answers: Mapping[str, str]
    organisation: str | None
    on: date | None


class CaseCode:
    """The code for one vocabulary and one list of organisations."""

    def __init__(self, vocabulary: Vocabulary, organisations: Sequence[str]) -> None:
        self._vocabulary, self._organisations = vocabulary, tuple(organisations)
        self._facts = [fact for fact in vocabulary.facts if not fact.several]
        lists = [*((fact.id, *fact.answers) for fact in vocabulary.facts), self._organisations]
        said = "\n".join(map(" ".join, lists))
        version = int.from_bytes(hashlib.sha256(said.encode()).digest()[:2]) % (1 << CHECK)
        self.version = _letters(version, CHECK // BITS)
        most = 2 ** len(vocabulary.concerns.answers) * (len(self._organisations) + 1)
        for fact in self._facts:
            most *= len(fact.answers) + 1
        self.length = -(-(most - 1).bit_length() // BITS)

    def write(self, situation: Situation, organisation: str | None = None, on: date | None = None) -> str:
        """The code of a situation.

        Args:
            situation: with an organisation, its facts are left out, for they follow from it.
            organisation: its id, or None to leave it out.
            on: the day whose rules were followed, or None to leave it out; one that is too far away is left out too.

        """
        number = 0
        for place, concern in enumerate(self._vocabulary.concerns.answers):
            number |= (concern in situation.concerns) << place
        for fact in self._facts:
            answer = None if organisation and fact.of_organisation else situation.answers.get(fact.id)
            number = number * (len(fact.answers) + 1) + (fact.answers.index(answer) + 1 if answer else 0)
        number *= len(self._organisations) + 1
        number += self._organisations.index(organisation) + 1 if organisation else 0
        text = self.version + _letters(number, self.length)
        days = (on - self._vocabulary.first_edition).days if on else -1
        text += _letters(days, DAY) if 0 <= days < 1 << BITS * DAY else ""
        text += _letters(_remainder(text), CHECK // BITS)
        return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))

    def read(self, text: str) -> CodedCase:
        """What a code holds.

        Raises:
            CaseCodeVersionError: it was made with other lists.
            CaseCodeError: it is not one of ours.

        """
        plain = re.sub(r"[\s.-]", "", text).upper().translate(HEARD_AS)
        ends = CHECK // BITS
        if not 2 * ends < len(plain) <= LONGEST or not set(plain) <= set(LETTERS):
            raise CaseCodeError
        if _letters(_remainder(plain[:-ends]), ends) != plain[-ends:]:
            raise CaseCodeError
        version, body = plain[:ends], plain[ends:-ends]
        if version != self.version or len(body) - self.length not in {0, DAY}:
            raise CaseCodeVersionError
        number, day = _number(body[: self.length]), body[self.length :]
        number, organisation = divmod(number, len(self._organisations) + 1)
        answers = {}
        for fact in reversed(self._facts):
            number, answer = divmod(number, len(fact.answers) + 1)
            if answer:
                answers[fact.id] = fact.answers[answer - 1]
        concerns = self._vocabulary.concerns.answers
        if number >> len(concerns):
            raise CaseCodeError
        chosen = tuple(one for place, one in enumerate(concerns) if number >> place & 1)
        in_order = {fact.id: answers[fact.id] for fact in self._facts if fact.id in answers}
        return CodedCase(
            chosen,
            in_order,
            self._organisations[organisation - 1] if organisation else None,
            self._vocabulary.first_edition + timedelta(_number(day)) if day else None,
        )


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number << BITS | LETTERS.index(letter)
    return number


def _letters(number: int, length: int) -> str:
    return "".join(LETTERS[number >> BITS * place & (1 << BITS) - 1] for place in reversed(range(length)))


def _remainder(text: str) -> int:
    """What is left of the text after division by the polynomial."""
    left = SEED
    for letter in text:
        left ^= LETTERS.index(letter) << CHECK - BITS
        for _ in range(BITS):
            left <<= 1
            if left >> CHECK:
                left ^= 1 << CHECK | POLYNOMIAL
    return left
