"""rules/promises.toml and rules/editions.toml -> what must hold for everybody, and the days on which rules change."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate, validates_schema

from service.proof.promises import EditionDay, Promise
from service.rulebook.known import CONCERN, DESTINATION, SOURCE, WAY, Known
from service.rulebook.messages import Message
from service.rulebook.rules import astray
from service.rulebook.schemas import AuthorSchema, Cited, Conditions, Made, PerLanguage, Ref, Rows, Text, TomlDate
from service.rulebook.texts import NAME_NEEDED
from service.rulebook.toml_files import Problems, read

PROMISES = "promises.toml"
EDITIONS = "editions.toml"


class EditionDaySchema(Made):
    """One `[[edition]]`."""

    made = EditionDay
    day = TomlDate(required=True)
    says = PerLanguage(required=True)
    source = Ref(SOURCE, required=True)
    locator = Text(load_default=None)


class EditionDaysSchema(AuthorSchema):
    """rules/editions.toml."""

    edition = fields.List(fields.Nested(EditionDaySchema), required=True)


class PromiseSchema(Made):
    """One `[[promise]]`."""

    made = Promise
    id = Text(required=True)
    refer = fields.List(Ref(DESTINATION), load_default=list)
    name_needed = fields.List(Text(validate=validate.OneOf(NAME_NEEDED)), load_default=list)
    as_ = fields.List(Ref(WAY), required=True, data_key="as")
    concern = Ref(CONCERN, load_default=None)
    only_where = Conditions(load_default=None, data_key="only")
    never_where = Conditions(load_default=None, data_key="never")
    says = PerLanguage(required=True)
    citations = fields.List(Cited(), load_default=list, data_key="rests_on")

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold what a promise is about against itself."""
        wrong: dict[str, Any] = {}
        if bool(data["refer"]) == bool(data["name_needed"]):
            wrong["refer"] = [Message("refer_or_name_needed")]
        if not data["as_"]:
            wrong["as"] = [Message("about_no_referral")]
        for key in ("only", "never"):
            if data["concern"] and (told := astray(data[f"{key}_where"] or {}, [data["concern"]])):
                wrong[key] = told
        if wrong:
            raise ValidationError(wrong)


class PromisesSchema(AuthorSchema):
    """rules/promises.toml."""

    named: ClassVar = {"promise": "id"}
    promise = Rows(PromiseSchema)


def load_promises(folder: Path, known: Known, problems: Problems) -> tuple[Promise, ...]:
    """Read the promises."""
    file = read(folder, folder / PROMISES, PromisesSchema(), problems, known)
    return tuple(file.data["promise"]) if file else ()


def load_editions(folder: Path, known: Known, problems: Problems) -> tuple[EditionDay, ...]:
    """Read the days on which rules change."""
    file = read(folder, folder / EDITIONS, EditionDaysSchema(), problems, known)
    return tuple(file.data["edition"]) if file else ()
