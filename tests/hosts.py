"""Sites of others that show Wegwijzer: pages of their own on another site than ours, with the headers they want."""

from __future__ import annotations

from conftest import Served

from service.web.embedding.frame import Scripts

SCRIPTS = Scripts()
FRAME = "wegwijzer-vragenlijst iframe"  # the frame in our element, as a selector


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


def strict(ours):
    """The policy of a careful site: nothing inline, no nonce, and of ours no more than needed."""
    return (
        f"default-src 'none'; script-src 'self' {ours.address}; frame-src {ours.address}; style-src 'self'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


HASH = SCRIPTS.integrity(SCRIPTS.newest)


def script(ours, hash_=HASH):
    address = f"{ours.address}/embed/{SCRIPTS.newest}/wegwijzer.js"
    return f'<script src="{address}" integrity="{hash_}" crossorigin="anonymous" defer></script>'


def element(ours, attributes=""):
    return (
        f"<wegwijzer-vragenlijst {attributes}>"
        f'<p><a href="{ours.address}/">Wegwijzer: waar kunt u terecht?</a></p></wegwijzer-vragenlijst>'
    )


def inside(page, number=0):
    """The frame with the questionnaire, ready; it can be walked like a page."""
    page.locator(FRAME).nth(number).wait_for(state="visible")
    page.wait_for_function(
        "(number) => /px/.test(document.querySelectorAll('wegwijzer-vragenlijst')[number]"
        ".shadowRoot.querySelector('iframe').style.height)",
        arg=number,
    )
    frame = page.locator(FRAME).nth(number).element_handle().content_frame()
    frame.scripted = True
    return frame
