"""What a page brings to the browser so that it can decide there, and nothing has to be asked of the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from service.answers import view
from service.answers.directory import Entry
from service.answers.presenter import Json
from service.answers.workbench import STATES
from service.core.case_code import CaseCode
from service.web.state import State

OF_WAYS = ("and", "or", "clause_not", "way_now", "way_later")
OF_THE_QUESTIONNAIRE = (
    *(
        *OF_WAYS,
        "ways_only",
        "ways_enough",
        "ways_elsewhere",
        "site_name",
        "before_title",
        "position",
        "as_first",
        "outcome_first_several",
        "more",
        "outcome_then",
        "act_call",
        "change_what",
    ),
    *("error_mark", "error_choose", "error_choose_some", "calendar_error", "calendar_name", "calendar_file"),
    *("calendar_wrong", "calendar_past", "calendar_part", "calendar_none", "months", "deadline_last"),
    *("day_unclear", "day_early", "day_late", "day_far"),
    *("organisation_ask", "organisation_label", "organisation_declined", "organisation_error", "organisation_count"),
    *("organisation_none", "organisation_none_other", "organisation_now"),
)
OF_THE_WORKBENCH = (
    *OF_WAYS,
    *("organisation_label", "receipt_day", "receipt_edition", "case_name", "case_tells", "case_file", "act_call"),
    *("advisor_nothing", "advisor_no_question", "advisor_open", "advisor_more"),
    *("advisor_elsewhere", "advisor_later", "page_not"),
    *("advisor_anyhow", "advisor_checked", "advisor_unchecked", "advisor_same", "advisor_no_first"),
    *("advisor_open_one", "advisor_open_count", "months"),
)
KINDS = ("fires", "open", "fails", "gives_way")  # how a rule stands


def of_questionnaire(
    state: State, language: str, questions: Mapping[str, Json], organisations: Sequence[view.Listed]
) -> Json:
    """For the questionnaire: the words, and today's rules and organisations.

    Args:
        state: of the service.
        language: of the words.
        questions: by its fact what is said of an answer that was given to a question.
        organisations: those that can be chosen.

    """
    today, library = state.today(), state.library
    words = library.texts.interface[language]
    pieces = state.presenter(language).pieces(library.rulebase.on(today), today)
    return {
        "rulebase": view.as_json(state.rulebase(library.rulebase.on(today))),
        **listed(organisations),
        "finding": _placed(finding(state, language, organisations), [one.id for one in organisations]),
        "acts": pieces["acts"],
        "doors": {id_: _door(one) for id_, one in pieces["doors"].items()},
        "shorts": pieces["shorts"],
        "handles": pieces["handles"],
        "names": pieces["names"],
        "rules": [_filled(pieces["rules"][one.id]) for one in library.rulebase.on(today).rules],
        "sources": _sources(pieces),
        "terms": {id_: {**_term(said), **_past(state, id_, language)} for id_, said in pieces["terms"].items()},
        **of_both(state, language),
        # Last, beside the parts of the page that say the same: packed it is a kilobyte less.
        "words": {
            **{word: words[word] for word in OF_THE_QUESTIONNAIRE},
            **{word: said for word, said in words.items() if word.startswith("starts_")},
        },
        "questions": questions,
        "tags": state.presenter(language).tags(),
    }


def _filled(rule: Json) -> Json:
    """What is said of a rule, less what is empty: page.js has that."""
    return {key: value for key, value in view.as_json(rule).items() if value}


def _placed(finding_: Json, ids: list[str]) -> Json:
    """Names to be found, by the places of their organisations in the page: a number is less than a name."""
    places = {id_: place for place, id_ in enumerate(ids)}
    return {
        **finding_,
        "entries": [{**one, "id": places.get(one["id"], one["id"])} for one in finding_["entries"]],
    }


class Profiles:
    """What is known of organisations, each once: most of them are alike."""

    def __init__(self) -> None:
        self.all: list[Json] = []

    def of(self, facts: Mapping[str, str], notes: Mapping[str, str], kind: str) -> int:
        """The place of what is known of an organisation."""
        one = {"facts": facts, "notes": notes, "kind": kind}
        if one not in self.all:
            self.all.append(one)
        return self.all.index(one)


def listed(organisations: Sequence[view.Listed]) -> Json:
    """The organisations by their ids, and what is known of them, each once."""
    profiles = Profiles()
    said = {
        one.id: {
            "name": one.name,
            "of": profiles.of(one.facts, one.notes, one.kind),
            **({"heldBy": one.held_by, "now": one.now} if one.now else {}),
            **({"short": one.abbreviation} if one.abbreviation else {}),
            **({"calling": calling} if (calling := _calling(one)) else {}),
        }
        for one in organisations
    }
    return {"organisations": said, "profiles": profiles.all}


def _calling(one: view.Listed) -> Json:
    """Who puts somebody through, less what the name of the organisation says, and what is so of most."""
    usual = {"case": "without", "body": one.now or one.name}
    return {key: value for key, value in one.calling.items() if usual.get(key) != value}


def finding(state: State, language: str, organisations: Sequence[view.Listed]) -> Json:
    """What a search in the browser needs: the names that are not shown, folded, and what is folded away."""
    finding, other = state.directory.finding, state.library.organisations.catch_all
    gone = {one.id for one in organisations if one.now}
    shown = {one.id: {finding.folded(one.name), finding.folded(one.abbreviation or "")} for one in organisations}

    def names(entry: Entry) -> str:
        own, *others = entry.names
        left = [name for name in own if entry.found.why or name not in shown[entry.found.id]]
        return ";".join("|".join(one) for one in (left, *others))

    entries = [
        {
            "id": entry.found.id,
            "names": names(entry),
            **({"gone": True} if entry.found.id in gone else {}),
            **({"why": entry.found.why[language]} if entry.found.why else {}),
        }
        for entry in finding.entries
    ]
    return {
        "entries": entries,
        "light": sorted(finding.light),
        "alike": state.library.organisations.finding.alike,
        "other": other.id if other else None,
    }


def question(said: view.Question, labels: Mapping[str, str] | None = None) -> Json:
    """What is said of an answer that was given, or of each that can be chosen; the rest stands in the page."""
    return {"text": said.text, "several": said.several, "labels": labels or said.labels}


def _door(said: view.Destination) -> Json:
    """What is said of a place to everybody; its contacts stand in parts of the page."""
    whole = view.as_json(said)
    return {key: whole[key] for key in ("expect", "limits", "yourName", "whenSilent")}


def _sources(pieces: Json) -> list[Json]:
    """What a citation says; the rest of it is the same for all of a source, and stands in a part of the page."""
    return [{"id": one.id, "locator": one.locator, "quote": one.quote} for one in pieces["sources"]]


def _term(said: view.Term) -> Json:
    """What a calendar needs of a deadline, and what of it stands in sight."""
    whole = view.as_json(said)
    return {key: whole[key] for key in ("text", "inShort", "starts", "days", "weeks", "months", "audience", "perhaps")}


def _past(state: State, term: str, language: str) -> Json:
    """What a calendar needs beside a term: whether its start may lie ahead, and what to do when it is over."""
    texts = state.library.texts
    one = texts.terms[term]
    past = one.past[language] if one.past else texts.interface[language]["calendar_past_ask"]
    return {"mayCome": one.may_come, "past": past}


def of_workbench(state: State, language: str) -> Json:
    """For the workbench: the rules of every day, what is said at places, and what every organisation was on each."""
    library, presenter = state.library, state.presenter(language)
    words, vocabulary = library.texts.interface[language], library.rulebase.vocabulary
    pieces = presenter.of_rules(library.rulebase.rules)
    asked = {fact: said[language].for_advisor for fact, said in library.texts.questions.items()}
    return {
        "rulebases": [view.as_json(state.rulebase(one)) for one in library.rulebase.editions],
        **_days(state, language),
        "rules": pieces["rules"],
        "sources": _sources(pieces),
        "terms": {id_: _deadline(one) for id_, one in presenter.terms(library.rulebase.rules).items()},
        **presenter.every_day(),
        "asked": {
            fact.id: {"ask": asked[fact.id].ask, "answers": asked[fact.id].answers, "several": fact.several}
            for fact in vocabulary.facts
        },
        "tags": asked[vocabulary.concerns.id].answers,
        "today": state.today().isoformat(),
        "words": {
            **{word: words[word] for word in OF_THE_WORKBENCH},
            **{f"state_{state}": words[f"state_{state}"] for state in STATES},
            **{f"rule_{kind}": words[f"rule_{kind}"] for kind in KINDS},
        },
        **of_both(state, language),
    }


def _deadline(said: view.Term) -> Json:
    """What an advisor reads of a deadline, and for whom and when it is."""
    return {"text": said.text, "audience": said.audience, "perhaps": said.perhaps, **view.lasting(said)}


def of_both(state: State, language: str) -> Json:
    """What both bring: how conditions are said, and what a case code is."""
    vocabulary = state.library.rulebase.vocabulary
    codes = CaseCode(vocabulary, sorted(state.library.organisations.by_id))
    return {
        "about": vocabulary.concerns.id,
        "clauses": state.presenter(language).clauses(),
        "denials": state.presenter(language).denials(),
        "few": {fact.id: list(fact.few) for fact in vocabulary.facts},
        "code": {
            "version": codes.version,
            "length": codes.length,
            "first": vocabulary.first_edition.isoformat(),
        },
    }


def _days(state: State, language: str) -> Json:
    """From which day on an organisation has which facts and holder; the rows change, nothing in between."""
    rulebase, organisations = state.library.rulebase, state.library.organisations
    presenter = state.presenter(language)
    days = {one.since for one in rulebase.editions}
    for one in organisations.by_id.values():
        for period in (*one.names, *one.parents, *one.successors, *one.predecessors, *one.provisions):
            days |= {day for day in (period.since, period.until) if day}
    rows: list[Json] = []
    profiles = Profiles()
    for day in sorted(one for one in days if one >= rulebase.vocabulary.first_edition):
        known, named = {}, {}
        for id_ in organisations.by_id:
            holder = organisations.on(id_, day)
            known[id_] = profiles.of(holder.facts(day), holder.notes(day, language), holder.kind)
            name = presenter.organisation(holder, day).name
            usual = {"case": "without", "body": name}
            calling = {key: said for key, said in presenter.calling(holder, day).items() if usual.get(key) != said}
            above = [one.id for one in organisations.with_parents(holder, day) if one.channels]
            named[id_] = {"name": name, "heldBy": holder.id, "calling": calling, "own": above}
        row = {"from": day.isoformat(), "edition": rulebase.on(day).id, "of": known, "named": named}
        if not rows or {**rows[-1], "from": ""} != {**row, "from": ""}:
            rows.append(row)
    return {"days": [rows[0], *(_changes(*two) for two in pairwise(rows))], "profiles": profiles.all}


def _changes(before: Json, after: Json) -> Json:
    """Only what is new since the row before."""
    new = {part: {id_: one for id_, one in after[part].items() if one != before[part][id_]} for part in ("of", "named")}
    return {**after, **new}
