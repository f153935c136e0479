# SPDX-License-Identifier: Apache-2.0
"""The example environments: spaces, seeds, limits, ends, and what makes each the task that it claims to be."""

import math
import unittest

import numpy as np
from phasic.envs import CartPole, DelayedBandit, TMaze, VectorCartPole
from phasic.envs import cartpole, tmaze

ENVIRONMENTS = (CartPole, DelayedBandit, TMaze, lambda: TMaze(cue_steps=None, delay=0))


def play(env, seed, steps):
    """What a random player sees, seeds of its choices included."""
    choices = np.random.default_rng(seed)
    observation, info = env.reset(seed=seed)
    seen = [observation]
    for _ in range(steps):
        observation, reward, terminated, truncated, info = env.step(int(choices.integers(env.action_space.n)))
        seen += [observation, reward, terminated, truncated]
        if terminated or truncated:
            observation, info = env.reset()
            seen.append(observation)
    return seen


class CommonTest(unittest.TestCase):
    def test_observations_lie_in_their_space(self):
        for make in ENVIRONMENTS:
            env = make()
            for value in play(env, 1, 1000):
                if not isinstance(value, (bool, float)):
                    self.assertIn(value, env.observation_space)

    def test_the_seed_decides_everything(self):
        for make in ENVIRONMENTS:
            one, same, other = (play(make(), seed, 300) for seed in (1, 1, 2))
            self.assertTrue(all(np.array_equal(a, b) for a, b in zip(one, same)))
            self.assertFalse(len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other)))

    def test_step_needs_a_reset_and_an_action_of_its_space(self):
        for make in ENVIRONMENTS:
            env = make()
            with self.assertRaises(RuntimeError):
                env.step(0)
            env.reset(seed=0)
            with self.assertRaises(ValueError):
                env.step(env.action_space.n)

    def test_no_step_after_the_end(self):
        for make in ENVIRONMENTS:
            env = make()
            env.reset(seed=0)
            over = False
            while not over:
                _, _, terminated, truncated, _ = env.step(env.action_space.sample())
                over = terminated or truncated
                self.assertFalse(terminated and truncated)
            with self.assertRaises(RuntimeError):
                env.step(0)


class CartPoleTest(unittest.TestCase):
    def test_one_step_by_hand(self):
        """From rest at the middle, upright: the push is 10/1.1, the rest follows from the published equations."""
        push = 10.0 / 1.1
        spin_rate = -push / (0.5 * (4.0 / 3.0 - 0.1 / 1.1))
        acceleration = push - 0.05 * spin_rate / 1.1
        got = cartpole._advance((0.0, 0.0, 0.0, 0.0), 10.0)
        np.testing.assert_allclose(got, (0.0, 0.02 * acceleration, 0.0, 0.02 * spin_rate), rtol=1e-14)

    def test_mirror_symmetry(self):
        state = (0.1, -0.4, 0.05, 0.7)
        there = cartpole._advance(state, 10.0)
        mirrored = cartpole._advance(tuple(-number for number in state), -10.0)
        self.assertEqual(there, tuple(-number for number in mirrored))

    def test_a_trajectory(self):
        """Gymnasium's CartPoleEnv (gymnasium/envs/classic_control/cartpole.py) gave the numbers, for the actions 1, 0, 0, 1."""
        state = (0.03, -0.02, 0.04, 0.01)
        for step in range(20):
            state = cartpole._advance(state, 10.0 if step % 4 in (0, 3) else -10.0)
        expected = (0.019557326386544078, -0.03535950192593107, 0.09798929918905244, 0.35038271663850473)
        np.testing.assert_allclose(state, expected, rtol=1e-12)

    def test_start(self):
        env = CartPole()
        starts = np.array([env.reset(seed=seed)[0] for seed in range(500)])
        self.assertLessEqual(np.abs(starts).max(), 0.05)
        self.assertGreater(np.abs(starts).max(axis=0).min(), 0.045)
        self.assertLess(np.abs(starts.mean(axis=0)).max(), 0.006)

    def test_falls_at_the_angle(self):
        env = CartPole()
        env.reset(seed=0)
        terminated = truncated = False
        while not terminated:
            observation, reward, terminated, truncated, _ = env.step(1)
            self.assertEqual(reward, 1.0)
        self.assertGreater(abs(observation[2]), math.radians(12))
        self.assertFalse(truncated)

    def test_leaves_the_track(self):
        """A player who keeps the pole upright but lets the cart drift."""
        env = CartPole()
        observation, _ = env.reset(seed=0)
        terminated = truncated = False
        while not (terminated or truncated):
            lean = observation[2] - 0.1
            observation, _, terminated, truncated, _ = env.step(int(lean + 0.2 * observation[3] > 0))
        self.assertTrue(terminated)
        self.assertGreater(abs(observation[0]), 2.4)
        self.assertLess(abs(observation[2]), math.radians(12))

    def test_truncated_after_500_steps(self):
        env = CartPole()
        observation, _ = env.reset(seed=0)
        total = 0.0
        for step in range(1, 501):
            force = 0.1 * observation[0] + 0.2 * observation[1] + observation[2] + 0.3 * observation[3]
            observation, reward, terminated, truncated, _ = env.step(int(force > 0))
            total += reward
            self.assertFalse(terminated)
            self.assertEqual(truncated, step == 500)
        self.assertEqual(total, 500.0)


class VectorCartPoleTest(unittest.TestCase):
    def test_each_is_a_cart_pole(self):
        """Every environment's life, replayed step by step by a single one from the same state."""
        env = VectorCartPole(5, max_steps=30)
        choices = np.random.default_rng(0)
        seen, _ = env.reset(seed=1)
        state, steps, over = env._state.copy(), np.zeros(5, int), np.zeros(5, bool)
        ends = set()
        for _ in range(200):
            actions = (choices.random(5) < 0.5 + 0.3 * np.sign(seen[:, 2])).astype(int)
            seen, rewards, terminated, truncated, infos = env.step(actions)
            for index in range(5):
                if over[index]:
                    self.assertLessEqual(np.abs(seen[index]).max(), 0.05)
                    self.assertEqual((rewards[index], terminated[index], truncated[index]), (0, False, False))
                    steps[index] = 0
                    continue
                expected = cartpole._advance(tuple(state[index].tolist()), 10.0 if actions[index] else -10.0)
                np.testing.assert_allclose(seen[index], expected, rtol=1e-6)
                steps[index] += 1
                fell = abs(expected[0]) > 2.4 or abs(expected[2]) > math.radians(12)
                self.assertEqual((rewards[index], terminated[index]), (1, fell))
                self.assertEqual(truncated[index], not fell and steps[index] == 30)
                ends |= {"fell"} if fell else {"cut"} if truncated[index] else set()
            state, over = env._state.copy(), terminated | truncated
        self.assertEqual(ends, {"fell", "cut"})

    def test_spaces_and_types(self):
        env = VectorCartPole(3)
        observations, infos = env.reset()
        self.assertEqual((observations.shape, observations.dtype, infos), ((3, 4), np.float32, {}))
        self.assertIn(observations, env.observation_space)
        self.assertEqual(env.single_observation_space, CartPole().observation_space)
        _, rewards, terminated, truncated, _ = env.step(env.action_space.sample())
        self.assertEqual((rewards.dtype, terminated.dtype, truncated.dtype), (np.float64, bool, bool))

    def test_the_seed_decides_everything(self):
        lives = []
        for seed in (1, 1, 2):
            env = VectorCartPole(3)
            seen = [env.reset(seed=seed)[0]] + [env.step(np.array([0, 1, 1]))[0] for _ in range(50)]
            lives.append(np.array(seen))
        np.testing.assert_array_equal(lives[0], lives[1])
        self.assertTrue(np.any(lives[0] != lives[2]))

    def test_faulty_calls(self):
        env = VectorCartPole(2)
        with self.assertRaises(RuntimeError):
            env.step(np.zeros(2))
        env.reset()
        for actions in (np.zeros(3), np.array([0, 2]), 0):
            with self.assertRaises(ValueError):
                env.step(actions)
        with self.assertRaises(ValueError):
            VectorCartPole(0)


class DelayedBanditTest(unittest.TestCase):
    def test_rewards_are_late_and_none_is_lost(self):
        env = DelayedBandit(good=1.0, bad=0.0, max_delay=5, decisions=50)
        delays = []
        for seed in range(20):
            env.reset(seed=seed)
            paid = earned = 0.0
            truncated = False
            while not truncated:
                _, reward, _, truncated, info = env.step(env.action_space.sample())
                paid += reward
                earned += info["optimal"]
                delays += info["delays"]
            self.assertEqual(paid, earned)
        self.assertEqual(len(delays), 20 * 50)
        self.assertEqual((min(delays), max(delays)), (0, 5))
        self.assertAlmostEqual(np.mean(delays), 2.5, delta=0.25)

    def test_pay_by_arm(self):
        env = DelayedBandit(contexts=1, arms=2, max_delay=0, good=0.8, bad=0.3, decisions=5000)
        env.reset(seed=3)
        paid = {True: [], False: []}
        for step in range(5000):
            _, reward, _, _, info = env.step(step % 2)
            paid[info["optimal"]].append(reward)
        self.assertAlmostEqual(np.mean(paid[True]), 0.8, delta=0.05)
        self.assertAlmostEqual(np.mean(paid[False]), 0.3, delta=0.05)

    def test_best_arms_stay_between_episodes(self):
        env = DelayedBandit(contexts=1, arms=5, decisions=5)
        best = []
        for episode in range(4):
            env.reset(seed=9 if episode == 0 else None)
            best.append([env.step(arm)[4]["optimal"] for arm in range(5)])
        self.assertTrue(all(row == best[0] for row in best))
        self.assertEqual(sum(best[0]), 1)


class TMazeTest(unittest.TestCase):
    def walk(self, env, turn, seed=0):
        observations = [env.reset(seed=seed)[0]]
        rewards = []
        terminated = False
        while not terminated:
            action = turn if observations[-1][2] else tmaze.FORWARD
            observation, reward, terminated, truncated, info = env.step(action)
            observations.append(observation)
            rewards.append(reward)
        return np.array(observations), rewards, info["cue"]

    def test_the_cue_is_seen_at_the_start_only(self):
        observations, rewards, cue = self.walk(TMaze(length=4, delay=2), tmaze.LEFT)
        self.assertEqual(observations[:, :2].sum(axis=1).tolist(), [1, 0, 0, 0, 0, 0, 0, 0])
        self.assertEqual(observations[:, 2].tolist(), [0, 0, 0, 0, 1, 0, 0, 0])
        self.assertEqual(observations[:, 3].tolist(), [0, 0, 0, 0, 0, 1, 1, 1])
        self.assertEqual(observations[0, 0], cue == tmaze.LEFT)

    def test_a_held_cue_is_seen_until_the_turn(self):
        observations, _, _ = self.walk(TMaze(length=4, delay=2, cue_steps=None), tmaze.LEFT)
        self.assertEqual(observations[:, :2].sum(axis=1).tolist(), [1, 1, 1, 1, 1, 0, 0, 0])

    def test_the_choice_is_paid_late(self):
        for seed in range(10):
            for turn in (tmaze.LEFT, tmaze.RIGHT):
                _, rewards, cue = self.walk(TMaze(length=4, delay=2), turn, seed)
                self.assertEqual(rewards, [0.0] * 6 + [1.0 if turn == cue else -1.0])

    def test_both_cues_come(self):
        env = TMaze()
        cues = [env.reset(seed=seed)[1]["cue"] for seed in range(400)]
        self.assertAlmostEqual(np.mean([cue == tmaze.LEFT for cue in cues]), 0.5, delta=0.1)

    def test_bumping_costs_and_the_episode_is_cut_off(self):
        env = TMaze(length=2, bump=0.1, max_steps=4)
        env.reset(seed=0)
        self.assertEqual(env.step(tmaze.LEFT)[1], -0.1)
        env.step(tmaze.FORWARD)
        env.step(tmaze.FORWARD)
        _, reward, terminated, truncated, _ = env.step(tmaze.FORWARD)
        self.assertEqual((reward, terminated, truncated), (-0.1, False, True))


if __name__ == "__main__":
    unittest.main()
