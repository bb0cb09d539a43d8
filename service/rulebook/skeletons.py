"""What an author begins with: a rule, question, destination, organisation, source or edition, with nothing filled in.

Every text in it is empty, and an empty text is a mistake: `wegwijzer check` names the places one after another. A
whole rulebase is the other way round: an example that is right, of which nothing is meant to stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from service.core.errors import WegwijzerError
from service.rulebook.competence import COMPETENCE
from service.rulebook.locate import folder as ours
from service.rulebook.promises import EDITIONS
from service.rulebook.rules import VOCABULARY
from service.rulebook.site import languages_of

RULEBASE = "rulebase"
KINDS = ("rule", "question", "destination", "organisation", "source", "edition")
FACT_OR_PLACE = re.compile(r"[a-z]\w*", re.ASCII)
SOURCE = re.compile(r"[a-z\d]+(?:-[a-z\d]+)*")
TEMPLATES = Environment(
    loader=PackageLoader("service.rulebook", "skeletons"),
    trim_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - it makes TOML, of ids that were looked at
)


OF_LANGUAGE = re.compile(r"\[(\w+)(?:\.\w+)*\]|(?:\w+\.)*(\w+) = ")  # a table, or a text


class SkeletonError(WegwijzerError):
    """What was asked for cannot be begun; the message says why, and what to do."""


def begin(kind: str, name: str, rules: Path, content: Path, today: date) -> list[Path]:
    """Write a skeleton.

    Args:
        kind: one of `KINDS`.
        name: the id of what is new; of a rule the destination it refers to, of an edition its day.
        rules: the folder of the rules.
        content: the folder of what people read.
        today: the day on which a source is read.

    Returns:
        the files that were made or added to.

    Raises:
        SkeletonError: it stands there already, or cannot be called that.

    """
    return _Beginning(name, rules, content, today).written(kind)


def rulebase(codes: Sequence[str], today: date) -> dict[str, str]:
    """The smallest whole rulebase: `check` proves it, and all that it says is an example.

    Args:
        codes: its languages, the usual one first.
        today: the day on which its rules begin.

    Returns:
        each file by its path.

    Raises:
        SkeletonError: the words of the interface did not come along in a language.

    """
    known = languages_of(ours("content")).side_by_side
    if not set(codes) <= set(known) or not codes:
        raise SkeletonError(
            f"A new rulebase can be in {' and '.join(known)}; another language is a folder, see content/README.md."
        )
    values = {"codes": codes, "today": today}
    others = set(known) - set(codes)
    names = (name for name in TEMPLATES.list_templates() if name.startswith(f"{RULEBASE}/"))
    return {
        name.removeprefix(f"{RULEBASE}/"): _without(TEMPLATES.get_template(name).render(values), others)
        for name in names
    }


def _without(text: str, others: Collection[str]) -> str:
    """A file without the tables and texts of other languages."""
    kept, passed_over = [], False
    for line in text.splitlines():
        found = OF_LANGUAGE.match(line)
        if line.startswith("["):
            passed_over = found is not None and found[1] in others
        if not (passed_over or (found and found[2] in others)):
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n"


class _Beginning:
    """One skeleton, before it is written: nothing is written when any of it cannot be."""

    def __init__(self, name: str, rules: Path, content: Path, today: date) -> None:
        self._name, self._rules, self._content, self._today = name, rules, content, today
        self._codes = languages_of(content).codes

    def written(self, kind: str) -> list[Path]:
        found = list(getattr(self, f"_{kind}")())
        for path, text in found:
            path.write_text(text, "utf-8")
        return [path for path, _ in found]

    def _rule(self) -> Iterator[tuple[Path, str]]:
        path = self._rules / f"{self._name}.toml"
        if not path.exists():
            raise SkeletonError(
                f"There is no {path}. Begin with the destination: wegwijzer new destination {self._name}"
            )
        taken = re.findall(rf'(?m)^id = "{re.escape(self._name)}\.(\d+)"', path.read_text("utf-8"))
        number = max(map(int, taken), default=0) + 1
        yield self._added(path, "rule", id=f"{self._name}.{number}", day=self._newest())

    def _question(self) -> Iterator[tuple[Path, str]]:
        self._called(FACT_OR_PLACE, "on_leave")
        yield self._added(self._rules / VOCABULARY, "fact")
        yield self._new(self._content / "questions" / f"{self._name}.toml", "question")

    def _destination(self) -> Iterator[tuple[Path, str]]:
        self._called(FACT_OR_PLACE, "help_desk")
        yield self._new(self._content / "channels" / f"{self._name}.toml", "channel")
        yield self._new(self._content / "acts" / f"{self._name}.toml", "act")
        yield self._new(self._rules / f"{self._name}.toml", "rule", id=f"{self._name}.1", day=self._newest())
        yield self._added(self._rules / COMPETENCE, "cell")
        path = self._rules / VOCABULARY
        text, found = re.subn(
            r"(?ms)^(destinations = \[.*?)(,?)\s*\]", rf'\1,\n    "{self._name}",\n]', path.read_text("utf-8"), count=1
        )
        if not found:
            raise SkeletonError(f"{path} has no list of destinations.")
        yield path, text

    def _organisation(self) -> Iterator[tuple[Path, str]]:
        self._called(FACT_OR_PLACE, "rws")
        folder = self._content / "organisations"
        others = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
        facts = dict.fromkeys(fact for one in others for fact in one.get("facts", ()))
        yield self._new(folder / f"{self._name}.toml", "organisation", facts=facts)

    def _source(self) -> Iterator[tuple[Path, str]]:
        self._called(SOURCE, "cao-rijk-16")
        yield self._new(self._content / "sources" / f"{self._name}.toml", "source")

    def _edition(self) -> Iterator[tuple[Path, str]]:
        try:
            day = date.fromisoformat(self._name)
        except ValueError:
            raise SkeletonError("An edition is called after its day; write it as 2027-01-01.") from None
        path = self._rules / EDITIONS
        if f"day = {day}" in path.read_text("utf-8"):
            raise SkeletonError(f"{path} has this day already.")
        yield self._added(path, "edition")

    def _newest(self) -> str:
        days: list[str] = re.findall(r"(?m)^day = (\d{4}-\d{2}-\d{2})", (self._rules / EDITIONS).read_text("utf-8"))
        return max(days)

    def _called(self, pattern: re.Pattern[str], such: str) -> None:
        if not pattern.fullmatch(self._name):
            raise SkeletonError(f"Ids are made of small letters, digits and marks between them, such as {such}.")

    def _new(self, path: Path, template: str, **values: Any) -> tuple[Path, str]:
        if path.exists():
            raise SkeletonError(f"{path} is there already.")
        return path, self._filled(template, **values).lstrip("\n")

    def _added(self, path: Path, template: str, **values: Any) -> tuple[Path, str]:
        return path, f"{path.read_text('utf-8').rstrip()}\n{self._filled(template, **values)}"

    def _filled(self, template: str, **values: Any) -> str:
        known = {"id": self._name, "codes": self._codes, "today": self._today, **values}
        filled = TEMPLATES.get_template(f"{template}.toml").render(known)
        return filled
