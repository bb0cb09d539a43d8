"""A folder of rules and content that somebody may change: copied, proved, and only then named as what is served.

The copies stand on a shelf, each called by the digest of its files, so that nothing that is changed or damaged after
the proof is ever served. A shelf is of one folder, and the pointer on it is of one version of the service: what
another folder or another version proved is no proof here. Every step is one rename: whoever kills this halfway leaves
what was, or what is new. It does not know who serves, or when to look again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from service.answers.presenter import Presenter
from service.core.errors import WegwijzerError
from service.engine.decider import Decider
from service.rulebook.checking import check
from service.rulebook.library import Library
from service.rulebook.toml_files import DOCUMENT, TOML, Problems, only_ours

FOLDERS = ("rules", "content")
READ = (TOML, DOCUMENT)
CURRENT = "current-"
HALF = ".half-"
KEPT = 2  # the copy that serves and the one before it: a process that still serves that one may read from it


class Refused(WegwijzerError):
    """A folder cannot be served; says why, to its authors."""


def shelf_of(kept: Path, source: Path) -> Path:
    """Where the proved copies of one folder stand.

    Args:
        kept: holds the shelves of all folders.
        source: as it was named. A link that is turned to a newer release stays the same folder.

    """
    return kept / hashlib.sha256(os.fsencode(source.absolute())).hexdigest()[:16]


class Shelf:
    """Where copies of one folder stand."""

    def __init__(self, folder: Path, version: str) -> None:
        """Look at a shelf.

        Args:
            folder: the shelf, which need not be there yet.
            version: of what proves; what another one proved is not believed.

        """
        self._folder, self._current = folder, folder / f"{CURRENT}{version}"

    def take(self, source: Path) -> Path:
        """Copy a folder.

        Args:
            source: holds rules/ and content/.

        Returns:
            the copy, which is not proved by this.

        Raises:
            AuthorErrors: something stands there that would be passed over, or read from elsewhere.
            OSError: nothing can be written here, or the source cannot be read.

        """
        problems = Problems()
        for name in FOLDERS:
            only_ours(source / name, problems)
        problems.stop_if_any()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._is_ours():
            raise PermissionError(errno.EPERM, "somebody else can write to the folder for proved copies")
        half = Path(tempfile.mkdtemp(prefix=HALF, dir=self._folder))
        try:
            for path in _read_by_us(source):
                copy = half / path.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
            whole = self._folder / _digest(half)
            if whole.is_dir() and _digest(whole) != whole.name:
                shutil.rmtree(whole)  # damaged since
            if not whole.is_dir():
                half.rename(whole)
        finally:
            shutil.rmtree(half, ignore_errors=True)
        return whole

    def accept(self, copy: Path) -> None:
        """Name a copy that was proved as the one to serve, and clear away what nobody serves any more."""
        pointer = tempfile.mkdtemp(prefix=HALF, dir=self._folder)
        try:
            written = Path(pointer) / self._current.name
            written.write_text(copy.name, "ascii")
            written.rename(self._current)
        finally:
            shutil.rmtree(pointer, ignore_errors=True)
        os.utime(copy)
        copies = sorted((one for one in self._folder.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
        for old in copies[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        for other in self._folder.glob(f"{CURRENT}*"):
            with contextlib.suppress(OSError):  # another process cleared it away
                if not (self._folder / other.read_text("ascii", "replace")).is_dir():
                    other.unlink()

    def current(self) -> Path | None:
        """The copy that this version proved last, if it still is what was proved."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if not self._is_ours():
                return None
            copy = self._folder / self._current.read_text("ascii")
            if copy.parent == self._folder and copy.is_dir() and _digest(copy) == copy.name:
                return copy
        return None

    def _is_ours(self) -> bool:
        """Whether nobody else can put something here that nobody proved."""
        there = self._folder.stat()
        return there.st_uid == os.geteuid() and not there.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _read_by_us(folder: Path) -> Iterator[Path]:
    for name in FOLDERS:
        root = folder / name
        for path in sorted(root.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parent.parts)
            if path.suffix in READ and path.is_file() and not hidden:
                yield path


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in _read_by_us(folder):
        body = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()}\0{len(body)}\0".encode() + body)
    return found.hexdigest()


def examine(library: Library) -> None:
    """Prove a rulebase as `wegwijzer check` does.

    Raises:
        Refused: a promise is broken; tells the first situations in which it is.
        ReadingsDiffer: the engine and the plain reading disagree.

    """
    Decider(library.rulebase).close()
    told = library.site.programs
    words = library.texts.interface[told]
    broken = [
        f"{finding.tell(words, told)} {one.tell(words)}"
        for finding in check(library, Presenter(library, told).story)
        for one in finding.broken[:3]
    ]
    if broken:
        raise Refused("\n".join(broken))
