"""Schemathesis asks the running service a thousand things and more that the document allows or forbids, every check on.

Nothing may answer 5xx, nothing may answer what the document does not say, what is allowed is accepted and what is
forbidden refused. Four of its checks find nothing to look at here, for nobody is known and nothing can be made or taken
away: ignored_auth, object_level_authorization, use_after_free, ensure_resource_availability. They are on all the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TODAY, Served

from service.web.app import create_app
from service.web.settings import Settings

ROOT = Path(__file__).parent.parent
SEED = "20190620"
pytestmark = pytest.mark.processes


def ask(served, folder, *more):
    """What schemathesis reports."""
    report = folder / "report.json"
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{served.address}/api/v1/openapi.json"]
    command += ["--checks", "all", "--seed", SEED, "--report", "json", "--report-json-path", report, "--no-color"]
    command += ["--suppress-health-check", "too_slow"]  # says something of the machine, and nothing of the service
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": str(ROOT / "tests" / "contract_hooks.py"),
    }
    done = subprocess.run(
        [*map(str, command), *more], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return json.loads(report.read_text("utf-8")), done.stdout + done.stderr


@pytest.mark.slow
def test_every_request_gets_an_answer_that_the_document_says(library, tmp_path):
    served = Served(create_app(library, settings=Settings(rate=0), today=lambda: TODAY))
    try:
        report, told = ask(served, tmp_path, "--max-examples", "25")
    finally:
        served.stop()
    assert report["exit_code"] == 0, told
    assert report["complete"] is True
    assert (report["failures"], report["errors"], report["filtered"]) == ([], [], 0)
    assert report["operations"]["tested"] == report["operations"]["total"] > 10
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert 1000 < report["test_cases"]["generated"] < len(served.asked)
    assert not any(report["warnings"].values())
    for operation, phases in report["valid_rates"].items():
        assert sum(phase["accepted"] for phase in phases.values()) > 10, operation


def answers(status, without=(), **more):
    """What spoils a good answer: another status, headers left out, headers of other values."""

    def spoil(_, headers):
        kept = [(name, value) for name, value in headers if name not in (*without, *more)]
        return status, [*kept, *((name.replace("_", "-"), value) for name, value in more.items())]

    return spoil


# Per address what it answers, and what schemathesis calls that.
FAULTS = {
    "/questions": (answers("200 OK", without=("API-Version",)), "MissingHeaders"),
    "/organisations": (answers("418 I'm a teapot"), "UndefinedStatusCode"),
    "/destinations": (answers("500 Internal Server Error"), "ServerError"),
    "/editions": (answers("200 OK", without=("Content-Type",), Content_Type="text/plain"), "UndefinedContentType"),
}


def test_a_fault_would_be_found(library, tmp_path):
    """Each of four kinds, at an address of its own."""
    app = create_app(library, settings=Settings(rate=0), today=lambda: TODAY)
    inner = app.wsgi_app

    def answering(environ, start_response):
        spoil, _ = FAULTS.get(environ["PATH_INFO"].removeprefix("/api/v1"), (None, None))

        def starting(status, headers, error=None):
            right = (status, headers)
            return start_response(*(spoil(*right) if spoil and status.startswith("200") else right), error)

        return inner(environ, starting)

    app.wsgi_app = answering
    served = Served(app)
    included = [word for path in FAULTS for word in ("--include-path", path)]
    try:
        report, told = ask(served, tmp_path, "--phases", "coverage", *included)
    finally:
        served.stop()
    found = {(one["type"], operation) for one in report["failures"] for operation in one["operations"]}
    assert {(named, f"GET {path}") for path, (_, named) in FAULTS.items()} <= found, told
