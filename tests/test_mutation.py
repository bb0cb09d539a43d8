"""Our coverage figure: of every single change of a rule, how many does something notice? All of them."""

from __future__ import annotations

from collections import Counter

import pytest
from mutation import Watch, mutants
from ours import signed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def watch(draft):
    return Watch(draft, signed())


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
    assert thought > 2 * noticed["neighbourhood"]
