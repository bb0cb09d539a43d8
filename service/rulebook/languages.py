"""The languages of a rulebase: which they are, and where the texts of each stand.

Some stand side by side in every file; a language more is a folder, content/languages/<code>/, whose files have the
names of the others and hold the texts of that language alone. What such a folder lacks is a mistake, unless it says to
which language it falls back: then that text stands there, between two marks that nobody sees.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Localised = Mapping[str, str]  # language -> text

FOLDER = "languages"
FROM, TO = "\u2068", "\u2069"  # Unicode's isolate: what stands between is a passage by itself, and is shown as it is
# Words that something reads, and names: they are of no language, or are taken over as they are.
OF_NO_LANGUAGE = ("forms", "months", "locale", "diff_thousands", "site_name", "book_sources_at")
FILES = ("book_file", "case_file", "calendar_file")  # what names of files begin with


class Fallen(str):
    """A text that stands in for one that was not translated."""

    __slots__ = ()


def marked(text: str) -> str:
    """The same between marks, on each of its lines."""
    return "\n".join(f"{FROM}{line}{TO}" if line.strip() else line for line in text.split("\n"))


def plain(text: str) -> str:
    """The same without marks, for what can show no passage."""
    return text.translate({ord(FROM): None, ord(TO): None})


def filled(own: Any, other: Any, kept: Collection[str] = (), key: str = "") -> Any:
    """What a language says, and where it says nothing what another one does.

    Args:
        own: its text, list or table; None where it has none.
        other: the same in the language that it falls back to.
        kept: keys of which it must have its own.
        key: what the value is called.

    """
    if isinstance(other, Mapping) and isinstance(own, Mapping | None):
        own = own or {}
        return {**own, **{one: filled(own.get(one), said, (), one) for one, said in other.items() if one not in kept}}
    if own is not None:
        return own
    if isinstance(other, list):
        return [filled(None, one, (), key) for one in other]
    return Fallen(other) if isinstance(other, str) and other and key not in OF_NO_LANGUAGE else other


@dataclass(frozen=True)
class Languages:
    """Which languages each text stands in, in the order of reading: those side by side, then those in folders."""

    content: Path
    side_by_side: tuple[str, ...]
    in_folders: tuple[str, ...] = ()
    usual: str = ""  # where nobody asks for one
    fallback: Mapping[str, str] = field(default_factory=dict)  # of those that need not be whole: which one stands in

    @property
    def codes(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.side_by_side, *self.in_folders)

    def beside(self, language: str, root: Path, path: Path) -> Path:
        """Where the folder of a language has its texts for a file of rules/ or content/."""
        inside = self.content / FOLDER / language
        return (inside if root == self.content else inside / "rules") / path.relative_to(root)


NONE = Languages(Path(), ())  # for what holds no text
