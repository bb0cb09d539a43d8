"""A difference between two rulebases in words that a policy owner can sign. Says what was compared.

All it says of questions, answers and doors comes from the texts of the two sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from service.answers.groups import tell
from service.answers.phrases import Phrases
from service.core.period import Period
from service.core.rule import As, Rule
from service.publishing.difference.blocks import GROUP, ITEM, PART, TEXT, TITLE, Block
from service.publishing.difference.rules import joined
from service.publishing.difference.texts import leaves
from service.publishing.difference.values import (
    ContactDiff,
    Count,
    Difference,
    Group,
    Move,
    OrganisationsDiff,
    RulesDiff,
    TextDiff,
)
from service.rulebook.known import KIND, ORGANISATION
from service.rulebook.revisions import Version
from service.rulebook.texts import Contact

KINDS = {
    (None, As.ALSO): "added_also",
    (None, As.LATER): "added_later",
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
        facts = {fact.id: fact for side in (old, new) for fact in side.rulebase.vocabulary.facts}
        self._phrases = Phrases([side.texts.questions for side in self._sides], facts.values(), words, language)
        self._concerns = new.rulebase.vocabulary.concerns.id
        self._always = joined(one.period for one in difference.moments if one.period)
        self._texts = self._texts_told()

    def blocks(self, most: int) -> Iterator[Block]:
        """The whole report.

        Args:
            most: how many contacts and texts to tell.

        """
        found = self._difference
        yield TITLE, self._say("title", old=found.old.name, new=found.new.name)
        yield TEXT, " ".join(self._headline())
        yield TEXT, self._say("what")
        yield from self._not_compared()
        yield from self._list("vocabulary", self._vocabulary())
        for count in found.rules.counts:
            if count.changed:
                yield PART, self._phrases.label(self._concerns, count.concern)
                yield TEXT, " ".join(self._changed([count]))
                groups = [group for group in found.rules.groups if group.concern == count.concern]
                yield from self._groups(groups, self._always)
        yield from self._untold(found.rules)
        for one in found.organisations:
            yield from self._organisations(one)
        yield from self._list("contacts", list(map(self._contact, found.contacts)), most)
        yield from self._list("texts", self._texts, most)
        editions = [("edition_old", found.old), ("edition_new", found.new)]
        said = [self._say(key, since=day, digest=of) for key, side in editions for day, of in side.editions.items()]
        yield from self._list("compared", said)

    def _headline(self) -> Iterator[str]:
        found, counts = self._difference, self._difference.rules.counts
        if found.nothing:
            yield self._say("nothing", all=self._number(sum(count.size for count in counts)))
            return
        yield from self._changed(counts)
        if found.rules.changed and len(found.moments) > 1:
            yield self._say("some_day")
        there = [id_ for one in found.organisations if one.changes.changed for id_ in one.organisations]
        if there:
            yield self._say("organisations_changed", names=self._names(dict.fromkeys(there)))
        if found.loses_first:
            yield self._say("loses_first")
        for key, things in (("contacts_changed", found.contacts), ("texts_changed", self._texts)):
            if things:
                yield self._say(key, count=self._number(len(things)))
        if any(side.facts or side.answers for side in (found.old, found.new)):
            yield self._say("vocabulary_changed")
        if found.old.unread or found.new.unread or found.one_sided:
            yield self._say("not_all")

    def _changed(self, counts: Sequence[Count]) -> Iterator[str]:
        size, changed, moved = (sum(getattr(one, name) for one in counts) for name in ("size", "changed", "moved"))
        if not changed:
            yield self._say("rules_same", all=self._number(size))
            return
        yield self._say("changed", changed=self._number(changed), all=self._number(size))
        if changed > moved:
            yield self._say("reason_only", count=self._number(changed - moved))

    def _not_compared(self) -> Iterator[Block]:
        """The days and the files of one side with which nothing could be compared."""
        found = self._difference
        if found.one_sided:
            days = {"since": str(found.one_sided.since), "until": str(found.one_sided.until)}
            is_old = self._sides[1].rulebase.editions[0].since == found.one_sided.since
            yield TEXT, self._say("only_old" if is_old else "only_new", **days)
        for side in (found.old, found.new):
            if side.unread:
                yield TEXT, self._say("unread", name=side.name)
                yield from self._items(side.unread, MOST_UNREAD)
        if not all(side.organisations for side in self._sides):
            yield TEXT, self._say("no_directory")

    def _vocabulary(self) -> list[str]:
        lines = []
        for key, side in (("removed", self._difference.old), ("added", self._difference.new)):
            lines += [self._say(f"fact_{key}", ask=self._phrases.ask(fact)) for fact in side.facts]
            lines += [
                self._say(f"answer_{key}", ask=self._phrases.ask(fact), answer=self._phrases.label(fact, answer))
                for fact, answer in side.answers
            ]
        return lines

    def _groups(self, groups: Iterable[Group], within: Sequence[Period], where: str = "") -> Iterator[Block]:
        """Groups of people, each with what changes for them.

        Args:
            groups: to tell.
            within: the periods of which something is said; those of a group are told where they are others.
            where: what is said of all of them; then their concern is said as well, which no heading says.

        """
        for number, group in enumerate(groups, 1):
            title, *more = self._moves(group.moves)
            yield GROUP, f"{number}. {title}"
            before = [where, self._phrases.clause(self._concerns, [group.concern])] if where else []
            told = tell(group.who, self._phrases, self._words, before)
            yield TEXT, told.says
            yield from ((ITEM, line) for line in told.lines)
            if told.ends:
                yield TEXT, told.ends
            facts = {self._concerns: group.concern, **group.example}
            clauses = [self._phrases.clause(fact, [answer]) for fact, answer in facts.items()]
            size = self._say("size", count=self._number(group.who.size))
            example = self._say("example", clauses=self._and(clauses))
            yield from ((ITEM, line) for line in (*more, *self._periods(group.periods, within), size, example))

    def _untold(self, rules: RulesDiff) -> Iterator[Block]:
        """How many groups are only counted."""
        if rules.untold:
            key = "more" if len(rules.untold) > 1 else "more_one"
            yield TEXT, self._say(key, groups=self._number(len(rules.untold)), count=self._number(sum(rules.untold)))

    def _moves(self, moves: Sequence[Move]) -> Iterator[str]:
        """What changes, a first step first: at least one line."""
        moving = [move for move in moves if move.before is not move.after]
        old = [self._door(move.destination, move.old) for move in moving if move.before is As.FIRST]
        new = [self._door(move.destination, move.new) for move in moving if move.after is As.FIRST]
        if old or new:
            key = "first" if old and new else "first_new" if new else "first_gone"
            yield self._say(key, old=self._and(old), new=self._and(new))
        for move in moving:
            if kind := KINDS.get((move.before, move.after)):
                yield self._say(kind, door=self._door(move.destination, move.new or move.old))
        for move in moves if not moving else ():
            yield from self._reason(move)

    def _reason(self, move: Move) -> Iterator[str]:
        key = "reason" if move.old and move.new else "reason_new" if move.new else "reason_gone"
        yield self._say(key, door=self._name(move.destination), old=", ".join(move.old), new=", ".join(move.new))
        before, after = (self._why(side, ids) for side, ids in ((1, move.old), (0, move.new)))
        if before and before == after:
            yield self._say("why_same")
            return
        for key, why in (("why_old", before), ("why_new", after)):
            if why:
                yield self._say(key, why=why)

    def _why(self, side: int, ids: Iterable[str]) -> str:
        rules: dict[str, Rule] = {rule.id: rule for rule in self._sides[side].rulebase.rules}
        return " ".join(dict.fromkeys(rules[id_].why[self._language] for id_ in ids))

    def _organisations(self, one: OrganisationsDiff) -> Iterator[Block]:
        names = self._names(one.organisations)
        yield PART, names
        for fact, (before, after) in one.facts.items():
            clauses = {"old": self._phrases.clause(fact, [before]), "new": self._phrases.clause(fact, [after])}
            yield ITEM, self._say("organisation_fact", **clauses)
        if not one.changes.changed:
            yield ITEM, self._say("organisation_same")
        yield from ((ITEM, line) for line in self._periods(one.periods, self._always))
        where = self._say("organisation_at" if len(one.organisations) == 1 else "organisation_any", name=names)
        yield from self._groups(one.changes.groups, one.periods, where)
        yield from self._untold(one.changes)

    def _contact(self, one: ContactDiff) -> str:
        whom = [self._say("contact_at", names=self._names(one.organisations))] if one.organisations else []
        whom = whom or [self._say("contact_all")]
        if shown := one.after or one.before:
            for key in {**shown.audience, **shown.perhaps}:
                answers = (*shown.audience.get(key, ()), *shown.perhaps.get(key, ()))
                named = f"{key} = {', '.join(answers)}"
                clause = named if key in (KIND, ORGANISATION) else self._phrases.limit(key, answers)
                whom += [self._say("contact_for", clause=clause)] if clause else []
        said = f"{self._name(one.destination)}, {', '.join(whom)}: {self._contact_change(one.before, one.after)}"
        return " ".join([said, *self._periods(one.periods, self._always)])

    def _contact_change(self, before: Contact | None, after: Contact | None) -> str:
        old, new = ({".".join(key): text for key, text in leaves(one)} if one else {} for one in (before, after))
        if old and new and old != new:
            keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
            return "; ".join(f"{key} {self._change(old.get(key), new.get(key))}" for key in keys) + "."
        seen = [f"{key} “{text}”" for key, text in (new or old).items() if key.partition(".")[0] in SEEN]
        key = "contact_order" if old and new else "contact_new" if new else "contact_gone"
        return self._say(key, contact=", ".join(seen))

    def _texts_told(self) -> list[str]:
        """Every text that is another one; the same change in several files once."""
        files: dict[TextDiff, list[str]] = {}
        for one in self._difference.texts:
            folder, _, name = one.file.partition("/")
            files.setdefault(replace(one, file=folder) if one.key else one, []).append(name)
        return [
            f"{one.file}/{', '.join(names)} {one.key}: {self._change(one.before, one.after)}"
            if one.key
            else self._say("file_gone" if one.after is None else "file_new", file=one.file)
            for one, names in files.items()
        ]

    def _change(self, before: str | None, after: str | None) -> str:
        return " → ".join(self._say("no_text") if one is None else f"“{one}”" for one in (before, after))

    def _list(self, what: str, lines: Sequence[str], most: int | None = None) -> Iterator[Block]:
        if lines:
            yield PART, self._say(what)
            yield from self._items(lines, most)

    def _items(self, lines: Sequence[str], most: int | None) -> Iterator[Block]:
        """The first lines, and how many more there are."""
        yield from ((ITEM, line) for line in lines[:most])
        if most is not None and len(lines) > most:
            yield TEXT, self._say("more_lines", count=self._number(len(lines) - most))

    def _periods(self, periods: Sequence[Period], within: Sequence[Period]) -> list[str]:
        """The periods in which something holds as a sentence; none where they are those that it is said of."""
        if periods == within:
            return []
        said = "; ".join(
            self._say("from_until" if one.until else "from", since=str(one.since), until=str(one.until))
            for one in periods
        )
        return [f"{said[0].upper()}{said[1:]}."]

    def _name(self, destination: str) -> str:
        found = (side.texts.channels[destination] for side in self._sides if destination in side.texts.channels)
        return next((channel.text[self._language].name for channel in found), destination)

    def _door(self, destination: str, rules: Sequence[str]) -> str:
        return f"{self._name(destination)} ({', '.join(rules)})"

    def _names(self, organisations: Iterable[str]) -> str:
        known = self._sides[0].organisations
        names = [known.by_id[id_].name(date.max) for id_ in organisations] if known else []
        return self._and([name.abbreviation or name.text[self._language] for name in names])

    def _and(self, said: Sequence[str]) -> str:
        """`one, two and three`."""
        *most, last = said or [""]
        return f"{', '.join(most)} {self._words['and']} {last}" if most else last

    def _number(self, number: int) -> str:
        return f"{number:,}".replace(",", self._words["diff_thousands"])

    def _say(self, key: str, **what: str) -> str:
        said = self._words[f"diff_{key}"]
        return re.sub(r"\{(\w+)\}", lambda match: what[match[1]], said)
