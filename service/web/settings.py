"""What a deployer sets, read once at the start from the environment; a wrong value is refused there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from service.core.errors import WegwijzerError

DATABASE = "WEGWIJZER_DATABASE"
EXIT = "WEGWIJZER_EXIT"
THEME = "WEGWIJZER_THEME"
THEMES = "WEGWIJZER_THEMES"
EMBED = "WEGWIJZER_EMBED"
ADDRESS = "WEGWIJZER_ADDRESS"

LIGHT = "licht"  # the name by which a site without a dark side asks for our own look, but always light
STYLE = "theme.css"  # what a folder of a deployer's own look must hold
NEUTRAL = "https://www.knmi.nl/"
THIS_MACHINE = ("localhost", "127.0.0.1")  # for trying out; the only hosts that may do without TLS
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


class WrongSetting(WegwijzerError):
    """A setting cannot be used; says which, and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What a deployer sets.

    Attributes:
        database: where the directory's database stands; None for memory.
        exit: where "leave this site" leads.
        theme: the folder of the deployer's own look.
        themes: name -> folder of a look that a site which embeds may ask for.
        embed: the origins that may show the questionnaire in a frame.
        address: the service's own origin for the outside world; None for what a request says.

    """

    database: Path | None = None
    exit: str = NEUTRAL
    theme: Path | None = None
    themes: Mapping[str, Path] = field(default_factory=dict)
    embed: tuple[str, ...] = ()
    address: str | None = None

    @property
    def exit_name(self) -> str:
        """The site that leaving leads to, as a reader knows it."""
        return (urlsplit(self.exit).hostname or "").removeprefix("www.")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        WrongSetting: the exit or the address is not a web address, a theme is not a folder with a theme.css, or an
            origin is not exact.

    """
    database, exit_, theme = (environment.get(name) for name in (DATABASE, EXIT, THEME))
    if exit_ is not None:
        parts = urlsplit(exit_)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise WrongSetting(f"{EXIT} must be a web address such as {NEUTRAL}")
    if theme is not None and not (Path(theme) / STYLE).is_file():
        raise WrongSetting(f"{THEME} must name a folder that holds {STYLE}; see docs/theming.md.")
    address = environment.get(ADDRESS)
    if address is not None and _origin_of(address) is None:
        raise WrongSetting(f"{ADDRESS} must be an address such as https://wegwijzer.example.nl, without a path.")
    return Settings(
        Path(database) if database else None,
        exit_ or NEUTRAL,
        Path(theme) if theme else None,
        _themes(environment.get(THEMES)),
        _origins(environment.get(EMBED, "")),
        address,
    )


def _themes(folder: str | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not Path(folder).is_dir():
        raise WrongSetting(f"{THEMES} must name a folder with a folder for each look; see docs/theming.md.")
    found = {path.name: path for path in sorted(Path(folder).iterdir()) if path.is_dir()}
    for name, path in found.items():
        if not NAME.fullmatch(name) or name == LIGHT:
            raise WrongSetting(f"{THEMES}: the look {name!r} needs another name, of small letters, digits and hyphens.")
        if not (path / STYLE).is_file():
            raise WrongSetting(f"{THEMES}: the look {name!r} holds no {STYLE}; see docs/theming.md.")
    return found


def _origins(text: str) -> tuple[str, ...]:
    for one in text.split():
        if _origin_of(one) is None:
            raise WrongSetting(
                f"{EMBED}: {one!r} is not an exact origin. Write each as https://intranet.example.nl (small letters, "
                "no path, no slash at the end, no *, no :443), with a space between two of them."
            )
    return tuple(dict.fromkeys(text.split()))


def _origin_of(text: str) -> str | None:
    """The text if it is exactly an origin that may be trusted, else None."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in THIS_MACHINE)
    usual = 443 if parts.scheme == "https" else 80
    if not secure or not HOST.fullmatch(host) or ".." in host or port == usual:
        return None
    exact = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return text if text == exact else None
