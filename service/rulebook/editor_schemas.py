"""JSON Schemas of what authors write, made from the loaders: an editor of TOML completes and marks by them.

They name what may be named today, such as facts, their answers, sources and quotations; so they are made anew with each
check and stand in no repository. What only a whole rulebase can tell stays with `wegwijzer check`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from marshmallow import fields, validate

from service.core.vocabulary import Fact
from service.rulebook.acts import ActsSchema, HandlesSchema
from service.rulebook.bodies import NAMES, PROFILES, REGISTER, NamesSchema, RegisterSchema, load_bodies
from service.rulebook.competence import COMPETENCE, MatrixSchema
from service.rulebook.glossary import GlossarySchema
from service.rulebook.known import ORGANISATION, Known
from service.rulebook.organisations import OrganisationSchema, ProfilesSchema
from service.rulebook.overlay import within
from service.rulebook.promises import EDITIONS, PROMISES, EditionDaysSchema, PromisesSchema
from service.rulebook.rules import VOCABULARY, RulesSchema, VocabularySchema, load_vocabulary
from service.rulebook.schemas import (
    AnyOf,
    AuthorSchema,
    Conditions,
    Named,
    OrName,
    PerLanguage,
    Ref,
    Told,
    TomlDate,
)
from service.rulebook.signatures import SIGNATURES, SignaturesSchema
from service.rulebook.site import InterfaceSchema, SiteSchema, languages_of
from service.rulebook.sources import SourceSchema
from service.rulebook.style import StyleSchema
from service.rulebook.texts import ChannelSchema, NoticesSchema, QuestionSchema, TermsSchema, load_texts
from service.rulebook.toml_files import Problems

Json = dict[str, Any]

# Which files have which schema; of two that fit, the first. What stands below a folder of a language has none.
FILES: Mapping[str, type[AuthorSchema]] = {
    f"rules/{VOCABULARY}": VocabularySchema,
    f"rules/{EDITIONS}": EditionDaysSchema,
    f"rules/{PROMISES}": PromisesSchema,
    f"rules/{COMPETENCE}": MatrixSchema,
    "rules/*.toml": RulesSchema,
    "content/acts/*.toml": ActsSchema,
    "content/channels/*.toml": ChannelSchema,
    "content/organisations/*.toml": OrganisationSchema,
    f"content/{PROFILES}": ProfilesSchema,
    f"content/{NAMES}": NamesSchema,
    f"content/{REGISTER}": RegisterSchema,
    "content/questions/*.toml": QuestionSchema,
    "content/sources/*.toml": SourceSchema,
    f"rules/{SIGNATURES}": SignaturesSchema,
    "content/glossary.toml": GlossarySchema,
    "content/handles.toml": HandlesSchema,
    "content/interface.toml": InterfaceSchema,
    "content/notices.toml": NoticesSchema,
    "content/site.toml": SiteSchema,
    "content/style.toml": StyleSchema,
    "content/terms.toml": TermsSchema,
}


def write_schemas(rules: Path, content: Path, into: Path) -> list[Path]:
    """Write a JSON Schema per kind of file.

    Args:
        rules: folder of the rules.
        content: folder of what people read.
        into: the folder to write to; it is made.

    Returns:
        what was written.

    Raises:
        AuthoringError: what may be named cannot be read.

    """
    known = known_of(rules, content)
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for schema in FILES.values():
        path = into / f"{title(schema)}.json"
        path.write_text(json.dumps(json_schema(schema, known), ensure_ascii=False, indent=1), "utf-8")
        written.append(path)
    return written


def known_of(rules: Path, content: Path) -> Known:
    """What may be named in the files of these folders."""
    problems = Problems()
    known = Known(languages_of(content), load_vocabulary(rules, problems))
    _, known = load_texts(content, None, known, problems)
    organisations = {path.stem for path in within(content, "organisations")}
    organisations |= load_bodies(content, ProfilesSchema(), known, problems).ids
    return replace(known, names={**known.names, ORGANISATION: sorted(organisations)})


def title(schema: type[AuthorSchema]) -> str:
    """What the schema of a kind of file is called: `rules`, `channel`."""
    return schema.__name__.removesuffix("Schema").lower()


def json_schema(schema: type[AuthorSchema], known: Known) -> Json:
    """The JSON Schema of a kind of file.

    Args:
        schema: what such a file holds.
        known: what may be named in it.

    Returns:
        by JSON Schema 2019-09; a day of TOML is a string of the format `date`.

    """
    return {"$schema": "https://json-schema.org/draft/2019-09/schema", **_Describing(known).table(schema())}


class _Describing:
    """Describes fields, knowing what may be named."""

    def __init__(self, known: Known) -> None:
        self._known, self._codes = known, known.languages.codes

    def table(self, schema: Any) -> Json:
        properties: Json = {}
        required: list[str] = []
        for name, field in schema.load_fields.items():
            if isinstance(field, PerLanguage) and field.bare:
                found = {code: self._field(field.inner) for code in self._codes}
            else:
                found = {field.data_key or name: self._field(field)}
            properties |= found
            required += found if field.required else ()
        said = {"type": "object", "additionalProperties": False, "properties": properties, "required": required}
        about = inspect.getdoc(type(schema)) if type(schema).__module__.startswith("service.") else None
        return said | ({"description": about} if about else {})

    def _field(self, field: Any) -> Json:
        match field:
            case Named():
                return {"anyOf": [self._languages(field), {"type": "string"}]}
            case OrName():
                return {"anyOf": [self.table(field.schema), {"type": "string"}]}
            case AnyOf():
                inner = self._field(field.inner)
                return {"anyOf": [inner, {"type": "array", "items": inner, "minItems": 1}]}
            case PerLanguage():
                return self._languages(field)
            case Conditions():
                return self._conditions(story=field.story)
            case Told():
                one = {"type": "object", "additionalProperties": self._conditions(story=True)}
                return one | {"minProperties": 1, "maxProperties": 1}
            case Ref():
                names = self._known.names_of(field.kind)
                return {"type": "string"} if names is None else {"enum": sorted(names)}
            case TomlDate():
                return {"type": "string", "format": "date"}
            case fields.Nested():
                return self.table(field.schema)
            case fields.List():
                return {"type": "array", "items": self._field(field.inner)}
            case fields.Dict() if field.value_field:
                return {"type": "object", "additionalProperties": self._field(field.value_field)}
            case fields.Boolean():
                return {"type": "boolean"}
            case fields.Integer():
                return {"type": "integer"}
            case fields.String():
                closed = [one for one in field.validators if isinstance(one, validate.OneOf)]
                return {"enum": list(closed[0].choices)} if closed else {"type": "string"}
        return {}

    def _languages(self, field: PerLanguage) -> Json:
        inner = self._field(field.inner)
        properties = dict.fromkeys(self._codes, inner)
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _conditions(self, *, story: bool) -> Json:
        facts = [one for one in self._known.facts.facts if not one.several]
        properties = {fact.id: _answers(fact, several=not story) for fact in facts}
        return {"type": "object", "properties": properties, "additionalProperties": False}


def _answers(fact: Fact, *, several: bool) -> Json:
    one: Json = {"enum": list(fact.answers)}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]} if several else one
