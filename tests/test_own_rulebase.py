"""A deployer's own rules and texts: what serves them, what refuses them, and that no others ever stand in for them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import ROOT, SERVE, Service, ask, closing, environment, refused

WEGWIJZER = str(Path(sys.executable).with_name("wegwijzer"))
TITLE = "Onze eigen wegwijzer"


@pytest.fixture
def own(tmp_path):
    """A copy of our rules and texts under a title of its own."""
    for name in ("rules", "content"):
        shutil.copytree(ROOT / name, tmp_path / "own" / name)
    change(tmp_path / "own", "content/site.toml", 'start_title = "', f'start_title = "{TITLE}. ')
    return tmp_path / "own"


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text, f"{name} no longer holds {old!r}; choose other words to break"
    path.write_text(text.replace(old, new, 1), "utf-8")


def named(own, keep):
    return {"WEGWIJZER_RULEBASE": str(own), "WEGWIJZER_KEEP": str(keep)}


def check(folder, own, start=(sys.executable, "-c", SERVE), cwd=ROOT):
    """`wegwijzer check` of a folder: its exit code and what it wrote."""
    command = [*start, "check", "--rules", str(own / "rules"), "--content", str(own / "content")]
    done = subprocess.run(command, cwd=cwd, env=environment(folder, {}), capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


BROKEN = {
    "not TOML": (
        lambda own: change(own, "rules/vocabulary.toml", "[[", "["),
        "rules/vocabulary.toml:",
    ),
    "a promise": (
        lambda own: change(own, "rules/vertrouwenslijn.toml", 'as = "first"', 'as = "later"'),
        "",
    ),
    "a word that pages need": (
        lambda own: [change(own, "content/site.toml", "start_title =", "start_titel =") for _ in ("nl", "en")],
        "content/site.toml:",
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_folder_that_was_never_proved_is_not_served_and_neither_is_another(own, tmp_path, broken):
    breaks, place = BROKEN[broken]
    breaks(own)
    code, said = refused(tmp_path, **named(own, tmp_path / "keep"))
    assert code == 2, said
    assert place in said
    assert said.splitlines()[-1].startswith("Error: WEGWIJZER_RULEBASE: ")
    assert "Traceback" not in said
    assert "Wegwijzer at" not in said

    found, told = check(tmp_path, own)
    assert found == 1, "what serve refuses, check finds"
    assert place in told
    assert "Traceback" not in told


def test_what_was_proved_of_one_folder_never_stands_in_for_another(own, tmp_path):
    with closing(Service(tmp_path, workers=1, **named(own, tmp_path / "keep"))) as service:
        assert TITLE.encode() in ask(service.port)[2]
    other = shutil.copytree(own, tmp_path / "other")
    change(other, "rules/vocabulary.toml", "[[", "[")
    code, said = refused(tmp_path, **named(other, tmp_path / "keep"))
    assert code == 2, said

    change(own, "rules/vocabulary.toml", "[[", "[")
    with closing(Service(tmp_path, workers=1, **named(own, tmp_path / "keep"))) as service:
        assert TITLE.encode() in ask(service.port)[2], "its own last proved copy is served"
        assert service.health()["changedRulebase"] == "refused"


def test_a_folder_behind_a_link_that_is_turned_to_a_newer_release_is_the_same_folder(own, tmp_path):
    link = tmp_path / "current"
    link.symlink_to(own)
    with closing(Service(tmp_path, workers=1, **named(link, tmp_path / "keep"))):
        pass
    newer = shutil.copytree(own, tmp_path / "newer")
    change(newer, "rules/vocabulary.toml", "[[", "[")
    link.unlink()
    link.symlink_to(newer)
    with closing(Service(tmp_path, workers=1, **named(link, tmp_path / "keep"))) as service:
        assert TITLE.encode() in ask(service.port)[2]
        assert service.health()["changedRulebase"] == "refused"


def test_a_newer_version_proves_an_unchanged_folder_again(own, tmp_path):
    house = tmp_path / "house"
    for name in ("service", "rules", "content"):
        shutil.copytree(ROOT / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    with closing(Service(tmp_path, workers=1, cwd=house, **named(own, tmp_path / "keep"))) as service:
        assert TITLE.encode() in ask(service.port)[2]

    for language in ("nl", "en"):
        change(house, "content/site.toml", f"[{language}.words]\n", f'[{language}.words]\na_new_word = "Nieuw"\n')
    change(house, "service/web/templates/base.html", "</title>", "{{ words.a_new_word }}</title>")
    code, said = refused(tmp_path, cwd=house, **named(own, tmp_path / "keep"))
    assert code == 2, said
    assert "a_new_word" in said

    found, told = check(tmp_path, own, cwd=house)
    assert found == 1
    assert "a_new_word" in told
    for language in ("nl", "en"):
        change(own, "content/site.toml", f"[{language}.words]\n", f'[{language}.words]\na_new_word = "Nieuw"\n')
    with closing(Service(tmp_path, workers=1, cwd=house, **named(own, tmp_path / "keep"))) as service:
        assert b"Nieuw</title>" in ask(service.port)[2]
        assert service.health()["status"] == "ok"


def test_only_installed_code_proves_whatever_stands_in_the_folder_one_starts_from(own, tmp_path):
    marker = tmp_path / "ran"
    there = tmp_path / "there"
    for name in ("service/__init__.py", "service/web/__init__.py", "service/serving/trial.py", "flask.py", "json.py"):
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text(f"open({str(marker)!r}, 'a').write(__name__)\n", "utf-8")
    settings = named(own, tmp_path / "keep")
    with closing(Service(tmp_path, workers=1, start=[WEGWIJZER], cwd=there, **settings)) as service:
        assert TITLE.encode() in ask(service.port)[2]
    assert not marker.exists(), marker.read_text("utf-8")
