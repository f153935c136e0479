#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A million agents on one server whose agents may have 1 GiB of memory: made in batches, then stepped one here and
one there. Nothing may fail, and the process may never have more than 1 GiB resident."""

import argparse
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import sys
import tempfile
import time

from phasic.daemon import Daemon
from phasic.v1 import agent_service_pb2 as service, agent_service_pb2_grpc
from phasic.v1 import server_service_pb2, server_service_pb2_grpc
from support.hosted import BATCH, TIMEOUT, bandit, connect, create, status

AGENTS = 1_000_000
ACCESSES, CALLERS = 20_000, 4
BUDGET = 1 << 30


def access(target, seed, agents, count):
    """Milliseconds of each step."""
    draw = random.Random(seed)
    times = []
    with connect(target) as channel:
        stub = agent_service_pb2_grpc.AgentServiceStub(channel)
        for _ in range(count):
            request = service.StepRequest(name=f"agents/a{draw.randrange(agents)}", observation=[0])
            request.rewards.add(value=draw.gauss(0, 1))
            begin = time.perf_counter()
            stub.Step(request, timeout=TIMEOUT)
            times.append(1e3 * (time.perf_counter() - begin))
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=AGENTS)
    parser.add_argument("--accesses", type=int, default=ACCESSES)
    arguments = parser.parse_args()
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    with tempfile.TemporaryDirectory() as folder:
        flags = [f"--store=sqlite://{folder}/phasic.db", f"--max-total-bytes={BUDGET}", f"--max-agents={AGENTS}"]
        with Daemon(binary, arguments=flags) as daemon, connect(daemon.target) as channel:
            stub = agent_service_pb2_grpc.AgentServiceStub(channel)
            begin = time.monotonic()
            for number, first in enumerate(range(0, arguments.agents, BATCH)):
                create(stub, first, min(first + BATCH, arguments.agents), bandit())
                if number % 25 == 24:
                    rate = (first + BATCH) / (time.monotonic() - begin)
                    print(f"{first + BATCH} made, {rate:.0f}/s, {status(daemon.pid, 'VmRSS') >> 20} MiB", flush=True)
            made_per_second = arguments.agents / (time.monotonic() - begin)
            begin = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(CALLERS) as pool:
                share = arguments.accesses // CALLERS
                jobs = [
                    pool.submit(access, daemon.target, arguments.seed * 100 + n, arguments.agents, share)
                    for n in range(CALLERS)
                ]
                times = sorted(itertools.chain.from_iterable(job.result() for job in jobs))
            per_second = len(times) / (time.monotonic() - begin)
            server = server_service_pb2_grpc.ServerServiceStub(channel)
            load = server.GetServerInfo(server_service_pb2.GetServerInfoRequest(), timeout=TIMEOUT).load
            highest, now = status(daemon.pid, "VmHWM"), status(daemon.pid, "VmRSS")
            begin = time.monotonic()
            code = daemon.stop(timeout=TIMEOUT)
            stopped = time.monotonic() - begin
        store = sum(file.stat().st_size for file in pathlib.Path(folder).glob("phasic.db*"))
    print(
        f"{load.agents} agents, {load.resident_agents} in memory, {now >> 20} MiB now; store {store / 1e6:.0f} MB; "
        f"stopped in {stopped:.1f} s"
    )
    rows = [
        ("agents", load.agents, f"== {arguments.agents}", load.agents == arguments.agents),
        ("most memory that was resident, MiB", highest / (1 << 20), "<= 1024", highest <= BUDGET),
        ("exit code", code, "== 0", code == 0),
        ("made per second", made_per_second, "none: measured", True),
        (f"random steps per second, {CALLERS} callers", per_second, "none: measured", True),
        ("random step, p50 ms", times[len(times) // 2], "none: measured", True),
        ("random step, p99 ms", times[len(times) * 99 // 100], "none: measured", True),
    ]
    for name, value, bound, good in rows:
        print("RESULT", json.dumps({"name": name, "value": round(value, 3), "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
