#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the README's examples do what it says, run as they are printed."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from daemon import Daemon

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
BIN = pathlib.Path(os.environ["PHASIC_BIN"])
TURNS = "60"  # are enough to learn; a sanitizer's programs start slowly


def example(language):
    """The longest block of code in this language."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    text = max(blocks, key=len)
    assert text.count("300") == 1, "the number of turns"
    return text.replace("300", TURNS)


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon().__enter__()
        self.addCleanup(self.daemon.__exit__)
        self.address = self.daemon.addresses[0]

    def run_program(self, *command, **options):
        environment = {
            **os.environ,
            "PHASIC_SERVER": self.address,
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=280, check=False, **options
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def here(self, language):
        """The example, talking to this test's server."""
        text = example(language)
        self.assertIn("127.0.0.1:50051", text)
        return text.replace("127.0.0.1:50051", self.address)

    def test_python(self):
        self.assertEqual(float(self.run_program(sys.executable, "-c", self.here("python"))), 1)

    def test_typescript(self):
        # Types are checked with the package's own example; here it is what it says that counts. It finds the package from
        # the folder that the build has put it in.
        folder = BIN.resolve().parent / "typescript"
        program = ["node", "--input-type=module", "-e", self.here("ts")]
        self.assertEqual(float(self.run_program(*program, cwd=folder)), 1)

    def test_shell(self):
        out = self.run_program("sh", "-eu", "-c", example("sh"))
        # The last step is greedy.
        self.assertEqual(re.findall(r"^action +(\d+)$", out, re.MULTILINE)[-1], "1", out)


if __name__ == "__main__":
    unittest.main()
