"""Proves what is shown beside a decision: whoever is referred first has an act, and can do what it says.

What is shown is for some people, in facts; here it is held against all of them at once: in every situation of a
concern, at every organisation and without one, on every day on which something changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial

from service.core.graph import order
from service.core.period import Period
from service.core.rule import As, Doubt, Edition, Rule, Rulebase
from service.core.space import Situations, Space
from service.core.vocabulary import UNKNOWN, Fact, Vocabulary
from service.proof.findings import Broken, Ref, Teller, rules
from service.proof.grounds import Ground, deciding
from service.proof.tried import Tried, name_of, unless_tried

ELSEWHERE = ""  # an organisation that nothing that is shown names, or none

Audience = Mapping[str, Collection[str]]  # fact, kind or organisation -> the answers or ids it is for


@dataclass(frozen=True)
class Need:
    """What somebody must have to do as they are told, and who has it: those in one of the audiences, in its period."""

    what: str
    whom: tuple[tuple[Audience, Period], ...]


@dataclass(frozen=True)
class Offer:
    """Something that is shown to some of those who are referred to a destination, in a period."""

    about: Ref
    destination: str
    audience: Audience
    ways: Collection[str]
    since: date | None = None
    until: date | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Mention:
    """A doubt of a rule that is about some people, by its words."""

    rule: str
    doubt: Doubt
    words: str
    whom: Audience


@dataclass(frozen=True)
class Shown:
    """All that is shown, and to whom it may be.

    Attributes:
        acts: of each destination, in order: the first that is for somebody is theirs.
        others: what is shown to all whom it is for, such as contacts.
        people: on a day the distinct organisations, each as its facts, its `kind` and its `organisation`.
        days: on which people change.
        kind: what the kind of an organisation is called in an audience.
        organisation: what its name is called there.
        mentions: of whom the doubts of rules are: nobody else may read them.

    """

    acts: tuple[Offer, ...] = ()
    others: tuple[Offer, ...] = ()
    people: Callable[[date], Sequence[Mapping[str, str]]] = lambda _: ()
    days: Collection[date] = ()
    kind: str = "kind"
    organisation: str = "organisation"
    mentions: tuple[Mention, ...] = ()


def acts_hold(where: Iterable[Place], shown: Shown, tried: Tried) -> Iterator[Broken]:
    """Where whoever is referred first has no act, an act that is not for them, or one that is never anybody's.

    Args:
        where: what `places` gives.
        shown: what stands beside a decision.
        tried: at which places this was proved before, with the acts that are somebody's there; grows.

    """
    used = set[Ref]()
    for here, acts in _offered(where, shown.acts):
        known = here.name("acts", acts)
        if known in tried:
            used |= _unmarked(acts, tried[known])
            continue
        wrong, own = _of_acts(here, acts)
        yield from wrong
        used |= own
        if not wrong:
            tried[known] = _marked(acts, own)
    for act in shown.acts:
        if act.about not in used:
            yield Broken("act_of_nobody", {}, (act.about,))


def _of_acts(here: Place, acts: Sequence[Offer]) -> tuple[list[Broken], set[Ref]]:
    """What is wrong with the acts of a place, and which of them are somebody's."""
    wrong, used = list[Broken](), set[Ref]()
    for as_ in As:
        left = here.referred(as_)
        for act in acts if left else ():
            mine = left & here.whom(act.audience) if as_ in act.ways else here.ground.space.none
            left -= mine
            used |= {act.about} if mine else set()
            for need in act.needs if mine else ():
                if lacking := mine - here.has_it(need):
                    said = {"story": here.tell(lacking), "what": need.what}
                    wrong.append(Broken("act_not_for", said, (act.about,)))
        if left and as_ is As.FIRST:
            said = {"story": here.tell(left), "destination": here.destination}
            wrong.append(Broken("no_act", said, here.nearest(acts)))
    return wrong, used


def others_hold(where: Iterable[Place], shown: Shown, tried: Tried) -> Iterator[Broken]:
    """What is for nobody who is referred there.

    Args:
        where: what `places` gives.
        shown: what stands beside a decision.
        tried: what was found to be for somebody at a place before; grows.

    """
    used = set[Ref]()
    for here, every in _offered(where, shown.others):
        if offers := [one for one in every if one.about not in used]:
            known = here.name("others", offers)
            if known not in tried:
                own = {one.about for one in offers if any(here.referred(as_) & here.whom(one.audience) for as_ in As)}
                tried[known] = _marked(offers, own)
            used |= _unmarked(offers, tried[known])
    for offer in shown.others:
        if offer.about not in used:
            yield Broken("shown_to_nobody", {"destination": offer.destination}, (offer.about,))


def _marked(offers: Sequence[Offer], some: Collection[Ref]) -> int:
    """Some of what is offered as one number, a bit each."""
    return sum((one.about in some) << number for number, one in enumerate(offers))


def _unmarked(offers: Sequence[Offer], marks: int) -> set[Ref]:
    return {one.about for number, one in enumerate(offers) if marks >> number & 1}


def doubts_hold(rulebase: Rulebase, shown: Shown, teller: Teller, tried: Tried) -> Iterator[Broken]:
    """Where somebody reads a doubt that is about others.

    Args:
        rulebase: all editions.
        shown: what stands beside a decision.
        teller: tells a counterexample.
        tried: of which rules this was proved before; grows.

    """
    by_rule: dict[str, list[Mention]] = {}
    for one in shown.mentions:
        by_rule.setdefault(one.rule, []).append(one)
    for edition in rulebase.editions:
        facts = [(fact.id, fact.answers) for fact in edition.vocabulary.facts]
        for mine in _leading(edition).values():
            if mentioned := [one for rule in mine for one in by_rule.get(rule.id, ())]:
                known = name_of("doubts", facts, [deciding(rule) for rule in mine], mentioned)
                look = partial(_of_others, edition, mine, mentioned, shown, teller)
                yield from unless_tried(tried, known, len(mentioned), look)


def _of_others(
    edition: Edition, mine: tuple[Rule, ...], mentioned: Sequence[Mention], shown: Shown, teller: Teller
) -> Iterator[Broken]:
    """The first doubt of each rule that somebody reads whom it is not about."""
    whom = [audience for one in mentioned for audience in (*one.doubt.whom, one.whom)]
    offers = [Offer((), mine[0].refer, audience, ()) for audience in whom]
    here = _place(edition, mine, offers, shown, (), edition.since, teller)
    for rule, counting in zip(mine, here.ground.counts, strict=True):
        for one in (one for one in mentioned if one.rule == rule.id):
            if others := (counting & here.ground.space.of_any(one.doubt.whom)) - here.whom(one.whom):
                yield Broken("doubt_of_others", {"story": here.tell(others), "words": one.words}, rules([rule.id]))
                break


@dataclass(frozen=True)
class Place:
    """A destination, for one concern on one day: who is referred there, and to whom something is shown."""

    edition: Edition
    concern: str
    destination: str
    on: date
    rules: tuple[Rule, ...]
    facts: tuple[Fact, ...]
    people: tuple[tuple[tuple[str, str], ...], ...]
    teller: Teller

    @cached_property
    def ground(self) -> Ground:
        """The rules that lead here, in all that they and what is shown ask."""
        return Ground(self.edition, self.concern, self.rules, Space(self.facts), self.teller)

    @cached_property
    def real(self) -> Situations:
        """Everybody, at an organisation as there is one."""
        return self.ground.space.union(
            self.ground.space.of({id_: (answer,) for id_, answer in row}) for row in self.people
        )

    def has(self, offer: Offer) -> bool:
        """Whether something is shown here on this day."""
        return offer.destination == self.destination and Period(offer.since, offer.until).holds(self.on)

    def like(self, offers: Iterable[Offer]) -> object:
        """What this place depends on, within one rulebase: another that is like it need not be looked at."""
        by = tuple(rule.id for rule in self.rules)
        return self.concern, self.destination, by, tuple(one.about for one in offers), self._held(offers), self.people

    def name(self, of: str, offers: Sequence[Offer]) -> str:
        """The name of all on which it depends what is found here of some offers."""
        facts = [(fact.id, fact.answers) for fact in self.facts]
        decides = self.concern, self.destination, facts, [deciding(rule) for rule in self.rules]
        return name_of(of, decides, offers, self._held(offers), self.people)

    def _held(self, offers: Iterable[Offer]) -> tuple[bool, ...]:
        return tuple(when.holds(self.on) for one in offers for need in one.needs for _, when in need.whom)

    def referred(self, as_: As) -> Situations:
        """Who is referred here so."""
        return self.ground.made(lambda rule: rule.as_ is as_) & self.real

    def whom(self, audience: Audience) -> Situations:
        """Who is in an audience."""
        concerns = self.edition.vocabulary.concerns.id
        if self.concern not in audience.get(concerns, (self.concern,)):
            return self.ground.space.none
        return self.ground.space.of({key: answers for key, answers in audience.items() if key != concerns})

    def has_it(self, need: Need) -> Situations:
        """Who has what is needed on this day."""
        return self.ground.space.union(self.whom(audience) for audience, when in need.whom if when.holds(self.on))

    def tell(self, where: Situations) -> str:
        """The smallest counterexample, as a story."""
        return self.ground.tell(where)

    def nearest(self, offers: Sequence[Offer]) -> tuple[Ref, ...]:
        """What an author would change first."""
        return (offers[-1].about,) if offers else (("destinations", self.destination),)


def places(rulebase: Rulebase, shown: Shown, teller: Teller) -> tuple[Place, ...]:
    """Each destination of each concern, on every day on which something changes."""
    return tuple(_places(rulebase, shown, teller))


def _places(rulebase: Rulebase, shown: Shown, teller: Teller) -> Iterator[Place]:
    every = (*shown.acts, *shown.others)
    periods = [Period(one.since, one.until) for one in every]
    periods += [when for one in every for need in one.needs for _, when in need.whom]
    turns = {day for one in periods for day in (one.since, one.until) if day} | set(shown.days)
    named = {id_ for one in every for each in _audiences(one) for id_ in each.get(shown.organisation, ())}
    offered: dict[str, list[Offer]] = {}
    for one in every:
        offered.setdefault(one.destination, []).append(one)
    for edition in rulebase.editions:
        inside = Period(edition.since, edition.until)
        leading = _leading(edition)
        before: dict[tuple[tuple[str, ...], ...], list[Place]] = {}
        for day in sorted({edition.since, *(day for day in turns if inside.holds(day))}):
            people = _distinct(edition.vocabulary, shown, day, named)
            if people not in before:
                before[people] = [
                    _place(edition, rules, offered.get(destination, ()), shown, people, day, teller)
                    for (destination, _), rules in leading.items()
                ]
            yield from (replace(one, on=day) for one in before[people])


def _offered(where: Iterable[Place], every: Iterable[Offer]) -> Iterator[tuple[Place, list[Offer]]]:
    """Each place with what is shown there, once where places depend on the same."""
    seen = set[object]()
    for here in where:
        offers = [one for one in every if here.has(one)]
        if (like := here.like(offers)) not in seen:
            seen.add(like)
            yield here, offers


def _leading(edition: Edition) -> dict[tuple[str, str], tuple[Rule, ...]]:
    """The rules of an edition by where they lead, and from which concern."""
    found: dict[tuple[str, str], list[Rule]] = {}
    for rule in edition.rules:
        found.setdefault((rule.refer, rule.concern), []).append(rule)
    return {where: tuple(rules) for where, rules in found.items()}


def _audiences(offer: Offer) -> Iterator[Audience]:
    yield offer.audience
    for need in offer.needs:
        yield from (audience for audience, _ in need.whom)


def _distinct(vocabulary: Vocabulary, shown: Shown, day: date, named: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Everybody's organisation on a day, as answers to its kind, its name and the facts of an organisation."""
    facts = [fact.id for fact in vocabulary.of_organisation]
    nobody = {shown.kind: UNKNOWN, shown.organisation: ELSEWHERE}
    found = dict[tuple[str, ...], None]()
    for one in (nobody, *shown.people(day)):
        id_ = one[shown.organisation] if one[shown.organisation] in named else ELSEWHERE
        found[one[shown.kind], id_, *(one.get(fact, UNKNOWN) for fact in facts)] = None
    return tuple(sorted(found))


def _place(
    edition: Edition,
    mine: tuple[Rule, ...],
    offers: Sequence[Offer],
    shown: Shown,
    people: tuple[tuple[str, ...], ...],
    day: date,
    teller: Teller,
) -> Place:
    """The place to which some rules lead, which are all of one concern and for one destination."""
    vocabulary = edition.vocabulary
    asked = {key for one in offers for audience in _audiences(one) for key in audience}
    tested = asked | {fact for rule in mine for fact in rule.when}
    ids = (shown.kind, shown.organisation)
    pseudo = [
        Fact(id_, tuple(dict.fromkeys(one[number] for one in people))) for number, id_ in enumerate(ids) if id_ in asked
    ]
    real_facts = [vocabulary.facts[place] for place in order(vocabulary) if vocabulary.facts[place].id in tested]
    of_organisation = [fact.id for fact in vocabulary.of_organisation]
    columns = (*ids, *of_organisation)
    kept = [number for number, id_ in enumerate(columns) if id_ in {*(one.id for one in pseudo), *tested}]
    rows = dict.fromkeys(tuple((columns[number], one[number]) for number in kept) for one in people)

    def tell(of: str, answers: Mapping[str, str]) -> str:
        where = [answers[id_] for id_ in ids if answers.get(id_, UNKNOWN) not in (UNKNOWN, ELSEWHERE)]
        said = teller(of, {key: one for key, one in answers.items() if key not in ids})
        return f"{said} ({', '.join(where)})" if where else said

    return Place(edition, mine[0].concern, mine[0].refer, day, mine, (*pseudo, *real_facts), tuple(rows), tell)
