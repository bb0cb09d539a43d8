"""The whole rulebase to read: nothing left out, the map says what the rules say, and it stands alone as files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from html import unescape

import pytest
from click.testing import CliRunner
from conftest import TODAY
from looks import faults
from walking import tab

from service.cli.main import main
from service.publishing.diagrams import map_of_place, map_of_subject

ADDRESS = {"nl": "/regels", "en": "/rules"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ADDRESS)
def test_every_rule_of_an_edition_stands_there_with_its_digest_and_no_other(client, language, library):
    for edition in library.rulebase.editions:
        html = unescape(client.get(f"{ADDRESS[language]}?on={edition.id}").text)
        assert edition.digest in html
        tabled = re.findall(r'<th scope="row">([\w.]+)</th>', html)
        assert sorted(tabled) == sorted(one.id for one in edition.rules)
        listed = re.findall(r"<li><strong>([\w.]+)</strong> – ", html)
        assert sorted(listed) == sorted(one.id for one in edition.rules)
        for rule in edition.rules:
            assert rule.doubt is None or rule.doubt[language] in html
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
        part = html[html.index(f">{day.day.isoformat()}</h3>") :].split("</section>")[0]
        assert re.findall(r"<li>([\w.]+): ", part) == [*begun, *ended]


def maps(edition):
    """Every map of an edition, with its rules and where a line for each rule ends."""
    names = {one: one for one in (*edition.vocabulary.by_id, *edition.vocabulary.destinations)}
    for concern in edition.vocabulary.concerns.answers:
        yield (
            map_of_subject(edition, concern, names, {one: one for one in edition.vocabulary.destinations}),
            edition.of_concern(concern),
            lambda rule: rule.refer,
        )
    for destination in edition.vocabulary.destinations:
        rules = [rule for rule in edition.rules if rule.refer == destination]
        subjects = {one: one for one in edition.vocabulary.concerns.answers}
        yield map_of_place(edition, destination, names, subjects), rules, lambda rule: rule.concern


def test_a_map_joins_a_question_and_an_end_exactly_where_a_rule_does(library):
    for drawn, rules, end_of in itertools.chain.from_iterable(map(maps, library.rulebase.editions)):
        lines = {(line.fact.id, line.end.id): line.as_ for line in drawn.lines}
        assert lines.keys() == {(fact, end_of(rule)) for rule in rules for fact in rule.when}
        for (fact, end), as_ in lines.items():
            ways = [rule.as_.value for rule in rules if end_of(rule) == end and fact in rule.when]
            assert as_ == min(ways, key=["first", "also", "later"].index)
        assert {one.id for one in drawn.ends} == {end_of(rule) for rule in rules}
        for end in drawn.ends:
            told = [one.id for one in drawn.asked_for(end)]
            assert set(told) == {fact for rule in rules if end_of(rule) == end.id for fact in rule.when}
        places = [(node.y, side) for side in ("facts", "ends") for node in getattr(drawn, side)]
        assert len(places) == len(set(places)), "nothing is drawn over something else"


@pytest.mark.parametrize("language", ADDRESS)
def test_axe_finds_nothing_on_the_book(chromium, site, language):
    with tab(chromium) as page:
        page.goto(site.address + ADDRESS[language])
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
        assert faults(page, language) == []
        assert page.wrong == []


def test_the_exported_book_stands_alone(chromium, tmp_path, library):
    done = CliRunner().invoke(main, ["export", "read", str(tmp_path), "--on", "2019-06-20"])
    assert done.exit_code == 0
    edition = library.rulebase.editions[0]
    assert json.loads((tmp_path / "rulebase.json").read_text("utf-8"))["edition"]["digest"] == edition.digest
    for name in ("regels", "rules"):
        html = (tmp_path / f"{name}.html").read_text("utf-8")
        assert edition.digest in html
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"{name}.csv").read_text("utf-8"))))
        assert sorted(row["rule"] for row in rows) == sorted(one.id for one in edition.rules)
        for address in re.findall(r'(?:href|src)="([^"#]+)"', html):
            assert (tmp_path / address).is_file(), address
        with tab(chromium) as page:
            page.goto((tmp_path / f"{name}.html").as_uri())
            assert all(one.startswith("file://") for one in page.requests)
            assert page.wrong == []
            page.emulate_media(media="print")
            assert page.locator(".ww-table th").last.is_visible()
    again = CliRunner().invoke(main, ["export", "read", str(tmp_path / "again"), "--on", "2019-06-20"])
    assert again.exit_code == 0
    for path in (tmp_path / "again").iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), "the same bytes each time"


def test_a_day_before_the_rules_is_refused_with_the_mend():
    done = CliRunner().invoke(main, ["export", "read", "somewhere", "--on", "2019-06-19"])
    assert done.exit_code == 2
    assert "2019-06-20" in done.output
