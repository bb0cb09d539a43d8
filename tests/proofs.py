"""One proof per run, shared by all who need it: what `check` finds of our own rules, kept by what it was found of."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
import sys
from pathlib import Path

from service.rulebook.checking import check

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "build" / "proofs"
MADE_OF = ("rules", "content", "service/core", "service/engine", "service/proof", "service/rulebook", "requirements")


def digest(*folders):
    """The SHA-256 of every file in these folders of ours, by name and by bytes, and of the Python that reads them."""
    found = hashlib.sha256(sys.version.encode())
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"\0{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def proved(library):
    """The findings of `check` on our own library: those of the last run when nothing that they hang on has changed.

    Processes that ask at the same time wait for the first of them.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / f"{digest(*MADE_OF)}.pickle"
        if not kept.exists():
            for old in KEPT.glob("*.pickle"):
                old.unlink()
            kept.write_bytes(pickle.dumps(list(check(library))))
        return pickle.loads(kept.read_bytes())
