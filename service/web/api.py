"""/api/v1: the JSON contract. Routes only; what is said comes from present.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, g, json
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import NotFound

from service.core.errors import NoEdition, NotInVocabulary
from service.core.situation import situation
from service.present import Json, edition
from service.web import schemas
from service.web.body import StrictParser
from service.web.problems import InvalidInput
from service.web.state import State

PREFIX = "/api/v1"
VERSION = "1.0.0"


class StrictBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint that reads bodies strictly."""

    ARGUMENTS_PARSER = StrictParser()


def answer(state: State, asked: Mapping[str, Any], at: str = "") -> Json:
    """Decide one request.

    Args:
        state: what the service knows.
        asked: a request as its schema loaded it.
        at: where the request stands in the body, as a JSON pointer.

    Raises:
        InvalidInput: the request cannot be decided; says where and why.

    """
    on = asked.get("on") or state.today()
    try:
        organisation = state.library.organisations.on(asked["organisation"], on) if "organisation" in asked else None
        facts = organisation.facts(on) if organisation else None
        given = situation(state.library.rulebase.vocabulary, asked["situation"], facts)
        verdict = state.decider.decide(given, on)
    except NotInVocabulary as error:
        detail, pointer = str(error), f"{at}/situation{error.pointer}"
        raise InvalidInput([{"pointer": pointer, "detail": detail}]) from None
    except NoEdition as error:
        raise InvalidInput([{"pointer": f"{at}/on", "detail": str(error)}]) from None
    return state.presenter(asked["language"]).verdict(verdict, organisation, on)


def blueprint(state: State) -> Blueprint:
    """All routes of the API, bound to what the service knows."""
    library = state.library
    vocabulary = library.rulebase.vocabulary
    request_schema = schemas.request_schema(vocabulary, library.organisations.by_id)
    api = StrictBlueprint("api", __name__, url_prefix=PREFIX, description="Where do I go with this?")

    def day(query: Mapping[str, Any]) -> date:
        on: date = query.get("on") or state.today()
        try:
            library.rulebase.on(on)
        except NoEdition as error:
            raise InvalidInput([{"pointer": "/on", "detail": str(error)}]) from None
        return on

    @api.route("/referrals", methods=["POST"])
    @api.arguments(request_schema)
    @api.response(200, schemas.AnswerSchema)
    def refer(asked: Json) -> Response:
        """Where to go with a situation, complete or not.

        Facts that are not given are unanswered, which is something else than the answer `unknown`.
        """
        return _json(answer(state, asked))

    @api.route("/referrals/batch", methods=["POST"])
    @api.arguments(schemas.batch_schema(request_schema))
    @api.response(200, schemas.BatchAnswerSchema)
    def refer_batch(asked: Json) -> Response:
        """Where to go with each of up to 100 situations."""
        g.situations = len(asked["requests"])
        found = [answer(state, one, f"/requests/{number}") for number, one in enumerate(asked["requests"])]
        return _json({"answers": found})

    @api.route("/questions")
    @api.arguments(schemas.LanguageQuery, location="query")
    @api.response(200, schemas.QuestionSchema(many=True))
    def questions(query: Json) -> Response:
        """Every fact with its answers, in the order of asking."""
        presenter = state.presenter(query["language"])
        return _json([presenter.question(fact) for fact in vocabulary.facts])

    @api.route("/organisations")
    @api.arguments(schemas.OrganisationsQuery, location="query")
    @api.response(200, schemas.OrganisationSchema(many=True))
    def organisations(query: Json) -> Response:
        """Organisations, found by present and former names."""
        presenter, on = state.presenter(query["language"]), day(query)
        found = state.directory.search(query["q"])
        return _json([presenter.organisation(library.organisations.by_id[one], on) for one in found])

    @api.route("/destinations")
    @api.arguments(schemas.DayQuery, location="query")
    @api.response(200, schemas.DestinationSchema(many=True))
    def destinations(query: Json) -> Response:
        """Every destination, with its words and its shared contacts."""
        presenter, on = state.presenter(query["language"]), day(query)
        return _json([presenter.destination(one, on) for one in vocabulary.destinations])

    @api.route("/editions")
    @api.response(200, schemas.EditionSchema(many=True))
    def editions() -> Response:
        """Every edition of the rules, oldest first."""
        return _json([edition(one) for one in library.rulebase.editions])

    @api.route("/rules")
    @api.arguments(schemas.DayQuery, location="query")
    @api.response(200, schemas.RuleSchema(many=True))
    def rules(query: Json) -> Response:
        """The rules in force on a day."""
        presenter = state.presenter(query["language"])
        return _json([presenter.rule(one) for one in library.rulebase.on(day(query)).rules])

    @api.route("/rules/<id_>")
    @api.arguments(schemas.LanguageQuery, location="query")
    @api.response(200, schemas.RuleSchema)
    @api.alt_response(404, schema=schemas.ProblemSchema, content_type="application/problem+json")
    def rule(query: Json, id_: str) -> Response:
        """One rule, in force or not."""
        found = next((one for one in library.rulebase.rules if one.id == id_), None)
        if found is None:
            raise NotFound
        return _json(state.presenter(query["language"]).rule(found))

    @api.route("/rulebase.json")
    @api.arguments(schemas.DayQuery, location="query")
    @api.response(200, Schema)
    def rulebase(query: Json) -> Response:
        """The table by which a browser can decide without asking us."""
        return _json(state.table(day(query)))

    return api


def _json(value: Any) -> Response:
    return Response(json.dumps(value), content_type="application/json")
