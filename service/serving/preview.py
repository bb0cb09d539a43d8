"""The pages as they would be, beside those of before, with what changes for whom: for whoever edits rules and texts.

For one editor on their own machine. When a page is asked for, what was saved since is read first. Nothing of it is
proved: that is what `check` is for.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from service.core.graph import GraphSizeError
from service.publishing.difference.blocks import as_html
from service.publishing.difference.compare import difference, moments_of
from service.publishing.difference.report import Report
from service.rulebook.compiled import Library, decode
from service.rulebook.drafts import Draft, read_folders
from service.rulebook.revisions import CONTENT, RULES, RevisionError, folder_of, version
from service.rulebook.toml_files import AuthoringError, stamps
from service.serving import static_site
from service.web.app import create_app
from service.web.settings import Settings

CHANGES = "/what-changes"
MOST = 40  # how many of a kind are told
_BODY = re.compile(rb"<body[^>]*>")
_HTML = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]

Words = Mapping[str, str]


class Preview:
    """A folder that is being changed, and what it was."""

    def __init__(self, changed: Path, before: str, settings: Settings, today: Callable[[], date]) -> None:
        """Read what was there before.

        Args:
            changed: the folder with rules/ and content/.
            before: a git revision, a compiled rulebase, or another such folder.
            settings: of the service, for both sides.
            today: the day on which questions are asked.

        Raises:
            RevisionError: there is no such revision.
            AuthoringError: what was there before has mistakes.

        """
        self._changed, self._settings, self._today = changed, settings, today
        self._lock = threading.Lock()
        self._stamp: dict[Path, tuple[int, int]] | None = None
        self._problems: str | None = None
        draft: Library
        if Path(before).is_file():
            self._old, draft = version(before), decode(Path(before).read_bytes())
        elif Path(before).is_dir():
            draft, self._old = _drafted(Path(before)), version(before)
        else:
            with folder_of(before) as (_, folder):
                draft = _drafted(folder)
            self._old = version(before)
        self.words: Words = draft.texts.interface[draft.site.usual]
        self._language = draft.site.usual
        self.before = self._app(draft)
        self._after = self.before
        self._told: bytes | None = None

    def _app(self, draft: Library) -> Flask:
        return create_app(draft, settings=self._settings, today=self._today)

    def look(self) -> str | None:
        """Read what was saved since the last time; what is wrong with it, or nothing."""
        with self._lock:
            stamp = stamps(self._changed / name for name in (RULES, CONTENT))
            if stamp != self._stamp:
                self._stamp, self._told = stamp, None
                try:
                    self._after, self._problems = self._app(_drafted(self._changed)), None
                except AuthoringError as errors:
                    self._problems = "\n".join(one.tell(self._language) for one in errors.problems)
                except GraphSizeError as error:
                    self._problems = str(error)
            return self._problems

    def changes(self) -> bytes:
        """What changes, for whom, in words: a page that stands on its own."""
        if self._told is None:
            new = version(str(self._changed))
            found = difference(self._old, new, moments_of(self._old, new), MOST)
            blocks = Report(self._old, new, found, self._language, self.words).blocks(MOST)
            self._told = as_html(blocks, self._language).encode()
        return self._told

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """A page of what is being changed, the page of what changes, or what is wrong with what was saved."""
        if problems := self.look():
            return _page(start, f"<pre>{escape(problems)}</pre>".encode(), "503 Service Unavailable")
        if environ["PATH_INFO"] == CHANGES:
            return _page(start, self.changes())
        return marked(self._after, environ, start, self._mark())

    def _mark(self) -> bytes:
        said, asks = escape(self.words["preview_mark"]), escape(self.words["preview_changes"])
        return f'<p class="ww-alert"><strong>{said}</strong> <a href="{CHANGES}">{asks}</a></p>'.encode()

    def files(self) -> dict[str, bytes]:
        """Both sides and what changes, as a folder that any web server can show: path -> bytes.

        Raises:
            RevisionError: what is being changed has mistakes.

        """
        if problems := self.look():
            raise RevisionError(problems)
        sides = {"before": self.before, "after": self._after}
        links = "".join(f'<li><a href="{side}/{static_site.INDEX}">{side}</a></li>' for side in sides)
        found = {static_site.INDEX: _BODY.sub(lambda one: one[0] + f"<ul>{links}</ul>".encode(), self.changes(), 1)}
        for side, app in sides.items():
            made = static_site.files(app, self._settings)
            found |= {f"{side}/{path}": body for path, body in made.items()}
        return found


def marked(app: Flask, environ: dict[str, Any], start: Callable[..., Any], mark: bytes) -> Iterable[bytes]:
    """What an app answers; on top of a page stands that it is a preview."""
    plain = {key: value for key, value in environ.items() if key != "HTTP_ACCEPT_ENCODING"}
    parts, status, headers = run_wsgi_app(app.wsgi_app, plain, buffered=True)
    body = b"".join(parts)
    if headers.get("Content-Type", "").startswith("text/html"):
        body = _BODY.sub(lambda one: one[0] + mark, body, 1)
        headers["Content-Length"] = str(len(body))
    start(status, headers.to_wsgi_list())
    return [body]


def serve(preview: Preview, host: str, port: int) -> None:
    """Serve what is being changed on a port, and what was before on the next, until somebody stops it."""
    beside = make_server(host, port + 1, preview.before, threaded=True, request_handler=_Quiet)
    threading.Thread(target=beside.serve_forever, daemon=True).start()
    make_server(host, port, preview.answer, threaded=True, request_handler=_Quiet).serve_forever()


def _drafted(folder: Path) -> Draft:
    return read_folders(folder / RULES, folder / CONTENT)


def _page(start: Callable[..., Any], body: bytes, status: str = "200 OK") -> Iterable[bytes]:
    start(status, [*_HTML, ("Content-Length", str(len(body)))])
    return [body]


class _Quiet(WSGIRequestHandler):
    """Writes down no request."""

    def log_request(self, *_: object) -> None:
        """Nothing."""
