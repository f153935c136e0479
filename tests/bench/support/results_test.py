#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That written results say what was measured, that a part measured anew leaves the rest, and what the picture shows."""

import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from support.results import write  # noqa: E402

SUMMARIES = {"first": "what is first", "second": "what is second"}
SVG = "{http://www.w3.org/2000/svg}"


def result(name, value, bound, good):
    return {"name": name, "value": value, "bound": bound, "pass": good}


class ResultsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def write(self, **measured):
        """Returns the table's lines and the picture."""
        write(self.folder, SUMMARIES, measured)
        lines = (self.folder / "RESULTS.md").read_text().splitlines()
        return lines, xml.parse(self.folder / "results.svg").getroot()

    def test_a_row_for_each_result(self):
        lines, _ = self.write(
            first=[
                result("CPU | echo", 1.43, "at most 1.3, interval 1.29 to 1.55", True),
                result("agents", 3, "== 3", True),
                result("share", 0.5, "at least 0.6, interval 0.4 to 0.55", False),
            ]
        )
        self.assertIn(r"| CPU \| echo | 1.43 | 1.29 to 1.55 | at most 1.3 | pass |", lines)
        self.assertIn("| agents | 3 |  | == 3 | pass |", lines)
        self.assertIn("| share | 0.5 | 0.4 to 0.55 | at least 0.6 | **FAIL** |", lines)
        self.assertTrue(any(line.startswith("What is first. ") for line in lines))

    def test_what_is_not_measured_anew_stays(self):
        self.write(
            second=[result("a", 2.0, "at least 1, interval 1 to 3", True)],
            first=[result("b", 2.0, "at least 1, interval 1 to 3", True)],
        )
        lines, picture = self.write(first=[result("c", 0.5, "at least 1, interval 0.4 to 0.6", False)])
        names = [line.split(" | ")[0] for line in lines if line.startswith("| ") and "---" not in line]
        self.assertEqual(names, ["| result", "| c", "| result", "| a"])
        self.assertEqual([line for line in lines if line.startswith("## ")], ["## first", "## second"])
        self.assertEqual([dot.get("class") for dot in picture.iter(f"{SVG}circle")], ["fail", "pass"])

    def test_better_is_to_the_right_of_the_bound(self):
        _, picture = self.write(
            first=[
                result("low is good", 2.0, "at most 4, interval 1 to 3", True),
                result("high is good", 8.0, "at least 4, interval 7 to 9", True),
                result("MiB", 2048.0, "<= 1024", False),
                result("no bound", 1.0, "none: measured", True),
                result("nothing measured", 0, "at least 2; not measured: no such thing", False),
            ]
        )
        bound = next(float(line.get("x1")) for line in picture.iter(f"{SVG}line") if line.get("class") == "bound")
        dots = [float(dot.get("cx")) - bound for dot in picture.iter(f"{SVG}circle")]
        self.assertEqual(len(dots), 3)
        self.assertGreater(dots[0], 0)
        self.assertEqual(dots[0], dots[1])
        self.assertEqual(dots[2], -dots[0])


if __name__ == "__main__":
    unittest.main()
