"""Readers of DMN that nobody here wrote: each reads what `wegwijzer export dmn` writes, and must fire our rules.

Each is asked situations in which every row fires at least once, and some drawn by chance, the same each time.
"""

from __future__ import annotations

import random
import subprocess
from xml.etree import ElementTree

import pytest
from looks import ROOT, TOOLS
from walking import tab

from service.publishing.dmn import JOINED, NAMESPACE, OUTPUTS, READERS, export

ESBUILD = ROOT / "service" / "web" / "assets" / "node_modules" / ".bin" / "esbuild"
READS = 'export { getMarshaller } from "@kie-tools/dmn-marshaller"; export { evaluate, unaryTest } from "feelin";'
# The marshaller reads the XML; feelin evaluates each cell for each answer, and what joins. The loop over rows is ours.
FIRED = """([xml, asked]) => {
  const { definitions } = Reads.getMarshaller(xml, { upgradeTo: "latest" }).parser.parse();
  const sure = ({ value, warnings }) => {
    if (warnings.length) throw new Error(warnings.map(({ message }) => message).join());
    return value;
  };
  const text = (one) => one.text.__$$text;
  const seen = new Map();
  const holds = (cell, answer) => {
    const key = JSON.stringify([cell, answer]);
    if (!seen.has(key)) seen.set(key, sure(Reads.unaryTest(cell, { "?": answer })));
    return seen.get(key);
  };
  const read = ({ expression }) => {
    if (expression.__$$element === "literalExpression") return (known) => sure(Reads.evaluate(text(expression), known));
    const facts = expression.input.map(({ inputExpression }) => text(inputExpression));
    const answers = expression.input.map(({ inputValues }) => sure(Reads.evaluate(`[${text(inputValues)}]`, {})));
    const rows = expression.rule.map(({ inputEntry, outputEntry }) => ({
      cells: inputEntry.map(text),
      said: outputEntry.map((one) => sure(Reads.evaluate(text(one), {}))),
    }));
    for (const { cells } of rows) takes.push(cells.map((cell, at) => answers[at].filter((one) => holds(cell, one))));
    if (expression["@_hitPolicy"] !== "COLLECT") throw new Error(expression["@_hitPolicy"]);
    return (known) =>
      rows.filter(({ cells }) => cells.every((cell, at) => holds(cell, known[facts[at]]))).map(({ said }) => said);
  };
  const takes = [];
  const decisions = definitions.drgElement.filter(({ __$$element: what }) => what === "decision");
  const decide = decisions.map((one) => [one["@_name"], read(one)]);
  const fired = asked.map((situation) => {
    const known = { ...situation };
    for (const [name, value] of decide) known[name] = value(known);
    return known[decide.at(-1)[0]];
  });
  const drawn = definitions["dmndi:DMNDI"]["dmndi:DMNDiagram"][0]["dmndi:DMNDiagramElement"].length;
  return { fired, takes, drawn };
}"""
PROCESS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="here"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">
  <process id="asks" isExecutable="true">
    <startEvent id="start"/><sequenceFlow id="first" sourceRef="start" targetRef="{0}_asked"/>
    <businessRuleTask id="{0}_asked"><extensionElements>
      <spiffworkflow:calledDecisionId>{0}</spiffworkflow:calledDecisionId>
    </extensionElements></businessRuleTask>
    <sequenceFlow id="last" sourceRef="{0}_asked" targetRef="end"/><endEvent id="end"/>
  </process>
</definitions>"""


def asked(edition, concern, more=24):
    """Situations in which each rule of a concern fires at least once, and some more: an answer to each fact tested."""
    chance = random.Random(concern)
    rules = left = edition.of_concern(concern)
    tested = {fact for rule in rules for fact in rule.when}

    def somewhere(when):
        facts = [fact for fact in edition.vocabulary.facts if fact.id in tested]
        return {one.id: chance.choice([a for a in one.answers if a in when.get(one.id, one.answers)]) for one in facts}

    found = []
    while left:
        found.append(somewhere(left[0].when))
        left = [rule for rule in left if not rule.matches(found[-1])]
    return found + [somewhere({}) for _ in range(more)]


def wanted(edition, concern, situation):
    """What must fire by the definition of a rule: all its conditions hold."""
    rules = edition.of_concern(concern)
    return [[rule.refer, rule.as_.value, rule.id] for rule in rules if rule.matches(situation)]


def cells(edition, concern):
    """Per rule the answers that each of its cells takes: as many as there are where it does not ask."""
    rules = edition.of_concern(concern)
    facts = [fact for fact in edition.vocabulary.facts if any(fact.id in rule.when for rule in rules)]
    return [[[a for a in one.answers if a in rule.when.get(one.id, one.answers)] for one in facts] for rule in rules]


@pytest.fixture(scope="module", params=["university", pytest.param("library", marks=pytest.mark.slow)])
def rulebase(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def edition(rulebase):
    return rulebase.rulebase.editions[-1]


@pytest.fixture(scope="module")
def kie(chromium):
    """A page of a browser with the marshaller of KIE, which wants one, and feelin."""
    bundle = [ESBUILD, "--bundle", "--format=iife", "--global-name=Reads"]
    script = subprocess.run(bundle, input=READS, cwd=TOOLS.parent, capture_output=True, text=True, check=True).stdout
    with tab(chromium) as page:
        page.add_script_tag(content=script)
        yield page


def test_the_marshaller_of_kie_reads_every_file_and_feelin_takes_every_cell_as_we_do(rulebase, edition, kie):
    """A row fires where each of its cells holds: so it fires as its rule does, in every situation there is."""
    concerns = edition.vocabulary.concerns
    facts = {fact.id: fact.answers[0] for fact in edition.vocabulary.facts}
    several = [{**facts, concerns.id: list(concerns.answers[at:])} for at in range(len(concerns.answers) + 1)]
    for reader in (None, *READERS.values()):
        for name, xml in export(rulebase, edition, reader).items():
            joined = name == f"{JOINED}.dmn"
            concern = name.removesuffix(".dmn")
            situations = several if joined else asked(edition, concern)
            read = kie.evaluate(FIRED, [xml.decode(), situations])
            for situation, fired in zip(situations, read["fired"], strict=True):
                about = situation[concerns.id] if joined else [concern]
                assert fired == [row for one in about for row in wanted(edition, one, situation)], (name, situation)
            of = concerns.answers if joined else [concern]
            assert read["takes"] == [row for one in of for row in cells(edition, one)]
            root = ElementTree.fromstring(xml)
            shown = [one for kind in ("inputData", "decision") for one in root.findall(kind, {"": NAMESPACE})]
            assert read["drawn"] == len(shown) + len(list(root.iter(f"{{{NAMESPACE}}}informationRequirement")))


@pytest.mark.slow
def test_pydmnrules_fires_our_rules_from_the_files_for_it(university, library, tmp_path, monkeypatch):
    """It takes seconds to start and a tenth of one to decide by our own tables: of those it is asked a few."""
    monkeypatch.syspath_prepend(TOOLS.parent / "python")
    import pyDMNrules

    for rulebase, most in ((university, None), (library, 3)):
        edition = rulebase.rulebase.editions[-1]
        for name, xml in export(rulebase, edition, READERS["pydmnrules"]).items():
            (tmp_path / name).write_bytes(xml)
            engine = pyDMNrules.DMN()
            assert engine.loadXML(str(tmp_path / name)) == {}
            concern = name.removesuffix(".dmn")
            for situation in asked(edition, concern)[:most]:
                status, decided = engine.decide(dict(situation))
                assert status == {}
                rows = zip(*(decided["Result"][output] or () for output in OUTPUTS), strict=True)
                assert sorted(map(list, rows)) == sorted(wanted(edition, concern, situation))


def test_spiffworkflow_fires_our_rules_from_the_files_for_it(rulebase, edition, tmp_path):
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.spiff.parser import SpiffBpmnParser

    for name, xml in export(rulebase, edition, READERS["spiffworkflow"]).items():
        (tmp_path / name).write_bytes(xml)
        concern = name.removesuffix(".dmn")
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(PROCESS.format(concern).encode())
        parser.add_dmn_file(str(tmp_path / name))
        process = parser.get_spec("asks")
        for situation in asked(edition, concern):
            workflow = BpmnWorkflow(process)
            workflow.task_tree.data.update(situation)
            workflow.run_all()
            assert workflow.completed
            rows = zip(*(workflow.data.get(output, ()) for output in OUTPUTS), strict=True)
            assert list(map(list, rows)) == wanted(edition, concern, situation)
