"""Our coverage figure: of every single change of a rule, how many does something notice? All of them."""

from __future__ import annotations

from collections import Counter

import neighbours
import pytest
from mutation import Watch, mutants

from service.rulebook.library import load_library

pytestmark = pytest.mark.data

LIBRARY = load_library()
NEIGHBOURHOODS = neighbours.read()
WATCH = Watch(LIBRARY, NEIGHBOURHOODS)


@pytest.mark.parametrize("number", range(len(NEIGHBOURHOODS)))
def test_a_neighbourhood_is_as_it_was_signed(number):
    one = NEIGHBOURHOODS[number]
    edition = LIBRARY.rulebase.on(one.on)
    rules = [rule for rule in edition.of_concern(one.concern) if rule.refer == one.destination]
    facts = WATCH.ground(edition, one.concern).space.facts
    assert list(one.differences(rules, facts)) == []


def test_every_change_of_a_rule_is_noticed_or_proved_to_change_nothing():
    noticed, survivors = Counter(), []
    for rule in LIBRARY.rulebase.rules:
        for mutant in mutants(LIBRARY, rule):
            by = WATCH.noticed(mutant)
            noticed[by] += 1
            if by is None:
                survivors.append(f"{rule.id}: {mutant.what}")
    assert survivors == []
    print(dict(noticed))
    # Most must be noticed by what somebody thought of, and not only by what was written down from the rules.
    thought = sum(noticed[way] for way in ("story", "edition day", "invariant", "matrix", "case"))
    assert thought > 3 * noticed["neighbourhood"]
