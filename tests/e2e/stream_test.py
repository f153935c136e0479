#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Interact: pipelining, order, errors in band, back-pressure, and every way that a stream can end."""

import concurrent.futures
import queue
import unittest

import grpc

from daemon import PATIENCE, Daemon, bandit, begin_slow, eventually, slow_step
from phasic.v1 import agent_service_pb2
from phasic.v1.agent_service_pb2 import BatchStepRequest, InteractRequest, StepRequest


def step(number, agent="a", **fields):
    return InteractRequest(id=number, step=StepRequest(name=f"agents/{agent}", observation=[0], **fields))


class Stream:
    """A stream that is fed by hand."""

    def __init__(self, stub, timeout=PATIENCE):
        self.requests = queue.SimpleQueue()
        self.call = stub.Interact(iter(self.requests.get, None), timeout=timeout)

    def send(self, request):
        self.requests.put(request)

    def close(self):
        self.requests.put(None)


class StreamTest(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon().__enter__()
        self.addCleanup(self.daemon.__exit__)
        self.stub = self.daemon.agents()
        self.uids = [bandit(self.stub, agent).uid for agent in ("a", "b", "c")]

    def steps(self, agent):
        request = agent_service_pb2.GetAgentRequest(name=f"agents/{agent}")
        return self.stub.GetAgent(request, timeout=PATIENCE).stats.steps

    def stop(self):
        self.daemon.terminate()
        code, errors = self.daemon.wait()
        self.assertEqual(code, 0, errors)

    def test_every_request_has_one_response_in_order(self):
        requests = [step(1000 + i, "abc"[i % 3]) for i in range(2000)]
        responses = list(self.stub.Interact(iter(requests), timeout=PATIENCE))
        self.assertEqual([r.id for r in responses], [r.id for r in requests])
        for i, response in enumerate(responses):
            self.assertEqual(response.WhichOneof("result"), "step", response)
            self.assertEqual(response.step.step, i // 3)
        self.stop()

    def test_an_item_that_fails_says_so_and_the_stream_goes_on(self):
        requests = [
            step(1, step=0),
            step(2, "nobody"),
            InteractRequest(id=3),
            step(4, step=5),
            InteractRequest(id=5, batch_step=BatchStepRequest(uid=[1, 1])),
            InteractRequest(id=6, batch_step=BatchStepRequest(uid=self.uids[:2], observation=[0, 9])),
            step(7, step=2),
        ]
        responses = {r.id: r for r in self.stub.Interact(iter(requests), timeout=PATIENCE)}
        self.assertEqual(responses[1].step.step, 0)
        self.assertEqual(responses[2].error.code, grpc.StatusCode.NOT_FOUND.value[0])
        self.assertEqual(responses[3].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        self.assertEqual(responses[4].error.code, grpc.StatusCode.ABORTED.value[0])
        self.assertEqual(responses[5].error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
        self.assertEqual([f.item for f in responses[6].batch_step.failures], [1])
        self.assertEqual(responses[7].step.step, 2)
        self.stop()

    def test_a_stream_reads_no_further_while_256_are_unanswered(self):
        slow = slow_step(self.daemon, 3.0)
        stream = Stream(self.stub)
        stream.send(InteractRequest(id=0, step=slow))
        for i in range(1, 400):
            stream.send(step(i))
        # The answer to the slow one comes first, so all others wait for it; they are done meanwhile.
        eventually(lambda: self.steps("a") >= 255, "255 steps")
        self.assertEqual(self.steps("a"), 255)
        stream.close()
        self.assertEqual([r.id for r in stream.call], list(range(400)))
        self.assertEqual(self.steps("a"), 399)
        self.stop()

    def test_an_agent_that_is_busy_holds_up_nobody_else(self):
        slow = slow_step(self.daemon, 1.5)
        long = begin_slow(self.daemon, lambda: self.stub.Step.future(slow, timeout=PATIENCE))
        waiting = Stream(self.stub)
        waiting.send(InteractRequest(id=1, step=StepRequest(name=slow.name, end="TERMINATED")))
        for _ in range(10):
            self.stub.Step(StepRequest(name="agents/a", observation=[0]), timeout=PATIENCE)
        self.assertFalse(long.done())
        waiting.close()
        self.assertEqual([r.id for r in waiting.call], [1])
        long.result()
        self.stop()

    def test_a_client_that_goes_leaves_nothing_behind(self):
        for _ in range(20):
            stream = Stream(self.stub)
            for i in range(50):
                stream.send(step(i))
            next(stream.call)
            stream.call.cancel()
            stream.close()
        done = self.steps("a")
        self.assertGreaterEqual(done, 20)
        self.assertLessEqual(done, 20 * 50)
        self.stop()

    def test_a_deadline_ends_a_stream(self):
        stream = Stream(self.stub, timeout=2)
        stream.send(step(1))
        self.assertEqual(next(stream.call).id, 1)
        with self.assertRaises(grpc.RpcError) as raised:
            next(stream.call)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        stream.close()
        self.stop()

    def test_a_server_that_stops_answers_what_it_has_read(self):
        slow = slow_step(self.daemon, 1.0)
        streams = [Stream(self.stub) for _ in range(3)]
        streams[0].send(InteractRequest(id=1, step=slow))
        for number in range(2, 10):
            streams[0].send(step(number))
        streams[1].send(step(1, "b"))
        self.assertEqual(next(streams[1].call).id, 1)
        eventually(lambda: self.steps("a") == 8, "8 steps")
        self.daemon.terminate()
        answered = []
        with self.assertRaises(grpc.RpcError) as raised:
            for response in streams[0].call:
                self.assertEqual(response.WhichOneof("result"), "step")
                answered.append(response.id)
        self.assertEqual(answered, list(range(1, 10)))
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
        for stream in streams[1:]:
            with self.assertRaises(grpc.RpcError) as raised:
                next(stream.call)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertEqual(raised.exception.details(), "the server is going down")
        for stream in streams:
            stream.close()
        code, errors = self.daemon.wait()
        self.assertEqual(code, 0, errors)

    def test_batches_and_streams_of_many_clients_share_agents(self):
        def batches(_):
            request = BatchStepRequest(uid=self.uids, observation=[0, 1, 0], reward=[1, 0, 1])
            for _ in range(100):
                assert not self.stub.BatchStep(request, timeout=PATIENCE).failures

        def items(_):
            requests = [step(i, "abc"[i % 3]) for i in range(300)]
            got = list(self.stub.Interact(iter(requests), timeout=PATIENCE))
            assert all(r.WhichOneof("result") == "step" for r in got)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(batches, range(4)))
            jobs = [pool.submit(batches, i) for i in range(4)] + [pool.submit(items, i) for i in range(4)]
            for job in jobs:
                job.result()
        for agent in "abc":
            self.assertEqual(self.steps(agent), 8 * 100 + 4 * 100)
        self.stop()


if __name__ == "__main__":
    unittest.main()
