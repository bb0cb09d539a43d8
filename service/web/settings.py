"""What a deployer sets, read once at the start from the environment; a wrong value is refused there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from service.core.errors import WegwijzerError

DATABASE = "WEGWIJZER_DATABASE"
EXIT = "WEGWIJZER_EXIT"
THEME = "WEGWIJZER_THEME"

STYLE = "theme.css"  # what a folder of a deployer's own look must hold
NEUTRAL = "https://www.knmi.nl/"


class WrongSetting(WegwijzerError):
    """A setting cannot be used; says which, and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """Where the directory's database stands, where "leave this site" leads, and the folder of the deployer's look."""

    database: Path | None = None
    exit: str = NEUTRAL
    theme: Path | None = None

    @property
    def exit_name(self) -> str:
        """The site that leaving leads to, as a reader knows it."""
        return (urlsplit(self.exit).hostname or "").removeprefix("www.")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        WrongSetting: the exit is not a web address, or the theme is not a folder with a theme.css.

    """
    database, exit_, theme = (environment.get(name) for name in (DATABASE, EXIT, THEME))
    if exit_ is not None:
        parts = urlsplit(exit_)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise WrongSetting(f"{EXIT} must be a web address such as {NEUTRAL}")
    if theme is not None and not (Path(theme) / STYLE).is_file():
        raise WrongSetting(f"{THEME} must name a folder that holds {STYLE}; see docs/theming.md.")
    return Settings(Path(database) if database else None, exit_ or NEUTRAL, Path(theme) if theme else None)
