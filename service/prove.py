"""Proves the rulebase over the whole space: every situation, every edition, every set of organisation facts.

A concern is decided on its own, and only the facts its rules test can matter; so the space of one concern holds every
situation there is, and set algebra on `core.space` walks all of them at once.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.competence import violations
from service.core.reading import Reading
from service.core.rule import As, Edition, Rule, Rulebase
from service.core.situation import Situation
from service.core.space import Space, counts
from service.core.vocabulary import UNKNOWN
from service.engine import Engine
from service.library import Library
from service.promises import Promise
from service.quotations import misquotations
from service.texts import Channel


@dataclass(frozen=True)
class Finding:
    """One promise, for how many situations it was proved, and what breaks it (none when it holds)."""

    promise: str
    situations: int
    seconds: float
    broken: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """One concern in one edition: its space, and where each rule fires and counts."""

    edition: Edition
    concern: str
    rules: tuple[Rule, ...]
    space: Space
    fires: Sequence[int]
    counts: Sequence[int]

    def tell(self, where: int) -> str:
        """The smallest counterexample of a set, told as a situation with the rules that fire."""
        index = (where & -where).bit_length() - 1
        situation = self.space.situation(index)
        rules = [
            f"{rule.id} ({rule.as_})" for rule, fires in zip(self.rules, self.fires, strict=True) if fires >> index & 1
        ]
        answers = " ".join(f"{fact}={answer}" for fact, answer in situation.items())
        return f"edition {self.edition.id}, {self.concern}: {answers}; rules: {', '.join(rules) or 'none'}"


def ground(edition: Edition, concern: str) -> Ground:
    """The space of a concern over the facts its rules test, with each rule in it."""
    rules = edition.of_concern(concern)
    tested = {fact for rule in rules for fact in rule.when}
    space = Space([fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested])
    fires = space.of_rules(rules)
    return Ground(edition, concern, rules, space, fires, counts(rules, fires))


def grounds(rulebase: Rulebase) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern)
    return list(found.values())


def prove(library: Library) -> Iterator[Finding]:
    """Prove everything that must hold, one finding per promise."""
    rulebase, promises, channels = library.rulebase, library.promises, library.texts.channels
    everywhere = grounds(rulebase)
    each: list[tuple[str, Callable[[Ground], Iterator[str]]]] = [
        ("Every situation ends in exactly one first step per concern.", _one_first),
        ("Every situation has at least one other door beside the first step.", _another_door),
        ("Every rule counts in some situation.", _every_rule_counts),
    ]
    for sentence, broken_by in each:
        yield _finding(sentence, everywhere, broken_by)
    start = time.perf_counter()
    wrong = tuple(_exact_questions(everywhere))
    sentence = "No question is asked whose answer cannot change the outcome any more."
    yield Finding(sentence, sum(one.space.size for one in everywhere), time.perf_counter() - start, wrong)
    for promise in promises:
        yield _finding(promise.says["en"], everywhere, _holds(promise, channels))
    yield _reach(rulebase, everywhere)
    yield _days(library)
    start = time.perf_counter()
    disallowed = tuple(violations(rulebase, library.competence))
    sentence = f"Every referral is one that the competence matrix allows ({len(library.competence)} cells)."
    yield Finding(sentence, sum(one.space.size for one in everywhere), time.perf_counter() - start, disallowed)


def quotations(library: Library) -> Finding:
    """Hold every quotation in the rules and in the matrix against the stored words of its source."""
    cited = [(f"rule {rule.id}", one) for rule in library.rulebase.rules for one in rule.citations]
    cited += [(f"cell of {cell.body}", one) for cell in library.competence for one in cell.citations]
    start = time.perf_counter()
    wrong = tuple(misquotations(cited, library.passages))
    quoted = sum(one.quote is not None for _, one in cited)
    return Finding(
        "Every quotation stands in its source, word for word, at its place.", quoted, time.perf_counter() - start, wrong
    )


def _finding(sentence: str, everywhere: list[Ground], broken_by: Callable[[Ground], Iterator[str]]) -> Finding:
    start = time.perf_counter()
    broken = tuple(itertools.chain.from_iterable(map(broken_by, everywhere)))
    return Finding(sentence, sum(one.space.size for one in everywhere), time.perf_counter() - start, broken)


def _union(masks: Iterator[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _destinations(here: Ground, only_first: bool = False) -> list[int]:
    """Per destination where it is referred to."""
    rows = list(zip(here.rules, here.fires, strict=True))
    found = []
    for destination in dict.fromkeys(rule.refer for rule in here.rules):
        found.append(
            _union(
                fires for rule, fires in rows if rule.refer == destination and (rule.as_ is As.FIRST or not only_first)
            )
        )
    return found


def _one_first(here: Ground) -> Iterator[str]:
    some = more = 0
    for firsts in _destinations(here, only_first=True):
        more |= some & firsts
        some |= firsts
    if none := here.space.all & ~some:
        yield f'no first step: {here.tell(none)}. Add a rule with as = "first" for it.'
    if more:
        yield f"two first steps: {here.tell(more)}. Make one of the rules narrower."


def _another_door(here: Ground) -> Iterator[str]:
    some = more = 0
    for doors in _destinations(here):
        more |= some & doors
        some |= doors
    if lone := here.space.all & ~more:
        yield f'one door only: {here.tell(lone)}. Add a rule with as = "also" or "later" for it.'


def _every_rule_counts(here: Ground) -> Iterator[str]:
    for rule, counting in zip(here.rules, here.counts, strict=True):
        if not counting:
            yield f"{rule.id} never counts in edition {here.edition.id}: a stronger rule for {rule.refer} always wins."


def _exact_questions(everywhere: list[Ground]) -> Iterator[str]:
    """Hold the rules that the reading keeps standing against those that still can count, in every partial situation.

    Whether a rule stands depends on the rules for the same destination only, so each destination has its own space,
    and is walked once for all editions in which its rules are the same.
    """
    walked = set()
    for here, destination in [(one, door) for one in everywhere for door in {rule.refer: 0 for rule in one.rules}]:
        rules = [rule for rule in here.rules if rule.refer == destination]
        key = (here.concern, *(rule.id for rule in rules))
        if len({rule.as_ for rule in rules}) == 1 or key in walked:
            continue
        walked.add(key)
        reading = Reading(here.edition).concerns[here.concern]
        tested = {fact for rule in rules for fact in rule.when}
        space = Space([fact for fact in here.space.facts if fact.id in tested])
        counted = counts(rules, space.of_rules(rules))
        bits = [1 << number for number, rule in enumerate(here.rules) if rule.refer == destination]
        for answers, cube in space.partial():
            standing = reading.standing(reading.view(answers))
            for rule, bit, count in zip(rules, bits, counted, strict=True):
                if bool(standing & bit) != bool(count & cube):
                    told = " ".join(f"{fact}={answer}" for fact, answer in answers.items())
                    yield f"edition {here.edition.id}, {here.concern}, {rule.id}: wrong question after {told}."
                    return


def _holds(promise: Promise, channels: Mapping[str, Channel]) -> Callable[[Ground], Iterator[str]]:
    def broken_by(here: Ground) -> Iterator[str]:
        rows = zip(here.rules, here.counts, strict=True)
        made = _union(counts for rule, counts in rows if promise.is_about(rule, channels))
        if promise.only_where is not None:
            inside = here.space.of(promise.only_where)
            if not set(promise.only_where) <= {fact.id for fact in here.space.facts}:
                inside = 0  # a fact that no rule here tests cannot be what allows the referral
            made &= ~inside
        if promise.never_where is not None:
            made &= here.space.of(promise.never_where)
        if made:
            yield f"{here.tell(made)}. Make the rule narrower."

    return broken_by


def _days(library: Library) -> Finding:
    """A rule begins and ends on a day on which the law or the provisions changed, and on no other."""
    start = time.perf_counter()
    known = {one.day for one in library.days}
    broken = [
        f"rule {rule.id} changes on {day}, which rules/editions.toml does not name. Add the day and its source."
        for rule in library.rulebase.rules
        for day in (rule.since, rule.until)
        if day and day not in known
    ]
    changed = {one.since for one in library.rulebase.editions}
    broken += [f"on {day} no rule changes. Take it out of rules/editions.toml." for day in sorted(known - changed)]
    sentence = "Rules change only on days that the list of editions names, each with its source."
    return Finding(sentence, len(library.rulebase.rules), time.perf_counter() - start, tuple(broken))


def _reach(rulebase: Rulebase, everywhere: list[Ground]) -> Finding:
    """Every destination is reached, and every fact changes some outcome, in some edition."""
    start = time.perf_counter()
    broken = []
    reached = {rule.refer for here in everywhere for rule in here.rules}
    for destination in rulebase.vocabulary.destinations:
        if destination not in reached and destination != rulebase.vocabulary.safety_net:
            broken.append(f"no rule leads to {destination}. Add one, or take the destination out of the vocabulary.")
    for fact in rulebase.vocabulary.facts:
        if not fact.several and not any(
            here.space.depends_on(counts, fact.id) for here in everywhere for counts in here.counts
        ):
            broken.append(f"no answer to {fact.id} changes any outcome. Use it in a rule, or take it out.")
    sentence = "Every destination can be reached, and every question can change some outcome."
    return Finding(sentence, sum(one.space.size for one in everywhere), time.perf_counter() - start, tuple(broken))


def compare(here: Ground, part: int = 0, parts: int = 1) -> tuple[int, str | None]:
    """Hold durable-rules against the plain reading and the definition of a rule, in every situation of a concern.

    Args:
        here: the concern.
        part: which part of the space to walk, from 0.
        parts: in how many parts it is walked.

    Returns:
        How many situations were compared, and the first difference (None if there is none).

    """
    engine, reading = Engine(here.edition), Reading(here.edition).concerns[here.concern]
    unasked = {fact.id: UNKNOWN for fact in here.edition.vocabulary.of_organisation}
    compared = 0
    try:
        for index in range(part, here.space.size, parts):
            answers = unasked | here.space.situation(index)
            fired = engine.fire(Situation((here.concern,), answers))[here.concern]
            plain = reading.ids(reading.certain(reading.view(answers)))
            meant = tuple(rule.id for rule, fires in zip(here.rules, here.fires, strict=True) if fires >> index & 1)
            compared += 1
            if not fired == plain == meant:
                return compared, here.tell(1 << index)
    finally:
        engine.close()
    return compared, None
