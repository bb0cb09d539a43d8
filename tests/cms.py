"""What a content management system makes of HTML that an editor pastes: `cms.toml` says it, this does it."""

from __future__ import annotations

import re
import tomllib
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

FILTERS = tomllib.loads((Path(__file__).parent / "cms.toml").read_text("utf-8"))
EMPTY = {"br", "hr", "img", "input", "link", "meta"}
SECRET = "0a1B2c3D4e"


class Filtered(HTMLParser):
    """HTML through one of the filters; `made` is what stands in the page then.

    Args:
        html: what somebody pasted.
        name: of the filter.
        also: element -> attributes that a manager of the site let through besides.
        sites: hosts on the list of a site that has one; what is below them is trusted too.

    """

    def __init__(self, html, name, also=None, sites=()):
        super().__init__(convert_charrefs=False)
        self._filter = FILTERS[name]
        self._keeps = self._filter["keeps"] | (also or {})
        self._sites = sites
        self._open = []  # for each element that is open, what is written where it ends; None in what goes whole
        self.made = ""
        self.feed(html)
        self.close()

    def _kept(self, tag, attrs):
        """The attributes that stay on an element, or None where the element does not."""
        keeps = self._keeps.get(tag, self._keeps.get("*"))
        if keeps is None or not self._listed(tag, dict(attrs)):
            return None
        stay = {*keeps, *self._filter.get("everywhere", ())}
        return [(name, value or "") for name, value in attrs if name in stay or "*" in keeps]

    def _listed(self, tag, attrs):
        host = urlsplit(attrs.get("src", "")).hostname or ""
        shown = self._filter.get("sites") and tag == "iframe"
        return not shown or any(f".{host}".endswith(f".{one}") for one in self._sites)

    def handle_starttag(self, tag, attrs):
        kept = self._kept(tag, attrs)
        start, end = "", ""
        if None in self._open:
            start, end = self._code(self.get_starttag_text()), None
        elif kept is not None:
            said = "".join(f' {name}="{escape(value)}"' for name, value in kept)
            start, end = f"<{tag}{said}>", f"</{tag}>"
        elif tag in self._filter.get("drops", ()) or self._filter["else"] == "text":
            start, end = self._code(self.get_starttag_text()), None
        self.made += start
        if tag not in EMPTY:
            self._open.append(end)

    def handle_endtag(self, tag):
        end = self._open.pop()
        self.made += self._code(f"</{tag}>") if end is None else end

    def handle_data(self, data):
        self.made += self._code(data) if None in self._open else data

    def handle_entityref(self, name):
        self.handle_data(f"&{name};")

    def _code(self, code):
        """The code of what does not stay: shown as text, or nowhere."""
        return escape(code) if self._filter.get("else") == "text" else ""


def wordpress(answer):
    """The page that WordPress makes of an oEmbed answer of a site that it does not know, with its own script."""
    html = Filtered(answer, "wordpress_oembed").made
    quoted = html.startswith("<blockquote>")
    given = f'class="wp-embedded-content" sandbox="allow-scripts" security="restricted" data-secret="{SECRET}"'
    hidden = ' style="position: absolute; clip: rect(1px, 1px, 1px, 1px);"' if quoted else ""
    html = re.sub(r'<iframe src="([^"]*)"', rf'<iframe {given}{hidden} src="\1#?secret={SECRET}"', html)
    html = html.replace("<blockquote>", f'<blockquote class="wp-embedded-content" data-secret="{SECRET}">', 1)
    return html + (f"<script>{HEARS}</script>" if quoted else "")


# What its script does, which it brings along where there is a quotation: to whoever knows the word it gives a height of
# 200 to 1000 pixels, and a way to where the frame came from (wordpress-develop: src/js/_enqueues/wp/embed.js).
HEARS = """
const frame = document.querySelector("iframe");
addEventListener("message", ({ data, source }) => {
    if (!data || data.secret !== frame.dataset.secret) return;
    document.querySelectorAll("blockquote").forEach((one) => (one.style.display = "none"));
    if (source !== frame.contentWindow) return;
    frame.removeAttribute("style");
    if (data.message === "height") frame.height = Math.min(1000, Math.max(200, parseInt(data.value, 10)));
    if (data.message !== "link" || document.activeElement !== frame) return;
    if (new URL(data.value).host === new URL(frame.src).host) top.location.href = data.value;
});
document.addEventListener("DOMContentLoaded", () =>
    frame.contentWindow.postMessage({ message: "ready", secret: frame.dataset.secret }, "*"));
"""
