"""The pages in a real browser: for everybody, whatever they see, press or switch off."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

import pytest
from conftest import TODAY
from forms import Page, begin, outcome, send, walk
from journeys import (
    asking_everything,
    journeys,
    longest,
    make_interview,
    people,
    referred,
    shapes,
    terms_of,
    together,
    with_other_contacts,
)
from looks import LOOKS, PARTS, SIZES, TOGETHER, TOOLS, TWICE, InTurn, mode_of, sideways, violations
from PIL import Image
from running import LANGUAGES
from walking import answer_all, answers_of, arrive, choose, hurry, press, settled, step_of, tab, text_of, unfold

FIRST = {"concerns": ["misconduct", "undesirable_behaviour", "handling"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_question_or_page_around_it(chromium, site, library, language):
    """Every step the journey has, with and without its error, and the pages before and after; the looks take turns."""
    seen, look = set(), InTurn(language)
    with tab(chromium) as page:

        def examine(step):
            if step in seen:
                return
            seen.add(step)
            assert look.faults(page) == []
            press(page)
            assert page.title().startswith(library.texts.interface[language]["error_mark"])
            page.locator("main details").first.click() if page.locator("main details").count() else None
            assert look.faults(page) == []

        for path in ("start", "statement", "wrong"):
            address = {"start": "", "statement": "accessibility", "wrong": "none"}[path]
            nl = {"start": "", "statement": "toegankelijkheid", "wrong": "niets"}[path]
            page.goto(f"{site.address}/{nl}" if language == "nl" else f"{site.address}/en/{address}".rstrip("/"))
            assert look.faults(page) == []
        for stand in asking_everything():
            arrive(page, site, language)
            assert look.faults(page) == []
            answer_all(page, answers_of(stand), examine)
            assert look.faults(page) == []
        press(page, "change:concerns")
        assert step_of(page) == "concerns"
        steps = set(make_interview(library, TODAY).steps)
        assert seen == steps, "a question that no journey meets would not be examined"


def test_axe_finds_nothing_on_a_page_that_the_server_makes(chromium, site):
    """Its pages are the same, word for word and tag for tag (tests below), but for what needs a script."""
    look = InTurn(LANGUAGES[0])
    with tab(chromium) as page:
        # axe is a script itself: where ours must not run, only ours is kept away.
        page.route("**/static/*/questionnaire.js", lambda route: route.abort())
        arrive(page, site, LANGUAGES[0], javascript=False)
        assert look.faults(page) == []
        for _ in range(2):
            press(page)
            assert look.faults(page) == []
        for stand in journeys()[::90]:
            hurry(page, stand)
            unfold(page)
            assert look.faults(page) == []


@pytest.mark.slow
def test_any_outcome_is_the_one_that_the_server_makes_and_axe_finds_nothing_on_it(chromium, client, site):
    """Every door with every rule for it, and every number of doors in a row; the looks and languages take turns.

    Words differ by language, what puts them together does not. axe looks at elements and at what stands around them, so
    it is asked where these stand together for the first time, and in each look at each element; what hangs on words, or
    on the page as a whole, is seen on every page.
    """
    stood = set()
    for turn in range(len(LOOKS)):
        any_outcome(chromium, client, site, turn, stood)


def any_outcome(chromium, client, site, turn, stood):
    """The outcomes of whose turn it is; `stood` is what stood together before, and then what does by now."""
    (language, mode, size), parts = LOOKS[turn], set()
    with tab(chromium, **mode_of(mode, size)) as page, tab(chromium) as reader:
        arrive(page, site, language)
        for stand in (together() + shapes())[turn :: len(LOOKS)]:
            hurry(page, stand)
            plain = outcome(client, answers_of(stand), language)
            assert text_of(page) == text_of(reader, html=plain.main)
            assert page.title() == plain.title
            assert 1 <= page.locator(".ww-do").count() <= len(stand.given.concerns)
            unfold(page)
            assert sideways(page) <= 0
            assert page.evaluate(TWICE) == []
            new, met = ({*page.evaluate(one).split("\n")} for one in (PARTS, TOGETHER))
            if new - parts or met - stood:
                assert violations(page, known=new <= parts) == []
            parts |= new
            stood |= met


def test_the_browser_and_the_server_show_everybody_the_same_contacts(chromium, app, client, site):
    with tab(chromium) as page, tab(chromium) as reader:
        arrive(page, site)
        for stand in with_other_contacts(app):
            hurry(page, stand)
            plain = outcome(client, answers_of(stand))
            assert text_of(page) == text_of(reader, html=plain.main), answers_of(stand)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_browser_and_the_server_make_the_same_questions(chromium, client, site, library, language):
    """With and without the error of each, and the page that shows the answers."""
    with tab(chromium) as page, tab(chromium) as reader:

        def compare(plain):
            assert text_of(page) == text_of(reader, html=plain.main)
            assert page.title() == plain.title

        met = set()
        for stand in asking_everything():
            arrive(page, site, language)
            press(page)
            plain = begin(client, language)
            while plain.step:
                if plain.step not in met:
                    met.add(plain.step)
                    compare(plain)
                    press(page)
                    compare(send(client, plain))
                wanted = answers_of(stand)[plain.step]
                wanted = [wanted] if isinstance(wanted, str) else wanted
                choose(page, plain.step, wanted)
                press(page)
                plain = send(client, plain, answers=wanted)
            settled(page)
            compare(plain)
        assert met == set(make_interview(library, TODAY).steps)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_whole_way_goes_by_keyboard_alone(chromium, site, javascript):
    with tab(chromium, java_script_enabled=javascript) as page:
        page.goto(site.address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.classList.contains('nl-skip-link')")

        def to(selector):
            settled(page)
            for _ in range(80):
                page.keyboard.press("Tab")
                if page.evaluate("(one) => document.activeElement.matches(one)", selector):
                    return
            raise AssertionError(f"{selector} cannot be reached by Tab")

        def enter():
            if javascript:
                page.keyboard.press("Enter")
                return
            with page.expect_navigation():
                page.keyboard.press("Enter")

        to(".ww-start")
        page.keyboard.press("Enter")
        page.wait_for_selector('#mode[data-mode="device"]' if javascript else "#mode")
        to('main button[value="next"]')
        enter()
        while step_of(page):
            assert page.evaluate("document.activeElement.tagName") == ("H1" if javascript else "BODY")
            to("main .ww-control")
            page.keyboard.press("Space")
            to('main button[value="next"]')
            enter()
        assert page.locator(".ww-do").count() == 1
        assert page.evaluate("document.activeElement.tagName") == ("H1" if javascript else "BODY")


def test_focus_is_always_seen_and_never_under_the_way_out(chromium, site):
    for size in SIZES.values():
        with tab(chromium, viewport=size) as page:
            arrive(page, site)
            press(page)
            for key in ["Tab"] * 30 + ["Shift+Tab"] * 30:
                page.keyboard.press(key)
                seen = page.evaluate(
                    """() => {
                        const one = document.activeElement;
                        if (one === document.body || one.id === "exit") return true;
                        const { left, top, width, height } = one.getBoundingClientRect();
                        const found = document.elementFromPoint(left + width / 2, top + height / 2);
                        return Boolean(found) && (one.closest("header") || !found.closest("header"));
                    }"""
                )
                assert seen, page.evaluate("document.activeElement.outerHTML")


def test_an_error_moves_focus_to_a_summary_that_leads_to_the_answers(chromium, site, library):
    words = library.texts.interface["nl"]
    for settings in ({}, {"java_script_enabled": False}):
        with tab(chromium, **settings) as page:
            arrive(page, site, javascript=not settings)
            press(page)
            press(page)
            assert page.title().startswith("Fout: ")
            assert page.locator(".ww-alert--error").inner_text().startswith(words["error_title"])
            assert page.evaluate("document.activeElement.textContent") == words["error_title"]
            if not settings:
                page.locator(".ww-alert--error a").click()
                assert page.evaluate("document.activeElement.id") == "concerns-0"
                described = page.evaluate(
                    "document.querySelector('fieldset').getAttribute('aria-describedby').split(' ')"
                    ".map((id) => document.getElementById(id).textContent).join(' ')"
                )
                assert words["error_choose_some"] in described
                choose(page, "concerns", ["unsure"])
                press(page)
                assert not page.title().startswith("Fout")


@pytest.mark.parametrize(
    "settings", [{"viewport": {"width": 320, "height": 256}}, {"spacing": True}], ids=["400 %", "spacing"]
)
def test_nothing_needs_scrolling_sideways(chromium, site, settings):
    spacing = settings.pop("spacing", False)
    with tab(chromium, **settings) as page:
        arrive(page, site)

        def examine(step=None):
            if spacing:
                page.evaluate(
                    """() => document.querySelectorAll("*").forEach((one) => {
                        one.style.lineHeight = "1.5";
                        one.style.letterSpacing = "0.12em";
                        one.style.wordSpacing = "0.16em";
                        if (one.matches("p")) one.style.marginBlockEnd = "2em";
                    })"""
                )
            assert sideways(page) <= 0
            clipped = page.evaluate(
                """() => [...document.querySelectorAll("main label, main button, header a, main h1")]
                    .filter((one) => one.scrollWidth > one.clientWidth + 1)
                    .filter((one) => getComputedStyle(one).display !== "inline")
                    .map((one) => one.outerHTML.slice(0, 90))"""
            )
            assert clipped == []

        answer_all(page, FIRST, examine)
        examine()
        examine()


def test_a_chosen_answer_is_seen_in_forced_colours(chromium, site):
    with tab(chromium, forced_colors="active", color_scheme="dark") as page:
        arrive(page, site)
        press(page)
        choose(page, "concerns", ["misconduct"])
        press(page)
        control = page.locator("main .ww-control").first

        def centre():
            picture = Image.open(BytesIO(control.screenshot())).convert("L")
            return picture.getpixel((picture.width // 2, picture.height // 2))

        before = centre()
        control.check()
        assert abs(centre() - before) > 60


def test_back_keeps_the_answers_and_forward_finds_them(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        seen = []
        answer_all(page, FIRST, seen.append)
        for step in reversed(seen):
            page.go_back()
            assert step_of(page) == step
            assert page.locator("main .ww-control:checked").count() >= 1
        page.go_back()
        assert page.title().startswith("Voordat u begint")
        for step in seen:
            page.go_forward()
            assert step_of(page) == step
        page.go_forward()
        assert page.locator(".ww-do").count() >= 1


@pytest.mark.parametrize("far", [1, 4, 12])
def test_going_on_after_back_loses_no_answer(chromium, site, far):
    """From a page just before the end, half way, and from the page before the first question."""
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, FIRST)
        unfold(page)
        answers = page.locator(".ww-summary").inner_text()
        for _ in range(min(far, page.evaluate("history.state"))):
            page.go_back()
        assert page.locator(".ww-summary").count() == 0
        while not page.locator(".ww-do").count():
            press(page)
        unfold(page)
        assert page.locator(".ww-summary").inner_text() == answers


def test_what_was_chosen_counts_also_when_somebody_goes_back_from_it(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, {"concerns": ["misconduct"], "reporter": "employee"})
        old = page.locator(".ww-summary").text_content()
        press(page, "change:reporter")
        choose(page, "reporter", ["contractor"])
        page.go_back()
        while step_of(page):
            page.locator("main .ww-control").last.check()
            press(page)
        assert page.locator(".ww-do").count() == 1
        new = page.locator(".ww-summary").text_content()
        assert new != old
        page.go_back()
        while not page.locator(".ww-do").count():
            press(page)
        assert page.locator(".ww-summary").text_content() == new, "an older page never shows older answers"


def test_a_browser_that_does_not_say_which_button_was_pressed_is_understood(chromium, site):
    """Safari before 15.4."""
    with tab(chromium) as page:
        page.add_init_script("delete SubmitEvent.prototype.submitter")
        arrive(page, site)
        hurry(page, FIRST)
        steps = page.locator(".ww-do").count()
        press(page, "change:concerns")
        press(page, "back")
        assert page.locator(".ww-do").count() == steps


def test_a_fault_in_our_own_script_is_said(chromium, site, library):
    with tab(chromium) as page:
        arrive(page, site)
        page.evaluate("document.getElementById('step-reporter').remove()")
        press(page)
        choose(page, "concerns", ["unsure"])
        press(page)
        assert page.locator("main h1").inner_text() == library.texts.interface["nl"]["wrong_500_title"]
        page.locator("main a").click()
        page.wait_for_url(f"{site.address}/")


def test_a_changed_answer_keeps_what_applies_and_names_what_does_not(chromium, site, library):
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, {"concerns": ["misconduct"], "organisation": "ocw", "reporter": "employee"})
        press(page, "change:concerns")
        page.locator("main .ww-control:checked").uncheck()
        choose(page, "concerns", ["labour_conflict"])
        press(page)
        assert page.evaluate("document.activeElement.dataset.slot") == "dropped", "it is heard too"
        told = page.locator("[data-slot=dropped]").inner_text()
        assert library.texts.questions["misconduct_kind"]["nl"].ask in told
        while step_of(page):
            page.locator("main .ww-control").last.check()
            press(page)
        unfold(page)
        answers = page.locator(".ww-summary").inner_text()
        assert library.texts.questions["misconduct_kind"]["nl"].ask not in answers
        assert library.texts.questions["reporter"]["nl"].answers["employee"] in answers
        chosen = library.organisations.on("ocw", TODAY)
        assert chosen.names[-1].text["nl"] in answers


def searches(library):
    """What people type, and who is meant: former and everyday names, in either language, and part of one."""
    listed = sorted(library.organisations.by_id.values(), key=lambda one: one.id)
    former = next(one for one in listed if one.names[0].until)
    called = next(one for one in listed if one.names[-1].aliases)
    short = next(one for one in listed if one.names[-1].abbreviation)
    yield former.names[0].text["nl"].upper().replace("E", "É"), former.id
    yield called.names[-1].aliases[0], called.id
    yield short.names[-1].abbreviation.lower(), short.id
    yield listed[0].names[-1].text["en"], listed[0].id
    yield listed[-1].names[-1].text["nl"].split()[-1][:6], listed[-1].id


def test_the_organisation_is_found_while_typing(chromium, site, library):
    with tab(chromium) as page:
        arrive(page, site)
        press(page)
        while (step := step_of(page)) != "organisation":
            choose(page, step, [page.locator("main .ww-control").last.get_attribute("value").strip()])
            press(page)
        rows = page.locator(".ww-organisations .ww-option:visible")
        everyone = rows.count()
        for words, found in searches(library):
            page.locator("#q").fill(words)
            assert found in [one.get_attribute("value") for one in rows.locator(".ww-control").all()]
            assert 0 < rows.count() < everyone
            assert rows.last.locator(".ww-control").get_attribute("value") == library.organisations.catch_all.id
        page.locator("#q").fill("xyzzy")
        other = library.organisations.catch_all
        assert [one.get_attribute("value") for one in rows.locator(".ww-control").all()] == [other.id]
        none = library.texts.interface["nl"]["organisation_none_other"].replace("{name}", other.names[0].text["nl"])
        assert page.locator("[data-slot=found]").inner_text() == none
        page.keyboard.press("Enter")
        assert step_of(page) == "organisation", "Enter in the search does not send the page"


def test_terms_become_a_calendar_file_on_the_device(chromium, client, site):
    with tab(chromium, accept_downloads=True) as page:
        arrive(page, site)
        hurry(page, next(one for one in journeys() if terms_of(client, one)))
        page.requests.clear()
        unfold(page)
        box = page.locator("[data-part=calendar]")
        box.locator("button").click()
        assert "datum" in box.locator("[data-slot=calendarerror]").inner_text()
        field = box.locator("input[type=date]").first
        field.fill((TODAY - timedelta(days=1)).isoformat())
        with page.expect_download() as download:
            box.locator("button").click()
        body = Path(download.value.path()).read_text("utf-8")
        assert download.value.suggested_filename == "termijn.ics"
        assert "BEGIN:VEVENT" in body
        assert "SUMMARY:Termijn" in body
        assert not [one for one in page.requests if not one.startswith("blob:")]


def test_only_terms_that_apply_are_offered_for_the_calendar(chromium, client, site):
    with tab(chromium) as page:
        arrive(page, site)
        told = {}  # of those who are told the same terms at the same places, one
        for stand in [*journeys()[::6], *people()[::12]]:
            places = [(one["destination"], [term["id"] for term in one["terms"]]) for one in referred(client, stand)]
            told.setdefault(repr(places), stand)
        for stand in told.values():
            terms = terms_of(client, stand)
            hurry(page, stand)
            offered = {
                term for one in page.locator("[data-terms]").all() for term in one.get_attribute("data-terms").split()
            }
            assert offered == terms


WIDER = """([heading, texts]) => {
    heading.style.wordBreak = heading.style.overflowWrap = "normal";
    return texts.filter((text) => ((heading.textContent = text), heading.scrollWidth > heading.clientWidth));
}"""


def test_no_word_of_a_first_step_breaks_on_the_smallest_screen(chromium, site, library):
    with tab(chromium, viewport={"width": 320, "height": 640}) as page:
        arrive(page, site)
        hurry(page, journeys()[0])
        channels = library.texts.channels.values()
        steps = [said.heading for one in channels for code in LANGUAGES for _, said in one.varied(code)]
        assert page.evaluate(WIDER, [page.locator("main h1").element_handle(), sorted({*steps})]) == []


def test_the_print_leaves_out_what_paper_cannot_use(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, FIRST)
        page.emulate_media(media="print")
        for hidden in (".ww-header", ".ww-footer", "main button", ".ww-calendar", ".ww-reasons", ".ww-lit"):
            assert not page.locator(hidden).first.is_visible()


def test_an_outcome_takes_two_sheets_of_paper_at_most_and_mostly_one_and_can_be_read(chromium, site, library):
    with tab(chromium) as page:
        arrive(page, site)
        sides = []
        for stand in [*journeys()[::12], longest()]:
            hurry(page, stand)
            sheets = printed(page.pdf(format="A4"))
            assert not [pair for words in sheets for pair in on_each_other(words)]
            sides.append(len(sheets))
    assert max(sides) <= 4
    assert 1 <= median(sides) <= 2


def printed(pdf):
    """The words of each page of a PDF, from the top down, each with its place: left, top, right and bottom."""
    layout = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True).stdout
    pages = ElementTree.fromstring(layout).iterfind(".//{*}page")
    sides = ("xMin", "yMin", "xMax", "yMax")
    words = [
        [(*(float(word.get(side)) for side in sides), word.text) for word in page.iterfind(".//{*}word")]
        for page in pages
    ]
    return [sorted(those, key=lambda word: word[1]) for those in words]


def on_each_other(words):
    """Words that are printed on one another: by more than lines that stand close to each other are, in points."""
    for number, (left, _, right, bottom, word) in enumerate(words):
        for other_left, top, other_right, _, other in words[number + 1 :]:
            if bottom - top <= 3:
                break
            if min(right, other_right) - max(left, other_left) > 1:
                yield word, other


def test_on_paper_every_place_is_open_and_on_the_screen_as_it_was(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, FIRST)
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        places = page.locator(".ww-other").all()
        assert places
        for place in places:
            for shown in (".ww-act-steps", ".ww-said", '[data-slot="yourname"]'):
                assert place.locator(shown).is_visible()
            assert not place.locator(".ww-sources").is_visible()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("main details[open]").count() == 0


@pytest.mark.tools
def test_the_html_is_clean_by_the_validator_of_the_w3c_and_by_html_validate(client, library, tmp_path):
    paths = {"start": "/", "before": "/vragen", "en": "/en", "statement": "/toegankelijkheid", "wrong": "/niets"}
    paths |= {"advisor": "/adviseur", "advisor-en": "/advisor", "book": "/regels", "book-en": "/rules"}
    for name, path in paths.items():
        (tmp_path / f"{name}.html").write_text(client.get(path).text, "utf-8")
    page, number = begin(client), 0
    while page.step:
        for shown in (page, send(client, page)):
            (tmp_path / f"step-{number}.html").write_text(shown.html, "utf-8")
            number += 1
        page = send(client, page, answers=[page.options[page.step][0]])
    (tmp_path / "check.html").write_text(page.html, "utf-8")
    for number, stand in enumerate((journeys() + shapes())[::10]):
        shown = walk(client, answers_of(stand), "en")
        assert isinstance(shown, Page)
        (tmp_path / f"outcome-{number}.html").write_text(shown.html, "utf-8")
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m"]  # half the work for so few pages
    jar = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    vnu = ["java", *quick, "-jar", str(jar), "--format", "json", str(tmp_path)]
    found = json.loads(subprocess.run(vnu, capture_output=True, text=True).stderr)["messages"]
    assert [(one["url"][-20:], one["message"], one.get("extract")) for one in found if one["type"] == "error"] == []
    settings = tmp_path / ".htmlvalidate.json"
    rules = {"long-title": "off", "no-trailing-whitespace": "off"}  # a title says where you are; white space is free
    settings.write_text(json.dumps({"root": True, "extends": ["html-validate:standard"], "rules": rules}))
    checker = [
        "node",
        str(TOOLS / "html-validate" / "bin" / "html-validate.mjs"),
        "--config",
        str(settings),
        "-f",
        "json",
    ]
    report = tmp_path / "report.json"
    with report.open("w") as out:  # through a pipe it stops half way
        subprocess.run([*checker, f"{tmp_path}/*.html"], stdout=out, check=False)
    wrong = [
        (one["filePath"][-20:], message["ruleId"], message["message"])
        for one in json.loads(report.read_text("utf-8"))
        for message in one["messages"]
    ]
    assert wrong == []


# Whose answers are too many for a telephone: what somebody has to choose from is worth more than the button in sight.
LONG = {"conflict_kind", "organisation"}


def test_the_button_stands_within_the_first_screen_of_a_telephone(chromium, site, library):
    """Above the way out, which is always under the thumb."""
    with tab(chromium, viewport={"width": 320, "height": 640}) as page:
        for stand in asking_everything():
            arrive(page, site)
            answer_all(page, answers_of(stand), lambda step: step in LONG or in_sight(page, step))


def in_sight(page, step):
    button = page.locator('main button[value="next"]').bounding_box()
    assert button["y"] + button["height"] <= page.locator("#exit").bounding_box()["y"], step
