"""Neighbourhoods: one situation, how it is referred to one destination, and which single other answer changes that.

A case says where one person ends; a neighbourhood says, for every question, which answers make the difference. They
are written down from the rules (`python tests/neighbours.py` writes the file anew), so they prove no rule right: they
make every change of a rule visible in a diff that a person can read and sign.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service.core.rule import STRENGTH, Rule
from service.core.vocabulary import UNKNOWN, Fact
from service.rulebook.drafts import Draft, read_folders
from service.rulebook.locate import folder

FILE = Path(__file__).parent / "neighbourhoods.toml"

Outcome = tuple[str, tuple[str, ...]]


def outcome(rules: Iterable[Rule], situation: Mapping[str, str]) -> Outcome:
    """How a situation is referred by the rules of one destination: how, and on which rules that count."""
    firing = [rule for rule in rules if rule.matches(situation)]
    if not firing:
        return "closed", ()
    as_ = min((rule.as_ for rule in firing), key=STRENGTH.__getitem__)
    return as_.value, tuple(rule.id for rule in firing if rule.as_ is as_)


@dataclass(frozen=True)
class Neighbourhood:
    """A situation with every fact answered, its outcome for one destination, and the answers that change it."""

    destination: str
    concern: str
    on: date
    situation: Mapping[str, str]
    as_: str
    rules: tuple[str, ...]
    unless: Mapping[str, Sequence[str]]

    def differences(self, rules: Sequence[Rule], facts: Iterable[Fact]) -> Iterator[str]:
        """Where these rules say something else than what is written down."""
        here = outcome(rules, self.situation)
        if here != (self.as_, self.rules):
            yield f"{self.destination}: {here}, not {(self.as_, self.rules)}"
        for fact, answer, there in neighbours(rules, facts, self.situation):
            if (there != here) != (answer in self.unless.get(fact, ())):
                yield f"{self.destination}, {fact}={answer}: {there}"


def neighbours(
    rules: Sequence[Rule], facts: Iterable[Fact], situation: Mapping[str, str]
) -> Iterator[tuple[str, str, Outcome]]:
    """Every situation that differs in one answer, and its outcome."""
    for fact in facts:
        for answer in fact.answers:
            if answer != situation[fact.id]:
                yield fact.id, answer, outcome(rules, {**situation, fact.id: answer})


def describe(library: Draft, rule: Rule, on: date, facts: Sequence[Fact], known: Mapping[str, str]) -> Neighbourhood:
    """The neighbourhood of a situation, as the rules have it; facts it leaves open are as in the rule's example."""
    rules = [one for one in library.rulebase.on(on).of_concern(rule.concern) if one.refer == rule.refer]
    situation = {}
    for fact in facts:
        fallback = UNKNOWN if UNKNOWN in fact.answers else fact.answers[0]
        situation[fact.id] = known.get(fact.id) or rule.example.situation.get(fact.id) or fallback
    as_, ids = outcome(rules, situation)
    unless: dict[str, list[str]] = {}
    for fact_id, answer, there in neighbours(rules, facts, situation):
        if there != (as_, ids):
            unless.setdefault(fact_id, []).append(answer)
    return Neighbourhood(rule.refer, rule.concern, on, situation, as_, ids, unless)


def read() -> list[Neighbourhood]:
    """Every neighbourhood that is written down."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["neighbourhood"]
    return [
        Neighbourhood(
            row["destination"],
            row["concern"],
            row["on"],
            row["situation"],
            row["as"],
            tuple(row["rules"]),
            row["unless"],
        )
        for row in rows
    ]


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
    FILE.write_text("\n".join(parts), "utf-8")


def make() -> list[Neighbourhood]:
    """As few neighbourhoods as it takes for every change of a rule to be noticed."""
    from mutation import Watch, mutants

    library = read_folders(folder("rules"), folder("content"))
    watch = Watch(library, [])
    for rule in library.rulebase.rules:
        for mutant in mutants(library, rule):
            if watch.noticed(mutant) is None:
                edition = next(
                    one
                    for one in library.rulebase.editions
                    if rule.in_force(one.since) and watch.difference(one, mutant)
                )
                facts = watch.ground(edition, rule.concern).space.facts
                known = watch.difference(edition, mutant)
                assert known is not None
                watch.neighbourhoods.append(describe(library, rule, edition.since, facts, known))
                assert watch.noticed(mutant) == "neighbourhood", (rule.id, mutant.what)
    return watch.neighbourhoods


if __name__ == "__main__":
    made = make()
    write(made)
    print(f"{len(made)} neighbourhoods")
