"""Reads every text of ours that people read, from the files they stand in, with the place of each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from running import LANGUAGES

ROOT = Path(__file__).parent.parent
# What everybody reads; and what stands with a rule or an organisation, where a sentence may be longer.
FILES = {
    "pages": [
        *(f"content/{one}" for one in ("channels", "questions")),
        *(f"content/{one}.toml" for one in ("notices", "terms", "glossary", "interface")),
    ],
    "rules": ["rules", "content/organisations"],
}
NOT_ON_PAGES = re.compile(
    r"^(cell|promise|edition)\."  # for jurists
    r"|^(diff_|check_|why_rule|why_change|why_because|cli_|dmn_)"
    r"|^entry\.\w+\.(term|forms)|^name\."  # names
)


@dataclass(frozen=True)
class Text:
    """One text of ours: its kind, its file, the keys that lead to it (without the language), and the words."""

    kind: str
    path: Path
    key: str
    language: str
    words: str

    def place(self):
        """The file and the line; where the same words stand twice in a file, that of the first."""
        lines = self.path.read_text("utf-8").splitlines()
        number = next((n for n, line in enumerate(lines, 1) if f'"{self.words[:60]}' in line), 1)
        return f"{self.path.parent.name}/{self.path.name}:{number} ({self.key}, {self.language})"


def leaves(value, keys=()):
    """Every text below a table, with the keys that lead to it; a table in a list goes by its id, or by its number."""
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, (*keys, key))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            id_ = below.get("id", number) if isinstance(below, dict) else number
            yield from leaves(below, (*keys, str(id_)))


def written(keys, language):
    """The keys without the language, or None when the text is not in this language."""
    if language in keys:
        return ".".join(one for one in keys if one != language)
    ending = f"_{language}"
    return ".".join((*keys[:-1], keys[-1].removesuffix(ending))) if keys[-1].endswith(ending) else None


def read(kind, path):
    """The texts of one file."""
    for keys, words in leaves(tomllib.loads(path.read_text("utf-8"))):
        for language in LANGUAGES:
            key = written(keys, language)
            if key and not NOT_ON_PAGES.search(key):
                yield Text(kind, path, key, language, words)


@cache
def texts():
    """Every text of ours that a person reads, file by file."""
    found = []
    for kind, names in FILES.items():
        for name in names:
            paths = [ROOT / name] if name.endswith(".toml") else sorted((ROOT / name).glob("*.toml"))
            found += [one for path in paths for one in read(kind, path)]
    return found
