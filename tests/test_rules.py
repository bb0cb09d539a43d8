"""The rulebase itself: every promise over the whole space, every story in it, and the examples beside the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.answers.presenter import Presenter
from service.core.rule import As
from service.core.situation import Situation, situation
from service.proof.grounds import Ground, ground, grounds
from service.proof.prove import every_rule_counts, one_first
from service.rulebook.library import load_library
from service.rulebook.messages import Message


@pytest.mark.slow  # `wegwijzer check` proves the same, for whoever changed a rule
def test_what_must_hold_holds_in_every_situation(findings, subtests):
    for finding in findings:
        with subtests.test(finding.name):
            assert finding.broken == ()
            assert finding.counted > 20


# Section 5 of the design, as authors promise it: what they say of each is theirs, that it is promised is not.
PROMISED = {
    "ombudsman_after_complaint",
    "anonymous_needs_no_name",
    "labour_conflict_not_to_advisor",
    "not_to_known_advisor",
    "not_past_the_manager",
    "labour_desk_exists",
    "services_not_to_huis",
    "public_not_to_huis",
}


def test_each_invariant_of_the_design_is_promised(library):
    """What holds of every rulebase is proved by the code; the rest is a promise of ours."""
    assert {one.id for one in library.promises} >= PROMISED


def test_an_edition_begins_on_each_day_the_rules_change(library):
    days = [edition.since for edition in library.rulebase.editions]
    assert days == sorted(one.day for one in library.days)
    for one, next_one in zip(library.rulebase.editions, library.rulebase.editions[1:], strict=False):
        assert one.until == next_one.since
        assert one.digest != next_one.digest


def test_the_digest_is_the_same_on_every_reading(library):
    again = load_library()
    assert [one.digest for one in again.rulebase.editions] == [one.digest for one in library.rulebase.editions]


def test_a_counterexample_is_told_as_a_story_with_only_what_matters(university):
    """Take out the rule for an applicant: the story is theirs, and says no more than that."""
    here = next(one for one in grounds(university.rulebase) if one.concern == "building")
    rule = next(one for one in here.rules if one.as_ is As.FIRST and one.when["role"] == {"applicant"})
    broken = replace(without(here, rule.id), teller=Presenter(university, "nl").story)
    (found,) = one_first(broken)
    told = Message(found.name, found.values).tell("nl")
    assert told.startswith("Geen eerste stap: [2024-09-01] stel dat het over het gebouw gaat")
    assert "u nog geen student bent" in told
    assert "campus" not in told
    assert told.endswith('Voeg een regel toe met as = "first".')


def without(here: Ground, id_: str) -> Ground:
    """The same ground with one rule taken out."""
    rules = tuple(rule for rule in here.edition.rules if rule.id != id_)
    return ground(replace(here.edition, rules=rules, digest=""), here.concern)


def test_the_proof_finds_the_hole_that_a_lost_rule_leaves(university):
    """The proof itself must be able to fail: every first-step rule that is taken out leaves somebody without one."""
    for here in grounds(university.rulebase):
        for rule in here.rules:
            if rule.as_ is As.FIRST:
                assert list(one_first(without(here, rule.id))), rule.id


def test_the_proof_finds_a_rule_that_never_counts(university):
    here = next(one for one in grounds(university.rulebase) if one.concern == "building")
    rule = next(rule for rule in here.rules if rule.as_ is As.FIRST)
    weaker = replace(rule, id="twin.1", as_=As.LATER)
    edition = here.edition
    broken = ground(replace(edition, rules=(*edition.rules, weaker), digest=""), here.concern)
    assert list(every_rule_counts(broken))
    assert not list(every_rule_counts(here))


@pytest.mark.slow
def test_every_situation_told_in_a_rule_ends_in_one_first_step_per_concern(decider, library):
    """The same promise once more through the whole service, with answers as a person gives them."""
    vocabulary = library.rulebase.vocabulary
    for rule in library.rulebase.rules:
        answers = {**rule.example.situation}
        while True:
            given = situation(vocabulary, {**answers, "concerns": [rule.concern]})
            decision = decider.decide(given, rule.since).decision
            if decision.complete:
                break
            answers[decision.next_fact] = vocabulary.by_id[decision.next_fact].answers[-1]
        assert [one.as_ for one in decision.referrals].count(As.FIRST) == 1
        assert len(decision.referrals) > 1
        assert isinstance(given, Situation)
