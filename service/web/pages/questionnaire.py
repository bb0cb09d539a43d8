"""The guided questionnaire, page by page: routes and reading of forms. What to ask comes from the decision.

Nothing is kept between two pages: a form carries the answers given so far, and every one of them is read anew
against the vocabulary. With JavaScript the same parts are put together in the browser and no form is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from service.answers import view
from service.answers.directory import Found
from service.answers.outcome import Outcome, outcome
from service.answers.presenter import Json, edition
from service.core.case_code import CaseCode
from service.core.errors import VocabularyError
from service.core.interview import DECLINED, ORGANISATION, Given, Interview, Progress
from service.core.situation import Situation, situation
from service.engine.decider import Verdict
from service.web.compression import small
from service.web.once import once
from service.web.pages.client_data import of_questionnaire
from service.web.rendering import Pages, lasting
from service.web.state import State

LONGEST_SEARCH = 60  # as the field has it
LONGEST_LIST = 30  # organisations that are listed before anybody searches
LONGEST_FORM = 8 * 1024
FILLER = "filler"  # makes forms one length; says nothing


class Questionnaire:
    """The pages of the questionnaire in one language."""

    def __init__(self, state: State, pages: Pages, language: str) -> None:
        self._state, self._pages, self._language = state, pages, language
        self._vocabulary = state.library.rulebase.vocabulary
        self._presenter = state.presenter(language)
        self._words = state.library.texts.interface[language]
        self._concerns = self._vocabulary.concerns.id
        self._codes = CaseCode(self._vocabulary, sorted(state.library.organisations.by_id))
        self._widths = widths(state)

    def start(self) -> Response:
        """What this is."""
        most = self._journey(self._state.today()).longest(Given())
        title = self._words["start_title"]
        return small(self._pages.render("start.html", self._language, "start", title=title, most=most, indexed=True))

    def before(self, preset: Json | None = None) -> Response:
        """What to know before the first question, and all that a browser needs to ask the rest by itself."""
        return self._page("before", "before_title", **self.brought(preset))

    def brought(self, preset: Json | None = None) -> Json:
        """All that a browser needs to ask the questions and decide by itself, as the templates fill it in.

        Args:
            preset: per step the answers that are chosen beforehand.

        """
        on = self._state.today()
        current = self._state.library.rulebase.on(on)
        pieces = self._presenter.pieces(current, on)
        questions = [self._question(step) for step in self._journey(on).steps if step != ORGANISATION]
        organisations = self._presenter.listed(on)
        return {
            "questions": questions,
            "organisations": organisations,
            "usual": self._usual(organisations),
            "pieces": pieces,
            "data": {
                **of_questionnaire(self._state, self._language, [one["question"] for one in questions], organisations),
                "preset": preset or {},
            },
            "receipt": {"edition": edition(current), "on": on.isoformat()},
        }

    def answer(self) -> Response:
        """The page after a form.

        Raises:
            BadRequest: the form holds something that is not an answer of ours.

        """
        on = self._state.today()
        journey = self._journey(on)
        given, at = read_form(request.form, journey, self._vocabulary.concerns.id, self._state)
        to = request.form.get("to", "next")
        stand = journey.at(given)
        if to == "again":
            return self._page("before", "before_title")
        if to.startswith("change:"):
            return self._step(to.removeprefix("change:"), given, stand, on)
        if at and to == "search":
            return self._step(at, given, stand, on, found=self._state.directory.search(request.form.get("q", ""), on))
        if to == "back":
            before = stand.path[: stand.path.index(at)] if at in stand.path else stand.path
            return self._step(before[-1], given, stand, on) if before else self._page("before", "before_title")
        if at and at not in stand.path and at not in stand.dropped and to != "show":
            return self._step(at, given, stand, on, error=True)
        if stand.next and not (to == "show" and stand.certain):
            return self._step(stand.next, stand.given, stand, on)
        return self._referral(stand, on)

    def _journey(self, on: date) -> Interview:
        return self._state.journey(on)

    def _question(self, fact: str) -> Json:
        said = self._presenter.question(self._vocabulary.by_id[fact])
        text = " ".join([said.text, said.hint or "", *said.labels.values()])
        found = self._state.library.glossary.found_in(text, self._language)
        several = self._vocabulary.by_id[fact].several
        examples = [(one.value, one.text[self._language]) for one in self._state.library.texts.examples if several]
        return {"question": said, "entries": [one.text[self._language] for one in found], "examples": examples}

    def _page(self, step: str, title: str, status: int = 200, mark: str = "", **more: Any) -> Response:
        title = f"{mark}{self._words.get(title, title)}"
        return self._pages.render("questions.html", self._language, "questions", status, title=title, step=step, **more)

    def _step(
        self,
        step: str,
        given: Given,
        stand: Progress,
        on: date,
        *,
        error: bool = False,
        found: Sequence[Found] = (),
    ) -> Response:
        number = stand.path.index(step) + 1 if step in stand.path else len(stand.path) + 1
        position = self._words["position"].replace("{number}", str(number)).replace("{most}", str(stand.most))
        chosen: Any = dict(_pairs_by_step(given, self._concerns)).get(step, () if step != ORGANISATION else None)
        more: Json = self._organisations(on, chosen, found) if step == ORGANISATION else {}
        return self._page(
            step,
            position,
            400 if error else 200,
            f"{self._words['error_mark']}: " if error else "",
            given=_pairs(given, self._concerns),
            width=self._widths[step],
            filler=self._filler(given, step),
            chosen=chosen,
            number=number,
            most=stand.most,
            error=error,
            dropped=() if error else self._dropped(stand),
            certain=self._decided(stand, on)[2].first[0].door.in_short.heading
            if stand.certain and stand.next
            else None,
            **(more or self._question(step)),
        )

    def _usual(self, listed: Sequence[view.Listed]) -> list[view.Listed]:
        """The organisations that are listed before a search: all, or where that is long those of the first kind."""
        first = [one for one in listed if (one.kind == self._vocabulary.kinds[0] and not one.now) or one.catch_all]
        return list(listed) if len(listed) <= LONGEST_LIST else first

    def _organisations(self, on: date, chosen: str | None, found: Sequence[Found]) -> Json:
        """The list of organisations after a search, or before one: with what was chosen, and what was found is told."""
        listed = self._presenter.listed(on)
        by_id = {one.id: one for one in listed}
        shown = [by_id[one.id] for one in found] or self._usual(listed)
        if chosen and by_id[chosen] not in shown:
            shown = [by_id[chosen], *shown]
        other = next((one for one in listed if one.catch_all), None)
        named = [one for one in found if one.why or not other or one.id != other.id]
        none = self._words["organisation_none_other"].replace("{name}", other.name) if other else ""
        count = self._words["organisation_count"].replace("{count}", str(len(named)))
        said = count if named else none or self._words["organisation_none"]
        if named and named[0].why:
            said = named[0].why[self._language]
        return {"organisations": shown, "whole": len(shown) == len(listed), "found": said if found else None}

    def _rows(self, stand: Progress) -> list[Json]:
        """Each question that was answered, with what was answered, in the order of asking."""
        rows = []
        for step, answers in _pairs_by_step(stand.given, self._concerns):
            if step == ORGANISATION:
                question, said = self._words["organisation_label"], [self._organisation_name(str(answers))]
            else:
                text = self._presenter.question(self._vocabulary.by_id[step])
                question, said = text.text, [text.labels[answer] for answer in answers]
            rows.append({"at": step, "question": question, "answers": said})
        order = {step: number for number, step in enumerate(stand.path)}
        return sorted(rows, key=lambda row: order[str(row["at"])])

    def _organisation_name(self, chosen: str) -> str:
        if chosen == DECLINED:
            return self._words["organisation_declined"]
        one = self._state.library.organisations.by_id[chosen]
        return self._presenter.organisation(one, self._state.today()).name

    def _dropped(self, stand: Progress) -> list[str]:
        return [self._presenter.question(self._vocabulary.by_id[fact]).text for fact in stand.dropped]

    def _decided(self, stand: Progress, on: date) -> tuple[Verdict, view.Answer, Outcome]:
        organisations = self._state.library.organisations
        organisation = organisations.on(stand.given.organisation, on) if stand.given.organisation else None
        verdict = self._state.decide(stand.situation, on)
        said = self._presenter.answer(verdict, organisation, on)
        return verdict, said, outcome(said.referrals, self._presenter.tags())

    def _referral(self, stand: Progress, on: date) -> Response:
        """The outcome; what is certain of it, where there is more to ask."""
        verdict, said, told = self._decided(stand, on)
        return self._page(
            "referral",
            told.heading,
            outcome=told,
            several=len(stand.given.concerns),
            unsure=list(dict.fromkeys(doubt for place in told.first for doubt in place.doubts)),
            rows=self._rows(stand),
            more=stand.most - len(stand.path) if stand.next else 0,
            closed_doors=[]
            if stand.next
            else [
                (
                    door.name,
                    self._presenter.ways(one.ways),
                    self._presenter.elsewhere(one.ways),
                    one.leads,
                )
                for door, one in zip(said.closed, verdict.decision.closed if verdict.decision else (), strict=True)
            ],
            unchecked=not all(contact.checked for one in said.referrals for contact in one.contacts),
            code=self._code(stand.given),
            receipt={"edition": said.edition, "on": said.on},
            given=_pairs(stand.given, self._concerns),
            filler=self._filler(stand.given),
            dropped=self._dropped(stand),
        )

    def _filler(self, given: Given, step: str = "") -> int:
        """How much a form must be filled up by, so that every form is as long as the longest there could be."""
        sent = [(name, len(value)) for name, value in _pairs(given, self._concerns) if name != step]
        if step:
            sent += [("at", len(step)), (step, self._widths[step])]
        if step == ORGANISATION:
            sent.append(("q", 0))  # the field to search, empty
        several = len(self._vocabulary.concerns.answers)
        longest = sum(len(name) + width + 2 for name, width in self._widths.items()) * several
        return longest - sum(len(name) + width + 2 for name, width in sent)

    def _code(self, given: Given) -> Json:
        """The case code, without and with the organisation, what it reveals, and whether few could be meant."""
        told = [(fact, answer) for fact, answer in _pairs(given, self._concerns) if fact != ORGANISATION]
        answers = Situation(given.concerns, given.answers or {})
        return {
            "reveals": self._presenter.told(told),
            "few": any(answer in self._vocabulary.by_id[fact].few for fact, answer in told),
            "plain": self._codes.write(answers),
            "named": self._codes.write(answers, given.organisation) if given.organisation else None,
        }


def read_form(form: MultiDict[str, str], journey: Interview, concerns: str, state: State) -> tuple[Given, str | None]:
    """The answers in a form, and the step it answers.

    Raises:
        BadRequest: a name or a value that our forms do not have, or one that stands twice.

    """
    if len(form.get("q", "")) > LONGEST_SEARCH or len(form.get(FILLER, "")) > LONGEST_FORM:
        raise BadRequest
    form = MultiDict([(name, value.rstrip(" ")) for name, value in form.items(multi=True) if name != FILLER])
    names = set(form)
    if not names <= {*journey.steps, "at", "to", "q"} or any(len(form.getlist(one)) > 1 for one in names - {concerns}):
        raise BadRequest
    at, to = form.get("at"), form.get("to", "next")
    moves = {"next", "back", "again", "search", "show", *(f"change:{step}" for step in journey.steps)}
    if (at is not None and at not in journey.steps) or to not in moves:
        raise BadRequest
    organisation = form.get(ORGANISATION)
    if organisation and organisation not in state.library.organisations.by_id:
        raise BadRequest
    answers = {one: form[one] for one in journey.steps if one in names - {concerns, ORGANISATION}}
    chosen = form.getlist(concerns)
    examples = {one.value for one in state.library.texts.examples}
    if len(set(chosen)) < len(chosen) or any(" " in one and one not in examples for one in chosen):
        raise BadRequest
    told, by_example = read_concerns(chosen)
    answers |= by_example
    try:
        read = situation(state.library.rulebase.vocabulary, {**answers, concerns: told})
    except VocabularyError:
        raise BadRequest from None
    return Given(read.concerns, answers, organisation), at


def read_concerns(chosen: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """The concerns among what was chosen, and the answers that its examples agree on.

    Args:
        chosen: concerns, and examples as `Example.value` says them.

    """
    concerns, answers = dict[str, None](), dict[str, set[str]]()
    for one in chosen:
        concern, *pairs = one.split(" ")
        concerns[concern] = None
        for fact, _, answer in (pair.partition("=") for pair in pairs):
            answers.setdefault(fact, set()).add(answer)
    return [*concerns], {fact: one for fact, (one, *more) in answers.items() if not more}


def widths(state: State) -> dict[str, int]:
    """Per step how long its longest answer is."""
    facts = state.library.rulebase.vocabulary.facts
    values = [one.value for one in state.library.texts.examples]
    return {
        **{one.id: max(map(len, [*one.answers, *(values if one.several else ())])) for one in facts},
        ORGANISATION: max(map(len, state.library.organisations.by_id)),
    }


def _pairs(given: Given, concerns: str) -> list[tuple[str, str]]:
    """What is given as names and values of a form."""
    return [
        (step, value)
        for step, answers in _pairs_by_step(given, concerns)
        for value in ((answers,) if isinstance(answers, str) else answers)
    ]


def _pairs_by_step(given: Given, concerns: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = [(concerns, given.concerns)] if given.concerns else []
    pairs += [(fact, (answer,)) for fact, answer in (given.answers or {}).items()]
    return [*pairs, (ORGANISATION, given.organisation)] if given.organisation is not None else pairs


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The pages in every language, the way out and the files that pages load."""
    routes = Blueprint("pages", __name__)
    for language, addresses in pages.addresses.items():
        one = Questionnaire(state, pages, language)
        before = once(state.today, 1)(one.before)
        words = state.library.texts.interface[language]

        def statement(language: str = language, title: str = words["statement_title"]) -> Response:
            return small(pages.render("statement.html", language, "statement", title=title))

        def begin(before: Callable[[], Response] = before) -> Response:
            return small(before())

        def leave() -> Response:
            response = redirect(pages.exit, 303)
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
            return response  # type: ignore[return-value]  # werkzeug's response is Flask's here

        for name, address, methods, page in (
            ("start", addresses.start, ["GET"], one.start),
            ("before", addresses.questions, ["GET"], begin),
            ("answer", addresses.questions, ["POST"], one.answer),
            ("statement", addresses.statement, ["GET"], statement),
            ("leave", addresses.leave, ["GET"], leave),
        ):
            routes.add_url_rule(address, f"{name}_{language}", page, methods=methods)

    @routes.get(f"{pages.static}/<name>")
    @routes.get(f"{pages.static}/<look>/<name>")
    def file(name: str, look: str | None = None) -> Response:
        files = pages.looks.get(look, {}) if look else pages.files
        return lasting(name, files[name]) if name in files else Response(status=404)

    return routes
