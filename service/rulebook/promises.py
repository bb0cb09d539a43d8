"""rules/promises.toml and rules/editions.toml -> what must hold for everybody, and the days on which rules change."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from marshmallow import fields

from service.core.rule import As
from service.core.vocabulary import Vocabulary
from service.proof.promises import EditionDay, Promise
from service.rulebook.languages import Languages
from service.rulebook.messages import Message
from service.rulebook.rules import Answers
from service.rulebook.schemas import AuthorSchema, PerLanguage, Text, TomlDate
from service.rulebook.texts import NAME_NEEDED, Made
from service.rulebook.toml_files import Problems, Table, TomlFile, read

PROMISES = "promises.toml"
EDITIONS = "editions.toml"


class EditionDaySchema(Made):
    """One `[[edition]]`."""

    made = EditionDay
    day = TomlDate(required=True)
    says = PerLanguage(required=True)
    source = Text(required=True)
    locator = Text(load_default=None)


class EditionDaysSchema(AuthorSchema):
    """rules/editions.toml."""

    edition = fields.List(fields.Nested(EditionDaySchema), required=True)


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
    says = PerLanguage(required=True)


class PromisesSchema(AuthorSchema):
    """rules/promises.toml."""

    promise = fields.List(fields.Nested(PromiseSchema), load_default=list)


def load_promises(
    folder: Path, vocabulary: Vocabulary, languages: Languages, problems: Problems
) -> tuple[Promise, ...]:
    """Read the promises and hold them against the vocabulary."""
    file = read(folder, folder / PROMISES, PromisesSchema(), problems, languages)
    if file is None:
        return ()
    promises: tuple[Promise, ...] = tuple(file.data["promise"])
    problems.twice(file, "promise", [promise.id for promise in promises])
    for index, promise in enumerate(promises):
        _check(file, index, promise, vocabulary, problems)
    return promises


def load_editions(
    folder: Path, sources: Collection[str], languages: Languages, problems: Problems
) -> tuple[EditionDay, ...]:
    """Read the days on which rules change."""
    file = read(folder, folder / EDITIONS, EditionDaysSchema(), problems, languages)
    if file is None:
        return ()
    days: tuple[EditionDay, ...] = tuple(file.data["edition"])
    for index, one in enumerate(days):
        Table(file, problems, "edition", index).source(one.source, sources, "source")
    return days


def _check(file: TomlFile, index: int, promise: Promise, vocabulary: Vocabulary, problems: Problems) -> None:
    at = Table(file, problems, "promise", index, whose=Message("in_promise", {"id": promise.id}))
    if bool(promise.refer) == bool(promise.name_needed):
        at.say("refer_or_name_needed", "refer")
    if not promise.as_:
        at.say("about_no_referral", "as")
    for key, given, known in (
        ("refer", promise.refer, vocabulary.destinations),
        ("name_needed", promise.name_needed, NAME_NEEDED),
        ("as", promise.as_, [one.value for one in As]),
        ("concern", (promise.concern,) if promise.concern else (), vocabulary.concerns.answers),
    ):
        for one in given:
            at.among(one, known, "not_possible_for", key, key=key)
    facts = [one.id for one in vocabulary.facts if not one.several]
    for key, conditions in (("only", promise.only_where), ("never", promise.never_where)):
        if conditions == {}:
            at.say("no_condition_or_none", key)
        for name, answers in (conditions or {}).items():
            fact = vocabulary.by_id.get(name)
            if fact is None:
                at.among(name, facts, "not_a_fact", key, name)
            elif fact.several:
                at.say("concerns_in_a_promise", key, name, fact=name)
            elif fact.concern and promise.concern not in (None, fact.concern):
                at.say("of_another_concern", key, name, fact=name, concern=fact.concern)
            else:
                for one in sorted(answers):
                    at.among(one, fact.answers, "not_an_answer", key, name, fact=name)
