"""The questionnaire on other sites: it works there, and the site around it learns nothing."""

from __future__ import annotations

import gzip
import itertools
import re
from datetime import timedelta

import pytest
from conftest import TODAY, Served
from hosts import FRAME, SCRIPTS, element, inside, script, strict
from journeys import journeys, terms_of
from looks import InTurn, faults, violations
from running import LANGUAGES
from walking import hurry, press, step_of, tab, text_of, unfold

from service.web.app import create_app
from service.web.settings import ADDRESS, EMBED, THEMES, SettingError, Settings, read_settings

# What sites pinned may never change. A new version gets a new line.
PUBLISHED = {
    "1.0.0": "sha384-O/Nfeag26Dh3C2F3oXl6FI5zjT1onUfKwedif6dlRVo2Yrl3CI5JCJ7lmR+n0T2S",
    "1.1.0": "sha384-kIqPulnbcel+yfzYQZpq8LOLVCUrGrCiGuczHAs3BRBX8i+WE74KUkrnOoct0MnQ",
}

HEIGHT = "document.querySelector('wegwijzer-vragenlijst').shadowRoot.querySelector('iframe').offsetHeight"
SHORT = {"concerns": ["labour_conflict"], "reporter": "employee", "organisation": "ocw"}
LONG = {"concerns": ["misconduct", "undesirable_behaviour", "handling"], "reporter": "contractor", "organisation": ""}


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("looks")
    (folder / "paars").mkdir()
    (folder / "paars" / "theme.css").write_text(":root { --ww-accent: #5c2d91 }")
    return folder


@pytest.fixture(scope="module")
def ours(library, host, elsewhere, looks):
    """The service, which lets `host` show it in a frame."""
    themes = read_settings({THEMES: str(looks)}).themes
    settings = Settings(exit=f"{elsewhere.address}/", embed=(host.origin,), themes=themes)
    served = Served(create_app(library, settings=settings, today=lambda: TODAY))
    yield served
    served.stop()


def visible_links(page):
    return page.locator("wegwijzer-vragenlijst a:visible").count()


# ---- it works


def test_a_site_with_a_strict_policy_shows_it_and_axe_finds_nothing(chromium, host, ours):
    """In another language than the site would get; in its own, and in every browser: tests/test_browsers.py."""
    language = LANGUAGES[-1]
    address = host.shows(
        "/strict", script(ours) + element(ours, f'taal="{language}"'), Content_Security_Policy=strict(ours)
    )
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        assert visible_links(page) == 0
        assert page.locator(FRAME).get_attribute("title")
        assert faults(page, language) == []
        within = InTurn(language)
        assert within.faults(page, frame) == []
        press(frame)
        frame.locator("h1").hover()  # in forced colours axe misreads a button under the pointer
        assert within.faults(page, frame) == []
        press(frame, "back")
        hurry(frame, LONG)
        assert frame.locator(".ww-do").count() == 3
        assert within.faults(page, frame) == []
        assert page.wrong == []


def test_in_a_frame_stands_what_stands_on_our_own_pages(chromium, host, ours):
    address = host.shows("/same", script(ours) + element(ours))
    with tab(chromium) as page, tab(chromium) as own:
        page.goto(address)
        frame = inside(page)
        own.goto(f"{ours.address}/vragen")
        own.wait_for_selector('#mode[data-mode="device"]')
        for one in (frame, own):
            hurry(one, LONG)
        assert text_of(frame) == text_of(own)


def test_focus_enters_the_frame_only_with_the_person(chromium, host, ours):
    """It stays with the site until somebody goes in, and then follows the questions."""
    address = host.shows("/focus", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        assert page.evaluate("document.activeElement.tagName") == "BODY"
        press(frame)
        assert frame.evaluate("document.activeElement.tagName") == "H1"
        press(frame)
        assert frame.evaluate("document.activeElement.closest('.ww-alert--error') !== null")
        assert frame.title().split(":")[0] in ("Fout", "Error")


def test_back_is_a_button_of_ours(chromium, host, ours):
    address = host.shows("/back", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        press(frame)
        first = step_of(frame)
        frame.locator("main .ww-control").first.check()
        press(frame)
        assert step_of(frame) != first
        press(frame, "back")
        assert step_of(frame) == first
        assert frame.locator("main .ww-control").first.is_checked()
        press(frame, "back")
        assert frame.locator("#mode").count() == 1


def test_what_the_site_chose_beforehand_is_checked_and_can_be_changed(chromium, host, ours):
    attributes = 'organisatie="ocw" onderwerp="labour_conflict"'
    address = host.shows("/preset", script(ours) + element(ours, attributes))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        press(frame)
        assert frame.locator("main .ww-control:checked").get_attribute("value") == "labour_conflict"
        frame.locator("main .ww-control:checked").uncheck()
        press(frame)
        assert frame.locator("main .ww-control:checked").count() == 0, "an error does not choose again"
        frame.locator('main .ww-control[value="labour_conflict"]').check()
        press(frame)
        while step_of(frame) != "organisation":
            frame.locator("main .ww-control").first.check()
            press(frame)
        assert frame.locator("main .ww-control:checked").get_attribute("value") == "ocw"
        frame.locator('main .ww-control[value=""]').check()
        press(frame)
        assert "OCW" not in frame.locator("main").inner_text()
        press(frame, "again")
        press(frame)
        assert frame.locator("main .ww-control:checked").get_attribute("value") == "labour_conflict"


def test_what_a_site_asks_that_we_do_not_know_changes_nothing(chromium, host, ours):
    attributes = 'organisatie="atlantis" onderwerp="rain" thema="../x" taal="fr"'
    address = host.shows("/unknown", script(ours) + element(ours, attributes))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        hurry(frame, SHORT)
        assert frame.locator(".ww-do").count() == 1


def test_a_look_is_asked_for_by_its_name(chromium, host, ours):
    address = host.shows("/look", script(ours) + element(ours, 'thema="paars"'))
    with tab(chromium) as page:
        page.goto(address)
        colour = inside(page).evaluate("getComputedStyle(document.querySelector('main button')).backgroundColor")
        assert colour == "rgb(92, 45, 145)"
        assert page.wrong == []


@pytest.mark.parametrize(("attributes", "dark"), [("", True), ('thema="licht"', False)])
def test_a_site_without_a_dark_side_can_ask_for_a_light_frame(chromium, host, ours, attributes, dark):
    address = host.shows("/light", script(ours) + element(ours, attributes))
    with tab(chromium, color_scheme="dark") as page:
        page.goto(address)
        colour = inside(page).evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", colour)[:3])) < 200) is dark


def test_a_site_that_isolates_itself_can_show_it(chromium, host, ours):
    address = host.shows(
        "/isolated",
        script(ours) + element(ours),
        Cross_Origin_Opener_Policy="same-origin",
        Cross_Origin_Embedder_Policy="require-corp",
    )
    with tab(chromium) as page:
        page.goto(address)
        assert page.evaluate("crossOriginIsolated")
        frame = inside(page)
        hurry(frame, SHORT)
        assert frame.locator(".ww-do").count() == 1
        assert page.wrong == []


def test_several_stand_on_one_page_and_know_nothing_of_each_other(chromium, host, ours):
    address = host.shows("/two", script(ours) + element(ours) + element(ours, 'taal="en"'))
    with tab(chromium) as page:
        page.goto(address)
        dutch, english = inside(page, 0), inside(page, 1)
        hurry(dutch, SHORT)
        assert english.locator("#mode").count() == 1
        hurry(english, LONG)
        for frame, doors in ((dutch, 1), (english, 3)):
            assert frame.locator(".ww-do").count() == doors


def test_a_calendar_can_be_kept_and_a_source_opens_apart(chromium, host, ours, client):
    address = host.shows("/calendar", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        hurry(frame, next(one for one in journeys() if terms_of(client, one)))
        unfold(frame)
        frame.locator('[data-slot="starts"] input').first.fill((TODAY - timedelta(days=1)).isoformat())
        with page.expect_download() as download:
            frame.locator("[data-calendar] button").click()
        assert download.value.suggested_filename.endswith(".ics")
        link = frame.locator('main a[target="_blank"]').first
        assert "noreferrer" in link.get_attribute("rel")


# ---- an application that puts it on and takes it off


def test_an_application_mounts_moves_clones_and_removes_it(chromium, host, ours):
    address = host.shows("/spa", script(ours) + '<div id="one"></div><div id="two"></div>')
    with tab(chromium) as page:
        page.goto(address)
        frames = "[...document.querySelectorAll('wegwijzer-vragenlijst')].map(framesOf).join()"
        page.evaluate("() => { window.framesOf = (one) => one.shadowRoot.querySelectorAll('iframe').length }")
        page.evaluate("html => { document.getElementById('one').innerHTML = html }", element(ours))
        inside(page)
        assert page.evaluate(frames) == "1"
        page.evaluate("window.kept = document.querySelector('wegwijzer-vragenlijst'); kept.remove()")
        assert page.evaluate("kept.shadowRoot.querySelectorAll('iframe').length") == 0
        assert page.evaluate("kept.shadowRoot.querySelector('slot').hidden") is False
        page.evaluate("document.getElementById('two').append(kept)")
        inside(page)
        page.evaluate("document.getElementById('one').append(kept)")
        inside(page)
        page.evaluate("document.getElementById('two').append(kept.cloneNode(true))")
        inside(page, 0)
        inside(page, 1)
        assert page.evaluate(frames) == "1,1"
        page.evaluate("kept.setAttribute('taal', 'en')")
        assert inside(page, 0).evaluate("document.documentElement.lang") == "en"
        assert page.wrong == []


def test_a_move_that_keeps_state_keeps_the_answers(chromium, host, ours):
    address = host.shows("/move", script(ours) + element(ours) + '<div id="two"></div>')
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        press(frame)
        page.evaluate(
            "document.getElementById('two').moveBefore(document.querySelector('wegwijzer-vragenlijst'), null)"
        )
        assert step_of(frame) == "concerns"


# ---- where it does not work, a link does


WITHOUT = {
    "no JavaScript": {},
    "wrong integrity": {"hash_": "sha384-" + "A" * 64},
    "a site that may not": {},
    "no answer": {},
}


@pytest.mark.parametrize("why", WITHOUT)
def test_where_it_cannot_be_shown_there_is_a_link(chromium, host, library, ours, why):
    other = (
        Served(create_app(library, today=lambda: TODAY, settings=Settings())) if why == "a site that may not" else ours
    )
    address = host.shows("/without", script(other, **WITHOUT[why]) + element(other))
    with tab(chromium, java_script_enabled=why != "no JavaScript") as page:
        if why == "no answer":
            page.route("**/insluiten/vragen", lambda route: None)
            with page.expect_request("**/insluiten/vragen"):
                page.goto(address, wait_until="commit")
        else:
            page.goto(address)
        link = page.locator("wegwijzer-vragenlijst a")
        link.wait_for()
        if why in ("a site that may not", "no answer"):
            page.wait_for_selector(FRAME, state="detached", timeout=15_000)
        assert page.locator(FRAME).count() == 0
        link.click()
        page.wait_for_url(f"{other.address}/")
    if other is not ours:
        other.stop()


def test_what_gave_up_tries_again_when_it_is_shown_again(chromium, host, ours):
    address = host.shows("/again", script(ours) + f"<details open><summary>Hulp</summary>{element(ours)}</details>")
    with tab(chromium) as page:
        page.route("**/insluiten/vragen", lambda route: None)
        page.goto(address, wait_until="commit")
        page.wait_for_selector(FRAME, state="attached")
        page.wait_for_selector(FRAME, state="detached", timeout=15_000)
        assert visible_links(page) == 1
        page.unroute("**/insluiten/vragen")
        page.locator("summary").click()
        page.locator("wegwijzer-vragenlijst").wait_for(state="hidden")
        page.locator("summary").click()
        assert inside(page).locator("#mode").is_visible()
        assert visible_links(page) == 0


def test_it_is_as_wide_as_what_stands_around_it(chromium, host, ours):
    address = host.shows("/wide", script(ours) + f'<div id="around">{element(ours)}</div>')
    with tab(chromium) as page:
        page.goto(address)
        inside(page)
        widths = [page.locator(one).bounding_box()["width"] for one in ("#around", "wegwijzer-vragenlijst", FRAME)]
        assert len(set(widths)) == 1


@pytest.mark.parametrize("sandbox", ["", "allow-scripts", "allow-scripts allow-forms"])
def test_a_frame_that_lacks_something_says_where_everything_works(chromium, host, ours, library, sandbox):
    """As text to read: in a frame that may open nothing a link leads nowhere."""
    frame = f'<iframe title="x" width="700" height="800" sandbox="{sandbox}" src="{ours.address}/embed/questions">'
    words, where = library.texts.interface["en"], f"{ours.address}/en/questions"
    with tab(chromium) as page:
        page.goto(host.shows("/lacking", frame))
        page.locator("iframe").wait_for(state="attached")
        inner = page.frames[1]
        held = inner.get_by_text(words["frame_held"])
        if not sandbox:
            inner.locator("#alone").get_by_text(where).wait_for()
            assert words["mode_alone"] in inner.locator("#mode").inner_text()
            return
        inner.wait_for_selector('#mode[data-mode="device"]')
        assert held.is_visible() is ("allow-forms" not in sandbox)
        assert inner.locator("#held").get_by_text(where).is_visible() is held.is_visible()
        if held.is_visible():
            assert violations(inner) == []


@pytest.mark.parametrize("why", ["no JavaScript", "a script does not come"])
def test_a_plain_frame_without_scripts_leads_to_a_window_of_its_own(chromium, host, ours, why):
    address = host.shows("/plain", f'<iframe title="Wegwijzer" src="{ours.address}/insluiten/vragen"></iframe>')
    with tab(chromium, java_script_enabled=why != "no JavaScript") as page:
        page.route("**/graph.js", lambda route: route.abort())
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.locator("#alone a").wait_for()
        assert frame.locator("main button").is_disabled()
        with page.context.expect_page() as opened:
            frame.locator("#alone a").click()
        assert opened.value.url == f"{ours.address}/vragen"


# ---- what the site around it can see

WATCH = """() => {
    const seen = (window.seen = []);
    addEventListener("message", ({ data }) => seen.push(["message", JSON.stringify(data)]));
    const names = "scroll resize hashchange popstate keydown keyup click pointerdown beforeinput";
    for (const name of names.split(" ")) {
        addEventListener(name, () => seen.push([name]), true);
    }
    new MutationObserver((all) => all.forEach((one) => seen.push(["mutation", one.attributeName]))).observe(
        document, { subtree: true, childList: true, attributes: true });
    const element = document.querySelector("wegwijzer-vragenlijst");
    const frame = element.shadowRoot.querySelector("iframe");
    new MutationObserver((all) => all.forEach((one) => seen.push(["frame", one.attributeName]))).observe(
        element.shadowRoot, { subtree: true, childList: true, attributes: true });
    new ResizeObserver(() => seen.push(["size", frame.offsetHeight])).observe(frame);
    frame.addEventListener("load", () => seen.push(["load"]));
    new PerformanceObserver((all) => all.getEntries().forEach((one) => seen.push(["entry", one.name]))).observe(
        { entryTypes: ["resource", "navigation"] });
}"""
LOOK = """() => {
    const frame = document.querySelector("wegwijzer-vragenlijst").shadowRoot.querySelector("iframe");
    const attempt = (act) => { try { return String(act()); } catch (error) { return error.name; } };
    return {
        seen: window.seen, history: history.length, address: location.href, scroll: scrollY,
        height: frame.offsetHeight,
        document: attempt(() => frame.contentDocument),
        inner: attempt(() => frame.contentWindow.document.body.innerText),
        where: attempt(() => frame.contentWindow.location.href), given: attempt(() => frame.contentWindow.given),
        frames: frame.contentWindow.length, title: document.title, src: frame.src, name: frame.name,
        storage: [localStorage.length, sessionStorage.length, document.cookie],
        resources: performance.getEntriesByType("resource").length, active: document.activeElement.tagName,
    };
}"""


def observed(chromium, host, ours, answers):
    """Everything a curious site could note while somebody goes all the way, with questions that differ in number."""
    around = f"<p style='height: 30rem'>{element(ours)}<p style='height: 90rem'>"
    address = host.shows("/curious", script(ours) + around)
    with tab(chromium, viewport={"width": 700, "height": 800}) as page:
        page.goto(address)
        frame = inside(page)
        page.locator(FRAME).scroll_into_view_if_needed()
        page.evaluate("document.querySelector('wegwijzer-vragenlijst').shadowRoot.querySelector('iframe').focus()")
        page.wait_for_timeout(200)
        page.evaluate(WATCH)
        page.wait_for_timeout(300)
        page.requests.clear()
        asked = len(ours.asked)
        # As a person whose pointer is in the frame: what scrolls the site itself is not ours to hide.
        steps = frame.evaluate(
            """async (answers) => {
                const press = (to) => document.querySelector(`main button[value="${to}"]`).click();
                let steps = 0;
                press("next");
                for (let control; (control = document.querySelector("main .ww-control")); press("next")) {
                    const wanted = answers[control.name] ?? control.value;
                    document.querySelectorAll("main .ww-control").forEach((one) => {
                        one.checked = [wanted].flat().includes(one.value);
                    });
                    if (steps++ === 1) { press("back"); press("next"); }
                    await new Promise((done) => setTimeout(done, 60));
                }
                return steps;
            }""",
            answers,
        )
        assert frame.locator(".ww-do").count()
        page.wait_for_timeout(300)
        assert page.requests == []
        assert ours.asked[asked:] == []
        assert page.wrong == []
        return steps, page.evaluate(LOOK)


def test_the_site_around_it_cannot_tell_one_way_through_the_questions_from_another(chromium, host, ours):
    few, short = observed(chromium, host, ours, SHORT)
    many, long = observed(chromium, host, ours, LONG)
    assert few < many, "ways that do not differ prove nothing"
    assert short == long
    assert {one[0] for one in short["seen"]} <= {"size"}
    assert len(short["seen"]) <= 1, "only what observing itself reports at once"
    assert short["document"] == "null"
    assert {short["inner"], short["where"], short["given"]} == {"SecurityError"}
    assert short["storage"] == [0, 0, ""]


def test_the_watching_site_would_notice_what_a_careless_frame_does(chromium, host, ours):
    """The test above can fail: a plain page of ours, with history and without the sandbox, is noticed."""
    address = host.shows("/careless", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        page.evaluate(WATCH)
        before = page.evaluate("history.length")
        frame.evaluate("history.pushState(1, ''); parent.postMessage('step', '*')")
        page.wait_for_function("seen.some(([what]) => what === 'message')")
        assert page.evaluate("history.length") == before + 1


def test_the_frame_has_no_origin_and_cannot_store_anything(chromium, host, ours):
    for number, tag in enumerate((element(ours), f'<iframe title="x" src="{ours.address}/insluiten/vragen"></iframe>')):
        address = host.shows(f"/storage-{number}", script(ours) + tag)
        with tab(chromium) as page:
            page.goto(address)
            page.locator("iframe").wait_for(state="attached")
            page.frames[1].wait_for_selector('#mode[data-mode="device"]')
            tried = page.frames[1].evaluate(
                """() => [() => localStorage.length, () => sessionStorage.length, () => indexedDB.open("x"),
                          () => document.cookie].map((act) => {
                    try { act(); return "open"; } catch (error) { return error.name; }
                })"""
            )
            assert tried == ["SecurityError"] * 4
            assert page.frames[1].evaluate("self.origin") == "null"
            assert page.context.cookies() == []


# Notes each height that the frame gets.
HEIGHTS = """() => {
    const frame = document.querySelector("wegwijzer-vragenlijst").shadowRoot.querySelector("iframe");
    window.heights = [];
    new MutationObserver(() => heights.push(frame.style.height)).observe(frame, { attributeFilter: ["style"] });
}"""


def first_heard(page, frame, by, messages):
    """The height that the frame gets first when messages are sent by somebody, and after them a sound one of its own.

    That one is of 701 pixels. A site is its own `parent`.
    """
    send = "(every) => every.forEach((one) => parent.postMessage(one, '*'))"
    page.evaluate(HEIGHTS)
    by.evaluate(send, messages)
    frame.evaluate(send, [{"wegwijzer": 1, "type": "height", "px": 701}])
    page.wait_for_function("heights.length > 0")
    return page.evaluate("heights[0]")


def test_a_message_of_anybody_else_is_not_listened_to(chromium, host, ours):
    messages = ["text", None, *({"wegwijzer": one, "type": "height", "px": 700} for one in (1, 2))]
    with tab(chromium) as page:
        page.goto(host.shows("/message", script(ours) + element(ours)))
        assert first_heard(page, inside(page), page, messages) == "min(701px, 100vh)"
        assert page.wrong == []


def test_of_the_frame_only_a_sound_height_is_heard(chromium, host, ours):
    sound = {"wegwijzer": 1, "type": "height", "px": 700}
    wrong = [{"wegwijzer": 2}, {"type": "step"}, *({"px": one} for one in ("700", 7, 70000, 700.5))]
    with tab(chromium) as page:
        page.goto(host.shows("/height", script(ours) + element(ours)))
        frame = inside(page)
        assert first_heard(page, frame, frame, [sound | one for one in wrong]) == "min(701px, 100vh)"


def test_the_frame_is_never_higher_than_the_window_so_the_way_out_stays_in_sight(chromium, host, ours):
    address = host.shows("/high", script(ours) + element(ours))
    for width, height in ((320, 640), (700, 800), (1280, 2400)):
        with tab(chromium, viewport={"width": width, "height": height}) as page:
            page.goto(address)
            frame = inside(page)
            assert page.locator(FRAME).bounding_box()["height"] <= height
            hurry(frame, LONG)
            frame.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
            exit_ = frame.locator("#exit").evaluate("(one) => one.getBoundingClientRect().toJSON()")
            assert exit_["top"] >= 0
            assert exit_["bottom"] <= frame.evaluate("innerHeight")
            if height > 2000:
                press(frame, "again")
                press(frame)
                assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight"), "no question scrolls"


def test_another_width_is_another_height(chromium, host, ours):
    address = host.shows("/width", script(ours) + element(ours))
    with tab(chromium, viewport={"width": 1000, "height": 2400}) as page:
        page.goto(address)
        inside(page)
        wide = page.locator(FRAME).bounding_box()["height"]
        page.set_viewport_size({"width": 320, "height": 2400})
        page.wait_for_function(f"(wide) => {HEIGHT} > wide", arg=wide)


# ---- leaving


@pytest.mark.parametrize("how", ["button", "shift"])
def test_leaving_leaves_with_the_whole_window(chromium, host, ours, elsewhere, how):
    address = host.shows("/leave", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto("about:blank")
        page.goto(address)
        frame = inside(page)
        hurry(frame, SHORT)
        if how == "button":
            frame.locator("#exit").click()
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
        page.wait_for_url(f"{elsewhere.address}/")
        page.go_back()
        assert page.url == "about:blank", "the site around it was replaced, so Back leads past it"


def test_where_a_site_forbids_leaving_nothing_is_left_on_screen(chromium, host, ours, library):
    """And the person is told."""
    address = host.shows(
        "/stuck", f'<iframe title="x" sandbox="allow-scripts" src="{ours.address}/insluiten/vragen"></iframe>'
    )
    with tab(chromium) as page:
        page.goto(address)
        frame = page.frames[1]
        frame.wait_for_selector('#mode[data-mode="device"]')
        frame.locator("#exit").click()
        frame.get_by_text(library.texts.interface["nl"]["exit_refused"]).wait_for()
        assert frame.locator("main").count() == 0


# ---- what a page without an origin may load


@pytest.mark.parametrize("address", [None, "https://wegwijzer.example.nl"])
def test_a_page_without_an_origin_names_whose_files_it_loads(university, address):
    """`'self'` means nothing to it in WebKit: there it would have no style and no script. Every page is looked at."""
    settings = Settings(address=address, hosts=("wegwijzer.example.nl",))
    app = create_app(university, settings=settings, today=lambda: TODAY)
    client = app.test_client()
    seen = set()
    paths = [one.rule for one in app.url_map.iter_rules() if "GET" in one.methods and not one.arguments]
    called = [{}, {"Host": "127.0.0.1:8000"}, {"Host": "wegwijzer.example.nl"}]
    for path, asked in itertools.product(paths, called):
        text = client.get(path, headers=asked).headers["Content-Security-Policy"]
        policy = {one.split()[0]: one.split()[1:] for one in text.split(";")}
        if "sandbox" in policy and "allow-same-origin" not in policy["sandbox"]:
            seen.add(path)
            own = {"http://" + asked.get("Host", "localhost"), *([address] if address else [])}
            for kind in ("script-src", "style-src", "font-src", "frame-ancestors"):
                assert set(policy[kind]) == {"'self'", *own}, (path, kind)
    assert {"/insluiten/vragen", "/embed/questions"} <= seen


# ---- who may show it


def test_only_the_origins_that_a_deployer_names_may_show_it(university, host, university_app):
    client = university_app.test_client()
    named = create_app(university, settings=Settings(embed=(host.origin,)), today=lambda: TODAY).test_client()
    for path in ("/insluiten/vragen", "/embed/questions"):
        own = "http://localhost"
        assert f"frame-ancestors 'self' {own} {host.origin};" in named.get(path).headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in named.get(path).headers
        assert f"frame-ancestors 'self' {own};" in client.get(path).headers["Content-Security-Policy"]
    for path in ("/", "/vragen", "/adviseur", "/regels", "/api/v1/questions", "/nothing"):
        response = named.get(path)
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"], path
        assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "wrong",
    [
        "https://*.example.nl",
        "*",
        "null",
        "'self'",
        "http://intranet.example.nl",
        "https://intranet.example.nl/",
        "https://intranet.example.nl/page",
        "https://intranet.example.nl:443",
        "https://user@intranet.example.nl",
        "https://Intranet.example.nl",
        "https://intranet.example.nl;",
        "https://intranet.example.nl,https://other.example.nl",
        "intranet.example.nl",
        "https://intranet..nl",
        "https://intranet.example.nl:port",
        "https://",
    ],
)
def test_an_origin_that_is_not_exact_is_refused_at_the_start(wrong):
    with pytest.raises(SettingError, match=EMBED):
        read_settings({EMBED: f"https://good.example.nl {wrong}"})


def test_exact_origins_an_address_and_looks_are_read(looks, tmp_path):
    text = "https://a.example.nl  https://b.example.nl:8443 http://localhost:8080 https://a.example.nl"
    settings = read_settings({EMBED: text, ADDRESS: "https://wegwijzer.example.nl", THEMES: str(looks)})
    assert settings.embed == ("https://a.example.nl", "https://b.example.nl:8443", "http://localhost:8080")
    assert settings.address == "https://wegwijzer.example.nl"
    assert list(settings.themes) == ["paars"]
    with pytest.raises(SettingError, match=ADDRESS):
        read_settings({ADDRESS: "https://wegwijzer.example.nl/path"})
    for folder in ("none", "empty", "Wrong Name"):
        (tmp_path / "looks" / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "looks" / "Wrong Name" / "theme.css").write_text("")
    for wrong in (tmp_path / "nowhere", tmp_path / "looks"):
        with pytest.raises(SettingError, match=THEMES):
            read_settings({THEMES: str(wrong)})


# ---- the script


def test_what_was_published_never_changes():
    assert {version: SCRIPTS.integrity(version) for version in SCRIPTS.by_version} == PUBLISHED


def test_every_published_version_stays_at_its_address_and_the_newest_is_small(client):
    for version, body in SCRIPTS.by_version.items():
        response = client.get(f"/embed/{version}/wegwijzer.js")
        assert response.data == body
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(gzip.compress(SCRIPTS.by_version[SCRIPTS.newest], 9)) < 2000
    assert client.get("/embed/0.0.1/wegwijzer.js").status_code == 404


def test_script_frame_and_header_agree(client):
    """Bounds and permissions stand in two places each: in the script that others pin, and on our side."""
    from service.web.embedding.frame import SANDBOX

    newest = SCRIPTS.by_version[SCRIPTS.newest].decode()
    html = client.get("/insluiten/vragen").text
    framed = client.get(re.search(r'src="(/static/\w+/framed\.js)"', html)[1]).text
    bounds = r"LEAST = (\d+)\W+(?:const )?MOST = (\d+)"
    assert re.search(bounds, newest).groups() == re.search(bounds, framed).groups()
    assert f'"{SANDBOX}"' in newest
    assert client.get("/insluiten/vragen").headers["Content-Security-Policy"].endswith(f"; sandbox {SANDBOX}")
