"""Proves the rulebase over the whole space: every situation, every edition, every set of organisation facts.

A concern is decided on its own, and only the facts its rules test can matter; so the space of one concern holds every
situation there is, and set algebra on `core.space` walks all of them at once.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.core.bits import bits, union
from service.core.reading import Reading, View
from service.core.rule import As, Edition, Rule, Rulebase
from service.core.situation import Situation
from service.core.space import Space, counts
from service.core.vocabulary import UNKNOWN
from service.engine.durable import Engine
from service.proof.competence import Cell, violations
from service.proof.promises import EditionDay, Promise

Says = Mapping[str, str]  # a sentence in Dutch and in English
Teller = Callable[[str, Mapping[str, str]], str]  # a concern and some answers, as a story


@dataclass(frozen=True)
class Broken:
    """What breaks a promise: a sentence with its mend, and the smallest situation in which it is broken, as a story."""

    says: Says
    story: str = ""

    def tell(self, language: str) -> str:
        """The sentence with the story in its place."""
        return self.says[language].replace("{story}", self.story)


@dataclass(frozen=True)
class Finding:
    """One promise, for how many situations it was proved, and what breaks it (none when it holds)."""

    says: Says
    situations: int
    seconds: float
    broken: tuple[Broken, ...]


def in_ids(concern: str, answers: Mapping[str, str]) -> str:
    """A story in the ids of facts and answers."""
    return " ".join([concern, *(f"{fact}={answer}" for fact, answer in answers.items())])


def plainly(text: str) -> Broken:
    """A mistake that is told to authors, in one language."""
    return Broken({"nl": text, "en": text})


@dataclass(frozen=True)
class Ground:
    """One concern in one edition: its space, and where each rule fires and counts."""

    edition: Edition
    concern: str
    rules: tuple[Rule, ...]
    space: Space
    fires: Sequence[int]
    counts: Sequence[int]

    teller: Teller = in_ids

    def tell(self, where: int) -> str:
        """The smallest counterexample of a set: the answers that matter, as a story, with the rules that fire."""
        index = next(bits(where))
        answers = self.space.situation(index)
        for fact in tuple(answers):
            fewer = {key: value for key, value in answers.items() if key != fact}
            if not self.space.of({key: (value,) for key, value in fewer.items()}) & ~where:
                answers = fewer  # whatever this fact is, the promise is broken
        rows = zip(self.rules, self.fires, strict=True)
        rules = ", ".join(f"{rule.id} ({rule.as_})" for rule, fires in rows if fires >> index & 1)
        return f"[{self.edition.id}] {self.teller(self.concern, answers)} [{rules or '-'}]"


def ground(edition: Edition, concern: str, teller: Teller = in_ids) -> Ground:
    """The space of a concern over the facts its rules test, with each rule in it."""
    rules = edition.of_concern(concern)
    tested = {fact for rule in rules for fact in rule.when}
    space = Space([fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested])
    fires = space.of_rules(rules)
    return Ground(edition, concern, rules, space, fires, counts(rules, fires), teller)


def grounds(rulebase: Rulebase, teller: Teller = in_ids) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern, teller)
    return list(found.values())


@dataclass(frozen=True)
class Demands:
    """What a rulebase is held against besides itself.

    `name_needed` says per destination whether it needs a name, as promises mean it.
    """

    promises: tuple[Promise, ...]
    competence: tuple[Cell, ...]
    days: tuple[EditionDay, ...]
    name_needed: Mapping[str, str]


def prove(rulebase: Rulebase, demands: Demands, teller: Teller = in_ids) -> Iterator[Finding]:
    """Prove everything that must hold, one finding per promise.

    Args:
        rulebase: all editions.
        demands: what they are held against.
        teller: tells a counterexample.

    """
    everywhere = grounds(rulebase, teller)
    each: list[tuple[Says, Callable[[Ground], Iterator[Broken]]]] = [
        (
            {
                "nl": "Elke situatie komt uit op precies één eerste stap per onderwerp.",
                "en": "Every situation ends in exactly one first step per concern.",
            },
            _one_first,
        ),
        (
            {
                "nl": "Elke situatie heeft naast de eerste stap nog minstens één andere deur.",
                "en": "Every situation has at least one other door beside the first step.",
            },
            _another_door,
        ),
        (
            {"nl": "Elke regel telt in een of meer situaties.", "en": "Every rule counts in some situation."},
            _every_rule_counts,
        ),
    ]
    each += [(promise.says, _holds(promise, demands.name_needed)) for promise in demands.promises]
    for says, broken_by in each:
        yield _timed(says, everywhere, lambda by=broken_by: itertools.chain.from_iterable(map(by, everywhere)))  # type: ignore[misc]
    exact = {
        "nl": "Er wordt geen vraag gesteld waarvan het antwoord de uitkomst niet meer kan veranderen.",
        "en": "No question is asked whose answer cannot change the outcome any more.",
    }
    yield _timed(exact, everywhere, lambda: map(plainly, _exact_questions(everywhere)))
    reach = {
        "nl": "Elke plek is te bereiken, en elke vraag kan een uitkomst veranderen.",
        "en": "Every destination can be reached, and every question can change some outcome.",
    }
    yield _timed(reach, everywhere, lambda: map(plainly, _reach(rulebase, everywhere)))
    days = {
        "nl": "Regels veranderen alleen op dagen die in de lijst van uitgaven staan, elk met een bron.",
        "en": "Rules change only on days that the list of editions names, each with its source.",
    }
    yield _timed(days, everywhere, lambda: map(plainly, _days(rulebase, demands.days)))
    allowed = {
        "nl": f"Elke verwijzing mag volgens de competentiematrix ({len(demands.competence)} cellen).",
        "en": f"Every referral is one that the competence matrix allows ({len(demands.competence)} cells).",
    }
    yield _timed(allowed, everywhere, lambda: map(plainly, violations(rulebase, demands.competence)))


def _timed(says: Says, everywhere: list[Ground], broken_by: Callable[[], Iterable[Broken]]) -> Finding:
    start = time.perf_counter()
    broken = tuple(broken_by())
    return Finding(says, sum(one.space.size for one in everywhere), time.perf_counter() - start, broken)


def _destinations(here: Ground, only_first: bool = False) -> list[int]:
    """Per destination where it is referred to."""
    rows = list(zip(here.rules, here.fires, strict=True))
    found = []
    for destination in dict.fromkeys(rule.refer for rule in here.rules):
        found.append(
            union(
                fires for rule, fires in rows if rule.refer == destination and (rule.as_ is As.FIRST or not only_first)
            )
        )
    return found


def _one_first(here: Ground) -> Iterator[Broken]:
    some = more = 0
    for firsts in _destinations(here, only_first=True):
        more |= some & firsts
        some |= firsts
    if none := here.space.all & ~some:
        says = {
            "nl": 'Geen eerste stap: {story}. Voeg een regel toe met as = "first".',
            "en": 'No first step: {story}. Add a rule with as = "first" for it.',
        }
        yield Broken(says, here.tell(none))
    if more:
        says = {
            "nl": "Twee eerste stappen: {story}. Maak een van de regels smaller.",
            "en": "Two first steps: {story}. Make one of the rules narrower.",
        }
        yield Broken(says, here.tell(more))


def _another_door(here: Ground) -> Iterator[Broken]:
    some = more = 0
    for doors in _destinations(here):
        more |= some & doors
        some |= doors
    if lone := here.space.all & ~more:
        says = {
            "nl": 'Maar één deur: {story}. Voeg een regel toe met as = "also" of "later".',
            "en": 'One door only: {story}. Add a rule with as = "also" or "later" for it.',
        }
        yield Broken(says, here.tell(lone))


def _every_rule_counts(here: Ground) -> Iterator[Broken]:
    for rule, counting in zip(here.rules, here.counts, strict=True):
        if not counting:
            says = {
                "nl": f"{rule.id} telt nooit in uitgave {here.edition.id}: een sterkere wint altijd. Haal hem weg.",
                "en": f"{rule.id} never counts in edition {here.edition.id}: a stronger rule always wins. Take it out.",
            }
            yield Broken(says)


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
        mine = [1 << number for number, rule in enumerate(here.rules) if rule.refer == destination]
        # Very many partial situations leave the same rules and questions: each such view is read once.
        of_destination, read = union(mine), dict[View, int]()
        for answers, cube in space.partial():
            view = reading.view(answers)
            view = View(view.possible & of_destination, view.unanswered)
            if view not in read:
                read[view] = reading.standing(view)
            standing = read[view]
            for rule, bit, count in zip(rules, mine, counted, strict=True):
                if bool(standing & bit) != bool(count & cube):
                    told = " ".join(f"{fact}={answer}" for fact, answer in answers.items())
                    yield f"edition {here.edition.id}, {here.concern}, {rule.id}: wrong question after {told}."
                    return


def _holds(promise: Promise, name_needed: Mapping[str, str]) -> Callable[[Ground], Iterator[Broken]]:
    def broken_by(here: Ground) -> Iterator[Broken]:
        rows = zip(here.rules, here.counts, strict=True)
        made = union(counts for rule, counts in rows if promise.is_about(rule, name_needed))
        if promise.only_where is not None:
            inside = here.space.of(promise.only_where)
            if not set(promise.only_where) <= {fact.id for fact in here.space.facts}:
                inside = 0  # a fact that no rule here tests cannot be what allows the referral
            made &= ~inside
        if promise.never_where is not None:
            made &= here.space.of(promise.never_where)
        if made:
            says = {"nl": "{story}. Maak de regel smaller.", "en": "{story}. Make the rule narrower."}
            yield Broken(says, here.tell(made))

    return broken_by


def _days(rulebase: Rulebase, days: Iterable[EditionDay]) -> Iterator[str]:
    """A rule begins and ends on a day on which the law or the provisions changed, and on no other."""
    known = {one.day for one in days}
    for rule in rulebase.rules:
        for day in (rule.since, rule.until):
            if day and day not in known:
                yield f"rule {rule.id} changes on {day}, which is not in rules/editions.toml. Add it, with its source."
    for day in sorted(known - {one.since for one in rulebase.editions}):
        yield f"on {day} no rule changes. Take it out of rules/editions.toml."


def _reach(rulebase: Rulebase, everywhere: list[Ground]) -> Iterator[str]:
    """Every destination is reached, and every fact changes some outcome, in some edition."""
    reached = {rule.refer for here in everywhere for rule in here.rules}
    for destination in rulebase.vocabulary.destinations:
        if destination not in reached and destination != rulebase.vocabulary.safety_net:
            yield f"no rule leads to {destination}. Add one, or take the destination out of the vocabulary."
    for fact in rulebase.vocabulary.facts:
        changes = (here.space.depends_on(counting, fact.id) for here in everywhere for counting in here.counts)
        if not fact.several and not any(changes):
            yield f"no answer to {fact.id} changes any outcome. Use it in a rule, or take it out."


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
    # Bytes: to look up one bit of a whole number of this size copies all of it.
    fires = [one.to_bytes(here.space.size // 8 + 1, "little") for one in here.fires]
    compared = 0
    try:
        for index in range(part, here.space.size, parts):
            answers = unasked | here.space.situation(index)
            fired = engine.fire(Situation((here.concern,), answers))[here.concern]
            plain = reading.ids(reading.certain(reading.view(answers)))
            byte, bit = divmod(index, 8)
            meant = tuple(rule.id for rule, one in zip(here.rules, fires, strict=True) if one[byte] >> bit & 1)
            compared += 1
            if not fired == plain == meant:
                return compared, here.tell(1 << index)
    finally:
        engine.close()
    return compared, None
