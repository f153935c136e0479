#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That what clang-tidy finds in a source is found when many are read as one."""

import json
import pathlib
import tempfile
import unittest

import tidy


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write("core/shared.h", "#pragma once\ninline int Shared(int number) { return number; }\n")
        self.write("elsewhere.h", "#pragma once\ninline int elsewhere_is_named_otherwise(int Number) { return Number; }\n")
        self.entries = []
        for name in ("a", "b", "c"):
            self.source(name, f"int {name.upper()}() {{ return Shared(1); }}\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_text(text)

    def source(self, name, text, *options):
        """A source that is compiled with the options, besides what it was compiled with before."""
        path = f"core/{name}.cc"
        self.write(path, '#include "core/shared.h"\n#include "elsewhere.h"\n' + text)
        words = ["/usr/bin/clang++-14", f"-I{self.root}", *options, "-o", f"{name}.o", "-c", f"{self.root}/{path}"]
        entry = {"directory": str(self.root), "command": " ".join(words), "file": f"{self.root}/{path}"}
        self.entries = [e for e in self.entries if e["command"] != entry["command"]] + [entry]

    def check(self):
        """(the findings, the batches)"""
        self.write("compile_commands.json", json.dumps(self.entries))
        progress = []
        found = tidy.check(self.root, [self.root / "core"], progress.append)
        return found, progress[1:]

    def assert_found(self, found, *expected):
        self.assertEqual(len(found), len(expected), found)
        for finding, (path, name, check) in zip(found, sorted(expected)):
            self.assertTrue(finding.startswith(f"{self.root}/{path}:"), finding)
            self.assertIn(f"'{name}'", finding)
            self.assertIn(f"[{check}", finding)

    def test_clean_sources_are_read_as_one(self):
        found, batches = self.check()
        self.assertEqual(found, [])
        self.assertEqual(len(batches), 1, batches)

    def test_a_fault_in_any_source_and_header_is_found_once(self):
        self.write("core/shared.h", "#pragma once\ninline int Shared(int Planted) { return Planted; }\n")
        self.source("a", "int A(int First) { return First; }\n")
        self.source("c", "int C(int Last) { return Last; }\n")
        found, batches = self.check()
        check = "readability-identifier-naming"
        self.assert_found(
            found, ("core/a.cc", "First", check), ("core/c.cc", "Last", check), ("core/shared.h", "Planted", check)
        )
        self.assertEqual(len(batches), 1, batches)

    def test_names_that_clash_are_told_apart(self):
        for name in ("a", "b", "c"):
            own = f"namespace {{ int same = {ord(name)}; int Twice() {{ return 2 * same; }} }}\n"
            self.source(name, own + f"int {name.upper()}(int Planted) {{ return Twice() + Planted; }}\n")
        found, batches = self.check()
        self.assert_found(found, *((f"core/{name}.cc", "Planted", "readability-identifier-naming") for name in "abc"))
        self.assertEqual(len(batches), 1, batches)

    def test_sources_that_clash_otherwise_are_read_apart(self):
        for name in ("a", "b", "c"):
            own = f"#define SAME {ord(name)}\nstatic_assert(SAME == {ord(name)} && __COUNTER__ == 0);\n"
            self.source(name, own + f"int {name.upper()}(int Planted) {{ return Planted; }}\n#undef SAME\n")
        found, batches = self.check()
        self.assert_found(found, *((f"core/{name}.cc", "Planted", "readability-identifier-naming") for name in "abc"))
        self.assertEqual(len(batches), 3, batches)

    def test_a_source_that_does_not_compile_is_found(self):
        self.source("b", "int B() { return not_there; }\n")
        found, batches = self.check()
        self.assert_found(found, ("core/b.cc", "not_there", "clang-diagnostic-error"))
        self.assertEqual(len(batches), 2, batches)

    def test_sources_are_read_with_the_options_they_are_compiled_with(self):
        self.source("d", "#ifdef HURRY\nint D(int Planted) { return Planted; }\n#endif\n", "-DHURRY")
        found, batches = self.check()
        self.assert_found(found, ("core/d.cc", "Planted", "readability-identifier-naming"))
        self.assertEqual(len(batches), 2, batches)

    def test_a_source_that_is_compiled_twice_is_read_once(self):
        for name in ("a", "b", "c"):
            self.source(name, f"int {name.upper()}() {{ return Shared(1); }}\n", "-DDOUBLE")
        self.assertEqual(len(self.entries), 6)
        _, batches = self.check()
        self.assertEqual(len(batches), 1, batches)


if __name__ == "__main__":
    unittest.main()
