"""Clients work: those that generators of others make from our document, and those that our page shows."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from conftest import TODAY, Served
from ours import EXAMPLE

from service.web import versions
from service.web.app import create_app
from service.web.settings import Settings

pytestmark = pytest.mark.tools

ROOT = Path(__file__).parent.parent
NODE = ROOT / "build" / "tools" / "node_modules"
STRICT = ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext"]


@pytest.fixture(scope="module")
def service(library):
    served = Served(create_app(library, settings=Settings(rate=0), today=lambda: TODAY))
    yield served.address
    served.stop()


@pytest.fixture(scope="module")
def answer(service):
    """What the service answers to the letter's example, by plain HTTP."""
    return referred(service, EXAMPLE)


def referred(service, body):
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(f"{service}/api/v1/referrals", json.dumps(body).encode(), kind)
    with urllib.request.urlopen(asked, timeout=30) as response:
        return json.loads(response.read())


@pytest.fixture(scope="module")
def document(service, tmp_path_factory):
    """The document as the service gives it, in a file."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    with urllib.request.urlopen(f"{service}/api/v1/openapi.json", timeout=30) as response:
        file.write_bytes(response.read())
    return file


@pytest.fixture(scope="module")
def typescript(document, tmp_path_factory):
    """A folder with the generated types and the client that stands on them."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(NODE)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "client.ts").write_text((ROOT / "tests" / "tools" / "client.ts").read_text("utf-8"))
    subprocess.run([NODE / ".bin" / "openapi-typescript", document, "-o", folder / "schema.ts"], check=True)
    return folder


def compiled(folder, *files):
    command = [NODE / ".bin" / "tsc", *STRICT, *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_client_in_typescript_is_built_and_gets_the_letters_answer(typescript, service, answer, library):
    built = compiled(typescript, "client.ts")
    assert built.returncode == 0, built.stdout
    told = subprocess.run(
        ["node", "client.js", service], cwd=typescript, capture_output=True, text=True, check=True, timeout=60
    )
    question = answer["nextQuestion"]
    first = next(iter(answer["referrals"]), None)
    assert json.loads(told.stdout) == {
        "version": versions.VERSION,
        "complete": answer["complete"],
        "first": first and [first["as"], first["destination"], first["contact"] and first["contact"]["phone"]],
        "asks": question and [question["fact"], question["answers"]],
        "refused": [400, "/api/v1/problems/invalid-input", ["/on"]],
        "missing": [404, "/api/v1/problems/not-found"],
        "editions": [edition.id for edition in library.rulebase.editions],
        "again": 304,
    }


REFUSED = {
    'privacy: "anonymous"': 'privacy: "nobody"',
    'organisation: "ocw"': 'organisation: "nasa"',
    "data.complete": "data.finished",
}


def test_what_the_service_would_refuse_or_does_not_say_is_not_built(typescript):
    client = (typescript / "client.ts").read_text("utf-8")
    names = []
    for number, (right, wrong) in enumerate(REFUSED.items()):
        assert right in client
        names.append(f"wrong-{number}.ts")
        (typescript / names[-1]).write_text(client.replace(right, wrong))
    built = compiled(typescript, "--noEmit", *names)
    assert {line.split("(")[0] for line in built.stdout.splitlines() if ": error " in line} == {*names}


@pytest.fixture(scope="module")
def python(document, tmp_path_factory):
    """The generated package, imported."""
    folder = tmp_path_factory.mktemp("python")
    generator = Path(sys.executable).with_name("openapi-python-client")
    command = [generator, "generate", "--path", document, "--output-path", folder / "wegwijzer_client"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it formats what it makes with ruff
    done = subprocess.run(
        [*command, "--meta", "none", "--fail-on-warning"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module
    sys.path.remove(str(folder))
    for name in [one for one in sys.modules if one.partition(".")[0] == "wegwijzer_client"]:
        del sys.modules[name]


def test_a_client_in_python_is_built_and_gets_the_letters_answer(python, service, answer, library):
    made, models = python("wegwijzer_client"), python("wegwijzer_client.models")
    refer = python("wegwijzer_client.api.asking.refer")
    list_rules = python("wegwijzer_client.api.reading.list_rules")
    situation = models.Situation(
        reporter=models.SituationReporter.EMPLOYEE,
        concerns=[models.SituationConcernsItem.MISCONDUCT],
        misconduct_kind=models.SituationMisconductKind.WRONGDOING,
        privacy=models.SituationPrivacy.ANONYMOUS,
    )
    asked = models.ReferralRequest.from_dict({**EXAMPLE, "situation": situation.to_dict()})
    assert asked.to_dict() == EXAMPLE
    with made.Client(f"{service}/api/v1") as client:
        answered = refer.sync_detailed(client=client, body=asked)
        assert answered.status_code == 200
        assert answered.headers["API-Version"] == versions.VERSION
        assert answered.parsed.to_dict() == answer
        rules = list_rules.sync_detailed(client=client)
        assert {one.id for one in rules.parsed} == {one.id for one in library.rulebase.on(TODAY).rules}
        again = list_rules.sync_detailed(client=client, if_none_match=rules.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        refused = list_rules.sync_detailed(client=client, on=TODAY.replace(year=2000))
        assert (refused.parsed.type_, refused.parsed.errors[0].pointer) == ("/api/v1/problems/invalid-input", "/on")


CLIENTS = ROOT / "service" / "web" / "clients"
ASKING = {"client.py": [sys.executable], "client.mjs": ["node"], "client.sh": ["bash"]}


@pytest.mark.parametrize("name", ASKING)
def test_a_client_that_the_page_shows_goes_through_every_question(service, name):
    """With the first answer to each, at an organisation; what it says is what the service answers to all of them."""
    body, typed = {"situation": {}, "language": "en"}, []
    while (said := referred(service, body))["nextQuestion"] or "organisation" not in body:
        if question := said["nextQuestion"]:
            first = question["answers"][0]
            body["situation"][question["fact"]] = [first] if question["several"] else first
            typed.append(first)
        else:
            assert said["organisationMatters"]
            body["organisation"] = "ocw"
            typed += ["ocw"]
    typed += [""] * said["organisationMatters"]
    command = [*ASKING[name], CLIENTS / name, service]
    done = subprocess.run(
        command, input="\n".join([*typed, ""]), capture_output=True, text=True, check=True, timeout=60
    )
    for one in said["referrals"]:
        assert f"{one['as']}: {one['inShort']['heading']}. {one['why']}" in done.stdout
        assert all(f"  {source['short']}, {source['locator']}" in done.stdout for source in one["sources"])
    assert said["edition"]["digest"] in done.stdout.splitlines()[-1]


def test_every_client_that_the_page_shows_is_short():
    assert {one.name for one in CLIENTS.iterdir() if one.is_file()} == ASKING.keys()
    assert max(len((CLIENTS / name).read_text("utf-8").splitlines()) for name in ASKING) <= 40
