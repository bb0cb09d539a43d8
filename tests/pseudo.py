"""A language that nobody speaks, made from the English texts: accents, and 40 % longer; what is filled in stays.

Written as a translator would: a folder of files that hold the texts of that language alone.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date

CODE = "qps"  # as the CLDR calls a language for trials
ACCENTS = str.maketrans("aceinouyACEINOUY", "åčéîñöûýÅČÉÎÑÖÛÝ")
FILLED_IN = re.compile(r"\{\w*(?::[^{}]*)?\}|https?://\S+")
STAYS = {"months", "locale", "diff_thousands"}  # words with a form that something reads
NO_TEXTS = ("nl", "when", "situation", "audience", "perhaps", "facts", "only", "never")
PLACES = {
    **{"start": "/qps", "questions": "/qps/ask", "statement": "/qps/statement", "leave": "/qps/leave"},
    **{"advisor": "/qps/advisor", "book": "/qps/book", "frame": "/qps/frame", "guide": "/qps/guide", "api": "/qps/api"},
}
FILES = {name: f"qps-{name}.html" for name in ("start", "questions", "statement", "leave", "advisor", "book")}


def pseudo(text):
    """A text in that language."""
    kept = FILLED_IN.findall(text)
    said = [part.translate(ACCENTS) for part in FILLED_IN.split(text)]
    whole = "".join(part + gap for part, gap in zip(said, [*kept, ""], strict=True))
    return f"{whole} {'~' * (len(text) * 2 // 5)}".strip()


def told(value, word=""):
    """What stands in English, in that language: a text, a list of them, or a table of them."""
    if isinstance(value, str):
        if word.startswith(("book_file", "case_file", "calendar_file")):
            return f"{value}-{CODE}"
        if word == "forms":
            return value.translate(ACCENTS).lower()
        return value if word in STAYS else pseudo(value)
    if isinstance(value, list):
        return [told(one, word) for one in value]
    return {key: told(one, key) for key, one in value.items()}


def translated(table, item=False):
    """The texts of a table in that language, and what says to which one of a list they belong."""
    found = {}
    for key, value in table.items():
        if key == "en":
            found[CODE] = told(value)
        elif isinstance(value, dict) and key not in NO_TEXTS:
            found[key] = translated(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found[key] = [translated(one, item=True) for one in value]
    found = {key: [one for one in value if one] if isinstance(value, list) else value for key, value in found.items()}
    found = {key: value for key, value in found.items() if value}
    if not found or not item:
        return found
    for key in ("id", "day"):
        if key in table:
            return {key: table[key]} | found
    repeated = {key: value for key, value in table.items() if isinstance(value, str | bool | date)}
    for key, value in found.items():
        told_by = {"en": table[key]["en"]} if isinstance(value, dict) and key in table else {}
        repeated[key] = told_by | value if told_by else value
    return repeated


def written(value):
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def write(rules, content, ours):
    """Add the language to a rulebase.

    Args:
        rules: its rules.
        content: its texts.
        ours: the content whose words it does not say otherwise.

    """
    into = content / "languages" / CODE
    for root, inside in ((content, into), (rules, into / "rules")):
        for path in sorted(root.rglob("*.toml")):
            table = tomllib.loads(path.read_text("utf-8"))
            if path.name == "interface.toml":
                table = {"en": tomllib.loads((ours / path.name).read_text("utf-8"))["en"] | table["en"]}
            found = translated(table) if path.name != "style.toml" else {}
            if path.name == "site.toml":
                found[CODE] |= {"name": "Pšéûdö", "addresses": PLACES, "files": FILES}
            if found and "languages" not in path.relative_to(root).parts:
                there = inside / path.relative_to(root)
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_text("".join(f"{key} = {written(one)}\n" for key, one in found.items()), "utf-8")
