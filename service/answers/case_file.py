"""Turns "this referral was wrong" into a case file that fails until the rules are mended. Holds no personal data.

A case holds closed answers, a day and an organisation; the name of the story is the one free text, and is refused
where it looks like it holds a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from service.core.errors import WegwijzerError
from service.core.situation import Situation
from service.core.vocabulary import Vocabulary

PERSONAL = {
    "an e-mail address": re.compile(r"\S+@\S+"),
    "a telephone number": re.compile(r"\+?\d[\d ()-]{7,}\d"),
    "a name with a title": re.compile(r"(?i:\b(?:de heer|mevrouw|meneer|dhr\.|mevr\.|mw\.|drs\.|mr\.))\s+[A-Z]"),
    "a date of birth or another full date": re.compile(r"\b\d{1,2}[-/ ](?:\d{1,2}|[a-z]+)[-/ ]\d{4}\b"),
}


class PersonalDataError(WegwijzerError):
    """The story looks like it names somebody."""


def case(
    vocabulary: Vocabulary,
    situation: Situation,
    *,
    name: str,
    tells: str,
    on: date,
    organisation: str | None,
    first: str,
) -> str:
    """The case as TOML, ready for tests/cases/.

    Args:
        vocabulary: the closed lists.
        situation: the answers that matter; organisation facts are left to the organisation.
        name: the story in one sentence.
        tells: the source that carries it, and the place in it.
        on: the day.
        organisation: its id, or None.
        first: where the first step should go.

    Raises:
        Personal: the story looks like it names somebody.

    """
    for what, pattern in PERSONAL.items():
        if pattern.search(name):
            raise PersonalDataError(f"The story looks like it holds {what}. Tell it without.")
    known = {fact.id for fact in vocabulary.of_organisation} if organisation else set()
    answers: Mapping[str, object] = {
        vocabulary.concerns.id: list(situation.concerns),
        **{fact: answer for fact, answer in situation.answers.items() if fact not in known},
    }
    written = ", ".join(f"{fact} = {json.dumps(answer)}" for fact, answer in answers.items())
    lines = ["[[case]]", f"name = {_text(name)}", f"tells = {_text(tells)}", f"on = {on.isoformat()}"]
    if organisation:
        lines.append(f"organisation = {_text(organisation)}")
    lines += [f"situation = {{ {written} }}", f"expect.first = [{_text(first)}]"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
