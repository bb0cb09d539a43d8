"""Runs pyDMNrules over the tables and situations in a folder; started by its own Python, which has nothing of ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import pyDMNrules

for table in sorted(Path(sys.argv[1]).glob("*.dmn")):
    engine = pyDMNrules.DMN()
    status = engine.loadXML(str(table))
    if status:
        sys.exit(f"{table.name}: {status}")
    answers = []
    start = perf_counter()
    for situation in json.loads(table.with_suffix(".situations.json").read_text("utf-8")):
        status, decided = engine.decide(dict(situation))
        if status:
            sys.exit(f"{table.name}: {status}")
        said = decided["Result"]
        answers.append(list(zip(said["destination"], said["as"], said["rule"], strict=True)))
    found = {"seconds": perf_counter() - start, "answers": answers}
    table.with_suffix(".answers.json").write_text(json.dumps(found), "utf-8")
