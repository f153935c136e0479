#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the driver of the experiments believes no experiment that fails, crashes, contradicts itself or says nothing."""

import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from experiments import Experiment, main

# A table over the programs of its own folder, run as ./dev runs the real ones.
TABLE = """
import pathlib, sys
sys.path.insert(0, {support!r})
from experiments import Experiment, main
sys.exit(main({{name: Experiment("a test") for name in {names!r}}}, pathlib.Path(__file__).parent, ""))
"""

GOOD = """print('RESULT {"name": "error", "value": 1e-13, "bound": "<= 1e-12", "pass": true}')\n"""


class ExperimentsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name) / "verify"
        self.folder.mkdir()
        (self.folder.parent / "build" / "verify").mkdir(parents=True)

    def run_table(self, programs, *arguments):
        """Runs a table of these Python programs; returns (exit code, stdout, stderr)."""
        for name, text in programs.items():
            (self.folder / (name.replace("-", "_") + ".py")).write_text(text)
        support = str(pathlib.Path(__file__).resolve().parent)
        table = self.folder / "run.py"
        table.write_text(TABLE.format(support=support, names=list(programs)))
        command = [sys.executable, table, "--build", self.folder.parent / "build", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def results(self, text):
        """(exit code, results) of one program."""
        code, out, _ = self.run_table({"one-program": text}, "--json")
        return code, json.loads(out.splitlines()[-1])["results"]

    def assert_fails(self, text, **expected):
        code, results = self.results(text)
        self.assertEqual(code, 1)
        self.assertFalse(results[-1]["pass"])
        for key, value in expected.items():
            self.assertIn(value, str(results[-1][key]))

    def test_passing_results(self):
        code, out, _ = self.run_table({"a-b": "print('progress')\n" + GOOD, "c": GOOD}, "--json")
        self.assertEqual(code, 0)
        self.assertIn("progress\n", out)
        self.assertIn("error  1e-13     <= 1e-12  pass\n", out)
        self.assertNotIn("RESULT", out)
        result = {"name": "error", "value": 1e-13, "bound": "<= 1e-12", "pass": True}
        self.assertEqual(json.loads(out.splitlines()[-1]), {"results": [result, result]})

    def test_names_choose(self):
        code, out, _ = self.run_table({"good": GOOD, "bad": "raise SystemExit(3)"}, "good")
        self.assertEqual(code, 0)
        self.assertNotIn("== bad", out)

    def test_unknown_names_are_an_error_that_lists_the_known(self):
        code, out, err = self.run_table({"good": GOOD, "fine": GOOD}, "better")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("no better; there are: good, fine", err)

    def test_list(self):
        code, out, _ = self.run_table({"good": GOOD, "fine-one": GOOD}, "--list")
        self.assertEqual((code, out), (0, "good      a test\nfine-one  a test\n"))

    def test_seed_and_environment_are_passed_on(self):
        program = (
            "import os, sys, json\n"
            "value = ' '.join(sys.argv[1:] + [os.environ['PHASIC_BIN'], os.environ['PYTHONPATH']])\n"
            "print('RESULT', json.dumps(dict(name='n', value=value, bound='', **{'pass': True})))\n"
        )
        build = (self.folder.parent / "build").resolve()
        _, out, _ = self.run_table({"one": program}, "--json", "--seed", "7")
        value = json.loads(out.splitlines()[-1])["results"][0]["value"]
        self.assertEqual(value, f"--seed 7 {build}/bin {build}/python")

    def test_binaries_of_the_build_are_run(self):
        binary = self.folder.parent / "build" / "verify" / "a-binary"
        binary.write_text(f"#!{sys.executable}\n{GOOD}")
        binary.chmod(0o755)
        build = str(self.folder.parent / "build")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = main({"a-binary": Experiment("a test")}, self.folder, "", ["--build", build])
        self.assertEqual(code, 0, output.getvalue())

    def test_results_are_kept_of_all_or_when_asked_to(self):
        (self.folder / "one.py").write_text(GOOD)
        (self.folder / "two.py").write_text(GOOD)
        table = {name: Experiment("a test") for name in ("one", "two")}
        build = ["--build", str(self.folder.parent / "build")]
        kept = []
        for names in ([], ["two"], ["two", "--write"]):
            with contextlib.redirect_stdout(io.StringIO()):
                main(table, self.folder, "", [*names, *build], record=kept.append)
        self.assertEqual([list(results) for results in kept], [["one", "two"], ["two"]])
        self.assertEqual(kept[1]["two"][0]["value"], 1e-13)

    def test_a_result_that_does_not_pass(self):
        text = GOOD.replace("1e-13", "1e-11").replace("true", "false")
        self.assert_fails(text + "raise SystemExit(1)", value="1e-11")
        self.assert_fails(text, value="1e-11")

    def test_a_verdict_that_contradicts_its_bound(self):
        self.assert_fails(GOOD.replace("1e-13", "1e-11"), bound="verdict says otherwise")
        self.assert_fails(GOOD.replace("1e-13", "NaN"), value="nan")
        self.assert_fails(GOOD.replace('"<= 1e-12"', '">= 475"'), bound="verdict says otherwise")

    def test_malformed_results(self):
        self.assert_fails("print('RESULT not json')", value="malformed")
        self.assert_fails("print('RESULT [1]')", value="malformed")
        self.assert_fails(GOOD.replace('"bound"', '"limit"'), value="malformed")
        self.assert_fails(GOOD.replace("true", "1"), value="malformed")

    def test_no_result(self):
        self.assert_fails("print('done')", value="none, exit code 0")

    def test_a_crash_after_a_result(self):
        self.assert_fails(GOOD + "raise SystemExit(3)", value="exit code 3")
        self.assert_fails(
            GOOD + "import os, sys; sys.stdout.flush(); os.kill(os.getpid(), 11)",
            value="exit code -11",
        )

    def test_a_program_that_is_not_there(self):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = main({"none": Experiment("a test")}, self.folder, "", ["--build", "/nowhere"])
        self.assertEqual(code, 1)
        self.assertIn("No such file", output.getvalue())


if __name__ == "__main__":
    unittest.main()
