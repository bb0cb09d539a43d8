"""rules/*.toml -> the rulebase, or all mistakes in it at once, each with file, line, rule and mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.core.period import Period
from service.core.rule import As, Edition, Rule, Rulebase, Story
from service.core.vocabulary import UNKNOWN, Fact, Nature, Vocabulary
from service.rulebook.digests import edition_digest
from service.rulebook.known import CONCERN, DESTINATION, TERM, WAY, Known, did_you_mean, known
from service.rulebook.languages import NONE
from service.rulebook.schemas import (
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
    Told,
    TomlDate,
)
from service.rulebook.toml_files import Problems, Table, TomlFile, read

VOCABULARY = "vocabulary.toml"
NOT_RULES = (VOCABULARY, "editions.toml", "promises.toml", "competence.toml")


class FactSchema(AuthorSchema):
    """One `[[fact]]` of the vocabulary."""

    id = Text(required=True)
    answers = fields.List(Text(), required=True)
    nature = Text(required=True)
    concern = Text(load_default=None)
    of = Text(load_default=None)
    several = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    few = fields.List(Text(), load_default=list)


class VocabularySchema(AuthorSchema):
    """rules/vocabulary.toml."""

    first_edition = TomlDate(required=True)
    safety_net = Text(required=True)
    destinations = fields.List(Text(), required=True)
    kinds = fields.List(Text(), load_default=list)
    fact = fields.List(fields.Nested(FactSchema), required=True)


class ReferSchema(Lasting):
    """How a rule refers, for which concern, from when until when."""

    as_ = Ref(WAY, required=True, data_key="as")
    concern = Ref(CONCERN, required=True)
    since = TomlDate(required=True, data_key="from")

    @validates_schema
    def begins(self, data: dict[str, Any], **_: Any) -> None:
        """Note a day before there was an edition."""
        first = known().facts.first_edition
        if data["since"] < first:
            raise ValidationError({"from": [f"{data['since']} lies before the first edition, {first}; use that date."]})


class RuleSchema(Made):
    """One `[[rule]]`."""

    id = Text(required=True)
    refer = fields.Nested(ReferSchema, required=True)
    when = Conditions(required=True)
    why = PerLanguage(required=True)
    doubt = Named()
    terms = fields.List(Ref(TERM), load_default=list)
    citations = fields.List(Cited(), required=True, data_key="rests_on", validate=validate.Length(min=1))
    example = Told(required=True)
    near_miss = Told(required=True, data_key="but_not")

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the id, the conditions and the two stories against each other."""
        wrong: dict[str, Any] = {}
        destination, dot, number = data["id"].rpartition(".")
        if not dot or not number.isdigit():
            wrong["id"] = ["The id of a rule is its destination, a dot and a number, such as huis_advice.1."]
        elif told := known().wrong(DESTINATION, destination):
            wrong["id"] = [told]
        if strays := astray(data["when"], [data["refer"]["concern"]]):
            wrong["when"] = strays
        wrong = wrong or _not_caught(data["when"], data["example"]) | _not_near(data["when"], data["near_miss"])
        if wrong:
            raise ValidationError(wrong)

    def build(self, values: dict[str, Any]) -> Rule:
        """The rule; whoever is not caught is the example but for one answer."""
        example, but_not = values["example"], values.pop("near_miss")
        near_miss = Story(but_not.name, {**example.situation, **but_not.situation})
        made = {"refer": values["id"].rpartition(".")[0], "as_": As(values["refer"]["as_"]), "near_miss": near_miss}
        return Rule(**(values | values["refer"] | made))


def astray(conditions: Iterable[str], concerns: Collection[str]) -> dict[str, list[str]]:
    """What is wrong with each fact that does not belong to these concerns; all of them where none is named."""
    of = {name: known().facts.by_id[name].concern for name in conditions}
    told = "{!r} belongs to the concern {!r}; name that one as the only concern, or leave this out."
    return {name: [told.format(name, one)] for name, one in of.items() if one and set(concerns) != {one}}


def _not_caught(when: Mapping[str, frozenset[str]], example: Story) -> dict[str, list[str]]:
    said = []
    for fact, answers in when.items():
        given = example.situation.get(fact)
        if given is None:
            said.append(f"The example does not answer {fact!r}, which the rule tests.")
        elif given not in answers:
            wanted = " or ".join(sorted(answers))
            said.append(f"The example is not caught: it answers {fact!r} with {given!r}, not with {wanted}.")
    return {"example": said} if said else {}


def _not_near(when: Mapping[str, frozenset[str]], but_not: Story) -> dict[str, list[str]]:
    (fact, answer), *more = but_not.situation.items()
    if more:
        return {"but_not": ["Who is not caught is the example but for one answer; name that one alone."]}
    if fact not in when:
        return {"but_not": [f"The rule does not test {fact!r}, so it catches this one too; change an answer it tests."]}
    if answer in when[fact]:
        return {"but_not": [f"With {answer!r} for {fact!r} the rule catches this one too; choose another answer."]}
    return {}


class RulesSchema(AuthorSchema):
    """A file of rules, with the doubts that several of them share."""

    named: ClassVar = {"rule": "id"}
    doubts = Names(PerLanguage(required=True))
    rule = fields.List(fields.Nested(RuleSchema), required=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Note names of doubts that are none, and doubts that nobody has."""
        look_up(data, "doubts", "rule", "doubt")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> list[Rule]:
        """The rules, each with its doubt in full."""
        return [replace(rule, doubt=named(rule.doubt, data["doubts"])) for rule in data["rule"]]


def look_up(data: Mapping[str, Any], table: str, items: str, *keys: str) -> None:
    """Hold the names by which the items of a file use the texts of a table against that table.

    Raises:
        ValidationError: a name is not in the table, or the other way round.

    """
    known, used = data[table], set[str]()
    strange: dict[int, dict[str, list[str]]] = {}
    for index, item in enumerate(data[items]):
        for key in keys:
            if isinstance(name := getattr(item, key), str):
                used.add(name)
                if name not in known:
                    told = f"{name!r} does not stand in [{table}] of this file.{did_you_mean(name, known)}"
                    strange.setdefault(index, {})[key] = [told]
    idle = {name: ["Nothing in this file names this; take it away, or name it where it belongs."] for name in known}
    wrong = {items: strange, table: {name: told for name, told in idle.items() if name not in used}}
    if strange or wrong[table]:
        raise ValidationError({name: one for name, one in wrong.items() if one})


def named(given: Any, table: Mapping[str, Any]) -> Any:
    """What is given, or what it names in a table."""
    return table[given] if isinstance(given, str) else given


def load_rulebase(folder: Path, known: Known, *, read_too: set[Path] | None = None) -> Rulebase:
    """Load a rulebase and check everything its authors can get wrong.

    Args:
        folder: the folder with vocabulary.toml and the files of rules.
        known: what rules may name.
        read_too: gets the paths of the files that were read.

    Raises:
        AuthoringError: with every mistake found.

    """
    problems = Problems(read=set() if read_too is None else read_too)
    vocabulary = known.facts
    rules: list[Rule] = []
    places: dict[str, tuple[TomlFile, int]] = {}
    for path in sorted(folder.glob("*.toml")):
        file = None if path.name in NOT_RULES else read(folder, path, RulesSchema(), problems, known)
        for index, rule in enumerate(file.value if file else ()):
            assert file is not None  # noqa: S101 - for the type checker
            at = Table(file, problems, "rule", index, "id")
            if rule.refer != file.stem:
                at.say(f"A rule that refers to {rule.refer!r} belongs in {rule.refer}.toml.")
            if rule.id in places:
                other, place = places[rule.id]
                where = f"{other.name}:{other.line(('rule', place, 'id'))}"
                at.say(f"Rule {rule.id!r} stands at {where} too; ids are used once, so give this one another.")
            else:
                rules.append(rule)
                places[rule.id] = (file, index)
    _refuse_twins(rules, problems, places)
    problems.stop_if_any()
    return Rulebase(vocabulary, tuple(rules), tuple(_editions(vocabulary, rules)))


def load_vocabulary(folder: Path, problems: Problems, *, older: bool = False) -> Vocabulary:
    """Load vocabulary.toml.

    Args:
        folder: the folder it stands in.
        problems: to note mistakes in.
        older: whether it may be of before the notation of today.

    Raises:
        AuthoringError: the vocabulary has mistakes; without it no rule can be read.

    """
    file = read(folder, folder / VOCABULARY, VocabularySchema(), problems, Known(NONE, older=older))
    problems.stop_if_any()
    assert file is not None  # noqa: S101 - read() notes a problem when it returns None
    data = file.data
    several = [index for index, raw in enumerate(data["fact"]) if raw["several"]]
    concerns = [answer for index in several for answer in data["fact"][index]["answers"]]
    if not several:
        problems.add(file, ("fact",), "One fact has `several = true`: the concerns. Here no fact has it.")
    for index in several[1:]:
        message = "Only one fact has `several = true`: the concerns. Take it away here."
        problems.add(file, ("fact", index, "several"), message)
    problems.twice(file, "fact", [raw["id"] for raw in data["fact"]])
    for index, one in enumerate(data["destinations"]):
        if one in data["destinations"][:index]:
            problems.add(file, ("destinations", index), f"Destination {one!r} stands here twice; keep one.")
    for index, raw in enumerate(data["fact"]):
        place = ("fact", index, "answers")
        for number, one in enumerate(raw["answers"]):
            if one in raw["answers"][:number]:
                problems.add(file, (*place, number), f"Fact {raw['id']!r} has the answer {one!r} twice; keep one.")
        if len(raw["answers"]) < 2:
            problems.add(file, place, f"Fact {raw['id']!r} needs at least two answers.")
        at = Table(file, problems, "fact", index)
        if raw["concern"] and several:
            at.among(raw["concern"], concerns, "is not a concern", "concern")
        for number, one in enumerate(raw["few"]):
            at.among(one, raw["answers"], "is not an answer of this fact", "few", number)
        if raw["of"] not in (None, "organisation"):
            problems.add(file, ("fact", index, "of"), 'Only `of = "organisation"` is possible.')
        natures = [one.value for one in Nature]
        if raw["nature"] not in natures:
            hint = did_you_mean(raw["nature"], natures)
            message = f"{raw['nature']!r} is not a nature.{hint} Known: {', '.join(natures)}."
            problems.add(file, ("fact", index, "nature"), message)
        elif raw["of"] and raw["nature"] != Nature.WHERE:
            message = f'Fact {raw["id"]!r} of the organisation says where somebody is; write `nature = "where"`.'
            problems.add(file, ("fact", index, "nature"), message)
        if raw["of"] and UNKNOWN not in raw["answers"]:
            problems.add(file, place, f"Fact {raw['id']!r} of the organisation needs the answer 'unknown'.")
    Table(file, problems).among(data["safety_net"], data["destinations"], "is not a destination", "safety_net")
    problems.stop_if_any()
    facts = tuple(
        Fact(
            id=raw["id"],
            answers=tuple(raw["answers"]),
            concern=raw["concern"],
            of_organisation=raw["of"] is not None,
            several=raw["several"],
            few=tuple(raw["few"]),
            nature=Nature(raw["nature"]),
        )
        for raw in data["fact"]
    )
    return Vocabulary(
        facts, tuple(data["destinations"]), data["first_edition"], data["safety_net"], tuple(data["kinds"])
    )


def _refuse_twins(rules: list[Rule], problems: Problems, places: Mapping[str, tuple[TomlFile, int]]) -> None:
    """Two rules in force at once that say the same under the same conditions are one rule."""
    seen: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in rules:
        key = (rule.refer, rule.as_, rule.concern, frozenset(rule.when.items()))
        for other in seen.setdefault(key, []):
            if Period(rule.since, rule.until).overlaps(Period(other.since, other.until)):
                file, index = places[rule.id]
                message = f"rule {rule.id!r}: says the same as {other.id!r}; keep one of them."
                problems.add(file, ("rule", index), message)
        seen[key].append(rule)


def _editions(vocabulary: Vocabulary, rules: list[Rule]) -> Iterable[Edition]:
    starts = {vocabulary.first_edition}
    starts.update(rule.since for rule in rules)
    starts.update(rule.until for rule in rules if rule.until)
    ordered = sorted(starts)
    for since, until in zip(ordered, [*ordered[1:], None], strict=True):
        in_force = tuple(rule for rule in rules if rule.in_force(since))
        yield Edition(since.isoformat(), since, until, in_force, edition_digest(vocabulary, in_force), vocabulary)
