"""The rules that stand in a complete situation of one concern, by one walk from one root: the fastest reading there is.

The roots of a concern are walked together once, when it is made, so a situation takes a step per fact that matters, and
none per destination. It holds more nodes than the graph it is made of, and knows nothing of what is still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.core.graph import BUDGET, LEAF, Graph, GraphSizeError, build, order
from service.core.rule import Edition

_Numbers = tuple[int, ...]  # of nodes of the graph, one of each root that is not settled by the same


class Descent:
    """The graph of an edition, its roots walked together per concern."""

    def __init__(self, edition: Edition, graph: Graph | None = None, budget: int = BUDGET) -> None:
        """Walk the roots together.

        Args:
            edition: the rules.
            graph: theirs; None to build it.
            budget: how many nodes a concern may take.

        Raises:
            GraphSizeError: it takes more.

        """
        nodes, facts = (graph := graph or build(edition)).nodes, edition.vocabulary.facts
        turn = {LEAF: len(facts)} | {place: number for number, place in enumerate(order(edition.vocabulary))}
        self.roots: dict[str, tuple[str | None, Any]] = {}

        def below(here: _Numbers, known: dict[_Numbers, tuple[str | None, Any]]) -> tuple[str | None, Any]:
            if here not in known:
                first = min((nodes[one][0] for one in here), key=turn.__getitem__, default=LEAF)
                if first == LEAF:
                    standing = sorted(number for one in here for number in nodes[one][1:])
                    known[here] = None, tuple(edition.rules[number].id for number in standing)
                    return known[here]
                after = {}
                for number, answer in enumerate(facts[first].answers, 1):
                    taken = (nodes[one][number] if nodes[one][0] == first else one for one in here)
                    after[answer] = below(tuple(dict.fromkeys(taken)), known)
                if len(known) >= budget:
                    raise GraphSizeError(f"{edition.id}: more than {budget:,} nodes with its roots walked together.")
                known[here] = facts[first].id, after
            return known[here]

        for concern, roots in graph.roots.items():
            self.roots[concern] = below(tuple(dict.fromkeys(roots.values())), {})

    def stand(self, concern: str, answers: Mapping[str, str]) -> tuple[str, ...]:
        """The ids of the rules that stand, in their order; `answers` has one for each fact that matters."""
        fact, after = self.roots[concern]
        while fact is not None:
            fact, after = after[answers[fact]]
        return after  # type: ignore[no-any-return]
