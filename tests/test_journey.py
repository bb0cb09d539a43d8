"""Changing an answer keeps what still applies and drops what does not: the commonest defect of questionnaires."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from itertools import product

import pytest
from journeys import answered, complete, make_interview, options, profiles

from service.core.interview import ORGANISATION, Given
from service.core.rule import As
from service.core.situation import Situation

TODAY = date(2026, 11, 23)
CONCERNS = ("grade", "conduct", "building")


@pytest.fixture(scope="module")
def journey(university):
    return make_interview(university, TODAY)


def shapes(journey, university, concern):
    """One complete journey of each sequence of questions."""
    found = {}
    for stand in complete(journey, concern, profiles(university, TODAY)):
        found.setdefault((stand.path, stand.given.organisation == ""), stand)
    return list(found.values())


def changes(journey, library, given):
    """Every single change of an answer that a person can make from the page that shows all answers."""
    vocabulary = library.rulebase.vocabulary
    for step in journey.at(given).path:
        if step == journey.steps[0]:
            yield from (answered(given, step, (one,)) for one in vocabulary.concerns.answers)
            yield answered(given, step, vocabulary.concerns.answers)
        else:
            yield from (answered(given, step, one) for one in options(vocabulary, step, profiles(library, TODAY)))


def holds(journey, given):
    """What must hold of where a person stands, whatever they answered before."""
    stand = journey.at(given)
    assert journey.at(stand.given).given == stand.given, "to drop once is enough"
    assert journey.at(stand.given).dropped == ()
    before, kept = given.answers or {}, stand.given.answers or {}
    assert kept.items() <= before.items(), "nothing is answered for a person"
    assert set(kept) | set(stand.dropped) == set(before), "nothing is lost silently"
    assert not set(kept) & set(stand.dropped)
    # An answer counts exactly when its question still matters after the answers that come before it.
    facts = {fact.id: stand.situation.answers[fact.id] for fact in journey._vocabulary.of_organisation}
    for step in journey.steps[1:-1] if given.concerns else ():
        earlier = {fact: kept[fact] for fact in journey.steps[: journey.steps.index(step)] if fact in kept}
        matters = step in journey._reading.open_facts(Situation(given.concerns, facts | earlier))
        assert (step in kept) == (step in before and matters), step
    assert stand.next not in stand.path
    assert stand.given.organisation == given.organisation
    assert len(stand.path) + (stand.next is not None) <= stand.most
    return stand


def first_steps(journey, stand):
    decided = journey._reading.decide(stand.situation, closed=False)
    return {one.concern: one.destination for one in decided.referrals if one.as_ == As.FIRST}


def settles(journey, organisations, given):
    """A certain first step stays, whatever is answered after it, and none is called certain that is not."""
    stand, here = journey.at(given), first_steps(journey, journey.at(given))
    later, ends = [stand], []
    while later:
        one = later.pop()
        if one.next is None:
            ends.append(first_steps(journey, one))
        else:
            after = options(journey._vocabulary, one.next, organisations)
            later += [journey.at(answered(one.given, one.next, answer)) for answer in after]
    assert stand.certain == all(end == here and {*here} == {*given.concerns} for end in ends), given
    return stand.certain


@pytest.mark.parametrize("concern", CONCERNS)
def test_a_first_step_that_is_certain_stays_whatever_is_answered_after_it(journey, university, concern):
    todo, found = [Given((concern,))], Counter()
    organisations = profiles(university, TODAY)
    while todo:
        given = todo.pop()
        found[settles(journey, organisations, given)] += 1
        if (stand := journey.at(given)).next:
            after = options(journey._vocabulary, stand.next, organisations)
            todo += [answered(stand.given, stand.next, one) for one in after]
    assert found[True]


@pytest.mark.parametrize("concern", CONCERNS)
def test_pairs_of_changes_keep_what_applies_and_drop_what_does_not(journey, university, concern):
    """Every change, and after each of them every change that can follow."""
    walked = Counter()
    for stand in shapes(journey, university, concern):
        for first in changes(journey, university, stand.given):
            once = holds(journey, first)
            walked["once"] += 1
            follow = list(changes(journey, university, once.given)) if once.given.concerns else []
            for second in follow:
                holds(journey, second)
                walked["twice"] += 1
    assert walked["twice"] > walked["once"] > 10


@pytest.mark.slow
def test_of_our_own_questions_a_change_keeps_and_drops_the_same(library):
    """In journeys through all of ours, however many they become: answers and changes by chance, the same each time."""
    dice, journey = random.Random(183), make_interview(library, TODAY)
    vocabulary, places = library.rulebase.vocabulary, profiles(library, TODAY)
    for _ in range(60):
        given = Given(tuple(dice.sample(vocabulary.concerns.answers, dice.choice((1, 1, 2)))))
        while (stand := holds(journey, given)).next:
            given = answered(stand.given, stand.next, dice.choice(options(vocabulary, stand.next, places)))
        for _ in range(4):
            given = holds(journey, dice.choice([*changes(journey, library, given)])).given


@pytest.mark.parametrize("concern", CONCERNS)
def test_changing_an_answer_and_changing_it_back_keeps_all_that_both_ways_ask(journey, university, concern):
    """What the other way does not ask is asked again; nothing else is."""
    vocabulary = university.rulebase.vocabulary
    for stand in shapes(journey, university, concern):
        for step in stand.path[1:-1]:
            for other in vocabulary.by_id[step].answers:
                changed = journey.at(answered(stand.given, step, other))
                back = journey.at(answered(changed.given, step, stand.given.answers[step]))
                assert set(stand.given.answers) - set(back.given.answers) == set(changed.dropped)
                assert back.given.answers.items() <= stand.given.answers.items()
                assert (back.next is None) == (not changed.dropped)


@pytest.mark.parametrize("concern", CONCERNS)
def test_the_promised_number_of_questions_is_never_exceeded_and_never_grows(journey, university, concern):
    vocabulary = university.rulebase.vocabulary
    todo, seen = [Given((concern,))], set()
    while todo:
        given = todo.pop()
        stand = journey.at(given)
        key = (frozenset((stand.given.answers or {}).items()), given.organisation)
        if stand.next is None or key in seen:
            continue
        seen.add(key)
        for one in options(vocabulary, stand.next, profiles(university, TODAY)):
            after = answered(stand.given, stand.next, one)
            assert journey.at(after).most <= stand.most
            todo.append(after)
    assert len(seen) > 3


def test_the_start_page_promises_the_longest_way_there_is(journey, university):
    longest = max(
        len(stand.path) for concern in CONCERNS for stand in complete(journey, concern, profiles(university, TODAY))
    )
    assert journey.longest(Given()) == longest


def test_several_concerns_together_lead_to_an_end(journey, university):
    vocabulary = university.rulebase.vocabulary
    for chosen in product((False, True), repeat=len(CONCERNS)):
        concerns = tuple(one for one, wanted in zip(CONCERNS, chosen, strict=True) if wanted)
        if not concerns:
            continue
        for place in (0, -1):
            given = Given(concerns)
            while (stand := journey.at(given)).next:
                given = answered(
                    stand.given, stand.next, options(vocabulary, stand.next, profiles(university, TODAY))[place]
                )
            decision = journey._reading.decide(stand.situation)
            assert {one.concern for one in decision.referrals} == set(concerns)


def test_the_organisation_is_asked_last_and_once(journey, university):
    for concern in CONCERNS:
        for stand in complete(journey, concern, profiles(university, TODAY), limit=50):
            assert stand.path[-1] == ORGANISATION
