#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the same inputs give the same bits, however they arrive and whatever the machine computes with.

200 agents of every preset are stepped 60 times over gRPC with inputs that depend only on the agent and the step; every
tenth is cloned half-way, and its clone gets the same inputs. Each condition starts a server of its own; at the end every
agent's digest, and every action on the way, must be what the first condition gave.

- alone: one thread, one agent after the other.
- interleaved: one thread, the agents by turns.
- threads: 8 client threads, each with a share of the agents, by turns, with looks into random agents in between.
- baseline: as threads, with the kernels of the plain instruction set (PHASIC_ISA=baseline).
- masked: as threads, with the C library told that there is no AVX2 and no FMA, which changes its own functions' bits.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys

import numpy as np
import phasic
from phasic.daemon import Daemon

AGENTS = 200
STEPS = 60
THREADS = 8
KINDS = (
    ("actor-critic", {"observation": phasic.Box([-1.0, -1.0], [1.0, 1.0]), "action": phasic.Discrete(3)}),
    ("actor-critic", {"observation": phasic.Box([-1.0], [1.0]), "action": phasic.Box([-1.0], [1.0])}),
    ("reinforce", {"observation": phasic.Box([-1.0] * 4, [1.0] * 4), "action": phasic.Discrete(2)}),
    ("bandit", {"observation": phasic.Discrete(5), "action": phasic.Discrete(4)}),
    ("bandit", {"observation": phasic.MultiDiscrete([5, 3]), "action": phasic.MultiDiscrete([4, 2, 3])}),
)
MASKED = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX2_Usable,-FMA_Usable,-AVX512F"


class Player:
    """One agent and the inputs that it gets."""

    def __init__(self, client, index, seed):
        preset, self.spaces = KINDS[index % len(KINDS)]
        self.agent = client.create_agent(preset, agent_id=f"a{index}", spaces=self.spaces, seed=seed + index)
        self.random = np.random.default_rng([seed, index])
        self.inputs = [self.draw() for _ in range(STEPS)]
        self.actions = []
        self.clone = None

    def draw(self):
        space = self.spaces["observation"]
        if isinstance(space, phasic.Discrete):
            observation = int(self.random.integers(space.n))
        elif isinstance(space, phasic.MultiDiscrete):
            observation = self.random.integers(space.nvec)
        else:
            observation = self.random.uniform(-1.0, 1.0, np.shape(space.low)).astype(np.float32)
        end = self.random.choice([None, None, None, None, None, None, None, "terminated", "truncated"])
        return observation, float(self.random.normal()), end

    def step(self, index):
        observation, reward, end = self.inputs[index]
        if index == STEPS // 2 and int(self.agent.id[1:]) % 10 == 0:
            self.clone = self.agent.clone(self.agent.id + "-clone")
        for agent in (self.agent, self.clone):
            if agent is not None:
                result = agent.step(observation, reward, end=end)
                self.actions.append(None if result.action is None else np.asarray(result.action).tolist())

    def digests(self):
        return [agent.digest() for agent in (self.agent, self.clone) if agent is not None]


def alone(players, _seed):
    for player in players:
        for index in range(STEPS):
            player.step(index)


def interleaved(players, _seed):
    for index in range(STEPS):
        for player in players:
            player.step(index)


def threads(players, seed):
    def play(number):
        random = np.random.default_rng([seed, number])
        for index in range(STEPS):
            for player in players[number::THREADS]:
                player.step(index)
                if random.random() < 0.05:
                    players[random.integers(len(players))].agent.inspect(summary_only=True)

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for job in [pool.submit(play, number) for number in range(THREADS)]:
            job.result()


CONDITIONS = {
    "alone": (alone, {}),
    "interleaved": (interleaved, {}),
    "threads": (threads, {}),
    "baseline": (threads, {"PHASIC_ISA": "baseline"}),
    "masked": (threads, {"GLIBC_TUNABLES": MASKED}),
}


def run(name, seed):
    play, environment = CONDITIONS[name]
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    kept = dict(os.environ)
    os.environ.update(environment)
    try:
        daemon = Daemon(binary).start()
    finally:
        os.environ.clear()
        os.environ.update(kept)
    try:
        with phasic.connect(daemon.target) as client:
            isa = client.info().isa
            players = [Player(client, index, seed) for index in range(AGENTS)]
            play(players, seed)
            found = [(player.actions, player.digests()) for player in players]
    finally:
        code = daemon.stop()
    print(f"{name:12} kernels {isa:10} {sum(len(d) for _, d in found)} digests, exit code {code}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    reference = run("alone", seed)
    worst = 0
    for name in list(CONDITIONS)[1:]:
        found = run(name, seed)
        different = sum(one != other for one, other in zip(reference, found))
        worst = max(worst, different)
        result = {
            "name": f"{name}: agents that differ from alone",
            "value": different,
            "bound": "<= 0",
            "pass": different == 0,
        }
        print("RESULT " + json.dumps(result), flush=True)
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
