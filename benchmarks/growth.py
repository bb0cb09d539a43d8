"""How the proof and the decision grow with rules, facts and organisations.

More rules: every destination of ours once more, with its rules, x10 and x100. More facts: one, two, three new facts of
three answers that every rule of a concern tests. More organisations: ours x100, each with facts of its own where the
directory allows it; the proof is over facts and not over organisations, so it must not grow at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from time import perf_counter

from tabulate import tabulate

from service.core.reading import Reading
from service.core.rule import Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import Fact, Vocabulary
from service.engine.decider import stories
from service.engine.durable import Engine
from service.proof.prove import _another_door, _one_first, compare, ground
from service.rulebook.library import Library, load_library


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


def more_facts(edition: Edition, concern: str, number: int) -> Edition:
    """The edition with more facts, each tested by every rule of one concern."""
    facts = [Fact(f"extra_{one}", ("yes", "no", "unknown"), concern) for one in range(number)]
    known: Vocabulary = replace(edition.vocabulary, facts=(*edition.vocabulary.facts, *facts))
    tests = {fact.id: frozenset({"yes", "unknown"}) for fact in facts}
    rules = tuple(
        replace(rule, when={**rule.when, **tests}) if rule.concern == concern else rule for rule in edition.rules
    )
    return replace(edition, vocabulary=known, rules=rules)


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = perf_counter()
    work()
    return perf_counter() - start


def measure(edition: Edition, concern: str) -> tuple[int, int, float, float, str, str]:
    """Rules, situations, seconds for the space and two invariants, and microseconds per decision by each reading."""
    start = perf_counter()
    here = ground(edition, concern)
    built = perf_counter() - start
    seconds = timed(lambda: (list(_one_first(here)), list(_another_door(here))))
    reading = Reading(edition).concerns[concern]
    asked = [one.answers for one in stories(edition) if one.concerns == (concern,)][:200]
    plain = median(timed(lambda one=one: reading.certain(reading.view(one))) for one in asked)  # type: ignore[misc]
    durable = Engine(edition)
    fired = median(timed(lambda one=one: durable.fire(Situation((concern,), one))) for one in asked)  # type: ignore[misc]
    durable.close()
    return len(here.rules), here.space.size, built, seconds, f"{plain * 1e6:.1f}", f"{fired * 1e6:.0f}"


def run() -> str:
    """Time the growth and return it as tables."""
    library = load_library()
    edition = library.rulebase.editions[-1]
    concern = edition.vocabulary.concerns.answers[0]
    head = ("what", "rules", "situations", "s to build", "s to prove", "plain µs", "engine µs")
    rows = [(f"rules x{times}", *measure(more_rules(edition, times), concern)) for times in (1, 10, 100)]
    rows += [(f"facts +{number}", *measure(more_facts(edition, concern, number), concern)) for number in (1, 2, 3)]
    first = ground(edition, edition.vocabulary.concerns.answers[-1])
    compared, _ = compare(first)
    each = timed(lambda: compare(first)) / compared
    total = sum(ground(edition, one).space.size for one in edition.vocabulary.concerns.answers)
    lines = [
        f"Growth, concern {concern} of edition {edition.id} (one core)",
        tabulate(rows, head, tablefmt="github", floatfmt=".3f"),
        f"Comparing both readings: {each * 1e6:.0f} µs a situation, {total:,} situations in this edition.",
        _organisations(library, edition),
    ]
    return "\n".join(lines) + "\n"


def _organisations(library: Library, edition: Edition) -> str:
    known = library.organisations.by_id
    many = {f"{id_}_{copy}": one for copy in range(100) for id_, one in known.items()}
    profiles = {tuple(sorted(one.facts(edition.since).items())) for one in many.values()}
    return f"Organisations x100: {len(many):,}, with {len(profiles)} distinct sets of facts; the space is the same."
