"""Decision tables of elsewhere become rules that say the same of everybody, or are refused with their place."""

from __future__ import annotations

import json
import random
import tomllib
from datetime import date
from itertools import product

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.publishing.dmn import JOINED, export
from service.rulebook.exchange.dmn_in import as_toml, read_dmn
from service.rulebook.toml_files import AuthoringError

FACTS = {"season": ["spring", "summer", "winter"], "guests": ["few", "many"], "mood": ["good", "bad", "unknown"]}
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def xml(rows, policy="UNIQUE", facts=FACTS, *, listed=True, more="", inside=""):
    """A table of one destination; a row is a cell per fact and the outcome."""

    def values(answers):
        return f"<inputValues><text>{','.join(map(json.dumps, answers))}</text></inputValues>" if listed else ""

    inputs = "".join(
        f'<input><inputExpression typeRef="string"><text>{fact}</text></inputExpression>{values(answers)}</input>'
        for fact, answers in facts.items()
    )
    lines = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text><![CDATA[{cell}]]></text></inputEntry>" for cell in cells)
        + f"<outputEntry><text>{outcome}</text></outputEntry></rule>"
        for *cells, outcome in rows
    )
    table = f'<decisionTable hitPolicy="{policy}">{inputs}<output name="dish">{inside}</output>{lines}</decisionTable>'
    decision = f'<decision id="menu" name="menu">{table}</decision>{more}'
    return f'<definitions xmlns="{DMN}">{decision}</definitions>'.encode()


def refused(data, decisions=()):
    with pytest.raises(AuthoringError) as error:
        read_dmn(data, "menu.dmn", decisions)
    return [str(one) for one in error.value.problems]


@pytest.fixture(scope="module", params=["university", "ours"])
def published(request, university, library):
    return university if request.param == "university" else library


def test_what_we_export_comes_back_as_the_same_rules(published):
    for edition in (published.rulebase.editions[0], published.rulebase.editions[-1]):
        for name, data in export(published, edition).items():
            if name == f"{JOINED}.dmn":
                continue
            read = read_dmn(data, name)
            files = as_toml(read, published.languages, edition.since)
            found = {
                rule["id"]: (
                    rule["refer"]["as"],
                    {fact: frozenset([one] if isinstance(one, str) else one) for fact, one in rule["when"].items()},
                    rule["why"][published.languages[0]],
                )
                for part, text in files.items()
                if part != "vocabulary.toml"
                for rule in tomllib.loads(text)["rule"]
            }
            usual = published.site.usual
            assert found == {
                rule.id: (rule.as_.value, dict(rule.when), rule.why[usual])
                for rule in edition.of_concern(name.removesuffix(".dmn"))
            }
            facts = {one["id"]: tuple(one["answers"]) for one in tomllib.loads(files["vocabulary.toml"])["fact"][1:]}
            assert facts.items() <= {fact.id: fact.answers for fact in edition.vocabulary.facts}.items()


def test_the_tables_of_one_file_come_back_together_without_what_joins_them(university):
    edition = university.rulebase.editions[-1]
    data = export(university, edition)[f"{JOINED}.dmn"]
    (told,) = refused(data)
    assert f"table {JOINED}" in told
    assert "--decision" in told
    read = read_dmn(data, "all.dmn", edition.vocabulary.concerns.answers)
    assert len(read.rows) == len(edition.rules)
    facts = tomllib.loads(as_toml(read, ["nl"], date(2030, 1, 1))["vocabulary.toml"])["fact"]
    concerns = {one["id"]: one.get("concern") for one in facts}
    of_one = {fact.id: fact.concern for fact in edition.vocabulary.facts if fact.concern and fact.id in concerns}
    assert of_one and of_one.items() <= concerns.items()


def some_rows(dice, count):
    """Rows with cells of every kind that can be said."""
    for _ in range(count):
        cells = []
        for answers in FACTS.values():
            some = dice.sample(answers, dice.randint(1, len(answers) - 1))
            said = ", ".join(map(json.dumps, some))
            cells.append(dice.choice(["-", "", said, said, f"not({said})"]))
        yield (*cells, json.dumps(dice.choice(["Stew", "Salad", "Light roast"])))


def fits(cells, person):
    for cell, answer in zip(cells, person, strict=True):
        given = json.loads(f"[{cell.removeprefix('not(').removesuffix(')')}]") if cell not in ("", "-") else None
        if given is not None and (answer in given) == cell.startswith("not"):
            return False
    return True


@pytest.mark.parametrize("policy", ["FIRST", "COLLECT", "UNIQUE", "ANY"])
def test_for_everybody_the_rules_give_what_the_table_gives(policy):
    """Every person there can be, in tables of chance; one that its hit policy does not let is refused."""
    taken = 0
    for seed in range(60):
        dice = random.Random(f"{policy}{seed}")
        rows = [row for row in some_rows(dice, dice.randint(1, 4)) if any(cell not in ("", "-") for cell in row[:-1])]
        hits = {person: [row[-1] for row in rows if fits(row[:-1], person)] for person in product(*FACTS.values())}
        lawful = {
            "UNIQUE": all(len(ones) < 2 for ones in hits.values()),
            "ANY": all(len(set(ones)) < 2 for ones in hits.values()),
        }.get(policy, True)
        try:
            read = read_dmn(xml(rows, policy), "menu.dmn")
        except AuthoringError as error:
            hidden = policy == "FIRST" and "leave nobody for it" in str(error)
            assert hidden or not lawful, error
            continue
        assert lawful
        taken += 1
        called = {"Stew": "stew", "Salad": "salad", "Light roast": "light_roast"}
        for person, ones in hits.items():
            known = dict(zip(FACTS, person, strict=True))
            fired = [
                row.refer for row in read.rows if all(known[fact] in answers for fact, answers in row.when.items())
            ]
            wanted = [called[json.loads(one)] for one in ones]
            if policy == "FIRST":
                assert fired == wanted[:1]
            else:
                assert sorted(fired) == sorted(wanted)
        assert {row.as_ for row in read.rows} <= {"also" if policy == "COLLECT" else "first"}
    assert taken >= 5


ROW = ('"spring"', "-", "-", '"Stew"')
CANNOT = {
    "a number": (xml([("> 3", "-", "-", '"Stew"')]), "row 1, column 1", "'> 3' cannot be said"),
    "a range": (xml([ROW, ("-", "[1..3]", "-", '"Stew"')]), "row 2, column 2", "cannot be said"),
    "a function": (xml([("-", "-", 'contains(?, "a")', '"Stew"')]), "row 1, column 3", "cannot be said"),
    "a day": (xml([('date("2026-01-01")', "-", "-", '"Stew"')]), "row 1, column 1", "cannot be said"),
    "an outcome that is calculated": (xml([('"spring"', "-", "-", "1 + 1")]), "row 1", "cannot be said"),
    "an expression": (xml([ROW], facts={"a + b": ["x", "y"]}), "column 1", "no name of a fact"),
    "the outcome of another decision": (
        xml([ROW], more='<decision id="season" name="season"><decisionTable/></decision>'),
        "table menu, row -, column 1",
        "outcome of another decision",
    ),
    "a decision that is no table": (
        xml([ROW], more='<decision id="sum" name="sum"><literalExpression/></decision>'),
        "table sum",
        "no decision table",
    ),
    "PRIORITY": (xml([ROW], "PRIORITY"), "table menu", "PRIORITY"),
    "OUTPUT ORDER": (xml([ROW], "OUTPUT ORDER"), "table menu", "OUTPUT ORDER"),
    "a sum": (xml([ROW], 'COLLECT" aggregation="SUM'), "table menu", "COLLECT SUM"),
    "a default": (xml([ROW], inside="<defaultOutputEntry/>"), "table menu", "has a default"),
    "not, without a list": (xml([('not("spring")', "-", "-", '"Stew"')], listed=False), "column 1", "nobody knows"),
    "an answer that is not listed": (xml([('"autumn"', "-", "-", '"Stew"')]), "row 1, column 1", "not in the list"),
    "nobody": (xml([('not("spring","summer","winter")', "-", "-", '"Stew"')]), "row 1, column 1", "never holds"),
    "everybody": (xml([("-", "-", "-", '"Stew"')]), "row 1", "has a condition"),
    "too few cells": (xml([('"spring"', '"Stew"')]), "row 1", "one cell for each column"),
    "two at once": (xml([ROW, ("-", '"few"', "-", '"Salad"')]), "row 2", "fits this row and row 1"),
    "two outcomes": (xml([ROW, ("-", '"few"', "-", '"Salad"')], "ANY"), "row 2", "ANY does not let that"),
    "no id": (xml([('"spring"', "-", "-", '"12"')]), "row 1", "no id of its own"),
    "two of one id": (xml([('"a b"', "-", "-", '"Stew"')], facts={**FACTS, "season": ["a b", "a-b"]}), "", "no id"),
    "more rules than anybody reads": (
        xml(
            [(*['"a"' if at // 2 == pair else "-" for at in range(24)], '"Stew"') for pair in range(12)]
            + [(*["-"] * 24, '"Salad"')],
            "FIRST",
            {f"fact {number}": ["a", "b"] for number in range(24)},
        ),
        "row 12",
        "more than 2000 rules",
    ),
}


@pytest.mark.parametrize("what", CANNOT)
def test_what_no_rule_can_say_is_refused_with_its_place(what):
    data, place, said = CANNOT[what]
    assert [one for one in refused(data) if one.startswith("menu.dmn:1: ") and place in one and said in one]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<definitions/>",
        b"<definitions xmlns='http://example.org'/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml([ROW]),
        xml([ROW]) + b" " * 10_000_000,
    ],
)
def test_what_is_no_dmn_is_refused(data):
    (told,) = refused(data)
    assert "no DMN" in told


def test_closed_answers_may_stand_in_a_type_of_the_file_or_in_the_cells_alone():
    typed = xml([('not("spring")', "-", "-", '"Stew"')], listed=False).replace(
        b'typeRef="string"', b'typeRef="tSeason"', 1
    )
    kind = (
        '<itemDefinition name="tSeason"><allowedValues><text>"spring","summer"</text></allowedValues></itemDefinition>'
    )
    read = read_dmn(typed.replace(b"<decision ", kind.encode() + b"<decision ", 1), "menu.dmn")
    assert read.facts["menu"]["season"] == ("spring", "summer")
    assert read.rows[0].when == {"season": ("summer",)}
    read = read_dmn(xml([('"b"', "-", "-", '"Stew"'), ('"a"', "-", "-", '"Stew"')], listed=False), "menu.dmn")
    assert read.facts["menu"]["season"] == ("b", "a")


def test_true_and_false_are_yes_and_no():
    data = xml([("true", "-", "-", '"Stew"')], listed=False).replace(b'typeRef="string"', b'typeRef="boolean"', 1)
    read = read_dmn(data, "menu.dmn")
    assert (read.facts["menu"]["season"], read.rows[0].when) == (("yes", "no"), {"season": ("yes",)})


def test_the_command_writes_what_an_author_fills_in_and_writes_nothing_where_something_is_refused(tmp_path):
    file, into = tmp_path / "menu.dmn", tmp_path / "rules"
    file.write_bytes(xml([("> 3", "-", "-", '"Stew"')]))
    told = CliRunner().invoke(main, ["convert", str(file), str(into), "--language", "nl"])
    assert (told.exit_code, into.exists()) == (1, False)
    assert "menu.dmn:1: tabel menu, rij 1, kolom 1: " in told.output
    file.write_bytes(xml([('"spring"', "-", "-", '"Light roast"')]))
    assert CliRunner().invoke(main, ["convert", str(file), str(into), "--on", "2030-01-01"]).exit_code == 0
    vocabulary = (into / "vocabulary.toml").read_text("utf-8")
    assert '# light_roast = "Light roast"' in vocabulary
    assert tomllib.loads(vocabulary)["destinations"] == ["light_roast"]
    assert tomllib.loads((into / "light_roast.toml").read_text("utf-8"))["rule"] == [
        {
            "id": "light_roast.1",
            "refer": {"as": "first", "concern": "menu", "from": date(2030, 1, 1)},
            "when": {"season": "spring"},
            "why": {"nl": "", "en": ""},
            "rests_on": [],
            "example": {"": {"season": "spring"}},
            "but_not": {"": {"season": "summer"}},
        }
    ]
    assert CliRunner().invoke(main, ["convert", str(file), str(into)]).exit_code == 2
