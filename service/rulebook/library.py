"""Everything that is read at the start: the rulebase, the texts, the organisations, and the digest of it all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from service.core.rule import Rulebase
from service.proof.competence import Cell
from service.proof.promises import EditionDay, Promise
from service.rulebook.competence import load_competence
from service.rulebook.glossary import Glossary, load_glossary
from service.rulebook.locate import folder
from service.rulebook.organisations import Organisations, load_organisations
from service.rulebook.promises import load_editions, load_promises
from service.rulebook.quotations import Passages
from service.rulebook.rules import load_rulebase, load_vocabulary
from service.rulebook.site import Site, languages_of, load_site
from service.rulebook.texts import Texts, load_texts
from service.rulebook.toml_files import AuthorErrors, Problems, TomlFile, only_ours


@dataclass(frozen=True)
class Library:
    """What authors wrote, read and checked."""

    rulebase: Rulebase
    days: tuple[EditionDay, ...]
    promises: tuple[Promise, ...]
    competence: tuple[Cell, ...]
    site: Site
    texts: Texts
    glossary: Glossary
    organisations: Organisations
    passages: Passages
    digest: str

    @property
    def languages(self) -> tuple[str, ...]:
        """In which every text stands, in the order of reading."""
        return tuple(self.site.tongues)

    @property
    def written(self) -> date:
        """The last day on which somebody read a source: no clock that is right is before it."""
        return max((source.read for source in self.texts.sources.values() if source.read), default=date.min)


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
    languages = languages_of(content)
    site = load_site(content, languages, problems)
    texts = load_texts(content, vocabulary, site, languages, problems)
    sources = list(texts.sources)
    glossary = load_glossary(content, languages, problems)
    organisations = load_organisations(content, vocabulary, sources, languages, problems)
    days = load_editions(rules, sources, languages, problems)
    promises = load_promises(rules, vocabulary, languages, problems)
    competence = load_competence(rules, vocabulary, sources, languages, problems)
    try:
        rulebase = load_rulebase(rules, sources, list(texts.terms), languages, read_too=problems.read)
    except AuthorErrors as errors:
        problems.found += errors.problems
    documents = {content / "sources" / Path(one.text).name for one in texts.sources.values() if one and one.text}
    if None in texts.sources.values():  # a source with mistakes may have one too
        documents.update((content / "sources").glob("*.txt"))
    only_ours(rules, problems, set(rules.glob("*.toml")))
    only_ours(content, problems, problems.read | documents)
    problems.stop_if_any()
    assert site is not None  # noqa: S101 - where it has mistakes they were raised
    passages = Passages(texts.sources, content)
    digest = _digest(content)
    return Library(rulebase, days, promises, competence, site, texts, glossary, organisations, passages, digest)


def nothing_of_tomorrow(library: Library, content: Path, today: date) -> None:
    """Refuse a claim that somebody will have read or checked something: nobody knows that yet.

    Not when it is read for serving: there a day that lies ahead says that the machine's clock is behind.

    Args:
        library: as it was read.
        content: the folder it was read from, to tell authors where.
        today: the day it is.

    Raises:
        AuthorErrors: a day lies in the future.

    """
    problems = Problems()
    claims: list[tuple[str, tuple[str | int, ...], date | None]] = [
        *((f"sources/{id_}", ("read",), one.read) for id_, one in library.texts.sources.items()),
        *(
            (f"channels/{id_}", ("contact", index, "checked"), contact.checked)
            for id_, channel in library.texts.channels.items()
            for index, contact in enumerate(channel.contacts)
        ),
        *(
            (f"organisations/{id_}", ("channel", index, "checked"), own.contact.checked)
            for id_, organisation in library.organisations.by_id.items()
            for index, own in enumerate(organisation.channels)
        ),
    ]
    for name, place, day in claims:
        if day and day > today:
            message = f"{place[-1]} = {day} lies in the future: here it is {today}. Write the day on which it was done."
            problems.add(TomlFile(content, content / f"{name}.toml"), place, message)
    problems.stop_if_any()


def _digest(content: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(content.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".txt"):
            found.update(path.relative_to(content).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{found.hexdigest()}"
