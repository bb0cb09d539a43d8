"""What people do, in each engine that their browsers have: ask, leave, meet the questions on another site, advise.

The other tests of pages look closely, in Chromium. These look whether the rest of the world can do it at all.
"""

from __future__ import annotations

import contextlib
import json
import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote
from urllib.request import urlopen

import engines
import pytest
from conftest import TODAY, Served
from engines import ENGINES, PATIENCE, RefusedError
from hosts import SCRIPTS, element, strict
from hosts import script as script_of
from journeys import earliest
from running import until

from service.web.app import create_app
from service.web.settings import Settings

ANSWERS = {"concerns": "undesirable_behaviour", "reporter": "employee", "organisation": "ocw"}
FRAME = "document.querySelector('wegwijzer-vragenlijst')?.shadowRoot?.querySelector('iframe')"


@pytest.fixture(scope="session", params=ENGINES)
def browser(request, playwright):
    """Each engine once; that one is missing is a failure."""
    one = ENGINES[request.param](playwright)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def ours(library, host, elsewhere):
    """The service, which lets `host` show it in a frame."""
    settings = Settings(exit=f"{elsewhere.address}/", embed=(host.origin,))
    served = Served(create_app(library, settings=settings, today=lambda: TODAY))
    yield served
    served.stop()


# ---- as a person does it, by what stands on the page


def holds(browser, condition, *given):
    """Wait until a condition holds in the page; gives what it gave."""

    def look():
        # A page that just goes away cannot answer.
        with contextlib.suppress(RefusedError):
            return browser.script(f"return {condition}", *given)

    return until(look, PATIENCE)


def ready(browser):
    holds(browser, "document.querySelector('#mode')?.dataset.mode === 'device'")


def press(browser, to="next", by=None):
    """Press a button of the questionnaire, by the pointer or otherwise, until the page is another one."""
    by = by or (lambda: browser.press(f'main button[value="{to}"]'))
    before = browser.script("return document.title")

    def another():
        return browser.script("return document.title !== arguments[0]", before)

    def pressed():
        if not another():
            with contextlib.suppress(RefusedError):  # a page that has just come takes no pointer
                by()
        return another()

    until(pressed, PATIENCE)


def step_of(browser):
    """The step that is asked, or None on a page without a question."""
    return browser.script("return document.querySelector('main .ww-control')?.name ?? null")


def choose(browser, step, answers=ANSWERS):
    """Choose our answer to a step, or the last there is."""
    wanted = answers.get(step) or browser.script(
        "return [...document.querySelectorAll('main .ww-control')].pop().value"
    )
    control = f'main .ww-control[name="{step}"][value="{wanted}"]'

    def chosen():
        if not browser.script("return document.querySelector(arguments[0]).checked", control):
            with contextlib.suppress(RefusedError):
                browser.press(control)
        return browser.script("return document.querySelector(arguments[0]).checked", control)

    until(chosen, PATIENCE)


def answer_all(browser):
    """From the page before the first question to the page that shows the answers; gives the steps."""
    steps = []
    press(browser)
    while step := step_of(browser):
        steps.append(step)
        choose(browser, step)
        press(browser)
    return steps


def shows_an_outcome(browser):
    return browser.script("return document.querySelectorAll('main .ww-do').length") > 0


def framed(browser):
    """Go into the frame of the widget once it is displayed, and see that it came whole."""
    px = holds(
        browser, f"{FRAME}?.style.visibility === 'visible' && {FRAME}.offsetHeight >= 320 && {FRAME}.style.height"
    )
    assert re.fullmatch(r"min\(\d+px, 100vh\)", px)
    browser.script("document.querySelector('wegwijzer-vragenlijst').scrollIntoView()")
    browser.within()
    ready(browser)
    assert holds(browser, "document.fonts.check('1em \"Fira Sans\"')")
    assert browser.script("return getComputedStyle(document.querySelector('main button')).fontFamily").startswith(
        '"Fira'
    )


def left(browser, elsewhere):
    """Whether the whole window went elsewhere, and Back does not lead to us."""
    browser.without()
    holds(browser, "location.href === arguments[0]", f"{elsewhere.address}/")


def test_a_browser_that_is_not_there_is_a_failure(monkeypatch):
    for engine in ENGINES.values():
        for program in ("CHROMIUM", "FIREFOX", "XVFB", "WEBKIT_DRIVER"):
            monkeypatch.setattr(engines, program, "/nowhere/browser")
        with pytest.raises(engines.MissingBrowserError, match="scripts/setup browser"):
            engine(None)


# ---- on our own pages


def test_somebody_asks_goes_back_and_forth_and_leaves(browser, ours, elsewhere):
    browser.open(f"{ours.address}/vragen")
    ready(browser)
    assert len(answer_all(browser)) > 3
    browser.travel(-1)
    holds(browser, "document.querySelector('main .ww-control')?.name === 'organisation'")
    assert browser.script("return document.querySelector('main .ww-control:checked').value") == ANSWERS["organisation"]
    browser.travel(1)
    holds(browser, "!!document.querySelector('main .ww-do')")
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)
    with contextlib.suppress(RefusedError):  # where there is nothing before us
        browser.travel(-1)
    with contextlib.suppress(RefusedError):
        assert not browser.script("return location.href").startswith(ours.address)


def test_a_first_step_that_is_certain_can_be_seen_before_the_rest_is_answered(browser, ours, library):
    stand = earliest(library, TODAY)
    answers = {"concerns": stand.given.concerns[0], **stand.given.answers}
    browser.open(f"{ours.address}/vragen")
    ready(browser)
    press(browser)
    while (step := step_of(browser)) != stand.next:
        choose(browser, step, answers)
        press(browser)
    heading = browser.script("return document.querySelector('main [data-slot=certain]').textContent")
    press(browser, "show")
    assert shows_an_outcome(browser)
    assert browser.script("return document.querySelector('main h1').textContent") == heading
    press(browser)
    assert step_of(browser) == stand.next
    browser.travel(-1)
    holds(browser, "document.querySelector('main h1')?.textContent === arguments[0]", heading)


def test_a_press_on_a_page_that_has_just_come_chooses_nothing(browser, ours):
    """The half second lasts an hour here, so that no machine is too slow for it."""
    browser.open(f"{ours.address}/vragen")
    ready(browser)
    press(browser)
    choose(browser, step_of(browser))
    browser.script("const now = performance.now.bind(performance); performance.now = () => now() + 3600000")
    press(browser)
    browser.script("addEventListener('pointerup', () => (document.documentElement.dataset.pressed = 'yes'))")
    with contextlib.suppress(RefusedError):  # one engine says by itself that there is nothing to press
        browser.press("main .ww-control")
        holds(browser, "document.documentElement.dataset.pressed === 'yes'")
    assert browser.script("return document.documentElement.dataset.settling") == "yes"
    assert browser.script("return document.querySelector('main .ww-control:checked')") is None


def test_the_workbench_answers_a_change(browser, ours):
    browser.open(f"{ours.address}/adviseur")
    holds(browser, "document.querySelector('#print')?.offsetHeight > 0")
    before = browser.script("return document.querySelector('#doors').innerText")
    holds(browser, "document.documentElement.dataset.settling === 'no'")
    browser.press(f'[name="a.concerns"][value="{ANSWERS["concerns"]}"]')
    first = holds(browser, "(now => now !== arguments[0] && now)(document.querySelector('#doors').innerText)", before)
    browser.script(
        "document.querySelector(`[name='a.reporter'][value='${arguments[0]}']`).click()",
        ANSWERS["reporter"],
    )
    holds(browser, "document.querySelector('#doors').innerText !== arguments[0]", first)


# ---- on another site


def test_another_site_shows_the_questions_up_to_the_outcome_and_the_way_out(browser, host, ours, elsewhere):
    page = script_of(ours) + element(ours)
    browser.open(host.shows("/strict", page, Content_Security_Policy=strict(ours)))
    framed(browser)
    answer_all(browser)
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)


def test_the_guide_shows_it_live(browser, ours):
    browser.open(f"{ours.address}/insluiten")
    framed(browser)
    press(browser)
    assert step_of(browser)


# Time that passes when a test says so: what our script waits for is kept, and comes when it is called. (A driver may
# have timers of its own in the page.)
CLOCK = """<script>
const waiting = new Map(), timed = setTimeout, untimed = clearTimeout;
setTimeout = (act, time) => {
    if (!new Error().stack.includes("/wegwijzer.js")) return timed(act, time);
    waiting.set(-1 - waiting.size, act);
    return -waiting.size;
};
clearTimeout = (one) => waiting.has(one) ? waiting.set(one, () => {}) : untimed(one);
const muchLater = () => waiting.forEach((act) => act());
</script>"""
SHUT = {
    "details": "<details><summary id='open'>Hulp</summary>{}</details>",
    "tab": "<button id='open' onclick='shut.hidden = false'>Hulp</button><div id='shut' hidden>{}</div>",
    "accordion": (
        "<button id='open' onclick='shut.style.height = \"auto\"'>Hulp</button>"
        "<div id='shut' style='height: 0; overflow: hidden'>{}</div>"
    ),
}


@pytest.mark.parametrize("version", SCRIPTS.by_version)
@pytest.mark.parametrize("way", SHUT)
def test_what_is_shut_can_be_opened_much_later(browser, host, ours, way, version):
    tag = f'<script src="{ours.address}/embed/{version}/wegwijzer.js" defer></script>'
    browser.open(host.shows("/shut", CLOCK + tag + SHUT[way].format(element(ours))))
    holds(browser, "!!customElements.get('wegwijzer-vragenlijst')")
    # A version that begins at once has told its height by now; one that waits has nothing to wait for.
    holds(browser, f"!{FRAME} || {FRAME}.style.visibility === 'visible'")
    browser.script("muchLater()")
    browser.press("#open")
    framed(browser)
    press(browser)
    assert step_of(browser)


# What WordPress lets through of an oEmbed answer of a site that it does not know, and what it gives the frame then.
KEPT = {
    "a": {"href"},
    "blockquote": set(),
    "iframe": {"src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title"},
}
SECRET = "0a1B2c3D4e"
GIVEN = {"data-secret": SECRET, "class": "wp-embedded-content", "sandbox": "allow-scripts", "security": "restricted"}


class WordPress(HTMLParser):
    """Does what wp_filter_oembed_result() of its core does; `made` is what stands in the page then."""

    def __init__(self, html):
        super().__init__()
        self.made = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs if name in KEPT.get(tag, ())}
        if tag == "iframe":
            given |= {**GIVEN, "src": f"{given['src']}#?secret={SECRET}"}
        if tag in KEPT:
            said = "".join(f' {name}="{escape(value)}"' for name, value in given.items())
            self.made += f"<{tag}{said}>"

    def handle_endtag(self, tag):
        self.made += f"</{tag}>" if tag in KEPT else ""

    def handle_data(self, data):
        self.made += escape(data)


def test_wordpress_leaves_a_frame_nothing_but_scripts_and_it_goes_to_the_outcome(browser, host, ours, library):
    words = library.texts.interface["nl"]
    with urlopen(f"{ours.address}/oembed?url={quote(ours.address + '/', safe='')}") as answer:
        html = json.load(answer)["html"]
    browser.open(host.shows("/wordpress", WordPress(html).made))
    browser.script("document.querySelector('iframe').scrollIntoView()")
    browser.within()
    ready(browser)
    said = browser.script("const one = document.querySelector('#held'); return one.offsetHeight > 0 && one.innerText")
    assert said
    assert words["frame_held"] in said
    assert f"{ours.address}/vragen" in said
    press(browser)
    choose(browser, step_of(browser))
    press(browser, by=browser.enter)
    press(browser, "back")
    press(browser, "back")
    answer_all(browser)
    assert shows_an_outcome(browser)
    browser.press("#exit")
    holds(browser, "document.body.innerText.includes(arguments[0])", words["exit_refused"])
    assert not shows_an_outcome(browser)
