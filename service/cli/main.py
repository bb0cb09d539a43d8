"""The command `wegwijzer`. Exit codes: 0 all right, 1 something was found wrong, 2 the command was used wrongly."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar

import click
from click.core import ParameterSource
from tabulate import tabulate

from service import VERSION
from service.answers import receipt as receipts
from service.answers import view
from service.answers.case_file import PersonalDataError, case
from service.answers.explain import count_questions, explain
from service.answers.presenter import Presenter
from service.answers.reach import Step, first_steps
from service.cli import completion, explanation
from service.cli.authoring import base, convert, new, preview, schemas, sign
from service.cli.conversation import Conversation
from service.cli.directory import checked, directory, found_by, organisations, stale
from service.cli.options import (
    Day,
    Folder,
    SettingUsageError,
    as_format,
    in_json,
    json_option,
    language_option,
    on_option,
    overlay_option,
    says_what_is_wrong,
    write_files,
)
from service.cli.sheets import export_rules, export_texts, take
from service.cli.terminal import render
from service.core.case_code import CaseCode, CaseCodeError, CaseCodeVersionError
from service.core.errors import VocabularyError
from service.core.reading import Reading
from service.core.rule import As
from service.core.situation import Situation, situation
from service.engine.decider import Decider
from service.proof.grounds import grounds
from service.proof.trials import compare_part, parts_of
from service.proof.tried import name_of
from service.publishing import doubts as worklist
from service.publishing.decision_table import as_text, tables
from service.publishing.difference.blocks import FORMATS
from service.publishing.difference.compare import difference, moments_of
from service.publishing.difference.report import Report
from service.publishing.difference.values import Moment
from service.publishing.dmn import READERS
from service.publishing.dmn import export as export_to_dmn
from service.rulebook.cases import Case, decided, deciding, readings_of, standing_in
from service.rulebook.compiled import CompiledError, Library, decode
from service.rulebook.coverage import coverage
from service.rulebook.drafts import Draft
from service.rulebook.languages import plain
from service.rulebook.library import (
    KEY,
    RULEBASE,
    bytes_of,
    compiled,
    load_library,
    pinned,
    read_key,
    store,
    store_here,
)
from service.rulebook.locate import BUILT, folder, in_checkout
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.organisations import Organisation, Profile
from service.rulebook.revisions import RevisionError, interface, ours, version
from service.rulebook.toml_files import Memo
from service.web.settings import EXIT, THEME, read_settings

if TYPE_CHECKING:  # takes long to import, and few commands keep anything
    from service.serving.kept import Kept

P = ParamSpec("P")
R = TypeVar("R")
OLD = timedelta(days=365)
NOT_RELOADED = (
    "To serve it: systemctl reload wegwijzer, or kill -HUP to its first process; /health/ready says what it is."
)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def situation_options(command: Callable[..., None]) -> Callable[..., None]:
    """The words and options that tell a situation."""
    command = click.argument("answers", nargs=-1, metavar="[FACT=ANSWER]...", shell_complete=completion.answers)(
        command
    )
    command = click.option(
        "--organisation",
        help="Id of an organisation, or for `decide` its name; `wegwijzer organisations` lists them.",
        shell_complete=completion.organisations,
    )(command)
    return on_option(language_option(command))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="wegwijzer", message="%(prog)s %(version)s")
def main() -> None:
    """Where do I go with this? Wegwijzer maps a situation to the right next step, and keeps nothing."""


for command in (new, base, convert, preview, sign, schemas, organisations, directory, stale, checked, take):
    main.add_command(command)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, such as ::1.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 for a free one.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Number of processes.")
@says_what_is_wrong
def serve(host: str, port: int, workers: int) -> None:
    """Serve the API. Logs no request."""
    from service.serving.serve import run

    run(host, port, workers)


@main.command()
@situation_options
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON, as the API gives it.")
@click.option("--closed", is_flag=True, help="Show the closed doors too, and what opens them.")
@click.option(
    "--receipt", type=click.File(encoding="utf-8"), help="Decide again what a receipt says, and compare; - for input."
)
@click.pass_context
@says_what_is_wrong
def decide(
    context: click.Context,
    answers: tuple[str, ...],
    organisation: str | None,
    on: date,
    language: str,
    as_json: bool,
    closed: bool,
    receipt: TextIO | None,
) -> None:
    """Decide a situation; without answers, ask the questions one by one.

    Several concerns stand in one word: concerns=misconduct,labour_conflict. The code of a case, as the pages give one,
    may stand first; answers after it come in place of its own. Example:

    wegwijzer decide concerns=handling reporter=employee handled=complaint dissatisfied_with=no_answer
    """
    if receipt is not None:
        if answers or organisation:
            raise click.UsageError("A receipt says the answers and the organisation itself; leave them out.")
        context.exit(0 if _decides_the_same(receipt.read(), language) else 1)
    library = load_library()
    if answers and "=" not in answers[0]:
        told, of_code, then = _case_code(library, answers[0])
        answers, organisation = answers[1:], organisation or of_code
        on = on if context.get_parameter_source("on") is ParameterSource.COMMANDLINE else then or on
    else:
        told = {}
    talk = Conversation(library, language, on, None, partial(_typed, err=as_json), partial(click.echo, err=as_json))
    talk.given |= told | _facts(library, answers)
    talk.chosen = _named(library, organisation, on, language, talk)
    decider = Decider(library.rulebase, graphs=library.graphs, cubes=library.cubes)
    presenter = Presenter(library, language)

    def answer() -> view.Answer:
        asked = _asked(library, talk.given, talk.chosen, on)
        return presenter.answer(decider.decide(asked, on), talk.chosen, on)

    in_words = bool(talk.given) and not told
    if not talk.given:
        try:
            talk.run(answer)
        except (EOFError, click.Abort):
            click.echo()
    body, given, chosen = answer(), talk.given, talk.chosen
    if as_json:
        click.echo(json.dumps(view.as_json(body), ensure_ascii=False, indent=2))
    else:
        if fallback := library.site.locales[language].fallback:
            not_all = library.texts.interface[language]["not_translated"]
            click.echo(plain(not_all.replace("{language}", library.site.locales[fallback].name)), err=True)
        click.echo(render(body, dict(library.texts.interface[language]), closed=closed), nl=False)
        if not in_words:  # beside the answer: who reads its last line gets the edition
            said = {fact: ",".join(one) if isinstance(one, list) else str(one) for fact, one in given.items()}
            spoken = () if language == library.site.usual else ("--language", language)
            command = (*receipts.COMMAND, *receipts.words(on, chosen.id if chosen else None, said), *spoken)
            click.echo(f"\n{library.texts.interface[language]['cli_repeat']}\n{' '.join(command)}", err=True)


def _case_code(library: Library, code: str) -> tuple[dict[str, object], str | None, date | None]:
    """The answers, the organisation and the day that the code of a case holds."""
    codes = CaseCode(library.rulebase.vocabulary, sorted(library.organisations.by_id))
    try:
        concerns, told, organisation, on = codes.read(code)
    except CaseCodeVersionError:
        raise click.UsageError(
            "This code was made with other questions or organisations: tell the case anew."
        ) from None
    except CaseCodeError:
        raise click.UsageError(
            "The first word is no code of a case, and no answer; write fact=answer, such as reporter=employee."
        ) from None
    about = {library.rulebase.vocabulary.concerns.id: list(concerns)} if concerns else {}
    return {**about, **told}, organisation, on


def _decides_the_same(text: str, language: str) -> bool:
    """Decide again what a receipt says, and tell whether rules and answer are the same."""
    try:
        then = receipts.read(text)
        asked = decide.make_context("decide", list(then.words)).params
    except (receipts.ReceiptError, click.UsageError):
        asked = {}
    if not asked:
        raise click.UsageError("This is no receipt of an answer. Give it whole, with its digest and its last line.")
    library, on = load_library(), asked["on"]
    chosen = _organisation(library, asked["organisation"], on)
    situation_ = _asked(library, _facts(library, asked["answers"]), chosen, on)
    decider = Decider(library.rulebase, graphs=library.graphs, cubes=library.cubes)
    decision = decider.decide(situation_, on).decision
    words = library.texts.interface[language]
    if decision is None:
        raise click.ClickException(words["safety_net"])
    now = receipts.of(decision)
    changed = receipts.differences(then, now)
    same = then.digest == now.digest
    rules = words["receipt_same_rules" if same else "receipt_other_rules"]
    click.echo(f"{rules} {words['receipt_other_answer' if changed else 'receipt_same_answer']}")
    if not same:
        click.echo(f"- {then.digest}\n+ {now.digest} ({decision.edition.id})")
    for line in changed:
        click.echo(line)
    return not changed


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
        other = library.organisations.catch_all
        found = [one.id for one in found_by(library, organisation, on) if one is not other]
        hint = f" Did you mean {', '.join(found[:5])}?" if found else " `wegwijzer organisations` lists them."
        hint += f" For a body that is not in the list: {other.id}." if other else ""
        raise click.UsageError(f"There is no organisation {organisation!r}.{hint}") from None


def _typed(prompt: str, *, err: bool) -> str:
    return str(click.prompt(prompt, prompt_suffix="", default="", show_default=False, err=err))


def _named(library: Library, words: str | None, on: date, language: str, talk: Conversation) -> Organisation | None:
    """An organisation by its id, or by what people call it: the one that is called so, or the one that is picked."""
    if words is None or words in library.organisations.by_id:
        return _organisation(library, words, on)
    found = [one for one in found_by(library, words, on) if one is not library.organisations.catch_all]
    presenter = Presenter(library, language)
    called = [one for one in found if words.casefold() in presenter.organisation(one, on).called]
    if len(called) != 1 and found and sys.stdin.isatty():  # a near match may be another body: somebody picks it
        talk.pick(found)
        return talk.chosen
    taken = _organisation(library, called[0].id if len(called) == 1 else words, on)
    if taken:
        label = library.texts.interface[language]["organisation_label"]
        click.echo(f"{label}: {presenter.organisation(taken, on).name} ({taken.id})", err=True)
    return taken


def _asked(library: Library, given: Mapping[str, object], chosen: Organisation | None, on: date) -> Situation:
    try:
        facts = chosen.facts(on) if chosen else None
        return situation(library.rulebase.vocabulary, given, facts)
    except VocabularyError as error:
        raise click.UsageError(f"{error.pointer.strip('/') or 'situation'}: {error}") from None


def _destination(library: Library, given: str) -> str:
    known = library.rulebase.vocabulary.destinations
    if given not in known:
        raise click.UsageError(f"There is no destination {given!r}.{did_you_mean(given, known)}")
    return given


def _explain(
    destination: str,
    answers: tuple[str, ...],
    organisation: str | None,
    on: date,
    language: str,
    most: int,
    as_json: bool,
) -> None:
    library = load_library()
    edition = library.rulebase.on(on)
    asked = _asked(library, _facts(library, answers), _organisation(library, organisation, on), on)
    found = explain(
        Reading(edition, library.graphs.get(edition.id), library.cubes.get(edition.id)),
        asked,
        _destination(library, destination),
    )
    if as_json:
        click.echo(in_json(explanation.values(found, language)))
        return
    click.echo(explanation.render(library, Presenter(library, language), found, asked, language, most), nl=False)


@main.command()
@click.argument("destination", shell_complete=completion.destinations)
@situation_options
@json_option
@says_what_is_wrong
def why(
    destination: str, answers: tuple[str, ...], organisation: str | None, on: date, language: str, as_json: bool
) -> None:
    """Say why a situation is referred to a destination: the rules that hold, with their sources."""
    _explain(destination, answers, organisation, on, language, 0, as_json)


@main.command("why-not")
@click.argument("destination", shell_complete=completion.destinations)
@situation_options
@click.option("--all", "all_", is_flag=True, help="Every rule for the destination, not only the three nearest.")
@json_option
@says_what_is_wrong
def why_not(
    destination: str,
    answers: tuple[str, ...],
    organisation: str | None,
    on: date,
    language: str,
    all_: bool,
    as_json: bool,
) -> None:
    """Say what keeps a destination closed, and every way that opens it."""
    _explain(destination, answers, organisation, on, language, sys.maxsize if all_ else 3, as_json)


@main.command("case")
@situation_options
@click.option(
    "--should",
    required=True,
    help="The destination that should have been the first step.",
    shell_complete=completion.destinations,
)
@click.option("--story", required=True, help="What happened, in one sentence, without names.")
@click.option("--tells", required=True, help="The source that says so: id and place, or 'onderdeel N, alinea M'.")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Add it to this file; default: print it.")
@says_what_is_wrong
def case_(
    answers: tuple[str, ...],
    organisation: str | None,
    on: date,
    language: str,  # noqa: ARG001 - one set of options tells every situation
    should: str,
    story: str,
    tells: str,
    file: Path | None,
) -> None:
    """Turn "this referral was wrong" into a case that fails until the rules are mended."""
    library = load_library()
    asked = _asked(library, _facts(library, answers), _organisation(library, organisation, on), on)
    edition = library.rulebase.on(on)
    reading = Reading(edition, library.graphs.get(edition.id), library.cubes.get(edition.id))
    accepted, _ = reading.accept(asked)
    firsts = [one.destination for one in reading.decide(asked).referrals if one.as_ is As.FIRST]
    if firsts == [_destination(library, should)]:
        raise click.UsageError(f"Wegwijzer already refers this situation to {should} first; there is nothing to mend.")
    try:
        written = case(
            library.rulebase.vocabulary,
            accepted,
            name=story,
            tells=tells,
            on=on,
            organisation=organisation,
            first=should,
        )
    except PersonalDataError as error:
        raise click.UsageError(str(error)) from None
    if file is None:
        click.echo(written, nl=False)
        return
    before = file.read_text("utf-8").rstrip() + "\n\n" if file.exists() else ""
    file.write_text(before + written, "utf-8")
    click.echo(f"Added to {file}. wegwijzer check fails until the rules are mended.")


@main.command()
@language_option
@click.option("--count", is_flag=True, help="How many questions each concern takes, against a fixed list.")
@on_option
@json_option
@says_what_is_wrong
def questions(language: str, count: bool, on: date, as_json: bool) -> None:
    """List every question with its answers, in the order of asking."""
    library = load_library()
    if count:
        rows = _question_table(library, on)
        said = [dict(zip(COUNTED, row, strict=True)) for row in rows]
        click.echo(in_json(said) if as_json else tabulate(rows, COUNTED, maxcolwidths=[None, 40]))
        return
    if as_json:
        presenter = Presenter(library, language)
        click.echo(in_json([view.as_json(presenter.question(fact)) for fact in library.rulebase.vocabulary.facts]))
        return
    for fact in library.rulebase.vocabulary.facts:
        text = library.texts.questions[fact.id][language]
        click.echo(f"{fact.id}: {text.ask}")
        for answer in fact.answers:
            click.echo(f"  {answer}: {text.answers[answer]}")


COUNTED = ("concern", "organisations", "fixed list", "most", "expected")


def _question_table(library: Library, on: date) -> list[tuple[Any, ...]]:
    """Per concern and per distinct set of organisation facts: a fixed list, the most asked, the expected number."""
    edition = library.rulebase.on(on)
    reading = Reading(edition, library.graphs.get(edition.id), library.cubes.get(edition.id))
    rows = []
    for profile, ids in library.organisations.profiles(library.rulebase.vocabulary, on).items():
        for concern in reading.concerns:
            found = count_questions(reading, concern, dict(profile))
            rows.append((concern, ", ".join(ids), found.fixed, found.most, f"{float(found.expected):.1f}"))
    return rows


def folder_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name what authors wrote."""
    there = Folder()
    # It says which languages there are, so it is read before the language.
    command = click.option("--content", type=there, is_eager=True, help="Another folder of content.")(command)
    command = click.option("--tests", type=there, help="Another folder of cases; default: tests/ beside the rules.")(
        command
    )
    return overlay_option(click.option("--rules", type=there, help="Another folder of rules.")(command))


@main.command()
@click.option(
    "--engine",
    is_flag=True,
    help="Also hold durable-rules against the rules, everywhere (an hour; goes on where it was stopped).",
)
@folder_options
@language_option
@click.option("--format", "format_", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@as_format
@click.option("--watch", is_flag=True, help="Look again at each save, and say what is wrong then.")
@click.option("--anew", is_flag=True, help="Look for everything again, also for what was found before.")
@click.option("--untranslated", is_flag=True, help="Name the files with texts that a language has of another.")
@says_what_is_wrong
def check(
    engine: bool,
    rules: Path | None,
    content: Path | None,
    tests: Path | None,
    language: str,
    format_: str,
    watch: bool,
    anew: bool,
    untranslated: bool,
) -> None:
    """Find everything authors can get wrong, and prove the rulebase over every situation there is.

    An edit does only its own part again: what was found before is kept, by what it depends on.
    """
    from service.cli import check as checks
    from service.serving.compiling import proved
    from service.serving.kept import Kept, kept_here

    folders = checks.Folders(rules or folder("rules"), content or folder("content"), tests)
    kept = Kept(None) if anew else kept_here()
    if format_ != "text":
        result = checks.look(folders, language, kept)
        click.echo(checks.FORMATS[format_](result, language))
    else:
        lines = checks.Lines(language, untranslated=untranslated)
        memo = Memo()
        result = lines.look(folders, kept, memo if watch else None)
        kept.keep()
        for _ in checks.saves(folders) if watch else ():
            lines.again(folders, kept, memo)
            kept.keep()
    kept.keep()
    if result.draft and engine and not result.problems:
        words = result.draft.texts.interface[language]
        if compare_everywhere(result.draft, words, kept, err=format_ != "text"):
            sys.exit(1)
    if result.problems:
        sys.exit(1)
    if result.draft and in_checkout() and rules is content is None:  # then nobody need prove it again
        store_here(result.draft, proved(result.found))


@main.command("compile")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@folder_options
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help=f"Sign it by this key; default: {KEY}.")
@language_option
@says_what_is_wrong
def compile_(
    file: Path, rules: Path | None, content: Path | None, tests: Path | None, key: Path | None, language: str
) -> None:
    """Prove rules and content as `check` does, all anew, and write them as the one FILE that is served and read."""
    from service.cli import check as checks
    from service.serving.compiling import proved

    signs = read_key(key)
    folders = checks.Folders(rules or folder("rules"), content or folder("content"), tests)
    result = checks.Lines(language).look(folders, None)
    if result.problems or result.draft is None:
        click.echo(Message("not_written", {"file": file}).tell(language), err=True)
        sys.exit(1)
    data = compiled(result.draft, proved(result.found), signs)
    store(file, data)
    click.echo(f"{file}: {'signed' if signs else 'unsigned'}, {len(data):,} bytes, {decode(data).digest}")


@main.command("swap")
@click.argument("file", type=click.Path(path_type=Path))
@says_what_is_wrong
def swap_(file: Path) -> None:
    """Put a compiled FILE in service: tried aside, then pinned where WEGWIJZER_RULEBASE points, then reloaded."""
    from service.serving.swap import Running, swap

    link = pinned()
    if not os.environ.get(RULEBASE) or link is None:
        raise SettingUsageError(f"{RULEBASE} must name what the service reads; that is what is swapped.")
    try:
        new, before = swap(file, link)
    except CompiledError as error:
        raise click.ClickException(f"{file}: {error}") from None
    click.echo(f"{link} is now {new.name}.")
    if before and before != new.resolve():
        click.echo(f"To go back: wegwijzer swap {before}")
    reloaded = Running(link).reload()
    click.echo("The service tries it and takes it over; /health/ready says what serves." if reloaded else NOT_RELOADED)


def compare_everywhere(draft: Draft, words: Mapping[str, str], kept: Kept, *, err: bool) -> int:
    """Compare both readings in every situation, on all cores; what comes of it is told where `err` says.

    It takes an hour, so each part that agreed is kept at once: whoever stops it goes on from there.
    """
    named = {
        name_of("everywhere", here.name, part.start, part.stop): (here, part)
        for here in grounds(draft.rulebase)
        for part in parts_of(here)
    }
    left = {name: job for name, job in named.items() if name not in kept}
    with (
        ProcessPoolExecutor(os.cpu_count()) as pool,
        click.progressbar(length=len(named), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):
        bar.update(len(named) - len(left))
        for name, (count, difference) in zip(
            left, pool.map(compare_part, *zip(*left.values(), strict=True)), strict=True
        ):
            if difference:
                pool.shutdown(wait=False, cancel_futures=True)
                click.echo(f"{words['check_broken']}: {words['check_differ']}: {difference}", err=err)
                return 1
            kept[name] = count
            kept.keep()
            bar.update(1)
    compared = sum(kept[name] for name in named)
    click.echo(f"{words['check_ok']}: {words['check_agree']} ({compared:,} {words['check_situations']})", err=err)
    return 0


@main.command()
@click.argument("concern", required=False, shell_complete=completion.concerns)
@on_option
@language_option
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a page to read and print.")
@says_what_is_wrong
def page(concern: str | None, on: date, language: str, html: Path | None) -> None:
    """Show the rules in force for a CONCERN: one row a rule, one column a fact, with gaps and overlaps.

    Without CONCERN: all of them. In a checkout it shows rules as they stand there, proved or not.
    """
    library = load_library()
    edition = library.rulebase.on(on)
    known = library.rulebase.vocabulary.concerns.answers
    if concern is not None and concern not in known:
        raise click.UsageError(f"There is no concern {concern!r}.{did_you_mean(concern, known)}")
    found = [one for one in tables(library, edition, language) if concern in (None, one.concern)]
    if html is None:
        width = shutil.get_terminal_size().columns
        click.echo("\n".join(as_text(one, library.texts.interface[language], width) for one in found))
        click.echo(f"{edition.id}  {edition.digest}")
        return
    from service.web.app import create_app
    from service.web.pages.book import alone

    html.write_text(alone(create_app(library, settings=read_settings()), found, edition, language), "utf-8")
    click.echo(html)


@main.command()
@click.option(
    "--by", type=click.Choice(["who", "organisation", "destination"]), default="who", help="What the rows are."
)
@on_option
@language_option
@json_option
@says_what_is_wrong
def reach(by: str, on: date, language: str, as_json: bool) -> None:
    """Count how many first steps can be taken: with an act, a telephone number, a page.

    Per kind of person; with --by also per organisation or destination, those with the fewest handles first.
    """
    steps = list(first_steps(load_library(), language, on))
    table: dict[str, list[Step]] = {}
    for one in steps:
        table.setdefault(str(getattr(one, by) or "none"), []).append(one)
    rows = [("all", steps), *(table.items() if by == "who" else sorted(table.items(), key=lambda row: _either(row[1])))]
    found = [
        {
            by: name,
            "steps": len(mine),
            **{key: sum(getattr(one, key) for one in mine) / len(mine) for key in ("act", "phone", "page")},
            "either": _either(mine),
        }
        for name, mine in rows
    ]
    if as_json:
        click.echo(in_json(found))
        return
    for row in found:
        name, count, *shares = row.values()
        click.echo(f"{name:24}{count:>8,}  {'  '.join(f'{share:6.1%}' for share in shares)}")
    click.echo(f"{'':24}{'steps':>8}  {'act':>6}  {'phone':>6}  {'page':>6}  {'either':>6}")


def _either(steps: list[Step]) -> float:
    return sum(one.phone or one.page for one in steps) / len(steps)


@main.command("coverage")
@click.argument("source", required=False, shell_complete=completion.sources)
@click.option(
    "--cases",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of cases; default: tests/cases where that is here.",
)
@json_option
@says_what_is_wrong
def coverage_(source: str | None, cases: Path | None, as_json: bool) -> None:
    """List the sentences kept of a source, with what rests on each, and those on which no rule does.

    That is rules, cells of the competence matrix, promises and cases. A case rests on a sentence when a rule that
    quotes it leads where the case says; others that tell of its place are counted, and named with --json. Without
    SOURCE: the first source that is kept whole.
    """
    library = load_library()
    source = source or next((one.id for one in library.texts.sources.values() if one.text), "")
    if source not in library.texts.sources:
        raise click.UsageError(f"There is no source {source!r}.{did_you_mean(source, library.texts.sources)}")
    readings = readings_of(library)
    here = cases or Path("tests/cases")
    places = {one.locator for one in library.texts.sources[source].passages}
    told = [
        {"name": one.name, "tells": one.tells, "rules": deciding(one, decided(one, library, readings))}
        for path in sorted(here.glob("*.toml"))
        for one in _told(path)
        if one.tells.removeprefix(f"{source}, ") in places and one.organisation in (None, *library.organisations.by_id)
    ]
    found = list(coverage(library, source, told))
    if as_json:
        click.echo(
            in_json(
                [
                    {
                        "locator": one.locator,
                        "words": one.words,
                        "rules": one.rules,
                        "cells": [cell.body for cell in one.cells],
                        "promises": [promise.id for promise in one.promises],
                        "cases": one.cases,
                        "beside": one.beside,
                    }
                    for one in found
                ]
            )
        )
        return
    for sentence in found:
        click.echo(f"{sentence.locator}: “{sentence.words}”")
        click.echo(f"  rules: {', '.join(sentence.rules) or 'NONE'}")
        click.echo(f"  cells: {', '.join(cell.body for cell in sentence.cells) or 'none'}")
        click.echo(f"  promises: {', '.join(promise.id for promise in sentence.promises) or 'none'}")
        click.echo(f"  cases: {'; '.join(sentence.cases) or 'none'}")
        click.echo(f"  told of this place and decided by other words: {len(sentence.beside)}")
    click.echo(f"{sum(not one.rules for one in found)} sentences on which no rule rests.")


def _told(path: Path) -> list[Case]:
    try:
        return standing_in(path)
    except ValueError:
        raise click.ClickException(f"{path} is no TOML with [[case]] tables.") from None


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--on", type=Day(), help="Compare the rules of this day only; default: every edition.")
@click.option("--format", "format_", type=click.Choice([*FORMATS, "json"]), default="text", show_default=True)
@as_format
@click.option("--most", type=click.IntRange(min=0), default=40, show_default=True, help="How many of a kind to tell.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything changes, or could not be compared.")
@language_option
@says_what_is_wrong
def diff(old: str, new: str, on: date | None, format_: str, most: int, exit_code: bool, language: str) -> None:
    """Say for whom the answer changes between two rulebases: by rules, organisations, contacts and texts.

    OLD and NEW are folders (with rules/ and content/ in them, overlays, or a rules folder beside content/), compiled
    files, git revisions, or two dates. Who loses a first step comes first, and who gets another reason last. Examples:

    \b
    wegwijzer diff main .
    wegwijzer diff 2019-06-20 2023-02-18
    """  # noqa: D301 - click reads the character itself
    days = [Day().convert(word, None, None) for word in (old, new) if DATE.fullmatch(word)]
    if len(days) == 1 or (days and on):
        raise click.UsageError("Give two dates, without --on; or two folders or revisions.")
    try:
        if days:
            before = ours(old)
            after = replace(before, name=new)
        else:
            before, after = version(old), version(new)
        words = interface(language)
    except RevisionError as error:
        raise click.UsageError(str(error)) from None
    moments = [Moment(days[0], days[1], None)] if days else moments_of(before, after, on)
    found = difference(before, after, moments, most)
    if format_ == "json":
        click.echo(json.dumps(view.as_json(found), ensure_ascii=False, indent=2))
    else:
        blocks = Report(before, after, found, language, words).blocks(most)
        click.echo(FORMATS[format_](blocks, language), nl=False)
    if exit_code and not found.nothing:
        sys.exit(1)


@main.group()
def export() -> None:
    """Write the rules in a form that other programs read."""


for command in (export_rules, export_texts):
    export.add_command(command)


def _to_publish() -> Library:
    """The rulebase of which something is handed to others: one that was proved."""
    from service.serving.compiling import proved_library

    return proved_library(lambda line: click.echo(line, err=True))


@export.command("compiled")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@says_what_is_wrong
def export_compiled(file: Path) -> None:
    """Write the compiled rulebase itself, for an overlay to extend, or to read without us: see docs/compiled.md."""
    library = _to_publish()
    store(file, bytes_of(pinned() or BUILT))
    click.echo(f"{file}: {library.digest}")


@export.command("sqlite")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@says_what_is_wrong
def export_sqlite(file: Path) -> None:
    """Write rules, directory, sources and terms as a SQLite database, for datasette and sqlite3.

    Beside it stands what datasette says and asks of it: datasette FILE --metadata FILE.metadata.json
    """
    from service.publishing import sqlite  # as long to import as all the rest of what commands need

    store(file, sqlite.export(_to_publish()))
    beside = file.with_name(f"{file.name}.metadata.json")
    store(beside, in_json(sqlite.metadata(file.stem)).encode())
    click.echo(f"{file}\n{beside}")


@export.command("dmn")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@on_option
@click.option("--for", "reader", type=click.Choice([*READERS]), help="A program that cannot read all of DMN.")
@says_what_is_wrong
def export_dmn(folder: Path, on: date, reader: str | None) -> None:
    """Write the rules in force as DMN 1.3 decision tables, one file per concern, and one that joins them.

    The description in each file says what DMN has no words for.
    """
    library = _to_publish()
    write_files(folder, export_to_dmn(library, library.rulebase.on(on), READERS[reader] if reader else None))


@export.command("read")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@on_option
@says_what_is_wrong
def export_read(folder: Path, on: date) -> None:
    """Write the whole rulebase to read and print, in every language: HTML, CSV and JSON that need no service."""
    from service.web.app import create_app
    from service.web.pages.book import files

    settings = read_settings()
    write_files(folder, files(create_app(_to_publish(), settings=settings), on))


@export.command("static")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--organisation",
    help="Id of the organisation that is chosen beforehand.",
    shell_complete=completion.organisations,
)
@click.option("--exit", "exit_", help="Where 'leave this site' leads; default: as the service has it.")
@click.option("--theme", help="A folder with a look of your own; see docs/theming.md.")
@on_option
@says_what_is_wrong
def export_static(folder: Path, organisation: str | None, exit_: str | None, theme: str | None, on: date) -> None:
    """Write questionnaire, workbench and rules as a folder that any web server can host: the browser decides.

    The same rules, day and options give the same bytes. It does not follow the rules: write it again when they change.
    """
    from service.serving.static_site import files
    from service.web.app import create_app

    given = {name: value for name, value in ((EXIT, exit_), (THEME, theme)) if value is not None}
    settings = read_settings({**os.environ, **given})
    library = _to_publish()
    _organisation(library, organisation, on)
    app = create_app(library, settings=settings, today=lambda: on)
    write_files(folder, files(app, settings, organisation))


@main.command()
@language_option
@json_option
@says_what_is_wrong
def doubts(language: str, as_json: bool) -> None:
    """List where the law or the facts leave doubt, what weighs most first, with the rules it touches."""
    library = load_library()
    words, found = library.texts.interface[language], worklist.doubts(library, language)
    told: dict[str, worklist.Doubt] = {}
    written: list[Organisation | Profile] = [*library.organisations.written, *library.organisations.shared]
    for known in written:
        for one in known.provisions:
            if one.note:
                said = one.note[language]
                told.setdefault(said, worklist.Doubt(said)).places.append(f"{known.id} ({one.fact})")
    steps = {as_: [one for one in found if one.as_ is as_] for as_ in (*As, None)}
    listed = {as_.value if as_ else "before": ones for as_, ones in steps.items()}
    listed |= {"organisations": list(told.values()), "notes": worklist.notes(library.rulebase.rules, language)}
    if as_json:
        click.echo(in_json([{"stands": at, **asdict(one)} for at, ones in listed.items() for one in ones]))
        return
    for heading, ones in listed.items():
        if ones:
            click.echo(words[f"doubts_{heading}"] + "\n")
        for doubt in ones:
            share = [f"    {doubt.share:.0%}"] if doubt.share else []
            click.echo("\n".join([doubt.said, f"  {', '.join(doubt.places)}", *share]) + "\n")
    counted = {"doubts": len(found), "doubtful": sum(len(one.places) for one in found)}
    click.echo(words["doubts_found"].format(**counted, rules=len(library.rulebase.rules)))
