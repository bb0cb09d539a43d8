"""The questionnaire, the workbench and the rules as a folder of files: any web server can serve it, none need answer.

The browser decides. The same rules, day and settings give the same bytes. Knows no routes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from functools import cached_property
from typing import Any

from flask import Flask, Response

from service.answers.presenter import edition
from service.rulebook.site import Addresses
from service.web.embedding.frame import preset
from service.web.pages.advisor import Bench
from service.web.pages.book import Book, citable, cited
from service.web.pages.questionnaire import Questionnaire
from service.web.rendering import Pages, policy
from service.web.settings import Settings
from service.web.state import State

# What only a service needs.
NOT_HERE = ("framed.js", "guide.js")
PAGE_HEADERS = {
    "Content-Security-Policy": policy(forms="'none'"),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable"}


class StaticPages(Pages):
    """Pages that stand beside each other in a folder, whatever the folder is called; or some folders deeper."""

    served = False

    def __init__(self, state: State, settings: Settings, depth: int = 0) -> None:
        super().__init__(state, settings)
        self._up = "../" * depth

    @cached_property
    def addresses(self) -> Mapping[str, Addresses]:
        """The file of each page, per language."""
        return {
            code: Addresses(*(page and self._up + page for page in astuple(one.files)))
            for code, one in self.site.locales.items()
        }

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files that these pages load."""
        return {name: body for name, body in super().files.items() if name not in NOT_HERE}

    @cached_property
    def static(self) -> str:
        """The folder of the files: its name changes when they do."""
        return f"{self._up}static-{self.digest}"

    def around(self, language: str) -> dict[str, Any]:
        """What every page has: here also its policy, which edition it holds, and where to read on without scripts."""
        on = self._state.today()
        own = [one for one in policy(forms="'none'").split("; ") if not one.startswith("frame-ancestors")]
        return {
            **super().around(language),
            "own_policy": "; ".join(own),
            "instead": self.addresses[language].book,
            "made": {"edition": edition(self._state.library.rulebase.on(on)), "on": on.isoformat()},
        }


def files(app: Flask, settings: Settings, organisation: str | None = None) -> dict[str, bytes]:
    """The folder: path -> bytes.

    Args:
        app: the application, made with these settings and with the day that is written as its today.
        settings: the way out, and the look.
        organisation: chosen beforehand for whoever comes there.

    Raises:
        NoEditionError: there are no rules on that day.

    """
    state: State = app.extensions["wegwijzer"]
    pages = StaticPages(state, settings)
    chosen = preset(state, {"organisation": organisation or ""})
    of = state.library.rulebase.on(state.today())
    made: dict[str, bytes] = {}
    with app.test_request_context():
        for language in state.library.languages:
            addresses, words = pages.addresses[language], pages.words(language)
            asks = Questionnaire(state, pages, language)
            statement = pages.render("statement.html", language, "statement", title=words["statement_title"])
            contents = {**Book(state, language).contents(of), "editions": []}
            book = pages.render("book.html", language, "book", title=words["book_title"], indexed=True, **contents)
            for address, page in (
                (addresses.start, asks.start()),
                (addresses.questions, asks.before(chosen)),
                (addresses.statement, statement),
                (addresses.leave, pages.render("leave.html", language, "leave", title=words["exit"])),
                (addresses.advisor, Bench(state, pages, language).empty()),
                (addresses.book, book),
            ):
                made[address] = _body(page)
            made |= dict(_cited(state, settings, language))
    made |= {f"{pages.static}/{name}": body for name, body in pages.files.items()}
    made |= {name: text.encode() for name, text in _servers(pages, list(made)).items()}
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(made.items()))
    return {**made, "SHA256SUMS": sums.encode()}


def _cited(state: State, settings: Settings, language: str) -> Iterator[tuple[str, bytes]]:
    """The page of every rule, place and source, in folders below."""
    here, book = StaticPages(state, settings).links(language), Book(state, language)
    for kind, ids in citable(state.library).items():
        below = StaticPages(state, settings, getattr(here, kind)("").count("/"))
        for id_ in ids:
            yield getattr(here, kind)(id_), _body(cited(state, below, kind, language, id_, book))


def _body(page: Response) -> bytes:
    return bytes(page.get_data())


def _servers(pages: StaticPages, names: list[str]) -> dict[str, str]:
    """What a web server must say with the files, for those that we know."""
    html = [one for one in names if one.endswith(".html") and "/" not in one]
    folders = sorted({one.partition("/")[0] for one in names if one.endswith(".html") and "/" in one})
    shared = "".join(f"  {name}: {value}\n" for name, value in PAGE_HEADERS.items())
    lasting = "".join(f"  {name}: {value}\n" for name, value in FILE_HEADERS.items())
    add = "".join(f'    add_header {name} "{value}" always;\n' for name, value in PAGE_HEADERS.items())
    add_lasting = "".join(f'    add_header {name} "{value}" always;\n' for name, value in FILE_HEADERS.items())
    put = "".join(f'    Header always set {name} "{value}"\n' for name, value in PAGE_HEADERS.items())
    put_lasting = "".join(f'    Header always set {name} "{value}"\n' for name, value in FILE_HEADERS.items())
    return {
        "_headers": "".join(f"/{one}\n{shared}" for one in ("", *html, *(f"{one}/*" for one in folders)))
        + f"/{pages.static}/*\n{lasting}",
        "servers/nginx.conf": (
            "# Include this in the server block whose root is this folder. It keeps no log of who came.\n"
            "index index.html;\ncharset utf-8;\naccess_log off;\nlog_not_found off;\n"
            f"location / {{\n{add}}}\n"
            f"location /{pages.static}/ {{\n{add_lasting}}}\n"
            "location /servers/ {\n    return 404;\n}\n"
            "location = /_headers {\n    return 404;\n}\n"
        ),
        "servers/apache.conf": (
            "# Include this in the virtual host whose DocumentRoot is this folder; it needs mod_headers.\n"
            "# Put no CustomLog there: it would keep who came.\n"
            "DirectoryIndex index.html\nAddDefaultCharset utf-8\n"
            f'<LocationMatch "^/([a-z0-9_/.-]+\\.html)?$">\n{put}</LocationMatch>\n'
            f'<LocationMatch "^/{pages.static}/">\n{put_lasting}</LocationMatch>\n'
            '<LocationMatch "^/(servers/|_headers$)">\n    Require all denied\n</LocationMatch>\n'
        ),
    }
