"""What a shell completes: facts and their answers, organisations, destinations. Never fails, and never says anything.

zsh and fish give a word as it stands, `reporter=emp`; bash cuts it at the `=` and gives three.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from service.rulebook.library import Library, load_library

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _quietly(found: Callable[[Library, click.Context, str], Iterable[CompletionItem]]) -> Complete:
    """Completion from the rulebase that is read; where it cannot be, there is nothing to complete."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        logging.disable()
        with contextlib.suppress(Exception):  # a shell would print it between the words that somebody types
            return list(found(load_library(), ctx, incomplete))
        return []

    return complete


def _facts(library: Library, ctx: click.Context, incomplete: str) -> Iterable[CompletionItem]:
    """A fact with its `=`, or with each of its answers where there is one fact to complete."""
    known = [fact.id for fact in library.rulebase.vocabulary.facts]
    before: tuple[str, ...] = ctx.params.get("answers") or ()
    if not incomplete and before and before[-1] in known:  # click itself takes a lone `=` away
        return _answers(library, before[-1], "", "")
    if before[-1:] == ("=",) and len(before) > 1:
        return _answers(library, before[-2], incomplete, "")
    fact, equals, answer = incomplete.partition("=")
    if equals:
        return _answers(library, fact, answer, f"{fact}=")
    given = {word.partition("=")[0] for word in before}
    left = [one for one in known if one.startswith(incomplete) and one not in given]
    if len(left) == 1:
        return _answers(library, left[0], "", f"{left[0]}=")
    return [CompletionItem(f"{one}=") for one in left]


def _answers(library: Library, fact: str, incomplete: str, before: str) -> Iterable[CompletionItem]:
    vocabulary = library.rulebase.vocabulary
    known = {one.id: one for one in vocabulary.facts}[fact]
    several, _, last = incomplete.rpartition(",") if known.several else ("", "", incomplete)
    start = f"{before}{several}," if several else before
    labels = library.texts.questions[fact][library.site.usual].answers
    chosen = several.split(",")
    return [
        CompletionItem(f"{start}{one}", help=labels[one])
        for one in known.answers
        if one.startswith(last) and one not in chosen
    ]


def _organisations(library: Library, _: click.Context, incomplete: str) -> Iterable[CompletionItem]:
    for one in library.organisations.by_id.values():
        if one.id.startswith(incomplete.lower()):
            yield CompletionItem(one.id, help=one.names[-1].text.get(library.site.usual, ""))


def _destinations(library: Library, _: click.Context, incomplete: str) -> Iterable[CompletionItem]:
    for one in library.rulebase.vocabulary.destinations:
        if one.startswith(incomplete):
            yield CompletionItem(one, help=library.texts.channels[one].text[library.site.usual].name)


def _concerns(library: Library, _: click.Context, incomplete: str) -> Iterable[CompletionItem]:
    return _answers(library, library.rulebase.vocabulary.concerns.id, incomplete, "")


def _sources(library: Library, _: click.Context, incomplete: str) -> Iterable[CompletionItem]:
    return [
        CompletionItem(id_, help=one.short) for id_, one in library.texts.sources.items() if id_.startswith(incomplete)
    ]


answers, organisations, destinations = _quietly(_facts), _quietly(_organisations), _quietly(_destinations)
concerns, sources = _quietly(_concerns), _quietly(_sources)
