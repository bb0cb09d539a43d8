"""The languages of a rulebase: which they are, and where the texts of each stand.

Some stand side by side in every file; a language more is a folder, content/languages/<code>/, whose files have the
names of the others and hold the texts of that language alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Localised = Mapping[str, str]  # language -> text

FOLDER = "languages"


@dataclass(frozen=True)
class Languages:
    """Which languages each text stands in, in the order of reading: those side by side, then those in folders."""

    content: Path
    side_by_side: tuple[str, ...]
    in_folders: tuple[str, ...] = ()
    usual: str = ""  # where nobody asks for one

    @property
    def codes(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.side_by_side, *self.in_folders)

    def beside(self, language: str, root: Path, path: Path) -> Path:
        """Where the folder of a language has its texts for a file of rules/ or content/."""
        inside = self.content / FOLDER / language
        return (inside if root == self.content else inside / "rules") / path.relative_to(root)


NONE = Languages(Path(), ())  # for what holds no text
