"""The whole rulebase to read: its tables, its history, and a page for each rule, place and source that can be cited."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from service.answers import view
from service.answers.phrases import conditions_of, meant
from service.answers.presenter import Json, edition, table
from service.answers.workbench import labelled
from service.core.decision import Condition
from service.core.rule import Edition, Rule, Story
from service.proof.competence import Cell
from service.publishing.decision_table import DecisionTable, as_csv, tables
from service.publishing.strip import strips
from service.rulebook.coverage import Sentence, sentences
from service.rulebook.library import Library
from service.rulebook.signatures import who_read
from service.web.compression import small
from service.web.once import once
from service.web.passages import passages
from service.web.rendering import STATIC, Pages
from service.web.state import State

KEPT = 64  # pages of rules, places and sources, of those that were asked for last


class Book:
    """What stands in the book, in one language."""

    def __init__(self, state: State, language: str) -> None:
        self._state, self._library, self._language = state, state.library, language
        self._presenter, self._words = state.presenter(language), state.library.texts.interface[language]
        self._read: dict[str, tuple[Sentence, ...]] = {}
        self._tabled: dict[str, list[DecisionTable]] = {}

    def contents(self, of: Edition, *, strips: bool = False) -> Json:
        """Everything the templates fill in for an edition; with the strips of every place where they have no page."""
        places = self._names()
        return {
            "edition": edition(of),
            "editions": [edition(one) for one in self._library.rulebase.editions],
            "subjects": self._tables(of),
            "places": [
                {
                    "id": one,
                    "name": name,
                    "count": sum(rule.refer == one for rule in of.rules),
                    "strips": self._strips(of, one) if strips else (),
                }
                for one, name in places.items()
            ],
            "sources": [
                (id_, one.short)
                for id_, one in self._library.texts.sources.items()
                if any(id_ == citation.source for rule in of.rules for citation in rule.citations)
            ],
            "history": self._history(places),
        }

    def place(self, of: Edition, id_: str) -> Json:
        """A place: its strips, its rules by concern with the words that they rest on, and those of other days."""
        name = self._names()[id_]
        found = [one for table in self._tables(of) if (one := table.to(id_)).rows]
        channels = self._library.texts.channels
        needed = {one: channels[one].name_needed for one in channels}
        ended = [one for one in self._library.rulebase.rules if one.refer == id_ and not one.in_force(of.since)]
        return {
            "title": name,
            "edition": edition(of),
            "strips": self._strips(of, id_),
            "subjects": found,
            "ways": self._ways(of, id_),
            "promises": [
                one.says[self._language]
                for one in self._library.promises
                if id_ in one.refer or needed[id_] in one.name_needed
            ],
            "quoted": {row.rule.id: self._cited(row.rule) for table in found for row in table.rows},
            "ended": ended,
        }

    def rule(self, id_: str) -> Json:
        """A rule, of whatever day: what it asks, in which words, what it rests on, in which editions it holds."""
        rule = next(one for one in self._library.rulebase.rules if one.id == id_)
        vocabulary = self._library.rulebase.vocabulary
        editions = [(edition(one), rule.in_force(one.since)) for one in self._library.rulebase.editions]
        return {
            "title": id_,
            "rule": rule,
            "why": rule.why[self._language],
            "place": self._names()[rule.refer],
            "subject": self._presenter.tag(vocabulary.concerns.id, rule.concern),
            "conditions": [
                (self._presenter.ask(fact.id), self._meant(self._presenter.label, fact.id, rule.when[fact.id]))
                for fact in vocabulary.facts
                if fact.id in rule.when
            ],
            "stories": [
                ("example", rule.example, self._answers(rule.example, None)),
                ("near", rule.near_miss, self._answers(rule.near_miss, rule.example)),
            ],
            "notes": [one[self._language] for one in rule.remarks],
            "signed": bool(self._library.signatures),
            "read": who_read(rule, self._library.signatures),
            "quoted": self._cited(rule),
            "editions": editions,
            "last": next((one for one, holds in reversed(editions) if holds), None),
        }

    def source(self, id_: str) -> Json:
        """A source: each sentence of it that we hold, with the rules and their examples that rest on it."""
        source = self._library.texts.sources[id_]
        rules = {one.id: one for one in self._library.rulebase.rules}
        now = self._library.rulebase.on(self._state.today())
        return {
            "title": source.title,
            "source": source,
            "found": [
                {
                    "sentence": one,
                    "rules": [(rules[rule], rules[rule] in now.rules) for rule in one.rules],
                    "cells": list(map(self._cell, one.cells)),
                    "promises": [promise.says[self._language] for promise in one.promises],
                    "counted": ", ".join(
                        self._words[f"cited_{kind}_count"].replace("{count}", str(len(those)))
                        for kind, those in (("rules", one.rules), ("cells", one.cells), ("promises", one.promises))
                        if those
                    ),
                }
                for one in self._sentences(id_)
            ],
            "places": self._names(),
        }

    def page(self, kind: str, id_: str) -> Json:
        """What one of the pages that can be cited fills in."""
        if kind == "place":
            return self.place(self._library.rulebase.on(self._state.today()), id_)
        return self.rule(id_) if kind == "rule" else self.source(id_)

    def _tables(self, of: Edition) -> list[DecisionTable]:
        if of.id not in self._tabled:
            self._tabled[of.id] = tables(self._library, of, self._language)
        return self._tabled[of.id]

    def _sentences(self, source: str) -> tuple[Sentence, ...]:
        if source not in self._read:
            self._read[source] = sentences(self._library, source)
        return self._read[source]

    def _names(self) -> dict[str, str]:
        channels = self._library.texts.channels
        return {one: channels[one].text[self._language].name for one in self._library.rulebase.vocabulary.destinations}

    def _cited(self, rule: Rule) -> list[Json]:
        """The words that a rule rests on, and which rules share them."""
        found = []
        for one in rule.citations:
            resting = [
                sentence
                for sentence in self._sentences(one.source)
                if rule.id in sentence.rules and sentence.locator == one.locator
            ]
            shared = dict.fromkeys(id_ for sentence in resting for id_ in sentence.rules if id_ != rule.id)
            source = self._library.texts.sources[one.source]
            found.append({"citation": one, "source": source, "anchor": resting[0].anchor, "shared": list(shared)})
        return found

    def _cell(self, cell: Cell) -> Json:
        """A cell of the competence matrix: whether a body can take something, of whom, and why."""
        vocabulary = self._library.rulebase.vocabulary
        asked = {vocabulary.concerns.id: frozenset(cell.concerns), **cell.when}
        conditions = [
            Condition(fact.id, tuple(one for one in fact.answers if one in asked[fact.id]))
            for fact in vocabulary.facts
            if asked.get(fact.id)
        ]
        return {
            "body": cell.body,
            "takes": self._words[f"takes_{cell.takes}"],
            "when": self._presenter.conditions(conditions),
            "why": cell.why[self._language],
            "only_if": cell.only_if[self._language] if cell.only_if else "",
            "days": cell,
        }

    def _ways(self, of: Edition, place: str) -> list[Json]:
        """Every way to a place that asks no more than it must, by subject, in the words of an outcome."""
        cubes, about = self._state.decider.readings[of.id].ways.cubes, of.vocabulary.concerns.id
        return [
            {
                "subject": self._presenter.tag(about, concern),
                "ways": [self._presenter.conditions(conditions_of(cube)) for cube in cubes[concern].get(place, ())],
            }
            for concern in of.vocabulary.concerns.answers
            if concern in cubes and cubes[concern].get(place)
        ]

    def _strips(self, of: Edition, place: str) -> list[Json]:
        """The strips of a place, in the few words that an advisor has."""
        graph = self._state.decider.readings[of.id].graph
        about = of.vocabulary.concerns.id
        return [
            {
                "subject": self._presenter.tag(about, one.concern),
                "title": "; ".join(
                    [
                        self._presenter.tag(about, one.concern),
                        *(
                            f"{labelled(self._presenter.asked(fact))} {self._meant(self._presenter.given, fact, given)}"
                            for fact, given in one.given
                        ),
                    ]
                ),
                "facts": [self._presenter.asked(fact) for fact in one.facts],
                "rows": [
                    (
                        [(cell, self._meant(self._presenter.given, cell.fact, cell.answers)) for cell in row.cells],
                        row.rules,
                    )
                    for row in one.rows
                ],
            }
            for one in strips(of, graph, place)
        ]

    def _meant(self, label: Callable[[str, str], str], fact: str, answers: Collection[str]) -> str:
        """What is asked of a fact; `label` says an answer of it, whole or in few words."""
        if not answers:
            return ""
        return meant(fact, answers, self._library.rulebase.vocabulary, partial(label, fact), self._words)

    def _answers(self, story: Story, other: Story | None) -> list[tuple[str, str]]:
        """The answers of a story as questions and labels; only where it differs, if it is held against another."""
        return [
            (self._presenter.ask(fact), self._presenter.label(fact, answer))
            for fact, answer in story.situation.items()
            if other is None or other.situation.get(fact) != answer
        ]

    def _history(self, places: dict[str, str]) -> list[Json]:
        """Per day on which rules change: why, and which rules begin and end."""
        sources, rules = self._library.texts.sources, self._library.rulebase.rules
        return [
            {
                "day": day.day.isoformat(),
                "says": day.says[self._language],
                "source": sources[day.source].title,
                "begun": [(one.id, places[one.refer]) for one in rules if one.since == day.day],
                "ended": [(one.id, places[one.refer]) for one in rules if one.until == day.day],
            }
            for day in self._library.days
        ]


def citable(library: Library) -> dict[str, list[str]]:
    """The ids of what has a page of its own, per kind: what we publish under an address that lasts."""
    return {
        "rule": [one.id for one in library.rulebase.rules],
        "place": list(library.rulebase.vocabulary.destinations),
        "source": list(library.texts.sources),
    }


def cited(state: State, pages: Pages, kind: str, language: str, id_: str, book: Book | None = None) -> Response:
    """A page that can be cited: of a `rule`, a `place` or a `source`. One `book` serves many."""
    stands = {code: getattr(pages.links(code), kind)(id_) for code in state.library.languages}
    filled = (book or Book(state, language)).page(kind, id_)
    return pages.render(f"book_{kind}.html", language, stands, indexed=True, **filled)


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The book in every language, and what can be cited of it."""
    routes = Blueprint("book", __name__)
    by_id = {one.id: one for one in state.library.rulebase.editions}
    known = {kind: frozenset(ids) for kind, ids in citable(state.library).items()}

    # A place takes long to draw, so that each is made once a day; what else there is, is many and soon made.
    most = {"place": len(known["place"]) * len(pages.addresses), "rule": KEPT, "source": KEPT}
    made_of = {kind: once(state.today, number)(partial(cited, state, pages, kind)) for kind, number in most.items()}

    for language, addresses in pages.addresses.items():

        @once(state.today, len(by_id))
        def made(of: str, language: str = language) -> Response:
            title = pages.words(language)["book_title"]
            contents = Book(state, language).contents(by_id[of])
            return pages.render("book.html", language, "book", title=title, indexed=True, **contents)

        def book(made: Callable[[str], Response] = made) -> Response:
            return small(made(_asked(state, request.args.get("on")).id))

        def page(id_: str, kinds: tuple[str, ...], language: str = language) -> Response:
            kind = next((one for one in kinds if id_ in known[one]), None)
            if kind is None:
                raise NotFound
            return small(made_of[kind](language, id_))

        links = pages.links(language)
        routes.add_url_rule(addresses.book, f"book_{language}", book)
        for name, path, kinds in (
            ("rule", links.rule("<id_>"), ("rule", "place")),
            ("source", links.source("<id_>"), ("source",)),
        ):
            routes.add_url_rule(path, f"{name}_{language}", page, defaults={"kinds": kinds})
    return routes


def _asked(state: State, day: str | None) -> Edition:
    if day is None:
        return state.library.rulebase.on(state.today())
    found = [one for one in state.library.rulebase.editions if one.id == day]
    if not found:
        raise BadRequest
    return found[0]


def files(app: Flask, on: date) -> dict[str, bytes]:
    """The book as files that need no service: a page to read and print per language, tables for programs, the look.

    Args:
        app: the application, for its rules and templates.
        on: the day whose rules are written.

    Raises:
        NoEditionError: there are no rules on that day.

    """
    state: State = app.extensions["wegwijzer"]
    of = state.library.rulebase.on(on)
    made: dict[str, bytes] = {}
    with app.app_context():
        for language in state.library.languages:
            words = state.library.texts.interface[language]
            contents = Book(state, language).contents(of, strips=True)
            page = render_template("book_alone.html", language=language, words=words, **contents)
            said = passages(page, state.library.site.locales[language].fallback)
            made[f"{words['book_file']}.html"] = said.encode()
            made[f"{words['book_file']}.csv"] = as_csv(state.library, of, language).encode()
    made["rulebase.json"] = app.json.dumps(view.as_json(table(of))).encode()
    made |= {path.name: path.read_bytes() for path in _look(STATIC)}
    return made


def alone(app: Flask, found: list[DecisionTable], of: Edition, language: str) -> str:
    """Decision tables as one page that stands on its own, with its look in it, for paper that lies on its side."""
    state: State = app.extensions["wegwijzer"]
    look = (STATIC / "style.css").read_text("utf-8")
    fonts = re.findall(r"[\w-]+\.woff2", look)
    for font in fonts:
        body = base64.b64encode((STATIC / font).read_bytes()).decode()
        look = re.sub(rf'url\("?(?:\./)?{re.escape(font)}"?\)', f"url(data:font/woff2;base64,{body})", look)
    words = state.library.texts.interface[language]
    with app.app_context():
        filled = {"look": look, "tables": found, "edition": edition(of)}
        page = render_template("decision_table.html", language=language, words=words, **filled)
    return passages(page, state.library.site.locales[language].fallback)


def _look(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix in (".css", ".woff2", ".txt")]
