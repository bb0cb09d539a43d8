"""The advisor's workbench: the questions that count beside the answer. Routes, and reading of its form.

With JavaScript the same page is filled in the browser (static/advisor.js), and nothing is sent.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from service.answers.presenter import Json
from service.answers.workbench import Side, Workbench
from service.core.case_code import CaseCodeError, CaseCodeVersionError
from service.core.day import iso_day
from service.core.errors import VocabularyError
from service.core.situation import situation
from service.web.compression import smaller
from service.web.once import once
from service.web.pages.client_data import of_workbench
from service.web.rendering import Pages
from service.web.state import State

MOVES = {"show", "compare", "swap", "single", "read", "case"}
LONGEST_CODE = 40


class Bench:
    """The page of the workbench in one language."""

    def __init__(self, state: State, pages: Pages, language: str) -> None:
        self._state, self._pages, self._language = state, pages, language
        self._vocabulary = state.library.rulebase.vocabulary
        self._organisations = state.library.organisations
        self._presenter = state.presenter(language)
        self._words = state.library.texts.interface[language]
        self._workbench = Workbench(state.library, state.decider.readings, self._presenter, language)

    def empty(self) -> Response:
        """The page with nothing answered."""
        return self._page(self._side(MultiDict()), brought=self._brought())

    def answer(self) -> Response:
        """The page for a form, or the file of a referral that is wrong.

        Raises:
            BadRequest: the form holds something that is not one of our answers.

        """
        form = request.form
        to = form.get("to", "show")
        known = {f"a.{name}" for name in (*self._vocabulary.by_id, "organisation", "on")}
        if not set(form) <= {*known, "to", "code", "should", "beside", "way"} or to not in MOVES:
            raise BadRequest
        side = self._side(form)
        beside, _, pressed = (form.get("way") or form.get("beside", "")).partition("/")
        if pressed and pressed not in self._vocabulary.destinations:
            raise BadRequest
        if to == "case":
            return self._case(side, form.get("should", ""))
        wrong_code = ""
        if to == "read" and form.get("code", "").strip():
            try:
                side = self._read(form["code"], side.on)
            except CaseCodeVersionError:
                wrong_code = "code_other"
            except CaseCodeError:
                wrong_code = "code_wrong"
        try:
            there = self._read(beside, side.on) if beside and to != "single" else None
        except CaseCodeError:
            raise BadRequest from None
        if to == "compare":
            there, pressed = side, ""
        if to == "swap" and there:
            side, there = there, side
        return self._page(side, there, pressed, wrong_code=wrong_code)

    def _side(self, form: MultiDict[str, str]) -> Side:
        given: dict[str, object] = {}
        for fact in self._vocabulary.facts:
            values = [value for value in form.getlist(f"a.{fact.id}") if value]
            if values and (fact.several or len(values) > 1):
                given[fact.id] = values
            elif values:
                given[fact.id] = values[0]
        organisation = form.get("a.organisation") or None
        if organisation and organisation not in self._organisations.by_id:
            raise BadRequest
        on, wrong_day = self._day(form.get("a.on"))
        if organisation:
            given = {fact: value for fact, value in given.items() if not self._vocabulary.by_id[fact].of_organisation}
        try:
            return self._made(given, organisation, on, wrong_day)
        except VocabularyError:
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
            on = iso_day(text)
        except ValueError:
            return self._state.today(), True
        return (on, False) if on >= self._vocabulary.first_edition else (self._state.today(), True)

    def _read(self, code: str, on: date) -> Side:
        concerns, answers, organisation, day = self._workbench.codes.read(code[:LONGEST_CODE])
        return self._made({self._vocabulary.concerns.id: list(concerns), **answers}, organisation, day or on)

    def _case(self, side: Side, should: str) -> Response:
        if should not in self._vocabulary.destinations:
            raise BadRequest
        response = Response(self._workbench.case(side, should), content_type="application/toml; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{self._words["case_file"]}.toml"'
        return response

    def _page(
        self,
        side: Side,
        there: Side | None = None,
        pressed: str = "",
        *,
        wrong_code: str = "",
        brought: Json | None = None,
    ) -> Response:
        said = self._workbench.said(side)
        other = self._workbench.said(there) if there else None
        return self._pages.render(
            "advisor.html",
            self._language,
            "advisor",
            title=self._words["advisor_title"],
            concerns=self._vocabulary.concerns,
            text=self._workbench.text,
            of_organisation=self._vocabulary.of_organisation,
            organisations=sorted(self._presenter.listed(side.on), key=lambda one: one.abbreviation or one.name),
            side=side,
            said=said,
            told=dict(side.given),
            beside="/".join(filter(None, (other.code, pressed))) if other else "",
            changes=self._workbench.changes(side, said, there, other, pressed) if there and other else None,
            names=self._names(),
            wrong_code=wrong_code,
            first_day=self._vocabulary.first_edition.isoformat(),
            last_day=date.max.isoformat(),
            today=self._state.today(),
            **(brought or {}),
        )

    def _brought(self) -> Json:
        """All that a browser needs to decide by itself. Who sends a form does not: our script sends none."""
        pieces = self._presenter.of_rules(self._state.library.rulebase.rules)
        return {"sources": pieces["sources"], "data": of_workbench(self._state, self._language)}

    def _names(self) -> list[tuple[str, str]]:
        channels = self._state.library.texts.channels
        return [(one, channels[one].text[self._language].name) for one in self._vocabulary.destinations]


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The workbench in every language."""
    routes = Blueprint("advisor", __name__)
    for language, addresses in pages.addresses.items():
        one = Bench(state, pages, language)
        empty = smaller(once(state.today, 1)(one.empty))
        routes.add_url_rule(addresses.advisor, f"empty_{language}", empty, methods=["GET"])
        routes.add_url_rule(addresses.advisor, f"answer_{language}", one.answer, methods=["POST"])
    return routes
