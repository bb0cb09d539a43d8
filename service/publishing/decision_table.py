"""The page of a concern: one row a rule, one column a fact; its sources, doubts, gaps and overlaps. Generated."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from textwrap import fill

from tabulate import tabulate

from service.answers.groups import Told, tell
from service.answers.phrases import Phrases, meant
from service.core.cubes import who
from service.core.rule import STRENGTH, As, Citation, Edition, Rule
from service.core.space import Situations
from service.core.vocabulary import Vocabulary
from service.proof.grounds import Ground, ground
from service.rulebook.library import Library

ANY = "-"
NARROWEST, NOTES = 19, 16  # columns of a terminal in which an answer, and notes, can still be read

Words = Mapping[str, str]


@dataclass(frozen=True)
class Mark:
    """Something to look at: a `gap`, `two_first` steps at once, or `twice` the same; of which rules, and for whom."""

    kind: str
    rules: tuple[str, ...]
    whom: Told

    def told(self, words: Words) -> str:
        """What is the matter, in a sentence."""
        return words[f"page_{self.kind}"].replace("{rules}", ", ".join(self.rules))


@dataclass(frozen=True)
class Row:
    """One rule: a text per column; `notes` has the numbers of sources, doubts (?) and marks (!), and what hides it."""

    rule: Rule
    place: str
    cells: tuple[str, ...]
    notes: str
    marked: bool

    def when(self, words: Words) -> str:
        """From which day until which it holds."""
        said = words["diff_from_until" if self.rule.until else "diff_from"]
        return said.replace("{since}", str(self.rule.since)).replace("{until}", str(self.rule.until))


@dataclass(frozen=True)
class DecisionTable:
    """One concern of one edition; `facts` are the columns: the id of each, its question in few words, and whole."""

    concern: str
    title: str
    facts: tuple[tuple[str, str, str], ...]
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
    def by_place(self) -> list[DecisionTable]:
        """A table per place that rules refer to, with the columns that they use."""
        return [replace(self._narrowed(rows), title=name) for name, rows in self.places]

    def to(self, destination: str) -> DecisionTable:
        """The rules for one place, with the columns that they use."""
        return self._narrowed([row for row in self.rows if row.rule.refer == destination])

    def _narrowed(self, rows: Sequence[Row]) -> DecisionTable:
        used = [number for number in range(len(self.facts)) if any(row.cells[number] != ANY for row in rows)]
        kept = tuple(replace(row, cells=tuple(row.cells[number] for number in used)) for row in rows)
        return replace(self, facts=tuple(self.facts[number] for number in used), rows=kept)

    @property
    def gaps(self) -> bool:
        """Whether anybody is left without a first step."""
        return any(mark.kind == "gap" for mark in self.marks)


def tables(library: Library, edition: Edition, language: str) -> list[DecisionTable]:
    """One table per concern, first steps first."""
    return [_table(library, edition, language, concern) for concern in edition.vocabulary.concerns.answers]


def cited(library: Library, one: Citation) -> str:
    """The words that a rule rests on, and where they stand."""
    quote = f": “{one.quote}”" if one.quote else ""
    return f"{library.texts.sources[one.source].short}, {one.locator}{quote}"


def _table(library: Library, edition: Edition, language: str, concern: str) -> DecisionTable:
    words, here = library.texts.interface[language], ground(edition, concern)
    phrases = Phrases([library.texts.questions], edition.vocabulary.facts, words, language)
    tested = {fact.id for fact in here.space.facts}
    facts = [fact.id for fact in edition.vocabulary.facts if fact.id in tested]
    rules = sorted(here.rules, key=lambda rule: STRENGTH[rule.as_])
    sources = list(dict.fromkeys(cited(library, one) for rule in rules for one in rule.citations))
    doubts = list(dict.fromkeys(one[language] for rule in rules for one in rule.remarks))
    marks = [Mark(kind, ids, tell(who(where), phrases, words)) for kind, ids, where in _found(here) if where]
    rows = []
    for rule in rules:
        numbers = [str(sources.index(cited(library, one)) + 1) for one in rule.citations]
        numbers += [f"?{doubts.index(one[language]) + 1}" for one in rule.remarks]
        own = [f"!{number}" for number, mark in enumerate(marks, 1) if rule.id in mark.rules]
        stronger, counts = _hidden(here, rule)
        hidden = words["page_yields" if counts else "page_never"].replace("{rules}", ", ".join(stronger))
        rows.append(
            Row(
                rule,
                library.texts.channels[rule.refer].text[language].name,
                tuple(_cell(rule, fact, edition.vocabulary, phrases, words) for fact in facts),
                ". ".join([", ".join(dict.fromkeys(numbers + own)), *([hidden] if stronger else [])]),
                bool(own) or not counts,
            )
        )
    return DecisionTable(
        concern,
        phrases.tag(edition.vocabulary.concerns.id, concern),
        tuple((fact, phrases.asked(fact), phrases.ask(fact)) for fact in facts),
        tuple(rows),
        tuple(sources),
        tuple(doubts),
        tuple(marks),
    )


def _cell(rule: Rule, fact: str, vocabulary: Vocabulary, phrases: Phrases, words: Words) -> str:
    """What a rule asks of a fact, in few words: its own page has them whole."""
    return meant(fact, rule.when[fact], vocabulary, partial(phrases.given, fact), words) if fact in rule.when else ANY


def _hidden(here: Ground, rule: Rule) -> tuple[list[str], bool]:
    """The stronger rules for the same place that hold where a rule does, and whether it counts anywhere."""
    place = here.rules.index(rule)
    stronger = [
        other.id
        for other, fires in zip(here.rules, here.fires, strict=True)
        if other.refer == rule.refer and STRENGTH[other.as_] < STRENGTH[rule.as_] and fires & here.fires[place]
    ]
    return stronger, bool(here.counts[place])


def _found(here: Ground) -> Iterator[tuple[str, tuple[str, ...], Situations]]:
    """Where nobody is sent first, where two rules send to two places first, and where two say the same."""
    counting = list(zip(here.rules, here.counts, strict=True))
    yield "gap", (), ~here.made(lambda rule: rule.as_ is As.FIRST)
    for (one, where), (other, there) in combinations(counting, 2):
        same = one.refer == other.refer
        if one.as_ is other.as_ and (same or one.as_ is As.FIRST):
            yield "twice" if same else "two_first", (one.id, other.id), where & there


def as_text(table: DecisionTable, words: Words, width: int) -> str:
    """For a terminal: a table per place, with the columns that its rules test, no wider than `width` columns."""
    parts = [f"{table.title}\n{'=' * min(len(table.title), width)}", _wrapped(words["page_lead"], width, "")]
    for one in table.by_place:
        parts += [f"{one.title}\n{'-' * min(len(one.title), width)}", _grid(one, words, width)]
    marks = [f"!{number}. {mark.told(words)} {mark.whom.whole}" for number, mark in enumerate(table.marks, 1)]
    notes = (
        (words["page_marks"], [*([] if table.gaps else [words["page_no_gap"]]), *marks]),
        (words["page_sources"], [f"{number}. {note}" for number, note in enumerate(table.sources, 1)]),
        (words["page_doubts"], [f"?{number}. {note}" for number, note in enumerate(table.doubts, 1)]),
    )
    parts += ["\n".join([heading, *(_wrapped(note, width) for note in said)]) for heading, said in notes if said]
    return "\n\n".join(parts) + "\n"


def _grid(table: DecisionTable, words: Words, width: int) -> str:
    """The rules for one place as a table, or as lists where the terminal is too narrow for one."""
    header = [words["book_rule"], *(asked for _, asked, _ in table.facts), words["page_notes"]]
    names = [[row.rule.id, words[f"state_{row.rule.as_}"], row.when(words)] for row in table.rows]
    named = max(len(row.rule.id) for row in table.rows)
    each = (width - named - NOTES - 7) // max(len(table.facts), 1) - 3
    if each >= NARROWEST:
        widths = [named, *[each] * len(table.facts), NOTES]
        body = [["\n".join(name), *row.cells, row.notes] for name, row in zip(names, table.rows, strict=True)]
        return tabulate(body, header, "simple_grid", maxcolwidths=widths, maxheadercolwidths=widths)
    lines = []
    for name, row in zip(names, table.rows, strict=True):
        told = zip(header[1:], [*row.cells, row.notes], strict=True)
        lines += [
            _wrapped(", ".join(name), width),
            *(_wrapped(f"  {what}: {cell}", width, "    ") for what, cell in told if cell != ANY),
        ]
    return "\n".join(lines)


def _wrapped(text: str, width: int, hang: str = "  ") -> str:
    return fill(text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)


def as_csv(library: Library, edition: Edition, language: str) -> str:
    """For a spreadsheet as it is set here: semicolons, all quoted; one row per rule, with a column per fact.

    A column is headed by words with its id behind them. The first letter is a byte order mark: Excel takes the accents
    for something else without it.
    """
    words, facts = library.texts.interface[language], [one.id for one in edition.vocabulary.facts if not one.several]
    phrases = Phrases([library.texts.questions], edition.vocabulary.facts, words, language)
    heads = {
        **{
            "concern": words["csv_concern"],
            "rule": words["book_rule"],
            "refer": words["csv_refer"],
            "as": words["book_as"],
        },
        **{fact: phrases.asked(fact) for fact in facts},
        **{"from": words["csv_from"], "until": words["csv_until"]},
        **{"source": words["page_sources"], "doubt": words["page_doubts"]},
    }
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(f"{said} ({id_})" for id_, said in heads.items())
    for table in tables(library, edition, language):
        for row in table.rows:
            rule, cells = row.rule, dict(zip((id_ for id_, *_ in table.facts), row.cells, strict=True))
            days = rule.since.isoformat(), rule.until.isoformat() if rule.until else ""
            doubt = " ".join(one.says[language] for one in rule.doubts)
            notes = "; ".join(cited(library, one) for one in rule.citations), doubt
            how = words[f"state_{rule.as_}"]
            said = (table.title, rule.id, row.place, how, *(cells.get(fact, ANY) for fact in facts))
            writer.writerow(map(_harmless, (*said, *days, *notes)))
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell != ANY and cell.startswith(("=", "+", "-", "@")) else cell
