"""The small rulebase of another domain, in tests/university: what tests of code run on. Nobody edits it as content."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

from service.rulebook.compiled import decode
from service.rulebook.drafts import read_folders
from service.rulebook.library import compiled
from service.serving.compiling import findings, proved, read

ROOT = Path(__file__).parent.parent
UNIVERSITY = ROOT / "tests/university"


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


def checkout(folder):
    """A checkout of its own: of the small rulebase, with the words and addresses of our pages."""
    house, compiled_here = folder / "house", shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "service", house / "service", ignore=compiled_here)
    for name in ("rules", "content"):
        shutil.copytree(UNIVERSITY / name, house / name)
    shutil.copyfile(ROOT / "content/interface.toml", house / "content/interface.toml")
    style = house / "content/style.toml"
    style.write_text(style.read_text("utf-8").replace("same = [", 'same = ["site_name", '), "utf-8")
    asks = "".join(rf'starts_{term.starts} = "When, in \g<2>?"\n' for term in library().texts.terms.values())
    site = (ROOT / "content/site.toml").read_text("utf-8")
    (house / "content/site.toml").write_text(re.sub(r"(?m)^(\[(\w+)\.words\]\n)", rf"\g<1>{asks}", site), "utf-8")
    return house
