"""One concern in one edition, with where each of its rules fires and counts: what every proof stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from service.core.graph import order
from service.core.rule import Edition, Rule, Rulebase
from service.core.space import Situations, Space, counts
from service.proof.findings import Teller
from service.proof.tried import name_of


def in_ids(concern: str, answers: Mapping[str, str]) -> str:
    """A story in the ids of facts and answers."""
    return " ".join([concern, *(f"{fact}={answer}" for fact, answer in answers.items())])


@dataclass(frozen=True)
class Ground:
    """One concern in one edition: its space, and where each rule fires and counts.

    Attributes:
        known: where each rule fires, and where it counts, for whoever knows that already.

    """

    edition: Edition
    concern: str
    rules: tuple[Rule, ...]
    space: Space
    teller: Teller = in_ids
    known: tuple[Sequence[Situations], Sequence[Situations]] | None = None

    @cached_property
    def fires(self) -> Sequence[Situations]:
        """Per rule where it fires."""
        return self.known[0] if self.known else self.space.of_rules(self.rules)

    @cached_property
    def counts(self) -> Sequence[Situations]:
        """Per rule where it fires and does not give way to a stronger one."""
        return self.known[1] if self.known else counts(self.rules, self.fires)

    @cached_property
    def name(self) -> str:
        """The name of all that decides in the concern, and of nothing else: on it depends whether a promise holds."""
        return self._named(self.rules)

    @cached_property
    def roots(self) -> dict[str, str]:
        """Per destination the name of all that its root in the graph is made of."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.refer, []).append(rule)
        return {destination: self._named(rules) for destination, rules in found.items()}

    def _named(self, rules: Iterable[Rule]) -> str:
        facts = self.edition.vocabulary.facts
        kinds = [(fact.of_organisation, fact.several) for fact in facts]
        said = [(fact.id, fact.answers, fact.concern, fact.applies) for fact in facts]
        return name_of(self.concern, kinds, said, [deciding(rule) for rule in rules])

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
    return Ground(edition, concern, mine, Space([fact for fact in facts if fact.id in tested]), teller)


def grounds(rulebase: Rulebase, teller: Teller = in_ids) -> list[Ground]:
    """Every concern of every edition; a concern whose rules did not change since the last edition is proved once."""
    found: dict[tuple[str, ...], Ground] = {}
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            key = (concern, *(rule.id for rule in edition.of_concern(concern)))
            if key not in found:
                found[key] = ground(edition, concern, teller)
    return list(found.values())


def deciding(rule: Rule) -> tuple[object, ...]:
    """What decides of a rule; the rest is said."""
    return rule.id, rule.refer, rule.as_, rule.when
