"""What a request costs, counted before it is answered: in requests of the limit, of which an ordinary one is one.

One request of the limit buys a hundred bytes for each byte that was sent, and the work of twenty referrals. What buys
more counts for more. docs/cost.md has the dearest request of each address; tests/test_cost.py holds it to what is
charged.
"""

from __future__ import annotations

from flask import Request, Response, g

from service.web.padding import of_posts

BYTES = 100  # answered, for each byte that was sent
BODY = 8 * 1024  # bytes of a body that one request may bring
MAKING = 8  # a page that is made because nobody asked for it today
WORKBENCH = 8  # two situations side by side, with every door and rule of each; or one, and the form that asked it

FREE = ("file", "health")  # what costs nothing but its bytes: a browser that comes for a page needs eight files


def asked(request: Request, most: int) -> int:
    """How many bytes a request has.

    Args:
        request: what came.
        most: bytes that its body may have; a longer one is refused unread, so it counts for nothing.

    """
    line = len(request.method) + len(request.environ.get("RAW_URI", request.path)) + len("  HTTP/1.1\r\n\r\n")
    said = sum([len(name) + len(value) + len(": \r\n") for name, value in request.headers])
    body = request.content_length or 0
    return line + said + (body if body <= most else 0)


def of_post(request: Request, most: int, situations: int = 1) -> int:
    """For how many requests a POST counts: its answer has a length that is known before it is made.

    Args:
        request: what came.
        most: bytes that its body may have.
        situations: how many are asked about.

    """
    answered = of_posts(request) * situations
    work = WORKBENCH if request.blueprint in ("advisor", "programmers") else situations
    read = of_body(request.content_length or 0)
    return max(1, work, read, _up(answered, BYTES * asked(request, most)))


def of_body(length: int) -> int:
    """For how many requests a body of so many bytes counts, once it is unpacked."""
    return _up(length, BODY)


def of_answer(request: Request, response: Response, kind: str) -> int:
    """For how many requests more than one a GET counts, for the bytes of its answer.

    Args:
        request: what came.
        response: made, and not sent yet.
        kind: what sort of thing it is.

    """
    if request.method != "GET":
        return 0
    bought = BYTES * asked(request, 0)
    length = len(response.get_data())
    return length // bought if kind in FREE else max(0, _up(length, bought) - 1)


def charge(requests: int) -> None:
    """Count these for whoever asks, beside what was counted for them; nothing where nobody is held to a limit.

    Raises:
        TooManyRequests: that is more than they may ask.

    """
    if requests > 0 and (meter := g.get("meter")):
        meter(requests)


def _up(much: int, step: int) -> int:
    return -(-much // step)
