"""Rulebases and situations as plain values that every engine can read: the one that ships, and grown ones from a seed.

A rulebase is per concern its facts (id -> answers) and rules (id, {fact: answers that meet it}); of a rule `12.60` the
destination is `12`. What must fire in a situation is said by the definition of a rule, and by nothing that is measured.
"""

from __future__ import annotations

from random import Random

from service.rulebook.library import load_library

SHIPPED = "shipped"
SAME = 5  # rules that refer to one place, as in the rulebase that ships


def shipped():
    """The newest edition, every concern with the facts that its rules test."""
    edition = load_library().rulebase.editions[-1]
    found = {}
    for concern in edition.vocabulary.concerns.answers:
        mine = edition.of_concern(concern)
        rules = [
            (f"{one.refer}.{n}", {fact: sorted(some) for fact, some in one.when.items()}) for n, one in enumerate(mine)
        ]
        facts = {
            fact.id: list(fact.answers)
            for fact in edition.vocabulary.facts_of(concern)
            if any(fact.id in when for _, when in rules)
        }
        found[concern] = {"facts": facts, "rules": rules}
    return found


def grown(rules, facts, same=SAME):
    """One concern of so many rules, each of two to five conditions, over so many facts of two to six answers."""
    chance = Random(f"{rules} rules, {facts} facts")
    answers = {f"fact_{n}": [f"answer_{one}" for one in range(chance.randint(2, 6))] for n in range(facts)}

    def when():
        named = sorted(chance.sample([*answers], chance.randint(2, 5)))
        return {
            fact: sorted(chance.sample(answers[fact], chance.randint(1, len(answers[fact]) // 2))) for fact in named
        }

    return {"grown": {"facts": answers, "rules": [(f"place_{n // same}.{n}", when()) for n in range(rules)]}}


def drawn(concerns, count):
    """Complete situations from a seed, evenly over the concerns, each with the ids of the rules that must fire."""
    chance, found = Random(count), []
    for number in range(count):
        concern = [*concerns][number % len(concerns)]
        facts, rules = concerns[concern]["facts"], concerns[concern]["rules"]
        answers = {fact: chance.choice(some) for fact, some in facts.items()}
        fires = [id_ for id_, when in rules if all(answers[fact] in some for fact, some in when.items())]
        found.append((concern, answers, fires))
    return found
