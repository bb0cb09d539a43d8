"""The command `wegwijzer`."""

import gc

gc.set_threshold(10_000)  # what is read lives to the end: to look for garbage in it so often takes a tenth of a command
