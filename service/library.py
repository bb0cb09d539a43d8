"""Everything that is read at the start: the rulebase, the texts, the organisations, and the digest of it all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from service.authoring import AuthorErrors, Problems
from service.core.rule import Rulebase
from service.files import folder
from service.load import load_rulebase, load_vocabulary
from service.organisations import Organisations, load_organisations
from service.promises import Promise, load_promises
from service.texts import Texts, load_texts


@dataclass(frozen=True)
class Library:
    """What authors wrote, read and checked."""

    rulebase: Rulebase
    promises: tuple[Promise, ...]
    texts: Texts
    organisations: Organisations
    digest: str


def load_library(rules: Path | None = None, content: Path | None = None) -> Library:
    """Read rules/ and content/.

    Args:
        rules: the folder of rules; None for ours.
        content: the folder of content; None for ours.

    Raises:
        AuthorErrors: with every mistake in both folders.

    """
    rules, content = rules or folder("rules"), content or folder("content")
    problems = Problems()
    vocabulary = load_vocabulary(rules, problems)
    texts = load_texts(content, vocabulary, problems)
    sources = list(texts.sources) if texts else []
    organisations = load_organisations(content, vocabulary, sources, problems)
    promises = load_promises(rules, vocabulary, problems)
    if texts is None:
        problems.stop_if_any()
        raise AssertionError("texts are missing without a problem noted")
    try:
        rulebase = load_rulebase(rules, sources, list(texts.terms))
    except AuthorErrors as errors:
        problems.found += errors.problems
    problems.stop_if_any()
    return Library(rulebase, promises, texts, organisations, _digest(content))


def _digest(content: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(content.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".txt"):
            found.update(path.relative_to(content).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{found.hexdigest()}"
