"""The export of the Register van Overheidsorganisaties (exportOO.xml) -> content/directory/register.toml.

This module alone knows how that register calls things. What its types mean here stands in profiles.toml, and which of
its numbers have which id in names.toml. Form seen in May 2026, version 2.6.9; elements of other names are passed over.

Two days of the register are no more than they say: `startDatum` is when its record was made and `eindDatum` lies in the
future for bodies that nobody ends. Neither begins or ends a body here; an end is told, for somebody to look at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from service.core.errors import WegwijzerError
from service.rulebook.bodies import Body, Files
from service.rulebook.schemas import LINK, PHONE
from service.rulebook.toml_files import toml

SCHEMA = "https://organisaties.overheid.nl/static/schema/oo/export/"
HEAD = """\
# Made by `wegwijzer directory import` from the export of the register; never edited. What is better known by hand
# stands in names.toml, profiles.toml and content/organisations/.
"""
AGREEMENT, GENERAL = "CAO", "algemeen"
NOT_GENERAL = re.compile("pers|woo|buitenland|doorkies", re.IGNORECASE)  # labels of numbers for something of its own
IN_NAME = re.compile(r"\s*\(([^()]{2,12})\)$")
LONGEST_ID = 48
REPORTED = tuple(name for name in Body.__dataclass_fields__ if name != "id")


class ExportError(WegwijzerError):
    """A file is no export of the register; says what it lacks."""


@dataclass(frozen=True)
class Found:
    """A body as the export has it, before it has an id here."""

    body: Body
    above: tuple[str, ...]  # numbers of what it is part of, nearest first
    ministry: str | None  # identifier of the ministry that it is of
    sort: str | None
    ends: date | None


@dataclass(frozen=True)
class Difference:
    """What an import would change, one line each, and the bodies as they would be."""

    lines: tuple[str, ...]
    bodies: tuple[Body, ...]
    of: date

    @property
    def written(self) -> str:
        """Whether and how register.toml would be changed, but for its head."""
        return "\n".join(_table(one) for one in self.bodies)


def read_export(data: bytes) -> tuple[date, list[Found]]:
    """Every body in an export.

    Returns:
        the day of the export, and the bodies.

    Raises:
        ExportError: it is no such export.

    """
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - a file that an editor names; expat refuses entities that grow
    except ElementTree.ParseError as error:
        raise ExportError(f"This is no XML: {error}.") from None
    if not root.tag.startswith(f"{{{SCHEMA}"):
        raise ExportError(f"This is no export of the register: its outer element is not of {SCHEMA}…")
    made = _attribute(root, "timestamp")
    if not made:
        raise ExportError("The export does not say of which day it is: its timestamp is missing.")
    found = [one for child in _children(root, "organisaties", "organisatie") for one in _bodies(child, ())]
    return date.fromisoformat(made[:10]), found


def difference(data: bytes, files: Files) -> Difference:
    """What an export would change.

    Args:
        data: the export.
        files: content/directory/ as it is.

    Raises:
        ExportError: it is no such export, or nothing says which of its bodies are wanted.

    """
    if files.profiles is None or files.names is None:
        raise ExportError("Write profiles.toml and names.toml first: they say which bodies are wanted.")
    kinds, names = files.profiles.data["kinds"], files.names.data
    unasked, no_bodies = files.profiles.data["on_request"], files.profiles.data["no_bodies"]
    old = {one.number: one for one in files.said.values()}
    of, export = read_export(data)
    given = {**names["ids"], **{number: one.id for number, one in old.items()}}
    wanted = {
        one.body.number: one
        for one in export
        if one.body.number in given
        or (
            one.body.type in kinds
            and one.body.type not in unasked
            and one.sort not in no_bodies
            and one.body.number not in names["left_out"]
        )
    }
    taken = {*given.values(), *files.called}
    for number, one in wanted.items():
        if number not in given:
            given[number] = _new_id(one.body, taken)
            taken.add(given[number])
    identified: dict[str | None, str] = {
        one.body.identifier: given[number] for number, one in wanted.items() if one.body.identifier
    }
    lines, bodies = list[str](), dict[str, Body]()
    for number, one in wanted.items():
        above = next((given[other] for other in one.above if other in wanted), identified.get(one.ministry))
        new = replace(one.body, id=given[number], parent=above if above != given[number] else None)
        bodies[number] = new
        lines += _lines(old.get(number), new, one.ends)
    for number in old.keys() - bodies.keys():
        bodies[number] = old[number]
        lines.append(f"{old[number].id}: not in this export (number {number}); kept as it was")
    return Difference(tuple(sorted(lines)), tuple(sorted(bodies.values(), key=lambda one: one.id)), of)


def write(found: Difference, source: str, path: Path) -> None:
    """Write register.toml anew.

    Args:
        found: by `difference`.
        source: the id of the register among our sources.
        path: the file.

    """
    head = f"{HEAD}\nsource = {toml(source)}\nof = {toml(found.of)}\n\n"
    path.write_text(head + found.written, "utf-8")


def _bodies(node: ElementTree.Element, above: tuple[str, ...]) -> Iterator[Found]:
    number, name = _attribute(node, "systeemId"), _text(node, "naam")
    if number and name:
        yield _found(node, number, name, above)
        above = (number, *above)
    for child in _children(node, "organisaties", "organisatie"):
        yield from _bodies(child, above)


def _found(node: ElementTree.Element, number: str, name: str, above: tuple[str, ...]) -> Found:
    short = [said for one in _children(node, "afkorting") if (said := _said(one))]
    if tail := IN_NAME.search(name):
        name = name[: tail.start()]
        short.append(tail[1])
    relation = next(iter(_children(node, "relatieMetMinisterie")), None)
    body = Body(
        id="",
        number=number,
        type=next((said for one in _children(node, "types", "type") if (said := _said(one))), ""),
        name=name,
        abbreviations=tuple(dict.fromkeys(one for one in short if one != name)),
        parent=None,
        agreement=_agreement(node),
        legal_form=_text(node, "rechtsvorm"),
        identifier=_attribute(node, "resourceIdentifierTOOI"),
        phone=_phone(node),
        contact=_link(node, "contactformulieren", "contactformulier"),
        site=_link(node, "internetadressen", "internetadres"),
        post=_address(node, "Postadres"),
        visit=_address(node, "Bezoekadres"),
        staff=_staff(node),
        verified=_day(node, "datumTerVerificatie"),
    )
    ministry = _attribute(relation, "resourceIdentifierTOOI") if relation is not None else None
    return Found(body, above, ministry, _text(node, "soortZbo"), _day(node, "eindDatum"))


def _agreement(node: ElementTree.Element) -> str | None:
    """The collective agreement that a body applies; one that ended counts no more."""
    for one in _children(node, "classificaties", "classificatie"):
        if _attribute(one, "type") == AGREEMENT and not _text(one, "eindDatum"):
            for basis in _children(one, "wettelijkeGrondslagen", "wettelijkeGrondslag"):
                if said := _text(basis, "opschrift"):
                    return said
    return None


def _phone(node: ElementTree.Element) -> str | None:
    """The number that is said to be general, or else the first that is for nothing in particular."""
    numbers = [
        (_text(one, "label") or "", said)
        for one in _children(node, "contact", "telefoonnummers", "telefoonnummer")
        if (said := _text(one, "nummer")) and PHONE.fullmatch(said)
    ]
    general = [said for label, said in numbers if label.casefold() == GENERAL]
    return next(iter(general or [said for label, said in numbers if not NOT_GENERAL.search(label)]), None)


def _link(node: ElementTree.Element, *path: str) -> str | None:
    found = [(_text(one, "label") or "", _text(one, "url") or "") for one in _children(node, "contact", *path)]
    found.sort(key=lambda one: one[0].casefold() != GENERAL)
    return next((url for _, url in found if LINK.fullmatch(url)), None)


def _address(node: ElementTree.Element, kind: str) -> str | None:
    for one in _children(node, "adressen", "adres"):
        if _text(one, "adresType") == kind:
            parts = ("openbareRuimte", "huisnummer", "toevoeging")
            street = " ".join(said for part in parts if (said := _text(one, part)))
            box = _text(one, "postbus")
            town = " ".join(said for part in ("postcode", "woonplaats") if (said := _text(one, part)))
            line = ", ".join(part for part in (street or (f"Postbus {box}" if box else ""), town) if part)
            return line or None
    return None


def _staff(node: ElementTree.Element) -> int | None:
    for one in _children(node, "personeel"):
        said = (_text(one, "aantalFte") or "").replace(",", ".")
        if re.fullmatch(r"\d+(\.\d+)?", said) and float(said) >= 1:
            return round(float(said))
    return None


def _day(node: ElementTree.Element, name: str) -> date | None:
    said = _text(node, name) or ""
    return date.fromisoformat(said[:10]) if re.match(r"\d{4}-\d\d-\d\d", said) else None


def _children(node: ElementTree.Element, *path: str) -> list[ElementTree.Element]:
    """What stands at a path of names below an element, of whatever version of the register's schema."""
    found = [node]
    for name in path:
        found = [child for one in found for child in one if _plain(child.tag) == name]
    return found


def _text(node: ElementTree.Element, name: str) -> str | None:
    return next((said for one in _children(node, name) if (said := _said(one))), None)


def _said(node: ElementTree.Element) -> str | None:
    return " ".join((node.text or "").split()) or None


def _attribute(node: ElementTree.Element, name: str) -> str | None:
    return next((value.strip() for key, value in node.attrib.items() if _plain(key) == name and value.strip()), None)


def _plain(name: str) -> str:
    return name.rpartition("}")[2]


def _new_id(body: Body, taken: Iterable[str]) -> str:
    """An id for a body that is new: from what it is called for short, or else from its name."""
    taken = set(taken)
    for called in (*body.abbreviations, body.name, f"{body.name} {body.number}"):
        plain = unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode().lower().replace("&", " en ")
        id_ = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
        if len(id_) > LONGEST_ID:
            id_ = id_[:LONGEST_ID].rpartition("_")[0] or id_[:LONGEST_ID]
        if len(id_) > 1 and not id_.isdigit() and id_ not in taken:
            return id_
    return f"body_{body.number}"


def _lines(old: Body | None, new: Body, ends: date | None) -> Iterator[str]:
    if old is None:
        yield f"{new.id}: new: {new.name} (number {new.number})"
    else:
        for name in REPORTED:
            was, now = getattr(old, name), getattr(new, name)
            if was != now:
                yield f"{new.id}: {name}: {_shown(was)} -> {_shown(now)}"
    if ends and (old is None or old != new):
        yield f"{new.id}: the register gives an end day, {ends}; nothing ends by it: look, and write it by hand"


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else "not said" if value is None else str(value)


def _table(body: Body) -> str:
    rows = [f"{name} = {toml(said)}" for name, said in asdict(body).items() if said not in (None, ())]
    return "\n".join(["[[body]]", *rows, ""])
