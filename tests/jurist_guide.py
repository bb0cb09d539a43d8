"""The guide for jurists as blocks, and the edits that it tells a reader to make."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
GUIDES = {name: ROOT / "docs/jurist" / f"README.{name}.md" for name in ("nl", "en")}
BLOCK = re.compile(r"^ *```(\w+)(?: (\w+)=(\S+))?\n(.*?)^ *```$", re.M | re.S)
FENCE = re.compile(r"^ *```", re.M)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    kind: str
    how: str
    path: str
    text: str


def blocks(guide: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(GUIDES[guide].read_text("utf-8"))]


def edit(block: Block, folder: Path) -> None:
    """Make the change that the guide tells you to make."""
    path = folder / block.path
    before = path.read_text("utf-8") if path.exists() else ""
    if block.how == "append":
        path.write_text(before + block.text, "utf-8")
        return
    lines = block.text.splitlines(keepends=True)
    assert {line[0] for line in lines} <= set(" +-"), block
    old, new = ("".join(line[1:] for line in lines if line[0] != sign) for sign in "+-")
    assert before.count(old) == 1, f"{block.path} does not hold this once:\n{old}"
    path.write_text(before.replace(old, new), "utf-8")
