"""Two whole journeys as Orca says them: each question, where one chooses, what one chose, and the first step."""

from __future__ import annotations

import pytest
from conftest import TODAY, Served
from engines import tab_to
from orca import Heard
from running import until

from service.web.app import create_app
from service.web.settings import Settings


@pytest.fixture(scope="module")
def browser():
    one = Heard()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def ours(library):
    served = Served(create_app(library, settings=Settings(), today=lambda: TODAY))
    yield served
    served.stop()


TEXT = "const text = (of) => of.textContent.replace(/\\s+/g, ' ').trim(); return text(document.querySelector('%s'))"
# Where one stands and the question: there is a pause between the two.
PARTS = "return [...document.querySelector('main h1').childNodes].map((one) => one.textContent.trim()).filter(Boolean)"


@pytest.mark.parametrize(("language", "second"), [("nl", False), ("en", True)])
def test_a_whole_journey_is_spoken(browser, ours, library, language, second):
    """By keyboard alone: the first answer to each question, or the second."""
    words = library.texts.interface[language]
    browser.open(ours.address + library.site.addresses[language].questions)
    until(lambda: browser.script("return document.querySelector('#mode')?.dataset.mode === 'device'"))
    now = browser.says(words["mode_device"])

    def on():
        title = browser.script("return document.title")
        tab_to(browser, 'main button[value="next"]')
        browser.key("Enter")
        until(lambda: browser.script("return document.title !== arguments[0]", title))

    on()
    asked = 0
    while browser.script("return document.querySelector('main .ww-control') !== null"):
        asked += 1
        now = max(browser.says(one, now) for one in browser.script(PARTS))
        tab_to(browser, "main .ww-control")
        if second:
            browser.key("Down" if browser.script("return document.activeElement.type") == "radio" else "Tab")
        label = browser.script("return document.activeElement.labels[0].firstChild.textContent.trim()")
        now = browser.says(label.split(". ")[0].rstrip("."), now)
        browser.key("Space")
        on()
    assert asked > 2
    browser.says(browser.script(TEXT % "main h1"), now)
