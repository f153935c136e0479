# SPDX-License-Identifier: Apache-2.0
"""Steps in flight: their order, their failures, and who counts them."""

import unittest

import phasic
from fake_server import FakeServer


class StreamTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target)
        self.addCleanup(self.client.close)
        spaces = {"observation": phasic.Box(-9, 9, (3,)), "action": phasic.Discrete(3)}
        self.one, self.other = self.client.create_agents("echo", 2, spaces=spaces)

    def test_results_come_in_the_order_of_the_steps(self):
        with self.client.stream() as stream:
            for _ in range(20):
                stream.send(self.one, [0, 0, 1], 1.0)
                stream.send(self.other, [0, 1, 0], greedy=True)
            self.assertEqual(stream.pending, 40)
            found = [stream.receive() for _ in range(40)]
        self.assertEqual([agent for agent, _ in found], [self.one, self.other] * 20)
        self.assertEqual([result.action for _, result in found], [2, 1] * 20)
        self.assertEqual([result.step for _, result in found[::2]], list(range(20)))
        self.assertEqual(self.server.calls["Interact"], 1)
        self.assertTrue(self.server.agents[self.other.id].steps[0].greedy)

    def test_the_agent_counts_on(self):
        self.one.step([0, 0, 1])
        with self.client.stream() as stream:
            stream.send(self.one, [0, 0, 1])
            stream.receive()
            self.assertEqual(self.one.step([0, 0, 1]).step, 2)
            stream.send(self.one, reward=1.0, end="terminated")
            _, result = stream.receive()
        self.assertEqual((result.step, result.action), (3, None))

    def test_after_a_failed_step_the_later_ones_are_not_done(self):
        with self.client.stream() as stream:
            for observation in ([0, 0, 1], [0, 0], [0, 0, 1]):
                stream.send(self.one, observation)
            stream.send(self.other, [0, 0, 1])
            stream.receive()
            with self.assertRaises(phasic.InvalidArgument):
                stream.receive()
            with self.assertRaises(phasic.StepMismatch) as caught:
                stream.receive()
            self.assertEqual((caught.exception.believed, caught.exception.actual), (2, 1))
            self.assertEqual(stream.receive()[0], self.other)
            stream.send(self.one, [0, 0, 1])
            self.assertEqual(stream.receive()[1].step, 1)
        self.assertEqual(len(self.server.agents[self.one.id].steps), 2)

    def test_nothing_to_receive(self):
        with self.client.stream() as stream, self.assertRaises(LookupError):
            stream.receive()

    def test_a_stream_that_breaks_fails_once(self):
        with self.client.stream(timeout=30) as stream:
            stream.send(self.one, [0, 0, 1])
            stream.receive()
            self.server.stop()
            stream.send(self.one, [0, 0, 1])
            with self.assertRaises(phasic.Error) as caught:
                stream.receive()
            self.assertTrue(caught.exception.is_ambiguous)
            self.assertEqual(stream.pending, 0)


if __name__ == "__main__":
    unittest.main()
