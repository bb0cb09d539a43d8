"""The page for programmers: it says what the document says, and its form asks this very service."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from conftest import Served
from looks import LOOKS, faults
from walking import tab

PAGES = {"nl": "/api", "en": "/en/api"}
ASKED = {"concerns": ["misconduct"], "reporter": "employee", "language": "nl"}


def shown(html, name):
    """What stands in a box of code."""
    return unescape(re.search(rf'id="code-{re.escape(name)}"[^>]*><code>(.*?)</code>', html, re.S)[1])


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json


@pytest.mark.parametrize("language", PAGES)
def test_every_operation_stands_on_it_with_all_that_it_takes(client, document, language):
    html = client.get(PAGES[language]).text
    for path, found in document["paths"].items():
        for method in found.keys() & {"get", "post"}:
            one = found[method]
            part = html.split(f'id="{one["operationId"]}"')[1].split('class="ww-api-operation"')[0]
            assert f"{method.upper()} {path}" in part
            assert one["summary"] in unescape(part)
            for each in one.get("parameters", []):
                assert f"<code>{each.get('name', 'IfNoneMatch')}</code>" in part
            for status in one["responses"]:
                assert f"<strong>{status}</strong>" in part


def test_what_holds_for_all_is_the_documents_own_words(client, document):
    """Said once: the paragraphs of the page are those of the description of the document."""
    text = unescape(re.sub(r"</?(?:code|strong)>", "", client.get("/en/api").text))
    for paragraph in document["info"]["description"].replace("`", "").replace("**", "").split("\n\n")[1:-1]:
        assert paragraph in text


def test_its_whole_answer_is_what_the_service_answers(client):
    html = client.get("/en/api").text
    asked = json.loads(shown(html, "whole-asked"))
    assert json.loads(shown(html, "whole-answered")) == client.post("/api/v1/referrals", json=asked).json


@pytest.mark.parametrize("language", PAGES)
def test_every_fact_stands_on_it_with_its_answers_in_words(client, language):
    html = unescape(client.get(PAGES[language]).text)
    table = html.split('id="facts"')[1].split("</table>")[0]
    for one in client.get(f"/api/v1/questions?language={language}").json:
        row = next(row for row in table.split("<tr>") if f'<th scope="row"><code>{one["fact"]}</code>' in row)
        assert all(f"<code>{answer}</code> {label}" in row for answer, label in one["labels"].items())
        assert one["concern"] is None or f"<code>{one['concern']}</code>" in row.split("<td>")[2]


def test_its_form_shows_what_a_program_gets(client):
    body = {"situation": {"concerns": ["misconduct"], "reporter": "employee"}, "language": "nl"}
    html = client.post("/api", data=ASKED).text
    assert json.loads(shown(html, "tried-asked")) == body
    answered = client.post("/api/v1/referrals", json=body).json
    assert json.loads(shown(html, "tried-answered")) == answered
    assert f'name="{answered["nextQuestion"]["fact"]}" autofocus' in html
    command, given, end = shown(html, "tried-curl").rsplit("\n", 2)
    assert json.loads(given) == body
    assert command.endswith(f"/api/v1/referrals <<'{end}'")
    assert f"API-Version: {client.get('/api/v1/questions').headers['API-Version']}" in html


def test_its_form_shows_a_problem_as_a_program_gets_it(client):
    html = client.post("/api", data={**ASKED, "organisation": "oxw", "on": "2000-01-01"}).text
    assert "400 BAD REQUEST" in html
    assert json.loads(shown(html, "tried-answered"))["type"] == "/api/v1/problems/invalid-input"


@pytest.mark.parametrize("wrong", [{"reporter": "nobody"}, {"nothing": "x"}, {"on": "x" * 65}])
def test_its_form_takes_nothing_that_it_does_not_have(client, wrong):
    response = client.post("/api", data=wrong)
    assert response.status_code == 400
    assert "nobody" not in response.text


def test_nothing_of_what_was_asked_is_kept_or_told_by_its_length(client):
    said = [client.post("/api", data=one, headers={"Accept-Encoding": "gzip"}) for one in ({}, ASKED)]
    assert len({len(one.data) for one in said}) == 1
    assert {one.headers["Cache-Control"] for one in said} == {"no-store"}
    assert {one.headers["Content-Security-Policy"] for one in said} == {
        client.get("/api").headers["Content-Security-Policy"]
    }


def test_the_way_through_the_questions_can_be_gone_without_scripts(chromium, app):
    served = Served(app)
    with tab(chromium, java_script_enabled=False) as page:
        page.goto(served.address + "/en/api")
        page.check("#concerns-misconduct")
        page.click("main form button")
        page.select_option("select:focus", "employee")
        page.click("main form button")
        assert '"reporter": "employee"' in page.locator("#code-tried-asked").inner_text()
        assert page.url == served.address + "/en/api"
    assert {query for _, _, query in served.asked} == {""}
    served.stop()


def test_axe_finds_nothing_on_it_nor_on_what_its_form_gets(chromium, site):
    """The languages take turns; what the form gets stands on the page besides all that was there."""
    with tab(chromium) as page:
        page.goto(site.address + PAGES["nl"])
        assert faults(page, "nl", looks=LOOKS[:1]) == []
        page.goto(site.address + PAGES["en"])
        page.check("#concerns-misconduct")
        page.click("main form button")
        assert faults(page, "en") == []
        assert page.wrong == []


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/"])
def test_a_browser_that_opens_the_api_is_led_to_the_page_and_a_program_gets_what_it_got(client, path):
    browser = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    assert (browser.status_code, browser.location) == (303, "/en/api")
    for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "text/html;q=0.5, */*"}):
        program = client.get(path, headers=accept)
        assert (program.status_code, program.mimetype) == (404, "application/problem+json")
    assert client.post(path, headers={"Accept": "text/html"}).status_code == 404
