"""What schemathesis must be told beyond the document. Read by it in a process of its own; see test_contract.py.

* A day before the first edition is refused. JSON Schema has no least day.
* A fact of the organisation beside an organisation is refused. The document says so, but schemathesis does not look at
  `dependentSchemas` when it covers the items of a list.

Both have tests of their own, in test_api.py and test_openapi.py.
"""

from __future__ import annotations

import re

import schemathesis

from service.rulebook.library import load_library

VOCABULARY = load_library().rulebase.vocabulary
OF_ORGANISATION = {fact.id for fact in VOCABULARY.of_organisation}
FIRST = VOCABULARY.first_edition.isoformat()


@schemathesis.hook
def filter_case(context, case):
    """Whether the document says the truth about a case."""
    asked = [case.query, case.body]
    if isinstance(case.body, dict) and isinstance(case.body.get("requests"), list):
        asked += case.body["requests"]
    return not any(before_the_rules(one) or twice_known(one) for one in asked if isinstance(one, dict))


def before_the_rules(asked):
    on = asked.get("on")
    return isinstance(on, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", on, re.ASCII) and on < FIRST


def twice_known(asked):
    situation = asked.get("situation")
    return "organisation" in asked and isinstance(situation, dict) and not OF_ORGANISATION.isdisjoint(situation)
