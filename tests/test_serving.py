"""The service in processes of its own: what it logs, what it counts, and that a stop or a reload loses nobody."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys

import pytest
from folders import built, written
from running import (
    ADDRESSES,
    LETTER,
    NAME,
    ROOT,
    SERVE,
    Asking,
    Nginx,
    Service,
    ask,
    closing,
    environment,
    free_port,
    refer,
    until,
)

SECRET = "geheim-7f3a"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("serving")


def raw(port, sent):
    """Bytes to a port, and all that comes back before it is shut."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection, contextlib.suppress(OSError):
        connection.sendall(sent)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            came += piece
    return came


def test_a_log_line_says_what_was_asked_for_and_nothing_of_who_asked(folder):
    with closing(Service(folder, WEGWIJZER_LOG="requests")) as service:
        agent = {"User-Agent": SECRET, "Referer": f"https://{SECRET}", "X-Forwarded-For": "192.0.2.77"}
        ask(service.port, path=f"/api/v1/organisations?q={SECRET}", headers=agent)
        ask(service.port, path=f"/{SECRET}", headers=agent)
        ask(service.port, SECRET.upper(), f"/vragen?{SECRET}", headers=agent)
    said = service.said()
    lines = said.splitlines()
    assert any(line == "GET /api/v1/organisations 200" for line in lines), said
    assert any(line == "? 404" for line in lines), said
    for secret in (SECRET, SECRET.upper(), "127.0.0.1 ", "192.0.2.77"):
        assert secret not in said


def test_nothing_is_logged_unless_asked_for(folder):
    with closing(Service(folder)) as service:
        refer(service.port)
        ask(service.port, path="/nothing")
    assert service.said().splitlines() == [f"Wegwijzer at http://127.0.0.1:{service.port}/ (stop with Ctrl-C)"]


def test_it_says_where_it_is_when_a_caller_is_taken_and_not_before(folder):
    """So whoever waits for the line does not come too early."""
    command = [sys.executable, "-c", SERVE, "serve", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(folder, {}), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = process.stdout.readline()
        port = int(re.fullmatch(r"Wegwijzer at http://127\.0\.0\.1:(\d+)/ \(stop with Ctrl-C\)\n", said)[1])
        assert ask(port)[0] == 200
    finally:
        process.terminate()
        assert process.wait(40) == 0
        process.stdout.close()


def test_it_listens_on_ipv6_and_is_called_by_that_address(folder):
    with closing(Service(folder, host="::1")) as service:
        status, _, body = ask(service.port, path="/insluiten", host="::1")
        assert status == 200
        assert f"http://[::1]:{service.port}".encode() in body, "it knows where it is"
        for host in ("[::1]", "localhost"):
            assert ask(service.port, headers={"Host": host}, host="::1")[0] == 200
        assert ask(service.port, headers={"Host": "[::2]"}, host="::1")[0] == 421
    assert f"Wegwijzer at http://[::1]:{service.port}/ " in service.said()


def test_only_whoever_looks_whether_it_lives_need_not_name_it(folder):
    with closing(Service(folder)) as service:
        for sent in ("HTTP/1.0\r\n", "HTTP/1.1\r\nHost: 10.0.0.5:8000\r\nConnection: close\r\n"):
            for path, status in (("/health/live", b"200"), ("/health/ready", b"200"), ("/", b"421"), ("/en", b"421")):
                answer = raw(service.port, f"GET {path} {sent}\r\n".encode())
                assert answer.split()[1] == status, (path, answer)


MALFORMED = {
    "no HTTP": f"{SECRET}\r\n\r\n",
    "a method": f"{SECRET}() / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a version": f"GET / HTTP/{SECRET}\r\n\r\n",
    "a header": f"GET / HTTP/1.1\r\nHost: localhost\r\n{SECRET} : x\r\n\r\n",
    "a long line": f"GET /{SECRET * 400} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "many headers": "GET / HTTP/1.1\r\nHost: localhost\r\n" + f"x-{SECRET}: 1\r\n" * 60 + "\r\n",
    "a large header": f"GET / HTTP/1.1\r\nHost: localhost\r\nx: {SECRET * 600}\r\n\r\n",
    "two lengths": f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{SECRET}",
    "length and chunks": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
    "a coding": f"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {SECRET}\r\n\r\n",
    "an expectation": f"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: {SECRET}\r\n\r\n",
    "folded": f"GET / HTTP/1.1\r\nHost: localhost\r\nx: 1\r\n {SECRET}\r\n\r\n",
}


def test_what_is_not_http_is_refused_in_fixed_words_and_not_logged(folder):
    with closing(Service(folder, WEGWIJZER_LOG="requests")) as service:
        for kind, sent in MALFORMED.items():
            answer = raw(service.port, sent.encode())
            assert re.match(rb"HTTP/1.1 (400|414|417|431|501) ", answer), (kind, answer)
            assert b"application/problem+json" in answer
            assert SECRET.encode() not in answer.replace(b"\r\n", b""), kind
        assert len(service.workers()) == 2
    assert SECRET not in service.said()
    assert "127.0.0.1:" not in service.said().split("Ctrl-C)")[1]


def test_numbers_come_from_a_listener_of_their_own_and_from_nowhere_else(folder):
    port = free_port()
    with closing(Service(folder, WEGWIJZER_METRICS=f"127.0.0.1:{port}")) as service:
        for _ in range(13):
            refer(service.port)
        said = ask(port, path="/metrics")[2].decode()
        assert 'wegwijzer_responses_total{kind="api",status="2xx"} 10.0' in said, "in steps of ten"
        assert "wegwijzer_decisions_total 10.0" in said
        assert not re.search("vertrouwens|misconduct|employee|127", said)
        for path in ("/metrics", "/", "/health/live"):
            forged = {"Host": f"127.0.0.1:{port}", "X-Forwarded-Port": str(port)}
            assert b"wegwijzer_responses" not in ask(service.port, path=path, headers=forged)[2]
    with closing(Service(folder)) as service:
        assert ask(service.port, path="/metrics")[0] == 404


def test_a_stop_lets_whoever_is_being_answered_finish(folder):
    service = Service(folder, WEGWIJZER_RATE="0")
    asking = Asking(service.port)
    until(lambda: asking.right > 50)
    code = service.stop()
    asking.stop()
    assert code == 0
    # Once nobody listens any more a caller is refused at the door; nobody is cut off inside.
    assert {one for one in asking.wrong if "refused" not in str(one)} <= {
        "ConnectionResetError(104, 'Connection reset by peer')"
    }
    assert service.said().count("\n") == 1


def test_when_the_service_is_gone_nginx_serves_the_questionnaire_and_says_the_rest_is_not_there(tmp_path, client):
    alone = tmp_path / "alone"
    written(alone, built())
    with closing(Nginx(tmp_path, [free_port()], alone)) as nginx:
        for addresses in ADDRESSES.values():
            for page in ("start", "questions", "statement", "leave", "advisor", "book"):
                status, headers, body = ask(nginx.port, path=getattr(addresses, page), headers={"Host": NAME})
                assert status == 200, page
                assert b"<h1" in body
                assert ask(nginx.port, "HEAD", getattr(addresses, page), headers={"Host": NAME})[0] == 200
                assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        loaded = re.search(rb'href="(static-[^"]+\.css)"', body)[1].decode()
        assert ask(nginx.port, path=f"/{loaded}", headers={"Host": NAME})[0] == 200
        status, headers, body = refer(nginx.port, headers={"Host": NAME})
        assert (status, headers["Content-Type"]) == (503, "application/problem+json")
        assert json.loads(body)["status"] == 503
        assert client.get(json.loads(body)["type"]).status_code == 200, "what it is called is explained"
        assert ask(nginx.port, path="/health/ready", headers={"Host": NAME})[0] == 503


def test_nginx_never_writes_a_body_or_an_answer_to_a_disk_and_logs_nothing(folder, tmp_path):
    service = Service(folder, WEGWIJZER_HOSTS=NAME, WEGWIJZER_PROXIES="1")
    with closing(service, Nginx(tmp_path, [service.port])) as (service, nginx):
        for one in nginx.spill.rglob("*"):
            one.rmdir()
        nginx.spill.rmdir()  # a body or an answer that had to go to a disk would fail now
        batch = json.dumps({"requests": [LETTER] * 100}) + " " * 150_000
        kind = {"Content-Type": "application/json", "Host": NAME}
        status, _, body = ask(nginx.port, "POST", "/api/v1/referrals/batch", batch, kind)
        assert status == 200
        assert len(json.loads(body)["answers"]) == 100
        status, headers, body = ask(nginx.port, "POST", "/api/v1/referrals", SECRET * 40_000, kind)
        assert (status, headers["Content-Type"]) == (413, "application/problem+json")
        assert SECRET.encode() not in body
        assert raw(nginx.port, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b"", "no answer at all"
        banner = raw(nginx.port, b"GET / HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\nConnection: close\r\n\r\n")
        assert b"nginx/" not in banner
        assert b"gunicorn" not in banner
        service.stop()
        ask(nginx.port, path=f"/{SECRET}?{SECRET}", headers={"Host": NAME})
    assert nginx.said() == ""
