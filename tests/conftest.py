"""What the tests share: the small rulebase and our own, each read once, an app on a fixed day, a browser.

Tests of code run on the small one (`university`). Ours (`library`) is for what must hold of it whatever an editor makes
of it, and for pages as people get them; what they say is then found in it, and never typed in a test.
"""

from __future__ import annotations

import gc
import os
import threading
from datetime import date
from itertools import chain, groupby, islice

import ours
import pytest
import small
from click.testing import CliRunner
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from service.cli.main import main
from service.engine.decider import Decider
from service.rulebook.drafts import Draft, read_folders
from service.rulebook.library import RULEBASE, Library
from service.web.app import create_app
from service.web.settings import Settings, read_settings

TODAY = date(2026, 11, 23)
LETTER = date(2019, 6, 20)

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_WITHOUT_WINDOWS = "/usr/bin/chromium-headless-shell"  # the same engine; a page takes it less than half
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--site-per-process",  # as the browser that people have; the one without windows does so when told
]


# What a test needs beside Python, by the fixtures it asks for, or by what its module imports.
NEEDS = {"playwright": "browser", "browser": "browser", "server": "processes"}
STARTS = {"Service", "Nginx", "refused"}  # of tests/running.py


def pytest_collection_modifyitems(items):
    """Mark each test with what it needs, so that `make quick` can leave it out; the longest begin first."""
    for item in items:
        for marker in {NEEDS[one] for one in item.fixturenames if one in NEEDS}:
            item.add_marker(marker)
        if STARTS & vars(item.module).keys():
            item.add_marker("processes")
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def pytest_collection_finish():
    """What was collected lives to the end: a search for garbage need not look through it."""
    gc.collect()
    gc.freeze()


def dealt(items, workers):
    """In an order of which each of some workers, who begin with equal parts one after another, has slow ones first.

    Those of a module stay together, for they share what they set up.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    rest = iter([item for item in items if not item.get_closest_marker("slow")])
    hands = [[] for _ in range(workers)]
    for group in sorted(([*of] for _, of in groupby(slow, lambda item: item.path)), key=len):
        min(hands, key=len).extend(group)
    left = len(items)
    for number, hand in enumerate(hands):
        hand += islice(rest, max(0, left // (workers - number) - len(hand)))
        left -= len(hand)
    return [*chain(*hands), *rest]


@pytest.fixture(scope="session")
def library() -> Library:
    return ours.library()


@pytest.fixture(scope="session")
def findings(draft):
    """What `check` proves of our own rules: proved once for all who ask, and kept while nothing changes."""
    from proofs import proved

    return proved(draft)


@pytest.fixture(scope="session")
def draft() -> Draft:
    """What authors wrote: with the documents, which only a proof needs."""
    return ours.draft()


@pytest.fixture(scope="session")
def decider(library):
    return Decider(library.rulebase)


@pytest.fixture(scope="session")
def app(library):
    return create_app(library, settings=Settings(), today=lambda: TODAY)


@pytest.fixture(scope="session")
def university() -> Library:
    """The small rulebase, of another domain."""
    return small.library()


@pytest.fixture(scope="session")
def university_app(university):
    return create_app(university, settings=Settings(), today=lambda: TODAY)


@pytest.fixture
def university_client(university_app):
    return university_app.test_client()


@pytest.fixture(scope="session")
def university_file(tmp_path_factory):
    """The small rulebase as the file that a service is pinned to."""
    path = tmp_path_factory.mktemp("university") / "compiled.json"
    path.write_bytes(small.data())
    return path


@pytest.fixture
def university_command(university_file, monkeypatch):
    """Run a command of `wegwijzer` in this process, on the small rulebase."""
    monkeypatch.setenv(RULEBASE, str(university_file))
    for module in ("main", "options", "directory"):
        monkeypatch.setattr(f"service.cli.{module}.folder", lambda name: small.UNIVERSITY / name)
    monkeypatch.setattr("service.cli.main.store_here", lambda *_: None)  # what this checkout compiled is ours
    return lambda *words, stdin=None: CliRunner().invoke(main, words, input=stdin)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def refer(client):
    """Ask where to go; the answer must be a good one."""

    def ask(situation, **more):
        response = client.post("/api/v1/referrals", json={"situation": situation, **more})
        assert response.status_code == 200, response.text
        return response.json

    return ask


class Quiet(WSGIRequestHandler):
    """Logs nothing, like the service itself."""

    def log(self, *_):
        """Say nothing."""


class Served:
    """An app on a port of its own, that remembers what was asked of it."""

    def __init__(self, app):
        self.asked = []
        self.bodies = []
        inner = app.wsgi_app if isinstance(app, Flask) else app

        def remembering(environ, start_response):
            self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", "")))
            return inner(environ, start_response)

        self._server = make_server("127.0.0.1", 0, remembering, threaded=True, request_handler=Quiet)
        self.address = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def elsewhere():
    """A site of somebody else: where leaving leads to, and where nothing may arrive."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html"), ("Access-Control-Allow-Origin", "*")])
        return [b"<!doctype html><title>Elsewhere</title><p>Sunny"]

    served = Served(app)
    yield served
    served.stop()


@pytest.fixture(scope="session")
def site(library, elsewhere):
    """The service on a port, whose way out leads to `elsewhere`, in the look that the environment names."""
    settings = Settings(exit=f"{elsewhere.address}/", theme=read_settings().theme)
    served = Served(create_app(library, settings=settings, today=lambda: TODAY))
    yield served
    served.stop()


@pytest.fixture(scope="module")
def host():
    """A site of somebody else that shows ours."""
    from hosts import Host

    one = Host()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


def start_chromium(playwright, program=CHROMIUM, *more):
    """A real browser, with the cache for Back and Forward that people have."""
    return playwright.chromium.launch(
        executable_path=program, args=[*QUIET, *more], ignore_default_args=["--disable-back-forward-cache"]
    )


@pytest.fixture(scope="session")
def chromium(playwright):
    # A window that comes after another takes over its process.
    browser = start_chromium(playwright, CHROMIUM_WITHOUT_WINDOWS, "--renderer-process-limit=1")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def made(tongue):
    """The app of a rulebase in another language: of the folder that a test module calls its `tongue`."""
    library = read_folders(tongue / "rules", tongue / "content")
    return create_app(library, settings=Settings(), today=lambda: TODAY)


@pytest.fixture(scope="module")
def served(made):
    one = Served(made)
    yield one
    one.stop()
