"""Runs the service under gunicorn: built once, then forked; what a caller sent is in no log line.

On HUP the rulebase that is pinned is tried in a child while this one goes on serving; only when it holds do new workers
begin with it, and only when they have begun do the old ones finish what they are at.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, got_request_exception
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers import base
from gunicorn.workers.base import Worker as GunicornWorker
from gunicorn.workers.sync import SyncWorker
from gunicorn.workers.workertmp import WorkerTmp

from service.core.errors import WegwijzerError
from service.engine.counters import Tally
from service.engine.decider import COUNTED, Decider
from service.rulebook.compiled import CompiledError, Library, decode
from service.rulebook.library import KEY, RULEBASE, bytes_of, pinned, read_key
from service.rulebook.locate import BUILT, PACKED, code
from service.serving.compiling import proved_library
from service.serving.pace import leaves, paced
from service.serving.sender import Sender
from service.serving.swap import Running, others_can_write
from service.serving.trial import begin, holds
from service.web import metrics
from service.web.app import create_app
from service.web.headers import NOTHING
from service.web.problems import log_without_words
from service.web.rate_limit import Limit
from service.web.settings import HEALTH, METRICS, SettingError, Settings, in_brackets, read_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("wegwijzer")

PATIENCE = 5.0  # seconds that a caller may be silent in the middle of a request
CLOSES = 0.02  # seconds that a worker waits for a caller who has the whole answer to close
LONGEST = 20  # seconds that a worker may be at one request; an engine that hangs is ended by this
REST = 1  # seconds after a worker could not begin
WATCH = "wegwijzer-watch"
TOLD = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}  # by which a worker is told to stop
GONE = {"WEGWIJZER_KEEP", "WEGWIJZER_DATABASE"}

REFUSALS = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
}


class Quiet(Logger):
    """gunicorn's log, without the words of an exception or of a request: those hold what a caller sent."""

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:  # noqa: ARG002
        """Say where, and not what."""
        log_without_words(sys.exc_info()[1])

    def debug(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Say nothing at this level that is filled in: it is paths and headers."""
        if not args:
            super().debug(msg, **kwargs)


class Heartbeat(WorkerTmp):
    """By what a worker says that it lives: in memory, for there may be no disk to write to."""

    def __init__(self, cfg: object) -> None:  # noqa: ARG002 - as gunicorn makes one
        self._tmp = os.fdopen(os.memfd_create("heartbeat"), "w+b", 0)


if hasattr(os, "memfd_create"):  # Linux
    base.WorkerTmp = Heartbeat  # type: ignore[attr-defined]


def leave_without_memory(error: BaseException | None) -> None:
    """End a process that has no memory left: its next answer cannot be made either, and another process has its own."""
    if isinstance(error, MemoryError):
        os._exit(errno.ENOMEM)


class BufferedSocket(socket.socket):
    """A connection on which an answer goes out in one piece: a process that is killed sends all of it or nothing.

    Whoever stands before it can then ask another process. Made from one that was accepted. What the caller does not
    read at once, and what may not leave yet, is left to the sender, and the worker goes on.
    """

    arrived: float | None = None  # when the request came of which the answer must tell nothing by its time

    def __init__(self, accepted: socket.socket, sender: Callable[[], Sender]) -> None:
        super().__init__(fileno=accepted.detach())
        self._held = b""
        self._sender = sender

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ARG002 - as a socket has it
        """Hold this until the end."""
        self._held += bytes(data)

    def shutdown(self, how: int) -> None:
        """Send what was held, say that this was all, and leave the rest to the sender if there is any."""
        held, self._held = memoryview(self._held), b""
        if held and self.arrived is not None:
            at = leaves(self.arrived, time.monotonic())
            self._sender().take(socket.socket(fileno=self.detach()), bytes(held), at)
            return
        self.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while held:
                held = held[self.send(held) :]
            super().shutdown(how)
            select.select([self], [], [], CLOSES)
            if not self.recv(65_536):
                return
        self._sender().take(socket.socket(fileno=self.detach()), bytes(held))


class Worker(SyncWorker):
    """One request at a time, which is the safest shape for the engine; nobody may keep it waiting for long."""

    app: Service
    inner = False  # whether it answers whoever runs the service, and nobody else

    def __init__(self, age: int, ppid: int, sockets: list[Any], app: Service, *more: Any) -> None:
        mine = [one for one in sockets if (one.getsockname()[1] in app.inner) == self.inner]
        super().__init__(age, ppid, mine, app, *more)

    @cached_property
    def sender(self) -> Sender:
        """Who sends what callers are slow to read: there from the first of them on."""
        return Sender()

    def init_signals(self) -> None:
        """Listen to signals, from those that came before it could on."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)

    def accept(self, listener: socket.socket) -> None:
        """Answer the next caller."""
        accepted, address = listener.accept()
        self.notify()  # so that the time it has for this begins here
        client = BufferedSocket(accepted, lambda: self.sender)
        client.settimeout(PATIENCE)
        self.handle(listener, client, address)

    def run(self) -> None:
        """Answer callers until told to stop, and let those who are slow to read have the rest."""
        gc.freeze()  # what was made until now is never garbage; what a caller leaves is soon, and large
        gc.set_threshold(700, 10, 10)
        try:
            super().run()
            if "sender" in self.__dict__:
                self.sender.finish(PATIENCE)
        except MemoryError as error:
            leave_without_memory(error)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:  # noqa: ARG002
        """Answer what is not HTTP, or what broke: in fixed words, and without a line about who it was."""
        leave_without_memory(exc)
        status, title = REFUSALS.get(type(exc), (400, "Bad Request"))
        if not isinstance(exc, errors.ParseException):
            status, title = 500, "Internal Server Error"
            if not isinstance(exc, TimeoutError):
                log_without_words(exc)
        body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nContent-Security-Policy: {NOTHING}\r\n"
            "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            self.log.debug("The caller had gone.")


class ListenError(WegwijzerError):
    """Callers cannot be taken at an address, and that may pass by itself."""


class Watch(Worker):
    """Answers for health and numbers, and nothing else: those do not wait for anybody who is being answered."""

    inner = True


class Service(BaseApplication):
    """The application as gunicorn wants it: told how to serve, made anew from each rulebase that is taken over."""

    decider: Decider

    def __init__(self, settings: Settings, bind: tuple[str, int], workers: int, library: Library) -> None:
        self.settings, self._bind, self._workers, self._library = settings, bind, workers, library
        self.counts = Tally([*COUNTED, *metrics.COUNTED])
        self._limit = Limit(settings.rate)
        super().__init__()

    def load_config(self) -> None:
        """Say how to serve."""
        said: dict[str, Any] = {
            "bind": [f"{host}:{port}" for host, port in (self._bind, *self.settings.inner)],
            "workers": self._workers,
            "worker_class": Worker,
            "logger_class": Quiet,
            "preload_app": True,
            "timeout": LONGEST,
            "graceful_timeout": LONGEST,
            "max_requests": 20_000,
            "max_requests_jitter": 4_000,
            "limit_request_line": 2048,
            "limit_request_fields": 50,
            "limit_request_field_size": 4096,
            "backlog": 512,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # what proxies say is read in one place, guard.py
            "accesslog": "-" if self.settings.log else None,
            "access_log_format": "%({wegwijzer.request}e)s %(s)s",
            "loglevel": "warning",
            "when_ready": lambda arbiter: self._tell(arbiter.LISTENERS[0].getsockname()[1]),
            "post_fork": lambda _, worker: self.counts.take_row(worker.age),
        }
        for key, value in said.items():
            self.cfg.set(key, value)

    def _tell(self, port: int) -> None:
        """Say where, now that a caller is no longer refused at the door."""
        print(f"Wegwijzer at http://{self._bind[0]}:{port}/ (stop with Ctrl-C)", flush=True)

    def load(self) -> WSGIApplication:  # type: ignore[override]  # what it wants is any WSGI application
        """Make the application."""
        return self._made(self._library)

    def take(self, library: Library) -> None:
        """Make the application anew from another rulebase; where that cannot be done, all stays as it was."""
        before = self.decider
        self.callable = self._made(library)  # type: ignore[assignment]  # it knows ASGI too
        before.close()  # here alone; the workers that still use it have their own

    def _made(self, library: Library) -> WSGIApplication:
        app = create_app(library, settings=self.settings, counts=self.counts, limit=self._limit)
        self.decider = app.extensions["wegwijzer"].decider
        got_request_exception.connect(no_memory, app)
        return paced(by_listener(app, self.settings, self.counts))

    @property
    def inner(self) -> list[int]:
        """The ports of whoever runs the service."""
        return [port for _, port in self.settings.inner]

    def refused(self) -> None:
        """Say so, in the log and in health."""
        self.counts.set(metrics.REFUSED, 1)
        log.error("The rulebase that is pinned was refused; the one of before is served.")

    def run(self) -> None:
        """Serve until stopped."""
        Supervisor(self).run()


class Supervisor(Arbiter):
    """gunicorn's master, which on HUP tries what is pinned before it lets new workers take over."""

    app: Service

    def __init__(self, app: Service) -> None:
        self._trial, self._tried, self._again = 0, b"", False  # the id of the child that tries, and what it tries
        self._before = 0  # workers up to this age leave when those of after a reload have begun
        self._rests = 0.0  # no worker is begun before this moment
        self._watch = 0  # the id of the process that answers for health and numbers
        super().__init__(app)

    def manage_workers(self) -> None:
        """See that there are as many workers as there should be, and one that answers for their health."""
        new = sorted((one for one in self.WORKERS.values() if one.age > self._before), key=lambda one: one.age)
        if time.monotonic() >= self._rests:
            for _ in range(self.num_workers - len(new)):
                self.spawn_worker()
        leave = new[: -self.num_workers]
        if len(new) >= self.num_workers and all(map(has_begun, new)):
            leave += [one for one in self.WORKERS.values() if one.age <= self._before]
        for one in leave:
            self.kill_worker(int(one.pid), signal.SIGTERM)
        if self.app.inner and not self._watch:
            with contextlib.suppress(OSError):  # as for a worker; this is tried again in a second
                self._begin_to_watch()

    def spawn_worker(self) -> int:
        """Begin a worker; where this machine has no process or file left for it, those that serve go on."""
        signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)  # else one that is told to stop before it listens never hears it
        try:
            return int(super().spawn_worker())
        except SystemExit as left:  # of the worker: to take apart what it shares with others is to copy all of it
            os._exit(int(left.code or 0) & 0xFF)
        except OSError:
            if os.getpid() != self.pid:  # this is the worker
                os._exit(self.WORKER_BOOT_ERROR)
            self._cannot_begin()
            return 0
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)

    def _cannot_begin(self) -> None:
        log.error("A worker could not begin; it is tried again in %d second.", REST)
        self._rests = time.monotonic() + REST

    def _begin_to_watch(self) -> None:
        watch = Watch(0, self.pid, self.LISTENERS, self.app, self.timeout / 2, self.cfg, self.log)
        self._watch = os.fork()
        if self._watch:
            watch.tmp.close()
            return
        try:
            for worker in self.WORKERS.values():
                worker.tmp.close()
            watch.pid = os.getpid()  # type: ignore[assignment]  # until now it said that it has none
            self.app.counts.take_last_row()
            with contextlib.suppress(OSError):
                Path("/proc/self/comm").write_text(WATCH, "utf-8")  # for whoever lists processes
            watch.init_process()
        except Exception as error:  # whatever it is, this process must not go on as another first one
            log_without_words(error)
        finally:
            os._exit(0)

    def reload(self) -> None:
        """Take new workers, and a new process that answers for their health."""
        self._before = self.worker_age
        self._stop_watching()

    def stop(self, graceful: bool = True) -> None:
        """Stop them all."""
        if self._trial:
            os.kill(self._trial, signal.SIGKILL)
            self._trial = 0
        super().stop(graceful)
        self._stop_watching()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """End it all, without a last look for garbage in what ends with it."""
        gc.freeze()
        super().halt(reason, exit_status)

    def _stop_watching(self) -> None:
        if self._watch:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._watch, signal.SIGKILL)
                os.waitpid(self._watch, 0)
            self._watch = 0

    def reap_workers(self) -> None:
        """Take note of processes that ended, and count the workers that did not end by themselves."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._ended(ended[0], os.waitstatus_to_exitcode(ended[1]))

    def _ended(self, pid: int, code: int) -> None:
        if pid == self._watch:
            self._watch = 0
        if pid == self.reexec_pid:
            self.reexec_pid = 0
        if pid == self._trial:
            self._trial = 0
            self._take_over(holds=code == 0)
        worker = self.WORKERS.pop(pid, None)
        if worker is None:
            return
        begun = has_begun(worker)
        worker.tmp.close()
        if code in (self.WORKER_BOOT_ERROR, self.APP_LOAD_ERROR) and not begun:
            self._cannot_begin()  # gunicorn would stop here, and take along those that serve
        elif worker.aborted:
            log.error("A worker was ended: it was longer than %d seconds at one request.", LONGEST)
        elif code not in (0, -signal.SIGTERM):  # SIGTERM is how one is told to stop before it has begun
            log.error(
                "A worker was killed, by %s.", f"signal {-code}" if code < 0 else f"itself, with exit code {code}"
            )
        if worker.aborted or code not in (0, -signal.SIGTERM):
            self.app.counts.add(metrics.KILLED)

    def handle_hup(self) -> None:
        """Try what is pinned, and take new workers when it holds. Where nothing is pinned, only take new workers."""
        path = pinned() or BUILT
        if self._trial:
            self._again = True
        elif path == BUILT and not path.is_file():
            self.reload()
        else:
            try:
                self._tried = _trusted(path)
                self._trial = begin(self._tried, self.LISTENERS)
            except (CompiledError, OSError) as error:
                log.error("%s: %s", path, error)
                self.app.refused()

    def wait_for_signals(self, timeout: float | None = 1.0) -> list[int]:
        """Wait, and not for long while workers of before wait for those of after."""
        waiting = any(one.age <= self._before for one in self.WORKERS.values())
        signals: list[int] = super().wait_for_signals(0.05 if waiting else timeout)
        return signals

    def _take_over(self, *, holds: bool) -> None:
        try:
            if holds:
                self.app.take(decode(self._tried, read_key()))
        except Exception as error:  # whatever it is, the old one keeps serving
            log_without_words(error)
            holds = False
        if holds:
            self.app.counts.set(metrics.REFUSED, 0)
            self.reload()
        else:
            self.app.refused()
        self._tried = b""
        if self._again:
            self._again = False
            self.handle_hup()


def no_memory(_: Flask, exception: BaseException) -> None:
    """Hear of what went wrong in the application, before it makes an answer of that."""
    leave_without_memory(exception)


def has_begun(worker: GunicornWorker) -> bool:
    """Whether a worker has come so far that it takes callers: from then on it writes how long this machine runs."""
    return bool(worker.tmp.last_update() <= time.monotonic())


def by_listener(app: Flask, settings: Settings, counts: Tally) -> WSGIApplication:
    """The application, with the numbers on a listener of their own: no header and no path leads there from outside.

    The listener for health has that and nothing else.
    """
    for_metrics, for_health = ([one[1]] if one else [] for one in (settings.metrics, settings.health))

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        port = environ["gunicorn.socket"].getsockname()[1]
        if port in for_metrics:
            kind, body = metrics.text(counts)
            start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
            return [body]
        if port in for_health and not environ["PATH_INFO"].startswith("/health/"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        return app(environ, start_response)

    return answer


def run(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Mistakes of authors and of whoever set it up surface before the first request.

    Raises:
        SettingError: a setting cannot be used.
        ListenError: an address is taken, or is none of this machine.
        CompiledError: the rulebase cannot be used.

    """
    no_core_dumps()
    settings = read_settings()
    for gone in sorted(GONE & {*os.environ}):
        log.warning("%s does nothing any more and can be taken away.", gone)
    if len({port, *(one[1] for one in settings.inner)}) < 1 + len(settings.inner):
        raise SettingError(f"{METRICS} and {HEALTH} must each name another port than the one that callers use.")
    host = in_brackets(host)
    can_listen(host, port, "--host and --port")
    for name, listener in ((METRICS, settings.metrics), (HEALTH, settings.health)):
        if listener:
            can_listen(*listener, name)
    Service(settings, (host, port), workers, _to_serve()).run()


def _to_serve() -> Library:
    """What is served from the start on.

    Raises:
        CompiledError: it cannot be used.
        BrokenError: this is a checkout, and its rules break what must hold.

    """
    library, path = proved_library(log.warning), pinned()
    made = library.receipt
    if path is None or made is None:
        return library
    data = _trusted(path)
    if made.code != code() and not holds(data):
        raise CompiledError(
            f"{RULEBASE}: {path} was compiled by version {made.version}. Compile it anew with this one."
        )
    if path != PACKED:
        Running(path).mark()
    return library


def _trusted(path: Path) -> bytes:
    """What is pinned, if only the deployer can have put it there; with a key, its signature tells that.

    Raises:
        CompiledError: it cannot be read, or somebody else can write it.

    """
    data = bytes_of(path)
    if path not in (PACKED, BUILT) and not read_key() and others_can_write(path):
        raise CompiledError(
            f"{RULEBASE}: others can write to {path} or its folder. Take that right away (chmod go-w), or set {KEY}."
        )
    return data


def can_listen(host: str, port: int, said_by: str) -> None:
    """See before anything is proved that callers can be taken there.

    Args:
        host: a name, or an address; one of IPv6 stands in brackets.
        port: 0 for any.
        said_by: what the deployer must change if not.

    Raises:
        ListenError: somebody else listens there, or this machine may not or cannot.

    """
    if not host:
        raise ListenError(
            f"{said_by}: name an address, such as 127.0.0.1; 0.0.0.0 and [::] are every one of this machine."
        )
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host.strip("[]"), port))
        except UnicodeError:
            raise ListenError(f"{said_by}: this is no name of a machine.") from None
        except OSError as error:
            raise ListenError(f"{said_by}: {host}:{port} cannot be listened on: {error.strerror}.") from None


def no_core_dumps() -> None:
    """Let no crash write memory to a file: it may hold what a caller sent.

    The limit is not enough: where dumps go to a program, the kernel does not ask it.
    """
    if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0):  # a unit that set it may forbid to set it again
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
