"""What is wrong with a file that is no TOML, in words for who never heard of TOML: the commonest slips by name."""

from __future__ import annotations

import re
import unicodedata

from service.rulebook.messages import Message

CURLED = "“”„‟«»‘’‚"
STRAIGHT = re.compile(r'"(?:[^"\\]|\\.)*"')  # a text between straight quotation marks
OPENS_CURLED = re.compile(rf"(?:[=\[,{{]|^)\s*[{CURLED}]")
OR = re.compile(r'("[^"]*")\s+(?:or|of|and|en)\s+("[^"]*")')
DAY = re.compile(r"[=\[,]\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\s*(?:[,\]}#]|$)")
INSIDE = re.compile(r'=\s*"[^"]*"[^\s",\]}#][^"]*"|=\s*"[^"]*"\s*[\w‘’][^"#]*"[^"]*"')
# What tomllib says, and our message for it.
SAID = {
    "Cannot overwrite a value": "key_twice",
    "Cannot declare": "table_twice",
    "Invalid value": "no_value",
    "Illegal character": "text_without_end",
    "Unterminated string": "text_without_end",
    "Unclosed array": "list_without_end",
    "Unclosed inline table": "table_without_end",
    "Invalid initial character for a key": "table_on_lines",
    "Expected '='": "no_equals",
    "Invalid date": "no_such_day",
    "Unescaped '\\'": "backslash",
}


def slip(text: str, said: str) -> tuple[int, Message]:
    """The line of a file at which reading stopped, and what an author can do about it.

    Args:
        text: of the file.
        said: why reading stopped, as tomllib says it.

    """
    lines = text.splitlines()
    found = re.search(r"line (\d+)", said)
    number = int(found[1]) if found else max(len(lines), 1)
    here = lines[number - 1] if number <= len(lines) else ""
    return number, _of_line(here) or _as_said(said)


def _of_line(line: str) -> Message | None:
    """The slip that a line shows; None where it shows none."""
    outside = STRAIGHT.sub('""', line)
    if pasted := next((letter for letter in outside if letter != " " and unicodedata.category(letter) == "Zs"), ""):
        return Message("no_break_space", {"code": f"U+{ord(pasted):04X}"})
    if OPENS_CURLED.search(outside):
        return Message("curled_marks")
    if either := OR.search(line):
        return Message("or_between_texts", {"one": either[1], "other": either[2]})
    for written in DAY.findall(outside):
        if (day := _day(*written)) not in outside:
            return Message("day_the_other_way", {"day": day})
    if INSIDE.search(line):
        return Message("marks_in_a_text")
    return None


def _day(first: str, month: str, last: str) -> str:
    """A day as TOML has it, from the order in which people write it: the year first, or the day."""
    year, day = (first, last) if len(first) == 4 else (last, first)
    return f"{int(year):04}-{int(month):02}-{int(day):02}"


def _as_said(said: str) -> Message:
    return Message(next((id_ for start, id_ in SAID.items() if said.startswith(start)), "no_toml"))
