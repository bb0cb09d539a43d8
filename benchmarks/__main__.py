"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import decisions, finder, growth, loading, workbench

for measure in (decisions, loading, growth, workbench, finder):
    print(measure.run())
