"""What authors wrote, read and checked: rules/ and content/ as values, or every mistake in them at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from service.core.rule import Citation
from service.proof.findings import Ref
from service.rulebook.acts import load_acts
from service.rulebook.bodies import NAMES, REGISTER
from service.rulebook.checks import SOURCE, checks
from service.rulebook.competence import load_competence
from service.rulebook.compiled import Library
from service.rulebook.digests import digests
from service.rulebook.glossary import load_glossary
from service.rulebook.known import Known
from service.rulebook.messages import Message
from service.rulebook.organisations import load_organisations
from service.rulebook.overlay import layers, lies
from service.rulebook.places import Places
from service.rulebook.promises import load_editions, load_promises
from service.rulebook.quotations import Passages
from service.rulebook.rules import load_rulebase, load_vocabulary
from service.rulebook.schemas import Place
from service.rulebook.shown import CONTENT
from service.rulebook.signatures import Standing, load_signatures, standing
from service.rulebook.site import languages_of, load_site
from service.rulebook.style import Style, load_style
from service.rulebook.texts import load_texts
from service.rulebook.toml_files import DOCUMENT, TOML, Memo, Problem, Problems, TomlFile, extended, only_ours


@dataclass(frozen=True, kw_only=True)
class Draft(Library):
    """A rulebase that was read from folders, with what only a proof of it needs.

    Attributes:
        passages: the stored words of every source.
        places: where each table of rules/ stands.
        files: what was read, with its lines.
        style: of the house; None where it has none.
        sources: digest of all files that were read.
        extends: digest of the compiled rulebase that it extends; "" where it stands alone.
        drafts: what authors wrote, by its path, for those who extend it; nothing where it extends another.

    """

    passages: Passages
    places: Places
    files: tuple[TomlFile, ...]
    style: Style | None
    sources: str
    extends: str = ""
    drafts: Mapping[str, str] = field(default_factory=dict)

    def problem(self, part: str, place: Place, id_: str, language: str = "", /, **values: Any) -> Problem:
        """What is wrong at a place in a file of content/.

        Args:
            part: the file, below content/.
            place: keys and indexes in it.
            id_: of the message.
            language: of the text that is wrong; "" where it is no text.
            values: what the message fills in.

        """
        return Problem(*self._of_content[part].of(language).at(place), Message(id_, values))

    def stands(self, ref: Ref) -> tuple[str, int]:
        """The file and the line of what a proof is about."""
        if ref[0] != CONTENT:
            return self.places.of(ref)
        return self._of_content[str(ref[1])].at(ref[2:])

    def place_of(self, citation: Citation) -> Place:
        """Where a quotation stands in the file of its source."""
        file = self._of_content[f"sources/{citation.source}.toml"]
        for table in ("passage", "place"):
            for number, one in enumerate(file.raw.get(table, ())):
                for name, quote in one.get("quotes", {}).items():
                    if (one["locator"], quote.strip()) == (citation.locator, citation.quote):
                        return table, number, "quotes", name
        return ()

    @property
    def wins(self) -> tuple[tuple[str, int], ...]:
        """The file and the line of each entry of an overlay that comes instead of what the base has; rules first."""
        found = [(file.name, file.line(place)) for file in self.files for place in file.wins]
        return tuple(sorted(found, key=lambda place: not place[0].startswith("rules/")))

    @property
    def standing(self) -> Standing:
        """How much of the rules in force, and of the matrix, was read as it is now."""
        return standing(self.rulebase.editions[-1].rules, self.competence, self.signatures)

    @cached_property
    def _of_content(self) -> dict[str, TomlFile]:
        return {file.part: file for file in self.files}


def read_folders(rules: Path, content: Path, memo: Memo | None = None) -> Draft:
    """Read rules/ and content/.

    Args:
        rules: the folder.
        content: the folder.
        memo: what was read before; grows.

    Raises:
        AuthoringError: with every mistake in both folders.

    """
    extends = extended(rules)
    problems = Problems(memo=memo)
    vocabulary = load_vocabulary(rules, problems)
    known = Known(languages_of(content), vocabulary)
    site = load_site(content, known, problems)
    texts, known = load_texts(content, site, known, problems)
    glossary = load_glossary(content, known, problems)
    organisations = load_organisations(content, known, problems)
    acts = load_acts(content, organisations.by_id, known, problems)
    style = load_style(content, known, problems)
    days = load_editions(rules, known, problems)
    promises = load_promises(rules, known, problems)
    competence = load_competence(rules, known, problems)
    rulebase = load_rulebase(rules, known, problems)
    signatures = load_signatures(rules, known, problems)
    documents = {content / "sources" / Path(one.text).name for one in texts.sources.values() if one and one.text}
    if None in texts.sources.values():  # a source with mistakes may have one too
        documents.update((content / "sources").glob("*.txt"))
    only_ours(rules, problems, set(rules.glob(f"*{TOML}")))
    only_ours(content, problems, problems.read | documents)
    files = tuple({file.path: file for file in problems.files}.values())
    problems.stop_if_any()
    assert site is not None  # noqa: S101 - where it has mistakes they were raised
    return Draft(
        rulebase,
        days,
        promises,
        site,
        texts,
        glossary,
        organisations,
        acts,
        digests(rulebase.rules, (days, site, glossary.entries, acts), texts, organisations),
        competence=competence,
        passages=Passages(texts.sources, content),
        places=Places(file for file in files if file.path.is_relative_to(rules)),
        files=files,
        style=style,
        signatures=signatures,
        sources=sources_of(rules, content),
        extends=extends,
        drafts={} if extends else written_in({"rules": rules, "content": content}),
    )


def nothing_of_tomorrow(library: Draft, content: Path, today: date) -> None:
    """Refuse a claim that somebody will have read or checked something: nobody knows that yet.

    Not when it is read for serving: there a day that lies ahead says that the machine's clock is behind.

    Args:
        library: as it was read.
        content: the folder it was read from, to tell authors where.
        today: the day it is.

    Raises:
        AuthoringError: a day lies in the future.

    """
    problems = Problems()
    for one in checks(library):
        if one.checked and one.checked > today:
            general = (f"organisations/{one.id}.toml", NAMES, REGISTER)  # where it may stand, the better one first
            part = one.part or next(part for part in general if lies(content, content / part).exists())
            key = "read" if one.id.startswith(f"{SOURCE}/") else "checked"
            place = one.place if one.part else ("general",)
            said = {"key": key, "day": one.checked, "today": today}
            problems.found.append(library.problem(part, (*place, key), "day_to_come", **said))
    problems.stop_if_any()


def sources_of(rules: Path, content: Path) -> str:
    """The digest of all files that are read of both folders."""
    found = hashlib.sha256()
    for folder, path in _read_in(layers((rules, content))):
        body = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(body)}\0".encode() + body)
    return f"sha256:{found.hexdigest()}"


def written_in(folders: Mapping[str, Path]) -> dict[str, str]:
    """What authors wrote in folders, by its path in the folder and how that is called."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes().decode("utf-8")
        for name, folder in folders.items()
        for _, path in _read_in((folder,))
    }


def _read_in(folders: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (TOML, DOCUMENT) and path.is_file():
                yield folder, path
