"""What a running service knows: the library, both readings, the directory, the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from flask import g

from service.answers import view
from service.answers.directory import Directory
from service.answers.presenter import Presenter, rulebase
from service.core.interview import Interview
from service.core.rule import Edition
from service.core.situation import Situation
from service.engine.decider import Decider, Verdict
from service.rulebook.library import Library
from service.web.today import amsterdam_today


class Clock:
    """Today; never before the rules and texts were written, whatever the clock of the machine says.

    A clock that was set back would otherwise bring back the law of that day.
    """

    def __init__(self, written: date, now: Callable[[], date] = amsterdam_today) -> None:
        self._written, self._now = written, now

    def __call__(self) -> date:
        """The day."""
        return max(self._now(), self._written)

    @property
    def behind(self) -> bool:
        """Whether the clock of the machine is wrong beyond doubt."""
        return self._now() < self._written


@dataclass
class State:
    """Built once, before the first request, and never changed by one."""

    library: Library
    decider: Decider
    directory: Directory
    today: Callable[[], date]
    presenters: dict[str, Presenter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.presenters = {language: Presenter(self.library, language) for language in self.library.languages}
        # Whatever is made once is made now: made by the first who needs it, it would tell the next that somebody did.
        for presenter in self.presenters.values():
            presenter.prepare()
        for reading in self.decider.readings.values():
            reading.ways.prepare()

    def presenter(self, language: str) -> Presenter:
        """The words of one language."""
        return self.presenters[language]

    def decide(self, given: Situation, on: date, *, closed: bool = True) -> Verdict:
        """Decide a situation on a day; without the engine when a process was lost at the same request just before.

        Raises:
            NoEditionError: the day lies before the first edition.

        """
        return self.decider.decide(given, on, engine=not g.get("again", False), closed=closed)

    def journey(self, on: date) -> Interview:
        """The way through the questions on a day."""
        organisations = self.library.organisations
        reading = self.decider.readings[self.library.rulebase.on(on).id]
        return Interview(reading, lambda id_: organisations.on(id_, on).facts(on))

    def rulebase(self, edition_: Edition) -> view.Rulebase:
        """An edition as a browser decides by it."""
        reading = self.decider.readings[edition_.id]
        return rulebase(edition_, reading.graph, reading.ways.cubes)
