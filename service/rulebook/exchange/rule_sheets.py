"""The rules of each concern as rows of a sheet, one column a fact, and what somebody changed in them as edits of TOML.

What a row does not show (sources, examples, doubts, terms) stays in the TOML as it is; so does a rule that is to be
added or to go: it begins by `wegwijzer new rule`, and ends on a day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import ValidationError
from marshmallow.experimental.context import Context

from service.core.day import iso_day
from service.core.rule import As
from service.rulebook.exchange.workbooks import LONGEST_TITLE, Changed, Sheet, said_of
from service.rulebook.known import Known
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.rules import NOT_RULES, load_vocabulary
from service.rulebook.schemas import Conditions, Place, Text
from service.rulebook.site import languages_of
from service.rulebook.toml_files import Problem, Problems, TomlFile, merged

RULE, AS, FROM, UNTIL, WHY, RESTS_ON = "rule", "as", "from", "until", "why", "rests_on"
ANSWERS = "answers"
OR = " | "


class RuleSheets:
    """The rules of a rulebase, of every edition.

    Args:
        rules: the folder.
        content: the folder.

    Raises:
        AuthoringError: a file cannot be read.

    """

    def __init__(self, rules: Path, content: Path) -> None:
        problems = Problems()
        self.known = Known(languages_of(content), load_vocabulary(rules, problems))
        vocabulary, self.languages = self.known.facts, self.known.languages
        self.rules: dict[str, tuple[TomlFile, int]] = {}
        self.unsaid: list[str] = []
        self.spoken = self.languages.usual
        by_concern: dict[str, list[Mapping[str, Any]]] = {one: [] for one in vocabulary.concerns.answers}
        for path in sorted(rules.glob("*.toml")):
            file = None if path.name in NOT_RULES else merged(rules, path, problems, self.languages)
            for number, rule in enumerate(file.raw.get("rule", ()) if file else ()):
                assert file is not None  # noqa: S101 - for the type checker
                self.rules[rule["id"]] = (file, number)
                by_concern[rule["refer"]["concern"]].append(rule)
        problems.stop_if_any()
        whys = tuple(f"{WHY}.{code}" for code in self.languages.side_by_side)
        sheets = []
        for concern, ones in by_concern.items():
            facts = tuple(one.id for one in vocabulary.facts_of(concern))
            columns = (RULE, AS, FROM, UNTIL, *facts, *whys, RESTS_ON)
            width = (24, 8, 12, 12, *(22 for _ in facts), *(50 for _ in whys), 40)
            rows = tuple(tuple(_cell(rule, name) for name in columns) for rule in ones)
            sheets.append(Sheet(concern[:LONGEST_TITLE], columns, frozenset(columns[1:-1]), width, rows))
        self.sheets = (*sheets, self._answers(content))

    def _answers(self, content: Path) -> Sheet:
        """What may be written in the columns of facts, in words."""
        rows = []
        for fact in self.known.facts.facts:
            path = content / "questions" / f"{fact.id}.toml"
            said = tomllib.loads(path.read_text("utf-8-sig"))[self.languages.usual] if path.exists() else {}
            rows += [
                (f"{fact.id} = {one}", said.get("ask", ""), said.get("answers", {}).get(one, ""))
                for one in fact.answers
            ]
        return Sheet(ANSWERS, ("answer", "question", "label"), frozenset(), (40, 60, 60), tuple(rows))

    def edits(self, file: str, changed: Iterable[Changed]) -> tuple[dict[Path, dict[Place, Any]], list[Problem]]:
        """What is to be written, per file, and what is wrong with what somebody wrote.

        Args:
            file: the workbook.
            changed: cells that may be written in, none of which somebody else changed.

        """
        problems, found = list[Problem](), dict[Path, dict[Place, Any]]()
        for one in changed:
            rules, number = self.rules[one.row]
            edits = found.setdefault(rules.path, {})
            try:
                table, key, value = self._value(one)
            except ValidationError as error:
                problems += [one.wrong(file, told) for told in said_of(error)]
                continue
            rule = rules.raw["rule"][number]
            if table == WHY:
                edits["rule", number, WHY, key] = value
            else:
                place: Place = ("rule", number, table)
                whole = edits.setdefault(place, dict(rule[table]))
                whole.pop(key, None) if value is None else whole.update({key: value})
        return found, problems

    def _value(self, one: Changed) -> tuple[str, str, Any]:
        """The table and the key of a cell, and what is to stand there; None where nothing is."""
        said = one.now.strip()
        table, _, language = one.column.partition(".")
        if table == WHY:
            return WHY, language, Text().deserialize(said)
        if one.column in (AS, FROM, UNTIL):
            if not said and one.column != UNTIL:
                raise ValidationError([Message("cell_emptied")])
            return "refer", one.column, _refer(one.column, said) if said else None
        answers = [answer.strip() for answer in said.split(OR.strip())] if said else []
        if answers:
            with Context(self.known):
                Conditions().deserialize({one.column: answers})
        return "when", one.column, (answers if len(answers) > 1 else answers[0]) if answers else None


def _cell(rule: Mapping[str, Any], column: str) -> str:
    """What a rule says in a column."""
    if column == RULE:
        return str(rule["id"])
    if column == RESTS_ON:
        return "\n".join(rule.get(RESTS_ON, ()))
    if column.startswith(f"{WHY}."):
        return str(rule[WHY].get(column.partition(".")[2], ""))
    value = rule["refer"].get(column, "") if column in (AS, FROM, UNTIL) else rule["when"].get(column, "")
    return OR.join(value) if isinstance(value, list) else str(value)


def _refer(column: str, said: str) -> str | date:
    if column == AS:
        known = [one.value for one in As]
        if said not in known:
            raise ValidationError([Message("not_a_way_to_refer", {"given": said, "hint": did_you_mean(said, known)})])
        return said
    try:
        return iso_day(said)
    except ValueError:
        raise ValidationError([Message("no_such_day")]) from None
