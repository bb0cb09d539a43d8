"""What the advisor's workbench says about a situation on a day: how every place stands, and why.

Knows no forms and no pages. The browser says the same (web/static/advisor.js).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from service.answers import receipt, view
from service.answers.case_file import case
from service.answers.explain import Standing, Weight, explain, required, weigh
from service.answers.presenter import Presenter, edition
from service.core.case_code import CaseCode
from service.core.decision import Condition, Decision, Way
from service.core.reading import Reading
from service.core.rule import As
from service.core.situation import Situation
from service.rulebook.library import Library

STATES = ("first", "also", "later", "possible", "closed")
NEAREST = 3  # rules shown that do not refer
ORDERS = ("state", "name", "order")


@dataclass(frozen=True)
class Side:
    """One of the situations that are looked at: what was given, and on which day."""

    situation: Situation
    organisation: str | None
    on: date
    given: tuple[tuple[str, str], ...]
    wrong_day: bool = False


@dataclass(frozen=True)
class RuleStatus:
    """How one rule is towards a situation, and what it still needs."""

    id: str
    as_: As
    kind: str
    needed: Sequence[str]
    doubt: str | None
    sources: tuple[view.Citation, ...]


@dataclass(frozen=True)
class DoorStatus:
    """How one destination is in a situation: `state` is one of `STATES`.

    `by` are the rules that refer, `reasons` and `doubts` what they say; `ways` what would open it, `opens` the name of
    the words before them: where it is closed there are no others but those by other concerns (`elsewhere`), where it is
    possible they only answer open questions;
    `never`: no rule leads there; `barred`: none for somebody in this position; `anyhow`: it opens whatever is answered.
    """

    state: str
    by: tuple[str, ...]
    reasons: Sequence[str]
    doubts: Sequence[str]
    opens: str
    ways: Sequence[str]
    elsewhere: str
    never: bool
    barred: bool
    anyhow: bool
    terms: Sequence[str]
    rules: tuple[RuleStatus, ...] = field(compare=False)  # two situations are compared on what is said


@dataclass(frozen=True)
class ForWhom:
    """What no rule for a destination goes without, and what it does not take; `none`: no rule leads there."""

    needed: Sequence[str]
    unless: Sequence[str]
    none: bool


@dataclass(frozen=True)
class Row:
    """One destination in the table."""

    id: str
    door: view.Destination
    who: ForWhom
    stands: int
    shown: bool
    differs: bool


@dataclass(frozen=True)
class Looked:
    """Everything about one situation: destinations by id, what weighs, receipt and code."""

    edition: view.Edition
    doors: Mapping[str, DoorStatus]
    decided: Sequence[str]
    settles: str | None
    receipt: str
    rules: str
    code: str
    reveals: Sequence[str]
    few: bool


class Workbench:
    """What is said, in one language."""

    def __init__(self, library: Library, readings: Mapping[str, Reading], presenter: Presenter, language: str) -> None:
        self._library, self._readings, self._presenter, self._language = library, readings, presenter, language
        self._vocabulary = library.rulebase.vocabulary
        self._words = library.texts.interface[language]
        self.codes = CaseCode(self._vocabulary, sorted(library.organisations.by_id))

    def said(self, side: Side) -> Looked:
        """Everything about one situation."""
        reading = self._reading(side.on)
        decision = reading.decide(side.situation)
        weight = weigh(reading, side.situation)
        label = {fact.id: self._presenter.question(fact).text for fact in self._vocabulary.facts}
        return Looked(
            edition=edition(decision.edition),
            doors={one: self._door(reading, side, decision, one) for one in self._vocabulary.destinations},
            decided=self._decided(side, weight, label),
            settles=label[weight.settles] if weight.settles and side.situation.concerns else None,
            receipt=self._receipt(side, decision),
            rules=self._rules(reading),
            code=self.codes.write(replace(side.situation, answers=self._told(side)), side.organisation, side.on),
            reveals=self._reveals(side),
            few=self._few(side),
        )

    def places(self, said: Sequence[Looked], on: date, order: str, states: Sequence[str]) -> list[Row]:
        """Every place as a row, in an order.

        Args:
            said: what is said of each situation.
            on: the day of its words and of whom it is for.
            order: one of `ORDERS`.
            states: how a place must stand to be shown; none for all.

        """
        rows = []
        for one in self._vocabulary.destinations:
            views = [side.doors[one] for side in said]
            stands = min((view_.state for view_ in views), key=STATES.index)
            rows.append(
                Row(
                    id=one,
                    door=self._presenter.destination(one, on),
                    who=self.who(one, on),
                    stands=STATES.index(stands),
                    shown=not states or stands in states,
                    differs=any(view_ != views[0] for view_ in views),
                )
            )
        keys: dict[str, Callable[[Row], int | str]] = {
            "state": lambda row: row.stands,
            "name": lambda row: row.door.name.lower(),
            "order": lambda _: 0,
        }
        return sorted(rows, key=keys[order])

    def who(self, destination: str, on: date) -> ForWhom:
        """For whom a place is at all on a day: what no rule for it goes without."""
        of = self._library.rulebase.on(on)
        needed, unless = self._presenter.opening(required(of, destination))
        return ForWhom(needed, unless, none=not any(rule.refer == destination for rule in of.rules))

    def case(self, side: Side, should: str) -> str:
        """The file of a referral that is wrong, for whoever maintains the rules."""
        accepted, _ = self._reading(side.on).accept(side.situation)
        return case(
            self._vocabulary,
            accepted,
            name=self._words["case_name"],
            tells=self._words["case_tells"],
            on=side.on,
            organisation=side.organisation,
            first=should,
        )

    def _reading(self, on: date) -> Reading:
        return self._readings[self._library.rulebase.on(on).id]

    def _told(self, side: Side) -> dict[str, str]:
        """The answers that somebody gave, without what nobody said about an organisation."""
        return {fact: answer for fact, answer in side.given if not self._vocabulary.by_id[fact].several}

    def _reveals(self, side: Side) -> list[str]:
        found = self._presenter.told(side.given)
        if not side.organisation:
            return found
        holder = self._library.organisations.on(side.organisation, side.on)
        name = self._presenter.organisation(holder, side.on).name
        return [*found, f"{self._words['organisation_label']}: {name}"]

    def _few(self, side: Side) -> bool:
        """Whether few people could be meant: an organisation is named, or an answer that few can give."""
        facts = self._vocabulary.by_id
        return side.organisation is not None or any(answer in facts[fact].few for fact, answer in side.given)

    def _door(self, reading: Reading, side: Side, decision: Decision, destination: str) -> DoorStatus:
        mine = [one for one in decision.referrals if one.destination == destination]
        referring = [*{rule.id: rule for one in mine for rule in one.rules}.values()]
        ways: tuple[Way, ...] = ()
        if mine:
            state = min((one.as_.value for one in mine), key=STATES.index)
        else:
            state = "possible" if destination in decision.possible else "closed"
            accepted, _ = reading.accept(side.situation)
            ways = reading.ways.to(accepted, destination)
            if state == "possible":
                ways = tuple(one for one in ways if one.elsewhere or not one.changes)
        anyhow = any(not one.conditions for one in ways)
        rules = explain(reading, side.situation, destination).rules
        holder = self._library.organisations.on(side.organisation, side.on) if side.organisation else None
        doubts = self._presenter.doubts(referring, side.situation.answers)
        terms = [
            term
            for one in mine
            for term in self._presenter.terms_for(one.rules, side.situation.answers, one.concern, holder, side.on)
        ]
        return DoorStatus(
            state=state,
            by=tuple(rule.id for rule in referring),
            reasons=list(dict.fromkeys(rule.why[self._language] for rule in referring)),
            doubts=list(dict.fromkeys([*doubts, *self._presenter.notes(referring, holder, side.on)])),
            opens="ways_only" if state == "closed" else "ways_enough",
            ways=[] if anyhow else self._presenter.ways(ways),
            elsewhere=self._presenter.elsewhere(ways) if state == "closed" or not side.situation.concerns else "",
            never=not rules,
            barred=bool(rules) and not (mine or ways),
            anyhow=anyhow,
            terms=list(dict.fromkeys(terms)),
            rules=tuple(self._rule(one) for number, one in enumerate(rules) if one.fires or number < NEAREST),
        )

    def _rule(self, standing: Standing) -> RuleStatus:
        rule = standing.rule
        needed = [*standing.unmet, *standing.unanswered]
        if standing.of_other_concern:
            needed.insert(0, Condition(self._vocabulary.concerns.id, (rule.concern,)))
        return RuleStatus(
            id=rule.id,
            as_=rule.as_,
            kind=standing.kind,
            needed=self._presenter.asks(needed),
            doubt=rule.doubt[self._language] if rule.doubt else None,
            sources=self._presenter.rule(rule).sources,
        )

    def _decided(self, side: Side, weight: Weight, label: Mapping[str, str]) -> list[str]:
        """What decided, as it was given: an organisation by its name is one thing, what nobody told is nothing."""
        told = {fact for fact, _ in side.given}
        found = []
        for fact in weight.decided:
            if self._vocabulary.by_id[fact].of_organisation and side.organisation:
                found.append(self._words["organisation_label"])
            elif fact in told:
                found.append(label[fact])
        return list(dict.fromkeys(found))

    def _rules(self, reading: Reading) -> str:
        """Which rules were followed, in one line."""
        return f"{self._words['receipt_edition']}: {reading.edition.id}. {reading.edition.digest}"

    def _receipt(self, side: Side, decision: Decision) -> str:
        """What an advisor may keep."""
        concerns = {self._vocabulary.concerns.id: ",".join(side.situation.concerns)} if side.situation.concerns else {}
        labels = {"day": self._words["receipt_day"], "edition": self._words["receipt_edition"]}
        return receipt.written(decision, side.on, side.organisation, {**concerns, **self._told(side)}, labels)
