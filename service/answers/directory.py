"""content/ as a SQLite database: searchable, open to `datasette` and `sqlite3`, and a build product.

Never edited: it is made anew whenever it is missing, damaged or older than the content. Where no file can be
written it lives in memory. While somebody else has locked it, it answers from memory and leaves the file alone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sqlite3
import tempfile
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from service.rulebook.organisations import Organisations
from service.rulebook.texts import Texts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger("wegwijzer")

LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
LAYOUT = 2  # raise it when the tables change: older files are then made anew


class Directory:
    """The database and the search over organisations."""

    def __init__(self, texts: Texts, organisations: Organisations, digest: str, path: Path | None) -> None:
        """Prepare the directory; the file is opened, or made, at the first question.

        Args:
            texts: sources, channels, terms and notices.
            organisations: with their names through time.
            digest: names the content it is made from.
            path: where the file stands, or None to keep it in memory.

        """
        self._database: tuple[int, Database] | None = None
        self._beside: tuple[int, Database] | None = None  # in memory, for when the file is locked
        self._texts, self._organisations, self._languages = texts, organisations, tuple(texts.interface)
        self._digest = f"{LAYOUT}:{digest}"
        self.path = path
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of the file."""
        for one in (self._database, self._beside):
            if one is not None and one[0] == os.getpid():
                one[1].close()
        self._database = self._beside = None

    def __del__(self) -> None:
        """Let go of the file when nobody asks any more."""
        self.close()

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
            rows = self._ask(query, (match, " ".join(wanted), "".join(wanted)))
        return list(dict.fromkeys(row[0] for row in rows))

    def _ask(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        for last_try in (False, True):
            try:
                return self._open().execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                if _is_locked(error):
                    return self._in_memory().execute(query, values).fetchall()
                if last_try:
                    raise
                log.error("directory damaged while open; made anew")
                self._make()
        return []

    def _open(self) -> Database:
        """The database of this process: a connection must not cross a fork."""
        if self._database is None or self._database[0] != os.getpid():
            if self.path is None or not self._is_sound(self.path):
                self._make()
            else:
                self._database = os.getpid(), _read_only(self.path)
        assert self._database is not None  # noqa: S101 - both branches set it
        return self._database[1]

    def _is_sound(self, path: Path) -> bool:
        try:
            with contextlib.closing(_read_only(path)) as database:
                if database.execute("pragma quick_check").fetchone() != ("ok",):
                    return False
                return bool(database.execute("select digest from made_from").fetchone() == (self._digest,))
        except sqlite3.Error as error:
            if _is_locked(error):  # whoever has it must not find it gone
                raise
            return False
        except OSError:
            return False

    def _in_memory(self) -> Database:
        if self._beside is None or self._beside[0] != os.getpid():
            log.error("directory is locked by another program; answered from memory meanwhile")
            self._beside = os.getpid(), self._filled()
        return self._beside[1]

    def _make(self) -> None:
        self.close()
        self._write()

    def _write(self) -> None:
        """Write beside, then put in place: a reader sees the old file or the new one, never half of one."""
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".directory-", suffix=".db")
                os.close(handle)
                new = Path(name)
                try:
                    with contextlib.closing(Database(new)) as database:
                        self._fill(database)
                    new.replace(self.path)
                finally:
                    new.unlink(missing_ok=True)
                self._database = os.getpid(), _read_only(self.path)
            except (OSError, sqlite3.Error):
                log.error("directory cannot be written; kept in memory")
            else:
                return
        self._database = os.getpid(), self._filled()

    def _filled(self) -> Database:
        database = Database(sqlite3.connect(":memory:", check_same_thread=False))
        self._fill(database)
        return database

    def _fill(self, database: Database) -> None:
        for table, rows in tables(self._texts, self._organisations).items():
            database.table(table).insert_all(rows)
        database.table("organisation_name").enable_fts(
            [*self._languages, "abbreviation", "aliases"], tokenize="unicode61 remove_diacritics 2"
        )
        database.table("made_from").insert({"digest": self._digest})


def tables(texts: Texts, organisations: Organisations) -> dict[str, list[dict[str, Any]]]:
    """The directory as flat tables: table name -> rows of column name -> text, number or None."""
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for source in texts.sources.values():
        made["source"].append(_row(source, "passages"))
        made["passage"] += [_row(passage, source=source.id) for passage in source.passages]
    for channel in texts.channels.values():
        made["channel"].append({"id": channel.id, "name_needed": channel.name_needed})
        made["channel_source"] += [{"channel": channel.id, "source": source} for source in channel.sources]
        made["channel_text"] += [_row(text, channel=channel.id, language=one) for one, text in channel.text.items()]
        made["contact"] += [_row(contact, channel=channel.id) for contact in channel.contacts]
    for organisation in organisations.by_id.values():
        one = {"organisation": organisation.id}
        row = {"id": organisation.id, "kind": organisation.kind, "catch_all": organisation.catch_all}
        made["organisation"].append({**row, **organisation.always})
        made["organisation_name"] += [_row(name, **one) for name in organisation.names]
        made["provision"] += [_row(provision, **one) for provision in organisation.provisions]
        for kind in ("parents", "successors", "predecessors"):
            made["organisation_link"] += [_row(link, kind=kind[:-1], **one) for link in getattr(organisation, kind)]
        made["own_contact"] += [_row(own.contact, destination=own.destination, **one) for own in organisation.channels]
    made["term"] = [_row(term) for term in texts.terms.values()]
    made["notice"] = [_row(notice) for notice in texts.notices]
    return made


def _row(value: DataclassInstance, *without: str, **more: str) -> dict[str, Any]:
    row: dict[str, Any] = dict(more)
    for column in fields(value):
        if column.name not in without:
            cell = getattr(value, column.name)
            if isinstance(cell, Mapping):
                row.update(_per_language(column.name, cell))
                continue
            if isinstance(cell, tuple):
                cell = "\n".join(cell)
            row[column.name] = cell.isoformat() if isinstance(cell, date) else cell
    return row


def _per_language(name: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """A text per language as columns: the one that stands for the whole row is named by its language alone."""
    return {code if name == "text" else f"{name}_{code}": text for code, text in texts.items()}


def _read_only(path: Path) -> Database:
    """The file, and no waiting for whoever has locked it: memory answers as well."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return Database(sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=0))


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in LOCKED


def plain(text: str) -> str:
    """Lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
