#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That an agent that is restored goes on as the one that was never interrupted, to the bit.

Agents of every preset take 2,048 steps, and a snapshot after 1, 2, 4, ... 1,024 of them; then the server is killed.
Each condition starts a server of its own on a copy of the store, and goes on from every snapshot, by RestoreSnapshot
or by CloneAgent in turn, up to the next power of two, from the first one to the end: every answer and the digest
there must be those of the agent that was not interrupted.

- one: a server with one thread for steps, one client.
- eight: eight threads, eight clients.
- baseline: as eight, with the kernels of the plain instruction set (PHASIC_ISA=baseline), which the snapshots were
  not made with. """

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
from unittest import mock

import grpc
from google.protobuf import json_format
from phasic.daemon import Daemon
from phasic.v1 import agent_pb2, agent_service_pb2 as service, agent_service_pb2_grpc
from phasic.v1 import circuit_service_pb2, circuit_service_pb2_grpc, server_service_pb2, server_service_pb2_grpc

TIMEOUT = 600
POWERS = 11  # snapshots of each agent
SEEDS = 2  # agents of each preset and space
BOX = {"box": {"shape": [3], "low": [-1.0], "high": [1.0]}}
SPACES = (
    {"observation": BOX, "action": {"discrete": {"n": 4}}},
    {"observation": {"discrete": {"n": 5}}, "action": {"discrete": {"n": 3}}},
    {"observation": {"multi_discrete": {"nvec": [3, 4]}}, "action": {"multi_discrete": {"nvec": [2, 3]}}},
    {"observation": BOX, "action": BOX},
    {"observation": {"multi_binary": {"n": 3}}, "action": {"multi_binary": {"n": 2}}},
)
CONDITIONS = {
    "one": (1, {}),
    "eight": (8, {}),
    "baseline": (8, {"PHASIC_ISA": "baseline"}),
}


def sources(target):
    """Every preset with each of the spaces that it takes."""
    stub = circuit_service_pb2_grpc.CircuitServiceStub(grpc.insecure_channel(target))
    for circuit in stub.ListCircuits(circuit_service_pb2.ListCircuitsRequest()).circuits:
        taken = 0
        for number, spaces in enumerate(SPACES):
            preset = agent_pb2.PresetSource(preset=circuit.name.removeprefix("circuits/"))
            for port, space in spaces.items():
                json_format.ParseDict(space, preset.spaces[port])
            request = circuit_service_pb2.ValidateCircuitRequest(preset=preset)
            if not stub.ValidateCircuit(request).violations:
                taken += 1
                yield f"{preset.preset}-{number}", preset
        assert taken, f"{circuit.name} takes none of these spaces"


class Player:
    """One agent, what it is given, and what it makes of it."""

    def __init__(self, name, preset, seed, steps):
        self.name, self.preset, self.seed = name, preset, seed
        draw = random.Random(f"{name} {seed}")
        self.inputs = [self.draw(draw) for _ in range(steps)]
        self.answers, self.digests = [], {}

    def draw(self, draw):
        space = self.preset.spaces["observation"]
        if space.WhichOneof("kind") == "box":
            observation = [draw.uniform(-1, 1) for _ in range(space.box.shape[0])]
        elif space.WhichOneof("kind") == "discrete":
            observation = [draw.randrange(space.discrete.n)]
        elif space.WhichOneof("kind") == "multi_binary":
            observation = [draw.randrange(2) for _ in range(space.multi_binary.n)]
        else:
            observation = [draw.randrange(n) for n in space.multi_discrete.nvec]
        step = service.StepRequest(observation=observation, ticks=draw.choice([0] * 9 + [3]))
        step.rewards.add(value=draw.gauss(0, 1), reward_id=f"r{draw.randrange(10**6)}")
        if draw.random() < 0.05:
            step.end = draw.choice([agent_pb2.TERMINATED, agent_pb2.TRUNCATED])
        return step

    def play(self, stub, name, begin, end):
        """Answers to the steps of this span."""

        def requests():
            for index in range(begin, end):
                step = service.StepRequest(name=f"agents/{name}", step=index)
                step.MergeFrom(self.inputs[index])
                yield service.InteractRequest(id=index, step=step)

        answers = list(stub.Interact(requests(), timeout=TIMEOUT))
        for answer in answers:
            if answer.HasField("step"):
                answer.step.event.ClearField("incarnation")  # a restored agent's life is another
        return [answer.step if answer.HasField("step") else answer.error for answer in answers]

    def live(self, stub):
        """Without interruption, but with snapshots."""
        request = service.CreateAgentRequest(agent_id=self.name)
        request.agent.seed = self.seed
        request.agent.preset.CopyFrom(self.preset)
        stub.CreateAgent(request, timeout=TIMEOUT)
        done = 0
        for power in range(POWERS + 1):
            self.answers += self.play(stub, self.name, done, 1 << power)
            done = 1 << power
            if power < POWERS:
                snapshot = service.CreateSnapshotRequest(parent=f"agents/{self.name}", snapshot_id=f"s{done}")
                made = stub.CreateSnapshot(snapshot, timeout=TIMEOUT)
                assert made.step == done, made
            self.digests[done] = self.digest(stub, self.name)
            if power < POWERS:
                assert made.digest == self.digests[done], made

    @staticmethod
    def digest(stub, name):
        request = service.GetAgentRequest(name=f"agents/{name}", view=agent_pb2.FULL)
        return stub.GetAgent(request, timeout=TIMEOUT).digest

    def again(self, stub):
        """From every snapshot on; the spans that differ."""
        different = []
        for power in range(POWERS):
            begin, end = 1 << power, 1 << (power + 1 if power else POWERS)
            if power % 2:
                name = f"{self.name}-{begin}"
                stub.CloneAgent(
                    service.CloneAgentRequest(
                        name=f"agents/{self.name}", agent_id=name, snapshot=f"s{begin}"
                    ),
                    timeout=TIMEOUT,
                )
            else:
                name = self.name
                request = service.RestoreSnapshotRequest(name=f"agents/{name}/snapshots/s{begin}")
                stub.RestoreSnapshot(request, timeout=TIMEOUT)
            right = self.digest(stub, name) == self.digests[begin]
            answers = self.play(stub, name, begin, end)
            right = right and answers == self.answers[begin:end]
            if not right or self.digest(stub, name) != self.digests[end]:
                different.append(f"{name} from step {begin}")
        return different


def start(folder, threads, environment):
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    arguments = [f"--store=sqlite://{folder}/phasic.db", f"--pollers={threads}"]
    with mock.patch.dict(os.environ, environment):
        return Daemon(binary, arguments=arguments).start()


def in_parallel(threads, target, function, players):
    def run(player):
        with grpc.insecure_channel(target) as channel:
            return function(player, agent_service_pb2_grpc.AgentServiceStub(channel))

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, players))


def isa(target):
    with grpc.insecure_channel(target) as channel:
        request = server_service_pb2.GetServerInfoRequest()
        return server_service_pb2_grpc.ServerServiceStub(channel).GetServerInfo(request).isa


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=SEEDS, help="of each preset and space")
    arguments = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "original").mkdir()
        daemon = start(folder / "original", 8, {})
        try:
            players = [
                Player(f"{name}-{n}", preset, arguments.seed * 1000 + n, 1 << POWERS)
                for name, preset in sources(daemon.target)
                for n in range(arguments.agents)
            ]
            in_parallel(8, daemon.target, lambda player, stub: player.live(stub), players)
            print(f"{len(players)} agents: {', '.join(player.name for player in players)}", flush=True)
        finally:
            daemon.kill()
        for condition, (threads, environment) in CONDITIONS.items():
            shutil.copytree(folder / "original", folder / condition)
            begin = time.monotonic()
            daemon = start(folder / condition, threads, environment)
            try:
                kernels = isa(daemon.target)
                found = in_parallel(threads, daemon.target, lambda player, stub: player.again(stub), players)
            finally:
                daemon.kill()
            shutil.rmtree(folder / condition)
            different = sum(found, [])
            seconds = time.monotonic() - begin
            print(f"{condition:9} kernels {kernels:10} {seconds:.0f} s {' '.join(different)}", flush=True)
            worst = max(worst, len(different))
            result = {
                "name": f"{condition}: of {len(players) * POWERS} restored agents, those that went on otherwise",
                "value": len(different),
                "bound": "== 0",
                "pass": not different,
            }
            print("RESULT", json.dumps(result), flush=True)
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
