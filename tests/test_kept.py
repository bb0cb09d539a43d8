"""What was found to hold before is believed when nothing it depends on changed, and never otherwise.

One thing after the other is changed: in rules, in what they are held against, in what is shown, and in what was made of
them. Whatever it is, whoever believes what was kept of all changes before finds what somebody finds who believes
nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import small
from mutation import mutants

from service.core.cubes import of_edition
from service.core.graph import build
from service.core.period import Period
from service.core.rule import As
from service.proof.competence import CAN, CANNOT, ONLY_IF
from service.proof.grounds import grounds, in_ids
from service.proof.prove import prove
from service.proof.trials import engine_agrees, trying
from service.rulebook.checking import demands
from service.rulebook.neighbourhoods import changed, load_neighbourhoods
from service.rulebook.toml_files import Problems

LOOKED_AT = {
    *("one_first", "another_door", "every_rule_counts", "exact_questions", "exact_ways"),
    *("reach", "acts", "contacts", "doubts", "competence", "neighbourhoods"),
}


def found(draft, held_against, made, tried, signed=()):
    """Every proof with what breaks it; the engine has a test of its own."""
    everywhere = grounds(draft.rulebase, in_ids)
    told = prove(draft.rulebase, everywhere, held_against, made, in_ids, tried)
    broken = {one.name: sorted(map(repr, one.broken)) for one in told}
    return {**broken, "neighbourhoods": sorted(map(str, changed(signed, draft, tried)))}


class Nothing(dict):
    """What somebody keeps who believes nothing, not even of a moment ago."""

    def __contains__(self, name):
        return False


def made_of(draft):
    editions = draft.rulebase.editions
    return {one.id: build(one) for one in editions}, {one.id: of_edition(one) for one in editions}


def with_rules(draft, rules):
    """The same with other rules, on the same days."""
    editions = tuple(
        replace(one, rules=tuple(rule for rule in rules if rule.in_force(one.since))) for one in draft.rulebase.editions
    )
    return replace(draft, rulebase=replace(draft.rulebase, rules=tuple(rules), editions=editions))


def with_facts(draft, facts):
    """The same with other facts."""
    vocabulary = replace(draft.rulebase.vocabulary, facts=tuple(facts))
    editions = tuple(replace(one, vocabulary=vocabulary) for one in draft.rulebase.editions)
    return replace(draft, rulebase=replace(draft.rulebase, vocabulary=vocabulary, editions=editions))


def each(values, *changes):
    """The values with one of them changed in one way; a change that gives None is none."""
    for number, one in enumerate(values):
        for change in changes:
            if (other := change(one)) is not None:
                yield (*values[:number], other, *values[number + 1 :])


def other_rules(draft):
    rules, destinations = draft.rulebase.rules, draft.rulebase.vocabulary.destinations
    for rule in rules:
        for mutant in mutants(draft, rule):
            yield [mutant.changed if one is rule else one for one in rules if one is not rule or mutant.changed]
    yield from each(
        rules,
        lambda rule: replace(rule, refer=next(one for one in destinations if one != rule.refer)),
        lambda rule: replace(rule, doubts=tuple(replace(one, whom=()) for one in rule.doubts)) if rule.doubts else None,
        lambda rule: replace(rule, doubts=()) if rule.doubts else None,
        lambda rule: replace(rule, example=rule.near_miss),
    )


def other_facts(draft):
    facts = draft.rulebase.vocabulary.facts
    yield facts
    yield facts[::-1]
    yield from each(
        facts,
        lambda fact: None if fact.several or fact.id == "role" else replace(fact, applies={"role": ("student",)}),
        lambda fact: None if fact.several else replace(fact, answers=fact.answers[::-1]),
        lambda fact: None if fact.several else replace(fact, answers=(*fact.answers, "more")),
    )


def needing(offer, whom):
    """What is offered, with somebody who has what each need of it asks."""
    return replace(offer, needs=tuple(replace(need, whom=whom) for need in offer.needs))


def demanded(draft, facts):
    """What rules are held against, naming all these answers where naming none says the same."""
    whole, named = demands(draft), {fact.id: fact.answers for fact in facts if not fact.several}
    (promise, *_), everywhere = whole.promises, draft.rulebase.vocabulary.destinations
    mentions = tuple(replace(one, whom=named) for one in whole.shown.mentions)
    acts = tuple(replace(one, audience={**named, **one.audience}) for one in whole.shown.acts)
    promises = tuple(
        replace(promise, id=one, refer=everywhere, as_=tuple(As), only_where={one: frozenset(of)}, never_where=None)
        for one, of in named.items()
    )
    return replace(
        whole, shown=replace(whole.shown, acts=acts, mentions=mentions), promises=(*whole.promises, *promises)
    )


def other_demands(whole, turns):
    shown, late = whole.shown, date(2098, 1, 1)
    for promises in each(
        whole.promises,
        lambda one: replace(one, refer=(*one.refer, "student_desk", "counsellor")),
        lambda one: replace(one, as_=tuple(As)),
        lambda one: replace(one, only_where=None, never_where=one.only_where) if one.only_where else None,
        lambda one: replace(one, only_where={"role": frozenset({"applicant"})}, never_where=None),
    ):
        yield replace(whole, promises=promises)
    for id_, needed in whole.name_needed.items():
        for other in {*whole.name_needed.values()} - {needed}:
            yield replace(whole, name_needed={**whole.name_needed, id_: other})
    for cells in each(
        whole.competence,
        *(lambda cell, takes=takes: replace(cell, takes=takes) for takes in (CAN, CANNOT, ONLY_IF)),
        lambda cell: replace(cell, passing=not cell.passing),
        lambda cell: replace(cell, when={}),
        lambda cell: replace(cell, since=late),
    ):
        yield replace(whole, competence=cells)
    yield replace(whole, asks=lambda _: True)
    for name in ("acts", "others"):
        for offers in each(
            getattr(shown, name),
            lambda one: replace(one, audience={}),
            lambda one: replace(one, audience={"role": ("applicant",)}),
            lambda one: replace(one, audience={shown.organisation: ("nobody",)}),
            lambda one: replace(one, ways=("later",)),
            lambda one: replace(one, since=late),
            lambda one: needing(one, ()) if one.needs else None,
            lambda one: needing(one, (({}, Period(None, turns)),)) if one.needs else None,
        ):
            yield replace(whole, shown=replace(shown, **{name: offers}))
    yield replace(whole, shown=replace(shown, people=lambda _: ()))
    for mentions in each(shown.mentions, lambda one: replace(one, whom={"role": ("applicant",)})):
        yield replace(whole, shown=replace(shown, mentions=mentions))


def other_made(draft, made):
    """Graphs and cubes that are not those of the rules."""
    graphs, cubes = made
    last = draft.rulebase.editions[-1].id
    for rules in each(draft.rulebase.rules, lambda rule: replace(rule, when={}) if rule.when else None):
        yield made_of(with_rules(draft, rules))[0], cubes
    for concern, doors in cubes[last].items():
        for door, ways in doors.items():
            yield graphs, {**cubes, last: {**cubes[last], concern: {**doors, door: ways[1:]}}}


def test_what_was_kept_changes_nothing_of_what_is_found():
    draft = small.draft()
    made, whole, kept, broken = made_of(draft), demands(draft), {}, Counter()
    signed = load_neighbourhoods(small.UNIVERSITY / "tests", draft, Problems())

    def looked_at(*what, **more):
        warm, cold = (found(*what, tried, **more) for tried in (kept, Nothing()))
        assert warm == cold
        broken.update(name for name, wrong in cold.items() if wrong)

    looked_at(draft, whole, made, signed=signed)
    assert not broken
    known = {*kept}
    looked_at(draft, whole, made, signed=signed)
    assert known == {*kept}
    for other in (with_rules(draft, rules) for rules in other_rules(draft)):
        looked_at(other, demands(other), made_of(other), signed=signed)
    facts = draft.rulebase.vocabulary.facts
    for other in (with_facts(draft, others) for _ in range(2) for others in other_facts(draft)):
        looked_at(other, demanded(other, facts), made_of(other), signed=signed)
    for other in other_demands(whole, draft.rulebase.editions[-1].since):
        looked_at(draft, other, made)
    for spoiled in other_made(draft, made):
        looked_at(draft, whole, spoiled)
    assert {*broken} >= LOOKED_AT | {one.id for one in whole.promises}


def test_the_engine_is_tried_again_on_the_concern_that_changed_along_the_paths_that_did(monkeypatch):
    asked = []

    def recorded(here, graph, follow):
        asked.append((here.concern, {*follow}))
        return engine_agrees(here, graph, follow)

    monkeypatch.setattr("service.proof.beside._can_be_had", lambda: False)
    monkeypatch.setattr("service.proof.trials.engine_agrees", recorded)
    draft, kept = small.draft(), {}

    def tried(draft):
        asked.clear()
        with trying(grounds(draft.rulebase, in_ids), made_of(draft)[0], kept) as answer:
            found = answer()
        assert found.broken == ()
        return found.counted

    whole = tried(draft)
    every = {(rule.concern, rule.refer) for rule in draft.rulebase.rules}
    assert {(concern, door) for concern, doors in asked for door in doors} == every
    assert tried(draft) == whole
    assert asked == []
    rules = draft.rulebase.rules
    for number, rule in enumerate(rules):
        for other, doors in (
            (replace(rule, when={}), {rule.refer}),
            (replace(rule, example=replace(rule.example, situation=rule.near_miss.situation)), set()),
        ):
            tried(with_rules(draft, (*rules[:number], other, *rules[number + 1 :])))
            assert asked[0] == (rule.concern, doors)
            assert all(one in ((rule.concern, doors), (rule.concern, set())) for one in asked)
