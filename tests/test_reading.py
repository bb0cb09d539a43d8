"""The reading of the graph: next question, what is ignored, what would open a door; each against brute force."""

from __future__ import annotations

import random
from datetime import date
from itertools import product

import pytest

from service.core.errors import NoEditionError, VocabularyError
from service.core.reading import Reading
from service.core.situation import Situation, situation
from service.core.vocabulary import UNKNOWN

TODAY = date(2026, 11, 23)


@pytest.fixture
def reading(library) -> Reading:
    return Reading(library.rulebase.editions[-1])


@pytest.fixture
def given(library):
    def make(organisation=None, **answers):
        return situation(library.rulebase.vocabulary, answers, organisation)

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
def sample(library):
    """Situations of every shape, the same on every run."""
    chance = random.Random(183)
    vocabulary = library.rulebase.vocabulary

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
    for asked in sample(150, 0.75):
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
    for asked in sample(100, 0.75):
        reached = {door.destination for one in completions(reading, asked) for door in reading.decide(one).referrals}
        assert set(reading.decide(asked).possible) == reached


@pytest.mark.slow
def test_the_next_question_can_change_the_outcome(reading, sample):
    for asked in sample(100, 0.7):
        fact = reading.decide(asked).next_fact
        if fact is None:
            continue
        groups = {}
        for one in completions(reading, asked):
            rest = tuple(sorted((key, value) for key, value in one.answers.items() if key != fact))
            groups.setdefault(rest, set()).add(frozenset(outcome(reading.decide(one))))
        assert any(len(outcomes) > 1 for outcomes in groups.values())


@pytest.mark.slow
def test_what_is_ignored_changes_nothing(reading, sample):
    seen = 0
    for asked in sample(200, 0.9):
        decision = reading.decide(asked)
        for fact in decision.ignored:
            seen += 1
            for answer in reading.vocabulary.by_id[fact].answers:
                other = Situation(asked.concerns, {**asked.answers, fact: answer})
                assert outcome(reading.decide(other)) == outcome(decision)
    assert seen > 100


def test_an_answer_left_over_from_another_route_is_named(reading, given):
    decision = reading.decide(given(concerns=["labour_conflict"], reporter="employee", handled="report", step="talk"))
    assert decision.ignored == ("handled", "step")


def test_unanswered_is_not_the_answer_unknown(reading, given):
    asked = given(concerns=["misconduct"], reporter="employee")
    assert reading.decide(asked).next_fact == "misconduct_kind"
    answered = given(concerns=["misconduct"], reporter="employee", misconduct_kind="unknown")
    assert reading.decide(answered).next_fact == "privacy"


def test_without_a_concern_that_is_asked_first_and_every_door_is_possible(reading, given):
    decision = reading.decide(given(reporter="employee"))
    assert decision.next_fact == "concerns"
    assert decision.referrals == ()
    assert decision.ignored == ()
    assert {"national_ombudsman", "labour_law_desk"} <= {*decision.possible} | {
        one.destination for one in decision.closed
    }


def test_a_door_to_which_no_rule_leads_on_that_day_has_nothing_that_opens_it(library, given):
    first = Reading(library.rulebase.editions[0])
    decision = first.decide(given(concerns=["labour_conflict"], reporter="employee", labour_desk="yes"))
    (closed,) = [one for one in decision.closed if one.destination == "dispute_committee"]
    assert closed.way is None
    assert not closed.leads


def test_several_concerns_are_decided_one_by_one(reading, given):
    both = reading.decide(given(concerns=["labour_conflict", "unsure"], reporter="contractor"))
    one = reading.decide(given(concerns=["labour_conflict"], reporter="contractor"))
    other = reading.decide(given(concerns=["unsure"], reporter="contractor"))
    assert outcome(both) == outcome(one) | outcome(other)


def test_the_organisation_matters_only_while_its_facts_can_change_the_outcome(reading, given):
    assert reading.decide(given(concerns=["labour_conflict"], reporter="employee")).organisation_matters
    assert not reading.decide(given(concerns=["labour_conflict"], reporter="member_of_public")).organisation_matters


def test_facts_of_the_organisation_that_nobody_told_are_unknown(given, library):
    for fact in library.rulebase.vocabulary.of_organisation:
        assert given().answers[fact.id] == UNKNOWN
        assert given({"labour_desk": "yes"}).answers["labour_desk"] == "yes"


def test_a_day_before_the_first_edition_is_an_error_and_never_a_guess(library):
    assert library.rulebase.on(date(2019, 6, 20)).id == "2019-06-20"
    with pytest.raises(NoEditionError, match="2019-06-20"):
        library.rulebase.on(date(2019, 6, 19))


@pytest.mark.parametrize(
    ("answers", "pointer", "words"),
    [
        ({"reportr": "employee"}, "", "Did you mean 'reporter'?"),
        ({"reporter": "employe"}, "/reporter", "Did you mean 'employee'?"),
        ({"concerns": "misconduct"}, "/concerns", "Give a list of answers."),
        ({"concerns": ["misconduct", "x"]}, "/concerns/1", "Known: misconduct"),
        ({"concerns": ["misconduct"] * 9}, "/concerns", "at most 5"),
        ({"concerns": ["misconduct", "misconduct"]}, "/concerns/1", "once"),
        ({"reporter": ["employee"]}, "/reporter", "Known: employee"),
        ({"reporter": None}, "/reporter", "Known: employee"),
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused_with_its_place(library, answers, pointer, words):
    with pytest.raises(VocabularyError) as caught:
        situation(library.rulebase.vocabulary, answers)
    assert caught.value.pointer == pointer
    assert words in str(caught.value)


def test_organisation_facts_and_an_organisation_exclude_each_other(library):
    with pytest.raises(VocabularyError, match="together with an organisation"):
        situation(library.rulebase.vocabulary, {"regime": "rijk"}, {"regime": "rijk"})
