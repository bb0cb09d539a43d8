"""The advisor's workbench: the same by form and in the browser, every door with its reason, and no trace."""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import replace
from html import unescape
from itertools import cycle
from pathlib import Path

import ours
import pytest
from click.testing import CliRunner
from conftest import TODAY
from looks import LOOKS, faults
from ours import case_code
from walking import settled, tab, text_of

from service.answers.explain import required
from service.answers.workbench import STATES
from service.cli.main import main
from service.core.case_code import CaseCode
from service.core.situation import situation
from service.core.vocabulary import UNKNOWN
from service.web.app import create_app
from service.web.settings import Settings

ADDRESS = {"nl": "/adviseur", "en": "/advisor"}
SECRET = "geheim-7f3a"
ASKED = {fact.id for fact in ours.library().rulebase.vocabulary.facts if not fact.of_organisation}
TOLD = {
    "concerns": ["misconduct", "handling"],
    "reporter": "employee",
    "misconduct_kind": "wrongdoing",
    "privacy": "anonymous",
    "handled": "complaint",
    "organisation": "ocw",
}
STORIES = {
    "nothing": {},
    "two subjects": TOLD,
    "an advisor at the service": {"concerns": ["unsure"], "reporter": "confidential_advisor", "organisation": "aivd"},
    "facts of an organisation": {"concerns": ["labour_conflict"], "reporter": "employee", "labour_desk": "yes"},
    "the letter's day": {**TOLD, "on": "2019-06-20", "organisation": "vro"},
    "an answer that does not count": {"concerns": ["labour_conflict"], "misconduct_kind": "wrongdoing"},
}


def form(told):
    return {f"a.{name}": value for name, value in told.items()}


def doors(html):
    """How every door stands on a page."""
    return dict(re.findall(r'data-door="(\w+)" data-state="(\w+)"', html.split('<script type="application/json"')[0]))


def part(html, door):
    """What is said of a door."""
    return html[html.index(f'data-door="{door}"') :].split("data-door=")[1]


def ready(page, site, language="nl"):
    page.goto(site.address + ADDRESS[language])
    page.wait_for_selector("#print", state="visible")


def fill(page, told):
    """Give answers, whatever stands folded or does not count."""
    for name, value in told.items():
        if name in {"on", "organisation"} or name not in ASKED:
            give = "([one, value]) => { one.value = value; one.dispatchEvent(new Event('change', { bubbles: true })) }"
            page.evaluate(f"(told) => ({give})([document.getElementById(`a.${{told[0]}}`), told[1]])", [name, value])
        else:
            for one in value if isinstance(value, list) else [value]:
                page.locator(f'[name="a.{name}"][value="{one}"]').evaluate("(one) => one.click()")


def unfold(page):
    """Open every part that is folded, and wait until the rules in it are there: they are made when looked at."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.wait_for_function(
        "[...document.querySelectorAll('#doors [data-part=rules] > ul')].every((one) => one.children.length)"
    )


@pytest.mark.parametrize("language", ADDRESS)
def test_every_door_stands_as_the_api_says(client, refer, language):
    told = {name: value for name, value in TOLD.items() if name != "organisation"}
    body = refer(told, organisation="ocw", language=language)
    html = unescape(client.post(ADDRESS[language], data=form(TOLD)).text)
    found = doors(html)
    assert set(found.values()) <= set(STATES)
    for one in body["closed"]:
        assert found[one["destination"]] == "closed"
    for destination in {one["destination"] for one in body["referrals"]}:
        mine = [one["as"] for one in body["referrals"] if one["destination"] == destination]
        assert found[destination] == min(mine, key=["first", "also", "later"].index)
    for one in body["referrals"]:
        said = part(html, one["destination"])
        assert one["why"] in said
        assert one["act"]["say"] in said
        assert one["inShort"]["yourName"] in said
        assert all(source["quote"] is None or source["quote"] in said for source in one["sources"])
    left = set(found) - {one["destination"] for one in (*body["closed"], *body["referrals"])}
    assert {found[one] for one in left} <= {"possible"}
    assert left <= set(body["possible"])


SAME = ("#doors", "#now", "#asks", ".ww-weight", "[data-slot=receipt]", "[data-slot=reveals]", "[data-slot=code]")


IN_TURN = list(zip(STORIES, cycle(ADDRESS), strict=False))  # each story in a language, each language for some


@pytest.mark.parametrize(("story", "language"), IN_TURN)
def test_the_browser_fills_the_page_as_the_server_does(chromium, client, site, story, language):
    told = STORIES[story]
    with tab(chromium) as page, tab(chromium) as reader:
        ready(page, site, language)
        fill(page, told)
        unfold(page)
        reader.set_content(client.post(ADDRESS[language], data=form(told)).text)
        unfold(reader)
        page.evaluate("document.querySelectorAll('.ww-ask fieldset').forEach((one) => { one.hidden = false })")
        page.evaluate("document.querySelectorAll('.ww-known').forEach((one) => { one.hidden = true })")
        for each in SAME:
            assert text_of(page, each) == text_of(reader, each), each
        few = "document.querySelector('[data-slot=few]').hidden"
        assert page.evaluate(few) == reader.evaluate(few)
        assert page.wrong == []


def test_a_day_lies_beside_another_with_a_list_of_what_changes(chromium, client, site):
    """Whoever compares sets the one situation fast and changes the other; the first lies beside it as a case code."""
    pinned = re.search(
        r'id="beside"[^>]*value="([^"]*)"', client.post("/adviseur", data={**form(TOLD), "to": "compare"}).text
    )
    html = client.post("/adviseur", data={**form({**TOLD, "on": "2019-06-20"}), "beside": pinned[1]}).text
    with tab(chromium) as page, tab(chromium) as reader:
        ready(page, site)
        fill(page, TOLD)
        settled(page).click('button[value="compare"]')
        assert page.locator("#changes li").count() == 0, "at first both are the same"
        page.fill('[name="a.on"]', "2019-06-20")
        reader.set_content(html)
        assert "2019-06-20" in " ".join(text_of(reader, "#changes"))
        assert text_of(page, "#changes") == text_of(reader, "#changes")
        here, there = doors(html), doors(client.post("/adviseur", data=form(TOLD)).text)
        moved = {name for name, state in here.items() if state != there[name]}
        assert moved
        assert page.locator("#changes [data-slot=moves] > li").count() >= len(moved)
        settled(page).click('button[value="swap"]')
        assert page.locator('[name="a.on"]').input_value() == TODAY.isoformat()
        settled(page).click('button[value="single"]')
        assert page.locator("#changes").count() == 0
        assert page.wrong == []


def test_a_way_that_is_pressed_shows_the_situation_in_which_the_door_is_open(chromium, client, site, library):
    """Of every way, with and without JavaScript: the door it stands at is open there, though how may still be open.

    What changes begins with that door, also when both are swapped.
    """
    words = library.texts.interface["nl"]
    told = {"concerns": ["labour_conflict"], "reporter": "employee", "organisation": "ocw"}
    html = client.post("/adviseur", data=form(told)).text
    pressed = 0
    for door in doors(html):
        for code, place in re.findall(r'name="way" value="([^"/]+)/([^"]+)"', part(html, door)):
            pressed += place == door
            beside = client.post("/adviseur", data={"code": code, "to": "read"}).text
            now = doors(beside)[door]
            assert now in {"first", "also", "later"} or words["advisor_anyhow"] in part(beside, door), (door, code)
    assert pressed > 20
    with tab(chromium) as page:
        ready(page, site)
        fill(page, told)
        way = page.locator(".ww-way button:visible").last
        name = way.evaluate("(one) => one.closest('[data-door]').querySelector('[data-slot=name]').textContent")
        code = way.get_attribute("value")
        settled(page)
        way.click()
        names = page.locator("#changes [data-slot=moves] [data-slot=name]")
        assert names.count() > 1
        assert names.first.inner_text() == name
        assert page.evaluate("document.activeElement.id") == "changed"
        answer = client.post("/adviseur", data={**form(told), "way": code}).text
        with tab(chromium) as reader:
            reader.set_content(answer)
            assert text_of(page, "#changes") == text_of(reader, "#changes")
            beside = reader.locator("#beside").input_value()
            reader.set_content(client.post("/adviseur", data={**form(told), "beside": beside, "to": "swap"}).text)
            settled(page).click('button[value="swap"]')
            assert names.first.inner_text() == name
            assert text_of(page, "#changes") == text_of(reader, "#changes")
        assert page.wrong == []


def test_a_first_step_without_a_number_says_that_none_is_known(client, library):
    none = library.texts.interface["nl"]["advisor_no_phone"]
    desk = {"concerns": ["labour_conflict"], "organisation": "ocw", "reporter": "employee"}
    desk |= {"conflict_kind": "working_relation", "because_of": "none"}
    for told, without in ((desk, True), (SURE, False)):
        html = client.post("/adviseur", data=form(told)).text.split("<template")[0]
        assert 'data-state="first"' in html
        assert (none in html) is without


def test_a_way_by_another_subject_is_said_to_be_one(client, library):
    words, told = library.texts.interface["nl"], {"concerns": ["labour_conflict"], "reporter": "employee"}
    html = unescape(client.post("/adviseur", data=form(told)).text)
    ways = re.findall(r'name="way" value="([^"/]+)/[^"]+" title="[^"]+">([^<]+)<', html)
    elsewhere = {code: len(case_code().read(code).concerns) > 1 for code, _ in ways}
    assert set(elsewhere.values()) == {True, False}
    for code, said in ways:
        assert said.startswith(words["advisor_elsewhere"]) == elsewhere[code]


@pytest.mark.parametrize(("story", "language"), [("two subjects", "nl"), ("the letter's day", "en")])
def test_a_place_that_is_not_open_takes_a_line(chromium, site, language, story):
    """Whatever leads there: on a tablet a long name takes more than one, and what leads there still does not."""
    heights = "[...document.querySelectorAll(one)].map((each) => each.getBoundingClientRect().height)"
    with tab(chromium, viewport={"width": 1280, "height": 900}) as page:
        ready(page, site, language)
        fill(page, STORIES[story])
        rows = page.evaluate(f"((one) => {heights})('.ww-shut')")
        assert len(rows) > 5
        assert max(rows) < 35
        page.set_viewport_size({"width": 820, "height": 1180})
        assert max(page.evaluate(f"((one) => {heights})('.ww-ways')")) < 35
        assert page.wrong == []


def receipt_of(client, told, language="nl"):
    html = client.post(ADDRESS[language], data=form(told)).text
    return unescape(re.search(r'data-slot="receipt"[^>]*>(.*?)</pre>', html, re.S)[1])


def decided_again(receipt, *more):
    return CliRunner().invoke(main, ["decide", "--receipt", "-", *more], input=receipt)


@pytest.mark.slow
@pytest.mark.parametrize(("story", "language"), IN_TURN)
def test_the_receipt_gives_the_same_answer_again(client, library, story, language):
    receipt, words = receipt_of(client, STORIES[story], language), library.texts.interface[language]
    done = decided_again(f"Notitie van 3 maart:\n\n{receipt}\n", "--language", language)
    assert (done.exit_code, done.output) == (0, f"{words['receipt_same_rules']} {words['receipt_same_answer']}\n")
    command = shlex.split(receipt.splitlines()[-1])
    assert command[:2] == ["wegwijzer", "decide"]
    assert f'"{receipt.splitlines()[2]}"' in CliRunner().invoke(main, [*command[1:], "--json"]).output, "the digest"


@pytest.mark.slow
def test_a_receipt_of_other_rules_or_another_answer_says_what_differs(client, library):
    words, receipt = library.texts.interface["nl"], receipt_of(client, TOLD)
    digest, *_, last, _ = receipt.splitlines()[2:]
    older = f"sha256:{'0' * 64}"
    done = decided_again(receipt.replace(digest, older))
    assert done.exit_code == 0
    assert done.output.splitlines()[0] == f"{words['receipt_other_rules']} {words['receipt_same_answer']}"
    assert done.output.splitlines()[1:] == [f"- {older}", f"+ {digest} ({library.rulebase.editions[-1].id})"]
    done = decided_again(receipt.replace(last, "first huis_advice: huis_advice.99"))
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{words['receipt_same_rules']} {words['receipt_other_answer']}",
        "- first huis_advice: huis_advice.99",
        f"+ {last}",
    ]


@pytest.mark.parametrize("change", [
    lambda text: SECRET,
    lambda text: text + text,
    lambda text: text.replace("--on", "--receipt /etc/hostname --on"),
    lambda text: text.replace("--on 20", "--on 1"),
    lambda text: text.replace("wegwijzer decide", f"wegwijzer decide {SECRET}=x"),
])  # fmt: skip
def test_what_is_no_receipt_is_refused(client, change):
    done = decided_again(change(receipt_of(client, TOLD)))
    assert done.exit_code == 2
    assert "--receipt" not in done.output


def test_a_case_file_says_what_the_command_says_and_holds_no_organisation_fact(chromium, client, site):
    data = {**form(TOLD), "to": "case", "should": "huis_advice"}
    response = client.post("/adviseur", data=data)
    case = tomllib.loads(response.text)["case"][0]
    assert "attachment" in response.headers["Content-Disposition"]
    assert case["expect"] == {"first": ["huis_advice"]}
    assert case["organisation"] == "ocw"
    assert "regime" not in case["situation"]
    with tab(chromium, accept_downloads=True) as page:
        ready(page, site)
        fill(page, TOLD)
        settled(page).locator(".ww-case").evaluate("(one) => { one.open = true }")
        page.select_option("#should", "huis_advice")
        with page.expect_download() as download:
            page.click('button[value="case"]')
        assert Path(download.value.path()).read_text("utf-8") == response.text.rstrip(" ")
        assert page.wrong == []


def test_a_code_that_was_read_out_fills_the_form(chromium, client, site, library):
    told = situation(library.rulebase.vocabulary, {"concerns": ["unsure"], "reporter": "applicant"}, {})
    code = case_code().write(type(told)(told.concerns, {"reporter": "applicant"}), "szw")
    html = client.post("/adviseur", data={"code": code.lower(), "to": "read"}).text
    assert doors(html) == doors(client.post("/adviseur", data=form({**told.answers, "concerns": ["unsure"]})).text)
    with tab(chromium) as page:
        ready(page, site)
        page.fill("#code", code.lower())
        page.click('button[value="read"]')
        assert page.locator('[name="a.organisation"]').input_value() == "szw"
        assert page.locator('[name="a.reporter"]:checked').input_value() == "applicant"
        assert page.locator("[data-slot=code]").inner_text() == "" or page.locator("[data-slot=code]").is_hidden()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert page.locator("[data-slot=code]").inner_text() == case_code().write(told, "szw", TODAY)
        assert page.locator("#code").input_value() == "", "it does not stay on the screen"


def test_a_code_made_with_other_lists_says_so(chromium, client, site, library):
    words, vocabulary = library.texts.interface["nl"], library.rulebase.vocabulary
    fewer = CaseCode(vocabulary, sorted(library.organisations.by_id)[:-1])
    code = fewer.write(situation(vocabulary, {"concerns": ["unsure"]}))
    assert words["code_other"] in client.post("/adviseur", data={"code": code, "to": "read"}).text
    with tab(chromium) as page:
        ready(page, site)
        page.fill("#code", code)
        page.click('button[value="read"]')
        assert page.locator("#code-wrong").inner_text() == words["code_other"]


def test_a_code_that_was_misheard_is_refused_and_not_repeated(chromium, client, site, library):
    words = library.texts.interface["nl"]
    html = client.post("/adviseur", data={"code": SECRET, "to": "read"}).text
    assert words["code_wrong"] in html
    assert SECRET not in html
    with tab(chromium) as page:
        ready(page, site)
        page.fill("#code", SECRET)
        page.click('button[value="read"]')
        assert page.locator("#code-wrong").inner_text() == words["code_wrong"]
        assert page.evaluate("document.activeElement.id") == "code"


def test_the_code_says_what_it_reveals_and_warns_where_few_could_be_meant(client, library):
    words = library.texts.interface["nl"]

    def warned(told):
        return "hidden" not in re.search(r'<p class="ww-unverified" data-slot="few"([^>]*)>', page(told))[1]

    def page(told):
        return client.post("/adviseur", data=form(told)).text

    assert not warned({"concerns": ["unsure"], "reporter": "employee"})
    assert warned({"reporter": "confidential_advisor"})
    assert warned({"organisation": "ocw"})
    assert words["code_few"] in page({})
    reveals = re.search(r'data-slot="reveals">(.*?)</ul>', page(TOLD), re.S)[1]
    assert reveals.count("<li>") == len(TOLD["concerns"]) + len(TOLD) - 1 + 1, "every answer, and the day"


@pytest.mark.parametrize(
    "data",
    [
        {SECRET: "x"},
        {"a.reporter": SECRET},
        {"a.concerns": SECRET},
        {"a.organisation": SECRET},
        {"to": SECRET},
        {"beside": SECRET},
        {"way": SECRET},
        {"beside": f"/{SECRET}"},
        {"to": "case", "should": SECRET},
        {"a.reporter": ["employee", "applicant"]},
        {"a.concerns": ["unsure", "unsure"]},
    ],
    ids=str,
)
def test_what_is_not_an_answer_of_ours_gets_a_page_that_repeats_nothing(client, data):
    response = client.post("/advisor", data=data)
    assert response.status_code == 400
    assert response.headers["Content-Language"] == "en"
    assert SECRET not in response.text


@pytest.mark.parametrize("day", ["2019-06-19", "2026-02-30", SECRET])
def test_a_day_without_rules_is_said_and_not_repeated(client, day, library):
    html = client.post("/adviseur", data={"a.on": day}).text
    assert library.texts.interface["nl"]["advisor_wrong_day"] in re.sub(r'data-text="[^"]*"', "", html)
    assert day not in html
    assert f'value="{TODAY.isoformat()}"' in html


@pytest.mark.parametrize("language", ADDRESS)
def test_nothing_is_sent_and_nothing_is_kept(chromium, site, language):
    with tab(chromium) as page:
        ready(page, site, language)
        page.requests.clear()
        fill(page, TOLD)
        settled(page).click('button[value="compare"]')
        fill(page, {"privacy": "none"})
        settled(page).click('button[value="swap"]')
        page.keyboard.press("Alt+Shift+KeyP")
        assert page.evaluate("document.activeElement.id") == "answer"
        settled(page).keyboard.press("Alt+Shift+KeyW")
        assert page.locator("[name='a.privacy']:checked").count() == 0
        assert page.evaluate("document.activeElement.name") == "a.concerns"
        assert page.locator("#beside").input_value() == ""
        assert page.requests == []
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert page.url == site.address + ADDRESS[language]
        assert page.wrong == []


# Eight people whom a reviewer met, and what they told.
MET = {
    "a breach, anonymous": {
        "concerns": ["misconduct"],
        "organisation": "fin",
        "reporter": "employee",
        "misconduct_kind": "integrity_breach",
        "privacy": "anonymous",
    },
    "a conflict at a ministry": {"concerns": ["labour_conflict"], "organisation": "ocw", "reporter": "employee"},
    "a conflict with a manager": {
        "concerns": ["labour_conflict"],
        "organisation": "ocw",
        "reporter": "employee",
        "conflict_kind": "working_relation",
        "because_of": "none",
    },
    "a conflict somewhere": {"concerns": ["labour_conflict"], "reporter": "employee"},
    "a crime, a contractor": {
        "concerns": ["misconduct"],
        "organisation": "nvwa",
        "reporter": "contractor",
        "misconduct_kind": "crime_by_official",
        "privacy": "anonymous",
    },
    "a breach": {
        "concerns": ["misconduct"],
        "organisation": "fin",
        "reporter": "employee",
        "misconduct_kind": "integrity_breach",
    },
    "behaviour and a conflict": {
        "concerns": ["undesirable_behaviour", "labour_conflict"],
        "organisation": "vws",
        "reporter": "temporary_staff",
    },
    "a complaint that was handled badly": {
        "concerns": ["handling"],
        "reporter": "employee",
        "handled": "complaint",
        "dissatisfied_with": "outcome",
    },
}
SECONDS = 30
# The keystroke-level model of Card, Moran and Newell (1980), in seconds: to press a key, to make up one's mind what to
# press, and to bring the hands to the keys.
A_KEY, A_THOUGHT, HANDS = 0.28, 1.35, 0.4
MEASURED = (Path(__file__).parent.parent / "docs" / "decisions" / "033-cockpit.md").read_text("utf-8")


def next_keys(page, told):
    """What somebody presses where they are: what was told, else Enter; "not known" where everything was told."""
    fact = page.evaluate("(document.activeElement.name ?? '').replace('a.', '')")
    given = told.get(fact, [])
    if fact == "organisation":
        return [*given, "Enter"]
    values = page.locator(f'[name="a.{fact}"]').evaluate_all("(every) => every.map((one) => one.value)")
    if given:
        numbers = [str(values.index(one) + 1) for one in ([given] if isinstance(given, str) else given)]
        return [*numbers, "Enter"] if fact == "concerns" else numbers
    if left_of(page, told) or UNKNOWN not in values:
        return ["Enter"]
    number = values.index(UNKNOWN) + 1
    return [str(number)] if number < 10 else ["ArrowUp", "Enter"]


def left_of(page, told):
    """What was told and is not given yet."""
    return told.keys() - {name.removeprefix("a.") for name, _ in page.evaluate(GIVEN)}


GIVEN = "[...new FormData(document.querySelector('#bench'))].filter(([name, value]) => name.startsWith('a.') && value)"


@pytest.mark.parametrize("case", MET)
def test_an_advisor_has_the_first_step_in_half_a_minute_by_keys_alone(chromium, client, site, case):
    """Nobody was timed: the keys are counted, and a model gives their time, that the decision shows.

    What comes out is what the form of the server says.
    """
    told = MET[case]
    with tab(chromium, viewport={"width": 1280, "height": 900}) as page:
        ready(page, site)
        settled(page)
        keys = thoughts = 0
        while left_of(page, told) or not page.locator('[data-state="first"]').count():
            pressed = next_keys(page, told)
            for key in pressed:
                page.keyboard.press(key)
            keys += len(pressed)
            thoughts += max(1, sum(key.isdigit() for key in pressed))  # a choice each; letters of a name are one
            seconds = keys * A_KEY + thoughts * A_THOUGHT + HANDS
            assert seconds < SECONDS, left_of(page, told)
        assert f"| {case} | {keys} | {thoughts} | {seconds:.1f} |" in MEASURED
        form_ = {}
        for name, value in page.evaluate(GIVEN):
            form_.setdefault(name, []).append(value)
        assert doors(page.content()) == doors(client.post("/adviseur", data=form_).text)
        for first in page.locator('[data-state="first"] h3').all():
            assert first.bounding_box()["y"] < 900


SURE = {
    "concerns": ["undesirable_behaviour"],
    "reporter": "employee",
    "position": "affected",
    "privacy": "colleagues",
    "advisor_known": "no",
}  # the first step is certain, and there are questions left


@pytest.mark.parametrize("width", [1280, 820])
def test_the_answer_stays_beside_the_question_that_is_asked(chromium, site, width):
    """Whatever question somebody is at, the first step is in view."""
    with tab(chromium, viewport={"width": width, "height": 900}) as page:
        ready(page, site)
        fill(page, SURE)
        page.locator('[name="a.concerns"]').first.focus()
        settled(page)
        for _ in range(12):
            page.keyboard.press("Enter")
            box = page.locator('[data-state="first"] h3').first.bounding_box()
            assert 0 < box["y"] < 900
            assert page.evaluate("scrollY") == 0
        assert page.evaluate("document.activeElement.closest('#facts') !== null")


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_telephone_the_first_step_is_in_the_first_screen(chromium, site, library, width):
    with tab(chromium, viewport={"width": width, "height": 640}) as page:
        ready(page, site)
        fill(page, SURE)
        page.evaluate("scrollTo(0, 0)")
        now, exit_ = page.locator("#now"), page.locator("#exit")
        assert page.locator('[data-state="first"] h3').first.inner_text() in now.inner_text()
        box = now.bounding_box()
        assert box["y"] + box["height"] <= exit_.bounding_box()["y"] + 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_open_place_says_its_time_limits_and_what_is_not_sure(client, refer, library):
    told, body = next(
        (told, body)
        for rule in library.rulebase.rules
        if rule.terms and rule.until is None
        for told in [{**rule.example.situation, "concerns": [rule.concern]}]
        for body in [refer(told)]
        if any(one["terms"] for one in body["referrals"])
    )
    html = unescape(client.post("/adviseur", data=form(told)).text)
    for one in body["referrals"]:
        row = part(html, one["destination"])
        assert all(term["text"] in row for term in one["terms"])
        assert all(doubt in row for doubt in one["doubts"])


def test_for_whom_a_place_is_says_what_no_rule_for_it_goes_without(library):
    """Whoever does not meet it is referred there by no rule, and each answer it leaves is taken by one."""
    for edition in library.rulebase.editions:
        for destination in edition.vocabulary.destinations:
            rules = [rule for rule in edition.rules if rule.refer == destination]
            conditions = required(edition, destination)
            assert rules or not conditions
            for one in conditions:
                assert 0 < len(one.answers) < len(edition.vocabulary.by_id[one.fact].answers)
                for rule in rules:
                    assert rule.when[one.fact] <= set(one.answers)
                assert {answer for rule in rules for answer in rule.when[one.fact]} == set(one.answers)
            free = {fact.id for fact in edition.vocabulary.facts if not fact.several} - {one.fact for one in conditions}
            for fact in free if rules else ():
                taken = [rule.when.get(fact, edition.vocabulary.by_id[fact].answers) for rule in rules]
                assert set().union(*taken) == set(edition.vocabulary.by_id[fact].answers)


def test_a_place_that_will_be_open_but_not_yet_how_is_not_said_to_be_closed_for_ever(university):
    """The committee is there later for whoever is annoyed, and already now for those of them who give their name."""
    edition, annoyed = university.rulebase.editions[-1], {"feeling": frozenset({"annoyed"})}
    rules = [replace(one, when=annoyed) if one.id == "complaints_committee.2" else one for one in edition.rules]
    rulebase = replace(university.rulebase, editions=(replace(edition, rules=tuple(rules)),))
    changed = replace(university, rulebase=rulebase, graphs={})
    client = create_app(changed, settings=Settings(), today=lambda: TODAY).test_client()
    html = client.post("/adviseur", data=form({"concerns": ["conduct"], "feeling": "annoyed"})).text
    assert university.texts.interface["nl"]["advisor_anyhow"] in part(html, "complaints_committee")
    assert doors(html)["complaints_committee"] == "possible"


@pytest.mark.parametrize("story", STORIES)
def test_the_sheet_to_hand_over_is_one_page_of_a4(chromium, site, library, story):
    """With who is reached at each place, and without a code: that would give the answers away."""
    words = library.texts.interface["nl"]
    with tab(chromium) as page:
        ready(page, site)
        fill(page, STORIES[story])
        page.emulate_media(media="print")
        seen = page.locator("body").inner_text()
        assert words["sheet_title"] in seen
        assert page.locator("[data-slot=code]").text_content() not in seen
        assert (words["sheet_no_first"] in seen) == (page.locator('[data-state="first"]').count() == 0)
        for line in page.locator(".ww-line").all():
            slots = ("name", "subjects", "line")
            name, about, said = (line.locator(f"[data-slot={one}]").first.inner_text() for one in slots)
            assert f"{name} {about + ' ' if about else ''}{said}" in " ".join(line.inner_text().split())
        for call in page.locator(".ww-answer .ww-call").all():
            assert call.locator(".ww-read").inner_text() in seen
        assert not page.locator('[data-state="closed"]:visible').count()
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_axe_finds_nothing_on_the_workbench(chromium, site):
    """With two situations beside each other in every look: with one it is the same page, and has less on it."""
    language, *_ = look = LOOKS[0]
    with tab(chromium) as page:
        ready(page, site, language)
        fill(page, TOLD)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert faults(page, language, looks=[look]) == []
        settled(page).click('button[value="compare"]')
        page.fill('[name="a.on"]', "2019-06-20")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert faults(page, language) == []
