"""The plain reading of an edition: per fact and answer the set of rules not refuted, as bits of an integer.

A rule is a conjunction of conditions on facts that are independent of each other. So, for the answers given so
far: a rule is *possible* when no answer refutes it and *certain* when no unanswered fact can refute it any more.
A weaker referral to a destination gives way to a stronger one (first, also, later); a rule is *standing* when there
is a completion of the answers in which it fires and does not give way. The outcome is settled when every standing rule
is certain, and a question can change the outcome exactly when a standing rule tests it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from service.core.bits import bits, union
from service.core.decision import Closed, Condition, Decision, Referral, Way
from service.core.rule import STRENGTH, As, Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import IDENTITY, UNKNOWN, Nature


class View(NamedTuple):
    """How far the answers have come for one concern: rules not refuted, facts not answered (both as bits)."""

    possible: int
    unanswered: int


class _Column(NamedTuple):
    """One fact in the index: its bit, the rules each answer leaves standing, the rules that test it."""

    bit: int
    leaves: Mapping[str, int]
    testers: int


_Narrower = tuple[int, frozenset[str]]  # a fact (bit) and the answers a stronger rule takes of it


class ConcernReading:
    """The index of the rules of one concern."""

    def __init__(self, edition: Edition, concern: str) -> None:
        self.concern = concern
        self.rules = edition.of_concern(concern)
        facts = [
            fact
            for fact in edition.vocabulary.facts_of(concern)
            if any(_tests(rule, fact.id, len(fact.answers)) for rule in self.rules)
        ]
        self.facts = tuple(fact.id for fact in facts)
        self._columns = {
            fact.id: _Column(
                bit=1 << index,
                leaves={
                    answer: self._those(lambda rule, f=fact.id, a=answer: a in rule.when.get(f, (a,)))  # type: ignore[misc]
                    for answer in fact.answers
                },
                testers=self._those(lambda rule, f=fact: _tests(rule, f.id, len(f.answers))),  # type: ignore[misc]
            )
            for index, fact in enumerate(facts)
        }
        self.start = View((1 << len(self.rules)) - 1, (1 << len(facts)) - 1)
        order = {destination: index for index, destination in enumerate(edition.vocabulary.destinations)}
        self._place = {
            1 << number: (STRENGTH[rule.as_] * len(order) + order[rule.refer], rule)
            for number, rule in enumerate(self.rules)
        }
        self._layers = list(self._find_layers())
        self._weak = union(weak for _, weak in self._layers)
        self._own = [
            {column.bit: frozenset(rule.when.get(fact, column.leaves)) for fact, column in self._columns.items()}
            for rule in self.rules
        ]
        self._rivals = {weak: list(self._find_rivals(weak)) for weak in bits(self._weak)}
        self._steps = [(fact, column.bit, column.leaves) for fact, column in self._columns.items()]

    def answer(self, view: View, fact: str, answer: str) -> View:
        """The view after one more answer; a fact that no rule of this concern tests changes nothing."""
        column = self._columns.get(fact)
        if column is None:
            return view
        return View(view.possible & column.leaves[answer], view.unanswered & ~column.bit)

    def view(self, answers: Mapping[str, str]) -> View:
        """The view for all these answers at once."""
        possible, unanswered = self.start
        for fact, bit, leaves in self._steps:
            if fact in answers:
                possible &= leaves[answers[fact]]
                unanswered ^= bit
        return View(possible, unanswered)

    def certain(self, view: View) -> int:
        """The rules that fire whatever is still answered."""
        certain, unanswered = view
        if unanswered:
            for column in self._columns.values():
                if column.bit & unanswered:
                    certain &= ~column.testers
        return certain

    def standing(self, view: View) -> int:
        """The possible rules that do not give way to a stronger one for the same destination."""
        standing, unanswered = view
        if not unanswered:
            for stronger, weaker in self._layers:
                if standing & stronger:
                    standing &= ~weaker
            return standing
        for weak in bits(standing & self._weak):
            if not self._stands(view, weak):
                standing &= ~(1 << weak)
        return standing

    def _stands(self, view: View, weak: int) -> bool:
        """Whether a possible rule fires in some completion in which no stronger rule for its destination does."""
        possible, unanswered = view
        rivals = [
            [(bit, answers) for bit, answers in narrower if bit & unanswered]
            for strong, narrower in self._rivals[weak]
            if possible & strong
        ]
        return not _covered(self._own[weak], rivals)

    def matters(self, view: View, fact: str) -> bool:
        """Whether the answer to this unanswered fact can still change the outcome."""
        column = self._columns.get(fact)
        if column is None or not column.bit & view.unanswered:
            return False
        testers = view.possible & column.testers
        return bool(testers & ~self._weak) or any(self._stands(view, weak) for weak in bits(testers))

    def referrals(self, view: View, fired: int) -> list[Referral]:
        """The certain referrals among the rules that fired, first step first."""
        standing = self.standing(view)
        sure = standing & fired
        if view.unanswered:
            for stronger, weaker in self._layers:
                if standing & stronger:
                    sure &= ~weaker
        doors: dict[int, list[Rule]] = {}
        while sure:
            low = sure & -sure
            sure ^= low
            place, rule = self._place[low]
            if place in doors:
                doors[place].append(rule)
            else:
                doors[place] = [rule]
        found = []
        for place in sorted(doors):
            rules = doors[place]
            found.append(Referral(rules[0].refer, rules[0].as_, self.concern, tuple(rules)))
        return found

    def destinations(self, mask: int) -> set[str]:
        """The destinations of a set of rules."""
        return {self.rules[number].refer for number in bits(mask)}

    def ids(self, mask: int) -> tuple[str, ...]:
        """The ids of a set of rules, in the order of the files."""
        return tuple(self.rules[number].id for number in bits(mask))

    def mask(self, ids: Iterable[str]) -> int:
        """The set of rules with these ids."""
        wanted = set(ids)
        return self._those(lambda rule: rule.id in wanted)

    def _those(self, holds: Callable[[Rule], bool]) -> int:
        return union(1 << number for number, rule in enumerate(self.rules) if holds(rule))

    def _find_layers(self) -> Iterator[tuple[int, int]]:
        """Per destination the pairs (rules that refer more strongly, rules that give way to them)."""
        for destination in dict.fromkeys(rule.refer for rule in self.rules):
            for as_ in (As.FIRST, As.ALSO):
                strong = self._those(lambda rule, d=destination, a=as_: rule.refer == d and rule.as_ is a)  # type: ignore[misc]
                weak = self._those(
                    lambda rule, d=destination, a=as_: rule.refer == d and STRENGTH[rule.as_] > STRENGTH[a]  # type: ignore[misc]
                )
                if strong and weak:
                    yield strong, weak

    def _find_rivals(self, weak: int) -> Iterator[tuple[int, list[_Narrower]]]:
        """Per stronger rule its bit, and per fact (bit) the answers it takes where it is narrower than the weak one."""
        mine = self.rules[weak]
        for number, rule in enumerate(self.rules):
            if rule.refer == mine.refer and STRENGTH[rule.as_] < STRENGTH[mine.as_]:
                narrower = []
                for fact, column in self._columns.items():
                    own = frozenset(mine.when.get(fact, column.leaves))
                    taken = own & frozenset(rule.when.get(fact, column.leaves))
                    if taken < own:
                        narrower.append((column.bit, taken))
                yield 1 << number, narrower


_Answers = frozenset[tuple[str, str]]  # pairs of a fact and an answer to it


class _Leading(NamedTuple):
    """A rule that leads to a destination, and the answers that refute it.

    `bars` are those that say who or where somebody is, `past` those that say what happened. What nobody knows of an
    organisation or of a person bars nothing: it may still be told.
    """

    rule: Rule
    refuting: _Answers
    bars: _Answers
    past: _Answers


class Reading:
    """All concerns of an edition, and the decision by the plain reading."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.vocabulary = edition.vocabulary
        self.concerns = {concern: ConcernReading(edition, concern) for concern in edition.vocabulary.concerns.answers}
        self._asked = [fact.id for fact in self.vocabulary.asked]
        self._of_organisation = [fact.id for fact in self.vocabulary.of_organisation]
        self._destinations = self.vocabulary.destinations
        self._leading: dict[str, list[_Leading]] = {destination: [] for destination in self._destinations}
        for rule in edition.rules:
            self._leading[rule.refer].append(self._leads(rule))
        self._answers = {fact.id: fact.answers for fact in self.vocabulary.facts}

    def _leads(self, rule: Rule) -> _Leading:
        refuting = [
            (self.vocabulary.by_id[fact], answer)
            for fact, wanted in rule.when.items()
            for answer in self.vocabulary.by_id[fact].answers
            if answer not in wanted
        ]
        known = [(fact, answer) for fact, answer in refuting if answer != UNKNOWN]
        return _Leading(
            rule,
            refuting=frozenset(
                (fact.id, answer) for fact, answer in refuting if not (fact.nature in IDENTITY and answer == UNKNOWN)
            ),
            bars=frozenset((fact.id, answer) for fact, answer in known if fact.nature in IDENTITY),
            past=frozenset((fact.id, answer) for fact, answer in known if fact.nature is Nature.PAST),
        )

    def accept(self, situation: Situation) -> tuple[Situation, tuple[str, ...]]:
        """The answers that matter, and the facts whose answers do not.

        Walks the facts in the order of asking; an answer counts when its question could still change the outcome
        at its turn. So an answer left over from another route is named, and changes nothing.
        """
        if not situation.concerns:
            return situation, ()
        accepted = {fact: situation.answers[fact] for fact in self._of_organisation}
        readings = [self.concerns[concern] for concern in situation.concerns]
        views = [reading.view(accepted) for reading in readings]
        ignored = []
        for fact in self._asked:
            answer = situation.answers.get(fact)
            if answer is None:
                continue
            if any(map(ConcernReading.matters, readings, views, [fact] * len(views))):
                accepted[fact] = answer
                views = [reading.answer(view, fact, answer) for reading, view in zip(readings, views, strict=True)]
            else:
                ignored.append(fact)
        return Situation(situation.concerns, accepted), tuple(ignored)

    def open_facts(self, situation: Situation) -> tuple[str, ...]:
        """The facts whose question can still change the outcome; an absent fact of the organisation too."""
        readings = [self.concerns[concern] for concern in situation.concerns]
        views = [reading.view(situation.answers) for reading in readings]
        return tuple(
            fact for fact in self._asked if any(map(ConcernReading.matters, readings, views, [fact] * len(views)))
        )

    def certain(self, situation: Situation) -> dict[str, tuple[str, ...]]:
        """Per concern the ids of the rules that are certain for these answers: what the engine must fire."""
        found = {}
        for concern in situation.concerns:
            reading = self.concerns[concern]
            found[concern] = reading.ids(reading.certain(reading.view(situation.answers)))
        return found

    def decide(self, situation: Situation, fired: Mapping[str, Iterable[str]] | None = None) -> Decision:
        """Decide a situation.

        Args:
            situation: concerns and answers, complete or not.
            fired: per concern the ids of the rules that another reading found certain; None to use this one's.

        """
        accepted, ignored = self.accept(situation)
        answers = accepted.answers
        referrals: list[Referral] = []
        possible: set[str] = set()
        for concern in accepted.concerns or self.concerns:
            reading = self.concerns[concern]
            view = reading.view(answers)
            possible |= reading.destinations(reading.standing(view))
            if accepted.concerns:
                mask = reading.certain(view) if fired is None else reading.mask(fired[concern])
                referrals += reading.referrals(view, mask)
        next_fact = next(iter(self.open_facts(accepted)), None)
        return Decision(
            edition=self.edition,
            referrals=tuple(referrals),
            next_fact=next_fact if accepted.concerns else self.vocabulary.concerns.id,
            possible=tuple(destination for destination in self._destinations if destination in possible),
            closed=tuple(self._closed(accepted, possible)),
            ignored=ignored,
            organisation_matters=self._organisation_matters(accepted),
        )

    def _organisation_matters(self, situation: Situation) -> bool:
        answers = {fact: answer for fact, answer in situation.answers.items() if fact not in self._of_organisation}
        for concern in situation.concerns or self.concerns:
            reading = self.concerns[concern]
            view = reading.view(answers)
            if any(reading.matters(view, fact) for fact in self._of_organisation):
                return True
        return False

    def _closed(self, situation: Situation, possible: set[str]) -> Iterator[Closed]:
        given = frozenset(situation.answers.items())
        for destination in self._destinations:
            if destination not in possible:
                way = self._way(situation, given, destination)
                yield Closed(destination, way, leads=bool(self._leading[destination]))

    def way(self, situation: Situation, destination: str) -> Way | None:
        """One way by which a destination opens in any case; None if none does for somebody in this position.

        A rule is a conjunction, so its conditions that do not hold are, all together, enough. They need not be
        necessary: another rule may lead there too.

        Args:
            situation: with the answers that matter; one that does not matter says nothing.
            destination: one of the vocabulary.

        """
        return self._way(situation, frozenset(situation.answers.items()), destination)

    def nearest(self, situation: Situation, destination: str) -> list[Rule]:
        """Every rule that leads to a destination, the one that asks least of somebody first."""
        given = frozenset(situation.answers.items())
        leading = sorted(self._leading[destination], key=lambda one: self._effort(one, situation, given))
        return [one.rule for one in leading]

    def _way(self, situation: Situation, given: _Answers, destination: str) -> Way | None:
        nearest = min(self._leading[destination], key=lambda one: self._effort(one, situation, given), default=None)
        if nearest is None or not nearest.bars.isdisjoint(given):
            return None
        rule = nearest.rule
        conditions = []
        if rule.concern not in situation.concerns:
            conditions.append(Condition(self.vocabulary.concerns.id, (rule.concern,)))
        for fact, wanted in rule.when.items():
            if situation.answers.get(fact) not in wanted:
                conditions.append(Condition(fact, tuple(one for one in self._answers[fact] if one in wanted)))
        return Way(tuple(conditions), later=rule.as_ is As.LATER, elsewhere=self._elsewhere(rule, situation))

    def _effort(
        self, leading: _Leading, situation: Situation, given: _Answers
    ) -> tuple[bool, bool, int, int, int, bool]:
        """What a rule asks, most weighty first.

        Another person or place; a concern that was not named; how many answers to change, and how many of those
        about what happened; how many conditions in all; and whether it opens only later.
        """
        rule = leading.rule
        return (
            not leading.bars.isdisjoint(given),
            self._elsewhere(rule, situation),
            len(leading.refuting & given),
            len(leading.past & given),
            sum(situation.answers.get(fact) not in wanted for fact, wanted in rule.when.items()),
            rule.as_ is As.LATER,
        )

    def _elsewhere(self, rule: Rule, situation: Situation) -> bool:
        return bool(situation.concerns) and rule.concern not in situation.concerns


def _covered(own: Mapping[int, frozenset[str]], rivals: list[list[_Narrower]]) -> bool:
    """Whether the rivals together take every completion that a rule leaves open.

    Args:
        own: per fact the answers the rule takes.
        rivals: per stronger rule, the unanswered facts on which it is narrower, with the answers it takes.

    """
    if not rivals:
        return False
    if not all(rivals):
        return True  # one of them is narrower on nothing: it wins whatever is answered
    fact = rivals[0][0][0]
    return all(
        _covered(
            own,
            [
                [one for one in rival if one[0] != fact]
                for rival in rivals
                if all(bit != fact or answer in answers for bit, answers in rival)
            ],
        )
        for answer in own[fact]
    )


def _tests(rule: Rule, fact: str, answers: int) -> bool:
    return fact in rule.when and len(rule.when[fact]) < answers
