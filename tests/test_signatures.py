"""Who read which rules: written once, and true until the rule changes."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner
from conftest import TODAY
from small import copied

from service.cli.main import main
from service.rulebook.compiled import decode
from service.rulebook.drafts import read_folders
from service.rulebook.library import compiled
from service.rulebook.signatures import SIGNATURES, line_of, who_read
from service.rulebook.toml_files import AuthoringError
from service.web.app import create_app

WHO = ("--by", "jurist", "--office", 'Office of "Conduct"', "--on", TODAY.isoformat())


@pytest.fixture
def folders(tmp_path):
    """A copy of the small rulebase."""
    return copied(tmp_path)


@pytest.fixture
def sign(folders):
    """Sign, or ask what waits."""
    beside = ("--rules", str(folders / "rules"), "--content", str(folders / "content"))
    return lambda *words: CliRunner().invoke(main, ["sign", *words, *beside])


def drafted(folders):
    return read_folders(folders / "rules", folders / "content")


def test_a_rule_is_read_until_anything_of_it_changes(folders, sign):
    """What decides, what it says, and the words it rests on."""
    destination = "complaints_committee"
    before = drafted(folders)
    mine = [rule for rule in before.rulebase.editions[-1].rules if rule.refer == destination]
    done = sign(destination, *WHO)
    assert done.exit_code == 0, done.output
    now = drafted(folders)
    assert set(now.standing.signed) == {rule.id for rule in mine}
    assert now.standing.signed_cells == sum(cell.body == destination for cell in now.competence)
    assert now.standing.changed == ()
    assert now.rulebase.editions[-1].digest == before.rulebase.editions[-1].digest

    file = folders / "rules" / f"{destination}.toml"
    text = file.read_text("utf-8")
    for old, new in (
        ('anonymity = "named" }\nwhy', 'anonymity = ["named"], role = ["student", "visitor"] }\nwhy'),
        ("Een klacht onder uw naam kan altijd.", "Een klacht met uw naam kan altijd."),
        ('rests_on = ["charter.complaint"]', 'rests_on = ["charter.complaint", "charter.complaint"]'),
    ):
        changed = text.replace(old, new, 1)
        if "role" in new:
            changed = changed.replace('{ anonymity = "named" } }', '{ anonymity = "named", role = "student" } }', 1)
        assert changed != text
        file.write_text(changed, "utf-8")
        then = drafted(folders).standing
        assert then.changed == (f"{destination}.1",)
        assert set(then.signed) == {rule.id for rule in mine} - {f"{destination}.1"}
    file.write_text(text, "utf-8")
    assert drafted(folders).standing == now.standing


def test_a_second_signature_leaves_the_first_as_it_stands(folders, sign):
    assert sign("counsellor.1", *WHO).exit_code == 0
    first = (folders / "rules" / SIGNATURES).read_text("utf-8")
    assert sign("counsellor.1", *WHO[:1], "editor", *WHO[2:]).exit_code == 0
    second = (folders / "rules" / SIGNATURES).read_text("utf-8")
    assert second.startswith(first)
    told = tomllib.loads(second)["signature"]
    assert [one["by"] for one in told] == ["jurist", "editor"]
    assert {one["office"] for one in told} == {WHO[3]}
    draft = drafted(folders)
    (rule,) = [one for one in draft.rulebase.rules if one.id == "counsellor.1"]
    assert [one.by for one in who_read(rule, draft.signatures)] == ["jurist", "editor"]
    assert told[0]["read"] == [line_of(rule)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("counselor.1", *WHO), "Did you mean 'counsellor.1'?"),
        (("counsellor.1", "--by", "jurist"), "--by ROLE --office OFFICE"),
        (("counsellor.1", *WHO[:-1], (TODAY + timedelta(days=9999)).isoformat()), "Nobody has read it yet"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_is_written(folders, sign, words, says):
    done = sign(*words)
    assert done.exit_code == 2
    assert says in done.output
    assert not (folders / "rules" / SIGNATURES).exists()


def test_check_the_receipt_and_the_book_say_who_read_what(folders, sign, university):
    waits = sign().output.splitlines()
    rules = drafted(folders).rulebase.editions[-1].rules
    assert sum(int(line.rsplit(" ", 1)[1]) for line in waits[:-1]) == len(rules)
    assert waits[-1].startswith(f"getekend voor 0 van {len(rules)} ")
    sign("counsellor.1", *WHO)
    draft = drafted(folders)
    beside = ["--rules", str(folders / "rules"), "--content", str(folders / "content"), "--language", "en"]
    said = json.loads(CliRunner().invoke(main, ["check", *beside, "--json"]).stdout)["signed"]
    assert (said["signed"], said["rules"]) == (["counsellor.1"], len(rules))
    assert f"signed for 1 of {len(rules)} rules" in CliRunner().invoke(main, ["check", *beside]).output

    data = compiled(draft)
    assert msgspec.json.decode(data)["compiled"]["receipt"]["signed"] == 1
    served = create_app(decode(data), today=lambda: TODAY).test_client()
    book = draft.site.addresses["en"].book
    words = draft.texts.interface["en"]
    assert "jurist, Office of &#34;Conduct&#34;, on " in served.get(f"{book}/counsellor.1").text
    assert words["cited_unread"] in served.get(f"{book}/complaints_committee.1").text
    silent = create_app(university, today=lambda: TODAY).test_client().get(f"{book}/counsellor.1").text
    assert words["cited_readers"] not in silent


def test_a_line_that_is_none_is_told_with_its_place_and_its_mend(folders, sign):
    sign("counsellor.1", *WHO)
    path = folders / "rules" / SIGNATURES
    path.write_text(path.read_text("utf-8").replace('"counsellor.1 ', '"counsellor.1 more '), "utf-8")
    with pytest.raises(AuthoringError, match=r"rules/signatures\.toml:\d+: .*sign again"):
        drafted(folders)
