"""What authors may write in a table of rules/ or content/: its keys, and the texts, links, numbers and days in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load
from marshmallow.experimental.context import Context

from service.rulebook.languages import Languages
from service.rulebook.messages import Message

Place = tuple[str | int, ...]  # keys and indexes that lead to something in a file
UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")  # control, direction and joining marks, and what is no character
HTML = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]+|#\w+);")
SITE = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.[A-Za-z]{2,}"
LINK = re.compile(rf"https://{SITE}(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
PHONE = re.compile(r"(?:\+\d{1,3}[ -]?)?(?:\(\d{1,5}\) ?(?:- )?)?\d+(?:(?: - |[ -])\d+)*", re.ASCII)
MAIL = re.compile(rf"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@{SITE}")
UNKNOWN_KEY, MISSING_KEY = "Unknown field.", "Missing data for required field."


def mistake(id_: str, **values: Any) -> ValidationError:
    """What is wrong with a value: the id of a message, and what it fills in."""
    return ValidationError([Message(id_, values)])


class AuthorSchema(Schema):
    """A TOML table of ours: unknown keys are mistakes, not extras."""

    class Meta:
        unknown = RAISE

    @pre_load
    def gather(self, data: Any, **_: Any) -> Any:
        """Bring together what stands per language in keys of the table itself, such as note_nl and note_en."""
        if not isinstance(data, Mapping):
            return data
        gathered = dict(data)
        for name, one in self.load_fields.items():
            if isinstance(one, PerLanguage) and one.spelled:
                if name in data:
                    raise ValidationError({name: [UNKNOWN_KEY]})
                found = {language: gathered.pop(key) for language, key in one.keys().items() if key in gathered}
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
            if isinstance(one, PerLanguage) and one.spelled:
                keys += [one.spelled.format(code) for code in languages.codes]
            else:
                keys.append(one.data_key or name)
        return keys

    def spelled(self, place: Place) -> tuple[Place, str]:
        """A place as authors write it, and the language it belongs to; "" where it belongs to all."""
        spelled: Place = ()
        language = ""
        _, at = self._walk(())
        for number, part in enumerate(place):
            if isinstance(at, PerLanguage):
                language = str(part)
                spelled = (*spelled[:-1], at.spelled.format(part)) if at.spelled else (*spelled, part)
            else:
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
            elif schema is None:
                return None, None
            else:
                known = schema.load_fields
                inner = known.get(part) or next((one for one in known.values() if one.data_key == part), None)
            while isinstance(inner, fields.List):
                inner = inner.inner
            schema = inner.schema if isinstance(inner, fields.Nested) else None
            at = inner if isinstance(inner, PerLanguage) else None
        return schema, at


class PerLanguage(fields.Field[Mapping[str, Any]]):
    """What stands once for each language of the rulebase: language -> what the inner field makes of it.

    Written as a table of its own (`why = { nl = "…", en = "…" }`), or, where `spelled` says how, in keys of the table
    around it (`note_nl`, or `nl` alone). Where it may be left out it stands in every language or in none.
    """

    def __init__(
        self, inner: fields.Field[Any] | None = None, *, spelled: str = "", required: bool = False, **more: Any
    ) -> None:
        super().__init__(required=required, **more)
        if not required:
            self.load_default = None
        self.inner, self.spelled = inner or Text(), spelled

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.inner = deepcopy(self.inner)
        self.inner._bind_to_schema(field_name, self)

    def keys(self) -> dict[str, str]:
        """Per language the key under which authors write it."""
        return {code: self.spelled.format(code) if self.spelled else code for code in _spoken().codes}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Invalid input type.")
        keys = self.keys()
        made: dict[str, Any] = {}
        errors: dict[str, Any] = {one: [UNKNOWN_KEY] for one in value if one not in keys}
        for language, key in keys.items():
            if language in value:
                try:
                    made[language] = self.inner.deserialize(value[language], language, value, **kwargs)
                except ValidationError as error:
                    errors[language] = error.messages
            elif self.required or not self.spelled or language in _spoken().in_folders:
                errors[language] = [MISSING_KEY]
            else:
                here = next(iter(value))
                errors[here] = [Message("in_one_language", {"here": keys[here], "there": key})]
        if errors:
            raise ValidationError(errors)
        return made


def _spoken() -> Languages:
    """The languages of the rulebase that is being read."""
    return Context[Languages].get()


class TomlDate(fields.Field[date]):
    """A date as TOML has it: 2019-06-20, without quotation marks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise mistake("not_a_date")
        return value


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
        return text.strip()


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
