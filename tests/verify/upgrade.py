#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That a store which an earlier version has written opens, replays and goes on.

Beside each fixture, a store as a server that was killed left it, lies what that server told of its agents, and what
they became after more steps. A server of today is started on a copy: every agent must have the same digest and count,
go on to the same digest, and outlive a stop. An agent whose inputs were computed by an older arithmetic may differ in
rounding, and must then say so.

`--make PATH.db` writes the fixture of the present version; a fixture that was released is never written again.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time

import grpc
from phasic.daemon import Daemon
from phasic.v1 import agent_pb2, agent_service_pb2 as service

from ledger import TIMEOUT, connect, creation, full

FOLDERS = [pathlib.Path(__file__).parent / "fixtures"]
STEPS, MORE = 60, 20


def steps(name, first, count):
    """The same for every version: numbers that are exact in few bits."""
    draw = random.Random(f"{name} {first}")
    for index in range(first, first + count):
        request = service.StepRequest(name=f"agents/{name}", step=index, request_id=f"s{index}")
        request.observation.extend(draw.randrange(-8, 9) / 8 for _ in range(4))
        request.rewards.add(value=draw.randrange(-8, 9) / 8, reward_id=f"r{index}")
        if draw.randrange(10) == 0:
            request.end = agent_pb2.TRUNCATED
        yield request


def play(stub, name, first, count):
    requests = [service.InteractRequest(step=request) for request in steps(name, first, count)]
    answers = list(stub.Interact(iter(requests), timeout=TIMEOUT))
    assert all(answer.HasField("step") for answer in answers), answers
    return len(answers)


def start(folder, *flags):
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    store = f"--store=sqlite://{folder}/phasic.db"
    return Daemon(binary, f"unix:{folder}/phasic.sock", [store, *flags]).start()


def make(path):
    """Agents of each durability and preset: some asleep with their state stored, some with inputs after it, some with
    nothing but inputs, one frozen, one a clone, one with a snapshot, one gone."""
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        daemon = start(folder, "--hibernate-after=0.1")
        stub = connect(daemon.target)[1]
        names = []
        for durability in (agent_pb2.SNAPSHOT, agent_pb2.JOURNALED, agent_pb2.SYNCED):
            for preset in ("bandit", "reinforce"):
                name = f"{agent_pb2.Durability.Name(durability).lower()}-{preset}"
                names.append(name)
                stub.CreateAgent(creation(name, preset, durability, 5), timeout=TIMEOUT)
                play(stub, name, 0, STEPS)
        clone = service.CloneAgentRequest(name=f"agents/{names[2]}", agent_id="clone", seed=6)
        stub.CloneAgent(clone, timeout=TIMEOUT)
        stub.CreateAgent(creation("gone", "reinforce", agent_pb2.JOURNALED, 5), timeout=TIMEOUT)
        stub.DeleteAgent(service.DeleteAgentRequest(name="agents/gone"), timeout=TIMEOUT)
        time.sleep(2)  # All are stored and sleep.
        daemon.kill()
        daemon = start(folder)
        stub = connect(daemon.target)[1]
        for name in (names[2], names[4]):
            play(stub, name, STEPS, STEPS)
        snapshot = service.CreateSnapshotRequest(parent=f"agents/{names[2]}", snapshot_id="first", note="kept")
        stub.CreateSnapshot(snapshot, timeout=TIMEOUT)
        stub.CreateAgent(creation("fresh", "bandit", agent_pb2.JOURNALED, 7), timeout=TIMEOUT)
        play(stub, "fresh", 0, STEPS)
        update = service.UpdateAgentRequest()
        update.agent.name, update.agent.mode = f"agents/{names[4]}", agent_pb2.FROZEN
        update.agent.labels["kept"] = "yes"
        stub.UpdateAgent(update, timeout=TIMEOUT)
        for name in (*names, "clone", "fresh"):
            told[name] = describe(full(stub, f"agents/{name}"))
        daemon.kill()
        # One file, without the log beside it.
        with sqlite3.connect(f"{folder}/phasic.db") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(f"{folder}/phasic.db", path)
        for name in told:
            told[name]["after"] = 0
        daemon = start(folder)
        stub = connect(daemon.target)[1]
        for name, facts in told.items():
            play(stub, name, facts["steps"], MORE)
            facts["after"] = f"{full(stub, f'agents/{name}').digest:016x}"
        daemon.kill()
    path.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, {len(told)} agents")


def describe(agent):
    return {
        "digest": f"{agent.digest:016x}",
        "steps": agent.stats.steps,
        "rewards": agent.stats.rewards_applied + agent.stats.rewards_not_learning,
        "mode": agent_pb2.Mode.Name(agent.mode),
        "labels": dict(agent.labels),
        "durability": agent_pb2.Durability.Name(agent.durability),
        "numerics": list(agent.numerics),
    }


def differences(told, found, digest):
    """What is not as told; `digest` is the one that is expected."""
    marked = set(told["numerics"]) < set(found["numerics"])
    for key in ("steps", "rewards", "mode", "labels", "durability"):
        if found[key] != told[key]:
            yield f"{key}: {found[key]}, not {told[key]}"
    if found["digest"] != digest and not marked:
        yield f"digest {found['digest']}, not {digest}, and numerics {found['numerics']}"


def check(path):
    """Faults of each agent."""
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(path, f"{folder}/phasic.db")
        daemon = start(folder)
        try:
            stub = connect(daemon.target)[1]
            listed = stub.ListAgents(service.ListAgentsRequest(page_size=1000), timeout=TIMEOUT).agents
            names = sorted(agent.name.rpartition("/")[2] for agent in listed)
            if names != sorted(told):
                faults.append(f"agents {names}, not {sorted(told)}")
            for name, facts in told.items():
                found = describe(full(stub, f"agents/{name}"))
                faults += [f"{name}: {what}" for what in differences(facts, found, facts["digest"])]
                # The last answers are known still.
                last = list(steps(name, facts["steps"] - STEPS, STEPS))[-1]
                if name != "clone" and stub.Step(last, timeout=TIMEOUT).step != facts["steps"] - 1:
                    faults.append(f"{name}: its last step was done again")
                play(stub, name, facts["steps"], MORE)
            if daemon.stop() != 0:
                faults.append(f"it did not stop in order: {daemon.log()}")
            daemon = start(folder)
            stub = connect(daemon.target)[1]
            for name, facts in told.items():
                found = describe(full(stub, f"agents/{name}"))
                found["steps"] -= MORE
                found["rewards"] -= MORE
                faults += [f"{name}, later: {what}" for what in differences(facts, found, facts["after"])]
        except grpc.RpcError as error:
            faults.append(f"{error.code().name} {error.details()}")
        finally:
            daemon.kill()
    return faults, len(told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="not used: the stores are as they are")
    parser.add_argument("--make", type=pathlib.Path, metavar="PATH.db", help="write a fixture and end")
    arguments = parser.parse_args()
    if arguments.make:
        make(arguments.make)
        return 0
    wrong = 0
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.db")):
        try:
            faults, agents = check(path)
        except RuntimeError as error:
            faults, agents = [str(error)], 0
        for fault in faults:
            print(f"{path.name}: {fault}")
        wrong += len(faults)
        name = f"{path.name}: of {agents} agents, what is not as it was told"
        row = {"name": name, "value": len(faults), "bound": "== 0", "pass": not faults}
        print("RESULT", json.dumps(row), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
