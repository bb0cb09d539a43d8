"""rules/promises.toml: what must hold for every situation, whatever the rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marshmallow import fields

from service.authoring import AuthorSchema, Problems, Text, TomlFile, both_languages, did_you_mean, read
from service.core.rule import As, Rule
from service.core.vocabulary import Vocabulary
from service.load import Answers
from service.texts import NAME_NEEDED, Channel, Made

PROMISES = "promises.toml"


@dataclass(frozen=True)
class Promise:
    """Which referrals it is about, and where they may be made."""

    id: str
    refer: tuple[str, ...]
    name_needed: tuple[str, ...]
    as_: tuple[str, ...]
    concern: str | None
    only_where: Mapping[str, frozenset[str]] | None
    never_where: Mapping[str, frozenset[str]] | None
    says: Mapping[str, str]

    def is_about(self, rule: Rule, channels: Mapping[str, Channel]) -> bool:
        """Whether a rule makes such a referral."""
        return (
            (rule.refer in self.refer or channels[rule.refer].name_needed in self.name_needed)
            and rule.as_ in self.as_
            and self.concern in (None, rule.concern)
        )


class PromiseSchema(Made):
    """One `[[promise]]`."""

    made = Promise
    id = Text(required=True)
    refer = fields.List(Text(), load_default=list)
    name_needed = fields.List(Text(), load_default=list)
    as_ = fields.List(Text(), required=True, data_key="as")
    concern = Text(load_default=None)
    only_where = fields.Dict(keys=fields.String(), values=Answers(), load_default=None, data_key="only")
    never_where = fields.Dict(keys=fields.String(), values=Answers(), load_default=None, data_key="never")
    says = both_languages(required=True)


class PromisesSchema(AuthorSchema):
    """rules/promises.toml."""

    promise = fields.List(fields.Nested(PromiseSchema), required=True)


def load_promises(folder: Path, vocabulary: Vocabulary, problems: Problems) -> tuple[Promise, ...]:
    """Read the promises and hold them against the vocabulary."""
    file = read(folder, folder / PROMISES, PromisesSchema(), problems)
    if file is None:
        return ()
    promises: tuple[Promise, ...] = tuple(file.data["promise"])
    for index, promise in enumerate(promises):
        _check(file, index, promise, vocabulary, problems)
    return promises


def _check(file: TomlFile, index: int, promise: Promise, vocabulary: Vocabulary, problems: Problems) -> None:
    def say(key: str, message: str) -> None:
        problems.add(file, ("promise", index, key), f"promise {promise.id!r}: {message}")

    if bool(promise.refer) == bool(promise.name_needed):
        say("refer", "Give either `refer` or `name_needed`.")
    for key, given, known in (
        ("refer", promise.refer, vocabulary.destinations),
        ("name_needed", promise.name_needed, NAME_NEEDED),
        ("as", promise.as_, tuple(As)),
        ("concern", (promise.concern,) if promise.concern else (), vocabulary.concerns.answers),
    ):
        for one in given:
            if one not in known:
                say(key, f"{one!r} is not known.{did_you_mean(one, known)}")
    for key, conditions in (("only", promise.only_where), ("never", promise.never_where)):
        for fact, answers in (conditions or {}).items():
            known_fact = vocabulary.by_id.get(fact)
            if known_fact is None:
                say(key, f"{fact!r} is not a fact.{did_you_mean(fact, vocabulary.by_id)}")
            else:
                for one in sorted(answers - set(known_fact.answers)):
                    say(key, f"{one!r} is not an answer of {fact!r}.{did_you_mean(one, known_fact.answers)}")
