"""rules/*.toml -> the rulebase, or all mistakes in it at once, each with file, line, rule and mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.core.period import Period
from service.core.rule import As, Doubt, Edition, Rule, Rulebase, Story
from service.core.vocabulary import UNKNOWN, Fact, Nature, Vocabulary
from service.rulebook.digests import edition_digest
from service.rulebook.known import CONCERN, DESTINATION, TERM, WAY, Known, known
from service.rulebook.languages import NONE
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.overlay import within
from service.rulebook.schemas import (
    Answers,
    AnyOf,
    AuthorSchema,
    Cited,
    Conditions,
    Lasting,
    Made,
    Named,
    Names,
    OrName,
    PerLanguage,
    Ref,
    Rows,
    Text,
    Told,
    TomlDate,
    Words,
    mistake,
)
from service.rulebook.toml_files import Problems, TomlFile, read

VOCABULARY = "vocabulary.toml"
NOT_RULES = (VOCABULARY, "editions.toml", "promises.toml", "competence.toml", "signatures.toml")


def _several(answers: list[str]) -> None:
    if len(answers) < 2:
        raise mistake("one_answer")


def _not_answer(given: str, fact: Mapping[str, Any]) -> Message:
    hint = did_you_mean(given, fact["answers"])
    return Message("not_an_answer", {"given": given, "fact": fact["id"], "hint": hint})


class FactSchema(Made):
    """One `[[fact]]` of the vocabulary."""

    made = Fact
    id = Text(required=True)
    answers = Words(required=True, validate=_several)
    nature = Text(required=True, validate=validate.OneOf([one.value for one in Nature]))
    concern = Text(load_default=None)
    of_organisation = Text(load_default=None, data_key="of", validate=validate.OneOf(["organisation"]))
    several = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    few = Words()
    applies = Names(Answers())
    must_name = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold what a fact says against itself."""
        wrong: dict[str, Any] = {}
        few = {number: one for number, one in enumerate(data["few"]) if one not in data["answers"]}
        if few:
            wrong["few"] = {number: [_not_answer(one, data)] for number, one in few.items()}
        if data["of_organisation"] and data["nature"] != Nature.WHERE:
            wrong["nature"] = [Message("organisation_no_place")]
        if data["of_organisation"] and UNKNOWN not in data["answers"]:
            wrong["answers"] = [Message("organisation_never_unknown")]
        if wrong:
            raise ValidationError(wrong)

    def build(self, values: dict[str, Any]) -> Fact:
        """The fact."""
        made = {"of_organisation": values["of_organisation"] is not None, "nature": Nature(values["nature"])}
        return Fact(**(values | made))


class VocabularySchema(Made):
    """rules/vocabulary.toml."""

    made = Vocabulary
    named: ClassVar = {"fact": "id"}
    first_edition = TomlDate(required=True)
    safety_net = Text(required=True)
    destinations = Words(required=True)
    kinds = Words()
    facts = Rows(FactSchema, required=True, data_key="fact")

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the facts against the concerns."""
        wrong: dict[int, dict[str, Any]] = {}
        several = [index for index, fact in enumerate(data["facts"]) if fact.several]
        if not several:
            raise mistake("no_concerns", "fact")
        for index in several[1:]:
            wrong[index] = {"several": [Message("second_concerns")]}
        concerns = data["facts"][several[0]].answers
        for index, fact in enumerate(data["facts"]):
            if fact.concern and fact.concern not in concerns:
                hint = did_you_mean(fact.concern, concerns)
                wrong[index] = {"concern": [Message("not_a_concern", {"given": fact.concern, "hint": hint})]}
            before = (one for place, one in enumerate(data["facts"]) if place < index or one.of_organisation)
            known_then = {one.id: one for one in before if one is not fact}
            grounds = {other: _no_ground(fact, other, known_then) for other in fact.applies}
            if grounds := {other: one for other, one in grounds.items() if one}:
                wrong[index] = {"applies": grounds}
        net, places = data["safety_net"], data["destinations"]
        if net not in places:
            told = Message("not_a_destination", {"given": net, "hint": did_you_mean(net, places)})
            raise ValidationError({"safety_net": [told], "fact": wrong})
        if wrong:
            raise ValidationError({"fact": wrong})


def _no_ground(fact: Fact, other: str, known_then: Mapping[str, Fact]) -> list[Message]:
    """What is wrong with a fact on which it hangs whether another one applies."""
    if other not in known_then:
        return [Message("no_fact_above", {"fact": other})]
    answers = known_then[other].answers
    strange = [one for one in fact.applies[other] if one not in answers]
    said = [{"given": one, "fact": other, "hint": did_you_mean(one, answers)} for one in strange]
    return [Message("not_an_answer", one) for one in said]


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
            raise mistake("before_first_edition", "from", since=data["since"], first=first)


class DoubtSchema(Made):
    """A doubt: what people read, and for whom it is where that is not everybody."""

    made = Doubt
    says = PerLanguage(bare=True, required=True)
    whom = AnyOf(Conditions(), load_default=tuple, data_key="for", validate=validate.Length(min=1))


class RuleSchema(Made):
    """One `[[rule]]`."""

    id = Text(required=True)
    refer = fields.Nested(ReferSchema, required=True)
    when = Conditions(required=True)
    why = PerLanguage(required=True)
    doubts = AnyOf(OrName(DoubtSchema), load_default=tuple, data_key="doubt", validate=validate.Length(min=1))
    note = Named()
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
            wrong["id"] = [Message("form_of_id")]
        elif told := known().wrong(DESTINATION, destination):
            wrong["id"] = [told]
        concern = data["refer"]["concern"]
        beside = astray(data["when"], [concern]) or _beside_the_point(data["when"], concern)
        if beside or (silent := _silent(data["when"], concern)):
            wrong["when"] = beside or silent
        wrong = wrong or _not_caught(data["when"], data["example"]) | _not_near(data["when"], data["near_miss"])
        if wrong:
            raise ValidationError(wrong)

    def build(self, values: dict[str, Any]) -> Rule:
        """The rule; whoever is not caught is the example but for one answer."""
        example, but_not = values["example"], values.pop("near_miss")
        near_miss = Story(but_not.name, {**example.situation, **but_not.situation})
        made = {"refer": values["id"].rpartition(".")[0], "as_": As(values["refer"]["as_"]), "near_miss": near_miss}
        return Rule(**(values | values["refer"] | made))


def astray(conditions: Iterable[str], concerns: Collection[str]) -> dict[str, list[Message]]:
    """What is wrong with each fact that does not belong to these concerns; all of them where none is named."""
    vocabulary, wrong = known().facts, dict[str, list[Message]]()
    for fact in (vocabulary.by_id[name] for name in conditions):
        of = vocabulary.concerns_of(fact)
        if set(of) < set(vocabulary.concerns.answers) and not (concerns and set(concerns) <= set(of)):
            wrong[fact.id] = [Message("fact_of_other_concern", {"fact": fact.id, "concern": tuple(map(repr, of))})]
    return wrong


def _beside_the_point(when: Mapping[str, frozenset[str]], concern: str) -> dict[str, list[Message]]:
    """What is wrong with each fact that a rule tests where it does not apply."""
    wrong: dict[str, list[Message]] = {}
    for fact in when:
        for other, answers in known().facts.applying(fact, concern).items():
            if not when.get(other, frozenset()) or not when[other] <= set(answers):
                told = Message("applies_elsewhere", {"fact": fact, "other": other, "answers": tuple(answers)})
                wrong.setdefault(fact, []).append(told)
    return wrong


def _silent(when: Collection[str], concern: str) -> list[Message]:
    """Each fact that a rule of a concern must name, and does not."""
    facts = known().facts.facts_of(concern)
    return [Message("must_be_named", {"fact": fact.id}) for fact in facts if fact.must_name and fact.id not in when]


def _not_caught(when: Mapping[str, frozenset[str]], example: Story) -> dict[str, list[Message]]:
    said = []
    for fact, answers in when.items():
        given = example.situation.get(fact)
        if given is None:
            said.append(Message("example_does_not_answer", {"fact": fact}))
        elif given not in answers:
            wanted = tuple(sorted(answers))
            said.append(Message("example_not_caught", {"fact": fact, "given": given, "wanted": wanted}))
    return {"example": said} if said else {}


def _not_near(when: Mapping[str, frozenset[str]], but_not: Story) -> dict[str, list[Message]]:
    (fact, answer), *more = but_not.situation.items()
    if more:
        return {"but_not": [Message("more_than_one_answer")]}
    if fact not in when:
        return {"but_not": [Message("caught_all_the_same", {"fact": fact})]}
    if answer in when[fact]:
        return {"but_not": [Message("caught_with_answer", {"fact": fact, "answer": answer})]}
    return {}


class RulesSchema(AuthorSchema):
    """A file of rules, with the doubts and the notes that several of them share."""

    named: ClassVar = {"rule": "id"}
    doubts = Names(fields.Nested(DoubtSchema, required=True))
    notes = Names(PerLanguage(required=True))
    rule = Rows(RuleSchema, required=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Note names of doubts and notes that are none, and those that nobody has."""
        look_up(data, "doubts", "rule", doubt="doubts")
        look_up(data, "notes", "rule", note="note")
        wrong: dict[str, dict[Any, Any]] = {}
        for index, rule in enumerate(data["rule"]):
            for given in rule.doubts:
                for told in filter(None, (astray(one, [rule.concern]) for one in named(given, data["doubts"]).whom)):
                    shared = isinstance(given, str)
                    table, place = ("doubts", given) if shared else ("rule", index)
                    wrong.setdefault(table, {})[place] = {"for": told} if shared else {"doubt": {"for": told}}
        if wrong:
            raise ValidationError(wrong)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> list[Rule]:
        """The rules, each with its doubts and its note in full."""
        return [
            replace(
                one,
                doubts=tuple(named(given, data["doubts"]) for given in one.doubts),
                note=named(one.note, data["notes"]),
            )
            for one in data["rule"]
        ]


def look_up(data: Mapping[str, Any], table: str, items: str, **keys: str) -> None:
    """Hold the texts of a file that have a name, in a table of it, against the items that use them.

    Args:
        data: what was read.
        table: where the texts stand.
        items: what uses them.
        keys: as authors write them, and what each is called in an item.

    Raises:
        ValidationError: a name is not in the table or is used by nobody, or a text without a name stands there twice.

    """
    texts, used, said = data[table], set[str](), list(data[table].values())
    wrong: dict[str, dict[Any, Any]] = {}
    for index, item in enumerate(data[items]):
        for key, given in [(key, one) for key, name in keys.items() for one in _several_of(getattr(item, name))]:
            told = None
            if isinstance(given, str):
                used.add(given)
                if given not in texts:
                    hint = did_you_mean(given, texts)
                    told = Message("not_in_table", {"given": given, "table": table, "hint": hint})
            elif given in said and not known().older:
                told = Message("text_without_name", {"table": table})
            elif given:
                said.append(given)
            if told:
                wrong.setdefault(items, {}).setdefault(index, {})[key] = [told]
    for name in texts:
        if name not in used and not known().older:
            wrong.setdefault(table, {})[name] = [Message("nothing_names_it")]
    if wrong:
        raise ValidationError(wrong)


def _several_of(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def named(given: Any, table: Mapping[str, Any]) -> Any:
    """What is given, or what it names in a table."""
    return table[given] if isinstance(given, str) else given


def load_rulebase(folder: Path, known: Known, problems: Problems) -> Rulebase:
    """Load the rules, and the editions that they make; where `problems` were noted some are left out.

    Args:
        folder: the folder with vocabulary.toml and the files of rules.
        known: what rules may name.
        problems: where mistakes are noted.

    """
    rules: list[Rule] = []
    places: dict[str, tuple[TomlFile, int]] = {}
    for path in within(folder, ""):
        file = None if path.name in NOT_RULES else read(folder, path, RulesSchema(), problems, known)
        for index, rule in enumerate(file.value if file else ()):
            assert file is not None  # noqa: S101 - for the type checker
            if rule.refer != file.stem:
                problems.add(file, ("rule", index, "id"), "rule_in_other_file", destination=rule.refer)
            rules.append(rule)
            places[rule.id] = (file, index)
    _refuse_twins(rules, problems, places)
    return Rulebase(known.facts, tuple(rules), tuple(_editions(known.facts, rules)))


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
    vocabulary: Vocabulary = file.value
    return vocabulary


def _refuse_twins(rules: list[Rule], problems: Problems, places: Mapping[str, tuple[TomlFile, int]]) -> None:
    """Two rules in force at once that say the same under the same conditions are one rule."""
    seen: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in rules:
        key = (rule.refer, rule.as_, rule.concern, frozenset(rule.when.items()))
        for other in seen.setdefault(key, []):
            if Period(rule.since, rule.until).overlaps(Period(other.since, other.until)):
                file, index = places[rule.id]
                problems.add(file, ("rule", index), "twin", Message("in_rule", {"id": rule.id}), other=other.id)
        seen[key].append(rule)


def _editions(vocabulary: Vocabulary, rules: list[Rule]) -> Iterable[Edition]:
    starts = {vocabulary.first_edition}
    starts.update(rule.since for rule in rules)
    starts.update(rule.until for rule in rules if rule.until)
    ordered = sorted(starts)
    for since, until in zip(ordered, [*ordered[1:], None], strict=True):
        in_force = tuple(rule for rule in rules if rule.in_force(since))
        yield Edition(since.isoformat(), since, until, in_force, edition_digest(vocabulary, in_force), vocabulary)
