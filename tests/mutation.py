"""Changes one thing in a rule and asks whether anything notices.

What can notice: a story beside the rule, the list of editions, an invariant or promise, a cell of the competence
matrix, a case, a neighbourhood. What nothing notices must be proved to change no situation at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from ours import told

from service.core.reading import Reading
from service.core.rule import As, Edition, Rule
from service.core.situation import Situation, situation
from service.core.space import Situations, Space, counts
from service.proof.competence import not_allowed
from service.proof.grounds import Ground, ground, in_ids
from service.proof.prove import another_door, holds, one_first
from service.rulebook.cases import Case
from service.rulebook.checking import demands
from service.rulebook.drafts import Draft
from service.rulebook.neighbourhoods import Neighbourhood, facts_of, outcome


@dataclass(frozen=True)
class Mutant:
    """One rule, changed in one thing; None when it is taken out."""

    rule: Rule
    changed: Rule | None
    what: str


def mutants(library: Draft, rule: Rule) -> Iterator[Mutant]:
    """Every change of one thing in a rule."""
    by_id = library.rulebase.vocabulary.by_id
    yield Mutant(rule, None, "taken out")
    for as_ in As:
        if as_ is not rule.as_:
            yield Mutant(rule, replace(rule, as_=as_), f"as = {as_}")
    for fact, answers in rule.when.items():
        others = {key: value for key, value in rule.when.items() if key != fact}
        yield Mutant(rule, replace(rule, when=others), f"without {fact}")
        for answer in by_id[fact].answers:
            if answer not in answers:
                more = answers | {answer}
                when = others if len(more) == len(by_id[fact].answers) else {**others, fact: more}
                yield Mutant(rule, replace(rule, when=when), f"{fact} also {answer}")
            elif len(answers) > 1:
                yield Mutant(rule, replace(rule, when={**others, fact: answers - {answer}}), f"{fact} not {answer}")
    for days in (-1, 1):
        yield Mutant(rule, replace(rule, since=rule.since + timedelta(days)), f"from {days:+} day")
        if rule.until:
            yield Mutant(rule, replace(rule, until=rule.until + timedelta(days)), f"until {days:+} day")


class Watch:
    """Everything that can notice a change."""

    def __init__(self, library: Draft, neighbourhoods: list[Neighbourhood]) -> None:
        self.library = library
        self.neighbourhoods = neighbourhoods
        self.rulebase = library.rulebase
        self.days = {one.day for one in library.days}
        self._name_needed = demands(library).name_needed
        self._grounds: dict[tuple[str, str], Ground] = {}
        self._readings: dict[tuple[str, str, str], Reading] = {}

    def noticed(self, mutant: Mutant) -> str | None:
        """What notices a mutant; `same` when it is proved to change nothing; None when it survives."""
        changed = mutant.changed
        if changed is not None:
            if changed.since not in self.days or (changed.until or changed.since) not in self.days:
                return "edition day"
            if self._story(changed):
                return "story"
        editions = [one for one in self.rulebase.editions if mutant.rule.in_force(one.since)]
        if all(self._same(edition, mutant) for edition in editions):
            return "same"
        for way in (
            self._invariant,
            *((self._matrix,) if self.library.competence else ()),
            self._case,
            self._neighbourhood,
        ):
            for edition in editions:
                if way(edition, mutant):
                    return way.__name__.strip("_")
        return None

    def _story(self, rule: Rule) -> bool:
        example, near_miss = rule.example.situation, rule.near_miss.situation
        caught = all(example.get(fact) in answers for fact, answers in rule.when.items())
        missed = any(near_miss.get(fact, next(iter(answers))) not in answers for fact, answers in rule.when.items())
        return not (caught and missed)

    def _edition(self, edition: Edition, mutant: Mutant) -> Edition:
        rules = [mutant.changed if rule is mutant.rule else rule for rule in edition.of_concern(mutant.rule.concern)]
        return replace(edition, rules=tuple(rule for rule in rules if rule is not None))

    def _same(self, edition: Edition, mutant: Mutant) -> bool:
        """Whether the same rules count in the same situations, referring in the same way."""
        return self.difference(edition, mutant) is None

    def difference(self, edition: Edition, mutant: Mutant) -> dict[str, str] | None:
        """A situation in which a mutant changes how the person is referred, or by which rules."""

        def counting(of: Edition, space: Space) -> dict[tuple[str, As], Situations]:
            rules = [rule for rule in of.of_concern(mutant.rule.concern) if rule.refer == mutant.rule.refer]
            found = zip(rules, counts(rules, space.of_rules(rules)), strict=True)
            return {(rule.id, rule.as_): where for rule, where in found if where}

        other = self._edition(edition, mutant)
        rules = [*edition.of_concern(mutant.rule.concern), *other.rules]
        tested = {fact for rule in rules if rule.refer == mutant.rule.refer for fact in rule.when}
        facts = edition.vocabulary.facts_of(mutant.rule.concern)
        space = Space([fact for fact in facts if fact.id in tested])
        one, two = counting(edition, space), counting(other, space)
        different = space.none
        for key in one.keys() | two.keys():
            here, there = one.get(key, space.none), two.get(key, space.none)
            different |= (here - there) | (there - here)
        return different.some()

    def ground(self, edition: Edition, concern: str) -> Ground:
        key = (edition.id, concern)
        if key not in self._grounds:
            self._grounds[key] = ground(edition, concern)
        return self._grounds[key]

    def _mutated_ground(self, edition: Edition, mutant: Mutant) -> Ground:
        here = self.ground(edition, mutant.rule.concern)
        rules, fires, counting = [], [], []
        for rule, where, count in zip(here.rules, here.fires, here.counts, strict=True):
            if rule is not mutant.rule:
                rules.append(rule)
                fires.append(where)
                counting.append(count)
            elif mutant.changed is not None:
                rules.append(mutant.changed)
                fires.append(here.space.of(mutant.changed.when))
                counting.append(here.space.none)
        mine = [n for n, rule in enumerate(rules) if rule.refer == mutant.rule.refer]
        again = counts([rules[n] for n in mine], [fires[n] for n in mine])
        for number, count in zip(mine, again, strict=True):
            counting[number] = count
        return replace(here, rules=tuple(rules), fires=fires, counts=counting)

    def _invariant(self, edition: Edition, mutant: Mutant) -> bool:
        here = self._mutated_ground(edition, mutant)
        checks: list[Callable[[Ground], Iterator[str]]] = [one_first, another_door]
        checks += [holds(promise, self._name_needed) for promise in self.library.promises]
        return any(True for check in checks for _ in check(here))

    def _matrix(self, edition: Edition, mutant: Mutant) -> bool:
        if not self.library.competence:
            return False
        concern, body = mutant.rule.concern, mutant.rule.refer
        rules = [rule for rule in self._edition(edition, mutant).rules if rule.refer == body]
        cells = [one for one in self.library.competence if one.body == body and one.applies(edition, concern)]
        return any(True for _ in not_allowed(edition, concern, rules, cells, in_ids))

    def _case(self, edition: Edition, mutant: Mutant) -> bool:
        """Whether a case ends elsewhere; asked only where the rule can fire, before or after the change."""
        concern, destination = mutant.rule.concern, mutant.rule.refer
        rules = [one for one in (mutant.rule, mutant.changed) if one]
        about = [
            one.case
            for one in told()
            if concern in one.case.situation.get("concerns", ()) and self.rulebase.on(one.case.on) is edition
        ]
        met = [case for case in about if any(_can_fire(rule, self._asked(case)[0]) for rule in rules)]
        if not met:
            return False
        after = Reading(_only(self._edition(edition, mutant), concern, destination))
        return any(self._misses(edition, case, concern, destination, after) for case in met)

    def _reading(self, edition: Edition, concern: str = "", destination: str = "") -> Reading:
        """The reading of an edition, or of the rules of one concern for one destination."""
        key = edition.id, concern, destination
        if key not in self._readings:
            self._readings[key] = Reading(_only(edition, concern, destination) if concern else edition)
        return self._readings[key]

    def _asked(self, case: Case, *concerns: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
        chosen = self.library.organisations.on(case.organisation, case.on) if case.organisation else None
        asked = situation(self.rulebase.vocabulary, case.situation, chosen.facts(case.on) if chosen else None)
        return asked.answers, concerns or asked.concerns

    def _neighbourhood(self, edition: Edition, mutant: Mutant) -> bool:
        rules = [one for one in self._edition(edition, mutant).rules if one.refer == mutant.rule.refer]
        facts = facts_of(edition, mutant.rule.concern)
        return any(
            outcome(rules, one.situation) != one.outcome or any(True for _ in one.differences(rules, facts))
            for one in self.neighbourhoods
            if (one.destination, one.concern) == (mutant.rule.refer, mutant.rule.concern)
            and self.rulebase.on(one.on) is edition
        )

    def _misses(self, edition: Edition, case: Case, changed: str, destination: str, after: Reading) -> bool:
        """Whether a case ends elsewhere when one concern refers to one destination as `after` has it.

        Each destination is decided by itself, so the others are as they were.
        """
        expect = case.expect
        answers, concerns = self._asked(case)
        doors: dict[str, list[str]] = {as_.value: [] for as_ in As}
        possible: set[str] = set()
        for concern in concerns:
            asked, anew = Situation((concern,), answers), concern == changed
            before = self._reading(edition).decide(asked, closed=False)
            found = [(before, [one for one in before.possible if not anew or one != destination])]
            if anew:
                then = after.decide(asked, closed=False)
                found.append((then, [one for one in then.possible if one == destination]))
            for decision, here in found:
                possible.update(here)
                for one in decision.referrals:
                    if one.destination in here:
                        doors[one.as_].append(one.destination)
        return (
            ("first" in expect and sorted(doors["first"]) != sorted(expect["first"]))
            or any(not set(expect.get(as_, ())) <= set(doors[as_]) for as_ in ("also", "later"))
            or bool(set(expect.get("closed", ())) & possible)
        )


def _can_fire(rule: Rule, answers: Mapping[str, str]) -> bool:
    return all(fact not in answers or answers[fact] in wanted for fact, wanted in rule.when.items())


def _only(edition: Edition, concern: str, destination: str) -> Edition:
    rules = [rule for rule in edition.of_concern(concern) if rule.refer == destination]
    return replace(edition, rules=tuple(rules))
