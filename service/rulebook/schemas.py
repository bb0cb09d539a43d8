"""What authors may write in a table of rules/ or content/: its keys, and the texts, links, numbers and days in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, pre_load, validates_schema

from service.core.rule import Citation, Story
from service.rulebook.known import QUOTATION, known
from service.rulebook.languages import Fallen, Languages, filled, marked
from service.rulebook.messages import Message, did_you_mean

Place = tuple[str | int, ...]  # keys and indexes that lead to something in a file
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")  # control, direction and joining marks, and what is no character
HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]+|#\w+);")
SITE = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}"
LINK = re.compile(rf"https://{SITE}(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
PHONE = re.compile(r"(?:\+\d{1,3}[ -]?)?(?:\(\d{1,5}\) ?(?:- )?)?\d+(?:(?: - |[ -])\d+)*", re.ASCII)
MAIL = re.compile(rf"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@{SITE}")
UNKNOWN_KEY, MISSING_KEY = "Unknown field.", "Missing data for required field."


def mistake(id_: str, /, *place: str, **values: Any) -> ValidationError:
    """What is wrong with a value, or at a place below it: the id of a message, and what it fills in."""
    wrong: Any = [Message(id_, values)]
    for part in reversed(place):
        wrong = {part: wrong}
    return ValidationError(wrong)


class AuthorSchema(Schema):
    """A TOML table of ours: unknown keys are mistakes, not extras."""

    named: ClassVar[Mapping[str, str]] = {}  # what is said in the tables of a list is said of each by this key

    class Meta:
        unknown = RAISE

    @pre_load
    def gather(self, data: Any, **_: Any) -> Any:
        """Bring together what stands per language in the table itself, such as the tables [nl] and [en]."""
        if not isinstance(data, Mapping):
            return data
        gathered = dict(data)
        for name, one in self.load_fields.items():
            if isinstance(one, PerLanguage) and one.bare:
                if name in data:
                    raise ValidationError({name: [UNKNOWN_KEY]})
                found = {code: gathered.pop(code) for code in known().languages.codes if code in gathered}
                if found or one.required:
                    gathered[name] = found
        return gathered

    def keys_at(self, place: Place, languages: Languages) -> list[str]:
        """The keys that are known at a place below this schema."""
        schema, at = self._walk(place)
        if isinstance(at, PerLanguage):
            return list(languages.codes)
        keys: list[str] = []
        for name, one in schema.load_fields.items() if schema else ():
            bare = isinstance(one, PerLanguage) and one.bare
            keys += languages.codes if bare else [one.data_key or name]
        return keys

    def spelled(self, place: Place) -> tuple[Place, str]:
        """A place as authors write it, and the language it belongs to; "" where it belongs to all."""
        spelled: Place = ()
        language = ""
        _, at = self._walk(())
        for number, part in enumerate(place):
            if isinstance(at, PerLanguage):
                language = str(part)
                spelled = spelled[:-1] if at.bare else spelled
            spelled = (*spelled, part)
            _, at = self._walk(place[: number + 1])
        return spelled, language

    def _walk(self, place: Place) -> tuple[Schema | None, fields.Field[Any] | None]:
        """The schema, or the field whose parts have no keys of their own, at a place below this schema."""
        schema: Schema | None = self
        at: fields.Field[Any] | None = None
        for part in place:
            if isinstance(part, int):
                continue
            if isinstance(at, PerLanguage):
                inner: Any = at.inner
            elif isinstance(at, fields.Dict):
                inner = at.value_field
            elif schema is None:
                return None, None
            else:
                known = schema.load_fields
                inner = known.get(part) or next((one for one in known.values() if one.data_key == part), None)
            while isinstance(inner, fields.List):
                inner = inner.inner
            schema = inner.schema if isinstance(inner, fields.Nested) else None
            at = inner if isinstance(inner, PerLanguage | fields.Dict) else None
        return schema, at


class Made(AuthorSchema):
    """A schema whose tables become values of `made`."""

    made: ClassVar[type[Any]]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """Build the value; lists become tuples."""
        return self.build({key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})

    def build(self, values: dict[str, Any]) -> Any:
        """The value itself; a schema that adds keys of its own overrides this."""
        return self.made(**values)


class PerLanguage(fields.Field[Mapping[str, Any]]):
    """What stands once for each language of the rulebase: language -> what the inner field makes of it.

    Written as `why.nl` and `why.en`; where it is `bare`, the table around it holds `nl` and `en` themselves. What may
    be left out stands in every language or in none. A language that falls back to another has what that says; not so
    the keys in `own`, and without a mark where it is a `proper` name.
    """

    def __init__(
        self,
        inner: fields.Field[Any] | None = None,
        *,
        bare: bool = False,
        required: bool = False,
        own: tuple[str, ...] = (),
        proper: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(required=required, **more)
        if not required:
            self.load_default = None
        self.inner, self.bare, self.own, self.proper = inner or Text(), bare, own, proper

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.inner = deepcopy(self.inner)
        self.inner._bind_to_schema(field_name, self)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Invalid input type.")
        codes, made = known().languages.codes, dict[str, Any]()
        errors: dict[str, Any] = {one: [UNKNOWN_KEY] for one in value if one not in codes}
        for language in codes:
            try:
                other = known().languages.fallback.get(language)
                if other in value and not (self.proper and language in value):
                    said = value[other] if self.proper else filled(value.get(language), value[other], self.own)
                    value = {**value, language: said}
                if language not in value:
                    raise ValidationError(MISSING_KEY)
                made[language] = self.inner.deserialize(value[language], language, value, **kwargs)
            except ValidationError as error:
                errors[language] = error.messages
        if errors:
            raise ValidationError(errors)
        return made


class Named(PerLanguage):
    """A text per language, or the name of one that stands in a table of the file: used once it stands here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value if isinstance(value, str) else super()._deserialize(value, attr, data, **kwargs)


class OrName(fields.Nested):
    """A table, or the name of one that stands in a table of the file: used once it stands here."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Read the table, or take the name."""
        return value if isinstance(value, str) else super().deserialize(value, *args, **kwargs)


class AnyOf(fields.List[Any]):
    """One, or a list that means "one of these"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value if isinstance(value, list) else [value], attr, data, **kwargs)


class Names(fields.Dict):
    """A table of which the keys are names that the author chose."""

    def __init__(self, values: fields.Field[Any], *, named: Any = (), **more: Any) -> None:
        super().__init__(keys=fields.String(validate=named), values=values, **more)
        self.load_default = dict

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Read the table."""
        try:
            return super().deserialize(value, *args, **kwargs)
        except ValidationError as error:
            if isinstance(error.messages, list):
                raise
            found = {name: one.get("value") or one.get("key", one) for name, one in error.messages.items()}
            raise ValidationError(found) from None


class TomlDate(fields.Field[date]):
    """A date as TOML has it: 2019-06-20, without quotation marks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise mistake("not_a_date")
        return value


class Lasting(AuthorSchema):
    """A table that says from when until when it holds."""

    since = TomlDate(load_default=None, data_key="from")
    until = TomlDate(load_default=None)

    @validates_schema
    def lasts(self, data: dict[str, Any], **_: Any) -> None:
        """Note a period that ends before it begins."""
        since, until = data["since"], data["until"]
        if since and until and until <= since:
            raise mistake("ends_before_it_begins", "until", until=until, since=since)


class Text(fields.String):
    """A text that says something, in characters that everybody sees as they are."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not text.strip():
            raise mistake("empty_text")
        for letter in "" if text.isprintable() else text:
            if letter != "\n" and unicodedata.category(letter) in UNSEEN:
                name = unicodedata.name(letter, "") or Message("control_character")
                raise mistake("unseen_character", code=f"U+{ord(letter):04X}", name=name)
        if found := HTML.search(text):
            raise mistake("html", found=found[0])
        return marked(text.strip()) if isinstance(value, Fallen) else text.strip()


class Rows(fields.List[Any]):
    """The tables of a list, each with an id of its own."""

    def __init__(self, schema: type[Schema], *, required: bool = False, **more: Any) -> None:
        super().__init__(fields.Nested(schema), required=required, **more)
        if not required:
            self.load_default = list

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        found = super()._deserialize(value, attr, data, **kwargs)
        ids = [row["id"] for row in value]
        twice = {index: id_ for index, id_ in enumerate(ids) if id_ in ids[:index]}
        if twice:
            raise ValidationError(
                {index: {"id": [Message("id_twice", {"given": id_})]} for index, id_ in twice.items()}
            )
        return found


class Words(fields.List[Any]):
    """A list of words, each of them once."""

    def __init__(self, inner: fields.Field[Any] | None = None, *, required: bool = False, **more: Any) -> None:
        super().__init__(inner or Text(), required=required, **more)
        if not required:
            self.load_default = tuple

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = super()._deserialize(value, attr, data, **kwargs)
        twice = {number: one for number, one in enumerate(found) if one in found[:number]}
        if twice:
            raise ValidationError({number: [Message("word_twice", {"word": one})] for number, one in twice.items()})
        return tuple(found)


class Answers(AnyOf, Words):
    """One word, or a list of them."""


class Ref(Text):
    """The name of something that stands elsewhere, of a kind that `known.py` tells."""

    def __init__(self, kind: str, **more: Any) -> None:
        super().__init__(**more)
        self.kind = kind

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        if wrong := known().wrong(self.kind, name):
            raise ValidationError([wrong])
        return name


class Cited(Ref):
    """A quotation, by its name."""

    def __init__(self) -> None:
        super().__init__(QUOTATION)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Citation):  # of an older revision, where quotations had no names
            return value
        name = super()._deserialize(value, attr, data, **kwargs)
        return (known().quotations or {}).get(name) or Citation(name, "", None)


class Conditions(fields.Field[dict[str, frozenset[str]]]):
    """A table of facts, each with one answer or a list that means "one of these"; in a story with one answer."""

    def __init__(self, *, story: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.story = story

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, frozenset[str]]:
        if not isinstance(value, Mapping):
            raise ValidationError("Invalid input type.")
        if not value:
            raise mistake("no_condition")
        wrong = {name: [told] for name, given in value.items() if (told := self._wrong(name, given))}
        if wrong:
            raise ValidationError(wrong)
        return {name: frozenset(given if isinstance(given, list) else [given]) for name, given in value.items()}

    def _wrong(self, name: str, given: Any) -> Message | None:
        vocabulary = known().facts
        fact = vocabulary.by_id.get(name)
        answers = given if isinstance(given, list) else [given]
        if fact is None:
            facts = [one.id for one in vocabulary.facts if not one.several]
            return Message("not_a_fact", {"given": name, "hint": did_you_mean(name, facts)})
        if fact.several:
            return Message("concerns_tested", {"fact": name})
        if not all(isinstance(one, str) for one in answers):
            return Message("answer_no_word")
        if not answers:
            return Message("empty_list")
        if len(set(answers)) < len(answers):
            return Message("answer_twice")
        if strange := next((one for one in answers if one not in fact.answers), None):
            one, of, other = strange.partition(" of ") if " of " in strange else strange.partition(" or ")
            if of and {one, other} <= {*fact.answers}:
                return Message("or_between_texts", {"one": f'"{one}"', "other": f'"{other}"'})
            hint = did_you_mean(strange, fact.answers)
            return Message("not_an_answer", {"given": strange, "fact": name, "hint": hint})
        if self.story and len(answers) > 1:
            return Message("story_with_two_answers", {"fact": name})
        if len(answers) == len(fact.answers):
            return Message("every_answer", {"fact": name})
        return None


class Told(fields.Field[Story]):
    """Somebody in a sentence, and between braces their answers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Story:
        if not isinstance(value, Mapping) or len(value) != 1:
            raise mistake("one_person")
        ((sentence, answers),) = value.items()
        try:
            found = Conditions(story=True).deserialize(answers) or {}
        except ValidationError as error:
            raise ValidationError({sentence: error.messages}) from None
        return Story(sentence, {fact: next(iter(one)) for fact, one in found.items()})


class Link(Text):
    """An address on the web that may be shown to people: over TLS, of a named site, and of nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        link = super()._deserialize(value, attr, data, **kwargs)
        if not LINK.fullmatch(link):
            raise mistake("not_a_link", given=link)
        return link


class Phone(Text):
    """A telephone number as people write it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not PHONE.fullmatch(number) or not 3 <= sum(map(str.isdigit, number)) <= 15:
            raise mistake("not_a_phone_number", given=number)
        return number


class Mail(Text):
    """An e-mail address, and nothing that a mail program would fill in besides."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        mail = super()._deserialize(value, attr, data, **kwargs)
        if not MAIL.fullmatch(mail):
            raise mistake("not_an_address", given=mail)
        return mail
