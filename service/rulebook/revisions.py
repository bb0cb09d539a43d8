"""A rulebase and its words from a folder, or from a revision of the git checkout one stands in."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.core.errors import WegwijzerError
from service.core.rule import Rulebase
from service.proof.promises import EditionDay
from service.rulebook.compiled import CompiledError, Library, decode
from service.rulebook.glossary import Entry, load_glossary
from service.rulebook.known import Known
from service.rulebook.library import load_library, pinned
from service.rulebook.organisations import Organisations, load_organisations
from service.rulebook.overlay import OVERLAY
from service.rulebook.promises import load_editions
from service.rulebook.rules import VOCABULARY, load_rulebase, load_vocabulary
from service.rulebook.site import INTERFACE, languages_of, load_site, our_interface
from service.rulebook.texts import Texts, load_texts
from service.rulebook.toml_files import AuthoringError, Problems, extended, in_order

RULES, CONTENT = "rules", "content"


class RevisionError(WegwijzerError):
    """What was named is no rulebase, or one with mistakes; says which and what to do."""


@dataclass(frozen=True)
class Version:
    """A rulebase with all that is said with it. Where the words have mistakes they have holes.

    Attributes:
        name: what it is called.
        organisations: None where they could not be read.
        unread: the mistakes that are the holes.

    """

    name: str
    rulebase: Rulebase
    texts: Texts
    glossary: tuple[Entry, ...]
    days: tuple[EditionDay, ...]
    organisations: Organisations | None
    unread: tuple[str, ...] = ()


def ours(name: str) -> Version:
    """The rulebase that every command reads.

    Raises:
        CompiledError: it cannot be used.

    """
    return _of(name, load_library())


def _of(name: str, one: Library) -> Version:
    return Version(name, one.rulebase, one.texts, one.glossary.entries, one.days, one.organisations)


def interface(language: str) -> Mapping[str, str]:
    """The words of the interface: always those of the service that runs, which may know more than what it compares."""
    if pinned():
        return load_library().texts.interface[language]
    try:
        return our_interface()[language]
    except AuthoringError as errors:
        raise RevisionError(str(errors)) from None


def version(name: str) -> Version:
    """A rulebase by the name of its folder or its compiled file, or else of a git revision.

    Args:
        name: a folder that holds rules/ and content/ or is an overlay, a folder of rules beside content/, a compiled
            file, or a revision.

    Raises:
        RevisionError: it is none of these, or has mistakes.

    """
    path = Path(name)
    told = f"{path.resolve().name}/"
    if path.is_file():
        try:
            return _of(path.name, decode(path.read_bytes()))
        except CompiledError as error:
            raise RevisionError(f"{path.name}: {error}") from None
    if (path / OVERLAY).is_file() or ((path / RULES).is_dir() and (path / CONTENT).is_dir()):
        return _read(told, path / RULES, path / CONTENT)
    if (path / VOCABULARY).is_file():
        beside = path.resolve().parent / CONTENT
        if not beside.is_dir():
            raise RevisionError(f"Beside the rules in {name!r} stands no folder {CONTENT}/.")
        return _read(f"{beside.parent.name}/{told}", path, beside)
    try:
        return _revision(name)
    except RevisionError as error:
        if path.is_dir():
            message = f"The folder {name!r} holds no {RULES}/ and {CONTENT}/, and it is no revision either. {error}"
            raise RevisionError(message) from None
        raise


def _read(name: str, rules: Path, content: Path) -> Version:
    """Read all that answers a question; only mistakes in the rules themselves keep them from being compared."""
    problems, directory = Problems(), Problems()
    try:
        extended(rules)
        known = Known(languages_of(content), load_vocabulary(rules, Problems(), older=True), older=True)
        site = load_site(content, known, problems)
        texts, known = load_texts(content, site, known, problems)
        glossary = load_glossary(content, known, problems)
        organisations = load_organisations(content, known, directory)
        days = load_editions(rules, known, problems)
        wrong = Problems()
        rulebase = load_rulebase(rules, known, wrong)
        wrong.stop_if_any()
    except AuthoringError as errors:
        raise RevisionError(f"The rules of {name!r} have mistakes:\n{errors}") from None
    # A word that nothing says here was read all the same: another version of the service may say it.
    holes = [one for one in problems.found if not (texts.interface and one.file.endswith(INTERFACE))]
    unread = tuple(map(str, (*in_order(holes), *in_order(directory.found))))
    return Version(name, rulebase, texts, glossary.entries, days, None if directory.found else organisations, unread)


def _revision(name: str) -> Version:
    with folder_of(name) as (told, folder):
        return _read(told, folder / RULES, folder / CONTENT)


@contextmanager
def folder_of(name: str) -> Iterator[tuple[str, Path]]:
    """A git revision as what it is called, and a folder with its rules/ and content/ that goes away afterwards.

    Raises:
        RevisionError: it is none, or holds neither.

    """
    root = _git("rev-parse", "--show-toplevel")
    if root is None:
        raise RevisionError(f"There is no folder {name!r}, and here is no git checkout to look for a revision in.")
    top = root.decode().rstrip("\n")
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None:
        hint = "In a checkout that is not complete, fetch it first."
        raise RevisionError(f"There is no folder and no git revision {name!r}. {hint}")
    commit = found.decode().strip()
    packed = _git("-C", top, "archive", "--format=zip", commit, RULES, CONTENT)
    if packed is None:
        raise RevisionError(f"The revision {name!r} holds no {RULES}/ and {CONTENT}/.")
    with tempfile.TemporaryDirectory(prefix="wegwijzer-") as temporary:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(temporary)
        short = commit[:10]
        told = name if re.fullmatch(f"{short}[0-9a-f]*", name) else f"{name} ({short})"
        yield told, Path(temporary)


def _git(*words: str) -> bytes | None:
    """What git answers; None when it has no answer."""
    git = shutil.which("git")
    if git is None:
        raise RevisionError("To compare with a revision, git must be installed.")
    done = subprocess.run([git, *words], capture_output=True, check=False)  # noqa: S603 - a list, and no shell
    return done.stdout if done.returncode == 0 else None
