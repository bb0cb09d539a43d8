"""What goes in and comes out, as marshmallow schemas made from the vocabulary: the API cannot lag the rules."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from service.core.day import iso_day
from service.core.rule import As
from service.core.vocabulary import Fact, Vocabulary
from service.rulebook.site import Site
from service.web.body import MOST_IN_A_BATCH
from service.web.problems import MOST_ERRORS


def one_of(choices: Iterable[str]) -> validate.OneOf:
    """One of a closed list; the message lists it, and not what was given."""
    listed = list(choices)
    return validate.OneOf(listed, error=f"Give one of: {', '.join(listed)}.")


class Word(fields.String):
    """A string, and said so in our words."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's way to say it
        "invalid": "Give a string.",
        "null": "Leave this out instead of giving null.",
        "required": "This is missing.",
    }


class IsoDate(fields.Field[date]):
    """A date that exists, as 2019-06-20 and in no other way."""

    default_error_messages = {"null": "Leave this out instead of giving null."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ARG002
        if isinstance(value, str):
            with suppress(ValueError):
                return iso_day(value)
        raise ValidationError("Give a date that exists, as 2019-06-20.")


class Strict(Schema):
    """An object with no members but these."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow's way to say it
        "type": "Give an object.",
    }

    @pre_load
    def _one_stranger(self, data: Any, **_: Any) -> Any:
        """Keep one of the members that are not known here: each says the same, and there may be thousands."""
        if not isinstance(data, dict) or len(strange := data.keys() - self.fields.keys()) < 2:
            return data
        return {name: value for name, value in data.items() if name in self.fields} | {strange.pop(): None}


class Bounded(fields.List[Any]):
    """A list of which no more is looked at than there may be in it, and no more mistakes than are told."""

    def __init__(self, inner: fields.Field[Any], most: int, error: str, least: int = 0, **more: Any) -> None:
        self._length = validate.Length(least, most, error=error)
        super().__init__(inner, validate=[self._length, *more.pop("validate", ())], **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:  # noqa: ARG002
        if not isinstance(value, list):
            raise self.make_error("invalid")
        self._length(value)
        found: list[Any] = []
        wrong: dict[int, Any] = {}
        for place, one in enumerate(value):
            try:
                found.append(self.inner.deserialize(one, **kwargs))
            except ValidationError as error:
                wrong[place] = error.messages
            if len(wrong) > MOST_ERRORS:
                break
        if wrong:
            raise ValidationError(wrong)
        return found


OBJECT: dict[str, Any] = {
    "invalid": "Give an object.",
    "null": "Give an object.",
    "required": "This is missing.",
    "type": "Give an object.",
}


def situation_schema(vocabulary: Vocabulary) -> type[Schema]:
    """A situation: every fact of the vocabulary, none of them required."""
    return Strict.from_dict({fact.id: _answer(fact) for fact in vocabulary.facts}, name="Situation")


def _answer(fact: Fact) -> fields.Field[Any]:
    about = {"description": "Known by the directory; only without `organisation`."} if fact.of_organisation else {}
    answer = Word(validate=one_of(fact.answers), metadata=about)
    if not fact.several:
        return answer
    return Bounded(
        answer,
        len(fact.answers),
        "Give each answer once.",
        error_messages={"invalid": "Give a list of answers.", "null": "Give a list of answers."},
        validate=[_each_once],
        metadata={"uniqueItems": True},
    )


def _each_once(values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Give each answer once.")


def request_schema(vocabulary: Vocabulary, organisations: Iterable[str], site: Site) -> type[Schema]:
    """The body of `POST /referrals`."""
    return Strict.from_dict(
        {
            "situation": fields.Nested(situation_schema(vocabulary), required=True, error_messages=OBJECT),
            "organisation": Word(
                validate=validate.OneOf(
                    list(organisations), error="This organisation is not known; GET /organisations lists them."
                ),
                metadata={"description": "An id of GET /organisations."},
            ),
            "on": _on(vocabulary.first_edition),
            "language": _language(site),
        },
        name="ReferralRequest",
    )


def known_by_the_directory(vocabulary: Vocabulary) -> dict[str, Any]:
    """What a `ReferralRequest` must keep to besides, as JSON Schema: marshmallow has no words for it."""
    never = {"properties": {fact.id: False for fact in vocabulary.of_organisation}}
    return {"dependentSchemas": {"organisation": {"properties": {"situation": never}}}}


def batch_schema(request: type[Schema]) -> type[Schema]:
    """The body of `POST /referrals/batch`."""
    return Strict.from_dict(
        {
            "requests": Bounded(
                fields.Nested(request, error_messages=OBJECT),
                MOST_IN_A_BATCH,
                f"Give 1 to {MOST_IN_A_BATCH} requests.",
                least=1,
                required=True,
                error_messages={"required": "This is missing.", "invalid": "Give a list of requests."},
            )
        },
        name="BatchRequest",
    )


class NoQuery(Strict):
    """Nothing: even an unknown key of a query is a mistake that its sender will want to know."""


def queries(first: date, site: Site) -> tuple[type[Schema], type[Schema], type[Schema]]:
    """What a GET takes: ?language=, with &on=, and with &q= as well.

    Args:
        first: the day of the oldest edition.
        site: for its languages.

    """
    language: dict[str, Any] = {"language": _language(site)}
    on: dict[str, Any] = language | {"on": _on(first)}
    words = Word(
        load_default="",
        validate=validate.Length(max=100, error="Give at most 100 characters."),
        metadata={"description": "Words of a present or former name or abbreviation."},
    )
    return (
        Strict.from_dict(language, name="LanguageQuery"),
        Strict.from_dict(on, name="DayQuery"),
        Strict.from_dict(on | {"q": words}, name="OrganisationsQuery"),
    )


def _language(site: Site) -> Word:
    about = {"description": "Of what people read. Ids, and errors for programs, are the same in all."}
    return Word(validate=one_of(tuple(site.tongues)), load_default=site.usual, metadata=about)


def _on(first: date) -> IsoDate:
    text = f"The day whose rules, organisations and contacts count, from {first} on. Default: today in Amsterdam."
    return IsoDate(metadata={"type": "string", "format": "date", "description": text})


def _text(about: str, **more: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": about, **more})


def _maybe(about: str, **more: Any) -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"description": about, **more})


def _texts(about: str) -> fields.Field[Any]:
    return fields.List(fields.String(), required=True, metadata={"description": about})


def _answers(about: str) -> fields.Dict:
    values = fields.List(fields.String())
    return fields.Dict(keys=fields.String(), values=values, required=True, metadata={"description": about})


def _number(about: str) -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata={"description": about})


def _yes(about: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": about})


def _as() -> fields.String:
    about = {"description": "The step to take now, another open door, or the door after this one."}
    return fields.String(required=True, data_key="as", validate=validate.OneOf([*As]), metadata=about)


def _sure() -> fields.String:
    # No closed list: it grows with the sources, and a generated client would stumble over a word it does not know.
    return _text("How sure we are of it: from what it was read, such as `archived_copy`, `notes` or `inference`.")


DATE = {"format": "date"}


class EditionSchema(Schema):
    """An edition of the rules: which rules answered."""

    id = _text("Its name.")
    digest = _text("Tells these rules from all others, so that an adviser can say later which ones answered.")
    since = fields.String(required=True, data_key="from", metadata={"description": "Its first day.", **DATE})
    until = _maybe("The day on which it no longer holds; null for the newest.", **DATE)


class QuestionSchema(Schema):
    """A question with its closed answers."""

    fact = _text("The fact that it asks for: the key of its answer in `situation`.")
    concern = _maybe("The concern for which it is asked; null when for all.")
    ofOrganisation = _yes("Whether the directory knows the answer of an organisation.")  # noqa: N815 - the API's names
    several = _yes("Whether several answers may be given, as a list.")
    answers = _texts("The answers, in the order of reading.")
    text = _text("The question.")
    hint = _maybe("What helps to answer it.")
    why = _maybe("Why it is asked.")
    labels = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "Each answer in words."}
    )


class CitationSchema(Schema):
    """The words a rule rests on."""

    id = _text("The source.")
    title = _text("Its title.")
    short = _text("What it is called in passing.")
    locator = _text("Where in the source.")
    url = _maybe("Where it is published.")
    quote = _maybe("The words, literally.")
    sure = _sure()
    read = _maybe("The day on which it was read.", **DATE)


class ContactSourceSchema(Schema):
    """Where a contact was read."""

    title = _text("The title of what was read.")
    url = _maybe("Its address.")


class ContactSchema(Schema):
    """How to reach a door; null is what nobody has read, or checked."""

    name = _maybe("Who answers.")
    forWhom = _maybe("For whom it is.")  # noqa: N815
    audience = _answers("For whom it is, per fact, kind or organisation; what is left out is no limit.")
    perhaps = _answers("For whom it may be: the source does not say.")
    fit = _maybe(
        "Whether it is for this person: `fits`, or `unknown` (let them see for themselves); null: nobody asks."
    )
    subject = _maybe("For which subject it is.")
    subjectSure = _maybe("How well the subject is known; as `sure`.")  # noqa: N815
    phone = _maybe("The telephone number.")
    phoneAbroad = _maybe("The telephone number from abroad.")  # noqa: N815
    email = _maybe("The e-mail address.")
    url = _maybe("The page.")
    hours = _maybe("When somebody answers.")
    note = _maybe("What to know before.")
    source = fields.Nested(ContactSourceSchema, required=True)
    sure = _sure()
    checked = _maybe("The day on which somebody tried it; null is never.", **DATE)


class TermSchema(Schema):
    """A legal term that runs because of this referral."""

    id = _text("Its name.")
    text = _text("What must be done before it ends.")
    since = fields.String(
        required=True, allow_none=True, data_key="from", metadata={"description": "From when it holds.", **DATE}
    )
    until = _maybe("The day on which it no longer holds.", **DATE)
    audience = _answers("Whom it concerns, per fact or kind of organisation; what is left out is no limit.")
    perhaps = _answers("Whom it may concern: the text says when.")
    starts = _text("What makes it begin.")
    days = _number("How many days it lasts, when it is counted in days.")
    weeks = _number("How many weeks.")
    months = _number("How many months.")
    weeksWithCommittee = _number("How many weeks where a committee advises.")  # noqa: N815
    weeksExtension = _number("By how many weeks it may be extended.")  # noqa: N815
    basis = _text("The law it rests on.")
    sure = _sure()


class DoorSchema(Schema):
    """What a destination is, in words."""

    name = _text("What it is called.")
    action = _text("What to do.")
    expect = _texts("What happens there.")
    limits = _texts("What it cannot do.")
    yourName = _text("Who learns the name of whoever goes there.")  # noqa: N815
    nameNeeded = _text("Whether a name must be given there.")  # noqa: N815
    whenSilent = _text("What to do when no answer comes.")  # noqa: N815
    contact = fields.Nested(ContactSchema, required=True, allow_none=True)
    otherContacts = fields.List(fields.Nested(ContactSchema), required=True)  # noqa: N815
    verified = _maybe("The day on which somebody tried `contact`; null is never.", **DATE)


class DestinationSchema(DoorSchema):
    """A destination."""

    id = _text("Its name.")


class ReferralSchema(DoorSchema):
    """A door for this situation: why, on which rules and sources, and what to expect."""

    destination = _text("The destination, as GET /destinations names it.")
    as_ = _as()
    concern = _maybe("The concern it is for; null when it is the safety net.")
    why = _text("Why this door.")
    doubts = _texts("Where a jurist still doubts.")
    rules = _texts("The rules that lead here, as GET /rules names them.")
    sources = fields.List(fields.Nested(CitationSchema), required=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)


class ConditionSchema(Schema):
    """A fact and the answers that would do."""

    fact = _text("The fact.")
    answers = _texts("Any one of these.")


class ClosedSchema(Schema):
    """A door that is not open, and one way that opens it."""

    destination = _text("The destination.")
    name = _text("What it is called.")
    why = _text("One way that opens it, now or after another step, in words; or that it is not for somebody like this.")
    opensWhen = fields.List(  # noqa: N815
        fields.Nested(ConditionSchema),
        required=True,
        metadata={
            "description": "One way: all of these together are enough to open it, now or after another step. Others "
            "may open it too, so never say 'only if'. Empty where nobody in this position, at this organisation, can."
        },
    )


class NoticeSchema(Schema):
    """What everybody must be able to see without answering anything."""

    id = _text("Its name.")
    kind = _text("How it weighs.")
    phone = _maybe("The telephone number it is about.")
    text = _text("What it says.")


class OrganisationSchema(Schema):
    """An organisation on a day; `heldBy` holds its matters then."""

    id = _text("Its name.")
    kind = _text("What it is.")
    catchAll = _yes("Whether it is the one for every body that has no entry of its own.")  # noqa: N815
    name = _text("What it is called on that day.")
    abbreviation = _maybe("What it is called for short.")
    aliases = _texts("Other and former names.")
    heldBy = _text("The organisation that holds its matters on that day; itself, if it still exists.")  # noqa: N815
    facts = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "The facts of an organisation that the directory knows of it."},
    )


class AnswerSchema(Schema):
    """The answer to a situation."""

    edition = fields.Nested(EditionSchema, required=True)
    on = _text("The day for which it is decided.", **DATE)
    organisation = fields.Nested(OrganisationSchema, required=True, allow_none=True)
    complete = _yes("Whether no question is left that could change anything.")
    nextQuestion = fields.Nested(QuestionSchema, required=True, allow_none=True)  # noqa: N815
    referrals = fields.List(fields.Nested(ReferralSchema), required=True, metadata={"description": "Certain already."})
    possible = _texts("Every destination that is still possible.")
    closed = fields.List(fields.Nested(ClosedSchema), required=True)
    ignored = _texts("Facts that were given and do not matter here.")
    organisationMatters = _yes("Whether naming the organisation could change something.")  # noqa: N815
    safetyNet = _yes("Whether our two readings of the rules differed, and a human must look.")  # noqa: N815
    notices = fields.List(fields.Nested(NoticeSchema), required=True)


class BatchAnswerSchema(Schema):
    """The answers, in the order of the requests."""

    answers = fields.List(fields.Nested(AnswerSchema), required=True)


class StorySchema(Schema):
    """A situation told in one sentence."""

    name = _text("The sentence.")
    situation = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "Facts and answers."}
    )


class RuleSchema(Schema):
    """A rule as a jurist reads it."""

    id = _text("Its name.")
    refer = _text("The destination it refers to.")
    as_ = _as()
    concern = _text("The concern it is for.")
    when = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Per fact the answers with which it holds; all facts must agree."},
    )
    since = fields.String(required=True, data_key="from", metadata={"description": "Its first day.", **DATE})
    until = _maybe("The day on which it no longer holds.", **DATE)
    why = _text("Why, as said to whoever is referred.")
    doubt = _maybe("Where a jurist still doubts.")
    sources = fields.List(fields.Nested(CitationSchema), required=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)
    example = fields.Nested(StorySchema, required=True)
    nearMiss = fields.Nested(StorySchema, required=True)  # noqa: N815


class TableFactSchema(Schema):
    """A fact of the table, with its answers in order."""

    id = _text("Its name.")
    answers = _texts("Its answers.")
    concern = _maybe("The concern for which it is asked; null when for all.")
    ofOrganisation = _yes("Whether the directory knows it of an organisation.")  # noqa: N815
    several = _yes("Whether it can have several answers.")
    nature = _text(
        "What it is about: `who` or `where` somebody is, the `past`, an `event` that may still come, or a `wish`."
    )


class TableRuleSchema(Schema):
    """A rule of the table."""

    id = _text("Its name.")
    refer = _text("The destination.")
    as_ = _as()
    concern = _text("The concern.")
    when = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Integer()),
        required=True,
        metadata={"description": "Per fact the places of the answers with which it holds."},
    )


class TableSchema(Schema):
    """An edition of the rules as a table."""

    edition = fields.Nested(EditionSchema, required=True)
    destinations = _texts("Every destination, in the order of reading.")
    safetyNet = _text("Where to send somebody when nothing can be decided.")  # noqa: N815
    facts = fields.List(fields.Nested(TableFactSchema), required=True)
    rules = fields.List(fields.Nested(TableRuleSchema), required=True)


class ErrorSchema(Schema):
    """One mistake: its place, and its mend."""

    pointer = _text("The place, as a JSON pointer into the body, or into the query as an object.")
    detail = _text("How to mend it. Nothing that was sent is repeated here.")


class ProblemKindSchema(Schema):
    """A kind of problem."""

    type = _text("Its address, and its name to programs.", format="uri-reference")
    status = fields.Integer(required=True, metadata={"description": "The status of the response."})
    title = _text("What is the case.")
    detail = _text("What to do about it.")


class ProblemSchema(ProblemKindSchema):
    """What went wrong, after RFC 9457."""

    errors = fields.List(
        fields.Nested(ErrorSchema),
        validate=validate.Length(max=MOST_ERRORS),
        metadata={"description": "Every mistake in the request, or the first of them when `detail` says so."},
    )
