"""Drawn maps of what decides: which questions count for which places of a subject, or for which subjects of a place.

Layout only; pages draw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from service.core.rule import STRENGTH, Edition, Rule

ROW = 34  # units between two lines of text
TOP = 24
LEFT, RIGHT = 430, 730  # where the lines between questions and places begin and end
WIDTH = 1160


@dataclass(frozen=True)
class Node:
    """A question, a place or a subject, at its height."""

    id: str
    label: str
    y: int


@dataclass(frozen=True)
class Line:
    """Between a question and where it counts; `as_` is the strongest way in which a rule that asks it refers."""

    fact: Node
    end: Node
    as_: str


@dataclass(frozen=True)
class DecisionMap:
    """The map of one subject or one place, by its id."""

    id: str
    facts: tuple[Node, ...]
    ends: tuple[Node, ...]
    lines: tuple[Line, ...]
    height: int

    def asked_for(self, end: Node) -> tuple[Node, ...]:
        """The questions that count there: the text equivalent of its lines."""
        return tuple(line.fact for line in self.lines if line.end == end)


def map_of_subject(
    edition: Edition, concern: str, questions: Mapping[str, str], places: Mapping[str, str]
) -> DecisionMap:
    """Which questions lead to which places, for one subject.

    Args:
        edition: whose rules.
        concern: the subject.
        questions: fact id -> its question in words.
        places: destination id -> its name.

    """
    return _map(edition, concern, edition.of_concern(concern), questions, places, lambda rule: rule.refer)


def map_of_place(
    edition: Edition, destination: str, questions: Mapping[str, str], subjects: Mapping[str, str]
) -> DecisionMap:
    """Which questions count for which subjects, for one place.

    Args:
        edition: whose rules.
        destination: the place.
        questions: fact id -> its question in words.
        subjects: concern id -> its name.

    """
    rules = [rule for rule in edition.rules if rule.refer == destination]
    return _map(edition, destination, rules, questions, subjects, lambda rule: rule.concern)


def _map(
    edition: Edition,
    id_: str,
    rules: Iterable[Rule],
    questions: Mapping[str, str],
    names: Mapping[str, str],
    end_of: Callable[[Rule], str],
) -> DecisionMap:
    rules = sorted(rules, key=lambda one: -STRENGTH[one.as_])
    asked = {fact for rule in rules for fact in rule.when}
    met = {end_of(rule) for rule in rules}
    facts = [fact.id for fact in edition.vocabulary.facts if fact.id in asked]
    ends = [one for one in names if one in met]
    most = max(len(facts), len(ends))
    left, right = _column(facts, questions, most), _column(ends, names, most)
    strongest: dict[tuple[str, str], str] = {}
    for rule in rules:
        strongest.update({(fact, end_of(rule)): rule.as_.value for fact in rule.when})
    lines = tuple(
        Line(fact, end, strongest[fact.id, end.id]) for end in right for fact in left if (fact.id, end.id) in strongest
    )
    return DecisionMap(id_, left, right, lines, TOP + most * ROW)


def _column(ids: list[str], labels: Mapping[str, str], most: int) -> tuple[Node, ...]:
    gap = (most - len(ids)) * ROW // 2
    return tuple(Node(id_, labels[id_], TOP + gap + number * ROW) for number, id_ in enumerate(ids))
