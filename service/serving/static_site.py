"""The questionnaire, the workbench and the rules as a folder of files: any web server can serve it, none need answer.

The browser decides. The same rules, day and settings give the same bytes. Knows no routes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from functools import cached_property
from typing import Any

from flask import Flask, Response

from service.answers.presenter import Json, edition
from service.rulebook.site import Addresses
from service.web.embedding.frame import Framed, Scripts, framed_headers, preset
from service.web.pages.advisor import Bench
from service.web.pages.book import Book, citable, cited
from service.web.pages.questionnaire import Questionnaire
from service.web.rendering import Pages, policy
from service.web.settings import Settings
from service.web.state import State

# What only a service needs; the first, a frame as well.
NOT_HERE = ("framed.js", "guide.js")
INDEX = "index.html"  # what a web server gives of a folder
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
# A frame has no origin, so for its files it is somebody else.
SHARED_HEADERS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
# How a web server writes a header.
NGINX, APACHE, OTHERS = '    add_header {} "{}" always;', '    Header always set {} "{}"', "  {}: {}"


class StaticPages(Pages):
    """Pages that stand beside each other in a folder, whatever the folder is called; or some folders deeper."""

    served = False
    own: tuple[str, ...] = ()  # the origins whose files they load, where that must be said

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
        needless = NOT_HERE[1:] if self.settings.address else NOT_HERE
        return {name: body for name, body in super().files.items() if name not in needless}

    @cached_property
    def static(self) -> str:
        """The folder of the files: its name changes when they do."""
        return f"{self._up}static-{self.digest}"

    def around(self, language: str) -> dict[str, Any]:
        """What every page has: here also its policy, which edition it holds, and where to read on without scripts."""
        on = self._state.today()
        own = [one for one in policy(forms="'none'", own=self.own).split("; ") if not one.startswith("frame-ancestors")]
        return {
            **super().around(language),
            "own_policy": "; ".join(own),
            "instead": self.addresses[language].book,
            "made": {"edition": edition(self._state.library.rulebase.on(on)), "on": on.isoformat()},
        }


class StaticFrame(StaticPages, Framed):
    """The frame in such a folder: where a service has it, so that the script that makes a frame finds it there too.

    It stands in a folder of its own, for a file without an ending is no page to a web server.
    """

    def __init__(self, state: State, settings: Settings, place: str) -> None:
        self.place = place.strip("/")
        super().__init__(state, settings, len(self.place.split("/")))
        self.own = self.origins

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the folder stands: the deployer said it."""
        return (self.settings.address or "",)

    def instead(self, language: str) -> str:
        """Where the questionnaire stands in a window of its own."""
        return self.addresses[language].questions


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
        frames = _frames(state, settings, chosen) if settings.address else {}
    made |= {f"{pages.static}/{name}": body for name, body in pages.files.items()}
    made |= {name: text.encode() for name, text in _servers(pages, list(made), frames).items()}
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted({**made, **frames}.items()))
    return {**made, **frames, "SHA256SUMS": sums.encode()}


def _frames(state: State, settings: Settings, chosen: Json) -> dict[str, bytes]:
    """The frame in every language that has one, and the script that makes it: path -> bytes."""
    scripts = Scripts()
    made = {f"embed/{scripts.newest}/wegwijzer.js": scripts.by_version[scripts.newest]}
    for language, one in state.library.site.addresses.items():
        if one.frame:
            framed = StaticFrame(state, settings, one.frame)
            brought = Questionnaire(state, framed, language).brought(chosen)
            made[f"{framed.place}/{INDEX}"] = _body(framed.frame(language, brought, None))
    return made


def _cited(state: State, settings: Settings, language: str) -> Iterator[tuple[str, bytes]]:
    """The page of every rule, place and source, in folders below."""
    here, book = StaticPages(state, settings).links(language), Book(state, language)
    for kind, ids in citable(state.library).items():
        below = StaticPages(state, settings, getattr(here, kind)("").count("/"))
        for id_ in ids:
            yield getattr(here, kind)(id_), _body(cited(state, below, kind, language, id_, book))


def _body(page: Response) -> bytes:
    return bytes(page.get_data())


def _servers(pages: StaticPages, names: list[str], frames: Iterable[str]) -> dict[str, str]:
    """What a web server must say with the files, for those that we know."""
    html = [one for one in names if one.endswith(".html") and "/" not in one]
    own = (pages.settings.address or "",)
    framed = {
        **{name: PAGE_HEADERS[name] for name in ("Referrer-Policy", "X-Content-Type-Options", "Cache-Control")},
        **framed_headers(own, pages.settings.embed),
    }
    folders = {one.removesuffix(one.rpartition("/")[2]): framed for one in frames if one.endswith(INDEX)}
    lasting = {**FILE_HEADERS, **(SHARED_HEADERS if folders else {})}
    folders |= {one.removesuffix(one.rpartition("/")[2]): lasting for one in frames if not one.endswith(INDEX)}
    folders |= {one[: one.index("/") + 1]: PAGE_HEADERS for one in names if one.endswith(".html") and "/" in one}
    folders[f"{pages.static}/"] = lasting
    return {
        "_headers": "".join(f"/{one}\n{_lines(OTHERS, PAGE_HEADERS)}" for one in ("", *html))
        + "".join(f"/{one}*\n{_lines(OTHERS, headers)}" for one, headers in folders.items()),
        "servers/nginx.conf": (
            "# Include this in the server block whose root is this folder. It keeps no log of who came.\n"
            "index index.html;\ncharset utf-8;\naccess_log off;\nlog_not_found off;\nabsolute_redirect off;\n"
            + "".join(
                f"location /{one} {{\n{_lines(NGINX, headers)}}}\n"
                for one, headers in {"": PAGE_HEADERS, **folders}.items()
            )
            + "location /servers/ {\n    return 404;\n}\nlocation = /_headers {\n    return 404;\n}\n"
        ),
        "servers/apache.conf": (
            "# Include this in the virtual host whose DocumentRoot is this folder; it needs mod_headers.\n"
            "# Put no CustomLog there: it would keep who came.\n"
            "DirectoryIndex index.html\nAddDefaultCharset utf-8\n"
            + "".join(
                f'<LocationMatch "^/{one}">\n{_lines(APACHE, headers)}</LocationMatch>\n'
                for one, headers in {"([a-z]+\\.html)?$": PAGE_HEADERS, **folders}.items()
            )
            + '<LocationMatch "^/(servers/|_headers$)">\n    Require all denied\n</LocationMatch>\n'
        ),
    }


def _lines(line: str, headers: Mapping[str, str]) -> str:
    return "".join(f"{line.format(name, value)}\n" for name, value in headers.items())
