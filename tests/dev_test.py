#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That ./dev says what it can do, and refuses clearly what it cannot, before it installs or builds anything."""

import pathlib
import subprocess
import tempfile
import unittest

DEV = pathlib.Path(__file__).resolve().parent.parent / "dev"
VERBS = ("run", "test", "verify", "bench", "check", "build")


def dev(*arguments):
    """(exit code, stdout, stderr) of ./dev, called from elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([DEV, *arguments], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


class DevTest(unittest.TestCase):
    def test_help_names_every_verb(self):
        for arguments in ((), ("help",), ("--help",)):
            code, out, err = dev(*arguments)
            self.assertEqual((code, err), (0, ""))
            for verb in VERBS:
                self.assertIn(f"\n  {verb} ", out)

    def test_an_unknown_verb_is_an_error_with_the_usage(self):
        code, out, err = dev("tset")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("no such verb: tset", err)
        self.assertIn("Usage: ./dev VERB", err)

    def test_arguments_that_a_verb_does_not_take(self):
        for arguments in (("run", "twice"), ("test", "a", "b"), ("build", "all"), ("check", "all")):
            code, out, err = dev(*arguments)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(f"dev: {arguments[0]} takes", err)

    def test_continuous_integration_runs_the_tests(self):
        script = (DEV.parent / ".ci" / "run").read_text()
        self.assertEqual(script.splitlines()[-1], "exec ./dev test")


if __name__ == "__main__":
    unittest.main()
