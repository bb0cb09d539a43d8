"""The guided questionnaire, page by page: routes and reading of forms. What to ask comes from the decision.

Nothing is kept between two pages: a form carries the answers given so far, and every one of them is read anew
against the vocabulary. With JavaScript the same parts are put together in the browser and no form is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

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
from service.rulebook.texts import Layout
from service.web.compression import smaller
from service.web.once import once
from service.web.pages.client_data import of_questionnaire
from service.web.pages.client_data import question as of_answers
from service.web.rendering import Pages, lasting
from service.web.state import State

LONGEST_SEARCH = 60  # as the field has it
LONGEST_LIST = 30  # organisations that are listed before anybody searches
LONGEST_FORM = 8 * 1024
FILLER = "filler"  # makes forms one length; says nothing


class Choice(NamedTuple):
    """One choice of a question: how a form says it, its words, and its place among all choices of the page."""

    value: str
    text: str
    note: str | None
    number: int


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
        return self._pages.render("start.html", self._language, "start", title=title, most=most, indexed=True)

    def statement(self) -> Response:
        """How far everybody can use this."""
        return self._pages.render("statement.html", self._language, "statement", title=self._words["statement_title"])

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
                **of_questionnaire(
                    self._state,
                    self._language,
                    {one.fact: of_answers(one, self._labels(one)) for one in (each["question"] for each in questions)},
                    organisations,
                ),
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
        given, at, chosen = read_form(request.form, journey, self._vocabulary.concerns.id, self._state)
        to = request.form.get("to", "next")
        stand = journey.at(given)
        if to == "again":
            return self._page("before", "before_title")
        if to.startswith("change:"):
            return self._step(to.removeprefix("change:"), given, chosen, stand, on)
        if at and to == "search":
            found = self._state.directory.search(request.form.get("q", ""), on)
            return self._step(at, given, chosen, stand, on, found=found)
        if to == "back":
            path = self._asked(stand, chosen, at)
            before = path[: path.index(at)] if at in path else path
            return self._step(before[-1], given, chosen, stand, on) if before else self._page("before", "before_title")
        if at and at not in stand.path and at not in stand.dropped and to != "show":
            return self._step(at, given, chosen, stand, on, error="choose")
        if at == self._concerns and len(chosen) > 1 and {*chosen} & {*self._layout(at).alone}:
            return self._step(at, given, chosen, stand, on, error="alone")
        if stand.next and not (to == "show" and stand.certain):
            return self._step(stand.next, stand.given, chosen, stand, on)
        return self._referral(stand, chosen, on)

    def _journey(self, on: date) -> Interview:
        return self._state.journey(on)

    def _layout(self, fact: str) -> Layout:
        return self._state.library.texts.layouts.get(fact, Layout())

    def _question(self, fact: str) -> Json:
        said = self._presenter.question(self._vocabulary.by_id[fact])
        choices = self._choices(said)
        words = self._state.library.texts.questions[fact][self._language].read_to_answer
        found = self._state.library.glossary.found_in(words, self._language)
        return {
            "question": said,
            "choices": choices,
            "look": self._layout(fact).look,
            "entries": [one.text[self._language] for one in found],
        }

    def _choices(self, said: view.Question) -> dict[str, list[Choice]]:
        """What can be chosen: `shown` at once, `more` folded below, and `apart` at the end."""
        texts, layout = self._state.library.texts, self._layout(said.fact)
        every: dict[str, tuple[str, str, str | None]] = {}
        if said.several:
            every |= {one.id: (one.value, one.text[self._language], None) for one in texts.examples}
        every |= {answer: (answer, said.labels[answer], said.notes.get(answer)) for answer in said.answers}
        shown = [one for one in layout.shown or every if one not in layout.alone]
        parts = {
            "shown": shown,
            "more": [one for one in every if one not in shown and one not in layout.alone],
            "apart": layout.alone,
        }
        numbers = {id_: number for number, id_ in enumerate(id_ for part in parts.values() for id_ in part)}
        return {name: [Choice(*every[id_], numbers[id_]) for id_ in part] for name, part in parts.items()}

    def _labels(self, said: view.Question) -> dict[str, str]:
        """Each choice in words, by how a form says it, in the order of the page."""
        return {one.value: one.text for part in self._choices(said).values() for one in part}

    def _page(self, step: str, title: str, status: int = 200, mark: str = "", **more: Any) -> Response:
        title = f"{mark}{self._words.get(title, title)}"
        return self._pages.render("questions.html", self._language, "questions", status, title=title, step=step, **more)

    def _step(
        self,
        step: str,
        given: Given,
        chosen: Sequence[str],
        stand: Progress,
        on: date,
        *,
        error: str = "",
        found: Sequence[Found] = (),
    ) -> Response:
        path = self._asked(stand, chosen, step)
        number, most = (path.index(step) if step in path else len(path)) + 1, stand.most - len(stand.path) + len(path)
        position = self._words["position"].replace("{number}", str(number)).replace("{most}", str(most))
        answers: Any = dict(_pairs_by_step(given, chosen, self._concerns))
        more = self._organisations(on, answers.get(step), found) if step == ORGANISATION else self._question(step)
        asked = self._words["organisation_ask"] if step == ORGANISATION else more["question"].text
        hidden = self._hidden(given, chosen, step)
        return self._page(
            step,
            f"{asked} – {position}",
            400 if error else 200,
            f"{self._words['error_mark']}: " if error else "",
            given=hidden,
            width=self._widths[step],
            filler=self._filler(hidden, step),
            chosen=answers.get(step, None if step == ORGANISATION else ()),
            position=position,
            error=error,
            dropped=() if error else self._dropped(stand),
            certain=self._certain(given, chosen, stand, on) if stand.certain and stand.next else None,
            **more,
        )

    def _certain(self, given: Given, chosen: Sequence[str], stand: Progress, on: date) -> Json:
        """The first step that stands whatever is still answered, and what the form that asks for it carries along."""
        pairs = self._hidden(given, chosen)
        heading = self._decided(stand, on)[2].first[0].door.in_short.heading
        return {"heading": heading, "given": pairs, "filler": self._filler(pairs)}

    def _asked(self, stand: Progress, chosen: Sequence[str], step: str | None) -> list[str]:
        """The steps of the path that were asked: what a chosen example told is not, unless it is this step."""
        told = read_concerns(chosen)[1]
        return [one for one in stand.path if one == step or one not in told]

    def _hidden(self, given: Given, chosen: Sequence[str], step: str = "") -> list[tuple[str, str]]:
        """What a form carries along while it asks a step; what a chosen example tells, it tells by being chosen."""
        left = {step, *({} if step != self._concerns else read_concerns(chosen)[1])}
        return [(name, value) for name, value in _pairs(given, chosen, self._concerns) if name not in left]

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

    def _rows(self, stand: Progress, chosen: Sequence[str]) -> list[Json]:
        """Each question that was answered, with what was answered, in the order of asking."""
        rows = []
        for step, answers in _pairs_by_step(stand.given, chosen, self._concerns):
            if step == ORGANISATION:
                question, said = self._words["organisation_label"], [self._organisation_name(str(answers))]
            else:
                asked = self._presenter.question(self._vocabulary.by_id[step])
                labels = self._labels(asked)
                question, said = asked.text, [labels[answer] for answer in answers]
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
        verdict = self._state.decide(stand.situation, on, closed=not stand.next)  # told when nothing is left to ask
        said = self._presenter.answer(verdict, organisation, on)
        return verdict, said, outcome(said.referrals, self._presenter.tags())

    def _referral(self, stand: Progress, chosen: Sequence[str], on: date) -> Response:
        """The outcome; what is certain of it, where there is more to ask."""
        verdict, said, told = self._decided(stand, on)
        hidden = self._hidden(stand.given, chosen)
        return self._page(
            "referral",
            told.heading,
            outcome=told,
            several=len(stand.given.concerns),
            unsure=list(dict.fromkeys(doubt for place in told.first for doubt in place.doubts)),
            rows=self._rows(stand, chosen),
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
            given=hidden,
            filler=self._filler(hidden),
            dropped=self._dropped(stand),
        )

    def _filler(self, hidden: Iterable[tuple[str, str]], step: str = "") -> int:
        """How much a form must be filled up by, so that every form is as long as the longest there could be."""
        sent = [(name, len(value)) for name, value in hidden]
        if step:
            sent += [("at", len(step)), (step, self._widths[step])]
        if step == ORGANISATION:
            sent.append(("q", 0))  # the field to search, empty
        several = len(self._vocabulary.concerns.answers)
        longest = sum(len(name) + width + 2 for name, width in self._widths.items()) * several
        return longest - sum(len(name) + width + 2 for name, width in sent)

    def _code(self, given: Given) -> Json:
        """The case code, without and with the organisation, what it reveals, and whether few could be meant."""
        pairs = _pairs(given, given.concerns, self._concerns)
        told = [(fact, answer) for fact, answer in pairs if fact != ORGANISATION]
        answers = Situation(given.concerns, given.answers or {})
        return {
            "reveals": self._presenter.told(told),
            "few": any(answer in self._vocabulary.by_id[fact].few for fact, answer in told),
            "plain": self._codes.write(answers),
            "named": self._codes.write(answers, given.organisation) if given.organisation else None,
        }


def read_form(
    form: MultiDict[str, str], journey: Interview, concerns: str, state: State
) -> tuple[Given, str | None, list[str]]:
    """The answers in a form, the step it answers, and what was chosen for the concerns, as `still_chosen` has it.

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
    answers = answers | by_example if at == concerns else by_example | answers
    try:
        read = situation(state.library.rulebase.vocabulary, {**answers, concerns: told})
    except VocabularyError:
        raise BadRequest from None
    return Given(read.concerns, answers, organisation), at, still_chosen(chosen, answers)


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


def still_chosen(chosen: Iterable[str], answers: Mapping[str, str]) -> list[str]:
    """What was chosen for the concerns, less the examples that answers contradict; their concerns stay.

    Args:
        chosen: as for `read_concerns`.
        answers: per fact what was answered since.

    """

    def holds(value: str) -> bool:
        pairs = [pair.split("=") for pair in value.split(" ")[1:]]
        return all(answers.get(fact, answer) == answer for fact, answer in pairs)

    chosen = list(chosen)
    kept = [one for one in chosen if holds(one)]
    said = {one.split(" ")[0] for one in kept}
    return [*kept, *dict.fromkeys(one.split(" ")[0] for one in chosen if one.split(" ")[0] not in said)]


def widths(state: State) -> dict[str, int]:
    """Per step how long its longest answer is."""
    facts = state.library.rulebase.vocabulary.facts
    values = [one.value for one in state.library.texts.examples]
    return {
        **{one.id: max(map(len, [*one.answers, *(values if one.several else ())])) for one in facts},
        ORGANISATION: max(map(len, state.library.organisations.by_id)),
    }


def _pairs(given: Given, chosen: Sequence[str], concerns: str) -> list[tuple[str, str]]:
    """What is given as names and values of a form."""
    return [
        (step, value)
        for step, answers in _pairs_by_step(given, chosen, concerns)
        for value in ((answers,) if isinstance(answers, str) else answers)
    ]


def _pairs_by_step(given: Given, chosen: Sequence[str], concerns: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = [(concerns, chosen)] if given.concerns else []
    pairs += [(fact, (answer,)) for fact, answer in (given.answers or {}).items()]
    return [*pairs, (ORGANISATION, given.organisation)] if given.organisation is not None else pairs


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The pages in every language, the way out and the files that pages load."""
    routes = Blueprint("pages", __name__)

    def read(page: Callable[[], Response]) -> Callable[[], Response]:
        return smaller(once(state.today, 1)(page))

    for language, addresses in pages.addresses.items():
        one = Questionnaire(state, pages, language)

        def leave() -> Response:
            response = redirect(pages.exit, 303)
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
            return response  # type: ignore[return-value]  # werkzeug's response is Flask's here

        for name, address, methods, page in (
            ("start", addresses.start, ["GET"], read(one.start)),
            ("before", addresses.questions, ["GET"], read(one.before)),
            ("answer", addresses.questions, ["POST"], one.answer),
            ("statement", addresses.statement, ["GET"], read(one.statement)),
            ("leave", addresses.leave, ["GET"], leave),
        ):
            routes.add_url_rule(address, f"{name}_{language}", page, methods=methods)

    @routes.get(f"{pages.static}/<name>")
    @routes.get(f"{pages.static}/<look>/<name>")
    def file(name: str, look: str | None = None) -> Response:
        files = pages.looks.get(look, {}) if look else pages.files
        return lasting(name, files[name]) if name in files else Response(status=404)

    return routes
