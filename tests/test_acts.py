"""What to do now at a door: at most three steps, one sentence to say, one to ask."""

from __future__ import annotations

import re
from itertools import product

import pytest
from conftest import TODAY
from journeys import everybody

from service.answers.acts import ActWords
from service.core.decision import Referral
from service.core.rule import As
from service.rulebook.acts import MOST, NAMED

NOWHERE = re.compile(r"zoek (het|dit|dat) op\b|look (it|this|that) up\b", re.IGNORECASE)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_act_says_all_there_is_to_say(library, language):
    """No gap is left open, no step sends anybody to look something up, and a number is one of the numbers in it."""
    words = ActWords(library, language)
    for (holder, person), door in product(everybody(library, TODAY), library.rulebase.vocabulary.destinations):
        act = words.for_(Referral(door, As.FIRST, "", ()), person, holder, TODAY)
        if act:
            texts = [*act.steps, act.say, act.ask, act.otherwise or ""]
            assert 1 <= len(act.steps) <= MOST, door
            assert not any(NAMED.search(text) or NOWHERE.search(text) for text in texts), texts
            assert act.phone is None or any(act.phone in text for text in texts), texts
            assert act.email is None or any(act.email in text for text in texts), texts


def test_who_wants_to_talk_at_once_reads_what_to_do_and_whom_to_call(refer, library):
    """With the general number of their own organisation; who has left it is told another way in, and its name."""
    asked = {
        **{"concerns": ["undesirable_behaviour"], "reporter": "employee", "position": "affected", "privacy": "none"},
        **{"step": "talk", "behaviour_pattern": "incident", "discrimination": "no", "advisor_known": "no"},
    }
    now = refer(asked, organisation="ocw")["referrals"][0]["act"]
    former = refer({**asked, "reporter": "former_employee"}, organisation="ocw")["referrals"][0]["act"]
    general = library.organisations.by_id["ocw"].general.phone
    for act in (now, former):
        assert act["phone"] == general
        assert any(general in text for text in (*act["steps"], act["otherwise"] or ""))
    assert now["steps"][0] != former["steps"][0]
    assert library.organisations.by_id["ocw"].name(TODAY).text["nl"] in former["steps"][0]
