"""An edition as DMN 1.3 decision tables, one file per concern: for whoever wants to read or run the rules elsewhere.

A table says which rules fire and nothing more; what DMN has no words for stands in the description of each file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from service.core.rule import As, Edition, Rule
from service.core.vocabulary import UNKNOWN, Fact
from service.rulebook.library import Library
from service.rulebook.site import NAME

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
ANY = "-"
OUTPUTS = ("destination", "as", "rule")


def export(library: Library, edition: Edition) -> dict[str, bytes]:
    """Per file name the decision table of one concern: the same edition gives the same bytes."""
    return {f"{concern}.dmn": _document(library, edition, concern) for concern in edition.vocabulary.concerns.answers}


def _document(library: Library, edition: Edition, concern: str) -> bytes:
    language = library.site.usual
    words = library.texts.interface[language]
    rules = edition.of_concern(concern)
    facts = [fact for fact in edition.vocabulary.facts if any(fact.id in rule.when for rule in rules)]
    questions = {id_: texts[language] for id_, texts in library.texts.questions.items()}
    title = questions[edition.vocabulary.concerns.id].answers[concern]
    root = Element("definitions", xmlns=NAMESPACE, namespace=f"urn:wegwijzer:{concern}", exporter="wegwijzer")
    root.attrib |= {"id": f"definitions_{concern}", "name": f"{words[NAME]}: {title}"}
    SubElement(root, "description").text = _description(edition, words)
    for fact in facts:
        data = SubElement(root, "inputData", id=f"data_{fact.id}", name=fact.id)
        SubElement(data, "variable", id=f"variable_{fact.id}", name=fact.id, typeRef="string")
    decision = SubElement(root, "decision", id=concern, name=concern, label=title)
    SubElement(decision, "variable", id=f"result_{concern}", name=concern)
    for fact in facts:
        requirement = SubElement(decision, "informationRequirement", id=f"requirement_{fact.id}")
        SubElement(requirement, "requiredInput", href=f"#data_{fact.id}")
    table = SubElement(decision, "decisionTable", id=f"table_{concern}", hitPolicy="COLLECT")
    for fact in facts:
        column = SubElement(table, "input", id=f"input_{fact.id}", label=questions[fact.id].ask)
        _text(column, "inputExpression", f"expression_{fact.id}", fact.id).set("typeRef", "string")
        _text(column, "inputValues", f"values_{fact.id}", _strings(fact.answers))
    for name in OUTPUTS:
        SubElement(table, "output", id=f"output_{name}", name=name, typeRef="string")
    SubElement(table, "annotation", name=words["dmn_why"])
    for rule in rules:
        _row(table, rule, facts, rule.why[language])
    indent(root)
    written: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'.encode()


def _description(edition: Edition, words: Mapping[str, str]) -> str:
    since, until = edition.since.isoformat(), edition.until.isoformat() if edition.until else None
    period = words["diff_from_until" if until else "dmn_until_next"].format(since=since, until=until)
    strength = ", ".join(As)
    return words["dmn_description"].format(
        id=edition.id, digest=edition.digest, period=period, strength=strength, unknown=UNKNOWN
    )


def _row(table: Element, rule: Rule, facts: list[Fact], why: str) -> None:
    row = SubElement(table, "rule", id=f"rule_{rule.id}")
    for fact in facts:
        wanted = rule.when.get(fact.id)
        cell = ANY if wanted is None else _strings(answer for answer in fact.answers if answer in wanted)
        _text(row, "inputEntry", f"if_{rule.id}_{fact.id}", cell)
    for name, value in zip(OUTPUTS, (rule.refer, rule.as_.value, rule.id), strict=True):
        _text(row, "outputEntry", f"then_{rule.id}_{name}", _strings([value]))
    SubElement(SubElement(row, "annotationEntry"), "text").text = why


def _strings(values: Iterable[str]) -> str:
    """Strings of FEEL, the language of the cells; several mean "one of these". FEEL escapes them as JSON does."""
    return ",".join(json.dumps(value, ensure_ascii=False) for value in values)


def _text(parent: Element, tag: str, id_: str, text: str) -> Element:
    element = SubElement(parent, tag, id=id_)
    SubElement(element, "text").text = text
    return element
