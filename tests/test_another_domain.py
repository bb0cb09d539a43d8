"""The unchanged service serves a rulebase of another domain, with a brand of its own; nothing of ours shows."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from conftest import Served
from forms import begin, send, walk
from running import LANGUAGES
from small import UNIVERSITY
from walking import answer_all, arrive, tab

from service.cli.main import main
from service.serving.static_site import files
from service.web.settings import Settings

OURS = re.compile(
    r"Wegwijzer|Rijk|minist|overheid|central government|civil servant|ambten|vertrouwenspers|confidential advis"
    r"|klokkenluid|whistle|Huis voor|ombuds|CAO|regime|knmi|1400|werkgever|your employer|misstand",
    re.IGNORECASE,
)
# What the program, its element and its settings are called, whoever uses them.
PROGRAM = re.compile(
    r"wegwijzer-(?:vragenlijst|embed-check|site)|/wegwijzer\.js|wegwijzer (?:decide|export)|WEGWIJZER_\w+"
)
TOLD = {"concerns": "conduct", "role": "student", "feeling": "unsafe", "anonymity": "named", "organisation": "letters"}


@pytest.fixture(scope="module")
def served(university_app):
    one = Served(university_app)
    yield one
    one.stop()


def of_ours(text):
    """What a text says of the domain that the service was made for; the name of the program itself is not of it."""
    return OURS.findall(PROGRAM.sub("", text))


def test_it_is_whole_and_proved():
    command = ["check", "--rules", str(UNIVERSITY / "rules"), "--content", str(UNIVERSITY / "content")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert not of_ours(done.output)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_a_word_of_ours(university_app, language):
    client = university_app.test_client()
    name = {"nl": "Kompas", "en": "Compass"}[language]
    addresses = university_app.extensions["wegwijzer"].library.site.addresses[language]
    for page in ("start", "questions", "statement", "advisor", "book", "frame", "guide"):
        answer = client.get(getattr(addresses, page))
        assert answer.status_code == 200
        assert name in answer.text
        assert of_ours(answer.text) == [], page
    title = {"nl": "Kompas: waar kunt u terecht?", "en": "Compass: where can you turn?"}[language]
    assert f'taal="{language}" titel="{title}"' in client.get(addresses.guide).text
    assert client.get(addresses.leave).location == "https://weather.university.example/"
    missing = client.get(f"{addresses.start.rstrip('/')}/nothing-here")
    assert missing.status_code == 404
    assert of_ours(missing.text) == []


def test_a_question_can_be_a_ladder_whose_steps_say_what_they_cost(university_app):
    client = university_app.test_client()
    page = begin(client)
    while page.step != "anonymity":
        page = send(client, page, answers=[TOLD[page.step]])
    assert 'class="ww-options ww-options--ladder"' in page.html
    assert "Dan kan niet elke plek u helpen." in page.words


def test_a_question_with_few_answers_and_its_button_fit_on_a_small_screen(chromium, served):
    """Above the way out, which lies over the lower edge there."""
    with tab(chromium, viewport={"width": 320, "height": 640}) as page:
        arrive(page, served)

        def fits(step):
            if step != "organisation":
                button, leave = (page.locator(one).bounding_box() for one in ("main [value=next]", "#exit"))
                assert button["y"] + button["height"] <= leave["y"], step

        answer_all(page, TOLD, fits)


def test_a_form_without_javascript_leads_to_the_counsellor_of_the_faculty(university_app):
    client = university_app.test_client()
    assert begin(client).status == 200
    page = walk(client, TOLD)
    assert "Raadgever van Letteren" in page.words
    assert "Vraag of de raadgever er deze week is." in page.words
    assert of_ours(page.html) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_decides_by_itself_and_says_the_same_in_a_frame(chromium, served, language):
    said = []
    for framed in (False, True):
        with tab(chromium) as page:
            if framed:
                frame = {"nl": "/insluiten/vragen", "en": "/embed/questions"}[language]
                page.goto(served.address + frame)
                page.wait_for_selector('#mode[data-mode="device"]')
            else:
                arrive(page, served, language)
            answer_all(page, TOLD)
            first = page.locator("main .ww-do").first
            first.wait_for()
            said.append(first.inner_text())
            assert of_ours(page.content()) == []
            assert page.wrong == []
    assert {"nl": "Raadgever van Letteren", "en": "Counsellor of Arts"}[language] in said[0]
    assert said[0] == said[1]


def test_the_workbench_shows_its_places_and_facts(chromium, served):
    with tab(chromium) as page:
        page.goto(f"{served.address}/advisor")
        page.wait_for_selector("#print", state="visible")
        page.locator("[name='a.concerns'][value='conduct']").evaluate("(one) => one.click()")
        page.locator("[name='a.feeling']:visible").first.wait_for()
        assert page.locator("#doors [data-door]").count() == 6
        assert page.locator("[name='a.campus']").count() > 0
        assert of_ours(page.content()) == []
        assert page.wrong == []


def test_a_program_gets_its_facts_kinds_and_notices_and_no_other(university_app):
    client = university_app.test_client()
    asked = {"situation": {**TOLD, "concerns": ["conduct"]}, "organisation": TOLD["organisation"], "language": "en"}
    asked["situation"].pop("organisation")
    answer = client.post("/api/v1/referrals", json=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json
    assert (body["referrals"][0]["destination"], body["organisation"]["kind"]) == ("counsellor", "faculty")
    assert body["organisation"]["facts"] == {"campus": "city", "own_counsellor": "yes"}
    assert [one["id"] for one in body["notices"]] == ["fire", "shared_screen"]
    assert of_ours(answer.text) == []
    for path in ("questions", "organisations", "destinations", "editions", "rules", "rulebase.json", "openapi.json"):
        got = client.get(f"/api/v1/{path}")
        assert got.status_code == 200
        assert of_ours(got.text) == [], path
    assert client.get("/api/v1/openapi.json").json["info"]["title"] == "Compass"


def test_the_folder_of_files_is_its_own(university_app):
    found = files(university_app, Settings())
    assert {"index.html", "en.html", "vragen.html", "questions.html"} <= found.keys()
    for name, body in found.items():
        if name.endswith(".html"):
            assert of_ours(body.decode()) == [], name
