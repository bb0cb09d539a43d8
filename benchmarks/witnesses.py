"""Witnesses: engines that nobody here wrote run the DMN export and must fire the rules that fire here.

`make witnesses` installs them, pinned, in build/witnesses/. None is a dependency of the product or of its tests.
Exit code 1 on any difference with the definition of a rule: all its conditions hold.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from tabulate import tabulate

from service.core.rule import Edition
from service.core.space import Space
from service.publishing.dmn import NAMESPACE, export
from service.rulebook.library import load_library

SOURCES = Path(__file__).parent / "witnesses"
INSTALLED = Path("build/witnesses")
DMN_1_1 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"


@dataclass(frozen=True)
class Witness:
    """One engine: how to start it, the most situations per concern it has time for, and what it cannot read of ours."""

    name: str
    command: tuple[str, ...]
    most: int
    namespace: str = NAMESPACE
    plain: bool = False


WITNESSES = (
    # Knows DMN 1.1 only, which has no annotations.
    Witness("@hbtgmbh/dmn-eval-js", ("node", "in_javascript.mjs", "@hbtgmbh/dmn-eval-js"), 20_000, DMN_1_1, plain=True),
    Witness("feelin", ("node", "in_javascript.mjs", "feelin"), 1_000_000),
    # Stumbles over annotations and takes the label of an input for its name; a tenth of a second per situation.
    Witness("pyDMNrules", ("python/bin/python", "in_python.py"), 1_000, plain=True),
)


def prepare(witness: Witness, files: dict[str, bytes], situations: dict[str, list[dict[str, str]]]) -> Path:
    """A folder with the tables as this engine reads them, and the situations it is asked."""
    folder = INSTALLED / "run" / witness.name.rpartition("/")[2]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, xml in files.items():
        asked = situations[name.removesuffix(".dmn")][: witness.most]
        (folder / name).write_bytes(_plain(xml, witness.namespace) if witness.plain else xml)
        (folder / name).with_suffix(".situations.json").write_text(json.dumps(asked), "utf-8")
    return folder


def _plain(xml: bytes, namespace: str) -> bytes:
    """The same cells without annotations, labels and diagram, in the namespace of this version of DMN."""
    root = ElementTree.fromstring(xml.replace(NAMESPACE.encode(), namespace.encode()))
    for parent in list(root.iter()):
        parent.attrib.pop("label", None)
        for child in list(parent):
            drawn = not child.tag.startswith(f"{{{namespace}}}")
            if drawn or child.tag in (f"{{{namespace}}}annotation", f"{{{namespace}}}annotationEntry"):
                parent.remove(child)
    ElementTree.register_namespace("", namespace)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def sample(edition: Edition, concern: str, most: int) -> list[dict[str, str]]:
    """Situations of a concern in an order drawn by chance, the same each time; all of them where `most` allows."""
    tested = {fact for rule in edition.of_concern(concern) for fact in rule.when}
    space = Space([fact for fact in edition.vocabulary.facts if fact.id in tested])
    drawn = random.Random(f"{edition.id} {concern}").sample(range(space.size), min(most, space.size))
    return [space.situation(index) for index in drawn]


def compare(edition: Edition, folder: Path, concern: str) -> tuple[int, float, list[str]]:
    """How many situations an engine was asked, in how many seconds, and where it differs."""
    place = folder / concern
    asked = json.loads(place.with_suffix(".situations.json").read_text("utf-8"))
    found = json.loads(place.with_suffix(".answers.json").read_text("utf-8"))
    rules = edition.of_concern(concern)
    differences = []
    for situation, answer in zip(asked, found["answers"], strict=True):
        wanted = sorted([rule.refer, rule.as_.value, rule.id] for rule in rules if rule.matches(situation))
        if sorted(answer) != wanted:
            differences.append(f"{concern} {situation}: expected {wanted}, got {sorted(answer)}")
    return len(asked), found["seconds"], differences


def main() -> None:
    """Run all engines side by side over one edition and print what they said."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--on", type=date.fromisoformat, help="a day in the edition; default: the newest edition")
    parser.add_argument(
        "--most", type=int, default=1_000_000, help="situations per concern, fewer where an engine is slow"
    )
    options = parser.parse_args()
    if not (INSTALLED / "done").exists():
        sys.exit("The engines are not installed here; install them with: make build/witnesses/done")
    library = load_library()
    edition = library.rulebase.on(options.on or date.max)
    concerns = edition.vocabulary.concerns.answers
    files = {name: xml for name, xml in export(library, edition).items() if name.removesuffix(".dmn") in concerns}
    situations = {concern: sample(edition, concern, options.most) for concern in edition.vocabulary.concerns.answers}
    for script in ("in_javascript.mjs", "in_python.py"):
        shutil.copy(SOURCES / script, INSTALLED)
    folders = {witness.name: prepare(witness, files, situations) for witness in WITNESSES}
    running = [
        subprocess.Popen((*witness.command, folders[witness.name].relative_to(INSTALLED)), cwd=INSTALLED)
        for witness in WITNESSES
    ]
    failed = [witness.name for witness, process in zip(WITNESSES, running, strict=True) if process.wait()]
    if failed:
        sys.exit(f"{', '.join(failed)} stopped with an error.")
    rows, differences = [], []
    for witness in WITNESSES:
        for concern in situations:
            asked, seconds, different = compare(edition, folders[witness.name], concern)
            row = (witness.name, concern, len(edition.of_concern(concern)), asked, len(different))
            rows.append((*row, round(seconds / asked * 1000, 2)))
            differences += [f"{witness.name}: {one}" for one in different[:3]]
    print(f"Edition {edition.id}, {edition.digest}")
    heads = ("engine", "concern", "rules", "situations", "different", "ms each")
    print(tabulate(rows, heads, tablefmt="github", intfmt=","))
    print(f"{sum(row[3] for row in rows):,} situations, {sum(row[4] for row in rows):,} different")
    if differences:
        sys.exit("\n".join(differences))


if __name__ == "__main__":
    main()
