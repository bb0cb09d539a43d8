"""The whole rulebase to read: per subject and per place, as table and as drawn map, with its history."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest

from service.answers import view
from service.answers.phrases import conditions_of
from service.answers.presenter import Json, edition, table
from service.core.rule import Edition, Rule
from service.publishing.decision_table import DecisionTable, as_csv, tables
from service.publishing.diagrams import LEFT, RIGHT, WIDTH, map_of_place, map_of_subject
from service.web.compression import small
from service.web.once import once
from service.web.rendering import STATIC, Pages
from service.web.state import State


class Book:
    """What stands in the book, in one language."""

    def __init__(self, state: State, language: str) -> None:
        self._library, self._presenter, self._language = state.library, state.presenter(language), language

    def contents(self, of: Edition) -> Json:
        """Everything the templates fill in for an edition."""
        vocabulary, texts = of.vocabulary, self._library.texts
        questions = {fact.id: texts.questions[fact.id][self._language].ask for fact in vocabulary.facts}
        places = {one: texts.channels[one].text[self._language].name for one in vocabulary.destinations}
        subjects = tables(self._library, of, self._language)
        titles = {one.concern: one.title for one in subjects}
        return {
            "edition": edition(of),
            "editions": [edition(one) for one in self._library.rulebase.editions],
            "subjects": [(one, map_of_subject(of, one.concern, questions, places)) for one in subjects],
            "places": [
                {
                    "name": places[one],
                    "rules": [self._said(rule, titles) for rule in of.rules if rule.refer == one],
                    "map": map_of_place(of, one, questions, titles),
                }
                for one in vocabulary.destinations
            ],
            "history": self._history(places),
            "drawing": {"left": LEFT, "right": RIGHT, "width": WIDTH},
        }

    def _said(self, rule: Rule, titles: Mapping[str, str]) -> Json:
        when = self._presenter.conditions(conditions_of(self._presenter.rule(rule).when))
        return {"id": rule.id, "as": rule.as_.value, "title": titles[rule.concern], "when": when}

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


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The book in every language."""
    routes = Blueprint("book", __name__)
    by_id = {one.id: one for one in state.library.rulebase.editions}
    for language, addresses in pages.addresses.items():

        @once(state.today, len(by_id))
        def made(of: str, language: str = language) -> Response:
            title = pages.words(language)["book_title"]
            contents = Book(state, language).contents(by_id[of])
            return pages.render("book.html", language, "book", title=title, indexed=True, **contents)

        def book(made: Callable[[str], Response] = made) -> Response:
            return small(made(_asked(state, request.args.get("on")).id))

        routes.add_url_rule(addresses.book, f"book_{language}", book)
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
            contents = Book(state, language).contents(of)
            page = render_template("book_alone.html", language=language, words=words, **contents)
            made[f"{words['book_file']}.html"] = page.encode()
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
        return render_template("decision_table.html", language=language, words=words, **filled)


def _look(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix in (".css", ".woff2", ".txt")]
