"""Which texts are others: every word, number and day that is said, by the file and the key where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from service.core.period import Period
from service.core.vocabulary import Nature
from service.publishing.difference.values import Moment, TextDiff
from service.rulebook.revisions import Version

Said = dict[str, dict[str, str]]  # file -> key -> text

# What is compared otherwise (conditions, contacts, facts of organisations), or is not said.
ELSEWHERE = {
    "rules": ("refer", "as_", "concern", "when", "since", "until", "example", "near_miss"),
    "channels": ("contacts",),
    "organisations": ("channels", "always", "fact", "answer", "source", "locator", "sure"),
    "sources": ("passages", "text"),
}
DAYS = ("since", "until")  # what holds on a day is told, not from when


def of_texts(old: Version, new: Version, at: Moment | None = None) -> tuple[TextDiff, ...]:
    """Every text that is another one; of what one side could not read only what both have.

    Args:
        old: one side.
        new: the other.
        at: the only days to compare; None for all.

    """
    before, after = _said(old, at.old if at else None), _said(new, at.new if at else None)
    found = []
    for file in dict.fromkeys((*after, *before)):
        if file in before and file in after:
            both = {key: (before[file].get(key), after[file].get(key)) for key in {**after[file], **before[file]}}
            if file == "vocabulary/nature" and not (before[file] and after[file]):
                continue  # an older rulebase has none
            found += [TextDiff(file, key, was, now) for key, (was, now) in both.items() if was != now]
        elif not (file.startswith("rules/") or (old if file in after else new).unread):
            whole = (" ".join(side[file].values()) if file in side else None for side in (before, after))
            found.append(TextDiff(file, "", *whole))
    return tuple(found)


def _said(side: Version, day: date | None) -> Said:
    texts, vocabulary = side.texts, side.rulebase.vocabulary
    order = {"facts": [fact.id for fact in vocabulary.facts], "destinations": vocabulary.destinations}
    # An older rulebase has no natures: it was read with what they are taken for.
    natures = {fact.id: fact.nature for fact in vocabulary.facts}
    applies = {fact.id: fact.applies for fact in vocabulary.facts}
    known = set(natures.values()) - {Nature.WHERE, Nature.PAST}
    groups: dict[str, Mapping[str, Any]] = {
        "questions": texts.questions,
        "channels": texts.channels,
        "notices": {one.id: one for one in texts.notices},
        "terms": texts.terms,
        "glossary": {one.id: one for one in side.glossary},
        "sources": {id_: one for id_, one in texts.sources.items() if one},
        "interface": texts.interface,
        "vocabulary": {
            "order": {name: ", ".join(ids) for name, ids in order.items()},
            "nature": natures if known else {},
            "applies": applies,
        },
        "rules": {rule.id: rule for rule in side.rulebase.rules},
        "editions": {one.day.isoformat(): one for one in side.days},
        "organisations": side.organisations.by_id if side.organisations else {},
    }
    return {
        f"{group}/{id_}": {
            ".".join(path): text for path, text in leaves(one, (*ELSEWHERE.get(group, ()), *(DAYS if day else ())), day)
        }
        for group, of in groups.items()
        for id_, one in of.items()
        if _holds(one, day)
    }


def leaves(value: Any, without: tuple[str, ...] = (), day: date | None = None) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text below a value with the keys that lead to it, as in its file.

    Args:
        value: of ours.
        without: the fields that are passed over.
        day: on which a value must hold to be told; None for any.

    """
    if is_dataclass(value):
        below = [(one.name, getattr(value, one.name)) for one in fields(value) if one.name not in without]
    elif isinstance(value, Mapping):
        below = list(value.items())
    elif isinstance(value, tuple | list):
        below = [(str(number), one) for number, one in enumerate((one for one in value if _holds(one, day)), 1)]
    else:
        if value is not None:
            yield (), str(value)
        return
    for key, one in below:
        here = () if key == "text" and isinstance(one, Mapping) else (key,)  # as in the file: nl.name
        yield from (((*here, *path), text) for path, text in leaves(one, without, day))


def _holds(value: Any, day: date | None) -> bool:
    """Whether a value says anything on a day."""
    if day is None or not (hasattr(value, "since") and hasattr(value, "until")):
        return True
    return Period(value.since, value.until).holds(day)
