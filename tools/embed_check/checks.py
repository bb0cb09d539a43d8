"""Looks at a page that shows Wegwijzer as a browser would get it, and finds what breaks or leaks there.

Knows only what stands in the page and its headers: what scripts of the site do later it cannot see. Fetches the page,
our script and our frame; sends nothing else.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

from service.web.embedding.frame import integrity
from service.web.settings import THIS_MACHINE

ELEMENT = "wegwijzer-vragenlijst"
SCRIPT = "/wegwijzer.js"
OPTIONS = {"organisatie": "organisation", "onderwerp": "concern"}  # attribute -> option in the frame's address
LEAVES = "allow-top-navigation-by-user-activation"
LONGEST = 5_000_000  # bytes of a page
PATIENCE = 15  # seconds

# Services that count visitors or record what they do; whoever stands on the page with one of these is known to it.
TRACKERS = (
    *("google-analytics.com", "googletagmanager.com", "doubleclick.net", "connect.facebook.net", "hotjar.com"),
    *("clarity.ms", "matomo.cloud", "piwik.pro", "siteimproveanalytics.com", "siteimproveanalytics.io", "mopinion.com"),
    *("snap.licdn.com", "bat.bing.com", "cdn.segment.com", "mouseflow.com", "crazyegg.com", "fullstory.com"),
)
TRACKING = ("gtag(", "_paq", "fbq(", "GoogleAnalyticsObject", "dataLayer", "hj(", "_sz.push", "clarity(")
TELLING = ("unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin", "origin")
LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "video": "src",
    "audio": "src",
    "source": "src",
}


class FetchError(Exception):
    """A page could not be fetched; says why, in words of ours."""


@dataclass(frozen=True)
class Fetched:
    """What came back: where from in the end, its headers, its text."""

    url: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Finding:
    """Something wrong: which kind, on which line of the page (0 for its headers), and about what."""

    kind: str
    line: int = 0
    about: str = ""


@dataclass(frozen=True)
class Tag:
    """A tag of the page, with its attributes and what stands inside."""

    name: str
    line: int
    attributes: Mapping[str, str]
    inside: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    """The tags of a page that matter, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self._within: list[Tag] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag, and what an element of ours holds."""
        one = Tag(tag, self.getpos()[0], {name: value or "" for name, value in attrs})
        self.tags.append(one)
        for outer in self._within:
            outer.inside.append(tag)
        if tag in (ELEMENT, "script"):
            self._within.append(one)

    def handle_endtag(self, tag: str) -> None:
        """Close an element of ours or a script."""
        if self._within and self._within[-1].name == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        """Keep the text of a script that stands in the page."""
        if self._within and self._within[-1].name == "script":
            self._within[-1].inside.append(data)

    def named(self, name: str) -> list[Tag]:
        """All tags of a name."""
        return [one for one in self.tags if one.name == name]


def fetch(url: str) -> Fetched:
    """Fetch a page over HTTP, following redirects.

    Raises:
        FetchError: there is no such page, or it does not answer.

    """
    if not _whole(url):
        raise FetchError("give an address that begins with https://")
    request = urllib.request.Request(url, headers={"User-Agent": "wegwijzer embed-check"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return Fetched(answer.url, answer.headers, answer.read(LONGEST))
    except urllib.error.HTTPError as error:
        raise FetchError(f"it answers with {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException):
        raise FetchError("it does not answer") from None


def check(
    url: str, known: Mapping[str, Iterable[str]], framed: tuple[str, ...], get: Callable[[str], Fetched] = fetch
) -> tuple[list[Finding], list[str]]:
    """Look at a page.

    Args:
        url: where it stands.
        known: per option of the frame (`organisation`, `concern`) the ids that exist.
        framed: where frames stand at a service.
        get: fetches an address.

    Returns:
        What is wrong, and the addresses of the services that the page shows.

    Raises:
        FetchError: the page cannot be fetched.

    """
    got = get(url)
    page = _Page(got.body.decode("utf-8", "replace"))
    origin = _origin(got.url)
    scripts = [one for one in page.named("script") if _path(one).endswith(SCRIPT)]
    elements = page.named(ELEMENT)
    frames = [one for one in page.named("iframe") if _path(one).endswith(framed)]
    homes = dict.fromkeys(
        [urljoin(got.url, one.attributes["src"]).partition("/embed/")[0] for one in scripts]
        + [_home(urljoin(got.url, one.attributes["src"]), framed) for one in frames]
    )
    found = [*_page(page, got, origin)]
    if not elements and not frames:
        found.append(Finding("absent"))
    if elements and not scripts:
        found.append(Finding("no_script", elements[0].line))
    for one in scripts:
        found += _script(one, urljoin(got.url, one.attributes["src"]), get)
    for one in elements:
        if "a" not in one.inside:
            found.append(Finding("no_link", one.line))
        found += _options(
            one, {OPTIONS[name]: one.attributes[name] for name in OPTIONS if name in one.attributes}, known
        )
    for one in frames:
        found += _frame(one, known)
    for home in homes:
        found += _allowed(page, got, home, script=bool(scripts))
        found += _listed(home, origin, framed[0], get)
    return sorted(dict.fromkeys(found), key=lambda one: one.line), list(homes)


def _page(page: _Page, got: Fetched, origin: str) -> Iterable[Finding]:
    """What is wrong with the page, whatever it shows."""
    secure = urlsplit(got.url).scheme == "https"
    if not secure and urlsplit(got.url).hostname not in THIS_MACHINE:
        yield Finding("not_secure")
    referrers = [one.strip().lower() for one in (got.headers.get("Referrer-Policy") or "").split(",")]
    metas = {one.attributes.get("name", "").lower(): one for one in page.named("meta")}
    if "referrer" in metas:
        referrers.append(metas["referrer"].attributes.get("content", "").lower())
    if referrers[-1] in TELLING:
        yield Finding("referrer", metas["referrer"].line if "referrer" in metas else 0, referrers[-1])
    for one in page.tags:
        given = one.attributes.get(LOADS.get(one.name, ""), "")
        address = urljoin(got.url, given) if _readable(given) else got.url
        host = urlsplit(address).hostname or ""
        if one.name in LOADS and secure and address.startswith("http:"):
            yield Finding("mixed", one.line, host)
        if one.name in ("script", "img", "iframe") and host.endswith(TRACKERS):
            yield Finding("tracker", one.line, host)
        elif one.name == "script" and any(mark in text for mark in TRACKING for text in one.inside):
            yield Finding("tracker", one.line, origin)


def _script(tag: Tag, address: str, get: Callable[[str], Fetched]) -> Iterable[Finding]:
    if tag.attributes.get("type", "").lower() == "module":
        yield Finding("module", tag.line)
    if "integrity" not in tag.attributes:
        yield Finding("no_integrity", tag.line)
    elif "crossorigin" not in tag.attributes:
        yield Finding("no_crossorigin", tag.line)
    try:
        body = get(address).body
    except FetchError:
        yield Finding("script_gone", tag.line, address)
        return
    if "integrity" in tag.attributes and integrity(body) not in tag.attributes["integrity"].split():
        yield Finding("wrong_integrity", tag.line)


def _frame(tag: Tag, known: Mapping[str, Iterable[str]]) -> Iterable[Finding]:
    if not tag.attributes.get("title", "").strip():
        yield Finding("no_title", tag.line)
    if "sandbox" in tag.attributes and LEAVES not in tag.attributes["sandbox"].split():
        yield Finding("no_way_out", tag.line)
    asked = parse_qs(urlsplit(tag.attributes["src"]).query)
    yield from _options(tag, {name: one[-1] for name, one in asked.items()}, known)


def _options(tag: Tag, asked: Mapping[str, str], known: Mapping[str, Iterable[str]]) -> Iterable[Finding]:
    for name, one in asked.items():
        if name in known and one not in known[name]:
            yield Finding(f"unknown_{name}", tag.line)


def _allowed(page: _Page, got: Fetched, home: str, *, script: bool) -> Iterable[Finding]:
    """Whether every policy of the page lets our script and our frame in."""
    policies = [text for header in got.headers.get_all("Content-Security-Policy") or () for text in header.split(",")]
    policies += [
        one.attributes.get("content", "")
        for one in page.named("meta")
        if one.attributes.get("http-equiv", "").lower() == "content-security-policy"
    ]
    for policy in policies:
        rules = {words[0].lower(): words[1:] for words in (part.split() for part in policy.split(";")) if words}
        for kind, names in (("script", ("script-src-elem", "script-src")), ("frame", ("frame-src", "child-src"))):
            given = next((rules[name] for name in (*names, "default-src") if name in rules), None)
            if given is not None and (script or kind == "frame") and not _lets(given, home, _origin(got.url)):
                yield Finding(f"policy_{kind}", about=home)


def _lets(sources: list[str], home: str, own: str) -> bool:
    """Whether a list of sources of a policy lets an origin in."""
    wanted = urlsplit(home)
    if "'strict-dynamic'" in sources:
        return False
    for one in sources:
        scheme, _, rest = one.partition("://")
        host = (rest or one).rstrip("/").partition("/")[0].lower()
        if one == "*" or one == f"{wanted.scheme}:" or (one == "'self'" and home == own):
            return True
        same = host == wanted.netloc or (host.startswith("*.") and wanted.netloc.endswith(host[1:]))
        if same and (not rest or scheme == wanted.scheme):
            return True
    return False


def _listed(home: str, origin: str, frame: str, get: Callable[[str], Fetched]) -> Iterable[Finding]:
    """Whether the service lets the site show its frame."""
    try:
        policy = get(home + frame).headers.get("Content-Security-Policy") or ""
    except FetchError:
        yield Finding("frame_gone", about=home)
        return
    ancestors = next((part.split()[1:] for part in policy.split(";") if part.split()[:1] == ["frame-ancestors"]), [])
    if origin not in ancestors and not ("'self'" in ancestors and origin == home):
        yield Finding("not_listed", about=origin)


def _readable(url: str) -> bool:
    """Whether an address can be read at all."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _whole(url: str) -> bool:
    return _readable(url) and urlsplit(url).scheme in ("https", "http") and bool(urlsplit(url).hostname)


def _path(tag: Tag) -> str:
    """The path of what a tag loads."""
    address = tag.attributes.get("src", "")
    return urlsplit(address).path if _readable(address) else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _home(frame: str, framed: tuple[str, ...]) -> str:
    """The service that a frame stands at."""
    path = urlsplit(frame).path
    ending = next(one for one in framed if path.endswith(one))
    return f"{_origin(frame)}{path.removesuffix(ending)}"
