#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What only the wire shows: error details, deadlines, cancellation, streams, health and reflection."""

import array
import concurrent.futures
import unittest

import grpc

from daemon import PATIENCE, Daemon, bandit, begin_slow, details, eventually, slow_step
from phasic.v1 import agent_service_pb2

SERVICES = ("phasic.v1.AgentService", "phasic.v1.CircuitService", "phasic.v1.ServerService")


class WireTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("--max-waiting-turns=2").__enter__()
        cls.stub = cls.daemon.agents()
        bandit(cls.stub)
        cls.slow = slow_step(cls.daemon, 1.5)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.terminate()
        code, errors = cls.daemon.wait()
        assert code == 0, errors  # sanitizers too have nothing to say

    def setUp(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(16)
        self.addCleanup(self.pool.shutdown)

    def steps(self, agent):
        request = agent_service_pb2.GetAgentRequest(name=f"agents/{agent}")
        return self.stub.GetAgent(request, timeout=PATIENCE).stats.steps

    def assert_fails(self, code, reason, method, request, timeout=PATIENCE):
        with self.assertRaises(grpc.RpcError) as raised:
            response = method(request, timeout=timeout)
            if not hasattr(response, "DESCRIPTOR"):
                list(response)
        self.assertEqual(raised.exception.code(), code)
        status, found = details(raised.exception)
        self.assertEqual(status.code, code.value[0])
        self.assertEqual(status.message, raised.exception.details())
        self.assertEqual(found["ErrorInfo"].reason, reason)
        self.assertEqual(found["ErrorInfo"].domain, "phasic")
        return found

    def begin_slow(self, timeout=PATIENCE):
        return begin_slow(self.daemon, lambda: self.stub.Step.future(self.slow, timeout=timeout))

    def test_errors_carry_their_details(self):
        missing = agent_service_pb2.StepRequest(name="agents/none", observation=[0])
        found = self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "AGENT_NOT_FOUND", self.stub.Step, missing
        )
        self.assertEqual(found["ResourceInfo"].resource_name, "tenants/default/agents/none")
        bad = agent_service_pb2.StepRequest(name="agents/a", observation=[float("nan")])
        found = self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "BAD_OBSERVATION", self.stub.Step, bad
        )
        self.assertEqual(found["BadRequest"].field_violations[0].field, "observation[0]")
        late = agent_service_pb2.StepRequest(name="agents/a", observation=[0], step=1000)
        found = self.assert_fails(grpc.StatusCode.ABORTED, "STEP_MISMATCH", self.stub.Step, late)
        self.assertEqual(found["ErrorInfo"].metadata["step"], str(self.steps("a")))
        nothing = agent_service_pb2.InspectRequest(name="agents/a", component="none")
        self.assert_fails(
            grpc.StatusCode.NOT_FOUND, "VARIABLE_NOT_FOUND", self.stub.Inspect, nothing
        )

    def test_a_circuit_with_many_faults_still_answers(self):
        request = agent_service_pb2.CreateAgentRequest()
        for i in range(1000):
            request.agent.circuit.populations.add(name=f"No{i}", model="none" * 50)
        found = self.assert_fails(
            grpc.StatusCode.INVALID_ARGUMENT, "BAD_CIRCUIT", self.stub.CreateAgent, request
        )
        self.assertGreater(len(found["BadRequest"].field_violations), 3)

    def test_a_message_over_the_limit_is_refused(self):
        request = agent_service_pb2.StepRequest(name="agents/a", observation=[0] * (5 << 20))
        with self.assertRaises(grpc.RpcError) as raised:
            self.stub.Step(request, timeout=PATIENCE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_a_deadline_counts_until_the_turn_begins(self):
        before = self.steps("slow")
        first = self.begin_slow()
        with self.assertRaises(grpc.RpcError) as raised:
            self.stub.Step(self.slow, timeout=0.2)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        first.result()
        # Whatever came too late is not done later.
        again = self.stub.Step(self.slow, timeout=PATIENCE)
        self.assertEqual(again.step, before + 1)

    def test_a_turn_that_has_begun_is_done_even_if_its_caller_goes(self):
        before = self.steps("slow")
        self.begin_slow().cancel()
        eventually(lambda: self.steps("slow") == before + 1, "the step is done")
        first = self.begin_slow(timeout=1)
        self.assertEqual(first.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        eventually(lambda: self.steps("slow") == before + 2, "the step is done")

    def test_who_is_cancelled_while_waiting_does_nothing(self):
        before = self.steps("slow")
        first = self.begin_slow()
        second = self.stub.Step.future(self.slow, timeout=PATIENCE)
        self.steps("a")  # so that it is on its way
        second.cancel()
        self.assertEqual(first.result().step, before)
        self.assertEqual(self.stub.Step(self.slow, timeout=PATIENCE).step, before + 1)

    def test_a_full_queue_says_when_to_come_again(self):
        calls = [self.stub.Step.future(self.slow, timeout=PATIENCE) for _ in range(6)]
        errors = [call.exception() for call in calls]
        failed = [error for error in errors if error is not None]
        self.assertGreaterEqual(len(failed), 2)
        for error in failed:
            self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            _, found = details(error)
            self.assertEqual(found["ErrorInfo"].reason, "TOO_MANY_WAITING")
            self.assertGreater(found["RetryInfo"].retry_delay.nanos, 0)
            self.assertEqual(found["QuotaFailure"].violations[0].subject, "max_waiting_turns")

    def test_one_slow_agent_holds_up_no_other(self):
        first = self.begin_slow()
        for _ in range(10):
            self.stub.Step(agent_service_pb2.StepRequest(name="agents/a", observation=[0]), timeout=PATIENCE)
        self.assertFalse(first.done())
        first.result()

    def test_many_clients_are_one_sequence(self):
        bandit(self.stub, "shared")
        bandit(self.stub, "alone")

        def run(_):
            stub = self.daemon.agents()
            done = []
            while len(done) < 50:
                try:
                    request = agent_service_pb2.StepRequest(name="agents/shared", observation=[0])
                    done.append(stub.Step(request, timeout=PATIENCE).step)
                except grpc.RpcError as error:
                    self.assertEqual(details(error)[1]["ErrorInfo"].reason, "TOO_MANY_WAITING")
            return done

        indices = sorted(sum(self.pool.map(run, range(4)), []))
        self.assertEqual(indices, list(range(200)))
        for _ in range(200):
            request = agent_service_pb2.StepRequest(name="agents/alone", observation=[0])
            self.stub.Step(request, timeout=PATIENCE)
        full = [
            self.stub.GetAgent(agent_service_pb2.GetAgentRequest(name=f"agents/{name}", view=2))
            for name in ("shared", "alone")
        ]
        self.assertEqual(full[0].digest, full[1].digest)

    def test_a_large_variable_arrives_whole(self):
        request = agent_service_pb2.CreateAgentRequest(agent_id="big")
        circuit = request.agent.circuit
        circuit.inputs.add(name="in", encoder="raw", target="a.drive").space.box.shape.append(1000)
        circuit.populations.add(name="a", model="rate", size=1000)
        circuit.populations.add(name="b", model="rate", size=2000)
        weights = circuit.projections.add(name="w", source="a", target="b.drive")
        weights.initial.distribution = weights.initial.UNIFORM
        weights.initial.spread = 0.5
        circuit.outputs.add(name="out", source="b", decoder="rates")
        self.stub.CreateAgent(request, timeout=PATIENCE)
        inspect = agent_service_pb2.InspectRequest(name="agents/big", component="w", variable="weights")
        messages = list(self.stub.Inspect(inspect, timeout=PATIENCE))
        self.assertGreater(len(messages), 10)
        self.assertEqual(list(messages[0].shape), [2000, 1000])
        values = array.array("f", b"".join(message.data for message in messages))
        self.assertEqual(len(values), 2_000_000)
        self.assertEqual(max(values), messages[0].summary.max)
        self.assertEqual(min(values), messages[0].summary.min)
        # A reader that goes away in the middle leaves nothing behind.
        stream = self.stub.Inspect(inspect, timeout=PATIENCE)
        next(stream)
        stream.cancel()
        self.assertEqual(len(list(self.stub.Inspect(inspect, timeout=PATIENCE))), len(messages))

    def test_health_is_of_each_service(self):
        check = self.daemon.channel().unary_unary("/grpc.health.v1.Health/Check")
        for service in ("", *SERVICES):
            request = b"\x0a" + bytes([len(service)]) + service.encode()
            self.assertEqual(check(request, timeout=PATIENCE), b"\x08\x01", service)
        with self.assertRaises(grpc.RpcError) as raised:
            check(b"\x0a\x04none", timeout=PATIENCE)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_health_watchers_are_told_and_bounded(self):
        watch = self.daemon.channel().unary_stream("/grpc.health.v1.Health/Watch")
        unknown = watch(b"\x0a\x04none", timeout=PATIENCE)
        self.assertEqual(next(unknown), b"\x08\x03")
        watchers = [unknown]
        for _ in range(63):
            watchers.append(watch(b"", timeout=PATIENCE))
            self.assertEqual(next(watchers[-1]), b"\x08\x01")
        with self.assertRaises(grpc.RpcError) as raised:
            next(watch(b"", timeout=PATIENCE))
        self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        for watcher in watchers:
            watcher.cancel()

        def may_watch():
            try:
                return next(watch(b"", timeout=PATIENCE)) == b"\x08\x01"
            except grpc.RpcError:
                return False

        eventually(may_watch, "those that have gone make room")

    def test_reflection_lists_the_services(self):
        ask = self.daemon.channel().stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        )
        answer = next(ask(iter([b"\x3a\x01*"]), timeout=PATIENCE))
        for service in (*SERVICES, "grpc.health.v1.Health"):
            self.assertIn(service.encode(), answer)


if __name__ == "__main__":
    unittest.main()
