"""Changes one thing in a rule and asks whether anything notices.

What can notice: a story beside the rule, the list of editions, an invariant or promise, a cell of the competence
matrix, a case, a neighbourhood. What nothing notices must be proved to change no situation at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from ours import told

from service.core.reading import Reading
from service.core.rule import As, Edition, Rule
from service.core.situation import Situation, situation
from service.core.space import Situations, counts
from service.proof.competence import Spoken
from service.proof.grounds import Ground, ground, in_ids
from service.proof.prove import doors, holds, some_and_more
from service.rulebook.cases import Case
from service.rulebook.checking import demands
from service.rulebook.drafts import Draft
from service.rulebook.neighbourhoods import Neighbourhood, outcome


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


@dataclass(frozen=True)
class After:
    """A concern of an edition with one rule changed, in the sets of before.

    Attributes:
        edition: the edition it is of.
        before: every rule of the concern as it was.
        alone: the rules for the destination of the changed rule; each destination is decided by itself.
        differs: where other rules count than before, or refer in another way.

    """

    edition: Edition
    before: Ground
    alone: Ground
    differs: Situations


class Watch:
    """Everything that can notice a change."""

    def __init__(self, library: Draft, neighbourhoods: Iterable[Neighbourhood]) -> None:
        self.library = library
        self.neighbourhoods: list[Neighbourhood] = []
        self.rulebase = library.rulebase
        self.days = {one.day for one in library.days}
        self._name_needed = demands(library).name_needed
        self._readings = {edition.id: Reading(edition) for edition in self.rulebase.editions}
        self._grounds: dict[tuple[str, ...], Ground] = {}
        self._unchanged: dict[tuple[int, str, bool], tuple[Situations, Situations]] = {}
        self._spoken: dict[tuple[str, str, str], Spoken] = {}
        self._near: dict[tuple[str, str, str], list[tuple[Neighbourhood, Situations]]] = {}
        self._told: dict[tuple[str, str], list[tuple[Case, Situation, Situations]]] = {}
        for case in (one.case for one in told()):
            asked, edition = self._asked(case), self.rulebase.on(case.on)
            for concern in asked.concerns:
                where = self._ground(edition, concern).space.of(_exactly(asked.answers))
                self._told.setdefault((edition.id, concern), []).append((case, asked, where))
        for one in neighbourhoods:
            self.add(one)

    def add(self, one: Neighbourhood) -> None:
        """Watch a neighbourhood too."""
        edition = self.rulebase.on(one.on)
        space, known = self._ground(edition, one.concern).space, _exactly(one.situation)
        ball = space.union(space.of({key: of for key, of in known.items() if key != fact}) for fact in known)
        self.neighbourhoods.append(one)
        self._near.setdefault((edition.id, one.concern, one.destination), []).append((one, ball))

    def noticed(self, mutant: Mutant) -> str | None:
        """What notices a mutant; `same` when it is proved to change nothing; None when it survives."""
        changed = mutant.changed
        if changed is not None:
            if changed.since not in self.days or (changed.until or changed.since) not in self.days:
                return "edition day"
            if self._story(changed):
                return "story"
        found = [one for one in self._after(mutant) if one.differs]
        if not found:
            return "same"
        if any(self._invariant(one, mutant) for one in {id(one.alone): one for one in found}.values()):
            return "invariant"
        for way in (self._matrix, self._case, self._neighbourhood):
            if any(way(one, mutant) for one in found):
                return way.__name__.strip("_")
        return None

    def difference(self, mutant: Mutant) -> tuple[Edition, dict[str, str]]:
        """The first edition in which a mutant refers somebody otherwise, or by other rules, and the first of them."""
        one = next(one for one in self._after(mutant) if one.differs)
        tested = {fact for rule in (mutant.rule, *one.alone.rules) for fact in rule.when}
        left, found = one.differs, dict[str, str]()
        for fact in one.edition.vocabulary.facts_of(mutant.rule.concern):
            if fact.id in tested:
                parts = ((answer, left & left.space.where(fact.id, {answer})) for answer in fact.answers)
                found[fact.id], left = next((answer, part) for answer, part in parts if part)
        return one.edition, found

    def _story(self, rule: Rule) -> bool:
        example, near_miss = rule.example.situation, rule.near_miss.situation
        caught = all(example.get(fact) in answers for fact, answers in rule.when.items())
        missed = any(near_miss.get(fact, next(iter(answers))) not in answers for fact, answers in rule.when.items())
        return not (caught and missed)

    def _ground(self, edition: Edition, concern: str) -> Ground:
        here = (edition.id, concern)
        if here not in self._grounds:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            self._grounds[here] = self._grounds[key] = self._grounds.get(key) or ground(edition, concern)
        return self._grounds[here]

    def _after(self, mutant: Mutant) -> Iterator[After]:
        """What a mutant makes of its concern in each edition in which the rule is in force."""
        made: dict[int, After] = {}
        for edition in self.rulebase.editions:
            if mutant.rule.in_force(edition.since):
                here = self._ground(edition, mutant.rule.concern)
                made[id(here)] = one = made.get(id(here)) or _change(here, mutant)
                yield replace(one, edition=edition)

    def _invariant(self, after: After, mutant: Mutant) -> bool:
        about = [
            one
            for one in self.library.promises
            if any(one.is_about(rule, self._name_needed) for rule in (mutant.rule, mutant.changed) if rule)
        ]
        first, more_than_one_first = self._doors(after, mutant, only_first=True)
        if more_than_one_first or ~first:
            return True
        _, another = self._doors(after, mutant, only_first=False)
        return bool(~another) or any(
            any(True for _ in holds(promise, self._name_needed)(after.alone)) for promise in about
        )

    def _doors(self, after: After, mutant: Mutant, *, only_first: bool) -> tuple[Situations, Situations]:
        """Where there is a door, and where another; those of destinations that did not change are looked for once."""
        key, destination = (id(after.before), mutant.rule.refer, only_first), mutant.rule.refer
        if key not in self._unchanged:
            others = doors(after.before, only_first=only_first)
            none = after.before.space.none
            self._unchanged[key] = some_and_more(
                (where for other, where in others.items() if other != destination), (none, none)
            )
        return some_and_more(doors(after.alone, only_first=only_first).values(), self._unchanged[key])

    def _matrix(self, after: After, mutant: Mutant) -> bool:
        if not self.library.competence:
            return False
        edition, concern, body = after.edition, mutant.rule.concern, mutant.rule.refer
        key = edition.id, concern, body
        if key not in self._spoken:
            cells = [one for one in self.library.competence if one.body == body and one.applies(edition, concern)]
            mine = [rule for rule in edition.of_concern(concern) if rule.refer == body]
            self._spoken[key] = Spoken(edition, concern, mine, cells)
        return any(True for _ in self._spoken[key].not_allowed(after.alone.rules, in_ids))

    def _case(self, after: After, mutant: Mutant) -> bool:
        """Whether a case ends elsewhere; asked only of who may be where something differs."""
        told_of = self._told.get((after.edition.id, mutant.rule.concern), ())
        met = [(case, asked) for case, asked, where in told_of if where & after.differs]
        if not met:
            return False
        reading = Reading(replace(after.edition, rules=after.alone.rules))
        return any(self._misses(after.edition, case, asked, mutant.rule, reading) for case, asked in met)

    def _asked(self, case: Case) -> Situation:
        chosen = self.library.organisations.on(case.organisation, case.on) if case.organisation else None
        return situation(self.rulebase.vocabulary, case.situation, chosen.facts(case.on) if chosen else None)

    def _neighbourhood(self, after: After, mutant: Mutant) -> bool:
        rules, facts = after.alone.rules, after.alone.space.facts
        return any(
            outcome(rules, one.situation) != one.outcome or any(True for _ in one.differences(rules, facts))
            for one, ball in self._near.get((after.edition.id, mutant.rule.concern, mutant.rule.refer), ())
            if ball & after.differs
        )

    def _misses(self, edition: Edition, case: Case, asked: Situation, changed: Rule, after: Reading) -> bool:
        """Whether a case ends elsewhere when one concern refers to one destination as `after` has it."""
        expect = case.expect
        doors: dict[str, list[str]] = {as_.value: [] for as_ in As}
        possible: set[str] = set()
        for concern in asked.concerns:
            alone, anew = Situation((concern,), asked.answers), concern == changed.concern
            before = self._readings[edition.id].decide(alone, closed=False)
            found = [(before, [one for one in before.possible if not anew or one != changed.refer])]
            if anew:
                then = after.decide(alone, closed=False)
                found.append((then, [one for one in then.possible if one == changed.refer]))
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


def _exactly(answers: Mapping[str, str]) -> dict[str, tuple[str]]:
    return {fact: (answer,) for fact, answer in answers.items()}


def _change(here: Ground, mutant: Mutant) -> After:
    """A concern with one rule changed, in the sets of before."""
    before: dict[tuple[str, As], Situations] = {}
    rules, fires = list[Rule](), list[Situations]()
    for rule, where, count in zip(here.rules, here.fires, here.counts, strict=True):
        if rule.refer == mutant.rule.refer:
            before[rule.id, rule.as_] = count
            if rule is not mutant.rule:
                rules.append(rule)
                fires.append(where)
            elif mutant.changed:
                rules.append(mutant.changed)
                fires.append(here.space.of(mutant.changed.when))
    alone = replace(here, rules=tuple(rules), known=(fires, counts(rules, fires)))
    after = {(rule.id, rule.as_): count for rule, count in zip(rules, alone.counts, strict=True)}
    none = here.space.none
    both = [(before.get(key, none), after.get(key, none)) for key in before.keys() | after.keys()]
    differs = here.space.union((one - two) | (two - one) for one, two in both if one != two)
    return After(here.edition, here, alone, differs)
