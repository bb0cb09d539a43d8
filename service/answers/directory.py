"""Finds organisations by present, former and everyday names. Knows no rules and no words of a language.

How names are folded and what comes first is told once more in web/static/finder.js; tests/search.toml holds both to it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlite_utils import Database

from service.rulebook.languages import Localised
from service.rulebook.organisations import Organisation, Organisations

NAME, FORMER, ALIAS = range(3)  # how much a name is one's own; the nearest counts first
WHOLE, BEGINS, INSIDE, PART, NEAR = range(5)  # how a name fits what was typed; a better one counts first
SHORTEST_PART = 4  # letters of what may be part of a word, or typed wrongly
ALIKE = 600  # of a thousand pieces of three letters of what was typed: so many must stand in a name that is near
MOST = 20  # that are told; whoever sees so many types on
LONGEST = 100  # characters that count
CANDIDATES = 300
GLUED = re.compile(r"['’.]")
WORD = re.compile(r"[^\W_]+")

Candidate = tuple[int, int, str]  # where it stands, how much it is one's own, and the name as it is folded


@dataclass(frozen=True)
class Found:
    """An organisation that was found; `why` where it is the one to take instead of what was looked for."""

    id: str
    why: Localised | None = None


@dataclass(frozen=True)
class Entry:
    """What can be found: an organisation, or words that lead to one and say why.

    Attributes:
        names: folded, by how much they are its own: names and abbreviations, former names, aliases.

    """

    found: Found
    names: tuple[tuple[str, ...], ...]


class Finding:
    """The names of a directory as they are looked through."""

    def __init__(self, organisations: Organisations, kinds: Iterable[str] = ()) -> None:
        self._organisations, self._finding = organisations, organisations.finding
        self.light = frozenset(word for one in self._finding.light for word in self._words(one))
        self._kinds = {kind: place for place, kind in enumerate(kinds)}

    def folded(self, text: str) -> str:
        """A text as it is compared: small letters without accents or marks, and without words that find nothing."""
        return " ".join(word for word in self._words(text) if word not in self.light)

    def _words(self, text: str) -> list[str]:
        for written, other in self._finding.alike.items():
            text = text.replace(written, other)
        decomposed = unicodedata.normalize("NFKD", text).lower()
        return WORD.findall(GLUED.sub("", "".join(one for one in decomposed if not unicodedata.combining(one))))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """All that can be found, in the order that counts between equals."""
        order = sorted(
            self._organisations.by_id.values(),
            key=lambda one: (one.catch_all, self._kinds.get(one.kind, len(self._kinds)), one.id),
        )
        named = [Entry(Found(one.id), self._of(one)) for one in order]
        return (
            *named,
            *(Entry(Found(one.to, one.why), self._each(((), (), one.words))) for one in self._finding.elsewhere),
        )

    def _of(self, one: Organisation) -> tuple[tuple[str, ...], ...]:
        called = [text for name in one.names for text in (*name.text.values(), name.abbreviation or "")]
        former = [text for name in one.names for text in name.former]
        return self._each((called, former, [text for name in one.names for text in name.aliases]))

    def everything(self) -> list[Found]:
        """Every organisation, in the order of their ids."""
        return [Found(id_) for id_ in sorted(self._organisations.by_id)]

    def _each(self, kinds: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
        seen: set[str] = set()
        found = []
        for texts in kinds:
            new = dict.fromkeys(folded for text in texts if (folded := self.folded(text)) and folded not in seen)
            seen.update(new)
            found.append(tuple(new))
        return tuple(found)


def fits(wanted: str, name: str) -> tuple[int, int] | None:
    """How a name fits what was typed; None when it does not.

    Args:
        wanted: what was typed, folded.
        name: a name, folded.

    Returns:
        how it fits, and between those that fit alike how well; less is better.

    """
    typed, whole = wanted.replace(" ", ""), name.replace(" ", "")
    if typed == whole:
        return WHOLE, 0
    words = wanted.split()
    if whole.startswith(typed) or all(f" {word}" in f" {name}" for word in words):
        return BEGINS, 0
    if set(name.split()) <= set(words):
        return INSIDE, -len(whole)
    return (PART, 0) if len(typed) >= SHORTEST_PART and typed in whole else None


def near(wanted: str, name: str) -> tuple[int, int] | None:
    """How near a name is to what was typed, where it fits no better: a slip of the pen, a letter too few."""
    typed = wanted.replace(" ", "")
    if len(typed) < SHORTEST_PART:
        return None
    mine = _pieces(typed)
    shared = 1000 * len(mine & _pieces(name.replace(" ", ""))) // len(mine)
    return (NEAR, -shared) if shared >= ALIKE else None


def _pieces(text: str) -> set[str]:
    return {text[at : at + 3] for at in range(len(text) - 2)}


class Directory:
    """The search over organisations, in a database in memory: FTS5 finds names that share three letters."""

    def __init__(self, organisations: Organisations, kinds: Iterable[str] = ()) -> None:
        self._organisations = organisations
        self.finding = Finding(organisations, kinds)
        self._database: tuple[int, Database] | None = None
        self._lock = threading.Lock()

    def search(self, words: str, on: date) -> list[Found]:
        """What a text finds on a day, best first; the one for every body that is not in the list comes last, always.

        Nothing only where nothing was typed that counts.
        """
        wanted = self.finding.folded(words[:LONGEST])
        if not wanted:
            return []
        candidates = list(self._candidates(wanted))
        ranked = self._ranked(wanted, candidates, fits, on) or self._ranked(wanted, candidates, near, on)
        told = [self.finding.entries[key[-1]].found for key in ranked]
        once = {one.id: one for one in reversed(told)}
        listed = [once[id_] for id_ in dict.fromkeys(one.id for one in told)][:MOST]
        other = self._organisations.catch_all
        if other and listed[:1] != [once.get(other.id)]:
            listed = [*(one for one in listed if one.id != other.id), Found(other.id)]
        return listed

    def _ranked(
        self, wanted: str, candidates: Iterable[Candidate], fit: Callable[[str, str], tuple[int, int] | None], on: date
    ) -> list[tuple[int, ...]]:
        """The best key of each entry of which a name fits, the best entry first; its place is the last of a key."""
        best: dict[int, tuple[int, ...]] = {}
        for number, weight, name in candidates:
            if how := fit(wanted, name):
                id_ = self.finding.entries[number].found.id
                gone = self._organisations.on(id_, on).id != id_
                key = (*how, gone, weight, abs(len(name) - len(wanted)), number)
                best[number] = min(best.get(number, key), key)
        return sorted(best.values())

    def _candidates(self, wanted: str) -> Iterable[Candidate]:
        """Names that may fit."""
        typed, words = wanted.replace(" ", ""), wanted.split()
        pieces = " OR ".join(f'"{one}"' for one in sorted(_pieces(typed)))
        marks = ", ".join("?" * len(words))
        query = f"""
            select entry, weight, name from name
            where glued like ? or ' ' || name like ? or glued in ({marks})
        """  # noqa: S608 - only question marks are filled in
        with self._lock:
            database = self._open()
            rows = database.execute(query, (f"{typed}%", f"% {words[0]}%", *words)).fetchall()
            if pieces:
                near = f"""
                    select entry, weight, name from name join name_fts on name_fts.rowid = name.rowid
                    where name_fts match ? order by name_fts.rank limit {CANDIDATES}
                """  # noqa: S608 - a number of ours
                rows += database.execute(near, (pieces,)).fetchall()
        return dict.fromkeys(rows)

    def _open(self) -> Database:
        """The database of this process: a connection must not cross a fork."""
        if self._database is None or self._database[0] != os.getpid():
            database = Database(sqlite3.connect(":memory:", check_same_thread=False))
            database.table("name").insert_all(
                {"entry": number, "weight": weight, "name": name, "glued": name.replace(" ", "")}
                for number, entry in enumerate(self.finding.entries)
                for weight, names in enumerate(entry.names)
                for name in names
            )
            database.table("name").enable_fts(["glued"], tokenize="trigram")
            self._database = os.getpid(), database
        return self._database[1]
