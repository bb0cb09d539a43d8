"""rules/competence.toml -> the cells of the competence matrix, held against the vocabulary and the sources."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.proof.competence import CAN, CANNOT, ONLY_IF, Cell
from service.rulebook.known import CONCERN, DESTINATION, Known
from service.rulebook.messages import Message
from service.rulebook.rules import astray, look_up, named
from service.rulebook.schemas import (
    Answers,
    AuthorSchema,
    Cited,
    Conditions,
    Lasting,
    Made,
    Named,
    Names,
    PerLanguage,
    Ref,
    Text,
)
from service.rulebook.toml_files import Problems, read

COMPETENCE = "competence.toml"


class TakesSchema(Lasting):
    """Whether a body can take something, for which concerns, from when until when."""

    takes = Text(required=True, data_key="as", validate=validate.OneOf((CAN, CANNOT, ONLY_IF)))
    about = Answers(Ref(CONCERN), data_key="concern")
    passing = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class CellSchema(Made):
    """One `[[cell]]`."""

    body = Ref(DESTINATION, required=True)
    takes = fields.Nested(TakesSchema, required=True)
    when = Conditions(load_default=dict)
    why = Named(required=True)
    only_if = Named()
    citations = fields.List(Cited(), required=True, data_key="rests_on")

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold what a cell says against itself."""
        takes, wrong = data["takes"], dict[str, Any]()
        if (takes["takes"] == ONLY_IF) != (data["only_if"] is not None):
            wrong["takes"] = [Message("only_if_alone")]
        elif takes["passing"] and takes["takes"] != CANNOT:
            wrong["takes"] = {"passing": [Message("passing_alone")]}
        if strays := astray(data["when"], takes["about"]):
            wrong["when"] = strays
        if wrong:
            raise ValidationError(wrong)

    def build(self, values: dict[str, Any]) -> Cell:
        """The cell."""
        takes = values.pop("takes")
        return Cell(concerns=takes.pop("about"), **values, **takes)


class MatrixSchema(AuthorSchema):
    """rules/competence.toml, with the reasons and conditions that several cells share."""

    named: ClassVar = {"cell": "body"}
    reasons = Names(PerLanguage(required=True))
    cell = fields.List(fields.Nested(CellSchema), required=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Note names of reasons that are none, and reasons that nobody has."""
        look_up(data, "reasons", "cell", why="why", only_if="only_if")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> tuple[Cell, ...]:
        """The cells, each with its reasons in full."""
        texts = data["reasons"]
        return tuple(replace(one, why=named(one.why, texts), only_if=named(one.only_if, texts)) for one in data["cell"])


def load_competence(folder: Path, known: Known, problems: Problems) -> tuple[Cell, ...]:
    """Read the matrix."""
    file = read(folder, folder / COMPETENCE, MatrixSchema(), problems, known)
    return file.value if file else ()
