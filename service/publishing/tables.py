"""The rulebase as tables to read: text, CSV and HTML. Generated, so it is never behind the rules."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from tabulate import tabulate

from service.core.rule import STRENGTH, Edition, Rule
from service.rulebook.library import Library
from service.rulebook.site import NAME

COLUMNS = ("rule", "refer", "as", "when", "from", "until", "source", "doubt")


@dataclass(frozen=True)
class Table:
    """One concern of one edition."""

    concern: str
    title: str
    rows: tuple[tuple[str, ...], ...]


def tables(library: Library, edition: Edition, language: str) -> list[Table]:
    """One table per concern, first steps first."""
    labels = library.texts.questions[edition.vocabulary.concerns.id][language].answers
    return [
        Table(
            concern,
            labels[concern],
            tuple(
                _row(library, rule, language)
                for rule in sorted(edition.of_concern(concern), key=lambda rule: STRENGTH[rule.as_])
            ),
        )
        for concern in edition.vocabulary.concerns.answers
    ]


def _row(library: Library, rule: Rule, language: str) -> tuple[str, ...]:
    return (
        rule.id,
        library.texts.channels[rule.refer].text[language].name,
        rule.as_.value,
        "; ".join(_condition(library, fact, answers, language) for fact, answers in rule.when.items()),
        rule.since.isoformat(),
        rule.until.isoformat() if rule.until else "",
        "; ".join(f"{library.texts.sources[one.source].short}, {one.locator}" for one in rule.citations),
        rule.doubt[language] if rule.doubt else "",
    )


def _condition(library: Library, fact: str, answers: Iterable[str], language: str) -> str:
    labels = library.texts.questions[fact][language].answers
    wanted = set(answers)
    return f"{fact}: " + " / ".join(labels[one] for one in labels if one in wanted)


def headings(words: Mapping[str, str]) -> list[str]:
    """The columns, as a reader knows them."""
    return [words[f"book_{column}"] for column in ("rule", "place", "as", "when", "from", "until", "source", "doubt")]


def as_text(found: list[Table], words: Mapping[str, str]) -> str:
    """For a terminal; the widest columns wrap."""
    widths = [None, 24, None, 48, None, None, 32, 32]
    parts = []
    for table in found:
        grid = tabulate(table.rows, headings(words), tablefmt="simple_grid", maxcolwidths=widths)
        parts.append(f"{table.title}\n{grid}")
    return "\n\n".join(parts)


def as_csv(found: list[Table]) -> str:
    """For a spreadsheet: one row per rule, with its concern."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("concern", *COLUMNS))
    for table in found:
        for row in table.rows:
            writer.writerow((table.concern, *map(_harmless, row)))
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def as_html(found: list[Table], edition: Edition, language: str, words: Mapping[str, str]) -> str:
    """A page that stands on its own."""
    body = "".join(
        f'<h2 id="{table.concern}">{escape(table.title)}</h2><table><thead><tr>'
        + "".join(f'<th scope="col">{escape(column)}</th>' for column in headings(words))
        + "</tr></thead><tbody>"
        + "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
        + "</tbody></table>"
        for table in found
    )
    name = f"{escape(words[NAME])} {edition.id}"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{name}</title>'
        "<style>table{border-collapse:collapse}td,th{border:1px solid;padding:.25em;text-align:left;"
        "vertical-align:top}</style></head><body>"
        f"<h1>{name}</h1><p>{edition.digest}</p>{body}</body></html>\n"
    )
