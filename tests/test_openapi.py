"""The OpenAPI document: that it keeps to the Dutch API Design Rules, and that it shows what the service really says."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
import yaml
from conftest import TODAY
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from service.web import versions
from service.web.app import create_app
from service.web.settings import CONTACT, Contact, SettingError, Settings, read_settings
from service.web.versions import Deprecated

ROOT = Path(__file__).parent.parent
RULES = ROOT / "tests" / "tools" / "api-design-rules.yaml"
SPECTRAL = ROOT / "build" / "tools" / "node_modules" / ".bin" / "spectral"
API_TEAM = "Team API, afdeling Wegwijzer, api@wegwijzer.example.nl, https://wegwijzer.example.nl/api"
JSON, PROBLEM = "application/json", "application/problem+json"


def document_of(library, settings, **more):
    client = create_app(library, settings=settings, today=lambda: TODAY, **more).test_client()
    return client.get("/api/v1/openapi.json").json


@pytest.fixture(scope="module")
def document(library):
    return document_of(library, Settings(contact=read_settings({CONTACT: API_TEAM}).contact))


def lint(folder, documents):
    """What Spectral finds: per name of a document the rules that it breaks."""
    for name, one in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(one))
    command = [SPECTRAL, "lint", *sorted(folder.glob("*.json")), "--ruleset", RULES, "--format", "json", "--quiet"]
    done = subprocess.run([*map(str, command), "--fail-severity", "hint"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found = {name: set() for name in documents}
    for one in json.loads(done.stdout):
        found[Path(one["source"]).stem].add(one["code"])
    return found


@pytest.mark.tools
def test_the_document_keeps_to_the_api_design_rules(document, tmp_path):
    validate(document)
    assert lint(tmp_path, {"document": document}) == {"document": set()}


def at(document, *way):
    for step in way:
        document = document[step]
    return document


def asked(document, path="/referrals", method="post"):
    return document["paths"][path][method]


def read(document, path="/destinations"):
    return document["paths"][path]["get"]


def rename(document, path, to):
    document["paths"][to] = document["paths"].pop(path)


# Per rule of ours, what in a document breaks it.
BREAKS = {
    "adr-doc-openapi": lambda d: d.update(openapi="2.0"),
    "adr-doc-openapi-contact": lambda d: d["info"]["contact"].pop("email"),
    "adr-publish-openapi": lambda d: rename(d, "/openapi.json", "/document.json"),
    "adr-publish-openapi-cors": lambda d: read(d, "/openapi.json")["responses"]["200"]["headers"].pop(
        "Access-Control-Allow-Origin"
    ),
    "adr-cors": lambda d: asked(d)["responses"]["200"]["headers"].update(
        {"Access-Control-Allow-Origin": {"schema": {"type": "string"}}}
    ),
    "adr-uri-version": lambda d: d["servers"][0].update(url="/api"),
    "adr-uri-version-not-in-paths": lambda d: rename(d, "/questions", "/v1/questions"),
    "adr-tls": lambda d: d["servers"][0].update(url="http://wegwijzer.example.nl/api/v1"),
    "adr-version-header": lambda d: asked(d)["responses"]["413"]["headers"].pop("API-Version"),
    "adr-semver": lambda d: d["info"].update(version="1.0"),
    "adr-problem-details": lambda d: asked(d)["responses"]["415"]["content"].update(
        {JSON: {"schema": {"type": "object"}, "example": {}}}
    ),
    "adr-problem-details-members": lambda d: d["components"]["schemas"]["Problem"]["required"].remove("title"),
    "adr-invalid-input": lambda d: read(d)["responses"].pop("400"),
    "adr-invalid-input-not-422": lambda d: asked(d)["responses"].update({"422": asked(d)["responses"]["400"]}),
    "adr-all-errors": lambda d: d["components"]["schemas"]["Problem"]["properties"].pop("errors"),
    "adr-path-segments-kebab-case": lambda d: rename(d, "/questions", "/open_Questions"),
    "adr-query-keys-camel-case": lambda d: read(d)["parameters"][0].update(name="the_language"),
    "adr-no-trailing-slash": lambda d: rename(d, "/questions", "/questions/"),
    "adr-no-sensitive-uris": lambda d: read(d)["parameters"][0].update(name="reporter"),
    "adr-no-sensitive-uris-in-paths": lambda d: d["paths"]["/rules/{rule}"]["parameters"][0].update(name="reporter"),
    "adr-stateless": lambda d: d["components"]["parameters"]["IfNoneMatch"].update(name="X-Session"),
    "adr-stateless-no-cookie": lambda d: asked(d)["responses"]["200"]["headers"].update(
        {"Set-Cookie": {"schema": {"type": "string"}}}
    ),
    "adr-http-methods": lambda d: d["paths"]["/referrals"].update(put=asked(d)),
    "adr-security-headers": lambda d: asked(d)["responses"]["500"]["headers"].pop("X-Content-Type-Options"),
    "adr-date-omit-time-portion": lambda d: d["components"]["schemas"]["Answer"]["properties"]["on"].update(
        format="date-time"
    ),
    "adr-deprecation-schedule": lambda d: read(d).update(deprecated=True),
    "adr-schema-names": lambda d: d["components"]["schemas"].update({"some_thing": {"type": "string"}}),
    "adr-property-names": lambda d: d["components"]["schemas"]["Answer"]["properties"].update(
        {"next_question": {"type": "string"}}
    ),
    "wegwijzer-every-answer-has-an-example": lambda d: read(d)["responses"]["200"]["content"][JSON].pop("example"),
    "wegwijzer-every-request-has-an-example": lambda d: asked(d)["requestBody"]["content"][JSON].pop("examples"),
    "wegwijzer-operation-ids": lambda d: read(d).update(operationId="list_destinations"),
    "wegwijzer-what-is-read-has-a-tag": lambda d: read(d)["responses"]["200"]["headers"].pop("ETag"),
    "wegwijzer-what-is-read-may-be-unchanged": lambda d: read(d)["responses"].pop("304"),
    "wegwijzer-retry-after": lambda d: asked(d)["responses"]["429"]["headers"].pop("Retry-After"),
    "wegwijzer-one-tag": lambda d: read(d).update(tags=["asking", "reading"]),
}


@pytest.mark.tools
def test_every_rule_of_ours_can_fail(document, tmp_path):
    assert BREAKS.keys() == yaml.safe_load(RULES.read_text("utf-8"))["rules"].keys()
    few = ("/referrals", "/destinations", "/questions", "/rules/{rule}", "/openapi.json")
    small = {**document, "paths": {path: document["paths"][path] for path in few}}
    turns = 5  # so many documents, for to lint one takes a third of a second
    broken = {"none": small} | {turn: copy.deepcopy(small) for turn in range(turns)}
    for number, spoil in enumerate(BREAKS.values()):
        spoil(broken[number % turns])
    found = lint(tmp_path, {str(name): one for name, one in broken.items()})
    assert found["none"] & BREAKS.keys() == set()
    for turn in range(turns):
        assert {*[*BREAKS][turn::turns]} <= found[str(turn)]


@pytest.mark.tools
def test_a_document_in_which_nobody_is_named_lacks_only_that(library, tmp_path):
    addresses = {"nowhere": None, "somewhere": "https://wegwijzer.example.nl"}
    nobody = {name: document_of(library, Settings(address=one)) for name, one in addresses.items()}
    for name, one in nobody.items():
        assert one["info"]["contact"].get("url") == addresses[name]
        assert "email" not in one["info"]["contact"]
    assert lint(tmp_path, nobody) == {name: {"adr-doc-openapi-contact", "contact-properties"} for name in nobody}


def test_whoever_deploys_it_says_whom_to_ask(document):
    assert document["info"]["contact"] == {
        "name": "Team API, afdeling Wegwijzer",
        "email": "api@wegwijzer.example.nl",
        "url": "https://wegwijzer.example.nl/api",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "Team API",
        "Team API, api@wegwijzer.example.nl",
        ", api@wegwijzer.example.nl, https://wegwijzer.example.nl",
        "Team API, wegwijzer.example.nl, https://wegwijzer.example.nl",
        "Team API, api@localhost, https://wegwijzer.example.nl",
        "Team API, api@wegwijzer.example.nl, wegwijzer.example.nl",
        "Team API, api@wegwijzer.example.nl, javascript:alert(1)",
        "Team API, api@wegwijzer.example.nl, https://[",
        "Team API, api@wegwijzer.example.nl, https://user@wegwijzer.example.nl",
        "Team API, api@wegwijzer.example.nl, https://wegwijzer.example.nl/a b",
    ],
)
def test_a_contact_that_cannot_be_used_is_refused_at_the_start(wrong):
    with pytest.raises(SettingError, match=CONTACT):
        read_settings({CONTACT: wrong})


def operations(document):
    for path, found in document["paths"].items():
        for method in found.keys() & {"get", "post"}:
            yield path, method, found[method]


def test_every_operation_is_told_in_a_sentence_and_named_once(document):
    found = [operation for _, _, operation in operations(document)]
    assert len({operation["operationId"] for operation in found}) == len(found) > 10
    for operation in found:
        assert not operation["summary"].endswith(".")
        assert operation["description"].rstrip().endswith(".")
        for response in operation["responses"].values():
            assert response["description"].endswith(".")


def test_no_schema_says_nothing(document):
    for name, schema in document["components"]["schemas"].items():
        for key, one in schema["properties"].items():
            refers = "$ref" in json.dumps(one)
            assert refers or "description" in one or "enum" in json.dumps(one), f"{name}.{key}"


def few(value):
    if isinstance(value, dict):
        return {key: few(inner) for key, inner in value.items()}
    return [few(inner) for inner in value[:2]] if isinstance(value, list) else value


def test_the_examples_are_what_the_service_answers(document, client):
    """Asked as any client asks, from outside."""
    shown, expected = 0, 0
    for path, method, operation in operations(document):
        expected += len(operation["requestBody"]["content"][JSON]["examples"]) if method == "post" else 1
        found = operation["responses"]["200"]["content"][JSON]
        if method == "post":
            for name, example in operation["requestBody"]["content"][JSON]["examples"].items():
                response = client.post(f"/api/v1{path}", json=example["value"])
                assert response.status_code == 200
                assert found["examples"][name]["value"] == few(response.json), path
                shown += 1
        elif path != "/openapi.json":
            names = {one.get("name") for one in operation["parameters"]}
            query = {key: value for key, value in {"on": "2019-06-20", "language": "en"}.items() if key in names}
            real = path
            for parameter in document["paths"][path].get("parameters", ()):
                real = real.replace(f"{{{parameter['name']}}}", parameter["example"])
            response = client.get(f"/api/v1{real}", query_string=query)
            assert response.status_code == 200
            assert found["example"] == few(response.json), path
            shown += 1
    assert shown == expected - 1, "each but that of the document itself"


def test_the_examples_of_errors_are_what_the_service_says_when_it_goes_wrong(document, client):
    ways = {
        "400": {"json": {}},
        "413": {"data": b" " * (256 * 1024 + 1), "content_type": JSON},
        "415": {"data": b"x", "content_type": "text/plain"},
        "411": {"data": b"{}", "content_type": JSON, "headers": {"Transfer-Encoding": "chunked"}},
    }
    for path in ("/referrals", "/referrals/batch"):
        for status, how in ways.items():
            said = client.post(f"/api/v1{path}", **how)
            assert said.status_code == int(status)
            assert asked(document, path)["responses"][status]["content"][PROBLEM]["example"] == said.json
    said = client.get("/api/v1/questions", headers={"Host": "evil.example"})
    assert said.headers["API-Version"] == versions.VERSION
    assert read(document, "/questions")["responses"]["421"]["content"][PROBLEM]["example"] == said.json
    for path in ("/rules/{rule}", "/problems/{problem}"):
        said = client.get("/api/v1" + re.sub(r"{\w+}", "nothing", path))
        assert read(document, path)["responses"]["404"]["content"][PROBLEM]["example"] == said.json


@pytest.mark.parametrize("fact", ["regime", "labour_desk", "external_advisor", "reporter"])
@pytest.mark.parametrize("organisation", [{}, {"organisation": "ocw"}])
def test_the_document_refuses_a_fact_of_the_organisation_where_the_service_does(document, client, fact, organisation):
    answer = document["components"]["schemas"]["Situation"]["properties"][fact]["enum"][0]
    body = {"situation": {fact: answer}, **organisation}
    schema = {"$ref": "#/components/schemas/ReferralRequest", "components": document["components"]}
    valid = Draft202012Validator(schema).is_valid(body)
    assert valid == (client.post("/api/v1/referrals", json=body).status_code == 200)
    assert valid == (fact == "reporter" or not organisation)


def test_every_example_of_an_error_is_of_its_own_status_and_kind(document, client):
    kinds = {one["type"]: one["status"] for one in client.get("/api/v1/problems").json}
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status[0] in "45":
                example = response["content"][PROBLEM]["example"]
                assert example["status"] == kinds[example["type"]] == int(status)


def test_the_document_is_the_same_every_day(library, document):
    later = create_app(library, settings=Settings(contact=read_settings({CONTACT: API_TEAM}).contact))
    assert later.test_client().get("/api/v1/openapi.json").json == document


GOING = Deprecated(date(2027, 1, 1), date(2028, 1, 1), "https://wegwijzer.example.nl/api#destinations")


@pytest.mark.tools
def test_a_deprecated_operation_says_so_in_each_response_and_in_the_document(library, tmp_path):
    contact = Contact("Team API", "api@wegwijzer.example.nl", "https://wegwijzer.example.nl/api")
    going = {"listDestinations": GOING, "refer": GOING}
    app = create_app(library, settings=Settings(contact=contact), today=lambda: TODAY, deprecated=going)
    client = app.test_client()
    unchanged = {"If-None-Match": client.get("/api/v1/destinations").headers["ETag"]}
    responses = [
        client.get("/api/v1/destinations"),
        client.get("/api/v1/destinations", headers=unchanged),
        client.get("/api/v1/destinations?on=2000-01-01"),
        client.post("/api/v1/referrals", json={"situation": {}}),
        client.post("/api/v1/referrals", json={}),
    ]
    assert [one.status_code for one in responses] == [200, 304, 400, 200, 400]
    for one in responses:
        assert one.headers["Deprecation"] == "@1798761600"
        assert one.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
        assert one.headers["Link"] == f'<{GOING.instead}>; rel="deprecation"; type="text/html"'
    assert "Deprecation" not in client.get("/api/v1/questions").headers
    document = client.get("/api/v1/openapi.json").json
    marked = {one["operationId"] for _, _, one in operations(document) if one.get("deprecated")}
    assert marked == going.keys()
    validate(document)
    assert lint(tmp_path, {"document": document}) == {"document": set()}


def test_nothing_goes_within_a_year_of_saying_so():
    with pytest.raises(ValueError, match="365 days"):
        Deprecated(date(2027, 1, 1), date(2027, 12, 31), "https://wegwijzer.example.nl")


def test_only_an_operation_that_exists_can_be_deprecated(library):
    with pytest.raises(KeyError):
        create_app(library, settings=Settings(), deprecated={"listSecrets": GOING})
