#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That over a network that fails nothing is lost and nothing done twice.

For five minutes 8 clients step, reward and reset agents of their own, alone and in batches, through a relay that stalls
and cuts connections and one that loses, delays and repeats calls; they retry as the library does. Then a second server
gets the same inputs over a sound connection: every agent must have the same digest, the same counts, and every action on
the way must have been the same.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys
import time

import numpy as np
import phasic
from phasic.daemon import Daemon
from unreliable import Cutter, Repeater

CLIENTS = 8
SECONDS = 300
BATCH = 4  # agents that each client also steps as one
SPACES = {"observation": phasic.Box([-1.0] * 4, [1.0] * 4), "action": phasic.Discrete(3)}
PATIENT = phasic.Retry(tries=1000, total=600.0, first_wait=0.01, longest_wait=0.2)


def connect(target):
    """A client; the library itself does not try again to reach a server that it has never met."""
    while True:
        try:
            return phasic.connect(target, retry=PATIENT, timeout=10.0)
        except phasic.Unavailable:
            time.sleep(0.05)


class Script:
    """What a client does, decided by the seed and the number of what it has done."""

    def __init__(self, client, number, seed):
        self.random = np.random.default_rng([seed, number])
        create = lambda name: client.create_agent("actor-critic", agent_id=name, spaces=SPACES, seed=number)
        self.agent = create(f"alone-{number}")
        self.team = [create(f"team-{number}-{k}") for k in range(BATCH)]
        self.batch = client.batch(self.team)
        self.done, self.actions = 0, []

    def act(self):
        observation = self.random.uniform(-1, 1, 4).astype(np.float32)
        rewards = self.random.normal(size=3)
        rows = self.random.uniform(-1, 1, (BATCH, 4)).astype(np.float32)
        choice = self.random.random()
        if choice < 0.7:
            end = "terminated" if choice < 0.03 else "truncated" if choice < 0.06 else None
            result = self.agent.step(observation, float(rewards[0]), end=end)
            self.actions.append(None if result.action is None else int(result.action))
        elif choice < 0.8:
            self.agent.reward(float(rewards[1]))
        elif choice < 0.82:
            self.agent.reset_episode()
        else:
            result = self.batch.step(rows, rewards=np.full(BATCH, rewards[2], np.float32))
            assert not result.failures, result.failures
            self.actions.append(np.asarray(result.actions).tolist())
        self.done += 1

    def outcome(self):
        agents = [self.agent, *self.team]
        return [(a.id, a.digest(), a.refresh().stats.steps, a.stats.rewards_applied) for a in agents]


def play(target, seed, until):
    """Runs every client's script until `until(script)`; returns the scripts and what became of the agents."""

    def run(number):
        with connect(target) as client:
            script = Script(client, number, seed)
            while not until(number, script):
                script.act()
            return script.done, script.actions, script.outcome()

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, range(CLIENTS)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    with Daemon(binary) as daemon:
        repeater = Repeater(daemon.target, arguments.seed)
        cutter = Cutter(repeater.address, arguments.seed)
        end = time.monotonic() + arguments.seconds
        rough = play(cutter.address, arguments.seed, lambda _number, _script: time.monotonic() > end)
        cutter.close()
        repeater.close()
    with Daemon(binary) as daemon:
        clean = play(daemon.target, arguments.seed, lambda number, script: script.done == rough[number][0])
    done = sum(result[0] for result in rough)
    actions = sum(a[1] != b[1] for a, b in zip(rough, clean))
    states = sum(x != y for a, b in zip(rough, clean) for x, y in zip(a[2], b[2]))
    print(f"{done} turns; {cutter.cut} connections cut; calls: {repeater.counts}")
    rows = [
        ("turns through the failing network", done, ">= 1000", done >= 1000),
        ("faults on the way", cutter.cut + sum(repeater.counts.values()), ">= 100", None),
        ("clients that saw another action", actions, "== 0", actions == 0),
        ("agents whose state or counts differ from the clean run's", states, "== 0", states == 0),
    ]
    rows[1] = (*rows[1][:3], rows[1][1] >= 100)
    for name, value, bound, good in rows:
        print("RESULT", json.dumps({"name": name, "value": value, "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
