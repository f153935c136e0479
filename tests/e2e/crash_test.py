#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That what was acknowledged outlives the process: a few rounds of `verify crash`, and what it has found."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from daemon import PATIENCE, Daemon
from phasic.v1 import agent_pb2, agent_service_pb2

EXPERIMENT = pathlib.Path(__file__).resolve().parents[1] / "verify" / "crash.py"
NAME = "agents/a"


def full(stub):
    request = agent_service_pb2.GetAgentRequest(name=NAME, view=agent_pb2.FULL)
    return stub.GetAgent(request, timeout=PATIENCE)


class CrashTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = f"--store=sqlite://{folder.name}/phasic.db"

    def test_a_few_rounds(self):
        command = [sys.executable, EXPERIMENT, "--rounds=5", "--clients=4"]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_update_does_not_reach_back(self):
        """Inputs from before an update are done again as they were done."""
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            create = agent_service_pb2.CreateAgentRequest(agent_id="a")
            create.agent.preset.preset = "bandit"
            stub.CreateAgent(create, timeout=PATIENCE)
            step = agent_service_pb2.StepRequest(name=NAME, observation=[0])
            for value in (1.0, -1.0, 1.0):
                stub.Step(step, timeout=PATIENCE)
                reward = agent_service_pb2.RewardRequest(name=NAME)
                reward.rewards.add(value=value)
                stub.Reward(reward, timeout=PATIENCE)
            update = agent_service_pb2.UpdateAgentRequest()
            update.agent.name, update.agent.mode = NAME, agent_pb2.FROZEN
            stub.UpdateAgent(update, timeout=PATIENCE)
            before = full(stub)
        with Daemon(self.store) as daemon:
            after = full(daemon.agents())
        for stats in (before.stats, after.stats):
            stats.ClearField("last_active_time")
        self.assertEqual(after, before)


if __name__ == "__main__":
    unittest.main()
