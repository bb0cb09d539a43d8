"""Builds, checks and times one engine in a process of its own; says what came of it as one line of JSON.

    python -m benchmarks.peers.measuring MODULE ENGINE FILE BUDGET

Answers come first: an engine that is wrong in one situation is not timed. Times are of the processor and of the whole
process, threads included, as often in a row as it takes for the clock not to count, and of each situation the least of
some rounds. It does not know what a rule is.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from time import process_time

ROUNDS = 5
LEAST = 5  # situations asked, however long it takes
TURN = 1e-4  # seconds: shorter than this nothing is timed, but repeated


def memory():
    """What the process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 1e6


def evenly(situations, count):
    """So many of them, from the first to the last."""
    return [situations[n * len(situations) // count] for n in range(count)]


def measure(build, concerns, situations, budget):
    """Seconds to build, situations checked and wrong, MB, and the best seconds of each situation that was timed.

    Args:
        build: as in `in_python.py`.
        concerns: concern -> its facts and rules.
        situations: (concern, answers, ids of the rules that must fire) each.
        budget: seconds that the times may take, and half of those that the check may.

    """
    held, start = memory(), process_time()
    decide = {concern: build(one["facts"], one["rules"]) for concern, one in concerns.items()}
    found = {"build": process_time() - start}
    start, checked, wrong = process_time(), 0, 0
    for concern, answers, wanted in situations:
        wrong += sorted(decide[concern](answers)) != sorted(wanted)
        checked += 1
        if checked >= LEAST and process_time() - start > 2 * budget:
            break
    gc.collect()
    found |= {"checked": checked, "wrong": wrong, "memory": memory() - held}
    if wrong:
        return found
    few = situations[: max(LEAST, checked // 20)]
    start = process_time()
    for concern, answers, _ in few:
        decide[concern](answers)
    one = (process_time() - start) / len(few)
    times = max(1, min(2_000, int(TURN / max(one, 1e-7))))
    count = min(checked, int(budget / (ROUNDS * max(TURN, one))))
    timed = evenly(situations, max(3, count))
    best = [float("inf")] * len(timed)
    for _ in range(ROUNDS):
        for n, (concern, answers, _) in enumerate(timed):
            way = decide[concern]
            start = process_time()
            for _ in range(times):
                way(answers)
            best[n] = min(best[n], (process_time() - start) / times)
    return found | {"best": [one * 1e6 for one in best]}


def main(module, engine, file, budget):
    """Measure, and say why not where it cannot be."""
    asked = json.loads(Path(file).read_text("utf-8"))
    try:
        build = import_module(module).ENGINES[engine]
        found = measure(build, asked["concerns"], asked["situations"], float(budget))
    except Exception as error:
        found = {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
    print(f"\n{json.dumps(found)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
