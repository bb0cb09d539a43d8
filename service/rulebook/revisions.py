"""A rulebase and its words from a folder, or from a revision of the git checkout one stands in."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.core.errors import WegwijzerError
from service.core.rule import Rulebase
from service.rulebook.known import Known
from service.rulebook.library import load_library, pinned
from service.rulebook.rules import VOCABULARY, load_rulebase, load_vocabulary
from service.rulebook.site import languages_of, load_site, our_interface
from service.rulebook.texts import Texts, load_texts
from service.rulebook.toml_files import AuthoringError, Problems

RULES, CONTENT = "rules", "content"


class RevisionError(WegwijzerError):
    """What was named is no rulebase, or one with mistakes; says which and what to do."""


@dataclass(frozen=True)
class Version:
    """A rulebase with its words. Where the words have mistakes they have holes."""

    name: str
    rulebase: Rulebase
    texts: Texts | None


def ours(name: str) -> Version:
    """The rulebase that every command reads.

    Raises:
        CompiledError: it cannot be used.

    """
    library = load_library()
    return Version(name, library.rulebase, library.texts)


def interface(language: str) -> Mapping[str, str]:
    """The words of the interface: always those of the service that runs, which may know more than what it compares."""
    if pinned():
        return load_library().texts.interface[language]
    try:
        return our_interface()[language]
    except AuthoringError as errors:
        raise RevisionError(str(errors)) from None


def version(name: str) -> Version:
    """A rulebase by the name of its folder, or else of a git revision.

    Args:
        name: a folder that holds rules/ and content/, a folder of rules beside content/, or a revision.

    Raises:
        RevisionError: it is none of these, or has mistakes.

    """
    path = Path(name)
    told = f"{path.resolve().name}/"
    if (path / RULES).is_dir() and (path / CONTENT).is_dir():
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
    """Read what a comparison needs: the words only serve to tell about it, so mistakes in them are let be."""
    try:
        known = Known(languages_of(content), load_vocabulary(rules, Problems(), older=True), older=True)
        site = load_site(content, known, Problems())
        texts, known = load_texts(content, site, known, Problems())
        problems = Problems()
        rulebase = load_rulebase(rules, known, problems)
        problems.stop_if_any()
        return Version(name, rulebase, texts)
    except AuthoringError as errors:
        raise RevisionError(f"The rules of {name!r} have mistakes:\n{errors}") from None


def _revision(name: str) -> Version:
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
        return _read(told, Path(temporary, RULES), Path(temporary, CONTENT))


def _git(*words: str) -> bytes | None:
    """What git answers; None when it has no answer."""
    git = shutil.which("git")
    if git is None:
        raise RevisionError("To compare with a revision, git must be installed.")
    done = subprocess.run([git, *words], capture_output=True, check=False)  # noqa: S603 - a list, and no shell
    return done.stdout if done.returncode == 0 else None
