"""How long what is read may be kept, and 304 for whoever has it already. Knows nothing of what it keeps.

Only what says nothing of anybody comes here: never an answer to a POST, never what somebody searched for.
"""

from __future__ import annotations

from flask import Response, request

from service.web.compression import Packed, small, tag

ASK_FIRST = "no-cache"  # depends on today: may be kept, but must be held against ours before each use
A_WHILE = "public, max-age=300, must-revalidate"  # changes only when rules, words or service do


def kept(response: Response, how_long: str) -> Response:
    """The response to a GET as it may be kept, or 304 when the caller's own copy is still right.

    The tag is weak: the same content is sent as it is and compressed, and those are not the same bytes.
    """
    response.headers["Cache-Control"] = how_long
    own = (response.tag if isinstance(response, Packed) else "") or tag(response.get_data())
    response.set_etag(own, weak=True)
    if not request.if_none_match.contains_weak(own):
        return small(response)
    response.status_code = 304
    response.set_data(b"")
    response.vary.add("Accept-Encoding")
    return response
