"""Writes tests/neighbourhoods.toml anew from the rules, for somebody to read and sign: `make neighbours`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ours import TESTS

from service.core.rule import Rule
from service.core.vocabulary import Fact
from service.rulebook.drafts import Draft, read_folders
from service.rulebook.locate import folder
from service.rulebook.neighbourhoods import FILE, Neighbourhood, facts_of, neighbours, outcome, unasked


def describe(library: Draft, rule: Rule, on: date, facts: Sequence[Fact], known: Mapping[str, str]) -> Neighbourhood:
    """The neighbourhood of a situation, as the rules have it; facts it leaves open are as in the rule's example."""
    rules = [one for one in library.rulebase.on(on).of_concern(rule.concern) if one.refer == rule.refer]
    situation = {}
    for fact in facts:
        situation[fact.id] = known.get(fact.id) or rule.example.situation.get(fact.id) or unasked(fact)
    as_, ids = outcome(rules, situation)
    unless: dict[str, list[str]] = {}
    for fact_id, answer, there in neighbours(rules, facts, situation):
        if there != (as_, ids):
            unless.setdefault(fact_id, []).append(answer)
    return Neighbourhood(rule.refer, rule.concern, on, as_, ids, situation, unless)


def _table(values: Mapping[str, object]) -> str:
    def written(value: object) -> str:
        return f'"{value}"' if isinstance(value, str) else "[" + ", ".join(f'"{one}"' for one in value) + "]"

    return "{ " + ", ".join(f"{key} = {written(value)}" for key, value in values.items()) + " }" if values else "{}"


def write(found: Iterable[Neighbourhood]) -> None:
    """Write the neighbourhoods, in a fixed order."""
    parts = [
        "# Written by `python tests/neighbours.py`; read the difference before you sign it.\n"
        "# Each says: in this situation the person is referred so, on these rules, and any one of the answers under\n"
        "# `unless` changes that; no other single answer does.\n"
    ]
    for one in sorted(found, key=lambda one: (one.destination, one.concern, one.on, sorted(one.situation.items()))):
        rules = ", ".join(f'"{rule}"' for rule in one.rules)
        parts.append(
            f'[[neighbourhood]]\ndestination = "{one.destination}"\nconcern = "{one.concern}"\non = {one.on}\n'
            f'as = "{one.as_}"\nrules = [{rules}]\nsituation = {_table(one.situation)}\nunless = {_table(one.unless)}\n'
        )
    (TESTS / FILE).write_text("\n".join(parts), "utf-8")


def make() -> list[Neighbourhood]:
    """As few neighbourhoods as it takes for every change of a rule to be noticed."""
    from mutation import Watch, mutants

    library = read_folders(folder("rules"), folder("content"))
    watch = Watch(library, [])
    for rule in library.rulebase.rules:
        for mutant in mutants(library, rule):
            if watch.noticed(mutant) is None:
                edition, known = watch.difference(mutant)
                facts = facts_of(edition, rule.concern)
                watch.add(describe(library, rule, edition.since, facts, known))
                assert watch.noticed(mutant) == "neighbourhood", (rule.id, mutant.what)
    return watch.neighbourhoods


if __name__ == "__main__":
    made = make()
    write(made)
    print(f"{len(made)} neighbourhoods")
