# SPDX-License-Identifier: Apache-2.0
"""The written results of `./dev bench`: RESULTS.md, with a section for each measurement, and results.svg, which shows
every result that has a bound. What is not measured anew stays as it is written."""

import datetime
import re
import subprocess

from support.machine import describe
from support.plot import draw

TITLE = """# What was measured

By `./dev bench`, which repeats it; [tests/README.md](../README.md) says how figures and intervals come about. They are
ratios to ceilings of the same run: those of other machines are close, where times are not. In the plot a dot is a
result, with its interval, by how many times it is better than its bound; left of the line it falls short.

![Each result beside its bound](results.svg)
"""
HEAD = "| result | measured | interval | bound | verdict |\n| --- | --- | --- | --- | --- |\n"
INTERVAL = re.compile(r", interval (\S+) to (\S+)$")


def _row(result):
    """Cells of a result as the driver has it."""
    bound, interval = str(result["bound"]), ""
    found = INTERVAL.search(bound)
    if found:
        bound, interval = bound[: found.start()], f"{found[1]} to {found[2]}"
    value = result["value"]
    measured = f"{value:.4g}" if isinstance(value, float) else str(value)
    return [str(result["name"]), measured, interval, bound, "pass" if result["pass"] else "**FAIL**"]


def _section(name, summary, results, when):
    rows = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in _row(r)) + " |\n" for r in results)
    return f"## {name}\n\n{summary[0].upper()}{summary[1:]}. {when}.\n\n{HEAD}{rows}"


def _sections(text):
    """{name: section} of what is written."""
    return {part.split("\n", 1)[0]: "## " + part.rstrip() + "\n" for part in text.split("\n## ")[1:]}


def _rows(section):
    """The cells of its results."""
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.replace("\\|", "|") for cell in re.split(r" (?<!\\)\| ", line[2:-2])] for line in lines]


def _commit(folder):
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":!RESULTS.md", ":!results.svg")
        return git("rev-parse", "--short", "HEAD").strip() + (" and changes" if changed.strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return "of no commit"


def write(folder, summaries, measured):
    """Writes the results of some measurements beside those of others.

    Args:
      folder: where.
      summaries: {name: what it shows}, in the order of the sections. Sections of other names go.
      measured: {name: results}.
    """
    path = folder / "RESULTS.md"
    sections = _sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    when = f"{datetime.date.today()}, {_commit(folder)}, {describe()}"
    for name, results in measured.items():
        sections[name] = _section(name, summaries[name], results, when)
    sections = {name: sections[name] for name in summaries if name in sections}
    path.write_text("\n".join([TITLE, *sections.values()]), encoding="utf-8")
    rows = {name: _rows(section) for name, section in sections.items()}
    (folder / "results.svg").write_text(draw(rows), encoding="utf-8")
