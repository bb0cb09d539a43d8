"""What goes in and comes out, as marshmallow schemas made from the vocabulary: the API cannot lag the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from itertools import islice
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from service.answers import view
from service.core.day import iso_day
from service.core.decision import Condition
from service.core.errors import NoEditionError
from service.core.rule import As
from service.core.vocabulary import Fact, Vocabulary
from service.rulebook.site import Site
from service.web.body import MOST_IN_A_BATCH
from service.web.problems import MOST_ERRORS, Mend


class Choice(validate.OneOf):
    """One of a closed list; the message says which was perhaps meant, and not what was given."""

    def __call__(self, value: Any) -> Any:
        """Take one of the list.

        Raises:
            ValidationError: it is no such word.

        """
        if value not in self.choices:
            raise ValidationError([Mend(self.error, tuple(self.choices), value)])
        return value


def one_of(choices: Iterable[str]) -> Choice:
    """One of a closed list that is short enough to be listed."""
    listed = list(choices)
    return Choice(listed, error=f"Give one of: {', '.join(listed)}.")


BOTH = "A fact of the organisation cannot be given together with an organisation."
STRANGER = "This object has a member that is not known here; see the OpenAPI document."


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

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        unknown: Any = Mend(STRANGER, tuple(self.fields))  # marshmallow passes it on as it is
        self.error_messages = {**self.error_messages, "unknown": unknown}

    @pre_load
    def _few_strangers(self, data: Any, **_: Any) -> Any:
        """Keep no more of the members that are not known here than can be told: there may be thousands."""
        if not isinstance(data, dict) or len(data) <= len(self.fields):
            return data
        strange = islice((name for name in data if name not in self.fields), MOST_ERRORS + 1)
        return {name: value for name, value in data.items() if name in self.fields} | dict.fromkeys(strange)


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


class Told(fields.Nested):
    """A situation. One that names only facts, each with an answer in its list, is what its schema would make of it.

    The schema looks for every fact there is, and says what is wrong; most situations hold few, and are right.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._answers = {fact.id: frozenset(fact.answers) for fact in vocabulary.facts}
        self._several = vocabulary.concerns.id
        super().__init__(situation_schema(vocabulary), required=True, error_messages=OBJECT)

    def _deserialize(self, value: Any, *about: Any, **more: Any) -> Any:
        if isinstance(value, dict) and all(self._right(fact, answer) for fact, answer in value.items()):
            return value
        return super()._deserialize(value, *about, **more)

    def _right(self, fact: str, answer: object) -> bool:
        if fact != self._several:
            return isinstance(answer, str) and answer in self._answers.get(fact, ())
        answers = answer if isinstance(answer, list) else [None]
        return all(isinstance(one, str) for one in answers) and len({*answers} & self._answers[fact]) == len(answers)


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
        "Give each one once.",
        error_messages={"invalid": "Give a list of answers.", "null": "Give a list of answers."},
        validate=[_each_once],
        metadata={"uniqueItems": True},
    )


def _each_once(values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise ValidationError("Give each one once.")


def request_schema(vocabulary: Vocabulary, organisations: Iterable[str], site: Site) -> type[Schema]:
    """The body of `POST /referrals`."""
    known = {fact.id for fact in vocabulary.of_organisation}

    class Asked(Strict):
        @validates_schema(pass_original=True, skip_on_field_errors=False)
        def _known_by_the_directory(self, _: Any, sent: Any, **__: Any) -> None:
            told = sent.get("situation") if isinstance(sent, dict) else None
            if isinstance(told, dict) and "organisation" in sent and (both := [one for one in told if one in known]):
                raise ValidationError({"situation": {one: [BOTH] for one in both}})

    return Asked.from_dict(
        {
            "situation": Told(vocabulary),
            "organisation": Word(
                validate=Choice(
                    list(organisations), error="This organisation is not known; GET /organisations lists them."
                ),
                metadata={"description": "An id of GET /organisations."},
            ),
            "on": _on(vocabulary.first_edition),
            "language": _language(site),
            "without": Bounded(
                Word(validate=one_of(view.LEFT_OUT)),
                len(view.LEFT_OUT),
                "Give each one once.",
                error_messages={"invalid": "Give a list of members.", "null": "Give a list of members."},
                validate=[_each_once],
                metadata={
                    "uniqueItems": True,
                    "description": "What you do not show of the answer: it comes empty. These are lists; `words` is "
                    "all that is said to a person (names, reasons, acts, contacts, questions); ids stay.",
                },
            ),
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


def queries(first: date, site: Site) -> tuple[Schema, Schema, Schema]:
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
        Strict.from_dict(language, name="LanguageQuery")(),
        Strict.from_dict(on, name="DayQuery")(),
        Strict.from_dict(on | {"q": words}, name="OrganisationsQuery")(),
    )


def _language(site: Site) -> Word:
    about = {"description": "Of what people read. Ids, and errors for programs, are the same in all."}
    return Word(validate=one_of(tuple(site.locales)), load_default=site.usual, metadata=about)


def _on(first: date) -> IsoDate:
    def has_rules(on: date) -> None:
        if on < first:
            raise ValidationError(str(NoEditionError(first)))

    text = f"The day whose rules, organisations and contacts count, from {first} on. Default: today in Amsterdam."
    return IsoDate(validate=has_rules, metadata={"type": "string", "format": "date", "description": text})


def said(of: type[view.View]) -> type[Schema]:
    """The schema of a value that is said: the same names, the same meaning."""
    return _said(of)


@cache
def _said(of: type[view.View | Condition]) -> type[Schema]:
    found = {}
    for field, hint in get_type_hints(of, include_extras=True).items():
        about = hint.__metadata__[0] if get_origin(hint) is Annotated else ""
        found[view.named(field)] = _field(get_args(hint)[0] if about else hint, about)
    return Schema.from_dict(found, name=of.__name__)


def _field(hint: Any, about: str) -> fields.Field[Any]:
    """The field for a type: those of `view.py`, and no other."""
    more: dict[str, Any] = {"required": True}
    if type(None) in get_args(hint):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
        more["allow_none"] = True
    if about:
        more["metadata"] = {"description": about}
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return fields.List(_field(inner[0], ""), **more)
    if origin is Mapping:
        return fields.Dict(keys=fields.String(), values=_field(inner[1], ""), **more)
    if issubclass(hint, view.View | Condition):
        return fields.Nested(_said(hint), **more)
    if hint is date:
        return fields.String(**more | {"metadata": {**more.get("metadata", {}), "format": "date"}})
    if issubclass(hint, As):
        return fields.String(validate=validate.OneOf([*As]), **more)
    plain: dict[type, type[fields.Field[Any]]] = {str: fields.String, bool: fields.Boolean, int: fields.Integer}
    return plain[hint](**more)


def _text(about: str, **more: Any) -> fields.String:
    return fields.String(required=True, metadata={"description": about, **more})


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
