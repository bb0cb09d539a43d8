"""Sites of others that show Wegwijzer: pages of their own on another site than ours, with the headers they want."""

from __future__ import annotations

from conftest import Served


class Host:
    """A site at http://localhost, which to a browser is another site than 127.0.0.1."""

    def __init__(self):
        self.pages = {}
        self._served = Served(self._answer)
        self.origin = self._served.address.replace("127.0.0.1", "localhost")

    def _answer(self, environ, start_response):
        body, headers = self.pages.get(environ["PATH_INFO"], ("", ()))
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), *headers])
        return [body.encode()]

    def shows(self, path, body, **headers):
        """Put a page at a path; gives its address."""
        page = f'<!doctype html><html lang="nl"><head><title>Intranet</title></head><body><main><h1>Intranet</h1>{body}'
        self.pages[path] = (page, [(name.replace("_", "-"), value) for name, value in headers.items()])
        return self.origin + path

    def stop(self):
        self._served.stop()
