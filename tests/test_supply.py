"""What we build on: how the engine's C extension is compiled."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import durable_rules_engine

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
