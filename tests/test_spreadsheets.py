"""Workbooks of rules and texts come back: what was changed in them and nothing else, or they say what broke where."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from click.testing import CliRunner
from running import ROOT
from test_jurist_guide import copy, lacking, typed

from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.exchange.sheets import take, workbook
from service.rulebook.exchange.toml_edits import EditError, edited
from service.rulebook.style import texts
from service.rulebook.toml_files import AuthoringError

pytestmark = pytest.mark.slow  # together: each reads or writes a workbook or two

MARK = "‡"
A_DAY = datetime.combine(date(2026, 2, 1), datetime.min.time())
UNIVERSITY = ROOT / "tests/university"


class Place:
    """A copy of a rulebase, and the workbook that went out of it."""

    def __init__(self, source, into):
        self.root = into
        self.rules, self.content, self.file = into / "rules", into / "content", into / "back.xlsx"
        for name in ("rules", "content"):
            shutil.copytree(source / name, into / name)

    def export(self, language=None):
        self.file.write_bytes(workbook(self.rules, self.content, language)[0])
        return self

    def changes(self, change):
        """The workbook as a program saves it after somebody changed something in it."""
        book = openpyxl.load_workbook(self.file)
        change(book)
        book.save(self.file)
        return self

    def take(self):
        return take(self.file, self.rules, self.content)

    def refused(self, language="en"):
        """What is said of a workbook of which nothing is taken."""
        before = self.bytes()
        with pytest.raises(AuthoringError) as error:
            self.take()
        assert self.bytes() == before
        return [one.tell(language) for one in error.value.problems]

    def bytes(self):
        paths = [path for folder in (self.rules, self.content) for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def read(self):
        return read_folders(self.rules, self.content)

    def replace(self, part, old, new):
        """What a colleague does in the TOML meanwhile."""
        path = self.root / part
        text = path.read_bytes().decode()
        assert text.count(old) >= 1, old
        path.write_bytes(text.replace(old, new, 1).encode())


@pytest.fixture
def place(tmp_path):
    return Place(UNIVERSITY, tmp_path)


def cell(book, title, row, column):
    """The cell of a row with this id."""
    page = book[title]
    name = next(one.column for one in page[1] if one.value == column)
    return next(page.cell(one[0].row, name) for one in page.iter_rows(min_row=2) if one[0].value == row)


def sets(title, row, column, value):
    """A change of one cell."""

    def change(book):
        cell(book, title, row, column).value = value

    return change


def row_of(book, words, column="en"):
    """The id of the row of a text."""
    page = book["texts"]
    name = next(one.column for one in page[1] if one.value == column)
    return next(one[0].value for one in page.iter_rows(min_row=2) if one[name - 1].value == words)


def everything(root, language):
    """Every text of a language, by where it stands."""
    draft = read_folders(root / "rules", root / "content")
    return {(one.file.name, one.place): one.words for one in texts(draft.files, (language,))}


BOTH = pytest.mark.parametrize("source", [UNIVERSITY, ROOT], ids=["university", "ours"])


@pytest.mark.parametrize(("source", "language"), [(UNIVERSITY, "nl"), (UNIVERSITY, "en"), (ROOT, "nl")])
def test_every_text_comes_back_as_it_was_and_with_a_mark_where_it_got_one_and_no_other_byte_differs(
    source, language, tmp_path
):
    place = Place(source, tmp_path).export(language)
    nothing = place.take()
    assert (nothing.files, nothing.cells) == ({}, 0)
    before, was = everything(source, language), place.bytes()

    def mark(book):
        page = book["texts"]
        column = next(one.column for one in page[1] if one.value == language)
        for row in page.iter_rows(min_row=2):
            row[column - 1].value = (row[column - 1].value or "") + MARK

    taken = place.changes(mark).take()
    assert taken.cells == len(before)
    after = {path: tomllib.loads(new) for path, (_, new) in taken.files.items()}
    for (name, at), words in before.items():
        said = after[tmp_path / name]
        for part in at:
            said = said[part]
        assert said.strip() == words.strip() + MARK
    for path, (old, new) in taken.files.items():
        assert old == was[path.relative_to(tmp_path).as_posix()].decode()
        assert new.replace(MARK, "") == old


@BOTH
def test_every_rule_comes_back_as_it_was_and_as_it_was_changed_and_no_other_line_differs(source, tmp_path):
    place = Place(source, tmp_path).export()
    nothing = place.take()
    assert (nothing.files, nothing.cells) == ({}, 0)
    facts = {fact.id for fact in read_folders(source / "rules", source / "content").rulebase.vocabulary.facts}

    def change(book):
        for title in book.sheetnames:
            page = book[title]
            names = [one.value for one in page[1]]
            for row in page.iter_rows(min_row=2) if "until" in names else ():
                said = dict(zip(names, row, strict=True))
                said["until"].value = "2090-01-01"
                said["why.en"].value += MARK
                for fact in facts & said.keys():
                    if said[fact].value:
                        said[fact].value = " | ".join(reversed(said[fact].value.split(" | ")))

    taken = place.changes(change).take()
    count = 0
    for path, (old, new) in taken.files.items():
        expected = tomllib.loads(old)
        for rule in expected["rule"]:
            count += 1
            rule["refer"]["until"] = date(2090, 1, 1)
            rule["why"]["en"] += MARK
            for fact, answers in rule["when"].items():
                rule["when"][fact] = answers[::-1] if isinstance(answers, list) else answers
        assert tomllib.loads(new) == expected
        assert path.read_bytes().decode() == old
        for one, other in zip(old.splitlines(), new.splitlines(), strict=True):
            assert one == other or one.split(" = ")[0] in ("refer", "when", "why.en")
    assert count == len(read_folders(source / "rules", source / "content").rulebase.rules)


LISTENS = "You do not feel safe: the counsellor of your faculty listens."


def test_what_an_editor_changes_is_a_difference_of_those_lines_and_is_written_only_when_asked(place, monkeypatch):
    place.export()
    for change in (
        sets("conduct", "counsellor.1", "until", "2030-01-01"),
        sets("conduct", "counsellor.2", "feeling", "unsafe"),
        sets("conduct", "counsellor.2", "campus", None),
        sets("conduct", "counsellor.2", "anonymity", "named"),
        sets("conduct", "counsellor.1", "why.en", "+Listens."),
    ):
        place.changes(change)
    monkeypatch.chdir(place.root)
    was, old = place.bytes(), (place.rules / "counsellor.toml").read_text("utf-8").splitlines()
    given = ["take", str(place.file), "--rules", str(place.rules), "--content", str(place.content)]
    told = CliRunner().invoke(main, [*given, "--language", "en"])
    assert (told.exit_code, place.bytes()) == (0, was), told.output
    assert "Cells changed: 5, in files: 1." in told.output
    told = CliRunner().invoke(main, [*given, "--language", "en", "--write"])
    assert told.output.startswith("--- rules/counsellor.toml\n+++ rules/counsellor.toml\n")
    new = (place.rules / "counsellor.toml").read_text("utf-8").splitlines()
    assert {name for name, body in place.bytes().items() if was[name] != body} == {"rules/counsellor.toml"}
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [
        (
            'refer = { as = "first", concern = "conduct", from = 2024-09-01 }',
            'refer = { as = "first", concern = "conduct", from = 2024-09-01, until = 2030-01-01 }',
        ),
        (f'why.en = "{LISTENS}"', 'why.en = "+Listens."'),
        (
            'when = { feeling = ["unsafe", "unknown"], own_counsellor = ["no", "unknown"], campus = "city" }',
            'when = { feeling = "unsafe", own_counsellor = ["no", "unknown"], anonymity = "named" }',
        ),
    ]
    again = CliRunner().invoke(main, [*given, "--language", "en"])
    assert (again.exit_code, again.output) == (0, "Cells changed: 0, in files: 0.\n")


def test_a_text_may_begin_with_whatever_and_is_no_formula_when_it_goes_out(place):
    told = ["=1+1", "+31 70 000 0000", "-", "@here", "1-2", "2026-01-01", " kept ", "TRUE"]
    place.replace(
        "content/acts/appeals_board.toml", 'steps.en = ["', f'steps.en = [{", ".join(map(json.dumps, told))}, "'
    )
    place.export("en")
    assert place.take().files == {}
    book = openpyxl.load_workbook(place.file)
    for number, words in enumerate(told, 1):
        one = cell(book, "texts", f"content/acts/appeals_board.toml act.44136fa3.steps.{number}", "en")
        assert (one.value, one.data_type, one.number_format) == (words, "s", "@")
        assert one.quotePrefix == (words[0] in "=+-@")


def test_nothing_of_what_a_colleague_wrote_since_is_lost(place):
    row = "rules/counsellor.toml rule.counsellor.1.why"
    place.export("en").changes(sets("texts", row, "en", "The counsellor listens."))
    place.replace("rules/counsellor.toml", "[[rule]]", '# Above all.\n[[rule]]\nid = "counsellor.9"\n\n[[rule]]')
    place.replace("rules/counsellor.toml", "for everybody.", "for all of us.")
    (new,) = [new for _, new in place.take().files.values()]
    assert "# Above all." in new and "for all of us." in new and "The counsellor listens." in new
    assert place.take().notes == ()
    place.replace("rules/counsellor.toml", "de raadgever van uw faculteit luistert", "de raadgever luistert")
    (note,) = place.take().notes
    assert "'nl' beside it was changed" in note.tell("en")
    place.replace("rules/counsellor.toml", LISTENS, "A colleague's words.")
    (told,) = place.refused()
    assert re.match(r"back.xlsx:\d+: sheet texts, cell C\d+: Somebody else changed this too", told)
    place.replace("rules/counsellor.toml", "A colleague's words.", "The counsellor listens.")
    assert place.take().files == {}
    place.replace("rules/counsellor.toml", "counsellor.1", "counsellor.7")
    (told,) = place.refused()
    assert "is not there any more" in told


def test_an_item_without_an_id_is_known_by_what_it_says_wherever_it_stands_by_then(place):
    place.export("en")
    cells = tomllib.loads((place.rules / "competence.toml").read_text("utf-8"))["cell"]
    words = cells[-1]["why"]["en"]
    row = row_of(openpyxl.load_workbook(place.file), words)
    place.changes(sets("texts", row, "en", "Otherwise."))
    path = place.rules / "competence.toml"
    head, *ones = path.read_text("utf-8").split("[[cell]]")
    last = ones.pop()
    path.write_text("[[cell]]".join([head, last.rstrip() + "\n\n", *ones]), "utf-8")
    ((_, new),) = place.take().files.values()
    after = tomllib.loads(new)["cell"]
    assert after[0]["why"]["en"] == "Otherwise."
    assert after[1:] == cells[:-1]


def gives_another_name(book):
    book["conduct"].title = "gedrag"


def takes_a_row_away(book):
    book["conduct"].delete_rows(2)


def repeats_a_row(book):
    page = book["conduct"]
    page.append([one.value for one in page[2]])


def adds_a_row(book):
    book["conduct"].append(["counsellor.77", "first"])


def merges(book):
    book["conduct"].merge_cells("B2:C3")


def renames_a_column(book):
    book["conduct"]["B1"].value = "hoe"


def makes_a_new_workbook(book):
    del book["wegwijzer_kept"]


def changes_what_was_kept(book):
    page = book["wegwijzer_kept"]
    page.cell(3, 3).value = "also"


ONE = "counsellor.1"
CELLS = {  # one cell of this rule, and what is said of it
    "an unknown answer": ("feeling", "unsave", "Bedoelt u 'unsafe'?"),
    "an answer twice": ("feeling", "unsafe | unsafe", "twee keer"),
    "all answers": ("feeling", "unsafe | annoyed | unknown", "alle antwoorden"),
    "another way to refer": ("as", "second", "geen manier van verwijzen"),
    "no day": ("until", "1-1-2030", "2019-06-20"),
    "a day of the program": ("feeling", A_DAY, "datum van"),
    "a number": ("feeling", 12, "geen tekst"),
    "true": ("feeling", True, "geen tekst"),
    "a formula": ("feeling", "=B2", "formule"),
    "an emptied cell": ("as", None, "leeggemaakt"),
    "an emptied text": ("why.en", None, "leeg"),
    "HTML": ("why.en", "<b>Listens</b>", "HTML"),
    "a column to read": ("rests_on", "charter", "alleen om te lezen"),
}
SHEETS = {
    "a sheet renamed": (gives_another_name, "A1", "(gedrag)"),
    "a row gone": (takes_a_row_away, "A2", "complaints_committee.1"),
    "a row twice": (repeats_a_row, "A10", "staat ook in A2"),
    "a row more": (adds_a_row, "A10", "wegwijzer new rule"),
    "cells merged": (merges, "B2:C3", "samengevoegd"),
    "a column renamed": (renames_a_column, "A1", "'as'"),
}


@pytest.mark.parametrize("what", CELLS)
def test_a_cell_that_cannot_be_taken_is_refused_with_its_sheet_its_place_and_the_mend(place, what):
    column, value, said = CELLS[what]
    (told,) = place.export().changes(sets("conduct", ONE, column, value)).refused("nl")
    one = cell(openpyxl.load_workbook(place.file), "conduct", ONE, column)
    assert told.startswith(f"back.xlsx:{one.row}: blad conduct, cel {one.coordinate}: ")
    assert said in told


@pytest.mark.parametrize("what", SHEETS)
def test_a_sheet_that_was_broken_is_refused_with_its_place_and_the_mend(place, what):
    change, at, said = SHEETS[what]
    (told,) = place.export().changes(change).refused("nl")
    assert re.match(rf"back.xlsx:\d+: blad conduct, cel {at}: ", told)
    assert said in told


@pytest.mark.parametrize("change", [makes_a_new_workbook, changes_what_was_kept])
def test_a_workbook_of_which_nobody_can_say_what_changed_is_refused(place, change):
    (told,) = place.export().changes(change).refused()
    assert "xport" in told


def test_everything_that_is_wrong_is_said_at_once(place):
    place.export()
    for column in ("as", "from", "feeling"):
        place.changes(sets("conduct", "counsellor.1", column, "wrong"))
    assert len(place.refused()) == 3


def test_what_is_filled_in_stays_in_a_translation(place):
    place.export("en")
    book = openpyxl.load_workbook(place.file)
    page = book["texts"]
    row, words = next((one[0].value, one[2].value) for one in page.iter_rows(min_row=2) if "{" in (one[2].value or ""))
    gap = re.search(r"\{\w+\}", words)[0]
    place.changes(sets("texts", row, "en", words.replace(gap, "{other}")))
    (told,) = place.refused()
    assert f"Missing: {gap}; too much: {{other}}" in told
    notes = {one[0].value: one[3].value for one in page.iter_rows(min_row=2)}
    assert gap in notes[row]


def packed(place, name, body):
    with zipfile.ZipFile(place.file, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, body)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "another workbook"),
        ("xl/media/large.bin", bytes(70_000_000), "larger than 60 MB"),
        ("xl/more.xml", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x/>', "no workbook"),
        ("xl/more.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16"), "no workbook"),
    ],
)
def test_a_workbook_that_holds_what_it_ought_not_is_not_opened(place, name, body, said):
    packed(place.export(), name, body)
    (told,) = place.refused()
    assert said in told


@pytest.mark.parametrize("spread", ['<mergeCell ref="A1:XFD1048576"/>', "<hyperlink id='x' ref='A1:A900000' />"])
def test_what_is_spread_over_all_cells_is_refused_before_they_are_made(place, spread):
    packed(place.export(), "xl/worksheets/sheet99.xml", f"<worksheet>{spread}</worksheet>")
    (told,) = place.refused()
    assert "The sheet sheet99 reaches over A1:" in told


def test_a_cell_far_away_is_refused_and_not_walked_to(place):
    (told,) = place.export().changes(lambda book: book["conduct"].cell(1_048_576, 16_384, "x")).refused("nl")
    assert "Het blad conduct loopt over A1:XFD1048576" in told


@pytest.mark.parametrize("body", [b"", b"no zip", b"PK\3\4"])
def test_a_file_that_is_no_workbook_is_refused(place, body):
    place.file.write_bytes(body)
    (told,) = place.refused()
    assert "no workbook" in told


def test_what_somebody_else_made_is_no_workbook_of_ours(place):
    openpyxl.Workbook().save(place.file)
    (told,) = place.refused()
    assert "does not come from Wegwijzer" in told


@pytest.mark.parametrize(("old", "new"), [("refer = {", "refers = {"), ('id = "counsellor.1"', "id 1")])
def test_rules_with_a_mistake_are_not_exported_and_the_mistake_is_told(place, old, new):
    place.replace("rules/counsellor.toml", old, new)
    told = CliRunner().invoke(
        main, ["export", "rules", str(place.file), "--rules", str(place.rules), "--content", str(place.content)]
    )
    assert (told.exit_code, place.file.exists()) == (1, False)
    assert "rules/counsellor.toml:" in told.output


def test_sorted_rows_and_a_column_of_ones_own_do_no_harm(place):
    def change(book):
        page = book["conduct"]
        rows = sorted(([one.value for one in row] for row in page.iter_rows(min_row=2)), reverse=True)
        for number, row in enumerate(rows, 2):
            for column, value in enumerate([*row, "a thought"], 1):
                page.cell(number, column).value = value

    assert place.export().changes(change).take().files == {}


def filled(language, source="nl"):
    """The work of a translator: every empty cell."""

    def change(book):
        page = book["texts"]
        names = [one.value for one in page[1]]
        for row in page.iter_rows(min_row=2):
            here, there = row[names.index(language)], row[names.index(source)]
            place = row[0].value
            if not here.value and " addresses." in place:
                here.value = f"/fy{there.value.rstrip('/')}"
            elif not here.value:
                here.value = f"fy-{there.value}" if " files." in place else there.value + MARK

    return change


def test_a_language_more_begins_as_empty_cells_and_comes_back_as_a_folder_of_files_that_hold(place):
    (place.content / "languages/fy").mkdir(parents=True)
    place.export("fy")
    page = openpyxl.load_workbook(place.file)["texts"]
    assert not any(row[2].value for row in page.iter_rows(min_row=2))
    was = place.bytes()
    place.changes(filled("fy")).take().write()
    now = place.bytes()
    assert {name for name in now if now[name] != was.get(name)} == {one for one in now if "/fy/" in one}
    library = place.read()
    assert library.languages[-1] == "fy"
    marked = [one for one in texts(library.files, ("fy",)) if one.file.part.startswith("languages/")]
    assert all(one.words.endswith(MARK) or not one.words or one.words.startswith(("/fy", "fy-")) for one in marked)
    place.export("fy")
    assert place.take().files == {}
    row = "rules/counsellor.toml rule.counsellor.1.why"
    ((path, (old, new)),) = place.changes(sets("texts", row, "fy", "Oars.")).take().files.items()
    assert path == place.content / "languages/fy/rules/counsellor.toml"
    changed = [other for one, other in zip(old.splitlines(), new.splitlines(), strict=True) if one != other]
    assert changed == ['why.fy = "Oars."']


def test_a_translator_may_come_back_with_half_of_it(place):
    (place.content / "languages/fy").mkdir(parents=True)
    rows = ["content/channels/counsellor.toml expect.1", "rules/counsellor.toml rule.counsellor.2.why"]
    place.export("fy")
    for row in rows:
        place.changes(sets("texts", row, "fy", "Earst."))
    place.take().write()
    place.export("fy")
    page = openpyxl.load_workbook(place.file)["texts"]
    assert [row[0].value for row in page.iter_rows(min_row=2) if row[2].value] == rows
    place.changes(filled("fy")).take().write()
    assert place.read().languages[-1] == "fy"


def test_a_list_is_translated_from_its_beginning(place):
    (place.content / "languages/fy").mkdir(parents=True)
    place.export("fy").changes(sets("texts", "content/acts/appeals_board.toml act.44136fa3.steps.2", "fy", "Twa."))
    (told,) = place.refused()
    assert "An earlier part of this list is still empty" in told


@pytest.mark.parametrize(
    ("text", "edits", "expected"),
    [
        ('a = "x" # c\r\nb = 1\r\n', {("a",): "y"}, 'a = "y" # c\r\nb = 1\r\n'),
        ("a = [\n  \"x\", # c\n  'y',\n]", {("a", 1): "z"}, 'a = [\n  "x", # c\n  "z",\n]'),
        ('"a b".c = """\n1\n2"""', {("a b", "c"): '3\n"4'}, '"a b".c = """\n3\n"4"""'),
        ('a = { b = "x", d = 1 }', {("a",): {"d": 1, "e f": ["y"]}}, 'a = { d = 1, "e f" = ["y"] }'),
        ('[t]\na.nl = "x"\n\n[u]\n', {("t", "a", "fy"): "y"}, '[t]\na.nl = "x"\na.fy = "y"\n\n[u]\n'),
        (
            "[[t]]\nb = 1",
            {("t", 1, "id"): "i", ("t", 1, "w", "fy"): "y"},
            '[[t]]\nb = 1\n\n[[t]]\nid = "i"\nw.fy = "y"\n',
        ),
        ("", {("fy", "a"): "x"}, 'fy.a = "x"\n'),
    ],
)
def test_an_edit_of_toml_leaves_every_other_byte(text, edits, expected):
    assert edited(text, edits) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [("[a.b]\nc = 1\n[a]\nd = 1\n", ("a", "d", "e")), ("t = [{ a = 1 }]\n", ("t", 1, "a"))],
)
def test_an_edit_that_the_form_of_a_file_does_not_let_is_refused(text, place):
    with pytest.raises(EditError):
        edited(text, {place: "x"})


def test_the_service_and_all_other_commands_do_without_what_reads_workbooks(place):
    place.export()
    code = "import sys; sys.modules['openpyxl'] = None; from service.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "take", place.file], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install --require-hashes -r requirements/sheets.txt" in done.stderr
    assert "openpyxl" not in (ROOT / "requirements/run.txt").read_text("ascii")


@pytest.mark.processes
def test_the_guide_to_a_workbook_does_what_it_says(tmp_path):
    guide = (ROOT / "docs/jurist/werkmap.nl.md").read_text("utf-8")
    (shown,) = re.findall(r"```text\n(.*?)```", guide, re.DOTALL)
    lines = [line for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    here = copy(ROOT, tmp_path / "huis")
    part = "content/channels/vertrouwenslijn.toml"
    place = here / part
    for number, line in enumerate(lines):
        assert typed(line, here)[0] == 0, line
        if number == 1:
            book = openpyxl.load_workbook(tmp_path / "teksten.xlsx")
            cell(book, "texts", f"{part} name", "nl").value = "De lijn"
            book.save(tmp_path / "teksten.xlsx")
        changed = tomllib.loads(place.read_text("utf-8"))["nl"]["name"] == "De lijn"
        assert changed == any("--write" in one for one in lines[: number + 1])
    assert "take ../teksten.xlsx --write" in "\n".join(lines)
    book = openpyxl.load_workbook(tmp_path / "teksten.xlsx")
    book["texts"]["C7"].value = "=A1"
    book.save(tmp_path / "teksten.xlsx")
    code, told = typed("wegwijzer take ../teksten.xlsx", here)
    assert (code, lacking(shown, told)) == (1, [])
