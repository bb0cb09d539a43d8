"""The API, one test per promise of the contract and one per way to ask wrongly; on the small rulebase.

That every answer of ours is what the document says is held by test_contract.
"""

from __future__ import annotations

import gzip
import json
import logging
import random
import re
import zlib
from collections import Counter
from types import SimpleNamespace

import ours
import pytest
from conftest import TODAY
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from service.answers import view
from service.web import body as reading
from service.web import problems, versions
from service.web.api import schemas
from service.web.app import create_app
from service.web.settings import Settings

SECRET = "geheim-7f3a"
FIRST_DAY, SECOND_DAY = "2024-09-01", "2025-09-01"  # of an edition
GRADE = {"situation": {"concerns": ["grade"], "role": "student"}}
EXAMPLE = {
    "situation": {"concerns": ["conduct"], "feeling": "unsafe"},
    "organisation": "letters",
    "on": FIRST_DAY,
    "language": "nl",
}


@pytest.fixture(scope="session")
def library(university):
    return university


@pytest.fixture(scope="session")
def app(university_app):
    return university_app


def post(client, body, **more):
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post("/api/v1/referrals", data=data, **({"content_type": "application/json"} | more))


def test_the_example_of_the_contract(client, library):
    body = post(client, EXAMPLE).json
    edition = library.rulebase.editions[0]
    assert (body["edition"]["id"], body["edition"]["digest"]) == (FIRST_DAY, edition.digest)
    assert body["complete"] is False
    assert body["nextQuestion"]["fact"] == "anonymity"
    assert body["nextQuestion"]["answers"] == ["named", "nameless"]
    assert body["nextQuestion"]["labels"].keys() == {"named", "nameless"}
    first = body["referrals"][0]
    assert (first["destination"], first["as"], first["concern"]) == ("counsellor", "first", "conduct")
    assert first["rules"] == ["counsellor.1"]
    assert first["sources"][0]["url"] == "https://charter.university.example/2024"
    assert first["sources"][0]["quote"]
    assert first["contact"]["email"] == "counsellor@letters.university.example"
    assert first["verified"] is None
    assert first["expect"]
    assert first["limits"]
    assert first["yourName"]
    assert first["doubts"] == ["Vraag of de raadgever er deze week is."]
    assert {"counsellor", "complaints_committee", "student_desk"} <= set(body["possible"])
    appeal = next(one for one in body["closed"] if one["destination"] == "appeals_board")
    assert appeal["opensWhen"]
    assert appeal["why"]
    assert [notice["id"] for notice in body["notices"]] == ["fire", "shared_screen"]


def test_today_is_the_day_when_none_is_given(client, library):
    body = post(client, GRADE).json
    assert body["on"] == TODAY.isoformat()
    assert body["edition"]["id"] == library.rulebase.on(TODAY).id


def test_while_incomplete_only_what_is_certain_is_referred_to(refer, library):
    answers, seen = {}, []
    while True:
        body = refer(answers)
        certain = {(one["concern"], one["destination"], one["as"]) for one in body["referrals"]}
        assert all(one <= certain for one in seen)
        assert {one[1] for one in certain} <= set(body["possible"])
        seen.append(certain)
        if body["complete"]:
            break
        question = body["nextQuestion"]
        chosen = question["answers"][0]
        answers[question["fact"]] = [chosen] if question["several"] else chosen
    assert body["nextQuestion"] is None
    assert seen[-1]


def test_an_organisation_gives_its_own_channels_before_the_shared_ones(refer):
    situation = {"concerns": ["conduct"], "feeling": "unsafe"}
    own = refer(situation, organisation="letters")["referrals"][0]
    shared = refer({**situation, "own_counsellor": "yes"})["referrals"][0]
    assert own["destination"] == shared["destination"] == "counsellor"
    assert own["contact"]["name"] == "Raadgever van Letteren"
    assert own["otherContacts"][0] == shared["contact"]


def test_a_former_name_gets_the_answer_of_its_successor(refer):
    old, new = refer(EXAMPLE["situation"], organisation="law"), refer(EXAMPLE["situation"], organisation="society")
    assert old == new
    assert old["organisation"]["id"] == "society"


def test_an_answer_that_does_not_matter_is_named_and_changes_nothing(refer):
    situation = {"concerns": ["building"], "role": "student"}
    more = {**situation, "review": "done", "anonymity": "named"}
    plain, orphan = refer(situation), refer(more)
    assert orphan.pop("ignored") == ["review", "anonymity"]
    assert plain.pop("ignored") == []
    assert orphan == plain


def test_both_languages_decide_alike_and_say_it_differently(refer):
    nl, en = refer(EXAMPLE["situation"]), refer(EXAMPLE["situation"], language="en")
    assert [(one["destination"], one["as"]) for one in nl["referrals"]] == [
        (one["destination"], one["as"]) for one in en["referrals"]
    ]
    assert nl["referrals"][0]["why"] != en["referrals"][0]["why"]


def test_facts_of_the_organisation_may_be_given_without_one(refer):
    situation = {"concerns": ["conduct"], "feeling": "unsafe", "own_counsellor": "no"}
    assert refer({**situation, "campus": "city"})["referrals"][0]["destination"] == "counsellor"
    assert refer({**situation, "campus": "harbour"})["referrals"][0]["destination"] == "study_adviser"


def silent(name, value):
    """What a member of a referral is for whoever does without words."""
    if name in ("destination", "as", "concern", "rules"):
        return value
    if name in ("contact", "act", "verified"):
        return None
    if name == "inShort":
        return dict.fromkeys(value, "")
    return [] if isinstance(value, list) else ""


NO_QUESTION = {"text": "", "hint": None, "why": None, "labels": {}, "notes": {}}


@pytest.mark.parametrize("without", [*view.LEFT_OUT, None])
def test_what_a_caller_does_without_comes_empty_and_the_rest_as_it_was(client, without):
    """None is all that can be left out at once, which leaves the decision."""
    names = view.LEFT_OUT if without is None else [without]
    closed = 0
    for asked in (EXAMPLE, GRADE, {"situation": {}}, {"situation": {"concerns": ["grade", "conduct", "building"]}}):
        wanted = post(client, asked).json
        closed += len(wanted["closed"])
        if "words" in names:
            asks = wanted["nextQuestion"] and wanted["nextQuestion"] | NO_QUESTION
            doors = [one | {"name": "", "why": ""} for one in wanted["closed"]]
            referrals = [{name: silent(name, value) for name, value in one.items()} for one in wanted["referrals"]]
            wanted |= {"nextQuestion": asks, "referrals": referrals, "closed": doors, "notices": []}
        for one in (wanted, *wanted["referrals"]):
            one.update({name: [] for name in names if name in one})
        assert post(client, asked | {"without": list(names)}).json == wanted
    assert closed > 5


def test_when_the_readings_differ_the_person_is_sent_to_a_human(library, monkeypatch):
    app = create_app(library)
    for engine in app.extensions["wegwijzer"].decider.engines.values():
        monkeypatch.setattr(engine, "fire", lambda asked: dict.fromkeys(asked.concerns, ()))
    body = post(app.test_client(), {"situation": {"concerns": ["building"], "role": "student"}}).json
    assert body["safetyNet"] is True
    assert body["complete"] is True
    assert [one["destination"] for one in body["referrals"]] == [library.rulebase.vocabulary.safety_net]
    assert body["referrals"][0]["contact"]["phone"] == "0800 555 0100"
    assert app.test_client().get("/health/ready").json["disagreements"] == 1
    asked = {"situation": {"concerns": ["building"], "role": "student"}, "without": list(view.LEFT_OUT)}
    (unsaid,) = post(app.test_client(), asked).json["referrals"]
    assert (unsaid["destination"], unsaid["contact"]) == (library.rulebase.vocabulary.safety_net, None)


@pytest.mark.parametrize(("proxies", "believed"), [(1, True), (0, False)])
def test_a_request_at_which_a_process_was_lost_is_answered_without_the_engine(library, monkeypatch, proxies, believed):
    """Only a proxy of ours can say so."""
    app = create_app(library, settings=Settings(proxies=proxies))
    asked = {"situation": {"concerns": ["building"], "role": "student"}}
    right = post(app.test_client(), asked).json
    for engine in app.extensions["wegwijzer"].decider.engines.values():
        monkeypatch.setattr(engine, "fire", lambda asked: dict.fromkeys(asked.concerns, ()))
    again = post(app.test_client(), asked, headers={"Wegwijzer-Again": "1"}).json
    assert (again == right) == believed
    assert again["safetyNet"] != believed


BAD = {
    "unknown fact": (json.dumps({"situation": {SECRET: "x"}}), "/situation"),
    "unknown answer": (json.dumps({"situation": {"role": SECRET}}), "/situation/role"),
    "unknown concern": (json.dumps({"situation": {"concerns": ["grade", SECRET]}}), "/situation/concerns/1"),
    "concerns not a list": (json.dumps({"situation": {"concerns": SECRET}}), "/situation/concerns"),
    "concern twice": (json.dumps({"situation": {"concerns": ["grade", "grade"]}}), "/situation/concerns"),
    "unknown organisation": (json.dumps({"situation": {}, "organisation": SECRET}), "/organisation"),
    "unknown language": (json.dumps({"situation": {}, "language": SECRET}), "/language"),
    "malformed date": (json.dumps({"situation": {}, "on": SECRET}), "/on"),
    "date in another form": (json.dumps({"situation": {}, "on": "20190620"}), "/on"),
    "impossible date": (json.dumps({"situation": {}, "on": "2023-02-30"}), "/on"),
    "date before the first edition": (json.dumps({"situation": {}, "on": "2024-08-31"}), "/on"),
    "number for an answer": ('{"situation": {"role": 7}}', "/situation/role"),
    "null for an answer": ('{"situation": {"role": null}}', "/situation/role"),
    "true for an answer": ('{"situation": {"review": true}}', "/situation/review"),
    "list for an answer": (json.dumps({"situation": {"role": [SECRET]}}), "/situation/role"),
    "situation missing": ("{}", "/situation"),
    "situation not an object": (json.dumps({"situation": SECRET}), "/situation"),
    "unknown member": (json.dumps({"situation": {}, SECRET: 1}), ""),
    "session of the engine": ('{"situation": {"sid": "victim"}}', "/situation"),
    "organisation fact beside organisation": (
        json.dumps({"situation": {"campus": "city"}, "organisation": "letters"}),
        "/situation/campus",
    ),
    "key twice": ('{"situation": {"role": "student", "role": "' + SECRET + '"}}', ""),
    "NaN": ('{"situation": {"role": NaN}}', ""),
    "Infinity": ('{"situation": -Infinity}', ""),
    "not JSON": (SECRET, ""),
    "empty": ("", ""),
    "a list": (f'["{SECRET}"]', ""),
    "not UTF-8": (b'{"situation": {"role": "\xff\xfe"}}', ""),
    "UTF-16": (json.dumps({"situation": {}}).encode("utf-16"), ""),
    "too deep": ('{"situation": ' + "[" * 4000 + "]" * 4000 + "}", ""),
    "a little too deep": ('{"situation": ' + "[" * 20 + "]" * 20 + "}", ""),
    "lone surrogate": ('{"situation": {"role": "\\ud800"}}', "/situation/role"),
    "NUL": ('{"situation": {"role": "student\\u0000"}}', "/situation/role"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_request_names_the_place_and_the_mend_and_repeats_nothing(client, caplog, kind):
    body, pointer = BAD[kind]
    with caplog.at_level(logging.DEBUG):
        response = post(client, body)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert {"type", "title", "status", "detail", "errors"} == problem.keys()
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert problem["errors"][0]["detail"].endswith((".", "?"))
    assert SECRET not in response.text + caplog.text
    assert not schemas.ProblemSchema().validate(problem)


def test_all_mistakes_are_named_at_once(client):
    body = {"situation": {"role": "x", "review": "y"}, "on": "z", "language": "q"}
    errors = post(client, body).json["errors"]
    assert {one["pointer"] for one in errors} == {"/situation/role", "/situation/review", "/on", "/language"}


MANY = {
    "requests that are nothing": '{"requests": [' + ",".join(["{}"] * 80_000) + "]}",
    "requests that are numbers": '{"requests": [' + ",".join(["1"] * 120_000) + "]}",
    "wrong requests": json.dumps({"requests": [{"situation": {"role": SECRET}, "on": SECRET}] * 100}),
    "members": json.dumps({"requests": [{f"{SECRET}{number}": 1 for number in range(9_000)}]}),
    "members of many": json.dumps({"requests": [{f"{SECRET}{number}": 1 for number in range(90)}] * 100}),
    "answers": json.dumps({"requests": [{"situation": {"concerns": [SECRET] * 12_000}}]}),
    "answers of many": json.dumps({"requests": [{"situation": {"concerns": [SECRET] * 5}}] * 100}),
}


@pytest.mark.parametrize("kind", MANY)
def test_no_more_than_twenty_mistakes_are_told_and_whether_there_are_more_is_said(client, kind):
    response = client.post("/api/v1/referrals/batch", data=MANY[kind], content_type="application/json")
    problem = response.json
    assert response.status_code == 400
    assert SECRET not in response.text
    assert not schemas.ProblemSchema().validate(problem)
    told = problem["errors"]
    assert 0 < len(told) <= 20
    assert len({(one["pointer"], one["detail"]) for one in told}) == len(told), "none is told twice"
    assert ("more mistakes than the 20" in problem["detail"]) == ("many" in kind or kind == "wrong requests")
    assert len(response.data) < 8_000


def test_the_document_says_how_many_mistakes_are_told(client):
    schemas_ = client.get("/api/v1/openapi.json").json["components"]["schemas"]
    assert schemas_["Problem"]["properties"]["errors"]["maxItems"] == 20
    assert schemas_["BatchRequest"]["properties"]["requests"]["maxItems"] == 100


@pytest.mark.parametrize("size", [8 * 1024 + 1, 300 * 1024])
def test_too_large_a_body_is_413(client, size):
    response = post(client, json.dumps({"situation": {"role": SECRET * size}})[:size])
    assert response.status_code == 413
    assert response.content_type == "application/problem+json"
    assert SECRET not in response.text


def test_another_content_type_is_415(client):
    assert post(client, "role=student", content_type="application/x-www-form-urlencoded").status_code == 415


def test_every_mistake_is_told_at_once_with_the_word_of_ours_that_was_meant(client, library):
    """Also what only the rules and the directory know: a day before the first, a fact that the organisation has."""
    own = library.rulebase.vocabulary.of_organisation[0]
    body = {
        "situation": {"rolle": "student", "role": "Studnet", "concerns": ["conducts"], own.id: own.answers[0]},
        "organisation": "leters",
        "on": "2000-01-01",
        "languages": "nl",
    }
    response = post(client, body)
    told = {(one["pointer"], *re.findall(r"Did you mean '(\w+)'", one["detail"])) for one in response.json["errors"]}
    assert response.status_code == 400
    assert told == {
        ("/situation", "role"),
        ("/situation/role", "student"),
        ("/situation/concerns/0", "conduct"),
        (f"/situation/{own.id}",),
        ("/organisation", "letters"),
        ("/on",),
        ("", "language"),
    }
    assert not re.search("rolle|Studnet|conducts|leters|languages", response.text)


def test_what_was_meant_is_said_only_where_a_word_is_near(client):
    (one,) = post(client, {"situation": {"xyzzy": 1, "plugh": 2}}).json["errors"]
    assert one["pointer"] == "/situation"
    assert "Did you mean" not in one["detail"]


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/api/v1/nothing", "get", 404), ("/api/v1/referrals", "get", 405)]
)
def test_every_error_is_problem_json(client, path, method, status):
    response = getattr(client, method)(path)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_an_unexpected_error_says_nothing_and_logs_only_its_place(library, monkeypatch, caplog):
    app = create_app(library)

    def fails(*_, **__):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(app.extensions["wegwijzer"].decider, "decide", fails)
    with caplog.at_level(logging.DEBUG):
        response = post(app.test_client(), {"situation": {"role": "student"}})
    assert response.status_code == 500
    assert response.content_type == "application/problem+json"
    assert "RuntimeError at" in caplog.text
    assert SECRET not in response.text + caplog.text
    assert "student" not in response.text + caplog.text


def test_a_good_request_is_not_logged(client, caplog):
    with caplog.at_level(logging.DEBUG):
        post(client, EXAMPLE)
    assert "student" not in caplog.text
    assert "unsafe" not in caplog.text


def test_a_search_always_gives_the_one_for_every_other_body(client, library):
    nothing = client.get("/api/v1/organisations?q=xyzzy").json
    assert [(one["id"], one["why"]) for one in nothing] == [(library.organisations.catch_all.id, None)]
    listed = client.get("/api/v1/organisations").json
    assert [one["id"] for one in listed if one["catchAll"]] == [library.organisations.catch_all.id]


NEVER_KEPT = (
    "/api/v1/organisations?q=faculteit",
    "/api/v1/rules?on=2000-01-01",
    "/api/v1/nothing",
    "/health/live",
    "/health/ready",
    "/",
    "/vragen",
    "/nothing",
)
TODAY_IN_IT = (
    "/api/v1/organisations",
    "/api/v1/destinations",
    "/api/v1/rules",
    "/api/v1/rulebase.json",
    "/api/v1/compiled.json",
)
THE_SAME_EACH_DAY = (
    "/api/v1/questions",
    "/api/v1/editions",
    "/api/v1/rules/counsellor.1",
    "/api/v1/problems",
    "/api/v1/problems/not-found",
    "/api/v1/openapi.json",
    *(f"{path}?on=2025-01-01" for path in TODAY_IN_IT),
)
READ_ONLY = TODAY_IN_IT + THE_SAME_EACH_DAY


def kept(path):
    if path in NEVER_KEPT:
        return "no-store"
    return "no-cache" if path in TODAY_IN_IT else "public, max-age=300, must-revalidate"


@pytest.mark.parametrize("path", NEVER_KEPT + READ_ONLY)
def test_every_response_carries_the_version_and_says_how_long_it_may_be_kept(client, path):
    headers = client.get(path).headers
    assert headers["API-Version"] == versions.VERSION
    assert headers["Cache-Control"] == kept(path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "path", ["/api/v1/referrals", "/api/v1/referrals/batch", "/vragen", "/en/questions", "/adviseur"]
)
def test_what_comes_by_post_is_never_kept(client, path):
    for sent in ({"json": EXAMPLE}, {"json": {"requests": [EXAMPLE]}}, {"data": {"answer": SECRET}}):
        headers = client.post(path, **sent).headers
        assert headers["Cache-Control"] == "no-store"
        assert "ETag" not in headers
        assert "Content-Encoding" not in headers


@pytest.mark.parametrize("path", NEVER_KEPT)
def test_what_is_never_kept_has_no_tag_by_which_to_know_it_again(client, path):
    assert "ETag" not in client.get(path).headers


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("path", READ_ONLY)
def test_whoever_has_it_already_is_told_so_in_304(client, path, coding):
    whole = client.get(path, headers={"Accept-Encoding": coding})
    again = {"Accept-Encoding": coding, "If-None-Match": whole.headers["ETag"]}
    for method in (client.get, client.head):
        unchanged = method(path, headers=again)
        assert unchanged.status_code == 304
        assert unchanged.data == b""
        for name in ("ETag", "Cache-Control", "Vary", "API-Version", "X-Content-Type-Options"):
            assert unchanged.headers[name] == whole.headers[name], name
    other = client.get(path, headers=again | {"If-None-Match": 'W/"another"'})
    assert other.status_code == 200
    assert other.data == whole.data


@pytest.mark.parametrize("path", READ_ONLY)
def test_what_is_read_is_sent_small_to_whoever_can_read_that(client, path):
    plain = client.get(path)
    small = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in small.vary
    assert "Content-Encoding" not in plain.headers
    if len(plain.data) >= 1000:
        assert small.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(small.data) == plain.data
        assert len(small.data) < len(plain.data)
    assert plain.headers["ETag"].startswith("W/"), "two codings of one content share its tag, so it must be weak"
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data


def test_an_answer_is_not_compressed_for_whoever_refuses_that(client):
    refused = client.post("/api/v1/referrals", json=EXAMPLE, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    assert refused.json == post(client, EXAMPLE).json


def test_what_somebody_searched_for_is_not_sent_small():
    """Among our own organisations, of which there are enough that share a word."""
    names = [one.names[0].text["nl"].split() for one in ours.library().organisations.by_id.values()]
    (word, _), *_ = Counter(word for name in names for word in name if len(word) > 3).most_common()
    client = create_app(ours.library()).test_client()
    found = client.get(f"/api/v1/organisations?q={word}", headers={"Accept-Encoding": "gzip"})
    assert len(found.data) > 1000
    assert "Content-Encoding" not in found.headers


def test_the_tag_differs_by_language_and_by_day(client):
    paths = [
        f"/api/v1/organisations?language={one}&on={day}" for one in ("nl", "en") for day in (FIRST_DAY, "2026-01-01")
    ]
    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("path", READ_ONLY)
def test_head_is_a_get_without_its_body(client, path):
    got, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("path", [*READ_ONLY, "/api/v1/referrals", "/api/v1/referrals/batch"])
def test_options_lists_the_methods_and_does_nothing(client, path):
    response = client.options(path)
    assert response.status_code == 200
    assert response.data == b""
    assert response.headers["Cache-Control"] == "no-store"
    taken = {"POST", "OPTIONS"} if "referrals" in path else {"GET", "HEAD", "OPTIONS"}
    assert set(response.allow) == taken
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - taken:
        refused = client.open(path, method=method)
        assert refused.status_code == 405
        assert set(refused.allow) == taken


@pytest.mark.parametrize("path", [*READ_ONLY, "/api/v1/referrals"])
def test_an_address_with_a_slash_at_its_end_is_another_address(client, path):
    response = client.get(f"{path.partition('?')[0]}/")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("error", [TooManyRequests, ServiceUnavailable])
def test_whoever_must_wait_is_told_how_long(app, error):
    with app.test_request_context("/api/v1/referrals", method="POST"):
        response = problems.problem(error(retry_after=17))
    assert response.headers["Retry-After"] == "17"
    assert response.json["status"] == error.code


PACKS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}


def packed(client, coding, data, path="/api/v1/referrals"):
    headers = {"Content-Encoding": coding}
    return client.post(path, data=data, content_type="application/json", headers=headers)


@pytest.mark.parametrize("coding", PACKS)
def test_a_body_that_is_packed_gets_the_answer_that_it_gets_plain(client, coding):
    response = packed(client, coding.upper(), PACKS[coding](json.dumps(EXAMPLE).encode()))
    assert response.status_code == 200
    assert response.json == post(client, EXAMPLE).json


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "", SECRET])
def test_a_body_that_is_packed_as_nobody_reads_is_415_and_says_how(client, coding):
    response = packed(client, coding, b"x")
    assert response.status_code == 415
    assert response.headers["Accept-Encoding"] == "gzip, deflate, identity"
    assert SECRET not in response.text
    assert "Accept-Encoding" not in client.post("/api/v1/referrals", data=b"x").headers


@pytest.mark.parametrize("path", ["/api/v1/referrals", "/api/v1/referrals/batch"])
def test_no_more_is_unpacked_than_a_body_may_be_long(client, path, monkeypatch):
    """A bomb of a thousand to one is refused with no more of it in memory than the limit."""
    limit = reading.longest(client.application.test_request_context(path).request)
    unpacked = []

    def counting(*coding):
        one = zlib.decompressobj(*coding)

        def decompress(data, most):
            unpacked.append(len(found := one.decompress(data, most)))
            return found

        return SimpleNamespace(decompress=decompress, eof=one.eof)

    bomb = gzip.compress(b" " * limit * 100)
    assert len(bomb) < limit
    monkeypatch.setattr(reading, "zlib", SimpleNamespace(decompressobj=counting, error=zlib.error))
    assert packed(client, "gzip", bomb, path).status_code == 413
    assert unpacked == [limit + 1]


@pytest.mark.parametrize("wrong", ["broken off", "more behind it", "of another kind", "empty"])
def test_a_packed_body_that_is_not_whole_is_400(client, wrong):
    whole = gzip.compress(json.dumps(EXAMPLE).encode())
    data = {"broken off": whole[:-9], "more behind it": whole * 2, "of another kind": b"{}", "empty": b""}[wrong]
    response = packed(client, "gzip", data)
    assert response.status_code == 400
    assert response.json["type"] == "/api/v1/problems/bad-request"


def test_a_packed_body_counts_for_what_it_holds(library):
    client = create_app(library, settings=Settings(rate=20), today=lambda: TODAY).test_client()
    full = gzip.compress(b" " * reading.BATCH)
    path = "/api/v1/referrals/batch"
    assert [packed(client, "gzip", full, path).status_code for _ in range(2)] == [429, 429]


def test_a_body_whose_length_nobody_says_is_411(client):
    body = json.dumps({"situation": {"role": SECRET}}).encode()
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}  # of a server that does not end it itself
    response = client.post("/api/v1/referrals", data=body, content_type="application/json", environ_overrides=environ)
    assert response.status_code == 411
    assert response.json["type"] == "/api/v1/problems/length-required"
    assert SECRET not in response.text


def test_every_kind_of_problem_is_explained_where_its_type_leads(client):
    listed = client.get("/api/v1/problems").json
    assert [one["type"] for one in listed] == [kind.type for kind in problems.KINDS]
    for one in listed:
        assert client.get(one["type"]).json == one
        assert one["detail"].endswith(".")
    assert len({one["type"] for one in listed}) == len(listed)


@pytest.mark.parametrize(
    ("how", "type_"),
    [
        ({"path": "/api/v1/referrals", "method": "POST", "json": {}}, "invalid-input"),
        ({"path": "/api/v1/nothing"}, "not-found"),
        ({"path": "/api/v1/referrals"}, "method-not-allowed"),
        ({"path": "/api/v1/referrals", "method": "POST", "data": b" " * 9000}, "content-too-large"),
        ({"path": "/api/v1/referrals", "method": "POST", "data": b"x"}, "unsupported-media-type"),
    ],
)
def test_an_error_names_its_kind(client, how, type_):
    response = client.open(**how)
    assert response.json["type"] == f"/api/v1/problems/{type_}"
    explained = client.get(response.json["type"]).json
    assert {name: response.json[name] for name in explained} == explained


def test_the_openapi_document_is_valid_and_names_every_route(client, app):
    from openapi_spec_validator import validate  # it reads every edition of its standard first

    document = client.get("/api/v1/openapi.json").json
    validate(document)
    assert document["servers"] == [{"url": "/api/v1"}]
    routes = {
        re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
    }
    assert set(document["paths"]) == routes


def test_the_document_lists_every_answer_of_every_fact(client, library):
    components = client.get("/api/v1/openapi.json").json["components"]["schemas"]
    properties = components["Situation"]["properties"]
    for fact in library.rulebase.vocabulary.facts:
        described = properties[fact.id]["items"] if fact.several else properties[fact.id]
        assert described["enum"] == list(fact.answers)


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/questions?language=en", schemas.said(view.Question)(many=True)),
        ("/organisations?q=faculteit&on=2024-09-01", schemas.said(view.Organisation)(many=True)),
        ("/destinations?on=2025-01-01", schemas.said(view.Destination)(many=True)),
        ("/editions", schemas.said(view.Edition)(many=True)),
        ("/rules?on=2024-09-01&language=en", schemas.said(view.Rule)(many=True)),
        ("/rules/counsellor.1", schemas.said(view.Rule)()),
        ("/rulebase.json?on=2025-01-01", schemas.said(view.Table)()),
        ("/compiled.json?on=2025-01-01&language=en", schemas.said(view.Compiled)()),
        ("/problems", schemas.ProblemKindSchema(many=True)),
    ],
)
def test_what_is_read_is_what_the_document_says(client, path, schema):
    response = client.get(f"/api/v1{path}")
    assert response.status_code == 200
    assert response.json
    assert schema.validate(response.json) == {}


def test_a_slice_names_what_it_was_cut_from(client):
    """Who decides elsewhere can say later what answered, as who asks us can."""
    cut = client.get("/api/v1/compiled.json").json
    answer, served = post(client, EXAMPLE).json, client.get("/health/ready").json["rulebase"]
    assert cut["digest"] == served["digest"]
    assert cut["digest"].startswith("sha256:")
    assert {key: cut[key] for key in ("directory", "texts")} == {key: answer[key] for key in ("directory", "texts")}
    assert cut["edition"]["digest"] == served["editions"][cut["edition"]["id"]]


def test_answers_are_what_the_document_says(client, library):
    """Every example of every rule, through the API, on the first day of the rule."""
    schema = schemas.said(view.Answer)()
    for rule in library.rulebase.rules:
        situation = {**rule.example.situation, "concerns": [rule.concern]}
        response = post(client, {"situation": situation, "on": rule.since.isoformat(), "language": "en"})
        assert schema.validate(response.json) == {}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (f"/rules?on={SECRET}", "/on"),
        ("/rules?on=2024-08-31", "/on"),
        ("/destinations?on=2024-08-31", "/on"),
        (f"/questions?language={SECRET}", "/language"),
        (f"/questions?{SECRET}=1", ""),
        (f"/editions?{SECRET}=1", ""),
        (f"/problems/not-found?{SECRET}=1", ""),
        (f"/organisations?q={SECRET * 20}", "/q"),
    ],
)
def test_a_bad_query_is_400_and_repeats_nothing(client, path, pointer):
    response = client.get(f"/api/v1{path}")
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert SECRET not in response.text


def test_a_rule_that_is_not_there_is_404(client):
    response = client.get(f"/api/v1/rules/{SECRET}")
    assert response.status_code == 404
    assert SECRET not in response.text


def test_a_batch_gives_the_same_answers_one_by_one(client):
    asked = [EXAMPLE, GRADE, {"situation": {}}]
    response = client.post("/api/v1/referrals/batch", json={"requests": asked})
    assert response.status_code == 200
    assert response.json["answers"] == [post(client, one).json for one in asked]


@pytest.mark.parametrize(
    ("requests", "pointer"),
    [
        ([], "/requests"),
        ([{"situation": {}}] * 101, "/requests"),
        ([{"situation": {}}, {"situation": {"role": SECRET}}], "/requests/1/situation/role"),
        ([{"situation": {}}, {"situation": {}, "on": "2000-01-01"}], "/requests/1/on"),
        (SECRET, "/requests"),
    ],
)
def test_a_bad_batch_names_which_one(client, requests, pointer):
    response = client.post("/api/v1/referrals/batch", json={"requests": requests})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]
    assert SECRET not in response.text


def test_the_table_for_the_browser_holds_the_whole_edition(client, library):
    table = client.get("/api/v1/rulebase.json?on=2024-09-01").json
    edition = library.rulebase.editions[0]
    assert table["edition"]["digest"] == edition.digest
    facts = {fact["id"]: fact["answers"] for fact in table["facts"]}
    for row, rule in zip(table["rules"], edition.rules, strict=True):
        assert {fact: {facts[fact][n] for n in places} for fact, places in row["when"].items()} == {
            fact: set(answers) for fact, answers in rule.when.items()
        }


@pytest.mark.parametrize("on", [FIRST_DAY, SECOND_DAY, TODAY.isoformat()])
def test_the_graph_that_is_given_away_decides_as_we_do(client, on):
    """By a walk that knows nothing but what the document says of `graph`."""
    given = client.get(f"/api/v1/compiled.json?on={on}&language=en").json
    nodes, dice = given["graph"]["nodes"], random.Random(on)
    places = {fact["id"]: place for place, fact in enumerate(given["facts"])}
    organisations = {one["id"]: one for one in given["organisations"]}
    for _ in range(60):
        told = {fact["id"]: dice.choice(fact["answers"]) for fact in given["facts"] if not fact["ofOrganisation"]}
        concerns = told["concerns"] = dice.sample(given["facts"][places["concerns"]]["answers"], 2)
        organisation = dice.choice([*organisations])
        known = told | organisations[organisations[organisation]["heldBy"]]["facts"]
        standing = set()
        for concern in concerns:
            for node in given["graph"]["roots"][concern].values():
                while nodes[node][0] >= 0:
                    fact = given["facts"][nodes[node][0]]
                    node = nodes[node][1 + fact["answers"].index(known.get(fact["id"], "unknown"))]
                standing |= {
                    (concern, given["rules"][rule]["refer"], given["rules"][rule]["id"]) for rule in nodes[node][1:]
                }
        answer = post(client, {"situation": told, "organisation": organisation, "on": on, "language": "en"}).json
        assert answer["edition"] == given["edition"]
        assert standing == {
            (one["concern"], one["destination"], rule) for one in answer["referrals"] for rule in one["rules"]
        }
        assert {one["name"] for one in answer["referrals"]} <= set(given["names"].values())


def test_health_counts_and_says_no_more(client):
    assert client.get("/health/live").json == {"status": "ok"}
    ready = client.get("/health/ready").json
    known = {
        "status",
        "edition",
        "digest",
        "engineFailures",
        "disagreements",
        "killedWorkers",
        "clock",
        "changedRulebase",
        "rulebase",
        "version",
    }
    assert ready.keys() == known
