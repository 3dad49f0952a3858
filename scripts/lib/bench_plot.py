# SPDX-License-Identifier: Apache-2.0
"""Bars of scripts/bench e2e, one panel for each measure, as an SVG: medians, and a line over where 80 % of the rounds lie.

    /usr/bin/python3 scripts/lib/bench_plot.py build/bench-e2e.json docs/performance-e2e.svg
"""
import json
import sys
from pathlib import Path

import bench_results

COLUMNS = ["requests/s", "connections/s", "Gbit/s", "UDP packets/s", "request p50, µs", "request p99, µs", "connection p50, µs",
           "connection p99, µs", "CPU per request, µs", "CPU per request at a tenth, µs"]
COLOURS = {"tandem": "#2b6cb0", "tandem-spin": "#63a4e0"}  # others: grey
WIDTH, LABEL, BAR, GAP, TITLE = 720, 110, 18, 6, 30


def bar(one, top, scale):
    """From 0 to the median, with its spread, its name and its figure."""
    y, end = top + BAR / 2, LABEL + one.median * scale
    return (f'<text x="{LABEL - 8}" y="{y + 4:.0f}" text-anchor="end">{one.row}</text>'
            f'<rect x="{LABEL}" y="{top}" width="{one.median * scale:.1f}" height="{BAR}" fill="{COLOURS.get(one.row, "#b8b8b8")}"/>'
            f'<line x1="{LABEL + one.p10 * scale:.1f}" x2="{LABEL + one.p90 * scale:.1f}" y1="{y}" y2="{y}" stroke="#222"/>'
            f'<text x="{max(end, LABEL + one.p90 * scale) + 6:.1f}" y="{y + 4:.0f}">{one.median:,.{0 if one.median >= 100 else 1}f}</text>')


def panel(column, own, top):
    scale = (WIDTH - LABEL - 90) / max(max(one.p90, one.median) for one in own)
    lines = [f'<text x="0" y="{top + 18}" font-weight="bold">{column}</text>']
    lines += [bar(one, top + TITLE + place * (BAR + GAP), scale) for place, one in enumerate(own)]
    return "\n".join(lines), top + TITLE + len(own) * (BAR + GAP) + 12


def svg(figures):
    panels, top = [], 0
    for column in COLUMNS:
        if own := [one for one in figures if one.column == column and one.median > 0]:
            drawn, top = panel(column, own, top)
            panels.append(drawn)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
            f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(panels) + "\n</svg>\n")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(svg([bench_results.Figure(**one) for one in json.loads(source.read_text())["figures"]]))
