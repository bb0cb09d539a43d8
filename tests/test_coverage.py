"""From the words of a source to what rests on them, and no further than they reach."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.rulebook.coverage import coverage, sentences
from service.rulebook.sources import plain


@pytest.fixture(scope="module")
def places(library):
    """Of every source that is kept whole its sentences, with the cases that are told of it."""
    asked = CliRunner().invoke(main, ["coverage", "--json"])
    assert asked.exit_code == 0, asked.output
    return json.loads(asked.stdout)


def test_a_case_rests_on_the_words_that_decide_it_and_is_named_once_for_each_sentence(places):
    shared = {one["locator"] for one in places}
    differing = 0
    for locator in shared:
        here = [one for one in places if one["locator"] == locator]
        told = {frozenset(one["cases"]) | frozenset(one["beside"]) for one in here}
        assert len(told) == 1, "all sentences of a place are told of by the same cases"
        for one in here:
            assert set(one["cases"]).isdisjoint(one["beside"])
            assert one["rules"] or not one["cases"]
        differing += len({frozenset(one["cases"]) for one in here}) > 1
    assert differing, "two sentences of one paragraph are told apart"


def test_a_case_without_a_rule_that_quotes_the_words_tells_of_their_place_alone(university):
    source = next(
        one.id for one in university.texts.sources.values() if any(r.rules for r in coverage(university, one.id))
    )
    sentence = next(one for one in coverage(university, source) if one.rules)
    told = [
        {"name": "decided", "tells": f"{source}, {sentence.locator}", "rules": [sentence.rules[0]]},
        {"name": "otherwise", "tells": sentence.locator, "rules": ["another"]},
        {"name": "elsewhere", "tells": "another place", "rules": [sentence.rules[0]]},
    ]
    (found,) = [one for one in coverage(university, source, told) if one.words == sentence.words]
    assert (found.cases, found.beside) == (("decided",), ("otherwise",))


def test_every_citation_of_every_rule_stands_under_one_sentence_with_a_name_of_its_own(library):
    for id_ in library.texts.sources:
        found = sentences(library, id_)
        assert len({one.anchor for one in found}) == len(found)
        for rule in library.rulebase.rules:
            for one in rule.citations:
                mine = [found_ for found_ in found if rule.id in found_.rules and found_.locator == one.locator]
                assert one.source != id_ or mine, (rule.id, one)


def test_the_name_of_a_sentence_depends_on_its_words_and_its_place_alone(university):
    source = next(iter(university.texts.sources))
    for one in sentences(university, source):
        other = type(one)(one.locator, f" {one.words}\n", ())
        assert other.anchor == one.anchor
        assert type(one)(one.locator, one.words + " anders", ()).anchor != one.anchor
        assert plain(one.anchor) == one.anchor.lower()
