"""Our own readings, and the two floors under all of them, built and asked as the engines of others are.

The floors are what to measure by: answers that are known before they are asked for, and the rules as a chain of ifs
that Python compiled.
"""

from __future__ import annotations

from datetime import date
from operator import itemgetter

from benchmarks.peers.descent import Descent
from service.core.index import RuleIndex
from service.core.rule import As, Edition, Rule, Story
from service.core.situation import Situation
from service.core.vocabulary import Fact, Vocabulary
from service.engine.durable import Engine

HERE, DAY = "here", date(2026, 1, 1)


def edition(facts, rules):
    """The rules of one concern as an edition of its own; of `12.2` the destination is `12`."""
    concerns = Fact("concerns", (HERE,), several=True)
    asked = (concerns, *(Fact(fact, tuple(answers)) for fact, answers in facts.items()))
    story, made = Story("", {}), []
    for id_, when in rules:
        refer, as_ = id_.rpartition(".")[0], As.ALSO
        conditions = {fact: frozenset(answers) for fact, answers in when.items()}
        made.append(Rule(id_, refer, as_, HERE, conditions, DAY, None, (), {}, (), (), story, story))
    places = tuple(dict.fromkeys(rule.refer for rule in made))
    return Edition(HERE, DAY, None, tuple(made), "", Vocabulary(asked, places, DAY, places[0]))


def dictionary(facts, rules):
    """The floor: the right answers, known beforehand: each is put in when it is first asked for, before it is timed."""
    key, known = itemgetter(*facts), {}

    def decide(answers):
        asked = key(answers)
        if asked not in known:
            known[asked] = tuple(
                id_ for id_, when in rules if all(answers[fact] in some for fact, some in when.items())
            )
        return known[asked]

    return decide


def chain_of_ifs(facts, rules):
    """The floor of whoever writes the rules as code."""
    lines = ["def decide(s):", " fired = []"]
    for id_, when in rules:
        test = " and ".join(f"s[{fact!r}] in {set(answers)!r}" for fact, answers in when.items())
        lines.append(f" if {test or True}: fired.append({id_!r})")
    space: dict = {}
    exec("\n".join([*lines, " return fired"]), space)
    return space["decide"]


def index(facts, rules):
    """What every answer of the service is held against."""
    reading = RuleIndex(edition(facts, rules))
    return lambda answers: reading.fire(Situation((HERE,), answers))[HERE]


def descent(facts, rules):
    """The decision graph, of a situation in which nothing is open."""
    reading = Descent(edition(facts, rules))
    return lambda answers: reading.stand(HERE, answers)


def durable(facts, rules):
    """What decides every request of the service, by its recipe."""
    engine = Engine(edition(facts, rules))
    return lambda answers: engine.fire(Situation((HERE,), answers))[HERE]


ENGINES = {
    "dictionary of answers": dictionary,
    "chain of ifs, compiled": chain_of_ifs,
    "graph, one walk": descent,
    "index": index,
    "durable-rules": durable,
}
