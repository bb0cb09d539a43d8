"""A decision, the texts and the directory in one language: what is said of them, as values of `view.py`.

Says what was decided. It gets rule ids and destinations, and never tests a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

from msgspec.structs import asdict

from service.answers import view
from service.answers.acts import ActWords
from service.answers.phrases import Phrases, conditions_of
from service.answers.pieces import BARRED, Pieces
from service.core.cubes import Cube, Cubes
from service.core.decision import Closed, Decision, Referral, Way
from service.core.graph import Graph
from service.core.rule import As, Edition, Rule
from service.core.vocabulary import Fact, Vocabulary
from service.engine.decider import Verdict
from service.rulebook.audience import Fit, fit
from service.rulebook.bodies import REACHED
from service.rulebook.known import KIND, ORGANISATION
from service.rulebook.languages import Localised
from service.rulebook.library import Library
from service.rulebook.organisations import Organisation
from service.rulebook.texts import Contact

Json = dict[str, Any]
Answers = Mapping[str, str]


class Presenter(Phrases):
    """Says things in one language, from one library."""

    def __init__(self, library: Library, language: str) -> None:
        words = library.texts.interface[language]
        super().__init__([library.texts.questions], library.rulebase.vocabulary.facts, words, language)
        self._texts = library.texts
        self._organisations = library.organisations
        self._acts = ActWords(library, language)
        self._vocabulary: Vocabulary = library.rulebase.vocabulary
        self._digest, self._digests = library.digest, library.digests
        self._library = library
        self._listed = lru_cache(maxsize=1)(self._every)

    def prepare(self) -> None:
        """Make what is made once, if it is not made yet."""
        _ = self._pieces
        self._acts.prepare()
        cubes = (
            cube for of in self._library.cubes.values() for those in of.values() for cube in chain(*those.values())
        )
        self.say({one for cube in cubes for one in conditions_of(cube)})

    @cached_property
    def _pieces(self) -> Pieces:
        """Made when the first is asked for: who only tells a story may have texts with holes."""
        return Pieces(self._library, self._language)

    def answer(
        self, verdict: Verdict, organisation: Organisation | None, on: date, *, words: bool = True
    ) -> view.Answer:
        """The answer to a request, as design section 7 has it.

        Args:
            verdict: what was decided.
            organisation: who holds the matters of the one that was named.
            on: the day.
            words: whether anything is said, or ids alone are given; of the organisation all is.

        """
        decision = verdict.decision
        answers = verdict.situation.answers
        asked = self.question(self._vocabulary.by_id[decision.next_fact]) if decision and decision.next_fact else None
        return view.Answer(
            edition=edition(verdict.edition),
            directory=self._digests.directory,
            texts=self._digests.texts,
            on=on,
            organisation=self.organisation(organisation, on) if organisation else None,
            complete=decision is None or decision.complete,
            next_question=asked if words or not asked else view.unsaid_question(asked),
            referrals=self.referrals(decision, answers, organisation, on) if words else self._unsaid(decision),
            possible=decision.possible if decision else (self._vocabulary.safety_net,),
            closed=tuple(map(self._closed if words else _unsaid_door, decision.closed if decision else ())),
            ignored=decision.ignored if decision else (),
            organisation_matters=decision is not None and decision.organisation_matters,
            safety_net=decision is None,
            notices=self._pieces.notices if words else (),
        )

    def _unsaid(self, decision: Decision | None) -> tuple[view.Referral, ...]:
        """What is certain, or the safety net, without words."""
        net = Referral(self._vocabulary.safety_net, As.FIRST, "", ())
        return tuple(
            view.unsaid_referral(one.destination, one.as_, one.concern or None, tuple([rule.id for rule in one.rules]))
            for one in (decision.referrals if decision else (net,))
        )

    def referrals(
        self, decision: Decision | None, answers: Answers, organisation: Organisation | None, on: date
    ) -> tuple[view.Referral, ...]:
        """What is certain, each note on the organisation at the first referral that rests on it; or the safety net."""
        if decision is None:
            net = Referral(self._vocabulary.safety_net, As.FIRST, "", ())
            return (self.referral(net, answers, organisation, on, (), why=self._words["safety_net"]),)
        told: set[str] = set()
        found = []
        for one in decision.referrals:
            noted = [note for note in self.notes(one.rules, organisation, on) if note not in told]
            told.update(noted)
            found.append(self.referral(one, answers, organisation, on, noted))
        return tuple(found)

    def question(self, fact: Fact) -> view.Question:
        """A question with its answers in the order of the vocabulary."""
        return self._pieces.questions[fact.id]

    def organisation(self, organisation: Organisation, on: date, why: Localised | None = None) -> view.Organisation:
        """An organisation as it is on a day, and why it is found where that is not by its name."""
        name, parent = organisation.name(on), next((one for one in organisation.parents if one.holds(on)), None)
        former = [one for one in organisation.names if one is not name]
        return view.Organisation(
            id=organisation.id,
            kind=organisation.kind,
            catch_all=organisation.catch_all,
            name=name.text[self._language],
            abbreviation=name.abbreviation,
            aliases=(*name.aliases, *name.former, *(one.text[self._language] for one in former)),
            held_by=self._organisations.on(organisation.id, on).id,
            facts=organisation.facts(on),
            parent=self._organisations.on(parent.id, on).id if parent else None,
            identifier=organisation.identifier,
            agreement=organisation.agreement,
            general=self._general(organisation),
            why=why[self._language] if why else None,
        )

    def _general(self, organisation: Organisation) -> view.General | None:
        general = organisation.general
        if general is None:
            return None
        verified, by = general.verified("phone")
        source = self._texts.sources.get(by or "")
        reached = {name: getattr(general, name) for name in ("for_public", *REACHED)}
        return view.General(**reached, verified=verified, by=source.short if source else by)

    def calling(self, organisation: Organisation, on: date) -> dict[str, str]:
        """Who puts somebody through to an organisation on a day."""
        return self._acts.number(organisation, on)

    def listed(self, on: date) -> Sequence[view.Listed]:
        """Every organisation by the name it had last, in the order of reading, with who holds its matters on a day.

        The one for every body that is not in the list comes last, as people expect it there. That of the last day that
        was asked for is kept.
        """
        return self._listed(on)

    def _every(self, on: date) -> tuple[view.Listed, ...]:
        found = []
        for one in self._organisations.by_id.values():
            holder, said = self._organisations.on(one.id, on), self.organisation(one, on)
            found.append(
                view.Listed(
                    id=one.id,
                    kind=holder.kind,
                    catch_all=one.catch_all,
                    name=said.name,
                    abbreviation=said.abbreviation,
                    held_by=said.held_by,
                    facts=holder.facts(on),
                    notes=holder.notes(on, self._language),
                    now=holder.name(on).text[self._language] if holder is not one else None,
                    calling=self._acts.number(holder, on),
                )
            )
        return tuple(sorted(found, key=lambda said: (said.catch_all, said.name.casefold())))

    def pieces(self, edition_: Edition, on: date) -> Json:
        """Everything from which any answer of an edition can be put together on a day, without asking again.

        Returns:
            doors per destination, with their shared contacts and their few words for whom they are; own contacts per
            organisation and destination; sources and terms each once, and per rule its words with the places of its
            sources.

        """
        return {
            **self.of_rules(edition_.rules),
            "doors": {one: self.destination(one, on) for one in sorted({rule.refer for rule in edition_.rules})},
            "shorts": self._shorts(on),
            "names": self._names(),
            "own": {
                one.id: {
                    destination: [self._pieces.contact(contact, None) for contact in found]
                    for destination in self._vocabulary.destinations
                    if (found := self._organisations.channels(self._organisations.on(one.id, on), destination, on))
                }
                for one in self._organisations.by_id.values()
            },
            "terms": self.terms(edition_.rules, on),
            **self._acts.all(on),
        }

    def terms(self, rules: Iterable[Rule], on: date | None = None) -> dict[str, view.Term]:
        """The time limits that rules name, each once, by id; with a day, those that hold then."""
        named = {term: self._texts.terms[term] for rule in rules for term in rule.terms}
        return {one: self._pieces.terms[one][None] for one, term in named.items() if on is None or term.in_force(on)}

    def terms_for(
        self, rules: Iterable[Rule], answers: Answers, concern: str, organisation: Organisation | None, on: date
    ) -> dict[str, view.Term]:
        """The time limits that rules name and that concern, or may concern, a person on a day."""
        known = self._known(answers, concern, organisation)
        fits = {one: self._texts.terms[one].fit(known) for one in self.terms(rules, on)}
        return {one: self._pieces.terms[one][fit] for one, fit in fits.items() if fit is not Fit.NO}

    def doubts(self, rules: Iterable[Rule], known: Mapping[str, str]) -> list[str]:
        """What rules leave in doubt for somebody of whom this is known, each once."""
        told = [doubt for rule in rules for doubt in rule.doubts]
        mine = [one for one in told if not one.whom or any(fit(whom, {}, known) is not Fit.NO for whom in one.whom)]
        return list(dict.fromkeys([one.says[self._language] for one in mine]))

    def notes(self, rules: Iterable[Rule], organisation: Organisation | None, on: date) -> list[str]:
        """What to know of the facts of an organisation on which rules rest, each once."""
        if organisation is None:
            return []
        known = organisation.notes(on, self._language)
        return list(dict.fromkeys(known[fact] for rule in rules for fact in rule.when if fact in known))

    def of_rules(self, rules: Iterable[Rule]) -> Json:
        """The words of rules, and each of their sources once: `rules` per id, with the places of its `sources`."""
        sources: list[view.Citation] = []
        said: Json = {}
        for rule in rules:
            mine = self._pieces.citations[rule.id]
            sources += [source for source in mine if source not in sources]
            said[rule.id] = {
                "why": rule.why[self._language],
                "doubts": [
                    {
                        "says": one.says[self._language],
                        "whom": [
                            {fact: self._in_order(fact, answers) for fact, answers in whom.items()} for whom in one.whom
                        ],
                    }
                    for one in rule.doubts
                ],
                "sources": [sources.index(source) for source in mine],
                "terms": list(rule.terms),
            }
        return {"sources": sources, "rules": said}

    def compiled(self, rules: view.Rulebase, on: date) -> view.Compiled:
        """All that it takes to ask the questions of a day and to decide, elsewhere."""
        return view.Compiled(
            **asdict(rules),
            digest=self._digest,
            directory=self._digests.directory,
            texts=self._digests.texts,
            on=on,
            language=self._language,
            names=self._names(),
            questions=tuple(map(self.question, self._vocabulary.facts)),
            organisations=tuple(self.organisation(one, on) for one in self._organisations.by_id.values()),
        )

    def _names(self) -> dict[str, str]:
        channels = self._texts.channels
        return {one: channels[one].text[self._language].name for one in self._vocabulary.destinations}

    def told(self, given: Iterable[tuple[str, str]]) -> list[str]:
        """Answers as a person gave them: each question with its answer."""
        texts = self._texts.questions
        return [f"{texts[fact][self._language].ask} {texts[fact][self._language].answers[one]}" for fact, one in given]

    def tags(self) -> dict[str, str]:
        """What each concern is called where there is little room."""
        text = self._texts.questions[self._vocabulary.concerns.id][self._language]
        return {**text.answers, **text.tags}

    def clauses(self) -> Json:
        """Per fact and answer the clause by which it is said."""
        return {
            fact.id: {answer: self._texts.questions[fact.id][self._language].clauses[answer] for answer in fact.answers}
            for fact in self._vocabulary.facts
        }

    def denials(self) -> Json:
        """Per fact and answer the clause by which it is said not to be so, where there is one."""
        return {
            fact.id: dict(self._texts.questions[fact.id][self._language].denials) for fact in self._vocabulary.facts
        }

    def destination(self, id_: str, on: date) -> view.Destination:
        """A destination: its words and its shared contacts on a day."""
        return view.Destination(id=id_, **self._pieces.doors[id_], **self._contacts(self._shared(id_, on), None))

    def rule(self, rule: Rule) -> view.Rule:
        """A rule as a jurist reads it."""
        return view.Rule(
            id=rule.id,
            refer=rule.refer,
            as_=rule.as_,
            concern=rule.concern,
            when={fact: self._in_order(fact, answers) for fact, answers in rule.when.items()},
            since=rule.since,
            until=rule.until,
            why=rule.why[self._language],
            doubt=" ".join(one.says[self._language] for one in rule.doubts) or None,
            sources=self._pieces.citations[rule.id],
            terms=tuple(self.terms([rule]).values()),
            example=view.Story(name=rule.example.name, situation=rule.example.situation),
            near_miss=view.Story(name=rule.near_miss.name, situation=rule.near_miss.situation),
        )

    def every_way(self, ways: Sequence[Way], *, leads: bool) -> str:
        """Every way to a destination in a sentence; without one, that nobody in this position has one, or nobody."""
        if not ways:
            return self._words[BARRED[leads]]
        here = f"; {self._words['or']} ".join(self.ways(ways))
        said = f"{self._words['ways_only']} {here}." if here else self._words["closed_here"]
        return f"{said} {self.elsewhere(ways)}".rstrip()

    def ways(self, ways: Iterable[Way]) -> list[str]:
        """Each way by a concern that was named, as a clause."""
        return [self.way(one) for one in ways if not one.elsewhere]

    def way(self, one: Way) -> str:
        """A way as a clause, whatever the concern."""
        return f"{self._words['way_later' if one.later else 'way_now']} {self.conditions(one.conditions)}"

    def elsewhere(self, ways: Iterable[Way]) -> str:
        """The concerns that were not named and have a way, in a sentence; empty where there are none."""
        named = {concern for one in ways if one.elsewhere for concern in one.conditions[0].answers}
        if not named:
            return ""
        about = self._vocabulary.concerns
        said = self.clause(about.id, [concern for concern in about.answers if concern in named])
        return f"{self._words['ways_elsewhere']} {said}."

    def _in_order(self, fact: str, answers: Iterable[str]) -> tuple[str, ...]:
        given = set(answers)
        return tuple(answer for answer in self._vocabulary.by_id[fact].answers if answer in given)

    def referral(
        self,
        referral: Referral,
        answers: Answers,
        organisation: Organisation | None,
        on: date,
        noted: Sequence[str] = (),
        why: str | None = None,
    ) -> view.Referral:
        """A referral as somebody gets it who gave these answers at an organisation on a day.

        Args:
            referral: the door, and the rules it rests on.
            answers: what the person answered, with the facts of the organisation.
            organisation: who holds the matters of the one they named.
            on: the day.
            noted: what to know of the facts of the organisation, beside what the rules leave in doubt.
            why: what is said instead of what the rules say.

        """
        own = self._organisations.channels(organisation, referral.destination, on) if organisation else []
        known = self._known(answers, referral.concern, organisation)
        doubts = self.doubts(referral.rules, known)
        return view.Referral(
            destination=referral.destination,
            as_=referral.as_,
            concern=referral.concern or None,
            why=why or " ".join(dict.fromkeys(rule.why[self._language] for rule in referral.rules)),
            doubts=(*doubts, *noted),
            rules=tuple(rule.id for rule in referral.rules),
            sources=self._pieces.cited(referral.rules),
            terms=tuple(self.terms_for(referral.rules, answers, referral.concern, organisation, on).values()),
            **self._pieces.doors[referral.destination],
            act=self._acts.for_(referral, known, organisation, on),
            in_short=self._short(referral.destination, on, known),
            **self._contacts([*own, *self._shared(referral.destination, on)], known),
        )

    def every_day(self) -> Json:
        """What is said at the places and who is reached there, of every day, each with its period.

        Returns:
            acts and handles, shorts, and shared contacts, each per destination; own contacts per organisation and
            destination; names.

        """
        channels = self._texts.channels
        own: dict[str, dict[str, list[Json]]] = {}
        for one in self._organisations.by_id.values():
            for channel in one.channels:
                own.setdefault(one.id, {}).setdefault(channel.destination, []).append(self._reached(channel.contact))
        return {
            **self._acts.all(None),
            "names": self._names(),
            "shorts": {
                one: [
                    {
                        "audience": of.audience,
                        "perhaps": {},
                        "said": view.as_json(said),
                        **view.lasting(of),
                    }
                    for of, said in self._pieces.shorts[one]
                ]
                for one in self._vocabulary.destinations
            },
            "shared": {one: list(map(self._reached, channels[one].contacts)) for one in self._vocabulary.destinations},
            "own": own,
        }

    def _reached(self, contact: Contact) -> Json:
        """A contact in as few words as an advisor needs, with its period."""
        whole = view.as_json(self._pieces.contact(contact, None))
        named = ("name", "phone", "hours", "email", "url", "checked")
        return {
            **{key: whole[key] for key in named if whole[key]},
            "audience": whole["audience"],
            "perhaps": whole["perhaps"],
            **view.lasting(contact),
        }

    def _shorts(self, on: date) -> Json:
        """The few words of every destination on a day, for whom they are: the first for somebody is theirs."""
        return {
            destination: [
                {"audience": one.audience, "perhaps": {}, "said": view.as_json(said)}
                for one, said in self._pieces.shorts[destination]
                if one.in_force(on)
            ]
            for destination in self._vocabulary.destinations
        }

    def _short(self, destination: str, on: date, known: Mapping[str, str]) -> view.Short:
        """The few words of a destination for somebody of whom this is known."""
        shorts = self._pieces.shorts[destination]
        return next(said for one, said in shorts if one.in_force(on) and fit(one.audience, {}, known) is Fit.YES)

    def _known(self, answers: Answers, concern: str, organisation: Organisation | None) -> dict[str, str]:
        """What is known of a person, for an audience: answers, the concern, and the organisation where it is named."""
        named = {ORGANISATION: organisation.id, KIND: organisation.kind} if organisation else {}
        return {**answers, **({self._vocabulary.concerns.id: concern} if concern else {}), **named}

    def _shared(self, destination: str, on: date) -> list[Contact]:
        return [one for one in self._texts.channels[destination].contacts if one.in_force(on)]

    def _contacts(self, contacts: Sequence[Contact], known: Mapping[str, str] | None) -> Json:
        """Contacts as a person gets them: none that is not for them, none first that may not be; all if nobody asks."""
        found = [(one, one.fit(known) if known is not None else None) for one in contacts]
        sure = [self._pieces.contact(one, fit) for one, fit in found if fit not in {Fit.NO, Fit.UNKNOWN}]
        perhaps = [self._pieces.contact(one, fit) for one, fit in found if fit is Fit.UNKNOWN]
        first = sure[0] if sure else None
        return {
            "contact": first,
            "other_contacts": (*sure[1:], *perhaps),
            "verified": first.checked if first else None,
        }

    def _closed(self, closed: Closed) -> view.Closed:
        if not closed.ways:
            return self._pieces.barred[closed.destination, closed.leads]
        ways = tuple([way.conditions for way in closed.ways])
        return view.Closed(
            destination=closed.destination,
            name=self._pieces.doors[closed.destination]["name"],
            why=self.every_way(closed.ways, leads=closed.leads),
            opens_when=ways[0],
            ways=ways,
        )


def _unsaid_door(closed: Closed) -> view.Closed:
    ways = tuple([way.conditions for way in closed.ways])
    return view.Closed(destination=closed.destination, name="", why="", opens_when=ways[0] if ways else (), ways=ways)


def edition(edition_: Edition) -> view.Edition:
    """An edition by its day and its digest."""
    return view.Edition(id=edition_.id, digest=edition_.digest, since=edition_.since, until=edition_.until)


def table(edition_: Edition) -> view.Table:
    """Facts, destinations and rules of an edition, answers as places in the list of their fact."""
    facts = edition_.vocabulary.facts
    places = {fact.id: {answer: place for place, answer in enumerate(fact.answers)} for fact in facts}
    return view.Table(
        edition=edition(edition_),
        destinations=edition_.vocabulary.destinations,
        safety_net=edition_.vocabulary.safety_net,
        facts=tuple(
            view.TableFact(
                id=fact.id,
                answers=fact.answers,
                concern=fact.concern,
                of_organisation=fact.of_organisation,
                several=fact.several,
                nature=fact.nature.value,
            )
            for fact in facts
        ),
        rules=tuple(
            view.TableRule(
                id=rule.id,
                refer=rule.refer,
                as_=rule.as_,
                concern=rule.concern,
                when={fact: tuple(sorted(places[fact][one] for one in answers)) for fact, answers in rule.when.items()},
            )
            for rule in edition_.rules
        ),
    )


def rulebase(edition_: Edition, graph: Graph, cubes: Cubes) -> view.Rulebase:
    """An edition as a browser decides by it."""
    answers = {fact.id: fact.answers for fact in edition_.vocabulary.facts}

    def placed(cube: Cube) -> dict[str, tuple[int, ...]]:
        return {fact: tuple(map(answers[fact].index, met)) for fact, met in cube.items()}

    return view.Rulebase(
        **asdict(table(edition_)),
        graph=view.Graph(nodes=graph.nodes, roots=graph.roots),
        cubes={
            concern: {destination: tuple(map(placed, of)) for destination, of in destinations.items()}
            for concern, destinations in cubes.items()
        },
    )
