"""What stands before the application: which proxies are believed, and by which names the service may be called.

It does not know what is asked. A request that is refused here is refused in fixed words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from service.web.headers import NOTHING
from service.web.problems import BY_STATUS, told
from service.web.settings import THIS_MACHINE, Settings
from service.web.versions import VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEALTH = ("/health/live", "/health/ready")  # whoever looks whether it lives may know it by an address only
MISDIRECTED = json.dumps(told(BY_STATUS[HTTPStatus.MISDIRECTED_REQUEST])).encode()


def guarded(app: WSGIApplication, settings: Settings) -> WSGIApplication:
    """The application behind its guards.

    What proxies say is believed of as many as the deployer named, and of nobody else: with none named, every
    X-Forwarded header is what a caller made up.
    """
    known = _named(app, settings.answers_to)
    return ProxyFix(known, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)


def _named(app: WSGIApplication, names: list[str]) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_ours(environ.get("HTTP_HOST", "").lower(), names):
            return app(environ, start_response)
        if environ.get("PATH_INFO") in HEALTH:
            return app({**environ, "HTTP_HOST": THIS_MACHINE[0]}, start_response)
        start_response(
            "421 Misdirected Request",
            [
                ("Content-Type", "application/problem+json"),
                ("Content-Length", str(len(MISDIRECTED))),
                ("API-Version", VERSION),
                ("Cache-Control", "no-store"),
                ("Content-Security-Policy", NOTHING),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("Referrer-Policy", "no-referrer"),
            ],
        )
        return [MISDIRECTED]

    return answer


def _is_ours(host: str, names: list[str]) -> bool:
    # werkzeug compares names and addresses of IPv4 only: it reads a colon as the beginning of a port.
    return host_is_trusted(host, names) or (host_is_trusted(host) and host.partition("]")[0] + "]" in names)
