"""Looks through the files of the image for what must not be there: look.py FOLDER"""

from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])
OURS = ROOT / "opt" / "wegwijzer"
BUILDS = re.compile(r"(.*-)?(gcc|g\+\+|cc|c\+\+|cpp|ld|as|make|clang|tcc)(-[0-9.]+)?|Python\.h|cc1")
INSTALLS = re.compile(r"pip[0-9.]*|pip-.*\.dist-info|ensurepip|conda|uv")
wrong = []
for path in ROOT.rglob("*"):
    place = path.relative_to(ROOT).as_posix()
    if path.is_symlink() or place.startswith("proc/"):
        continue
    about = path.lstat()
    if (path.is_file() and BUILDS.fullmatch(path.name)) or INSTALLS.fullmatch(path.name) or path.name == ".git":
        wrong.append(place)
    if place.startswith("run/secrets/") and about.st_size:
        wrong.append(place)
    if OURS in path.parents:
        loose = (
            about.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH) or about.st_uid or about.st_gid
        )
        if loose or path.suffix == ".pyc" or path.name in {"tests", "benchmarks"}:
            wrong.append(place)

listed = json.loads((OURS / "share" / "sbom" / "python.cdx.json").read_text("utf-8"))["components"]
named = {one["name"].lower().replace("_", "-") for one in listed}
found = {path.name.split("-")[0].lower().replace("_", "-") for path in OURS.rglob("*.dist-info")} - {"wegwijzer"}
wrong += [f"{name}, but not in its list of parts" for name in found - named]
wrong += [f"{name} in its list of parts, and nowhere else" for name in named - found]
if wrong or not found:
    sys.exit("\n".join(["In the image is what should not be there:", *wrong]))
size = {place: sum(path.lstat().st_size for path in place.rglob("*") if path.is_file()) >> 20 for place in (ROOT, OURS)}
print(f"{size[ROOT]} MB, of which ours {size[OURS]}: nothing that compiles or installs, nothing that can be written to")
