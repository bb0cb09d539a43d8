"""The OpenAPI document: made from the routes and the schemas, with the version in the server address."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, json
from flask_smorest import Api

from service.web.api import PREFIX, VERSION
from service.web.schemas import ProblemSchema

PROBLEMS = {
    "400": "The request is wrong; `errors` names each place and its mend.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
}


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest, without errors of its own: `problems` answers them all."""

    def _register_error_handlers(self) -> None:
        """None: ours stand on the app."""

    def _register_responses(self) -> None:
        """None of its default responses: ours are added in `document`."""


def make_api(app: Flask) -> ProblemApi:
    """The documented API of an app."""
    return ProblemApi(
        app,
        spec_kwargs={
            "title": "Wegwijzer",
            "version": VERSION,
            "openapi_version": "3.0.3",
            "info": {
                "description": "Maps a situation at the Dutch central government to the right next step. "
                "Takes closed answers only, and keeps nothing.",
                "license": {"name": "EUPL-1.2", "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"},
            },
            "servers": [{"url": PREFIX}],
        },
    )


def document(api: ProblemApi) -> dict[str, Any]:
    """The OpenAPI document as served."""
    if "Problem" not in api.spec.components.schemas:
        api.spec.components.schema("Problem", schema=ProblemSchema)
    raw: dict[str, Any] = api.spec.to_dict()
    raw["paths"] = {path.removeprefix(PREFIX): operations for path, operations in raw["paths"].items()}
    for path, operations in raw["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            _responses(operation, has_body=method == "post", named=path.endswith("}"))
    raw["paths"]["/openapi.json"] = {
        "get": {
            "summary": "This document",
            "operationId": "getOpenapi",
            "responses": {
                "200": {"description": "OpenAPI 3.0.3", "content": {"application/json": {"schema": {"type": "object"}}}}
            },
        }
    }
    return raw


def _responses(operation: dict[str, Any], *, has_body: bool, named: bool) -> None:
    responses = operation["responses"]
    responses.pop("default", None)
    responses.pop("422", None)
    wanted = dict(PROBLEMS) if has_body else {"400": PROBLEMS["400"]}
    if not has_body and not operation.get("parameters"):
        wanted = {}
    if named:
        wanted["404"] = "There is nothing with this id."
    for status, description in wanted.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        responses[status] = {"description": description, "content": content}
    for response in responses.values():
        response["headers"] = {"API-Version": {"schema": {"type": "string"}, "description": "The version of this API."}}


def serve(app: Flask, api: ProblemApi) -> None:
    """Serve the document at /api/v1/openapi.json, readable from any site."""
    made = json.dumps(document(api))

    @app.get(f"{PREFIX}/openapi.json")
    def openapi() -> Response:
        return Response(made, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"})
