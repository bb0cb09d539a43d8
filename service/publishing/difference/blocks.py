"""A report as blocks, and each of them for a terminal, as Markdown and as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import fill

from tabulate import tabulate

WIDTH = 100


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


def as_text(blocks: Iterable[Block]) -> str:
    """For a terminal."""
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            line = {1: "=", 2: "-"}.get(block.level)
            text = _wrap(block.text)
            parts.append(f"{text}\n{line * max(map(len, text.splitlines()))}" if line else text)
        elif isinstance(block, Paragraph):
            parts.append(_wrap(block.text))
        elif isinstance(block, Items):
            parts.append("\n".join(_wrap(text, "- ", "  ") for text in block.texts))
        else:
            align = _align(block, "left", "right")
            # Broken here, for where tabulate breaks lines it takes "1,234" for a number.
            grid = [[fill(cell, 12 if column else 44) for column, cell in enumerate(row)] for row in block.rows]
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
            rows = (block.header, *block.rows)
            header, *lines = (f"| {' | '.join(map(_plain, row))} |" for row in rows)
            parts.append("\n".join([header, f"| {' | '.join(_align(block, '---', '---:'))} |", *lines]))
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
