"""Workbooks of rules and of texts: what goes out to editors, jurists and translators, and what they changed in it.

Each cell is held against what it said when it went out and what the TOML says now: what only the workbook changed is
taken, what only the TOML changed stays, and where both did it is refused, so that nobody's edit is lost.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.rulebook.drafts import read_folders
from service.rulebook.exchange.rule_sheets import RuleSheets
from service.rulebook.exchange.text_sheets import TextSheets
from service.rulebook.exchange.toml_edits import EditError, edited
from service.rulebook.exchange.workbooks import Changed, NoWorkbookError, read, write
from service.rulebook.library import store
from service.rulebook.messages import Message
from service.rulebook.toml_files import AuthoringError, Problem

BOM = "\ufeff"


@dataclass(frozen=True)
class Taken:
    """What a workbook changes.

    Attributes:
        files: of each file that changes its text as it is (None where there is none) and as it would be.
        cells: how many cells that changes.
        notes: what somebody should look at.

    """

    files: dict[Path, tuple[str | None, str]]
    cells: int
    notes: tuple[Problem, ...]

    def difference(self, root: Path) -> str:
        """What changes, line by line; files are named from a folder."""
        parts: list[str] = []
        for path, (old, new) in self.files.items():
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
            before, after = (old or "").splitlines(), new.splitlines()
            parts += difflib.unified_diff(
                before, after, name if old is not None else "/dev/null", name, n=2, lineterm=""
            )
        return "\n".join(parts)

    def write(self) -> None:
        """Write it."""
        for path, (_, new) in self.files.items():
            store(path, new.encode())


def workbook(rules: Path, content: Path, language: str | None) -> tuple[bytes, list[str]]:
    """A workbook of all texts of a language, or without one of all rules.

    Returns:
        the workbook, and the places of texts that no cell can hold.

    Raises:
        AuthoringError: a file cannot be read.

    """
    filled = _filled(rules, content, language)
    lead = Message("lead_of_rules" if language is None else "lead_of_texts").tell(filled.spoken).split("\n")
    return write({"language": language or ""}, lead, filled.sheets), filled.unsaid


def _filled(rules: Path, content: Path, language: str | None) -> RuleSheets | TextSheets:
    try:
        return RuleSheets(rules, content) if language is None else TextSheets(rules, content, language)
    except (LookupError, TypeError, AttributeError):
        read_folders(rules, content)  # says what is wrong with what was written
        raise


def take(path: Path, rules: Path, content: Path) -> Taken:
    """What a workbook that came back changes in the files that it came from.

    Raises:
        AuthoringError: with everything that is wrong with it; then nothing of it is taken.

    """
    try:
        came = read(path)
    except NoWorkbookError as error:
        raise AuthoringError([Problem(path.name, 1, error.message)]) from None
    filled = _filled(rules, content, came.cover["language"] or None)
    now = {
        (sheet.title, row[0], name): said
        for sheet in filled.sheets
        for row in sheet.rows
        for name, said in zip(sheet.columns, row, strict=True)
    }
    written = {sheet.title: sheet.written for sheet in filled.sheets}
    problems, accepted = list(came.problems), list[Changed]()
    for one in came.changed:
        stands = now.get((one.sheet, one.row, one.column))
        if stands is None:
            problems.append(one.wrong(path.name, Message("cell_of_nothing", {"id": one.row})))
        elif one.column not in written[one.sheet]:
            problems.append(one.wrong(path.name, Message("cell_to_read", {"column": one.column})))
        elif stands not in (one.was, one.now):
            problems.append(one.wrong(path.name, Message("cell_of_two", {"other": stands})))
        elif stands != one.now:
            accepted.append(one)
    edits, wrong = filled.edits(path.name, accepted)
    files: dict[Path, tuple[str | None, str]] = {}
    for target, places in edits.items():
        old = target.read_bytes().decode() if target.exists() else None
        mark = BOM if old and old.startswith(BOM) else ""
        try:
            new = mark + edited((old or "").removeprefix(BOM), places)
        except EditError:
            wrong.append(Problem(path.name, 1, Message("file_not_to_be_edited", {"file": target.name})))
            continue
        if new != (old or ""):
            files[target] = (old, new)
    if problems or wrong:
        raise AuthoringError([*problems, *wrong])
    return Taken(files, len(accepted), tuple(_since(path.name, accepted, now)))


def _since(file: str, accepted: list[Changed], now: dict[tuple[str, str, str], str]) -> Iterator[Problem]:
    """Each text of which the one beside it, that was translated, is another now."""
    for one in accepted:
        for column, said in one.beside.items():
            stands = now.get((one.sheet, one.row, column))
            if column not in (one.column, "note") and stands != said:
                yield one.wrong(file, Message("beside_changed", {"column": column, "now": stands}))
