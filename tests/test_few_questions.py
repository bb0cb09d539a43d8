"""Few questions: twenty people who come most often, and the longest way there is."""

from __future__ import annotations

from datetime import date
from statistics import median

import pytest
from journeys import make_interview

from service.core.interview import ORGANISATION, Given

TODAY = date(2026, 11, 28)
MISCONDUCT, BEHAVIOUR, WORK, HANDLING, UNSURE = (
    "misconduct",
    "undesirable_behaviour",
    "labour_conflict",
    "handling",
    "unsure",
)
TALK, FORMAL = {"privacy": "colleagues", "step": "talk"}, {"privacy": "none", "step": "formal"}
NAMELESS = {"privacy": "anonymous", "step": "talk"}
OTHERWISE = {"reporter": "employee", "position": "affected", "misconduct_kind": "wrongdoing", "reported_before": "no"}
COMMON = {
    "bullied by a manager": ((BEHAVIOUR,), TALK, "ocw"),
    "wrongdoing, nameless": ((MISCONDUCT,), {"position": "witness", **NAMELESS}, "vws"),
    "accused": ((UNSURE,), {"position": "accused"}, "ocw"),
    "dismissed on the spot": ((WORK,), {"conflict_kind": "dismissal"}, "ocw"),
    "a poor appraisal": ((WORK,), {"conflict_kind": "appraisal"}, "ocw"),
    "burnt out": ((WORK,), {"conflict_kind": "sickness"}, "ocw"),
    "reported four months ago": ((MISCONDUCT,), {"position": "witness", "reported_before": "inside_late"}, "vws"),
    "a manager who received a report": ((MISCONDUCT,), {"position": "received_report"}, "vws"),
    "a witness of racist bullying": ((BEHAVIOUR,), {"position": "witness", **FORMAL}, "ienw"),
    "a police officer, nameless": ((BEHAVIOUR,), NAMELESS, "politie"),
    "a citizen and a rude official": ((HANDLING,), {"reporter": "member_of_public", "handled": "complaint"}, "fin"),
    "a trainee who is harassed": ((BEHAVIOUR,), {"reporter": "temporary_staff", **TALK}, "ocw"),
    "detriment after a report": ((HANDLING,), {"handled": "report", "dissatisfied_with": "detriment"}, "rws"),
    "bullied, and a poor appraisal": ((BEHAVIOUR, WORK), {"conflict_kind": "appraisal", **TALK}, "ocw"),
    "a supplier who saw fraud": ((MISCONDUCT,), {"reporter": "contractor", "position": "witness"}, "rws"),
    "not sure": ((UNSURE,), {"position": "unknown"}, "ocw"),
    "the partner of a bullied soldier": ((BEHAVIOUR,), {"reporter": "member_of_public", "position": "helping"}, "def"),
    "suspended": ((WORK,), {"conflict_kind": "suspension"}, "dji"),
    "bullied, a complaint": ((BEHAVIOUR,), FORMAL, "ocw"),
    "wrongdoing, a report": ((MISCONDUCT,), {"position": "witness", **FORMAL}, "vws"),
}
MEDIAN, ONE_SUBJECT = 6, 7  # after the first question, that for the organisation included


def asked(interview, concerns, answers, organisation):
    """What is asked after the first page, where an example told the position; unknown, or else the first answer."""
    facts = interview._vocabulary.by_id
    given = Given(concerns, {"position": answers["position"]} if "position" in answers else {})
    found = []
    while (step := interview.at(given).next) is not None:
        found.append(step)
        given = interview.at(given).given
        if step == ORGANISATION:
            given = Given(given.concerns, given.answers, organisation)
        else:
            answer = answers.get(step, "unknown" if "unknown" in facts[step].answers else facts[step].answers[0])
            given = Given(given.concerns, {**(given.answers or {}), step: answer}, given.organisation)
    return found


@pytest.fixture(scope="module")
def counts(library):
    interview = make_interview(library, TODAY)
    return {
        name: (len(concerns), asked(interview, concerns, OTHERWISE | answers, organisation))
        for name, (concerns, answers, organisation) in COMMON.items()
    }


def test_half_of_those_who_come_most_often_are_asked_few_questions(counts):
    assert median(len(found) for _, found in counts.values()) <= MEDIAN


def test_nobody_with_one_subject_is_asked_many(counts):
    many = {name: found for name, (subjects, found) in counts.items() if subjects == 1 and len(found) > ONE_SUBJECT}
    assert many == {}


def test_whoever_is_accused_who_received_a_report_or_who_helps_is_asked_next_to_nothing(counts):
    lanes = "accused", "a manager who received a report", "the partner of a bullied soldier"
    assert max(len(counts[name][1]) for name in lanes) <= 3
