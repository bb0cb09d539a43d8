"""What a web team copies to put Wegwijzer on its site: a link, an element, a plain frame, and what to allow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from service.rulebook.site import Addresses
from service.web.embedding.frame import SANDBOX, Scripts

WIDTH, HEIGHT = 700, 800  # pixels of a plain frame


@dataclass(frozen=True)
class Choice:
    """What a site chooses: the language, and what is chosen beforehand for whoever comes there."""

    language: str
    organisation: str | None = None
    concern: str | None = None
    theme: str | None = None

    @property
    def query(self) -> str:
        """The choice as the frame's address has it."""
        chosen = {"organisation": self.organisation, "concern": self.concern, "theme": self.theme}
        given = {name: one for name, one in chosen.items() if one}
        return f"?{urlencode(given)}" if given else ""

    @property
    def attributes(self) -> str:
        """The choice as the element has it."""
        chosen = {"organisatie": self.organisation, "onderwerp": self.concern, "thema": self.theme}
        given = [("taal", self.language), *((name, one) for name, one in chosen.items() if one)]
        return " ".join(Markup('{}="{}"').format(*one) for one in given)


class Snippets:
    """What to copy, for a service at an address."""

    def __init__(self, address: str, pages: Mapping[str, Addresses], scripts: Scripts) -> None:
        self._address, self._pages, self._scripts = address, pages, scripts

    def link(self, language: str, text: str) -> str:
        """A link: the safest, for the site around it sees nothing at all."""
        return str(Markup('<a href="{}">{}</a>').format(self._address + self._pages[language].start, text))

    def element(self, choice: Choice, text: str) -> str:
        """The element, with the script that makes its frame and a link for where it cannot.

        A language that the script does not know gets the plain frame; a site of another name gives the frame its title.
        """
        version = self._scripts.newest
        inner, known = self.link(choice.language, text), self._scripts.by_version[version].decode()
        if self._pages[choice.language].frame.lstrip("/") not in known:
            return f"{self.frame(choice, text)}\n<p>{inner}</p>"
        title = "" if text in known else Markup(' titel="{}"').format(text)
        address = f"{self._address}/embed/{version}/wegwijzer.js"
        script = Markup('<script src="{}" integrity="{}" crossorigin="anonymous" defer></script>').format(
            address, self._scripts.integrity(version)
        )
        return (
            f"{script}\n<wegwijzer-vragenlijst {choice.attributes}{title}>\n  <p>{inner}</p>\n</wegwijzer-vragenlijst>"
        )

    def frame(self, choice: Choice, title: str, width: int = WIDTH, height: int = HEIGHT) -> str:
        """A plain frame: of a fixed size, and without a link for where it cannot be shown."""
        tag = Markup(
            '<iframe src="{}" title="{}" width="{}" height="{}" sandbox="{}" referrerpolicy="no-referrer"></iframe>'
        )
        return str(tag.format(self.frame_address(choice), title, width, height, SANDBOX))

    def kept(self, choice: Choice, link: str, title: str, width: int, height: int) -> str:
        """What WordPress keeps alive: a link in a quotation, which it shows until the frame says how high it is."""
        return f"<blockquote>{self.link(choice.language, link)}</blockquote>" + self.frame(choice, title, width, height)

    def frame_address(self, choice: Choice) -> str:
        """Where the frame stands."""
        return f"{self._address}{self._pages[choice.language].frame}{choice.query}"

    def policy(self) -> str:
        """What the Content-Security-Policy of the site must allow."""
        return f"script-src {self._address}; frame-src {self._address}"
