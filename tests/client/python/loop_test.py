# SPDX-License-Identifier: Apache-2.0
"""phasic.run: what the agent is told, episode by episode."""

import unittest

import numpy as np
import phasic
from fake_server import FakeServer


class Corridor:
    """Ends after `length` steps, terminated or truncated; rewards count up from 1."""

    def __init__(self, length=3, end="terminated", observation_space=None, action_space=None):
        self.observation_space = observation_space or phasic.Discrete(10)
        self.action_space = action_space or phasic.Discrete(2)
        self.length, self.end = length, end
        self.seeds, self.actions = [], []

    def reset(self, *, seed=None, options=None):
        self.seeds.append(seed)
        self.at = 0
        return self.observe(), {}

    def observe(self):
        return self.at + getattr(self.observation_space, "start", 0)

    def step(self, action):
        self.actions.append(action)
        self.at += 1
        over = self.at == self.length
        return (
            self.observe(),
            float(self.at),
            over and self.end == "terminated",
            over and self.end == "truncated",
            {},
        )


class Masked(Corridor):
    """Only alternative 1 is ever allowed."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0], {"action_mask": np.array([0, 1], np.int8)}

    def step(self, action):
        return (*super().step(action)[:4], {"action_mask": np.array([0, 1], np.int8)})


class LoopTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target)
        self.addCleanup(self.client.close)

    def make(self, env):
        self.agent = self.client.create_agent("echo", env=env)
        return self.agent

    def steps(self):
        return self.server.agents[self.agent.id].steps

    def test_one_call_for_each_step_and_the_last_reward_with_the_end(self):
        env = Corridor()
        done = phasic.run(env, self.make(env), 2, seed=5)
        self.assertEqual([(e.index, e.return_, e.length, e.end) for e in done], [(0, 6, 3, "terminated"), (1, 6, 3, "terminated")])
        self.assertEqual(env.seeds, [5, None])
        told = [(list(s.observation), [r.value for r in s.rewards], s.end) for s in self.steps()[:4]]
        self.assertEqual(told, [([0], [], 0), ([1], [1], 0), ([2], [2], 0), ([3], [3], 1)])
        self.assertEqual(len(self.steps()), 8)

    def test_truncation(self):
        env = Corridor(end="truncated")
        (episode,) = phasic.run(env, self.make(env), 1)
        self.assertEqual((episode.end, self.steps()[-1].end, list(self.steps()[-1].observation)), ("truncated", 2, [3]))

    def test_max_steps_cuts_off(self):
        env = Corridor(length=9)
        (episode,) = phasic.run(env, self.make(env), 1, max_steps=4)
        self.assertEqual((episode.length, episode.end, self.steps()[-1].end), (4, "truncated", 2))

    def test_terminated_at_the_limit_is_terminated(self):
        env = Corridor(length=4)
        (episode,) = phasic.run(env, self.make(env), 1, max_steps=4)
        self.assertEqual(episode.end, "terminated")

    def test_callback_stops(self):
        env = Corridor()
        done = phasic.run(env, self.make(env), 100, callback=lambda episode: episode.index == 2)
        self.assertEqual(len(done), 3)

    def test_masks_are_passed_on(self):
        env = Masked()
        phasic.run(env, self.make(env), 1)
        self.assertEqual(env.actions, [1, 1, 1])

    def test_alternatives_that_do_not_count_from_zero(self):
        env = Corridor(observation_space=phasic.Discrete(10, start=5), action_space=phasic.Discrete(2, start=7))
        phasic.run(env, self.make(env), 1)
        self.assertEqual([list(s.observation) for s in self.steps()], [[0], [1], [2], [3]])
        self.assertTrue(set(env.actions) <= {7, 8})

    def test_several_choices_have_the_environments_shape_and_origin(self):
        class Grid(Corridor):
            def observe(self):
                return np.array([[self.at, 7]])

        space = phasic.MultiDiscrete([[4, 2]], start=[[0, 7]])
        env = Grid(observation_space=space, action_space=space)
        phasic.run(env, self.make(env), 1)
        self.assertEqual([list(s.observation) for s in self.steps()], [[0, 0], [1, 0], [2, 0], [3, 0]])
        self.assertTrue(all(action in space for action in env.actions), env.actions)

    def test_box_actions_have_the_environments_shape_and_type(self):
        class Wide(phasic.Box):
            """As Gymnasium's with dtype float64."""

        space = Wide(-9, 9, (1, 1))
        space.dtype = np.dtype(np.float64)
        env = Corridor(action_space=space)
        phasic.run(env, self.make(env), 1)
        self.assertEqual((env.actions[0].shape, env.actions[0].dtype), ((1, 1), np.float64))

    def test_evaluation_freezes_and_restores(self):
        env = Corridor()
        agent = self.make(env)
        phasic.run(env, agent, 1, train=False, greedy=True)
        self.assertEqual(agent.mode, "learning")
        self.assertEqual(agent.refresh().stats.rewards_not_learning, 3)
        self.assertTrue(all(step.greedy for step in self.steps()[:-1]))
        agent.freeze()
        phasic.run(env, agent, 1)
        self.assertEqual(agent.mode, "frozen")

    def test_a_run_that_broke_off_leaves_no_open_episode(self):
        class Broken(Corridor):
            def step(self, action):
                if self.at == 1:
                    raise ZeroDivisionError
                return super().step(action)

        agent = self.make(Corridor())
        with self.assertRaises(ZeroDivisionError):
            phasic.run(Broken(), agent, 1, train=False)
        self.assertEqual(agent.mode, "learning")
        self.client.agent(agent.id).step(0)
        (episode,) = phasic.run(Corridor(), agent, 1)
        self.assertEqual(episode.length, 3)
        self.assertEqual(agent.refresh().stats.episodes, 2)


if __name__ == "__main__":
    unittest.main()
