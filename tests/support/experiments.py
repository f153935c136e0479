# SPDX-License-Identifier: Apache-2.0
"""Runs experiments and judges their results; `verify` and `bench` are tables of experiments over this driver.

An experiment is one or more programs. Each prints what it likes, and on lines of their own its results:

    RESULT {"name": "gradient error", "value": 3e-12, "bound": "<= 1e-8", "pass": true}

`value` is a number, a string or a truth value; `bound` says in words or as "<= 1e-8" (also <, >=, >, ==) what it must
be; `pass` is the verdict, which must agree with a bound that compares numbers. A program takes `--seed N`, exits 0 when
all its results pass and 1 when one does not. It finds the release binaries in the folder that PHASIC_BIN names and, in
Python, the package `phasic`.
"""

import argparse
import dataclasses
import json
import math
import operator
import os
import pathlib
import re
import subprocess
import sys

RESULT = "RESULT "
COMPARISON = re.compile(r"(<=|>=|==|<|>)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)")
OPERATORS = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What it shows, in one line, and the programs that show it (default: one of the experiment's own name).

    A program some-name is some_name.py beside the table, or else the binary some-name of the build.
    """

    summary: str
    programs: tuple = ()


def _failure(name, value, bound):
    return {"name": name, "value": value, "bound": bound, "pass": False}


def _judge(text):
    """The result that a RESULT line carries; one that is malformed or contradicts itself does not pass."""
    try:
        line = json.loads(text)
        result = {key: line[key] for key in ("name", "value", "bound", "pass")}
    except (ValueError, KeyError, TypeError):
        return _failure(text.strip(), "malformed", "a result line")
    value, comparison = result["value"], COMPARISON.fullmatch(str(result["bound"]).strip())
    if not isinstance(result["pass"], bool) or not isinstance(value, (int, float, str)):
        return _failure(text.strip(), "malformed", "a result line")
    if isinstance(value, float) and not math.isfinite(value):
        return _failure(result["name"], str(value), result["bound"])
    if comparison and isinstance(value, (int, float)) and not isinstance(value, bool):
        holds = OPERATORS[comparison.group(1)](value, float(comparison.group(2)))
        if holds != result["pass"]:
            return _failure(result["name"], value, f"{result['bound']} (its verdict says otherwise)")
    return result


def _command(program, folder, binaries):
    script = folder / (program.replace("-", "_") + ".py")
    return [sys.executable, "-u", str(script)] if script.exists() else [str(binaries / program)]


def _run(name, program, command, seed, environment):
    """Runs one program, shows what it prints, and returns its results."""
    if seed is not None:
        command = [*command, "--seed", str(seed)]
    results = []
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    except OSError as error:
        return [_failure(name, error.strerror, f"{program} runs")]
    with process:
        try:
            for line in process.stdout:
                if line.startswith(RESULT):
                    results.append(_judge(line[len(RESULT) :]))
                else:
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.terminate()
            raise
    code = process.returncode
    if not results:
        results.append(_failure(name, f"none, exit code {code}", f"results from {program}"))
    elif code < 0 or (code > 0 and all(result["pass"] for result in results)):
        results.append(_failure(name, f"exit code {code}", f"{program} exits 0"))
    return results


def _show(value):
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(results):
    rows = [("name", "measured", "bound", "verdict")] + [
        (str(r["name"]), _show(r["value"]), str(r["bound"]), "pass" if r["pass"] else "FAIL")
        for r in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main(experiments, folder, description, arguments=None, record=None):
    """Runs the experiments that the command line names (all by default); returns the exit code.

    Args:
      experiments: {name: Experiment}.
      folder: of the table and its Python programs. The build keeps the binaries in one of the same name.
      description: for --help.
      arguments: of the command line, if not this process's.
      record: keeps the results of a run of all experiments, or of one that is told to `--write`: a function of
        {name: results}.
    """
    kind = folder.name
    parser = argparse.ArgumentParser(prog=f"./dev {kind}", description=description)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run (default: all)")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of every random number")
    parser.add_argument("--list", action="store_true", help="list the names and do nothing")
    if record:
        parser.add_argument("--write", action="store_true", help="keep the results, as a run of all does")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args(arguments)

    unknown = [name for name in arguments.names if name not in experiments]
    if unknown:
        parser.error(f"no {', '.join(unknown)}; there are: {', '.join(experiments)}")
    if arguments.list:
        width = max((len(name) for name in experiments), default=0)
        for name, experiment in experiments.items():
            print(f"{name.ljust(width)}  {experiment.summary}")
        return 0

    build = arguments.build.resolve()
    environment = {
        **os.environ,
        # Nothing is kept unless the experiment says where.
        "PHASICD_STORE": "memory:",
        "PHASIC_BIN": str(build / "bin"),
        "PYTHONPATH": str(build / "python"),
    }
    by_name = {}
    for name in arguments.names or experiments:
        print(f"== {name}: {experiments[name].summary}", flush=True)
        by_name[name] = []
        for program in experiments[name].programs or (name,):
            command = _command(program, folder, build / kind)
            by_name[name] += _run(name, program, command, arguments.seed, environment)
        print(flush=True)
    results = [result for found in by_name.values() for result in found]
    _table(results)
    if record and (arguments.write or not arguments.names):
        record(by_name)
    if arguments.json:
        print(json.dumps({"results": results}, allow_nan=False))
    return 0 if all(result["pass"] for result in results) else 1
