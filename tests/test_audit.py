"""An audit that could look up nothing is not a clean one. The auditors are real, and a stand-in answers them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import Quiet
from werkzeug.serving import make_server

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parent.parent
FLAW = {"id": "PYSEC-0000-1", "summary": "s", "details": "d", "modified": "2026-01-01T00:00:00Z", "affected": []}
ADVISORY = {
    "id": 1,
    "url": "https://example.com/GHSA-0000",
    "title": "t",
    "severity": "high",
    "vulnerable_versions": "<99",
    "cwe": [],
    "cvss": {"score": 0, "vectorString": None},
}
GOOD, DOWN = "200 OK", "503 Service Unavailable"
SAID = {
    "clean": (0, "clean"),
    "python-flaw": (1, "1 findings"),
    "npm-flaw": (1, "1 findings"),
    "python-down": (3, "NOT AUDITED: could not reach its data"),
    "npm-down": (3, "NOT AUDITED: could not reach its data"),
    "nobody": (3, "NOT AUDITED: could not reach its data"),
}


def audit(what):
    """What `scripts/audit.py` says when the vulnerability services know `what`."""

    def service(environ, start_response):
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if environ["PATH_INFO"] == "/osv":
            asked = json.loads(body)["package"]["name"]
            status, said = GOOD, {"vulns": [FLAW]} if what == "python-flaw" and asked == "flask" else {}
            status = DOWN if what == "python-down" else GOOD
        else:
            asked = json.loads(gzip.decompress(body)) if body[:2] == b"\x1f\x8b" else json.loads(body)
            said = {"esbuild": [ADVISORY]} if what == "npm-flaw" and "esbuild" in asked else {}
            status = DOWN if what == "npm-down" else GOOD
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(said).encode()]

    server = make_server("127.0.0.1", 0, service, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if what == "nobody":
        server.shutdown()
        server.server_close()
    try:
        return subprocess.run(
            [
                ROOT / "build" / "supply" / "bin" / "python",
                ROOT / "scripts" / "audit.py",
                "--vulnerability-service=osv",
                f"--osv-url={address}/osv",
            ],
            env={**os.environ, "npm_config_registry": f"{address}/", "npm_config_fetch_retries": "0"},
            capture_output=True,
            text=True,
        )
    finally:
        if what != "nobody":
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def audits():
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(SAID, pool.map(audit, SAID), strict=True))


@pytest.mark.parametrize("what", SAID)
def test_the_audit_says_clean_only_when_every_part_was_looked_up(audits, what):
    code, line = SAID[what]
    assert audits[what].returncode == code, audits[what].stdout + audits[what].stderr
    assert audits[what].stdout.splitlines()[-1] == line


def test_a_finding_is_named(audits):
    assert "flask 3.1.3: PYSEC-0000-1" in audits["python-flaw"].stdout
    assert "esbuild: high" in audits["npm-flaw"].stdout
