# SPDX-License-Identifier: Apache-2.0
"""Errors: the class by code, the details, the text."""

import unittest

import faults
import grpc
import phasic
from phasic.errors import from_rpc, from_status
from phasic.rpc import error_details_pb2


class RpcFailure(grpc.RpcError):
    def __init__(self, code, text, trailer=()):
        self._code, self._text, self._trailer = code, text, trailer

    def code(self):
        return self._code

    def details(self):
        return self._text

    def trailing_metadata(self):
        return self._trailer


def failure(fault):
    return RpcFailure(fault.code, fault.text, (("grpc-status-details-bin", faults.status_of(fault)),))


class ErrorsTest(unittest.TestCase):
    def test_every_code_has_a_class_of_its_own(self):
        for code in grpc.StatusCode:
            if code is grpc.StatusCode.OK:
                continue
            error = from_rpc(RpcFailure(code, "text"), "Step")
            self.assertEqual(error.code, code.name)
            self.assertIsInstance(error, phasic.Error)
            self.assertEqual(error.reason, "")

    def test_violations_are_listed_and_shown(self):
        error = from_rpc(failure(faults.bad_field("observation[3]", "is not finite")), "Step")
        self.assertIsInstance(error, phasic.InvalidArgument)
        self.assertEqual(error.reason, "INVALID")
        self.assertEqual(error.violations, (("observation[3]", "is not finite"),))
        self.assertIn("observation[3]: is not finite", str(error))
        self.assertIn("Step: INVALID", str(error))

    def test_step_mismatch_tells_the_index(self):
        error = from_rpc(failure(faults.Fault(grpc.StatusCode.ABORTED, "STEP_MISMATCH", "no", step="17")), "Step")
        self.assertIsInstance(error, phasic.StepMismatch)
        self.assertIsInstance(error, phasic.Aborted)
        self.assertEqual(error.actual, 17)
        self.assertEqual(error.metadata, {"step": "17"})

    def test_retry_delay(self):
        error = from_rpc(failure(faults.queue_full(0.25)), "Step")
        self.assertIsInstance(error, phasic.ResourceExhausted)
        self.assertAlmostEqual(error.retry_delay, 0.25)

    def test_in_band_they_are_the_same(self):
        fault = faults.Fault(grpc.StatusCode.ABORTED, "STEP_MISMATCH", "no", step="17")
        error = from_status(error_details_pb2.Status.FromString(faults.status_of(fault)), "BatchStep")
        self.assertIsInstance(error, phasic.StepMismatch)
        self.assertEqual((error.actual, error.message, error.method), (17, "no", "BatchStep"))
        self.assertEqual(from_status(error_details_pb2.Status(code=99, message="?"), "Step").code, "UNKNOWN")

    def test_unreadable_details_leave_the_code_and_the_text(self):
        trailer = (("grpc-status-details-bin", b"\xff\xff\xff"), ("other", "x"))
        error = from_rpc(RpcFailure(grpc.StatusCode.NOT_FOUND, "gone", trailer), "GetAgent")
        self.assertIsInstance(error, phasic.NotFound)
        self.assertEqual(str(error), "GetAgent: NOT_FOUND: gone")


if __name__ == "__main__":
    unittest.main()
