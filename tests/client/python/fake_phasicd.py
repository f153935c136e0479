#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The server of fake_server.py as a program with phasicd's flags and exit codes, for tests of those who start one."""

import argparse
import os
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
# By turns: a signal that the system gives to another of grpcio's threads wakes nobody here.
while not ended.wait(0.05):
    pass
server.stop()
# Not sys.exit, which would wait for what grpcio's threads still do.
os._exit(options.exit_code)
