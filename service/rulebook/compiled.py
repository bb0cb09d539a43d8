"""The compiled rulebase: everything that faces read, as one file that is the same to the byte on every machine.

The file is JSON: a format, a digest, a signature or none, and under `compiled` all that authors wrote and what was
proved of it. Its types are the house's own values by their type hints; no field of theirs is named here. It does not
hold the documents of the sources: those serve the proof, and the receipt has their digest.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from inspect import cleandoc
from typing import Any

import msgspec

from service.core.cubes import Cube, PrimeCubes, of_edition
from service.core.errors import WegwijzerError
from service.core.graph import Graph, Roots, build
from service.core.rule import Edition, Rule, Rulebase
from service.core.vocabulary import Vocabulary
from service.proof.competence import Cell
from service.proof.promises import EditionDay, Promise
from service.rulebook.acts import Acts
from service.rulebook.bodies import Finding
from service.rulebook.digests import Digests, plain, sha256
from service.rulebook.glossary import Entry, Glossary
from service.rulebook.organisations import Organisation, Organisations, Profile
from service.rulebook.signatures import Signature
from service.rulebook.site import Site
from service.rulebook.texts import Texts

Cubes = Mapping[str, Mapping[str, tuple[Cube, ...]]]

DAMAGED = "It is not what its digest says: it was changed or damaged. Take a copy that is whole."
FORMAT = 1  # raise it when a file of before must not be read any more


class CompiledError(WegwijzerError):
    """A file is no compiled rulebase that can be used; says why, and what to do."""


@dataclass(frozen=True)
class Proved:
    """One promise that held, and how many situations, quotations, stories or pages were looked at for it."""

    promise: str
    looked_at: int


@dataclass(frozen=True)
class Receipt:
    """What a file was made from, by which code, and what was proved of it; nothing, if it was only read.

    Attributes:
        sources: digest of every file of rules and content, the documents included.
        version: of Wegwijzer.
        code: digest of its code.
        engine: version of durable-rules.
        proved: all that `wegwijzer check` proves, in its order.
        signed: how many rules in force somebody read and signed as they are.
        extends: digest of the file that it was laid over; "" where it stands alone.
        drafts: digest of what its authors wrote; "" where that cannot stand in the file.

    """

    sources: str
    version: str
    code: str
    engine: str
    proved: tuple[Proved, ...] = ()
    signed: int = 0
    extends: str = ""
    drafts: str = ""


@dataclass(frozen=True)
class CompiledEdition:
    """An edition, with its rules by their ids, and what is computed of it once.

    Attributes:
        graph: the decision graph.
        cubes: per concern and destination every way there that asks no more than it must.

    """

    id: str
    since: date
    until: date | None
    digest: str
    rules: tuple[str, ...]
    graph: Graph
    cubes: Cubes


@dataclass(frozen=True)
class Compiled:
    """All that is read of a rulebase."""

    receipt: Receipt
    digests: Digests
    vocabulary: Vocabulary
    days: tuple[EditionDay, ...]
    rules: tuple[Rule, ...]
    editions: tuple[CompiledEdition, ...]
    promises: tuple[Promise, ...]
    site: Site
    texts: Texts
    glossary: tuple[Entry, ...]
    organisations: tuple[Organisation, ...]
    profiles: tuple[Profile, ...]
    finding: Finding
    acts: Acts
    signatures: tuple[Signature, ...]
    competence: tuple[Cell, ...] = ()  # what was compiled before had none


@dataclass(frozen=True)
class File:
    """A compiled rulebase as it stands in a file.

    Attributes:
        format: FORMAT.
        digest: of the bytes of `compiled`.
        signature: HMAC-SHA256 of that digest under the deployer's key, in hexadecimals.
        drafts: what its authors wrote, by path, for whoever extends it; null where a file goes without.

    """

    format: int
    digest: str
    signature: str | None
    drafts: Mapping[str, str] | None
    compiled: Compiled


NONE = msgspec.Raw(b"null")


class _Formatted(msgspec.Struct):
    format: int


class _Sealed(_Formatted, kw_only=True, forbid_unknown_fields=True):
    digest: str
    signature: str | None
    drafts: msgspec.Raw = NONE
    compiled: msgspec.Raw  # last, so that whoever reads the file without us finds its bytes


@dataclass(frozen=True)
class Library:
    """A rulebase as faces read it.

    Attributes:
        graphs: the decision graph of each edition, by its id; none where it was not compiled.
        cubes: the prime cubes of each, in the same way.
        competence: the matrix, against which every referral was held.
        receipt: None where it was read from what authors wrote, and not compiled.
        signatures: who read which rules.
        digest: of the file it comes from.
        signed: whether that file has a signature.

    """

    rulebase: Rulebase
    days: tuple[EditionDay, ...]
    promises: tuple[Promise, ...]
    site: Site
    texts: Texts
    glossary: Glossary
    organisations: Organisations
    acts: Acts
    digests: Digests
    graphs: Mapping[str, Graph] = field(default_factory=dict)
    cubes: Mapping[str, Cubes] = field(default_factory=dict)
    competence: tuple[Cell, ...] = ()
    receipt: Receipt | None = None
    signatures: tuple[Signature, ...] = ()
    digest: str = ""
    signed: bool = False

    @cached_property
    def parts(self) -> dict[str, Any]:
        """What its file says, but for the receipt; made once.

        Raises:
            GraphSizeError: the rules of an edition depend on too many questions at once, or in too many ways.

        """
        return {name: plain(one) for name, one in _parts(self)}

    @property
    def languages(self) -> tuple[str, ...]:
        """In which every text stands, in the order of reading."""
        return tuple(self.site.locales)

    @property
    def written(self) -> date:
        """The last day on which somebody read a source: no clock that is right is before it."""
        return max((source.read for source in self.texts.sources.values() if source.read), default=date.min)

    @property
    def proved(self) -> bool:
        """Whether it was proved when it was compiled."""
        return bool(self.receipt and self.receipt.proved)


def encode(
    library: Library, receipt: Receipt, key: bytes | None = None, drafts: Mapping[str, str] | None = None
) -> bytes:
    """The file of a rulebase.

    Args:
        library: what was read.
        receipt: what was proved of it.
        key: to sign it with; None to leave it unsigned.
        drafts: what its authors wrote, by path; None to leave it out.

    Raises:
        GraphSizeError: the rules of an edition depend on too many questions at once, or in too many ways.

    """
    told = msgspec.Raw(msgspec.json.encode(drafts)) if drafts else NONE
    receipt = replace(receipt, drafts=sha256(bytes(told))) if drafts else receipt
    body = msgspec.json.encode({"receipt": plain(receipt), **library.parts})
    digest = sha256(body)
    signature = _sign(digest, key) if key else None
    sealed = _Sealed(format=FORMAT, digest=digest, signature=signature, drafts=told, compiled=msgspec.Raw(body))
    return msgspec.json.encode(sealed) + b"\n"


def _parts(library: Library) -> Iterator[tuple[str, object]]:
    """The fields of `Compiled` after the first, in their order."""
    roots, ways = Roots(), PrimeCubes()
    editions = tuple(
        CompiledEdition(
            one.id,
            one.since,
            one.until,
            one.digest,
            tuple(rule.id for rule in one.rules),
            library.graphs.get(one.id) or build(one, roots),
            library.cubes.get(one.id) or of_edition(one, ways),
        )
        for one in library.rulebase.editions
    )
    yield "digests", library.digests
    yield "vocabulary", library.rulebase.vocabulary
    yield "days", library.days
    yield "rules", library.rulebase.rules
    yield "editions", editions
    yield "promises", library.promises
    yield "site", library.site
    yield "texts", library.texts
    yield "glossary", library.glossary.entries
    yield "organisations", library.organisations.written
    yield "profiles", library.organisations.shared
    yield "finding", library.organisations.finding
    yield "acts", library.acts
    yield "signatures", library.signatures
    yield "competence", library.competence


def decode(data: bytes, key: bytes | None = None) -> Library:
    """Read a file, if it is what its digest and its signature say.

    Args:
        data: the whole file.
        key: what it must be signed with; None where nobody asks for a signature.

    Raises:
        CompiledError: it was cut off, changed, made by another version, or is not signed with this key.

    """
    try:
        said = msgspec.json.decode(data, type=_Formatted).format
        if said != FORMAT:
            raise CompiledError(
                f"It has format {said}, and this version reads format {FORMAT}: compile it anew with this version."
            )
        sealed = msgspec.json.decode(data, type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise CompiledError("It is no compiled rulebase, or not the whole of it.") from None
    body = bytes(sealed.compiled)
    if not hmac.compare_digest(sha256(body), sealed.digest):
        raise CompiledError(DAMAGED)
    if key and not hmac.compare_digest(_sign(sealed.digest, key), sealed.signature or ""):
        how = "with another key" if sealed.signature else "by nobody"
        raise CompiledError(f"It was signed {how}: compile it with the key that is set here.")
    try:
        read = msgspec.json.decode(body, type=Compiled)
        if sealed.drafts != NONE and sha256(bytes(sealed.drafts)) != read.receipt.drafts:
            raise CompiledError(DAMAGED)
    except msgspec.DecodeError:
        raise CompiledError("It was compiled by another version: compile it anew with this one.") from None
    return Library(
        _rulebase(read),
        read.days,
        read.promises,
        read.site,
        read.texts,
        Glossary(read.glossary, read.site.locales),
        Organisations(read.organisations, read.profiles, read.finding),
        read.acts,
        read.digests,
        {one.id: one.graph for one in read.editions},
        {one.id: one.cubes for one in read.editions},
        read.competence,
        read.receipt,
        read.signatures,
        sealed.digest,
        sealed.signature is not None,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a file."""
    found = msgspec.json.schema(File)
    for one in found["$defs"].values():
        if "description" in one:
            one["description"] = cleandoc(one["description"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _rulebase(read: Compiled) -> Rulebase:
    rules = {rule.id: rule for rule in read.rules}
    editions = (
        Edition(one.id, one.since, one.until, tuple(rules[id_] for id_ in one.rules), one.digest, read.vocabulary)
        for one in read.editions
    )
    return Rulebase(read.vocabulary, read.rules, tuple(editions))


def _sign(digest: str, key: bytes) -> str:
    return hmac.new(key, digest.encode(), "sha256").hexdigest()


if __name__ == "__main__":  # make schema
    json.dump(schema(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
