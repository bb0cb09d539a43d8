"""Finds organisations by present and former names: a full-text search in memory. Knows no rules and no languages."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable

from sqlite_utils import Database

from service.rulebook.organisations import Organisations


class Directory:
    """The search over organisations."""

    def __init__(self, organisations: Organisations) -> None:
        self._organisations = organisations
        self._database: tuple[int, Database] | None = None
        self._lock = threading.Lock()

    def search(self, words: str) -> list[str]:
        """The ids of the organisations that a text finds, best first, in present and former names.

        Every word counts, from its beginning, whatever its case and accents; an abbreviation that is met exactly,
        with or without full stops, comes first. An empty text finds all.
        """
        wanted = re.findall(r"\w+", plain(words))
        if not wanted:
            return sorted(self._organisations.by_id)
        match = " ".join(f'"{word}"*' for word in wanted)
        query = """
            select name.organisation from organisation_name as name
            join organisation_name_fts as words on words.rowid = name.rowid
            where words.organisation_name_fts match ?
            order by coalesce(lower(name.abbreviation) in (?, ?), 0) desc, words.rank, name.organisation
        """
        with self._lock:
            rows = self._open().execute(query, (match, " ".join(wanted), "".join(wanted))).fetchall()
        return list(dict.fromkeys(row[0] for row in rows))

    def _open(self) -> Database:
        """The database of this process: a connection must not cross a fork."""
        if self._database is None or self._database[0] != os.getpid():
            database = Database(sqlite3.connect(":memory:", check_same_thread=False))
            names = [(one.id, name) for one in self._organisations.by_id.values() for name in one.names]
            database.table("organisation_name").insert_all(
                {
                    "organisation": id_,
                    **name.text,
                    "abbreviation": name.abbreviation,
                    "aliases": "\n".join(name.aliases),
                }
                for id_, name in names
            )
            searched_by(database, names[0][1].text)
            self._database = os.getpid(), database
        return self._database[1]


def searched_by(database: Database, languages: Iterable[str]) -> None:
    """Let a database that has the names of organisations be searched by the words in them."""
    columns = [*languages, "abbreviation", "aliases"]
    database.table("organisation_name").enable_fts(columns, tokenize="unicode61 remove_diacritics 2")


def plain(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
