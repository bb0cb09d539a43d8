"""Rules, directory and words as a SQLite file, for `datasette` and `sqlite3`. Nothing reads it back."""

from __future__ import annotations

import contextlib
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from service.rulebook.bodies import General
from service.rulebook.library import Library
from service.rulebook.organisations import Organisations
from service.rulebook.texts import Texts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


# What somebody who writes about it would ask: for datasette as canned queries, and for whoever copies them.
QUERIES = {
    "words_that_bear_most": {
        "title": "On which words of a law or a letter do most rules of the newest edition rest?",
        "sql": """
            select source.short, citation.locator, citation.quote, count(distinct citation.rule) as rules
            from citation
            join source on source.id = citation.source
            join edition_rule on edition_rule.rule = citation.rule
            where edition_rule.edition = (select id from edition order by since desc limit 1)
            group by citation.source, citation.locator, citation.quote
            order by rules desc, source.short, citation.locator
        """,
    },
    "changes_by_day": {
        "title": "How many rules began and ended on each day, and to which places did they lead?",
        "sql": """
            select day, rule.refer as place, sum(began) as began, sum(ended) as ended
            from (
                select id, since as day, 1 as began, 0 as ended from rule
                union all
                select id, until, 0, 1 from rule where until is not null
            ) as change
            join rule on rule.id = change.id
            group by day, rule.refer
            order by day, rule.refer
        """,
    },
    "never_checked": {
        "title": "Which contacts did nobody check, or longest ago?",
        "sql": """
            select * from (
                select channel as place, null as organisation, name_nl as name, phone, url, checked from contact
                union all
                select destination, organisation, name_nl, phone, url, checked from own_contact
            )
            order by checked is not null, checked, place, organisation, name
        """,
    },
}

LEADS = {  # a column of this name leads to the `id` of that table
    "source": "source",
    "channel": "channel",
    "destination": "channel",
    "refer": "channel",
    "organisation": "organisation",
    "rule": "rule",
    "edition": "edition",
    "fact": "question",
}


def export(library: Library) -> bytes:
    """The file: a table per kind of thing, with keys, the names of organisations searchable, and its origin."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "directory.db"
        with contextlib.closing(Database(path)) as database:
            made = {**rules(library), **tables(library.texts, library.organisations)}
            named = {table for table, rows in made.items() if _told_apart(rows)}
            for table, rows in made.items():
                database.table(table).insert_all(rows, pk="id" if table in named else None)
            leads = [
                (table, one, LEADS[one], "id") for table in made for one in database[table].columns_dict if one in LEADS
            ]
            database.add_foreign_keys([one for one in leads if one[2] in named])
            columns = [*library.languages, "abbreviation", "aliases", "former"]
            database.table("organisation_name").enable_fts(columns, tokenize="unicode61 remove_diacritics 2")
            database.table("made_from").insert({"digest": library.digest, **asdict(library.digests)})
        return path.read_bytes()


def metadata(name: str) -> dict[str, Any]:
    """What datasette says and asks of the file: `datasette FILE --metadata FILE.metadata.json`.

    Args:
        name: of the database, which is that of its file without what follows the dot.

    """
    searched = {"organisation_name": {"fts_table": "organisation_name_fts"}}
    queries = {id_: {**one, "sql": cleandoc(one["sql"])} for id_, one in QUERIES.items()}
    return {"databases": {name: {"queries": queries, "tables": searched}}}


def rules(library: Library) -> dict[str, list[dict[str, Any]]]:
    """The rules as flat tables, of all editions, with the words of each question and answer."""
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in library.rulebase.vocabulary.facts:
        texts = library.texts.questions[fact.id].items()
        made["question"].append({"id": fact.id, **{language: text.ask for language, text in texts}})
        made["answer"] += [
            {"fact": fact.id, "answer": one, **{language: text.answers[one] for language, text in texts}}
            for one in fact.answers
        ]
    for rule in library.rulebase.rules:
        doubts = {language: " ".join(one.says[language] for one in rule.doubts) or None for language in rule.why}
        told = {"why": rule.why, "doubt": doubts, "note": rule.note or {}}
        made["rule"].append(
            {
                **{"id": rule.id, "refer": rule.refer, "as": rule.as_.value, "concern": rule.concern},
                **{"since": rule.since.isoformat(), "until": rule.until.isoformat() if rule.until else None},
                **{f"{name}_{language}": words.get(language) for name, words in told.items() for language in rule.why},
                **{"example": rule.example.name, "near_miss": rule.near_miss.name},
            }
        )
        made["condition"] += [
            {"rule": rule.id, "fact": fact, "answer": answer}
            for fact, answers in rule.when.items()
            for answer in library.rulebase.vocabulary.by_id[fact].answers
            if answer in answers
        ]
        made["citation"] += [_row(one, rule=rule.id) for one in rule.citations]
    for edition in library.rulebase.editions:
        made["edition"].append(_row(edition, "rules", "vocabulary"))
        made["edition_rule"] += [{"edition": edition.id, "rule": rule.id} for rule in edition.rules]
    return made


def _told_apart(rows: list[dict[str, Any]]) -> bool:
    """Whether each row has an id of its own."""
    ids = [row.get("id") for row in rows]
    return None not in ids and len(set(ids)) == len(ids)


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
