"""What somebody must look at again from time to time: contacts, general numbers and sources, and when that was done.

Each has an id, so that a list can be worked off and written back: `channel/huis_advice`, `ocw/complaint_procedure`,
`ocw`, `source/awb`; the second of a kind ends in `/2`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from service.core.errors import WegwijzerError
from service.rulebook.audience import Fit
from service.rulebook.bodies import NAMES, REACHED
from service.rulebook.compiled import Library
from service.rulebook.known import KIND, ORGANISATION
from service.rulebook.organisations import Organisation
from service.rulebook.overlay import base_of
from service.rulebook.schemas import Place
from service.rulebook.texts import Contact
from service.rulebook.toml_files import TomlFile, toml

SHARED, SOURCE = "channel", "source"


class CheckError(WegwijzerError):
    """A check cannot be written down; says why, and what to do."""


@dataclass(frozen=True)
class Check:
    """Something to look at.

    Attributes:
        id: by which it is written back.
        part: the file below content/ that holds it; None for a general number: the register's, or written by hand.
        place: where it stands in that.
        what: the number or address to try, or of a source what it is cited for.
        checked: when it was last looked at; None if never.
        by: by whom, where that is known.
        bodies: how many organisations it concerns.
        staff: how many people work there, as far as a register says so; None where it says nothing.
        note: what whoever checks it should know.

    """

    id: str
    part: str | None
    place: Place
    what: str
    checked: date | None
    by: str | None
    bodies: int
    staff: int | None
    note: str | None = None

    def stale(self, since: date) -> bool:
        """Whether nobody looked since a day."""
        return self.checked is None or self.checked < since


def checks(library: Library) -> list[Check]:
    """All there is to look at, what concerns most organisations and most people first."""
    found = [*_shared(library), *_own(library), *_general(library), *_sources(library)]
    return sorted(found, key=lambda one: (-one.bodies, -(one.staff or 0), one.id))


def _shared(library: Library) -> Iterator[Check]:
    known = [
        (one, {**one.facts(date.max), ORGANISATION: one.id, KIND: one.kind})
        for one in library.organisations.by_id.values()
    ]
    for id_, channel in library.texts.channels.items():
        for number, contact in enumerate(channel.contacts):
            name = f"{SHARED}/{id_}" + (f"/{number + 1}" if number else "")
            whose = [one for one, facts in known if contact.fit(facts) is not Fit.NO]
            yield _contact(name, f"channels/{id_}.toml", ("contact", number), contact, whose)


def _own(library: Library) -> Iterator[Check]:
    by_id = library.organisations.by_id
    for one in by_id.values():
        seen = Counter[str]()
        for number, own in enumerate(one.channels):
            seen[own.destination] += 1
            more = f"/{seen[own.destination]}" if seen[own.destination] > 1 else ""
            whose = [by_id[id_] for id_ in own.contact.audience.get(ORGANISATION, (one.id,))]
            part = f"organisations/{one.id}.toml"
            yield _contact(f"{one.id}/{own.destination}{more}", part, ("channel", number), own.contact, whose)


def _contact(id_: str, part: str, place: Place, contact: Contact, whose: list[Organisation]) -> Check:
    what = ", ".join(filter(None, (contact.phone, contact.email, contact.url)))
    return Check(id_, part, place, what, contact.checked, contact.checked_by, len(whose), _staff(whose))


def _general(library: Library) -> Iterator[Check]:
    answers: dict[str, list[Organisation]] = {}
    for one in library.organisations.by_id.values():
        if (operator := library.organisations.operator(one, date.max)) and operator is not one:
            answers.setdefault(operator.id, []).append(one)
    for one in library.organisations.by_id.values():
        if one.general and (name := next((name for name in REACHED if getattr(one.general, name)), None)):
            checked, by = one.general.verified(name)
            whose = [one, *answers.get(one.id, ())]
            yield Check(one.id, None, (), getattr(one.general, name), checked, by, len(whose), _staff(whose))


def _staff(whose: list[Organisation]) -> int | None:
    known = [one.staff for one in whose if one.staff is not None]
    return sum(known) if known else None


def _sources(library: Library) -> Iterator[Check]:
    cited: dict[str, list[str]] = {}
    for rule in library.rulebase.rules:
        for citation in rule.citations:
            cited.setdefault(citation.source, []).append(rule.id)
    everybody = len(library.organisations.by_id)
    for id_, source in library.texts.sources.items():
        rules = ", ".join(dict.fromkeys(cited.get(id_, [])))
        what = f"({source.sure})" + (f", for {rules}" if rules else "")
        reach = everybody if rules else 0
        yield Check(f"{SOURCE}/{id_}", f"sources/{id_}.toml", (), what, source.read, None, reach, None, source.note)


def write_check(content: Path, library: Library, id_: str, on: date, by: str) -> Path:
    """Write down in content/ that something was looked at.

    Args:
        content: the folder.
        library: what was read of it.
        id_: of a `Check`.
        on: the day on which it was looked at.
        by: who did: a role rather than a name.

    Returns:
        the file that was changed.

    Raises:
        CheckError: there is no such thing, or it stands nowhere that can be written.

    """
    found = next((one for one in checks(library) if one.id == id_), None)
    if found is None:
        raise CheckError(f"There is nothing to check that is called {id_!r}; `wegwijzer stale` lists all.")
    if found.part is None:
        return _write_general(content, library.organisations.by_id[id_], on, by)
    path = content / found.part
    file = TomlFile(content, path)
    if file.base or not file.own:
        raise CheckError(f"{found.part} is of what this overlay extends, or of both: whoever made that checks it.")
    if id_.startswith(f"{SOURCE}/"):
        _set(file, (), {"read": on})
    else:
        _set(file, found.place, {"checked": on, "checked_by": by})
    return path


def _write_general(content: Path, one: Organisation, on: date, by: str) -> Path:
    """Write down the general number that was found right: it stays, whatever the register says later."""
    assert one.general  # noqa: S101 - else there is no such check
    name = next(name for name in REACHED if getattr(one.general, name))
    hand: dict[str, Any] = {key: getattr(one.general, key) for key in one.general.better}
    hand |= {name: getattr(one.general, name), "checked": on, "by": by}
    if one.general.for_public:
        hand["for_public"] = True
    own = content / "organisations" / f"{one.id}.toml"
    if own.exists():
        text = own.read_text("utf-8")
        if "\n[general]\n" not in text:
            own.write_text(text.replace("\n[[name]]", "\n[general]\n\n[[name]]", 1), "utf-8")
        _set(TomlFile(content, own), ("general",), hand)
        return own
    if base_of(content):
        raise CheckError(f"{one.id} has no file in this overlay: whoever made what it extends checks it.")
    path = content / NAMES
    rows = TomlFile(content, path)
    called = [row["id"] for row in tomllib.loads(rows.text).get("body", ())]
    if one.id not in called:
        path.write_text(f"{rows.text.rstrip()}\n\n[[body]]\nid = {toml(one.id)}\n", "utf-8")
        rows, called = TomlFile(content, path), [*called, one.id]
    _set(rows, ("body", called.index(one.id)), {"general": hand})
    return path


def _set(file: TomlFile, place: Place, keys: Mapping[str, Any]) -> None:
    """Set keys of a table in a file, each on a line of its own, and leave every other line as it is."""
    lines = file.text.splitlines()
    first = file.line(place) if place else 0
    end = next((at for at in range(first, len(lines)) if lines[at].lstrip().startswith("[")), len(lines))
    while end > first and not lines[end - 1].strip():
        end -= 1
    for key, value in keys.items():
        line = f"{key} = {toml(value)}"
        at = next((at for at in range(first, end) if lines[at].split("=")[0].strip() == key), None)
        if at is None:
            lines.insert(end, line)
            end += 1
        else:
            lines[at] = line
    file.path.write_text("\n".join(lines) + "\n", "utf-8")
