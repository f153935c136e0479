#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a hibernated agent of 64 inputs and 64 hidden neurons takes to answer: a Step that finds it in the store,
beside one that finds it in memory, over the same connection. And, with no bound, one that finds an agent whose last
200 steps are only in the journal, after a kill -9."""

import argparse
import json
import os
import pathlib
import random
import statistics
import sys
import tempfile
import time

import grpc
from phasic.daemon import Daemon
from phasic.v1 import agent_pb2, agent_service_pb2 as service, agent_service_pb2_grpc
from phasic.v1 import server_service_pb2, server_service_pb2_grpc

AGENTS, ROUNDS, STEPS = 100, 5, 200
INPUTS, HIDDEN = 64, 64
TIMEOUT = 60


class Client:
    def __init__(self, target):
        self.channel = grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        self.stub = agent_service_pb2_grpc.AgentServiceStub(self.channel)
        self.server = server_service_pb2_grpc.ServerServiceStub(self.channel)

    def create(self, index):
        request = service.CreateAgentRequest(agent_id=f"a{index}")
        request.agent.seed, request.agent.durability = index, agent_pb2.JOURNALED
        request.agent.preset.preset = "reinforce"
        request.agent.preset.parameters["hidden"].number_value = HIDDEN
        request.agent.preset.spaces["observation"].box.shape.append(INPUTS)
        request.agent.preset.spaces["action"].discrete.n = 8
        return self.stub.CreateAgent(request, timeout=TIMEOUT)

    def steps(self, index, count):
        request = service.InteractRequest(step=step(index))
        answers = list(self.stub.Interact(iter([request] * count), timeout=TIMEOUT))
        assert all(answer.HasField("step") for answer in answers), answers[-1]

    def time(self, indices):
        """Milliseconds of one step of each, one at a time."""
        times = []
        for index in indices:
            request = step(index)
            begin = time.perf_counter()
            self.stub.Step(request, timeout=TIMEOUT)
            times.append(1e3 * (time.perf_counter() - begin))
        return times

    def wait_until_asleep(self):
        request = server_service_pb2.GetServerInfoRequest()
        end = time.monotonic() + TIMEOUT
        while self.server.GetServerInfo(request, timeout=TIMEOUT).load.resident_agents > 0:
            assert time.monotonic() < end, "they never fell asleep"
            time.sleep(0.05)


def step(index):
    request = service.StepRequest(name=f"agents/a{index}", observation=[0.1] * INPUTS)
    request.rewards.add(value=0.5)
    return request


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    order = random.Random(arguments.seed)
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    asleep, awake = [], []
    with tempfile.TemporaryDirectory() as folder:
        store = f"--store=sqlite://{folder}/phasic.db"
        with Daemon(binary, arguments=[store, "--hibernate-after=0.1"]) as daemon:
            client = Client(daemon.target)
            for index in range(AGENTS):
                client.create(index)
                client.steps(index, STEPS)
            for _ in range(ROUNDS):
                client.wait_until_asleep()
                for index in order.sample(range(AGENTS), AGENTS):
                    asleep += client.time([index])
                    awake += client.time([index])
            client.wait_until_asleep()
        with Daemon(binary, arguments=[store]) as daemon:
            client = Client(daemon.target)
            for index in range(AGENTS):
                client.steps(index, STEPS)
            daemon.kill()
        with Daemon(binary, arguments=[store]) as daemon:
            replayed = Client(daemon.target).time(order.sample(range(AGENTS), AGENTS))
    median = statistics.median(asleep)
    late = sorted(asleep)[len(asleep) * 99 // 100]
    print(f"in memory {statistics.median(awake):.2f} ms, asleep {median:.2f} ms (p99 {late:.2f})")
    rows = [
        ("Step of a hibernated 64x64 agent, median ms", median, "< 5", median < 5),
        (
            f"Step of one with {STEPS} steps in the journal, median ms",
            statistics.median(replayed),
            "none: measured",
            True,
        ),
    ]
    for name, value, bound, good in rows:
        print("RESULT", json.dumps({"name": name, "value": round(value, 3), "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
