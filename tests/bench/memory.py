#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What does an agent take beside its state? EPHEMERAL agents, all awake, as they were made and after steps with
rewards: by how much the server's process has grown, for each. And 100 thousand of the smallest."""

import argparse
import json
import os
import pathlib
import sys

from phasic.daemon import Daemon
from phasic.v1 import agent_pb2, agent_service_pb2 as service, agent_service_pb2_grpc
from support.hosted import TIMEOUT, bandit, connect, create, status

# Of a few KiB; and those of `bandit` as it is.
AGENTS, INPUTS, ALTERNATIVES = 10_000, 64, 8
SMALLEST = 100_000
BATCH = 256  # so that calls themselves take little
STEPS = 80  # until all that a step remembers is there
MOST_BESIDE, MOST_RESIDENT = 4 << 10, 1 << 30


def linear():
    agent = bandit(durability=agent_pb2.EPHEMERAL)
    agent.preset.spaces["observation"].box.shape.append(INPUTS)
    agent.preset.spaces["action"].discrete.n = ALTERNATIVES
    return agent


class Host:
    """A server with agents of one kind."""

    def __init__(self, daemon, stub, agent, inputs):
        self.daemon, self.stub, self.agent, self.inputs = daemon, stub, agent, inputs
        self.agents = []
        self.grow(BATCH)
        self.step(STEPS)
        self.before = self.resident()  # with what the server needs for itself

    def resident(self):
        return status(self.daemon.pid, "VmRSS")

    def grow(self, count):
        first = len(self.agents)
        made = create(self.stub, first, first + count, self.agent)
        self.state_bytes = made[0].size.bytes
        self.agents += [agent.uid for agent in made]

    def step(self, times):
        for first in range(0, len(self.agents), BATCH):
            uids = self.agents[first : first + BATCH]
            request = service.BatchStepRequest(
                uid=uids, observation=[0] * len(uids) * self.inputs, reward=[0.01] * len(uids)
            )
            for _ in range(times):
                assert not self.stub.BatchStep(request, timeout=TIMEOUT).failures

    def fill(self, count):
        while len(self.agents) < count:
            self.grow(min(BATCH, count - len(self.agents)))


def result(name, value, bound, good):
    print("RESULT", json.dumps({"name": name, "value": round(value, 3), "bound": bound, "pass": good}), flush=True)
    return good


def beside_state(host, count):
    """Judges what agents take beside their state, of those that come after the first few."""
    first = len(host.agents)

    def judge(when):
        each = (host.resident() - host.before) / (count - first)
        beside = each - host.state_bytes
        print(f"{when}: {each:.0f} bytes each, of which {host.state_bytes} are state")
        name = f"bytes beside the state, {when}"
        return result(name, beside, f"<= {MOST_BESIDE}", round(beside, 3) <= MOST_BESIDE)

    host.fill(count)
    good = judge("as made")
    host.step(STEPS)
    return judge(f"after {STEPS} steps") and good


def many(host, count):
    """Judges what a server with so many agents takes in all."""
    host.fill(count)
    good = True
    for when, steps in (("as made", 0), (f"after {STEPS} steps", STEPS)):
        host.step(steps)
        highest = status(host.daemon.pid, "VmHWM")
        name = f"{count} agents, MiB, {when}"
        good &= result(name, highest / (1 << 20), f"<= {MOST_RESIDENT >> 20}", highest <= MOST_RESIDENT)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.parse_args()
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    # What may be is not what is: admission counts more than agents take.
    flags = ["--store=memory:", f"--max-total-bytes={8 << 30}"]
    good = True
    for agent, inputs, judge, count in (
        (linear(), INPUTS, beside_state, AGENTS),
        (bandit(durability=agent_pb2.EPHEMERAL), 1, many, SMALLEST),
    ):
        with Daemon(binary, arguments=flags) as daemon, connect(daemon.target) as channel:
            good &= judge(Host(daemon, agent_service_pb2_grpc.AgentServiceStub(channel), agent, inputs), count)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
