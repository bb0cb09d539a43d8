"""What `wegwijzer check` tells: line by line while it looks, again at each save, or whole to a machine."""

from __future__ import annotations

import gc
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import click

from service import VERSION
from service.answers.presenter import Presenter
from service.proof.findings import watching
from service.rulebook.checking import Found, Held, not_checked
from service.rulebook.drafts import Draft
from service.rulebook.messages import Message, mistakes
from service.rulebook.signatures import Standing
from service.rulebook.toml_files import AuthoringError, Memo, Problem, stamps
from service.rulebook.untranslated import Untranslated, untranslated
from service.serving.compiling import findings, read
from service.serving.kept import Kept

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LOOKS = 0.2  # seconds between two looks at what was saved


class Folders(NamedTuple):
    """Where authors wrote; None for the tests is those beside the rules."""

    rules: Path
    content: Path
    tests: Path | None


@dataclass
class Result:
    """What was found: of what cannot be read nothing is proved."""

    unread: tuple[Problem, ...] = ()
    found: list[Found] = field(default_factory=list)
    draft: Draft | None = None
    held: Held = field(default_factory=Held)
    untranslated: tuple[Untranslated, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong."""
        return [*self.unread, *(one for finding in self.found for one in finding.broken)]

    @property
    def lacking(self) -> tuple[str, ...]:
        """What could not be looked at."""
        return not_checked(self.draft, self.held) if self.draft else ()


def look(
    folders: Folders,
    language: str,
    kept: Kept | None = None,
    memo: Memo | None = None,
    tells: Callable[[Draft, Found | None], None] = lambda *_: None,
) -> Result:
    """Read and prove.

    Args:
        folders: where authors wrote.
        language: of the stories.
        kept: as for `findings`.
        memo: as for `read`.
        tells: is told that all could be read, and then each finding when it is known.

    """
    try:
        draft, held = read(*folders, memo)
    except AuthoringError as errors:
        return Result(errors.problems)
    tells(draft, None)
    result = Result(draft=draft, held=held, untranslated=tuple(untranslated(draft)))
    for finding in findings(draft, held, Presenter(draft, language).story, kept):
        tells(draft, finding)
        result.found.append(finding)
    return result


class Lines:
    """Tells what is found on a terminal, each as soon as it is known; what goes on stands on the last line."""

    def __init__(self, language: str, *, untranslated: bool = False) -> None:
        self._language = language
        self._untranslated = untranslated  # whether to name the files
        self._words: Mapping[str, str] = {}
        self._shows = sys.stderr.isatty()

    def look(self, folders: Folders, kept: Kept | None, memo: Memo | None = None) -> Result:
        """Look, and tell everything."""
        result = self._watched(lambda: look(folders, self._language, kept, memo, self._tells))
        for one in result.unread:
            click.echo(one.tell(self._language), err=True)
        for name in result.lacking:
            click.echo(Message("not_checked", {"what": Message(name)}).tell(self._language))
        if result.draft:
            word = result.draft.texts.interface[self._language]["check_edition"]
            for edition in result.draft.rulebase.editions:
                click.echo(f"{word} {edition.id}: {edition.digest}")
            click.echo(signed(result.draft, self._language))
        for lacks in result.untranslated:
            click.echo(lacks.tell(self._language, files=self._untranslated))
        self.count(result)
        return result

    def again(self, folders: Folders, kept: Kept, memo: Memo) -> None:
        """Look once more, and tell only what is wrong, as soon as it is known."""
        begun = time.perf_counter()
        click.echo(f"-- {time.strftime('%H:%M:%S')}")
        gc.disable()  # it would take a third of a second, and can wait until everything is told
        try:
            result = self._watched(lambda: look(folders, self._language, kept, memo, self._tells_wrong))
        finally:
            gc.enable()
        for one in result.unread:
            click.echo(one.tell(self._language))
        said = mistakes(len(result.problems)) if result.problems else Message("nothing_wrong")
        click.echo(f"{said.tell(self._language)} ({time.perf_counter() - begun:.1f} s)")
        gc.collect()

    def count(self, result: Result) -> None:
        """Say how much is wrong, where anything is."""
        if result.problems:
            click.echo(mistakes(len(result.problems)).tell(self._language), err=True)

    def _tells(self, draft: Draft, finding: Found | None) -> None:
        self._done()
        words = self._words = draft.texts.interface[self._language]
        if finding:
            mark = words["check_broken" if finding.broken else "check_ok"]
            counted = f"({finding.counted:,} {words[f'check_{finding.of}']}, {finding.seconds:.1f} s)"
            click.echo(f"{mark}: {finding.tell(words, self._language)} {counted}")
            for one in finding.broken:
                click.echo(f"  {one.tell(self._language)}")
        else:
            counts = {
                "rules": len(draft.rulebase.rules),
                "editions": len(draft.rulebase.editions),
                "organisations": len(draft.organisations.by_id),
                "sources": len(draft.texts.sources),
            }
            click.echo(words["check_read"].format(**counts))

    def _tells_wrong(self, draft: Draft, finding: Found | None) -> None:
        self._done()
        self._words = draft.texts.interface[self._language]
        for one in finding.broken if finding else ():
            click.echo(one.tell(self._language))

    def _watched(self, looks: Callable[[], Result]) -> Result:
        """What is found, with what goes on shown meanwhile."""
        token = watching.set(self._proves)
        try:
            self._doing(Message("reads"))
            return looks()
        finally:
            watching.reset(token)
            self._done()

    def _proves(self, name: str, says: Mapping[str, str], share: float) -> None:
        what = says[self._language] if says else self._words[f"promise_{name}"]
        self._doing(Message("proves", {"what": what, "share": f"{share:.0%}"}))

    def _doing(self, what: Message) -> None:
        if self._shows:
            line = what.tell(self._language)[: shutil.get_terminal_size().columns - 1]
            click.echo(f"\r{line}\x1b[K", nl=False, err=True)

    def _done(self) -> None:
        if self._shows:
            click.echo("\r\x1b[K", nl=False, err=True)


def signed(draft: Draft, language: str) -> str:
    """How much of the rules in force somebody signed for as it is, and what waits for whoever does."""
    words, found = draft.texts.interface[language], draft.standing
    doubts = {doubt.says[language] for rule in draft.rulebase.editions[-1].rules for doubt in rule.doubts}
    counts = {**asdict(found), "signed": len(found.signed), "doubts": len(doubts)}
    lines = [words["check_signed"].format(**counts)]
    if found.changed:
        lines.append(words["check_changed"].format(changed=", ".join(found.changed)))
    return "\n".join(lines)


def saves(folders: Folders) -> Iterator[None]:
    """Wait for the next time from now on that somebody saves a file, again and again."""
    return _saves(folders, stamps(_all(folders)))


def _all(folders: Folders) -> tuple[Path, ...]:
    return folders.rules, folders.content, folders.tests or folders.rules.resolve().parent / "tests"


def _saves(folders: Folders, before: dict[Path, tuple[int, int]]) -> Iterator[None]:
    while True:
        time.sleep(LOOKS)
        now = stamps(_all(folders))
        if now != before:
            before = now
            yield


def as_json(result: Result, language: str) -> str:
    """Everything that was found, for programs."""
    draft = result.draft
    words = draft.texts.interface[language] if draft else {}
    told = {
        "version": VERSION,
        "ok": not result.problems,
        "findings": [
            {
                "file": one.file,
                "line": one.line,
                "id": one.message.id,
                "message": one.said(language),
                "also": [{"file": file, "line": line} for file, line in one.also],
            }
            for one in result.problems
        ],
        "proved": [
            {
                "id": one.name,
                "text": one.tell(words, language),
                "ok": not one.broken,
                "counted": one.counted,
                "of": one.of,
            }
            for one in result.found
        ],
        "notChecked": [{"id": name, "text": Message(name).tell(language)} for name in result.lacking],
        "editions": {one.id: one.digest for one in draft.rulebase.editions} if draft else {},
        "signed": _signed(draft.standing) if draft else None,
        "untranslated": {lacks.language: asdict(lacks) for lacks in result.untranslated},
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _signed(found: Standing) -> dict[str, Any]:
    cells = {"signedCells": found.signed_cells, "cells": found.cells}
    return {"rules": found.rules, "signed": found.signed, "changed": found.changed, **cells}


def as_sarif(result: Result, language: str) -> str:
    """Everything that is wrong as SARIF 2.1.0, which forges and editors show beside the lines."""

    def place(file: str, line: int) -> dict[str, Any]:
        return {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": line}}}

    ids = sorted({one.message.id for one in result.problems})
    driver = {"name": "wegwijzer check", "version": VERSION, "rules": [{"id": id_} for id_ in ids]}
    results = [
        {
            "ruleId": one.message.id,
            "ruleIndex": ids.index(one.message.id),
            "level": "error",
            "message": {"text": one.said(language)},
            "locations": [place(one.file, one.line)],
            "relatedLocations": [place(*other) for other in one.also],
        }
        for one in result.problems
    ]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


FORMATS: dict[str, Callable[[Result, str], str]] = {"json": as_json, "sarif": as_sarif}
