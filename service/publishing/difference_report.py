"""A difference between two rulebases in words that a policy owner can sign: text, Markdown, HTML.

Says what was compared. All it says of questions, answers and doors comes from the texts of the two sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import fill

from tabulate import tabulate

from service.core.rule import STRENGTH, As, Rule
from service.core.vocabulary import Fact
from service.publishing.difference import ConcernDiff, Difference, Door, Group, Move, Period, Span
from service.rulebook.revisions import Version
from service.rulebook.texts import QuestionText

WIDTH = 100

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


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table; every column but the first holds numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Grid


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
        self._old, self._new = old, new
        self._difference, self._language, self._words = difference, language, words
        self._texts = [one.texts for one in (new, old) if one.texts]
        vocabularies = [one.rulebase.vocabulary for one in (old, new)]
        self._facts = {fact.id: fact for vocabulary in vocabularies for fact in vocabulary.facts}
        self._concerns = new.rulebase.vocabulary.concerns

    def blocks(self, most: int) -> list[Block]:
        """The whole report.

        Args:
            most: how many groups to tell, over all concerns together.

        """
        difference = self._difference
        found: list[Block] = [
            Heading(1, self._say("title", old=self._old.name, new=self._new.name)),
            Paragraph(self._headline()),
            Paragraph(self._say("what")),
            *self._one_sided(),
            *self._vocabulary(),
        ]
        if difference.reworded:
            found.append(Paragraph(self._say("reworded", rules=", ".join(difference.reworded))))
        header = tuple(self._say(key) for key in ("subject", "situations", "differ", "differ_reason"))
        found.append(Grid(header, tuple(self._row(one) for one in difference.concerns)))
        told = self._told(most)
        for one in difference.concerns:
            if one.changed:
                found.append(Heading(2, self._answer(self._concerns.id, one.concern)))
                found += self._concern(one, told)
        return [*found, *self._compared()]

    def _told(self, most: int) -> set[int]:
        """The groups to tell, by identity: first where a door moves, then the largest."""
        groups = [group for one in self._difference.concerns for span in one.spans for group in span.groups]
        return {id(group) for group in sorted(groups, key=lambda group: (not group.moves, -group.size))[:most]}

    def _headline(self) -> str:
        difference = self._difference
        if not difference.changed:
            return self._say("nothing", all=self._number(difference.size))
        said = [self._changed(difference.changed, difference.moved, difference.size)]
        if len(difference.pairs) > 1:
            said.append(self._say("some_day"))
        return " ".join(said)

    def _changed(self, changed: int, moved: int, size: int) -> str:
        said = self._say("changed", changed=self._number(changed), all=self._number(size))
        if changed == moved:
            return said
        return f"{said} {self._say('reason_only', count=self._number(changed - moved))}"

    def _one_sided(self) -> list[Block]:
        """The days for which one side has no rules yet."""
        first, last = (one.rulebase.editions[0].since for one in (self._old, self._new))
        if self._difference.pairs[0].period is None or first == last:
            return []
        key = "only_old" if first < last else "only_new"
        return [Paragraph(self._say(key, since=min(first, last).isoformat(), until=max(first, last).isoformat()))]

    def _vocabulary(self) -> list[Block]:
        lines = []
        for key, side in (("removed", self._difference.removed), ("added", self._difference.added)):
            lines += [self._say(f"fact_{key}", ask=self._ask(fact)) for fact in side.facts]
            lines += [
                self._say(f"answer_{key}", ask=self._ask(fact), answer=self._answer(fact, answer))
                for fact, answer in side.answers
            ]
            lines += [self._say(f"destination_{key}", door=self._name(one)) for one in side.destinations]
        return [Heading(2, self._say("vocabulary")), Items(tuple(lines))] if lines else []

    def _row(self, one: ConcernDiff) -> tuple[str, ...]:
        changed, moved = one.changed.size, one.moved.size
        label = self._answer(self._concerns.id, one.concern)
        return label, *map(self._number, (one.space.size, changed, changed - moved))

    def _concern(self, one: ConcernDiff, told: set[int]) -> Iterable[Block]:
        yield Paragraph(self._changed(one.changed.size, one.moved.size, one.space.size))
        for span in one.spans:
            if span.periods:
                said = "; ".join(self._period(period) for period in _joined(span.periods))
                yield Heading(3, f"{said[0].upper()}{said[1:]}")
            level = 4 if span.periods else 3
            left = [group for group in span.groups if id(group) not in told]
            for number, group in enumerate((group for group in span.groups if id(group) in told), 1):
                key = "group" if group.size > 1 else "group_one"
                yield Heading(level, self._say(key, number=str(number), count=self._number(group.size)))
                yield Items(tuple(self._group(one, span, group)))
            if left:
                count = self._number(sum(group.size for group in left))
                key = "more" if len(left) > 1 else "more_one"
                yield Paragraph(self._say(key, groups=self._number(len(left)), count=count))

    def _group(self, one: ConcernDiff, span: Span, group: Group) -> Iterable[str]:
        yield from self._moves(group.moves)
        for swap in group.swaps:
            ids = {"old": _ids(swap.before), "new": _ids(swap.after)}
            key = "reason" if swap.before and swap.after else "reason_new" if swap.after else "reason_gone"
            yield self._say(key, door=self._name(swap.destination), **ids)
            old, new = self._why(swap.before), self._why(swap.after)
            if old and old != new:
                yield self._say("why_old", why=old)
            if new and old != new:
                yield self._say("why_new", why=new)
            if old and old == new:
                yield self._say("why_same")
        yield self._who(one, group)
        example = one.example(span, group)
        facts = {self._concerns.id: one.concern, **example.answers}
        clauses = self._list([self._clauses(fact, (answer,)) for fact, answer in facts.items()])
        if len(span.periods) > 1:
            yield self._say("example_on", day=span.periods[0].since.isoformat(), clauses=clauses)
        else:
            yield self._say("example", clauses=clauses)
        if group.moves:
            moved = {move.destination for move in group.moves}
            yield self._say("old", doors=self._doors(example.before, moved))
            yield self._say("new", doors=self._doors(example.after, moved))

    def _moves(self, moves: Sequence[Move]) -> Iterable[str]:
        old = [self._name(move.destination) for move in moves if move.before is As.FIRST]
        new = [self._name(move.destination) for move in moves if move.after is As.FIRST]
        if old or new:
            key = "first" if old and new else "first_new" if new else "first_gone"
            yield self._say(key, old=self._list(old), new=self._list(new))
        kinds: dict[str, list[str]] = {}
        for move in moves:
            if kind := KINDS.get((move.before, move.after)):
                kinds.setdefault(kind, []).append(self._name(move.destination))
        for kind in dict.fromkeys(KINDS.values()):
            if kind in kinds:
                yield self._say(kind, doors=self._list(kinds[kind]))

    def _who(self, one: ConcernDiff, group: Group) -> str:
        """What all situations of a group share, and whether they are all situations that share it."""
        shared, size = one.shared(group)
        facts: dict[str, Fact] = {fact.id: fact for fact in one.space.facts}
        needed, unless = [], []
        for fact, answers in shared.items():
            left_out = [answer for answer in facts[fact].answers if answer not in answers]
            if len(left_out) < len(answers):
                unless.append(self._clauses(fact, left_out))
            else:
                needed.append(self._clauses(fact, answers))
        said = []
        exactly = size == group.size
        if needed:
            said.append(self._say("exactly" if exactly else "shared", clauses=self._each(needed, "and")))
        elif exactly:
            said.append(self._say("exactly_all"))
        if unless:
            said.append(self._say("except" if exactly else "shared_not", clauses=self._each(unless, "or")))
        if not said:
            said.append(self._say("shared_nothing"))
        if not exactly:
            said.append(self._say("shared_of", all=self._number(size), count=self._number(group.size)))
        return " ".join(said)

    def _doors(self, doors: Sequence[Door], moved: set[str]) -> str:
        """A whole outcome; doors that move with the rules they rest on."""
        said = []
        for as_ in sorted(As, key=STRENGTH.__getitem__):
            names = [
                f"{self._name(door.destination)} ({_ids(door.rules)})"
                if door.destination in moved
                else self._name(door.destination)
                for door in doors
                if door.as_ is as_
            ]
            if names:
                said.append(self._say(f"as_{as_.value}", doors=self._list(names)))
        return "; ".join(said) or self._say("no_door")

    def _compared(self) -> list[Block]:
        """The digests of all editions compared: they name the rules down to the letter."""
        old = [("edition_old", pair.old) for pair in self._difference.pairs]
        new = [("edition_new", pair.new) for pair in self._difference.pairs]
        said = [self._say(key, since=edition.id, digest=edition.digest) for key, edition in (*old, *new)]
        return [Heading(2, self._say("compared")), Items(tuple(dict.fromkeys(said)))]

    def _period(self, period: Period) -> str:
        if period.until is None:
            return self._say("from", since=period.since.isoformat())
        return self._say("from_until", since=period.since.isoformat(), until=period.until.isoformat())

    def _question(self, fact: str) -> list[QuestionText]:
        return [texts.questions[fact][self._language] for texts in self._texts if fact in texts.questions]

    def _ask(self, fact: str) -> str:
        return next((text.ask for text in self._question(fact)), fact)

    def _answer(self, fact: str, answer: str) -> str:
        return next((text.answers[answer] for text in self._question(fact) if answer in text.answers), answer)

    def _clauses(self, fact: str, answers: Iterable[str]) -> str:
        texts = self._question(fact)
        said = [
            next((text.clauses[one] for text in texts if one in text.clauses), f"{fact} = {one}") for one in answers
        ]
        return f" {self._words['or']} ".join(said)

    def _name(self, destination: str) -> str:
        found = (texts.channels[destination] for texts in self._texts if destination in texts.channels)
        return next((channel.text[self._language].name for channel in found), destination)

    def _why(self, rules: Iterable[Rule]) -> str:
        return " ".join(dict.fromkeys(rule.why[self._language] for rule in rules))

    def _list(self, said: Sequence[str]) -> str:
        """`one, two and three`."""
        *most, last = said or [""]
        return f"{', '.join(most)} {self._words['and']} {last}" if most else last

    def _each(self, said: Sequence[str], word: str) -> str:
        """The same for clauses that hold commas and `or` themselves."""
        *most, last = said
        return f"{'; '.join(most)}; {self._words[word]} {last}" if most else last

    def _number(self, number: int) -> str:
        return f"{number:,}".replace(",", self._words["diff_thousands"])

    def _say(self, key: str, **what: str) -> str:
        said = self._words[f"diff_{key}"]
        return re.sub(r"\{(\w+)\}", lambda match: what[match[1]], said)


def _joined(periods: Sequence[Period]) -> list[Period]:
    """Periods of which one begins where another ends as one period."""
    found: list[Period] = []
    for period in periods:
        if found and found[-1].until == period.since:
            found[-1] = Period(found[-1].since, period.until)
        else:
            found.append(period)
    return found


def _ids(rules: Iterable[Rule]) -> str:
    return ", ".join(rule.id for rule in rules)


def as_text(blocks: Iterable[Block]) -> str:
    """For a terminal."""
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            line = {1: "=", 2: "-"}.get(block.level)
            parts.append(f"{block.text}\n{line * min(len(block.text), WIDTH)}" if line else block.text)
        elif isinstance(block, Paragraph):
            parts.append(_wrap(block.text))
        elif isinstance(block, Items):
            parts.append("\n".join(_wrap(text, "- ", "  ") for text in block.texts))
        else:
            align = _align(block, "left", "right")
            # Broken here, for where tabulate breaks lines it takes "1,234" for a number.
            grid = [[fill(cell, 12 if column else 48) for column, cell in enumerate(row)] for row in block.rows]
            header = [fill(cell, 12) for cell in block.header]
            parts.append(tabulate(grid, header, "simple", disable_numparse=True, colalign=align))
    return "\n\n".join(parts) + "\n"


def _wrap(text: str, first: str = "", rest: str = "") -> str:
    return fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def as_markdown(blocks: Iterable[Block]) -> str:
    """For a pull request."""
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            parts.append(f"{'#' * block.level} {_plain(block.text)}")
        elif isinstance(block, Paragraph):
            parts.append(_plain(block.text))
        elif isinstance(block, Items):
            parts.append("\n".join(f"- {_plain(text)}" for text in block.texts))
        else:
            marks = _align(block, "---", "---:")
            parts.append("\n".join(f"| {' | '.join(map(_plain, row))} |" for row in (block.header, *block.rows)))
            lines = parts[-1].splitlines()
            parts[-1] = "\n".join([lines[0], f"| {' | '.join(marks)} |", *lines[1:]])
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = " ".join(text.split()).replace("&", "&amp;")
    text = re.sub(r"([\\`*\[\]<>#|~])", r"\\\1", text)
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)


def as_html(blocks: Iterable[Block], language: str) -> str:
    """A page that stands on its own."""
    blocks = list(blocks)
    title = next(escape(block.text) for block in blocks if isinstance(block, Heading))
    body = "\n".join(map(_element, blocks))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>\n'
        "<style>body{max-width:60em;margin:auto;padding:1em;font-family:sans-serif}table{border-collapse:collapse}"
        "td,th{border:1px solid;padding:.25em;text-align:left;overflow-wrap:anywhere}</style></head><body>\n"
        f"{body}\n</body></html>\n"
    )


def _element(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in block.texts)}</ul>"
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.header)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in block.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _align(grid: Grid, words: str, numbers: str) -> list[str]:
    return [words, *[numbers] * (len(grid.header) - 1)]


FORMATS: Mapping[str, Callable[[list[Block], str], str]] = {
    "text": lambda blocks, _: as_text(blocks),
    "markdown": lambda blocks, _: as_markdown(blocks),
    "html": as_html,
}
