#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the TypeScript package, its examples and its tests into the build folder, with what npm has installed."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "client" / "typescript"
MODULES = PACKAGE / "node_modules"
OUT = pathlib.Path(os.environ["PHASIC_BIN"]).resolve().parent / "typescript"
OLDEST_NODE = 18


def missing():
    """What stands in the way, or None."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else ""
    if int((re.match(r"v(\d+)", version) or [0, 0])[1]) < OLDEST_NODE:
        return f"Node {OLDEST_NODE} or later is missing: apt-get install --no-install-recommends nodejs npm"
    installed = MODULES / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (PACKAGE / "package-lock.json").stat().st_mtime:
        folder = PACKAGE.relative_to(ROOT)
        return f"what {folder}/package-lock.json names is not installed: run ./dev test, or npm ci there, with the network"
    return None


def main():
    why = missing()
    if why:
        print(why)
        return 1
    OUT.mkdir(exist_ok=True)
    # The package finds its modules, and the programs find the package by its name.
    modules = OUT / "node_modules"
    if not modules.is_symlink():
        modules.symlink_to(MODULES)
    package = {"name": "phasic", "type": "module", "exports": "./client/typescript/src/index.js"}
    (OUT / "package.json").write_text(json.dumps(package))

    config = pathlib.Path(__file__).resolve().parent / "tsconfig.json"
    subprocess.run(["node", PACKAGE / "generate.mjs"], check=True)
    compiler = MODULES / "typescript" / "bin" / "tsc"
    return subprocess.run(["node", compiler, "--project", config, "--outDir", OUT], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
