"""A command of `wegwijzer` in a process that another one forks which has read the program already; see running.py."""

from __future__ import annotations

import os


def run(words, folder, environment, said):
    """Do as the command would, and write all that it says to a file."""
    from service.cli.main import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(said, os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    main(words, "wegwijzer")
