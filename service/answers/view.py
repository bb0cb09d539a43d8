"""What is said about a decision, the rules and the directory, in one language: typed values that every face renders.

The API gives them as JSON, pages and the terminal as text; the schemas of the API are made from them. A field says in
its annotation what it means to a program. None is what nobody has read, checked, or has to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Annotated, Any, Protocol

import msgspec
from msgspec.structs import replace

from service.core.decision import Condition
from service.core.rule import As

NAMES = {"as_": "as", "since": "from"}  # what Python has a use of its own for

_AS = "The step to take now, another open door, or the door after this one."
_SURE = "How sure we are of it: from what it was read, such as `archived_copy`, `notes` or `inference`."
_Lists = Mapping[str, tuple[str, ...]]


def named(name: str) -> str:
    """What a field is called in JSON."""
    first, *more = name.split("_")
    return NAMES.get(name) or first + "".join(map(str.capitalize, more))


class Lasting(Protocol):
    """What holds in a period."""

    @property
    def since(self) -> date | None:
        """Its first day; None for always."""

    @property
    def until(self) -> date | None:
        """The day on which it no longer holds; None for never."""


def lasting(one: Lasting) -> dict[str, str]:
    """The days from and until which something holds, where it has such days, as a browser reads them."""
    days = {"from": one.since, "until": one.until}
    return {name: day.isoformat() for name, day in days.items() if day}


def as_json(value: object) -> Any:
    """What a value, or what holds values, is in JSON: as lists, tables and plain values."""
    return msgspec.to_builtins(value)


class View(msgspec.Struct, frozen=True, rename=named):
    """A value that is said."""


class Edition(View, frozen=True):
    """An edition of the rules: which rules answered."""

    id: Annotated[str, "Its name."]
    digest: Annotated[str, "Tells these rules from all others, so that an advisor can say later which ones answered."]
    since: Annotated[date, "Its first day."]
    until: Annotated[date | None, "The day on which it no longer holds; null for the newest."]


class Question(View, frozen=True):
    """A question with its closed answers."""

    fact: Annotated[str, "The fact that it asks for: the key of its answer in `situation`."]
    concern: Annotated[str | None, "The concern for which it is asked; null when for all."]
    of_organisation: Annotated[bool, "Whether the directory knows the answer of an organisation."]
    several: Annotated[bool, "Whether several answers may be given, as a list."]
    answers: Annotated[tuple[str, ...], "The answers, in the order of reading."]
    text: Annotated[str, "The question."]
    hint: Annotated[str | None, "What helps to answer it."]
    why: Annotated[str | None, "Why it is asked."]
    labels: Annotated[Mapping[str, str], "Each answer in words."]
    notes: Annotated[Mapping[str, str], "What to know of some answers before choosing one."]


class Citation(View, frozen=True):
    """The words a rule rests on."""

    id: Annotated[str, "The source."]
    title: Annotated[str, "Its title."]
    short: Annotated[str, "What it is called in passing."]
    locator: Annotated[str, "Where in the source."]
    url: Annotated[str | None, "Where it is published."]
    quote: Annotated[str | None, "The words, literally."]
    sure: Annotated[str, _SURE]
    read: Annotated[date | None, "The day on which it was read."]


class ContactSource(View, frozen=True):
    """Where a contact was read."""

    title: Annotated[str, "The title of what was read."]
    url: Annotated[str | None, "Its address."]


class Contact(View, frozen=True):
    """How to reach a door; null is what nobody has read, or checked."""

    name: Annotated[str | None, "Who answers."]
    for_whom: Annotated[str | None, "For whom it is."]
    audience: Annotated[_Lists, "For whom it is, per fact, kind or organisation; what is left out is no limit."]
    perhaps: Annotated[_Lists, "For whom it may be: the source does not say."]
    fit: Annotated[
        str | None,
        "Whether it is for this person: `fits`, or `unknown` (let them see for themselves); null: nobody asks.",
    ]
    subject: Annotated[str | None, "For which subject it is."]
    subject_sure: Annotated[str | None, "How well the subject is known; as `sure`."]
    phone: Annotated[str | None, "The telephone number."]
    phone_abroad: Annotated[str | None, "The telephone number from abroad."]
    email: Annotated[str | None, "The e-mail address."]
    url: Annotated[str | None, "The page."]
    hours: Annotated[str | None, "When somebody answers."]
    note: Annotated[str | None, "What to know before."]
    source: ContactSource
    sure: Annotated[str, _SURE]
    checked: Annotated[date | None, "The day on which somebody tried it; null is never."]


class Term(View, frozen=True):
    """A legal term that runs because of this referral."""

    id: Annotated[str, "Its name."]
    text: Annotated[str, "What must be done before it ends."]
    in_short: Annotated[
        str, "What stands in sight of it; empty where the place says it already, at when one hears something."
    ]
    since: Annotated[date | None, "From when it holds."]
    until: Annotated[date | None, "The day on which it no longer holds."]
    audience: Annotated[_Lists, "Whom it concerns, per fact or kind of organisation; what is left out is no limit."]
    perhaps: Annotated[_Lists, "Whom it may concern: the text says when."]
    starts: Annotated[str, "What makes it begin."]
    days: Annotated[int | None, "How many days it lasts, when it is counted in days."]
    weeks: Annotated[int | None, "How many weeks."]
    months: Annotated[int | None, "How many months."]
    weeks_with_committee: Annotated[int | None, "How many weeks where a committee advises."]
    weeks_extension: Annotated[int | None, "By how many weeks it may be extended."]
    basis: Annotated[str, "The law it rests on."]
    sure: Annotated[str, _SURE]
    fit: Annotated[
        str | None, "Whether it concerns this person: `fits`, or `unknown` (the text says when); null: nobody asks."
    ]


class Act(View, frozen=True):
    """What to do now, for this person at this organisation."""

    steps: Annotated[
        tuple[str, ...], "At most three, in order: where to find the person or desk, and what to do there."
    ]
    say: Annotated[str, "A sentence to say or write, which gives nothing away."]
    ask: Annotated[str, "What to ask first."]
    otherwise: Annotated[str | None, "What to do where the steps lead nowhere."]
    phone: Annotated[str | None, "The telephone number in the steps, if any."]
    email: Annotated[str | None, "The e-mail address in the steps."]
    url: Annotated[str | None, "The page that the steps name."]


class Short(View, frozen=True):
    """A door in few words, for this person: what a page shows at a glance."""

    heading: Annotated[str, "The step, as an order."]
    calm: Annotated[str, "What takes fear away."]
    your_name: Annotated[str, "What happens with the name of whoever goes there."]
    hear: Annotated[str, "When an answer comes."]
    line: Annotated[str, "For whom it is, where other doors are open too."]
    does_not: Annotated[str, "What it does not do; empty where that is not known."]
    price: Annotated[str, "What it costs a person; empty where no source says so."]


class Door(View, frozen=True):
    """What a destination is, in words."""

    name: Annotated[str, "What it is called."]
    action: Annotated[str, "What to do."]
    expect: Annotated[tuple[str, ...], "What happens there."]
    limits: Annotated[tuple[str, ...], "What it cannot do."]
    your_name: Annotated[str, "Who learns the name of whoever goes there."]
    name_needed: Annotated[str, "Whether a name must be given there."]
    when_silent: Annotated[str, "What to do when no answer comes."]
    contact: Contact | None
    other_contacts: tuple[Contact, ...]
    verified: Annotated[date | None, "The day on which somebody tried `contact`; null is never."]

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Every contact, the first one first."""
        return (self.contact, *self.other_contacts) if self.contact else self.other_contacts


class Destination(Door, frozen=True):
    """A destination."""

    id: Annotated[str, "Its name."]


class Referral(Door, frozen=True):
    """A door for this situation: why, on which rules and sources, and what to expect."""

    destination: Annotated[str, "The destination, as GET /destinations names it."]
    as_: Annotated[As, _AS]
    concern: Annotated[str | None, "The concern it is for; null when it is the safety net."]
    act: Annotated[Act | None, "What to do now; null while the answers do not say enough to know."]
    in_short: Short
    why: Annotated[str, "Why this door."]
    doubts: Annotated[tuple[str, ...], "Where a jurist still doubts."]
    rules: Annotated[tuple[str, ...], "The rules that lead here, as GET /rules names them."]
    sources: tuple[Citation, ...]
    terms: tuple[Term, ...]


class Closed(View, frozen=True):
    """A door that is not open, and every way that opens it."""

    destination: Annotated[str, "The destination."]
    name: Annotated[str, "What it is called."]
    why: Annotated[
        str, "Every way that opens it, now or after another step, in words; or that it is not for somebody like this."
    ]
    opens_when: Annotated[
        tuple[Condition, ...],
        "The first of `ways`: all of these together are enough to open it, now or after another step. "
        "Empty where nobody in this position, at this organisation, can.",
    ]
    ways: Annotated[
        tuple[tuple[Condition, ...], ...],
        "Every minimal way: one of them is enough and none asks more than it must. They change only what somebody "
        "wants, what may still happen and what was not answered yet; who and where somebody is, and what happened, "
        "stay. So with what was told it opens in no other way. Subjects that were named come first.",
    ]


class Notice(View, frozen=True):
    """What everybody must be able to see without answering anything."""

    id: Annotated[str, "Its name."]
    kind: Annotated[str, "How it weighs."]
    phone: Annotated[str | None, "The telephone number it is about."]
    text: Annotated[str, "What it says."]


class General(View, frozen=True):
    """How an organisation is reached in general; nothing of it is of a confidential advisor or a desk."""

    phone: Annotated[str | None, "The telephone number."]
    for_public: Annotated[bool, "Whether that is a line for everybody's questions: who answers may know nobody inside."]
    contact: Annotated[str | None, "The page with the ways to reach it."]
    site: Annotated[str | None, "Its own site."]
    post: Annotated[str | None, "The address for letters."]
    visit: Annotated[str | None, "The address for visitors."]
    verified: Annotated[date | None, "The day on which the telephone number, or else the rest, was last verified."]
    by: Annotated[str | None, "By whom: the register, or a role."]


class Organisation(View, frozen=True):
    """An organisation on a day; `heldBy` holds its matters then."""

    id: Annotated[str, "Its name."]
    kind: Annotated[str, "What it is."]
    catch_all: Annotated[bool, "Whether it is the one for every body that has no entry of its own."]
    name: Annotated[str, "What it is called on that day."]
    abbreviation: Annotated[str | None, "What it is called for short."]
    aliases: Annotated[tuple[str, ...], "Other and former names."]
    held_by: Annotated[str, "The organisation that holds its matters on that day; itself, if it still exists."]
    facts: Annotated[Mapping[str, str], "The facts of an organisation that the directory knows of it."]
    parent: Annotated[str | None, "The organisation that it is below on that day."]
    identifier: Annotated[str | None, "Its name in the register of identifiers."]
    agreement: Annotated[str | None, "The collective agreement that the register names; null is unknown, not none."]
    general: Annotated[General | None, "How it is reached in general."]
    why: Annotated[str | None, "Why it is found, where that is not by a name of its own; said to the person."]

    @property
    def called(self) -> frozenset[str]:
        """Everything it is called, in small letters."""
        return frozenset(one.casefold() for one in (self.name, self.abbreviation or "", *self.aliases))


class Listed(View, frozen=True):
    """An organisation by the name it had last, with what its holder is on a day; `now` is who holds its matters."""

    id: str
    kind: str
    catch_all: bool
    name: str
    abbreviation: str | None
    held_by: str
    facts: Mapping[str, str]
    notes: Mapping[str, str]
    now: str | None
    calling: Mapping[str, str]


class Answer(View, frozen=True):
    """The answer to a situation."""

    edition: Edition
    directory: Annotated[str, "The digest of the organisations and contacts that it was made from."]
    texts: Annotated[str, "The digest of the words that it was made from."]
    on: Annotated[date, "The day for which it is decided."]
    organisation: Organisation | None
    complete: Annotated[bool, "Whether no question is left that could change anything."]
    next_question: Question | None
    referrals: Annotated[tuple[Referral, ...], "Certain already."]
    possible: Annotated[tuple[str, ...], "Every destination that is still possible."]
    closed: tuple[Closed, ...]
    ignored: Annotated[tuple[str, ...], "Facts that were given and do not matter here."]
    organisation_matters: Annotated[bool, "Whether naming the organisation could change something."]
    safety_net: Annotated[bool, "Whether our two readings of the rules differed, and a human must look."]
    notices: tuple[Notice, ...]


# What a caller may do without: lists that explain, and all that is said. They come empty; ids always come.
WORDS = "words"
EXPLAINING = {
    Answer: ("possible", "closed", "ignored", "notices"),
    Referral: ("doubts", "sources", "terms", "other_contacts"),
}
LEFT_OUT = (*(named(one) for of in EXPLAINING.values() for one in of), WORDS)


def without(answer: Answer, names: Collection[str]) -> Answer:
    """An answer less the lists that its caller does without: they are empty.

    Args:
        answer: whole, or without words.
        names: of `LEFT_OUT`; that of the words changes nothing here.

    """
    if not names:
        return answer
    empty = {of: {one: () for one in those if named(one) in names} for of, those in EXPLAINING.items()}
    referrals = tuple(replace(one, **empty[Referral]) for one in answer.referrals)
    return replace(answer, referrals=referrals, **empty[Answer])


_SILENT = Short(heading="", calm="", your_name="", hear="", line="", does_not="", price="")


def unsaid_referral(destination: str, as_: As, concern: str | None, rules: tuple[str, ...]) -> Referral:
    """A referral without words: where to, how, for what, and by which rules."""
    return Referral(
        name="",
        action="",
        expect=(),
        limits=(),
        your_name="",
        name_needed="",
        when_silent="",
        contact=None,
        other_contacts=(),
        verified=None,
        destination=destination,
        as_=as_,
        concern=concern,
        act=None,
        in_short=_SILENT,
        why="",
        doubts=(),
        rules=rules,
        sources=(),
        terms=(),
    )


def unsaid_question(one: Question) -> Question:
    """A question without words: the fact, and its answers."""
    return replace(one, text="", hint=None, why=None, labels={}, notes={})


class BatchAnswer(View, frozen=True):
    """The answers, in the order of the requests."""

    answers: tuple[Answer, ...]


class Story(View, frozen=True):
    """A situation told in one sentence."""

    name: Annotated[str, "The sentence."]
    situation: Annotated[Mapping[str, str], "Facts and answers."]


class Rule(View, frozen=True):
    """A rule as a jurist reads it."""

    id: Annotated[str, "Its name."]
    refer: Annotated[str, "The destination it refers to."]
    as_: Annotated[As, _AS]
    concern: Annotated[str, "The concern it is for."]
    when: Annotated[_Lists, "Per fact the answers with which it holds; all facts must agree."]
    since: Annotated[date, "Its first day."]
    until: Annotated[date | None, "The day on which it no longer holds."]
    why: Annotated[str, "Why, as said to whoever is referred."]
    doubt: Annotated[str | None, "Where a jurist still doubts."]
    sources: tuple[Citation, ...]
    terms: tuple[Term, ...]
    example: Story
    near_miss: Story


class TableFact(View, frozen=True):
    """A fact of the table, with its answers in order."""

    id: Annotated[str, "Its name."]
    answers: Annotated[tuple[str, ...], "Its answers."]
    concern: Annotated[str | None, "The concern for which it is asked; null when for all."]
    of_organisation: Annotated[bool, "Whether the directory knows it of an organisation."]
    several: Annotated[bool, "Whether it can have several answers."]
    nature: Annotated[
        str, "What it is about: `who` or `where` somebody is, the `past`, an `event` that may still come, or a `wish`."
    ]


class TableRule(View, frozen=True):
    """A rule of the table."""

    id: Annotated[str, "Its name."]
    refer: Annotated[str, "The destination."]
    as_: Annotated[As, _AS]
    concern: Annotated[str, "The concern."]
    when: Annotated[Mapping[str, tuple[int, ...]], "Per fact the places of the answers with which it holds."]


class Table(View, frozen=True):
    """An edition of the rules as a table."""

    edition: Edition
    destinations: Annotated[tuple[str, ...], "Every destination, in the order of reading."]
    safety_net: Annotated[str, "Where to send somebody when nothing can be decided."]
    facts: tuple[TableFact, ...]
    rules: tuple[TableRule, ...]


class Graph(View, frozen=True):
    """The decision graph: facts, answers and rules are places in the lists of the same edition."""

    nodes: Annotated[
        tuple[tuple[int, ...], ...],
        "Per node a fact and, for each of its answers, the node that follows; or -1 and the rules that refer there. "
        "A node follows on those with a higher number only. Facts of the organisation come first.",
    ]
    roots: Annotated[Mapping[str, Mapping[str, int]], "Per concern and destination the node to begin at."]


class Rulebase(Table, frozen=True):
    """An edition of the rules as a table, and as the graph by which it decides."""

    graph: Graph
    cubes: Annotated[
        Mapping[str, Mapping[str, tuple[Mapping[str, tuple[int, ...]], ...]]],
        "Per concern and destination every way to be referred there that asks no more than it must: per fact the "
        "places of the answers that would do.",
    ]


class Compiled(Rulebase, frozen=True):
    """All that it takes to ask the questions of a day, in one language, and to decide without asking us again."""

    digest: Annotated[str, "Of the compiled rulebase of which this is a slice, as /health/ready has it."]
    directory: Annotated[str, "Tells these organisations and contacts from all others."]
    texts: Annotated[str, "Tells these texts from all others."]
    on: Annotated[date, "The day."]
    language: Annotated[str, "The language of its words."]
    names: Annotated[Mapping[str, str], "What each destination is called."]
    questions: Annotated[tuple[Question, ...], "Every fact with its answers in words, in the order of asking."]
    organisations: Annotated[tuple[Organisation, ...], "Every organisation, as it is on that day."]
