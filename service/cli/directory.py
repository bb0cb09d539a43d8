"""The directory on the command line: finding and showing organisations, taking in a register, keeping facts fresh."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tabulate import tabulate

from service.answers import view
from service.answers.presenter import Presenter
from service.cli import completion
from service.cli.options import (
    Day,
    content_option,
    in_json,
    json_option,
    language_option,
    on_option,
    says_what_is_wrong,
)
from service.core.errors import WegwijzerError
from service.rulebook.bodies import REACHED, REGISTER
from service.rulebook.checks import checks, write_check
from service.rulebook.compiled import Library
from service.rulebook.drafts import read_folders
from service.rulebook.library import load_library
from service.rulebook.locate import folder
from service.rulebook.organisations import Organisation, directory_of
from service.rulebook.roo import difference, write
from service.web.today import amsterdam_today

if TYPE_CHECKING:
    from service.answers.directory import Directory

OLD = timedelta(days=365)


def _search(library: Library) -> Directory:
    from service.answers.directory import Directory  # with its database, which takes long to import

    return Directory(library.organisations, library.rulebase.vocabulary.kinds)


def found_by(library: Library, words: str, on: date) -> list[Organisation]:
    """The organisations that a text finds on a day, best first."""
    return [library.organisations.by_id[one.id] for one in _search(library).search(words, on)]


@click.command()
@click.argument("words", nargs=-1)
@on_option
@language_option
@json_option
@says_what_is_wrong
def organisations(words: tuple[str, ...], on: date, language: str, as_json: bool) -> None:
    """Find organisations by present, former and everyday names and abbreviations; without words, list all.

    What is found goes to standard output, the one for every other body last; why to take that one, to standard error.
    """
    library = load_library()
    presenter, said = Presenter(library, language), library.texts.interface[language]
    directory = _search(library)
    found = directory.search(" ".join(words), on)
    other = library.organisations.catch_all
    if found and all(other and one.id == other.id and not one.why for one in found):
        name = f"{other.id}: {presenter.organisation(other, on).name}" if other else ""
        none = said["organisation_none_other"].replace("{name}", name) if other else said["organisation_none"]
        click.echo(none, err=True)
    if as_json:
        hits = found or directory.finding.everything()
        said_of = [presenter.organisation(library.organisations.by_id[hit.id], on, hit.why) for hit in hits]
        click.echo(in_json([view.as_json(one) for one in said_of]))
        return
    for hit in found or directory.finding.everything():
        one = presenter.organisation(library.organisations.by_id[hit.id], on, hit.why)
        held = f" -> {one.held_by}" if one.held_by != one.id else ""
        click.echo(f"{one.id}{held}: {one.name}" + (f" ({one.abbreviation})" if one.abbreviation else ""))
        if one.why:
            click.echo(one.why, err=True)


@click.group()
def directory() -> None:
    """Look after the directory: take in a register, and see what is known of an organisation and on whose word."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@content_option
@click.option("--source", help="Id of the register among the sources; default: the one of the last import.")
@click.option("--write", "write_", is_flag=True, help="Write it; else only the difference is shown.")
@says_what_is_wrong
def import_(file: Path, content: Path, source: str | None, write_: bool) -> None:
    """Show what an export of the Register van Overheidsorganisaties changes, and with --write take it in.

    FILE is exportOO.xml, or a part of it. What was written by hand stays and wins; no end day of the register ends
    anything.
    """
    files = directory_of(content)
    found = difference(file.read_bytes(), files)
    source = source or files.source
    for line in found.lines:
        click.echo(line)
    click.echo(f"{len(found.lines)} differences with the export of {found.of}; {len(found.bodies)} bodies.")
    if write_:
        if source is None:
            raise click.UsageError("Say which source the register is: --source ID.")
        write(found, source, content / REGISTER)
        click.echo(f"Written: {content / REGISTER}. See what it changes: wegwijzer check; wegwijzer diff")


@directory.command()
@click.argument("organisation", shell_complete=completion.organisations)
@on_option
@language_option
@json_option
@says_what_is_wrong
def show(organisation: str, on: date, language: str, as_json: bool) -> None:
    """Show what is known of an organisation on a day, on whose word, and where the register says otherwise."""
    library = load_library()
    one = library.organisations.by_id.get(organisation)
    if one is None:
        near = ", ".join(other.id for other in found_by(library, organisation, on)[:5])
        raise click.UsageError(f"There is no organisation {organisation!r}. Did you mean {near}?")
    said = Presenter(library, language).organisation(one, on)
    profile = f" (profile {one.profile})" if one.profile else ""
    rows = [
        ("name", said.name, ""),
        ("abbreviation", said.abbreviation, ""),
        ("other names", ", ".join(said.aliases), ""),
        ("kind", one.kind, ""),
        ("below", said.parent, ""),
        ("matters held by", said.held_by if said.held_by != one.id else None, ""),
        ("identifier", one.identifier, ""),
        ("agreement", one.agreement or "unknown", ""),
        ("staff", one.staff, ""),
        *((fact, answer, f"by hand{profile}") for fact, answer in said.facts.items()),
    ]
    for name in REACHED if one.general else ():
        assert one.general  # noqa: S101 - for the type checker
        value, better = getattr(one.general, name), one.general.better.get(name)
        checked, by = one.general.verified(name)
        word = f"{by or 'by hand'}, {checked or 'never checked'}"
        instead = f"; the register says {better.instead}" if better and better.instead != value else ""
        rows.append((name, value, f"{word}{instead}" if value else ""))
    operator = library.organisations.operator(one, on)
    rows.append(("connected through by", operator.id if operator else "nobody that we know of", ""))
    table = [(name, value, word) for name, value, word in rows if value not in (None, "")]
    if as_json:
        click.echo(in_json([{"fact": name, "is": value, "by": word or None} for name, value, word in table]))
        return
    click.echo(tabulate(table, tablefmt="plain", disable_numparse=True))


@click.command()
@on_option
@click.option("--organisation", help="Only what concerns this one by name; default: everything.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table for a program.")
@json_option
@says_what_is_wrong
def stale(on: date, organisation: str | None, as_csv: bool, as_json: bool) -> None:
    """List what nobody checked in the year before a day: what concerns most organisations and people first.

    Work it off, and write each back: wegwijzer checked ID --on DATE --by ROLE.
    """
    library = load_library()
    found = [
        one
        for one in checks(library)
        if one.stale(on - OLD) and (organisation is None or one.id.partition("/")[0] == organisation)
    ]
    head = ("id", "last checked", "by", "organisations", "staff", "what")
    rows = [(one.id, one.checked or "never", one.by, one.bodies, one.staff, one.what) for one in found]
    if as_json:
        click.echo(in_json([dict(zip(head, row, strict=True)) for row in rows]))
        return
    if as_csv:
        import csv

        csv.writer(sys.stdout).writerows([head, *rows])
        return
    for one in found:
        people = f", {one.staff} jobs that we know of" if one.staff else ""
        when = f"last checked {one.checked}" + (f" by {one.by}" if one.by else "") if one.checked else "never checked"
        click.echo(f"{one.id}: {when}; {one.bodies} organisations{people}; {one.what}")
        if one.note:
            click.echo(f"  {one.note}")
    click.echo(f"{len(found)} to check.")


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--on", type=Day(), default=amsterdam_today, help="The day on which it was looked at; default: today.")
@click.option("--by", required=True, help="Who looked, as a role: a name would stand in public for ever.")
@content_option
@says_what_is_wrong
def checked(id_: str, on: date, by: str, content: Path) -> None:
    """Write down that a contact, a general number or a source was found right. ID is that of `wegwijzer stale`."""
    if on > amsterdam_today():
        raise click.UsageError("Nobody has checked it yet on that day.")
    draft = read_folders(folder("rules") if content == folder("content") else content.parent / "rules", content)
    try:
        click.echo(write_check(content, draft, id_, on, by))
    except WegwijzerError as error:
        raise click.UsageError(str(error)) from None
