"""What the advisor's workbench says of a situation on a day: where to go, what else is open, what would open the rest.

Knows no forms and no pages. The browser says the same (web/static/advisor.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from service.answers import receipt, view
from service.answers.case_file import case
from service.answers.explain import Standing, Weight, explain, required, weigh
from service.answers.outcome import Place, outcome
from service.answers.phrases import meant
from service.answers.presenter import Presenter, edition
from service.core.case_code import CaseCode
from service.core.decision import Condition, Decision, Way
from service.core.reading import Reading
from service.core.rule import As
from service.core.situation import Situation
from service.core.vocabulary import UNKNOWN, Fact
from service.rulebook.library import Library
from service.rulebook.texts import AdvisorText

STATES = ("first", "also", "later", "possible", "closed")
NEAREST = 3  # rules shown that do not refer


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
    doubts: tuple[str, ...]
    sources: tuple[view.Citation, ...]


@dataclass(frozen=True)
class Opening:
    """A way to a place: what it takes, and the case code of the situation in which that is so.

    Attributes:
        said: what it takes, as every face says it.
        brief: the same in the words of the questions; another concern is said to be one.
        later: whether it leads there only after another step.
        code: empty where nothing that was told can be told otherwise to make it so.

    """

    said: str
    brief: str
    later: bool
    code: str


@dataclass(frozen=True)
class DoorStatus:
    """How one destination is in a situation: `state` is one of `STATES`.

    Attributes:
        subjects: for which it is so, where somebody named several.
        by: the rules that refer.
        place: all that is said of it, where somebody is referred there.
        ways: what would open it; where it is possible they only answer open questions.
        only: of a place that nobody in this position reaches: for whom it is instead.
        never: no rule leads there.
        barred: none for somebody in this position.
        anyhow: it opens whatever is answered.

    """

    id: str
    name: str
    state: str
    subjects: tuple[str, ...]
    by: tuple[str, ...]
    place: Place | None
    ways: tuple[Opening, ...]
    only: str
    never: bool
    barred: bool
    anyhow: bool
    rules: tuple[RuleStatus, ...] = field(compare=False)


@dataclass(frozen=True)
class Asked:
    """A question as it stands before an advisor: what was given, and whether it counts."""

    fact: str
    text: AdvisorText
    answers: tuple[str, ...]
    given: str | None
    counts: bool


@dataclass(frozen=True)
class Looked:
    """Everything about one situation: destinations as they stand, what weighs, receipt and code."""

    edition: view.Edition
    doors: tuple[DoorStatus, ...]
    asked: tuple[Asked, ...]
    decided: Sequence[str]
    settles: str | None
    receipt: str
    code: str
    reveals: Sequence[str]
    few: bool

    def of(self, *states: str) -> list[DoorStatus]:
        """The destinations that stand so, in the order of reading."""
        return [one for one in self.doors if one.state in states]

    @property
    def open(self) -> int:
        """How many questions still count."""
        return sum(one.counts and one.given is None for one in self.asked)


@dataclass(frozen=True)
class Changes:
    """What is otherwise in another situation or on another day: answers, places, and the questions that count."""

    told: Sequence[str]
    doors: Sequence[tuple[DoorStatus, DoorStatus]]
    only_here: Sequence[str]
    only_there: Sequence[str]
    same: int


class Workbench:
    """What is said, in one language."""

    def __init__(self, library: Library, readings: Mapping[str, Reading], presenter: Presenter, language: str) -> None:
        self._library, self._readings, self._presenter, self._language = library, readings, presenter, language
        self._vocabulary = library.rulebase.vocabulary
        self._words = library.texts.interface[language]
        self.text = {fact: said[language].for_advisor for fact, said in library.texts.questions.items()}
        self.codes = CaseCode(self._vocabulary, sorted(library.organisations.by_id))

    def said(self, side: Side) -> Looked:
        """Everything about one situation."""
        reading = self._reading(side.on)
        decision = reading.decide(side.situation)
        weight = weigh(reading, side.situation)
        settles = weight.settles if side.situation.concerns else self._vocabulary.concerns.id
        return Looked(
            edition=edition(decision.edition),
            doors=self._doors(reading, side, decision),
            asked=self._asked(reading, side, decision),
            decided=self._decided(side, weight),
            settles=self.text[settles].ask if settles else None,
            receipt=self._receipt(side, decision),
            code=self._code(side, side.situation.concerns, {}),
            reveals=self._reveals(side),
            few=self._few(side),
        )

    def changes(self, here: Side, said: Looked, there: Side, other: Looked, pressed: str = "") -> Changes:
        """What is otherwise in another situation: first the place whose way was pressed to see that."""

        def counting(of: Looked) -> list[str]:
            return [one.text.ask for one in of.asked if one.counts]

        both = list(zip(said.doors, other.doors, strict=True))
        moved = [two for two in both if _stands(two[0]) != _stands(two[1])]
        return Changes(
            told=self._differing(here, there),
            doors=sorted(moved, key=lambda two: (two[0].id != pressed, min(STATES.index(one.state) for one in two))),
            only_here=[one for one in counting(said) if one not in counting(other)],
            only_there=[one for one in counting(other) if one not in counting(said)],
            same=len(both) - len(moved),
        )

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

    # ---- words

    def _line(self, fact: Fact, answer: str) -> str:
        """A question with its answer; the subject speaks for itself."""
        return answer if fact.several else f"{labelled(self.text[fact.id].ask)} {answer}"

    def _reveals(self, side: Side) -> list[str]:
        found = [self._line(self._vocabulary.by_id[fact], self.text[fact].answers[one]) for fact, one in side.given]
        named = self._named(side)
        organisation = [f"{self._words['organisation_label']}: {named}"] if named else []
        return [*found, *organisation, f"{self._words['receipt_day']}: {side.on.isoformat()}"]

    def _named(self, side: Side) -> str | None:
        if not side.organisation:
            return None
        holder = self._library.organisations.on(side.organisation, side.on)
        return self._presenter.organisation(holder, side.on).name

    def _differing(self, here: Side, there: Side) -> list[str]:
        """Each thing that was told otherwise: as it is here, and as it is there."""

        def told(side: Side) -> dict[str, str]:
            found: dict[str, list[str]] = {}
            for fact, answer in side.given:
                found.setdefault(self.text[fact].ask, []).append(self.text[fact].answers[answer])
            return {
                **{ask: "; ".join(answers) for ask, answers in found.items()},
                self._words["organisation_label"]: self._named(side) or "",
                self._words["receipt_day"]: side.on.isoformat(),
                self._words["receipt_edition"]: self._reading(side.on).edition.id,
            }

        one, other, nothing = told(here), told(there), self._words["advisor_open"]
        return [
            f"{labelled(ask)} {one.get(ask) or nothing} → {other.get(ask) or nothing}"
            for ask in dict.fromkeys([*one, *other])
            if one.get(ask) != other.get(ask)
        ]

    def _few(self, side: Side) -> bool:
        """Whether few people could be meant: an organisation is named, or an answer that few can give."""
        facts = self._vocabulary.by_id
        return side.organisation is not None or any(answer in facts[fact].few for fact, answer in side.given)

    def _code(self, side: Side, concerns: Iterable[str], more: Mapping[str, str]) -> str:
        """The code of a situation, with some answers given otherwise."""
        answers = {**self._told(side), **more}
        return self.codes.write(Situation(tuple(concerns), answers), side.organisation, side.on)

    # ---- places

    def _doors(self, reading: Reading, side: Side, decision: Decision) -> tuple[DoorStatus, ...]:
        accepted, _ = reading.accept(side.situation)
        holder = self._library.organisations.on(side.organisation, side.on) if side.organisation else None
        referrals = self._presenter.referrals(decision, accepted.answers, holder, side.on)
        told = outcome(referrals, self.text[self._vocabulary.concerns.id].answers)
        places = {one.door.destination: one for one in (*told.open, *told.later)}
        return tuple(
            self._door(reading, side, decision, accepted, one, places.get(one)) for one in self._vocabulary.destinations
        )

    def _door(
        self,
        reading: Reading,
        side: Side,
        decision: Decision,
        accepted: Situation,
        destination: str,
        place: Place | None,
    ) -> DoorStatus:
        mine = [one for one in decision.referrals if one.destination == destination]
        state = "possible" if destination in decision.possible else "closed"
        ways: tuple[Way, ...] = ()
        if place:
            state = place.door.as_.value
        else:
            ways = reading.ways.to(accepted, destination)
            if state == "possible":
                ways = tuple(one for one in ways if not (one.elsewhere or one.changes))
        anyhow, leads = any(not one.conditions for one in ways), reading.ways.lead(destination)
        barred = leads and not (mine or ways)
        concerns, several = self.text[self._vocabulary.concerns.id].answers, len(side.situation.concerns) > 1
        return DoorStatus(
            id=destination,
            name=self._library.texts.channels[destination].text[self._language].name,
            state=state,
            subjects=tuple(concerns[one.concern] for one in mine if one.as_.value == state and several),
            by=tuple(dict.fromkeys(rule.id for one in mine for rule in one.rules)),
            place=place,
            ways=() if anyhow or not side.situation.concerns else tuple(self._opening(side, one) for one in ways),
            only=self._only(reading, accepted, destination) if barred else "",
            never=not leads,
            barred=barred,
            anyhow=anyhow,
            rules=self._rules(reading, side, destination),
        )

    def _opening(self, side: Side, way: Way) -> Opening:
        """A way as an advisor can try it: every condition by the first answer that says something."""
        about = self._vocabulary.concerns.id
        chosen = {
            one.fact: next((answer for answer in one.answers if answer != UNKNOWN), UNKNOWN) for one in way.conditions
        }
        named = side.situation.concerns
        added = chosen.pop(about, None)
        told = not any(self._vocabulary.by_id[fact].of_organisation and side.organisation for fact in chosen)
        return Opening(
            said=self._presenter.way(way),
            brief=" + ".join(map(self._brief, way.conditions)),
            later=way.later,
            code=self._code(side, (*named, added) if added else named, chosen) if told else "",
        )

    def _brief(self, one: Condition) -> str:
        """A condition by its question and the answers that meet it, or the few that do not."""
        text, fact = self.text[one.fact], self._vocabulary.by_id[one.fact]
        asked = self._words["advisor_elsewhere"] if fact.several else labelled(text.ask)
        return f"{asked} {meant(one.fact, one.answers, self._vocabulary, text.answers.__getitem__, self._words)}"

    def _only(self, reading: Reading, accepted: Situation, destination: str) -> str:
        """For whom a place is, of what this person is not; empty where that takes more than one condition."""
        unmet = [
            one
            for one in required(reading.edition, destination)
            if accepted.answers.get(one.fact, UNKNOWN) not in {UNKNOWN, *one.answers}
        ]
        return f"{self._words['way_now']} {self._presenter.conditions(unmet)}" if unmet else ""

    def _rules(self, reading: Reading, side: Side, destination: str) -> tuple[RuleStatus, ...]:
        """The rules that refer, and those that come nearest; none where nobody named a subject."""
        if not side.situation.concerns:
            return ()
        rules = explain(reading, side.situation, destination).rules
        return tuple(self._rule(one) for number, one in enumerate(rules) if one.fires or number < NEAREST)

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
            doubts=tuple(one.says[self._language] for one in rule.doubts),
            sources=self._presenter.rule(rule).sources,
        )

    # ---- questions

    def _asked(self, reading: Reading, side: Side, decision: Decision) -> tuple[Asked, ...]:
        told = self._told(side)
        still = reading.open_facts(reading.accept(side.situation)[0]) if side.situation.concerns else ()
        return tuple(
            Asked(
                fact=fact.id,
                text=self.text[fact.id],
                answers=fact.answers,
                given=told.get(fact.id),
                counts=fact.id in still or (fact.id in told and fact.id not in decision.ignored),
            )
            for fact in self._vocabulary.asked
        )

    def _decided(self, side: Side, weight: Weight) -> list[str]:
        """What decided, as it was given: an organisation by its name is one thing, what nobody told is nothing."""
        told = {fact for fact, _ in side.given}
        found = []
        for fact in weight.decided:
            if self._vocabulary.by_id[fact].of_organisation and side.organisation:
                found.append(self._words["organisation_label"])
            elif fact in told:
                found.append(self.text[fact].ask)
        return list(dict.fromkeys(found))

    def _receipt(self, side: Side, decision: Decision) -> str:
        """What an advisor may keep."""
        concerns = {self._vocabulary.concerns.id: ",".join(side.situation.concerns)} if side.situation.concerns else {}
        labels = {"day": self._words["receipt_day"], "edition": self._words["receipt_edition"]}
        return receipt.written(decision, side.on, side.organisation, {**concerns, **self._told(side)}, labels)


def labelled(ask: str) -> str:
    """A question before its answer."""
    return ask if ask.endswith("?") else f"{ask}:"


def _stands(door: DoorStatus) -> tuple[object, ...]:
    """How a place stands, as two situations are compared on it."""
    return door.state, door.subjects, door.by, door.anyhow
