"""The looks that a page can have, and what axe and a ruler say of a page in one of them."""

from __future__ import annotations

from functools import cache
from itertools import cycle
from pathlib import Path

from running import LANGUAGES

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "build" / "tools" / "node_modules"
MODES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}
SIZES = {"desktop": {"width": 1280, "height": 900}, "320": {"width": 320, "height": 640}}
# Every two of language, mode and size meet in one look.
LOOKS = [
    (LANGUAGES[(number + place) % 2], mode, size)
    for number, mode in enumerate(MODES)
    for place, size in enumerate(SIZES)
]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # of sound, which no page of ours has
    "selectors": False,
}


@cache
def axe():
    return (TOOLS / "axe-core" / "axe.min.js").read_text("utf-8")


WITHOUT_COLOURS = AXE | {"rules": {"color-contrast": {"enabled": False}}}


def violations(page, known=False):
    """What axe finds on a page, in words.

    Args:
        page: that is shown.
        known: whether each part of it was seen in this look before: then colours are, and what stands around `main`.

    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(axe())
    how = [WITHOUT_COLOURS if known else AXE, known]
    run = '([settings, known]) => axe.run((known && document.querySelector("main")) || document, settings)'
    found = page.evaluate(run, how)["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in found]


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def mode_of(mode, size):
    return {"viewport": SIZES[size], **MODES[mode]}


def faults(page, language, part=None, looks=LOOKS, known=False):
    """What axe finds, and what has to be scrolled sideways, in each look of a language, the page staying where it is.

    Args:
        page: the page that is shown; its size and its colours are those of the last look afterwards.
        language: of the page.
        part: the frame within it to look at, if not the page itself.
        looks: of `LOOKS`, those to look at it in; those of another language are passed over.
        known: as for `violations`.

    """
    found = []
    for other, mode, size in looks:
        if other == language:
            page.set_viewport_size(SIZES[size])
            page.emulate_media(**{"forced_colors": "none", **MODES[mode]}, reduced_motion="reduce")
            found += [(mode, size, *one) for one in violations(part or page, known)]
            found += [(mode, size, "sideways")] if sideways(part or page) > 0 else []
    return found


PARTS = """() => [...new Set([...document.querySelectorAll("body *")].map(
    (one) => [one.tagName, one.type, ...one.classList].join(" ")
))].join("\\n")"""


# Each element with its parents up to two, the one before it, whether it says something, and the headings before it.
TOGETHER = """() => {
    const name = (one) => one ? [one.tagName, one.type, one.getAttribute("role"), ...one.classList].join(" ") : "";
    let heading = "";
    return [...new Set([...document.querySelectorAll("body *")].map((one) => {
        const said = [one, one.parentElement, one.parentElement.parentElement, one.previousElementSibling].map(name);
        const last = heading;
        heading = /^H[1-6]$/.test(one.tagName) ? one.tagName : heading;
        return [...said, Boolean(one.textContent.trim()), heading === one.tagName ? last : ""].join(" / ");
    }))].join("\\n");
}"""
TWICE = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""


class InTurn:
    """Looks at one page after another: at a new part in every look, in the next one where known parts meet anew.

    axe looks at elements and at what stands around them. What hangs on the page as a whole is seen on every page.
    """

    def __init__(self, language):
        self._language, self._seen = language, set()
        self._next = cycle([one for one in LOOKS if one[0] == language])

    def faults(self, page, part=None):
        """As `faults` of a page, or of a frame within it."""
        shown = part or page
        parts, together = (set(shown.evaluate(one).split("\n")) - self._seen for one in (PARTS, TOGETHER))
        self._seen |= parts | together
        found = [("twice", one) for one in shown.evaluate(TWICE)] + [("sideways",)] * (sideways(shown) > 0)
        if parts:
            return found + faults(page, self._language, part)
        return found + (faults(page, self._language, part, [next(self._next)], known=True) if together else [])
