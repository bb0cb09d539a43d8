"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import decisions, loading

for measure in (decisions, loading):
    print(measure.run())
