"""The competence matrix: who can take what, written from the sources by somebody who had not seen the rules.

Every referral in every situation is held against it. Where the two disagree, a jurist decides which of them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from service.core.period import Period
from service.core.rule import As, Citation, Doubt, Edition, Rule, Rulebase
from service.core.space import Situations, Space, counts
from service.proof.findings import Broken, Ref, Teller, rules

CAN, CANNOT, ONLY_IF = "can", "cannot", "only_if"


def no_doubt(_: Doubt) -> bool:
    """Of no doubt anything is held."""
    return False


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: whether a body can take these cases, and on which source."""

    body: str
    takes: str
    passing: bool
    concerns: tuple[str, ...]
    since: date | None
    until: date | None
    when: Mapping[str, frozenset[str]]
    why: Mapping[str, str]
    only_if: Mapping[str, str] | None
    citations: tuple[Citation, ...]

    def applies(self, edition: Edition, concern: str) -> bool:
        """Whether the cell speaks about a concern in an edition.

        What a body can take it must be able to take on every day of the edition; what it cannot, on any day of it.
        """
        if self.concerns and concern not in self.concerns:
            return False
        if self.takes == CANNOT:
            return Period(self.since, self.until).overlaps(Period(edition.since, edition.until))
        return (self.since or date.min) <= edition.since and (edition.until or date.max) <= (self.until or date.max)


def violations(
    rulebase: Rulebase, cells: Iterable[Cell], teller: Teller, asks: Callable[[Doubt], bool] = no_doubt
) -> Iterator[Broken]:
    """Every referral that the matrix does not allow, with the smallest situation in which it is made."""
    cells = list(cells)
    place: dict[int, Ref] = {id(cell): ("cell", number) for number, cell in enumerate(cells)}
    seen = set()
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            here = edition.of_concern(concern)
            for body in dict.fromkeys(rule.refer for rule in here):
                mine = [rule for rule in here if rule.refer == body]
                spoken = [cell for cell in cells if cell.body == body and cell.applies(edition, concern)]
                key = (concern, body, *(rule.id for rule in mine), *map(id, spoken))
                if key not in seen:
                    seen.add(key)
                    for one, cell in not_allowed(edition, concern, mine, spoken, teller, asks):
                        yield replace(one, about=(*one.about, place[id(cell)])) if cell else one


def not_allowed(
    edition: Edition,
    concern: str,
    mine: list[Rule],
    cells: list[Cell],
    teller: Teller,
    asks: Callable[[Doubt], bool] = no_doubt,
) -> Iterator[tuple[Broken, Cell | None]]:
    """Where the rules of a concern for one body are not allowed by the cells that speak of it, and by which of them.

    A doubt that `asks` whether the body takes somebody is read today by nobody of whom only "can" is said.
    """
    said = {id(cell): list(edition.vocabulary.scope(cell.when, concern)) for cell in cells}
    read = [whom for rule in mine for doubt in rule.doubts for whom in doubt.whom]
    tested = {fact for one in (*(rule.when for rule in mine), *read) for fact in one} | {
        fact for one in said.values() for fact, _ in one
    }
    space = Space([fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested])
    counted = counts(mine, space.of_rules(mine))

    def speaks(cell: Cell) -> Situations:
        return space.within(said[id(cell)])  # of a fact that does not apply, a cell says nothing

    def where(*takes: str, passing: bool | None = None) -> Situations:
        spoken = [cell for cell in cells if cell.takes in takes and passing in (None, cell.passing)]
        return space.union([speaks(cell) for cell in spoken])

    def tell(made: Situations, name: str, as_: As) -> tuple[Broken, Cell | None]:
        found = made.some()
        assert found is not None  # noqa: S101 - asked for a set that is not empty
        firing = [rule.id for rule, count in zip(mine, counted, strict=True) if found in count]
        spoken = next((cell for cell in cells if cell.takes != CAN and found in speaks(cell)), None)
        values = {"edition": edition.id, "rules": ", ".join(firing), "as_": as_.value, "story": teller(concern, found)}
        return Broken(name, values, rules(firing)), None if name == "matrix_silent" else spoken

    takes, cannot = where(CAN, ONLY_IF), where(CANNOT)
    sure = where(CAN) - where(ONLY_IF)
    for as_ in As:
        made = doubted = space.none
        for rule, count in zip(mine, counted, strict=True):
            if rule.as_ is as_:
                made |= count
                for doubt in () if edition.until else filter(asks, rule.doubts):
                    if known := count & space.of_any(doubt.whom) & sure:
                        yield tell(known, "matrix_sure", as_)
                doubted |= count & space.union(space.of_any(doubt.whom) for doubt in rule.doubts)
        if as_ is As.LATER:
            refused = made & where(CANNOT, passing=False)
            unknown = made - takes - cannot
        else:
            refused = made & cannot
            unknown = made - takes - cannot
            if silent := (made & takes) - where(CAN) - cannot - doubted:
                yield tell(silent, "matrix_doubts", as_)
        if refused:
            yield tell(refused, "matrix_refuses", as_)
        if unknown:
            yield tell(unknown, "matrix_silent", as_)
