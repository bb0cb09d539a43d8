"""What every page has: words, addresses, notices, the way out; and the policy that keeps answers in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Response, render_template

from service.web.addresses import ADDRESSES
from service.web.settings import THEME, Settings, WrongSetting
from service.web.state import State

STATIC = Path(__file__).parent / "static"

SEEN = "workplace_computer"  # the notice that stands on the start page and before the first question

# What a page may do: load its own parts and send its own form. Scripts run from our files only, and no script may
# turn text into markup or code.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src data:; connect-src 'none'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


COMMENT = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)


def _read(folder: Path) -> dict[str, bytes]:
    """The files of a folder; scripts without their comments, which are for whoever reads the source."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: COMMENT.sub(b"", body) if name.endswith(".js") else body for name, body in found.items()}


class Pages:
    """Makes pages in one state of the service."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state, self.settings = state, settings

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The files that pages load, by name; those of the deployer's own look among them.

        Raises:
            WrongSetting: a file of the deployer has the name of one of ours.

        """
        ours, theirs = _read(STATIC), _read(self.settings.theme) if self.settings.theme else {}
        if twice := sorted(ours.keys() & theirs.keys()):
            raise WrongSetting(f"{THEME} holds {', '.join(twice)}, which is a file of ours; give it another name.")
        return ours | theirs

    @cached_property
    def static(self) -> str:
        """The address of the files: it changes when they do, so that a browser never mixes two versions."""
        digest = hashlib.sha256()
        for name, body in self.files.items():
            digest.update(name.encode() + b"\0" + body)
        return f"/static/{digest.hexdigest()[:16]}"

    def words(self, language: str) -> Mapping[str, str]:
        """The words of the interface in a language."""
        return self._state.library.texts.interface[language]

    def render(self, template: str, language: str, page: str, status: int = 200, **more: Any) -> Response:
        """A page.

        Args:
            template: its file.
            language: of its words.
            page: which address it has in the other language.
            status: of the response.
            more: what the template fills in besides.

        """
        texts = self._state.library.texts
        other = next(one for one in ADDRESSES if one != language)
        body = render_template(
            template,
            language=language,
            words=self.words(language),
            other={
                "language": other,
                "address": getattr(ADDRESSES[other], page),
                "words": self.words(other),
            },
            addresses=ADDRESSES[language],
            static=self.static,
            theme=self.settings.theme is not None,
            exit=self.settings.exit,
            exit_name=self.settings.exit_name,
            notices=[one for one in self._state.presenter(language).notices() if one["id"] != SEEN],
            seen=next(one.text[language] for one in texts.notices if one.id == SEEN),
            **more,
        )
        response = Response(body, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Content-Language"] = language
        return response
