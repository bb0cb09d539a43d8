"""Runs the service under gunicorn: built once, then forked; no access log."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from flask import Flask
from gunicorn.app.base import BaseApplication

from service.web import create_app
from service.web.settings import DATABASE


class _Server(BaseApplication):
    def __init__(self, app: Flask, options: dict[str, object]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:  # type: ignore[override]  # a Flask app is the callable it wants
        return self._app


def run(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Errors of authors surface before the first request."""
    os.environ.setdefault(DATABASE, str(default_database()))
    app = create_app()
    _Server(
        app,
        {"bind": f"{host}:{port}", "workers": workers, "accesslog": None, "loglevel": "warning", "preload_app": True},
    ).run()


def default_database() -> Path:
    """Where the directory's database stands when nobody says: a build product, so the cache is its place."""
    cache = os.environ.get("XDG_CACHE_HOME") or (f"{os.environ['HOME']}/.cache" if "HOME" in os.environ else None)
    return Path(cache or tempfile.gettempdir()) / "wegwijzer" / "directory.db"
