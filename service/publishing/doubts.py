"""Where the law or the facts leave doubt, in the order in which a jurist should settle it.

A doubt at a first step weighs more than one at another place, and one that many read more than one that few read. How
many is a share of the situations of a concern, not of people: nobody counts people here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.core.rule import STRENGTH, As, Rule
from service.proof.grounds import ground
from service.rulebook.compiled import Library


@dataclass
class Doubt:
    """A doubt or a note: where it stands, and in the newest edition at what strength and how widely it is read.

    Attributes:
        places: ids of rules, or `organisation (fact)`.
        as_: the strongest referral at which it is read today; None where it is read in older editions alone.
        share: the largest part of the situations of one concern in which it is read, from 0 to 1.

    """

    said: str
    places: list[str] = field(default_factory=list)
    as_: As | None = None
    share: float = 0.0


def doubts(library: Library, language: str) -> list[Doubt]:
    """Every doubt of a rule once: first steps before other places, and what many read before what few read."""
    newest = library.rulebase.editions[-1]
    found: dict[str, Doubt] = {}
    for rule in library.rulebase.rules:
        for doubt in rule.doubts:
            found.setdefault(doubt.says[language], Doubt(doubt.says[language])).places.append(rule.id)
    for concern in newest.vocabulary.concerns.answers:
        here = ground(newest, concern)
        for one in found.values():
            read = [(rule, where) for rule, where in zip(here.rules, here.counts, strict=True) if rule.id in one.places]
            shown = here.space.union(
                where & here.space.of_any(doubt.whom)
                for rule, where in read
                for doubt in (rule.doubts if where else ())
                if doubt.says[language] == one.said
            )
            one.share = max(one.share, shown.size / here.space.size if shown else 0.0)
            steps = [rule.as_ for rule, where in read if where] + ([one.as_] if one.as_ else [])
            one.as_ = min(steps, key=STRENGTH.__getitem__, default=None)
    return sorted(found.values(), key=lambda one: (STRENGTH[one.as_] if one.as_ else len(As), -one.share))


def notes(rules: Iterable[Rule], language: str) -> list[Doubt]:
    """What only editors and jurists read, each once, what stands at most rules first."""
    found: dict[str, Doubt] = {}
    for rule in rules:
        if rule.note:
            found.setdefault(rule.note[language], Doubt(rule.note[language])).places.append(rule.id)
    return sorted(found.values(), key=lambda one: -len(one.places))
