#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a driver against a fresh phasicd that keeps nothing: run.py [--skip=TAG,...] DRIVER [ARGUMENT...]."""

import os
import pathlib
import subprocess
import sys

from phasic.daemon import Daemon

CASES = pathlib.Path(__file__).resolve().parent / "cases.json"


def main(arguments):
    skip = [argument for argument in arguments if argument.startswith("--skip=")]
    driver = [argument for argument in arguments if argument not in skip]
    if driver[0].endswith(".py"):
        driver.insert(0, sys.executable)
    with Daemon(pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd", arguments=["--store=memory:"]) as daemon:
        return subprocess.run([*driver, CASES, daemon.target, *skip], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
