#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The TypeScript package: runs every test that build.py has compiled."""

import os
import pathlib
import subprocess
import sys

BUILT = pathlib.Path(os.environ["PHASIC_BIN"]).resolve().parent / "typescript" / "tests" / "client" / "typescript"
TESTS = [BUILT / f"{test.stem}.js" for test in sorted(pathlib.Path(__file__).resolve().parent.glob("*_test.ts"))]

if __name__ == "__main__":
    sys.exit(subprocess.run(["node", "--test", *TESTS], check=False).returncode)
