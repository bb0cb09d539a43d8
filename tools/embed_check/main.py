"""The command `wegwijzer-embed-check`. Exit codes: 0 all right, 1 something was found wrong, 2 it was used wrongly."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from embed_check.checks import FetchError, check
from service.rulebook.library import load_library

WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("url")
@click.option("--language", type=click.Choice(list(WORDS)), default=next(iter(WORDS)), show_default=True)
def main(url: str, language: str) -> None:
    """Look at a page of a site that shows Wegwijzer: what breaks or leaks there, and how to mend it."""
    library, words = load_library(), WORDS[language]
    known = {"organisation": library.organisations.by_id, "concern": library.rulebase.vocabulary.concerns.answers}
    try:
        found, homes = check(url, known, tuple(one.frame for one in library.site.addresses.values()))
    except FetchError as error:
        raise click.UsageError(f"The page cannot be fetched: {error}.") from None
    for one in found:
        place = f"{words['line'].format(line=one.line)}: " if one.line else ""
        click.echo(f"{place}{words[one.kind].format(about=one.about)}\n  {words[f'{one.kind}_mend']}")
    for home in homes:
        click.echo(words["shows"].format(about=home))
    click.echo(words["found"].format(count=len(found)) if found else words["fine"])
    if found:
        sys.exit(1)
