# SPDX-License-Identifier: Apache-2.0
"""Agents that step together: what travels, what comes back, and that no step is done twice."""

import unittest
from unittest import mock

import grpc
import numpy as np
import phasic
from fake_server import FakeServer
from faults import Fault, queue_full

LEFT, RIGHT = [1, 0], [0, 1]


class BatchTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target, retry=phasic.Retry(tries=4, first_wait=0.01))
        self.addCleanup(self.client.close)

    def make(self, count=3, observation=None, action=None):
        spaces = {"observation": observation or phasic.Box(-9, 9, (2,)), "action": action or phasic.Discrete(2)}
        return self.client.create_agents("echo", count, spaces=spaces)

    def batch(self, count=3, **spaces):
        return self.client.batch(self.make(count, **spaces))

    def seen(self, agent):
        """The steps that the server did."""
        return self.server.agents[agent.id].steps

    # What travels.

    def test_loop(self):
        batch = self.batch()
        first = batch.step([LEFT, RIGHT, RIGHT]).check()
        self.assertEqual((first.actions.tolist(), first.actions.dtype), ([[0], [1], [1]], np.float32))
        self.assertEqual((first.steps.tolist(), first.episodes.tolist()), ([0] * 3, [0] * 3))
        self.assertEqual(first.time.tolist(), [1] * 3)
        self.assertEqual((first.dispositions, first.failures), ((), {}))
        second = batch.step(np.array([RIGHT, RIGHT, LEFT], np.float64), [1, 2, 3], has_reward=[True, False, True])
        self.assertEqual(second.dispositions, ("applied", None, "applied"))
        self.assertEqual(second.steps.tolist(), [1, 1, 1])
        self.assertEqual(batch.next_steps.tolist(), [2, 2, 2])
        self.assertEqual([[r.value for r in self.seen(agent)[1].rewards] for agent in batch.agents], [[1], [], [3]])
        self.assertEqual(self.server.calls["BatchStep"], 2)

    def test_every_argument_arrives(self):
        batch = self.batch()
        batch.run_id = "run"
        result = batch.step([LEFT] * 3, allowed=[[True, True], [False, True], [True, False]], greedy=True, ticks=5)
        self.assertEqual(result.actions.tolist(), [[0], [1], [0]])
        self.assertEqual(result.time.tolist(), [5, 5, 5])
        (step,) = self.seen(batch.agents[1])
        self.assertEqual((step.run_id, step.greedy, step.ticks), ("run", True, 5))

    def test_ends(self):
        batch = self.batch(4)
        batch.step([LEFT] * 4)
        rows = np.array([LEFT, [np.nan, np.nan], LEFT, LEFT])
        terminated, truncated = [False, True, False, True], [False, False, True, True]
        result = batch.step(rows, [1] * 4, terminated=terminated, truncated=truncated).check()
        self.assertEqual([self.seen(agent)[1].end for agent in batch.agents], [0, 1, 2, 1])
        self.assertEqual(batch.step([LEFT] * 4).episodes.tolist(), [0, 1, 1, 1])
        self.assertEqual(result.actions[1:].tolist(), [[0]] * 3)

    def test_when_all_are_terminated_no_observation_is_needed(self):
        batch = self.batch(2, action=phasic.Box(-9, 9, (3,)))
        self.assertEqual(batch.step([LEFT, LEFT]).actions.shape, (2, 3))
        result = batch.step(rewards=[1, 2], terminated=[True, True]).check()
        np.testing.assert_array_equal(result.actions, np.zeros((2, 3)))

    def test_rows_of_any_shape(self):
        batch = self.batch(2, observation=phasic.Box(-9, 9, (2, 2)), action=phasic.Box(-9, 9, (4,)))
        result = batch.step(np.arange(8).reshape(2, 2, 2))
        np.testing.assert_array_equal(result.actions, np.arange(8).reshape(2, 4))
        number = self.batch(2, observation=phasic.Discrete(4))
        number.step(np.array([3, 2])).check()
        self.assertEqual(list(self.seen(number.agents[0])[0].observation), [3])

    def test_some_of_the_agents(self):
        batch = self.batch(3)
        batch.step([LEFT] * 3)
        result = batch.step([RIGHT, LEFT], [1, 2], truncated=[True, False], items=[2, 0]).check()
        self.assertEqual(result.actions.tolist(), [[0], [0]])
        self.assertEqual(batch.next_steps.tolist(), [2, 1, 2])
        self.assertEqual([len(self.seen(agent)) for agent in batch.agents], [2, 1, 2])
        self.assertEqual(self.seen(batch.agents[2])[1].rewards[0].value, 1)

    def test_faulty_arguments_are_not_sent(self):
        batch = self.batch(2)
        for arguments in (
            {"observations": [LEFT]},
            {"observations": [[1, 2, 3], [1, 2, 3]]},
            {"observations": [LEFT] * 2, "rewards": [1]},
            {"observations": [LEFT] * 2, "rewards": 1},
            {"observations": [LEFT] * 2, "rewards": [1, 1], "has_reward": [True]},
            {"observations": [LEFT] * 2, "truncated": [True] * 3},
            {"observations": [LEFT] * 2, "allowed": [[True, True]]},
        ):
            with self.assertRaises(ValueError, msg=arguments):
                batch.step(**arguments)
        self.assertEqual(self.server.calls["BatchStep"], 0)

    def test_which_agents_make_a_batch(self):
        agents = self.make(2)
        wide = self.make(1, observation=phasic.Box(-9, 9, (3,)))
        for wrong in ([], agents + agents[:1], agents + wide):
            with self.assertRaises(ValueError):
                self.client.batch(wrong)
        self.assertIn("2 agents", repr(self.client.batch(agents)))

    # Failures by item.

    def test_what_fails_and_what_is_done(self):
        batch = self.batch(3)
        batch.agents[1].delete()
        result = batch.step([LEFT, LEFT, [np.nan, 0]])
        self.assertEqual(sorted(result.failures), [1, 2])
        self.assertIsInstance(result.failures[1], phasic.NotFound)
        self.assertEqual(result.failures[2].violations[0].field, "observation[0]")
        self.assertEqual(batch.next_steps.tolist(), [1, 0, 0])
        with self.assertRaisesRegex(phasic.NotFound, "item 1"):
            result.check()
        self.assertEqual(self.server.calls["BatchStep"], 1)

    def test_agents_that_are_too_busy_are_asked_again(self):
        batch = self.batch(3)
        self.server.item_faults = [{1: queue_full(0.2)}, {}]
        with mock.patch("phasic._call.time.sleep") as sleep:
            result = batch.step([LEFT] * 3, [1] * 3).check()
        self.assertAlmostEqual(sleep.call_args[0][0], 0.2)
        self.assertEqual(result.steps.tolist(), [0, 0, 0])
        self.assertEqual([len(self.seen(agent)) for agent in batch.agents], [1, 1, 1])

    def test_agents_that_stay_too_busy_fail_by_themselves(self):
        batch = self.batch(3)
        self.server.item_faults = [{1: queue_full(0.0)}] * 4
        result = batch.step([LEFT] * 3)
        self.assertIsInstance(result.failures[1], phasic.ResourceExhausted)
        self.assertEqual((list(result.failures), self.server.calls["BatchStep"]), ([1], 4))
        self.assertEqual(batch.next_steps.tolist(), [1, 0, 1])
        self.assertEqual(batch.step([LEFT] * 3).check().steps.tolist(), [1, 0, 1])

    # Nothing is done twice.

    def test_a_batch_whose_answer_is_lost_is_done_once(self):
        batch = self.batch()
        self.server.fail("BatchStep", done=True)
        self.server.fail("BatchStep", grpc.StatusCode.DEADLINE_EXCEEDED)
        batch.step([LEFT] * 3, [1] * 3).check()
        self.assertEqual(self.server.calls["BatchStep"], 3)
        self.assertEqual([len(self.seen(agent)) for agent in batch.agents], [1, 1, 1])

    def test_calling_an_unanswered_batch_again_does_it_once(self):
        batch = self.batch()
        self.server.fail("BatchStep", done=True)
        for _ in range(3):
            self.server.fail("BatchStep")
        with self.assertRaises(phasic.Unavailable):
            batch.step([LEFT] * 3, [1] * 3)
        self.assertEqual(batch.step([LEFT] * 3, [1] * 3).check().steps.tolist(), [0, 0, 0])
        self.assertEqual([len(self.seen(agent)) for agent in batch.agents], [1, 1, 1])

    def test_another_batch_after_an_unanswered_one_that_was_done_fails(self):
        batch = self.batch(2)
        self.server.fail("BatchStep", done=True)
        for _ in range(3):
            self.server.fail("BatchStep")
        with self.assertRaises(phasic.Unavailable):
            batch.step([LEFT] * 2)
        result = batch.step([RIGHT] * 2)
        with self.assertRaisesRegex(phasic.StepMismatch, "believed 0, is 1"):
            result.check()
        self.assertEqual(batch.refresh().step([RIGHT] * 2).check().steps.tolist(), [1, 1])

    def test_other_errors_are_not_tried_again(self):
        batch = self.batch()
        self.server.fail_with("BatchStep", Fault(grpc.StatusCode.INVALID_ARGUMENT, "BAD_FIELD", "no"))
        with self.assertRaises(phasic.InvalidArgument):
            batch.step([LEFT] * 3)
        self.assertEqual(self.server.calls["BatchStep"], 1)

    def test_a_batch_that_has_not_stepped_takes_over_the_indices(self):
        agents = self.make(3)
        batch = self.client.batch(agents)
        for _ in range(2):
            self.client.agent(agents[1].id).step(LEFT)
        self.assertEqual(batch.step([LEFT] * 3).check().steps.tolist(), [0, 2, 0])
        self.assertEqual([len(self.seen(agent)) for agent in agents], [1, 3, 1])

    def test_two_clients_notice_each_other(self):
        batch = self.batch(2)
        batch.step([LEFT] * 2)
        self.client.agent(batch.agents[0].id).step(LEFT)
        result = batch.step([LEFT] * 2)
        self.assertEqual((result.failures[0].believed, result.failures[0].actual), (1, 2))
        self.assertEqual(result.steps.tolist(), [0, 1])


if __name__ == "__main__":
    unittest.main()
