"""An overlay: folders that hold only what is somebody's own, on a compiled rulebase that they extend by its digest.

Beside its rules/, content/ and tests/ stands overlay.toml, and the file that it extends. That carries what its authors
wrote, so nothing else of theirs is needed. Knows tables of TOML and which of two wins; not what they mean.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from service.core.errors import WegwijzerError
from service.rulebook.locate import BUILT, PACKED
from service.rulebook.messages import Message, did_you_mean
from service.rulebook.schemas import Place

OVERLAY, BASE = "overlay.toml", "base"
EXTENDS, REPLACES, REMOVES = "extends", "replaces", "removes"
# Lists whose entries have no id. Own entries come instead of those of the base that say the same here; ...
SAME = {
    "cell": "body",
    "channel": "destination",
    "edition": "day",
    "passage": "locator",
    "place": "locator",
    "provision": "fact",
}
ADDED = ("destinations", "kinds", "neighbourhood", "signature")  # ... come after all of the base; ...
FIRST = ("act", "variant")  # ... or before them, for the first that is for somebody counts.
WHOLE = ("parent", "predecessor", "successor")  # whose id is that of another: they come instead of all of the base
NAMED = ("doubts", "notes", "reasons")  # texts that entries of the same file name
PART = re.compile(r"(?:rules|content|tests)/(?!.*\.\.)")  # nothing of a base lies elsewhere
HEADER = re.compile(r"\[\[?[\w.-]+\]")
LENGTH = 8  # hexadecimals of a digest by which an own entry names the one that it wins over

Say = Callable[[Place, Message], None]


class OverlayError(WegwijzerError):
    """An overlay whose base is not there; `line` is that of overlay.toml."""

    def __init__(self, message: Message, line: int = 1) -> None:
        super().__init__(f"{OVERLAY}:{line}: {message}")
        self.message, self.line = message, line


class _Receipt(msgspec.Struct):
    drafts: str = ""


class _Body(msgspec.Struct):
    receipt: _Receipt


class _File(msgspec.Struct):
    digest: str
    compiled: msgspec.Raw
    drafts: msgspec.Raw = msgspec.Raw(b"null")


def extends(root: Path) -> str:
    """The digest of what an overlay extends, by one of its folders; "" where it is no overlay.

    Raises:
        OverlayError: overlay.toml does not say it.

    """
    path = root.resolve().parent / OVERLAY
    if not path.is_file():
        return ""
    with suppress(ValueError):  # no TOML, or no UTF-8
        said = tomllib.loads(path.read_text("utf-8-sig"))
        if said.keys() == {EXTENDS} and isinstance(said[EXTENDS], str):
            return str(said[EXTENDS])
    raise OverlayError(Message("overlay_extends"))


def base_of(root: Path) -> Path | None:
    """The folder of the base below rules/, content/ or tests/ of an overlay; None where it is no overlay.

    Raises:
        OverlayError: the base is not there.

    """
    digest = extends(root)
    home = root.resolve().parent
    return _unpacked(home, digest) / root.name if digest else None


def lies(root: Path, path: Path) -> Path:
    """Where a file below a folder lies: there, or in the base."""
    base = None if path.exists() else base_of(root)
    return base / path.relative_to(root) if base else path


def within(root: Path, part: str) -> list[Path]:
    """The files of a part of a folder, and those of the base: all by their paths in the folder, sorted."""
    found = set((root / part).glob("*.toml"))
    if base := base_of(root):
        found |= {root / path.relative_to(base) for path in (base / part).glob("*.toml")}
    return sorted(found)


def layers(folders: Iterable[Path]) -> Iterator[Path]:
    """Each folder, after that of the base where it has one."""
    for folder in folders:
        yield from filter(None, (base_of(folder), folder))


@cache
def _unpacked(home: Path, digest: str) -> Path:
    """What the authors of a base wrote, as files, until this process ends."""
    drafts = _drafts(home, digest)
    made = tempfile.TemporaryDirectory(prefix="wegwijzer-")
    atexit.register(made.cleanup)
    for part, text in drafts.items():
        path = Path(made.name) / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return Path(made.name)


def _drafts(home: Path, digest: str) -> Mapping[str, str]:
    there = []
    for path in (*sorted(home.glob("*.json")), PACKED if PACKED.is_file() else BUILT):
        with suppress(OSError, msgspec.DecodeError):
            file = msgspec.json.decode(path.read_bytes(), type=_File)
            there.append(f"{path.name}: {file.digest}")
            body = bytes(file.compiled)
            if file.digest == digest == _sha256(body):
                said = msgspec.json.decode(body, type=_Body).receipt.drafts
                if not said or _sha256(bytes(file.drafts)) != said:
                    raise OverlayError(Message("base_without_drafts", {"name": path.name}))
                drafts = msgspec.json.decode(file.drafts, type=dict[str, str])
                return {part: text for part, text in drafts.items() if PART.match(part)}
    raise OverlayError(Message("base_missing", {"digest": digest, "there": ", ".join(there) or "-"}))


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Laid(NamedTuple):
    """What an own file and that of the base say together.

    Attributes:
        said: that.
        places: place in `said` -> whether it is of the base, and its place in that file; what is not in it is own, and
            at the same place.
        wins: places in the own file of entries that come instead of what the base has.

    """

    said: dict[str, Any]
    places: dict[Place, tuple[bool, Place]]
    wins: list[Place]


def laid(own: Mapping[str, Any], base: Mapping[str, Any], say: Say) -> Laid:
    """Lay what an own file says over what that of the base says.

    A key wins. An entry of a list that has an id is added, unless it says `replaces` or `removes` and which that is.

    Args:
        own: of the own file.
        base: of that of the base; empty where there is none.
        say: is told what is wrong, at its place in the own file.

    """
    made = Laid({}, {}, [])
    said = _table(own, base, (), made, say)
    used = set(_words([one for key, one in said.items() if key not in NAMED]))
    for table in [one for one in NAMED if isinstance(said.get(one), dict)]:
        kept = {name: text for name, text in said[table].items() if name in used or name in own.get(table, ())}
        said[table] = kept  # without texts of the base that only what was replaced named
    return made._replace(said=said)


def name_of(entry: Mapping[str, Any]) -> str:
    """The name of an entry of a list as it is, by which an own one says that it wins over that one and no other."""
    written = json.dumps(entry, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:LENGTH]


def _table(own: Mapping[str, Any], base: Mapping[str, Any], at: Place, made: Laid, say: Say) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in (*base, *(one for one in own if one not in base)):
        here = (*at, key)
        mine, theirs = own.get(key), base.get(key)
        if key not in own:
            found[key] = theirs
            made.places[here] = (True, here)
        elif isinstance(mine, dict) and isinstance(theirs, dict):
            found[key] = _table(mine, theirs, here, made, say)
        elif isinstance(mine, list) and (key in ADDED or (mine and all(isinstance(one, dict) for one in mine))):
            rows = _rows(key, mine, theirs if isinstance(theirs, list) else [], here, made.wins, say)
            found[key] = [entry for entry, _, _ in rows]
            made.places.update({(*here, new): (of_base, (*here, old)) for new, (_, of_base, old) in enumerate(rows)})
        else:
            found[key] = mine
    return found


def _rows(
    key: str, own: list[Any], base: list[Any], at: Place, wins: list[Place], say: Say
) -> list[tuple[Any, bool, int]]:
    """The entries of a list, each with whether it is of the base and its number there."""
    mine = [(entry, False, number) for number, entry in enumerate(own)]
    theirs = [(entry, True, number) for number, entry in enumerate(base)]
    by = "name" if key == "case" else "id"
    if same := SAME.get(key):
        said = [entry.get(same) for entry in own]
        kept = [row for row in theirs if row[0].get(same) not in said]
        wins += [(*at, number) for _, _, number in mine if len(kept) < len(theirs)]
        return kept + mine
    if key in ADDED:
        return theirs + [row for row in mine if isinstance(row[0], dict) or row[0] not in base]
    if key in WHOLE or not all(isinstance(entry.get(by), str) for entry in own):
        return mine + (theirs if key in FIRST else [])
    named = {entry[by]: entry for entry in base if by in entry}
    instead: dict[str, tuple[Any, bool, int] | None] = {}
    more = []
    for entry, _, number in mine:
        how = next((one for one in (REPLACES, REMOVES) if one in entry), "")
        there = named.get(entry[by])
        if there is None and not how:
            more.append((entry, False, number))
            continue
        if told := _wrong(entry[by], there, how, entry.get(how), named):
            say((*at, number, how or by), told)
        wins.append((*at, number))
        left = {one: value for one, value in entry.items() if one != how}
        if there is not None:
            instead[entry[by]] = None if how == REMOVES else (left, False, number)
    rows = [row for row in (instead.get(row[0].get(by), row) for row in theirs) if row]
    return more + rows if key in FIRST else rows + more


def _wrong(id_: str, there: Mapping[str, Any] | None, how: str, given: Any, named: Iterable[str]) -> Message | None:
    """What is wrong with an own entry that the base has too, or should have."""
    if there is None:
        return Message("base_lacks", {"id": id_, "how": how, "hint": did_you_mean(id_, named)})
    if not how:
        return Message("base_has_it", {"id": id_, "name": name_of(there)})
    if given != name_of(there):
        return Message("base_changed", {"id": id_, "how": how, "name": name_of(there)})
    return None


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _words(one)


def entries(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """What the base of an overlay says by a name: the path of each file that has it, and the text.

    Args:
        root: one of the folders of the overlay.
        name: the path of a file, or the id of an entry; that is given as an own one that wins over it begins.

    """
    base = base_of(root)
    for path in sorted(base.parent.rglob("*.t*")) if base else ():
        part, text = path.relative_to(base.parent).as_posix() if base else "", path.read_text("utf-8")
        if part == name:
            yield part, text
        elif path.suffix == ".toml":
            for table, number, entry in _named(tomllib.loads(text), name):
                first, *more = re.split(rf"(?m)^(?=\[\[{table}\]\])", text)[number + 1].splitlines()
                end = next((at for at, line in enumerate(more) if HEADER.match(line) and table not in line), len(more))
                yield part, "\n".join([first, f'{REPLACES} = "{name_of(entry)}"', *more[:end]]).rstrip() + "\n"


def _named(said: Mapping[str, Any], name: str) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for table, rows in said.items():
        for number, entry in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(entry, dict) and name == entry.get("name" if table == "case" else "id"):
                yield table, number, entry
