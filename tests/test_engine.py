"""durable-rules decides, under a recipe that holds its sharp edges; these tests are what the recipe promises."""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import chain, count, islice
from math import gcd
from pathlib import Path

import durable_rules_engine
import pytest

from service.core.index import RuleIndex
from service.core.rule import As, Edition, Rule, Story
from service.core.situation import Situation, situation
from service.core.vocabulary import Fact, Vocabulary
from service.engine.decider import Decider, DisagreementError, agree, stories
from service.engine.durable import (
    APART,
    CORE,
    FACTS,
    LONGEST,
    SEVERAL,
    TOGETHER,
    UNANSWERED,
    Engine,
    EngineError,
    EngineLimitError,
)
from service.proof import trials
from service.proof.grounds import grounds
from service.proof.trials import compare, compare_part, parts_of
from service.rulebook.library import load_library

SAMPLE = 1_000  # situations of each space, however large questions make it


@pytest.mark.slow
def test_engine_index_and_rules_agree_in_samples_spread_over_every_space(library):
    """Small spaces whole, and of a large one situations spread over all of it.

    `wegwijzer check` compares along every path of the graph and on both sides of every condition. Neither is every
    situation there is: `make whole-space` compares those, and keeps that it held until rules, code or engine change.
    """
    for here in grounds(library.rulebase):
        # No multiple of how many answers a question has, so that each answer to each comes by.
        parts = next(n for n in count(here.space.size // SAMPLE + 1) if gcd(n, here.space.size) == 1)
        compared, difference = compare(here, 0, parts)
        assert difference is None
        assert compared >= here.space.size // parts > 0


def test_the_parts_of_a_space_hold_every_situation_once(university, library, monkeypatch):
    for here in grounds(university.rulebase):
        assert sum(compare_part(here, part)[0] for part in parts_of(here)) == here.space.size
    for here in grounds(library.rulebase):
        numbers = [*chain(*parts_of(here))]
        assert numbers == [*range(len(numbers))]
        assert here.space.size % len(numbers) == 0
    here, fired = grounds(university.rulebase)[-1], []
    fire = Engine.fire
    monkeypatch.setattr(Engine, "fire", lambda self, asked: fired.append({**asked.answers}) or fire(self, asked))
    monkeypatch.setattr(trials, "ENDINGS", 3)
    monkeypatch.setattr(trials, "PART", 4)
    assert len(parts_of(here)) > 1
    assert all(compare_part(here, part)[1] is None for part in parts_of(here))
    tested = [{fact.id: one[fact.id] for fact in here.space.facts} for one in fired]
    assert len({*(tuple(one.items()) for one in tested)}) == len(tested) == here.space.size


def test_a_difference_in_one_situation_is_found(university, monkeypatch):
    here = grounds(university.rulebase)[-1]
    fire, wrong = Engine.fire, here.rules[0].id
    monkeypatch.setattr(
        Engine, "fire", lambda self, asked: {one: ids[ids[:1] == (wrong,) :] for one, ids in fire(self, asked).items()}
    )
    assert compare(here)[1]
    assert any(compare_part(here, part)[1] for part in parts_of(here))


@pytest.mark.slow
def test_they_agree_on_incomplete_situations_too(library, decider):
    """An unanswered fact refutes nothing and satisfies nothing: every beginning of every story."""
    for edition in library.rulebase.editions:
        engine, index = decider.engines[edition.id], RuleIndex(edition)
        for story in islice(stories(edition), 0, None, 3):
            for known in range(len(story.answers)):
                part = Situation(story.concerns, dict(islice(story.answers.items(), known)))
                assert engine.fire(part) == index.fire(part)


def test_what_one_person_answers_is_not_there_for_the_next(library):
    """The engine keeps facts of a session; two people must never meet in one."""
    engine = Engine(library.rulebase.editions[-1])
    asked = situation(library.rulebase.vocabulary, {"concerns": ["misconduct"]})
    before = engine.fire(asked)
    for story in islice(stories(library.rulebase.editions[-1]), 50):
        engine.fire(story)
        assert engine.fire(asked) == before


@pytest.mark.slow
def test_threads_never_see_each_other(library):
    """Eight threads, one engine, switching as often as they can: every decision is that of its own situation."""
    edition = library.rulebase.editions[-1]
    engine = Engine(edition)
    asked = list(stories(edition))
    expected = [engine.fire(one) for one in asked]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            rounds = pool.map(lambda _: [engine.fire(one) for one in asked], range(24))
            assert all(found == expected for found in rounds)
    finally:
        sys.setswitchinterval(interval)


def _fire_all(engine, asked, expected, result):
    result.put([engine.fire(one) for one in asked] == expected)


def test_a_forked_worker_decides_as_its_parent(library):
    edition = library.rulebase.editions[-1]
    engine = Engine(edition)
    asked = list(islice(stories(edition), 100))
    expected = [engine.fire(one) for one in asked]
    context = multiprocessing.get_context("fork")
    result = context.Queue()
    workers = [context.Process(target=_fire_all, args=(engine, asked, expected, result)) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert [result.get(timeout=60) for _ in workers] == [True] * 4
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert [engine.fire(one) for one in asked] == expected


DECISIONS = 120_000


def _memory() -> int:
    """Kilobytes of this process in memory now."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * resource.getpagesize() // 1024


def _steady(result):
    library = load_library()
    engine = Engine(library.rulebase.editions[-1])
    asked = list(stories(library.rulebase.editions[-1]))[::2]
    for one in asked * 2:
        engine.fire(one)
    gc.collect()
    before, made = _memory(), 0
    while made < DECISIONS:
        for one in asked:
            engine.fire(one)
        made += len(asked)
    gc.collect()
    result.put(_memory() - before)


@pytest.mark.slow
def test_decisions_leave_no_trace_in_memory():
    """The least that can be lost is what malloc gives at least: 24 bytes each time would be over this bound."""
    context = multiprocessing.get_context("spawn")
    result = context.Queue()
    worker = context.Process(target=_steady, args=(result,))
    worker.start()
    assert result.get(timeout=300) < 2048
    worker.join(60)


def test_when_the_engine_fails_the_graph_answers_and_health_says_so(library, monkeypatch, caplog):
    decider = Decider(library.rulebase)
    asked = situation(
        library.rulebase.vocabulary,
        {"concerns": ["labour_conflict"], "reporter": "employee", "labour_desk": "yes"},
    )
    expected = decider.decide(asked, date(2026, 1, 1))
    monkeypatch.setattr(durable_rules_engine, "assert_fact", lambda *_: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert decider.decide(asked, date(2026, 1, 1)) == expected
    assert decider.counts["engine_failures"] == 1
    assert "labour_conflict" not in caplog.text
    assert "employee" not in caplog.text


def test_the_words_of_a_failing_engine_go_nowhere(library, monkeypatch):
    """Its error texts hold the facts; ours must not, not even in the chain of causes."""
    engine = Engine(library.rulebase.editions[-1])

    def fails(_, message):
        raise RuntimeError(message)

    monkeypatch.setattr(durable_rules_engine, "assert_fact", fails)
    with pytest.raises(EngineError) as caught:
        engine.fire(Situation(("misconduct",), {"reporter": "employee"}))
    assert "employee" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_engine_that_stops_half_way_is_a_failure_not_an_answer(library, monkeypatch):
    engine = Engine(library.rulebase.editions[-1])
    monkeypatch.setattr(durable_rules_engine, "complete_and_start_action", lambda *_: None)
    with pytest.raises(EngineError):
        engine.fire(situation(library.rulebase.vocabulary, {"concerns": ["labour_conflict"], "reporter": "employee"}))


def test_when_the_readings_differ_neither_is_believed(library, monkeypatch, caplog):
    decider = Decider(library.rulebase)
    for engine in decider.engines.values():
        monkeypatch.setattr(engine, "fire", lambda asked: dict.fromkeys(asked.concerns, ()))
    asked = situation(library.rulebase.vocabulary, {"concerns": ["labour_conflict"], "reporter": "contractor"})
    verdict = decider.decide(asked, date(2026, 1, 1))
    assert verdict.decision is None
    assert decider.counts["disagreements"] == 1
    assert verdict.edition.id in caplog.text
    assert "contractor" not in caplog.text


def test_a_rulebase_on_which_the_readings_differ_is_not_served(library, monkeypatch):
    monkeypatch.setattr(Engine, "fire", lambda self, asked: dict.fromkeys(asked.concerns, ()))
    with pytest.raises(DisagreementError):
        agree(Decider(library.rulebase))


def small(facts: list[Fact], rules: int, conditions) -> Edition:
    concerns = Fact("concerns", ("one", "two"), several=True)
    vocabulary = Vocabulary((concerns, *facts), ("door",), date(2020, 1, 1), "door")
    story = Story("", {})
    made = tuple(
        Rule(f"door.{n}", "door", As.ALSO, "one", conditions(n), date(2020, 1, 1), None, (), {}, None, (), story, story)
        for n in range(rules)
    )
    return Edition("test", date(2020, 1, 1), None, made, "", vocabulary)


def test_answers_that_look_like_something_else_stay_words():
    """The engine takes '1' for 1, 'true' for True and '' for 0; strings against strings are safe."""
    answers = ("1", "true", "0", "None", "1.0", "é", '"', "\\", "{}")
    edition = small([Fact("f", answers)], len(answers), lambda n: {"f": frozenset({answers[n]})})
    engine = Engine(edition)
    for number, answer in enumerate(answers):
        assert engine.fire(Situation(("one",), {"f": answer})) == {"one": (f"door.{number}",)}


@pytest.mark.parametrize("name", ["sid", "id", "$s", "$or", "$ex", "$lt"])
def test_a_fact_cannot_take_a_name_of_the_engine(name):
    with pytest.raises(EngineLimitError, match="uses that name itself"):
        Engine(small([Fact(name, ("a", "b"))], 1, lambda _: {name: frozenset("a")}))


def test_two_names_that_the_engine_takes_for_one_are_refused():
    """It compares 32-bit hashes and never the names; these two collide."""
    facts = [Fact("is_202066", ("a", "b")), Fact("is_57589", ("a", "b"))]
    with pytest.raises(EngineLimitError, match="takes 'is_57589' and 'is_202066' for one fact"):
        Engine(small(facts, 1, lambda _: {"is_57589": frozenset("a")}))


def test_two_names_with_an_accent_that_the_engine_takes_for_one_are_refused():
    """It hashes the name as JSON writes it; these two collide so, and not as letters."""
    facts = [Fact("é562789", ("a", "b")), Fact("é779192", ("a", "b"))]
    with pytest.raises(EngineLimitError, match="takes 'é779192' and 'é562789' for one fact"):
        Engine(small(facts, 1, lambda _: {"é562789": frozenset("a")}))


def test_as_many_facts_as_the_engine_holds_and_no_more():
    facts = [Fact(f"f{n}", ("a", "b")) for n in range(FACTS)]
    every = {fact.id: "a" for fact in facts}
    edition = small(facts, 1, lambda _: {fact.id: frozenset("a") for fact in facts})
    engine = Engine(edition)
    assert engine.fire(Situation(("one",), every)) == {"one": ("door.0",)}
    assert engine.fire(Situation(("one",), {**every, f"f{FACTS - 1}": "b"})) == {"one": ()}
    with pytest.raises(EngineLimitError, match=f"has rules and {FACTS + 1} facts"):
        Engine(small([*facts, Fact("more", ("a", "b"))], 1, lambda _: {"more": frozenset("a")}))


def test_rules_without_a_fact_to_hold_them_against_are_refused():
    with pytest.raises(EngineLimitError, match="has rules and 0 facts"):
        Engine(small([], 1, lambda _: {}))


def test_an_answer_cannot_be_what_stands_for_no_answer():
    """A rule that named it would hold for everybody who has not answered."""
    with pytest.raises(EngineLimitError, match="stands for no answer"):
        Engine(small([Fact("f", ("a", UNANSWERED))], 1, lambda _: {"f": frozenset({UNANSWERED})}))


@pytest.mark.parametrize("letter", ["a", "é"])
def test_as_long_an_answer_as_the_engine_tells_apart_and_no_longer(letter):
    """It counts in 16 bits, without a word: a longer one matches what it should not. An é is six bytes of JSON."""
    longest = letter * (LONGEST // len(json.dumps(letter)[1:-1]))
    answers = (longest, longest[:-1], letter)
    engine = Engine(small([Fact("f", answers)], 3, lambda n: {"f": frozenset({answers[n]})}))
    for number, answer in enumerate(answers):
        assert engine.fire(Situation(("one",), {"f": answer})) == {"one": (f"door.{number}",)}
    with pytest.raises(EngineLimitError, match="longer than"):
        Engine(small([Fact("f", (longest + letter, "b"))], 1, lambda _: {"f": frozenset("b")}))


def test_a_rule_holds_as_many_facts_with_several_answers_as_the_engine():
    """And no more."""
    facts = [Fact(f"f{n}", ("a", "b", "c")) for n in range(SEVERAL + 1)]
    held = small(facts, 1, lambda _: {fact.id: frozenset("ab") for fact in facts[:-1]} | {facts[-1].id: frozenset("a")})
    every = {fact.id: "a" for fact in facts}
    assert Engine(held).fire(Situation(("one",), every)) == {"one": ("door.0",)}
    assert Engine(held).fire(Situation(("one",), {**every, "f3": "c"})) == {"one": ()}
    with pytest.raises(EngineLimitError, match=r"door\.0 names several answers for 15 facts"):
        Engine(small(facts, 1, lambda _: {fact.id: frozenset("ab") for fact in facts}))


def test_as_many_answers_in_a_rule_as_the_engine_holds_and_no_more():
    """At three more it never comes back."""
    answers = tuple(f"a{n}" for n in range(APART + 2))
    engine = Engine(small([Fact("f", answers)], 1, lambda _: {"f": frozenset(answers[:APART])}))
    assert engine.fire(Situation(("one",), {"f": answers[APART - 1]})) == {"one": ("door.0",)}
    assert engine.fire(Situation(("one",), {"f": answers[APART]})) == {"one": ()}
    with pytest.raises(EngineLimitError, match=r"door\.0 names 511 answers"):
        Engine(small([Fact("f", answers)], 1, lambda _: {"f": frozenset(answers[: APART + 1])}))


def test_rules_that_together_name_more_answers_than_one_ruleset_holds_get_several():
    answers = tuple(f"a{n}" for n in range(1_200))
    edition = small([Fact("f", answers)], 60, lambda n: {"f": frozenset(answers[n * 20 : n * 20 + 20])})
    engine = Engine(edition)
    for number in range(0, 1_200, 37):
        asked = Situation(("one",), {"f": answers[number]})
        assert engine.fire(asked) == {"one": (f"door.{number // 20}",)}


def test_what_the_engine_refuses_for_a_reason_unknown_to_us_is_said_to_the_author(monkeypatch):
    def refuses(*_):
        raise durable_rules_engine.error("Could not create ruleset, error code: 113")

    monkeypatch.setattr(durable_rules_engine, "create_ruleset", refuses)
    with pytest.raises(EngineLimitError, match=r"refuses the rules door\.0 to door\.1: .* 113"):
        Engine(small([Fact("f", ("a", "b"))], 2, lambda _: {"f": frozenset("a")}))


def test_another_engine_than_the_one_that_was_measured_is_refused(monkeypatch):
    monkeypatch.setattr("service.engine.durable.version", lambda _: "2.0.29")
    with pytest.raises(EngineLimitError, match=r"is 2\.0\.29, and its limits are known of 2\.0\.28"):
        Engine(small([Fact("f", ("a", "b"))], 1, lambda _: {"f": frozenset("a")}))


def test_the_engine_that_is_installed_is_the_one_that_was_measured():
    assert f"durable-rules=={CORE} " in (Path(__file__).parent.parent / "requirements/run.txt").read_text("ascii")


def test_more_rules_than_one_ruleset_holds_fire_as_the_index_has_them():
    """The core stops at a few hundred of our rules in one ruleset; many rulesets do not."""
    answers = tuple(map(str, range(50)))
    facts = [Fact(f"f{n}", answers) for n in range(4)]
    edition = small(facts, 2_000, lambda n: {f"f{n % 4}": frozenset({answers[n % 50], answers[(n * 7) % 50]})})
    engine = Engine(edition)
    for answer in answers[::9]:
        asked = Situation(("one",), {fact.id: answer for fact in facts})
        meant = tuple(rule.id for rule in edition.rules if rule.matches(asked.answers))
        assert len(meant) >= 40
        assert engine.fire(asked) == {"one": meant}
    engine.close()


@pytest.mark.parametrize("rules", [TOGETHER, 64, 65, 255, 256, 257, 600])
def test_rules_with_one_and_the_same_condition_all_fire_and_no_other(rules):
    """From 256 alike in one ruleset on, the core crashes, or fires rules that do not hold."""
    edition = small([Fact("f", ("a", "b")), Fact("g", ("a", "b"))], rules, lambda _: {"f": frozenset("a")})
    engine = Engine(edition)
    everything = tuple(rule.id for rule in edition.rules)
    assert engine.fire(Situation(("one",), {"f": "a", "g": "a"})) == {"one": everything}
    assert engine.fire(Situation(("one",), {"f": "b", "g": "a"})) == {"one": ()}
    engine.close()


def test_a_concern_without_rules_fires_none():
    assert Engine(small([Fact("f", ("a", "b"))], 0, lambda _: {})).fire(Situation(("one", "two"), {})) == {
        "one": (),
        "two": (),
    }


def test_closing_gives_the_ruleset_back(library):
    engine = Engine(library.rulebase.editions[0])
    engine.close()
    with pytest.raises(EngineError):
        engine.fire(situation(library.rulebase.vocabulary, {"concerns": ["misconduct"]}))
