"""A drawn map of what decides: which questions lead to which places, for one subject. Layout only; pages draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.core.rule import STRENGTH, Edition

ROW = 34  # units between two lines of text
TOP = 24
LEFT, RIGHT = 430, 730  # where the lines between questions and places begin and end
WIDTH = 1160


@dataclass(frozen=True)
class Node:
    """A question or a place, at its height."""

    id: str
    label: str
    y: int


@dataclass(frozen=True)
class Line:
    """Between a question and a place; `as_` is the strongest way in which a rule that asks it refers there."""

    fact: Node
    door: Node
    as_: str


@dataclass(frozen=True)
class DecisionMap:
    """The map of one subject."""

    concern: str
    facts: tuple[Node, ...]
    doors: tuple[Node, ...]
    lines: tuple[Line, ...]
    height: int

    def asked_for(self, door: Node) -> tuple[Node, ...]:
        """The questions that count for a place: the text equivalent of its lines."""
        return tuple(line.fact for line in self.lines if line.door == door)


def decision_map(
    edition: Edition, concern: str, questions: Mapping[str, str], places: Mapping[str, str]
) -> DecisionMap:
    """Lay out the map of a subject.

    Args:
        edition: whose rules.
        concern: the subject.
        questions: fact id -> its question in words.
        places: destination id -> its name.

    """
    rules = edition.of_concern(concern)
    asked = {fact for rule in rules for fact in rule.when}
    referred = {rule.refer for rule in rules}
    facts = [fact.id for fact in edition.vocabulary.facts if fact.id in asked]
    doors = [one for one in edition.vocabulary.destinations if one in referred]
    most = max(len(facts), len(doors))
    left, right = _column(facts, questions, most), _column(doors, places, most)
    strongest: dict[tuple[str, str], str] = {}
    for rule in sorted(rules, key=lambda one: -STRENGTH[one.as_]):
        strongest.update({(fact, rule.refer): rule.as_.value for fact in rule.when})
    lines = tuple(
        Line(fact, door, strongest[fact.id, door.id])
        for door in right
        for fact in left
        if (fact.id, door.id) in strongest
    )
    return DecisionMap(concern, left, right, lines, TOP + most * ROW)


def _column(ids: list[str], labels: Mapping[str, str], most: int) -> tuple[Node, ...]:
    gap = (most - len(ids)) * ROW // 2
    return tuple(Node(id_, labels[id_], TOP + gap + number * ROW) for number, id_ in enumerate(ids))
