"""The cases that advisors tell, decided as the service decides: by the engine, held against the graph.

That each of them ends where it should by the graph alone is found by `wegwijzer check`.
"""

from __future__ import annotations

from ours import told

from service.core.rule import As
from service.core.situation import situation


def test_the_engine_sends_everybody_where_the_advisor_says(library, decider):
    for one in told():
        case = one.case
        chosen = library.organisations.on(case.organisation, case.on) if case.organisation else None
        asked = situation(library.rulebase.vocabulary, case.situation, chosen.facts(case.on) if chosen else None)
        found = decider.decide(asked, case.on).decision
        assert found is not None, f"{case.name}: the two readings differ"
        doors = {as_: [door.destination for door in found.referrals if door.as_ is as_] for as_ in As}
        assert case.expect.get("first", doors[As.FIRST]) == doors[As.FIRST], case.name
        for as_ in (As.ALSO, As.LATER):
            assert set(case.expect.get(as_.value, ())) <= set(doors[as_]), case.name
        assert not set(case.expect.get("closed", ())) & set(found.possible), case.name
