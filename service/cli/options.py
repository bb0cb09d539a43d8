"""What the commands share: days, languages, and what is said when something is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from service.core.day import iso_day
from service.core.errors import NoEditionError, WegwijzerError
from service.rulebook.compiled import CompiledError
from service.rulebook.languages import Languages
from service.rulebook.library import RULEBASE, load_library
from service.rulebook.locate import folder
from service.rulebook.messages import ENGLISH, mistakes
from service.rulebook.overlay import OverlayError
from service.rulebook.site import languages_of
from service.rulebook.toml_files import AuthoringError
from service.web.settings import SettingError
from service.web.today import amsterdam_today

P = ParamSpec("P")
R = TypeVar("R")


class Day(click.ParamType[date]):
    """A date as 2019-06-20."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date, or say how to write one."""
        if isinstance(value, date):
            return value
        try:
            return iso_day(value)
        except ValueError:
            self.fail("give a date that exists, as 2019-06-20", param, ctx)


class Language(click.ParamType[str]):
    """A language of what is read: of `--content` where a command takes that, or of the rulebase that is pinned."""

    name = "language"

    def known(self, ctx: click.Context | None) -> Languages:
        """All of them."""
        content = ctx.params.get("content") if ctx else None
        reads_folders = ctx is not None and any(one.name == "content" for one in ctx.command.params)
        if reads_folders or not os.environ.get(RULEBASE):
            try:
                return languages_of(content if isinstance(content, Path) else folder("content"))
            except OverlayError:  # the command says it
                return languages_of(folder("content"))
        try:
            library = load_library()
        except CompiledError as error:
            raise SettingUsageError(str(error)) from None
        return Languages(Path(), library.languages, usual=library.site.usual)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """The choice, as click shows one."""
        return f"[{'|'.join(self.known(ctx).codes)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """One of them."""
        if value not in (known := self.known(ctx).codes):
            self.fail(f"{value!r} is not one of {', '.join(map(repr, known))}.", param, ctx)
        return str(value)

    def usual(self) -> str:
        """The one where nobody asks for another."""
        ctx = click.get_current_context(silent=True)
        if ctx and ctx.resilient_parsing:  # a shell completes a word: no language is needed, and no rulebase
            return ""
        return self.known(ctx).usual


class Folder(click.Path):
    """A folder that is there, or that of an overlay, which may have none of its own."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder."""
        return value if isinstance(value, Path) else super().convert(value, param, ctx)


def _laid_over(ctx: click.Context, _: click.Parameter, overlay: Path | None) -> None:
    """Read the folders of an overlay where no others are named."""
    if overlay:
        ctx.default_map = {name: overlay / name for name in ("rules", "content", "tests")}


overlay_option = click.option(
    "--overlay",
    type=Folder(),
    is_eager=True,
    expose_value=False,
    callback=_laid_over,
    help="An overlay: a folder with overlay.toml, and what is its own.",
)
LANGUAGE = Language()
language_option = click.option(
    "--language", type=LANGUAGE, default=LANGUAGE.usual, help="Language of the answer; default: the usual one."
)
on_option = click.option("--on", type=Day(), default=amsterdam_today, help="The day asked about; default: today.")
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
as_format = click.option("--json", "format_", flag_value="json", help="The same as --format json.")
content_option = click.option(
    "--content",
    type=Folder(),
    default=lambda: folder("content"),
    is_eager=True,
    help="Another folder of content.",
)


def in_json(found: Any) -> str:
    """What a command found, as JSON."""
    return json.dumps(found, ensure_ascii=False, indent=2, default=str)


class SettingUsageError(click.ClickException):
    """A setting cannot be used."""

    exit_code = 2


def says_what_is_wrong(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what is wrong into lines and an exit code, without a traceback: 1, or 2 for what was asked or set."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except AuthoringError as errors:
            language = click.get_current_context().params.get("language", ENGLISH)
            for problem in errors.problems:
                click.echo(problem.tell(language), err=True)
            click.echo(mistakes(len(errors.problems)).tell(language), err=True)
            sys.exit(1)
        except NoEditionError as error:
            raise click.UsageError(str(error)) from None
        except WegwijzerError as error:
            set_ = isinstance(error, SettingError | CompiledError)
            raise (SettingUsageError if set_ else click.ClickException)(str(error)) from None
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}.") from None

    return wrapped


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, and say each."""
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            click.echo(folder / name)
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written: {error.strerror}.") from None
