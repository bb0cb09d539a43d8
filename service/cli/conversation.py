"""The questions one by one at a terminal, and back to the one before; an organisation by what people type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from service.answers import view
from service.answers.presenter import Presenter
from service.cli.directory import found_by
from service.cli.terminal import numbered, wrap
from service.rulebook.library import Library
from service.rulebook.organisations import Organisation

ORGANISATION = "organisation"  # stands among the facts that were asked


class Conversation:
    """What was told so far; whoever stops half way leaves it as it is."""

    def __init__(
        self,
        library: Library,
        language: str,
        on: date,
        chosen: Organisation | None,
        read: Callable[[str], str],
        say: Callable[[str], None],
    ) -> None:
        """Prepare to ask.

        Args:
            library: whose questions and organisations.
            language: to ask in.
            on: the day it is about.
            chosen: the organisation that was named already.
            read: gives what is typed at a prompt; empty for Enter alone.
            say: shows a text.

        """
        self.given: dict[str, object] = {}
        self.chosen = chosen
        self._library, self._on, self._presenter = library, on, Presenter(library, language)
        self._words = library.texts.interface[language]
        self._read, self._say = read, say
        self._asked: list[str] = []

    def run(self, answer: Callable[[], view.Answer]) -> None:
        """Ask until nothing is left to ask; `answer` decides what was told so far."""
        self._say(wrap(self._words["cli_begin"].replace("{back}", self._words["cli_back"])))
        while step := self._next(answer()):
            told = self._organisation() if isinstance(step, str) else self._question(step)
            if told:
                self._asked.append(step if isinstance(step, str) else step.fact)
            elif self._asked:
                self._forget(self._asked.pop())
            else:
                self._say(self._words["cli_first"])

    def _next(self, body: view.Answer) -> view.Question | str | None:
        if body.next_question:
            return body.next_question
        open_ = body.organisation_matters and self.chosen is None and ORGANISATION not in self._asked
        return ORGANISATION if open_ else None

    def _forget(self, last: str) -> None:
        if last == ORGANISATION:
            self.chosen = None
        self.given.pop(last, None)

    def _goes_back(self, typed: str) -> bool:
        return bool(typed) and self._words["cli_back"].startswith(typed.casefold())

    def _question(self, question: view.Question) -> bool:
        """Ask until there is an answer: a number, or numbers with commas; False to go back."""
        self._say(f"\n{wrap(question.text)}")
        if question.hint:
            self._say(wrap(question.hint, "  "))
        answers = question.answers
        self._say(numbered([(question.labels[one], question.notes.get(one, "")) for one in answers]))
        while not self._goes_back(typed := self._read("> ").strip()):
            numbers = [part.strip() for part in typed.split(",")]
            if all(one.isdigit() and 1 <= int(one) <= len(answers) for one in numbers):
                chosen = list(dict.fromkeys(answers[int(one) - 1] for one in numbers))
                if question.several or len(chosen) == 1:
                    self.given[question.fact] = chosen if question.several else chosen[0]
                    return True
            self._say(self._words["cli_again"].replace("{most}", str(len(answers))))
        return False

    def _organisation(self) -> bool:
        """Ask for an organisation until one is found, or somebody would rather not say; False to go back."""
        self._say(f"\n{self._words['organisation_ask']}\n{wrap(self._words['cli_organisation_hint'], '  ')}")
        hits: Sequence[Organisation] = ()
        while typed := self._read("> ").strip():
            if self._goes_back(typed):
                return False
            if typed.isdigit() and 1 <= int(typed) <= len(hits):
                self._take(hits[int(typed) - 1])
                return True
            hits = found_by(self._library, typed, self._on)
            if hits:
                self._say(numbered([(self._name(one), "") for one in hits]))
            else:
                self._say(wrap(self._words["organisation_none"]))
        return True

    def pick(self, hits: Sequence[Organisation]) -> None:
        """Let somebody choose among organisations that a name found."""
        self._say(numbered([(self._name(one), "") for one in hits]))
        while not (typed := self._read("> ").strip()).isdigit() or not 1 <= int(typed) <= len(hits):
            self._say(self._words["cli_again"].replace("{most}", str(len(hits))))
        self._take(hits[int(typed) - 1])

    def _take(self, one: Organisation) -> None:
        self.chosen = self._library.organisations.on(one.id, self._on)

    def _name(self, one: Organisation) -> str:
        said = self._presenter.organisation(one, self._on)
        return f"{said.name} ({said.abbreviation})" if said.abbreviation else said.name
