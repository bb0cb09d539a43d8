"""What somebody does now at a door, in one language: an act with its handles filled in.

The browser chooses and fills them in the same way (web/static/acts.js), from what `all` gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from service.answers import view
from service.core.decision import Referral
from service.rulebook.acts import CASES, NAMED, Act
from service.rulebook.library import Library
from service.rulebook.organisations import Organisation

Json = dict[str, Any]


class ActWords:
    """Says acts in one language, from one library."""

    def __init__(self, library: Library, language: str) -> None:
        self._acts, self._organisations, self._language = library.acts, library.organisations, language
        self._numbered = frozenset(one.id for one in library.acts.handles if one.number)

    def prepare(self) -> None:
        """Make what is made once, if it is not made yet."""
        for acts in self._acts.by_destination.values():
            for act in acts:
                _ = act.handles
        _ = self._told

    @cached_property
    def _told(self) -> dict[int, view.Act]:
        """Each act in words, by which act it is."""
        return {id(act): self._said(act) for acts in self._acts.by_destination.values() for act in acts}

    def for_(
        self, referral: Referral, known: Mapping[str, str], organisation: Organisation | None, on: date
    ) -> view.Act | None:
        """What somebody does now at a door; None while too little is known of them to say.

        Args:
            referral: the door.
            known: what is known of the person, for an audience.
            organisation: who holds the matters of the one they named.
            on: the day.

        """
        act = self._acts.for_(referral.destination, referral.as_, on, known)
        if act is None:
            return None
        if act.handles.isdisjoint(self._numbered):
            return self._told[id(act)]
        return self._filled(act, self.number(organisation, on))

    def all(self, on: date | None) -> Json:
        """Every act and the handles that take a number, in words, for whoever fills them in elsewhere.

        Args:
            on: the day of the acts; None for those of every day, each with its period.

        """
        return {
            "acts": {
                destination: [
                    {
                        "as": one.as_,
                        "audience": one.audience,
                        "perhaps": {},
                        "said": view.as_json(self._said(one)),
                        **({} if on else view.lasting(one)),
                    }
                    for one in acts
                    if on is None or one.in_force(on)
                ]
                for destination, acts in self._acts.by_destination.items()
            },
            "handles": {
                one.id: {
                    "number": one.number,
                    **{case: getattr(one, case)[self._language] for case in ("text", *CASES)},
                }
                for one in self._acts.handles
                if one.number
            },
        }

    def number(self, organisation: Organisation | None, on: date) -> dict[str, str]:
        """Who puts somebody through to an organisation on a day: the `case` of a handle, and what that fills in."""
        if organisation is None or organisation.catch_all:
            return {"case": "elsewhere" if organisation else "unnamed"}
        found = {"body": organisation.name(on).text[self._language]}
        operator = self._organisations.operator(organisation, on)
        reached = (operator or organisation).general
        if reached is None or reached.phone is None:
            return {"case": "without", **found}
        found["number"] = reached.phone
        if operator is None:
            return {"case": "public", **found}
        if operator is not organisation:
            return {"case": "through", **found, "through": operator.name(on).text[self._language]}
        return {"case": "text", **found}

    def _filled(self, act: Act, number: Mapping[str, str]) -> view.Act:
        """An act in words, with the number of the organisation where it takes one."""
        said = self._told[id(act)]
        for handle in (one for one in self._acts.handles if one.number):
            known = {"number": handle.number or "", **number}
            step = getattr(handle, number["case"])[self._language]
            filled = {handle.id: _fill(step, known)}
            called = known["number"] if handle.id in act.handles and "{number}" in step else None
            said = replace(
                said,
                steps=tuple(_fill(one, filled) for one in said.steps),
                otherwise=said.otherwise and _fill(said.otherwise, filled),
                phone=said.phone or called,
            )
        return said

    def _said(self, act: Act) -> view.Act:
        """An act in words, but for the number of an organisation."""
        return view.Act(
            steps=tuple(self._step(act, step) for step in act.steps[self._language]),
            say=act.say[self._language],
            ask=act.ask[self._language],
            otherwise=self._step(act, act.otherwise[self._language]) if act.otherwise else None,
            phone=act.phone,
            email=act.email,
            url=act.url,
        )

    def _step(self, act: Act, step: str) -> str:
        def given(name: str, words: str, whole: str) -> str:
            handle = self._acts.handle.get(name)
            if handle is None:
                return str(getattr(act, name))
            return whole if handle.number else _fill(handle.text[self._language], {"words": words})

        return NAMED.sub(lambda found: given(found[1], found[2] or "", found[0]), step)


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
