# SPDX-License-Identifier: Apache-2.0
"""The package's types, by Debian's mypy in strict mode where it is installed."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import phasic

PACKAGE = pathlib.Path(phasic.__file__).parent
CONFIG = pathlib.Path(__file__).resolve().parents[3] / "client" / "python" / "pyproject.toml"
MYPY = "/usr/bin/mypy"


class TypesTest(unittest.TestCase):
    @unittest.skipUnless(os.path.exists(MYPY), "mypy is not installed")
    def test_strict(self):
        with tempfile.TemporaryDirectory() as cache:
            command = [MYPY, "--config-file", str(CONFIG), "--cache-dir", cache, "-p", "phasic"]
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            done = subprocess.run(
                command, cwd=PACKAGE.parent, env=environment, capture_output=True, text=True, check=False
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_typed(self):
        self.assertTrue((PACKAGE / "py.typed").exists())
        self.assertGreaterEqual(sys.version_info, (3, 9))


if __name__ == "__main__":
    unittest.main()
