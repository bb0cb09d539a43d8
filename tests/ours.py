"""Our own rules and content, read once per process, and what several tests make of them."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from service.core.case_code import CaseCode
from service.core.situation import Situation
from service.rulebook.checking import load_held
from service.rulebook.drafts import read_folders
from service.rulebook.library import load_library
from service.rulebook.locate import folder

TESTS = Path(__file__).parent

# A question of the API as its contract asks it, and the shortest that tells the letter's story.
LETTER = {"situation": {"reporter": "employee", "concerns": ["misconduct"], "misconduct_kind": "wrongdoing"}}
EXAMPLE = {
    "situation": {**LETTER["situation"], "privacy": "anonymous"},
    "organisation": "ocw",
    "on": "2019-06-20",
    "language": "nl",
}


@cache
def library():
    """The library that ships; the fixture of this name gives the same one."""
    return load_library()


@cache
def draft():
    """What authors wrote; the fixture of this name gives the same one."""
    return read_folders(folder("rules"), folder("content"))


@cache
def held():
    """What advisors told, and what was signed."""
    return load_held(TESTS, draft())


def told():
    """Every case of ours."""
    return held().cases


def signed():
    """Every neighbourhood of ours."""
    return [one.neighbourhood for one in held().neighbourhoods]


@cache
def case_code():
    """The case code of our vocabulary and organisations."""
    return CaseCode(library().rulebase.vocabulary, sorted(library().organisations.by_id))


def some_situations(count):
    """Situations of every kind: from nothing answered to everything, with and without an organisation."""
    dice, vocabulary, organisations = (
        random.Random(4),
        library().rulebase.vocabulary,
        sorted(library().organisations.by_id),
    )
    for number in range(count):
        concerns = tuple(one for one in vocabulary.concerns.answers if dice.random() < number / count)
        organisation = dice.choice(organisations) if dice.random() < 0.5 else None
        answers = {
            fact.id: dice.choice(fact.answers)
            for fact in vocabulary.facts
            if not fact.several and not (organisation and fact.of_organisation) and dice.random() < number / count
        }
        yield Situation(concerns, answers), organisation
