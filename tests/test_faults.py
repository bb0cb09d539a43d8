"""What breaks is broken here on purpose, under a running service: nothing is lost, nobody is referred wrongly."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
from datetime import date
from functools import cache
from pathlib import Path

import ours
import pytest
from running import LETTER, NAME, ROOT, SERVE, Nginx, Service, ask, closing, free_port, refer, under_load, until

from service.core.reading import Reading
from service.core.situation import situation
from service.serving.sender import HELD
from service.web.padding import REFERRAL

BEHIND_NGINX = {"WEGWIJZER_HOSTS": NAME, "WEGWIJZER_PROXIES": "1", "WEGWIJZER_RATE": "0"}
NOTHING = [{"situation": {}}]
ELSEWHERE = "127.0.0.9"  # the address of somebody who has nothing to do with it
YEAR = 365 * 24 * 3600


HIDDEN = {"WEGWIJZER_PADDING": "everybody"}  # then an answer is as long as any can be


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One for all whose faults must leave nothing behind."""
    with closing(Service(tmp_path_factory.mktemp("standing"), **BEHIND_NGINX, **HIDDEN)) as service:
        yield service


def first_of(answer):
    return [one["destination"] for one in json.loads(answer[2])["referrals"] if one["as"] == "first"]


@cache
def meant():
    """What the rules say of the letter's example."""
    rulebase = ours.library().rulebase
    asked = situation(rulebase.vocabulary, LETTER["situation"])
    return set(Reading(rulebase.on(date.fromisoformat(LETTER["on"]))).decide(asked).possible)


def right(port, **more):
    """Whether the letter's example gets the letter's answer."""
    answer = refer(port, **more)
    assert answer[0] == 200
    return set(json.loads(answer[2])["possible"]) == meant() > set()


DISKS = {
    "read-only everywhere": "mount -o remount,bind,ro / && mount -t tmpfs -o ro none /dev/shm",
    "read-only": "mount -t tmpfs none {disk} && mount -o remount,ro {disk}",
    "full": "mount -t tmpfs -o size=64k none {disk} && dd if=/dev/zero of={disk}/full bs=4k 2>/dev/null; true",
}
ON_A_DISK = """
import os, subprocess, sys
command = {command!r} + " && exec " + " ".join(map(repr, [sys.executable, "-c", {serve!r}, *sys.argv[1:]]))
os.execvp("unshare", ["unshare", "--map-root-user", "--mount", "sh", "-c", command])
"""


@pytest.mark.parametrize("disk", DISKS)
def test_on_a_disk_that_takes_nothing_it_answers_all_the_same(tmp_path, disk):
    place = tmp_path / "disk"
    place.mkdir()
    code = ON_A_DISK.format(command=DISKS[disk].format(disk=place), serve=SERVE)
    loose = {"TMPDIR": str(place), "HOME": str(place), "WEGWIJZER_RATE": "0"}
    with closing(Service(tmp_path, code=code, **loose)) as service, under_load(service.port):
        assert right(service.port)
        found = json.loads(ask(service.port, path="/api/v1/organisations?q=justitie")[2])
        assert found
        assert service.health()["status"] == "ok"


def test_a_file_that_is_missing_stops_the_start_with_its_name(tmp_path):
    for name in ("rules", "content", "service"):
        shutil.copytree(ROOT / name, tmp_path / "house" / name)
    (tmp_path / "house/content/notices.toml").unlink()
    command = [sys.executable, "-c", SERVE, "serve", "--port", "1"]
    done = subprocess.run(command, cwd=tmp_path / "house", capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "notices.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_clock_that_is_set_back_or_forward_changes_no_referral(tmp_path, library):
    clock, shim = tmp_path / "clock", tmp_path / "clock.so"
    clock.write_text("0", "utf-8")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", str(shim), str(Path(__file__).parent / "clock.c"), "-ldl"], check=True
    )
    settings = {"LD_PRELOAD": str(shim), "CLOCK_FILE": str(clock), "WEGWIJZER_RATE": "0"}
    asked = {"situation": {"concerns": ["labour_conflict"], "reporter": "employee", "privacy": "anonymous"}}
    with closing(Service(tmp_path, **settings)) as service, under_load(service.port):
        now = first_of(refer(service.port, asked))
        for years, behind in ((-4, True), (-50, True), (30, False), (0, False)):
            clock.write_text(str(years * YEAR), "utf-8")
            for _ in range(4):
                assert first_of(refer(service.port, asked)) == now
                assert ask(service.port, path="/vragen")[0] == 200
            health = service.health()
            assert health["clock"] == ("behind" if behind else None), years
            assert health["status"] == ("degraded" if behind else "ok")
            said = json.loads(refer(service.port, asked)[2])["on"]
            assert said >= library.written.isoformat()
            assert (int(said[:4]) > library.written.year + 20) == (years == 30), "the clock was really set"


BROKEN = """
import ctypes
from service.engine import durable as engine
fires = engine.Engine.fire
def fire(self, situation):
    if situation.answers.get("privacy") == "anonymous":
        {fault}
    return fires(self, situation)
engine.Engine.fire = fire
from service.cli.main import main
main()
"""


def test_an_engine_that_raises_is_answered_by_the_graph_and_counted(tmp_path):
    code = BROKEN.format(fault="raise engine.EngineError('on purpose')")
    asked = {**LETTER, "situation": {**LETTER["situation"], "privacy": "anonymous"}}
    begun = Service(tmp_path), Service(tmp_path, code=start(code), WEGWIJZER_RATE="0")
    with closing(*begun) as (whole, service), under_load(service.port):
        for _ in range(5):
            assert json.loads(refer(service.port, asked)[2]) == json.loads(refer(whole.port, asked)[2])
        health = service.health()
        assert (health["status"], health["engineFailures"]) == ("degraded", 5)
    assert "anonymous" not in service.said()


def start(code):
    """Break the engine only after it was compared with the rules, as a fault in production would."""
    head, tail = code.split("engine.Engine.fire = fire")
    late = "from service.serving import serve\nload = serve.Service.load\ndef late(self):\n    app = load(self)\n"
    return f"{head}{late}    engine.Engine.fire = fire\n    return app\nserve.Service.load = late{tail}"


@pytest.mark.parametrize("fault", ["ctypes.string_at(0)", "import os; os._exit(1)"])
def test_an_engine_that_takes_its_process_with_it_takes_no_other_and_nobody_is_referred_wrongly(tmp_path, fault):
    whole, service = Service(tmp_path), Service(tmp_path, code=start(BROKEN.format(fault=fault)), **BEHIND_NGINX)
    with (
        closing(whole, service, Nginx(tmp_path, [service.port])) as (whole, service, nginx),
        under_load(nginx.port, host=NAME),
    ):
        asked = {**LETTER, "situation": {**LETTER["situation"], "privacy": "anonymous"}}
        answered = json.loads(refer(whole.port, asked)[2])
        for number in range(3):
            status, _, body = refer(nginx.port, asked, headers={"Host": NAME})
            assert (status, json.loads(body)) == (200, answered), "by the graph, in another process"
            until(lambda killed=number + 1: service.health()["killedWorkers"] == killed)
            assert ask(nginx.port, "POST", "/vragen", "concerns=unsure&privacy=anonymous&to=next", FORM)[0] == 200
            assert right(nginx.port, headers={"Host": NAME})
        until(lambda: len(service.workers()) == 2)
        assert service.health()["status"] == "degraded"
        assert len(service.workers()) == 2, "and not one more was lost"
    assert not list(tmp_path.rglob("core*"))
    assert "anonymous" not in service.said()


def test_a_request_that_takes_too_long_is_given_to_another_process_and_to_no_engine_any_more(tmp_path):
    begun = tmp_path / "begun"
    fault = f"import time; open({str(begun)!r}, 'a').write('x'); time.sleep(3)"
    service = Service(tmp_path, code=start(BROKEN.format(fault=fault)), **BEHIND_NGINX)
    short = {"proxy_read_timeout 5s;": "proxy_read_timeout 1s;"}
    with closing(service, Nginx(tmp_path, [service.port], **short)) as (service, nginx):
        asked = {**LETTER, "situation": {**LETTER["situation"], "privacy": "anonymous"}}
        status, _, body = refer(nginx.port, asked, headers={"Host": NAME})
        assert (status, first_of((status, None, body))) == (200, first_of(refer(service.port, asked)))
        assert right(nginx.port, headers={"Host": NAME})
    assert begun.read_text("utf-8") == "xx", "once for each of the two who asked"


def test_one_address_has_so_many_requests_under_way_and_no_more(tmp_path, standing):
    with closing(Nginx(tmp_path, [standing.port])) as nginx, under_load(nginx.port, host=NAME, source=ELSEWHERE):
        waiting = [half(nginx.port, SLOW["a body"]) for _ in range(120)]
        until(lambda: refer(nginx.port, headers={"Host": NAME})[0] == 429)
        status, headers, body = refer(nginx.port, headers={"Host": NAME})
        assert (status, headers["Content-Type"]) == (429, "application/problem+json")
        assert int(headers["Retry-After"]) > 0
        assert json.loads(body)["type"] == "/api/v1/problems/too-many-requests"
        assert right(nginx.port, headers={"Host": NAME}, source=ELSEWHERE)
        for one in waiting:
            one.close()
        until(lambda: refer(nginx.port, headers={"Host": NAME})[0] == 200)
    assert nginx.said() == ""


FORM = {"Host": NAME, "Content-Type": "application/x-www-form-urlencoded"}


def test_a_person_whose_page_cannot_be_given_gets_words_and_a_telephone_number(tmp_path):
    with closing(Nginx(tmp_path, [1])) as nginx:
        status, headers, body = ask(nginx.port, "POST", "/vragen", "to=next", FORM)
        assert (status, headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert b"1400" in body
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def half(port, said):
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(said)
    return connection


POST = "POST /api/v1/referrals HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
SLOW = {
    "headers": f"POST /api/v1/referrals HTTP/1.1\r\nHost: {NAME}\r\nx".encode(),
    "a body": POST.format(NAME, 99).encode() + b"{",
    "nothing": b"",
}


@pytest.mark.parametrize("slow", SLOW)
def test_ten_thousand_callers_who_never_finish_keep_nobody_from_an_answer(tmp_path, standing, slow):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 32_768), hard))
    waiting = []
    try:
        with closing(Nginx(tmp_path, [standing.port])) as nginx, under_load(nginx.port, host=NAME, source=ELSEWHERE):
            waiting = [half(nginx.port, SLOW[slow]) for _ in range(10_000)]
            for _ in range(30):
                assert right(nginx.port, headers={"Host": NAME}, source=ELSEWHERE)
            assert len(standing.workers()) == 2
    finally:
        for one in waiting:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


LARGEST = json.dumps({"requests": [{"situation": {}}] * 100}).encode()
READS = {"gzip": b"Accept-Encoding: gzip\r\n", "plain": b""}


def never_reads(port, name, coding, source=None):
    """Somebody who asks for the largest answer there is and reads nothing of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 128 * 1024)
    connection.settimeout(30)
    if source:
        connection.bind((source, 0))
    connection.connect(("127.0.0.1", port))
    head = POST.replace("/referrals", "/referrals/batch").format(name, len(LARGEST)).encode()
    connection.sendall(head.replace(b"\r\n\r\n", b"\r\n" + READS[coding] + b"\r\n") + LARGEST)
    return connection


def began(connection):
    """Whether an answer to it has begun to come."""
    return bool(connection.recv(1, socket.MSG_PEEK))


@pytest.mark.parametrize("coding", READS)
@pytest.mark.parametrize("way", ["behind nginx", "direct"])
def test_callers_who_read_nothing_of_the_largest_answer_keep_nobody_from_one(tmp_path, standing, coding, way):
    """Everybody else is served while all of them wait, and when they read at last, all of it comes."""
    callers = HELD // (100 * REFERRAL[coding == "gzip"])  # as many as one worker holds, for it may get all of them
    patient = {"send_timeout 10s;": "send_timeout 90s;", "proxy_read_timeout 15s;": "proxy_read_timeout 90s;"}
    with (
        closing(Nginx(tmp_path, [standing.port], **patient)) as nginx,
        under_load(nginx.port, host=NAME, source=ELSEWHERE),
    ):
        port = nginx.port if way == "behind nginx" else standing.port
        waiting = [never_reads(port, NAME, coding, f"127.0.0.{2 + number % 4}") for number in range(callers)]
        assert all(map(began, waiting))
        for _ in range(5):
            assert right(port, headers={"Host": NAME}, source=ELSEWHERE)
            assert ask(port, path="/health/live", headers={"Host": NAME}, source=ELSEWHERE)[0] == 200
        for one in waiting:
            with one:
                assert len(whole_body(one)) > 2_000_000
        assert standing.health()["status"] == "ok"
        assert len(standing.workers()) == 2


def test_what_slow_readers_have_not_read_is_held_up_to_a_bound_and_the_next_are_served(tmp_path):
    started = Service(tmp_path, workers=1, WEGWIJZER_RATE="0", **HIDDEN)
    with closing(started) as service, under_load(service.port):
        (worker,) = service.workers()
        waiting = [never_reads(service.port, "localhost", "plain") for _ in range(3)]
        assert all(map(began, waiting))
        few = memory_of(worker)
        for _ in range(12):
            waiting.append(never_reads(service.port, "localhost", "plain"))
            assert began(waiting[-1])
        assert memory_of(worker) - few < 64 * 1024 * 1024, "twelve of them are 275 MB"
        assert right(service.port)
        assert service.workers() == [worker]
        for one in waiting:
            one.close()


def memory_of(pid):
    """How much a process has in memory that is its own, in bytes."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("utf-8"), re.MULTILINE)
    return int(found[1]) * 1024


def test_whoever_reads_slowly_gets_all_of_it(tmp_path):
    service = Service(tmp_path, workers=1, WEGWIJZER_RATE="0", **HIDDEN)
    with closing(service), under_load(service.port), never_reads(service.port, "localhost", "plain") as slow:
        assert began(slow)
        assert right(service.port), "the only worker is free"
        assert len(json.loads(whole_body(slow))["answers"]) == 100


def whole_body(connection):
    """All of an answer; whoever sent it may keep the connection for the next."""
    came, length = b"", None
    while length is None or len(came) < length:
        piece = connection.recv(1 << 20)
        assert piece, "it ended before it was whole"
        came += piece
        if length is None and b"\r\n\r\n" in came:
            head, _, came = came.partition(b"\r\n\r\n")
            length = int(re.search(rb"Content-Length: (\d+)", head)[1])
    assert len(came) == length
    return came


def test_a_stop_waits_for_whoever_is_still_reading(tmp_path):
    service = Service(tmp_path, workers=1, WEGWIJZER_RATE="0")
    with never_reads(service.port, "localhost", "gzip") as slow:
        assert began(slow)
        stopping = threading.Thread(target=service.stop)
        stopping.start()
        assert whole_body(slow)
        stopping.join()


def test_health_and_numbers_wait_for_no_worker(tmp_path, university_file):
    health, numbers = free_port(), free_port()
    listeners = {"WEGWIJZER_HEALTH": f"127.0.0.1:{health}", "WEGWIJZER_METRICS": f"127.0.0.1:{numbers}"}
    listeners["WEGWIJZER_RULEBASE"] = str(university_file)  # it is tried when it is reloaded, and ours takes seconds
    service = Service(tmp_path, **BEHIND_NGINX, **listeners)
    with (
        closing(service, Nginx(tmp_path, [service.port], health=health)) as (service, nginx),
        under_load(nginx.port, host=NAME, asked=NOTHING),
    ):

        def all_is_told():
            return (
                json.loads(ask(health, path="/health/live")[2]) == {"status": "ok"}
                and json.loads(ask(health, path="/health/ready")[2])["killedWorkers"] == 0
                and b"wegwijzer_killed_workers_total 0.0" in ask(numbers, path="/metrics")[2]
                and ask(nginx.port, path="/health/ready", headers={"Host": NAME})[0] == 200
            )

        assert all_is_told()
        for one in service.workers():
            os.kill(one, signal.SIGSTOP)
        try:
            assert all_is_told(), "with every worker stuck"
        finally:
            for one in service.workers():
                os.kill(one, signal.SIGCONT)
        for path in ("/", "/api/v1/questions", "/metrics", "/healthy"):
            assert ask(health, path=path)[0] == 404, "nothing else is there"
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text("utf-8").split()
        (watch,) = {*map(int, children)} - {*service.workers()}
        os.kill(watch, signal.SIGKILL)
        assert until(all_is_told), "it is there again"
        old = service.workers()
        service.send(signal.SIGHUP)
        until(lambda: len(service.workers()) == 2 and not {*old} & {*service.workers()})
        assert until(all_is_told)
    assert not Path(f"/proc/{watch}").exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_is_counted_and_seen_and_a_stopped_one_is_not(tmp_path, university_file, number):
    numbers = free_port()
    settings = {"WEGWIJZER_METRICS": f"127.0.0.1:{numbers}", "WEGWIJZER_RULEBASE": str(university_file)}
    with closing(Service(tmp_path, **settings)) as service:
        old = service.workers()
        service.send(signal.SIGHUP)
        until(lambda: len(service.workers()) == 2 and not {*old} & {*service.workers()})
        assert service.health()["status"] == "ok", "a reload is no fault"
        for killed in (1, 2):
            os.kill(service.workers()[0], number)
            until(lambda killed=killed: service.health()["killedWorkers"] == killed)
            assert service.health()["status"] == "degraded"
        assert b"wegwijzer_killed_workers_total 2.0" in ask(numbers, path="/metrics")[2]
        until(lambda: len(service.workers()) == 2)


def test_without_a_proxy_slow_callers_hold_it_for_seconds_and_not_for_ever(tmp_path):
    with closing(Service(tmp_path, WEGWIJZER_RATE="0")) as service, under_load(service.port):
        waiting = [
            half(service.port, one.replace(NAME.encode(), b"localhost")) for one in SLOW.values() for _ in range(2)
        ]
        until(lambda: right(service.port, timeout=60), 90)
        assert len(service.workers()) == 2
        for one in waiting:
            one.close()


def test_bodies_that_are_cut_off_are_nobodys_answer_and_nobodys_trouble(tmp_path, standing):
    whole = json.dumps(LETTER).encode()
    with closing(Nginx(tmp_path, [standing.port])) as nginx, under_load(nginx.port, host=NAME):
        for port, name in ((standing.port, "localhost"), (nginx.port, NAME)):
            for length in range(0, len(whole), 7):
                with half(port, POST.format(name, len(whole)).encode() + whole[:length]) as connection:
                    connection.shutdown(socket.SHUT_WR)
                    answer = connection.recv(65536)
                    assert b" 200 " not in answer.split(b"\r\n")[0]
        assert right(nginx.port, headers={"Host": NAME})
        assert standing.health()["status"] == "ok"
        assert len(standing.workers()) == 2


def test_when_the_first_process_is_killed_its_workers_stop_and_whoever_starts_it_again_finds_all_as_it_was(tmp_path):
    service = Service(tmp_path)
    workers = service.workers()
    os.kill(service.pid, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{one}").exists() and running(one) for one in workers), 30)
    with closing(Service(tmp_path)) as again:
        assert right(again.port)
    service.stop()


def running(pid):
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
