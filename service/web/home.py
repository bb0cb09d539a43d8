"""/ : says what this is and where the API is described."""

from __future__ import annotations

from flask import Blueprint, Response, render_template


def blueprint() -> Blueprint:
    """The page at the root."""
    home = Blueprint("home", __name__)

    @home.get("/")
    def start() -> Response:
        return Response(render_template("home.html"), content_type="text/html; charset=utf-8")

    return home
