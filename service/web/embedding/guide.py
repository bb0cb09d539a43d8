"""For the web team of a site: a page where it chooses, sees the questionnaire live and copies the code; and oEmbed."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import partial
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Blueprint, Response, json, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.exceptions import NotImplemented as OtherFormat

from service.web.compression import small
from service.web.embedding.frame import KEPT, Scripts
from service.web.embedding.snippets import HEIGHT, WIDTH, Choice, Snippets
from service.web.once import once
from service.web.rendering import Pages, policy
from service.web.settings import LIGHT
from service.web.state import State

OEMBED = "/oembed"
CACHE = 86400  # seconds that a consumer may keep an answer
RECIPES = {  # which code a content management system takes; docs/insluiten-cms.md has every step
    "Drupal": "element",
    "WordPress": "element",
    "Plone": "frame",
    "TYPO3": "element",
    "SharePoint": "frame",
}


def blueprint(state: State, pages: Pages) -> Blueprint:
    """The guide in every language, and oEmbed."""
    routes = Blueprint("guide", __name__)
    scripts = Scripts()
    for language, addresses in pages.addresses.items():
        made = once(state.today, KEPT)(partial(_guide, state, pages, scripts, language))

        def guide(language: str = language, made: Callable[[Choice], Response] = made) -> Response:
            return small(made(_choice(state, pages, language)))

        routes.add_url_rule(addresses.guide, f"guide_{language}", guide)

    @routes.get(OEMBED)
    def oembed() -> Response:
        language = _language_of(request.args.get("url", ""), pages)
        width, height = _most("maxwidth", WIDTH), _most("maxheight", HEIGHT)
        words = pages.words(language)
        choice, snippets = Choice(language), Snippets(pages.address, pages.addresses, scripts)
        body: dict[str, str | int] = {
            "version": "1.0",
            "type": "rich",
            "provider_name": words["site_name"],
            "provider_url": pages.address + pages.addresses[language].start,
            "title": words["start_title"],
            "width": width,
            "height": height,
            "cache_age": CACHE,
            "html": snippets.kept(choice, words["guide_link_text"], words["guide_frame_title"], width, height),
        }
        form = request.args.get("format", "json")
        if form == "json":
            return Response(json.dumps(body), content_type="application/json")
        if form == "xml":
            root = ElementTree.Element("oembed")
            for name, value in body.items():
                ElementTree.SubElement(root, name).text = str(value)
            text = ElementTree.tostring(root, encoding="unicode")
            xml = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n{text}'
            return Response(xml, content_type="text/xml; charset=utf-8")
        raise OtherFormat

    return routes


def _language_of(url: str, pages: Pages) -> str:
    """The language of a page of ours that can be shown.

    Raises:
        NotFound: it is no such page.

    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotFound from None
    if f"{parts.scheme}://{parts.netloc}" == pages.address:
        for language, addresses in pages.addresses.items():
            if (parts.path or "/") in (addresses.start, addresses.questions, addresses.frame):
                return language
    raise NotFound


def _most(name: str, usual: int) -> int:
    """A size that a consumer limits.

    Raises:
        BadRequest: it is not a whole number above 0.

    """
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text)):
        raise BadRequest
    return min(usual, int(text))


def _choice(state: State, pages: Pages, language: str) -> Choice:
    """What a web team chose.

    Raises:
        BadRequest: it is none of what can be chosen.

    """
    asked = {name: request.args.get(name) or None for name in ("language", "organisation", "concern", "theme")}
    known: dict[str, Container[str]] = {
        "language": pages.addresses,
        "organisation": state.library.organisations.by_id,
        "concern": state.library.rulebase.vocabulary.concerns.answers,
        "theme": (LIGHT, *pages.looks),
    }
    if any(one is not None and one not in known[name] for name, one in asked.items()):
        raise BadRequest
    return Choice(asked["language"] or language, asked["organisation"], asked["concern"], asked["theme"])


def _guide(state: State, pages: Pages, scripts: Scripts, language: str, choice: Choice) -> Response:
    words = pages.words(language)
    concerns = state.presenter(language).question(state.library.rulebase.vocabulary.concerns)
    organisations = sorted(
        ((one.id, one.name) for one in state.presenter(language).listed(state.today())),
        key=lambda one: one[1].lower(),
    )
    snippets = Snippets(pages.address, pages.addresses, scripts)
    theirs = pages.words(choice.language)
    own = Snippets("", pages.addresses, scripts)  # what is shown live stands on this very page
    response = pages.render(
        "guide.html",
        language,
        "guide",
        title=words["guide_title"],
        choice=choice,
        languages={code: one.name for code, one in pages.site.locales.items()},
        organisations=organisations,
        concerns=concerns.labels,
        looks=[(LIGHT, words["guide_light"]), *((one, one) for one in pages.looks)],
        codes={
            "link": snippets.link(choice.language, theirs["guide_link_text"]),
            "element": snippets.element(choice, theirs["guide_link_text"]),
            "frame": snippets.frame(choice, theirs["guide_frame_title"]),
        },
        recipes=RECIPES,
        policy_lines=snippets.policy(),
        live=own.element(choice, theirs["guide_link_text"]),
    )
    response.headers["Content-Security-Policy"] = policy(frames="'self'")
    return response
