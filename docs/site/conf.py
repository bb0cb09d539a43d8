"""The docs as a site: `make docs`. Made of the files as they stand in the repository; none is copied.

Sphinx with MyST, because MkDocs 1 is no longer maintained: docs/decisions/039-adoption.md.
"""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_setup = configparser.ConfigParser()
_setup.read(ROOT / "setup.cfg", "utf-8")

project = _setup["metadata"]["name"].capitalize()
copyright = "The authors of Wegwijzer, EUPL-1.2"  # noqa: A001 - Sphinx calls it so
html_title = project
extensions = ["myst_parser"]
root_doc = "docs/site/index"
include_patterns = [
    "*.md",
    "docs/**.md",
    "rules/README.md",
    "content/README.md",
    "service/**/README.md",
    "deploy/**.md",
]
exclude_patterns = ["build", "dist", ".venv", "**/node_modules", "tests", "docs/walkers", "docs/overlay-*"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = ["misc.highlighting_failure"]  # a line of a header is no whole message of HTTP
html_theme = "furo"
html_extra_path = ["root"]  # the front door: leads to the index
html_copy_source = False
html_last_updated_fmt = None
