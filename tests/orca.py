"""Orca, the screen reader of GNOME, on a desktop that nobody sees: what it would say stands in a file."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from engines import FIREFOX, PATIENCE, XVFB, Firefox, Process, needed
from running import until

PROGRAMS = ("/usr/bin/orca", "/usr/bin/openbox", "/usr/bin/dbus-run-session", "/usr/libexec/at-spi-bus-launcher")
PORT = r"(\d+)\n"
ENABLED = (
    "gdbus call --session --dest org.a11y.Bus --object-path /org/a11y/bus "
    "--method org.freedesktop.DBus.Properties.Set org.a11y.Status IsEnabled '<true>'"
)
# On a desktop with windows, for what has none has no focus; and the browser last, when somebody listens.
SESSION = f"""
openbox & /usr/libexec/at-spi-bus-launcher --launch-immediately &
until {ENABLED}; do sleep 0.2; done
orca --debug-file=$SPOKEN --enable=speech &
until test -e {{home}}/listens; do sleep 0.2; done
exec {FIREFOX} {" ".join(Firefox.WANTS)}
"""
SPOKEN = re.compile(r"SPEECH OUTPUT: '(.*?)'(?: ?\{.*\})?\r?$", re.MULTILINE)


class Heard(Firefox):
    """Firefox, and what Orca says of it."""

    def _started(self, command, **environment):
        for one in PROGRAMS:
            needed(one)
        self._screen = Process(needed(XVFB), "-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp")
        self._listen()
        x11 = {"DISPLAY": f":{self._screen.saying(PORT)}", "GDK_BACKEND": "x11"}
        own = {"GNOME_ACCESSIBILITY": "1", "GSETTINGS_BACKEND": "memory", "SPOKEN": self._file}
        session = super()._started(("dbus-run-session", "--", "sh", "-c", SESSION), **x11, **own)
        until(self.spoken, PATIENCE)
        Path(session.home, "listens").touch()
        return session

    def _listen(self):
        """To a terminal, for into another file Orca writes what it says much later."""
        self._text, (reads, writes) = "", os.openpty()
        self._file = os.ttyname(writes)

        def listen():
            while True:
                self._text += os.read(reads, 65536).decode("utf-8", "replace")

        threading.Thread(target=listen, daemon=True).start()

    def spoken(self):
        """Everything that was said so far, in one line."""
        return " ".join(" ".join(SPOKEN.findall(self._text)).split())

    def says(self, words, since=0):
        """Wait until words are said after what was said before; gives how much was said by then."""
        wanted = " ".join(words.split())
        until(lambda: wanted in self.spoken()[since:], PATIENCE)
        return len(self.spoken())

    def stop(self):
        super().stop()
        self._screen.stop()
