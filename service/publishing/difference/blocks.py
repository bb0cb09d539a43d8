"""A report as blocks, and each of them for a terminal, as Markdown and as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from itertools import groupby
from textwrap import fill

WIDTH = 100
TITLE, PART, GROUP, TEXT, ITEM = "# ", "## ", "### ", "", "- "  # what a block is, as Markdown begins it
TAGS = {TITLE: "h1", PART: "h2", GROUP: "h3", TEXT: "p", ITEM: "li"}

Block = tuple[str, str]  # what it is, and its text


def as_text(blocks: Iterable[Block], _: str = "") -> str:
    """For a terminal."""
    parts = []
    for kind, text in blocks:
        rest = " " * len(kind)
        lines = fill(
            text, WIDTH, initial_indent=kind, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
        parts.append((kind, lines))
    return _joined(parts)


def as_markdown(blocks: Iterable[Block], _: str = "") -> str:
    """For a pull request."""
    return _joined((kind, kind + _plain(text)) for kind, text in blocks)


def _joined(parts: Iterable[Block]) -> str:
    """Blocks with an empty line between them; the items of a list are one block."""
    lists = groupby(parts, key=lambda part: part[0] if part[0] == ITEM else object())
    return "\n\n".join("\n".join(text for _, text in of) for _, of in lists) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    text = " ".join(text.split()).replace("&", "&amp;")
    text = re.sub(r"([\\`*\[\]<>#|~])", r"\\\1", text)
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)


def as_html(blocks: Iterable[Block], language: str) -> str:
    """A page that stands on its own."""
    blocks = list(blocks)
    parts = [(kind, f"<{TAGS[kind]}>{escape(text)}</{TAGS[kind]}>") for kind, text in blocks]
    body = "\n".join(
        f"<ul>{''.join(text for _, text in of)}</ul>" if kind == ITEM else "\n".join(text for _, text in of)
        for kind, of in groupby(parts, key=lambda part: part[0])
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(blocks[0][1])}</title>\n'
        "<style>body{max-width:60em;margin:auto;padding:1em;font-family:sans-serif;overflow-wrap:anywhere}</style>"
        f"</head><body>\n{body}\n</body></html>\n"
    )


FORMATS: Mapping[str, Callable[[Iterable[Block], str], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "html": as_html,
}
