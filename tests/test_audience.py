"""No contact is shown to somebody it is not for, none comes first that may not be for them, and terms likewise.

Audiences are read here from the files, by a reading of their own: what the service shows is held against what an
editor wrote.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache

import pytest
from conftest import TODAY

from service.answers import view
from service.answers.presenter import Presenter
from service.core.rule import Doubt, Rule
from service.core.situation import situation as told_of
from service.rulebook.locate import folder

pytestmark = pytest.mark.slow

WHO, REPORTER, CONCERNS = ("audience", "perhaps"), "reporter", "concerns"


def read(part):
    return {
        path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((folder("content") / part).glob("*.toml"))
    }


CHANNELS, ORGANISATIONS = read("channels"), read("organisations")
TERMS = {one["id"]: one for one in tomllib.loads((folder("content") / "terms.toml").read_text("utf-8"))["term"]}


@cache
def rows_of(destination):
    """Every contact of a destination as an editor wrote it, with the organisation it is of, or None."""
    own = [
        (id_, one)
        for id_, organisation in ORGANISATIONS.items()
        for one in organisation.get("channel", ())
        if one["destination"] == destination
    ]
    return [*((None, one) for one in CHANNELS[destination].get("contact", ())), *own]


def says(row, owner, known):
    """Whether a row of an editor is for a person: yes, unknown or no."""
    audience, perhaps = ({key: list(row.get(part, {}).get(key, ())) for key in row.get(part, {})} for part in WHO)
    if owner:
        audience["organisation"] = [owner, *audience.get("organisation", ())]
    worst = "fits"
    for key in {**audience, **perhaps}:
        value = known.get(key, "unknown")
        if value in audience.get(key, ()):
            continue
        if value != "unknown" and value not in perhaps.get(key, ()):
            return "not"
        worst = "unknown"
    return worst


def dutch(row, key):
    return row.get(key, {}).get("nl")


def row_of(contact, destination, known):
    """The row that was shown; where a contact stands in several rows, the one that fits best."""
    same = [
        says(row, owner, known)
        for owner, row in rows_of(destination)
        if (dutch(row, "name"), row.get("phone"), row.get("url"), dutch(row, "who"))
        == (contact["name"], contact["phone"], contact["url"], contact["forWhom"])
    ]
    return min(same, key=["fits", "unknown", "not"].index)


def situations(library, edition, facts):
    """For every destination, concern and reporter one situation in which the first may be open to the last."""
    vocabulary = library.rulebase.vocabulary
    found = {}
    for rule in edition.rules:
        if any(facts.get(fact, "unknown") not in rule.when.get(fact, {facts.get(fact, "unknown")}) for fact in facts):
            continue
        answers = {
            fact: min(wanted) for fact, wanted in rule.when.items() if not vocabulary.by_id[fact].of_organisation
        }
        for reporter in rule.when.get(REPORTER, vocabulary.by_id[REPORTER].answers):
            situation = {**answers, REPORTER: reporter, CONCERNS: [rule.concern]}
            found.setdefault((rule.refer, rule.concern, reporter), situation)
    return found


def with_parents(library, id_):
    """An organisation and all above it, at any time."""
    found = [id_]
    for one in found:
        found += [above.id for above in library.organisations.by_id[one].parents if above.id not in found]
    return found


def different(library, day):
    """The organisations that editors wrote, and of all others one of each kind, with the same facts and parents."""
    found = {}
    for id_ in sorted(library.organisations.by_id, key=lambda one: one not in ORGANISATIONS):
        holder = library.organisations.on(id_, day)
        parents = tuple(with_parents(library, holder.id)[1:])
        own = id_ if id_ in ORGANISATIONS else None
        found.setdefault((own, holder.kind, tuple(sorted(holder.facts(day).items())), parents), id_)
    return found.values()


@cache
def looked_at(destination):
    """What the audiences of its contacts and of terms look at, and the organisations with contacts of their own."""
    rows = [*TERMS.values(), *(row for _, row in rows_of(destination))]
    keys = {key for row in rows for part in WHO for key in row.get(part, {})} | {CONCERNS, REPORTER}
    return rows, sorted(keys - {"organisation"}), {owner for owner, _ in rows_of(destination) if owner}


@cache
def in_force(destination, day):
    return tuple(row.get("from", day) <= day < row.get("until", date.max) for row in looked_at(destination)[0])


def alike(library, day, destination, known, holder):
    """Two people with the same of this are told the same contacts and terms of a destination."""
    _, keys, owners = looked_at(destination)
    own = holder.id if holder and owners & set(with_parents(library, holder.id)) else None
    return destination, own, in_force(destination, day), tuple(known.get(key) for key in keys)


@pytest.fixture(scope="module")
def answers(library, decider):
    """What everybody is told on the first day of each edition: request, what is known of the person, referral.

    Who would be told what somebody like them was told already, at any destination, is not asked. What is said of
    closed doors is not made: it names no contact and no term.
    """
    told, found, presenter, vocabulary = set(), [], Presenter(library, "nl"), library.rulebase.vocabulary
    for edition in library.rulebase.editions:
        day, reading = edition.since, decider.readings[edition.id]
        for id_ in (None, *different(library, day)):
            holder = library.organisations.on(id_, day) if id_ else None
            facts = holder.facts(day) if holder else {}
            named = {"organisation": holder.id, "kind": holder.kind} if holder else {}
            for (destination, concern, reporter), situation in situations(library, edition, facts).items():
                known = {**facts, **situation, CONCERNS: concern, REPORTER: reporter, **named}
                if alike(library, day, destination, known, holder) in told:
                    continue
                request = {"situation": situation, "on": edition.id, **({"organisation": id_} if id_ else {})}
                asked = told_of(vocabulary, situation, holder and facts)
                decision = reading.decide(asked, closed=False)
                told.add(alike(library, day, destination, known, holder))
                for referral in view.as_json(presenter.referrals(decision, asked.answers, holder, day)):
                    mine = {**known, CONCERNS: referral["concern"]}
                    told.add(alike(library, day, referral["destination"], mine, holder))
                    found.append((request, mine, referral))
    return found


def every_contact_that_is_shown_is_for_whoever_sees_it(answers):
    for request, known, referral in answers:
        for contact in [referral["contact"], *referral["otherContacts"]]:
            if contact:
                assert row_of(contact, referral["destination"], known) == contact["fit"], (request, contact["name"])
                assert contact["fit"] in ("fits", "unknown"), (request, contact["name"])


def a_contact_that_may_not_be_for_somebody_is_never_the_first(answers):
    for request, _, referral in answers:
        fits = [one["fit"] for one in [referral["contact"], *referral["otherContacts"]] if one]
        assert referral["contact"] is None or referral["contact"]["fit"] == "fits", request
        assert fits == sorted(fits, key=["fits", "unknown"].index), request


def nothing_that_is_for_somebody_is_kept_from_them(answers):
    for request, known, referral in answers:
        contacts = [one for one in [referral["contact"], *referral["otherContacts"]] if one]
        shown = {(one["name"], one["phone"], one["url"]) for one in contacts}
        for owner, row in rows_of(referral["destination"]):
            of_day = row.get("from") is None or row["from"].isoformat() <= request["on"]
            mine = owner in (None, known.get("organisation"))
            if of_day and mine and says(row, owner, known) == "fits":
                assert (dutch(row, "name"), row.get("phone"), row.get("url")) in shown, (request, row)


def no_contact_denies_the_organisation_that_was_named(answers):
    """No contact that is shown says of itself that it is for another organisation."""
    for request, known, referral in answers:
        organisation = ORGANISATIONS.get(known.get("organisation"), {"name": []})
        names = [name for one in organisation["name"] for name in (one["nl"], one.get("abbreviation")) if name]
        for contact in [referral["contact"], *referral["otherContacts"]]:
            for name in names if contact and contact["forWhom"] else ():
                assert not re.search(rf"[Nn]iet voor (de |het )?{re.escape(name)}\b", contact["forWhom"]), request


def who_has_no_work_link_is_never_first_shown_a_contact_for_staff_alone(answers):
    """The words of the contacts that citizens once got first. "Iedereen" and "informant" let others in."""
    for request, known, referral in answers:
        said = (referral["contact"] or {}).get("forWhom") or ""
        if known[REPORTER] == "member_of_public" and not re.search(r"Iedereen|informant", said):
            assert not re.search(r"\b([Mm]edewerkers|[Aa]mbtenaren|werkt of werkte)\b", said), (request, said)


def the_line_for_complaints_about_a_ministry_is_for_complaints_about_a_ministry(answers):
    for request, known, referral in answers:
        for contact in [referral["contact"], *referral["otherContacts"]]:
            if contact and re.search(r"over een ministerie", contact["name"] or ""):
                assert known.get("kind", "ministry") == "ministry", request


def a_term_is_told_only_to_those_it_concerns_on_a_day_it_holds(answers):
    for request, known, referral in answers:
        for term in referral["terms"]:
            row = TERMS[term["id"]]
            assert says(row, None, known) != "not", (request, term["id"])
            assert row.get("from") is None or row["from"].isoformat() <= request["on"], (request, term["id"])
            assert row.get("until") is None or request["on"] < row["until"].isoformat(), (request, term["id"])


CHECKS = (
    every_contact_that_is_shown_is_for_whoever_sees_it,
    a_contact_that_may_not_be_for_somebody_is_never_the_first,
    nothing_that_is_for_somebody_is_kept_from_them,
    no_contact_denies_the_organisation_that_was_named,
    who_has_no_work_link_is_never_first_shown_a_contact_for_staff_alone,
    the_line_for_complaints_about_a_ministry_is_for_complaints_about_a_ministry,
    a_term_is_told_only_to_those_it_concerns_on_a_day_it_holds,
)


def test_what_everybody_is_told_is_for_them(answers, subtests):
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(answers)


CONFLICT = {
    "concerns": ["labour_conflict"],
    "reporter": "employee",
    "conflict_kind": "dismissal",
    "because_of": "none",
}
COURT, OBJECTION = {"months": 2, "weeks": None}, {"months": None, "weeks": 6}


@pytest.mark.parametrize(
    ("organisation", "on", "reporter", "told"),
    [
        ("ocw", "2026-11-23", "employee", [COURT]),
        ("ocw", "2026-11-23", "former_employee", [COURT]),
        ("ocw", "2020-01-01", "employee", [COURT]),
        ("ocw", "2019-06-20", "employee", [OBJECTION]),
        ("def", "2026-11-23", "employee", [OBJECTION]),
        ("politie", "2026-11-23", "employee", [OBJECTION]),
        (None, "2026-11-23", "employee", [COURT, OBJECTION]),
        ("def", "2026-11-23", "temporary_staff", [COURT]),
        ("ocw", "2026-11-23", "applicant", []),
        ("ocw", "2026-11-23", "member_of_public", []),
    ],
)
def test_who_may_be_dismissed_is_told_the_term_at_the_first_step(refer, organisation, on, reporter, told):
    """Two months to go to court with a contract (article 7:686a BW), six weeks to object with an appointment."""
    named = {"organisation": organisation} if organisation else {}
    first = refer({**CONFLICT, "reporter": reporter}, on=on, **named)["referrals"][0]
    assert first["as"] == "first"
    terms = [{key: term[key] for key in COURT} for term in first["terms"] if term["months"] or term["weeks"]]
    assert sorted(map(str, terms)) == sorted(map(str, told))


def test_a_doubt_is_read_by_whom_it_is_for_and_a_note_by_nobody(library):
    """Whoever did not say who they are reads it, for it may be theirs."""
    presenter = Presenter(library, "nl")
    plain = {**vars(library.rulebase.rules[0]), "note": {"nl": "Niet gelezen."}}
    whom = {"reporter": frozenset({"applicant"})}, {"regime": frozenset({"police"})}
    rule = Rule(**{**plain, "doubts": (Doubt({"nl": "Vraag het."}, whom),)})
    elsewhere = {"regime": "rijk"}
    roles = ("applicant", "employee", "unknown")
    read = {who: presenter.doubts([rule], {"reporter": who, **elsewhere}) for who in roles}
    assert read == {"applicant": ["Vraag het."], "employee": [], "unknown": ["Vraag het."]}
    assert presenter.doubts([rule], {"reporter": "employee", "regime": "police"}) == ["Vraag het."]
    assert presenter.doubts([Rule(**{**plain, "doubts": (Doubt({"nl": "Vraag het."}),)})], elsewhere) == ["Vraag het."]


def test_an_unread_fact_of_an_organisation_is_told_where_it_decides(refer, library):
    """For every organisation whose facts have a note on the day asked."""
    asked = 0
    for one in library.organisations.by_id.values():
        holder = library.organisations.on(one.id, TODAY)
        notes = set(holder.notes(TODAY, "nl").values())
        answer = refer({**CONFLICT, "conflict_kind": "pay_or_hours"}, organisation=one.id)
        told = [doubt for referral in answer["referrals"] for doubt in referral["doubts"] if doubt in notes]
        assert sorted(told) == sorted(notes), one.id
        elsewhere = refer({"concerns": ["undesirable_behaviour"], "reporter": "member_of_public"}, organisation=one.id)
        assert not notes & {doubt for referral in elsewhere["referrals"] for doubt in referral["doubts"]}
        asked += bool(notes)
    assert asked
