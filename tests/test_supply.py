"""What we build on: how the engine's C extension is compiled, the list of all that ships, and whose it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import durable_rules_engine
import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parent.parent
SUPPLY = ROOT / "build" / "supply" / "bin"
READ = """
import json, sys
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

with open(sys.argv[1], "rb") as file:
    elf = ELFFile(file)
    dynamic = next(section for section in elf.iter_sections() if isinstance(section, DynamicSection))
    print(json.dumps({
        "segments": {segment["p_type"]: segment["p_flags"] for segment in elf.iter_segments()},
        "tags": {tag.entry.d_tag: tag.entry.d_val for tag in dynamic.iter_tags()},
        "symbols": [symbol.name for symbol in elf.get_section_by_name(".dynsym").iter_symbols()],
    }))
"""
EXECUTABLE = 1
BIND_NOW = 8


def test_the_engine_is_compiled_so_that_a_fault_in_it_is_hard_to_abuse():
    """Some 6,000 lines of C read what people answered: hardened, whatever flags a machine has by itself."""
    read = [SUPPLY / "python", "-c", READ, durable_rules_engine.__file__]
    found = json.loads(subprocess.run(read, capture_output=True, check=True).stdout)
    assert "PT_GNU_RELRO" in found["segments"]
    assert found["tags"].get("DT_FLAGS", 0) & BIND_NOW
    assert not found["segments"]["PT_GNU_STACK"] & EXECUTABLE
    assert "__stack_chk_fail" in found["symbols"]
    assert any(name.endswith("_chk") for name in found["symbols"]), "no function with a checked length"
    assert not {"DT_RPATH", "DT_RUNPATH"} & found["tags"].keys()


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """The lists of what ships, and what a second run wrote."""
    made = [tmp_path_factory.mktemp("sbom") for _ in range(2)]
    command = [SUPPLY / "python", ROOT / "scripts" / "sbom.py", sys.executable]
    assert [one.wait() for one in [subprocess.Popen([*command, folder]) for folder in made]] == [0, 0]
    return made


def test_every_pinned_part_is_in_the_list_with_its_licence_and_nothing_else(lists):
    bom = json.loads((lists[0] / "python.cdx.json").read_text("utf-8"))
    listed = {(re.sub(r"[-_.]+", "-", one["name"]).lower(), one["version"]) for one in bom["components"]}
    text = (ROOT / "requirements" / "run.txt").read_text("ascii")
    assert listed == set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))
    assert all(one["licenses"] for one in bom["components"])


def test_every_package_in_our_styles_and_fonts_is_in_the_list_with_its_licence(lists):
    bom = json.loads((lists[0] / "npm.cdx.json").read_text("utf-8"))
    licences = {(one["name"], one["version"]): one["licenses"][0]["license"]["id"] for one in bom["components"]}
    shown = (ROOT / "service/web/static/LICENSES.txt").read_text("utf-8")
    styles = set(re.findall(r"^  (@\S+) ([0-9.]+)", shown, re.M))
    assert {part for part, licence in licences.items() if licence == "EUPL-1.2"} == styles
    assert {name for (name, _), licence in licences.items() if licence != "EUPL-1.2"} == {"@fontsource/fira-sans"}


def test_the_lists_are_the_same_bytes_each_time(lists):
    for name in ("python.cdx.json", "npm.cdx.json"):
        first, second = ((folder / name).read_bytes() for folder in lists)
        assert first == second
        assert str(ROOT).encode() not in first


def test_every_file_says_whose_it_is_and_under_which_licence():
    done = subprocess.run([SUPPLY / "reuse", "--root", ROOT, "lint"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "LICENSES" / "EUPL-1.2.txt").read_bytes()


def test_the_licences_of_the_package_are_those_of_the_files_in_it():
    done = subprocess.run([SUPPLY / "reuse", "--root", ROOT, "spdx"], capture_output=True, text=True, check=True)
    shipped = {"service", "rules", "content"}
    used = {
        licence
        for path, licence in re.findall(r"^FileName: \./(\S+)\n(?:.*\n)*?LicenseInfoInFile: (\S+)", done.stdout, re.M)
        if path.split("/")[0] in shipped
    }
    said = re.search(r"^license = (.*)", (ROOT / "setup.cfg").read_text("utf-8"), re.M)[1]
    assert used == set(said.split(" AND "))
