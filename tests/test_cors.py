"""What a page of another site may do with the API: nothing but read the document, or what whoever runs it allows."""

from __future__ import annotations

import pytest
from conftest import TODAY, Served
from walking import tab

from service.web.app import create_app
from service.web.settings import CORS, SettingError, Settings, read_settings

ORIGIN = "Access-Control-Allow-Origin"
READ, ASK = ("GET", "/api/v1/questions"), ("POST", "/api/v1/referrals")
OPEN = {"": set(), "read": {READ}, "read refer": {READ, ASK}}
FETCH = """async (url) => {
  const body = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"situation": {}}' };
  const ways = [[url + "/api/v1/questions", {}], [url + "/api/v1/referrals", body]];
  return Promise.all(ways.map(([to, how]) => fetch(to, how).then((one) => one.status, () => "closed")));
}"""


def app_of(library, text):
    settings = Settings(rate=0, cors=read_settings({CORS: text}).cors)
    return create_app(library, settings=settings, today=lambda: TODAY)


@pytest.mark.parametrize("text", OPEN)
def test_another_site_may_do_what_whoever_runs_it_allows_and_hears_of_mistakes_too(university, text):
    client = app_of(university, text).test_client()
    for method, path in (READ, ASK):
        allowed = "*" if (method, path) in OPEN[text] else None
        asks = {"Origin": "https://x.example", "Access-Control-Request-Method": method}
        before = client.options(path, headers=asks)
        found = client.open(path, method=method, json={"situation": {}} if method == "POST" else None)
        wrong = client.open(f"{path}?wrong=1", method=method, json={} if method == "POST" else None)
        assert (found.status_code, wrong.status_code) == (200, 400)
        assert {one.headers.get(ORIGIN) for one in (before, found, wrong)} == {allowed}
        assert before.headers.get("Access-Control-Allow-Methods") == (method if allowed else None)
        assert "Access-Control-Allow-Credentials" not in {*before.headers.keys(), *found.headers.keys()}


@pytest.mark.parametrize("text", OPEN)
def test_the_document_says_what_is_allowed_and_is_open_to_all(university, text):
    response = app_of(university, text).test_client().get("/api/v1/openapi.json")
    assert response.headers[ORIGIN] == "*"
    for method, path in (READ, ASK):
        responses = response.json["paths"][path.removeprefix("/api/v1")][method.lower()]["responses"]
        assert (ORIGIN in responses["200"]["headers"]) == ((method, path) in OPEN[text])
        assert ORIGIN not in responses["421"]["headers"]


@pytest.mark.parametrize("path", ["/", "/api", "/vragen", "/adviseur", "/health/ready"])
def test_what_people_read_stays_closed(university, path):
    response = app_of(university, "read refer").test_client().get(path)
    assert response.status_code == 200
    assert ORIGIN not in response.headers


@pytest.mark.parametrize("text", ["*", "refer", "write", "https://x.example", "refer read"])
def test_what_cannot_be_allowed_is_refused_at_the_start(text):
    with pytest.raises(SettingError, match=CORS):
        read_settings({CORS: text})


def test_a_browser_agrees(chromium, university, elsewhere):
    with tab(chromium) as page:
        page.goto(elsewhere.address)
        for text, said in {"": ["closed", "closed"], "read": [200, "closed"], "read refer": [200, 200]}.items():
            served = Served(app_of(university, text))
            assert page.evaluate(FETCH, served.address) == said
            served.stop()
