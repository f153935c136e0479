#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That every source file is laid out as .clang-format says. `clang-format-14 -i FILE` lays it out."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREES = ("core", "server", "client", "tests")


def misformatted(files):
    """FILE:LINE of every place in `files` that is laid out otherwise."""
    command = ["clang-format-14", f"--style=file:{ROOT}/.clang-format", "--dry-run", "-Werror"]
    done = subprocess.run([*command, *files], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line]
    if done.returncode and not complaints:
        raise RuntimeError(done.stderr)
    return [":".join(line.split(":")[:2]) for line in complaints]


class FormatTest(unittest.TestCase):
    def test_every_source_file_is_laid_out(self):
        files = [p for tree in TREES for end in ("h", "cc") for p in (ROOT / tree).rglob(f"*.{end}")]
        self.assertTrue(files)
        places = misformatted(files)
        self.assertFalse(places, "\n" + "\n".join(places))

    def test_a_misformatted_file_is_caught(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "planted.cc"
            path.write_text("int  Planted( ) {return 1;}\n")
            self.assertEqual(set(misformatted([path])), {f"{path}:1"})


if __name__ == "__main__":
    unittest.main()
