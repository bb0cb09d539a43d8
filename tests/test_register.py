"""Taking in the Register van Overheidsorganisaties: what an export changes, and whose word counts.

The sample is in the form of the export of May 2026, with the facts of six records of it (CC0).
"""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from click.testing import CliRunner
from ours import TESTS
from running import ROOT

from service.cli.main import main
from service.rulebook.bodies import NAMES, REGISTER
from service.rulebook.checks import checks
from service.rulebook.drafts import read_folders
from service.rulebook.organisations import directory_of
from service.rulebook.roo import ExportError, difference

SAMPLE = TESTS / "register.xml"
PROFILES = """
on_request = ["Organisatieonderdeel"]
no_bodies = ["Cluster van zbo's"]

[kinds]
Ministerie = "faculty"
Agentschap = "institute"
"Zelfstandig bestuursorgaan" = "institute"
Organisatieonderdeel = "institute"

[[profile]]
id = "harbour"
type = ["Agentschap"]
agreement = ["CAO Rijk"]
one_house = true
facts.campus = "harbour"

[[profile]]
id = "rest"
facts.campus = "city"
"""


@pytest.fixture
def content(tmp_path):
    """The small rulebase with a directory, of which nothing was taken in yet."""
    for name in ("rules", "content"):
        shutil.copytree(ROOT / "tests" / "university" / name, tmp_path / name)
    folder = tmp_path / "content"
    (folder / NAMES).parent.mkdir(exist_ok=True)
    (folder / NAMES).write_text('light = ["van"]\n', "utf-8")
    (folder / NAMES).with_name("profiles.toml").write_text(PROFILES, "utf-8")
    return folder


def take_in(content, path=SAMPLE, *more):
    done = CliRunner().invoke(
        main, ["directory", "import", str(path), "--content", str(content), "--source", "charter", *more]
    )
    assert done.exit_code == 0, done.output
    return done.output


def organisations(content):
    return read_folders(content.parent / "rules", content).organisations


def edited(tmp_path, *changes):
    """The sample, of a later day, with texts changed."""
    text = SAMPLE.read_text("utf-8").replace("2026-05-16T", "2026-09-27T")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "later.xml"
    path.write_text(text, "utf-8")
    return path


def test_an_import_shows_the_difference_and_writes_only_when_asked(content):
    shown = take_in(content)
    assert "duo: new: Dienst Uitvoering Onderwijs (number 71857)" in shown
    assert not (content / REGISTER).exists()
    assert "Written: " in take_in(content, SAMPLE, "--write")
    assert take_in(content).startswith("0 differences with the export of 2026-05-16")


def test_what_the_register_says_is_taken_in_as_it_says_it(content):
    take_in(content, SAMPLE, "--write")
    duo = organisations(content).by_id["duo"]
    assert duo.names[0].text["nl"] == "Dienst Uitvoering Onderwijs"
    assert (duo.names[0].abbreviation, duo.agreement, duo.staff) == ("DUO", "CAO Rijk", 3277)
    assert duo.identifier.endswith("/oorg10148")
    assert [one.id for one in duo.parents] == ["ocw"]
    assert (duo.profile, duo.always) == ("harbour", {"campus": "harbour"})
    assert (duo.general.phone, duo.general.post) == ("(050) 599 77 55", "Postbus 30155, 9700 LG Groningen")
    assert duo.general.site is None, "an address without TLS is none of ours"
    assert duo.general.verified("phone") == (date(2026, 5, 4), "charter")


def test_a_body_of_which_the_register_names_no_agreement_has_an_unknown_one(content):
    take_in(content, SAMPLE, "--write")
    assert organisations(content).by_id["def"].agreement is None


def test_an_end_day_of_the_register_ends_nothing_and_is_told(content):
    assert "nfi: the register gives an end day, 2026-08-14; nothing ends by it" in take_in(content, SAMPLE, "--write")
    assert organisations(content).on("nfi", date(2027, 1, 1)).id == "nfi"


def test_parts_are_taken_in_only_when_they_are_asked_for_and_clusters_never(content):
    shown = take_in(content)
    assert "Marechaussee" not in shown
    assert shown.count(": new: ") == 5
    (content / NAMES).write_text('[ids]\n6638 = "kmar"\n[left_out]\n28212129 = "not now"\n', "utf-8")
    shown = take_in(content, SAMPLE, "--write")
    assert "kmar: new: Koninklijke Marechaussee" in shown
    assert "cbs" not in shown
    assert [one.id for one in organisations(content).by_id["kmar"].parents] == ["def"]


def test_a_later_export_tells_each_change_and_keeps_ids_and_what_is_no_longer_in_it(content, tmp_path):
    take_in(content, SAMPLE, "--write")
    changes = [("(050) 599 77 55", "(050) 599 00 00"), ('systeemId="28212129"', 'systeemId="1"'), (">DUO<", ">DVO<")]
    shown = take_in(content, edited(tmp_path, *changes), "--write")
    assert "duo: phone: (050) 599 77 55 -> (050) 599 00 00" in shown
    assert "duo: abbreviations: DUO -> DVO" in shown
    assert "cbs: not in this export (number 28212129); kept as it was" in shown
    assert {"duo", "cbs"} <= organisations(content).by_id.keys()


def test_what_was_written_by_hand_wins_and_what_the_register_says_instead_is_kept(content):
    take_in(content, SAMPLE, "--write")
    (content / NAMES).write_text(
        '[[body]]\nid = "duo"\nname.en = "Student Finance"\naliases = ["stufi"]\nprofile = "rest"\n'
        'general = { phone = "050 123 45 67", checked = 2026-06-01, by = "editor" }\n',
        "utf-8",
    )
    duo = organisations(content).by_id["duo"]
    assert duo.names[0].text == {"nl": "Dienst Uitvoering Onderwijs", "en": "Student Finance"}
    assert duo.always == {"campus": "city"}
    assert (duo.general.phone, duo.general.better["phone"].instead) == ("050 123 45 67", "(050) 599 77 55")
    assert duo.general.verified("phone") == (date(2026, 6, 1), "editor")
    assert duo.general.verified("post") == (date(2026, 5, 4), "charter"), "nobody else checked the rest"


def test_an_organisation_with_a_file_of_its_own_gets_only_what_the_file_does_not_say(content):
    take_in(content, SAMPLE, "--write")
    file = (content / "organisations" / "letters.toml").read_text("utf-8").replace('"letters"', '"ocw"')
    (content / "organisations" / "ocw.toml").write_text(file, "utf-8")
    ocw = organisations(content).by_id["ocw"]
    assert ocw.names[0].text["en"] == "Faculty of Arts"
    assert (ocw.profile, ocw.general.phone) == (None, "(070) 412 34 56")


def test_who_answers_for_a_part_is_its_parent_only_in_one_house(content):
    take_in(content, SAMPLE, "--write")
    (content / NAMES).write_text('[[body]]\nid = "duo"\ngeneral = { for_public = true }\n', "utf-8")
    found = organisations(content)
    day = date(2026, 6, 1)
    assert found.operator(found.by_id["duo"], day).id == "ocw"
    assert found.operator(found.by_id["cbs"], day).id == "cbs"


GROWING = "".join(f"<!ENTITY a{step + 1} '{f'&a{step};' * 100}'>" for step in range(6))


@pytest.mark.parametrize(
    ("export", "said"),
    [
        (b"<a", "no XML"),
        (b"<overheidsorganisaties/>", "no export of the register"),
        (b"PK\x03\x04", "no XML"),
        (SAMPLE.read_bytes().replace(b"timestamp", b"stamp"), "timestamp is missing"),
        (b'<!DOCTYPE x [<!ENTITY other SYSTEM "file:///etc/hostname">]><x>&other;</x>', "no XML"),
        (f"<!DOCTYPE x [<!ENTITY a0 'x'>{GROWING}]><x>&a6;</x>".encode(), "amplification"),
    ],
)
def test_what_is_no_export_is_refused_in_words(content, export, said):
    with pytest.raises(ExportError, match=said):
        difference(export, directory_of(content))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('id = "duo"', "what kind of organisation 'duo' is"),
        ('id = "duo"\nkind = "institute"\nprofile = "harbr"', "'harbr' is not a profile"),
        ('id = "duo"\nkind = "institute"\nprofile = "rest"', "what 'duo' is called"),
        (
            'id = "duo"\nkind = "institute"\nprofile = "rest"\nname.nl = "Duo"\nparent = "lettres"',
            "Did you mean 'letters'",
        ),
        ('id = "letters"', "has a file of its own"),
    ],
)
def test_a_mistake_in_the_names_is_told_where_it_stands(content, row, said):
    (content / NAMES).write_text(f"[[body]]\n{row}\n", "utf-8")
    done = CliRunner().invoke(
        main, ["check", "--rules", str(content.parent / "rules"), "--content", str(content), "--language", "en"]
    )
    assert done.exit_code == 1
    assert "content/directory/names.toml:" in done.output
    assert said in done.output


# ---- what was checked


def written_back(content, id_, *more):
    return CliRunner().invoke(
        main, ["checked", id_, "--on", "2026-07-01", "--by", "editor", "--content", str(content), *more]
    )


@pytest.mark.parametrize("id_", ["channel/counsellor", "letters/counsellor", "letters", "cbs", "source/charter"])
def test_what_was_looked_at_is_written_back_in_its_place_and_nowhere_else(content, id_):
    take_in(content, SAMPLE, "--write")
    letters = content / "organisations" / "letters.toml"
    letters.write_text(
        letters.read_text("utf-8").replace("[[name]]", '[general]\nphone = "0800 555 0111"\n\n[[name]]', 1)
    )
    before = {path: path.read_text("utf-8").splitlines() for path in content.rglob("*.toml")}
    done = written_back(content, id_)
    assert done.exit_code == 0, done.output
    after = {path: path.read_text("utf-8").splitlines() for path in content.rglob("*.toml")}
    changed = [path for path in before if before[path] != after[path]]
    assert [str(path) for path in changed] == done.output.split()
    lost = [line for line in before[changed[0]] if line not in after[changed[0]]]
    assert all(line.startswith("read = ") for line in lost)
    draft = read_folders(content.parent / "rules", content)
    (one,) = (one for one in checks(draft) if one.id == id_)
    assert one.checked == date(2026, 7, 1)
    assert one.by == (None if id_.startswith("source") else "editor")


def test_a_check_of_nothing_or_of_tomorrow_is_refused(content):
    assert "There is nothing to check" in written_back(content, "nothing").output
    assert "Nobody has checked it yet" in written_back(content, "letters/counsellor", "--on", "9999-01-01").output
