"""content/site.toml and content/interface.toml -> whose site this is, its languages and addresses, and its short texts.

What a rulebase does not say in interface.toml it says in the words that came along; what names a site it says itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from dataclasses import fields as columns
from functools import lru_cache
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields

from service.rulebook.known import Known
from service.rulebook.languages import FILES, FOLDER, OF_NO_LANGUAGE, Languages, marked
from service.rulebook.locate import folder
from service.rulebook.messages import did_you_mean
from service.rulebook.overlay import base_of, layers
from service.rulebook.schemas import AuthorSchema, Link, Names, PerLanguage, Text, mistake
from service.rulebook.toml_files import Problems, Table, TomlFile, read

SITE, INTERFACE = "site.toml", "interface.toml"
NAME = "site_name"  # the word that {site} in other words stands for
STARTS = "starts_"  # what words begin with that ask for the day from which a term runs
TAKEN = "api/|embed/[0-9]|health|oembed|static"  # what addresses of a service begin with that are no page
ADDRESS = rf"/(?!(?:{TAKEN})\b)(?:[a-z0-9]+(?:[-/][a-z0-9]+)*)?"
FILE = r"[a-z0-9]+(?:-[a-z0-9]+)*\.html"

Words = Mapping[str, Mapping[str, str]]  # language -> word -> text


@dataclass(frozen=True)
class Addresses:
    """Where each page stands in one language."""

    start: str
    questions: str
    statement: str
    leave: str
    advisor: str
    book: str
    frame: str = ""
    guide: str = ""
    api: str = ""


@dataclass(frozen=True)
class Locale:
    """What a site has of its own in one language: how readers call it, where its pages stand, its own words.

    `files` are the pages of a site without a service; `fallback` is the language of what is not translated, if any.
    """

    name: str
    addresses: Addresses
    files: Addresses
    words: Mapping[str, str]
    fallback: str = ""


@dataclass(frozen=True)
class Site:
    """Whose site this is.

    Attributes:
        usual: the language where nobody asks for one.
        programs: the language of what only programs and those who make them read.
        sources: the language of the sources.
        exit: where "leave this site" leads when the deployer says nothing.
        about: what it does, for those who make programs.
        locales: what it has of its own per language, in the order of reading.

    """

    usual: str
    programs: str
    sources: str
    exit: str
    about: str
    locales: Mapping[str, Locale]

    @property
    def addresses(self) -> dict[str, Addresses]:
        """Where each page stands, per language."""
        return {code: one.addresses for code, one in self.locales.items()}


def _places(pages: Iterable[str], pattern: str, such: str) -> type[Schema]:
    """The schema of a table that says where pages stand."""

    def right(place: str) -> None:
        if not re.fullmatch(pattern, place):
            raise mistake("not_a_place", such=such)

    return AuthorSchema.from_dict({page: fields.String(required=True, validate=right) for page in pages})


PAGES = tuple(one.name for one in columns(Addresses))  # the last three are only of a service


OWN = ("name", "addresses", "files", "fallback")  # of a language, also where it falls back to another


class LocaleSchema(AuthorSchema):
    """`[nl]`: addresses and files may be left out for a language that the texts that came along have."""

    name = Text(required=True)
    addresses = fields.Nested(_places(PAGES, ADDRESS, "/questions"), load_default=None)
    files = fields.Nested(_places(PAGES[:6], FILE, "questions.html"), load_default=None)
    words = Names(Text(), required=True)
    fallback = Text(load_default="")


class SiteSchema(AuthorSchema):
    """content/site.toml."""

    usual = Text(required=True)
    programs = Text(required=True)
    sources = Text(required=True)
    exit = Link(required=True)
    about = Text(required=True)
    locales = PerLanguage(fields.Nested(LocaleSchema), bare=True, required=True, own=OWN)


class InterfaceSchema(AuthorSchema):
    """content/interface.toml."""

    words = PerLanguage(Names(Text()), bare=True)


def languages_of(content: Path) -> Languages:
    """The languages of a content/: those that its site.toml has a table for, and those that have a folder.

    A content/ of before there was a site.toml is in the languages of the texts that came along.
    """
    found: dict[str, Any] = {}
    for root in layers((folder("content"), content)):
        with suppress(OSError, ValueError):
            said = tomllib.loads((root / SITE).read_text("utf-8-sig"))
            found = {**found, **said} if root == content and base_of(content) else said
    tables = tuple(key for key, value in found.items() if isinstance(value, dict))
    there = (path for root in layers((content,)) for path in (root / FOLDER).glob("*"))
    folders = sorted({path.name for path in there if path.is_dir()})
    more = tuple(one for one in folders if one not in tables)
    return Languages(content, tables, more, str(found.get("usual")), _fallbacks(content, more))


def _fallbacks(content: Path, codes: Iterable[str]) -> dict[str, str]:
    """Of each language in a folder that need not be whole, which one stands in."""
    found: dict[str, str] = {}
    for code in codes:
        for root in layers((content,)):
            with suppress(OSError, ValueError, LookupError, TypeError):
                said = tomllib.loads((root / FOLDER / code / SITE).read_text("utf-8-sig"))
                found[code] = str(said[code]["fallback"])
    return found


def load_site(content: Path, known: Known, problems: Problems) -> Site | None:
    """Read content/site.toml; None where it has mistakes, which are noted in `problems`."""
    languages = known.languages
    file = read(content, content / SITE, SiteSchema(), problems, known)
    if file is None:
        return None
    data, ours = file.data, _came_along(SITE).get("locales", {})
    before = len(problems.found)
    for key in ("usual", "programs"):
        Table(file, problems).among(data[key], languages.codes, "not_a_language", key)
    for code, one in data["locales"].items():
        if one["fallback"] and (code not in languages.in_folders or one["fallback"] not in languages.side_by_side):
            problems.add(file.of(code), (code, "fallback"), "falls_back_to_nothing", given=one["fallback"])
        for part in ("addresses", "files"):
            places = one[part] or ours.get(code, {}).get(part)
            one[part] = Addresses(**places) if places else None
            if places is None:
                problems.add(file.of(code), (code,), "no_places", part=f"{code}.{part}")
    for part in ("addresses", "files"):
        seen: set[str] = set()
        for code, one in data["locales"].items():
            for page in filter(None, astuple(one[part]) if one[part] else ()):
                if page in seen:
                    problems.add(file.of(code), (code, part), "place_of_two_pages", place=page)
                seen.add(page)
    if len(problems.found) > before:
        return None
    return Site(**{**data, "locales": {code: Locale(**one) for code, one in data["locales"].items()}})


def our_interface() -> Words:
    """The words of the interface that came along, per language: what pages and reports of this version say.

    Raises:
        AuthoringError: they cannot be read.

    """
    problems, content = Problems(), folder("content")
    known = Known(languages_of(content))
    site = load_site(content, known, problems)
    found = load_interface(content, site, (), known, problems)
    problems.stop_if_any()
    return found


def load_interface(content: Path, site: Site | None, starts: Iterable[str], known: Known, problems: Problems) -> Words:
    """Read content/interface.toml, and add what it leaves out.

    Args:
        content: the folder it stands in.
        site: with the words that a rulebase must have of its own; None where it has mistakes.
        starts: the events from which terms run; each has a word that asks for its day.
        known: in which languages each word must stand.
        problems: where mistakes are noted.

    """
    languages = known.languages
    file = read(content, content / INTERFACE, InterfaceSchema(), problems, known)
    if file is None or site is None:
        return {}
    given: Words = file.data["words"] or {}
    ours, own = _came_along(INTERFACE).get("words") or {}, _came_along(SITE).get("locales", {})
    shared = {word for words in ours.values() for word in words}
    needed = {word for one in own.values() for word in one["words"] if not word.startswith(STARTS)}
    needed |= {f"{STARTS}{one}" for one in starts}
    found: dict[str, dict[str, str]] = {}
    sites = next(one for one in problems.files if one.path == content / SITE)
    for code in languages.codes:
        mine = site.locales[code].words
        found[code] = {**_fallen(found, languages, code), **ours.get(code, {}), **given.get(code, {}), **mine}
        for word in sorted(needed - found[code].keys()):
            problems.add(sites.of(code), (code, "words"), "word_missing", word=word)
        for word in sorted(shared - found[code].keys() - needed):
            problems.add(file.of(code), (code,), "word_missing", word=word)
        for written, words, place in (
            (file.of(code), given.get(code, {}), (code,)),
            (sites.of(code), mine, (code, "words")),
        ):
            for word in words:
                if word not in shared | needed and not word.startswith(STARTS):
                    hint = did_you_mean(word, sorted(shared | needed))
                    problems.add(written, (*place, word), "nothing_says_it", word=word, hint=hint)
    _alike(file, {code: given.get(code, {}) for code in languages.side_by_side}, found, problems)
    return {
        code: {word: text.replace("{site}", words.get(NAME, "")) for word, text in words.items()}
        for code, words in found.items()
    }


def _fallen(found: Words, languages: Languages, code: str) -> dict[str, str]:
    """The words that a language has of the one that it falls back to; files get names that no other language has."""
    words = found.get(languages.fallback.get(code, ""), {})
    named = {word: f"{said}-{code}" for word, said in words.items() if word.startswith(FILES)}
    return {word: said if word in OF_NO_LANGUAGE else marked(said) for word, said in words.items()} | named


def _alike(file: TomlFile, given: Words, found: Words, problems: Problems) -> None:
    """Note words that are given in one language only, or have other things filled in than in another."""
    first, *others = found
    for code in others:
        one, other = found[first], found[code]
        for word in sorted(given[first].keys() ^ given.get(code, given[first]).keys()):
            here, there = (first, code) if word in given[first] else (code, first)
            problems.add(file.of(here), (here, word), "in_one_only", word=word, here=here, there=there)
        for word in sorted(one.keys() & other.keys()):
            filled_in = [set(re.findall(r"\{\w*\}", words[word])) - {"{site}"} for words in (one, other)]
            for gap in sorted(filled_in[0] ^ filled_in[1]):
                here = first if gap in filled_in[0] else code
                problems.add(file.of(here), (here, word), "gap_in_one_only", word=word, gap=gap, here=here)


def _came_along(name: str) -> dict[str, Any]:
    """A file of the texts that came along, as it was read; empty where it cannot be."""
    content = folder("content")
    try:
        return _parsed(name, *((content / one).read_bytes() for one in (SITE, name)))
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _parsed(name: str, *_: bytes) -> dict[str, Any]:
    """The same, read once for as long as its bytes, and those that say its languages, are these."""
    content = folder("content")
    schema = SiteSchema() if name == SITE else InterfaceSchema()
    file = read(content, content / name, schema, Problems(), Known(languages_of(content)))
    return file.data if file else {}
