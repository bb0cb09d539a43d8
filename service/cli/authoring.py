"""`wegwijzer new` and `wegwijzer schemas`: what helps whoever writes rules and texts in an editor."""

from __future__ import annotations

from pathlib import Path

import click

from service.rulebook.editor_schemas import write_schemas
from service.rulebook.locate import BUILT, folder
from service.rulebook.skeletons import KINDS, SkeletonError, begin
from service.rulebook.toml_files import AuthoringError
from service.web.today import amsterdam_today

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
rules_option = click.option("--rules", type=FOLDER, default=folder("rules"), help="Folder of the rules.")
content_option = click.option("--content", type=FOLDER, default=folder("content"), help="Folder of the content.")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@rules_option
@content_option
def new(kind: str, name: str, rules: Path, content: Path) -> None:
    """Begin a rule, question, destination, organisation, source or edition.

    NAME is its id; of a rule the destination that it refers to, of an edition its day. What must be filled in is left
    empty: `wegwijzer check` names each place.
    """
    try:
        made = begin(kind, name, rules, content, amsterdam_today())
    except SkeletonError as error:
        raise click.UsageError(str(error)) from None
    for path in made:
        click.echo(path)
    click.echo("Fill in what is empty, and ask what is still to do: wegwijzer check")


@click.command()
@rules_option
@content_option
@click.option("--into", type=click.Path(path_type=Path), default=BUILT.with_name("schemas"), help="Folder to write to.")
def schemas(rules: Path, content: Path, into: Path) -> None:
    """Write JSON Schemas by which editors of TOML complete and mark rules and content."""
    try:
        made = write_schemas(rules, content, into)
    except AuthoringError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{len(made)} schemas: {into}")
