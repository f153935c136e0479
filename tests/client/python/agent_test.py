# SPDX-License-Identifier: Apache-2.0
"""Agents: steps, rewards, inspection, changes; and that no step is done twice."""

import unittest
from unittest import mock

import grpc
import numpy as np
import phasic
from fake_server import FakeServer
from faults import queue_full
from phasic._call import Caller


class AgentTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target, retry=phasic.Retry(tries=4, first_wait=0.01))
        self.addCleanup(self.client.close)

    def make(self, observation=None, action=None, **options):
        spaces = {"observation": observation or phasic.Box(-9, 9, (3,)), "action": action or phasic.Discrete(3)}
        return self.client.create_agent("echo", spaces=spaces, **options)

    def seen(self, agent):
        """The steps that the server did."""
        return self.server.agents[agent.id].steps

    # Steps.

    def test_loop(self):
        agent = self.make()
        first = agent.step(np.array([0, 2, 1], np.float32))
        self.assertEqual((first.action, first.step, first.episode, first.dispositions), (1, 0, 0, ()))
        self.assertIs(type(first.action), int)
        second = agent.step([3, 2, 1], 1.5)
        self.assertEqual((second.action, second.step, second.dispositions), (0, 1, ("applied",)))
        last = agent.step([0, 0, 0], -1.0, end="terminated")
        self.assertIsNone(last.action)
        self.assertEqual(agent.step([0, 0, 1]).episode, 1)
        self.assertEqual(agent.next_step, 4)
        self.assertEqual(self.seen(agent)[1].rewards[0].value, 1.5)
        self.assertEqual(agent.refresh().stats.episodes, 1)
        self.assertEqual(agent.stats.steps, 4)

    def test_every_argument_arrives(self):
        agent = self.make()
        result = agent.step(
            [3, 2, 1],
            rewards={"reward": 2.0},
            greedy=True,
            ticks=5,
            mask=[False, True, True],
            report=["policy.probability"],
            record={"policy.choice": 2},
        )
        self.assertEqual((result.action, result.time), (1, 5.0))
        np.testing.assert_array_equal(result.report["policy.probability"], [3, 2, 1])
        np.testing.assert_array_equal(result.recordings["policy.choice"], [[3, 2, 1], [3, 2, 1]])
        (step,) = self.seen(agent)
        self.assertEqual((step.greedy, step.ticks, step.rewards[0].channel), (True, 5, "reward"))
        plain = agent.step([3, 2, 1])
        self.assertEqual((plain.action, plain.report, plain.recordings), (0, {}, {}))
        self.assertFalse(self.seen(agent)[1].greedy)

    def test_actions_by_space(self):
        bits = self.make(action=phasic.MultiBinary(3)).step([1, 0, 1]).action
        self.assertEqual((bits.dtype, bits.tolist()), (np.int8, [1, 0, 1]))
        choices = self.make(action=phasic.MultiDiscrete([4, 2, 3])).step([3, 1, 2]).action
        self.assertEqual((choices.dtype, choices.tolist()), (np.int64, [3, 1, 2]))
        box = self.make(action=phasic.Box(-9, 9, (1, 3))).step([0.5, 2, 1]).action
        self.assertEqual((box.dtype, box.tolist()), (np.float32, [[0.5, 2, 1]]))

    def test_masks_of_many_forms(self):
        agent = self.make()
        for mask in (np.array([0, 1, 1], np.int8), [False, True, True], ([0], np.array([1, 1])), {"action": [0, 1, 1]}):
            agent.step([3, 2, 1], mask=mask)
        masks = [(m.port, list(m.allowed)) for step in self.seen(agent) for m in step.action_masks]
        self.assertEqual(masks, [("", [False, True, True])] * 3 + [("action", [False, True, True])])

    def test_observations_of_many_forms(self):
        agent = self.make(observation=phasic.Box(-9, 9, (2, 2)))
        for observation in (np.eye(2), [[1, 0], [0, 1]], {"observation": np.eye(2)}):
            self.assertEqual(agent.step(observation).action, 0)
        number = self.make(observation=phasic.Discrete(4))
        for observation in (3, np.int64(3), np.array(3)):
            number.step(observation)
        self.assertEqual([list(step.observation) for step in self.seen(number)], [[3.0]] * 3)

    def test_large_observations_travel_as_bytes(self):
        agent = self.make(observation=phasic.Box(0, 9, (20, 20)), action=phasic.Box(0, 9, (400,)))
        picture = np.arange(400, dtype=np.float64).reshape(20, 20) / 50
        np.testing.assert_allclose(agent.step(picture).action, picture.ravel(), rtol=1e-6)
        self.assertEqual(list(self.seen(agent)[0].inputs[0].shape), [20, 20])

    def test_faulty_arguments_change_nothing(self):
        agent = self.make()
        with self.assertRaises(phasic.InvalidArgument) as caught:
            agent.step([0, np.nan, 0])
        self.assertEqual(caught.exception.violations[0].field, "observation[1]")
        with self.assertRaises(phasic.InvalidArgument):
            agent.step([0, 0])
        with self.assertRaisesRegex(ValueError, "terminated"):
            agent.step([0, 0, 0], end="over")
        self.assertEqual(agent.step([0, 0, 1]).step, 0)

    def test_end_episode(self):
        agent = self.make()
        agent.step([0, 0, 1])
        agent.end_episode(reward=1.0)
        agent.step([0, 0, 1])
        agent.end_episode([0, 0, 1], reward=1.0)
        agent.step([0, 0, 1])
        agent.end_episode([0, 0, 1], terminated=True)
        self.assertEqual([step.end for step in self.seen(agent)], [0, 1, 0, 2, 0, 1])

    def test_reset_episode(self):
        agent = self.make()
        agent.step([0, 0, 1])
        self.assertEqual(agent.reset_episode(), 1)
        self.assertEqual(agent.step([0, 0, 1]).step, 1)
        self.client.agent(agent.id).step([0, 0, 1])
        with self.assertRaises(phasic.StepMismatch) as caught:
            agent.reset_episode()
        self.assertEqual((caught.exception.believed, caught.exception.actual), (2, 3))

    # Nothing is done twice.

    def test_a_step_whose_answer_is_lost_is_done_once(self):
        agent = self.make()
        for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            self.server.fail("Step", code, done=True)
            self.server.fail("Step", code)
            agent.step([0, 0, 1], 1.0)
        self.assertEqual(self.server.calls["Step"], 6)
        self.assertEqual([step.step for step in self.seen(agent)], [0, 1])
        self.assertEqual(agent.refresh().stats.rewards_applied, 2)

    def test_each_step_has_an_id_of_its_own(self):
        agent, other = self.make(), self.make()
        for _ in range(20):
            agent.step([0, 0, 1])
            other.step([0, 0, 1])
        ids = [step.request_id for who in (agent, other) for step in self.seen(who)]
        self.assertEqual(len(set(ids)), 40)
        self.assertLessEqual(max(map(len, ids)), 63)

    def test_other_errors_are_not_tried_again(self):
        agent = self.make()
        self.server.fail("Step", grpc.StatusCode.FAILED_PRECONDITION)
        with self.assertRaises(phasic.FailedPrecondition):
            agent.step([0, 0, 1])
        self.assertEqual(self.server.calls["Step"], 1)

    def test_a_full_queue_is_tried_again_after_its_delay(self):
        agent = self.make()
        self.server.fail_with("Step", queue_full(0.2))
        with mock.patch("phasic._call.time.sleep") as sleep:
            agent.step([0, 0, 1])
        self.assertAlmostEqual(sleep.call_args[0][0], 0.2)

    def test_tries_and_time_are_bounded(self):
        agent = self.make()
        for _ in range(9):
            self.server.fail("Step")
        with self.assertRaises(phasic.Unavailable) as caught:
            agent.step([0, 0, 1])
        self.assertEqual((caught.exception.tries, self.server.calls["Step"]), (4, 4))
        hasty = phasic.connect(self.server.target, retry=phasic.Retry(tries=99, total=0.5, first_wait=0.1))
        self.addCleanup(hasty.close)
        for _ in range(99):
            self.server.fail("GetServerInfo")
        with self.assertRaises(phasic.Unavailable) as caught:
            hasty.info()
        self.assertLess(caught.exception.tries, 20)

    def test_a_try_is_never_cut_short(self):
        now, given = 0.0, []

        def sleep(seconds):
            nonlocal now
            now += seconds

        def refuse(request, timeout):
            given.append((now, timeout))
            raise phasic.Unavailable("told to fail")

        caller = Caller(timeout=9.0, retry=phasic.Retry(tries=99, total=1.0, first_wait=0.1, longest_wait=0.1))
        with mock.patch("phasic._call.time", mock.Mock(monotonic=lambda: now, sleep=sleep)):
            with self.assertRaises(phasic.Unavailable) as caught:
                caller.call("Step", refuse, None, safe=True)
        begun, deadlines = zip(*given)
        self.assertLess(begun[-1], 1.0)
        self.assertGreater(begun[-1], 0.8)
        self.assertEqual(deadlines, (9.0,) * caught.exception.tries)

    def fail_for_good(self, *, done):
        self.server.fail("Step", done=done)
        for _ in range(3):
            self.server.fail("Step")

    def test_calling_an_unanswered_step_again_does_it_once(self):
        agent = self.make()
        self.fail_for_good(done=True)
        with self.assertRaises(phasic.Unavailable):
            agent.step([0, 1, 0], 1.0)
        result = agent.step([0, 1, 0], 1.0)
        self.assertEqual((result.action, result.step), (1, 0))
        self.assertEqual(len(self.seen(agent)), 1)
        self.assertEqual(agent.step([0, 0, 1]).step, 1)

    def test_another_step_after_an_unanswered_one_that_was_done_is_refused(self):
        agent = self.make()
        self.fail_for_good(done=True)
        with self.assertRaises(phasic.Unavailable):
            agent.step([0, 1, 0])
        with self.assertRaisesRegex(phasic.StepMismatch, "believed 0, is 1.*refresh"):
            agent.step([0, 0, 1])
        self.assertEqual(agent.refresh().step([0, 0, 1]).step, 1)

    def test_another_step_after_an_unanswered_one_that_was_not_done_goes_on(self):
        agent = self.make()
        self.fail_for_good(done=False)
        with self.assertRaises(phasic.Unavailable):
            agent.step([0, 1, 0])
        self.assertEqual(agent.step([0, 0, 1]).step, 0)

    def test_an_interrupted_step_can_be_called_again(self):
        agent = self.make()
        method = self.client._agents.Step

        def interrupted(request, timeout):
            method(request, timeout=timeout)
            raise KeyboardInterrupt

        with mock.patch.object(self.client._agents, "Step", interrupted):
            with self.assertRaises(KeyboardInterrupt):
                agent.step([0, 1, 0])
        self.assertEqual(agent.step([0, 1, 0]).step, 0)
        self.assertEqual(len(self.seen(agent)), 1)

    def test_two_clients_of_one_agent_notice_each_other(self):
        mine = self.make()
        mine.step([0, 0, 1])
        theirs = self.client.agent(mine.id)
        theirs.step([0, 0, 1])
        with self.assertRaises(phasic.StepMismatch) as caught:
            mine.step([0, 0, 1])
        self.assertEqual((caught.exception.believed, caught.exception.actual), (1, 2))
        self.assertEqual(len(self.seen(mine)), 2)

    def test_a_handle_that_has_not_stepped_takes_over_the_index(self):
        mine = self.make()
        theirs = self.client.agent(mine.id)
        mine.step([0, 0, 1])
        mine.step([0, 0, 1])
        self.assertEqual(theirs.step([0, 0, 1]).step, 2)
        self.assertEqual(theirs.step([0, 0, 1]).step, 3)

    # Rewards by themselves.

    def test_rewards(self):
        agent = self.make()
        self.assertEqual(agent.reward(1.0), "applied")
        self.assertEqual(agent.reward([1.0], channel="reward", reward_id="r1"), "applied")
        self.assertEqual(agent.reward(1.0, reward_id="r1"), "duplicate")
        agent.freeze()
        self.assertEqual(agent.reward(1.0), "not_learning")
        with self.assertRaises(phasic.InvalidArgument):
            agent.reward(1.0, channel="pain")

    def test_a_reward_whose_answer_is_lost_is_delivered_once(self):
        agent = self.make()
        self.server.fail("Reward", done=True)
        self.assertEqual(agent.reward(1.0), "duplicate")
        self.assertEqual(agent.refresh().stats.rewards_applied, 1)

    # Looking and changing.

    def test_inspect(self):
        agent = self.make()
        found = agent.inspect()
        self.assertEqual(sorted(found), ["actor.weights", "critic.weights"])
        weights = found["actor.weights"]
        np.testing.assert_array_equal(weights.array(), [[0, 1, 2], [3, 4, 5]])
        self.assertEqual((weights.shape, weights.life, weights.summary.max), ((2, 3), "learned", 5.0))
        part = agent.inspect("actor", "weights", offset=1, count=3)["actor.weights"]
        self.assertEqual((part.array().tolist(), part.offset, part.summary.count), ([1, 2, 3], 1, 6))
        summary = agent.inspect("critic", summary_only=True)["critic.weights"]
        self.assertIsNone(summary.data)
        with self.assertRaises(ValueError):
            summary.array()
        with self.assertRaises(phasic.NotFound):
            agent.inspect("nothing")

    def test_inspect_is_tried_again_from_the_start(self):
        agent = self.make()
        self.server.fail("Inspect")
        self.assertEqual(agent.inspect("actor")["actor.weights"].shape, (2, 3))
        self.assertEqual(self.server.calls["Inspect"], 2)

    def test_update(self):
        agent = self.make(labels={"a": "1", "b": "2"})
        etag = agent.etag
        agent.update(labels={"a": None, "c": "3"}, live_parameters={"actor.rate": 0.5}, etag=etag)
        self.assertEqual(agent.labels, {"b": "2", "c": "3"})
        self.assertEqual(agent.live_parameters, {"actor.rate": 0.5})
        with self.assertRaises(phasic.Aborted) as caught:
            agent.update(mode="frozen", etag=etag)
        self.assertEqual(caught.exception.reason, "ETAG_MISMATCH")
        self.assertEqual(agent.freeze().mode, "frozen")
        self.assertEqual(agent.learn().mode, "learning")
        with self.assertRaisesRegex(ValueError, "mode"):
            agent.update(mode="asleep")

    def test_clone(self):
        agent = self.make()
        agent.step([0, 0, 1])
        twin = agent.clone("twin", seed=3)
        self.assertEqual((twin.id, twin.seed, twin.next_step), ("twin", 3, 1))
        self.assertEqual(twin.step([0, 0, 1]).step, 1)
        self.assertEqual(agent.step([0, 0, 1]).step, 1)

    def test_words(self):
        self.assertIn("echo, learning, step 0", repr(self.make(agent_id="one")))


if __name__ == "__main__":
    unittest.main()
