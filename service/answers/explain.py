"""Why a door is open for somebody, why it is not, and how many questions it takes to know.

Works on rules and situations; `cli/explanation.py` says it in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from service.core.decision import Condition, Way
from service.core.reading import Reading, Reduced
from service.core.rule import Edition, Rule
from service.core.situation import Situation


@dataclass(frozen=True)
class Standing:
    """How one rule stands towards a situation."""

    rule: Rule
    met: tuple[str, ...]
    unmet: tuple[Condition, ...]
    unanswered: tuple[Condition, ...]
    of_other_concern: bool
    gives_way: bool

    @property
    def fires(self) -> bool:
        """Whether the rule refers the person now."""
        return not (self.unmet or self.unanswered or self.of_other_concern or self.gives_way)

    @property
    def kind(self) -> str:
        """How it stands in one word, the end of the name of the words for it."""
        if self.fires:
            return "fires"
        if self.gives_way:
            return "gives_way"
        return "fails" if self.unmet or self.of_other_concern else "open"


@dataclass(frozen=True)
class Explanation:
    """Every rule for a destination, nearest first, and every minimal way that opens it.

    `ways` is empty when it is open, and when nobody in this position, at this organisation, has a way.
    """

    destination: str
    referred: bool
    rules: tuple[Standing, ...]
    ways: tuple[Way, ...]


def explain(reading: Reading, situation: Situation, destination: str) -> Explanation:
    """Say how every rule for a destination stands towards a situation."""
    decision = reading.decide(situation, closed=False)
    referred = {rule.id for one in decision.referrals for rule in one.rules}
    accepted, _ = reading.accept(situation)
    rules = reading.ways.nearest(accepted, destination)
    found = sorted((_standing(reading, accepted, rule, referred) for rule in rules), key=lambda one: not one.fires)
    is_open = any(one.fires for one in found)
    return Explanation(destination, is_open, tuple(found), () if is_open else reading.ways.to(accepted, destination))


def _standing(reading: Reading, situation: Situation, rule: Rule, referred: set[str]) -> Standing:
    met, unmet, unanswered = [], [], []
    for fact, wanted in rule.when.items():
        condition = Condition(fact, tuple(one for one in reading.vocabulary.by_id[fact].answers if one in wanted))
        given = situation.answers.get(fact)
        if given is None:
            unanswered.append(condition)
        elif given in wanted:
            met.append(fact)
        else:
            unmet.append(condition)
    elsewhere = rule.concern not in situation.concerns
    holds = not (unmet or unanswered or elsewhere)
    return Standing(rule, tuple(met), tuple(unmet), tuple(unanswered), elsewhere, holds and rule.id not in referred)


def required(edition: Edition, destination: str) -> tuple[Condition, ...]:
    """What no rule for a destination goes without: for whom it is at all, whatever the subject."""
    rules = [rule for rule in edition.rules if rule.refer == destination]
    found = []
    for fact in edition.vocabulary.facts:
        taken = {answer for rule in rules for answer in rule.when.get(fact.id, fact.answers)}
        if rules and not fact.several and len(taken) < len(fact.answers):
            found.append(Condition(fact.id, tuple(one for one in fact.answers if one in taken)))
    return tuple(found)


@dataclass(frozen=True)
class Questions:
    """How many questions a concern takes, when every answer is as likely as the others."""

    concern: str
    fixed: int
    most: int
    expected: Fraction


def count_questions(reading: Reading, concern: str, organisation: Mapping[str, str]) -> Questions:
    """Walk the whole questionnaire of a concern, for one set of organisation facts.

    `fixed` is what a fixed list would ask: every question that some rule of the concern tests.
    """
    tested = reading.facts_of(concern)
    asked = [fact for fact in reading.vocabulary.asked if fact.id in tested]
    known: dict[tuple[Reduced, ...], tuple[int, Fraction]] = {}

    def walk(answers: Mapping[str, str]) -> tuple[int, Fraction]:
        left = tuple(reading.reduce(answers, (concern,)).values())
        if left not in known:
            fact = next((one for one in asked if one.id in reading.facts(left)), None)
            if fact is None:
                known[left] = 0, Fraction(0)
            else:
                after = [walk({**answers, fact.id: answer}) for answer in fact.answers]
                expected = 1 + sum((one for _, one in after), Fraction(0)) / len(after)
                known[left] = 1 + max(most for most, _ in after), expected
        return known[left]

    most, expected = walk(organisation)
    return Questions(concern, len(asked), most, expected)


@dataclass(frozen=True)
class Weight:
    """What weighs in a situation.

    `decided` are the facts whose given answers would give another outcome if they were another answer: the concerns,
    and what is known of the organisation or not, among them. `settles` is the
    unanswered question that leaves the fewest places possible, `left` how many it leaves on average, and `now` how
    many are possible without it.
    """

    decided: tuple[str, ...]
    settles: str | None
    left: Fraction | None
    now: int


def weigh(reading: Reading, situation: Situation) -> Weight:
    """Say which given answers decided, and which open question would settle most, every answer being as likely."""
    accepted, _ = reading.accept(situation)

    def left(changed: Mapping[str, str]) -> dict[tuple[str, str], Reduced]:
        return reading.reduce({**accepted.answers, **changed}, accepted.concerns)

    def places(roots: Mapping[tuple[str, str], Reduced]) -> int:
        return len({destination for (_, destination), one in roots.items() if one.some})

    def outcome(roots: Mapping[tuple[str, str], Reduced]) -> list[int]:
        return [one.some for one in roots.values()]

    here = left({})
    decided = [
        fact.id
        for fact in reading.vocabulary.facts
        if (fact.several and accepted.concerns)
        or (
            fact.id in accepted.answers
            and any(outcome(left({fact.id: answer})) != outcome(here) for answer in fact.answers)
        )
    ]
    best: tuple[Fraction, str] | None = None
    for fact_id in reading.open_facts(accepted):
        answers = reading.vocabulary.by_id[fact_id].answers
        remaining = Fraction(sum(places(left({fact_id: answer})) for answer in answers), len(answers))
        if best is None or remaining < best[0]:
            best = remaining, fact_id
    return Weight(tuple(decided), best[1] if best else None, best[0] if best else None, places(here))
