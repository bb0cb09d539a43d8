"""Two charts as SVG, light and dark, on scales of tens. What they show stands in the tables beside them as well.

They know names, kinds (`ours`, `others`, `floor`) and microseconds, and nothing of what was measured.
"""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

STYLE = """<style>
text{font:13px system-ui,sans-serif;fill:#1b1f24}.paper{fill:#fff}.grid{stroke:#c9ced6}
.ours{fill:#0b6bcb;stroke:#0b6bcb}.others{fill:#8a5a00;stroke:#8a5a00}.floor{fill:#6b7280;stroke:#6b7280}
polyline{fill:none!important;stroke-width:1.5}polyline.ours{stroke-width:4}polyline.floor{stroke-dasharray:5}
@media(prefers-color-scheme:dark){text{fill:#e6e9ee}.paper{fill:#14171c}.grid{stroke:#3a414c}
.ours{fill:#6db3ff;stroke:#6db3ff}.others{fill:#e0a13a;stroke:#e0a13a}.floor{fill:#9aa3b2;stroke:#9aa3b2}}
</style>"""
TOLD = "ours blue, engines of others amber, floors grey"


def digits(value):
    """A number with as many digits as say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _text(x, y, words, anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(width, height, title, parts):
    box = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    paper = f'<rect class="paper" width="{width}" height="{height}"/>'
    return (
        "\n".join([box, f"<title>{escape(title)}</title>", STYLE, paper, _text(12, 22, title), *parts, "</svg>"]) + "\n"
    )


def _tens(values):
    return floor(log10(min(values))), ceil(log10(max(values)))


def bars(timed):
    """One bar per engine, of (name, kind, microseconds) each, in their order."""
    left, wide, top, row = 250, 560, 60, 22
    low, high = _tens([value for *_, value in timed])
    bottom, parts = top + row * len(timed), []
    for power in range(low, high + 1):
        x = left + wide * (power - low) / (high - low)
        parts += [
            f'<path class="grid" d="M{x:.0f} {top - 6}V{bottom}"/>',
            _text(x, top - 12, f"{10**power:,g} µs", "middle"),
        ]
    for number, (name, kind, value) in enumerate(timed):
        y, long = top + row * number, wide * (log10(value) - low) / (high - low)
        parts += [
            _text(left - 8, y + 15, name, "end"),
            f'<rect class="{kind}" x="{left}" y="{y + 3}" width="{long:.1f}" height="{row - 7}"/>',
            _text(left + long + 6, y + 15, digits(value)),
        ]
    return _svg(left + wide + 80, bottom + 12, f"One decision, shipped rulebase, median µs: {TOLD}", parts)


def lines(grouped):
    """One line per engine over the rulebases: name -> (name, kind, microseconds) of each engine that has a time."""
    left, top, wide, tall = 90, 50, 520, 620
    low, high = _tens([value for timed in grouped.values() for *_, value in timed])
    across = [left + wide * place / max(1, len(grouped) - 1) for place in range(len(grouped))]
    parts, drawn, taken = [], {}, {}
    for power in range(low, high + 1):
        y = top + tall * (high - power) / (high - low)
        parts += [
            f'<path class="grid" d="M{left} {y:.0f}h{wide}"/>',
            _text(left - 8, y + 4, f"{10**power:,g} µs", "end"),
        ]
    for x, (case, timed) in zip(across, grouped.items(), strict=True):
        parts.append(_text(x, top + tall + 24, case, "middle"))
        for name, kind, value in timed:
            y = top + tall * (high - log10(value)) / (high - low)
            drawn.setdefault((name, kind), []).append((x, y))
    for (name, kind), points in sorted(drawn.items(), key=lambda item: item[1][-1][1]):
        path = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="{kind}" points="{path}"/>')
        x, y = points[-1]
        parts.append(f'<circle class="{kind}" cx="{x:.0f}" cy="{y:.1f}" r="3"/>')
        taken[x] = max(y, taken.get(x, 0) + 14)
        parts.append(_text(x + 8, taken[x] + 4, name))
    return _svg(left + wide + 260, top + tall + 40, f"One decision, median µs, as rules and facts grow: {TOLD}", parts)
