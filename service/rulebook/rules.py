"""rules/*.toml -> the rulebase, or all mistakes in it at once, each with file, line, rule and mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from service.core.period import Period
from service.core.rule import As, Citation, Edition, Rule, Rulebase, Story
from service.core.vocabulary import UNKNOWN, Fact, Nature, Vocabulary
from service.rulebook.digests import edition_digest
from service.rulebook.languages import NONE, Languages
from service.rulebook.schemas import AuthorSchema, PerLanguage, Text, TomlDate
from service.rulebook.toml_files import Problems, Table, TomlFile, did_you_mean, read

VOCABULARY = "vocabulary.toml"
NOT_RULES = (VOCABULARY, "editions.toml", "promises.toml", "competence.toml")
LONGEST_QUOTE = 60  # words: a quotation is short


class Answers(fields.Field[frozenset[str]]):
    """One answer, or a list that means "one of these"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> frozenset[str]:
        answers = value if isinstance(value, list) else [value]
        if not all(isinstance(answer, str) for answer in answers):
            raise ValidationError('An answer is a word between quotation marks, such as "yes".')
        if not answers:
            raise ValidationError("An empty list never holds; name at least one answer.")
        if len(set(answers)) < len(answers):
            raise ValidationError("The same answer stands here twice; keep one.")
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
    read_too: set[Path] | None = None,
    older: bool = False,
) -> Rulebase:
    """Load a rulebase and check everything its authors can get wrong.

    Args:
        folder: the folder with vocabulary.toml and the files of rules.
        sources: the ids of the sources that rules may cite.
        terms: the ids of the terms that rules may name.
        languages: in which each text must stand.
        read_too: gets the paths of the files that were read.
        older: whether they may be of an older revision, as for `load_vocabulary`.

    Raises:
        AuthoringError: with every mistake found.

    """
    problems = Problems(read=set() if read_too is None else read_too)
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
                message = f"Rule {raw['id']!r} stands at {where} too; ids are used once, so give this one another."
                problems.add(file, ("rule", index, "id"), message)
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
        if raw["nature"] is None and not older:
            problems.add(file, ("fact", index, "nature"), "The key 'nature' is missing.")
        elif raw["nature"] is None:
            raw["nature"] = Nature.WHERE if raw["of"] else Nature.PAST
        elif raw["nature"] not in natures:
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


class _RuleReader:
    """Reads one `[[rule]]`; each check is a sentence an author can act on."""

    def __init__(
        self, file: TomlFile, index: int, raw: dict[str, Any], vocabulary: Vocabulary, problems: Problems
    ) -> None:
        self.file, self.raw, self.vocabulary = file, raw, vocabulary
        self.at = Table(file, problems, "rule", index, whose=f"rule {raw['id']!r}: ")

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
        known = at.among(raw["refer"], vocabulary.destinations, "is not a destination", "refer")
        at.among(raw["as_"], [one.value for one in As], "is not a way to refer", "as")
        at.among(raw["concern"], vocabulary.concerns.answers, "is not a concern", "concern")
        destination, dot, number = raw["id"].rpartition(".")
        if known and self.file.stem != raw["refer"]:
            at.say(f"A rule that refers to {raw['refer']!r} belongs in {raw['refer']}.toml.", "refer")
        elif known and (destination != raw["refer"] or not dot or not number.isdigit()):
            named = f"{raw['refer']}.1, {raw['refer']}.2, …"
            at.say(f"The id of a rule is its destination, a dot and a number: {named}", "id")
        if not raw["source"]:
            at.say("A rule rests on at least one source.", "source")
        for place, citation in enumerate(raw["source"]):
            at.source(citation["id"], sources, "source", place, "id")
            if citation["quote"] and len(citation["quote"].split()) > LONGEST_QUOTE:
                message = f"The quotation is longer than {LONGEST_QUOTE} words; keep what carries the rule."
                at.say(message, "source", place, "quote")
        for place, term in enumerate(raw["terms"] if terms else ()):  # none: terms.toml has mistakes of its own
            at.among(term, terms, "is not in content/terms.toml", "terms", place, kind="Term ")

    def check_dates(self) -> None:
        first, since, until = self.vocabulary.first_edition, self.raw["since"], self.raw["until"]
        if since < first:
            self.at.say(f"{since} lies before the first edition, {first}; use that date.", "from")
        if until is not None and until <= since:
            self.at.say(f"`until` ({until}) must lie after `from` ({since}).", "until")

    def check_conditions(self, conditions: Mapping[str, frozenset[str]], *path: str, story: bool = False) -> None:
        concern, at = self.raw["concern"], self.at
        if not conditions:
            at.say("Without a condition this says nothing; name at least one fact.", *path)
        facts = [fact.id for fact in self.vocabulary.facts if not fact.several]
        for name, answers in conditions.items():
            fact, here = self.vocabulary.by_id.get(name), (*path, name)
            if fact is None:
                at.among(name, facts, f"is not a fact in {VOCABULARY}", *here)
            elif fact.several:
                at.say(f"{name!r} cannot be tested: a rule belongs to one concern, named in `concern`.", *here)
            elif fact.concern not in (None, concern) and concern in self.vocabulary.concerns.answers:
                other = f"belongs to the concern {fact.concern!r}; this rule is of {concern!r}, so leave it out."
                at.say(f"{name!r} {other}", *here)
            elif wrong := sorted(answers - set(fact.answers)):
                at.among(wrong[0], fact.answers, f"is not an answer of {name!r}", *here)
            elif story and len(answers) > 1:
                at.say(f"A story has one answer to {name!r}; keep one.", *here)
            elif not story and len(answers) == len(fact.answers):
                at.say(f"{name!r} lists every answer, so it tests nothing; leave it out.", *here)

    def check_stories(self, rule: Rule) -> None:
        example, near_miss = rule.example.situation, rule.near_miss.situation
        for fact, answers in rule.when.items():
            if fact not in example:
                self.at.say(f"The example does not answer {fact!r}, which the rule tests.", "example")
            elif example[fact] not in answers:
                wanted = " or ".join(sorted(answers))
                message = f"The example is not caught: it answers {fact!r} with {example[fact]!r}, not with {wanted}."
                self.at.say(message, "example")
        if all(near_miss.get(fact, next(iter(answers))) in answers for fact, answers in rule.when.items()):
            self.at.say("The near miss is caught, or could be; change one answer that the rule tests.", "near_miss")


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
