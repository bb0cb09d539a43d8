"""Every decision is made by the engine and held against the definition of a rule, which an index reads.

If the engine fails, the decision graph answers and the failure is counted. If the two differ, neither is believed:
the person is sent to a human, and the log names the edition, never the answers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from service.core.cubes import Cubes
from service.core.decision import Decision
from service.core.errors import WegwijzerError
from service.core.graph import Graph
from service.core.index import RuleIndex
from service.core.reading import Reading
from service.core.rule import Edition, Rulebase
from service.core.situation import Situation, situation
from service.engine.counters import Tally
from service.engine.durable import Engine, EngineError

log = logging.getLogger("wegwijzer")

COUNTED = ("decisions", "engine_failures", "disagreements")


class DisagreementError(WegwijzerError):
    """The engine and the index of rules disagree about a rulebase; it must not be served."""


@dataclass(frozen=True)
class Verdict:
    """A decision on a situation, and whether both readings stand behind it; `decision` is None when they differ."""

    edition: Edition
    decision: Decision | None
    situation: Situation


class Decider:
    """Both readings of every edition of a rulebase."""

    def __init__(
        self,
        rulebase: Rulebase,
        counts: Tally | None = None,
        graphs: Mapping[str, Graph] | None = None,
        cubes: Mapping[str, Cubes] | None = None,
    ) -> None:
        """Build both readings.

        Args:
            rulebase: to decide by.
            counts: where decisions and what goes wrong are counted; None to count here alone.
            graphs: the decision graph of each edition; of one that has none here it is built.
            cubes: the prime cubes of each edition, likewise.

        Raises:
            EngineLimitError: the engine would take the facts for something else.

        """
        self.rulebase = rulebase
        graphs, cubes = graphs or {}, cubes or {}
        self.readings = {one.id: Reading(one, graphs.get(one.id), cubes.get(one.id)) for one in rulebase.editions}
        self.engines = {edition.id: Engine(edition) for edition in rulebase.editions}
        self.indexes = {edition.id: RuleIndex(edition) for edition in rulebase.editions}
        self.counts = counts or Tally(COUNTED)

    def decide(self, given: Situation, on: date, *, engine: bool = True, closed: bool = True) -> Verdict:
        """Decide a situation on a day.

        Args:
            given: the situation.
            on: the day.
            engine: whether the engine is asked; if not, the graph answers.
            closed: whether to say of each closed door what opens it.

        Raises:
            NoEditionError: the day lies before the first edition.

        """
        edition = self.rulebase.on(on)
        reading = self.readings[edition.id]
        accepted, ignored = reading.accept(given)
        self.counts.add("decisions")
        if not engine:
            return Verdict(edition, reading.follow(accepted, ignored, closed=closed), given)
        try:
            fired = self.engines[edition.id].fire(accepted)
        except EngineError:
            self.counts.add("engine_failures")
            log.error("engine failed; the graph answered (edition %s)", edition.id)
            return Verdict(edition, reading.follow(accepted, ignored, closed=closed), given)
        if fired != self.indexes[edition.id].fire(accepted):
            self.counts.add("disagreements")
            log.error("the two readings differ; sent to a human (edition %s)", edition.id)
            return Verdict(edition, None, given)
        return Verdict(edition, reading.follow(accepted, ignored, fired, closed=closed), given)

    def close(self) -> None:
        """Give the engines back."""
        for engine in self.engines.values():
            engine.close()


def agree(decider: Decider) -> int:
    """Compare both readings on every story in the rules.

    Returns:
        how many there are.

    Raises:
        DisagreementError: they disagree about an example or a near miss.

    """
    told = [(edition, story) for edition in decider.rulebase.editions for story in stories(edition)]
    for edition, story in told:
        if decider.engines[edition.id].fire(story) != decider.indexes[edition.id].fire(story):
            raise DisagreementError(f"Edition {edition.id}: the engine and the index of rules differ.")
    return len(told)


def stories(edition: Edition) -> Iterator[Situation]:
    """The example and the near miss of every rule, each alone and with every other concern beside it."""
    concerns = edition.vocabulary.concerns.answers
    for rule in edition.rules:
        for story in (rule.example, rule.near_miss):
            yield situation(edition.vocabulary, {**story.situation, edition.vocabulary.concerns.id: [rule.concern]})
            yield situation(edition.vocabulary, {**story.situation, edition.vocabulary.concerns.id: list(concerns)})
