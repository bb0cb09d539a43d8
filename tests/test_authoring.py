"""What helps an author before `check` does: schemas for editors, and skeletons."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import TODAY
from jsonschema import Draft201909Validator
from looks import TOOLS

from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.editor_schemas import FILES, json_schema, known_of, title, write_schemas
from service.rulebook.skeletons import KINDS, SkeletonError, begin
from service.rulebook.toml_files import AuthoringError

ROOT = Path(__file__).parent.parent
UNIVERSITY = Path(__file__).parent / "university"


@pytest.fixture
def university(tmp_path):
    """A copy of a small rulebase: its rules and its content."""
    return (
        shutil.copytree(UNIVERSITY / "rules", tmp_path / "rules"),
        shutil.copytree(UNIVERSITY / "content", tmp_path / "content"),
    )


def check(rules, content):
    done = CliRunner().invoke(main, ["check", "--rules", str(rules), "--content", str(content), "--language", "en"])
    return done.exit_code, done.output


# ---- schemas


def plain(value):
    """A value of TOML as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def faults(root):
    """What the schemas find in the files below a folder, as file and message."""
    known = known_of(root / "rules", root / "content")
    found = []
    for path in sorted([*root.glob("rules/*.toml"), *root.glob("content/**/*.toml")]):
        name = path.relative_to(root).as_posix()
        if schema := next((one for pattern, one in FILES.items() if fnmatch(name, pattern)), None):
            told = Draft201909Validator(json_schema(schema, known))
            found += [(name, one.message) for one in told.iter_errors(plain(tomllib.loads(path.read_text("utf-8"))))]
        else:
            assert name.startswith("content/languages/"), f"{name} has no schema"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("root", [ROOT, UNIVERSITY], ids=["ours", "of a university"])
def test_every_file_fits_its_schema(root):
    assert faults(root) == []


MISSPELT = {
    "a key": ("whenn = {}", "whenn"),
    "a fact": ('when = { rol = "student" }', "rol"),
    "a quotation": ('rests_on = ["nothing.at-all"]', "nothing.at-all"),
}


@pytest.mark.parametrize("what", MISSPELT)
def test_what_is_misspelt_in_a_rule_is_marked(university, what):
    rules, _ = university
    line, word = MISSPELT[what]
    path = next(one for one in sorted(rules.glob("*.toml")) if "[[rule]]" in one.read_text("utf-8"))
    lines = path.read_text("utf-8").splitlines()
    key = line.split(" = ")[0]
    begins = next(
        (number for number, one in enumerate(lines) if one.startswith(f"{key} = ")), lines.index("[[rule]]") + 1
    )
    lines[begins : begins + lines[begins].startswith(f"{key} = ")] = [line]
    path.write_text("\n".join(lines), "utf-8")
    (found,) = faults(rules.parent)
    assert word in found[1]


def test_the_settings_for_editors_name_the_schema_of_every_kind_of_file():
    settings = tomllib.loads((ROOT / ".taplo.toml").read_text("utf-8"))
    named = {one["include"][0]: Path(one["schema"]["path"]).name for one in settings["rule"]}
    assert named == {pattern: f"{title(schema)}.json" for pattern, schema in FILES.items()}


@pytest.mark.tools
def test_an_editor_marks_an_answer_that_is_none(university, tmp_path):
    """The engine of the editors that people use."""
    shutil.copy(ROOT / ".taplo.toml", tmp_path)
    write_schemas(*university, tmp_path / "build" / "schemas")

    def lint():
        command = [TOOLS / ".bin" / "taplo", "lint", "--colors", "never", "rules/counsellor.toml"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert lint()[0] == 0
    path = tmp_path / "rules" / "counsellor.toml"
    path.write_text(path.read_text("utf-8").replace('{ own_counsellor = "no" }', '{ own_counsellor = "non" }'), "utf-8")
    code, said = lint()
    assert code == 1
    assert '"non" is not one of ["yes","no","unknown"' in said


# ---- skeletons


NAMES = {
    "rule": None,
    "question": "on_leave",
    "destination": "night_porter",
    "organisation": "library",
    "source": "house-rules",
    "edition": "2031-01-01",
}


def name_of(kind, rules):
    return NAMES[kind] or tomllib.loads((rules / "vocabulary.toml").read_text("utf-8"))["destinations"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_skeleton_is_toml_and_check_names_what_is_still_empty(university, kind):
    rules, content = university
    assert check(rules, content)[0] == 0
    made = begin(kind, name_of(kind, rules), rules, content, TODAY)
    for path in made:
        tomllib.loads(path.read_text("utf-8"))
    code, said = check(rules, content)
    assert code == 1
    named = {line.split(":")[0] for line in said.splitlines() if ".toml:" in line}
    assert named <= {path.relative_to(rules.parent).as_posix() for path in made}, "nothing else is broken by it"
    assert "empty" in said


@pytest.mark.slow
def test_an_organisation_of_ours_begins_with_what_the_others_say(tmp_path):
    rules, content = (shutil.copytree(ROOT / one, tmp_path / one) for one in ("rules", "content"))
    begin("organisation", "zuidland", rules, content, TODAY)
    with pytest.raises(AuthoringError) as caught:
        read_folders(rules, content)
    assert {line.split(":")[0] for line in str(caught.value).splitlines()} == {"content/organisations/zuidland.toml"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_already_is_never_written_over(university, kind):
    rules, content = university
    begin(kind, name_of(kind, rules), rules, content, TODAY)
    before = {path: path.read_bytes() for path in rules.parent.rglob("*.toml")}
    if kind == "rule":
        begin(kind, name_of(kind, rules), rules, content, TODAY)
        ids = [one["id"] for one in tomllib.loads((rules / f"{name_of(kind, rules)}.toml").read_text("utf-8"))["rule"]]
        assert len(set(ids)) == len(ids)
        return
    with pytest.raises(SkeletonError):
        begin(kind, name_of(kind, rules), rules, content, TODAY)
    assert {path: path.read_bytes() for path in rules.parent.rglob("*.toml")} == before


@pytest.mark.parametrize(
    ("kind", "name"), [("rule", "nowhere"), ("edition", "1 January"), ("source", "A law"), ("question", "Who?")]
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(university, kind, name):
    rules, content = university
    before = {path: path.read_bytes() for path in rules.parent.rglob("*.toml")}
    done = CliRunner().invoke(main, ["new", kind, name, "--rules", str(rules), "--content", str(content)])
    assert done.exit_code == 2
    assert {path: path.read_bytes() for path in rules.parent.rglob("*.toml")} == before
    assert json.dumps(name)[1:-1] not in "".join(path.name for path in rules.parent.rglob("*"))
