#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The server of fake_server.py as a program with phasicd's flags and exit codes, for tests of those who start one."""

import argparse
import signal
import sys
import threading

from fake_server import FakeServer

parser = argparse.ArgumentParser()
parser.add_argument("--listen", required=True)
parser.add_argument("--fail-at-start", action="store_true")
parser.add_argument("--deaf", action="store_true")
parser.add_argument("--exit-code", type=int, default=0)
parser.add_argument("--ignore-sigterm", action="store_true")
options = parser.parse_args()
if options.fail_at_start:
    print("the disk is on fire", file=sys.stderr)
    sys.exit(3)
ended = threading.Event()
signal.signal(signal.SIGTERM, signal.SIG_IGN if options.ignore_sigterm else lambda number, frame: ended.set())
server = FakeServer()
server.start(0 if options.deaf else int(options.listen.rpartition(":")[2]))
ended.wait()
server.stop()
sys.exit(options.exit_code)
