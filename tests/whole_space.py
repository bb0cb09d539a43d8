"""`make whole-space`: the engine against the rules in every situation of every concern, by `wegwijzer check --engine`.

It takes two cores an hour, so that it held is kept by what it was found of: our rules, the code that reads them, and
the engine's version. The gate compares less, and says how much: see tests/test_engine.py.
"""

from __future__ import annotations

import sys

from proofs import KEPT, digest

from service.cli.main import main
from service.engine.durable import CORE


def compare_everywhere():
    """Compare where nothing is kept; ends the process with 1 when there is a difference."""
    kept = KEPT / f"whole-space-{CORE}-{digest('rules', 'service/core', 'service/engine', 'service/proof')}"
    if kept.exists():
        print(f"Rules, code and engine are those of which this was found before: {kept.name}")
        return
    main(["check", "--engine", "--language", "en"], standalone_mode=False)
    KEPT.mkdir(parents=True, exist_ok=True)
    kept.touch()


if __name__ == "__main__":
    sys.exit(compare_everywhere())
