"""The reading of the graph: next question, what is ignored, what would open a door; each against brute force."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from service.core.errors import NoEditionError, VocabularyError
from service.core.reading import Reading
from service.core.situation import Situation, situation
from service.core.vocabulary import UNKNOWN

FIRST_DAY = date(2024, 9, 1)


@pytest.fixture(params=[0, -1], ids=["first edition", "last edition"])
def reading(request, university) -> Reading:
    return Reading(university.rulebase.editions[request.param])


@pytest.fixture
def given(university):
    def make(organisation=None, **answers):
        return situation(university.rulebase.vocabulary, answers, organisation)

    return make


def outcome(decision):
    return {(one.concern, one.destination, one.as_, tuple(rule.id for rule in one.rules)) for one in decision.referrals}


def _door(referral):
    return referral.concern, referral.destination, referral.as_


def completions(reading, asked):
    """Every way to answer what is open, for a situation in which little is open."""
    facts = {fact for concern in asked.concerns for fact in reading.facts_of(concern)}
    open_facts = [fact for fact in reading.vocabulary.asked if fact.id in facts and fact.id not in asked.answers]
    for answers in product(*(fact.answers for fact in open_facts)):
        more = dict(zip([fact.id for fact in open_facts], answers, strict=True))
        yield Situation(asked.concerns, {**asked.answers, **more})


@pytest.fixture
def sample(university):
    """Situations of every shape, the same on every run."""
    chance = random.Random(183)
    vocabulary = university.rulebase.vocabulary

    def some(count, at_least):
        for _ in range(count):
            concerns = chance.sample(vocabulary.concerns.answers, chance.choice((1, 1, 1, 2)))
            answers = {
                fact.id: chance.choice(fact.answers)
                for fact in vocabulary.facts
                if not fact.several and chance.random() < at_least
            }
            yield situation(vocabulary, {**answers, "concerns": concerns})

    return some


def test_a_situation_is_complete_exactly_when_nothing_can_change(reading, sample):
    for asked in sample(500, 0.6):
        decision = reading.decide(asked)
        outcomes = {frozenset(outcome(reading.decide(one))) for one in completions(reading, asked)}
        assert decision.complete == (len(outcomes) == 1)
        for certain in decision.referrals:
            rules = {rule.id for rule in certain.rules}
            for one in outcomes:
                assert any(door[:3] == _door(certain) and rules <= {*door[3]} for door in one)
        if decision.complete:
            assert {frozenset(outcome(decision))} == outcomes


def test_what_is_possible_is_what_some_completion_gives(reading, sample):
    for asked in sample(400, 0.6):
        reached = {door.destination for one in completions(reading, asked) for door in reading.decide(one).referrals}
        assert set(reading.decide(asked).possible) == reached


def test_the_next_question_can_change_the_outcome(reading, sample):
    for asked in sample(400, 0.6):
        fact = reading.decide(asked).next_fact
        if fact is None:
            continue
        groups = {}
        for one in completions(reading, asked):
            rest = tuple(sorted((key, value) for key, value in one.answers.items() if key != fact))
            groups.setdefault(rest, set()).add(frozenset(outcome(reading.decide(one))))
        assert any(len(outcomes) > 1 for outcomes in groups.values())


def test_what_is_ignored_changes_nothing(reading, sample):
    seen = 0
    for asked in sample(600, 0.8):
        decision = reading.decide(asked)
        for fact in decision.ignored:
            seen += 1
            for answer in reading.vocabulary.by_id[fact].answers:
                other = Situation(asked.concerns, {**asked.answers, fact: answer})
                assert outcome(reading.decide(other)) == outcome(decision)
    assert seen > 100


def test_an_answer_left_over_from_another_route_is_named(reading, given):
    decision = reading.decide(given(concerns=["building"], role="visitor", review="done", anonymity="named"))
    assert decision.ignored == ("review", "anonymity")


def test_unanswered_is_not_the_answer_unknown(reading, given):
    asked = given(concerns=["conduct"])
    assert reading.decide(asked).next_fact == "feeling"
    answered = given(concerns=["conduct"], feeling="unknown")
    assert reading.decide(answered).next_fact == "anonymity"


def test_without_a_concern_that_is_asked_first_and_every_door_is_possible(reading, given):
    decision = reading.decide(given(role="student"))
    assert decision.next_fact == "concerns"
    assert decision.referrals == ()
    assert decision.ignored == ()
    assert set(reading.vocabulary.destinations) == {*decision.possible, *(one.destination for one in decision.closed)}
    assert set(reading.vocabulary.destinations) - {*decision.possible} <= {"counsellor"}


def test_a_door_to_which_no_rule_leads_on_that_day_has_nothing_that_opens_it(university, given):
    edition = university.rulebase.editions[0]
    without = replace(edition, rules=tuple(rule for rule in edition.rules if rule.refer != "appeals_board"))
    decision = Reading(without).decide(given(concerns=["grade"], role="student", review="done"))
    (closed,) = [one for one in decision.closed if one.destination == "appeals_board"]
    assert closed.ways == ()
    assert not closed.leads


def test_several_concerns_are_decided_one_by_one(reading, given):
    both = reading.decide(given(concerns=["grade", "building"], role="student", review="done"))
    one = reading.decide(given(concerns=["grade"], role="student", review="done"))
    other = reading.decide(given(concerns=["building"], role="student"))
    assert outcome(both) == outcome(one) | outcome(other)


def test_the_organisation_matters_only_while_its_facts_can_change_the_outcome(reading, given):
    assert reading.decide(given(concerns=["conduct"], feeling="unsafe")).organisation_matters
    assert not reading.decide(given(concerns=["conduct"], feeling="annoyed")).organisation_matters


def test_facts_of_the_organisation_that_nobody_told_are_unknown(given, university):
    for fact in university.rulebase.vocabulary.of_organisation:
        assert given().answers[fact.id] == UNKNOWN
        assert given({"campus": "city"}).answers["campus"] == "city"


def test_a_day_before_the_first_edition_is_an_error_and_never_a_guess(university):
    assert university.rulebase.on(FIRST_DAY).since == FIRST_DAY
    with pytest.raises(NoEditionError, match=FIRST_DAY.isoformat()):
        university.rulebase.on(FIRST_DAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("answers", "pointer", "words"),
    [
        ({"rol": "student"}, "", "Did you mean 'role'?"),
        ({"role": "studen"}, "/role", "Did you mean 'student'?"),
        ({"concerns": "grade"}, "/concerns", "Give a list of answers."),
        ({"concerns": ["grade", "x"]}, "/concerns/1", "Known: grade"),
        ({"concerns": ["grade"] * 9}, "/concerns", "at most 3"),
        ({"concerns": ["grade", "grade"]}, "/concerns/1", "once"),
        ({"role": ["student"]}, "/role", "Known: student"),
        ({"role": None}, "/role", "Known: student"),
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused_with_its_place(university, answers, pointer, words):
    with pytest.raises(VocabularyError) as caught:
        situation(university.rulebase.vocabulary, answers)
    assert caught.value.pointer == pointer
    assert words in str(caught.value)


def test_organisation_facts_and_an_organisation_exclude_each_other(university):
    with pytest.raises(VocabularyError, match="together with an organisation"):
        situation(university.rulebase.vocabulary, {"campus": "city"}, {"campus": "city"})
