"""How graph, proof and decision grow with questions, rules and organisations.

More questions: one, three and six new ones of four answers, each tested by a share of the rules of one concern. More
rules: every destination of ours once more, with its rules, x10. More organisations: ours x100, each with facts of its
own where the directory allows it; the proof is over facts and not over organisations, so it must not grow at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import process_time
from typing import TypeVar

from tabulate import tabulate

from service.core.cubes import of_edition
from service.core.graph import GraphSizeError, build, count_paths
from service.core.rule import Edition, Rule
from service.core.vocabulary import Fact
from service.proof.exact import exact_questions
from service.proof.grounds import ground
from service.proof.prove import another_door, every_rule_counts, one_first
from service.proof.trials import engine_agrees
from service.rulebook.library import Library, load_library

ANSWERS = ("a", "b", "c", "unknown")

Result = TypeVar("Result")


def more_questions(edition: Edition, concern: str, number: int, share: float) -> Edition:
    """The edition with more questions, each tested by a share of the rules of one concern, the same on every run."""
    chance = random.Random(1)
    facts = [Fact(f"extra_{one}", ANSWERS, concern) for one in range(number)]

    def more(rule: Rule) -> Rule:
        if rule.concern != concern:
            return rule
        tested = [fact.id for fact in facts if chance.random() < share]
        when = {fact: frozenset(chance.sample(ANSWERS, chance.choice((1, 2, 3)))) for fact in tested}
        return replace(rule, when={**rule.when, **when})

    vocabulary = replace(edition.vocabulary, facts=(*edition.vocabulary.facts, *facts))
    return replace(edition, vocabulary=vocabulary, rules=tuple(map(more, edition.rules)))


def more_rules(edition: Edition, times: int) -> Edition:
    """The edition with every destination, and its rules, several times."""
    names = [f"{one}_{copy}" if copy else one for copy in range(times) for one in edition.vocabulary.destinations]
    vocabulary = replace(edition.vocabulary, destinations=tuple(names))
    return replace(edition, vocabulary=vocabulary, rules=tuple(_copies(edition.rules, times)))


def _copies(rules: tuple[Rule, ...], times: int) -> Iterator[Rule]:
    for copy in range(times):
        for rule in rules:
            end = f"_{copy}" if copy else ""
            yield replace(rule, refer=rule.refer + end, id=f"{rule.refer}{end}.{rule.id.rpartition('.')[2]}")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of processor, and what came of it."""
    start = process_time()
    found = work()
    return process_time() - start, found


def measure(edition: Edition, concern: str) -> tuple[object, ...]:
    """Situations, nodes and paths of a concern, and the seconds each step of `check` takes for it."""
    alone = replace(edition, rules=edition.of_concern(concern))
    start = process_time()
    here = ground(alone, concern)
    try:
        built, graph = timed(lambda: build(alone))
        ways, cubes = timed(lambda: of_edition(alone))
    except GraphSizeError:
        return here.space.size, "refused", *("",) * 5
    invariants, _ = timed(lambda: [list(one(here)) for one in (one_first, another_door, every_rule_counts)])
    exact, wrong = timed(lambda: list(exact_questions(here, graph)))
    tried, (_, differ) = timed(lambda: engine_agrees(here, graph))
    assert not wrong, wrong
    assert not differ, differ
    paths = sum(count_paths(graph, root) for root in graph.roots[concern].values())
    count = sum(map(len, cubes[concern].values()))
    total = process_time() - start
    return here.space.size, len(graph.nodes), paths, count, built + ways, invariants + exact, tried, total


def run() -> str:
    """Time the growth and return it as tables."""
    library = load_library()
    edition = library.rulebase.editions[-1]
    concern = edition.vocabulary.concerns.answers[0]
    head = (
        "what",
        "situations",
        "nodes",
        "paths",
        "ways",
        "s to build",
        "s to prove",
        "s to try the engine",
        "s in all",
    )
    rows: list[tuple[object, ...]] = [("as it is", *measure(edition, concern))]
    for share in (0.1, 0.25, 0.5):
        for number in (1, 3, 6):
            asked = more_questions(edition, concern, number, share)
            rows.append((f"+{number}, in {share:.0%} of the rules", *measure(asked, concern)))
    rows += [("rules x10", *measure(more_rules(edition, 10), concern))]
    lines = [
        f"Growth, concern {concern} of edition {edition.id} (one core)",
        tabulate(rows, head, tablefmt="github", floatfmt=".2f", intfmt=","),
        _organisations(library, edition),
    ]
    return "\n".join(lines) + "\n"


def _organisations(library: Library, edition: Edition) -> str:
    known = library.organisations.by_id
    many = {f"{id_}_{copy}": one for copy in range(100) for id_, one in known.items()}
    profiles = {tuple(sorted(one.facts(edition.since).items())) for one in many.values()}
    return f"Organisations x100: {len(many):,}, with {len(profiles)} distinct sets of facts; the space is the same."
