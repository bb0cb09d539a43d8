"""The directory and the words as a SQLite file, for `datasette` and `sqlite3`. Nothing reads it back."""

from __future__ import annotations

import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from service.rulebook.bodies import General
from service.rulebook.library import Library
from service.rulebook.organisations import Organisations
from service.rulebook.texts import Texts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def export(library: Library) -> bytes:
    """The file: a table per kind of thing, the names of organisations searchable, and what it was made from."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "directory.db"
        with contextlib.closing(Database(path)) as database:
            for table, rows in tables(library.texts, library.organisations).items():
                database.table(table).insert_all(rows)
            columns = [*library.languages, "abbreviation", "aliases", "former"]
            database.table("organisation_name").enable_fts(columns, tokenize="unicode61 remove_diacritics 2")
            database.table("made_from").insert({"digest": library.digest, **asdict(library.digests)})
        return path.read_bytes()


def tables(texts: Texts, organisations: Organisations) -> dict[str, list[dict[str, Any]]]:
    """The directory as flat tables: table name -> rows of column name -> text, number or None."""
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for source in texts.sources.values():
        made["source"].append(_row(source, "passages"))
        made["passage"] += [_row(passage, source=source.id) for passage in source.passages]
    for channel in texts.channels.values():
        made["channel"].append({"id": channel.id, "name_needed": channel.name_needed})
        made["channel_source"] += [{"channel": channel.id, "source": source} for source in channel.sources]
        for language, text in channel.text.items():
            made["channel_text"].append(_row(text, "short", channel=channel.id, language=language))
            made["channel_short"].append(_row(text.short, channel=channel.id, language=language))
        made["channel_variant"] += [
            {"channel": channel.id, "language": one, **_row(variant, "text"), **text}
            for variant in channel.variants
            for one, text in variant.text.items()
        ]
        made["contact"] += [_row(contact, channel=channel.id) for contact in channel.contacts]
    for organisation in organisations.by_id.values():
        one = {"organisation": organisation.id}
        made["organisation"].append(
            {
                **{name: getattr(organisation, name) for name in ("id", "kind", "catch_all")},
                **{name: getattr(organisation, name) for name in ("profile", "identifier", "agreement", "staff")},
                **_row(organisation.general or General(), "better"),
                **organisation.always,
            }
        )
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
