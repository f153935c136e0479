# SPDX-License-Identifier: Apache-2.0
"""A progress bar and a learning curve in the terminal; plain lines where there is none."""

from __future__ import annotations

import shutil
import sys
import time
from typing import List, Optional, Sequence, TextIO

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN_EVERY = 5.0  # Seconds between two lines where there is no terminal.
_REDRAW_EVERY = 0.1


def width(most: int = 100) -> int:
    return min(most, shutil.get_terminal_size((80, 24)).columns)


def bar(fraction: float, cells: int) -> str:
    """A bar of so many cells, filled from the left in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, fraction)) * cells * 8)
    partial = "▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else ""
    return ("█" * (eighths // 8) + partial).ljust(cells, "░")


class Progress:
    """One line that says how far things are: redrawn in a terminal, repeated now and then elsewhere."""

    def __init__(self, stream: Optional[TextIO] = None) -> None:
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._began = time.monotonic()
        self._shown = -1e9

    def show(self, fraction: float, text: str) -> None:
        """At most ten times a second, or once in five seconds without a terminal."""
        now = time.monotonic()
        if now - self._shown < (_REDRAW_EVERY if self._live else _PLAIN_EVERY):
            return
        self._shown = now
        self._write(fraction, text)

    def finish(self, fraction: float, text: str) -> None:
        """The last state, which stays."""
        self._write(fraction, text)
        if self._live:
            self._stream.write("\n")
            self._stream.flush()

    def _write(self, fraction: float, text: str) -> None:
        text = f"{text}  {time.monotonic() - self._began:.0f} s"
        if self._live:
            cells = max(10, min(30, width() - len(text) - 5))
            self._stream.write(f"\r\033[K  {bar(fraction, cells)}  {text}")
        else:
            self._stream.write(f"  {text}\n")
        self._stream.flush()


def curve(values: Sequence[float], *, top: float, mark: float, rows: int = 10, columns: int = 0) -> List[str]:
    """A column chart from 0 to `top`, each column the mean of its share of the values, with a tick at `mark`."""
    if not values:
        return []
    columns = min(columns or width() - 10, len(values))
    heights = []
    for column in range(columns):
        first = column * len(values) // columns
        share = values[first : max(first + 1, (column + 1) * len(values) // columns)]
        heights.append(sum(share) / len(share) / top * rows * 8)
    lines = []
    for row in range(rows, 0, -1):
        cells = [_EIGHTHS[max(0, min(8, round(height) - (row - 1) * 8))] for height in heights]
        marked = (row - 1) / rows < mark / top <= row / rows
        label = f"{mark:5.0f} ┤" if marked else "      │"
        lines.append(f"{label}{''.join(cells)}")
    last = str(len(values))
    lines.append(f"    0 └{'─' * columns}")
    lines.append(f"       1{last.rjust(columns - 1) if columns > len(last) else ' ' + last}  episode")
    return lines
