"""What is found of our own rules and takes long: made once for all who need it, and kept by what it was made of."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
import sys
from pathlib import Path

from ours import held

from service.rulebook.checking import check
from service.serving.kept import kept_here

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "build" / "proofs"
MADE_OF = (
    "rules",
    "content",
    "tests/cases",
    "tests/neighbourhoods.toml",
    "service/core",
    "service/engine",
    "service/proof",
    "service/rulebook",
    "requirements",
)


def digest(*folders):
    """The SHA-256 of every file in these folders of ours, by name and by bytes, and of the Python that reads them."""
    found = hashlib.sha256(sys.version.encode())
    for path in sorted(path for one in folders for path in [ROOT / one, *(ROOT / one).rglob("*")]):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"\0{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def kept(name, folders, make):
    """What `make` gives, of the last run when nothing in these folders has changed; it must survive pickling.

    Processes that ask at the same time wait for the first of them.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = KEPT / f"{name}-{digest(*folders)}.pickle"
        if not file.exists():
            for old in KEPT.glob(f"{name}-*.pickle"):
                old.unlink()
            file.write_bytes(pickle.dumps(make()))
        return pickle.loads(file.read_bytes())


def proved(draft):
    """The findings of `check` on our own rules; of the engine it believes what the gate's own `check` proved."""
    return kept("findings", MADE_OF, lambda: list(check(draft, held=held(), tried=kept_here())))
