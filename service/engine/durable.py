"""An edition as durable-rules rulesets: the only module that knows the engine and its sharp edges.

One wide fact per decision with every property present, strings only, no `none`, no `any`, no negation; the C core
without its Host and timer threads; one constant session per ruleset, and the fact is always retracted. The answers
of a request never reach the engine's own keys (`sid`, `id`), an exception text or a log.
It does not know what a rule is about, or who asks.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import durable_rules_engine
import msgspec

from service.core.errors import WegwijzerError
from service.core.rule import Edition, Rule
from service.core.situation import Situation
from service.core.vocabulary import Fact

UNANSWERED = "-"
END = "end."  # no rule id ends in a dot
# The core goes wrong, or stops, when more than 64 conditions match one fact side by side, when 256 rules share one
# condition, and when a ruleset has a few hundred of our rules. None of these can happen in a ruleset of this many.
TOGETHER = 60
# Side by side 511 conditions can stand, one is of the end rule; at 513 the core never comes back.
APART = 510
FACTS = 252  # a fact may have 254 properties, and two are the engine's own
SEVERAL = 14  # one more, and the core refuses the rule
LONGEST = 65_534  # it counts in 16 bits, so longer words are cut off, and match what they should not
CORE = "2.0.28"  # the one that all of this was found out about
_RESERVED = {"sid", "id", "$s"}
_STEP = msgspec.json.Decoder(dict[str, msgspec.Raw])  # the rule that fires; what the core says with it is not read
_names = itertools.count()


class EngineError(WegwijzerError):
    """The engine did not run to its end. Carries nothing of the situation."""


class EngineLimitError(WegwijzerError):
    """The engine would take the facts for something else; said when the rules are loaded."""


class Engine:
    """The rules of one edition: per concern as many rulesets as it takes."""

    def __init__(self, edition: Edition) -> None:
        if (core := version("durable-rules")) != CORE:
            raise EngineLimitError(f"The engine is {core}, and its limits are known of {CORE} only; install that one.")
        self._concerns = {
            concern: (
                [(fact.id, _Said(fact)) for fact in edition.vocabulary.facts_of(concern)],
                _rulesets(edition, concern),
            )
            for concern in edition.vocabulary.concerns.answers
        }

    def fire(self, situation: Situation) -> dict[str, tuple[str, ...]]:
        """Per concern of the situation the ids of the rules that fire, in the order of the files.

        Raises:
            EngineError: the engine did not run to its end.

        """
        return {concern: self._fire(concern, situation.answers) for concern in situation.concerns}

    def _fire(self, concern: str, answers: Mapping[str, str]) -> tuple[str, ...]:
        facts, rulesets = self._concerns[concern]
        wide = ", ".join([said[answers.get(fact, UNANSWERED)] for fact, said in facts])
        message = f'{{{wide}, "sid": "one", "id": "one"}}'
        return tuple(rule for ruleset in rulesets for rule in ruleset.fire(message))

    def close(self) -> None:
        """Give the rulesets back to the core; the engine is of no use afterwards."""
        for _, rulesets in self._concerns.values():
            for ruleset in rulesets:
                ruleset.close()


class _Said(dict[str, str]):
    """Each answer to a fact as a property of the wide fact, written beforehand; one that nobody listed is not kept."""

    def __init__(self, fact: Fact) -> None:
        self._fact = json.dumps(fact.id)
        super().__init__({answer: self.__missing__(answer) for answer in (UNANSWERED, *fact.answers)})

    def __missing__(self, answer: str) -> str:
        return f"{self._fact}: {json.dumps(answer)}"


def _rulesets(edition: Edition, concern: str) -> list[_Ruleset]:
    return [_Ruleset(edition, concern, rules) for rules in _portions(edition.of_concern(concern))]


def _portions(rules: Iterable[Rule]) -> Iterator[tuple[Rule, ...]]:
    """The rules in their order, in as few rulesets as the core can hold."""
    portion: list[Rule] = []
    named: set[tuple[str, str]] = set()
    for rule in rules:
        names = {(fact, answer) for fact, answers in rule.when.items() for answer in answers}
        if portion and (len(portion) == TOGETHER or len(named | names) > APART):
            yield tuple(portion)
            portion, named = [], set()
        portion.append(rule)
        named |= names
    if portion:
        yield tuple(portion)


class _Ruleset:
    def __init__(self, edition: Edition, concern: str, rules: tuple[Rule, ...]) -> None:
        facts = edition.vocabulary.facts_of(concern)
        sizes = {fact.id: len(fact.answers) for fact in edition.vocabulary.facts}
        _refuse_what_the_core_gets_wrong(concern, facts)
        _refuse_rules_that_the_core_gets_wrong(rules, sizes)
        compiled: dict[str, Any] = {
            rule.id: {"all": [{"m": _condition(rule, sizes, facts[0].id)}], "pri": number}
            for number, rule in enumerate(rules)
        }
        compiled[END] = {"all": [{"m": {"$ex": {facts[0].id: 1}}}], "pri": 65_535}
        # The name must be new: the core keeps names for ever, also of rulesets that were deleted.
        name = f"{edition.id}.{concern}.{next(_names)}"
        try:
            self._handle = durable_rules_engine.create_ruleset(name, json.dumps(compiled))
        except durable_rules_engine.error as error:
            raise EngineLimitError(f"The engine refuses the rules {rules[0].id} to {rules[-1].id}: {error}.") from None
        self._lock = threading.Lock()

    def fire(self, message: str) -> tuple[str, ...]:
        try:
            fired = self._run(message)
        except Exception:
            # The core's own message may hold the fact; `from None` keeps it out of every traceback.
            raise EngineError("The engine stopped with an error.") from None
        if not fired or fired[-1] != END:
            raise EngineError("The engine did not run to its end.")
        return tuple(dict.fromkeys(fired[:-1]))

    def _run(self, message: str) -> list[str]:
        fired = []
        with self._lock:
            try:
                code, offset = durable_rules_engine.assert_fact(self._handle, message)
                started = durable_rules_engine.start_action_for_state(self._handle, offset) if code == 0 else None
                step = started[1] if started else None
                while step:
                    (rule,) = _STEP.decode(step)
                    fired.append(rule)
                    step = durable_rules_engine.complete_and_start_action(self._handle, offset)
            finally:
                durable_rules_engine.retract_fact(self._handle, message)
        return fired

    def close(self) -> None:
        durable_rules_engine.delete_ruleset(self._handle)


def _condition(rule: Rule, sizes: Mapping[str, int], always: str) -> dict[str, Any]:
    """A rule as one expression on the wide fact; a condition that every answer meets says nothing and is left out."""
    terms = [_one_of(fact, sorted(answers)) for fact, answers in rule.when.items() if len(answers) < sizes[fact]]
    if not terms:
        return {"$ex": {always: 1}}
    return terms[0] if len(terms) == 1 else {"$and": terms}


def _one_of(fact: str, answers: list[str]) -> dict[str, Any]:
    equal = [{fact: answer} for answer in answers]
    return equal[0] if len(equal) == 1 else {"$or": equal}


def _refuse_what_the_core_gets_wrong(concern: str, facts: Sequence[Fact]) -> None:
    """Limits of the core that it does not tell of, or tells of in numbers only; measured, each in a test."""
    if not 0 < len(facts) <= FACTS:
        raise EngineLimitError(f"{concern!r} has rules and {len(facts)} facts; the engine holds 1 to {FACTS}.")
    hashes: dict[int, str] = {}
    for fact in facts:
        if fact.id in _RESERVED or fact.id.startswith("$"):
            raise EngineLimitError(f"A fact cannot be called {fact.id!r}: the engine uses that name itself.")
        other = hashes.setdefault(_fnv1a(fact.id), fact.id)
        if other != fact.id:
            raise EngineLimitError(f"The engine takes {fact.id!r} and {other!r} for one fact; rename one of them.")
        for answer in fact.answers:
            if answer == UNANSWERED:
                raise EngineLimitError(f"An answer to {fact.id!r} cannot be {answer!r}: that stands for no answer.")
            if len(_written(answer)) > LONGEST:
                raise EngineLimitError(f"An answer to {fact.id!r} is longer than the {LONGEST} bytes the engine reads.")


def _refuse_rules_that_the_core_gets_wrong(rules: Iterable[Rule], sizes: Mapping[str, int]) -> None:
    for rule in rules:
        if rule.id == END:
            raise EngineLimitError(f"A rule cannot be called {rule.id!r}: the engine's last rule is.")
        named = [len(answers) for fact, answers in rule.when.items() if len(answers) < sizes[fact]]
        if (several := sum(count > 1 for count in named)) > SEVERAL:
            raise EngineLimitError(
                f"{rule.id} names several answers for {several} facts; the engine holds {SEVERAL}. Split the rule."
            )
        if sum(named) > APART:
            raise EngineLimitError(f"{rule.id} names {sum(named)} answers; the engine holds {APART}. Split the rule.")


def _written(text: str) -> bytes:
    """The text as the core reads it: it never undoes the writing of JSON."""
    return json.dumps(text)[1:-1].encode()


def _fnv1a(text: str) -> int:
    """The hash by which the core tells property names apart (it never compares the names themselves)."""
    value = 2_166_136_261
    for byte in _written(text):
        value = ((value ^ byte) * 16_777_619) & 0xFFFFFFFF
    return value
