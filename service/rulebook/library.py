"""Which compiled rulebase is read: the one that the setting names, the one that came along, or in a checkout its own.

In a checkout it is made anew when rules/, content/ or the code changed; that it was not proved stands in its receipt.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from pathlib import Path

from service import VERSION
from service.engine.durable import CORE
from service.rulebook.compiled import CompiledError, Library, Proved, Receipt, decode, encode
from service.rulebook.drafts import Draft, read_folders, sources_of
from service.rulebook.locate import BUILT, PACKED, code, folder, in_checkout

__all__ = ["Library", "load_library"]

log = logging.getLogger("wegwijzer")

RULEBASE = "WEGWIJZER_RULEBASE"
KEY = "WEGWIJZER_KEY"
SHORTEST_KEY = 16  # bytes
MADE_ANEW = "build/compiled.json is made anew from rules/ and content/, unproved; wegwijzer check proves them."


def load_library() -> Library:
    """Read the rulebase that the setting names, or else ours.

    Raises:
        CompiledError: it cannot be used.
        AuthoringError: this is a checkout, and its rules/ or content/ have mistakes.

    """
    path = pinned()
    if path:
        return opened(path)
    if library := stored():
        return library
    log.warning(MADE_ANEW)
    return compile_here(read_folders(folder("rules"), folder("content")))


def pinned() -> Path | None:
    """The file that is read whatever it holds; None in a checkout, where that is looked after."""
    named = os.environ.get(RULEBASE)
    if named:
        return Path(named)
    return None if in_checkout() else PACKED


def opened(path: Path) -> Library:
    """Read a compiled rulebase.

    Raises:
        CompiledError: it cannot be used; names it.

    """
    try:
        return decode(bytes_of(path), read_key())
    except CompiledError as error:
        raise CompiledError(f"{path if path == PACKED else RULEBASE}: {error}") from None


def bytes_of(path: Path) -> bytes:
    """A file as it is now.

    Raises:
        CompiledError: it cannot be read.

    """
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise CompiledError(
            "It is a folder, and a compiled rulebase is a file. Compile it, and name what that makes: "
            f"wegwijzer compile --rules {path}/rules --content {path}/content FILE"
        ) from None
    except OSError as error:
        raise CompiledError(f"It cannot be read: {error.strerror}.") from None


def stored() -> Library | None:
    """What this checkout compiled last, if nothing changed since."""
    key = read_key()
    with contextlib.suppress(CompiledError):
        library = decode(bytes_of(BUILT), key)
        made = library.receipt
        if made and made.code == code() and made.sources == sources_of(folder("rules"), folder("content")):
            return library
    return None


def compile_here(draft: Draft, proved: tuple[Proved, ...] = ()) -> Library:
    """Keep what a checkout holds as its compiled rulebase; where nothing can be written, it is only given."""
    return decode(store_here(draft, proved), read_key())


def store_here(draft: Draft, proved: tuple[Proved, ...] = ()) -> bytes:
    """The same, as the bytes of the file."""
    data = compiled(draft, proved, read_key())
    with contextlib.suppress(OSError):
        store(BUILT, data)
    return data


def compiled(draft: Draft, proved: tuple[Proved, ...] = (), key: bytes | None = None) -> bytes:
    """The file of what was read, with what this code proved of it."""
    signed = len(draft.standing.signed)
    receipt = Receipt(draft.sources, VERSION, code(), CORE, proved, signed, draft.extends)
    return encode(draft, receipt, key, draft.drafts)


def store(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it gets what was there, or what is new, and never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
        Path(half).replace(path)
    except OSError as error:
        error.filename = str(path)  # a full disk names none, and half a name helps nobody
        raise
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(half).unlink()


def read_key(path: str | Path | None = None) -> bytes | None:
    """The key by which compiled rulebases are signed; None where the deployer has none.

    Args:
        path: the file that holds it; None for the one that the setting names.

    Raises:
        CompiledError: it cannot be read, or is too short to be a key.

    """
    named, by = (path, "--key") if path else (os.environ.get(KEY), KEY)
    if not named:
        return None
    try:
        key = Path(named).read_bytes().strip()
    except OSError as error:
        raise CompiledError(f"{by}: the key cannot be read: {error.strerror}.") from None
    if len(key) < SHORTEST_KEY:
        raise CompiledError(f"{by}: the key is shorter than {SHORTEST_KEY} bytes; make one: openssl rand -hex 32")
    return key
