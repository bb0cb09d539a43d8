"""A difference between two rulebases in words that a policy owner can sign. Says what was compared.

All it says of questions, answers and doors comes from the texts of the two sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date

from service.answers.groups import tell
from service.answers.phrases import Phrases
from service.core.period import Period
from service.core.rule import STRENGTH, As, Rule
from service.publishing.difference.blocks import Block, Grid, Heading, Items, Paragraph
from service.publishing.difference.rules import joined
from service.publishing.difference.values import (
    ContactDiff,
    Count,
    Difference,
    Door,
    Group,
    Move,
    OrganisationsDiff,
    TextDiff,
)
from service.rulebook.audience import KIND
from service.rulebook.revisions import Version
from service.rulebook.texts import Contact

KINDS = {
    (None, As.ALSO): "added_also",
    (None, As.LATER): "added_later",
    (As.FIRST, None): "removed",
    (As.ALSO, None): "removed",
    (As.LATER, None): "removed",
    (As.FIRST, As.LATER): "to_later",
    (As.ALSO, As.LATER): "to_later",
    (As.LATER, As.FIRST): "to_now",
    (As.LATER, As.ALSO): "to_now",
    (As.FIRST, As.ALSO): "kept",
    (As.ALSO, As.FIRST): "promoted",
}

MOST_UNREAD = 5  # mistakes of one side to tell: `check` tells them all
SEEN = ("name", "phone", "phone_abroad", "email", "url", "hours")  # of a contact that comes or goes


class Report:
    """Tells a difference in one language."""

    def __init__(
        self, old: Version, new: Version, difference: Difference, language: str, words: Mapping[str, str]
    ) -> None:
        """Prepare the report.

        Args:
            old: the old side.
            new: the new side; its words are used where both sides have them.
            difference: between these two.
            language: to tell it in.
            words: the interface in that language.

        """
        self._sides, self._difference, self._language, self._words = (new, old), difference, language, words
        vocabularies = [side.rulebase.vocabulary for side in (old, new)]
        facts = {fact.id: fact for vocabulary in vocabularies for fact in vocabulary.facts}
        self._phrases = Phrases([side.texts.questions for side in self._sides], facts.values(), words, language)
        self._concerns = vocabularies[1].concerns.id
        self._always = joined(one.period for one in difference.moments if one.period)
        self._rules = [{rule.id: rule for rule in side.rulebase.rules} for side in (old, new)]

    def blocks(self, most: int) -> list[Block]:
        """The whole report.

        Args:
            most: how many texts to tell.

        """
        found: list[Block] = [
            Heading(1, self._say("title", old=self._difference.old.name, new=self._difference.new.name)),
            Paragraph(" ".join(self._headline())),
            Paragraph(self._say("what")),
            *self._not_compared(),
            *self._vocabulary(),
        ]
        if self._difference.rules.changed:
            found.append(self._grid(self._difference.rules.counts))
        for count in self._difference.rules.counts:
            groups = [group for group in self._difference.rules.groups if group.concern == count.concern]
            if groups or count.groups_untold:
                found.append(Heading(2, self._phrases.label(self._concerns, count.concern)))
                found += self._groups(groups, [count], self._always)
        for one in self._difference.organisations:
            found += self._organisations(one)
        found += self._list_of("contacts", list(map(self._contact, self._difference.contacts)), most)
        found += self._list_of("texts", self._texts(), most)
        return [*found, *self._compared()]

    def _headline(self) -> Iterator[str]:
        found, rules = self._difference, self._difference.rules.counts
        size = self._number(sum(count.size for count in rules))
        if found.nothing:
            yield self._say("nothing", all=size)
            return
        if changed := sum(count.changed for count in rules):
            yield self._say("changed", changed=self._number(changed), all=size)
            if reason := changed - sum(count.moved for count in rules):
                yield self._say("reason_only", count=self._number(reason))
            if len(found.moments) > 1:
                yield self._say("some_day")
        else:
            yield self._say("rules_same", all=size)
        there = [id_ for one in found.organisations if one.changes.changed for id_ in one.organisations]
        if there:
            names = [self._organisation(id_, 0) for id_ in dict.fromkeys(there)]
            yield self._say("organisations_changed", names=self._list(names))
        if found.loses_first:
            yield self._say("loses_first")
        for key, things in (("contacts_changed", found.contacts), ("texts_changed", self._texts())):
            if things:
                yield self._say(key, count=self._number(len(things)))
        if any(side.facts or side.answers for side in (found.old, found.new)):
            yield self._say("vocabulary_changed")
        if found.old.unread or found.new.unread or found.one_sided:
            yield self._say("not_all")

    def _not_compared(self) -> Iterator[Block]:
        """The days and the files of one side with which nothing could be compared."""
        found = self._difference
        if found.one_sided and found.one_sided.since and found.one_sided.until:
            key = "only_old" if self._sides[1].rulebase.editions[0].since == found.one_sided.since else "only_new"
            yield Paragraph(self._say(key, since=f"{found.one_sided.since}", until=f"{found.one_sided.until}"))
        for side in (found.old, found.new):
            if side.unread:
                yield Paragraph(self._say("unread", name=side.name))
                yield from self._items(side.unread, MOST_UNREAD)
        if not all(side.organisations for side in self._sides):
            yield Paragraph(self._say("no_directory"))

    def _vocabulary(self) -> Iterator[Block]:
        lines = []
        for key, side in (("removed", self._difference.old), ("added", self._difference.new)):
            lines += [self._say(f"fact_{key}", ask=self._phrases.ask(fact)) for fact in side.facts]
            lines += [
                self._say(f"answer_{key}", ask=self._phrases.ask(fact), answer=self._phrases.label(fact, answer))
                for fact, answer in side.answers
            ]
        if lines:
            yield from (Heading(2, self._say("vocabulary")), Items(tuple(lines)))

    def _grid(self, counts: Sequence[Count]) -> Grid:
        header = tuple(self._say(key) for key in ("subject", "situations", "differ", "differ_reason", "differ_lost"))
        return Grid(
            header,
            tuple(
                (
                    self._phrases.label(self._concerns, one.concern),
                    *map(self._number, (one.size, one.changed, one.changed - one.moved, one.loses_first)),
                )
                for one in counts
            ),
        )

    def _groups(
        self, groups: Iterable[Group], counts: Sequence[Count], within: Sequence[Period], where: str = ""
    ) -> Iterator[Block]:
        """Groups of people, each with what changes for them; and how many are not told.

        Args:
            groups: to tell.
            counts: with those that are not.
            within: the periods of which something is said; those of a group are told where they are others.
            where: what is said of all of them; then their concern is said as well, which no heading says.

        """
        for number, group in enumerate(groups, 1):
            title, *more = self._changes(group)
            yield Heading(3, f"{number}. {title}")
            before = [where, self._phrases.clause(self._concerns, [group.concern])] if where else []
            told = tell(group.who, self._phrases, self._words, before)
            yield Paragraph(told.says)
            if told.lines:
                yield Items(told.lines)
            if told.ends:
                yield Paragraph(told.ends)
            size = self._say("size", count=self._number(group.who.size))
            yield Items((*more, *self._periods(group.periods, within), size, *self._example(group)))
        groups_untold, untold = (sum(getattr(one, name) for one in counts) for name in ("groups_untold", "untold"))
        if groups_untold:
            key = "more" if groups_untold > 1 else "more_one"
            yield Paragraph(self._say(key, groups=self._number(groups_untold), count=self._number(untold)))

    def _changes(self, group: Group) -> Iterator[str]:
        """What changes for a group, the gravest first: at least one line."""
        moves = [move for move in group.moves if move.before is not move.after]
        old = [self._name(move.destination) for move in moves if move.before is As.FIRST]
        new = [self._name(move.destination) for move in moves if move.after is As.FIRST]
        if old or new:
            key = "first" if old and new else "first_new" if new else "first_gone"
            yield self._say(key, old=self._list(old), new=self._list(new))
        kinds: dict[str, list[str]] = {}
        for move in group.moves:
            if kind := KINDS.get((move.before, move.after)):
                kinds.setdefault(kind, []).append(self._name(move.destination))
            elif move.before is move.after:
                yield from self._reason(move)
        for kind in dict.fromkeys(KINDS.values()):
            if kind in kinds:
                yield self._say(kind, doors=self._list(kinds[kind]))

    def _reason(self, move: Move) -> Iterator[str]:
        key = "reason" if move.gone and move.come else "reason_new" if move.come else "reason_gone"
        yield self._say(key, door=self._name(move.destination), old=", ".join(move.gone), new=", ".join(move.come))
        old, new = (
            self._why(rules[id_] for id_ in ids) for rules, ids in zip(self._rules, (move.gone, move.come), strict=True)
        )
        if old and old == new:
            yield self._say("why_same")
            return
        for key, why in (("why_old", old), ("why_new", new)):
            if why:
                yield self._say(key, why=why)

    def _why(self, rules: Iterable[Rule]) -> str:
        return " ".join(dict.fromkeys(rule.why[self._language] for rule in rules))

    def _example(self, group: Group) -> Iterator[str]:
        example = group.example
        facts = {self._concerns: group.concern, **example.answers}
        clauses = [self._phrases.clause(fact, [one]) for fact, one in facts.items()]
        yield self._say("example", clauses=self._list(clauses))
        for key, doors in (("old", example.before), ("new", example.after)) if example.before or example.after else ():
            yield self._say(key, doors=self._doors(doors))

    def _doors(self, doors: Sequence[Door]) -> str:
        said = []
        for as_ in sorted(As, key=STRENGTH.__getitem__):
            names = [f"{self._name(one.destination)} ({', '.join(one.rules)})" for one in doors if one.as_ is as_]
            if names:
                said.append(self._say(f"as_{as_.value}", doors=self._list(names)))
        return "; ".join(said) or self._say("no_door")

    def _organisations(self, one: OrganisationsDiff) -> Iterator[Block]:
        names = self._list([self._organisation(id_, 0) for id_ in one.organisations])
        yield Heading(2, names)
        at = self._say("organisation_at" if len(one.organisations) == 1 else "organisation_any", name=names)
        lines = [
            self._say(
                "organisation_fact",
                old=self._phrases.clause(fact, [before]),
                new=self._phrases.clause(fact, [after]),
            )
            for fact, (before, after) in one.facts.items()
        ]
        if not one.changes.changed:
            lines.append(self._say("organisation_same"))
        yield Items((*lines, *self._periods(one.periods, self._always)))
        yield from self._groups(one.changes.groups, one.changes.counts, one.periods, at)

    def _list_of(self, what: str, lines: Sequence[str], most: int) -> Iterator[Block]:
        if lines:
            yield Heading(2, self._say(what))
            yield from self._items(lines, most)

    def _items(self, lines: Sequence[str], most: int) -> Iterator[Block]:
        """The first lines, and how many more there are."""
        if most:
            yield Items(tuple(lines[:most]))
        if len(lines) > most:
            yield Paragraph(self._say("more_lines", count=self._number(len(lines) - most)))

    def _contact(self, one: ContactDiff) -> str:
        names = [self._organisation(id_, 0) for id_ in one.organisations]
        whom = [self._say("contact_at", names=self._list(names)) if names else self._say("contact_all")]
        if shown := one.after or one.before:
            for key in {**shown.audience, **shown.perhaps}:
                answers = (*shown.audience.get(key, ()), *shown.perhaps.get(key, ()))
                clause = f"{key} = {', '.join(answers)}" if key == KIND else self._phrases.limit(key, answers)
                whom += [self._say("contact_for", clause=clause)] if clause else []
        said = f"{self._name(one.destination)}, {', '.join(whom)}: {self._contact_change(one.before, one.after)}"
        return " ".join([said, *self._periods(one.periods, self._always)])

    def _contact_change(self, before: Contact | None, after: Contact | None) -> str:
        if before == after:
            return self._say("contact_order", new=self._contact_said(after).get("name", ""))
        old, new = self._contact_said(before), self._contact_said(after)
        if not before or not after:
            key = "contact_new" if after else "contact_gone"
            said = {name: value for name, value in (new or old).items() if name in SEEN}
            return self._say(key, contact=", ".join(f"{name} “{value}”" for name, value in said.items()))
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return "; ".join(f"{name} {self._change(old.get(name), new.get(name))}" for name in changed) + "."

    def _contact_said(self, contact: Contact | None) -> dict[str, str]:
        """What a contact says, per key of its file; of what is said in several languages the one of the report."""
        said = {}
        for column in fields(Contact) if contact else ():
            value = getattr(contact, column.name)
            if isinstance(value, Mapping) and self._language in value:
                value = value[self._language]
            if isinstance(value, Mapping):
                value = "; ".join(f"{key} = {', '.join(answers)}" for key, answers in value.items())
            if value:
                said[column.name] = str(value)
        return said

    def _texts(self) -> list[str]:
        """Every text that is another one; the same change in several files once."""
        files: dict[TextDiff, list[str]] = {}
        for one in self._difference.texts:
            folder, _, name = one.file.partition("/")
            same = replace(one, file=folder) if one.key else one
            files.setdefault(same, []).append(name)
        return [
            f"{one.file}/{', '.join(names)} {one.key}: {self._change(one.before, one.after)}"
            if one.key
            else self._say("file_gone" if one.after is None else "file_new", file=one.file)
            for one, names in files.items()
        ]

    def _change(self, before: str | None, after: str | None) -> str:
        nothing = self._say("no_text")
        old, new = (nothing if one is None else f"“{one}”" for one in (before, after))
        return f"{old} → {new}"

    def _compared(self) -> list[Block]:
        """The digests of all editions compared: they name the rules down to the letter."""
        said = [
            self._say(key, since=since, digest=digest)
            for key, side in (("edition_old", self._difference.old), ("edition_new", self._difference.new))
            for since, digest in side.editions.items()
        ]
        return [Heading(2, self._say("compared")), Items(tuple(said))]

    def _periods(self, periods: Sequence[Period], within: Sequence[Period]) -> list[str]:
        """The periods in which something holds as a sentence; none where they are those that it is said of."""
        if periods == within:
            return []
        said = "; ".join(
            self._say("from_until" if one.until else "from", since=f"{one.since}", until=f"{one.until}")
            for one in periods
        )
        return [f"{said[0].upper()}{said[1:]}."] if said else []

    def _name(self, destination: str) -> str:
        found = (side.texts.channels[destination] for side in self._sides if destination in side.texts.channels)
        return next((channel.text[self._language].name for channel in found), destination)

    def _organisation(self, id_: str, side: int) -> str:
        known = self._sides[side].organisations
        name = known.by_id[id_].name(date.max) if known else None
        return (name.abbreviation or name.text[self._language]) if name else id_

    def _list(self, said: Sequence[str]) -> str:
        """`one, two and three`."""
        *most, last = said or [""]
        return f"{', '.join(most)} {self._words['and']} {last}" if most else last

    def _number(self, number: int) -> str:
        return f"{number:,}".replace(",", self._words["diff_thousands"])

    def _say(self, key: str, **what: str) -> str:
        said = self._words[f"diff_{key}"]
        return re.sub(r"\{(\w+)\}", lambda match: what[match[1]], said)
