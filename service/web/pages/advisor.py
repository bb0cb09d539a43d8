"""The advisor's workbench: every fact on one page, every place in one table. Routes, and reading of its form.

With JavaScript the same table is filled in the browser (static/advisor.js), and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from service.answers.presenter import Json
from service.answers.workbench import ORDERS, STATES, Side, Workbench
from service.core.case_code import CaseCodeError, CaseCodeVersionError
from service.core.day import iso_day
from service.core.errors import VocabularyError
from service.core.situation import situation
from service.web.compression import small
from service.web.once import once
from service.web.pages.client_data import of_workbench
from service.web.rendering import Pages
from service.web.state import State

SIDES = ("a", "b")
MOVES = {"show", "compare", "single", "read", "case"}
LONGEST_CODE = 40
BLANK = {
    "state": "",
    "opens": "ways_only",
    "ways": [],
    "elsewhere": "",
    "never": True,
    "barred": True,
    "anyhow": True,
}  # a place of which the browser fills in the rest


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
        return self._page([self._side(MultiDict(), "a")], compared=False, brought=self._brought())

    def answer(self) -> Response:
        """The page for a form, or the file of a referral that is wrong.

        Raises:
            BadRequest: the form holds something that is not one of our answers.

        """
        form = request.form
        to = form.get("to", "show")
        known = {f"{side}.{name}" for side in SIDES for name in (*self._vocabulary.by_id, "organisation", "on")}
        if not set(form) <= {*known, "to", "code", "should", "compared", "sort", "only"} or to not in MOVES:
            raise BadRequest
        order, only = form.get("sort", ORDERS[0]), form.getlist("only")
        if order not in ORDERS or not set(only) <= set(STATES):
            raise BadRequest
        sides = [self._side(form, "a")]
        compared = to == "compare" or (to != "single" and "compared" in form)
        if compared:
            fresh = not any(name.startswith("b.") for name in form)
            sides.append(sides[0] if fresh else self._side(form, "b"))
        if to == "case":
            return self._case(sides[0], form.get("should", ""))
        wrong_code = ""
        if to == "read":
            try:
                sides[0] = self._read(form.get("code", ""), sides[0].on)
            except CaseCodeVersionError:
                wrong_code = "code_other"
            except CaseCodeError:
                wrong_code = "code_wrong"
        return self._page(sides, compared=compared, wrong_code=wrong_code, order=order, only=only)

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
        sides: list[Side],
        *,
        compared: bool,
        wrong_code: str = "",
        order: str = ORDERS[0],
        only: Sequence[str] = (),
        brought: Json | None = None,
    ) -> Response:
        on = sides[0].on
        said = [self._workbench.said(side) for side in sides]
        return self._pages.render(
            "advisor.html",
            self._language,
            "advisor",
            title=self._words["advisor_title"],
            questions=[self._presenter.question(fact) for fact in self._vocabulary.facts],
            concerns=self._vocabulary.concerns.id,
            organisations=sorted(self._presenter.listed(on), key=lambda one: one.abbreviation or one.name),
            sides=list(zip(SIDES, sides, said, strict=False)),
            rows=self._workbench.places(said, on, order, list(only)),
            names=self._names(),
            compared=compared,
            wrong_code=wrong_code,
            states=STATES,
            orders=ORDERS,
            order=order,
            only=only,
            first_day=self._vocabulary.first_edition.isoformat(),
            last_day=date.max.isoformat(),
            today=self._state.today(),
            terms=self._presenter.terms(self._state.library.rulebase.rules),
            **(brought or {}),
        )

    def _brought(self) -> Json:
        """All that a browser needs to decide by itself. Who sends a form does not: our script sends none."""
        pieces = self._presenter.of_rules(self._state.library.rulebase.rules)
        data = of_workbench(self._state, self._language)
        return {"blank": BLANK, "sources": pieces["sources"], "data": data}

    def _names(self) -> list[tuple[str, str]]:
        channels = self._state.library.texts.channels
        return [(one, channels[one].text[self._language].name) for one in self._vocabulary.destinations]


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The workbench in every language."""
    routes = Blueprint("advisor", __name__)
    for language, addresses in pages.addresses.items():
        one = Bench(state, pages, language)
        empty = once(state.today, 1)(one.empty)

        def begin(empty: Callable[[], Response] = empty) -> Response:
            return small(empty())

        routes.add_url_rule(addresses.advisor, f"empty_{language}", begin, methods=["GET"])
        routes.add_url_rule(addresses.advisor, f"answer_{language}", one.answer, methods=["POST"])
    return routes
