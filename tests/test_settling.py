"""A press that comes shortly after a page has changed means the page that is gone: it does nothing.

Each press of these tests is made twice, 120 milliseconds apart, as people do who learnt to double click. The clock of
the page stands still but for that, so nothing here hangs on how fast a machine is.
"""

from __future__ import annotations

from datetime import datetime, time

import pytest
from conftest import TODAY, Served
from hosts import Host, element, inside, script
from journeys import answered, make_interview, nodes_ahead, options, profiles
from running import until
from walking import MAIN, arrive, press, settled, tab

from service.core.interview import Given
from service.web.app import create_app
from service.web.settings import Settings

SIZES = {
    "desktop": {"width": 1280, "height": 900},
    "laptop": {"width": 1024, "height": 600},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 390, "height": 844},
    "320": {"width": 320, "height": 640},
}
WAYS = [
    ("mouse", "desktop"),
    ("mouse", "320"),
    ("mouse", "laptop"),
    ("mouse", "tablet"),
    ("mouse", "phone"),
    ("touch", "phone"),
    ("touch", "320"),
    ("Enter", "desktop"),
    ("Space", "320"),
]
BETWEEN = 120  # milliseconds between two presses


def met(journey, concern, organisations):
    """Ways to the end for one concern: the steps with what is answered at each, as a person meets them.

    From where two of them have the same ahead, after the same step, only one goes on in every way.
    """
    todo, seen = [(answered(Given(), journey.steps[0], (concern,)), [(journey.steps[0], [concern])])], set()
    while todo:
        given, steps = todo.pop()
        stand = journey.at(given)
        ahead = (steps[-1][0], stand.next, nodes_ahead(journey._reading, concern, stand.given.answers or {}))
        if stand.next is None:
            yield steps
            continue
        possible = options(journey._vocabulary, stand.next, organisations)
        for answer in possible[:1] if ahead in seen else possible:
            todo.append((answered(stand.given, stand.next, answer), [*steps, (stand.next, [answer])]))
        seen.add(ahead)


@pytest.fixture(scope="module")
def ways_through(library):
    """Few ways that together meet every step, each by the concerns that ask it; what was before it is gone."""
    journey, found = make_interview(library, TODAY), []
    for concern in journey._reading.concerns:
        all_ = [(steps, {step for step, _ in steps}) for steps in met(journey, concern, profiles(library, TODAY))]
        missing = set().union(*(asked for _, asked in all_))
        while missing:
            steps, asked = max(all_, key=lambda one: len(one[1] & missing))
            found.append(steps)
            missing -= asked
    assert len(found) >= len(WAYS)
    return found


def still(page):
    """Stop the page's clock: from here on its time passes only when a test says so."""
    page.clock.pause_at(datetime.combine(TODAY, time(13)))


def twice(page, way, to="next"):
    """Press a button twice at one place, or by one key; the page may be another one at the second time."""
    settled(page)
    place = page.evaluate(FIND, to)
    for number in (1, 2):
        if way == "mouse":
            page.mouse.click(*place, click_count=number)
        elif way == "touch":
            page.touchscreen.tap(*place)
        else:
            page.keyboard.press(way)
        page.clock.run_for(BETWEEN)


# Where a button is; the keyboard is put on it as well.
FIND = """(to) => {
    const button = document.querySelector(`main button[value="${to}"]`);
    button.scrollIntoView({ block: "nearest", behavior: "instant" });
    button.focus({ preventScroll: true });
    const { left, top, width, height } = button.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
}"""
# A page with nothing chosen on it, and focus where a reader begins.
UNTOUCHED = """() => ({
    step: document.querySelector("main .ww-control")?.name,
    chosen: document.querySelectorAll("main .ww-control:checked").length,
    wrong: document.querySelectorAll("main .ww-alert--error").length,
    focus: document.activeElement.tagName,
})"""
CHOOSE = """(answers) => {
    const controls = [...document.querySelectorAll("main .ww-control")];
    if (controls.length && !controls.some((one) => answers.includes(one.value))) {
        controls.at(-1).value = answers[0]; // an organisation that a search would have shown
    }
    controls.forEach((one) => {
        one.checked = answers.includes(one.value);
    });
}"""


@pytest.mark.parametrize("turn", range(len(WAYS)), ids=["-".join(one) for one in WAYS])
def test_a_second_press_does_nothing_after_any_step(chromium, site, ways_through, turn):
    """The ways and screens take turns."""
    way, size = WAYS[turn]
    mine = ways_through[turn :: len(WAYS)]
    with tab(chromium, viewport=SIZES[size], has_touch=way == "touch") as page:
        arrive(page, site)
        still(page)
        for steps in mine:
            twice(page, way)
            for step, answers in steps:
                seen = page.evaluate(UNTOUCHED)
                assert seen == {"step": step, "chosen": 0, "wrong": 0, "focus": "H1"}
                page.evaluate(CHOOSE, answers)
                twice(page, way)
            assert page.locator(".ww-do").count() == 1
            press(page, "again")
            page.wait_for_selector("#mode")
        assert page.wrong == []


def first_question(page, site):
    arrive(page, site)
    still(page)
    press(page)
    assert page.locator(SETTLING).count() == 1, "it has just come"


def checked(page):
    return page.locator(f"{MAIN} .ww-control:checked").count()


def place_of(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


SETTLING = 'html[data-settling="yes"]'
LABEL, CONTROL = f"{MAIN} .ww-option-label", f"{MAIN} .ww-control"
CHOOSES = {
    "mouse on a label": lambda page: page.mouse.click(*place_of(page, LABEL)),
    "mouse on a control": lambda page: page.mouse.click(*place_of(page, CONTROL)),
    "touch": lambda page: page.touchscreen.tap(*place_of(page, LABEL)),
    "Space": lambda page: (page.keyboard.press("Tab"), page.keyboard.press("Space")),
}


@pytest.mark.parametrize("how", CHOOSES)
def test_a_press_counts_after_half_a_second_and_not_before(chromium, site, how):
    with tab(chromium, has_touch=True) as page:
        first_question(page, site)
        CHOOSES[how](page)
        assert checked(page) == 0
        page.clock.run_for(400)
        CHOOSES[how](page) if how != "Space" else page.keyboard.press("Space")
        assert checked(page) == 0
        page.clock.run_for(200)
        assert page.locator(SETTLING).count() == 0, "half a second, and the moment in which the page was painted"
        CHOOSES[how](page) if how != "Space" else page.keyboard.press("Space")
        assert checked(page) == 1
        assert page.wrong == []


def test_an_arrow_on_a_control_that_has_focus_waits_as_well(chromium, site):
    with tab(chromium) as page:
        first_question(page, site)
        page.evaluate(CHOOSE, ["unsure"])
        press(page)
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert checked(page) == 0
        settled(page).keyboard.press("ArrowDown")
        assert checked(page) == 1


def test_a_press_that_began_too_early_does_nothing_however_late_it_ends(chromium, site):
    with tab(chromium) as page:
        first_question(page, site)
        page.mouse.move(*place_of(page, LABEL))
        page.mouse.down()
        settled(page).mouse.up()
        assert checked(page) == 0
        page.mouse.click(*place_of(page, LABEL))
        assert checked(page) == 1, "the next one counts"
        press(page)
        page.keyboard.press("Tab")
        page.keyboard.down("Space")
        settled(page)
        page.keyboard.down("Space")  # it repeats
        page.keyboard.up("Space")
        assert checked(page) == 0
        page.keyboard.press("Space")
        assert checked(page) == 1


def test_what_clicks_without_a_pointer_that_went_down_is_heard(chromium, site):
    """As voice control in a browser does; also right after a press that was refused."""
    with tab(chromium) as page:
        first_question(page, site)
        page.mouse.click(*place_of(page, LABEL))
        assert checked(page) == 0
        settled(page)
        page.locator(CONTROL).first.evaluate("(one) => one.click()")
        assert checked(page) == 1


@pytest.mark.parametrize("how", ["mouse", "shift"])
def test_the_way_out_works_at_once(chromium, site, elsewhere, how):
    with tab(chromium) as page:
        first_question(page, site)
        if how == "mouse":
            page.mouse.click(*place_of(page, "#exit"))
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
        page.wait_for_url(f"{elsewhere.address}/")


def test_pressing_back_or_change_twice_goes_one_page(chromium, site):
    with tab(chromium) as page:
        first_question(page, site)
        for step in ("concerns", "reporter"):
            settled(page)
            assert page.evaluate(UNTOUCHED)["step"] == step
            page.locator(CONTROL).first.evaluate("(one) => { one.checked = true }")
            press(page)
        third = page.evaluate(UNTOUCHED)["step"]
        assert third != "reporter"
        twice(page, "mouse", "back")
        page.wait_for_selector(f'{MAIN} .ww-control[name="reporter"]')
        assert page.locator(f"{CONTROL}:checked").count() == 1
        press(page)
        assert page.evaluate(UNTOUCHED) == {"step": third, "chosen": 0, "wrong": 0, "focus": "H1"}


def test_an_error_is_a_page_of_its_own(chromium, site):
    with tab(chromium) as page:
        first_question(page, site)
        twice(page, "mouse")
        seen = page.evaluate(UNTOUCHED)
        assert (seen["chosen"], seen["wrong"], seen["focus"]) == (0, 1, "H2")


def test_a_page_that_is_loaded_waits_as_well(chromium, site):
    """The button on the start page is pressed twice: on the page after it the second press does nothing."""
    with tab(chromium) as page:
        page.goto(site.address)
        still(page)
        settled(page)
        place = place_of(page, ".ww-start")
        page.mouse.click(*place)
        page.wait_for_selector('#mode[data-mode="device"]')
        for selector in (f"{MAIN} button", ".ww-footer a", ".ww-languages a", ".ww-brand"):
            page.locator(selector).first.scroll_into_view_if_needed()
            page.mouse.click(*place_of(page, selector))
        assert page.locator("#mode").count() == 1
        assert page.url.endswith("/vragen")
        press(page)
        assert page.locator(CONTROL).count()


def test_the_workbench_does_not_take_back_what_is_pressed_twice(chromium, site):
    with tab(chromium) as page:
        page.goto(f"{site.address}/adviseur")
        page.wait_for_selector("[data-device-only]:visible")
        still(page)
        twice(page, "mouse", "compare")
        assert page.locator("#changes").count() == 1


def test_in_a_frame_a_second_press_does_nothing_either(chromium, library, elsewhere):
    host = Host()
    settings = Settings(exit=f"{elsewhere.address}/", embed=(host.origin,))
    ours = Served(create_app(library, settings=settings, today=lambda: TODAY))
    address = host.shows("/twice", script(ours) + element(ours))
    with tab(chromium) as page:
        page.goto(address)
        frame = inside(page)
        still(page)
        settled(frame)
        page.locator("wegwijzer-vragenlijst").scroll_into_view_if_needed()
        for _ in range(2):
            box = frame.locator(f'{MAIN} button[value="next"]').bounding_box()
            place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            for number in (1, 2):
                page.mouse.click(*place, click_count=number)
                page.clock.run_for(BETWEEN)
            seen = frame.evaluate(UNTOUCHED)
            assert (seen["chosen"], seen["wrong"]) == (0, 0)
            settled(frame)
            frame.evaluate(CHOOSE, ["unsure"])
        assert page.wrong == []
    ours.stop()
    host.stop()


# ---- without JavaScript a style sees to it, for a pointer; animations are held still, so that no time passes


TAKES = f"getComputedStyle(document.querySelector('{MAIN}')).pointerEvents"


POINTERS = [("mouse", "desktop", "no-preference"), ("mouse", "320", "reduce"), ("touch", "320", "reduce")]


@pytest.mark.parametrize("turn", range(len(POINTERS)), ids=["-".join(one) for one in POINTERS])
def test_without_javascript_a_second_press_of_a_pointer_does_nothing_either(chromium, site, ways_through, turn):
    """Each pointer takes a way through of its own: on every page it is the same style that sees to it."""
    way, size, motion = POINTERS[turn]
    settings = {"viewport": SIZES[size], "has_touch": way == "touch", "reduced_motion": motion}
    with tab(chromium, java_script_enabled=False, **settings) as page:
        page.scripted = False
        animations = page.context.new_cdp_session(page)
        animations.send("Animation.enable")

        def pass_(rate):
            animations.send("Animation.setPlaybackRate", {"playbackRate": rate})

        def tap(place):
            page.touchscreen.tap(*place) if way == "touch" else page.mouse.click(*place)

        def both(to="next"):
            pass_(1000)
            until(lambda: page.evaluate(TAKES) == "auto")
            pass_(0)
            place = page.evaluate(FIND, to)
            with page.expect_navigation():
                tap(place)
            address, title = page.url, page.title()
            tap(place)
            return address, title

        page.goto(f"{site.address}/vragen")
        before = both()
        for step, answers in ways_through[turn * len(ways_through) // len(POINTERS)]:
            assert page.evaluate(TAKES) == "none"
            seen = page.evaluate(UNTOUCHED)
            assert (seen["step"], seen["chosen"], seen["wrong"]) == (step, 0, 0)
            assert (page.url, page.title()) == before
            page.evaluate(CHOOSE.replace("one.value", "one.value.trim()"), answers)
            before = both()
        assert page.locator(".ww-do").count() == 1


def test_without_javascript_the_way_out_works_at_once(chromium, site, elsewhere):
    with tab(chromium, java_script_enabled=False) as page:
        animations = page.context.new_cdp_session(page)
        animations.send("Animation.enable")
        animations.send("Animation.setPlaybackRate", {"playbackRate": 0})
        page.goto(f"{site.address}/vragen")
        assert page.evaluate(TAKES) == "none"
        page.mouse.click(*place_of(page, "#exit"))
        page.wait_for_url(f"{elsewhere.address}/")
