"""Finds rules/, content/ and the compiled rulebase, in a checkout and inside the wheel; names the code that runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PACKED = PACKAGE / "compiled.json"
BUILT = PACKAGE.parent / "build" / PACKED.name
PAGES = ("templates", "static", "embed")


def folder(name: str) -> Path:
    """The folder `rules` or `content`: packed in the wheel, or beside the package in a checkout."""
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


def in_checkout() -> bool:
    """Whether rules and content are those of a checkout, where somebody may change them."""
    return not PACKED.is_file() and folder("rules").parent == PACKAGE.parent


def code() -> str:
    """The digest of our own code and pages: what a rulebase was proved by, or is served by."""
    found = hashlib.sha256()
    ours = [*PACKAGE.rglob("*.py"), *(path for part in PAGES for path in (PACKAGE / "web" / part).rglob("*"))]
    for path in sorted(path for path in ours if path.is_file()):
        body = path.read_bytes()
        found.update(f"{path.relative_to(PACKAGE).as_posix()}\0{len(body)}\0".encode() + body)
    return f"sha256:{found.hexdigest()}"
