"""The decision by the graph: which answers count, what is asked next, what is certain and what is still possible.

Answers are followed in the order of asking. For each fact the nodes are known that the answers so far can lead to,
whatever the questions before it that nobody answered; if one of them tests the fact, its answer can still change the
outcome. So a situation is read in one pass over the nodes it can reach, and in a handful of steps when no question
was passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from service.core.bits import bits
from service.core.cubes import Cubes
from service.core.decision import Closed, Decision, Referral
from service.core.graph import LEAF, Graph, Node, build
from service.core.rule import STRENGTH, As, Edition, Rule
from service.core.situation import Situation
from service.core.ways import Ways


class Reduced(NamedTuple):
    """What is left of a root under some answers: the same values mean the same function.

    `every` are the rules that stand whatever is still answered, `some` those that still can, `tests` the facts that
    can still change it; all three as bits, of rules and facts as places in their list. `node` is its number, below 0
    where the whole graph has no such node.
    """

    node: int
    every: int
    some: int
    tests: int


class Reading:
    """The graph of an edition, and the decision by it."""

    def __init__(self, edition: Edition, graph: Graph | None = None, cubes: Cubes | None = None) -> None:
        """Prepare to read.

        Args:
            edition: the rules.
            graph: theirs; None to build it.
            cubes: the prime cubes of each destination; None to compute them when a way is asked for.

        """
        self.edition, self.vocabulary = edition, edition.vocabulary
        self.graph = graph or build(edition)
        self.ways = Ways(edition, cubes)
        self._facts = self.vocabulary.facts
        self._place = {fact.id: place for place, fact in enumerate(self._facts)}
        self._asked = [(fact.id, self._place[fact.id]) for fact in self.vocabulary.asked]
        self._of_organisation = [fact.id for fact in self.vocabulary.of_organisation]
        self._number = {(fact.id, answer): n for fact in self._facts for n, answer in enumerate(fact.answers, 1)}
        self._canonical = {node: number for number, node in enumerate(self.graph.nodes)}
        self._whole: list[Reduced] = []
        for number, node in enumerate(self.graph.nodes):
            self._whole.append(self._reduced(number, node, [self._whole[one] for one in node[1:] if node[0] != LEAF]))
        self._past_organisation = {
            concern: sorted({self._without_organisation(root) for root in self.graph.roots.get(concern, {}).values()})
            for concern in self.concerns
        }
        places = {destination: place for place, destination in enumerate(self.vocabulary.destinations)}
        self._first = sum(1 << place for place, rule in enumerate(edition.rules) if rule.as_ == As.FIRST)
        self._strength = [STRENGTH[rule.as_] * len(places) + places[rule.refer] for rule in edition.rules]

    @property
    def concerns(self) -> tuple[str, ...]:
        """The concerns, in their order."""
        return self.vocabulary.concerns.answers

    def _without_organisation(self, root: int) -> tuple[int, ...]:
        """The nodes to which a root leads by the facts of any organisation: those come first in the graph."""
        mine, found, todo = {self._place[fact] for fact in self._of_organisation}, set[int](), [root]
        while todo:
            fact, *children = self.graph.nodes[number := todo.pop()]
            if fact in mine:
                todo += children
            else:
                found.add(number)
        return tuple(sorted(found))

    def facts(self, left: Iterable[Reduced]) -> tuple[str, ...]:
        """The facts on which what is left still depends, in the order of the vocabulary."""
        tests = _tests(left)
        return tuple(fact.id for place, fact in enumerate(self._facts) if tests >> place & 1)

    def facts_of(self, concern: str) -> tuple[str, ...]:
        """The facts on which the outcome of a concern depends, in the order of the vocabulary."""
        return self.facts(self.reduce({}, (concern,)).values())

    def accept(self, situation: Situation) -> tuple[Situation, tuple[str, ...]]:
        """The answers that matter, and the facts whose answers do not.

        Walks the facts in the order of asking; an answer counts when its question could still change the outcome
        at its turn. So an answer left over from another route is named, and changes nothing.
        """
        if not situation.concerns:
            return situation, ()
        accepted = {fact: situation.answers[fact] for fact in self._of_organisation}
        nodes = self.graph.nodes
        reached: dict[int, set[int]] = {}

        def reach(numbers: Iterable[int]) -> None:
            for number in numbers:
                while nodes[number][0] in known:
                    number = nodes[number][known[nodes[number][0]]]
                reached.setdefault(nodes[number][0], set()).add(number)

        known = {self._place[fact]: self._number[fact, answer] for fact, answer in accepted.items()}
        for concern in situation.concerns:
            reach(self.graph.roots.get(concern, {}).values())
        ignored = []
        for fact, place in self._asked:
            answer = situation.answers.get(fact)
            here = reached.pop(place, None)
            if here is None:
                if answer is not None:
                    ignored.append(fact)
            elif answer is None:
                reach(child for number in here for child in nodes[number][1:])
            else:
                accepted[fact] = answer
                chosen = self._number[fact, answer]
                reach(nodes[number][chosen] for number in here)
        return Situation(situation.concerns, accepted), tuple(ignored)

    def reduce(self, answers: Mapping[str, str], concerns: Iterable[str]) -> dict[tuple[str, str], Reduced]:
        """What some answers leave of each root: concern and destination -> what is left.

        Takes a step per node that is reached, and shares what roots have in common.

        Args:
            answers: fact id -> answer id.
            concerns: whose roots.

        """
        return self._left(self._reducer(answers), concerns)

    def _left(self, below: Callable[[int], Reduced], concerns: Iterable[str]) -> dict[tuple[str, str], Reduced]:
        return {
            (concern, destination): below(root)
            for concern in concerns
            for destination, root in self.graph.roots.get(concern, {}).items()
        }

    def _reducer(self, answers: Mapping[str, str]) -> Callable[[int], Reduced]:
        """What gives what some answers leave of a node; it shares what nodes have in common."""
        known = {self._place[fact]: self._number[fact, answer] for fact, answer in answers.items()}
        answered = sum(1 << place for place in known)
        nodes, whole = self.graph.nodes, self._whole
        done: dict[int, Reduced] = {}
        made: dict[Node, Reduced] = {}

        def below(number: int) -> Reduced:
            found = whole[number]
            if not found.tests & answered:
                return found
            if number in done:
                return done[number]
            here, node = number, nodes[number]
            while node[0] in known:
                here = node[known[node[0]]]
                node = nodes[here]
            if here != number:
                found = below(here)
            else:
                left = [below(child) if whole[child].tests & answered else whole[child] for child in node[1:]]
                found = left[0]
                if any(one.node != found.node for one in left):
                    node = (node[0], *[one.node for one in left])
                    if node in self._canonical:
                        found = whole[self._canonical[node]]
                    else:
                        found = made.get(node) or made.setdefault(node, self._reduced(-1 - len(made), node, left))
            done[number] = found
            return found

        return below

    def open_facts(self, situation: Situation) -> tuple[str, ...]:
        """The facts whose question can still change the outcome, in the order of asking."""
        tests = _tests(self.reduce(situation.answers, situation.concerns).values())
        return tuple(fact for fact, place in self._asked if tests >> place & 1)

    def has_first_steps(self, answers: Mapping[str, str], concerns: Collection[str]) -> bool:
        """Whether each of the concerns has a first step that stands, whatever else is answered."""
        left = self.reduce(answers, concerns)
        settled = {concern for (concern, _), one in left.items() if one.every & self._first}
        return settled == {*concerns}

    def most(self, situation: Situation) -> int:
        """How many questions can still be asked at most, one after the other, whatever is answered.

        Walks the nodes that the roots can reach together: a question is asked when one of them tests it.
        """
        nodes, known = self.graph.nodes, dict[frozenset[int], int]()
        answered = {self._place[fact]: self._number[fact, answer] for fact, answer in situation.answers.items()}
        asked = {place for _, place in self._asked}

        def reach(numbers: Iterable[int]) -> frozenset[int]:
            """The nodes that ask, from these on: past what is answered, and whatever the organisation is."""
            found, todo = set[int](), [*numbers]
            while todo:
                number = todo.pop()
                fact, *children = nodes[number]
                if fact in answered:
                    todo.append(children[answered[fact] - 1])
                elif fact in asked:
                    found.add(number)
                elif fact != LEAF:
                    todo += children
            return frozenset(found)

        def below(here: frozenset[int]) -> int:
            if not here:
                return 0
            if here not in known:
                fact = min(nodes[number][0] for number in here)
                testing = [number for number in here if nodes[number][0] == fact]
                rest = here.difference(testing)
                taken = ([nodes[number][one] for number in testing] for one in range(1, len(nodes[testing[0]])))
                known[here] = 1 + max(below(rest | reach(children)) for children in taken)
            return known[here]

        roots = [root for concern in situation.concerns for root in self.graph.roots.get(concern, {}).values()]
        return below(reach(roots))

    def decide(self, situation: Situation, *, closed: bool = True) -> Decision:
        """Decide a situation, complete or not; `closed` is whether to say of each closed door what opens it."""
        return self.follow(*self.accept(situation), closed=closed)

    def follow(
        self,
        accepted: Situation,
        ignored: tuple[str, ...],
        fired: Mapping[str, Iterable[str]] | None = None,
        *,
        closed: bool = True,
    ) -> Decision:
        """Decide by answers that matter.

        Args:
            accepted: concerns and the answers that count, as `accept` gives them.
            ignored: the facts whose answers do not.
            fired: per concern the ids of the rules that fired by another reading; None to believe the graph.
            closed: whether to say of each closed door what opens it.

        """
        concerns, below = accepted.concerns or self.concerns, self._reducer(accepted.answers)
        left = self._left(below, concerns)
        possible = {destination for (_, destination), one in left.items() if one.some}
        next_fact: str | None = self.vocabulary.concerns.id
        if accepted.concerns:
            tests = _tests(left.values())
            next_fact = next((fact for fact, place in self._asked if tests >> place & 1), None)
        return Decision(
            edition=self.edition,
            referrals=tuple(self._referrals(accepted.concerns, left, fired)),
            next_fact=next_fact,
            possible=tuple(destination for destination in self.vocabulary.destinations if destination in possible),
            closed=tuple(self._closed(accepted, possible)) if closed else (),
            ignored=ignored,
            organisation_matters=self._organisation_matters(below, concerns),
        )

    def _referrals(
        self,
        concerns: Iterable[str],
        left: Mapping[tuple[str, str], Reduced],
        fired: Mapping[str, Iterable[str]] | None,
    ) -> Iterator[Referral]:
        """What is certain, concern by concern, first steps first."""
        rules = self.edition.rules
        for concern in concerns:
            believed = None if fired is None else set(fired[concern])
            found: list[tuple[int, tuple[Rule, ...]]] = []
            for (of, _), one in left.items():
                if of == concern and one.every:
                    places = [place for place in bits(one.every) if believed is None or rules[place].id in believed]
                    if places:
                        found.append((self._strength[places[0]], tuple(rules[place] for place in places)))
            for _, sure in sorted(found, key=lambda one: one[0]):
                yield Referral(sure[0].refer, As(sure[0].as_), concern, sure)

    def _organisation_matters(self, below: Callable[[int], Reduced], concerns: Iterable[str]) -> bool:
        """Whether answers leave something else at one organisation than at another, of some root of the concerns."""
        for concern in concerns:
            for first, *more in self._past_organisation[concern]:
                node = below(first).node
                if any(below(one).node != node for one in more):
                    return True
        return False

    def _closed(self, situation: Situation, possible: set[str]) -> Iterator[Closed]:
        to = self.ways.of(situation)
        for destination in self.vocabulary.destinations:
            if destination not in possible:
                yield Closed(destination, to(destination), leads=self.ways.lead(destination))

    def _reduced(self, number: int, node: Node, children: list[Reduced]) -> Reduced:
        if node[0] == LEAF:
            standing = sum(1 << rule for rule in node[1:])
            return Reduced(number, standing, standing, 0)
        every, some, tests = -1, 0, 1 << node[0]
        for one in children:
            every &= one.every
            some |= one.some
            tests |= one.tests
        return Reduced(number, every, some, tests)


def _tests(left: Iterable[Reduced]) -> int:
    found = 0
    for one in left:
        found |= one.tests
    return found
