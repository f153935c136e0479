#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A circuit with two ways in and two ways out, from end to end: the Python client, the loop and the command line."""

import json
import os
import pathlib
import subprocess
import tempfile
import types
import unittest

import numpy as np
import phasic
from phasic.daemon import Daemon

BIN = pathlib.Path(os.environ["PHASIC_BIN"])
TOUCH = phasic.Box([-1.0, -1.0], [1.0, 1.0])
PUSH = phasic.Box([-0.5, -0.5], [0.5, 0.5])


def learning(name, source, target):
    rule = {"name": "reinforce-trace", "parameters": {"tau": 0.1}, "bindings": {"reward": "reward"}}
    return {"name": name, "source": source, "target": target, "rule": rule}


# `pick` can learn from `cue`, and `push` from `touch`.
CIRCUIT = {
    "inputs": [
        {"name": "cue", "space": {"discrete": {"n": 3}}, "encoder": "one-hot", "target": "code"},
        {"name": "touch", "space": {"box": {"shape": [2], "low": [-1], "high": [1]}}, "encoder": "raw", "target": "skin"},
    ],
    "populations": [
        {"name": "code", "model": "rate", "size": 3},
        {"name": "skin", "model": "rate", "size": 2},
        {"name": "choice", "model": "softmax", "size": 5, "parameters": {"groups": [3, 2]}},
        {"name": "hand", "model": "gaussian", "size": 2, "parameters": {"sigma": 0.2}},
    ],
    "projections": [learning("read", "code", "choice"), learning("feel", "skin", "hand")],
    "modulators": [{"name": "reward", "model": "baseline"}],
    "outputs": [
        {"name": "pick", "source": "choice", "decoder": "index"},
        {
            "name": "push",
            "source": "hand",
            "decoder": "vector",
            "space": {"box": {"shape": [2], "low": [-0.5], "high": [0.5]}},
        },
    ],
}


class Echo:
    """Rewards a first choice that is the cue. Dict spaces, as Gymnasium has them; choices count from 1."""

    def __init__(self):
        self.observation_space = types.SimpleNamespace(spaces={"cue": phasic.Discrete(3), "touch": TOUCH})
        picks = phasic.MultiDiscrete([3, 2], start=[1, 1])
        self.action_space = types.SimpleNamespace(spaces={"pick": picks, "push": PUSH})
        self.random = np.random.default_rng(1)
        self.right = []

    def observe(self):
        self.cue = int(self.random.integers(3))
        return {"cue": self.cue, "touch": self.random.uniform(-1, 1, 2)}

    def reset(self, *, seed=None, options=None):
        return self.observe(), {}

    def step(self, action):
        for port, space in self.action_space.spaces.items():
            assert action[port] in space, (port, action)
        self.right.append(int(action["pick"][0]) - 1 == self.cue)
        return self.observe(), float(self.right[-1]), False, len(self.right) == 1500, {}


class PortsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(BIN / "phasicd").start()
        cls.client = phasic.connect(cls.daemon.target)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.daemon.stop()

    def test_values_and_masks_go_by_port(self):
        agent = self.client.create_agent(circuit=CIRCUIT, seed=1)
        spaces = {port.name: port.space for port in agent.ports}
        self.assertEqual(spaces, {"cue": phasic.Discrete(3), "touch": TOUCH, "pick": phasic.MultiDiscrete([3, 2]), "push": PUSH})
        self.assertEqual([port.name for port in agent.ports if port.maskable], ["pick"])
        for step in range(100):
            observation = {"cue": step % 3, "touch": [0.5, -0.5]}
            action = agent.step(observation, 0.1, mask={"pick": [[1, 0, 1], [0, 1]]}).action
            self.assertEqual(set(action), {"pick", "push"})
            for port, value in action.items():
                self.assertIn(value, spaces[port])
            self.assertNotEqual(action["pick"][0], 1)
            self.assertEqual(action["pick"][1], 1)

    def test_faults_name_the_port_and_change_nothing(self):
        agent = self.client.create_agent(circuit=CIRCUIT, seed=1)
        good = {"cue": 1, "touch": [0.5, -0.5]}
        agent.step(good)
        digest = agent.digest()
        for observation, mask, field in (
            ({"cue": 3, "touch": [0, 0]}, None, "inputs[0].data[0]"),
            ({"cue": 1, "touch": [0, 2]}, None, "inputs[1].data[1]"),
            ({"cue": 1}, None, "inputs"),
            (1, None, "observation"),
            (good, {"pick": [1, 1, 1, 0, 0]}, "action_masks[0].allowed"),
            (good, {"push": [1, 1]}, "action_masks[0].port"),
            (good, [1, 1, 1, 1, 1], "action_masks[0].port"),
        ):
            with self.assertRaises(phasic.InvalidArgument) as caught:
                agent.step(observation, mask=mask)
            self.assertEqual(caught.exception.violations[0].field, field)
        self.assertEqual(agent.digest(), digest)

    def test_the_loop_learns_through_named_ports(self):
        env = Echo()
        phasic.run(env, self.client.create_agent(circuit=CIRCUIT, seed=1), 1)
        self.assertGreater(np.mean(env.right[-200:]), 0.8)

    def test_the_command_line(self):
        def run(*arguments):
            command = [BIN / "phasic", "--server", self.daemon.target, "--json", "agents", *arguments]
            return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout)

        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(CIRCUIT, file)
            file.flush()
            run("create", "two-ports", "--circuit", file.name, "--seed", "1")
        twin = self.client.create_agent(circuit=CIRCUIT, seed=1)
        for _ in range(5):
            told = run("step", "two-ports", "--obs", "cue=2", "--obs", "touch=0.5,-0.25", "--mask", "pick=0,1,1,0,1")
            expected = twin.step({"cue": 2, "touch": [0.5, -0.25]}, mask={"pick": [0, 1, 1, 0, 1]}).action
            found = {tensor["name"]: tensor["values"] for tensor in told["actions"]}
            self.assertEqual(found["pick"], expected["pick"].tolist())
            np.testing.assert_allclose(found["push"], expected["push"], rtol=1e-6)


if __name__ == "__main__":
    unittest.main()
