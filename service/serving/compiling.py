"""Everything that must hold of what authors wrote before it is served: what `check` tells and `compile` keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from service.core.errors import WegwijzerError
from service.engine.decider import Decider, agree
from service.proof.prove import Broken, Finding, Teller, in_ids, plainly
from service.rulebook.checking import check
from service.rulebook.compiled import CompiledError, Library, Proved, decode
from service.rulebook.drafts import Draft, nothing_of_tomorrow, read_folders
from service.rulebook.library import RULEBASE, compile_here, compiled, load_library, pinned, stored
from service.rulebook.locate import folder
from service.serving.needed import LackingError, ask_everything
from service.web.state import amsterdam_today

SITUATIONS, QUOTATIONS = "check_situations", "check_quotations"  # words of the interface


class BrokenError(WegwijzerError):
    """A rulebase breaks what must hold; tells the first of each."""


def read(rules: Path, content: Path) -> Draft:
    """Read what authors wrote, with all that can be seen without a proof.

    Raises:
        AuthoringError: with every mistake.

    """
    draft = read_folders(rules, content)
    nothing_of_tomorrow(draft, content, amsterdam_today())
    return draft


def findings(draft: Draft, teller: Teller = in_ids) -> Iterator[tuple[str, Finding]]:
    """Prove it, one finding after the other, each as soon as it is known.

    Args:
        draft: what authors wrote.
        teller: tells a counterexample.

    Yields:
        what was counted, as a word of the interface (or none), and the finding.

    Raises:
        DisagreementError: the engine and the index of rules disagree about a story.

    """

    def says(word: str, **counts: int) -> dict[str, str]:
        return {language: words[word].format(**counts) for language, words in draft.texts.interface.items()}

    start = time.perf_counter()
    decider = Decider(draft.rulebase)
    told = agree(decider)
    decider.close()
    yield "", Finding("stories", told, time.perf_counter() - start, (), says("check_stories"))
    for number, finding in enumerate(check(draft, teller)):
        yield SITUATIONS if number else QUOTATIONS, finding
    start = time.perf_counter()
    asked, wrong = 0, list[Broken]()
    try:
        asked = ask_everything(decode(compiled(draft)))
    except LackingError as error:
        wrong.append(plainly(str(error)))
    yield "", Finding("pages", asked, time.perf_counter() - start, tuple(wrong), says("check_pages", pages=asked))


def kept(draft: Draft, found: Iterable[tuple[str, Finding]]) -> tuple[Proved, ...]:
    """What is proved, for the receipt.

    Args:
        draft: what authors wrote.
        found: all its findings.

    Raises:
        BrokenError: something is broken.

    """
    all_ = [finding for _, finding in found]
    language = draft.site.programs
    words = draft.texts.interface[language]
    broken = [f"{one.tell(words, language)} {each.tell(words)}" for one in all_ for each in one.broken[:3]]
    if broken:
        raise BrokenError("\n".join(broken))
    return tuple(Proved(one.name, one.situations) for one in all_)


def proved_library(say: Callable[[str], None]) -> Library:
    """The rulebase that may be served. A checkout proves its own when it changed.

    Args:
        say: is told that this takes a while.

    Raises:
        CompiledError: it cannot be used.
        AuthoringError: this is a checkout, and its rules/ or content/ have mistakes.
        BrokenError: this is a checkout, and its rules break what must hold.

    """
    if pinned():
        library = load_library()
        if not library.proved:
            raise CompiledError(f"{RULEBASE}: this rulebase was not proved; wegwijzer compile proves it.")
        return library
    last = stored()
    if last and last.proved:
        return last
    say("rules/, content/ or the code changed: proving them first.")
    draft = read(folder("rules"), folder("content"))
    return compile_here(draft, kept(draft, findings(draft)))
