"""Wegwijzer on another site: the questionnaire in a frame, and the script that makes the frame.

The frame has no origin, no storage, no form that goes anywhere and no history; docs/decisions/012 says what the site
around it can see. Knows no answers: in a frame the browser decides.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from service.answers.presenter import Json
from service.core.interview import ORGANISATION
from service.web.compression import small
from service.web.once import once
from service.web.pages.questionnaire import Questionnaire
from service.web.passages import passages
from service.web.rendering import Pages, lasting, policy
from service.web.settings import LIGHT
from service.web.state import State

# Every version that was ever published, as it was: a site that pinned its hash must keep getting these bytes.
PUBLISHED = Path(__file__).parent.parent / "embed"

KEPT = 32  # choices of sites that are kept; half a megabyte each

# What the frame may do. Not allow-same-origin: without an origin there is no storage to leave a trace in.
SANDBOX = (
    "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals "
    "allow-top-navigation-by-user-activation"
)


class Scripts:
    """The published versions of the script that makes the frame."""

    @cached_property
    def by_version(self) -> dict[str, bytes]:
        """Version -> its bytes, oldest first."""
        found = {path.stem: path.read_bytes() for path in PUBLISHED.glob("*.js")}
        return dict(sorted(found.items(), key=lambda one: tuple(map(int, one[0].split(".")))))

    @property
    def newest(self) -> str:
        """The version to use."""
        return list(self.by_version)[-1]

    def integrity(self, version: str) -> str:
        """The hash by which a browser refuses a script that was changed (Subresource Integrity)."""
        return integrity(self.by_version[version])


def integrity(body: bytes) -> str:
    """The hash of a script as an integrity attribute has it."""
    return f"sha384-{base64.b64encode(hashlib.sha384(body).digest()).decode()}"


def preset(state: State, asked: Mapping[str, str]) -> Json:
    """What a site chose beforehand, by the step that asks it. What we do not know is left out: the person is asked.

    Args:
        state: of the service, for its vocabulary and organisations.
        asked: `organisation` and `concern`, each an id.

    """
    library = state.library
    concerns = library.rulebase.vocabulary.concerns
    found = {}
    if asked.get("organisation") in library.organisations.by_id:
        found[ORGANISATION] = [asked["organisation"]]
    if asked.get("concern") in concerns.answers:
        found[concerns.id] = [asked["concern"]]
    return found


class Framed(Pages):
    """Pages in a frame: no form is answered."""

    served = False

    def frame(self, language: str, brought: Json, theme: str | None) -> Response:
        """The questionnaire as a site shows it, in a look that it asked for by its name."""
        body = render_template(
            "frame.html",
            **{**self.around(language), "instead": self.instead(language)},
            **brought,
            title=self.words(language)["start_title"],
            framed=True,
            look=theme if theme in self.looks else None,
            light=theme == LIGHT,
        )
        said = passages(body, self.site.locales[language].fallback)
        response = Response(said, content_type="text/html; charset=utf-8")
        response.headers.update(framed_headers(self.origins, self.settings.embed))
        response.headers["Content-Language"] = language
        return response

    def instead(self, language: str) -> str:
        """Where the questionnaire stands in a window of its own."""
        return self.address + self.addresses[language].questions


def framed_headers(own: Iterable[str], embed: Iterable[str]) -> dict[str, str]:
    """What is sent with a page in a frame, by the origins of the service and of those that may show it."""
    shown_by = " ".join(["'self'", *own, *embed])
    return {
        "Content-Security-Policy": policy(forms="'none'", ancestors=shown_by, sandbox=SANDBOX, own=own),
        # A site that isolates itself may show us too.
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The frame in every language, and every published version of the script."""
    routes = Blueprint("embed", __name__)
    scripts, framed = Scripts(), Framed(state, pages.settings)
    for language, addresses in pages.addresses.items():
        one = Questionnaire(state, framed, language)

        @once(state.today, KEPT)
        def made(
            chosen: tuple[tuple[str, str], ...],
            theme: str | None,
            language: str = language,
            one: Questionnaire = one,
        ) -> Response:
            brought = one.brought({step: [answer] for step, answer in chosen})
            return framed.frame(language, brought, theme)

        def frame(made: Callable[..., Response] = made) -> Response:
            chosen = tuple((step, answer) for step, (answer,) in preset(state, request.args).items())
            theme = request.args.get("theme")
            known = theme if theme == LIGHT or theme in framed.looks else None
            return small(made(chosen, known))

        routes.add_url_rule(addresses.frame, f"frame_{language}", frame)

    @routes.get("/embed/<version>/wegwijzer.js")
    def script(version: str) -> Response:
        body = scripts.by_version.get(version)
        return Response(status=404) if body is None else lasting("wegwijzer.js", body)

    return routes
