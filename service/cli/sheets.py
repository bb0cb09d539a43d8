"""`wegwijzer export rules`, `export texts` and `take`: workbooks that go out to people and come back.

What reads and writes workbooks is not part of the service; whoever lacks it is told how to get it.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import click

from service.cli.authoring import content_option, rules_option
from service.cli.options import language_option, says_what_is_wrong
from service.rulebook.library import store
from service.rulebook.messages import Message

WORKBOOK = click.Path(dir_okay=False, path_type=Path)
NOT_THERE = "openpyxl is not installed: pip install --require-hashes -r requirements/sheets.txt"


def _sheets() -> ModuleType:
    try:
        from service.rulebook.exchange import sheets
    except ModuleNotFoundError as error:
        if error.name != "openpyxl":
            raise
        raise click.ClickException(NOT_THERE) from None
    return sheets


def _written(file: Path, rules: Path, content: Path, language: str | None) -> None:
    if file.suffix != ".xlsx":
        raise click.UsageError("The name of a workbook ends in .xlsx.")
    data, unsaid = _sheets().workbook(rules, content, language)
    store(file, data)
    click.echo(file)
    for place in unsaid:
        click.echo(f"{place}: no cell can hold this text; it is left out.", err=True)


@click.command("rules")
@click.argument("file", type=WORKBOOK)
@rules_option
@content_option
@says_what_is_wrong
def export_rules(file: Path, rules: Path, content: Path) -> None:
    """Write all rules as a workbook (.xlsx): a sheet per concern, a row per rule, a column per fact.

    It is of the rules as they are saved, proved or not. What is changed in it comes back by `wegwijzer take`.
    """
    _written(file, rules, content, None)


@click.command("texts")
@click.argument("file", type=WORKBOOK)
@rules_option
@content_option
@language_option
@says_what_is_wrong
def export_texts(file: Path, rules: Path, content: Path, language: str) -> None:
    """Write all texts of a language as a workbook (.xlsx): a row per text, with the text that it translates beside it.

    Of a language that has a folder, what is still to be written is there too, as empty cells. What is written in it
    comes back by `wegwijzer take`.
    """
    _written(file, rules, content, language)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@rules_option
@content_option
@click.option("--write", "write_", is_flag=True, help="Write it; else only the difference is shown.")
@language_option
@says_what_is_wrong
def take(file: Path, rules: Path, content: Path, write_: bool, language: str) -> None:
    """Show what a workbook of rules or texts that came back changes, and with --write take it in.

    Only the cells that were changed are taken; all else in rules/ and content/ stays as it is, also what somebody else
    wrote there since. When anything in the workbook is wrong, nothing of it is taken.
    """
    found = _sheets().take(file, rules, content)
    if found.files:
        click.echo(found.difference(Path.cwd()))
    for note in found.notes:
        click.echo(note.tell(language), err=True)
    click.echo(Message("taken", {"cells": found.cells, "files": len(found.files)}).tell(language))
    if found.files:
        if write_:
            found.write()
        click.echo(Message("taken_written" if write_ else "taken_shown", {"file": file}).tell(language))
