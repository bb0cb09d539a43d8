"""Cuts what concerns our parts out of OSV's exports into one file that travels with a release, and reads it.

    advisories.py PyPI.zip npm.zip OUT

The two are https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip and .../npm/all.zip: one record of the OSV
schema each file. OUT has the same records in folders of these names, and `about.json`: of which exports, how new they
were, and for which parts they were searched. The same exports make the same bytes. Does not know whether an export is
whole, nor what was never reported.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import semver
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PINNED = [ROOT / "requirements" / f"{kind}.txt" for kind in ("run", "sheets")]
AGE = timedelta(days=30)  # what is older says too little of today
ORDER: dict[str, Callable[[str], Any]] = {"PyPI": Version, "npm": semver.Version.parse}
ABOUT = "about.json"


class NotAuditedError(Exception):
    """Why nothing is known; its text is for people."""


def plain(ecosystem: str, name: str) -> str:
    """A name as its registry compares it."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


def parts() -> dict[str, set[tuple[str, str]]]:
    """What is pinned: names with versions, per ecosystem of OSV."""
    python = "".join(path.read_text("utf-8") for path in PINNED)
    lock = json.loads((ROOT / "service" / "web" / "assets" / "package-lock.json").read_text("utf-8"))
    return {
        "PyPI": set(re.findall(r"^([a-z0-9-]+)==(\S+)", python, re.M)),
        "npm": {
            (path.rpartition("node_modules/")[2], one["version"]) for path, one in lock["packages"].items() if path
        },
    }


def records(archive: zipfile.ZipFile, folder: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every record of an export, with the name of its file."""
    for name in sorted(archive.namelist()):
        if name.startswith(folder) and name.endswith(".json") and name != ABOUT:
            yield name, json.loads(archive.read(name))


def about(record: dict[str, Any], ecosystem: str) -> set[str]:
    """The names of packages of an ecosystem that a record is about."""
    packages = [one.get("package", {}) for one in record.get("affected", ())]
    return {plain(ecosystem, one["name"]) for one in packages if one.get("ecosystem") == ecosystem}


def cut(exports: dict[str, Path], out: Path) -> None:
    """Write what is known of our parts."""
    said: dict[str, Any] = {}
    kept: dict[str, str] = {}
    for ecosystem, path in exports.items():
        ours = {name for name, _ in parts()[ecosystem]}
        newest = ""
        with zipfile.ZipFile(path) as archive:
            for name, record in records(archive):
                newest = max(newest, record["modified"])
                if about(record, ecosystem) & ours:
                    kept[f"{ecosystem}/{name}"] = json.dumps(record, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        said[ecosystem] = {"export": f"sha256:{digest}", "newest": newest, "parts": sorted(ours)}
    kept[ABOUT] = json.dumps(said, indent=2)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(kept.items()):
            archive.writestr(zipfile.ZipInfo(name), text)


def touches(affected: dict[str, Any], version: str, ecosystem: str) -> bool:
    """Whether a version is affected, by the rule of the OSV schema; all are where the record does not say which."""
    order = ORDER[ecosystem]
    ranges = [one for one in affected.get("ranges", ()) if one["type"] != "GIT"]
    if version in affected.get("versions", ()) or not (ranges or affected.get("versions")):
        return True
    for one in ranges:
        events = [(kind, value) for event in one["events"] for kind, value in event.items() if kind != "limit"]
        hit = False
        for kind, value in sorted(events, key=lambda event: (event[1] != "0", event[1] != "0" and order(event[1]))):
            if kind == "introduced":
                hit = hit or value == "0" or order(version) >= order(value)
            elif kind == "fixed":
                hit = hit and order(version) < order(value)
            else:
                hit = hit and order(version) <= order(value)
        if hit:
            return True
    return False


def findings(path: Path, ecosystem: str, now: datetime) -> list[str]:
    """What the file knows against our parts of an ecosystem.

    Raises:
        NotAuditedError: it is not there, not whole, too old, or was not searched for each of our parts.

    """
    ours = parts()[ecosystem]
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read(ABOUT))[ecosystem]
            newest = datetime.fromisoformat(said["newest"])
            if newest.tzinfo is None or now - newest > AGE:
                raise NotAuditedError(f"its newest advisory is of {said['newest'][:10]}: older than {AGE.days} days")
            if unknown := {name for name, _ in ours} - set(said["parts"]):
                raise NotAuditedError(f"it was not searched for {', '.join(sorted(unknown))}")
            print(f"{ecosystem}: the newest advisory is of {said['newest'][:10]}")
            found = []
            for _, record in records(archive, f"{ecosystem}/"):
                for affected in () if record.get("withdrawn") else record["affected"]:
                    name = plain(ecosystem, affected.get("package", {}).get("name", ""))
                    found += [
                        f"{name} {version}: {record['id']}"
                        for part, version in ours
                        if part == name and touches(affected, version, ecosystem)
                    ]
            return sorted(set(found))
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        raise NotAuditedError(f"{path.name} is not such a file, or not whole ({type(error).__name__})") from error


def known(path: Path) -> dict[str, list[str] | None]:
    """What the file knows against our parts; None for an ecosystem of which it knows too little, and it says why."""
    found: dict[str, list[str] | None] = {}
    for ecosystem, name in (("PyPI", "Python"), ("npm", "npm")):
        try:
            found[name] = findings(path, ecosystem, datetime.now(UTC))
        except NotAuditedError as why:
            print(f"{name}: {why}")
            found[name] = None
    return found


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: advisories.py PyPI.zip npm.zip OUT")
    cut(dict(zip(ORDER, map(Path, sys.argv[1:3]), strict=True)), Path(sys.argv[3]))
