"""Loading and checking everything, and the memory of one worker."""

from __future__ import annotations

import subprocess
import sys

from tabulate import tabulate

STEPS = {
    "Python and our imports": "import service.web.app",
    "+ read the compiled rulebase": "import service.web.app; "
    "from service.rulebook.library import load_library; load_library()",
    "+ read rules and content instead": "import service.web.app; "
    "from service.rulebook.library import folder, read_folders; read_folders(folder('rules'), folder('content'))",
    "+ both readings and every page (the app)": "from service.web.app import create_app; create_app()",
    "+ prove every promise (check)": "from click.testing import CliRunner; from service.cli.main import main; "
    "assert CliRunner().invoke(main, ['check']).exit_code == 0",
}
MEASURE = """
import resource, time
start = time.perf_counter()
{code}
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run() -> str:
    """Time each step in a process of its own and return them as a table."""
    rows = []
    for name, code in STEPS.items():
        done = subprocess.run(
            [sys.executable, "-c", MEASURE.format(code=code)], capture_output=True, text=True, check=True
        )
        seconds, memory = map(float, done.stdout.split())
        rows.append((name, round(seconds, 2), round(memory)))
    first = rows[1][1]
    table = [(*row, round(row[1] / first, 1)) for row in rows]
    return "Loading\n" + tabulate(table, ("step", "seconds", "MB at most", "ratio"), tablefmt="github") + "\n"
