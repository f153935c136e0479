# SPDX-License-Identifier: Apache-2.0
"""phasic.run_vector: what each agent is told, however its environment is reset."""

import enum
import unittest

import numpy as np
import phasic
from fake_server import FakeServer


class AutoresetMode(enum.Enum):
    """As gymnasium.vector.AutoresetMode."""

    NEXT_STEP = "NextStep"
    SAME_STEP = "SameStep"
    DISABLED = "Disabled"


class Corridors:
    """A vector environment as Gymnasium's SyncVectorEnv is: `lengths` gives the episodes' lengths in each environment.

    The observation is 100 * environment + 10 * episode + step, the reward 1 + the step that it is for. Every other
    episode is truncated.
    """

    def __init__(self, lengths, mode=AutoresetMode.NEXT_STEP, *, said=True, final="final_obs", masks=False):
        self.num_envs = len(lengths)
        self.single_observation_space = phasic.Box(0, 999, (1,))
        self.single_action_space = phasic.Discrete(2)
        self.metadata = {"autoreset_mode": mode} if said else {}
        self.lengths, self.mode, self.final, self.masks = lengths, mode, final, masks
        self.seeds, self.actions, self.asked = [], [], []

    def reset(self, *, seed=None, options=None):
        if options is not None:
            mask = options["reset_mask"]
            self.asked.append(mask.tolist())
            for index in np.flatnonzero(mask):
                self._begin(index)
            self.over[mask] = False
            return self._observe(), self._infos(mask)
        self.seeds.append(seed)
        self.episode = np.full(self.num_envs, -1)
        self.at = np.zeros(self.num_envs, int)
        self.over = np.zeros(self.num_envs, bool)
        for index in range(self.num_envs):
            self._begin(index)
        return self._observe(), self._infos(np.ones(self.num_envs, bool))

    def _begin(self, index):
        self.episode[index] += 1
        self.at[index] = 0

    def _observe(self):
        return (100.0 * np.arange(self.num_envs) + 10 * self.episode + self.at)[:, None]

    def _infos(self, has):
        """Only alternative 1 is ever allowed. Who is not reset has zeros in a reset's infos, as Gymnasium fills them in."""
        if not self.masks:
            return {}
        return {"action_mask": np.where(has[:, None], np.int8([0, 1]), np.int8(0)), "_action_mask": has.copy()}

    def step(self, actions):
        assert not (self.mode is AutoresetMode.DISABLED and self.over.any())
        self.actions.append(actions)
        rewards = np.zeros(self.num_envs)
        was_over = self.over.copy()
        for index in range(self.num_envs):
            if was_over[index] and self.mode is AutoresetMode.NEXT_STEP:
                self._begin(index)
            else:
                rewards[index] = 1 + self.at[index]
                self.at[index] += 1
        ends_at = [lengths[self.episode[i] % len(lengths)] for i, lengths in enumerate(self.lengths)]
        self.over = self.at == ends_at
        truncated = self.over & (self.episode % 2 == 1)
        terminated = self.over & ~truncated
        infos = self._infos(np.ones(self.num_envs, bool))
        if self.mode is AutoresetMode.SAME_STEP and self.over.any():
            final = np.full(self.num_envs, None, object)
            for index in np.flatnonzero(self.over):
                final[index] = self._observe()[index]
                self._begin(index)
            infos[self.final] = final
            infos[f"_{self.final}"] = self.over.copy()
        return self._observe(), rewards, terminated, truncated, infos


NEXT, SAME, DISABLED = AutoresetMode


class VectorTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target)
        self.addCleanup(self.client.close)

    def make(self, env):
        self.agents = self.client.create_agents("echo", env=env)
        return self.agents

    def told(self, index):
        """(observation, rewards, end) of each step that the agent has done."""
        steps = self.server.agents[self.agents[index].id].steps
        return [(int(s.observation[0]) if s.observation else None, [r.value for r in s.rewards], s.end) for s in steps]

    def test_every_agent_is_told_its_episodes_however_they_are_reset(self):
        for mode, options in (
            (NEXT, {}),
            (SAME, {}),
            (DISABLED, {}),
            (SAME, {"said": False, "final": "final_observation"}),  # Gymnasium 0.29
            (NEXT, {"said": False}),  # Gymnasium 1.0
        ):
            env = Corridors([[2], [3, 1]], mode, **options)
            done = phasic.run_vector(env, self.make(env), 5, seed=7)
            with self.subTest(mode=mode, **options):
                self.assertEqual(env.seeds, [7])
                first = [(0, [], 0), (1, [1], 0), (None, [2], 1), (10, [], 0), (11, [1], 0), (12, [2], 2)]
                second = [(100, [], 0), (101, [1], 0), (102, [2], 0), (None, [3], 1), (110, [], 0), (111, [1], 2)]
                self.assertEqual(self.told(0)[:6], first)
                self.assertEqual(self.told(1)[: len(second)], second)
                ends = sorted((e.env, e.return_, e.length, e.end) for e in done[:4])
                zeroth = [(0, 3, 2, "terminated"), (0, 3, 2, "truncated")]
                self.assertEqual(ends, zeroth + [(1, 1, 1, "truncated"), (1, 6, 3, "terminated")])
                self.assertEqual([e.index for e in done], list(range(5)))

    def test_calls(self):
        """One for each reset and step of the environments; where they reset in the same step, one more for the ends."""
        for mode, more in ((NEXT, 0), (SAME, 2)):
            env = Corridors([[2], [2]], mode)
            self.server.calls.clear()
            phasic.run_vector(env, self.make(env), 4)
            self.assertEqual(self.server.calls["BatchStep"], 1 + len(env.actions) + more)

    def test_environments_that_are_reset_when_asked(self):
        env = Corridors([[2], [3]], DISABLED)
        phasic.run_vector(env, self.make(env), 2)
        self.assertEqual(env.asked, [[True, False], [False, True]])

    def test_masks_are_passed_on(self):
        for mode in AutoresetMode:
            env = Corridors([[2], [3]], mode, masks=True)
            phasic.run_vector(env, self.make(env), 4)
            steps = [step for agent in self.agents for step in self.server.agents[agent.id].steps]
            masks = {tuple(step.action_masks[0].allowed) for step in steps if step.end == 0}
            self.assertEqual(masks, {(False, True)}, mode)

    def test_alternatives_that_do_not_count_from_zero(self):
        env = Corridors([[2], [3]])
        env.single_observation_space = phasic.Discrete(999, start=-5)
        env.single_action_space = phasic.Discrete(2, start=7)
        phasic.run_vector(env, self.make(env), 1)
        self.assertEqual(self.told(0)[0][0], 5)
        self.assertTrue({int(a) for actions in env.actions for a in actions} <= {7, 8})
        self.assertEqual((env.actions[0].shape, env.actions[0].dtype), ((2,), np.int64))

    def test_box_actions_have_the_environments_shape_and_type(self):
        class Wide(phasic.Box):
            """As Gymnasium's with dtype float64."""

        env = Corridors([[2], [3]])
        env.single_action_space = Wide(-999, 999, (1, 1))
        env.single_action_space.dtype = np.dtype(np.float64)
        phasic.run_vector(env, self.make(env), 1)
        self.assertEqual((env.actions[0].shape, env.actions[0].dtype), ((2, 1, 1), np.float64))

    def test_callback_stops(self):
        env = Corridors([[2], [3]])
        done = phasic.run_vector(env, self.make(env), 100, callback=lambda episode: episode.index == 2)
        self.assertEqual(len(done), 3)

    def test_evaluation_freezes_and_restores(self):
        env = Corridors([[2], [3]])
        agents = self.make(env)
        agents[1].freeze()
        phasic.run_vector(env, agents, 2, train=False, greedy=True)
        self.assertEqual([agent.refresh().mode for agent in agents], ["learning", "frozen"])
        self.assertGreater(agents[0].stats.rewards_not_learning, 0)
        self.assertTrue(all(step.greedy for step in self.server.agents[agents[0].id].steps))

    def test_a_run_that_broke_off_leaves_no_open_episode(self):
        env = Corridors([[5], [5]])
        agents = self.make(env)
        phasic.run_vector(env, agents, 1)
        before = agents[1].refresh().stats.episodes
        self.server.agents[agents[1].id].episode_open = True
        phasic.run_vector(env, agents, 2)
        self.assertEqual(agents[1].refresh().stats.episodes, before + 2)

    def test_what_cannot_run(self):
        env = Corridors([[2], [3]])
        agents = self.make(env)
        with self.assertRaisesRegex(ValueError, "1 agents cannot act in 2"):
            phasic.run_vector(env, agents[:1], 1)
        env.metadata = {"autoreset_mode": "Sometimes"}
        with self.assertRaisesRegex(ValueError, "autoreset_mode"):
            phasic.run_vector(env, agents, 1)
        lost = Corridors([[2], [3]], SAME, final="elsewhere")
        with self.assertRaisesRegex(ValueError, "final_obs"):
            phasic.run_vector(lost, agents, 1)
        agents[0].delete()
        with self.assertRaises(phasic.NotFound):
            phasic.run_vector(Corridors([[2], [3]]), agents, 1)


if __name__ == "__main__":
    unittest.main()
