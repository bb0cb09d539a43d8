"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import decisions, growth, loading

for measure in (decisions, loading, growth):
    print(measure.run())
