"""Days that people fill in: refused at their field when they cannot be right, and files that any calendar can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import TODAY, Served
from deadlines import due
from journeys import journeys, make_interview
from ours import library
from running import LANGUAGES
from walking import arrive, hurry, settled, tab, unfold

from service.web.app import create_app
from service.web.settings import Settings

BOX = "[data-part=calendar]"
# Leap days, the ends of months, the days on which clocks change, and the ends of years: the day it is, and the start.
DAYS = [
    (date(2024, 2, 29), date(2024, 2, 29)),
    (date(2025, 2, 28), date(2024, 2, 29)),
    (date(2025, 3, 1), date(2024, 2, 29)),
    (date(2028, 3, 1), date(2028, 2, 29)),
    (date(2026, 2, 1), date(2026, 1, 31)),
    (date(2026, 1, 1), date(2025, 11, 30)),
    (date(2028, 1, 1), date(2027, 11, 30)),
    (date(2026, 9, 1), date(2026, 8, 31)),
    (date(2026, 3, 29), date(2026, 3, 29)),
    (date(2026, 4, 1), date(2026, 3, 22)),
    (date(2026, 10, 25), date(2026, 10, 18)),
    (date(2027, 1, 1), date(2026, 12, 31)),
    (date(2026, 12, 31), date(2025, 12, 31)),
    (date(2027, 1, 2), date(2025, 12, 31)),
    (date(2026, 6, 1), date(1950, 1, 1)),
]
EARLY = ["0001-01-01", "0026-02-01", "0099-12-31", "1926-02-01", "1949-12-31"]
LATE = [(TODAY + timedelta(days=1)).isoformat(), "2206-01-01", "9999-12-31", "275760-09-13"]


@cache
def with_terms():
    """Few journeys that together offer every term a journey can offer."""
    reading = make_interview(library(), TODAY)._reading
    offered = []
    for stand in journeys():
        rules = [rule for one in reading.decide(stand.situation, closed=False).referrals for rule in one.rules]
        offered.append((stand, {term for rule in rules for term in rule.terms}))
    missing, found = set().union(*(terms for _, terms in offered)), []
    while missing:
        stand, terms = max(offered, key=lambda one: len(one[1] & missing))
        found.append(stand)
        missing -= terms
    return found


def make(page):
    settled(page).locator(f"{BOX} button").click()


def read(download):
    """The file as a strict reader has it: every line and every value must be right."""
    body = Path(download.value.path()).read_bytes()
    lines = body.split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    import icalendar  # it reads a table of all time zones, for these tests alone

    found = icalendar.Calendar.from_ical(body)
    assert [*found.errors, *(error for one in found.walk() for error in one.errors)] == []
    assert found["version"] == "2.0"
    assert found["prodid"]
    events = found.walk("VEVENT")
    assert len({one["uid"] for one in events}) == len(events)
    assert all(isinstance(one["dtstamp"].dt, datetime) and one["summary"] == "Termijn" for one in events)
    assert not any(isinstance(one["dtstart"].dt, datetime) for one in events), "a whole day"
    return {(one["dtstart"].dt, str(one["description"])) for one in events}


ZONES = ["Europe/Amsterdam", "Pacific/Kiritimati", "America/Curacao"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_file_holds_the_terms_that_still_run_and_the_page_says_which_do_not(chromium, site, library, zone):
    """On every day for the first outcome, in each zone; zones and days take turns with the others."""
    terms, words = library.texts.terms, library.texts.interface["nl"]
    with tab(chromium, accept_downloads=True, timezone_id=zone) as page:
        arrive(page, site)
        first, *others = with_terms()
        for turn, stand in enumerate([first, *others[ZONES.index(zone) :: len(ZONES)]]):
            hurry(page, stand)
            unfold(page)
            fields = page.locator("[data-terms]")
            for noon, start in DAYS[turn % 5 :: 5] if turn else DAYS:
                noon = datetime.combine(noon, time(12), UTC)
                page.clock.set_system_time(noon)
                today = noon.astimezone(ZoneInfo(zone)).date()
                asked = [terms[id_] for one in fields.all() for id_ in one.get_attribute("data-terms").split()]
                for one in fields.all():
                    one.fill(start.isoformat())
                running = {(due(start, one), one.text["nl"]) for one in asked if due(start, one) >= today}
                if running:
                    with page.expect_download() as download:
                        make(page)
                    assert read(download) == running
                else:
                    make(page)
                    assert page.locator("[data-slot=calendarerror]").inner_text() == words["calendar_none"]
                for one in asked:
                    said = page.locator(f'[data-past="{one.id}"]').inner_text()
                    over = due(start, one)
                    last = f"{over.day} {words['months'].split()[over.month - 1]} {over.year}"
                    what = one.past["nl"] if one.past else words["calendar_past_ask"]
                    gone, runs = (words[one].replace("{date}", last) for one in ("calendar_past", "deadline_last"))
                    expected = f"{gone} {what}" if over < today else runs
                    assert said == expected
        assert page.wrong == []


def test_a_day_that_is_filled_in_gives_the_last_day_before_any_file_is_made(chromium, site, library):
    terms, words = library.texts.terms, library.texts.interface["nl"]
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, with_terms()[0])
        unfold(page)
        field = page.locator("[data-terms]").first
        (first, *_) = field.get_attribute("data-terms").split()
        said = page.locator(f'[data-past="{first}"]')
        for start in (TODAY, date(2000, 1, 31)):
            field.fill(start.isoformat())
            field.blur()
            last = due(start, terms[first])
            date_said = f"{last.day} {words['months'].split()[last.month - 1]} {last.year}"
            assert date_said in said.inner_text()
            assert said.inner_text().startswith(words["deadline_last" if start == TODAY else "calendar_past"][:8])
        assert page.wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_cannot_be_is_refused_at_its_field_and_the_advice_stays(chromium, site, library, language):
    words = library.texts.interface[language]
    with tab(chromium, accept_downloads=True) as page:
        downloads = []
        page.on("download", lambda one: downloads.append(one))
        arrive(page, site, language)
        hurry(page, with_terms()[0])
        unfold(page)
        field = page.locator("[data-terms]").last
        error = page.locator(f"[id='{field.get_attribute('id')}-error']")
        for values, kind in ((EARLY, "day_early"), (LATE, "day_late")):
            for value in values:
                field.fill(value)
                make(page)
                assert error.inner_text() == words[kind].replace("{year}", str(TODAY.year))
                assert field.get_attribute("aria-invalid") == "true"
                assert error.get_attribute("id") in field.get_attribute("aria-describedby").split()
                assert page.evaluate("document.activeElement.id") == field.get_attribute("id")
                assert not field.evaluate("(one) => one.validity.valid"), "the browser knows the same bounds"
                assert page.locator(".ww-do").count() >= 1
        field.fill("")
        field.focus()
        page.keyboard.type("12")
        make(page)
        assert error.inner_text() == words["day_unclear"]
        assert downloads == []
        field.fill(TODAY.isoformat())
        with page.expect_download():
            make(page)
        assert error.inner_text() == ""
        assert field.get_attribute("aria-invalid") == "false"
        assert page.wrong == []


def test_a_file_is_there_however_late_the_browser_takes_it(chromium, site):
    """It goes with the page. A clock that took it back after a second left a busy machine without a file."""
    with tab(chromium, accept_downloads=True) as page:
        arrive(page, site)
        hurry(page, with_terms()[0])
        page.evaluate("() => { window.takenBack = 0; URL.revokeObjectURL = () => { window.takenBack += 1; }; }")
        unfold(page)
        page.locator("[data-terms]").first.fill(TODAY.isoformat())
        with page.expect_download():
            make(page)
        page.clock.run_for(600_000)
        assert page.evaluate("window.takenBack") == 0


def test_the_start_of_a_term_that_may_come_lies_ahead_within_bounds(chromium, library):
    """What may still come is said with the term, by whoever writes it."""
    stand = with_terms()[0]
    terms = {id_: replace(one, may_come=True) for id_, one in library.texts.terms.items()}
    own = replace(library, texts=replace(library.texts, terms=terms))
    served = Served(create_app(own, settings=Settings(), today=lambda: TODAY))
    with tab(chromium, accept_downloads=True) as page:
        arrive(page, served)
        hurry(page, stand)
        unfold(page)
        field = page.locator("[data-terms]").first
        field.fill(LATE[0])
        with page.expect_download():
            make(page)
        for value in LATE[1:]:
            field.fill(value)
            make(page)
            error = page.locator(f"[id='{field.get_attribute('id')}-error']").inner_text()
            assert error == library.texts.interface["nl"]["day_far"]
    served.stop()


BROKEN = {
    "the fields": (BOX, "document.getElementById('start').remove()", None),
    "the file": (BOX, "URL.createObjectURL = () => { throw new Error() }", f"{BOX} button"),
    "the code": (
        "[data-part=code]",
        "document.getElementById('step-referral').content.querySelector('[data-slot=reveals]').remove()",
        None,
    ),
    "the print": (".ww-print", "print = () => { throw new Error() }", ".ww-print button"),
}


@pytest.mark.parametrize("part", BROKEN)
def test_what_fails_beside_the_advice_says_so_at_its_place_and_leaves_the_advice(chromium, site, library, part):
    box, fault, button = BROKEN[part]
    with tab(chromium) as page:
        arrive(page, site)
        page.evaluate(f"() => {{ {fault} }}")
        hurry(page, with_terms()[0])
        doors = page.locator("[data-destination]").count()
        assert doors > 1
        unfold(page)
        if part == "the file":
            page.locator("[data-terms]").first.fill(TODAY.isoformat())
        if button:
            settled(page).locator(button).click()
        assert page.locator("[data-destination]").count() == doors
        assert page.locator(f"{box} [data-failed]").text_content() == library.texts.interface["nl"]["part_failed"]
        assert page.locator(".ww-summary").count() == 1


# ---- the workbench


def test_the_workbench_refuses_a_day_at_its_field_and_says_when_it_has_yet_to_come(chromium, client, site, library):
    words = library.texts.interface["nl"]
    with tab(chromium) as page:
        page.goto(f"{site.address}/adviseur")
        page.wait_for_selector("[data-device-only]:visible")
        day = page.locator('[name="a.on"]')

        def said():
            return page.locator("[id='a.day-wrong']").inner_text(), page.locator("[id='a.day-ahead']").inner_text()

        for value in ("0026-01-01", "2019-06-19", "275760-09-13"):
            day.fill(value)
            assert said() == (words["advisor_wrong_day"], "")
            assert day.get_attribute("aria-invalid") == "true"
            assert TODAY.isoformat() in page.locator("[data-slot=receipt]").text_content()
        for value in ("2050-01-01", "9999-12-31"):
            day.fill(value)
            assert said() == ("", words["advisor_day_ahead"])
            assert value in page.locator("[data-slot=receipt]").text_content()
            assert words["advisor_day_ahead"] in client.post("/adviseur", data={"a.on": value}).text.replace(
                f'data-text="{words["advisor_day_ahead"]}"', ""
            )
        day.fill(TODAY.isoformat())
        assert said() == ("", "")
        assert page.wrong == []


@pytest.mark.parametrize("part", ["read", "case"])
def test_what_fails_beside_the_table_leaves_the_table(chromium, site, library, part):
    with tab(chromium) as page:
        page.goto(f"{site.address}/adviseur")
        page.wait_for_selector("[data-device-only]:visible")
        page.evaluate("() => { URL.createObjectURL = String.prototype.toUpperCase = () => { throw new Error() } }")
        page.fill("#code", "0")
        page.locator(".ww-case").evaluate("(one) => { one.open = true }")
        settled(page).locator(f'button[value="{part}"]').click()
        section = page.locator(".ww-bar, .ww-case", has=page.locator(f'button[value="{part}"]'))
        assert section.locator("[data-failed]").inner_text() == library.texts.interface["nl"]["part_failed"]
        assert page.locator("#doors [data-door]").count() > 1


def test_a_fault_in_the_table_itself_leaves_no_answer_of_other_answers_on_the_screen(chromium, site, library):
    with tab(chromium) as page:
        page.goto(f"{site.address}/adviseur")
        page.wait_for_selector("[data-device-only]:visible")
        page.evaluate("document.querySelector('#doors [data-group=closed]').remove()")
        settled(page).locator('[name="a.concerns"]').first.evaluate("(one) => one.click()")
        assert page.locator("main h1").inner_text() == library.texts.interface["nl"]["wrong_500_title"]
        assert page.locator("#doors").count() == 0
