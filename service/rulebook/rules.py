"""rules/*.toml -> the rulebase, or all mistakes in it at once, each with file, line, rule and mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from marshmallow import fields

from service.core.period import Period
from service.core.rule import As, Citation, Edition, Rule, Rulebase, Story
from service.core.vocabulary import UNKNOWN, Fact, Nature, Vocabulary
from service.rulebook.digests import edition_digest
from service.rulebook.languages import NONE, Languages
from service.rulebook.messages import Message, all_known
from service.rulebook.schemas import AuthorSchema, PerLanguage, Text, TomlDate, mistake
from service.rulebook.toml_files import Problems, Table, TomlFile, read

VOCABULARY = "vocabulary.toml"
NOT_RULES = (VOCABULARY, "editions.toml", "promises.toml", "competence.toml")
LONGEST_QUOTE = 60  # words: a quotation is short


class Answers(fields.Field[frozenset[str]]):
    """One answer, or a list that means "one of these"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> frozenset[str]:
        answers = value if isinstance(value, list) else [value]
        if not all(isinstance(answer, str) for answer in answers):
            raise mistake("answer_no_word")
        if not answers:
            raise mistake("no_answer")
        if len(set(answers)) < len(answers):
            raise mistake("answer_twice")
        return frozenset(answers)


class FactSchema(AuthorSchema):
    """One `[[fact]]` of the vocabulary."""

    id = Text(required=True)
    answers = fields.List(Text(), required=True)
    nature = Text(load_default=None)
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


class StorySchema(AuthorSchema):
    """An example or a near miss: who it is, in a sentence, and the answers."""

    name = Text(required=True)
    situation = fields.Dict(keys=fields.String(), values=Answers(), required=True)


class CitationSchema(AuthorSchema):
    """Where a rule rests on a source."""

    id = Text(required=True)
    locator = Text(required=True)
    quote = Text(load_default=None)


class RuleSchema(AuthorSchema):
    """One `[[rule]]`."""

    id = Text(required=True)
    refer = Text(required=True)
    as_ = Text(required=True, data_key="as")
    concern = Text(required=True)
    since = TomlDate(required=True, data_key="from")
    until = TomlDate(load_default=None)
    when = fields.Dict(keys=fields.String(), values=Answers(), required=True)
    why = PerLanguage(required=True)
    doubt = PerLanguage()
    terms = fields.List(Text(), load_default=list)
    source = fields.List(fields.Nested(CitationSchema), required=True)
    example = fields.Nested(StorySchema, required=True)
    near_miss = fields.Nested(StorySchema, required=True)


class RulesSchema(AuthorSchema):
    """A file of rules."""

    rule = fields.List(fields.Nested(RuleSchema), required=True)


def load_rulebase(
    folder: Path,
    sources: Collection[str],
    terms: Collection[str],
    languages: Languages,
    *,
    beside: Problems | None = None,
    older: bool = False,
) -> Rulebase:
    """Load a rulebase and check everything its authors can get wrong.

    Args:
        folder: the folder with vocabulary.toml and the files of rules.
        sources: the ids of the sources that rules may cite.
        terms: the ids of the terms that rules may name.
        languages: in which each text must stand.
        beside: learns which files were read.
        older: whether they may be of an older revision, as for `load_vocabulary`.

    Raises:
        AuthoringError: with every mistake found.

    """
    problems = Problems(read=beside.read, files=beside.files) if beside else Problems()
    vocabulary = load_vocabulary(folder, problems, older=older)
    rules: list[Rule] = []
    places: dict[str, tuple[TomlFile, int]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name in NOT_RULES:
            continue
        file = read(folder, path, RulesSchema(), problems, languages)
        for index, raw in enumerate(file.data["rule"] if file else ()):
            assert file is not None  # noqa: S101 - for the type checker
            rule = _RuleReader(file, index, raw, vocabulary, problems).read(sources, terms)
            if raw["id"] in places:
                other, place = places[raw["id"]]
                where = f"{other.name}:{other.line(('rule', place, 'id'))}"
                problems.add(file, ("rule", index, "id"), "rule_twice", id=raw["id"], where=where)
            elif rule:
                rules.append(rule)
            places.setdefault(raw["id"], (file, index))
    _refuse_twins(rules, problems, places)
    problems.stop_if_any()
    return Rulebase(vocabulary, tuple(rules), tuple(_editions(vocabulary, rules)))


def load_vocabulary(folder: Path, problems: Problems, *, older: bool = False) -> Vocabulary:
    """Load vocabulary.toml.

    Args:
        folder: the folder it stands in.
        problems: to note mistakes in.
        older: whether it may lack what was added since and no decision depends on: `nature`.

    Raises:
        AuthoringError: the vocabulary has mistakes; without it no rule can be read.

    """
    file = read(folder, folder / VOCABULARY, VocabularySchema(), problems, NONE)
    problems.stop_if_any()
    assert file is not None  # noqa: S101 - read() notes a problem when it returns None
    data = file.data
    several = [index for index, raw in enumerate(data["fact"]) if raw["several"]]
    concerns = [answer for index in several for answer in data["fact"][index]["answers"]]
    if not several:
        problems.add(file, ("fact",), "no_concerns")
    for index in several[1:]:
        problems.add(file, ("fact", index, "several"), "second_concerns")
    problems.twice(file, "fact", [raw["id"] for raw in data["fact"]])
    for index, one in enumerate(data["destinations"]):
        if one in data["destinations"][:index]:
            problems.add(file, ("destinations", index), "destination_twice", id=one)
    for index, raw in enumerate(data["fact"]):
        place = ("fact", index, "answers")
        for number, one in enumerate(raw["answers"]):
            if one in raw["answers"][:number]:
                problems.add(file, (*place, number), "fact_with_answer_twice", fact=raw["id"], answer=one)
        if len(raw["answers"]) < 2:
            problems.add(file, place, "fact_with_one_answer", fact=raw["id"])
        at = Table(file, problems, "fact", index)
        if raw["concern"] and several:
            at.among(raw["concern"], concerns, "not_a_concern", "concern")
        for number, one in enumerate(raw["few"]):
            at.among(one, raw["answers"], "not_an_answer", "few", number, fact=raw["id"])
        if raw["of"] not in (None, "organisation"):
            problems.add(file, ("fact", index, "of"), "of_something_else")
        natures = [one.value for one in Nature]
        if raw["nature"] is None and not older:
            problems.add(file, ("fact", index, "nature"), "no_nature", fact=raw["id"], natures=", ".join(natures))
        elif raw["nature"] is None:
            raw["nature"] = Nature.WHERE if raw["of"] else Nature.PAST
        elif raw["nature"] not in natures:
            problems.add(file, ("fact", index, "nature"), "not_a_nature", given=raw["nature"], known=all_known(natures))
        elif raw["of"] and raw["nature"] != Nature.WHERE:
            problems.add(file, ("fact", index, "nature"), "organisation_no_place", fact=raw["id"])
        if raw["of"] and UNKNOWN not in raw["answers"]:
            problems.add(file, place, "organisation_never_unknown", fact=raw["id"])
    Table(file, problems).among(data["safety_net"], data["destinations"], "not_a_destination", "safety_net")
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


class _RuleReader:
    """Reads one `[[rule]]`; each check is a sentence an author can act on."""

    def __init__(
        self, file: TomlFile, index: int, raw: dict[str, Any], vocabulary: Vocabulary, problems: Problems
    ) -> None:
        self.file, self.raw, self.vocabulary = file, raw, vocabulary
        self.at = Table(file, problems, "rule", index, whose=Message("in_rule", {"id": raw["id"]}))

    def read(self, sources: Collection[str], terms: Collection[str]) -> Rule | None:
        self.check_names(sources, terms)
        self.check_dates()
        self.check_conditions(self.raw["when"], "when")
        for kind in ("example", "near_miss"):
            self.check_conditions(self.raw[kind]["situation"], kind, "situation", story=True)
        if not self.at.sound:
            return None
        rule = Rule(
            id=self.raw["id"],
            refer=self.raw["refer"],
            as_=As(self.raw["as_"]),
            concern=self.raw["concern"],
            when=self.raw["when"],
            since=self.raw["since"],
            until=self.raw["until"],
            citations=tuple(Citation(one["id"], one["locator"], one["quote"]) for one in self.raw["source"]),
            why=self.raw["why"],
            doubt=self.raw["doubt"],
            terms=tuple(self.raw["terms"]),
            example=_story(self.raw["example"]),
            near_miss=_story(self.raw["near_miss"]),
        )
        self.check_stories(rule)
        return rule

    def check_names(self, sources: Collection[str], terms: Collection[str]) -> None:
        raw, vocabulary, at = self.raw, self.vocabulary, self.at
        known = at.among(raw["refer"], vocabulary.destinations, "not_a_destination", "refer")
        at.among(raw["as_"], [one.value for one in As], "not_a_way_to_refer", "as")
        at.among(raw["concern"], vocabulary.concerns.answers, "not_a_concern", "concern")
        destination, dot, number = raw["id"].rpartition(".")
        if known and self.file.stem != raw["refer"]:
            at.say("rule_in_other_file", "refer", destination=raw["refer"])
        elif known and (destination != raw["refer"] or not dot or not number.isdigit()):
            at.say("form_of_id", "id", destination=raw["refer"])
        if not raw["source"]:
            at.say("no_source", "source")
        for place, citation in enumerate(raw["source"]):
            at.source(citation["id"], sources, "source", place, "id")
            if citation["quote"] and len(citation["quote"].split()) > LONGEST_QUOTE:
                at.say("long_quotation", "source", place, "quote", longest=LONGEST_QUOTE)
        for place, term in enumerate(raw["terms"] if terms else ()):  # none: terms.toml has mistakes of its own
            at.among(term, terms, "not_a_term", "terms", place)

    def check_dates(self) -> None:
        first, since, until = self.vocabulary.first_edition, self.raw["since"], self.raw["until"]
        if since < first:
            self.at.say("before_first_edition", "from", since=since, first=first)
        if until is not None and until <= since:
            self.at.say("ends_before_it_begins", "until", until=until, since=since)

    def check_conditions(self, conditions: Mapping[str, frozenset[str]], *path: str, story: bool = False) -> None:
        concern, at = self.raw["concern"], self.at
        if not conditions:
            at.say("no_condition", *path)
        facts = [fact.id for fact in self.vocabulary.facts if not fact.several]
        for name, answers in conditions.items():
            fact, here = self.vocabulary.by_id.get(name), (*path, name)
            if fact is None:
                at.among(name, facts, "not_a_fact", *here)
            elif fact.several:
                at.say("concerns_tested", *here, fact=name)
            elif fact.concern not in (None, concern) and concern in self.vocabulary.concerns.answers:
                at.say("fact_of_other_concern", *here, fact=name, other=fact.concern, concern=concern)
            elif wrong := sorted(answers - set(fact.answers)):
                at.among(wrong[0], fact.answers, "not_an_answer", *here, fact=name)
            elif story and len(answers) > 1:
                at.say("story_with_two_answers", *here, fact=name)
            elif not story and len(answers) == len(fact.answers):
                at.say("every_answer", *here, fact=name)

    def check_stories(self, rule: Rule) -> None:
        example, near_miss = rule.example.situation, rule.near_miss.situation
        for fact, answers in rule.when.items():
            if fact not in example:
                self.at.say("example_does_not_answer", "example", fact=fact)
            elif example[fact] not in answers:
                said = {"fact": fact, "given": example[fact], "wanted": tuple(sorted(answers))}
                self.at.say("example_not_caught", "example", **said)
        if all(near_miss.get(fact, next(iter(answers))) in answers for fact, answers in rule.when.items()):
            self.at.say("near_miss_caught", "near_miss")


def _story(raw: Mapping[str, Any]) -> Story:
    return Story(raw["name"], {fact: next(iter(answers)) for fact, answers in raw["situation"].items()})


def _refuse_twins(rules: list[Rule], problems: Problems, places: Mapping[str, tuple[TomlFile, int]]) -> None:
    """Two rules in force at once that say the same under the same conditions are one rule."""
    seen: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in rules:
        key = (rule.refer, rule.as_, rule.concern, frozenset(rule.when.items()))
        for other in seen.setdefault(key, []):
            if Period(rule.since, rule.until).overlaps(Period(other.since, other.until)):
                file, index = places[rule.id]
                whose = Message("in_rule", {"id": rule.id})
                problems.add(file, ("rule", index), "twin", whose, other=other.id)
        seen[key].append(rule)


def _editions(vocabulary: Vocabulary, rules: list[Rule]) -> Iterable[Edition]:
    starts = {vocabulary.first_edition}
    starts.update(rule.since for rule in rules)
    starts.update(rule.until for rule in rules if rule.until)
    ordered = sorted(starts)
    for since, until in zip(ordered, [*ordered[1:], None], strict=True):
        in_force = tuple(rule for rule in rules if rule.in_force(since))
        yield Edition(since.isoformat(), since, until, in_force, edition_digest(vocabulary, in_force), vocabulary)
