"""Writes what scripts of pages get of a rulebase, as the schemas of an OpenAPI document: types are made from it."""

import json
import sys

import msgspec

from service.answers import view

_, schemas = msgspec.json.schema_components(
    [view.Rulebase, view.Term, view.Condition, view.Act, view.Short], ref_template="#/components/schemas/{name}"
)
json.dump(
    {
        "openapi": "3.1.0",
        "info": {"title": "Wegwijzer", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    },
    sys.stdout,
)
