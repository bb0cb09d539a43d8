"""Groups of people in words: who are in a set of situations, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.answers.phrases import Phrases, conditions_of
from service.core.cubes import Who


@dataclass(frozen=True)
class Told:
    """A group in words: a sentence or two, the lines that complete it, and a last sentence where there is more."""

    says: str
    lines: tuple[str, ...] = ()
    ends: str = ""

    @property
    def whole(self) -> str:
        """As one text."""
        return " ".join(filter(None, (self.says, "; ".join(self.lines) + ("." if self.lines else ""), self.ends)))


def tell(who: Who, phrases: Phrases, words: Mapping[str, str], before: Sequence[str] = ()) -> Told:
    """Say who are in a group.

    Args:
        who: the group.
        phrases: of the facts that it is told by.
        words: of the interface, in the language of the phrases.
        before: clauses that hold for all of them besides.

    """
    needed, unless = phrases.opening(conditions_of(who.meets))
    needed = [*before, *needed]
    any_of, none_of = ([phrases.plainly(conditions_of(one)) for one in cubes] for cubes in (who.any_of, who.none_of))
    if len(none_of) == 1:
        unless, none_of = [*unless, *none_of], []
    says = words["who_meet"].replace("{clauses}", _each(needed, words["and"])) if needed else words["who_all"]
    if unless:
        says += " " + words["who_but"].replace("{clauses}", _each(unless, words["or"]))
    if any_of or none_of:
        says += " " + words["who_any_of" if any_of else "who_none_of"]
    rest = f"{who.rest:,}".replace(",", words["diff_thousands"])
    return Told(says, tuple(any_of or none_of), words["who_rest"].replace("{count}", rest) if who.rest else "")


def _each(said: Sequence[str], word: str) -> str:
    """`one; two; and three`: for clauses that hold commas and `or` themselves."""
    *most, last = said
    return f"{'; '.join(most)}; {word} {last}" if most else last
