"""/api/v1: the JSON contract. Routes only; what is said comes from present.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec
from flask import Response, g, request
from flask_smorest import Blueprint
from werkzeug.exceptions import NotFound

from service.answers import view
from service.answers.directory import Found
from service.answers.presenter import Json, edition, table
from service.core.situation import situation
from service.web.api import schemas
from service.web.body import StrictParser
from service.web.caching import A_WHILE, ASK_FIRST, kept
from service.web.once import once
from service.web.problems import KINDS, told
from service.web.state import State
from service.web.versions import DEPRECATED, PREFIX, Deprecated

View = TypeVar("View", bound=Callable[..., Response])

READING, ASKING = "reading", "asking"

TAGS = {
    ASKING: "Where do I go with this? Answers travel in the body of a POST and nowhere else, and nothing is kept.",
    READING: "What the service decides by: questions, organisations, destinations, rules. Nothing of anybody.",
}


class StrictBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint that reads bodies strictly."""

    ARGUMENTS_PARSER = StrictParser()


def answer(state: State, asked: Mapping[str, Any]) -> view.Answer:
    """Decide one request, as its schema loaded it: what cannot be decided does not come through that."""
    on = asked.get("on") or state.today()
    organisation = state.library.organisations.on(asked["organisation"], on) if "organisation" in asked else None
    facts = organisation.facts(on) if organisation else None
    given = situation(state.library.rulebase.vocabulary, asked["situation"], facts)
    left_out = asked.get("without", ())
    verdict = state.decide(given, on, closed="closed" not in left_out)
    said = state.presenter(asked["language"]).answer(verdict, organisation, on, words=view.WORDS not in left_out)
    return view.without(said, left_out)


def blueprint(state: State, deprecated: Mapping[str, Deprecated] = DEPRECATED) -> Blueprint:
    """All routes of the API, bound to what the service knows.

    Args:
        state: what the service knows.
        deprecated: the operations that are on their way out, by operationId.

    Raises:
        KeyError: what is deprecated is no operation.

    """
    library = state.library
    vocabulary = library.rulebase.vocabulary
    request_schema = schemas.request_schema(vocabulary, library.organisations.by_id, library.site)
    language_query, day_query, organisations_query = schemas.queries(vocabulary.first_edition, library.site)
    api = StrictBlueprint("api", __name__, url_prefix=PREFIX)
    operations: dict[str, str] = {}

    def operation(id_: str, tag: str) -> Callable[[View], View]:
        """Name the operation of a route, for the document and for whoever makes a client from it."""

        def named(view: View) -> View:
            operations[id_] = f"{api.name}.{view.__name__}"
            doc = {"operationId": id_, "tags": [tag]} | ({"deprecated": True} if id_ in deprecated else {})
            done: View = api.doc(**doc)(view)
            return done

        return named

    def day(query: Mapping[str, Any]) -> date:
        on: date = query.get("on") or state.today()
        return on

    def of_day(query: Mapping[str, Any], response: Response) -> Response:
        return kept(response, A_WHILE if "on" in query else ASK_FIRST)

    def daily(made_of: Callable[[str, date], Response]) -> Callable[[Mapping[str, Any]], Response]:
        """What is read in a language of a day: made once for today, and each time for a day that somebody names."""
        today = once(state.today, len(library.languages))(lambda language: made_of(language, state.today()))

        def read(query: Mapping[str, Any]) -> Response:
            language, on = query["language"], day(query)
            return of_day(query, today(language) if on == state.today() else made_of(language, on))

        return read

    def organisations_of(language: str, on: date, found: Iterable[Found]) -> Response:
        presenter, by_id = state.presenter(language), library.organisations.by_id
        return _json([presenter.organisation(by_id[one.id], on, one.why) for one in found])

    everything = state.directory.finding.everything()
    every_organisation = daily(lambda language, on: organisations_of(language, on, everything))

    @daily
    def every_destination(language: str, on: date) -> Response:
        return _json([state.presenter(language).destination(one, on) for one in vocabulary.destinations])

    @daily
    def compiled_of(language: str, on: date) -> Response:
        rules = state.rulebase(library.rulebase.on(on))
        return _json(state.presenter(language).compiled(rules, on))

    @once(state.today, len(library.languages))
    def questions_in(language: str) -> Response:
        presenter = state.presenter(language)
        return _json([presenter.question(fact) for fact in vocabulary.facts])

    by_id = {one.id: one for one in library.rulebase.editions}

    @once(state.today, len(by_id) * len(library.languages))
    def rules_of(edition_: str, language: str) -> Response:
        presenter = state.presenter(language)
        return _json([presenter.rule(one) for one in by_id[edition_].rules])

    @once(state.today, len(by_id))
    def table_of(edition_: str) -> Response:
        return _json(table(by_id[edition_]))

    @api.route("/referrals", methods=["POST"])
    @operation("refer", ASKING)
    @api.arguments(request_schema())
    @api.response(200, schemas.said(view.Answer), description="Where to go, as far as the answers reach.")
    def refer(asked: Json) -> Response:
        """Where to go with a situation, complete or not

        Facts that are not given are unanswered, which is something else than the answer `unknown`. While `complete` is
        false, `referrals` holds only what is certain already, and `nextQuestion` what to ask next.

        Facts of the organisation may be given only when `organisation` is not.
        """
        return _json(answer(state, asked))

    @api.route("/referrals/batch", methods=["POST"])
    @operation("referBatch", ASKING)
    @api.arguments(schemas.batch_schema(request_schema)())
    @api.response(200, schemas.said(view.BatchAnswer), description="The answers, in the order of the requests.")
    def refer_batch(asked: Json) -> Response:
        """Where to go with each of up to 100 situations

        Either all are answered, or none is and `errors` says which are wrong.
        """
        g.situations = len(asked["requests"])
        return _json(view.BatchAnswer(answers=tuple(answer(state, one) for one in asked["requests"])))

    @api.route("/questions")
    @operation("listQuestions", READING)
    @api.arguments(language_query, location="query")
    @api.response(200, schemas.said(view.Question)(many=True), description="The questions.")
    def questions(query: Json) -> Response:
        """Every fact with its answers, in the order of asking

        Whoever shows a form of its own finds every word for it here.
        """
        return kept(questions_in(query["language"]), A_WHILE)

    @api.route("/organisations")
    @operation("listOrganisations", READING)
    @api.arguments(organisations_query, location="query")
    @api.response(200, schemas.said(view.Organisation)(many=True), description="The organisations that were found.")
    def organisations(query: Json) -> Response:
        """Organisations, found by present and former names

        All of them when no words are given that count. The best comes first, and the one for every body that is not in
        the list is always there. What is found by words may not be kept: it tells what somebody typed.
        """
        if not query["q"]:
            return every_organisation(query)
        on = day(query)
        return organisations_of(query["language"], on, state.directory.search(query["q"], on) or everything)

    @api.route("/destinations")
    @operation("listDestinations", READING)
    @api.arguments(day_query, location="query")
    @api.response(200, schemas.said(view.Destination)(many=True), description="The destinations.")
    def destinations(query: Json) -> Response:
        """Every destination, with its words and its shared contacts

        The channels that an organisation has of its own come with a referral for that organisation.
        """
        return every_destination(query)

    @api.route("/editions")
    @operation("listEditions", READING)
    @api.arguments(schemas.NoQuery(), location="query")
    @api.response(200, schemas.said(view.Edition)(many=True), description="The editions.")
    def editions(_: Json) -> Response:
        """Every edition of the rules, oldest first

        An edition is in force from its first day until the next begins; a referral names the one that answered.
        """
        return kept(_json([edition(one) for one in library.rulebase.editions]), A_WHILE)

    @api.route("/rules")
    @operation("listRules", READING)
    @api.arguments(day_query, location="query")
    @api.response(200, schemas.said(view.Rule)(many=True), description="The rules.")
    def rules(query: Json) -> Response:
        """The rules in force on a day

        As a jurist reads them: when each holds, why, on which words of which source, with a story that it fits.
        """
        return of_day(query, rules_of(library.rulebase.on(day(query)).id, query["language"]))

    @api.route("/rules/<rule>")
    @operation("getRule", READING)
    @api.arguments(language_query, location="query")
    @api.response(200, schemas.said(view.Rule), description="The rule.")
    def one_rule(query: Json, rule: str) -> Response:
        """One rule, in force or not

        Rules keep their names, so that an old answer can be looked up.
        """
        found = next((one for one in library.rulebase.rules if one.id == rule), None)
        if found is None:
            raise NotFound
        return kept(_json(state.presenter(query["language"]).rule(found)), A_WHILE)

    @api.route("/rulebase.json")
    @operation("getRulebase", READING)
    @api.arguments(day_query, location="query")
    @api.response(200, schemas.said(view.Table), description="The table.")
    def rulebase(query: Json) -> Response:
        """The table by which a browser can decide without asking us

        Answers in it are places in the list of answers of their fact. It holds no words, so `language` changes nothing.
        """
        return of_day(query, table_of(library.rulebase.on(day(query)).id))

    @api.route("/compiled.json")
    @operation("getCompiled", READING)
    @api.arguments(day_query, location="query")
    @api.response(200, schemas.said(view.Compiled), description="What a browser needs.")
    def compiled(query: Json) -> Response:
        """All that it takes to ask the questions of a day in one language, and to decide without asking us again

        The graph decides: begin at the roots of a concern and go from node to node by the answers. A leaf holds the
        rules that refer to the destination of the root. An organisation has the facts of its `heldBy`; one that
        is not there is `unknown`.
        """
        return compiled_of(query)

    @api.route("/problems")
    @operation("listProblems", READING)
    @api.arguments(schemas.NoQuery(), location="query")
    @api.response(200, schemas.ProblemKindSchema(many=True), description="The kinds of problem.")
    def problems(_: Json) -> Response:
        """Every kind of problem that can come back instead of an answer

        A closed list: within a version of the API a kind keeps its name, its status and its meaning.
        """
        return kept(_json([told(kind) for kind in KINDS]), A_WHILE)

    @api.route("/problems/<problem>")
    @operation("getProblem", READING)
    @api.arguments(schemas.NoQuery(), location="query")
    @api.response(200, schemas.ProblemKindSchema, description="The kind of problem.")
    def one_problem(_: Json, problem: str) -> Response:
        """One kind of problem: where the `type` of an error leads

        What is the case, and what to do about it.
        """
        found = next((kind for kind in KINDS if kind.id == problem), None)
        if found is None:
            raise NotFound
        return kept(_json(told(found)), A_WHILE)

    leaving = {operations[id_]: one.headers for id_, one in deprecated.items()}

    @api.after_request
    def _deprecated(response: Response) -> Response:
        response.headers.extend(leaving.get(request.endpoint or "", {}))
        return response

    return api


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json")
