"""What a caller sends is nowhere afterwards: looked for in everything that the service and nginx could have left.

Sent is a word that nobody would guess, in every place where a caller can put one, and answers that are rare. With
JavaScript nothing is sent at all (tests/test_trace.py, and test_embed.py for a questionnaire on another site).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from running import NAME, ROOT, SERVE, Nginx, Service, ask, closing, free_port

MARKER = "geheim7f3a9"
RARE = {"reporter": "contractor", "misconduct_kind": "crime_by_official", "privacy": "outside_organisation"}
RARELY = ("crime_by_official", "outside_organisation")
ANSWERS = {**RARE, "concerns": ["misconduct"]}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SPEAKS = {
    "User-Agent": MARKER,
    "Referer": f"https://{MARKER}.example/{MARKER}",
    "Cookie": f"{MARKER}={MARKER}",
    "X-Forwarded-For": MARKER,
    "Forwarded": f"for={MARKER}",
    "Authorization": f"Basic {MARKER}",
    "If-None-Match": f'"{MARKER}"',
    "Accept-Language": MARKER,
    "Origin": f"https://{MARKER}.example",
    f"X-{MARKER}": MARKER,
}
ALL_SAID = """
import logging
logging.basicConfig(level=1)
from service.serving import serve
sets = serve.Service.load_config
def load_config(self):
    sets(self)
    self.cfg.set("loglevel", "debug")
serve.Service.load_config = load_config
"""
CARELESS = """
from service.web import body
reads = body.read_body
def read_body(request, limit):
    logging.getLogger("careless").info("%s", request.get_data())
    return reads(request, limit)
body.read_body = read_body
"""


def ways(port):
    """Every way in, with the marker or the rare answers in it; gives what came back."""

    def sent(method, path, body=None, kind=JSON):
        headers = {**SPEAKS, "Host": NAME, **({"Content-Type": kind} if body is not None else {})}
        status, said, text = ask(port, method, path, body, headers)
        return status, f"{said}{text.decode(errors='replace')}"

    good = {"situation": ANSWERS, "organisation": "mivd"}
    yield sent("POST", "/api/v1/referrals", json.dumps(good))
    yield sent("POST", "/api/v1/referrals/batch", json.dumps({"requests": [good] * 3}))
    for wrong in (
        {"situation": {MARKER: "x"}},
        {"situation": {"reporter": MARKER}},
        {"situation": {"concerns": [MARKER]}},
        {"situation": ANSWERS, "organisation": MARKER},
        {"situation": ANSWERS, "on": MARKER},
        {"situation": ANSWERS, "language": MARKER},
        {MARKER: MARKER},
        [MARKER],
    ):
        yield sent("POST", "/api/v1/referrals", json.dumps(wrong))
        yield sent("POST", "/api/v1/referrals/batch", json.dumps({"requests": [wrong]}))
    yield sent("POST", "/api/v1/referrals", MARKER)
    yield sent("POST", "/api/v1/referrals", MARKER * 2_000)
    yield sent("POST", "/api/v1/referrals", MARKER * 30_000)
    yield sent("POST", "/api/v1/referrals", json.dumps(good), f"text/{MARKER}")
    yield sent("POST", "/api/v1/referrals", f'{{"situation": {{"reporter": "{MARKER}", "reporter": "{MARKER}"}}}}')
    yield sent("POST", "/api/v1/referrals", "[" * 5_000 + MARKER)
    for path in ("/vragen", "/en/questions"):
        answers = "&".join(f"{fact}={answer}" for fact, answer in RARE.items())
        for to in ("next", "back"):
            yield sent("POST", path, f"concerns=misconduct&{answers}&organisation=mivd&to={to}", FORM)
        for form in (f"{MARKER}=x", f"reporter={MARKER}", f"to={MARKER}", f"at=organisation&to=search&q={MARKER}"):
            yield sent("POST", path, form, FORM)
    for form in (
        f"a.reporter={MARKER}",
        f"code={MARKER}&to=read",
        "a.concerns=misconduct&a.privacy=outside_organisation",
    ):
        yield sent("POST", "/adviseur", form, FORM)
    for path in (
        f"/{MARKER}",
        f"/vragen?{MARKER}={MARKER}",
        f"/api/v1/{MARKER}",
        f"/api/v1/rules/{MARKER}",
        f"/api/v1/organisations?q={MARKER}",
        f"/api/v1/rules?on={MARKER}",
        f"/static/{MARKER}/{MARKER}.css",
        f"/insluiten?organisation={MARKER}",
        f"/insluiten/vragen?organisation={MARKER}&concern={MARKER}&theme={MARKER}",
        f"/oembed?url=https://{MARKER}.example/",
        f"/health/{MARKER}",
        f"/{MARKER * 300}",
    ):
        yield sent("GET", path)
        yield sent(MARKER.upper(), path)


MALFORMED = (
    f"{MARKER}\r\n\r\n",
    f"GET /{MARKER} HTTP/{MARKER}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: {MARKER}\r\n\r\n",
    f"GET / HTTP/1.1\r\nHost: {NAME}\r\n{MARKER} : {MARKER}\r\n\r\n",
    f"POST /vragen HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: {FORM}\r\nContent-Length: 99\r\n\r\nreporter={MARKER}",
    f"POST /vragen HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\n\r\nzz{MARKER}\r\n",
    f"POST /vragen HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {MARKER}\r\n\r\n",
)


def raw(port, said):
    """Bytes that are not HTTP, and what comes back."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        try:
            connection.sendall(said.encode())
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
        except OSError:  # it was told nothing at all
            return ""


def everything(pids, *folders):
    """Every byte that is left: name -> bytes; open files that have no name any more among them."""
    for folder in folders:
        for path in Path(folder).rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
    for pid in pids:
        for name in ("cmdline", "comm", "environ"):
            yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_bytes()
        for one in Path(f"/proc/{pid}/fd").iterdir():
            target = str(one.readlink())
            if target.startswith("/") and not target.startswith(("/dev/null", "/dev/pts", "/dev/urandom")):
                yield f"{target} open in {pid}", one.read_bytes()


def family(pid):
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found += family(int(child))
    return found


def holds(name_and_bytes, words):
    """Which of these words stand where."""
    return [
        (name, word)
        for name, said in name_and_bytes
        for word in words
        if word.encode() in said or word.encode("utf-16-le") in said or word.upper().encode() in said
    ]


@pytest.fixture
def put(tmp_path):
    """The folders of a machine of its own, and what was in shared memory before."""
    for name in ("home", "nginx"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_what_a_caller_sends_is_nowhere_afterwards(put):
    numbers = free_port()
    service = Service(
        put / "home",
        code=ALL_SAID + SERVE,
        WEGWIJZER_HOSTS=NAME,
        WEGWIJZER_PROXIES="1",
        WEGWIJZER_RATE="0",
        WEGWIJZER_LOG="requests",
        WEGWIJZER_METRICS=f"127.0.0.1:{numbers}",
    )
    before = set(Path("/dev/shm").iterdir())
    with closing(service, Nginx(put / "nginx", [service.port])) as (service, nginx):
        for port in (nginx.port, service.port):
            for status, said in ways(port):
                assert "set-cookie" not in said.lower()
                assert MARKER not in said.lower(), (status, said[:300])
            for one in MALFORMED:
                assert MARKER not in raw(port, one.replace(NAME, "localhost") if port == service.port else one)
        pids = [*family(service.pid), *family(nginx.pid)]
        assert len(pids) >= 5
        left = [*everything(pids, put)]
        new = [(str(one), one.read_bytes()) for one in set(Path("/dev/shm").iterdir()) - before if one.is_file()]
        said = [("numbers", ask(numbers, path="/metrics")[2]), ("health", ask(service.port, path="/health/ready")[2])]
        assert any("log-" in name for name, _ in left)
    assert "Handling signal" in service.said() or "POST /vragen 200" in service.said(), "the log did speak"
    assert holds([*left, *new, *said, ("log", service.said().encode())], [MARKER]) == []
    # The rare answers stand in no log, number or title either.
    assert holds([*left, *said, ("log", service.said().encode())], RARELY) == []


def test_the_search_finds_what_a_careless_service_would_leave(put):
    with closing(Service(put / "home", code=ALL_SAID + CARELESS + SERVE)) as service:
        ask(service.port, "POST", "/api/v1/referrals", json.dumps({"situation": ANSWERS}), {"Content-Type": JSON})
        ask(service.port, "POST", "/api/v1/referrals", json.dumps({MARKER: MARKER}), {"Content-Type": JSON})
        left = [*everything(family(service.pid), put)]
    found = {word for _, word in holds(left, [MARKER, *RARELY])}
    assert found == {MARKER, *RARELY}


def test_the_command_line_leaves_nothing_of_what_it_was_asked(put):
    env = {"PATH": os.environ["PATH"], "HOME": str(put / "home"), "TMPDIR": str(put / "home")}
    words = ["decide", *(f"{fact}={answer}" for fact, answer in RARE.items()), "concerns=misconduct"]
    for arguments in (
        words,
        [*words, "--organisation", "mivd"],
        ["decide", f"reporter={MARKER}"],
        ["why", "vertrouwenslijn", *words[1:]],
    ):
        command = [sys.executable, "-c", "from service.cli.main import main; main()", *arguments]
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=60)
    assert holds(everything([], put), [MARKER, *RARELY]) == []


def test_no_crash_writes_memory_to_a_file(put):
    with closing(Service(put / "home")) as service:
        for pid in family(service.pid):
            limits = Path(f"/proc/{pid}/limits").read_text("ascii")
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"]
    # Where dumps go to a program the limit is not asked; such a process must say that it may not be dumped at all.
    code = "import ctypes; from service.serving import serve; serve.no_core_dumps(); print(ctypes.CDLL(None).prctl(3))"
    asked = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "0"
