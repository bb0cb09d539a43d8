"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import decisions, growth, loading, workbench

for measure in (decisions, loading, growth, workbench):
    print(measure.run())
