"""Names of what a rulebase holds, the same on every machine: of what decides, of what is said, of the directory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import msgspec

from service.core.rule import Rule
from service.core.vocabulary import Vocabulary
from service.rulebook.organisations import Organisations
from service.rulebook.texts import Texts

_NAMES: dict[type, tuple[str, ...]] = {}  # of each class the names of its fields
DECIDES = ("refer", "as_", "concern", "when")  # what a decision depends on of a rule; the rest is said


@dataclass(frozen=True)
class Digests:
    """Of all that is said, and of all organisations and contacts; each as `sha256:` and 64 hexadecimals."""

    texts: str
    directory: str


def digests(rules: Iterable[Rule], more: object, texts: Texts, organisations: Organisations) -> Digests:
    """Name what no decision depends on, and answers do.

    Args:
        rules: with what they say.
        more: what is said besides.
        texts: with contacts, which are of the directory.
        organisations: all of them.

    """
    said = {
        "rules": [_columns(rule, without=DECIDES) for rule in rules],
        "more": more,
        "texts": replace(texts, channels={id_: replace(one, contacts=()) for id_, one in texts.channels.items()}),
    }
    contacts = {id_: one.contacts for id_, one in texts.channels.items()}
    return Digests(
        name_of(said), name_of([contacts, organisations.written, organisations.shared, organisations.finding])
    )


def edition_digest(vocabulary: Vocabulary, rules: Iterable[Rule]) -> str:
    """Name all that decisions by these rules depend on, and nothing else.

    That is what decides of each rule, and of the vocabulary, in its order, the facts that they test, the concerns they
    belong to and the places they lead to.
    """
    rules = tuple(rules)
    tested = {fact for rule in rules for fact in rule.when}
    concerns, places = {rule.concern for rule in rules}, {rule.refer for rule in rules}
    return name_of(
        {
            "facts": [_columns(fact, without=("few", "applies")) for fact in vocabulary.facts if fact.id in tested],
            "about": [one for one in vocabulary.concerns.answers if one in concerns],
            "destinations": [one for one in vocabulary.destinations if one in places],
            "rules": [{name: getattr(rule, name) for name in ("id", *DECIDES)} for rule in rules],
        }
    )


def name_of(value: object) -> str:
    """The digest of a value of ours."""
    return sha256(written(value))


def sha256(data: bytes) -> str:
    """The digest of bytes, as we write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def written(value: object) -> bytes:
    """A value of ours as JSON, the same to the byte on every machine: tables in their own order, sets sorted."""
    return msgspec.json.encode(plain(value))


def plain(value: Any) -> Any:
    """A value of ours as JSON has it."""
    kind = type(value)
    if kind is str:  # most of them
        return value
    if kind is dict:
        return {name: plain(one) for name, one in value.items()}
    if kind is list or kind is tuple:
        return [plain(one) for one in value]
    if kind is frozenset:
        return sorted(value)
    if names := _names(kind):
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple):  # with names
        return [plain(one) for one in value]
    return value


def _columns(value: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _names(type(value)) if name not in without}


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; none where it is no such class."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
    return _NAMES[kind]
