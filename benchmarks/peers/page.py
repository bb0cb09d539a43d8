"""docs/benchmarks.md and its charts, made of what `make peers` measured and of nothing else.

What is said of a goal, and where we lose, is computed from the same figures. It measures nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from tabulate import tabulate

from benchmarks.peers import charts

ROOT = Path(__file__).parent.parent.parent
RESULTS = Path(__file__).with_name("results.json")
TEMPLATE = Path(__file__).with_name("page.md.template")
PAGE = ROOT / "docs/benchmarks.md"
CHARTS = {name: ROOT / f"docs/benchmarks-{name}.svg" for name in ("shipped", "growth")}
FLOORS = ("dictionary of answers", "chain of ifs, compiled")
CHAINING = ("clipspy", "drools-jpy", "experta", "json-rules-engine", "nools")
DURABLE = "durable-rules"
GROWS = ("shipped", "400 rules, 12 facts", "4,000 rules, 20 facts", "40,000 rules, 40 facts")  # of one chart
IS = {
    "dictionary of answers": "floor: answers known before they are asked for",
    "chain of ifs, compiled": "floor: the rules as code, in Python",
    "graph, one walk": "ours: `benchmarks/peers/descent.py`, by which nothing in the service decides",
    "index": "ours: `service/core/index.py`, the definition of a rule in bits",
    "durable-rules": "ours: `service/engine/durable.py`, its C core by our recipe",
    ("Python", "zen-engine"): "decision table that collects; Rust",
    "datalogic-py": "JsonLogic, all rules in one expression; Rust",
    "datalogic-py, a call per rule": "JsonLogic, an expression per rule; Rust",
    "json-logic-qubit": "JsonLogic",
    "business-rules": "conditions and actions",
    "rule-engine": "an expression per rule",
    "clipspy": "forward chaining, CLIPS; C",
    "experta": "forward chaining",
    "regopy": "Rego, `rego-cpp`; C++",
    "cel-python": "CEL, its compiled runner",
    "cel-expr-python": "CEL of Google; C++",
    "common-expression-language": "CEL; Rust",
    "SpiffWorkflow": "DMN, its decision table that collects",
    "drools-jpy": "forward chaining, Drools 9.105 on the JVM, through the JSON of Ansible",
    "json-rules-engine": "forward chaining",
    "json-logic-js": "JsonLogic",
    "json-logic-engine": "JsonLogic, compiled",
    ("Node.js", "zen-engine"): "decision table that collects; Rust",
    "cel-js": "CEL, `@marcbachmann/cel-js`",
    "nools": "forward chaining",
}
ABSENT = (
    (
        "regorus",
        "neither PyPI nor the npm registry has it (asked: `regorus`, `@microsoft/regorus`); Rego is here by `regopy`",
    ),
    (
        "Drools by its own API",
        "Maven Central was out of reach; Drools is here in the jar of `drools-jpy`, with its JSON before and after",
    ),
    (
        "json-logic 0.6.3",
        "installs, and stops at the first rule: it is written for Python 2; `json-logic-qubit` is its port",
    ),
)


def _case(one):
    return "shipped" if one["rulebase"] == "shipped" else f"{one['rulebase']:,} rules, {one['facts']} facts"


def _name(one):
    return f"{one['engine']} (Node.js)" if one["kind"] == "Node.js" else one["engine"]


def _kind(one):
    return "floor" if one["engine"] in FLOORS else "ours" if one["kind"] == "ours" else "others"


def cases(found):
    """Per rulebase its results, fastest first, those without a time last."""
    grouped = {}
    for one in found["results"]:
        grouped.setdefault(_case(one), []).append(one)
    return {case: sorted(some, key=lambda one: one.get("median", 1e99)) for case, some in grouped.items()}


def _fastest(some, kind):
    timed = [one for one in some if "median" in one and one["engine"] not in FLOORS]
    return next((one for one in timed if (one["kind"] == "ours") == (kind == "ours")), None)


def _beside(ours, peer):
    each = " µs, ".join(f"{_name(one)} {charts.digits(one['median'])}" for one in (ours, peer))
    return f"{each} µs: {peer['median'] / ours['median']:.1f} times"


def goals(found):
    """Each goal with whether it is met, and by what."""
    grouped = cases(found)
    here = grouped["shipped"]
    ours, peer = _fastest(here, "ours"), _fastest(here, "others")
    known = next(one for one in here if one["engine"] == FLOORS[0])
    yield (
        "At the shipped size our fastest reading is at least 5 times as fast as the fastest engine of others",
        peer["median"] / ours["median"] >= 5,
        _beside(ours, peer),
    )
    yield (
        "and takes at most 1.5 times as long as the dictionary of answers",
        ours["median"] / known["median"] <= 1.5,
        f"the dictionary {charts.digits(known['median'])} µs: {ours['median'] / known['median']:.2f} times",
    )
    for case, some in grouped.items():
        ours, peer = _fastest(some, "ours"), _fastest(some, "others")
        yield f"Ahead of every engine of others: {case}", ours["median"] < peer["median"], _beside(ours, peer)
    for case, some in grouped.items():
        durable = next(one for one in some if one["engine"] == DURABLE)
        chaining = next((one for one in some if one["engine"] in CHAINING and "median" in one), None)
        if "median" in durable and chaining:
            yield (
                f"durable-rules, by our recipe, ahead of every other that chains forward: {case}",
                durable["median"] < chaining["median"],
                _beside(durable, chaining),
            )
        else:
            said = durable.get("failed") or f"{durable['wrong']} wrong"
            yield f"durable-rules, by our recipe, ahead of every other that chains forward: {case}", not chaining, said
    for one in found["graph"]:
        if one["rules"] == 4_000 and "seconds" in one:
            yield (
                f"4,000 rules over {one['facts']} facts are compiled in less than 5 s where the budget of nodes holds",
                one["seconds"] < 5,
                f"{one['nodes']:,} nodes, {one['seconds']:.1f} s",
            )


def losses(found):
    """What is better elsewhere: rulebase, what of, ours, theirs."""
    for case, some in cases(found).items():
        timed = [one for one in some if "median" in one and one["engine"] not in FLOORS]
        mine = next(one for one in timed if one["kind"] == "ours")
        durable = next((one for one in timed if one["engine"] == DURABLE), None)
        theirs = [one for one in timed if one["kind"] != "ours"]
        for what, unit, one in (
            ("median", "µs", mine),
            ("p99", "µs", mine),
            ("build", "s", mine),
            ("memory", "MB", mine),
            ("median", "µs", durable),
            ("build", "s", durable),
            ("memory", "MB", durable),
        ):
            better = sorted(
                (other for other in theirs if one and other[what] < one[what]), key=lambda other: other[what]
            )
            if better:
                said = [f"{_name(other)} {charts.digits(other[what])}" for other in better]
                more = [f"and {len(said) - 4} more"] if len(said) > 5 else []
                told = ", ".join([*said[: 4 if more else 5], *more])
                yield case, f"{what}, {unit}", f"{one['engine']} {charts.digits(one[what])}", told


def _build(seconds):
    return f"{seconds:.2f}" if seconds >= 0.01 else "< 0.01"


def _table(some):
    best = _fastest(some, "ours")["median"]
    for one in some:
        right = f"{one['checked']:,} of {one['checked']:,}" if not one.get("wrong", 1) else ""
        if one.get("wrong"):
            right = f"**wrong in {one['wrong']:,} of {one['checked']:,}**"
        row = [_name(one), IS.get(one["engine"]) or IS[one["kind"], one["engine"]], right or f"**{one['failed']}**"]
        if "median" in one:
            spread = f"{one['spread']:.0%}" if "spread" in one else ""
            p99 = charts.digits(one["p99"]) + ("" if one["timed"] >= 100 else " ¹")
            row += [charts.digits(one["median"]), p99, f"{one['median'] / best:,.1f}", spread]
        else:
            row += ["", "", "", ""]
        yield [*row, _build(one["build"]) if "build" in one else "", f"{one['memory']:.0f}" if "memory" in one else ""]


HEAD = ("engine", "is", "right in", "median µs", "p99 µs", "times our best", "spread", "build s", "memory MB")
ALIGN = ("left", "left", "left", *("right",) * 6)


def _rows(rows, head, align):
    return tabulate(rows, head, tablefmt="github", colalign=align, disable_numparse=True)


def _engines(found):
    """A section per rulebase."""
    for case, some in cases(found).items():
        about = next(one["about"] for one in some if "about" in one)
        yield "## The rulebase that ships" if case == "shipped" else f"## Grown: {case}"
        fires = f"in which {about['fires']:.1f} rules fire on average"
        yield f"{about['rules']:,} rules; {about['asked']:,} situations, {fires}."
        yield _rows(_table(some), HEAD, ALIGN)


def _graph(one):
    holds = "nodes" in one
    said = [f"{one['nodes']:,}", f"{one['seconds']:.1f}"] if holds else ["refused", ""]
    return f"{one['rules']:,}", one["facts"], one["same"], *said


def text(found):
    """The page."""
    goal_rows = [(goal, "**met**" if met else "**not met**", how) for goal, met, how in goals(found)]
    graph = ("rules", "facts", "rules to one place", "nodes", "s")
    words = {
        "goals": _rows(goal_rows, ("goal", "is", "measured"), ("left",) * 3),
        "losses": _rows(losses(found), ("rulebase", "measure", "ours", "better"), ("left",) * 4),
        "engines": "\n\n".join(_engines(found)),
        "graph": _rows(map(_graph, found["graph"]), graph, ("right",) * 5),
        "absent": _rows(ABSENT, ("engine", "what was tried"), ("left",) * 2),
        "versions": _rows(found["versions"].items(), ("what", "version"), ("left",) * 2),
    }
    return Template(TEMPLATE.read_text("utf-8")).substitute(words)


def made(found):
    """Every file of it: path -> text."""
    timed = {
        case: [(_name(one), _kind(one), one["median"]) for one in some if "median" in one]
        for case, some in cases(found).items()
    }
    grows = {case: timed[case] for case in GROWS if case in timed}
    return {PAGE: text(found), CHARTS["shipped"]: charts.bars(timed["shipped"]), CHARTS["growth"]: charts.lines(grows)}


def write():
    """Write the page and its charts anew."""
    for path, words in made(json.loads(RESULTS.read_text("utf-8"))).items():
        path.write_text(words, "utf-8")
