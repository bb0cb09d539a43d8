"""Decision tables that were made elsewhere (DMN 1.1 to 1.5) -> rules and a vocabulary to begin with.

A rule here is a row of closed answers, and every rule that fits counts. A table comes over where that can be said; what
cannot be is refused by table, row and column, and nothing is guessed. What DMN has no place for is left empty.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

from service.core.rule import As
from service.rulebook.messages import Message
from service.rulebook.toml_files import AuthoringError, Problem, toml

SPACE = "omg.org/spec/DMN/"
MOST_BYTES, MOST_ROWS = 10_000_000, 2_000
ANY = ("", "-")
STRINGS = re.compile(r'\s*"(?:\\.|[^"\\])*"\s*(?:,\s*"(?:\\.|[^"\\])*"\s*)*')
NOT = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
NAME = re.compile(r"[^\W\d]\w*(?:[ _-]\w+)*")
NUMBERED = re.compile(r"[a-z]\w*\.\d+", re.ASCII)
BOOLEAN = {"true": "yes", "false": "no"}

When = dict[str, tuple[str, ...]]  # fact -> answers, of which one must be given


@dataclass(frozen=True)
class Row:
    """A rule to be: which destination, how, for which concern, when, and what the table notes of it."""

    refer: str
    as_: str
    concern: str
    when: When
    note: str = ""
    id: str = ""


@dataclass
class Read:
    """What was read.

    Attributes:
        rows: the rules, in the order of the tables.
        facts: per concern its facts, each with its answers.
        called: of each id, and of which fact it is an answer, what it was made of.

    """

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, When] = field(default_factory=dict)
    called: dict[tuple[str, str], str] = field(default_factory=dict)

    def id(self, said: str, fact: str = "") -> str:
        """An id for what is said there; two that would get the same one are two different things."""
        plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().lower()
        id_ = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
        if not id_ or not id_[0].isalpha() or self.called.setdefault((fact, id_), said) != said:
            raise _NotSayableError("dmn_no_id", said=said)
        return id_


class _NotSayableError(Exception):
    """Something that no rule can say."""

    def __init__(self, id_: str, /, **values: object) -> None:
        self.message = Message(id_, values)


@dataclass(frozen=True)
class _Column:
    fact: str
    answers: tuple[str, ...]
    yes_no: bool


def read_dmn(data: bytes, name: str, decisions: Sequence[str] = ()) -> Read:
    """The decision tables of a file.

    Args:
        data: the file.
        name: what it is called.
        decisions: ids or names of those that are wanted; none for all.

    Raises:
        AuthoringError: it is no DMN, or something in it cannot be said; with all of that.

    """
    problems, read = list[Problem](), Read()
    try:
        if len(data) > MOST_BYTES or b"<!DOCTYPE" in data.replace(b"\0", b""):
            raise _NotSayableError("no_dmn")
        root = ElementTree.fromstring(data)  # noqa: S314 - without a document type there are no entities to grow
        if _plain(root.tag) != "definitions" or SPACE not in root.tag:
            raise _NotSayableError("no_dmn")
        found = [one for one in root if _plain(one.tag) == "decision"]
        wanted = [one for one in found if not decisions or {one.get("id"), one.get("name")} & set(decisions)]
        if not wanted:
            known = ", ".join(str(one.get("id")) for one in found)
            raise _NotSayableError("dmn_no_decision", known=known)
    except (ElementTree.ParseError, _NotSayableError) as error:
        told = error.message if isinstance(error, _NotSayableError) else Message("no_dmn")
        raise AuthoringError([Problem(name, 1, told)]) from None
    made = {str(one.get(key)) for one in found for key in ("id", "name")}
    for decision in wanted:
        problems += _Table(name, decision, made, _types(root), read).read()
    if problems:
        raise AuthoringError(problems)
    return read


class _Table:
    """One decision, as rows of `read`."""

    def __init__(
        self, file: str, decision: ElementTree.Element, made: set[str], types: Mapping[str, str], read: Read
    ) -> None:
        self.file, self.decision, self.made, self.types, self.all = file, decision, made, types, read
        self.name = str(decision.get("name") or decision.get("id"))
        self.problems: list[Problem] = []

    def read(self) -> list[Problem]:
        """Add its rules, and tell what cannot be said."""
        try:
            table = next((one for one in self.decision if _plain(one.tag) == "decisionTable"), None)
            if table is None:
                raise _NotSayableError("dmn_no_table")
            policy, summed = table.get("hitPolicy", "UNIQUE"), table.get("aggregation")
            if policy not in ("UNIQUE", "ANY", "FIRST", "COLLECT") or summed:
                raise _NotSayableError("dmn_hit_policy", policy=f"{policy} {summed or ''}".strip())
            if any(_children(one, "defaultOutputEntry") for one in _children(table, "output")):
                raise _NotSayableError("dmn_default")
            concern = self.all.id(self.name)
        except _NotSayableError as error:
            return [self._wrong(error.message)]
        outputs = [str(one.get("name") or one.get("label") or "") for one in _children(table, "output")]
        lines = _children(table, "rule")
        columns = [self._column(one, number, lines) for number, one in enumerate(_children(table, "input"), 1)]
        rows: list[tuple[int, Row]] = []
        for number, line in enumerate(lines, 1):
            cells = [_text(one) for one in _children(line, "inputEntry")]
            said = [_text(one) for one in _children(line, "outputEntry")]
            when = self._when(number, columns, cells)
            told = self._output(number, outputs, said, policy)
            if when is not None and told:
                note = " ".join(filter(None, (_text(one) for one in _children(line, "annotationEntry")))) or _text(
                    next(iter(_children(line, "description")), None), own=True
                )
                rows.append((number, Row(told[0], told[1], concern, when, note, told[2])))
        if None in columns or self.problems:
            return self.problems
        facts = {one.fact: one.answers for one in columns if one}
        for number, row in self._flat(rows, facts, policy):
            if row.when:
                self.all.rows.append(row)
            else:
                self._say("dmn_holds_always", number)
        if len(self.all.rows) > MOST_ROWS:
            self._say("dmn_too_many", most=MOST_ROWS)
        self.all.facts[concern] = facts
        return self.problems

    def _column(self, column: ElementTree.Element, number: int, lines: Sequence[ElementTree.Element]) -> _Column | None:
        """The fact that a column is about, with its closed answers."""
        expression = next(iter(_children(column, "inputExpression")), None)
        name, type_ = _text(expression), expression.get("typeRef", "") if expression is not None else ""
        try:
            if not NAME.fullmatch(name):
                raise _NotSayableError("dmn_expression", said=name)
            if name in self.made:
                raise _NotSayableError("dmn_other_decision", said=name)
            if type_.endswith("boolean"):
                return _Column(self.all.id(name), tuple(BOOLEAN.values()), yes_no=True)
            listed = _text(next(iter(_children(column, "inputValues")), None)) or self.types.get(type_, "")
            cells = [_text(one) for line in lines for one in _children(line, "inputEntry")[number - 1 : number]]
            given = _strings(listed) if listed else [one for cell in cells for one in _named(cell)]
            fact = self.all.id(name)
            return _Column(fact, tuple(dict.fromkeys(self.all.id(one, fact) for one in given)), yes_no=False)
        except _NotSayableError as error:
            self._note(error.message, 0, number)
        return None

    def _when(self, number: int, columns: Sequence[_Column | None], cells: Sequence[str]) -> When | None:
        """What a row asks; None where something of it cannot be said."""
        when, right = When(), True
        if len(cells) != len(columns):
            self._say("dmn_cells", number)
            return None
        for at, (column, cell) in enumerate(zip(columns, cells, strict=True), 1):
            try:
                if column and (answers := self._answers(column, cell)):
                    when[column.fact] = answers
            except _NotSayableError as error:
                right = False
                self._note(error.message, number, at)
        return when if right else None

    def _answers(self, column: _Column, cell: str) -> tuple[str, ...]:
        """The answers of a cell, in the order of the fact; none where any will do."""
        if cell.strip() in ANY:
            return ()
        if column.yes_no and cell.strip() in BOOLEAN:
            return (BOOLEAN[cell.strip()],)
        without = NOT.fullmatch(cell)
        met = {self.all.id(one, column.fact) for one in _strings(without[1] if without else cell)}
        if strange := met - set(column.answers):
            raise _NotSayableError("dmn_no_answer", given=", ".join(sorted(strange)), known=", ".join(column.answers))
        answers = tuple(one for one in column.answers if (one in met) != bool(without))
        if not answers:
            raise _NotSayableError("dmn_never", said=cell)
        return answers if len(answers) < len(column.answers) else ()

    def _output(
        self, number: int, names: Sequence[str], said: Sequence[str], policy: str
    ) -> tuple[str, str, str] | None:
        """The destination, how it is referred to, and the id of a rule if the row says one."""
        cells = dict(zip(names, said, strict=False))
        try:
            found = {name: _one(cell) for name, cell in cells.items()}
            first = found.get("destination") or next(iter(found.values()), "")
            given = found.get("as", As.ALSO if policy == "COLLECT" else As.FIRST)
            if given not in list(As):
                raise _NotSayableError("not_a_way_to_refer", given=given, hint="")
            id_, refer = found.get("rule", ""), self.all.id(first)
        except _NotSayableError as error:
            self._note(error.message, number)
            return None
        return refer, str(given), id_ if NUMBERED.fullmatch(id_) and id_.startswith(f"{refer}.") else ""

    def _flat(self, rows: Sequence[tuple[int, Row]], facts: When, policy: str) -> Iterator[tuple[int, Row]]:
        """Rows of which every one that fits counts, where the table lets only one of those count."""
        if policy == "FIRST":
            for at, (number, row) in enumerate(rows):
                left = [row.when]
                for _, before in rows[:at]:
                    left = [one for cube in left for one in _less(cube, before.when, facts)]
                    if len(left) > MOST_ROWS:
                        self._say("dmn_too_many", number, most=MOST_ROWS)
                        return
                if not left:
                    self._say("dmn_never_first", number)
                yield from ((number, Row(row.refer, row.as_, row.concern, one, row.note)) for one in left)
            return
        for (number, one), (other, two) in combinations(rows, 2) if policy != "COLLECT" else ():
            both = _both(one.when, two.when)
            if both and (policy == "UNIQUE" or (one.refer, one.as_) != (two.refer, two.as_)):
                self._say("dmn_two_rows", other, policy=policy, number=number)
        yield from rows

    def _say(self, id_: str, row: int = 0, column: int = 0, /, **values: object) -> None:
        self._note(Message(id_, values), row, column)

    def _note(self, message: Message, row: int = 0, column: int = 0) -> None:
        self.problems.append(self._wrong(message, row, column))

    def _wrong(self, message: Message, row: int = 0, column: int = 0) -> Problem:
        place = {"table": self.name, "row": row or "-", "column": column or "-"}
        return Problem(self.file, 1, message, Message("in_dmn", place))


def _both(one: When, two: When) -> bool:
    """Whether somebody fits both."""
    return all(set(answers) & set(two[fact]) for fact, answers in one.items() if fact in two)


def _less(cube: When, other: When, facts: When) -> Iterator[When]:
    """Those of a cube that are not in another, as cubes that have nobody in common."""
    if not _both(cube, other):
        yield cube
        return
    rest = dict(cube)
    for fact, answers in other.items():
        here = rest.get(fact, facts[fact])
        if outside := tuple(one for one in here if one not in answers):
            yield {**rest, fact: outside}
        rest[fact] = tuple(one for one in here if one in answers)


def _types(root: ElementTree.Element) -> dict[str, str]:
    """The closed lists that a file names: type -> its strings, as FEEL."""
    return {
        str(one.get("name")): _text(next(iter(_children(one, "allowedValues")), None))
        for one in root
        if _plain(one.tag) == "itemDefinition"
    }


def _named(cell: str) -> list[str]:
    """The strings of a cell, where the column has no list of them: by `not` nobody knows which are left."""
    if NOT.fullmatch(cell):
        raise _NotSayableError("dmn_no_list")
    return [] if cell.strip() in ANY or not STRINGS.fullmatch(cell) else _strings(cell)


def _strings(cell: str) -> list[str]:
    """The strings of a list in FEEL."""
    if not STRINGS.fullmatch(cell):
        raise _NotSayableError("dmn_cell", said=cell)
    try:
        found: list[str] = json.loads(f"[{cell}]")
    except ValueError:
        raise _NotSayableError("dmn_cell", said=cell) from None
    return found


def _one(cell: str) -> str:
    found = _strings(cell)
    if len(found) != 1:
        raise _NotSayableError("dmn_cell", said=cell)
    return found[0]


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _children(node: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in node if _plain(one.tag) == name]


def _text(node: ElementTree.Element | None, *, own: bool = False) -> str:
    """What stands in the `text` of an element, or in the element itself."""
    if node is None:
        return ""
    found = node if own else next(iter(_children(node, "text")), None)
    return (found.text or "").strip() if found is not None else ""


def as_toml(read: Read, codes: Sequence[str], since: date) -> dict[str, str]:
    """The files of rules/ to begin with: the vocabulary, and one for each destination.

    Args:
        read: by `read_dmn`.
        codes: of the languages in which texts stand; what a table notes goes in the first.
        since: the day from which the rules hold.

    """
    destinations = list(dict.fromkeys(row.refer for row in read.rows))
    heard = [f"# {id_} = {toml(said)}" for (_, id_), said in read.called.items() if id_ != said]
    lines = [
        *(
            "# Made of decision tables by `wegwijzer convert`. What is empty no table says: wegwijzer check names it.",
            *heard,
        ),
        *("", f"first_edition = {since}", 'safety_net = ""', f"destinations = {toml(destinations)}"),
        *(
            "",
            "[[fact]]",
            'id = "concerns"',
            'nature = "past"',
            "several = true",
            f"answers = {toml(list(read.facts))}",
        ),
    ]
    of: dict[str, list[str]] = {}
    answers: dict[str, dict[str, None]] = {}
    for concern, facts in read.facts.items():
        for fact, ones in facts.items():
            of.setdefault(fact, []).append(concern)
            answers.setdefault(fact, {}).update(dict.fromkeys(ones))
    for fact, concerns in of.items():
        lines += ["", "[[fact]]", f"id = {toml(fact)}", 'nature = ""', f"answers = {toml(list(answers[fact]))}"]
        if len(concerns) < len(read.facts):
            alone = f"concern = {toml(concerns[0])}"
            lines.append(alone if len(concerns) == 1 else f"applies = {{ concerns = {toml(concerns)} }}")
    files = {"vocabulary.toml": "\n".join([*lines, ""])}
    for destination in destinations:
        rows = [row for row in read.rows if row.refer == destination]
        taken = {row.id for row in rows}
        free = (f"{destination}.{number}" for number in range(1, len(rows) * 2 + 1))
        new = (id_ for id_ in free if id_ not in taken)
        files[f"{destination}.toml"] = "\n".join(_rule(row, row.id or next(new), codes, since, answers) for row in rows)
    return files


def _rule(row: Row, id_: str, codes: Sequence[str], since: date, answers: Mapping[str, Mapping[str, None]]) -> str:
    when = {fact: ones[0] if len(ones) == 1 else list(ones) for fact, ones in row.when.items()}
    example = {fact: ones[0] for fact, ones in row.when.items()}
    near = next((fact, one) for fact, ones in row.when.items() for one in answers[fact] if one not in ones)
    lines = [
        "[[rule]]",
        f"id = {toml(id_)}",
        f"refer = {{ as = {toml(row.as_)}, concern = {toml(row.concern)}, from = {since} }}",
        f"when = {toml(when)}",
        *(f"why.{code} = {toml('' if number else row.note)}" for number, code in enumerate(codes)),
        "rests_on = []",
        f'example = {{ "" = {toml(example)} }}',
        f'but_not = {{ "" = {toml(dict([near]))} }}',
    ]
    return "\n".join([*lines, ""])
