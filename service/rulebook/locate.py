"""Finds rules/ and content/, in a checkout and inside the wheel; tells one version of the service from another."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import distributions
from pathlib import Path
from sysconfig import get_path

PACKAGE = Path(__file__).resolve().parent.parent


def folder(name: str) -> Path:
    """The folder `rules` or `content`: packed in the wheel, or beside the package in a checkout."""
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


def installed() -> str:
    """A digest of what a proof rests on besides the rulebase: our package, Python, and what is installed beside it."""
    found = hashlib.sha256(sys.version.encode())
    for name, version in sorted({(one.name, one.version) for one in distributions(path=[get_path("purelib")])}):
        found.update(f"\0{name}\0{version}".encode())
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            body = path.read_bytes()
            found.update(f"\0{path.relative_to(PACKAGE).as_posix()}\0{len(body)}\0".encode() + body)
    return found.hexdigest()
