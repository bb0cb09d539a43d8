"""The command `wegwijzer`. Exit codes: 0 all right, 1 something was found wrong, 2 the command was used wrongly."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from service.authoring import AuthorErrors
from service.core.errors import NoEdition, NotInVocabulary
from service.core.situation import situation
from service.decide import Decider
from service.directory import Directory
from service.library import Library, load_library
from service.organisations import Organisation
from service.present import Json, Presenter
from service.prove import compare, grounds, prove
from service.tables import as_csv, as_html, as_text, tables
from service.terminal import ask, render
from service.texts import LANGUAGES
from service.web.state import amsterdam_today

P = ParamSpec("P")
R = TypeVar("R")
OLD = timedelta(days=365)


class Day(click.ParamType[date]):
    """A date as 2019-06-20."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date, or say how to write one."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail("give a date that exists, as 2019-06-20", param, ctx)


language_option = click.option(
    "--language", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of the answer."
)
on_option = click.option("--on", type=Day(), default=amsterdam_today, help="The day asked about; default: today.")


def says_what_is_wrong(command: Callable[P, R]) -> Callable[P, R]:
    """Turn an author's mistakes into lines and exit code 1, without a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except AuthorErrors as errors:
            click.echo(errors, err=True)
            click.echo(f"{len(errors.problems)} mistakes.", err=True)
            sys.exit(1)
        except NoEdition as error:
            raise click.UsageError(str(error)) from None

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Where do I go with this? Wegwijzer maps a situation to the right next step, and keeps nothing."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Number of processes.")
@says_what_is_wrong
def serve(host: str, port: int, workers: int) -> None:
    """Serve the API. Logs no request."""
    from service.web.serve import run

    click.echo(f"Wegwijzer at http://{host}:{port}/ (stop with Ctrl-C)")
    run(host, port, workers)


@main.command()
@click.argument("answers", nargs=-1, metavar="[FACT=ANSWER]...")
@click.option("--organisation", help="Id of an organisation; `wegwijzer organisations` lists them.")
@on_option
@language_option
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON, as the API gives it.")
@click.option("--closed", is_flag=True, help="Show the closed doors too, and what opens them.")
@says_what_is_wrong
def decide(
    answers: tuple[str, ...], organisation: str | None, on: date, language: str, as_json: bool, closed: bool
) -> None:
    """Decide a situation; without answers, ask the questions one by one.

    Several concerns stand in one word: concerns=misconduct,labour_conflict. Example:

    wegwijzer decide concerns=handling reporter=employee handled=complaint dissatisfied_with=no_answer
    """
    library = load_library()
    given = _facts(library, answers)
    chosen = _organisation(library, organisation, on)
    decider, presenter = Decider(library.rulebase), Presenter(library, language)

    def answer() -> Json:
        try:
            facts = chosen.facts(on) if chosen else None
            asked = situation(library.rulebase.vocabulary, given, facts)
        except NotInVocabulary as error:
            raise click.UsageError(f"{error.pointer.strip('/') or 'situation'}: {error}") from None
        return presenter.verdict(decider.decide(asked, on), chosen, on)

    body = answer()
    if not answers:
        again = library.texts.interface[language]["cli_again"]
        try:
            while body["nextQuestion"]:
                question = body["nextQuestion"]
                read = lambda prompt: click.prompt(prompt, prompt_suffix="", type=str)  # noqa: E731
                given[question["fact"]] = ask(question, library.rulebase.vocabulary, read, click.echo, again)
                body = answer()
        except (EOFError, click.Abort):
            click.echo()
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        click.echo(render(body, dict(library.texts.interface[language]), closed=closed), nl=False)


def _facts(library: Library, answers: tuple[str, ...]) -> dict[str, object]:
    given: dict[str, object] = {}
    for word in answers:
        fact, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"{word!r} is not an answer; write fact=answer, such as reporter=employee.")
        if fact in given:
            raise click.UsageError(f"{fact!r} is answered twice.")
        given[fact] = value.split(",") if fact == library.rulebase.vocabulary.concerns.id else value
    return given


def _organisation(library: Library, organisation: str | None, on: date) -> Organisation | None:
    if organisation is None:
        return None
    try:
        return library.organisations.on(organisation, on)
    except KeyError:
        found = Directory(library.texts, library.organisations, library.digest, None).search(organisation)
        hint = f" Did you mean {', '.join(found[:5])}?" if found else " `wegwijzer organisations` lists them."
        raise click.UsageError(f"There is no organisation {organisation!r}.{hint}") from None


@main.command()
@language_option
@says_what_is_wrong
def questions(language: str) -> None:
    """List every question with its answers, in the order of asking."""
    library = load_library()
    for fact in library.rulebase.vocabulary.facts:
        text = library.texts.questions[fact.id][language]
        click.echo(f"{fact.id}: {text.ask}")
        for answer in fact.answers:
            click.echo(f"  {answer}: {text.answers[answer]}")


@main.command()
@click.argument("words", nargs=-1)
@on_option
@language_option
@says_what_is_wrong
def organisations(words: tuple[str, ...], on: date, language: str) -> None:
    """Find organisations by present and former names and abbreviations; without words, list all."""
    library = load_library()
    presenter = Presenter(library, language)
    for id_ in Directory(library.texts, library.organisations, library.digest, None).search(" ".join(words)):
        one = presenter.organisation(library.organisations.by_id[id_], on)
        held = f" -> {one['heldBy']}" if one["heldBy"] != id_ else ""
        click.echo(f"{id_}{held}: {one['name']}" + (f" ({one['abbreviation']})" if one["abbreviation"] else ""))


@main.command()
@click.option("--engine", is_flag=True, help="Also hold durable-rules against the plain reading, everywhere (minutes).")
@click.option("--rules", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another folder of rules.")
@click.option(
    "--content", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another folder of content."
)
@says_what_is_wrong
def check(engine: bool, rules: Path | None, content: Path | None) -> None:
    """Find everything authors can get wrong, and prove the rulebase over every situation there is."""
    library = load_library(rules, content)
    rulebase = library.rulebase
    click.echo(f"read: {len(rulebase.rules)} rules in {len(rulebase.editions)} editions, ", nl=False)
    click.echo(f"{len(library.organisations.by_id)} organisations, {len(library.texts.sources)} sources")
    Decider(rulebase).close()
    click.echo("ok: both readings agree on every example and near miss")
    broken = 0
    for finding in prove(rulebase, library.promises, library.texts.channels):
        mark = "BROKEN" if finding.broken else "ok"
        click.echo(f"{mark}: {finding.promise} ({finding.situations:,} situations, {finding.seconds:.1f} s)")
        for line in finding.broken:
            click.echo(f"  {line}")
        broken += len(finding.broken)
    if engine and not broken:
        broken += _compare_everywhere(library)
    if broken:
        click.echo(f"{broken} broken.", err=True)
        sys.exit(1)


def _compare_everywhere(library: Library) -> int:
    """Compare both readings in every situation, on all cores."""
    workers = os.cpu_count() or 1
    places = range(len(grounds(library.rulebase)))
    jobs = [(place, part, workers) for place in places for part in range(workers)]
    compared = 0
    with ProcessPoolExecutor(workers) as pool:
        for count, difference in pool.map(_compare, jobs):
            compared += count
            if difference:
                click.echo(f"BROKEN: durable-rules and the plain reading differ: {difference}")
                return 1
    click.echo(f"ok: durable-rules and the plain reading agree ({compared:,} situations)")
    return 0


def _compare(job: tuple[int, int, int]) -> tuple[int, str | None]:
    place, part, parts = job
    return compare(grounds(load_library().rulebase)[place], part, parts)


@main.command()
@on_option
@language_option
@click.option("--format", "format_", type=click.Choice(["text", "html", "csv"]), default="text", show_default=True)
@says_what_is_wrong
def table(on: date, language: str, format_: str) -> None:
    """Print the rules in force as a table per concern."""
    library = load_library()
    edition = library.rulebase.on(on)
    found = tables(library, edition, language)
    if format_ == "text":
        click.echo(as_text(found))
    else:
        click.echo(as_csv(found) if format_ == "csv" else as_html(found, edition, language), nl=False)


@main.command()
@language_option
@says_what_is_wrong
def doubts(language: str) -> None:
    """List every rule where the law or the facts leave doubt, for a jurist to settle."""
    library = load_library()
    found = [rule for rule in library.rulebase.rules if rule.doubt]
    for rule in found:
        assert rule.doubt is not None  # noqa: S101 - for the type checker
        click.echo(f"{rule.id} ({rule.concern}): {rule.doubt[language]}")
    click.echo(f"{len(found)} of {len(library.rulebase.rules)} rules leave doubt.")


@main.command()
@on_option
@says_what_is_wrong
def stale(on: date) -> None:
    """List contacts and sources whose check date is missing, or more than a year before the day asked."""
    library = load_library()
    found = 0
    for place, checked in _checks(library):
        if checked is None or checked < on - OLD:
            found += 1
            click.echo(f"{place}: {'never checked' if checked is None else f'last checked {checked}'}")
    click.echo(f"{found} to check.")


def _checks(library: Library) -> list[tuple[str, date | None]]:
    found: list[tuple[str, date | None]] = []
    for channel in library.texts.channels.values():
        for contact in channel.contacts:
            found.append((f"contact {channel.id} {contact.name_nl or ''}".strip(), contact.checked))
    for organisation in library.organisations.by_id.values():
        for own in organisation.channels:
            name = own.contact.name_nl or own.destination
            found.append((f"contact {organisation.id} {name}", own.contact.checked))
    cited: dict[str, list[str]] = {}
    for rule in library.rulebase.rules:
        for citation in rule.citations:
            cited.setdefault(citation.source, []).append(rule.id)
    for source in library.texts.sources.values():
        rules = ", ".join(dict.fromkeys(cited.get(source.id, [])))
        found.append((f"source {source.id} ({source.sure})" + (f", for {rules}" if rules else ""), source.read))
    return found
