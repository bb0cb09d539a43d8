"""Everything that must hold of what authors wrote before it is served: what `check` tells and `compile` keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from service.core.errors import WegwijzerError
from service.core.graph import GraphSizeError
from service.proof.findings import Teller
from service.proof.grounds import in_ids
from service.rulebook.cases import CASES
from service.rulebook.checking import Found, Held, check, load_held, made_of
from service.rulebook.compiled import CompiledError, Library, Proved, decode
from service.rulebook.drafts import Draft, nothing_of_tomorrow, read_folders, written_in
from service.rulebook.library import RULEBASE, compile_here, compiled, load_library, pinned, stored
from service.rulebook.locate import folder
from service.rulebook.messages import Message
from service.rulebook.neighbourhoods import FILE as NEIGHBOURHOODS
from service.rulebook.toml_files import AuthoringError, Memo, Problem
from service.serving.kept import Kept, shape
from service.serving.needed import LackingError, ask_everything
from service.web.today import amsterdam_today

TESTS = "tests"  # beside rules/: what advisors told and signed


class BrokenError(WegwijzerError):
    """A rulebase breaks what must hold; tells the first of each."""


def read(rules: Path, content: Path, tests: Path | None = None, memo: Memo | None = None) -> tuple[Draft, Held]:
    """Read what authors wrote and advisors told, with all that can be seen without a proof.

    Args:
        rules: the folder.
        content: the folder.
        tests: with cases/ and neighbourhoods.toml; None for the one beside rules.
        memo: what was read before; grows.

    Raises:
        AuthoringError: with every mistake.

    """
    draft = read_folders(rules, content, memo)
    nothing_of_tomorrow(draft, content, amsterdam_today())
    try:
        graphs, cubes = made_of(draft, memo or Memo())
    except GraphSizeError as error:
        file, line = draft.places.whole
        raise AuthoringError([Problem(file, line, Message("graph_size", {"why": str(error)}))]) from None
    told = tests or rules.resolve().parent / TESTS
    held = load_held(told, draft, memo)
    drafts = dict(draft.drafts)
    if not draft.extends:
        drafts |= written_in({f"{TESTS}/{CASES}": told / CASES})
        if held.neighbourhoods is not None:
            drafts[f"{TESTS}/{NEIGHBOURHOODS}"] = (told / NEIGHBOURHOODS).read_text("utf-8")
    return replace(draft, graphs=graphs, cubes=cubes, drafts=drafts), held


def findings(draft: Draft, held: Held, teller: Teller = in_ids, kept: Kept | None = None) -> Iterator[Found]:
    """Prove it, one finding after the other, each as soon as it is known.

    Args:
        draft: what authors wrote.
        held: what advisors told.
        teller: tells a counterexample.
        kept: what was found before and need not be looked for again; grows.

    """
    kept = Kept(None) if kept is None else kept

    def pages() -> tuple[int, list[Problem]]:
        key = shape(draft)
        try:
            asked = kept[key] if key in kept else ask_everything(decode(compiled(draft)))
        except LackingError as error:
            return 0, [Problem("content/interface.toml", 1, error.said)]
        kept[key] = asked
        return asked, []

    yield from check(draft, teller, held, kept, pages)


def proved(found: Iterable[Found]) -> tuple[Proved, ...]:
    """What is proved, for the receipt.

    Raises:
        BrokenError: something is broken.

    """
    all_ = list(found)
    if broken := [str(each) for one in all_ for each in one.broken[:3]]:
        raise BrokenError("\n".join(broken))
    return tuple(Proved(one.name, one.counted) for one in all_)


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
    draft, held = read(folder("rules"), folder("content"))
    return compile_here(draft, proved(findings(draft, held)))
