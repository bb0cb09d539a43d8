"""The export to DMN: what it says, that it says it the same way every time, and that a table fires as the rules do.

The reader here knows the few words of DMN that the export uses. test_witnesses.py asks engines that nobody here
wrote.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import pytest
import small
from looks import TOOLS
from walking import tab

from service.core.space import Space
from service.publishing.dmn import JOINED, NAMESPACE, READERS, export
from service.rulebook.compiled import decode
from service.rulebook.library import compiled

SHOWN = """async (xml) => {
  document.body.innerHTML = '<div id="here" style="height: 40rem"></div>';
  const viewer = new DmnJS({ container: "#here" });
  const { warnings } = await viewer.importXML(xml);
  const count = (what) => document.querySelectorAll(what).length;
  const views = viewer.getViews();
  const drawn = count(".djs-shape"), lines = count(".djs-connection");
  await viewer.open(views[1]);
  const why = [...document.querySelectorAll("td.annotation")].map((cell) => cell.textContent);
  return { warnings: warnings.map(String), views: views.map(({ id }) => id), drawn, lines, why };
}"""


@dataclass(frozen=True)
class Table:
    """What a reader of DMN sees: the facts with their answers, and per row its cells and what it says."""

    description: str
    hit_policy: str
    facts: dict[str, list[str]]
    rows: list[tuple[list[list[str] | None], dict[str, str], str]]

    def fires(self, situation):
        for cells, said, _ in self.rows:
            if all(cell is None or situation[fact] in cell for fact, cell in zip(self.facts, cells, strict=True)):
                yield said


def strings(cell):
    """The strings of a cell; None for the cell that always holds."""
    if cell == "-":
        return None
    assert re.fullmatch(r'"[^"]*"(,"[^"]*")*', cell), cell
    return json.loads(f"[{cell}]")


def read(xml):
    root = ElementTree.fromstring(xml)

    def text(element, path):
        return element.find(path, {"": NAMESPACE}).text

    def every(element, path):
        return element.findall(path, {"": NAMESPACE})

    table = root.find("decision/decisionTable", {"": NAMESPACE})
    names = [output.get("name") for output in every(table, "output")]
    return Table(
        text(root, "description"),
        table.get("hitPolicy"),
        {text(one, "inputExpression/text"): strings(text(one, "inputValues/text")) for one in every(table, "input")},
        [
            (
                [strings(text(cell, "text")) for cell in every(row, "inputEntry")],
                {
                    name: strings(text(cell, "text"))[0]
                    for name, cell in zip(names, every(row, "outputEntry"), strict=True)
                },
                text(row, "annotationEntry/text"),
            )
            for row in every(table, "rule")
        ],
    )


@pytest.fixture(scope="module", params=[0, -1], ids=["first edition", "last edition"])
def edition(request, university):
    return university.rulebase.editions[request.param]


@pytest.fixture(scope="module")
def tables(university, edition):
    files = {name.removesuffix(".dmn"): xml for name, xml in export(university, edition).items()}
    return {name: read(xml) for name, xml in files.items() if name != JOINED}


def words_of(element):
    """All that stands in an element, whatever its indent."""
    return "".join(element.itertext()).split()


def test_one_file_joins_the_tables_of_all_concerns_and_a_table_is_the_same_in_it(university, edition):
    files = export(university, edition)
    root = ElementTree.fromstring(files[f"{JOINED}.dmn"])
    *each, joined = root.findall("decision", {"": NAMESPACE})
    concerns = list(edition.vocabulary.concerns.answers)
    assert [one.get("id") for one in each] == concerns
    for one in each:
        alone = ElementTree.fromstring(files[f"{one.get('id')}.dmn"]).find("decision", {"": NAMESPACE})
        assert [words_of(part) for part in one] == [words_of(part) for part in alone]
    needed = [one.get("href") for one in joined.iter(f"{{{NAMESPACE}}}requiredDecision")]
    assert needed == [f"#{one}" for one in concerns]
    said = joined.find("literalExpression/text", {"": NAMESPACE}).text
    for concern in concerns:
        assert said.count(f'if list contains(concerns, "{concern}") then {concern} else []') == 1


def test_dmn_js_shows_every_table_with_its_reasons_and_draws_what_each_needs(university, edition, chromium):
    """The viewer that most tools are made of: it reads each file without a warning, and draws all that is in it."""
    with tab(chromium) as page:
        page.add_script_tag(path=TOOLS / "dmn-js" / "dist" / "dmn-viewer.production.min.js")
        for name, xml in export(university, edition).items():
            root = ElementTree.fromstring(xml)
            decisions = [one.get("id") for one in root.findall("decision", {"": NAMESPACE})]
            shown = page.evaluate(SHOWN, xml.decode())
            assert shown["warnings"] == [], name
            assert shown["views"][1:] == decisions
            assert shown["why"] == [rule.why["nl"] for rule in edition.of_concern(decisions[0])]
            assert shown["drawn"] == len(root.findall("inputData", {"": NAMESPACE})) + len(decisions)
            assert shown["lines"] == len(list(root.iter(f"{{{NAMESPACE}}}informationRequirement")))


def test_every_concern_has_a_table_with_one_row_per_rule_in_force(edition, tables):
    assert list(tables) == list(edition.vocabulary.concerns.answers)
    for concern, table in tables.items():
        assert table.hit_policy == "COLLECT"
        said = [(row["rule"], row["destination"], row["as"], why) for _, row, why in table.rows]
        assert said == [(rule.id, rule.refer, rule.as_, rule.why["nl"]) for rule in edition.of_concern(concern)]


def test_the_inputs_are_the_facts_that_the_rules_test_with_every_answer(edition, tables):
    for concern, table in tables.items():
        tested = {fact for rule in edition.of_concern(concern) for fact in rule.when}
        assert table.facts.keys() == tested
        for fact, answers in table.facts.items():
            assert answers == list(edition.vocabulary.by_id[fact].answers)


def test_a_table_fires_exactly_the_rules_whose_conditions_hold(edition, tables):
    for concern, table in tables.items():
        rules = edition.of_concern(concern)
        space = Space([edition.vocabulary.by_id[fact] for fact in table.facts])
        for place in range(space.size):
            situation = space.situation(place)
            fired = [said["rule"] for said in table.fires(situation)]
            assert fired == [rule.id for rule in rules if rule.matches(situation)], (concern, situation)


def test_the_description_names_the_edition_and_what_dmn_cannot_say(edition, tables):
    for table in tables.values():
        for words in (edition.id, edition.digest, "first, also, later", "Onbeantwoord", "Tijd", "Bronnen", JOINED):
            assert words in table.description


def test_every_id_is_an_xml_name_and_used_once(university, edition):
    for xml in export(university, edition).values():
        ids = [element.get("id") for element in ElementTree.fromstring(xml).iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", id_) for id_ in ids)
        targets = re.findall(r'href="#([^"]+)"', xml.decode())
        assert set(targets) <= set(ids)


def test_the_same_edition_gives_the_same_bytes(university, edition):
    assert export(university, edition) == export(decode(compiled(small.draft())), edition)


def test_whatever_people_write_arrives_unharmed(university, edition):
    concern = edition.vocabulary.concerns.answers[0]
    rule = edition.of_concern(concern)[0]
    odd = "Zeg <niets> & \"alles\", 'ook' ]]> é €"
    changed = replace(rule, why={"nl": odd, "en": odd})
    rules = tuple(changed if one is rule else one for one in edition.rules)
    xml = export(university, replace(edition, rules=rules))[f"{concern}.dmn"]
    assert read(xml).rows[0][2] == odd


@pytest.mark.parametrize("reader", [None, *READERS])
def test_the_command_writes_the_files_for_any_reader_or_for_one(reader, university, university_command, tmp_path):
    folder, edition = tmp_path / "some" / "where", university.rulebase.editions[0]
    options = ("--for", reader) if reader else ()
    for _ in range(2):
        result = university_command("export", "dmn", str(folder), "--on", edition.id, *options)
        assert result.exit_code == 0, result.output
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == export(university, edition, READERS.get(reader))
    names = (*edition.vocabulary.concerns.answers, *(() if reader else (JOINED,)))
    assert result.output.split() == [str(folder / f"{one}.dmn") for one in names]
    assert any(JOINED in xml.decode() for xml in written.values()) == (not reader)


@pytest.mark.parametrize("words", [["DIR", "--on", "2024-08-31"], ["file"], ["file/DIR"], []])
def test_a_users_mistake_is_said_without_a_traceback(tmp_path, monkeypatch, university_command, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    result = university_command("export", "dmn", *words)
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
