"""What people do, in each engine that their browsers have: ask, leave, meet the questions on another site, advise.

The other tests of pages look closely, in Chromium. These look whether the rest of the world can do it at all.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
from itertools import cycle
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import cms
import engines
import pytest
from conftest import TODAY, Served
from engines import ENGINES, PATIENCE, RefusedError, tab_to
from folders import start, written
from hosts import SCRIPTS, element, strict
from hosts import script as script_of
from journeys import earliest, shortest
from running import free_port, until

from service.serving.static_site import files
from service.web.app import create_app
from service.web.embedding.snippets import Choice, Snippets
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


@pytest.fixture(scope="module")
def folder(university, host, elsewhere):
    """The folder of the small rulebase on nginx, which lets `host` show its frame; and where it is on the disk."""
    root, port = Path(tempfile.mkdtemp()), free_port()  # not below pytest's own: a web server reads as somebody else
    root.chmod(0o755)
    address = f"http://127.0.0.1:{port}"
    settings = Settings(exit=f"{elsewhere.address}/", embed=(host.origin,), address=address)
    app = create_app(university, settings=settings, today=lambda: TODAY)
    site = written(root / "site", files(app, settings, "letters"))
    running = start("nginx", root, site, port)
    running.site = site
    yield running
    running.stop()
    shutil.rmtree(root)


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

    browser.script("document.querySelectorAll('main .ww-more').forEach((one) => (one.open = true))")

    def chosen():
        if not browser.script("return document.querySelector(arguments[0]).checked", control):
            with contextlib.suppress(RefusedError):
                browser.press(control)
        return browser.script("return document.querySelector(arguments[0]).checked", control)

    until(chosen, PATIENCE)


def answer_all(browser, answers=ANSWERS):
    """From the page before the first question to the page that shows the answers; gives the steps."""
    steps = []
    press(browser)
    while step := step_of(browser):
        steps.append(step)
        choose(browser, step, answers)
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


def test_a_question_is_heard_with_where_somebody_stands_and_its_button_follows_the_answers(browser, ours, library):
    """On a small screen, by what has the focus: a screen reader begins there."""
    words = library.texts.interface["nl"]
    browser.open(f"{ours.address}/vragen")
    browser.size(320, 640)
    ready(browser)
    press(browser)
    number = 0
    while step := step_of(browser):
        number += 1
        heard, title = browser.script(
            "return [document.activeElement.matches('main h1') && document.activeElement.innerText, document.title]"
        )
        asked = words["organisation_ask"] if step == "organisation" else library.texts.questions[step]["nl"].ask
        position, _, question = heard.partition("\n")
        assert position.startswith(words["position"].split("{most}")[0].replace("{number}", str(number)))
        assert question == asked
        assert title.startswith(f"{asked} – {position}")
        gap, help_below = browser.script(
            "const at = (one) => document.querySelector(one)?.getBoundingClientRect();"
            "const button = at('main button[value=next]'), help = at('main .ww-help');"
            "return [button.top - at('main .ww-fieldset').bottom, !help || help.top > button.bottom]"
        )
        assert 0 < gap < 32
        assert help_below
        choose(browser, step)
        press(browser)
    assert number > 3


def test_an_answer_that_stands_alone_takes_the_others_away_and_they_take_it_away(browser, ours, library):
    (alone,) = library.texts.layouts["concerns"].alone
    browser.open(f"{ours.address}/vragen")
    ready(browser)
    press(browser)
    holds(browser, "document.documentElement.dataset.settling === 'no'")

    def values(which=""):
        controls = f"[...document.querySelectorAll('main .ww-control{which}')]"
        return browser.script(f"return {controls}.map((one) => one.value)")

    one, other = values()[:2]
    for value, then in ((one, [one]), (other, [one, other]), (alone, [alone]), (other, [other])):
        browser.press(f'main .ww-control[value="{value}"]')
        assert values(":checked") == then


def test_the_whole_way_goes_by_keyboard_alone_on_a_narrow_screen_and_is_spoken(browser, ours):
    """What is asked and what can be answered, as each engine itself hands it to a screen reader."""
    browser.open(f"{ours.address}/vragen")
    browser.size(320, 640)
    ready(browser)

    def on():
        assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
        tab_to(browser, 'main button[value="next"]')
        press(browser, by=lambda: browser.key("Enter"))

    on()
    asked = 0
    while step := step_of(browser):
        asked += 1
        question, kind, label = browser.script(
            "const one = document.querySelector('main .ww-control');"
            "const text = (of) => of.textContent.replace(/\\s+/g, ' ').trim();"
            "return [text(document.querySelector('h1')), one.type, text(one.labels[0])]"
        )
        for role, name in (("heading", question), ("group", question), (kind, label)):
            assert browser.speaks(role, name) == 1, (step, role, name)
        tab_to(browser, "main .ww-control")
        browser.key("Space")
        assert browser.script("return document.activeElement.checked")
        on()
    assert asked > 2
    assert shows_an_outcome(browser)
    assert browser.speaks("heading", browser.script("return document.querySelector('h1').textContent")) == 1
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


def test_a_first_step_that_is_certain_can_be_seen_before_the_rest_is_answered(browser, ours, library):
    stand = earliest(library, TODAY)
    answers = {"concerns": stand.given.concerns[0], **stand.given.answers}
    browser.open(f"{ours.address}/vragen")
    ready(browser)
    press(browser)
    while (step := step_of(browser)) != stand.next:
        choose(browser, step, answers)
        press(browser)
    heading, said = browser.script(
        "const spoken = document.getElementById(document.querySelector('main h1').getAttribute('aria-describedby'));"
        "return [document.querySelector('main [data-slot=certain]').textContent, spoken.textContent]"
    )
    assert heading in said, "it is said with the question, which has the focus"
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
    answer_all(browser, shortest())
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)


def test_a_folder_of_files_shows_them_up_to_the_outcome_and_the_way_out(browser, host, folder, elsewhere):
    page = script_of(folder) + element(folder)
    browser.open(host.shows("/folder", page, Content_Security_Policy=strict(folder)))
    framed(browser)
    assert browser.script("return self.origin") == "null"
    assert "organisation" in answer_all(browser, {})
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)


def test_a_page_from_a_disk_says_why_it_asks_nothing_and_leads_to_the_rules(browser, folder, university):
    """No browser lets scripts of the kind that we need run from there."""
    for language, one in university.site.locales.items():
        browser.open((folder.site / one.files.questions).as_uri())
        said = university.texts.interface[language]["mode_disk"]
        holds(browser, "document.querySelector('#mode').innerText.trim() === arguments[0]", said)
        assert browser.script("return document.querySelector('main button').disabled")
        assert browser.script("return document.querySelector('#alone a').href").endswith(f"/{one.files.book}")
        assert browser.script("return document.querySelector('#alone a').offsetHeight") > 0
        browser.open((folder.site / one.files.advisor).as_uri())
        told = university.texts.interface[language]["advisor_alone"]
        assert told in browser.script("return document.querySelector('#mode').innerText")


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


OLDER = [one for one in SCRIPTS.by_version if one != SCRIPTS.newest]


@pytest.mark.parametrize(
    ("way", "version"), [*((way, SCRIPTS.newest) for way in SHUT), *zip(cycle(SHUT), OLDER, strict=False)]
)
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


def oembed(ours):
    """The code that a site gets which asks what to show for our address."""
    with urlopen(f"{ours.address}/oembed?url={quote(ours.address + '/', safe='')}") as answer:
        return json.load(answer)["html"]


def test_wordpress_leaves_a_frame_nothing_but_scripts_and_it_goes_to_the_outcome_and_out(
    browser, host, ours, elsewhere, library
):
    words = library.texts.interface["nl"]
    browser.open(host.shows("/wordpress", cms.wordpress(oembed(ours))))
    browser.size(1280, 1200)  # the site around a frame scrolls for a person, not for a driver
    holds(browser, "document.querySelector('blockquote').offsetHeight === 0")
    assert 320 <= int(browser.script("return document.querySelector('iframe').height")) <= 1000
    browser.script("document.querySelector('iframe').scrollIntoView()")
    browser.within()
    ready(browser)
    said = browser.script("const one = document.querySelector('#held'); return one.offsetHeight > 0 && one.innerText")
    assert said
    assert words["frame_held"] in said
    assert f"{ours.address}/vragen" in said
    press(browser)
    choose(browser, step_of(browser))
    press(browser, by=lambda: browser.key("Enter"))
    press(browser, "back")
    press(browser, "back")
    answer_all(browser, shortest())
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)


def test_wordpress_shows_a_link_where_we_may_not_be_shown(browser, host, library):
    served = Served(create_app(library, settings=Settings(), today=lambda: TODAY))
    browser.open(host.shows("/wordpress-not", cms.wordpress(oembed(served))))

    def there():
        with contextlib.suppress(RefusedError):  # a page that has just come takes no pointer
            browser.press("blockquote a")
        return browser.script("return location.href === arguments[0]", f"{served.address}/")

    until(there, PATIENCE)
    served.stop()


def test_a_frame_that_kept_nothing_but_its_address_goes_to_the_outcome_and_out(browser, host, ours, elsewhere, library):
    """As SharePoint leaves it, the strictest of those that leave one. What it may not do, it says itself."""
    code = Snippets(ours.address, library.site.addresses, SCRIPTS).frame(Choice("nl"), "Wegwijzer")
    browser.open(host.shows("/bare", cms.Filtered(code, "sharepoint", sites=("127.0.0.1",)).made))
    browser.script("document.querySelector('iframe').scrollIntoView()")
    browser.within()
    ready(browser)
    assert browser.script("return self.origin") == "null"
    answer_all(browser, shortest())
    assert shows_an_outcome(browser)
    browser.press("#exit")
    left(browser, elsewhere)
