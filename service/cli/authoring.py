"""`wegwijzer new`, `base`, `preview`, `sign` and `schemas`: what helps authors, and who answers for what they wrote."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import click

from service.cli.check import signed
from service.cli.options import Day, Folder, language_option, on_option, overlay_option, says_what_is_wrong, write_files
from service.rulebook.drafts import read_folders
from service.rulebook.editor_schemas import write_schemas
from service.rulebook.exchange.dmn_in import as_toml, read_dmn
from service.rulebook.locate import BUILT, folder
from service.rulebook.overlay import OVERLAY, entries
from service.rulebook.revisions import RevisionError
from service.rulebook.signatures import Signature, SignatureError, chosen
from service.rulebook.signatures import sign as write_signature
from service.rulebook.site import languages_of
from service.rulebook.skeletons import KINDS, RULEBASE, SkeletonError, begin, rulebase
from service.rulebook.toml_files import AuthoringError
from service.web.settings import read_settings
from service.web.today import amsterdam_today

FOLDER = Folder()
rules_option = click.option("--rules", type=FOLDER, default=folder("rules"), help="Folder of the rules.")
content_option = click.option(
    "--content", type=FOLDER, default=folder("content"), is_eager=True, help="Folder of the content."
)


@click.command()
@click.argument("kind", type=click.Choice((*KINDS, RULEBASE)))
@click.argument("name")
@click.option("--languages", default="nl,en", show_default=True, help="Of a new rulebase; the usual one first.")
@rules_option
@content_option
def new(kind: str, name: str, languages: str, rules: Path, content: Path) -> None:
    """Begin a rule, question, destination, organisation, source or edition, or a whole rulebase.

    NAME is its id; of a rule the destination that it refers to, of an edition its day. What must be filled in is left
    empty: `wegwijzer check` names each place. Of a rulebase NAME is its folder: a small one of which every text is an
    example, to be replaced; see docs/another-domain.md.
    """
    try:
        if kind == RULEBASE:
            if (into := Path(name)).exists() and not (into.is_dir() and not any(into.iterdir())):
                raise SkeletonError(f"{into} is there already, and not empty.")
            found = rulebase(tuple(dict.fromkeys(languages.split(","))), amsterdam_today())
            write_files(into, {path: text.encode() for path, text in found.items()})
            click.echo(f"wegwijzer check --rules {into / 'rules'} --content {into / 'content'}")
            return
        made = begin(kind, name, rules, content, amsterdam_today())
    except SkeletonError as error:
        raise click.UsageError(str(error)) from None
    for path in made:
        click.echo(path)
    where = "" if rules == folder("rules") else f" --rules {rules} --content {content}"
    click.echo(f"Fill in what is empty, and ask what is still to do: wegwijzer check{where}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("into", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--decision", "decisions", multiple=True, help="Only this one, by its id or name; may be repeated.")
@click.option("--on", type=Day(), default=amsterdam_today, help="The day from which the rules hold; default: today.")
@content_option
@language_option
@says_what_is_wrong
def convert(
    file: Path,
    into: Path,
    decisions: tuple[str, ...],
    on: date,
    content: Path,
    language: str,  # noqa: ARG001 - in which mistakes are told
) -> None:
    """Turn the decision tables of a DMN FILE into rules and a vocabulary to begin with, in a new folder DIR.

    Each table is a concern, each column a fact, each row a rule. Where a table cannot be said in rules, that is told
    with its place and nothing is written. What no table says is left empty.
    """
    if into.exists() and any(into.iterdir()):
        raise click.UsageError(f"{into} is not empty.")
    read = read_dmn(file.read_bytes(), file.name, decisions)
    made = as_toml(read, languages_of(content).codes, on)
    write_files(into, {name: text.encode() for name, text in made.items()})


@click.command()
@click.argument("folder_", metavar="[FOLDER]", type=FOLDER, default=Path())
@click.option(
    "--before", default="HEAD", show_default=True, help="A git revision, a compiled file, or another such folder."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65534), default=8001, show_default=True)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Write it as a folder instead.")
@on_option
@says_what_is_wrong
def preview(folder_: Path, before: str, host: str, port: int, into: Path | None, on: date) -> None:
    """Show the pages of FOLDER, with its rules/ and content/, as they are saved, and what changes for whom.

    The pages of before stand on the next port. Nothing of it is in service or proved: see `wegwijzer check`.
    """
    from service.serving.preview import CHANGES, Preview, serve

    try:
        shown = Preview(folder_, before, read_settings(), lambda: on)
        if into:
            write_files(into, shown.files())
            return
    except RevisionError as error:
        raise click.UsageError(str(error)) from None
    address = f"http://{host}:{port}"
    click.echo(f"{address}/ as it is saved, {address}{CHANGES} what changes, http://{host}:{port + 1}/ as it was.")
    if problems := shown.look():
        click.echo(problems, err=True)
    serve(shown, host, port)


@click.command()
@click.argument("names", metavar="[RULE|DESTINATION]...", nargs=-1)
@click.option("--by", help="Who read it, as a role: a name would stand in public for ever.")
@click.option("--office", help="In which office.")
@click.option("--on", type=Day(), default=amsterdam_today, help="The day on which it was read; default: today.")
@overlay_option
@rules_option
@content_option
@language_option
@says_what_is_wrong
def sign(
    names: tuple[str, ...], by: str | None, office: str | None, on: date, rules: Path, content: Path, language: str
) -> None:
    """Write down who read which rules in force and which cells of the matrix, as they are now.

    A DESTINATION stands for all its rules and cells. Without one: what nobody read as it is now.
    """
    draft = read_folders(rules, content)
    in_force = draft.rulebase.editions[-1].rules
    if not names:
        found = draft.standing
        waits = Counter(rule.refer for rule in in_force if rule.id not in found.signed)
        for destination, count in waits.most_common():
            click.echo(f"{destination}: {count}")
        click.echo(signed(draft, language))
        return
    if not (by and office):
        raise click.UsageError("Say who read it, and in which office: --by ROLE --office OFFICE.")
    if on > amsterdam_today():
        raise click.UsageError("Nobody has read it yet on that day.")
    try:
        lines = chosen(names, in_force, draft.competence)
    except SignatureError as error:
        raise click.UsageError(str(error)) from None
    path = write_signature(rules, Signature(by, office, on, tuple(lines)))
    click.echo(f"{rules.name}/{path.name}")
    click.echo(f"{len(lines)} read by {by}, {office}, on {on}. Commit the file: it is the signature.")


@click.command()
@click.argument("name")
@click.option("--overlay", type=FOLDER, default=Path(), help="The overlay; default: the folder where you are.")
@says_what_is_wrong
def base(name: str, overlay: Path) -> None:
    """Show what the base of an overlay says: a file, such as rules/promises.toml, or a rule or story by its NAME.

    A rule or story is shown as an own one begins that wins over it: add it to a file of the same path, and change it.
    """
    found = list(entries(overlay / "rules", name))
    for part, text in found:
        click.echo(f"# {part}\n{text}")
    if not found:
        raise click.UsageError(f"The base has no file, rule or story {name!r}; and is {OVERLAY} in this folder?")


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
