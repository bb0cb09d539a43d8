"""The service as operations run it: `wegwijzer serve` in processes of its own, with nginx before it or not."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import commands

from service.rulebook.known import Known
from service.rulebook.site import languages_of, load_site
from service.rulebook.toml_files import Problems

ROOT = Path(__file__).parent.parent
LANGUAGES = languages_of(ROOT / "content").codes
ADDRESSES = load_site(ROOT / "content", Known(languages_of(ROOT / "content")), Problems()).addresses
CONF = ROOT / "deploy/nginx/nginx.conf"
NAME = "wegwijzer.example.nl"
LETTER = {
    "situation": {"reporter": "employee", "concerns": ["misconduct"], "misconduct_kind": "wrongdoing"},
    "on": "2019-06-20",
}
SERVE = "from service.cli.main import main; main()"


def free_port(host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def ask(port, method="GET", path="/", body=None, headers=(), timeout=30, host="127.0.0.1", source=None):
    """One request; gives status, headers and body."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout, source_address=source and (source, 0))
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def refer(port, asked=LETTER, **more):
    """The answer of the API."""
    kind = {"Content-Type": "application/json", **more.pop("headers", {})}
    status, headers, body = ask(port, "POST", "/api/v1/referrals", json.dumps(asked), kind, **more)
    return status, headers, body


def until(holds, seconds=60):
    """Wait until something holds; gives what it gave."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if found := holds():
                return found
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.05)


def environment(folder, settings):
    """What a service finds in its environment: what it writes goes to a folder of the test."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WEGWIJZER_")}
    return {**plain, "HOME": str(folder), "TMPDIR": str(folder), **settings}


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["service.cli.main", "service.serving.serve"])


def wegwijzer(folder, *words, **settings):
    """A command in a process of its own, forked from one that has read the program; its exit code and what it wrote."""
    with tempfile.NamedTemporaryFile(dir=folder) as said:
        told = (list(map(str, words)), ROOT, environment(folder, settings), said.name)
        process = FORKS.Process(target=commands.run, args=told)
        process.start()
        process.join(120)
        process.kill()
        return process.exitcode, said.read().decode()


def refused(folder, *options, **settings):
    """A `wegwijzer serve` that ends by itself; gives its exit code and what it wrote."""
    return wegwijzer(folder, "serve", "--port", free_port(), *options, **settings)


class Service:
    """`wegwijzer serve` on a port of its own; what it wrote is in `said` after it stopped."""

    def __init__(self, folder, workers=2, code=SERVE, start=None, cwd=ROOT, host="127.0.0.1", **settings):
        self.port = free_port(host)
        start = start or [sys.executable, "-c", code]
        command = [*start, "serve", "--host", host, "--port", str(self.port), "--workers", str(workers)]
        self._log = folder / f"log-{self.port}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=cwd, env=environment(folder, settings), stdout=log, stderr=log, start_new_session=True
            )
        self.pid = self._process.pid
        until(lambda: self._process.poll() is not None or ask(self.port, path="/health/ready", host=host)[0] == 200, 90)
        assert self._process.poll() is None, self.said()
        until(lambda: len(self.workers()) == workers)

    def said(self):
        return self._log.read_text("utf-8")

    def health(self):
        return json.loads(ask(self.port, path="/health/ready")[2])

    def workers(self):
        """The ids of the processes that answer."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(one) for one in found if Path(f"/proc/{one}/comm").read_text() != "wegwijzer-watch\n"]

    def send(self, number):
        os.kill(self.pid, number)

    def stop(self):
        """Stop it as operations do; gives its exit code."""
        if self._process.poll() is None:
            self.send(signal.SIGTERM)
        try:
            return self._process.wait(40)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


class Nginx:
    """nginx with our configuration, before services on these ports; on Debian its worker is somebody without rights."""

    def __init__(self, folder, ports, alone=None, tls=None, health=None, own=(), **changed):
        self.port = free_port()
        self.folder = folder
        for path in own:  # what it includes in a pod
            (folder / "wegwijzer").mkdir(exist_ok=True)
            (folder / "wegwijzer" / path.name).write_text(path.read_text("utf-8").replace("8080", str(self.port)))
        text = CONF.read_text("utf-8")
        if tls:
            own = (CONF.parent / "tls.conf").read_text("utf-8").replace("/etc/ssl/wegwijzer", str(tls))
            text = text.replace("    access_log off;", f"{own}    access_log off;", 1)
            text = text.replace("listen 127.0.0.1:8080", "listen 127.0.0.1:8080 ssl")
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        alone_there = ports * 2 if len(ports) == 1 else ports
        how = "max_fails=0" if len(ports) == 1 else "max_fails=1 fail_timeout=2s"
        upstream = "".join(f"server 127.0.0.1:{port} {how};\n" for port in alone_there)
        text = re.sub(
            r"upstream wegwijzer \{.*?\n    \}", f"upstream wegwijzer {{ {upstream} }}", text, flags=re.DOTALL
        )
        text = text.replace("127.0.0.1:8001", f"127.0.0.1:{health or free_port()}")
        text = text.replace("127.0.0.1:8000 backup", f"127.0.0.1:{ports[0]} backup")
        text = text.replace("root /srv/wegwijzer/alone;", f"root {alone or folder};")
        for old, new in changed.items():
            assert old in text
            text = text.replace(old, new)
        self.spill = folder / "spill"
        self.spill.mkdir(exist_ok=True)
        places = "".join(
            f"{one}_temp_path {self.spill};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("access_log off;", f"access_log off; {places}", 1)
        # The folders of a test are readable by whoever runs it alone; root would become somebody else.
        user = "" if os.geteuid() else "user root;\n"
        text = f"{user}daemon off;\npid {folder}/nginx.pid;\n{text}"
        (folder / "nginx.conf").write_text(text, "utf-8")
        self._log = folder / "nginx.log"
        command = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self.pid = self._process.pid
        until(
            lambda: (
                self._process.poll() is not None or socket.create_connection(("127.0.0.1", self.port)).close() is None
            )
        )
        assert self._process.poll() is None, self.said()

    def said(self):
        return self._log.read_text("utf-8")

    def stop(self):
        self._process.terminate()
        self._process.wait(20)


BREATH = 0.01  # seconds between two questions of a caller: load on a service, and not on whatever else runs


class Asking:
    """Callers that ask without end until stopped; remembers every answer that was not right.

    Right is what was answered before anything went wrong, at this port or one of `also`: by the texts that an answer
    names, for another rulebase may say it in other words.
    """

    def __init__(self, port, callers=4, host=None, source=None, asked=(LETTER,), also=()):
        self.wrong, self.right, self.texts = [], 0, set()
        self._port, self._end, self._asked, self._source = port, threading.Event(), asked, source
        self._headers = {"Host": host} if host else {}
        self._known = [{one["texts"]: one for one in self._told(also, question)} for question in asked]
        self.answered = [0] * callers  # how often each caller had an answer, whatever it was
        self._threads = [threading.Thread(target=self._go, args=(one,)) for one in range(callers)]
        for one in self._threads:
            one.start()

    def _told(self, also, question):
        yield from (json.loads(refer(one, question)[2]) for one in also)
        yield json.loads(refer(self._port, question, headers=self._headers, source=self._source)[2])

    def all_answered(self):
        """Wait until each caller had an answer: nobody waits any more whose worker was lost before this."""
        before = list(self.answered)
        until(lambda: all(now > then for now, then in zip(self.answered, before, strict=True)))

    def _go(self, caller):
        while not self._end.wait(BREATH):
            number = (caller + self.answered[caller]) % len(self._asked)
            try:
                asked = refer(self._port, self._asked[number], headers=self._headers, source=self._source, timeout=60)
                status, _, body = asked
                if status == 200 and self._is_right(number, json.loads(body)):
                    self.right += 1
                else:
                    self.wrong.append((status, body[:200]))
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.wrong.append(repr(error))
            self.answered[caller] += 1

    def _is_right(self, number, said):
        self.texts.add(said["texts"])
        known = self._known[number]
        meant = known.get(said["texts"]) or next(iter(known.values()))
        return all(said[one] == meant[one] for one in ("referrals", "possible", "closed", "complete"))

    def stop(self):
        self._end.set()
        for one in self._threads:
            one.join(60)


@contextlib.contextmanager
def under_load(port, callers=1, **more):
    """Callers who ask meanwhile, of whom each gets the right answer."""
    asking = Asking(port, callers, **more)
    try:
        yield asking
        asking.all_answered()
    finally:
        asking.stop()
    assert not asking.wrong, asking.wrong[:3]


@contextlib.contextmanager
def closing(*started):
    """Stop what was started, the last first."""
    try:
        yield started[0] if len(started) == 1 else started
    finally:
        for one in reversed(started):
            one.stop()
