"""Journeys for the tests: computed from the decision, never listed by hand."""

from __future__ import annotations

from functools import cache
from itertools import product

from conftest import TODAY
from ours import library as ours

from service.core.graph import LEAF
from service.core.interview import DECLINED, ORGANISATION, Given, Interview
from service.core.reading import Reading
from service.core.vocabulary import UNKNOWN


def make_interview(library, on):
    organisations, edition = library.organisations, library.rulebase.on(on)
    reading = Reading(edition, library.graphs.get(edition.id), library.cubes.get(edition.id))
    return Interview(reading, lambda id_: organisations.on(id_, on).facts(on))


def complete(journey, concern, organisations, limit=None):
    """Every way to the end for one concern: each answer to each question that is asked."""
    vocabulary = journey._vocabulary
    todo, seen = [Given((concern,))], 0
    while todo:
        given = todo.pop()
        stand = journey.at(given)
        if stand.next is None:
            yield stand
            seen += 1
            if seen == limit:
                return
            continue
        todo += [
            answered(stand.given, stand.next, one) for one in reversed(options(vocabulary, stand.next, organisations))
        ]


def options(vocabulary, step, organisations):
    return [DECLINED, *organisations] if step == ORGANISATION else list(vocabulary.by_id[step].answers)


def answered(given, step, answer, concerns="concerns"):
    answers = dict(given.answers or {})
    if step == concerns:
        return Given(tuple(answer), answers, given.organisation)
    if step == ORGANISATION:
        return Given(given.concerns, answers, answer)
    return Given(given.concerns, answers | {step: answer}, given.organisation)


def earliest(library, on):
    """Where a person stands whose first step is certain before all is asked, after as few answers as there can be."""
    journey, vocabulary = make_interview(library, on), library.rulebase.vocabulary
    todo = [journey.at(Given((concern,))) for concern in vocabulary.concerns.answers]
    for stand in todo:
        if stand.certain and stand.next:
            return stand
        if stand.next and stand.next != ORGANISATION:
            after = options(vocabulary, stand.next, ())
            todo += [journey.at(answered(stand.given, stand.next, one)) for one in after]
    raise LookupError


def profiles(library, on):
    """One organisation of each distinct set of facts."""
    return [ids[0] for ids in library.organisations.profiles(library.rulebase.vocabulary, on).values()]


@cache
def longest():
    """The journey about all that goes together, by the answers that leave the most to ask."""
    library = ours()
    journey, vocabulary = make_interview(library, TODAY), library.rulebase.vocabulary
    layout = library.texts.layouts[vocabulary.concerns.id]
    given = Given(tuple(one for one in vocabulary.concerns.answers if one not in layout.alone))
    while (stand := journey.at(given)).next:
        choices = options(vocabulary, stand.next, profiles(library, TODAY))
        given = max((answered(stand.given, stand.next, one) for one in choices), key=lambda one: journey.at(one).most)
    return stand


@cache
def shortest():
    """Answers of a journey with as few questions as there can be."""
    given = min((stand for stand, _ in outcomes()), key=lambda one: len(one.path)).given
    return {"concerns": given.concerns[0], **given.answers}


@cache
def asking_everything():
    """The longest journey, and few more that ask what it does not."""
    found, missing = [longest()], set(make_interview(ours(), TODAY).steps)
    missing -= {*found[0].path}
    while missing:
        stand = max((stand for stand, _ in outcomes()), key=lambda one: len(missing & {*one.path}))
        assert missing & {*stand.path}, missing
        found.append(stand)
        missing -= {*stand.path}
    return found


def nodes_ahead(reading, concern, answers):
    """The nodes of the graph that are next for somebody, wherever they work: who has the same has the same ahead."""
    return ahead_of(reading, concern, frozenset(answers.items()))


@cache
def ahead_of(reading, concern, pairs):
    answers = dict(pairs)
    nodes, facts = reading.graph.nodes, reading.vocabulary.facts
    todo, found = [*reading.graph.roots[concern].values()], set()
    while todo:
        here = todo.pop()
        place, *after = nodes[here]
        if place == LEAF or not (facts[place].of_organisation or facts[place].id in answers):
            found.add(here)
        elif facts[place].id in answers:
            todo.append(after[facts[place].answers.index(answers[facts[place].id])])
        else:
            todo += after
    return frozenset(found)


def ends(reading, concern, known):
    """Every list of standing rules that a subject can lead to, with answers to it, for somebody with these facts.

    All roots are walked side by side, and from where two ways meet only one goes on: their ends are the same.
    """
    nodes, vocabulary = reading.graph.nodes, reading.vocabulary
    places = {fact.id: place for place, fact in enumerate(vocabulary.facts)}

    def after(roots, fact, answer):
        child = 1 + fact.answers.index(answer)
        return tuple(nodes[one][child] if nodes[one][0] == places[fact.id] else one for one in roots)

    first = tuple(reading.graph.roots[concern].values())
    for fact in vocabulary.of_organisation:
        first = after(first, fact, known.get(fact.id, UNKNOWN))
    todo = [(first, {})]
    for fact in vocabulary.asked:
        met = {}
        for roots, answers in todo:
            if any(nodes[one][0] == places[fact.id] for one in roots):
                for answer in fact.answers:
                    met.setdefault(after(roots, fact, answer), answers | {fact.id: answer})
            else:
                met.setdefault(roots, answers)
        todo = [*met.items()]
    return todo


@cache
def outcomes():
    """Every list of doors with their rules that one subject can lead to today, each with a journey that leads to it.

    A door is its destination, its strength, and the ids of its rules. Pages with the same list differ in two things
    only: the own contacts of an organisation and the sentences about closed doors. Those are text in the same elements.
    """
    journey, found = make_interview(ours(), TODAY), {}
    reading = journey._reading
    for concern in reading.concerns:
        for place in (DECLINED, *profiles(ours(), TODAY)):
            known = {} if place == DECLINED else ours().organisations.on(place, TODAY).facts(TODAY)
            for leaves, answers in ends(reading, concern, known):
                if (concern, leaves) in found:
                    continue
                stand = journey.at(Given((concern,), answers, place))
                assert stand.next is None
                referrals = reading.decide(stand.situation, closed=False).referrals
                shown = tuple((one.destination, one.as_, tuple(rule.id for rule in one.rules)) for one in referrals)
                found[concern, leaves] = stand, shown
    return [*found.values()]


@cache
def journeys():
    """The fewest journeys we find that together show every door with every rule for it."""
    shown = [
        (stand, frozenset((rule, destination, as_) for destination, as_, rules in doors for rule in rules))
        for stand, doors in outcomes()
    ]
    missing = set().union(*(parts for _, parts in shown))
    chosen = []
    while missing:
        best = max(shown, key=lambda one: len(one[1] & missing))
        chosen.append(best[0])
        missing -= best[1]
    return chosen


@cache
def together():
    """Few journeys, of somebody with as many subjects as go together, that show every door with every rule for it."""
    journey, layout = make_interview(ours(), TODAY), ours().texts.layouts[ours().rulebase.vocabulary.concerns.id]
    as_offered = [one for one in layout.shown if one in journey._reading.concerns]
    as_offered += [one for one in journey._reading.concerns if one not in as_offered]
    shown = [(stand.given, {(rule, *door[:2]) for door in doors for rule in door[2]}) for stand, doors in outcomes()]
    missing = set().union(*(parts for _, parts in shown))
    found = []
    while missing:
        given, parts = max(shown, key=lambda one: len(one[1] & missing))
        missing -= parts
        while fitting := [
            (other, theirs) for other, theirs in shown if theirs & missing and _go_together(given, other, layout.alone)
        ]:
            other, theirs = max(fitting, key=lambda one: len(one[1] & missing))
            missing -= theirs
            given = Given(given.concerns + other.concerns, given.answers | other.answers, given.organisation)
        ordered = tuple(one for one in as_offered if one in given.concerns)
        found.append(journey.at(Given(ordered, given.answers, given.organisation)))
    assert all(stand.next is None for stand in found)
    return found


def _go_together(given, other, alone):
    """Whether somebody can tell what another tells as well, of a subject more."""
    subjects = {*given.concerns, *other.concerns}
    return (
        given.organisation == other.organisation
        and len(subjects) == len(given.concerns) + len(other.concerns)
        and not subjects & {*alone}
        and all(given.answers.get(fact, answer) == answer for fact, answer in other.answers.items())
    )


@cache
def shapes():
    """A journey to every number of doors of each strength that a subject can lead to.

    A page is a row of doors. What a door is made of hangs on its destination, its strength and its rules, and all of
    those are in `journeys`; what is left is how many stand in a row.
    """
    found = {}
    for stand, doors in outcomes():
        found.setdefault(tuple(sorted(as_.value for _, as_, _ in doors)), stand)
    return [*found.values()]


def referred(client, stand):
    """What the API answers to the person of a journey."""
    told = {**stand.given.answers, "concerns": list(stand.given.concerns)}
    named = {"organisation": stand.given.organisation} if stand.given.organisation else {}
    return client.post("/api/v1/referrals", json={"situation": told, **named}).json["referrals"]


def terms_of(client, stand):
    """The terms that the service tells the person of a journey."""
    return {term["id"] for referral in referred(client, stand) for term in referral["terms"]}


def with_other_contacts(app):
    """Of `people`, each who is shown a contact that nobody before them was, or is told otherwise whether it fits."""
    presenter, reading = app.extensions["wegwijzer"].presenter("nl"), make_interview(ours(), TODAY)._reading
    seen = set()
    for stand in people():
        holder = ours().organisations.on(stand.given.organisation, TODAY)
        decision = reading.decide(stand.situation, closed=False)
        told = presenter.referrals(decision, stand.situation.answers, holder, TODAY)
        shown = {repr(contact) for one in told for contact in (one.contact, *one.other_contacts)}
        if shown - seen:
            seen |= shown
            yield stand


@cache
def people():
    """At each unlike organisation with contacts of its own, or above it, everybody with two concerns, by turns."""
    library = ours()
    journey, vocabulary = make_interview(library, TODAY), library.rulebase.vocabulary
    own = [one.id for one in unlike(library, TODAY) if one.channels or one.parents]
    concerns, reporters = vocabulary.concerns.answers, vocabulary.by_id["reporter"].answers
    found = []
    for (row, organisation), (column, reporter), more in product(enumerate(own), enumerate(reporters), (0, 2)):
        given = Given((concerns[(row + column + more) % len(concerns)],), {"reporter": reporter}, organisation)
        while (stand := journey.at(given)).next:
            given = answered(stand.given, stand.next, options(vocabulary, stand.next, own)[0])
        found.append(stand)
    return found


def unlike(library, on):
    """Of organisations that say nothing of their own, and of which the same is known, one stands for all."""
    found = {}
    for id_ in library.organisations.by_id:
        one = library.organisations.on(id_, on)
        like = (one.kind, one.profile, one.channels, bool(one.general), one.parents, tuple(one.facts(on).items()))
        found.setdefault(repr(like), one)
    return [*found.values()]


def everybody(library, on):
    """Everybody of whom an act can ask: each role, at organisations and at none, with each concern."""
    vocabulary = library.rulebase.vocabulary
    roles, concerns = vocabulary.by_id["reporter"].answers, vocabulary.concerns.answers
    for holder, role, concern in product((None, *unlike(library, on)), roles, concerns):
        named = {"organisation": holder.id, "kind": holder.kind, **holder.facts(on)} if holder else {}
        yield holder, {"reporter": role, "concerns": concern, **named}
