"""The whole rulebase to read: nothing left out, the map says what the rules say, and it stands alone as files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from functools import cache
from html import unescape

import pytest
import small
from click.testing import CliRunner
from conftest import TODAY
from looks import LOOKS, faults
from walking import tab

from service.answers.phrases import conditions_of
from service.answers.presenter import Presenter
from service.cli.main import main
from service.core.decision import Way
from service.core.graph import count_paths
from service.core.rule import STRENGTH
from service.publishing.strip import MOST, strips
from service.rulebook.coverage import sentences

ADDRESS = {"nl": "/regels", "en": "/rules"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ADDRESS)
def test_every_rule_of_an_edition_stands_there_with_its_digest_and_no_other(client, language, library):
    for edition in library.rulebase.editions:
        html = unescape(client.get(f"{ADDRESS[language]}?on={edition.id}").text)
        assert edition.digest in html
        tabled = re.findall(r'<th scope="row"><a [^>]*>([\w.]+)</a></th>', html)
        assert sorted(tabled) == sorted(one.id for one in edition.rules)
        for rule in edition.rules:
            assert all(one.says[language] in html for one in rule.doubts)
            for one in rule.citations:
                assert f"{library.texts.sources[one.source].short}, {one.locator}" in html


def test_without_a_day_the_rules_of_today_are_shown_and_another_day_is_refused(client, library):
    assert library.rulebase.on(TODAY).digest in client.get("/regels").text
    for wrong in ("2019-06-21", "geheim-7f3a"):
        response = client.get(f"/rules?on={wrong}")
        assert response.status_code == 400
        assert wrong not in response.text


def test_every_day_says_which_rules_began_and_ended(client, library):
    html = client.get("/regels").text
    for day in library.days:
        begun = [one.id for one in library.rulebase.rules if one.since == day.day]
        ended = [one.id for one in library.rulebase.rules if one.until == day.day]
        part = re.split(rf"{day.day.isoformat()}(?:</a>)?</h3>", html)[1].split("</section>")[0]
        assert re.findall(r"<li><a [^>]*>([\w.]+)</a>: ", part) == [*begun, *ended]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "turn"), [("nl", 0), ("en", 5)])
def test_every_rule_has_an_address_with_all_it_says_also_when_it_has_ended(client, library, language, turn):
    other = next(one for one in ADDRESS if one != language)
    for rule in library.rulebase.rules[turn::10]:
        response = client.get(f"{ADDRESS[language]}/{rule.id}")
        assert response.status_code == 200
        html = unescape(response.text)
        assert rule.why[language] in html
        for story in (rule.example, rule.near_miss):
            assert story.name in html
        for one in rule.citations:
            assert (one.quote or "") in html
            source = f"{ADDRESS[language]}/{library.texts.interface[language]['book_sources_at']}/{one.source}"
            anchors = re.findall(rf'href="{re.escape(source)}#([a-z0-9-]+)"', html)
            assert anchors
            assert all(f'id="{anchor}"' in client.get(source).text for anchor in anchors)
        for edition in library.rulebase.editions:
            assert html.count("●") == sum(rule in one.rules for one in library.rulebase.editions), edition.id
        assert (library.texts.interface[language]["cited_stays"] in html) is (rule.until is not None)
        assert f'href="{ADDRESS[other]}/{rule.id}"' in html, "the other language has the same page"
        assert f'href="{ADDRESS[language]}/{rule.refer}"' in html


@pytest.mark.parametrize("language", ADDRESS)
def test_every_source_leads_from_each_of_its_sentences_to_the_rules_on_it(client, library, language):
    at = library.texts.interface[language]["book_sources_at"]
    for id_ in list(library.texts.sources)[::5]:
        html = unescape(client.get(f"{ADDRESS[language]}/{at}/{id_}").text)
        for sentence in sentences(library, id_):
            part = html[html.index(f'id="{sentence.anchor}"') :].split("</section>")[0]
            assert sentence.words in part
            linked = re.findall(rf'href="{ADDRESS[language]}/([\w.]+)"', part)
            assert linked == [*sentence.rules, *(cell.body for cell in sentence.cells)]
            assert all(cell.why[language] in part for cell in sentence.cells)
            assert all(promise.says[language] in part for promise in sentence.promises)


def test_what_is_no_rule_place_or_source_is_not_found_and_not_repeated(client, library):
    rule, source = library.rulebase.rules[0].id, next(iter(library.texts.sources))
    for language, address in ADDRESS.items():
        at = library.texts.interface[language]["book_sources_at"]
        for path in (f"{address}/geheim-7f3a", f"{address}/{at}/geheim-7f3a", f"{address}/{at}/{rule}"):
            response = client.get(path)
            assert response.status_code == 404
            assert response.headers["Content-Language"] == language
            assert "7f3a" not in response.text
            assert rule not in response.text
        assert client.get(f"{address}/{source}/{rule}").status_code == 404


def test_the_page_of_a_place_has_its_rules_with_their_words_and_its_strip(university_client, university):
    edition = university.rulebase.on(TODAY)
    for place in edition.vocabulary.destinations:
        html = unescape(university_client.get(f"/regels/{place}").text)
        table = re.findall(r'<tr(?: class="ww-marked")?><th scope="row"><a [^>]*>([\w.]+)</a></th>', html)
        rules = [rule for rule in edition.rules if rule.refer == place]
        assert sorted(table) == sorted(rule.id for rule in rules)
        assert all((one.quote or "") in html for rule in rules for one in rule.citations)
        assert html.count('class="ww-strip"') == len(strips(edition, university.graphs[edition.id], place))


def test_a_strip_says_of_every_situation_which_rules_stand_and_is_no_longer_than_a_screen(university):
    for edition in university.rulebase.editions:
        facts = [fact for fact in edition.vocabulary.facts if not fact.several]
        for situation in itertools.product(*(fact.answers for fact in facts)):
            given = dict(zip((fact.id for fact in facts), situation, strict=True))
            for place in edition.vocabulary.destinations:
                for concern in edition.vocabulary.concerns.answers:
                    drawn = [
                        one
                        for one in strips_of(university, edition, place)
                        if one.concern == concern and all(given[fact] in answers for fact, answers in one.given)
                    ]
                    mine = [rule for rule in edition.of_concern(concern) if rule.refer == place]
                    assert len(drawn) == (1 if mine else 0)
                    holds = [rule for rule in mine if rule.matches(given)]
                    strongest = min((STRENGTH[rule.as_] for rule in holds), default=None)
                    found = [
                        rules
                        for one in drawn
                        for path, rules in one.paths()
                        if all(given[fact] in answers for fact, answers in path)
                    ]
                    stands = tuple(rule for rule in holds if STRENGTH[rule.as_] == strongest)
                    assert found == ([stands] if mine else [])


@cache
def drawn_of(edition_id, place):
    library = small.library()
    edition = next(one for one in library.rulebase.editions if one.id == edition_id)
    return strips(edition, library.graphs[edition_id], place)


def strips_of(_, edition, place):
    return drawn_of(edition.id, place)


@pytest.mark.slow
def test_a_strip_fits_on_a_screen_and_takes_fewer_rows_than_in_the_order_of_asking(library):
    edition = library.rulebase.editions[-1]
    graph = library.graphs[edition.id]
    rows = paths_ = 0
    for place in edition.vocabulary.destinations:
        for one in strips(edition, graph, place):
            assert len(one.rows) * len(one.facts) <= MOST
            rows += len(one.rows)
            for row in one.rows:
                assert all(rule.refer == place and rule.concern == one.concern for rule in row.rules)
        paths_ += sum(count_paths(graph, of[place]) for of in graph.roots.values() if place in of)
    assert rows < paths_ / 2


def test_axe_finds_nothing_on_the_book(chromium, site, library):
    """The languages take turns: words differ by language, what puts them together does not."""
    rule = library.rulebase.rules[0]
    source = f"{library.texts.interface['nl']['book_sources_at']}/{rule.citations[0].source}"
    pages = (("nl", f"/{rule.id}", LOOKS), ("en", f"/{rule.refer}", LOOKS), ("nl", f"/{source}", LOOKS))
    with tab(chromium) as page:
        for language, path, looks in (*pages, ("en", "", LOOKS[1:2])):  # the last is long
            page.goto(f"{site.address}{ADDRESS[language]}{path}")
            page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
            assert faults(page, language, looks=looks) == [], path
        assert page.wrong == []


def test_rules_are_found_by_a_word_and_by_an_answer_in_a_column(chromium, site, library):
    """Which rows are left is held against the rules themselves."""
    edition = library.rulebase.on(TODAY)
    rule = next(one for one in edition.rules if one.when)
    fact = next(iter(rule.when))
    labels = library.texts.questions[fact]["nl"].for_advisor
    rows = ".ww-rules tbody tr:not([hidden]) [scope=row]"
    with tab(chromium) as page:
        page.goto(f"{site.address}/regels/{rule.refer}")
        page.wait_for_selector("#filters:not([hidden])")
        here = {one.id: one for one in edition.rules if one.refer == rule.refer}
        assert set(page.locator(rows).all_text_contents()) == set(here)
        page.fill("#find", rule.id)
        assert rule.id in page.locator(f"{rows} >> visible=true").all_inner_texts()
        page.fill("#find", "")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        selects = page.get_by_label(labels.ask)
        chosen = 0
        for answer in (next(iter(rule.when[fact])), *(set(labels.answers) - rule.when[fact])):
            for number in range(selects.count()):
                options = selects.nth(number).locator("option").all_inner_texts()
                if labels.answers[answer] not in options:
                    continue
                selects.nth(number).select_option(label=labels.answers[answer])
                table = selects.nth(number).locator("xpath=ancestor::details/following-sibling::div[1]")
                shown = set(table.locator("tbody tr:not([hidden]) [scope=row]").all_inner_texts())
                whole = set(table.locator("tbody [scope=row]").evaluate_all("all => all.map(one => one.textContent)"))
                holding = {id_ for id_ in here if answer in here[id_].when.get(fact, labels.answers)}
                assert shown == holding & whole
                chosen += 1
                selects.nth(number).select_option(index=0)
        assert chosen
        assert page.wrong == []


def test_the_book_is_folded_until_something_is_asked_of_it(chromium, site, library):
    """A rule that is looked for is in view with its place and its subject, the others are not; and so it was before."""
    edition = library.rulebase.on(TODAY)
    rule = next(one for one in edition.rules if one.as_ == "first")
    shown = ".ww-rules [scope=row] >> visible=true"
    with tab(chromium, viewport={"width": 320, "height": 640}) as page:
        page.goto(f"{site.address}/regels")
        page.wait_for_selector("#filters:not([hidden])")
        assert page.locator(shown).count() == 0
        assert page.locator("#find").bounding_box()["y"] < 640
        page.fill("#find", rule.id)
        assert rule.id in page.locator(shown).all_inner_texts()
        assert all(rule.id in one for one in page.locator(shown).all_inner_texts())
        assert page.locator("[data-subject]:visible").count() == 1
        page.fill("#find", "")
        assert page.locator(shown).count() == 0
        assert page.locator("[data-subject]:visible").count() == len(library.rulebase.vocabulary.concerns.answers)


def longest(library):
    """The source on which most rests, and the sentence of it on which most does."""
    found = {id_: sentences(library, id_) for id_ in library.texts.sources}
    id_ = max(found, key=lambda one: sum(len(sentence.rules) for sentence in found[one]))
    return id_, max(found[id_], key=lambda one: len(one.rules))


def test_the_longest_sources_are_read_in_four_screens_and_whole_on_paper(chromium, site, library):
    """Every sentence is in view with its own address and how much rests on it; that itself is folded."""
    words = {id_: sum(len(one.words) for one in sentences(library, id_)) for id_ in library.texts.sources}
    with tab(chromium, viewport={"width": 1280, "height": 900}) as page:
        for source in {longest(library)[0], *sorted(words, key=words.__getitem__)[-3:]}:
            in_four_screens(page, f"{site.address}/regels/bron/{source}")


def in_four_screens(page, address):
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollHeight") < 4 * 1000
    assert (
        page.locator(".ww-sentence [data-name] > :is(blockquote, p):visible").count()
        == page.locator(".ww-sentence").count()
    )
    assert page.locator("li[data-row]:visible").count() == 0
    page.emulate_media(media="print")
    assert page.locator("[data-row]:visible").count() == page.locator("[data-row]").count() > 0
    page.emulate_media(media="screen")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_address_of_a_sentence_opens_what_rests_on_it_and_nothing_else(chromium, site, library, javascript):
    source, sentence = longest(library)
    with tab(chromium, java_script_enabled=javascript) as page:
        page.goto(f"{site.address}/regels/bron/{source}#{sentence.anchor}")
        rows = page.locator(f'[id="{sentence.anchor}"] [data-row]')
        rows.first.wait_for(state="visible")
        assert rows.count() >= len(sentence.rules)
        assert page.locator("[data-row] >> visible=true").count() == rows.count()


def test_a_link_leads_from_a_rule_to_its_sentence_and_in_a_source_from_its_index(chromium, site, library):
    """Also where a script takes the press, so that the history holds one entry of this site."""
    source, sentence = longest(library)
    with tab(chromium) as page:
        page.goto(f"{site.address}/regels/{sentence.rules[0]}")
        page.locator(f'main a[href$="#{sentence.anchor}"]').first.click()
        page.wait_for_url(f"**/{source}#{sentence.anchor}")
        link = page.locator("main .ww-columns a").last
        there = link.get_attribute("href").removeprefix("#")
        link.click()
        assert page.evaluate("document.activeElement.id") == there
        page.locator(f'[id="{there}"] [data-row]').first.wait_for(state="visible")
        assert page.locator(f'[id="{there}"]').evaluate("(one) => one.getBoundingClientRect().top < innerHeight")


def test_what_rests_on_a_source_is_found_by_a_word(chromium, site, library):
    source, sentence = longest(library)
    rule = min(sentence.rules, key=lambda id_: -len(id_))
    with tab(chromium) as page:
        page.goto(f"{site.address}/regels/bron/{source}")
        page.wait_for_selector("#filters:not([hidden])")
        page.fill("#find", rule)
        shown = page.locator("[data-row] >> visible=true")
        assert shown.count() > 0
        assert all(rule in one for one in shown.all_inner_texts())
        page.fill("#find", "")
        assert shown.count() == 0
        assert page.locator(".ww-sentence:visible").count() == len(sentences(library, source))


def test_a_rule_says_on_paper_which_others_rest_on_its_words_however_many(chromium, site, library):
    _, sentence = longest(library)
    with tab(chromium) as page:
        page.goto(f"{site.address}/regels/{sentence.rules[0]}")
        folded = page.locator("main details a")
        assert folded.count() >= len(sentence.rules) - 1 > 6
        page.emulate_media(media="print")
        assert page.locator("main details a >> visible=true").count() == folded.count()


def test_a_place_is_read_in_four_screens_and_each_of_its_drawings_in_one(chromium, site, library):
    """The places with the largest drawings and with the most rules: folded by subject, and whole on paper."""
    edition = library.rulebase.on(TODAY)
    drawn = {place: strips(edition, library.graphs[edition.id], place) for place in edition.vocabulary.destinations}
    largest = max(drawn, key=lambda place: max((len(one.rows) * len(one.facts) for one in drawn[place]), default=0))
    busiest = max(drawn, key=lambda place: sum(rule.refer == place for rule in edition.rules))
    with tab(chromium, viewport={"width": 1280, "height": 900}) as page:
        for place in (largest, busiest):
            page.goto(f"{site.address}/regels/{place}")
            assert page.evaluate("document.documentElement.scrollHeight") < 4 * 1000
            page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
            heights = page.locator(".ww-strip").evaluate_all("all => all.map((one) => one.offsetHeight)")
            assert len(heights) == len(drawn[place])
            assert max(heights) <= 900
            page.reload()
            page.emulate_media(media="print")
            for part in (".ww-strip", ".ww-rules"):
                assert page.locator(f"{part} >> visible=true").count() == page.locator(part).count() > 0
            page.emulate_media(media="screen")


def test_every_cell_of_the_matrix_and_every_promise_that_cites_stands_at_a_sentence(library):
    """Each citation of each of them, whether rules quote the same words or not."""
    found = {id_: sentences(library, id_) for id_ in library.texts.sources}
    for resting, part in ((library.competence, "cells"), (library.promises, "promises")):
        for one in resting:
            for by in one.citations:
                here = [sentence for sentence in found[by.source] if sentence.locator == by.locator]
                assert any(one is other for sentence in here for other in getattr(sentence, part))


@pytest.mark.slow
def test_a_place_has_every_way_to_it_in_the_words_of_an_outcome(client, library):
    edition, presenter = library.rulebase.on(TODAY), Presenter(library, "nl")
    cubes = library.cubes[edition.id]
    for place in library.rulebase.vocabulary.destinations[::6]:
        html = unescape(client.get(f"/regels/{place}").text)
        ways = [cube for of in cubes.values() for cube in of.get(place, ()) if cube]
        assert all(f"<li>{presenter.way(Way(tuple(conditions_of(one)), 0, False, False))}</li>" in html for one in ways)


def test_the_exported_book_stands_alone(chromium, tmp_path, library):
    done = CliRunner().invoke(main, ["export", "read", str(tmp_path), "--on", "2019-06-20"])
    assert done.exit_code == 0
    edition = library.rulebase.editions[0]
    assert json.loads((tmp_path / "rulebase.json").read_text("utf-8"))["edition"]["digest"] == edition.digest
    for name in ("regels", "rules"):
        html = (tmp_path / f"{name}.html").read_text("utf-8")
        assert edition.digest in html
        text = (tmp_path / f"{name}.csv").read_text("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert sorted(row[one] for row in rows for one in row if one.endswith(" (rule)")) == sorted(
            one.id for one in edition.rules
        )
        for address in re.findall(r'(?:href|src)="([^"#]+)"', html):
            assert (tmp_path / address).is_file(), address
        with tab(chromium) as page:
            page.goto((tmp_path / f"{name}.html").as_uri())
            assert all(one.startswith("file://") for one in page.requests)
            assert page.wrong == []
            page.emulate_media(media="print")
            assert page.locator(".ww-table th").last.evaluate("(one) => one.getBoundingClientRect().height") > 0
    again = CliRunner().invoke(main, ["export", "read", str(tmp_path / "again"), "--on", "2019-06-20"])
    assert again.exit_code == 0
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), "the same bytes each time"


def test_a_day_before_the_rules_is_refused_with_the_mend(university_command):
    done = university_command("export", "read", "somewhere", "--on", "2024-08-31")
    assert done.exit_code == 2
    assert "2024-09-01" in done.output
