"""Holds durable-rules against the plain reading and against what a rule says, in every situation of every concern.

`make whole-space` does so over the whole space, and keeps the result by what it was found of: our rules, the code
that reads them, and the engine's version. It takes minutes. The gate compares less, and says how much: see
tests/test_engine.py.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import sys
import time

from proofs import KEPT, digest

from service.core.reading import Reading
from service.core.situation import Situation
from service.core.vocabulary import UNKNOWN
from service.engine.durable import CORE, Engine
from service.rulebook.library import load_library

PARTS = 16  # of each space; an even number of processes shares them
MADE_OF = ("rules", "service/core", "service/engine")


class Space:
    """Every situation of one concern in one edition, over the facts that its rules test; each has a number.

    An organisation's facts that no rule tests are `unknown`.
    """

    def __init__(self, edition, concern):
        self.edition, self.concern = edition, concern
        self.rules = edition.of_concern(concern)
        tested = {fact for rule in self.rules for fact in rule.when}
        self._facts = [fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested]
        self._unasked = {fact.id: UNKNOWN for fact in edition.vocabulary.of_organisation}
        self.size = math.prod(len(fact.answers) for fact in self._facts)

    def answers(self, number):
        """The situation of this number, as an answer per fact."""
        found = dict(self._unasked)
        for fact in self._facts:
            number, place = divmod(number, len(fact.answers))
            found[fact.id] = fact.answers[place]
        return found

    def borders(self):
        """Each rule's example, made whole, and the same with every other answer to each fact that the rule tests.

        So both sides of every condition of every rule are met: the rule holds, and fails by that one answer.
        """
        for rule in self.rules:
            whole = {**self.answers(0), **rule.example.situation, **{f: sorted(a)[0] for f, a in rule.when.items()}}
            yield whole
            for fact in self._facts:
                if fact.id in rule.when:
                    yield from ({**whole, fact.id: answer} for answer in fact.answers)


def spaces(rulebase):
    """The space of each concern of each edition; once where its rules are those of the edition before."""
    found = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            found.setdefault((concern, *(rule.id for rule in edition.of_concern(concern))), Space(edition, concern))
    return [*found.values()]


def differences(space, situations, engine=None, reading=None):
    """Where engine, plain reading and definition do not say the same: an iterator of situations with what each says."""
    engine, reading = engine or Engine(space.edition), reading or Reading(space.edition)
    for answers in situations:
        asked = Situation((space.concern,), answers)
        fired, plain = engine.fire(asked)[space.concern], reading.certain(asked)[space.concern]
        meant = tuple(rule.id for rule in space.rules if rule.matches(answers))
        if not fired == plain == meant:
            yield answers, fired, plain, meant


def _walk(task):
    number, part = task
    space = spaces(load_library().rulebase)[number]
    numbers = range(part, space.size, PARTS)
    first = next(differences(space, map(space.answers, numbers)), None)
    return number, len(numbers), first


def main():
    kept = KEPT / f"whole-space-{CORE}-{digest(*MADE_OF)}.json"
    if kept.exists():
        print(f"Nothing has changed since this was found: {kept.read_text('utf-8')}")
        return 0
    every = spaces(load_library().rulebase)
    tasks = [(number, part) for number in range(len(every)) for part in range(PARTS)]
    compared, begun = 0, time.monotonic()
    with multiprocessing.Pool() as pool:
        for number, how_many, first in pool.imap_unordered(_walk, tasks):
            if first:
                print(f"{every[number].edition.id} {every[number].concern}: they differ in {first}")
                return 1
            compared += how_many
            if sys.stdout.isatty():
                print(f"\r{compared:,} of {sum(one.size for one in every):,}", end="", flush=True)
    said = {"situations": compared, "engine": f"durable-rules {CORE}", "seconds": round(time.monotonic() - begun)}
    KEPT.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(said), "utf-8")
    print(f"\nThe engine, the plain reading and the rules say the same everywhere: {json.dumps(said)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
