"""Writes what ships as CycloneDX 1.6, validated, the same bytes each time: sbom.py PYTHON FOLDER

python.cdx.json: what requirements/run.txt pins and the environment of PYTHON holds; what is pinned and not there is
left out, for an image may do without. npm.cdx.json: the packages whose styles and fonts are in service/web/static.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path

from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator

ROOT = Path(__file__).parent.parent
BUILDS = ("esbuild", "@esbuild/")  # makes style.css, and is not in it
# It names its licence in words that no tool knows.
LICENCES = {"sqlite-fts4": [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]}


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def product() -> dict:
    """Wegwijzer itself, of which the others are parts."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    about = setup["metadata"]
    return {
        "type": "application",
        "bom-ref": about["name"],
        "name": about["name"],
        "version": about["version"],
        "licenses": [{"expression": about["license"]}],
    }


def python(interpreter: str) -> tuple[list[dict], list[dict]]:
    """The parts in Python, and which needs which."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--no-validate"]
    done = subprocess.run(
        [*command, "--spec-version", "1.6", "--output-format", "JSON", interpreter], capture_output=True, check=True
    )
    found = json.loads(done.stdout)
    text = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))
    parts = [one for one in found["components"] if (name(one["name"]), one["version"]) in pinned]
    for one in parts:
        one.setdefault("licenses", LICENCES.get(name(one["name"])))
        # Where it was fetched, or from which folder it was installed, differs from machine to machine.
        one["externalReferences"] = [
            other for other in one.get("externalReferences", []) if other["type"] != "distribution"
        ]
    held = {one["bom-ref"] for one in parts}
    needs = [
        {"ref": one["ref"], "dependsOn": [other for other in one.get("dependsOn", []) if other in held]}
        for one in found["dependencies"]
        if one["ref"] in held
    ]
    return parts, needs


def npm() -> tuple[list[dict], list[dict]]:
    """The parts that npm brings; none needs another."""
    lock = json.loads((ROOT / "service" / "web" / "assets" / "package-lock.json").read_text("utf-8"))
    parts = []
    for path, one in sorted(lock["packages"].items()):
        package = path.removeprefix("node_modules/")
        if not package or package.startswith(BUILDS):
            continue
        url = f"pkg:npm/{package.replace('@', '%40')}@{one['version']}"
        parts.append(
            {
                "type": "library",
                "bom-ref": url,
                "name": package,
                "version": one["version"],
                "purl": url,
                "licenses": [{"license": {"id": one["license"], "acknowledgement": "declared"}}],
            }
        )
    return parts, [{"ref": one["bom-ref"]} for one in parts]


def write(path: Path, parts: list[dict], needs: list[dict]) -> None:
    whole = product()
    if lacking := [one["name"] for one in parts if not one.get("licenses")]:
        sys.exit(f"sbom: no licence is known of {', '.join(lacking)}; read theirs and add it to LICENCES.")
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole, "properties": [{"name": "cdx:reproducible", "value": "true"}]},
        "components": parts,
        "dependencies": [{"ref": whole["bom-ref"], "dependsOn": [one["bom-ref"] for one in parts]}, *needs],
    }
    text = json.dumps(bom, indent=2, ensure_ascii=False) + "\n"
    if wrong := make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"sbom: {path.name} is not CycloneDX 1.6: {wrong}")
    path.write_text(text, "utf-8")


def main(interpreter: str, folder: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    write(out / "python.cdx.json", *python(interpreter))
    write(out / "npm.cdx.json", *npm())


if __name__ == "__main__":
    main(*sys.argv[1:])
