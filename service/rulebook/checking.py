"""Everything that is found of what authors wrote: each promise, and each mistake with its file, line and mend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from service.core.cubes import of_edition
from service.core.graph import Graph, build
from service.proof.competence import no_doubt
from service.proof.findings import Broken, Finding, Teller, watching
from service.proof.grounds import Ground, grounds, in_ids
from service.proof.prove import Demands, Made, prove
from service.proof.trials import trying
from service.proof.tried import Tried
from service.rulebook import upkeep
from service.rulebook.cases import CASES, Told, load_cases, misses, untold
from service.rulebook.compiled import Cubes
from service.rulebook.drafts import Draft
from service.rulebook.messages import Message
from service.rulebook.neighbourhoods import FILE as NEIGHBOURHOODS
from service.rulebook.neighbourhoods import Signed, changed, load_neighbourhoods
from service.rulebook.overlay import lies
from service.rulebook.shown import asks, shown
from service.rulebook.style import Written, against_style, texts
from service.rulebook.toml_files import Memo, Problem, Problems, in_order, of_base

Found = Finding[Problem]
MOST = 5  # places that are named where something of an overlay and of its base do not go together


@dataclass(frozen=True)
class Held:
    """What advisors told and signed, that the rules are held against; None where there is none."""

    cases: list[Told] | None = None
    neighbourhoods: list[Signed] | None = None


def load_held(tests: Path, library: Draft, memo: Memo | None = None) -> Held:
    """Read the cases and the neighbourhoods that stand in a folder.

    Raises:
        AuthoringError: with every mistake in them.

    """
    problems = Problems(memo=memo)
    there = {part: lies(tests, tests / part).exists() for part in (CASES, NEIGHBOURHOODS)}
    cases = load_cases(tests / CASES, library, problems) if there[CASES] else None
    signed = load_neighbourhoods(tests, library, problems) if there[NEIGHBOURHOODS] else None
    problems.stop_if_any()
    return Held(cases, signed)


def check(
    library: Draft,
    teller: Teller = in_ids,
    held: Held | None = None,
    tried: Tried | None = None,
    pages: Callable[[], tuple[int, Iterable[Problem]]] | None = None,
) -> Iterator[Found]:
    """One finding per promise, that of the quotations first; each as soon as it is known.

    Args:
        library: what authors wrote.
        teller: tells a counterexample.
        held: what advisors told and signed.
        tried: what was found to hold before by this code and this engine, each by the name of all that it depends on;
            grows. It is not looked at again.
        pages: asks for every page: gives how many there are, and what is wrong. Asked when all else is right, for
            whoever mends that wants to be told soon.

    """
    tried = {} if tried is None else tried
    everywhere = grounds(library.rulebase, teller)
    made: Made = (library.graphs, library.cubes) if library.graphs else made_of(library, Memo())
    with trying(everywhere, made[0], tried) as engine_agrees:
        sound = True
        proofs = _proved(library, everywhere, made, teller, tried)
        for one in (_written(library, held), proofs, _told(library, held, tried)):
            for finding in one:
                sound = sound and not finding.broken
                yield finding
        asked = found("pages", pages, library, of="addresses") if pages and sound else None
        last = engine_agrees()
        yield _as_found(last, placed(last.broken, library))
    if asked and not last.broken:  # no page comes of rules that the engine cannot hold
        watching.get()(asked.name, {}, 1)
        yield asked


def _written(library: Draft, held: Held | None) -> Iterator[Found]:
    """What is found of texts, and of what they rest on."""
    yield found("quotations", lambda: _cited(library), library)
    written = list(texts(library.files, library.languages))
    if style := library.style:
        yield found("texts", lambda: (len(written), against_style(written, style)), library)
    told = held.cases if held else None
    yield found("content", lambda: (len(library.files), _content(library, written, told)), library, of="files")
    yield found("words", lambda: (len(library.rulebase.rules), upkeep.bare(library)), library, of="rules")


def _proved(library: Draft, everywhere: list[Ground], made: Made, teller: Teller, tried: Tried) -> Iterator[Found]:
    """What is proved of the rules."""
    for finding in prove(library.rulebase, everywhere, demands(library), made, teller, tried):
        wrong = finding.broken
        if finding.name == "competence" and library.competence:
            wrong = (*wrong, *upkeep.in_matrix(library))
        yield _as_found(finding, placed(wrong, library))


def _told(library: Draft, held: Held | None, tried: Tried) -> Iterator[Found]:
    """Whether what advisors told and signed comes out."""
    if held and (cases := held.cases) is not None:
        yield found("cases", lambda: (len(cases), (*misses(cases, library), *untold(cases, library))), library)
    if held and (signed := held.neighbourhoods) is not None:
        yield found("neighbourhoods", lambda: (len(signed), changed(signed, library, tried)), library)


def made_of(library: Draft, memo: Memo) -> tuple[dict[str, Graph], dict[str, Cubes]]:
    """The graph and the prime cubes of each edition.

    Args:
        library: what authors wrote.
        memo: what was made before; grows.

    Raises:
        GraphSizeError: the rules of an edition depend on too many questions at once, or in too many ways.

    """
    editions = library.rulebase.editions
    return (
        {one.id: build(one, memo.roots) for one in editions},
        {one.id: of_edition(one, memo.cubes) for one in editions},
    )


def not_checked(library: Draft, held: Held) -> tuple[str, ...]:
    """What could not be looked at, for it is not there; each as the name of a message."""
    lacking = {
        "no_style": library.style,
        "no_cases": held.cases,
        "no_neighbourhoods": held.neighbourhoods,
        "no_matrix": library.competence or None,
        "no_acts": library.acts.by_destination or None,
    }
    return tuple(name for name, there in lacking.items() if there is None)


def _as_found(finding: Finding[Broken], wrong: tuple[Problem, ...]) -> Found:
    return Finding(finding.name, finding.counted, finding.seconds, wrong, finding.says, finding.of)


def _content(library: Draft, written: list[Written], cases: list[Told] | None) -> Iterator[Problem]:
    told = None if cases is None else [{"name": one.case.name, "tells": one.case.tells} for one in cases]
    yield from upkeep.numbers(library, written)
    yield from upkeep.contacts(library)
    yield from upkeep.answers(library)
    yield from upkeep.terms_of_art(library)
    yield from upkeep.passages(library)
    yield from upkeep.sentences(library, told)


def demands(library: Draft) -> Demands:
    """What the rules are held against."""
    name_needed = {id_: channel.name_needed for id_, channel in library.texts.channels.items()}
    beside = shown(library, library.style)
    asking = partial(asks, library.style) if library.style else no_doubt
    return Demands(library.promises, library.competence, library.days, name_needed, beside, asking)


def found(name: str, look: Callable[[], tuple[int, Iterable[Broken | Problem]]], library: Draft, of: str = "") -> Found:
    """A finding of what is looked for in what authors wrote.

    Args:
        name: of the finding.
        look: gives how many were looked at, and what is wrong.
        library: what authors wrote, to say where that is.
        of: what is counted, where it is called otherwise than the finding.

    """
    watching.get()(name, {}, 0)
    start = time.perf_counter()
    counted, wrong = look()
    problems = placed(wrong, library)
    return Finding(name, counted, time.perf_counter() - start, problems, of=of or name)


def placed(wrong: Iterable[Broken | Problem], library: Draft) -> tuple[Problem, ...]:
    """What is wrong, each with its file and line."""
    found_: list[Problem] = []  # of the base itself nothing is wrong: then what won over it is looked at too
    for one in wrong:
        if isinstance(one, Problem):
            found_.append(one)
            continue
        places = list(dict.fromkeys(library.stands(ref) for ref in one.about)) or [library.places.whole]
        places.sort(key=lambda place: of_base(place[0]))  # of an overlay: what its authors can mend first
        (file, line), *more = places
        found_.append(Problem(file, line, Message(one.name, one.values), also=tuple(more)))
    return in_order(
        replace(one, also=(*one.also, *library.wins[:MOST])) if of_base(one.file) else one for one in found_
    )


def _cited(library: Draft) -> tuple[int, Iterator[Problem]]:
    """Hold every quotation on which rules and cells rest against the stored words of its source."""
    cited = [one.citations for one in library.rulebase.rules]
    cited += [one.citations for one in library.competence] + [one.citations for one in library.promises]
    quoted = dict.fromkeys(one for each in cited for one in each if one.quote is not None)
    return len(quoted), (
        library.problem(f"sources/{one.source}.toml", library.place_of(one), wrong.name, **wrong.values)
        for one in quoted
        if (wrong := library.passages.wrong(one))
    )
