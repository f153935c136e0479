# SPDX-License-Identifier: Apache-2.0
"""The table is whole, and a wrong answer anywhere is caught."""

import pathlib
import unittest

import table

CASES = table.load(pathlib.Path(__file__).resolve().parent / "cases.json")
NEEDS = {"batch", "stream", "batch_create", "record", "multi_discrete", "diverged"}
OPS = {
    *("create", "batch_create", "get", "list", "update", "delete", "clone", "step", "reward", "reset", "inspect"),
    *("write_state", "create_snapshot", "get_snapshot", "list_snapshots", "delete_snapshot", "restore_snapshot"),
    *("export", "import", "backup", "check_store"),
    *("batch", "stream", "validate", "circuits", "circuit", "components", "info"),
}


def run(calls, answers, needs=(), skip=()):
    """(number of failures, lines) of one case, whose calls are answered in turn."""
    asked, lines = iter(answers), []

    def perform(op, arguments, prefix):
        del op, arguments, prefix
        return next(asked)

    failed = table.run([{"name": "x", "needs": needs, "calls": calls}], perform, skip, lines.append)
    return failed, lines


class TableTest(unittest.TestCase):
    def test_the_table_is_whole(self):
        names = [case["name"] for case in CASES]
        self.assertEqual(len(names), len(set(names)))
        calls = [call for case in CASES for call in case["calls"]]
        self.assertEqual({call["op"] for call in calls}, OPS)
        self.assertEqual({need for case in CASES for need in case.get("needs", ())}, NEEDS)
        self.assertTrue(all(case["why"] for case in CASES))
        self.assertFalse([call for call in calls if "expect" in call and "error" in call])

    def test_what_matches(self):
        for wanted, got in (
            ({}, {"a": 1}),
            ({"a": None}, {}),
            ({"a": {"b": 1}}, {"a": {"b": 1.0, "c": 2}, "d": 3}),
            ([1, {"a": 2}], [1, {"a": 2, "b": 3}]),
            ({"$not": 1}, 2),
            ({"$length": 2}, [5, 6]),
            ({"$contains": [{"a": 2}, 1]}, [1, {"a": 2, "b": 3}]),
        ):
            table.match(wanted, got, "")

    def test_what_does_not_match(self):
        for wanted, got in (
            ({"a": 1}, {}),
            ({"a": 1}, {"a": 2}),
            ({"a": None}, {"a": 0}),
            ({}, []),
            ([1], [1, 1]),
            ([1], 1),
            ([1, 2], [2, 1]),
            (0.2, 0.20000000298023224),
            ("1", 1),
            (True, 1),
            (0, False),
            ({"$not": {"a": 1}}, {"a": 1, "b": 2}),
            ({"$length": 2}, [5]),
            ({"$length": 2}, "ab"),
            ({"$contains": [3]}, [1, 2]),
        ):
            with self.assertRaises(table.Mismatch, msg=(wanted, got)):
                table.match(wanted, got, "")

    def test_variables(self):
        variables = {"n": 5, "list": [1], "word": "w"}
        filled = table.fill_in({"a": "{n}", "b": ["{list}", "{word}-{n}", "{other}", 7]}, variables)
        self.assertEqual(filled, {"a": 5, "b": [[1], "w-5", "{other}", 7]})

    def test_a_case(self):
        bound = {"op": "get", "bind": {"v": ["a", 0]}}
        again = {"op": "get", "expect": {"a": ["{v}"]}}
        self.assertEqual(run([bound, again], [("reply", {"a": [3]}), ("reply", {"a": [3]})]), (0, ["ok x"]))
        failed, lines = run([bound, again], [("reply", {"a": [3]}), ("reply", {"a": [4]})])
        self.assertEqual((failed, lines), (1, ["FAIL x: call 1 (get).a[0]: 4, but expected 3"]))
        self.assertEqual(run([bound], [("reply", {})])[0], 1)
        self.assertEqual(run([bound], []), (1, ["FAIL x: StopIteration()"]))

    def test_errors(self):
        wrong = {"op": "get", "error": {"code": "NOT_FOUND", "fields": ["a"]}}
        self.assertEqual(run([wrong], [("error", {"code": "NOT_FOUND", "fields": ["a"]})])[0], 0)
        other_code, other_field = {"code": "ABORTED", "fields": ["a"]}, {"code": "NOT_FOUND", "fields": []}
        for answer in (("reply", {}), ("error", other_code), ("error", other_field)):
            self.assertEqual(run([wrong], [answer])[0], 1)
        self.assertEqual(run([{"op": "get"}], [("error", {"code": "NOT_FOUND"})])[0], 1)

    def test_what_is_not_served_is_skipped(self):
        self.assertEqual(run([{"op": "get"}], [], ["batch"], ["batch"]), (0, ["skip x: needs batch"]))


if __name__ == "__main__":
    unittest.main()
