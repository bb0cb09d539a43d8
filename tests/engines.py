"""The three engines that people's browsers have, behind one small interface: open, script, press, picture.

Chromium goes through Playwright; Firefox by WebDriver BiDi and WebKit by WebDriver, the standards of the W3C that both
speak by themselves. Why not by one library for all: docs/decisions/017.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from conftest import CHROMIUM_WITHOUT_WINDOWS as CHROMIUM
from conftest import start_chromium
from playwright.sync_api import Error
from running import free_port, until
from websockets.sync.client import connect

FIREFOX = "/usr/bin/firefox-esr"
XVFB = "/usr/bin/Xvfb"
WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver"
MINI_BROWSER = "webkit2gtk-4.1/MiniBrowser"
PATIENCE = 60  # seconds a step of a browser may take on a busy machine
STARTS = 30  # seconds a browser may take to begin, before it is begun anew
# What Firefox must not do by itself: ask its maker for things, and show pages nobody opened.
PREFERENCES = {
    "app.update.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_open_during_load": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.localDomains": "localhost",
    "remote.prefs.recommended": True,
    "security.fileuri.strict_origin_policy": True,  # as people have it; what drives it would let it go
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "Down": "\ue015"}  # as WebDriver writes them
# Where to look for a role, for the engine that tells it of an element and not the other way round.
SPEAKING = {"heading": "h1", "group": "fieldset", "radio": "[type=radio]", "checkbox": "[type=checkbox]"}
TO_THE_MIDDLE = (
    "const one = document.querySelector(arguments[0]);"
    "one.scrollIntoView({ block: 'center', behavior: 'instant' }); return one"
)


class MissingBrowserError(Exception):
    """A browser is not on this machine; the gate needs all three."""


class RefusedError(Exception):
    """A browser could not do what was asked; says what it said."""


def needed(path):
    """A program that must be there."""
    if not Path(path).exists():
        raise MissingBrowserError(
            f"{path} is not here; `scripts/setup browser` installs the browsers that the tests need"
        )
    return path


def tab_to(browser, selector):
    """By keyboard alone to the next place that fits, on a page that takes presses."""
    until(lambda: browser.script("return document.documentElement.dataset.settling !== 'yes'"))
    for _ in range(60):
        browser.key("Tab")
        if browser.script("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(selector)


class Process:
    """A program with all that it starts, in a folder of its own; goes away whole."""

    def __init__(self, *command, files=(), **environment):
        self.home = tempfile.mkdtemp(prefix="engine-")
        for name, text in dict(files).items():
            path = Path(self.home, name)
            path.parent.mkdir()
            path.write_text(text, "utf-8")
        own = {"HOME": self.home, "XDG_RUNTIME_DIR": self.home, "TMPDIR": self.home, **environment}
        self.said = Path(self.home, "said")
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                [one.format(home=self.home) for one in command],
                env={**os.environ, **own},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def saying(self, pattern):
        """Wait until it says something; gives what the pattern caught."""

        def found():
            text = self.said.read_text("utf-8", "replace")
            assert self._process.poll() is None, text
            return re.search(pattern, text)

        try:
            return until(found, PATIENCE)[1]
        except AssertionError:
            self.stop()
            raise

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


class Chromium:
    """Through Playwright, as all other tests of pages."""

    def __init__(self, playwright):
        self._browser = start_chromium(playwright, needed(CHROMIUM))
        self._page = self._frame = self._browser.new_page()

    def open(self, address):
        """Open an address in a window that knows nothing of what was before."""
        self._page.context.close()
        self._page = self._frame = self._browser.new_page()
        self._page.set_default_timeout(PATIENCE * 1000)
        self._page.goto(address)

    def size(self, width, height):
        """Make the window this big."""
        self._page.set_viewport_size({"width": width, "height": height})

    def within(self):
        """Go into the frame that the page shows."""
        self._frame = until(lambda: self._page.frames[1:])[0]

    def without(self):
        """Go back to the page around the frame."""
        self._frame = self._page

    def script(self, body, *given):
        """What a function body returns, called with what is given."""
        try:
            return self._frame.evaluate(f"(given) => (function () {{ {body} }})(...given)", list(given))
        except Error as error:
            raise RefusedError(str(error)) from None

    def press(self, selector):
        """Press an element as a person does: scroll to it, click in its middle."""
        try:
            self._frame.locator(selector).click()
        except Error as error:
            raise RefusedError(str(error)) from None

    def key(self, name):
        """Press a key of `KEYS` on what has the focus."""
        self._page.keyboard.press(name)

    def speaks(self, role, name):
        """How often the accessibility tree of the page holds an element with this role and name."""
        session = self._page.context.new_cdp_session(self._page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        held = [(one.get("role", {}).get("value"), one.get("name", {}).get("value")) for one in nodes]
        return held.count((role, name))

    def travel(self, steps):
        """Press Back or Forward of the browser."""
        self._page.evaluate("(steps) => { setTimeout(() => history.go(steps)) }", steps)

    def picture(self):
        """What is in sight, as PNG."""
        return self._page.screenshot()

    def stop(self):
        self._browser.close()


class Firefox:
    """By WebDriver BiDi, which Firefox speaks without a driver."""

    WANTS = ("--no-remote", "--profile", "{home}/profile", "--remote-debugging-port", "0")

    def __init__(self, playwright=None):
        self._process = self._started(f"{needed(FIREFOX)} --headless {' '.join(self.WANTS)}".split())
        address = self._process.saying(r"WebDriver BiDi listening on (ws://\S+)")
        self._open = contextlib.ExitStack()
        self._open.callback(self._process.stop)
        self._socket = self._open.enter_context(connect(f"{address}/session", max_size=None, open_timeout=PATIENCE))
        self._numbers = itertools.count(1)
        self._ask("session.new", capabilities={})
        self._page = self._frame = None

    def _started(self, command, **environment):
        preferences = "".join(f"user_pref({json.dumps(one)}, {json.dumps(to)});\n" for one, to in PREFERENCES.items())
        return Process(*command, files={"profile/user.js": preferences}, MOZ_CRASHREPORTER_DISABLE="1", **environment)

    def _ask(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while (said := json.loads(self._socket.recv(PATIENCE))).get("id") != number:
            pass
        if said["type"] == "error":
            raise RefusedError(f"{method}: {said['error']}: {said['message']}")
        return said["result"]

    def open(self, address):
        old, self._page = self._page, self._ask("browsingContext.create", type="tab")["context"]
        if old:
            self._ask("browsingContext.close", context=old)
        self.without()
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def size(self, width, height):
        self._ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})

    def within(self):
        def frames():
            return self._ask("browsingContext.getTree", root=self._page)["contexts"][0]["children"]

        self._frame = until(frames)[0]["context"]

    def without(self):
        self._frame = self._page

    def _call(self, body, *given):
        return self._ask(
            "script.callFunction",
            functionDeclaration=f"function () {{ {body} }}",
            arguments=list(given),
            target={"context": self._frame},
            awaitPromise=True,
            userActivation=False,
        )

    def script(self, body, *given):
        said = self._call(
            f"return JSON.stringify((function () {{ {body} }})(...JSON.parse(arguments[0])) ?? null)",
            {"type": "string", "value": json.dumps(given)},
        )
        if said["type"] == "exception":
            raise RefusedError(said["exceptionDetails"]["text"])
        return json.loads(said["result"]["value"])

    def press(self, selector):
        said = self._call(TO_THE_MIDDLE, {"type": "string", "value": selector})
        if said["type"] == "exception":
            raise RefusedError(said["exceptionDetails"]["text"])
        middle = {"type": "element", "element": {"sharedId": said["result"]["sharedId"]}}
        self._act(
            "pointer",
            {"type": "pointerMove", "x": 0, "y": 0, "origin": middle},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    def key(self, name):
        self._act("key", {"type": "keyDown", "value": KEYS[name]}, {"type": "keyUp", "value": KEYS[name]})

    def speaks(self, role, name):
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        return len(self._ask("browsingContext.locateNodes", context=self._frame, locator=locator)["nodes"])

    def _act(self, kind, *actions):
        one = {"type": kind, "id": kind, "actions": list(actions)}
        self._ask("input.performActions", context=self._frame, actions=[one])

    def travel(self, steps):
        self._ask("browsingContext.traverseHistory", context=self._page, delta=steps)

    def picture(self):
        return base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self._page)["data"])

    def stop(self):
        self._open.close()


class WebKit:
    """By WebDriver, on a screen that nobody sees. This is WebKitGTK, the engine of Safari without Apple's parts."""

    ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # by which the standard marks an element in JSON

    def __init__(self, playwright=None):
        browser = next(Path("/usr/lib").glob(f"*/{MINI_BROWSER}"), Path("/usr/lib", MINI_BROWSER))
        self._screen = Process(needed(XVFB), "-displayfd", "1", "-screen", "0", "1600x2600x24", "-nolisten", "tcp")
        self._display = self._screen.saying(r"(\d+)\n")
        self._options = {"binary": str(needed(browser)), "args": ["--automation"]}
        self._session = None
        self._drive()

    def _drive(self):
        port = free_port()
        self._at = f"http://127.0.0.1:{port}"
        self._driver = Process(
            *(needed(WEBKIT_DRIVER), f"--port={port}"),
            **{"DISPLAY": f":{self._display}", "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"},
        )
        until(lambda: self._ask("GET", "/status"), PATIENCE)

    def _begin(self):
        """A new browser, with no history. Once in hundreds of times one never begins: then its driver is begun anew."""
        wanted = {"webkitgtk:browserOptions": self._options, "pageLoadStrategy": "normal"}
        for last in (False, False, True):
            try:
                return self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, STARTS)["sessionId"]
            except TimeoutError:
                if last:
                    raise
                self._driver.stop()
                self._drive()
        return None

    def _ask(self, method, path, body=None, patience=PATIENCE):
        request = urllib.request.Request(
            self._at + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                said = json.load(error)["value"]
            raise RefusedError(f"{path}: {said['error']}: {said['message']}") from None

    def _tell(self, path, **body):
        return self._ask("POST", f"/session/{self._session}/{path}", body)

    def open(self, address):
        self._close()
        self._session = self._begin()
        self._tell("url", url=address)

    def size(self, width, height):
        self._tell("window/rect", width=width, height=height)
        around = self.script("return [outerWidth - innerWidth, outerHeight - innerHeight]")
        self._tell("window/rect", width=width + around[0], height=height + around[1])

    def within(self):
        # What WebDriver finds by itself does not reach into the shadow in which our element keeps its frame.
        frame = (
            "return document.querySelector('iframe') ?? [...document.querySelectorAll('*')].map((one) =>"
            " one.shadowRoot?.querySelector('iframe')).find(Boolean)"
        )
        self._tell("frame", id=until(lambda: self._tell("execute/sync", script=frame, args=[])))

    def without(self):
        self._tell("frame", id=None)

    def script(self, body, *given):
        return self._tell("execute/sync", script=body, args=list(given))

    def press(self, selector):
        self.script(TO_THE_MIDDLE, selector)
        found = self._tell("element", using="css selector", value=selector)
        self._tell(f"element/{found[self.ELEMENT]}/click")

    def key(self, name):
        pressed = [{"type": "keyDown", "value": KEYS[name]}, {"type": "keyUp", "value": KEYS[name]}]
        self._tell("actions", actions=[{"type": "key", "id": "key", "actions": pressed}])

    def speaks(self, role, name):
        held = self._tell("elements", using="css selector", value=SPEAKING[role])
        return sum((self._computed(one, "role"), self._computed(one, "label")) == (role, name) for one in held)

    def _computed(self, element, what):
        return self._ask("GET", f"/session/{self._session}/element/{element[self.ELEMENT]}/computed{what}")

    def travel(self, steps):
        self._tell("back" if steps < 0 else "forward")

    def picture(self):
        return base64.b64decode(self._ask("GET", f"/session/{self._session}/screenshot"))

    def _close(self):
        if self._session:
            with contextlib.suppress(RefusedError):
                self._ask("DELETE", f"/session/{self._session}")
            self._session = None

    def stop(self):
        self._close()
        self._driver.stop()
        self._screen.stop()


ENGINES = {"chromium": Chromium, "firefox": Firefox, "webkit": WebKit}
