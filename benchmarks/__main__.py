"""Run every benchmark and print its table."""

from __future__ import annotations

from benchmarks import answers, decisions, finder, growth, loading, phone, workbench

for measure in (decisions, answers, loading, growth, workbench, finder, phone):
    print(measure.run())
