"""An explanation in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from service.answers.explain import Explanation, Standing
from service.answers.presenter import Presenter
from service.cli.terminal import wrap
from service.core.decision import Condition
from service.core.situation import Situation
from service.rulebook.library import Library


def render(
    library: Library, presenter: Presenter, explanation: Explanation, situation: Situation, language: str, most: int
) -> str:
    """Say why a door is open or not.

    Args:
        library: for the words and the sources.
        presenter: in the language asked.
        explanation: what is said.
        situation: what it is about.
        language: nl or en.
        most: how many rules to show; those that hold are always shown.

    """
    words = library.texts.interface[language]
    name = library.texts.channels[explanation.destination].text[language].name
    key = "why_referred" if explanation.referred else "why_not_referred"
    lines = [words[key].replace("{name}", name)]
    if not explanation.rules:
        lines += ["", words["why_no_rules"]]
    elif not explanation.referred and (not explanation.ways or explanation.ways[0].conditions):
        lines += ["", wrap(presenter.every_way(explanation.ways, leads=True))]
    for number, standing in enumerate(explanation.rules):
        if standing.fires or standing.gives_way or number < most:
            lines += ["", *_rule(library, presenter, standing, situation, words, language)]
    return "\n".join(lines) + "\n"


def values(explanation: Explanation, language: str) -> dict[str, Any]:
    """The same for a program: every rule for the door, and every minimal way that opens it."""
    return {
        "destination": explanation.destination,
        "referred": explanation.referred,
        "ways": [
            {"later": way.later, "elsewhere": way.elsewhere, "conditions": list(map(asdict, way.conditions))}
            for way in explanation.ways
        ],
        "rules": [
            {
                "id": one.rule.id,
                "as": one.rule.as_.value,
                "concern": one.rule.concern,
                "stands": one.kind,
                "why": one.rule.why[language],
                "met": one.met,
                "unmet": list(map(asdict, one.unmet)),
                "unanswered": list(map(asdict, one.unanswered)),
                "restsOn": list(map(asdict, one.rule.citations)),
            }
            for one in explanation.rules
        ],
    }


def _rule(
    library: Library,
    presenter: Presenter,
    standing: Standing,
    situation: Situation,
    words: Mapping[str, str],
    language: str,
) -> Iterator[str]:
    rule = standing.rule
    said = words[f"why_rule_{standing.kind}"]
    yield f"{said.replace('{rule}', rule.id)} ({words[f'as_{rule.as_}']}, {rule.concern})"
    if standing.fires:
        yield wrap(rule.why[language], "  ")
        for doubt in rule.doubts:
            yield wrap(f"{words['doubt_label']}: {doubt.says[language]}", "  ")
    met = [Condition(fact, (situation.answers[fact],)) for fact in standing.met]
    if met:
        yield wrap(words["why_because"].replace("{clauses}", presenter.conditions(met)), "  ")
    needed = [*standing.unmet, *standing.unanswered]
    if standing.of_other_concern:
        needed.insert(0, Condition(library.rulebase.vocabulary.concerns.id, (rule.concern,)))
    if needed:
        yield wrap(words["why_rule_asks"].replace("{clauses}", presenter.conditions(needed)), "  ")
    for citation in rule.citations:
        source = library.texts.sources[citation.source]
        quote = f" “{citation.quote}”" if citation.quote else ""
        yield wrap(f"- {source.short}, {citation.locator}.{quote}", "  ")
