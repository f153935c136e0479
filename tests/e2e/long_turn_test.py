#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A long turn is a worker's: short turns of others come and go meanwhile, though one thread serves the wire."""

import statistics
import time
import unittest

from daemon import PATIENCE, Daemon, bandit, begin_slow, eventually, slow_step
from phasic.v1 import agent_service_pb2
from phasic.v1.agent_service_pb2 import BatchStepRequest, InteractRequest, StepRequest

LONG = 1.5  # seconds of CPU time, at least
ROUNDS = 30


class LongTurnTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon("--pollers=1").__enter__()
        self.addCleanup(self.daemon.__exit__)
        self.stub = self.daemon.agents()
        self.uids = [bandit(self.stub, agent).uid for agent in ("a", "b")]
        self.short = StepRequest(name="agents/a", observation=[0])
        self.long = slow_step(self.daemon, LONG)

    def assert_short(self, latencies):
        # Who had to wait for the long turn would wait for most of it.
        self.assertLess(max(latencies), LONG / 2, latencies)
        self.assertLess(statistics.median(latencies), LONG / 40, latencies)

    def test_calls_and_streams_beside_it_are_as_quick_as_ever(self):
        def stream():
            for _ in range(ROUNDS):
                yield InteractRequest(step=self.short)

        def unary():
            self.stub.Step(self.short, timeout=PATIENCE)

        def batch():
            request = BatchStepRequest(uid=self.uids, observation=[0, 0])
            self.assertFalse(self.stub.BatchStep(request, timeout=PATIENCE).failures)

        long = begin_slow(self.daemon, lambda: self.stub.Step.future(self.long, timeout=PATIENCE))
        answers = self.stub.Interact(stream(), timeout=PATIENCE)
        latencies = []
        for _ in range(ROUNDS):
            for call in (unary, batch, lambda: next(answers)):
                begin = time.monotonic()
                call()
                latencies.append(time.monotonic() - begin)
        self.assertFalse(long.done(), "all of that was meanwhile")
        self.assert_short(latencies)
        long.result()

    def test_calls_beside_a_batch_of_many_short_items_are_as_quick_as_ever(self):
        # Each is short enough to be done at once. All of them together are not.
        created = agent_service_pb2.BatchCreateAgentsRequest()
        for i in range(512):
            circuit = created.requests.add(agent_id=f"many-{i}").agent.circuit
            circuit.inputs.add(name="in", encoder="raw", target="crowd.drive").space.box.shape.append(1)
            circuit.populations.add(name="crowd", model="rate", size=1)
            circuit.populations.add(name="noise", model="gaussian", size=2_000)
            circuit.outputs.add(name="out", source="crowd", decoder="rates")
        uids = [agent.uid for agent in self.stub.BatchCreateAgents(created, timeout=PATIENCE).agents]
        request = BatchStepRequest(uid=uids, observation=[0] * len(uids), ticks=16)
        batch = self.stub.BatchStep.future(request, timeout=PATIENCE)
        calls = 0
        while not batch.done():
            self.stub.Step(self.short, timeout=PATIENCE)
            calls += 1
        self.assertFalse(batch.result().failures)
        # Who had to wait for the batch would have been one call.
        self.assertGreater(calls, 3)

    def test_short_items_behind_it_on_its_own_stream_are_done_meanwhile(self):
        requests = [InteractRequest(id=0, step=self.long)]
        requests += [InteractRequest(id=i, step=self.short) for i in range(1, ROUNDS + 1)]
        begin = time.monotonic()
        answers = self.stub.Interact(iter(requests), timeout=PATIENCE)

        def steps():
            request = agent_service_pb2.GetAgentRequest(name="agents/a")
            return self.stub.GetAgent(request, timeout=PATIENCE).stats.steps

        eventually(lambda: steps() == ROUNDS, "the short ones are done")
        self.assertLess(time.monotonic() - begin, LONG / 2)
        # Only their answers wait: those of a stream come in the order of its requests.
        self.assertEqual([answer.id for answer in answers], list(range(ROUNDS + 1)))
        self.assertGreater(time.monotonic() - begin, LONG / 2)


if __name__ == "__main__":
    unittest.main()
