"""What a page of another site may do with the API in a browser, if the deployer wants that (WEGWIJZER_CORS).

Any site, or none: there is no cookie and no key, so a browser sends nothing that the page does not have. Pages that
people read stay closed to other sites whatever is set, and so does what is no operation.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

from service.web.settings import READ, REFER
from service.web.versions import PREFIX

ORIGIN = "Access-Control-Allow-Origin"
TOLD = "API-Version, Deprecation, ETag, Link, Retry-After, Sunset"  # of the headers, what a script may see
SENT = "Content-Encoding, Content-Type, If-None-Match"
A_DAY = "86400"
NEEDS = {"GET": READ, "HEAD": READ, "POST": REFER}

WORDS = {
    (): "a browser lets them read this document and no other response, for no other has",
    (READ,): "a browser lets them read everything that is read by GET, and no answer to a POST, which does not have",
    (READ, REFER): "a browser lets them read everything and ask for referrals: each response has",
}


def told(allowed: Sequence[str]) -> str:
    """In words what is allowed, for the document."""
    return f"{WORDS[tuple(allowed)]} `{ORIGIN}`."


def register(app: Flask, allowed: Sequence[str]) -> None:
    """Let any site do what is allowed, also where it is told of a mistake."""

    @app.after_request
    def _say(response: Response) -> Response:
        if not request.path.startswith(f"{PREFIX}/"):
            return response
        asked = request.headers.get("Access-Control-Request-Method", "") if request.method == "OPTIONS" else ""
        if NEEDS.get(asked or request.method) in allowed:
            response.headers[ORIGIN] = "*"
            response.headers["Access-Control-Expose-Headers"] = TOLD
            if asked:
                response.headers["Access-Control-Allow-Methods"] = asked
                response.headers["Access-Control-Allow-Headers"] = SENT
                response.headers["Access-Control-Max-Age"] = A_DAY
        return response
