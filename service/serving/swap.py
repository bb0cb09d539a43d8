"""Puts a compiled rulebase in service: under its digest beside the pinned link, which is then turned to it in one step.

Whoever kills this halfway leaves what was pinned, or what is new. Going back is a swap as well.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import signal
import stat
import tempfile
from pathlib import Path

from service.rulebook.compiled import CompiledError, decode
from service.rulebook.library import bytes_of, read_key, store
from service.serving.trial import holds


def swap(file: Path, link: Path) -> tuple[Path, Path | None]:
    """Pin a compiled rulebase, if it can be served.

    Args:
        file: a compiled rulebase.
        link: what a service is told to read.

    Returns:
        the file that is pinned now, and the one that was before.

    Raises:
        CompiledError: it cannot be served; what is pinned stays.
        OSError: nothing can be written there.

    """
    data = bytes_of(file)
    digest = decode(data, read_key()).digest
    if not holds(data):
        raise CompiledError("It cannot be served, for what is said above; what was pinned stays.")
    return pin(data, digest, link)


def pin(data: bytes, digest: str, link: Path) -> tuple[Path, Path | None]:
    """Put what was tried beside the link, and turn the link to it; returns as `swap` does."""
    before = _kept(link)
    whole = _beside(link, digest)
    store(whole, data)
    with tempfile.TemporaryDirectory(prefix=".half-", dir=link.parent) as half:
        turned = Path(half) / link.name
        turned.symlink_to(whole.name)
        turned.replace(link)
    return whole, before


def _kept(link: Path) -> Path | None:
    """What can be gone back to: a file that stood there itself, before the first swap, is put aside."""
    with contextlib.suppress(CompiledError):
        if not link.is_symlink():
            data = bytes_of(link)
            aside = _beside(link, decode(data).digest)
            store(aside, data)
            return aside
    return link.resolve() if link.exists() else None


def _beside(link: Path, digest: str) -> Path:
    return link.with_name(f"{digest.replace(':', '-')}.json")


def others_can_write(path: Path) -> bool:
    """Whether somebody else can change what is pinned: the link, the file, or what stands in their folders."""
    places = {path.parent, path.resolve(), path.resolve().parent}
    loose = [one for one in places if one.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)]
    return any(not os.statvfs(one).f_flag & os.ST_RDONLY for one in loose)


class Running:
    """The marks beside the pinned link, one of each service that reads it: its process id, locked while it lives."""

    def __init__(self, link: Path) -> None:
        self._link = link

    def mark(self) -> None:
        """Say that this process reads it; where nothing can be written, nobody is told."""
        with contextlib.suppress(OSError):
            path = self._link.with_name(f"{self._link.name}.{os.getpid()}.pid")
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # gone when this process is

    def reload(self) -> bool:
        """Tell each service that it must look again; whether there is one. What a dead one left is taken away."""
        told = False
        for path in self._link.parent.glob(f"{glob.escape(self._link.name)}.*.pid"):
            with contextlib.suppress(OSError, ValueError), path.open("rb+") as file:
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                except OSError as error:
                    if error.errno not in (errno.EACCES, errno.EAGAIN):
                        raise
                    os.kill(int(path.suffixes[-2][1:]), signal.SIGHUP)
                    told = True
        return told
