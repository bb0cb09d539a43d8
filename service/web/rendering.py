"""What every page has: words, addresses, notices, the way out; and the policy that keeps answers in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import Response, render_template
from jinja2.bccache import Bucket, BytecodeCache

from service.rulebook.site import Addresses
from service.rulebook.texts import BEFORE
from service.web import once
from service.web.compression import Packed, pack, small
from service.web.passages import passages
from service.web.settings import THEME, SettingError, Settings
from service.web.state import State

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}

STATIC = Path(__file__).parent / "static"


class OncePerProcess(BytecodeCache):
    """Templates, compiled once for every application of this process; jinja itself sees whether one has changed."""

    compiled: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known."""
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is new."""
        self.compiled[bucket.key] = bucket.bytecode_to_string()


def policy(
    *,
    forms: str = "'self'",
    ancestors: str = "'none'",
    frames: str = "'none'",
    sandbox: str = "",
    own: Iterable[str] = (),
) -> str:
    """What a page may do: load its own parts and send its own form.

    Scripts run from our files only, and no script may turn text into markup or code.

    Args:
        forms: where a form may go.
        ancestors: which sites may show the page in a frame.
        frames: what the page may show in a frame.
        sandbox: what the page may do if it may do no more than that; empty for a page with an origin of its own.
        own: the origins of the service. A sandboxed page must name them: it has no origin, and WebKit takes `'self'`
            for the one that it has not.

    """
    ours = " ".join(["'self'", *own])
    return (
        f"default-src 'none'; script-src {ours}; style-src {ours}; font-src {ours}; img-src data:; connect-src 'none'; "
        f"frame-src {frames}; form-action {forms}; base-uri 'none'; frame-ancestors {ancestors}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ) + (f"; sandbox {sandbox}" if sandbox else "")


# A comment or a type on a line of its own, a type before what has it, a comment after a statement.
COMMENT = re.compile(rb"^[ \t]*(?://.*|/\*\*[^*]*\*/)\n|/\*\* @type [^*]*\*/ ?|(?<=[;{,]) // [^\n\"'`]*$", re.MULTILINE)


def _read(folder: Path) -> dict[str, bytes]:
    """The files of a folder; scripts without comments and types, which are for whoever reads the source."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: COMMENT.sub(b"", body) if name.endswith(".js") else body for name, body in found.items()}


# Files are held in memory for as long as the service runs, so that looking one up here costs nothing.
_packed = lru_cache(maxsize=256)(pack)


def lasting(name: str, body: bytes) -> Response:
    """A file whose address changes when it does.

    Any site may load it, also one that isolates itself and a frame that has no origin: it says nothing of anybody.
    """
    kind = KINDS.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
    response = Packed(body, content_type=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if kind == KINDS["woff2"]:
        return response
    response.packed = _packed(body)
    return small(response)


@dataclass(frozen=True)
class Links:
    """From a page of a language to the pages of the book that can be cited."""

    book: str
    sources: str
    ends: str

    def rule(self, id_: str) -> str:
        """The page of a rule, or of a place."""
        return f"{self.book}/{id_}{self.ends}"

    place = rule

    def source(self, id_: str, anchor: str = "") -> str:
        """The page of a source, or a sentence on it."""
        return f"{self.book}/{self.sources}/{id_}{self.ends}" + (f"#{anchor}" if anchor else "")


class Pages:
    """Makes pages in one state of the service."""

    served = True  # whether a service of ours answers a form

    def __init__(self, state: State, settings: Settings) -> None:
        self._state, self.settings = state, settings
        self.site = state.library.site

    @cached_property
    def addresses(self) -> Mapping[str, Addresses]:
        """Where each page stands, per language."""
        return self.site.addresses

    @property
    def exit(self) -> str:
        """Where "leave this site" leads."""
        return self.settings.exit or self.site.exit

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files that pages load, by name; those of the deployer's own look among them.

        Raises:
            SettingError: a file of the deployer has the name of one of ours.

        """
        ours, theirs = _read(STATIC), _read(self.settings.theme) if self.settings.theme else {}
        if twice := sorted(ours.keys() & theirs.keys()):
            raise SettingError(f"{THEME} holds {', '.join(twice)}, which is a file of ours; give it another name.")
        return ours | theirs

    @cached_property
    def looks(self) -> dict[str, dict[str, bytes]]:
        """The files of each look that a site which embeds may ask for, by the name of the look."""
        return {name: _read(folder) for name, folder in self.settings.themes.items()}

    @cached_property
    def static(self) -> str:
        """The address of the files: it changes when they do, so that a browser never mixes two versions."""
        return f"/static/{self.digest}"

    @cached_property
    def digest(self) -> str:
        """What tells these files from others."""
        digest = hashlib.sha256()
        for folder, files in {"": self.files, **self.looks}.items():
            for name, body in files.items():
                digest.update(f"{folder}/{name}".encode() + b"\0" + body)
        return digest.hexdigest()[:16]

    @property
    def address(self) -> str:
        """The service's own origin: what the deployer set, or else what the request says."""
        return self.settings.address or once.address()

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin by which a browser may know the service: what the deployer set, and what the request says."""
        return tuple(dict.fromkeys([self.address, once.address()]))

    def words(self, language: str) -> Mapping[str, str]:
        """The words of the interface in a language."""
        return self._state.library.texts.interface[language]

    def links(self, language: str) -> Links:
        """Where the pages of the book stand."""
        book = self.addresses[language].book
        return Links(
            book.removesuffix(".html"), self.words(language)["book_sources_at"], "" if self.served else ".html"
        )

    def around(self, language: str) -> dict[str, Any]:
        """What every page has, whatever it shows."""
        notices, words = self._state.library.texts.notices, self.words(language)
        fallback = self.site.locales[language].fallback
        other = self.site.locales[fallback].name if fallback else ""
        return {
            "language": language,
            "fallback": fallback,
            "not_all": words["not_translated"].replace("{language}", other) if fallback else "",
            "words": words,
            "addresses": self.addresses[language],
            "links": self.links(language),
            "served": self.served,
            "address": self.address if self.served else None,
            "static": self.static,
            "theme": self.settings.theme is not None,
            "calls": self.settings.calls,
            "exit": self.exit,
            "exit_name": (urlsplit(self.exit).hostname or "").removeprefix("www."),
            "notices": [{"text": one.text[language]} for one in notices if one.shown != BEFORE],
            "seen": [one.text[language] for one in notices if one.shown == BEFORE],
        }

    def render(
        self, template: str, language: str, page: str | Mapping[str, str], status: int = 200, **more: Any
    ) -> Response:
        """A page.

        Args:
            template: its file.
            language: of its words.
            page: which address it has in other languages: one of those of the site, or per language its own.
            status: of the response.
            more: what the template fills in besides.

        """
        locales = {language: self.site.locales[language], **self.site.locales}
        body = render_template(
            template,
            **self.around(language),
            locales=[
                {
                    "language": code,
                    "name": one.name,
                    "address": page[code] if isinstance(page, Mapping) else getattr(self.addresses[code], page),
                }
                for code, one in locales.items()
            ],
            **more,
        )
        said = passages(body, locales[language].fallback)
        response = Response(said, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = policy()
        response.headers["Content-Language"] = language
        return response
