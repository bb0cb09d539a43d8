"""A workbook of texts that goes out to people and comes back: what changed in it, and what broke.

This module alone knows the form of a workbook (xlsx). It knows no rule and no TOML: a sheet has rows with an id, and
columns with a name. Beside what people see, each workbook keeps what it was filled with, so that what came back can be
held against that.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any

from marshmallow import ValidationError
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from service.core.errors import WegwijzerError
from service.rulebook.messages import Message
from service.rulebook.toml_files import Problem

COVER, KEPT = "wegwijzer", "wegwijzer_kept"
LONGEST_TITLE, LONGEST_TEXT = 31, 32_767  # of a sheet and of a cell, in every program
MOST_BYTES, MOST_UNPACKED, MOST_PARTS = 10_000_000, 60_000_000, 1_000
MOST_CELLS = 500_000  # of a sheet: one cell far away makes a program go through all before it
MACROS, OUTSIDE = ("vba", "macrosheet", "activex"), ("externallink",)
SPREAD = re.compile(rb'<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=["\']([^"\']+)')  # each cell of it is made
AS_TEXT = "@"
LINE = 14  # points
UNSAID = re.compile(r"[\0-\b\v-\x1f]|x[0-9A-Fa-f]{4}_")


class NoWorkbookError(WegwijzerError):
    """A file is not one of our workbooks; the message says why, and what to do."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows of texts, the first of each its id.

    Attributes:
        title: its name; what is longer than programs let is cut.
        columns: the name of each.
        written: of the columns that somebody may write in.
        width: how wide each is, in characters.
        rows: of each a text per column.

    """

    title: str
    columns: tuple[str, ...]
    written: frozenset[str]
    width: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Changed:
    """A cell that says something else than when it went out."""

    sheet: str
    at: str  # such as F12
    row: str
    column: str
    was: str
    now: str
    beside: Mapping[str, str]  # what the whole row said when it went out

    def wrong(self, file: str, message: Message) -> Problem:
        """What is wrong with it."""
        return _wrong(file, self.sheet, self.at, message)


@dataclass(frozen=True)
class Came:
    """What came back."""

    cover: Mapping[str, str]
    changed: tuple[Changed, ...]
    problems: tuple[Problem, ...]


def write(cover: Mapping[str, str], lead: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """A workbook.

    Args:
        cover: what must be known of it when it comes back.
        lead: what people read first, a line each.
        sheets: what it is filled with.

    Raises:
        NoWorkbookError: a cell cannot hold a text.

    """
    book = Workbook(write_only=True)
    front = book.create_sheet(COVER)
    front.column_dimensions["A"].width = 100
    front.sheet_view.showGridLines = False
    for at, line in enumerate(lead, 1):
        front.row_dimensions[at].height = LINE * _lines(line, 100)
        front.append([_cell(front, line, Alignment(wrap_text=True, vertical="top"))])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title[:LONGEST_TITLE]), sheet)
    kept = book.create_sheet(KEPT)
    kept.sheet_state = "veryHidden"
    rows = [[sheet.title, *row] for sheet in sheets for row in (sheet.columns, *sheet.rows)]
    about = {**cover, "kept": _digest(rows)}
    for row in ([json.dumps(about)], *rows):
        kept.append([_cell(kept, one) for one in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def said_of(error: ValidationError) -> list[Message]:
    """What is wrong with a value, as it is told of its cell."""

    def within(told: Any) -> list[Message]:
        ones = told.values() if isinstance(told, Mapping) else told
        return [told] if isinstance(told, Message) else [message for one in ones for message in within(one)]

    return within(error.messages)


def sayable(text: str) -> bool:
    """Whether a cell can hold a text: programs cut what is longer, and read `_x000D_` as something else."""
    return len(text) <= LONGEST_TEXT and not UNSAID.search(text)


def _fill(page: Any, sheet: Sheet) -> None:
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    for number, width in enumerate(sheet.width, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    top = Alignment(wrap_text=True, vertical="top")
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="EEEEEE")
    head = [_cell(page, name, top) for name in sheet.columns]
    for one in head:
        one.font = bold
    page.append(head)
    for at, row in enumerate(sheet.rows, 2):
        page.row_dimensions[at].height = LINE * max(map(_lines, row, sheet.width))  # programs do not look by themselves
        cells = [_cell(page, text, top) for text in row]
        for name, one in zip(sheet.columns, cells, strict=True):
            if name not in sheet.written:
                one.fill = grey
        page.append(cells)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes at most in a column."""
    return sum(len(wrap(one, width)) or 1 for one in text.split("\n"))


def _cell(page: Any, text: str, placed: Alignment | None = None) -> Any:
    """A cell that is a text, whatever it begins with, and that a program keeps as one when somebody types in it."""
    if not sayable(text):
        raise NoWorkbookError(Message("no_cell_holds", {"text": f"{text[:60]}…"}))
    cell = WriteOnlyCell(page, text or None)
    cell.number_format = AS_TEXT
    if text:
        cell.data_type = "s"
        cell.quotePrefix = text[0] in "=+-@"
    if placed:
        cell.alignment = placed
    return cell


def read(path: Path) -> Came:
    """What changed in a workbook since it went out.

    Raises:
        NoWorkbookError: it is none of ours, or cannot be looked at safely.

    """
    book = _opened(path)
    cover, kept = _kept(book)
    problems, changed = list[Problem](), list[Changed]()
    titles = {title[:LONGEST_TITLE]: title for title in kept}
    for title in titles:
        if title not in book.sheetnames:
            others = ", ".join(one for one in book.sheetnames if one not in (*titles, COVER, KEPT))
            problems.append(_wrong(path.name, title, "A1", Message("sheet_lost", {"others": others or "-"})))
            continue
        for one in _compared(path.name, book[title], titles[title], kept[titles[title]]):
            (problems if isinstance(one, Problem) else changed).append(one)  # type: ignore[arg-type]
    return Came(cover, tuple(changed), tuple(problems))


def _opened(path: Path) -> Workbook:
    """A workbook without macros, links or more in it than it ought to hold."""
    if path.stat().st_size > MOST_BYTES:
        raise NoWorkbookError(Message("workbook_too_large", {"most": f"{MOST_BYTES // 1_000_000} MB"}))
    data = path.read_bytes()
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise NoWorkbookError(Message("workbook_too_large", {"most": f"{MOST_UNPACKED // 1_000_000} MB"}))
            names = [one.filename.lower() for one in parts]
            for words, id_ in ((MACROS, "workbook_with_macros"), (OUTSIDE, "workbook_with_links")):
                if any(word in name for word in words for name in names):
                    raise NoWorkbookError(Message(id_))
            for one in parts:
                for spread in SPREAD.findall(packed.read(one)):
                    _not_too_large(Path(one.filename).stem, spread.decode())
                if any(word in packed.read(one).replace(b"\0", b"") for word in (b"<!DOCTYPE", b"<!ENTITY")):
                    raise NoWorkbookError(Message("no_workbook"))
        with warnings.catch_warnings(action="ignore"):  # of what it does not keep, such as colours by a condition
            return load_workbook(BytesIO(data))
    except NoWorkbookError:
        raise
    except Exception:  # whatever stumbles over a file that is none, or was damaged
        raise NoWorkbookError(Message("no_workbook")) from None


def _not_too_large(sheet: str, to: str) -> None:
    _, _, last, bottom = range_boundaries(to)
    if (bottom or MOST_CELLS) * (last or MOST_CELLS) > MOST_CELLS:
        raise NoWorkbookError(Message("sheet_too_large", {"sheet": sheet, "to": to}))


def _kept(book: Workbook) -> tuple[dict[str, str], dict[str, list[tuple[str, ...]]]]:
    """What it was filled with: the cover, and per sheet its columns and its rows."""
    if KEPT not in book.sheetnames:
        raise NoWorkbookError(Message("workbook_not_ours"))
    for page in book.worksheets:
        _not_too_large(page.title, page.dimensions)
    about, *rows = [[_plain(one) for one in row] for row in book[KEPT].iter_rows(values_only=True)] or [[""]]
    kept: dict[str, list[tuple[str, ...]]] = {}
    cut: list[list[str]] = []
    for title, *row in rows:
        size = len(kept[title][0]) if title in kept else sum(map(bool, row))
        kept.setdefault(title, []).append(tuple(row[:size]))
        cut.append([title, *row[:size]])
    try:
        cover: dict[str, str] = json.loads(about[0])
        whole = cover.pop("kept") == _digest(cut)
    except (ValueError, KeyError, AttributeError, TypeError):
        whole = False
    if not whole:
        raise NoWorkbookError(Message("workbook_not_whole"))
    return cover, kept


def _digest(rows: Sequence[Sequence[str]]) -> str:
    return hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest()


def _plain(value: Any) -> str:
    return "" if value is None else str(value).replace("_x000D_", "").replace("\r\n", "\n")


def _compared(file: str, page: Worksheet, title: str, kept: list[tuple[str, ...]]) -> Iterator[Changed | Problem]:
    columns, *rows = kept
    for merged in page.merged_cells.ranges:
        yield _wrong(file, title, str(merged), Message("cells_merged"))
    if page.merged_cells.ranges:
        return
    cells = list(page.iter_rows())
    names = [_plain(one.value) for one in cells[0]] if cells else []
    if lost := [one for one in columns if names.count(one) != 1]:
        yield _wrong(file, title, "A1", Message("column_lost", {"column": lost[0]}))
        return
    places = {name: names.index(name) for name in columns}
    known, seen = {row[0]: row for row in rows}, dict[str, str]()
    for row in cells[1:]:
        id_ = _plain(row[places[columns[0]]].value)
        at = row[places[columns[0]]].coordinate
        if id_ in seen:
            yield _wrong(file, title, at, Message("row_twice", {"id": id_, "other": seen[id_]}))
        elif id_ in known:
            seen[id_] = at
            for number, name in enumerate(columns[1:], 1):
                said = _said(file, title, row[places[name]])
                if isinstance(said, Problem):
                    yield said
                elif said != known[id_][number]:
                    beside = dict(zip(columns, known[id_], strict=True))
                    yield Changed(title, row[places[name]].coordinate, id_, name, known[id_][number], said, beside)
        elif id_ or any(one.value is not None for one in row):
            yield _wrong(file, title, at, Message("row_unknown", {"id": id_}))
    for number, id_ in enumerate(known, 2):
        if id_ not in seen:
            yield _wrong(file, title, f"A{number}", Message("row_lost", {"id": id_}))


def _said(file: str, title: str, cell: Cell | MergedCell) -> str | Problem:
    """What a cell says, where that is a text."""
    if cell.data_type == "f":
        return _wrong(file, title, cell.coordinate, Message("cell_is_formula"))
    if isinstance(cell.value, datetime):
        return _wrong(file, title, cell.coordinate, Message("cell_is_day", {"given": cell.value.date()}))
    if cell.value is not None and (not isinstance(cell.value, str) or cell.data_type == "e"):
        return _wrong(file, title, cell.coordinate, Message("cell_no_text", {"given": cell.value}))
    return _plain(cell.value)


def _wrong(file: str, title: str, at: str, message: Message) -> Problem:
    line = "".join(filter(str.isdigit, at.partition(":")[0])) or 1
    return Problem(file, int(line), message, Message("in_sheet", {"sheet": title, "cell": at}))
