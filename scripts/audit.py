"""Looks up what is known against the parts that ship; says exactly one of: clean, N findings, NOT AUDITED.

`--advisories FILE` asks nobody: it reads what scripts/advisories.py cut, so it can be run anywhere. Without it, the
services are asked. pip-audit ends well when it could look up nothing at all; so what counts here is for which parts it
had an answer. More options go to pip-audit; npm asks the registry it is set up for.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import advisories

ROOT = Path(__file__).parent.parent
CLEAN, FINDINGS, NOT_AUDITED = 0, 1, 3


def answer(command: list[str], folder: Path) -> dict:
    """What a command wrote as JSON; nothing if it wrote something else."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        print(*(done.stderr.strip().splitlines() or ["no answer"])[-1:])
        return {}
    return found


def python(options: list[str]) -> list[str] | None:
    """The findings in Python's parts; None when one of them could not be looked up."""
    command = [sys.executable, "-m", "pip_audit", *(f"--requirement={path}" for path in advisories.PINNED)]
    command += ["--require-hashes", "--disable-pip"]
    found = answer([*command, "--strict", "--progress-spinner", "off", "--format", "json", *options], ROOT)
    looked_up = [one for one in found.get("dependencies", []) if "skip_reason" not in one]
    if {(advisories.plain("PyPI", one["name"]), one["version"]) for one in looked_up} != advisories.parts()["PyPI"]:
        return None
    return [f"{one['name']} {one['version']}: {flaw['id']}" for one in looked_up for flaw in one["vulns"]]


def npm() -> list[str] | None:
    """The findings in the parts that npm brings; None when they could not be looked up."""
    found = answer(["npm", "audit", "--json", "--package-lock-only"], ROOT / "service" / "web" / "assets")
    if "auditReportVersion" not in found:
        return None
    return [f"{name}: {one['severity']}" for name, one in found["vulnerabilities"].items()]


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--advisories", type=Path)
    asked, options = parser.parse_known_args()
    parts = advisories.known(asked.advisories) if asked.advisories else {"Python": python(options), "npm": npm()}
    for name, found in parts.items():
        print(f"{name}: could not be looked up" if found is None else f"{name}: looked up", *(found or []), sep="\n  ")
    if count := sum(len(found or []) for found in parts.values()):
        print(f"{count} findings")
        return FINDINGS
    if None in parts.values():
        print("NOT AUDITED: could not reach its data")
        return NOT_AUDITED
    print("clean")
    return CLEAN


if __name__ == "__main__":
    sys.exit(main())
