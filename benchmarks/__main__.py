"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import decisions, finder, growth, loading, phone, workbench

for measure in (decisions, loading, growth, workbench, finder, phone):
    print(measure.run())
