"""What a screen reader has to say: roles, names, states and their order in the accessibility tree of each kind of page.

Names are found in the content, so an editor may write them otherwise. In all three engines: tests/test_browsers.py.
"""

from __future__ import annotations

import re
from itertools import cycle

import pytest
from conftest import TODAY
from journeys import journeys, longest
from playwright.sync_api import expect
from running import LANGUAGES
from walking import QUESTIONS, arrive, choose, hurry, loaded, press, step_of, tab

from service.core.interview import ORGANISATION

USED = {"link", "button", "radio", "checkbox", "searchbox", "textbox", "combobox", "spinbutton"}
LINE = re.compile(r"^( *)- '?(\w+)(?: (\"(?:[^\"\\]|\\.)*\"))?((?: \[[^]]*\])*)'?(?::(?: (.*))?)?$", re.MULTILINE)


def spoken(page, part="body"):
    """The tree, as role, name or text, and states of each element in order."""
    tree = page.locator(part).aria_snapshot()
    return [
        (role, (name or text).strip("\"'").replace('\\"', '"').replace("''", "'"), states.strip())
        for _, role, name, states, text in LINE.findall(tree)
    ]


def names(said, role):
    return [name for one, name, _ in said if one == role]


def sound(page, words):
    """What holds of every page: one main heading, a name for what can be used, and the way out before the rest."""
    said = spoken(page)
    assert [name for role, name, states in said if role == "heading" and "level=1" in states], "a page says what it is"
    assert sum(role == "heading" and "level=1" in states for role, _, states in said) == 1
    assert [one for one in said if one[0] in USED and not one[1]] == []
    order = [role for role, _, _ in said if role in ("banner", "main", "complementary", "contentinfo")]
    assert order == ["banner", "main", "complementary", "contentinfo"]
    assert ("link", words["exit"], "") in said[: [role for role, _, _ in said].index("main")]
    assert page.title().strip()
    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_a_group_with_its_answers_and_says_how_far_one_is(chromium, site, library, app, language):
    """Of the longest way: several answers, one answer, the ladder of privacy, the search for an organisation."""
    words, presenter = library.texts.interface[language], app.extensions["wegwijzer"].presenter(language)
    stand, facts = longest(), {one.id: one for one in library.rulebase.vocabulary.facts}
    given = {**stand.given.answers, "concerns": stand.given.concerns, ORGANISATION: stand.given.organisation}
    with tab(chromium) as page:
        arrive(page, site, language)
        assert words["mode_device"] in names(sound(page, words), "paragraph"), "a live region says where answers go"
        assert page.locator("#mode").get_by_role("paragraph").count() == 1
        assert "status" in [role for role, _, _ in spoken(page, "main")]
        press(page)
        titles = [page.title()]
        while step := step_of(page):
            said = sound(page, words)
            said = said[said.index(next(one for one in said if one[0] == "main")) + 1 :]
            asked = presenter.question(facts[step]) if step in facts else None
            text = asked.text if asked else words["organisation_ask"]
            said = said[[role for role, _, _ in said].index("group") :]
            for role, (kind, name, _) in zip(("group", "heading"), said, strict=False):
                assert kind == role
                position, _, question = name.partition(text)
                assert question == "", name
                assert re.search(r"\d", position), "how far one is, is spoken with the question"
            assert page.evaluate("document.activeElement.tagName") == "H1", "so it is spoken"
            controls = [one for one in said if one[0] in ("radio", "checkbox")]
            if asked:
                labels = (*asked.labels.values(), *(one.text[language] for one in library.texts.examples))
                assert all(name.startswith(labels) for _, name, _ in controls)
                assert {role for role, _, _ in controls} == {"checkbox" if asked.several else "radio"}
            else:
                assert names(said, "searchbox") == [words["organisation_search"]]
            at = {one: number for number, one in enumerate(said)}
            assert at[controls[-1]] < at[("button", words["next"], "")] < at[("button", words["back"], "")]
            wanted = given.get(step) or [page.locator("main .ww-control").last.get_attribute("value").strip()]
            choose(page, step, [wanted] if isinstance(wanted, str) else wanted)
            chosen = [states for role, _, states in spoken(page, "main") if role in ("radio", "checkbox")]
            assert "[checked]" in chosen
            press(page)
            titles.append(page.title())
        assert len(set(titles)) == len(titles), "each page has a title of its own"
        sound(page, words)


def test_a_search_says_how_many_it_found(chromium, site, library, app):
    words, presenter = library.texts.interface["nl"], app.extensions["wegwijzer"].presenter("nl")
    with tab(chromium) as page:
        arrive(page, site)
        hurry(page, next(one for one in journeys() if one.given.organisation))
        press(page, f"change:{ORGANISATION}")
        page.locator("#q").fill(next(one.name for one in presenter.listed(TODAY)))
        expect(page.get_by_role("status").filter(has_text=re.compile(r"\d"))).to_be_visible()
        page.locator("#q").fill("qqqqq")
        none = re.escape(words["organisation_none_other"]).replace(re.escape("{name}"), ".+")
        expect(page.get_by_role("status").filter(has_text=re.compile(none))).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_spoken_and_stands_with_what_it_is_about(chromium, site, library, language):
    words = library.texts.interface[language]
    with tab(chromium) as page:
        arrive(page, site, language)
        press(page)
        press(page)
        said = sound(page, words)
        expect(page.locator(":focus")).to_contain_text(words["error_title"])
        group = page.get_by_role("group", name=page.locator("h1").inner_text())
        (message,) = {name for name in names(said, "link") if name in group.inner_text()}
        expect(group).to_have_accessible_description(re.compile(re.escape(message)))
        assert page.title().startswith(words["error_mark"])
        page.get_by_role("link", name=message).click()
        assert page.evaluate("document.activeElement.matches('main .ww-control')")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_outcome_says_the_step_what_to_do_and_what_is_folded(chromium, site, library, language):
    words = library.texts.interface[language]
    with tab(chromium) as page:
        arrive(page, site, language)
        for stand in (next(one for one in journeys() if one.given.organisation), longest()):
            hurry(page, stand)
            said = sound(page, words)
            (step,) = (name for role, name, states in said if role == "heading" and "level=1" in states)
            assert page.title().startswith(step)
            assert page.evaluate("document.activeElement.tagName") == "H1"
            heads = names(said, "heading")
            assert heads.index(step) < heads.index(words["heading_act"])
            folds = [name for role, name, _ in said if role == "group"]
            assert words["why_title"] in folds
            assert all(folds), "every fold says what it holds"
            terms = [words[one] for one in ("fact_name", "fact_hear")]
            assert [one for one in names(said, "term") if one in terms][:2] == terms


OTHERS = ("start", "statement", "book", "advisor", "guide")


@pytest.mark.parametrize(("page_", "language"), [*zip(OTHERS, cycle(LANGUAGES), strict=False)])
def test_every_other_page_is_sound(chromium, site, library, page_, language):
    with tab(chromium) as page:
        loaded(page, site.address + getattr(library.site.addresses[language], page_))
        said = sound(page, library.texts.interface[language])
        assert page.locator("html").get_attribute("lang") == language
        others = [one.name for code, one in library.site.locales.items() if code != language]
        assert set(others) <= set(names(said, "link"))


def test_leaving_says_so_and_nothing_else(chromium, site, elsewhere, library):
    with tab(chromium) as page:
        page.route(f"{elsewhere.address}/**", lambda route: route.fulfill(status=204))
        page.goto(site.address + QUESTIONS["nl"])
        page.wait_for_selector('#mode[data-mode="device"]')
        page.get_by_role("link", name=library.texts.interface["nl"]["exit"]).click()
        page.get_by_role("alert").wait_for()
        assert spoken(page) == [("alert", library.texts.interface["nl"]["leaving"], "")]
