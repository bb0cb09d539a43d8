"""The advisor's workbench: the same by form and in the browser, every door with its reason, and no trace."""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import TODAY
from looks import faults
from ours import case_code
from walking import tab, text_of

from service.answers.explain import required
from service.answers.workbench import STATES
from service.cli.main import main
from service.core.case_code import CaseCode
from service.core.situation import situation
from service.web.app import create_app
from service.web.settings import Settings

ADDRESS = {"nl": "/adviseur", "en": "/advisor"}
SECRET = "geheim-7f3a"
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


def form(told, side="a"):
    return {f"{side}.{name}": value for name, value in told.items()}


def states(html):
    """How every door stands on a page."""
    rows = re.findall(r'<tr data-door="(\w+)".*?</tr>', html, re.S)
    found = re.findall(r"ww-state--(\w+)", html)
    return dict(zip(rows, found, strict=True))


def ready(page, site, language="nl"):
    page.goto(site.address + ADDRESS[language])
    page.wait_for_selector("#sort", state="visible")


def fill(page, told, side="a"):
    for one in told.get("concerns", []):
        page.check(f'[name="{side}.concerns"][value="{one}"]')
    for name, value in told.items():
        if name == "on":
            page.fill(f'[name="{side}.on"]', value)
        elif name != "concerns":
            page.evaluate("document.querySelectorAll('.ww-side details').forEach((one) => { one.open = true })")
            page.select_option(f'[name="{side}.{name}"]', value)


def unfold(page):
    """Open every rule and source, and wait until they are there: the browser makes them only when looked at."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.wait_for_timeout(50)


@pytest.mark.parametrize("language", ADDRESS)
def test_every_door_stands_as_the_api_says(client, refer, language):
    told = {name: value for name, value in TOLD.items() if name != "organisation"}
    body = refer(told, organisation="ocw", language=language)
    html = client.post(ADDRESS[language], data=form(TOLD)).text
    found = states(html)
    for one in body["closed"]:
        assert found[one["destination"]] == "closed"
    for destination in {one["destination"] for one in body["referrals"]}:
        mine = [one["as"] for one in body["referrals"] if one["destination"] == destination]
        assert found[destination] == min(mine, key=["first", "also", "later"].index)
    for one in body["referrals"]:
        assert one["why"] in unescape(html)
        assert all(source["quote"] is None or source["quote"] in unescape(html) for source in one["sources"])
    left = set(found) - {one["destination"] for one in (*body["closed"], *body["referrals"])}
    assert {found[one] for one in left} <= {"possible"}
    assert left <= set(body["possible"])


@pytest.mark.parametrize("language", ADDRESS)
@pytest.mark.parametrize("story", STORIES)
def test_the_browser_fills_the_page_as_the_server_does(chromium, client, site, story, language):
    told = STORIES[story]
    with tab(chromium) as page, tab(chromium) as reader:
        ready(page, site, language)
        fill(page, told)
        unfold(page)
        reader.set_content(client.post(ADDRESS[language], data=form(told)).text)
        unfold(reader)
        for part in ("#doors", ".ww-weight", "[data-slot=receipt]", "[data-slot=reveals]", "[data-slot=code]"):
            assert text_of(page, part) == text_of(reader, part), part
        few = "document.querySelector('[data-slot=few]').hidden"
        assert page.evaluate(few) == reader.evaluate(few)
        assert page.wrong == []


def test_two_situations_and_two_days_side_by_side_show_what_differs(chromium, client, site):
    other = {**TOLD, "on": "2019-06-20"}
    data = {**form(TOLD), **form(other, "b"), "compared": "yes"}
    html = client.post("/adviseur", data=data).text
    assert "ww-differs" in html
    with tab(chromium) as page, tab(chromium) as reader:
        ready(page, site)
        fill(page, TOLD)
        page.click('button[value="compare"]')
        assert page.locator(".ww-differs").count() == 0, "at first both are the same"
        page.fill('[name="b.on"]', "2019-06-20")
        reader.set_content(html)
        unfold(page)
        unfold(reader)
        for part in ("#doors", "thead", '[data-side="b"] .ww-weight', '[data-side="b"] [data-slot=receipt]'):
            assert text_of(page, part) == text_of(reader, part), part
        page.click('button[value="single"]')
        assert page.locator(".ww-side").count() == 1
        assert page.locator("thead th").count() == 5
        assert page.wrong == []


def receipt_of(client, told, language="nl"):
    html = client.post(ADDRESS[language], data=form(told)).text
    return unescape(re.search(r'data-slot="receipt"[^>]*>(.*?)</pre>', html, re.S)[1])


def decided_again(receipt, *more):
    return CliRunner().invoke(main, ["decide", "--receipt", "-", *more], input=receipt)


@pytest.mark.parametrize("language", ADDRESS)
@pytest.mark.parametrize("story", STORIES)
def test_the_receipt_gives_the_same_answer_again(client, library, story, language):
    receipt, words = receipt_of(client, STORIES[story], language), library.texts.interface[language]
    done = decided_again(f"Notitie van 3 maart:\n\n{receipt}\n", "--language", language)
    assert (done.exit_code, done.output) == (0, f"{words['receipt_same_rules']} {words['receipt_same_answer']}\n")
    command = shlex.split(receipt.splitlines()[-1])
    assert command[:2] == ["wegwijzer", "decide"]
    assert f'"{receipt.splitlines()[2]}"' in CliRunner().invoke(main, [*command[1:], "--json"]).output, "the digest"


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
        page.select_option("#should", "huis_advice")
        with page.expect_download() as download:
            page.click('button[value="case"]')
        assert Path(download.value.path()).read_text("utf-8") == response.text.rstrip(" ")
        assert page.wrong == []


def test_a_code_that_was_read_out_fills_the_form(chromium, client, site, library):
    told = situation(library.rulebase.vocabulary, {"concerns": ["unsure"], "reporter": "applicant"}, {})
    code = case_code().write(type(told)(told.concerns, {"reporter": "applicant"}), "szw")
    html = client.post("/adviseur", data={"code": code.lower(), "to": "read"}).text
    assert states(html) == states(client.post("/adviseur", data=form({**told.answers, "concerns": ["unsure"]})).text)
    with tab(chromium) as page:
        ready(page, site)
        page.fill("#code", code.lower())
        page.click('button[value="read"]')
        assert page.locator('[name="a.organisation"]').input_value() == "szw"
        assert page.locator('[name="a.reporter"]').input_value() == "applicant"
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
    assert reveals.count("<li>") == len(TOLD["concerns"]) + len(TOLD) - 1


@pytest.mark.parametrize(
    "data",
    [
        {SECRET: "x"},
        {"a.reporter": SECRET},
        {"a.concerns": SECRET},
        {"a.organisation": SECRET},
        {"to": SECRET},
        {"sort": SECRET},
        {"only": SECRET},
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
        page.click('button[value="compare"]')
        page.select_option('[name="b.privacy"]', "none")
        page.select_option("#sort", "name")
        page.check("#only-first")
        page.keyboard.press("Alt+Shift+KeyP")
        assert page.evaluate("document.activeElement.id") == "matrix"
        page.keyboard.press("Alt+Shift+KeyW")
        assert page.locator('[name="b.privacy"]').input_value() == ""
        assert page.requests == []
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert page.url == site.address + ADDRESS[language]
        assert page.wrong == []


def test_rows_can_be_ordered_and_left_out(chromium, site, library):
    with tab(chromium) as page:
        ready(page, site)
        fill(page, TOLD)
        names = page.locator("#doors .ww-door-name")
        strongest = [library.texts.interface["nl"][f"state_{one}"] for one in STATES]
        states = [strongest.index(one) for one in page.locator("#doors .ww-state").all_inner_texts()]
        assert states == sorted(states)
        page.select_option("#sort", "name")
        shown = names.all_inner_texts()
        assert shown == sorted(shown, key=str.casefold)
        page.check("#only-closed")
        left = page.locator("#doors tr:visible")
        assert 0 < left.count() < len(shown)
        assert page.locator("#count").inner_text().startswith(f"{left.count()} van {len(shown)}")


@pytest.mark.parametrize("language", ADDRESS)
def test_without_javascript_rows_are_ordered_and_left_out_the_same(chromium, client, site, language):
    with tab(chromium) as page, tab(chromium, java_script_enabled=False) as reader:
        ready(page, site, language)
        fill(page, TOLD)
        for order, only in (("state", []), ("name", ["first", "also"]), ("order", ["closed"])):
            page.select_option("#sort", order)
            for state in STATES:
                page.set_checked(f"#only-{state}", state in only)
            html = client.post(ADDRESS[language], data={**form(TOLD), "sort": order, "only": only}).text
            reader.set_content(html)
            shown = [
                (
                    [one.get_attribute("data-door") for one in here.locator("#doors tr:visible").all()],
                    here.locator("#count").inner_text(),
                )
                for here in (page, reader)
            ]
            assert shown[0] == shown[1]
            assert shown[0][0]
            assert reader.locator("#sort").input_value() == order


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
        row = html[html.index(f'<tr data-door="{one["destination"]}"') :].split("</tr>")[0].split("<details")[0]
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
    row = html[html.index('<tr data-door="complaints_committee"') :].split("</tr>")[0]
    words = university.texts.interface["nl"]
    assert words["advisor_anyhow"] in row
    assert words["closed_never"] not in row


@pytest.mark.parametrize("story", STORIES)
def test_the_sheet_for_the_conversation_is_one_page_of_a4(chromium, site, story, library):
    """Where nothing was told every place may be open, and takes a line or two."""
    with tab(chromium) as page:
        ready(page, site)
        fill(page, STORIES[story])
        page.emulate_media(media="print")
        pdf = page.pdf(format="A4")
        assert library.rulebase.editions[-1].digest in page.locator(".ww-side").inner_text() or "on" in STORIES[story]
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= (2 if story == "nothing" else 1)


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("language", ADDRESS)
def test_axe_finds_nothing_on_the_workbench(chromium, site, language, compared):
    with tab(chromium) as page:
        ready(page, site, language)
        fill(page, TOLD)
        if compared:
            page.click('button[value="compare"]')
            page.fill('[name="b.on"]', "2019-06-20")
        page.evaluate("document.querySelectorAll('.ww-side details').forEach((one) => { one.open = true })")
        page.locator("#doors details").first.evaluate("(one) => { one.open = true }")
        assert faults(page, language) == []
