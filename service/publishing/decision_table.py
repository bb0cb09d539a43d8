"""The page of a concern: one row a rule, one column a fact; its sources, doubts, gaps and overlaps. Generated."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tabulate import tabulate

from service.answers.groups import Told, tell
from service.answers.phrases import Phrases
from service.core.cubes import who
from service.core.rule import STRENGTH, As, Citation, Edition, Rule
from service.core.space import Situations
from service.core.vocabulary import Fact, Vocabulary
from service.proof.prove import ground
from service.rulebook.library import Library

ANY = "-"
NARROWEST, NOTES = 19, 16  # columns of a terminal in which an answer, and notes, can still be read


@dataclass(frozen=True)
class Row:
    """One rule. `cells` has a text per column; places of `sources` and `doubts` in the notes count from 1."""

    rule: str
    place: str
    as_: str
    since: str
    until: str
    cells: tuple[str, ...]
    sources: tuple[int, ...]
    doubts: tuple[int, ...]
    yields_to: tuple[str, ...]
    counts: bool

    def when(self, words: Mapping[str, str]) -> str:
        """From which day until which it holds."""
        said = words["diff_from_until" if self.until else "diff_from"]
        return said.replace("{since}", self.since).replace("{until}", self.until)


@dataclass(frozen=True)
class Mark:
    """Something to look at: `gap`, `two_first`, or `twice`; between which rules, and for whom."""

    kind: str
    rules: tuple[str, ...]
    whom: Told

    def told(self, words: Mapping[str, str]) -> str:
        """What is the matter, in a sentence."""
        return words[f"page_{self.kind}"].replace("{rules}", ", ".join(self.rules))


@dataclass(frozen=True)
class DecisionTable:
    """One concern of one edition; `facts` are the columns: the id of each and its question."""

    concern: str
    title: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    sources: tuple[str, ...]
    doubts: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def places(self) -> list[tuple[str, list[Row]]]:
        """The rules by the place they refer to, those with first steps first."""
        names = dict.fromkeys(row.place for row in self.rows)
        return [(name, [row for row in self.rows if row.place == name]) for name in names]

    @property
    def gaps(self) -> bool:
        """Whether anybody is left without a first step."""
        return any(mark.kind == "gap" for mark in self.marks)

    def marks_of(self, row: Row) -> list[int]:
        """The places of the marks that a rule is part of."""
        return [number for number, mark in enumerate(self.marks, 1) if row.rule in mark.rules]

    def notes_of(self, row: Row, words: Mapping[str, str]) -> str:
        """What to read beside a rule: its sources, doubts (?) and marks (!), and the stronger rules that hide it."""
        numbered = (("", row.sources), ("?", row.doubts), ("!", self.marks_of(row)))
        said = ", ".join(f"{before}{number}" for before, numbers in numbered for number in numbers)
        if row.yields_to:
            hidden = words["page_yields" if row.counts else "page_never"]
            said += f". {hidden.replace('{rules}', ', '.join(row.yields_to))}"
        return said


def tables(library: Library, edition: Edition, language: str) -> list[DecisionTable]:
    """One table per concern, first steps first."""
    return [_Maker(library, edition, language, concern).table() for concern in edition.vocabulary.concerns.answers]


class _Maker:
    def __init__(self, library: Library, edition: Edition, language: str, concern: str) -> None:
        self._texts, self._language, self._concern, self._edition = library.texts, language, concern, edition
        self._words = library.texts.interface[language]
        self._phrases = Phrases([library.texts.questions], edition.vocabulary.facts, self._words, language)
        self._ground = ground(edition, concern)
        tested = {fact.id for fact in self._ground.space.facts}
        self._facts = [fact for fact in edition.vocabulary.facts if fact.id in tested]

    def table(self) -> DecisionTable:
        rules = sorted(self._ground.rules, key=lambda rule: STRENGTH[rule.as_])
        sources = list(dict.fromkeys(map(self._source, [one for rule in rules for one in rule.citations])))
        doubts = list(dict.fromkeys(rule.doubt[self._language] for rule in rules if rule.doubt))
        return DecisionTable(
            self._concern,
            self._phrases.label(self._edition.vocabulary.concerns.id, self._concern),
            tuple((fact.id, self._phrases.ask(fact.id)) for fact in self._facts),
            tuple(self._row(rule, sources, doubts) for rule in rules),
            tuple(sources),
            tuple(doubts),
            tuple(self._marks()),
        )

    def _row(self, rule: Rule, sources: list[str], doubts: list[str]) -> Row:
        stronger = [
            other.id
            for other, fires in zip(self._ground.rules, self._ground.fires, strict=True)
            if other.refer == rule.refer and STRENGTH[other.as_] < STRENGTH[rule.as_] and fires & self._fires(rule)
        ]
        return Row(
            rule.id,
            self._texts.channels[rule.refer].text[self._language].name,
            rule.as_.value,
            rule.since.isoformat(),
            rule.until.isoformat() if rule.until else "",
            tuple(self._cell(rule, fact) for fact in self._facts),
            tuple(dict.fromkeys(sources.index(self._source(one)) + 1 for one in rule.citations)),
            (doubts.index(rule.doubt[self._language]) + 1,) if rule.doubt else (),
            tuple(stronger),
            bool(self._ground.counts[self._ground.rules.index(rule)]),
        )

    def _fires(self, rule: Rule) -> Situations:
        return self._ground.fires[self._ground.rules.index(rule)]

    def _cell(self, rule: Rule, fact: Fact) -> str:
        if fact.id not in rule.when:
            return ANY
        met, left_out = (
            [one for one in fact.answers if (one in rule.when[fact.id]) is is_met] for is_met in (True, False)
        )
        few = len(left_out) < len(met)
        said = " / ".join(self._phrases.label(fact.id, one) for one in (left_out if few else met))
        return self._words["page_not"].replace("{answers}", said) if few else said

    def _source(self, one: Citation) -> str:
        quote = f": “{one.quote}”" if one.quote else ""
        return f"{self._texts.sources[one.source].short}, {one.locator}{quote}"

    def _marks(self) -> Iterator[Mark]:
        """Where nobody is sent first, where two are, and where two rules say the same."""
        here = self._ground
        firsts = {
            destination: here.made(lambda rule, to=destination: (rule.refer, rule.as_) == (to, As.FIRST))  # type: ignore[misc]
            for destination in dict.fromkeys(rule.refer for rule in here.rules)
        }
        yield from self._mark("gap", (), ~here.space.union(firsts.values()))
        for (one, first), (other, second) in combinations(firsts.items(), 2):
            both = first & second
            counting = zip(here.rules, here.counts, strict=True)
            rules = [
                rule.id
                for rule, where in counting
                if rule.refer in (one, other) and rule.as_ is As.FIRST and where & both
            ]
            yield from self._mark("two_first", rules, both)
        for (rule, where), (other_rule, there) in combinations(zip(here.rules, here.counts, strict=True), 2):
            if (rule.refer, rule.as_) == (other_rule.refer, other_rule.as_):
                yield from self._mark("twice", (rule.id, other_rule.id), where & there)

    def _mark(self, kind: str, rules: Sequence[str], where: Situations) -> Iterator[Mark]:
        if where:
            yield Mark(kind, tuple(rules), tell(who(where), self._phrases, self._words))


def as_text(table: DecisionTable, words: Mapping[str, str], width: int) -> str:
    """For a terminal: a table per place, with the columns that its rules test, no wider than `width` columns."""
    parts = [f"{table.title}\n{'=' * min(len(table.title), width)}", _wrapped(words["page_lead"], width)]
    for place, rows in table.places:
        parts += [f"{place}\n{'-' * min(len(place), width)}", _grid(table, rows, words, width)]
    marks = [f"!{number}. {mark.told(words)} {mark.whom.whole}" for number, mark in enumerate(table.marks, 1)]
    notes = (
        (words["page_marks"], [*([] if table.gaps else [words["page_no_gap"]]), *marks]),
        (words["page_sources"], [f"{number}. {note}" for number, note in enumerate(table.sources, 1)]),
        (words["page_doubts"], [f"?{number}. {note}" for number, note in enumerate(table.doubts, 1)]),
    )
    parts += ["\n".join([heading, *(_wrapped(note, width) for note in said)]) for heading, said in notes if said]
    return "\n\n".join(parts) + "\n"


def _grid(table: DecisionTable, rows: Sequence[Row], words: Mapping[str, str], width: int) -> str:
    used = [number for number in range(len(table.facts)) if any(row.cells[number] != ANY for row in rows)]
    header = [words["book_rule"], *(table.facts[number][1] for number in used), words["page_notes"]]
    body = [[_named(row, words), *(row.cells[number] for number in used), table.notes_of(row, words)] for row in rows]
    named = max(len(row.rule) for row in rows)
    each = (width - 1 - named - NOTES) // max(len(used), 1) - 3 - 6 // max(len(used), 1)
    if each >= NARROWEST:
        widths = [named, *[each] * len(used), NOTES]
        return tabulate(body, header, "simple_grid", maxcolwidths=widths, maxheadercolwidths=widths)
    told = []
    for row in body:
        told.append(_wrapped(", ".join(row[0].split("\n")), width))
        lines = (f"  {name}: {cell}" for name, cell in zip(header[1:], row[1:], strict=True) if cell not in ("", ANY))
        told += [_wrapped(line, width, "    ") for line in lines]
    return "\n".join(told)


def _named(row: Row, words: Mapping[str, str]) -> str:
    return "\n".join([row.rule, words[f"state_{row.as_}"], row.when(words)])


def _wrapped(text: str, width: int, hang: str = "  ") -> str:
    return textwrap.fill(text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)


def as_csv(found: Sequence[DecisionTable], vocabulary: Vocabulary) -> str:
    """For a spreadsheet: one row per rule, with its concern, and a column per fact."""
    facts = [fact.id for fact in vocabulary.facts if not fact.several]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("concern", "rule", "refer", "as", *facts, "from", "until", "source", "doubt"))
    for table in found:
        for row in table.rows:
            cells = dict(zip((id_ for id_, _ in table.facts), row.cells, strict=True))
            answers = (cells.get(fact, ANY) for fact in facts)
            sources = "; ".join(table.sources[number - 1] for number in row.sources)
            doubts = "; ".join(table.doubts[number - 1] for number in row.doubts)
            said = (table.concern, row.rule, row.place, row.as_, *answers, row.since, row.until, sources, doubts)
            writer.writerow(map(_harmless, said))
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell != ANY and cell.startswith(("=", "+", "-", "@")) else cell
