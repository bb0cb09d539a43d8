"""How well one request tells two outcomes apart, by how long the answer took. `make timing` measures the service.

The measure is the area under the curve (AUC): how often an answer of the one takes longer than one of the other. Half
of the time says nothing; always, or never, says all.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

from running import SERVE, Service, ask, closing

KIND = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"}
MISCONDUCT = {"concerns": "misconduct", "misconduct_kind": "wrongdoing", "reported_before": "no", "step": "talk"}
BEHAVIOUR = {"concerns": "undesirable_behaviour", "behaviour_pattern": "structural", "discrimination": "no"}
WHO = {"reporter": "employee", "position": "affected", "privacy": "colleagues", "advisor_known": "yes"}
FORMS = {
    "misconduct": {**MISCONDUCT, **WHO, "organisation": "ocw"},
    "behaviour": {**BEHAVIOUR, **WHO, "step": "talk", "organisation": "ocw"},
    "labour conflict": {
        "concerns": "labour_conflict",
        "reporter": "employee",
        "conflict_kind": "pay_or_hours",
        "because_of": "none",
    },
    "handling": {"concerns": "handling", "reporter": "employee", "handled": "report", "dissatisfied_with": "outcome"},
    "a question": {"concerns": "unsure"},
}
UNPACED = SERVE.replace("from service.cli", "from service.serving import pace\npace.PACE = 1e-9\nfrom service.cli", 1)


def auc(one, other):
    """How often the one is the greater, ties for half."""
    ranked = sorted(other)
    more = sum((bisect_left(ranked, each) + bisect_right(ranked, each)) / 2 for each in one)
    return more / (len(one) * len(other))


def apart(one, other):
    """The same, whichever is the greater: from 0.5, which tells nothing, to 1."""
    found = auc(one, other)
    return max(found, 1 - found)


def measured(port, forms, rounds, callers):
    """Seconds that each answer to these forms took, in an order that nobody chose, asked by some at once."""
    took = {name: [] for name in forms}
    order = [name for name in forms for _ in range(rounds)]
    random.Random(rounds).shuffle(order)

    def one(name):
        body = urlencode({**forms[name], "to": "next"})
        began = time.perf_counter()
        status, _, _ = ask(port, "POST", "/vragen", body, KIND)
        took[name].append(time.perf_counter() - began)
        assert status == 200, status

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(one, order))
    return took


def main(rounds=2000):
    """Say how far each two outcomes are apart: as it is served, and with its control, which sends at once."""
    for what, code in (("sent at once", UNPACED), ("as served", SERVE)):
        for callers in (1, 4):
            with (
                tempfile.TemporaryDirectory() as folder,
                closing(Service(Path(folder), code=code, WEGWIJZER_RATE="0")) as service,
            ):
                took = measured(service.port, FORMS, rounds, callers)
            pairs = {pair: apart(*(took[one] for one in pair)) for pair in combinations(took, 2)}
            worst = max(pairs, key=pairs.get)
            print(f"{what}, {callers} at once: AUC at most {pairs[worst]:.3f} ({' and '.join(worst)})", flush=True)
            for pair, found in pairs.items():
                print(f"    {found:.3f}  {' and '.join(pair)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
