"""What goes in and comes out, as marshmallow schemas made from the vocabulary: the API cannot lag the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from service.core.vocabulary import Fact, Vocabulary
from service.texts import LANGUAGES

MOST_IN_A_BATCH = 100


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
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise ValidationError("Give a date that exists, as 2019-06-20.")


class Strict(Schema):
    """An object with no members but these."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow's way to say it
        "type": "Give an object.",
    }


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
    several = fields.List(
        answer,
        error_messages={"invalid": "Give a list of answers.", "null": "Give a list of answers."},
        validate=[
            validate.Length(max=len(fact.answers), error="Give each answer once."),
            _each_once,
        ],
    )
    return several


def _each_once(values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Give each answer once.")


def request_schema(vocabulary: Vocabulary, organisations: Iterable[str]) -> type[Schema]:
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
            "on": IsoDate(metadata={"type": "string", "format": "date", "description": "Default: today in Amsterdam."}),
            "language": Word(validate=one_of(LANGUAGES), load_default="nl"),
        },
        name="ReferralRequest",
    )


def batch_schema(request: type[Schema]) -> type[Schema]:
    """The body of `POST /referrals/batch`."""
    return Strict.from_dict(
        {
            "requests": fields.List(
                fields.Nested(request, error_messages=OBJECT),
                required=True,
                validate=validate.Length(1, MOST_IN_A_BATCH, error=f"Give 1 to {MOST_IN_A_BATCH} requests."),
                error_messages={"required": "This is missing.", "invalid": "Give a list of requests."},
            )
        },
        name="BatchRequest",
    )


class LanguageQuery(Strict):
    """?language="""

    language = Word(validate=one_of(LANGUAGES), load_default="nl")


class DayQuery(LanguageQuery):
    """?language=&on="""

    on = IsoDate(metadata={"type": "string", "format": "date", "description": "Default: today in Amsterdam."})


class OrganisationsQuery(DayQuery):
    """?language=&on=&q="""

    q = Word(
        load_default="",
        validate=validate.Length(max=100, error="Give at most 100 characters."),
        metadata={"description": "Words of a present or former name or abbreviation."},
    )


class EditionSchema(Schema):
    """Which rules answered."""

    id = fields.String(required=True)
    digest = fields.String(required=True)
    since = fields.String(required=True, data_key="from")
    until = fields.String(required=True, allow_none=True)


class QuestionSchema(Schema):
    """A question with its closed answers."""

    fact = fields.String(required=True)
    concern = fields.String(required=True, allow_none=True)
    ofOrganisation = fields.Boolean(required=True)  # noqa: N815 - the names of the API
    several = fields.Boolean(required=True)
    answers = fields.List(fields.String(), required=True)
    text = fields.String(required=True)
    hint = fields.String(required=True, allow_none=True)
    why = fields.String(required=True, allow_none=True)
    labels = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class CitationSchema(Schema):
    """The words a rule rests on."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    short = fields.String(required=True)
    locator = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    quote = fields.String(required=True, allow_none=True)
    sure = fields.String(required=True)
    read = fields.String(required=True, allow_none=True)


class ContactSourceSchema(Schema):
    """Where a contact was read."""

    title = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)


class ContactSchema(Schema):
    """How to reach a door; null is what nobody has read, or checked."""

    name = fields.String(required=True, allow_none=True)
    forWhom = fields.String(required=True, allow_none=True)  # noqa: N815
    subject = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    phoneAbroad = fields.String(required=True, allow_none=True)  # noqa: N815
    email = fields.String(required=True, allow_none=True)
    url = fields.String(required=True, allow_none=True)
    hours = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    source = fields.Nested(ContactSourceSchema, required=True)
    sure = fields.String(required=True)
    checked = fields.String(required=True, allow_none=True)


class TermSchema(Schema):
    """A legal term that runs because of this referral."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    starts = fields.String(required=True)
    days = fields.Integer(required=True, allow_none=True)
    weeks = fields.Integer(required=True, allow_none=True)
    months = fields.Integer(required=True, allow_none=True)
    basis = fields.String(required=True)
    sure = fields.String(required=True)


class DoorSchema(Schema):
    """What a destination is, in words."""

    name = fields.String(required=True)
    action = fields.String(required=True)
    expect = fields.List(fields.String(), required=True)
    limits = fields.List(fields.String(), required=True)
    yourName = fields.String(required=True)  # noqa: N815
    nameNeeded = fields.String(required=True)  # noqa: N815
    whenSilent = fields.String(required=True)  # noqa: N815
    contact = fields.Nested(ContactSchema, required=True, allow_none=True)
    otherContacts = fields.List(fields.Nested(ContactSchema), required=True)  # noqa: N815
    verified = fields.String(required=True, allow_none=True)


class DestinationSchema(DoorSchema):
    """A destination."""

    id = fields.String(required=True)


class ReferralSchema(DoorSchema):
    """A door for this situation: why, on which rules and sources, and what to expect."""

    destination = fields.String(required=True)
    as_ = fields.String(required=True, data_key="as")
    concern = fields.String(required=True, allow_none=True)
    why = fields.String(required=True)
    doubts = fields.List(fields.String(), required=True)
    rules = fields.List(fields.String(), required=True)
    sources = fields.List(fields.Nested(CitationSchema), required=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)


class ConditionSchema(Schema):
    """A fact and the answers that would do."""

    fact = fields.String(required=True)
    answers = fields.List(fields.String(), required=True)


class ClosedSchema(Schema):
    """A door that is not open, and what opens it."""

    destination = fields.String(required=True)
    name = fields.String(required=True)
    why = fields.String(required=True)
    opensWhen = fields.List(fields.Nested(ConditionSchema), required=True)  # noqa: N815


class NoticeSchema(Schema):
    """What everybody must be able to see without answering anything."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)


class OrganisationSchema(Schema):
    """An organisation on a day; `heldBy` holds its matters then."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    abbreviation = fields.String(required=True, allow_none=True)
    aliases = fields.List(fields.String(), required=True)
    heldBy = fields.String(required=True)  # noqa: N815
    facts = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class AnswerSchema(Schema):
    """The answer to a situation."""

    edition = fields.Nested(EditionSchema, required=True)
    on = fields.String(required=True)
    organisation = fields.Nested(OrganisationSchema, required=True, allow_none=True)
    complete = fields.Boolean(required=True)
    nextQuestion = fields.Nested(QuestionSchema, required=True, allow_none=True)  # noqa: N815
    referrals = fields.List(fields.Nested(ReferralSchema), required=True)
    possible = fields.List(fields.String(), required=True)
    closed = fields.List(fields.Nested(ClosedSchema), required=True)
    ignored = fields.List(fields.String(), required=True)
    organisationMatters = fields.Boolean(required=True)  # noqa: N815
    safetyNet = fields.Boolean(required=True)  # noqa: N815
    notices = fields.List(fields.Nested(NoticeSchema), required=True)


class BatchAnswerSchema(Schema):
    """The answers, in the order of the requests."""

    answers = fields.List(fields.Nested(AnswerSchema), required=True)


class StorySchema(Schema):
    """A situation told in one sentence."""

    name = fields.String(required=True)
    situation = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class RuleSchema(Schema):
    """A rule as a jurist reads it."""

    id = fields.String(required=True)
    refer = fields.String(required=True)
    as_ = fields.String(required=True, data_key="as")
    concern = fields.String(required=True)
    when = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    since = fields.String(required=True, data_key="from")
    until = fields.String(required=True, allow_none=True)
    why = fields.String(required=True)
    doubt = fields.String(required=True, allow_none=True)
    sources = fields.List(fields.Nested(CitationSchema), required=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)
    example = fields.Nested(StorySchema, required=True)
    nearMiss = fields.Nested(StorySchema, required=True)  # noqa: N815


class ErrorSchema(Schema):
    """One mistake: its place as a JSON pointer, and its mend."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorSchema))
