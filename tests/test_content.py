"""The words of the interface and of the glossary; all else that must hold of words is found by `wegwijzer check`."""

from __future__ import annotations

import ast
import re

from service.rulebook.glossary import Entry, EntryText, Glossary
from service.rulebook.locate import PACKAGE


def test_the_longest_form_of_a_term_wins_and_part_of_a_word_is_no_term():
    def entry(id_, *forms):
        return Entry(id_, {"nl": EntryText(id_, forms, "Uitleg.")})

    glossary = Glossary((entry("advisor", "raadgever"), entry("external", "externe raadgever")), ["nl"])
    found = [one.id for one in glossary.found_in("Een Externe raadgever is geen raadgever", "nl")]
    assert found == ["external", "advisor"]
    assert [one.id for one in glossary.found_in("Een externe raadgever", "nl")] == ["external"]
    assert glossary.found_in("raadgeversteam", "nl") == ()
    assert glossary.found_in("", "nl") == ()


def test_every_word_of_the_interface_is_said_somewhere(library):
    python = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    said = {
        node.value
        for text in python
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pages = [
        path.read_text("utf-8") for part in ("templates/*", "static/*.js") for path in (PACKAGE / "web").glob(part)
    ]
    said |= {name for text in pages for name in re.findall(r"words\.(\w+)|\"(\w+)\"", text) for name in name if name}
    # Words chosen by what they are about: as_first, starts_conduct, wrong_404_title, diff_first.
    begun = {start for text in [*python, *pages] for start in re.findall(r'\[f?[`"]([a-z_]+_)(?:"|\$?\{)', text)}
    begun |= {"check_", "doubts_"}  # by what is counted or listed
    begun |= {f"diff_{start}" for text in python for start in re.findall(r'_say\(f"([a-z]+_)\{', text)}
    unsaid = {
        word
        for word in library.texts.interface["nl"]
        if not {word, word.removeprefix("diff_")} & said and not word.startswith(tuple(begun))
    }
    assert unsaid == set()
