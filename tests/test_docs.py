"""What the docs say is run."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from running import free_port, until

from service.cli.main import main
from service.rulebook.library import KEY, RULEBASE
from service.web import settings
from service.web.caching import A_WHILE, ASK_FIRST
from service.web.problems import KINDS
from service.web.versions import NOTICE

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
API = (ROOT / "docs" / "api.md").read_text("utf-8")
STARTS = 300  # seconds a checkout may take to compile its rulebase on a busy machine
OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server():
    """The service as `make run` starts it, on a free port."""
    port = free_port()
    command = [sys.executable, "-c", "from service.cli.main import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ready():
        assert process.poll() is None, process.stderr.read().decode()
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5).close()
            return True

    until(ready, STARTS)
    yield port
    process.terminate()
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"employee" not in output + errors


@pytest.mark.parametrize("text", [README, API], ids=["README", "api"])
def test_the_curl_line_gives_the_answer_shown(server, text):
    command, answer = re.search(r"```sh\n(curl .*?)\n```\n\n```text\n(.*?)```", text, re.S).groups()
    command = command.replace("127.0.0.1:8000", f"127.0.0.1:{server}")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == answer


CHUNKS = {
    "wrong": (b"zz\r\n", b"400"),
    "right": (b'10\r\n{"situation": {}\r\n1\r\n}\r\n0\r\n\r\n', b"200"),
    "too many": (b"800\r\n" + b" " * 2048 + b"\r\n", b"413"),
    "wrong at the end": (b"2\r\n{}\r\n0\r\nx y\r\n\r\n", b"400"),
    "broken off": (b"2\r\n{}", b"400"),
    "none": (b"", b"400"),
}


@pytest.mark.parametrize("kind", CHUNKS)
@pytest.mark.parametrize("path", [b"/api/v1/referrals", b"/vragen", b"/advisor"])
def test_a_body_in_chunks_is_read_by_the_api_and_a_form_in_chunks_by_nothing(server, path, kind):
    body, status = CHUNKS[kind]
    head = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server), timeout=30) as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + body * (50 if kind == "too many" else 1))
        connection.shutdown(socket.SHUT_WR)
        expected = status if path.startswith(b"/api/") else b"411"
        assert connection.recv(65536).startswith(b"HTTP/1.1 " + expected + b" ")


def test_the_api_page_lists_every_kind_of_problem_with_its_status():
    listed = re.findall(r"^\| `(/api/v1/problems/[a-z-]+)` \| (\d+) \|", API, re.M)
    assert listed == [(kind.type, str(kind.status.value)) for kind in KINDS]


def test_the_api_page_promises_what_the_code_keeps():
    assert set(re.findall(r"(\d+)\s+days", API)) == {str(NOTICE.days)}
    for how_long in (ASK_FIRST, A_WHILE):
        assert f"`{how_long}`" in API


def test_the_readme_names_every_command_and_no_other():
    table = "\n".join(line for line in README.splitlines() if line.startswith("| `wegwijzer"))
    named = set(re.findall(r"`wegwijzer ([a-z-]+)`", table))
    assert named == set(main.commands)


def test_every_make_target_in_the_readme_exists():
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert {*re.findall(r"\bmake ([a-z]+)", README)} - {*made} == set()


def test_every_link_to_a_file_leads_somewhere():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), (path, target)


def test_every_decision_is_in_the_list():
    listed = set(re.findall(r"\((\d{3}-[a-z-]+\.md)\)", (ROOT / "docs/decisions/README.md").read_text("utf-8")))
    assert listed == {path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")}


def test_the_rule_that_the_docs_explain_has_these_keys():
    """rules/README.md names every key of a rule."""
    from service.rulebook.rules import RuleSchema

    text = (ROOT / "rules/README.md").read_text("utf-8")
    for name, field in RuleSchema().fields.items():
        assert f"`{field.data_key or name}`" in text or name in {"id", "terms"}, name


def test_the_tokens_of_the_guide_to_a_look_exist():
    guide = (ROOT / "docs/theming.md").read_text("utf-8")
    ours = (ROOT / "service/web/assets/theme.css").read_text("utf-8")
    named = re.findall(r"`(--ww-[a-z-]+)`", guide)
    assert len(named) > 10
    for token in named:
        assert f"{token}:" in ours
    for paper in ("danger", "warning", "safe"):
        assert f"--ww-{paper}-paper:" in ours


def test_the_operating_guide_names_every_setting_and_no_other():
    named = {value for value in vars(settings).values() if isinstance(value, str) and value.startswith("WEGWIJZER_")}
    named |= {KEY, RULEBASE}
    table = re.findall(r"^\| `(WEGWIJZER_[A-Z]+)` \|", OPERATING, re.MULTILINE)
    assert sorted(table) == sorted(named)
    assert set(re.findall(r"WEGWIJZER_[A-Z]+", OPERATING)) == named


def test_the_operating_guide_says_what_happens_when_a_setting_is_left_out(tmp_path):
    usual = dict(re.findall(r"^\| `(WEGWIJZER_[A-Z]+)` \|.*\| ([^|]+) \|$", OPERATING, re.MULTILINE))
    none = settings.read_settings({})
    assert str(none.rate) == usual["WEGWIJZER_RATE"]
    assert str(none.proxies) == usual["WEGWIJZER_PROXIES"]
    assert none.answers_to == re.findall(r"`(localhost|127[.0-9]+|\[::1\])`", usual["WEGWIJZER_HOSTS"])
