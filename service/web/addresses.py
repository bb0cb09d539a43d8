"""Which page an address means. The language stands in the address and nowhere else."""

from __future__ import annotations

import re
from dataclasses import astuple

from service.rulebook.site import Site


def meant(site: Site, path: str) -> str | None:
    """The page that an address without one was meant for: always one of ours, and never a part of what was asked.

    As people write it: with a slash at the end or one too many, or in capitals.
    """
    pages = {page.lower(): page for one in site.addresses.values() for page in astuple(one)}
    return pages.get(re.sub("/+", "/", path).rstrip("/").lower() or "/")


def language_of(site: Site, path: str) -> str:
    """The language of an address; the usual one where it names none."""
    for code, one in site.addresses.items():
        below = [f"{page}/" for page in (one.start, one.book) if page != "/"]
        if path in astuple(one) or path.startswith(tuple(below)):
            return code
    return site.usual
