"""An audit that could look up nothing is not a clean one. The auditors are real, and a stand-in answers them.

Where there is no network, a file of known advisories answers. The records here have the form of OSV's exports; whether
real exports have others, nobody has seen here.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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


PYTHON = ROOT / "build" / "supply" / "bin" / "python"
SCRIPTS = ROOT / "scripts"


def record(name, ecosystem="PyPI", modified=None, **affected):
    return {
        "id": "X-1",
        "modified": (modified or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "affected": [{"package": {"name": name, "ecosystem": ecosystem}, **affected}],
    }


def events(kind, *told):
    return {"ranges": [{"type": kind, "events": [dict([one]) for one in told]}]}


def export(path, *told):
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(told):
            archive.writestr(f"X-{number}.json", json.dumps(one))
    return path


def travelling(folder, python=(), npm=()):
    """What a release brings along when OSV knows these, beside something that is not about us."""
    exports = [
        export(folder / "PyPI.zip", record("nobody", **events("ECOSYSTEM", ("introduced", "0"))), *python),
        export(folder / "npm.zip", record("nobody", "npm", **events("SEMVER", ("introduced", "0"))), *npm),
    ]
    out = folder / "advisories.zip"
    subprocess.run([PYTHON, SCRIPTS / "advisories.py", *exports, out], check=True)
    return out


def offline(path):
    """Exit status and last line of an audit by a file; whoever asks the network anything would fail."""
    done = subprocess.run(
        [PYTHON, SCRIPTS / "audit.py", "--advisories", path],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.splitlines()[-1:], done.stdout + done.stderr


LONG_AGO = datetime.now(UTC) - timedelta(days=31)
TOLD = {
    "nothing": ({}, 0, "clean"),
    "no end": ({"python": [record("Flask", **events("ECOSYSTEM", ("introduced", "0")))]}, 1, "1 findings"),
    "mended before": (
        {"python": [record("flask", **events("ECOSYSTEM", ("introduced", "0"), ("fixed", "3.0")))]},
        0,
        "clean",
    ),
    "back again": (
        {
            "python": [
                record("flask", **events("ECOSYSTEM", ("introduced", "3.1rc1"), ("introduced", "0"), ("fixed", "3.0")))
            ]
        },
        1,
        "1 findings",
    ),
    "not yet": ({"python": [record("flask", **events("ECOSYSTEM", ("introduced", "99")))]}, 0, "clean"),
    "over": (
        {"python": [record("flask", **events("ECOSYSTEM", ("introduced", "0"), ("last_affected", "2.9.10")))]},
        0,
        "clean",
    ),
    "named": ({"python": [record("durable-rules", versions=["2.0.28"])]}, 1, "1 findings"),
    "other version": ({"python": [record("durable_rules", versions=["2.0.2"])]}, 0, "clean"),
    "no version": ({"python": [record("durable.rules", **events("GIT", ("introduced", "0")))]}, 1, "1 findings"),
    "withdrawn": ({"python": [{**record("flask"), "withdrawn": "2026-01-01T00:00:00Z"}]}, 0, "clean"),
    "npm": (
        {"npm": [record("esbuild", "npm", **events("SEMVER", ("introduced", "0.28.2-rc.1")))]},
        1,
        "1 findings",
    ),
    "npm mended": (
        {"npm": [record("esbuild", "npm", **events("SEMVER", ("introduced", "0"), ("fixed", "0.28.2-rc.1")))]},
        0,
        "clean",
    ),
    "of another registry": ({"npm": [record("flask", "npm", versions=["3.1.3"])]}, 0, "clean"),
}


@pytest.mark.parametrize("what", TOLD)
def test_an_audit_by_a_file_finds_what_the_file_knows_of_the_versions_that_ship(tmp_path, what):
    told, code, line = TOLD[what]
    status, last, said = offline(travelling(tmp_path, **told))
    assert (status, last) == (code, [line]), said


def without(path, folder, change):
    """The file with what it says about itself changed."""
    out = folder / "changed.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            told = json.loads(old.read(name))
            new.writestr(name, json.dumps(change(told) if name == "about.json" else told))
    return out


def test_without_a_whole_new_file_for_every_part_nothing_is_called_clean(tmp_path):
    good = travelling(tmp_path)
    (tmp_path / "torn.zip").write_bytes(good.read_bytes()[:-9])

    def old(told):
        return {name: {**one, "newest": LONG_AGO.isoformat()} for name, one in told.items()}

    def narrower(told):
        return {
            name: {**one, "parts": [part for part in one["parts"] if part != "flask"]} for name, one in told.items()
        }

    for path in (
        tmp_path / "none.zip",
        tmp_path / "torn.zip",
        without(good, tmp_path, old),
        without(good, tmp_path, narrower),
        without(good, tmp_path, lambda told: {"PyPI": told["PyPI"]}),
        without(good, tmp_path, lambda told: {name: {**one, "newest": ""} for name, one in told.items()}),
        export(tmp_path / "raw.zip", record("flask")),
    ):
        status, last, said = offline(path)
        assert (status, last) == (3, ["NOT AUDITED: could not reach its data"]), f"{path.name}: {said}"


def test_the_same_exports_make_the_same_file(tmp_path):
    one = travelling(tmp_path)
    again = [tmp_path / name for name in ("PyPI.zip", "npm.zip", "again.zip")]
    subprocess.run([PYTHON, SCRIPTS / "advisories.py", *again], check=True)
    assert again[-1].read_bytes() == one.read_bytes()
