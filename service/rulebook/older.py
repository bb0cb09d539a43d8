"""Turns files of older revisions into the notation of today, for comparison with them. To go after one release.

Only what a comparison reads is turned: what decides, why, on which words it rests, and the doubts.
"""

from __future__ import annotations

from typing import Any

from service.core.rule import Citation

LANGUAGES = ("nl", "en")  # of older revisions
NATURE = "nature"  # since 2026-11: no decision depends on it


def modern(raw: dict[str, Any]) -> None:
    """Turn what a file says, in place. What stands in the notation of today stays as it is."""
    _spell(raw)
    for fact in _tables(raw, "fact"):
        fact.setdefault(NATURE, "where" if fact.get("of") else "past")
    for rule in _tables(raw, "rule"):
        if isinstance(rule.get("refer"), str):
            _row(rule)
        if "doubt_for" in rule:
            _whom(rule, raw.get("doubts", {}))


def _spell(table: dict[str, Any]) -> None:
    """Texts of before 2026-12 in more languages: `note_nl` and `note_en` are `note.nl` and `note.en`."""
    for key, value in list(table.items()):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                _spell(one)
        name, _, language = key.rpartition("_")
        if name and language in LANGUAGES and isinstance(value, str):
            table.setdefault(name, {})[language] = table.pop(key)


def _tables(raw: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return raw[name] if isinstance(raw.get(name), list) else []


def _row(rule: dict[str, Any]) -> None:
    """A rule of before 2026-12: `refer` named its destination, and quotations and stories stood in full."""
    rule["refer"] = {key: rule.pop(key) for key in ("as", "concern", "from", "until") if key in rule}
    cited = rule.pop("source", [])
    rule["rests_on"] = [Citation(one["id"], one["locator"], one.get("quote")) for one in cited]
    example, near_miss = rule.pop("example"), rule.pop("near_miss")
    told = example["situation"]
    missed = near_miss["situation"]
    differs = {fact: answer for fact, answer in missed.items() if fact in rule["when"] and told.get(fact) != answer}
    rule["example"] = {example["name"]: told}
    rule["but_not"] = {near_miss["name"]: dict([*differs.items()][:1])}


def _whom(rule: dict[str, Any], shared: dict[str, Any]) -> None:
    """A rule of before 2026-11-29: `doubt_for` said whom its doubt concerned."""
    doubt = rule["doubt"]
    words = shared[doubt] if isinstance(doubt, str) else doubt
    rule["doubt"] = {**words, "for": rule.pop("doubt_for")}
