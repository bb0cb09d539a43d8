"""What `wegwijzer check` says of the mistakes that authors make most: where, what, and the mend, in their language.

Each breaks a copy of the small rulebase of tests/university. Every mistake of reading stands in test_authors.
"""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from running import ROOT

from service.cli.check import FORMATS, Folders, Lines, look, saves
from service.cli.main import main
from service.engine.durable import Engine
from service.rulebook.messages import Message
from service.rulebook.toml_files import Memo
from service.serving.kept import Kept, shape

BOARD, COUNSELLOR, ADVISER = (f"rules/{one}.toml" for one in ("exam_board", "counsellor", "study_adviser"))
DESK, COMMITTEE, APPEALS = (f"rules/{one}.toml" for one in ("student_desk", "complaints_committee", "appeals_board"))
MATRIX, VOCABULARY, EDITIONS = (f"rules/{one}.toml" for one in ("competence", "vocabulary", "editions"))
CHARTER, SHIPS, CHANNEL = (
    f"content/{one}.toml" for one in ("sources/charter", "organisations/ships", "channels/student_desk")
)
FEELING, GLOSSARY, CASES = "content/questions/feeling.toml", "content/glossary.toml", "tests/cases/students.toml"
SIGNED = "tests/neighbourhoods.toml"
TRIED = Kept(None)  # what the engine does and which pages can be made is looked for once for all of these


@pytest.fixture
def copy(tmp_path):
    """A copy of the small rulebase, to break."""
    shutil.copytree(ROOT / "tests/university", tmp_path, dirs_exist_ok=True)
    return tmp_path


def checked(root, language="nl", **more):
    return look(Folders(root / "rules", root / "content", None), language, more.pop("kept", TRIED), **more)


def change(root, file, old, new):
    text = (root / file).read_text("utf-8")
    assert old in text, f"{file} no longer holds {old!r}; choose other words to break"
    (root / file).write_text(text.replace(old, new, 1), "utf-8")


def line(root, file, words):
    """The line on which words end that stand first in a file."""
    text = (root / file).read_text("utf-8")
    return text[: text.index(words) + len(words)].count("\n") + 1


def slip(name, file, old, new, *says, at=None, more=()):
    """Words of a file, others for them, what is said of that in Dutch, and the words whose line it names ("": any).

    `more` are changes of the same file that go with it.
    """
    return pytest.param(file, ((old, new), *more), says, new if at is None else at, id=name)


ALSO, FIRST = (f'refer = {{ as = "{one}", concern = "grade"' for one in ("also", "first"))
WHEN = 'when = { feeling = ["unsafe", "unknown"], own_counsellor = "yes" }'
READ = [
    slip(
        "a typo in a fact", BOARD, '"done", role =', '"done", rol =', "'rol' staat niet als vraag", "Bedoelt u 'role'?"
    ),
    slip("a typo in an answer", BOARD, 'review = "none" }', 'review = "non" }', "'non' is geen antwoord op 'review'"),
    slip(
        "a wrong word in a quotation",
        CHARTER,
        'quotes.exam-board = "The exam board decides on',
        'quotes.exam-board = "The exam board decides about',
        "zegt deze passage niet “about” maar “on”. Neem de woorden daarvan over.",
    ),
    slip(
        "a wrong place",
        BOARD,
        '"charter.exam-board"',
        '"charter.exam"',
        "geen naam van een citaat",
        "'charter.exam-board'?",
    ),
    slip(
        "no near miss",
        BOARD,
        'but_not = { "A student had one." = { review = "done" } }\n',
        "",
        "regel 'exam_board.1': 'but_not' ontbreekt; schrijf het erbij.",
        at="[[rule]]",
    ),
    slip(
        "a near miss that is caught",
        BOARD,
        '"A student had one." = { review = "done" }',
        '"Another one." = { review = "none" }',
        "Met 'none' op 'review' valt deze er ook onder; kies een ander antwoord.",
    ),
    slip(
        "an example that is not caught",
        BOARD,
        '" = { review = "none" }',
        '" = { review = "done" }',
        "valt niet onder de regel",
    ),
    slip("no English", BOARD, 'why.en = "The', '# "The', "'en' ontbreekt in why; schrijf het erbij.", at="why.nl"),
    slip("an id twice", BOARD, '"exam_board.2"', '"exam_board.1"  # again', "De id 'exam_board.1' staat twee keer"),
    slip(
        "until before from", ADVISER, "until = 2025-09-01", "until = 2024-01-01", "`until` (2024-01-01) moet na `from`"
    ),
    slip(
        "an unknown destination", BOARD, '"exam_board.1"', '"exam_bord.1"', "geen bestemming. Bedoelt u 'exam_board'?"
    ),
    slip(
        "an answer without marks",
        BOARD,
        'review = "none" }',
        "review = none }",
        "Een tekst staat tussen aanhalingstekens",
    ),
    slip(
        "curly marks", BOARD, 'why.nl = "De', "why.nl = “De", "Hier staan krullende aanhalingstekens", 'Typ rechte: "'
    ),
    slip(
        "marks in a text", BOARD, "een cijfer her", 'een "cijfer" her', 'daarbinnen kan geen " staan. Schrijf daar ‘…’.'
    ),
    slip("or between answers", BOARD, '"none" }', '"none" or "done" }', 'als een lijst: ["none", "done"]'),
    slip(
        "a day as people write it",
        ADVISER,
        "until = 2025-09-01",
        "until = 01-09-2025",
        "zonder aanhalingstekens: 2025-09-01",
    ),
    slip(
        "a day without noughts",
        ADVISER,
        "until = 2025-09-01",
        "until = 2025-9-1",
        "zonder aanhalingstekens: 2025-09-01",
    ),
    slip(
        "a day between marks", ADVISER, "until = 2025-09-01", 'until = "2025-09-01"', "Schrijf een dag als 2019-06-20"
    ),
    slip(
        "a day that does not exist", ADVISER, "until = 2025-09-01", "until = 2025-02-30", "Schrijf een dag die bestaat"
    ),
    slip("a space out of Word", BOARD, "why.nl =", "why.nl\u00a0=", "een vaste spatie (U+00A0), zoals Word die maakt"),
    slip(
        "no heading", BOARD, '[[rule]]\nid = "exam_board.2"', 'id = "exam_board.2"', "staat twee keer in hetzelfde blok"
    ),
    slip("a text without an end", BOARD, 'review a grade."', "review a grade.", "Een tekst eindigt op dezelfde regel"),
    slip(
        "a list without an end", ADVISER, '["applicant", "visitor"]', '["applicant", "visitor"', "mist een lijst haar ]"
    ),
    slip(
        "an unknown organisation",
        SHIPS,
        'id = "letters"',
        'id = "leters"',
        "Er is geen organisatie 'leters'. Bedoelt u 'letters'?",
    ),
    slip("a typo in a case", CASES, "expect.first", "expect.firts", "'firts' kan hier niet staan. Bedoelt u 'first'?"),
    slip(
        "a case of no source",
        CASES,
        '"charter, section 2"',
        '"charter, section 9"',
        "verhaal ‘A student of Arts thinks that a grade is wrong’: 'charter, section 9' is geen plaats in een bron",
    ),
    slip(
        "a case told twice",
        CASES,
        'name = "A visitor finds a broken door"',
        'name = "A student does not follow the outcome of a review"  # again',
        "Een ander verhaal heeft deze naam, op tests/cases/students.toml:",
    ),
    slip(
        "a case without an end",
        CASES,
        'expect.next = "role"\nexpect.complete = false',
        "expect = {}",
        "Er wordt niets verwacht.",
    ),
    slip(
        "a neighbourhood of nothing",
        SIGNED,
        'concern = "conduct"',
        'concern = "conductt"',
        "geen onderwerp. Bedoelt u 'conduct'?",
    ),
]
PROVED = [
    slip(
        "two first steps",
        BOARD,
        ALSO,
        FIRST,
        "Twee eerste stappen: [2024-09-01] stel dat het over",
        "[exam_board.1 (first), study_adviser.1 (first)]. Maak een van de regels smaller. Zie ook rules/study_adviser",
        at="[[rule]]",
    ),
    slip("no first step", DESK, '["student", "visitor"]', '"student"', "Geen eerste stap: ", "u bezoeker bent", at=""),
    slip(
        "one door",
        DESK,
        'when = { role = "applicant" }',
        'when = { role = "applicant", campus = "city" }',
        "Maar één deur: ",
        at="",
        more=[('the desk." = { role = "applicant" }', 'the desk." = { role = "applicant", campus = "city" }')],
    ),
    slip(
        "a rule that a stronger one hides",
        ADVISER,
        'when = { role = "visitor" }',
        'when = { role = "applicant" }',
        "study_adviser.7 telt nooit in uitgave 2024-09-01: study_adviser.6 wint altijd, want die is sterker.",
        "Zie ook rules/study_adviser.toml:",
        at="",
        more=[('"A visitor finds a broken door." = { role = "visitor" }', '"An applicant." = { role = "applicant" }')],
    ),
    slip(
        "a promise that a rule breaks",
        COMMITTEE,
        'refer = { as = "later", concern = "conduct"',
        'refer = { as = "also", concern = "conduct"',
        "Maak de regel smaller. Zie ook rules/promises.toml:",
        at="",
    ),
    slip(
        "a referral that the matrix refuses",
        APPEALS,
        'role = "student" }\nwhy',
        'role = ["student", "applicant"] }\nwhy',
        "appeals_board.1 (later) verwijst naar een plek die de zaak niet kan aannemen: [2024-09-01] stel dat het over",
        "Zie ook rules/competence.toml:",
        at="[[rule]]",
        more=[('{ role = "applicant" }', '{ role = "visitor" }')],
    ),
    slip(
        "a referral of which the matrix says nothing",
        MATRIX,
        'body = "counsellor"\ntakes = { as = "can", concern = ["conduct"] }',
        'body = "counsellor"\ntakes = { as = "can", concern = ["grade"] }',
        "verwijst waar geen cel zegt dat de plek de zaak kan aannemen",
        at="",
    ),
    slip(
        "a day that is not listed",
        ADVISER,
        "until = 2025-09-01",
        "until = 2025-08-01",
        "regel study_adviser.3 verandert op 2025-08-01",
        "Voeg hem daar toe, met zijn bron.",
        at="",
    ),
    slip(
        "a wider rule",
        COUNSELLOR,
        'when = { feeling = ["unsafe", "unknown"], own_counsellor = "yes" }',
        'when = { feeling = ["unsafe", "unknown"] }',
        "Twee eerste stappen: ",
        at="",
        more=[('{ own_counsellor = "no" } }', '{ feeling = "annoyed" } }')],
    ),
    slip(
        "a weaker rule",
        BOARD,
        ALSO,
        'refer = { as = "later", concern = "grade"',
        "exam_board hoort er te staan als also",
        at="",
    ),
]

# What only tests knew of before: what a text says, what stands at its source, and what rules and cases lack.
KNOWN = [
    slip(
        "a sentence too long",
        CHANNEL,
        "Ga naar de studentenbalie.",
        f"Ga {'nu ' * 20}naar de studentenbalie.",
        "Een zin van 24 woorden; de huisstijl heeft er hoogstens 20. Maak er twee van:",
    ),
    slip(
        "two questions in one",
        FEELING,
        "Hoe voelt u zich erbij?",
        "Bent u bang, of boos?",
        "“of” maakt van één vraag twee. Vraag wat beide dekt, en laat de antwoorden ze onderscheiden.",
    ),
    slip("jargon", CHANNEL, "Ga naar de", "Ga inzake de", "“inzake” is vaktaal; zeg het gewoon."),
    slip(
        "a promise",
        CHANNEL,
        "De balie beslist niets",
        "Het komt goed",
        "“komt goed” belooft een uitkomst, en dat kan niemand.",
    ),
    slip("another word", CHANNEL, "Kom langs", "Vraag je mentor", "Schrijf “u”, niet “je”", "één woord voor één ding"),
    slip(
        "a text that was not translated",
        CHANNEL,
        "Come to the hall.",
        "Kom langs in de hal.",
        "hetzelfde in nl en en",
        at="",
    ),
    slip(
        "a number of no source",
        CHANNEL,
        "Kom langs",
        "Bel 0800 555 9999 of kom",
        "Het nummer 0800 555 9999 staat bij geen bron",
    ),
    slip(
        "a contact that does not stand at its source",
        CHANNEL,
        'sure = "notes"',
        'sure = "archived_copy"',
        "'0800 555 0100' staat niet in de woorden die bij 'charter' gelezen zijn.",
        at="phone",
    ),
    slip(
        "answers that read the same",
        FEELING,
        'annoyed = "Boos"',
        'annoyed = "Niet veilig"',
        "luiden allebei “Niet veilig”",
    ),
    slip(
        "a term in no question",
        GLOSSARY,
        '["herbeoordeling"]',
        '["hertentamen"]',
        "Het begrip 'review' staat in geen enkele vraag",
    ),
    slip(
        "a destination in no case",
        CASES,
        'expect.later = ["appeals_board"]\n',
        "",
        "Geen enkel verhaal komt uit op appeals_board.",
    ),
    slip(
        "an answer in no case", CASES, 'role = "visitor"', 'role = "student"', "is het antwoord op role visitor.", at=""
    ),
    slip(
        "a case that ends elsewhere",
        CASES,
        'expect.first = ["exam_board"]',
        'expect.first = ["counsellor"]',
        "Dit komt uit op exam_board (exam_board.2), en hoort uit te komen op counsellor.",
    ),
    slip(
        "a case that lacks a door",
        CASES,
        'expect.also = ["exam_board"]',
        'expect.also = ["counsellor"]',
        "counsellor hoort er te staan als also, en staat er niet; wel: exam_board.",
    ),
    slip(
        "a case whose door is open",
        CASES,
        'expect.closed = ["appeals_board"]',
        'expect.closed = ["exam_board"]',
        "exam_board hoort dicht te zijn",
    ),
    slip(
        "a case with another reason",
        CASES,
        '["exam_board.2"]',
        '["exam_board.1"]',
        "hoort te rusten op exam_board.1, en rust op exam_board.2",
    ),
    slip(
        "a case that asks on",
        CASES,
        "expect.complete = true",
        "expect.complete = false",
        "Er hoort nog iets gevraagd te worden",
    ),
    slip(
        "a case that asks otherwise",
        CASES,
        'expect.next = "role"',
        'expect.next = "review"',
        "Hierna hoort review gevraagd te worden, en het wordt role.",
    ),
    slip(
        "a case that ignores otherwise",
        CASES,
        'expect.ignored = ["review"]',
        'expect.ignored = ["role"]',
        "niet mee telt: review.",
    ),
]


ADVISES, PORTAL = "content/acts/study_adviser.toml", "content/handles.toml"
SHOWN = [
    slip(
        "nobody says what to do",
        ADVISES,
        '[[act]]\nsteps.nl = ["{porter}"',
        '[[act]]\naudience = { role = ["student"] }\nsteps.nl = ["{porter}"',
        "Niemand zegt wat iemand bij study_adviser doet: ",
        at="",
    ),
    slip(
        "a handle that they do not have",
        ADVISES,
        'audience = { role = ["student"] }',
        'audience = { role = ["student", "applicant", "visitor"] }',
        "Deze stap vraagt portal.",
        at="[[act]]",
    ),
    slip(
        "a handle to a page that no contact has",
        PORTAL,
        'id = "portal"\n',
        'id = "portal"\ncontact = "url"\n',
        "Deze stap vraagt portal.",
        at="",
    ),
    slip(
        "a number of no contact",
        "content/acts/student_desk.toml",
        "0800 555 0100",
        "0800 555 0111",
        "Deze stap vraagt 0800 555 0111.",
        at="[[act]]",
    ),
    slip(
        "a number of a contact for others",
        CHANNEL,
        'sure = "notes"',
        'sure = "notes"\naudience = { kind = ["faculty"] }',
        "Deze stap vraagt 0800 555 0100.",
        at="",
    ),
    slip(
        "an act of nobody",
        ADVISES,
        'audience = { role = ["student"] }\n',
        "",
        "Deze stap is van niemand",
        at="",
    ),
    slip(
        "a doubt of others",
        COMMITTEE,
        'why.en = "You may complain about the building too."',
        'why.en = "You may complain about the building too."\ndoubt = "no-student"',
        "Deze twijfel gaat over anderen (geen student): ",
        "u student bent",
        at="",
    ),
    slip(
        "a contact that nobody sees",
        "content/organisations/letters.toml",
        'sure = "notes"\nnote.nl = "Kamer',
        'sure = "notes"\naudience = { role = ["visitor"] }\nuntil = 2020-01-01\nnote.nl = "Kamer',
        "Niemand die naar counsellor gaat, kan dit contact zien.",
        at="[[channel]]",
    ),
]
HANDLED = [
    slip("no handle", ADVISES, "{porter}", "{portier}", "'portier' is geen handvat", "Bedoelt u 'porter'?", at=""),
    slip("no words", ADVISES, "{portal:studieadviseur}", "{portal}", "Geef 'portal' alleen woorden", at=""),
    slip(
        "nothing else said",
        PORTAL,
        'elsewhere.nl = "Ga naar de portier van het gebouw."\nelsewhere.en = "Go to the porter of the building."\n',
        "",
        "schrijf elsewhere.nl en elsewhere.en",
        at="",
    ),
    slip("an act of no destination", ADVISES, 'id = "study_adviser"', 'id = "study_advisor"', "study_advisor", at=""),
]


def told(root, language="nl"):
    return [one.tell(language) for one in checked(root, language).problems]


def test_nothing_is_wrong_with_it_and_everything_is_looked_at(copy):
    result = checked(copy)
    assert (result.problems, result.lacking) == ([], ())
    assert {"texts", "content", "words", "cases", "neighbourhoods", "pages"} <= {one.name for one in result.found}


@pytest.mark.parametrize(("file", "edits", "says", "at"), READ)
def test_a_mistake_of_reading_is_told_alone_with_its_line(copy, file, edits, says, at):
    for old, new in edits:
        change(copy, file, old, new)
    (one,) = told(copy)
    assert one.startswith(f"{file}:{line(copy, file, at)}: ")
    assert all(words in one for words in says), one


@pytest.mark.parametrize(("file", "edits", "says", "at"), [*PROVED, *KNOWN, *SHOWN, *HANDLED])
def test_what_a_proof_finds_is_told_with_its_line_and_its_mend(copy, file, edits, says, at):
    for old, new in edits:
        change(copy, file, old, new)
    found = told(copy)
    meant = [one for one in found if all(words in one for words in says)]
    assert meant, found
    assert not at or meant[0].startswith(f"{file}:{line(copy, file, at)}: "), meant[0]


@pytest.mark.slow
def test_a_rule_taken_out_never_passes(copy):
    """An `also` rule too, of which no first step hangs: a case or a neighbourhood tells of it."""
    tried = 0
    for path in sorted((copy / "rules").glob("*.toml")):
        whole = path.read_text("utf-8")
        head, *rules = whole.split("[[rule]]\n")
        for number in range(len(rules) if len(rules) > 1 else 0):
            left = [one for place, one in enumerate(rules) if place != number]
            path.write_text("[[rule]]\n".join([head, *left]), "utf-8")
            assert told(copy), rules[number]
            tried += 1
        path.write_text(whole, "utf-8")
    assert tried > 12


def test_rules_that_depend_on_too_much_are_told_as_a_mistake(copy, monkeypatch):
    monkeypatch.setattr("service.core.cubes.MOST", 0)
    (one,) = told(copy)
    assert one.startswith("rules/vocabulary.toml:1: De regels hangen van te veel tegelijk af: edition 2024-09-01, ")


def test_what_is_not_there_to_look_at_is_named(copy):
    shutil.rmtree(copy / "tests")
    (copy / "content/style.toml").unlink()
    result = checked(copy)
    assert (result.problems, result.lacking) == ([], ("no_style", "no_cases", "no_neighbourhoods"))
    said = CliRunner().invoke(main, ["check", "--rules", str(copy / "rules"), "--content", str(copy / "content")])
    assert "niet nagegaan: verhalen van adviseurs: naast rules/ staat geen tests/cases/" in said.output


@pytest.mark.parametrize("name", ["._ships.toml", "SHIPS.TOML", "ships.toml.bak"])
def test_a_file_that_is_not_read_is_a_mistake(copy, name):
    (copy / "content/organisations" / name).write_bytes(b"\x00\x05\x16\x07")
    (one,) = told(copy)
    assert one.startswith(f"content/organisations/{name}:1: Dit bestand wordt niet gelezen: ")


@pytest.mark.parametrize("text", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_line_ends_and_marks_of_windows_are_no_mistakes(copy, text):
    path = copy / BOARD
    path.write_bytes(text(path.read_text("utf-8")).encode())
    assert told(copy) == []


def test_utf_16_is_told_with_what_to_do(copy):
    (copy / BOARD).write_text("naïef", "utf-16")
    assert "Bewaar het als UTF-8" in told(copy)[0]


def test_every_line_is_in_the_language_asked(copy):
    change(copy, BOARD, ALSO, FIRST)
    change(copy, CHANNEL, "Ga naar de", "Ga inzake de")
    for language, words in (
        ("nl", ("Twee eerste stappen", "vaktaal", "FOUT: ")),
        ("en", ("Two first", "jargon", "BROKEN: ")),
    ):
        where = ["--rules", str(copy / "rules"), "--content", str(copy / "content"), "--language", language]
        said = CliRunner().invoke(main, ["check", *where])
        assert said.exit_code == 1
        assert all(one in said.output for one in words)
        assert Message("mistakes", {"count": len(told(copy))}).tell(language) in said.output


def test_programs_get_every_finding_as_json(copy):
    change(copy, BOARD, ALSO, FIRST)
    result = checked(copy)
    said = json.loads(FORMATS["json"](result, "en"))
    first = next(one for one in said["findings"] if one["id"] == "two_first")
    assert not said["ok"]
    assert (first["file"], first["line"]) == (BOARD, 2)
    assert first["also"] == [{"file": ADVISER, "line": 2}]
    assert {one["id"]: one["ok"] for one in said["proved"]}["one_first"] is False
    assert set(said["editions"]) == {"2024-09-01", "2025-09-01"}


def test_a_forge_gets_every_finding_as_sarif(copy):
    """What SARIF 2.1.0 asks of a log: a version, runs with a tool that has a name, results with a text and a place."""
    change(copy, BOARD, ALSO, FIRST)
    result = checked(copy)
    said = json.loads(FORMATS["sarif"](result, "en"))
    (run,) = said["runs"]
    assert said["version"] == "2.1.0"
    assert said["$schema"].endswith("sarif-schema-2.1.0.json")
    assert run["tool"]["driver"]["name"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    assert len(run["results"]) == len(result.problems)
    for one in run["results"]:
        assert ids[one["ruleIndex"]] == one["ruleId"]
        assert one["level"] in ("none", "note", "warning", "error")
        assert one["message"]["text"]
        for place in (*one["locations"], *one["relatedLocations"]):
            there = place["physicalLocation"]
            assert there["artifactLocation"]["uri"].startswith(("rules/", "content/", "tests/"))
            assert there["region"]["startLine"] >= 1


@pytest.fixture
def trials(monkeypatch):
    """The concerns on which an engine is tried, here and not in a process beside."""
    monkeypatch.setattr("service.proof.beside._can_be_had", lambda: False)
    tried = []
    begin = Engine.__init__
    monkeypatch.setattr(Engine, "__init__", lambda self, edition: tried.append(edition) or begin(self, edition))
    return tried


def test_an_edit_tries_the_engine_on_its_own_concern_alone(copy, trials):
    kept = Kept(None)
    checked(copy, kept=kept)
    assert trials
    trials.clear()
    change(copy, BOARD, "De examencommissie kan", "De commissie kan")
    assert checked(copy, kept=kept).problems == []
    assert trials == []
    change(
        copy,
        BOARD,
        'example = { "A student wants a review." = { review = "none" } }',
        'example = { "A student wants a review." = { review = "none", role = "student" } }',
    )
    assert checked(copy, kept=kept).problems == []
    concerns = [{rule.concern for rule in edition.rules} for edition in trials]
    assert [one for one in concerns if len(one) == 1] == [{"grade"}]  # the others serve pages, which are asked anew


def test_what_was_found_wrong_is_never_kept(copy):
    kept = Kept(None)
    change(copy, BOARD, ALSO, FIRST)
    before = list(map(str, checked(copy, kept=kept).problems))
    assert before == list(map(str, checked(copy, kept=kept).problems)) != []


def test_what_another_version_kept_is_not_believed(tmp_path):
    kept = Kept(tmp_path / "kept.json")
    kept["one"] = 7
    kept.keep()
    assert dict(Kept(tmp_path / "kept.json")) == {"one": 7}
    said = json.loads((tmp_path / "kept.json").read_text("utf-8"))
    (tmp_path / "kept.json").write_text(json.dumps(said | {"by": "another version"}), "utf-8")
    assert dict(Kept(tmp_path / "kept.json")) == {}
    (tmp_path / "kept.json").write_text("[]", "utf-8")
    assert dict(Kept(tmp_path / "kept.json")) == {}


def test_pages_are_asked_again_when_more_than_letters_changes(copy):
    before = shape(checked(copy).draft)
    change(copy, CHANNEL, "Ga naar de studentenbalie.", "Kom naar de balie.")
    assert shape(checked(copy).draft) == before
    change(copy, CHANNEL, "Kom naar de balie.", "Kom {nu} naar de balie.")
    assert shape(checked(copy).draft) != before


def test_pages_are_asked_again_when_one_id_changes(copy):
    before = shape(checked(copy).draft)
    change(copy, BOARD, ALSO, FIRST)
    assert shape(checked(copy).draft) != before


def test_who_reads_again_and_again_gets_the_same(copy):
    memo = Memo()
    first = checked(copy, memo=memo)
    change(copy, BOARD, ALSO, FIRST)
    wrong = checked(copy, memo=memo)
    assert list(map(str, wrong.problems)) == list(map(str, checked(copy).problems)) != []
    change(copy, BOARD, FIRST, ALSO)
    again = checked(copy, memo=memo)
    assert again.problems == []
    assert again.draft.parts == first.draft.parts


def test_each_save_is_looked_at_and_what_is_wrong_is_told(copy, capsys):
    where, lines, memo = Folders(copy / "rules", copy / "content", None), Lines("nl"), Memo()
    saved = saves(where)
    change(copy, BOARD, ALSO, FIRST)
    next(saved)
    lines.again(where, TRIED, memo)
    assert "rules/exam_board.toml:2: Twee eerste stappen: " in capsys.readouterr().out
    change(copy, BOARD, FIRST, ALSO)
    next(saved)
    lines.again(where, TRIED, memo)
    assert "Alles klopt. (" in capsys.readouterr().out
