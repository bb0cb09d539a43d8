"""Schemathesis asks the running service thousands of things that the document allows or forbids, every check on.

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


def test_thousands_of_requests_get_only_answers_that_the_document_says(library, tmp_path):
    served = Served(create_app(library, settings=Settings(rate=0), today=lambda: TODAY))
    try:
        report, told = ask(served, tmp_path, "--max-examples", "150")
    finally:
        served.stop()
    assert report["exit_code"] == 0, told
    assert report["complete"] is True
    assert (report["failures"], report["errors"], report["filtered"]) == ([], [], 0)
    assert report["operations"]["tested"] == report["operations"]["total"] == 12 - 1  # not the document itself
    assert {phase["status"] for phase in report["phases"].values()} == {"success"}
    assert 2000 < report["test_cases"]["generated"] < len(served.asked)
    assert not any(report["warnings"].values())
    for operation, phases in report["valid_rates"].items():
        assert sum(phase["accepted"] for phase in phases.values()) > 10, operation


def spoiled(app, path, spoil):
    """An app that answers at one path as no document says."""
    inner = app.wsgi_app

    def answering(environ, start_response):
        here = environ["PATH_INFO"] == f"/api/v1{path}"

        def starting(status, headers, error=None):
            right = (status, headers)
            return start_response(*(spoil(*right) if here and status.startswith("200") else right), error)

        return inner(environ, starting)

    app.wsgi_app = answering
    return app


FAULTS = {
    "no version": (
        lambda status, headers: (status, [one for one in headers if one[0] != "API-Version"]),
        "MissingHeaders",
    ),
    "a status of another": (lambda status, headers: ("418 I'm a teapot", headers), "UndefinedStatusCode"),
    "a crash": (lambda status, headers: ("500 Internal Server Error", headers), "ServerError"),
    "another type": (
        lambda status, headers: (
            status,
            [one for one in headers if one[0] != "Content-Type"] + [("Content-Type", "text/plain")],
        ),
        "UndefinedContentType",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_would_be_found(library, tmp_path, fault):
    spoil, named = FAULTS[fault]
    app = spoiled(create_app(library, settings=Settings(rate=0), today=lambda: TODAY), "/questions", spoil)
    served = Served(app)
    try:
        report, told = ask(served, tmp_path, "--phases", "coverage", "--include-path", "/questions")
    finally:
        served.stop()
    assert named in {one["type"] for one in report["failures"]}, told
