"""An edition as DMN 1.3: a decision table per concern, each in a file, and one file in which a decision joins them.

A table says which rules fire and nothing more; what DMN has no words for stands in the description of each file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from service.core.rule import As, Edition, Rule
from service.core.vocabulary import UNKNOWN, Fact
from service.rulebook.library import Library
from service.rulebook.site import NAME
from service.rulebook.texts import QuestionText

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DIAGRAM = {
    "xmlns:dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "xmlns:dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "xmlns:di": "http://www.omg.org/spec/DMN/20180521/DI/",
}
ANY = "-"
OUTPUTS = ("destination", "as", "rule")
JOINED = "referrals"  # the decision that joins those of all concerns, and its file
WIDTH, HEIGHT, BETWEEN, LAYER = 180, 60, 20, 180  # of what is drawn, in pixels


@dataclass(frozen=True)
class Reader:
    """A program that cannot read all of DMN 1.3: what has to be left out of a file for it, which is DMN 1.3 still.

    Attributes:
        left_out: elements and attributes by name.
        one_of: how a cell says that one of several answers will do.

    """

    left_out: frozenset[str]
    one_of: str = "{}"


READERS = {
    # Stumbles over a column of annotations, and takes a label for a name.
    "pydmnrules": Reader(frozenset({"annotation", "annotationEntry", "label"})),
    # Refuses a column of annotations, and reads a cell as Python: this one is FEEL and Python.
    "spiffworkflow": Reader(frozenset({"annotation", "annotationEntry"}), "? in ({})"),
}


def export(library: Library, edition: Edition, reader: Reader | None = None) -> dict[str, bytes]:
    """Per file name the table of one concern, and all of them joined: the same edition gives the same bytes.

    None of the `READERS` reads the joined file, so a reader gets none.
    """
    concerns = edition.vocabulary.concerns.answers
    each = {f"{concern}.dmn": _document(library, edition, (concern,), reader=reader) for concern in concerns}
    return each if reader else each | {f"{JOINED}.dmn": _document(library, edition, concerns, joined=True)}


def _document(
    library: Library,
    edition: Edition,
    concerns: Sequence[str],
    *,
    joined: bool = False,
    reader: Reader | None = None,
) -> bytes:
    language = library.site.usual
    words = library.texts.interface[language]
    questions = {id_: texts[language] for id_, texts in library.texts.questions.items()}
    about = edition.vocabulary.concerns
    titles = {one: questions[about.id].answers[one] for one in concerns}
    name = JOINED if joined else concerns[0]
    root = Element("definitions", {"xmlns": NAMESPACE, **DIAGRAM, "namespace": f"urn:wegwijzer:{name}"})
    root.attrib |= {"exporter": "wegwijzer", "id": f"definitions_{name}"}
    root.set("name", f"{words[NAME]}: {questions[about.id].ask if joined else titles[name]}")
    said = _description(edition, words)
    SubElement(root, "description").text = said if reader else f"{said}\n{words['dmn_together']}"
    tested = {fact for concern in concerns for fact in _tested(edition, concern)}
    drawn = _Drawn()
    for fact in edition.vocabulary.facts:
        if fact.id in tested or (joined and fact is about):
            data = SubElement(root, "inputData", id=f"data_{fact.id}", name=fact.id)
            variable = SubElement(data, "variable", id=f"variable_{fact.id}", name=fact.id)
            variable.attrib |= {} if fact.several else {"typeRef": "string"}
            drawn.add(data, 0)
    for concern in concerns:
        decision = _decision(root, concern, titles[concern])
        facts = [fact for fact in edition.vocabulary.facts if fact.id in _tested(edition, concern)]
        for fact in facts:
            drawn.requires(decision, "requiredInput", f"data_{fact.id}")
        drawn.add(decision, 1)
        _table(decision, edition, concern, facts, questions, words, language)
    if joined:
        decision = _decision(root, JOINED, questions[about.id].ask)
        drawn.requires(decision, "requiredInput", f"data_{about.id}")
        for concern in concerns:
            drawn.requires(decision, "requiredDecision", concern)
        drawn.add(decision, 2)
        parts = (f"if list contains({about.id}, {_strings([one])}) then {one} else []" for one in concerns)
        _text(decision, "literalExpression", f"expression_{JOINED}", f"concatenate({', '.join(parts)})")
    drawn.write(root)
    if reader:
        _adapt(root, reader)
    indent(root)
    written: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'.encode()


def _adapt(root: Element, reader: Reader) -> None:
    for element in list(root.iter()):
        for name in reader.left_out.intersection(element.keys()):
            del element.attrib[name]
        for child in list(element):
            if child.tag in reader.left_out:
                element.remove(child)
        cell = element.findtext("text", "") if element.tag == "inputEntry" else ""
        if "," in cell:
            element[0].text = reader.one_of.format(cell)


def _tested(edition: Edition, concern: str) -> set[str]:
    return {fact for rule in edition.of_concern(concern) for fact in rule.when}


def _decision(root: Element, id_: str, title: str) -> Element:
    decision = SubElement(root, "decision", id=id_, name=id_, label=title)
    SubElement(decision, "variable", id=f"result_{id_}", name=id_)
    return decision


def _table(
    decision: Element,
    edition: Edition,
    concern: str,
    facts: list[Fact],
    questions: Mapping[str, QuestionText],
    words: Mapping[str, str],
    language: str,
) -> None:
    table = SubElement(decision, "decisionTable", id=f"table_{concern}", hitPolicy="COLLECT")
    for fact in facts:
        of = f"{concern}_{fact.id}"
        column = SubElement(table, "input", id=f"input_{of}", label=questions[fact.id].ask)
        _text(column, "inputExpression", f"expression_{of}", fact.id).set("typeRef", "string")
        _text(column, "inputValues", f"values_{of}", _strings(fact.answers))
    for name in OUTPUTS:
        SubElement(table, "output", id=f"output_{concern}_{name}", name=name, typeRef="string")
    SubElement(table, "annotation", name=words["dmn_why"])
    for rule in edition.of_concern(concern):
        _row(table, rule, facts, rule.why[language])


class _Drawn:
    """The diagram: facts at the foot, the concerns above them, and what joins those on top; a line for each need."""

    def __init__(self) -> None:
        self._layers: dict[int, list[str]] = {}
        self._needs: list[tuple[str, str, str]] = []

    def add(self, element: Element, layer: int) -> None:
        """Draw an element in a layer, counted from below."""
        self._layers.setdefault(layer, []).append(element.attrib["id"])

    def requires(self, decision: Element, kind: str, needed: str) -> None:
        """Note that a decision needs something, and draw that."""
        id_ = f"requirement_{decision.attrib['id']}_{needed}"
        SubElement(SubElement(decision, "informationRequirement", id=id_), kind, href=f"#{needed}")
        self._needs.append((id_, needed, decision.attrib["id"]))

    def write(self, root: Element) -> None:
        """The diagram as DMNDI: each layer spread over the width of the widest."""
        diagram = SubElement(SubElement(root, "dmndi:DMNDI"), "dmndi:DMNDiagram", id="diagram")
        widest = max(map(len, self._layers.values()))
        top = max(self._layers)
        place: dict[str, tuple[int, int]] = {}
        for layer, ids in self._layers.items():
            for number, id_ in enumerate(ids):
                middle = (2 * number + 1) * widest * (WIDTH + BETWEEN) // (2 * len(ids))
                place[id_] = middle - WIDTH // 2, (top - layer) * LAYER + BETWEEN
        for id_, (x, y) in place.items():
            shape = SubElement(diagram, "dmndi:DMNShape", id=f"shape_{id_}", dmnElementRef=id_)
            SubElement(shape, "dc:Bounds", x=str(x), y=str(y), width=str(WIDTH), height=str(HEIGHT))
        for id_, needed, by in self._needs:
            edge = SubElement(diagram, "dmndi:DMNEdge", id=f"edge_{id_}", dmnElementRef=id_)
            for (x, y), down in ((place[needed], 0), (place[by], HEIGHT)):
                SubElement(edge, "di:waypoint", x=str(x + WIDTH // 2), y=str(y + down))


def _description(edition: Edition, words: Mapping[str, str]) -> str:
    since, until = edition.since.isoformat(), edition.until.isoformat() if edition.until else None
    period = words["diff_from_until" if until else "dmn_until_next"].format(since=since, until=until)
    strength = ", ".join(As)
    return words["dmn_description"].format(
        id=edition.id, digest=edition.digest, period=period, strength=strength, unknown=UNKNOWN
    )


def _row(table: Element, rule: Rule, facts: list[Fact], why: str) -> None:
    row = SubElement(table, "rule", id=f"rule_{rule.id}")
    SubElement(row, "description").text = why  # the viewers of bpmn.io show this one, the editor of KIE the annotation
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
