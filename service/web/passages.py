"""Passages of another language in a page: each text that stands in for one that was not translated gets its `lang`.

Knows the marks around such a text (`rulebook/languages.py`), and nothing of what it says. What a script puts on a page
later, `static/passages.js` marks the same way.
"""

from __future__ import annotations

import re

from service.rulebook.languages import FROM, TO, plain

PLAIN = ("title", "option")  # what holds text and no element
PART = re.compile(rf"<(script|style|{'|'.join(PLAIN)})\b.*?</\1>|<[^>]*>|[^<]+", re.DOTALL)


def passages(page: str, language: str) -> str:
    """A page of HTML with the passages of a language in elements that say so; "" for a page that has none."""
    return PART.sub(lambda part: _said(part[0], part[1], language), page) if language and FROM in page else page


def _said(part: str, element: str | None, language: str) -> str:
    if element in PLAIN:
        return plain(part).replace(f"<{element}", f'<{element} lang="{language}"', 1) if FROM in part else part
    if part.startswith("<") or not (FROM in part or TO in part):
        return part
    found, depth = "", 0
    for piece in re.split(f"([{FROM}{TO}])", part):
        if piece == FROM:
            found += "" if depth else f'<span lang="{language}">'
            depth += 1
        elif piece == TO and depth:  # a term of art in a text cuts it in two: its end alone says nothing
            depth -= 1
            found += "" if depth else "</span>"
        elif piece != TO:
            found += piece
    return found + ("</span>" if depth else "")
