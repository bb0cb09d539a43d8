"""The guide for jurists, in both languages: its commands are run, its edits are made, and what it shows comes out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from jurist_guide import BLOCK, FENCE, GUIDES, ROOT, blocks, edit

EXIT = re.compile(r"\s+# exit (\d+)$")
KINDS = {
    ("sh", ""),  # typed at a terminal
    ("text", ""),  # what the block before it prints; … stands for what is left out
    ("toml", "quoted"),  # stands in this file
    ("toml", "append"),  # is added to the end of this file
    ("diff", "change"),  # lines of this file that change
    ("markdown", ""),  # only shown
}
COPIED = ("service", "rules", "content", "tests/cases", "tests/neighbourhoods.toml", "setup.cfg")
KEPT = "build/checked.json"  # what `check` found here before; who works in a checkout has it


def copy(source: Path, target: Path) -> Path:
    """A copy of all that a jurist reads and changes, with the program that reads it."""
    for name in (*COPIED, *([KEPT] if (source / KEPT).exists() else [])):
        path = source / name
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(path, target / name)
    return target


def environment(folder: Path) -> dict[str, str]:
    """As after `. .venv/bin/activate` in this folder: its rules, its program, and no settings of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTEST_"))}
    path = os.pathsep.join((str(Path(sys.executable).parent), kept["PATH"]))
    return {**kept, "PATH": path, "PYTHONPATH": str(folder), "PYTHONUTF8": "1", "COLUMNS": "80", "NO_COLOR": "1"}


def typed(line: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of one line, as somebody types it in this folder."""
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
    )
    return done.returncode, done.stdout


def lacking(shown: str, printed: str) -> list[str]:
    """The lines shown that do not come out, in the order shown."""
    left, found = printed.splitlines(), []
    for line in shown.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
        at = next((number for number, one in enumerate(left) if pattern.fullmatch(one.rstrip())), None)
        if line == "…":
            continue
        if at is None:
            found.append(line)
        else:
            left = left[at + 1 :]
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_every_block_of_the_guide_is_of_a_kind_that_is_tested(guide):
    found = blocks(guide)
    assert {(one.kind, one.how) for one in found} == KINDS
    assert 2 * len(found) == len(FENCE.findall(GUIDES[guide].read_text("utf-8")))
    assert all(before.kind == "sh" for before, one in pairwise(found) if one.kind == "text")


def test_both_guides_have_the_same_blocks_in_the_same_order():
    nl, en = blocks("nl"), blocks("en")
    assert nl == en


@pytest.mark.parametrize("guide", GUIDES)
def test_each_file_to_change_is_named_before_its_block(guide):
    """In the words of the same section, outside of blocks."""
    text = GUIDES[guide].read_text("utf-8")
    for one in BLOCK.finditer(text):
        if path := one[3]:
            section = text[text.rindex("\n## ", 0, one.start()) : one.start()]
            assert f"`{path}`" in BLOCK.sub("", section), path


@pytest.mark.parametrize("guide", GUIDES)
def test_the_rule_that_the_guide_explains_is_ours_and_every_key_of_it_is_explained(guide):
    (one,) = [block for block in blocks(guide) if block.how == "quoted"]
    assert one.text in (ROOT / one.path).read_text("utf-8")
    explained = "\n".join(re.findall(r"^\| (.*?) \|", GUIDES[guide].read_text("utf-8"), re.M))
    file = tomllib.loads(one.text)
    (rule,) = file["rule"]
    names = ["[doubts]", "[[rule]]", *rule, *rule["refer"], *rule["when"]]
    assert [name for name in names if f"`{name}" not in explained] == []


@pytest.mark.slow
def test_the_commands_do_and_print_what_the_guide_says(tmp_path):
    here = copy(ROOT, tmp_path / "wegwijzer")
    me = "-c user.name=Jurist -c user.email=jurist@example.invalid -c commit.gpgsign=false"
    made = typed(f"git init -q -b main && git add -A && git {me} commit -q -m first", here)
    assert made == (0, "")

    ran = []
    with ThreadPoolExecutor() as beside:
        for number, block in enumerate(blocks("nl")):
            if block.how in ("append", "change"):
                edit(block, here)
            for line in block.text.splitlines() if block.kind == "sh" else ():
                # The proof takes seconds: it runs beside what follows, on the files as they are now.
                slow = line.startswith("wegwijzer check")
                folder = copy(here, tmp_path / f"check{number}") if slow else here
                ran.append((number, line, beside.submit(typed, line, folder)))
                if not slow:
                    ran[-1][2].result()

    printed: dict[int, str] = {}
    for number, line, done in ran:
        code, output = done.result()
        wanted = EXIT.search(line)
        assert code == (int(wanted[1]) if wanted else 0), f"{line}\n{output}"
        printed[number] = printed.get(number, "") + output
    for guide in GUIDES:
        for number, block in enumerate(blocks(guide)):
            if block.kind == "text":
                assert lacking(block.text, printed[number - 1]) == [], (guide, printed[number - 1])

    # The guide says that the last check finds nothing.
    assert typed("wegwijzer check --format json | grep '\"ok\": false'", here) == (1, "")


def test_a_line_that_does_not_come_out_is_found():
    assert lacking("one\n…\nthr…\n", "one\ntwo\nthree\n") == []
    assert lacking("one\nfour\n", "one\ntwo\n") == ["four"]
    assert lacking("two\none\n", "one\ntwo\n") == ["one"]
