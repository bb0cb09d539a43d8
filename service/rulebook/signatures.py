"""rules/signatures.toml: who read which rules, and which cells of the matrix, as what they were that day.

A signature names the digest of what was read. So it holds for a rule as long as nothing of it changes: what decides,
what it says and the words it rests on. It is not what seals a compiled rulebase; see `compiled.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from marshmallow import fields

from service.core.errors import WegwijzerError
from service.core.rule import Rule
from service.proof.competence import Cell
from service.rulebook.digests import name_of
from service.rulebook.known import Known
from service.rulebook.messages import did_you_mean
from service.rulebook.overlay import lies
from service.rulebook.schemas import AuthorSchema, Made, Text, TomlDate, mistake
from service.rulebook.toml_files import Problems, read, toml

SIGNATURES = "signatures.toml"
CELL = "cell:"  # before the body of a cell, which has no name of its own
_LENGTH = 16  # hexadecimals of a digest: enough to tell what was read from what it became


class SignatureError(WegwijzerError):
    """What somebody wants to sign is not there; says what is."""


@dataclass(frozen=True)
class Signature:
    """What somebody read on a day: per rule or cell its name and its digest, with a space between."""

    by: str
    office: str
    on: date
    read: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How much of a rulebase was read as it is now.

    Attributes:
        signed: ids of the rules in force that somebody read as they are.
        changed: ids of those that were read only as they were before.
        rules: how many are in force.
        signed_cells: how many cells were read as they are.
        cells: how many there are.

    """

    signed: tuple[str, ...]
    changed: tuple[str, ...]
    rules: int
    signed_cells: int
    cells: int


def _is_line(text: str) -> None:
    if not re.fullmatch(rf"\S+ [0-9a-f]{{{_LENGTH}}}", text):
        raise mistake("no_signed_line")


class SignatureSchema(Made):
    """One `[[signature]]`."""

    made = Signature
    by = Text(required=True)
    office = Text(required=True)
    on = TomlDate(required=True)
    read = fields.List(Text(validate=_is_line), required=True)


class SignaturesSchema(AuthorSchema):
    """rules/signatures.toml."""

    signature = fields.List(fields.Nested(SignatureSchema), load_default=list)


def load_signatures(folder: Path, known: Known, problems: Problems) -> tuple[Signature, ...]:
    """Read who signed what; nobody, where the file is not there."""
    path = folder / SIGNATURES
    file = read(folder, path, SignaturesSchema(), problems, known) if lies(folder, path).exists() else None
    return tuple(file.data["signature"]) if file else ()


def line_of(one: Rule | Cell) -> str:
    """What a signature says of a rule or a cell: its name, and its digest."""
    name = one.id if isinstance(one, Rule) else f"{CELL}{one.body}"
    return f"{name} {name_of(one).removeprefix('sha256:')[:_LENGTH]}"


def who_read(rule: Rule, signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """Those who read a rule as it is."""
    line = line_of(rule)
    return tuple(one for one in signatures if line in one.read)


def standing(rules: Sequence[Rule], cells: Sequence[Cell], signatures: Iterable[Signature]) -> Standing:
    """How much was read as it is now.

    Args:
        rules: those in force.
        cells: of the matrix.
        signatures: all of them.

    """
    read_ = {line for one in signatures for line in one.read}
    names = {line.split(" ")[0] for line in read_}
    signed = tuple(rule.id for rule in rules if line_of(rule) in read_)
    changed = tuple(rule.id for rule in rules if rule.id in names and rule.id not in signed)
    return Standing(signed, changed, len(rules), sum(line_of(one) in read_ for one in cells), len(cells))


def chosen(names: Sequence[str], rules: Sequence[Rule], cells: Sequence[Cell]) -> list[str]:
    """The lines of what somebody read.

    Args:
        names: ids of rules; a destination names its rules and its cells.
        rules: those in force.
        cells: of the matrix.

    Raises:
        SignatureError: a name is none of these.

    """
    by_name: dict[str, list[str]] = {}
    for rule in rules:
        by_name[rule.id] = [line_of(rule)]
        by_name.setdefault(rule.refer, []).append(line_of(rule))
    for cell in cells:
        by_name.setdefault(cell.body, []).append(line_of(cell))
    for name in names:
        if name not in by_name:
            raise SignatureError(
                f"No rule in force and no destination is called {name!r}.{did_you_mean(name, by_name)}"
            )
    return list(dict.fromkeys(line for name in names for line in by_name[name]))


def sign(folder: Path, signature: Signature) -> Path:
    """Add a signature to the file of a folder of rules, and leave all that stands in it."""
    path = folder / SIGNATURES
    told = [f"    {toml(line)}," for line in signature.read]
    lines = [
        *([] if path.exists() else ["# Who read what, as it was that day: written by `wegwijzer sign`."]),
        *("", "[[signature]]"),
        *(f"{key} = {toml(getattr(signature, key))}" for key in ("by", "office")),
        f"on = {signature.on}",
        *("read = [", *told, "]", ""),
    ]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return path
