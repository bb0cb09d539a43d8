"""Everything that is proved of what authors wrote: their quotations, and what must hold for everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator

from service.proof.prove import Demands, Finding, Teller, in_ids, plainly, prove
from service.rulebook.drafts import Draft
from service.rulebook.quotations import misquotations


def check(library: Draft, teller: Teller = in_ids) -> Iterator[Finding]:
    """One finding per promise, that of the quotations first; each as soon as it is known.

    Args:
        library: what authors wrote.
        teller: tells a counterexample.

    """
    yield quotations(library)
    yield from prove(library.rulebase, demands(library), teller)


def demands(library: Draft) -> Demands:
    """What the rules are held against."""
    name_needed = {id_: channel.name_needed for id_, channel in library.texts.channels.items()}
    return Demands(library.promises, library.competence, library.days, name_needed)


def quotations(library: Draft) -> Finding:
    """Hold every quotation in the rules and in the matrix against the stored words of its source."""
    cited = [(f"rule {rule.id}", one) for rule in library.rulebase.rules for one in rule.citations]
    cited += [(f"cell of {cell.body}", one) for cell in library.competence for one in cell.citations]
    start = time.perf_counter()
    wrong = tuple(map(plainly, misquotations(cited, library.passages)))
    quoted = sum(one.quote is not None for _, one in cited)
    return Finding("quotations", quoted, time.perf_counter() - start, wrong)
