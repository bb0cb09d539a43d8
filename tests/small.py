"""The small rulebase of another domain, in tests/university: what tests of code run on. Nobody edits it as content."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from service.rulebook.compiled import decode
from service.rulebook.drafts import read_folders
from service.rulebook.library import compiled
from service.serving.compiling import findings, proved, read

UNIVERSITY = Path(__file__).parent / "university"


def copied(folder):
    """A copy of its rules/ and content/ in a folder, to be changed."""
    for name in ("rules", "content"):
        shutil.copytree(UNIVERSITY / name, folder / name)
    return folder


@cache
def draft():
    """What was written."""
    return read_folders(UNIVERSITY / "rules", UNIVERSITY / "content")


@cache
def data():
    """Its compiled file, proved; the fixture `university_file` is where it stands."""
    written, held = read(UNIVERSITY / "rules", UNIVERSITY / "content")
    return compiled(written, proved(findings(written, held)))


@cache
def library():
    """The library that is read from that; the fixture `university` gives the same one."""
    return decode(data())
