"""What a deployer sets, read once at the start from the environment; a wrong value is refused there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from service.core.errors import WegwijzerError

EXIT = "WEGWIJZER_EXIT"
THEME = "WEGWIJZER_THEME"
THEMES = "WEGWIJZER_THEMES"
EMBED = "WEGWIJZER_EMBED"
ADDRESS = "WEGWIJZER_ADDRESS"
HOSTS = "WEGWIJZER_HOSTS"
PROXIES = "WEGWIJZER_PROXIES"
RATE = "WEGWIJZER_RATE"
SECURITY = "WEGWIJZER_SECURITY"
METRICS = "WEGWIJZER_METRICS"
HEALTH = "WEGWIJZER_HEALTH"
LOG = "WEGWIJZER_LOG"
CONTACT = "WEGWIJZER_CONTACT"
CALLS = "WEGWIJZER_CALLS"
CORS = "WEGWIJZER_CORS"
PADDING = "WEGWIJZER_PADDING"

LIGHT = "licht"  # the name by which a site without a dark side asks for our own look, but always light
READ, REFER = "read", "refer"  # what pages of any site may do with the API
STYLE = "theme.css"  # what a folder of a deployer's own look must hold
THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")  # for trying out; the only hosts that may do without TLS
PRESSED = ("touch", "never", "always")  # where a telephone number can be pressed; the first where nobody says
PADDED = ("browsers", "everybody")  # whose answers have one size; the first where nobody says
EVERYBODY = PADDED[1]
LEAST_RATE = 100  # a whole batch counts for as many; with less there would be pages that nobody could ever ask for
USUAL_RATE = 1200  # a ministry of ten thousand behind one address stays far below it; see docs/decisions/015
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


class SettingError(WegwijzerError):
    """A setting cannot be used; says which, and how to mend it."""


@dataclass(frozen=True)
class Contact:
    """Whom users of the API ask."""

    name: str
    email: str
    url: str


@dataclass(frozen=True)
class Settings:
    """What a deployer sets.

    Attributes:
        exit: where "leave this site" leads; None for where the texts say.
        theme: the folder of the deployer's own look.
        themes: name -> folder of a look that a site which embeds may ask for.
        embed: the origins that may show the questionnaire in a frame.
        address: the service's own origin for the outside world; None for what a request says.
        hosts: the names it answers to, besides those of this machine.
        proxies: how many proxies of the deployer's own stand before it; what others say of a caller is ignored.
        rate: how many requests one address may make in a minute; 0 for as many as it wants.
        security: where to report a weakness: mailto:, tel: or https:.
        metrics: host and port of a listener of its own for numbers; None for none.
        health: host and port of a listener of its own for health; None for none.
        calls: where a telephone number can be pressed: one of `PRESSED`.
        log: whether a line is written for each request, without anything of who asked.
        contact: whom users of the API ask; None when nobody is named.
        cors: what a page of any site may do with the API in a browser: read, and refer.
        padding: whose answers have one size: one of `PADDED`.

    """

    exit: str | None = None
    theme: Path | None = None
    themes: Mapping[str, Path] = field(default_factory=dict)
    embed: tuple[str, ...] = ()
    address: str | None = None
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    rate: int = 0
    security: str | None = None
    metrics: tuple[str, int] | None = None
    log: bool = False
    contact: Contact | None = None
    health: tuple[str, int] | None = None
    calls: str = PRESSED[0]
    cors: tuple[str, ...] = ()
    padding: str = PADDED[0]

    @property
    def inner(self) -> list[tuple[str, int]]:
        """Where whoever runs the service listens: host and port."""
        return [one for one in (self.metrics, self.health) if one]

    @property
    def answers_to(self) -> list[str]:
        """Every name that a request may call the service by."""
        own = urlsplit(self.address).hostname if self.address else None
        return [*self.hosts, *([own] if own else []), *THIS_MACHINE]


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        SettingError: one of them cannot be used; says which, and how to write it.

    """
    exit_, theme = (environment.get(name) for name in (EXIT, THEME))
    if exit_ is not None and not _web_address(exit_):
        raise SettingError(f"{EXIT} must be a web address such as https://www.example.nl/")
    if theme is not None and not _there(Path(theme) / STYLE, Path.is_file):
        raise SettingError(f"{THEME} must name a folder that holds {STYLE}; see docs/theming.md.")
    address = environment.get(ADDRESS)
    if address is not None and _origin_of(address) is None:
        raise SettingError(f"{ADDRESS} must be an address such as https://wegwijzer.example.nl, without a path.")
    return Settings(
        exit_,
        Path(theme) if theme else None,
        _themes(environment.get(THEMES)),
        _origins(environment.get(EMBED, "")),
        address,
        _hosts(environment.get(HOSTS, "")),
        _number(environment, PROXIES, 0, 9),
        _rate(environment),
        _security(environment.get(SECURITY)),
        _listener(environment, METRICS, 9100),
        _log(environment.get(LOG)),
        _contact(environment.get(CONTACT)),
        _listener(environment, HEALTH, 8001),
        _one_of(environment, CALLS, PRESSED),
        _cors(environment.get(CORS, "")),
        _one_of(environment, PADDING, PADDED),
    )


def _contact(text: str | None) -> Contact | None:
    if text is None:
        return None
    parts = [one.strip() for one in text.rsplit(",", 2)]
    if len(parts) == 3 and parts[0] and MAIL.fullmatch(parts[1]) and _web_address(parts[2]):
        return Contact(*parts)
    raise SettingError(
        f"{CONTACT} must be a name, an e-mail address and a web address with commas between, "
        "as: API team, api@wegwijzer.example.nl, https://wegwijzer.example.nl/api"
    )


def _cors(text: str) -> tuple[str, ...]:
    allowed = tuple(text.split())
    if allowed not in ((), (READ,), (READ, REFER)):
        raise SettingError(f"{CORS} must be {READ}, or {READ} {REFER}, or not be set.")
    return allowed


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(' <>"')
    return plain and parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username


def _hosts(text: str) -> tuple[str, ...]:
    for one in text.split():
        if not HOST.fullmatch(one.removeprefix(".")) or ".." in one:
            raise SettingError(
                f"{HOSTS}: write each name as wegwijzer.example.nl (small letters, no port), with a space between two; "
                ".example.nl means every name below it."
            )
    return tuple(dict.fromkeys(text.split()))


def _number(environment: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = environment.get(name) or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        raise SettingError(f"{name} must be a number from 0 to {most}.")
    return int(text)


def _rate(environment: Mapping[str, str]) -> int:
    rate = _number(environment, RATE, USUAL_RATE, 60_000)
    if 0 < rate < LEAST_RATE:
        raise SettingError(f"{RATE} must be 0 or at least {LEAST_RATE}; a batch counts for as many.")
    return rate


def _security(text: str | None) -> str | None:
    if not text:
        return None
    if not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|tel:\+?[0-9-]+|https://[^\s/]+\S*)", text):
        raise SettingError(f"{SECURITY} must be one of mailto:name@example.nl, https://example.nl/report, tel:+31-…")
    return text


def _listener(environment: Mapping[str, str], name: str, such: int) -> tuple[str, int] | None:
    if not (text := environment.get(name)):
        return None
    host, _, port = text.rpartition(":")
    of_ipv6 = host.startswith("[") and host.endswith("]")
    if not host or (":" in host and not of_ipv6) or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise SettingError(
            f"{name} must be an address and a port of its own, such as 127.0.0.1:{such} or [::1]:{such}."
        )
    return host, int(port)


def in_brackets(host: str) -> str:
    """A host as it stands in an address: one of IPv6 in brackets, whether or not it was given in them."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _log(text: str | None) -> bool:
    if text not in (None, "", "requests"):
        raise SettingError(f"{LOG} must be requests, or not be set.")
    return text == "requests"


def _one_of(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of some words; the first where nobody says."""
    text = environment.get(name) or choices[0]
    if text not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}.")
    return text


def _there(path: Path, is_so: Callable[[Path], bool]) -> bool:
    """Whether a deployer named what is there; what nobody may look at, or can be called so, is not."""
    try:
        return is_so(path)
    except OSError:
        return False


def _themes(folder: str | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not _there(Path(folder), Path.is_dir):
        raise SettingError(f"{THEMES} must name a folder with a folder for each look; see docs/theming.md.")
    found = {path.name: path for path in sorted(Path(folder).iterdir()) if path.is_dir()}
    for name, path in found.items():
        if not NAME.fullmatch(name) or name == LIGHT:
            raise SettingError(f"{THEMES}: the look {name!r} needs another name, of small letters, digits and hyphens.")
        if not _there(path / STYLE, Path.is_file):
            raise SettingError(f"{THEMES}: the look {name!r} holds no {STYLE}; see docs/theming.md.")
    return found


def _origins(text: str) -> tuple[str, ...]:
    for one in text.split():
        if _origin_of(one) is None:
            raise SettingError(
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
