"""The competence matrix: who can take what, written from the sources by somebody who had not seen the rules.

Every referral in every situation is held against it. Where the two disagree, a jurist decides which of them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from service.core.period import Period
from service.core.rule import As, Citation, Doubt, Edition, Rule, Rulebase
from service.core.space import Situations, Space, counts
from service.proof.findings import Broken, Ref, Teller, rules
from service.proof.grounds import deciding
from service.proof.tried import Tried, name_of, unless_tried

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
    rulebase: Rulebase,
    cells: Iterable[Cell],
    teller: Teller,
    asks: Callable[[Doubt], bool] = no_doubt,
    tried: Tried | None = None,
) -> Iterator[Broken]:
    """Every referral that the matrix does not allow, with the smallest situation in which it is made.

    Args:
        rulebase: all editions.
        cells: of the matrix.
        teller: tells a counterexample.
        asks: of a doubt, whether it asks if a body takes somebody.
        tried: which bodies were held against which cells before; grows. They are not held against them again.

    """
    tried = {} if tried is None else tried
    cells = list(cells)
    place: dict[int, Ref] = {id(cell): ("cell", number) for number, cell in enumerate(cells)}
    seen = set()
    for edition in rulebase.editions:
        for concern in rulebase.vocabulary.concerns.answers:
            here = edition.of_concern(concern)
            for body in dict.fromkeys(rule.refer for rule in here):
                mine = [rule for rule in here if rule.refer == body]
                spoken = [cell for cell in cells if cell.body == body and cell.applies(edition, concern)]
                read_today = edition.until is None
                key = (concern, body, read_today, *(rule.id for rule in mine), *map(id, spoken))
                if key not in seen:
                    seen.add(key)
                    doubts = [[(doubt.whom, asks(doubt)) for doubt in rule.doubts] for rule in mine]
                    decides = concern, edition.vocabulary.facts, [deciding(rule) for rule in mine]
                    known = name_of("competence", decides, doubts, read_today, spoken)
                    said = partial(Spoken, edition, concern, mine, spoken)
                    look = partial(_against, said, place, mine, teller, asks)
                    yield from unless_tried(tried, known, len(mine), look)


def _against(
    said: Callable[[], Spoken],
    place: Mapping[int, Ref],
    mine: Sequence[Rule],
    teller: Teller,
    asks: Callable[[Doubt], bool],
) -> Iterator[Broken]:
    for one, cell in said().not_allowed(mine, teller, asks):
        yield replace(one, about=(*one.about, place[id(cell)])) if cell else one


class Spoken:
    """What the cells that speak of a body say of one concern, over all facts that they and its rules test."""

    def __init__(self, edition: Edition, concern: str, mine: Sequence[Rule], cells: Sequence[Cell]) -> None:
        """Find what is said of whom.

        Args:
            edition: whose vocabulary; in the last one doubts are read today.
            concern: of which the cells speak.
            mine: the rules of the concern for the body.
            cells: those that speak of it.

        """
        self._edition, self._concern = edition, concern
        said = [list(edition.vocabulary.scope(cell.when, concern)) for cell in cells]
        read = [whom for rule in mine for doubt in rule.doubts for whom in doubt.whom]
        tested = {fact for one in (*(rule.when for rule in mine), *read) for fact in one}
        tested |= {fact for one in said for fact, _ in one}
        self._space = Space([fact for fact in edition.vocabulary.facts_of(concern) if fact.id in tested])
        # Of a fact that does not apply, a cell says nothing.
        self._cells = [(cell, self._space.within(one)) for cell, one in zip(cells, said, strict=True)]
        self._can, only_if, self._cannot = (self._where(takes) for takes in (CAN, ONLY_IF, CANNOT))
        self._takes, self._sure = self._can | only_if, self._can - only_if
        self._not_passed = self._where(CANNOT, passing=False)

    def _where(self, takes: str, *, passing: bool | None = None) -> Situations:
        spoken = [(one, where) for one, where in self._cells if one.takes == takes]
        return self._space.union(where for one, where in spoken if passing in (None, one.passing))

    def not_allowed(
        self, mine: Sequence[Rule], teller: Teller, asks: Callable[[Doubt], bool] = no_doubt
    ) -> Iterator[tuple[Broken, Cell | None]]:
        """Where such rules are not allowed by the cells, and by which of them.

        A doubt that `asks` whether the body takes somebody is read today by nobody of whom only "can" is said.
        """
        space = self._space
        counted = counts(mine, space.of_rules(mine))

        def tell(made: Situations, name: str, as_: As) -> tuple[Broken, Cell | None]:
            found = made.some()
            assert found is not None  # noqa: S101 - asked for a set that is not empty
            firing = [rule.id for rule, count in zip(mine, counted, strict=True) if found in count]
            spoken = next((cell for cell, where in self._cells if cell.takes != CAN and found in where), None)
            story = teller(self._concern, found)
            values = {"edition": self._edition.id, "rules": ", ".join(firing), "as_": as_.value, "story": story}
            return Broken(name, values, rules(firing)), None if name == "matrix_silent" else spoken

        for as_ in As:
            made = doubted = space.none
            for rule, count in zip(mine, counted, strict=True):
                if rule.as_ is as_:
                    made |= count
                    for doubt in () if self._edition.until else filter(asks, rule.doubts):
                        if known := count & space.of_any(doubt.whom) & self._sure:
                            yield tell(known, "matrix_sure", as_)
                    doubted |= count & space.union(space.of_any(doubt.whom) for doubt in rule.doubts)
            refused = made & (self._not_passed if as_ is As.LATER else self._cannot)
            silent = space.none if as_ is As.LATER else (made & self._takes) - self._can - self._cannot - doubted
            if silent:
                yield tell(silent, "matrix_doubts", as_)
            if refused:
                yield tell(refused, "matrix_refuses", as_)
            if unknown := made - self._takes - self._cannot:
                yield tell(unknown, "matrix_silent", as_)
