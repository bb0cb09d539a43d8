"""Facts and answers as words in one language: a question, an answer, conditions as clauses, a situation as a story.

A text that is not there, as in a rulebase with holes, is said by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from service.core.cubes import Cube
from service.core.decision import Condition
from service.core.vocabulary import Fact, Vocabulary
from service.rulebook.texts import QuestionText

Questions = Mapping[str, Mapping[str, QuestionText]]  # fact id -> language -> its texts


class Phrases:
    """Says things of facts in one language."""

    def __init__(
        self, questions: Sequence[Questions], facts: Iterable[Fact], words: Mapping[str, str], language: str
    ) -> None:
        """Prepare it.

        Args:
            questions: the texts of questions; where one has no text, the next is asked.
            facts: all that are spoken of.
            words: of the interface in that language.
            language: to say it in.

        """
        self._facts = {fact.id: fact for fact in facts}
        self._asked = [{id_: texts[language] for id_, texts in one.items() if language in texts} for one in questions]
        self._words, self._language = words, language
        self._said: dict[Condition, str] = {}
        self._clauses = {
            (id_, answer): clause
            for texts in reversed(self._asked)
            for id_, text in texts.items()
            for answer, clause in text.clauses.items()
            if clause
        }

    def say(self, conditions: Iterable[Condition]) -> None:
        """Say conditions beforehand."""
        self._said = {one: self._ask(one) for one in conditions}

    def ask(self, fact: str) -> str:
        """The question that asks for a fact."""
        return next((one[fact].ask for one in self._asked if fact in one), fact)

    def label(self, fact: str, answer: str) -> str:
        """An answer as it stands under its question."""
        return self._text_of(fact, "answers", answer) or answer

    def tag(self, fact: str, answer: str) -> str:
        """An answer in a word or two, where there is one."""
        return self._text_of(fact, "tags", answer) or self.label(fact, answer)

    def asked(self, fact: str) -> str:
        """The question in the few words that an advisor has."""
        return next((one[fact].for_advisor.ask for one in self._asked if fact in one), fact)

    def given(self, fact: str, answer: str) -> str:
        """An answer in the few words that an advisor has."""
        found = (one[fact].for_advisor.answers.get(answer) for one in self._asked if fact in one)
        return next(filter(None, found), None) or answer

    def clause(self, fact: str, answers: Iterable[str]) -> str:
        """That one of some answers is given, as a clause."""
        return f" {self._words['or']} ".join(
            [self._clauses.get((fact, answer)) or f"{fact} = {answer}" for answer in answers]
        )

    def limit(self, fact: str, answers: Iterable[str]) -> str:
        """The same in the fewest words; none where it is no limit."""
        given = tuple(answer for answer in self._facts[fact].answers if answer in set(answers))
        return "" if given == self._facts[fact].answers else self.plainly([Condition(fact, given)])

    def opening(self, conditions: Iterable[Condition]) -> tuple[list[str], list[str]]:
        """Conditions as clauses: what must be so, and what must not.

        A condition that leaves out few answers is said by what it leaves out.
        """
        needed: list[str] = []
        unless: list[str] = []
        for one in conditions:
            left_out = self._left_out(one)
            (unless if left_out else needed).append(self.clause(one.fact, left_out or one.answers))
        return needed, unless

    def asks(self, conditions: Iterable[Condition]) -> list[str]:
        """Conditions as clauses that all must be so, and read on: what must not be so is said as one of them."""
        clauses = [self._said.get(one) or self._ask(one) for one in conditions]
        return [*(f"{one}, {self._words['and']}" for one in clauses[:-1]), *clauses[-1:]]

    def conditions(self, conditions: Iterable[Condition]) -> str:
        """Conditions as words, joined."""
        return " ".join(self.asks(conditions))

    def plainly(self, conditions: Iterable[Condition]) -> str:
        """The same for what is an exception itself: that one of two answers is given is said without a "not"."""
        said = (self.clause(one.fact, one.answers) if len(one.answers) <= 2 else self._ask(one) for one in conditions)
        return f", {self._words['and']} ".join(said)

    def story(self, concern: str, answers: Mapping[str, str]) -> str:
        """A situation as a sentence: "stel dat …"."""
        about = next(fact.id for fact in self._facts.values() if fact.several)
        clauses = [self.clause(fact, (answer,)) for fact, answer in ((about, concern), *answers.items())]
        return f"{self._words['suppose']} {', '.join(clauses)}"

    def _ask(self, condition: Condition) -> str:
        left_out = self._left_out(condition)
        if not left_out:
            return self.clause(condition.fact, condition.answers)
        if len(left_out) == 1 and (denial := self._text_of(condition.fact, "denials", left_out[0])):
            return denial
        return self._words["clause_not"].replace("{clause}", self.clause(condition.fact, left_out))

    def _left_out(self, condition: Condition) -> list[str]:
        """The answers that do not meet a condition, where they are few; none where they are not, or about a concern."""
        fact = self._facts[condition.fact]
        left_out = [one for one in fact.answers if one not in condition.answers]
        return left_out if len(left_out) < len(condition.answers) and not fact.several else []

    def _text_of(self, fact: str, part: str, answer: str) -> str | None:
        found = (getattr(one[fact], part).get(answer) for one in self._asked if fact in one)
        return next(filter(None, found), None)


def conditions_of(cube: Cube) -> list[Condition]:
    """A cube as conditions."""
    return [Condition(fact, answers) for fact, answers in cube.items()]


def meant(
    fact: str, answers: Collection[str], vocabulary: Vocabulary, label: Callable[[str], str], words: Mapping[str, str]
) -> str:
    """The answers that are meant, or those few that are not; `label` says one."""
    of = vocabulary.by_id[fact]
    met = [one for one in of.answers if one in answers]
    left_out = [one for one in of.answers if one not in met]
    few = len(left_out) < len(met) and not of.several
    said = " / ".join(label(one) for one in (left_out if few else met))
    return words["page_not"].replace("{answers}", said) if few else said
