"""What is said in one language of what never changes, each made once. Nothing that somebody told comes here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from service.answers import view
from service.core.rule import Rule
from service.core.vocabulary import Fact
from service.rulebook.audience import Fit
from service.rulebook.languages import Localised
from service.rulebook.library import Library
from service.rulebook.texts import Contact, Term, Variant

BARRED = {True: "closed_barred", False: "closed_never"}  # whether any rule leads there -> what is said of it
Fits = Fit | None  # whether it is for a person; None where nobody asks


class Pieces:
    """All of one library.

    Attributes:
        questions: fact id -> its question.
        notices: what everybody must be able to see.
        doors: destination -> what `view.Door` says of it, without its contacts.
        barred: destination, and whether any rule leads there -> what is said where no way does.
        shorts: destination -> its few words of every day; the first for somebody is theirs.
        citations: rule id -> what it cites.
        terms: time limit -> what is said of it to a person whom it fits so well.

    """

    def __init__(self, library: Library, language: str) -> None:
        self._library, self._texts, self._language = library, library.texts, language
        self.questions = {fact.id: self._question(fact) for fact in library.rulebase.vocabulary.facts}
        self.notices = tuple(
            view.Notice(id=one.id, kind=one.kind, phone=one.phone, text=one.text[language])
            for one in self._texts.notices
        )
        self.doors = {destination: self._door(destination) for destination in self._texts.channels}
        words = library.texts.interface[language]
        self.barred = {
            (one, leads): view.Closed(destination=one, name=door["name"], why=words[why], opens_when=(), ways=())
            for one, door in self.doors.items()
            for leads, why in BARRED.items()
        }
        self.shorts: dict[str, list[tuple[Variant, view.Short]]] = {
            destination: [(one, view.Short(**vars(said))) for one, said in channel.varied(language)]
            for destination, channel in self._texts.channels.items()
        }
        self._cited: dict[Any, view.Citation] = {}
        self.citations = {rule.id: self._citations(rule) for rule in library.rulebase.rules}
        self.terms = {id_: _each(self._term(term)) for id_, term in self._texts.terms.items()}
        contacts = [one for channel in self._texts.channels.values() for one in channel.contacts]
        contacts += [own.contact for one in library.organisations.by_id.values() for own in one.channels]
        # By which contact it is, for to compare what it says takes longer; the library keeps them all.
        self._contacts = {id(one): _each(self._contact(one)) for one in contacts}

    def contact(self, contact: Contact, fit: Fits) -> view.Contact:
        """What is said of a contact of the library to a person whom it fits so well."""
        said: view.Contact = self._contacts[id(contact)][fit]
        return said

    def cited(self, rules: Iterable[Rule]) -> tuple[view.Citation, ...]:
        """What rules cite, each once."""
        return tuple({id(one): one for rule in rules for one in self.citations[rule.id]}.values())

    def _question(self, fact: Fact) -> view.Question:
        """A question with its answers in the order of the vocabulary."""
        text = self._texts.questions[fact.id][self._language]
        return view.Question(
            fact=fact.id,
            concern=fact.concern,
            of_organisation=fact.of_organisation,
            several=fact.several,
            answers=fact.answers,
            text=text.ask,
            hint=text.hint,
            why=text.why,
            labels={answer: text.answers[answer] for answer in fact.answers},
            notes={answer: text.notes[answer] for answer in fact.answers if answer in text.notes},
        )

    def _door(self, destination: str) -> dict[str, Any]:
        channel = self._texts.channels[destination]
        text = channel.text[self._language]
        return {
            "name": text.name,
            "action": text.action,
            "expect": text.expect,
            "limits": text.limits,
            "your_name": text.your_name,
            "name_needed": channel.name_needed,
            "when_silent": text.when_silent,
        }

    def _citations(self, rule: Rule) -> tuple[view.Citation, ...]:
        for citation in rule.citations:
            source = self._texts.sources[citation.source]
            self._cited[citation] = self._cited.get(citation) or view.Citation(
                id=source.id,
                title=source.title,
                short=source.short,
                locator=citation.locator,
                url=source.url,
                quote=citation.quote,
                sure=source.sure,
                read=source.read,
            )
        return tuple(self._cited[citation] for citation in dict.fromkeys(rule.citations))

    def _term(self, term: Term) -> view.Term:
        basis = self._texts.sources[term.basis]
        return view.Term(
            id=term.id,
            text=term.text[self._language],
            in_short="" if term.theirs else (term.short or term.text)[self._language],
            since=term.since,
            until=term.until,
            audience=term.audience,
            perhaps=term.perhaps,
            starts=term.starts,
            days=term.days,
            weeks=term.weeks,
            months=term.months,
            weeks_with_committee=term.weeks_with_committee,
            weeks_extension=term.weeks_extension,
            basis=f"{basis.short}, {term.locator}",
            sure=term.sure,
            fit=None,
        )

    def _contact(self, contact: Contact) -> view.Contact:
        source = self._texts.sources[contact.source]
        return view.Contact(
            name=self._said(contact.name),
            for_whom=self._said(contact.who),
            audience=contact.audience,
            perhaps=contact.perhaps,
            fit=None,
            subject=self._said(contact.subject),
            subject_sure=contact.subject_sure,
            phone=contact.phone,
            phone_abroad=contact.phone_abroad,
            email=contact.email,
            url=contact.url,
            hours=self._said(contact.hours),
            note=self._said(contact.note),
            source=view.ContactSource(title=source.title, url=source.url),
            sure=contact.sure,
            checked=contact.checked,
        )

    def _said(self, text: Localised | None) -> str | None:
        return text[self._language] if text else None


def _each(said: Any) -> Mapping[Fits, Any]:
    """What is said, for everybody and for a person whom it fits so well."""
    return {None: said, **{fit: replace(said, fit=fit.value) for fit in (Fit.YES, Fit.UNKNOWN)}}
