"""One concern in one edition, with where each of its rules fires and counts: what every proof stands on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from service.core.graph import order
from service.core.rule import Edition, Rule, Rulebase
from service.core.space import Situations, Space, counts
from service.proof.findings import Teller

Tried = MutableMapping[str, int]  # the name of what a trial depends on -> how many situations it took


def in_ids(concern: str, answers: Mapping[str, str]) -> str:
    """A story in the ids of facts and answers."""
    return " ".join([concern, *(f"{fact}={answer}" for fact, answer in answers.items())])


@dataclass(frozen=True)
class Ground:
    """One concern in one edition: its space, and where each rule fires and counts."""

    edition: Edition
    concern: str
    rules: tuple[Rule, ...]
    space: Space
    fires: Sequence[Situations]
    counts: Sequence[Situations]
    teller: Teller = in_ids

    def firing(self, where: Situations) -> tuple[Rule, ...]:
        """The rules that fire in the first situation of a set."""
        whole = where.some()
        assert whole is not None  # noqa: S101 - asked for a set that is not empty
        return tuple(rule for rule in self.rules if rule.matches(whole))

    def tell(self, where: Situations) -> str:
        """The smallest counterexample of a set: the answers that matter, as a story, with the rules that fire."""
        whole = where.some()
        assert whole is not None  # noqa: S101 - asked for a set that is not empty
        answers = whole
        for fact in tuple(whole):
            fewer = {key: value for key, value in answers.items() if key != fact}
            if not self.space.of({key: (value,) for key, value in fewer.items()}) - where:
                answers = fewer  # whatever this fact is, the promise is broken
        named = ", ".join(f"{rule.id} ({rule.as_})" for rule in self.firing(where))
        return f"[{self.edition.id}] {self.teller(self.concern, answers)} [{named or '-'}]"

    def where(self, conditions: Mapping[str, Collection[str]]) -> Situations:
        """Where conditions hold, and the facts in them apply."""
        vocabulary = self.edition.vocabulary
        mine = {fact.id for fact in vocabulary.facts_of(self.concern)}
        if any(vocabulary.concerns.id in vocabulary.by_id[fact].applies and fact not in mine for fact in conditions):
            return self.space.none
        return self.space.within(vocabulary.scope(conditions, self.concern))

    def made(self, about: Callable[[Rule], bool]) -> Situations:
        """Where a rule of some kind counts."""
        return self.space.union([where for rule, where in zip(self.rules, self.counts, strict=True) if about(rule)])


def ground(edition: Edition, concern: str, teller: Teller = in_ids) -> Ground:
    """The space of a concern over the facts its rules test, with each rule in it."""
    mine = edition.of_concern(concern)
    tested = {fact for rule in mine for fact in rule.when}
    facts = [edition.vocabulary.facts[place] for place in order(edition.vocabulary)]
    space = Space([fact for fact in facts if fact.id in tested])
    fires = space.of_rules(mine)
    return Ground(edition, concern, mine, space, fires, counts(mine, fires), teller)


def grounds(rulebase: Rulebase, teller: Teller = in_ids) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern, teller)
    return list(found.values())


def name_of(*what: object) -> str:
    """A name of some values that is another where one of them is."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def decides(here: Ground) -> list[object]:
    """All that decides in a concern."""
    facts = [(fact.id, fact.answers, fact.concern) for fact in here.edition.vocabulary.facts]
    mine = [
        (rule.id, rule.refer, str(rule.as_), [(key, sorted(of)) for key, of in rule.when.items()])
        for rule in here.rules
    ]
    return [here.concern, facts, mine]
