# SPDX-License-Identifier: Apache-2.0
"""Another CMake project uses the library as client/README.md says. Nothing is compiled."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES CXX)
add_subdirectory({ROOT}/client/cpp phasic EXCLUDE_FROM_ALL)
add_executable(mine {ROOT}/client/cpp/examples/bandit.cc)
target_link_libraries(mine PRIVATE phasic::client)
"""


class OutsideTest(unittest.TestCase):
    def test_the_library_is_a_folder_to_add(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "CMakeLists.txt").write_text(PROJECT)
            self.run_quietly("cmake", "-S", folder, "-B", f"{folder}/build", "-G", "Ninja")
            plan = self.run_quietly("ninja", "-C", f"{folder}/build", "-n", "-v")
        # The program, with the contract's code and the library, and nothing else of phasic.
        self.assertIn("libphasic_proto.a", plan)
        self.assertIn("libphasic_client.a", plan)
        self.assertNotIn("-Werror", plan)
        self.assertNotIn("phasic_example", plan)

    def run_quietly(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
