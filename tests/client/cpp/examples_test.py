# SPDX-License-Identifier: Apache-2.0
"""The C++ examples, against a real phasicd."""

import os
import pathlib
import subprocess
import unittest

from phasic.daemon import Daemon

BIN = pathlib.Path(os.environ["PHASIC_BIN"])
EXAMPLES = BIN.parent / "examples"


def run(example, target):
    return subprocess.run([EXAMPLES / example, target], capture_output=True, text=True, timeout=120, check=False)


class BanditTest(unittest.TestCase):
    def test_learns(self):
        with Daemon(BIN / "phasicd", arguments=["--store=memory:"]) as daemon:
            done = run("bandit", daemon.target)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("4 contexts, 3 arms", done.stdout)
        self.assertIn("episodes 51 to 60: best arm in ", done.stdout)

    def test_says_that_there_is_no_server(self):
        done = run("bandit", "unix:/no/such/socket")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no phasic server at unix:/no/such/socket", done.stderr)


if __name__ == "__main__":
    unittest.main()
