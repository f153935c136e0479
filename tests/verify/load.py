#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That clients that come, cancel and go at random leave nothing behind and break nothing.

64 streams and 64 unary callers, in 8 processes, step 100 agents for 30 s; calls are cancelled at random, and connections
closed under them. Then each agent's step count is what its clients were told plus at most what they had outstanding, and
the server, built with the address sanitizer, ends with code 0: no fault, no leak.
"""

import argparse
import asyncio
import collections
import json
import multiprocessing
import os
import pathlib
import random
import sys
import time

import grpc
import phasic
from phasic.daemon import Daemon
from phasic.v1 import agent_service_pb2 as service
from phasic.v1 import agent_service_pb2_grpc

AGENTS = 100
PROCESSES = 8
STREAMS = UNARY = 8  # of each process
SECONDS = 30
WINDOW = 32  # items that a stream has outstanding


class Load:
    """One process's callers, and what each agent owes them."""

    def __init__(self, target, seed, seconds):
        self.target, self.random = target, random.Random(seed)
        self.end = time.monotonic() + seconds
        self.told, self.outstanding = collections.Counter(), collections.Counter()
        self.cancelled = self.refused = 0

    def request(self):
        agent = f"a{self.random.randrange(AGENTS)}"
        fields = {"observation": [self.random.randrange(2)]}
        if self.random.random() < 0.05:
            fields["end"] = "TERMINATED"
        return agent, service.StepRequest(name=f"agents/{agent}", **fields)

    def open(self):
        channel = grpc.aio.insecure_channel(self.target)
        return channel, agent_service_pb2_grpc.AgentServiceStub(channel)

    async def unary(self):
        channel, stub = self.open()
        while time.monotonic() < self.end:
            agent, request = self.request()
            call = stub.Step(request, timeout=60)
            if self.random.random() < 0.02:
                self.outstanding[agent] += 1
                self.cancelled += 1
                await asyncio.sleep(self.random.random() * 0.002)
                if self.random.random() < 0.5:
                    call.cancel()
                else:
                    await channel.close(None)
                    channel, stub = self.open()
                continue
            try:
                await call
                self.told[agent] += 1
            except grpc.RpcError as error:
                self.refused += 1
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        await channel.close()

    async def stream(self):
        while time.monotonic() < self.end:
            channel, stub = self.open()
            call = stub.Interact(timeout=120)
            waiting = collections.deque()
            try:
                for _ in range(self.random.randrange(1, 2000)):
                    agent, request = self.request()
                    waiting.append(agent)
                    await call.write(service.InteractRequest(id=len(waiting), step=request))
                    while len(waiting) >= WINDOW:
                        self.answer(await call.read(), waiting)
                    if time.monotonic() > self.end:
                        break
                if self.random.random() < 0.3:
                    await call.done_writing()
                    while waiting:
                        self.answer(await call.read(), waiting)
                    assert await call.read() is grpc.aio.EOF
            finally:
                self.outstanding.update(waiting)
                self.cancelled += 1
                if self.random.random() < 0.5:
                    call.cancel()
                await channel.close(None)

    def answer(self, response, waiting):
        agent = waiting.popleft()
        if response.WhichOneof("result") == "step":
            self.told[agent] += 1
        else:
            self.refused += 1
            assert response.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], response

    async def run(self):
        callers = [self.unary() for _ in range(UNARY)] + [self.stream() for _ in range(STREAMS)]
        await asyncio.gather(*callers)


def work(target, seed, seconds, results):
    load = Load(target, seed, seconds)
    try:
        asyncio.run(load.run())
        results.put((load.told, load.outstanding, load.cancelled, load.refused, ""))
    except BaseException as error:  # noqa: B902  the parent must hear of anything
        results.put((load.told, load.outstanding, load.cancelled, load.refused, repr(error)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    sanitized = os.environ.get("PHASIC_SANITIZED_BIN")
    binary = pathlib.Path(sanitized or os.environ["PHASIC_BIN"]) / "phasicd"
    context = multiprocessing.get_context("spawn")
    told, outstanding, cancelled, refused, faults = collections.Counter(), collections.Counter(), 0, 0, []
    with Daemon(binary) as daemon, phasic.connect(daemon.target) as client:
        for index in range(AGENTS):
            client.create_agent("bandit", agent_id=f"a{index}", seed=index)
        results = context.Queue()
        workers = [
            context.Process(
                target=work, args=(daemon.target, arguments.seed * 1000 + n, arguments.seconds, results)
            )
            for n in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        for _ in workers:
            more_told, more_outstanding, more_cancelled, more_refused, fault = results.get()
            told += more_told
            outstanding += more_outstanding
            cancelled += more_cancelled
            refused += more_refused
            faults += [fault] if fault else []
        for worker in workers:
            worker.join()
        wrong = 0
        for index in range(AGENTS):
            agent = f"a{index}"
            steps = client.agent(agent).refresh().stats.steps
            if not told[agent] <= steps <= told[agent] + outstanding[agent]:
                wrong += 1
                print(f"{agent}: {steps} steps, {told[agent]} told, {outstanding[agent]} outstanding")
        code = daemon.stop()
    for fault in faults:
        print(fault)
    print(f"{sum(told.values())} steps told, {cancelled} calls or connections cut, {refused} refused (line full)")
    rows = [
        ("steps told", sum(told.values()), "> 1000", sum(told.values()) > 1000),
        ("agents whose step count is not what clients were told, plus outstanding", wrong, "== 0", wrong == 0),
        ("clients that met anything else", len(faults), "== 0", not faults),
        ("exit code of the server" + (" (address sanitizer)" if sanitized else ""), code, "== 0", code == 0),
    ]
    for name, value, bound, good in rows:
        print("RESULT", json.dumps({"name": name, "value": value, "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
