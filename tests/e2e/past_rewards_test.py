#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rewards for past steps, and agents that learn from what someone else does, through the Python library."""

import pathlib
import signal
import tempfile
import unittest

import phasic
from daemon import Daemon

SPACES = {"observation": phasic.Discrete(2), "action": phasic.Discrete(2)}


class PastRewardsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = f"--store=sqlite://{pathlib.Path(folder.name) / 'phasic.db'}"

    def make(self, client, agent_id, **options):
        parameters = {"tau": 0.5, "reward_window": 4}
        return client.create_agent("bandit", agent_id=agent_id, spaces=SPACES, seed=3, parameters=parameters, **options)

    def test_a_reward_names_its_event(self):
        with Daemon() as daemon, phasic.connect(daemon.addresses[0]) as client:
            agent = self.make(client, "a")
            events = [agent.step(0).event for _ in range(6)]
            self.assertEqual([event.step for event in events], list(range(6)))
            self.assertEqual(agent.reward(1, event=events[5]), "applied")
            self.assertEqual(agent.reward(1, event=3), "applied")
            self.assertEqual(agent.reward(1, event=events[0]), "expired")
            self.assertEqual(agent.reward(1, event=7), "unknown_event")
            self.assertEqual(agent.reward(1, event=events[4]._replace(incarnation=1)), "unknown_event")
            stats = agent.refresh().stats
            counts = (stats.rewards_applied, stats.rewards_expired, stats.rewards_unknown_event)
            self.assertEqual(counts, (2, 1, 2))
            plain = client.create_agent("bandit", spaces=SPACES)
            plain.step(0)
            with self.assertRaisesRegex(phasic.FailedPrecondition, "window"):
                plain.reward(1, event=0)

    def test_the_window_survives_a_kill(self):
        digests = []
        for killed in (False, True):
            agent_id = f"killed-{killed}".lower()
            with Daemon(self.store) as daemon, phasic.connect(daemon.addresses[0]) as client:
                agent = self.make(client, agent_id)
                event = [agent.step(i % 2).event for i in range(3)][1]
                if not killed:
                    self.assertEqual(agent.reward(1, event=event), "applied")
                    digests.append(agent.digest())
                daemon.terminate(signal.SIGKILL)
                daemon.wait()
            if killed:
                with Daemon(self.store) as daemon, phasic.connect(daemon.addresses[0]) as client:
                    agent = client.agent(agent_id)
                    self.assertEqual(agent.reward(1, event=event), "applied")
                    digests.append(agent.digest())
        self.assertEqual(digests[0], digests[1])

    def test_a_shadow_learns_what_it_sees_rewarded(self):
        with Daemon() as daemon, phasic.connect(daemon.addresses[0]) as client:
            actor = self.make(client, "actor")
            shadow = self.make(client, "shadow", mode="shadow")
            with self.assertRaisesRegex(phasic.InvalidArgument, "taken_action"):
                shadow.step(0)
            reward = None
            for _ in range(300):
                action = actor.step(0, reward).action
                shadow.step(0, reward, taken_action=action)
                reward = float(action == 1)
            shadow.update(mode="learning")
            self.assertEqual(shadow.step(0, reward, greedy=True).action, 1)
            with self.assertRaisesRegex(phasic.InvalidArgument, "SHADOW"):
                shadow.step(0, taken_action=1)


if __name__ == "__main__":
    unittest.main()
