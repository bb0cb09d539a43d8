"""What somebody gets to read of a page: its words, and what is read out, without what is in another language."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "line", "col"}
NOT_READ = {"script", "style", "code", "pre"}
READ_OUT = ("title", "aria-label", "alt", "placeholder", "data-leaving", "data-wait", "data-device", "data-text")


class Visible(HTMLParser):
    """The words of a page in its language."""

    def __init__(self, html, language):
        super().__init__()
        self.words, self._language, self._open = [], language, []
        self.feed(html)

    @property
    def _reads(self):
        return not any(hidden for _, hidden in self._open)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        hidden = tag in NOT_READ or found.get("lang") not in (None, self._language)
        if not hidden and self._reads:
            self.words += [found[name] for name in READ_OUT if found.get(name)]
        if tag not in VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._reads and data.strip():
            self.words.append(data.strip())


def visible(html, language):
    """The texts that stand on a page in a language."""
    return Visible(html, language).words
