"""The advisor's workbench: every fact on one page, every door in one table. Reads a form, and says how doors stand.

With JavaScript the same table is filled in the browser (static/advisor.js), and nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from service.case import case
from service.core.casecode import CaseCode, WrongCode
from service.core.decision import Condition
from service.core.errors import NotInVocabulary
from service.core.rule import Edition
from service.core.situation import Situation, situation
from service.explain import Standing, explain, weigh
from service.organisations import Organisation
from service.present import Json, edition
from service.web.addresses import ADDRESSES
from service.web.pages import Pages
from service.web.small import small
from service.web.state import State, table

SIDES = ("a", "b")
STATES = ("first", "also", "later", "possible", "closed")
NEAREST = 3  # rules shown that do not refer
MOVES = {"show", "compare", "single", "read", "case"}
LONGEST_CODE = 40


@dataclass(frozen=True)
class Side:
    """One of the situations that are looked at: what was given, and on which day."""

    situation: Situation
    organisation: str | None
    on: date
    given: tuple[tuple[str, str], ...]
    wrong_day: bool = False


class Workbench:
    """The workbench in one language."""

    def __init__(self, state: State, pages: Pages, language: str) -> None:
        self._state, self._pages, self._language = state, pages, language
        self._vocabulary = state.library.rulebase.vocabulary
        self._organisations = state.library.organisations
        self._presenter = state.presenter(language)
        self._words = state.library.texts.interface[language]
        self._codes = CaseCode(self._vocabulary, sorted(self._organisations.by_id))

    def empty(self) -> Response:
        """The page with nothing answered."""
        return small(self._page([self._side(MultiDict(), "a")], compared=False))

    def answer(self) -> Response:
        """The page for a form, or the file of a referral that is wrong.

        Raises:
            BadRequest: the form holds something that is not one of our answers.

        """
        form = request.form
        to = form.get("to", "show")
        known = {f"{side}.{name}" for side in SIDES for name in (*self._vocabulary.by_id, "organisation", "on")}
        if not set(form) <= {*known, "to", "code", "should", "compared"} or to not in MOVES:
            raise BadRequest
        sides = [self._side(form, "a")]
        compared = to == "compare" or (to != "single" and "compared" in form)
        if compared:
            fresh = not any(name.startswith("b.") for name in form)
            sides.append(sides[0] if fresh else self._side(form, "b"))
        if to == "case":
            return self._case(sides[0], form.get("should", ""))
        wrong_code = False
        if to == "read":
            read = self._read(form.get("code", ""), sides[0].on)
            wrong_code = read is None
            sides[0] = read or sides[0]
        return self._page(sides, compared=compared, wrong_code=wrong_code)

    # ---- what was given

    def _side(self, form: MultiDict[str, str], name: str) -> Side:
        given: dict[str, object] = {}
        for fact in self._vocabulary.facts:
            values = [value for value in form.getlist(f"{name}.{fact.id}") if value]
            if values and (fact.several or len(values) > 1):
                given[fact.id] = values
            elif values:
                given[fact.id] = values[0]
        organisation = form.get(f"{name}.organisation") or None
        if organisation and organisation not in self._organisations.by_id:
            raise BadRequest
        on, wrong_day = self._day(form.get(f"{name}.on"))
        if organisation:
            given = {fact: value for fact, value in given.items() if not self._vocabulary.by_id[fact].of_organisation}
        try:
            return self._made(given, organisation, on, wrong_day)
        except NotInVocabulary:
            raise BadRequest from None

    def _made(self, given: dict[str, object], organisation: str | None, on: date, wrong_day: bool = False) -> Side:
        facts = self._organisations.on(organisation, on).facts(on) if organisation else None
        pairs = [
            (fact, value)
            for fact, values in given.items()
            for value in (values if isinstance(values, (list, tuple)) else (values,))
        ]
        return Side(situation(self._vocabulary, given, facts), organisation, on, tuple(pairs), wrong_day)

    def _day(self, text: str | None) -> tuple[date, bool]:
        if not text:
            return self._state.today(), False
        try:
            on = date.fromisoformat(text)
        except ValueError:
            return self._state.today(), True
        return (on, False) if on >= self._vocabulary.first_edition else (self._state.today(), True)

    def _read(self, code: str, on: date) -> Side | None:
        try:
            concerns, answers, organisation = self._codes.read(code[:LONGEST_CODE])
        except WrongCode:
            return None
        return self._made({self._vocabulary.concerns.id: list(concerns), **answers}, organisation, on)

    def _case(self, side: Side, should: str) -> Response:
        if should not in self._vocabulary.destinations:
            raise BadRequest
        reading = self._reading(side.on)
        accepted, _ = reading.accept(side.situation)
        written = case(
            self._vocabulary,
            accepted,
            name=self._words["case_name"],
            tells=self._words["case_tells"],
            on=side.on,
            organisation=side.organisation,
            first=should,
        )
        response = Response(written, content_type="application/toml; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{self._words["case_file"]}.toml"'
        return response

    # ---- what is said

    def _reading(self, on: date) -> Any:
        return self._state.decider.readings[self._state.library.rulebase.on(on).id]

    def _page(self, sides: list[Side], *, compared: bool, wrong_code: bool = False) -> Response:
        on = sides[0].on
        questions = [self._presenter.question(fact) for fact in self._vocabulary.facts]
        shown = [self._shown(side) for side in sides]
        doors = [{"id": one, **self._presenter.destination(one, on)} for one in self._vocabulary.destinations]
        doors.sort(key=lambda one: min(STATES.index(side["doors"][one["id"]]["state"]) for side in shown))
        changed = [
            one["id"] for one in doors if compared and shown[0]["doors"][one["id"]] != shown[1]["doors"][one["id"]]
        ]
        return self._pages.render(
            "advisor.html",
            self._language,
            "advisor",
            title=self._words["advisor_title"],
            questions=questions,
            concerns=self._vocabulary.concerns.id,
            organisations=sorted(self._presenter.listed(on), key=lambda one: str(one["abbreviation"] or one["name"])),
            sides=list(zip(SIDES, sides, shown, strict=False)),
            doors=doors,
            changed=changed,
            compared=compared,
            wrong_code=wrong_code,
            states=STATES,
            first_day=self._vocabulary.first_edition.isoformat(),
            blank=self._blank(),
            pieces=self._pieces(),
            data=self._data(),
        )

    def _shown(self, side: Side) -> Json:
        reading = self._reading(side.on)
        decision = reading.decide(side.situation)
        weight = weigh(reading, side.situation)
        label = {fact.id: self._presenter.question(fact)["text"] for fact in self._vocabulary.facts}
        return {
            "edition": edition(decision.edition),
            "doors": {one: self._door(reading, side, decision, one) for one in self._vocabulary.destinations},
            "decided": [label[fact] for fact in weight.decided],
            "settles": label[weight.settles] if weight.settles and side.situation.concerns else None,
            "organisation": self._name(side),
            "receipt": self.receipt(side, reading.edition, decision),
            "code": self._codes.write(replace(side.situation, answers=self._told(side)), side.organisation),
            "reveals": self._reveals(side),
            "few": self._few(side),
        }

    def _told(self, side: Side) -> dict[str, str]:
        """The answers that somebody gave, without what nobody said about an organisation."""
        return {fact: answer for fact, answer in side.given if not self._vocabulary.by_id[fact].several}

    def _reveals(self, side: Side) -> list[str]:
        found = self._presenter.told(side.given)
        name = self._name(side)
        return [*found, f"{self._words['organisation_label']}: {name}"] if name else found

    def _few(self, side: Side) -> bool:
        """Whether few people could be meant: an organisation is named, or an answer that few can give."""
        facts = self._vocabulary.by_id
        return side.organisation is not None or any(answer in facts[fact].few for fact, answer in side.given)

    def _name(self, side: Side) -> str | None:
        if not side.organisation:
            return None
        holder: Organisation = self._organisations.on(side.organisation, side.on)
        return str(self._presenter.organisation(holder, side.on)["name"])

    def _door(self, reading: Any, side: Side, decision: Any, destination: str) -> Json:
        mine = [one for one in decision.referrals if one.destination == destination]
        rules = explain(reading, side.situation, destination).rules
        if mine:
            state = min((one.as_.value for one in mine), key=STATES.index)
            needed: list[str] = []
            unless: list[str] = []
        else:
            state = "possible" if destination in decision.possible else "closed"
            accepted, _ = reading.accept(side.situation)
            needed, unless = self._presenter.opening(reading.opens_when(accepted, destination))
        told = [one for number, one in enumerate(rules) if one.fires or number < NEAREST]
        return {
            "state": state,
            "reasons": list(dict.fromkeys(rule.why[self._language] for one in mine for rule in one.rules)),
            "needed": needed,
            "unless": unless,
            "never": not (mine or needed or unless),
            "rules": [self._rule(one) for one in told],
        }

    def _rule(self, standing: Standing) -> Json:
        rule = standing.rule
        needed = [*standing.unmet, *standing.unanswered]
        if standing.of_other_concern:
            needed.insert(0, Condition(self._vocabulary.concerns.id, (rule.concern,)))
        required, unless = self._presenter.opening(needed)
        return {
            "id": rule.id,
            "as": rule.as_.value,
            "kind": standing.kind,
            "needed": required,
            "unless": unless,
            "doubt": rule.doubt[self._language] if rule.doubt else None,
            "sources": self._presenter.rule(rule)["sources"],
        }

    def receipt(self, side: Side, of: Edition, decision: Any) -> str:
        """What an advisor may keep: day, edition, digest, rules, and the command that gives the same answer again."""
        answers = " ".join(
            [
                *(["concerns=" + ",".join(side.situation.concerns)] if side.situation.concerns else []),
                *(f"{fact}={answer}" for fact, answer in self._told(side).items()),
            ]
        )
        organisation = f" --organisation {side.organisation}" if side.organisation else ""
        lines = [f"{self._words['receipt_day']}: {side.on.isoformat()}"]
        lines.append(f"{self._words['receipt_edition']}: {of.id}")
        lines.append(of.digest)
        for one in decision.referrals:
            lines.append(f"{one.as_.value} {one.destination}: {', '.join(rule.id for rule in one.rules)}")
        lines.append(f"wegwijzer decide --on {side.on.isoformat()}{organisation} {answers}".rstrip())
        return "\n".join(lines)

    # ---- what the browser needs to do the same

    def _blank(self) -> Json:
        return {"state": "", "reasons": [], "needed": [], "unless": [], "never": True, "rules": []}

    def _pieces(self) -> Json:
        """The words and sources of every rule there ever was."""
        rules = self._state.library.rulebase.rules
        return self._presenter.of_rules(rules)

    def _data(self) -> Json:
        library, today = self._state.library, self._state.today()
        pieces = self._pieces()
        names = {one["id"]: one["name"] for one in self._presenter.listed(today)}
        words = (
            "and or receipt_day receipt_edition organisation_label case_name case_tells case_file advisor_nothing "
            "advisor_no_question advisor_a advisor_b advisor_facts"
        )
        return {
            "tables": [table(one) for one in library.rulebase.editions],
            "days": self._days(),
            "names": names,
            "rules": pieces["rules"],
            "clauses": self._presenter.clauses(),
            "questions": {fact.id: self._presenter.question(fact) for fact in self._vocabulary.facts},
            "few": {fact.id: list(fact.few) for fact in self._vocabulary.facts},
            "code": {
                "seed": self._codes.seed,
                "length": self._codes.length,
                "organisations": sorted(self._organisations.by_id),
            },
            "today": today.isoformat(),
            "words": {
                **{word: self._words[word] for word in words.split()},
                **{f"state_{state}": self._words[f"state_{state}"] for state in STATES},
                **{f"rule_{kind}": self._words[f"rule_{kind}"] for kind in ("fires", "open", "fails", "gives_way")},
            },
        }

    def _days(self) -> list[Json]:
        """From which day on an organisation has which facts and holder; the rows change, nothing in between."""
        days = {one.since for one in self._state.library.rulebase.editions}
        for one in self._organisations.by_id.values():
            for period in (*one.names, *one.parents, *one.successors, *one.predecessors, *one.provisions):
                days |= {day for day in (period.since, period.until) if day}
        rows: list[Json] = []
        for day in sorted(one for one in days if one >= self._vocabulary.first_edition):
            facts = {}
            for id_ in self._organisations.by_id:
                holder = self._organisations.on(id_, day)
                facts[id_] = {
                    "facts": holder.facts(day),
                    "name": self._presenter.organisation(holder, day)["name"],
                }
            row = {"from": day.isoformat(), "edition": self._state.library.rulebase.on(day).id, "organisations": facts}
            if not rows or {**rows[-1], "from": ""} != {**row, "from": ""}:
                rows.append(row)
        return [rows[0], *(_changes(before, after) for before, after in pairwise(rows))]


def _changes(before: Json, after: Json) -> Json:
    """Only what is new since the row before."""
    old = before["organisations"]
    return {**after, "organisations": {id_: one for id_, one in after["organisations"].items() if one != old[id_]}}


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The workbench in both languages."""
    routes = Blueprint("advisor", __name__)
    for language, addresses in ADDRESSES.items():
        one = Workbench(state, pages, language)
        routes.add_url_rule(addresses.advisor, f"empty_{language}", one.empty, methods=["GET"])
        routes.add_url_rule(addresses.advisor, f"answer_{language}", one.answer, methods=["POST"])
    return routes
