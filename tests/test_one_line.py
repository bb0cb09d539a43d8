"""What is wrong is said in one line, that names what to mend, by every command: nobody has to read Python."""

from __future__ import annotations

import re
import shutil
import socket

import pytest
from running import ROOT, refused, wegwijzer

from service.rulebook.library import KEY, RULEBASE
from service.web import settings

WRONG = {
    settings.ADDRESS: ["wegwijzer.example.nl", "https://example.nl/path", "https://[::"],
    settings.HOSTS: ["https://x.example", "x..example"],
    settings.PROXIES: ["some", "10"],
    settings.RATE: ["abc", "60001", "99"],
    settings.SECURITY: ["security@example.nl"],
    settings.METRICS: ["9100", "127.0.0.1:99999", "no such name:9100", "192.0.2.1:9100"],
    settings.HEALTH: ["8001", "127.0.0.1:99999", "no such name:8001", "192.0.2.1:8001"],
    settings.LOG: ["debug"],
    RULEBASE: ["/nowhere", "x" * 5000, str(ROOT), str(ROOT / "setup.cfg")],
    KEY: ["/nowhere", "/dev/null"],
    settings.CONTACT: ["x", "API team, a@b, https://x.example"],
    settings.EXIT: ["ftp://x", "http://["],
    settings.THEME: ["/nowhere", "x" * 5000],
    settings.THEMES: ["/nowhere"],
    settings.CALLS: ["sometimes"],
    settings.CORS: ["write", "refer"],
    settings.PADDING: ["programs"],
    settings.EMBED: ["*", "https://x.example/"],
}


def test_every_setting_is_set_wrongly_here():
    known = {value for name, value in vars(settings).items() if name.isupper() and str(value).startswith("WEGWIJZER_")}
    assert WRONG.keys() == known | {KEY, RULEBASE}


def only(said):
    """The one line that was said, besides that a checkout whose code changed is proved first."""
    (line,) = (one for one in said.splitlines() if not one.startswith("rules/, content/ or the code changed"))
    assert line.startswith("Error: ")
    return line


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_line_that_names_it(tmp_path, name, subtests):
    for value in WRONG[name]:
        with subtests.test(value):
            code, said = refused(tmp_path, **{name: value})
            assert code in (1, 2)
            assert name in only(said)


def test_every_command_that_reads_settings_says_so_in_one_line(tmp_path):
    for command in (("export", "read", tmp_path / "x"), ("export", "static", tmp_path / "x"), ("serve",)):
        code, said = wegwijzer(tmp_path, *command, WEGWIJZER_RATE="abc")
        assert code == 2, command
        assert settings.RATE in only(said)


def test_a_file_of_ours_in_a_look_of_ones_own_is_said_at_the_start(tmp_path):
    for name in ("theme.css", "questions.js"):
        (tmp_path / name).write_text("", "utf-8")
    ours = next(path.name for path in (ROOT / "service/web/static").iterdir() if path.suffix == ".js")
    (tmp_path / ours).write_text("", "utf-8")
    code, said = refused(tmp_path, WEGWIJZER_THEME=str(tmp_path))
    assert code == 2
    assert settings.THEME in only(said)


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(tmp_path, "--port", port)
        assert code == 1, "it may pass by itself"
        assert "--port" in only(said)
        code, said = refused(tmp_path, WEGWIJZER_METRICS=f"127.0.0.1:{port}")
        assert code == 1
        assert settings.METRICS in only(said)


@pytest.mark.parametrize("host", ["no such name", "192.0.2.1", "::zz", "x" * 300, ""])
def test_an_address_that_is_not_of_this_machine_is_one_line(tmp_path, host):
    code, said = refused(tmp_path, "--host", host)
    assert code == 1
    assert "--host" in only(said)


def test_what_the_engine_cannot_hold_is_one_line(tmp_path):
    for name in ("rules", "content"):
        shutil.copytree(ROOT / name, tmp_path / "own" / name)
    fact = "behaviour_pattern"
    for path in (tmp_path / "own").rglob("*.toml"):
        path.write_text(path.read_text("utf-8").replace(fact, "sid"), "utf-8")  # what the engine calls its sessions
    (tmp_path / f"own/content/questions/{fact}.toml").rename(tmp_path / "own/content/questions/sid.toml")
    code, said = wegwijzer(
        tmp_path, "check", "--rules", tmp_path / "own/rules", "--content", tmp_path / "own/content", "--language", "en"
    )
    assert code == 1
    passed = "read|ok|edition|signed|not looked at"
    found, told, count = (line for line in said.splitlines() if not re.match(passed, line))
    assert found.startswith("BROKEN: ")
    assert "'sid'" in told
    assert count == "1 mistake."


COMMANDS = [
    (("decide", "--on", "1900-01-01", "concerns=unsure"), 2),
    (("why", "nowhere"), 2),
    (("why-not", "huis_advice", "--organisation", "nowhere"), 2),
    (("questions", "--count", "--on", "1900-01-01"), 2),
    (("page", "--on", "1900-01-01"), 2),
    (("coverage", "nothing"), 2),
    (("diff", "no such revision", "."), 2),
    (("export", "dmn", "/dev/null/x"), 2),
    (("export", "read", "/dev/null/x"), 2),
    (("export", "static", "/dev/null/x", "--on", "1900-01-01"), 2),
    (("serve", "--port", "65536"), 2),
    (("serve", "--workers", "0"), 2),
]


@pytest.mark.parametrize(
    ("words", "code"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_a_command_that_cannot_do_what_was_asked_says_so_without_a_traceback(tmp_path, words, code):
    found, said = wegwijzer(tmp_path, *words)
    assert found == code, said
    assert said.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in said


def test_a_file_that_cannot_be_written_or_read_is_one_line(tmp_path):
    case = (
        "case",
        "concerns=unsure",
        "--should",
        "huis_advice",
        "--story",
        "Een verhaal.",
        "--tells",
        "onderdeel 6, alinea 1",
    )
    code, said = wegwijzer(tmp_path, *case, "--file", tmp_path / "nowhere/case.toml")
    assert code == 1
    assert "nowhere/case.toml" in only(said)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/one.toml").write_text("not TOML", "utf-8")
    code, said = wegwijzer(tmp_path, "coverage", "--cases", tmp_path / "cases")
    assert code == 1
    assert "one.toml" in only(said)
