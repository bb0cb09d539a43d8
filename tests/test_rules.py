"""The rulebase itself: every promise over the whole space, every story in it, and the examples beside the rules."""

from __future__ import annotations

from dataclasses import replace

from service.answers.presenter import Presenter
from service.core.rule import As
from service.core.situation import Situation, situation
from service.proof.grounds import Ground, ground, grounds
from service.proof.prove import every_rule_counts, one_first
from service.rulebook.library import load_library
from service.rulebook.messages import Message


def test_what_must_hold_holds_in_every_situation(findings, subtests):
    for finding in findings:
        with subtests.test(finding.name):
            assert finding.broken == ()
            assert finding.counted > 20


def test_each_invariant_of_the_design_is_promised(findings, library):
    """Section 5 of the design has nine; the promises below are the sentences that carry them."""
    said = " ".join(finding.tell(library.texts.interface["en"], "en") for finding in findings)
    for words in (
        "exactly one first step",
        "at least one other door",
        "National Ombudsman never comes before a complaint",
        "anonymous is never sent first to a place that needs a name",
        "labour conflict never goes to a confidential advisor first",
        "advisor, or is troubled by them, is never sent to that person",
        "If the manager is involved",
        "labour-law desk appears only where one exists",
        "AIVD or the MIVD never goes to the Whistleblowers Authority",
        "no work link is never sent",
        "No question is asked whose answer cannot change",
        "Every rule counts",
        "Every destination can be reached, and every question can change",
    ):
        assert words in said


def test_whoever_is_asked_for_a_labour_conflict_without_a_desk_gets_the_fallback(library):
    """Design section 5, 7: where no desk exists the defined fallback appears."""
    no_fallback = {"labour_law_desk", "internal_advisor", "external_advisor", "hr_department"}
    fallback = set(library.rulebase.vocabulary.destinations) - no_fallback
    for here in grounds(library.rulebase):
        if here.concern == "labour_conflict":
            without = here.space.where("labour_desk", ("no", "unknown"))
            first = here.space.none
            for rule, fires in zip(here.rules, here.fires, strict=True):
                if rule.as_ is As.FIRST and rule.refer in fallback:
                    first |= fires
            assert not without - first


def test_an_edition_begins_on_each_day_the_rules_change(library):
    days = [edition.since for edition in library.rulebase.editions]
    assert days == sorted(one.day for one in library.days)
    for one, next_one in zip(library.rulebase.editions, library.rulebase.editions[1:], strict=False):
        assert one.until == next_one.since
        assert one.digest != next_one.digest


def test_the_digest_is_the_same_on_every_reading(library):
    again = load_library()
    assert [one.digest for one in again.rulebase.editions] == [one.digest for one in library.rulebase.editions]


def test_a_counterexample_is_told_as_a_story_with_only_what_matters(library):
    """Take out the rule for who does not work there: the story is theirs, and says no more than that."""
    here = next(one for one in grounds(library.rulebase) if one.concern == "labour_conflict")
    rule = next(one for one in here.rules if one.as_ is As.FIRST and one.when["reporter"] == {"member_of_public"})
    broken = replace(without(here, rule.id), teller=Presenter(library, "nl").story)
    (found,) = one_first(broken)
    told = Message(found.name, found.values).tell("nl")
    assert told.startswith("Geen eerste stap: [2019-06-20] stel dat het over een meningsverschil")
    assert "geen band mee hebt via werk" in told
    assert "naam" not in told
    assert told.endswith('Voeg een regel toe met as = "first".')


def without(here: Ground, id_: str) -> Ground:
    """The same ground with one rule taken out."""
    edition = here.edition
    rules = tuple(rule for rule in edition.rules if rule.id != id_)
    return ground(type(edition)(edition.id, edition.since, edition.until, rules, "", edition.vocabulary), here.concern)


def test_the_proof_finds_the_hole_that_a_lost_rule_leaves(library):
    """The proof itself must be able to fail: every first-step rule that is taken out leaves somebody without one.

    A rule that only gives some of them one more reason for the same step is the exception.
    """
    for here in grounds(library.rulebase)[-5:]:
        for rule in here.rules:
            if rule.as_ is As.FIRST and not any(_adds_to(rule, other) for other in here.rules):
                assert list(one_first(without(here, rule.id))), rule.id


def _adds_to(rule, other):
    """Whether whoever meets a rule meets this other rule for the same step too."""
    same = (rule.refer, rule.as_) == (other.refer, other.as_) and rule is not other
    return same and all(fact in rule.when and set(rule.when[fact]) <= set(other.when[fact]) for fact in other.when)


def test_the_proof_finds_a_rule_that_never_counts(decider, library):
    here = next(one for one in grounds(library.rulebase) if one.concern == "unsure")
    rule = next(rule for rule in here.rules if rule.as_ is As.FIRST)
    weaker = type(rule)(**{**vars(rule), "id": "twin.1", "as_": As.LATER})
    edition = here.edition
    rules = (*edition.rules, weaker)
    broken = ground(type(edition)(edition.id, edition.since, edition.until, rules, "", edition.vocabulary), "unsure")
    assert list(every_rule_counts(broken))


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
