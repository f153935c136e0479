# SPDX-License-Identifier: Apache-2.0
"""Results beside their bounds, as SVG."""

import math
import re
from xml.sax.saxutils import escape

BOUND = re.compile(r"(at most|at least|<=|>=|<|>) ([-+]?[\d.]+(?:e[-+]?\d+)?)$")
MOST = 16  # times a bound: dots beyond lie at the edge
NAMES, PLOT, LINE, MARGIN = 560, 420, 17, 14
STYLE = """
  svg { color-scheme: light dark }
  text { font: 11px sans-serif; fill: #24292f }
  .head { font-weight: bold }
  .axis { stroke: #d0d7de }
  .bound { stroke: #24292f; stroke-width: 1.5 }
  .pass { stroke: #1a7f37; fill: #1a7f37 }
  .fail { stroke: #cf222e; fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .axis { stroke: #3d444d }
    .bound { stroke: #e6edf3 }
    .pass { stroke: #3fb950; fill: #3fb950 }
    .fail { stroke: #f85149; fill: #f85149 }
  }
"""


def _number(text):
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number > 0 and math.isfinite(number) else None


def _better(row):
    """By how many times the result, and the ends of its interval, are better than the bound; None without either."""
    _, measured, interval, bound, _ = row
    found = BOUND.match(bound)
    value, limit = _number(measured), _number(found[2]) if found else None
    if value is None or limit is None:
        return None
    numbers = [value] + [number for number in map(_number, interval.split(" to ")) if number is not None]
    lower_is_better = found[1] in ("at most", "<=", "<")
    return [limit / number if lower_is_better else number / limit for number in numbers]


def _x(times):
    share = math.log(min(max(times, 1 / MOST), MOST)) / math.log(MOST)
    return NAMES + PLOT * (1 + share) / 2


def _mark(row, y):
    better = _better(row)
    kind = "pass" if row[4] == "pass" else "fail"
    text = f'<text x="{NAMES - 8}" y="{y + 4}" text-anchor="end">{escape(row[0])}</text>'
    low, high = _x(min(better)), _x(max(better))
    return (
        f"{text}\n"
        f'<line class="{kind}" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
        f'<circle class="{kind}" cx="{_x(better[0]):.1f}" cy="{y}" r="3.5"/>'
        f'<text x="{NAMES + PLOT + 8}" y="{y + 4}">{escape(f"{row[1]}, {row[3]}")}</text>'
    )


def draw(sections):
    """The picture of {name: rows}; a row has the cells of RESULTS.md. Results without a bound are left out."""
    marks, y = [], MARGIN + LINE
    for name, rows in sections.items():
        rows = [row for row in rows if _better(row)]
        if not rows:
            continue
        marks.append(f'<text class="head" x="{MARGIN}" y="{y + 4}">{escape(name)}</text>')
        for row in rows:
            y += LINE
            marks.append(_mark(row, y))
        y += 2 * LINE
    axis = []
    for times in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16):
        kind = "bound" if times == 1 else "axis"
        label = "the bound" if times == 1 else f"{times:g}x" if times > 1 else f"1/{1 / times:g}"
        axis.append(f'<line class="{kind}" x1="{_x(times):.1f}" x2="{_x(times):.1f}" y1="{MARGIN + 6}" y2="{y}"/>')
        axis.append(f'<text x="{_x(times):.1f}" y="{MARGIN}" text-anchor="middle">{label}</text>')
    body = "\n".join(axis + marks)
    width = NAMES + PLOT + 190
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img">\n'
        f"<title>Results of ./dev bench beside their bounds</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )
