"""`make peers`: every engine on every rulebase, each in a process of its own; writes what `page.py` makes a page of.

All engines are measured one after the other on one rulebase before the next, and that as often as `TURNS` says; of the
turns the best counts, and how far they lie apart is told. It does not know how an engine is asked, or what is good.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from time import process_time, sleep

from benchmarks.peers import in_python, ours, page, rulebases
from service.core.cubes import of_edition
from service.core.errors import WegwijzerError
from service.core.graph import build

ROOT = Path(__file__).parent.parent.parent
PLACE = ROOT / "build/peers"
LIMIT = 40  # seconds of processor for one engine on one rulebase, all in all
SIZES = ((400, 12), (4_000, 12), (4_000, 20), (4_000, 40), (40_000, 40))
SAMPLE = {rulebases.SHIPPED: 3_000, 400: 2_000, 4_000: 1_000, 40_000: 200}
TURNS = {rulebases.SHIPPED: 2}
SLOW = 5_000  # microseconds for a decision: no larger rulebase is tried
BUDGET = 0.3  # seconds for the times of one engine
IN_NODE = ("json-rules-engine", "json-logic-js", "json-logic-engine", "zen-engine", "cel-js", "nools")
PLACES = (5, 10, 15)


def commands():
    """Every engine with what measures it: kind, name and command."""
    measuring = ["-m", "benchmarks.peers.measuring"]
    for name in ours.ENGINES:
        yield "ours", name, [sys.executable, *measuring, "benchmarks.peers.ours", name]
    for name in in_python.ENGINES:
        yield "Python", name, [str(PLACE / "bin/python"), *measuring, "benchmarks.peers.in_python", name]
    for name in IN_NODE:
        yield "Node.js", name, ["node", "--max-old-space-size=8192", str(PLACE / "in_node.mjs"), name]


def spent(pid):
    """Seconds of processor that a process took so far; 0 once it is no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(command, file):
    """What came of one engine on one rulebase."""
    # Not by a limit of the system: with one, some count the time of a process in steps of milliseconds.
    with (
        TemporaryFile("w+") as said,
        subprocess.Popen(
            [*command, str(file), str(BUDGET)], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        while process.poll() is None:
            sleep(0.1)
            if spent(process.pid) > LIMIT:
                process.kill()
                return {"failed": f"not done in {LIMIT} s of processor"}
        said.seek(0)
        lines = said.read().strip().splitlines() or [""]
    if not lines[-1].startswith("{"):
        return {"failed": f"stopped with {process.returncode}: {lines[-1][:150]}"}
    found = json.loads(lines[-1])
    if best := sorted(found.pop("best", [])):
        found |= {"timed": len(best), "median": best[len(best) // 2], "p99": best[-(-len(best) * 99 // 100) - 1]}
    return found


def together(turns):
    """The best of the turns, with how far the medians lie apart, as a share of the best."""
    best = min(turns, key=lambda one: one.get("median", float("inf")))
    medians = [one["median"] for one in turns if "median" in one]
    return best | ({"spread": max(medians) / min(medians) - 1} if len(medians) > 1 else {})


def too_much(results, kind, name, rules):
    """Why an engine is not tried, if a smaller rulebase was too much for it already."""
    for one in results:
        smaller = one["rulebase"] == rulebases.SHIPPED or (rules != rulebases.SHIPPED and one["rulebase"] < rules)
        slow = one.get("median", 0) > SLOW or one.get("failed", "").startswith("not ")
        if (one["kind"], one["engine"]) == (kind, name) and smaller and slow:
            return {"failed": "not tried: a smaller one was too much"}
    return None


def compiled(rules, facts, same):
    """Nodes, and seconds of processor for the graph and every way to each place; or that it is refused."""
    start = process_time()
    try:
        edition = ours.edition(**rulebases.grown(rules, facts, same)["grown"])
        graph = build(edition)
        of_edition(edition)
    except WegwijzerError:
        return {"rules": rules, "facts": facts, "same": same}
    return {"rules": rules, "facts": facts, "same": same, "nodes": len(graph.nodes), "seconds": process_time() - start}


def limits():
    """From where the graph is refused: more rules, and more rules to one place."""
    for facts in (12, 20, 40):
        for rules in (400, 1_000, 2_000, 4_000, 8_000, 16_000):
            yield (one := compiled(rules, facts, rulebases.SAME))
            if "nodes" not in one:
                break
    for same in PLACES:
        yield compiled(400, 20, same)


def main(*only):
    """Measure everything, or what is named (`shipped`, `400x12`, `graph`), and write the page after each."""
    PLACE.joinpath("in_node.mjs").write_text(Path(__file__).with_name("in_node.mjs").read_text("utf-8"), "utf-8")
    before = json.loads(page.RESULTS.read_text("utf-8")) if only else {"results": [], "graph": []}
    results = []

    def keep(graph):
        found = rounded({"versions": versions(), "results": results, "graph": graph})
        page.RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        page.write()

    for rules, facts in ((rulebases.SHIPPED, 0), *SIZES):
        if only and not {rules, f"{rules}x{facts}"} & {*only}:
            results += [one for one in before["results"] if (one["rulebase"], one["facts"]) == (rules, facts)]
            continue
        concerns = rulebases.shipped() if rules == rulebases.SHIPPED else rulebases.grown(rules, facts)
        situations = rulebases.drawn(concerns, SAMPLE[rules])
        file = PLACE / "asked.json"
        file.write_text(json.dumps({"concerns": concerns, "situations": situations}), "utf-8")
        turns = {}
        for _ in range(TURNS.get(rules, 1)):
            for kind, name, command in commands():
                found = too_much(results, kind, name, rules) or measured(command, file)
                turns.setdefault((kind, name), []).append(found)
                print(rules, facts, kind, name, rounded(found), flush=True)
        for (kind, name), found in turns.items():
            best = together(found)
            results.append({"rulebase": rules, "facts": facts, "kind": kind, "engine": name, **best})
        counted = {"rules": sum(len(one["rules"]) for one in concerns.values()), "asked": len(situations)}
        counted["fires"] = sum(len(wanted) for *_, wanted in situations) / len(situations)
        results[-1]["about"] = counted
        keep(before["graph"])
    if not only or "graph" in only:
        keep(list(limits()))


def rounded(value):
    """Four digits that say something, of every number in it."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def versions():
    """What was measured, and on what."""
    python = Path(__file__).with_name("requirements.txt").read_text("utf-8").split()
    node = json.loads(Path(__file__).with_name("package.json").read_text("utf-8"))["dependencies"]
    asked = Path(__file__).with_name("requirements.in").read_text("utf-8").splitlines()[1:]
    pinned = {name: one for name in asked for one in python if one.startswith(f"{name}==")}
    model = [line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()
    return {
        "processor": f"{model[0].split(':')[1].strip()}, {os.cpu_count()} cores" if model else platform.machine(),
        "Python": platform.python_version(),
        "Node.js": subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip(),
        "Java": java[0] if java else "none",
        "durable-rules": f"durable-rules {version('durable-rules')}",
        **pinned,
        **{f"{name} (Node.js)": f"{name}@{one}" for name, one in node.items()},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
