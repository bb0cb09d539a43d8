"""Our coverage figure: of every single change of a rule, how many does something notice? All of them."""

from __future__ import annotations

from collections import Counter

import neighbours
import pytest
from mutation import Watch, mutants

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def watch(draft):
    return Watch(draft, neighbours.read())


def test_every_neighbourhood_is_as_it_was_signed(watch):
    rulebase, changed = watch.library.rulebase, []
    for one in watch.neighbourhoods:
        edition = rulebase.on(one.on)
        rules = [rule for rule in edition.of_concern(one.concern) if rule.refer == one.destination]
        facts = watch.ground(edition, one.concern).space.facts
        changed += [f"{one.concern} on {one.on}: {found}" for found in one.differences(rules, facts)]
    assert not changed, "\n".join(changed)


def test_every_change_of_a_rule_is_noticed_or_proved_to_change_nothing(watch):
    noticed, survivors = Counter(), []
    for rule in watch.library.rulebase.rules:
        for mutant in mutants(watch.library, rule):
            by = watch.noticed(mutant)
            noticed[by] += 1
            if by is None:
                survivors.append(f"{rule.id}: {mutant.what}")
    assert survivors == []
    print(dict(noticed))
    # Most must be noticed by what somebody thought of, and not only by what was written down from the rules.
    thought = sum(noticed[way] for way in ("story", "edition day", "invariant", "matrix", "case"))
    assert thought > 3 * noticed["neighbourhood"]
