#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That a disk which fails loses nothing that was acknowledged, and that the server goes on by itself when it is good
again.

Clients load a server as in `crash`. Then its store's disk fails for a while: each kind of write is answered with EIO
or ENOSPC by a library between the server and the system (failing_disk.cc), after half of it was written; and a small
tmpfs is really full, where this may mount one. While the fault lasts, calls that need the store are answered
UNAVAILABLE STORE_UNAVAILABLE, health is NOT_SERVING, and EPHEMERAL agents learn on. When it goes, health is SERVING
again without help, the clients ask again for what was not answered, and every agent must be as on a reference server:
in the same process, and after a kill -9. """

import argparse
import collections
import concurrent.futures
import errno
import json
import mmap
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from phasic.daemon import Daemon
from phasic.errors import from_rpc
from phasic.v1 import agent_pb2, agent_service_pb2 as service, agent_service_pb2_grpc

from crash import Run
from ledger import TIMEOUT, Fault, creation

CLIENTS, EPISODES = 6, 3
LOAD, LENGTH = 1.5, 1.0  # seconds before, and of, a fault
RESUMES = 5.0  # seconds at most from the end of a fault to an acknowledged step
JOURNAL, OTHER, SYNC, TRUNCATE, OPEN = 1, 2, 4, 8, 16  # as in failing_disk.cc
ALL = JOURNAL | OTHER | SYNC | TRUNCATE | OPEN
FAULTS = {
    "EIO, journal writes": (JOURNAL, errno.EIO),
    "ENOSPC, journal writes": (JOURNAL, errno.ENOSPC),
    "EIO, syncs": (SYNC, errno.EIO),
    "EIO, other writes": (OTHER, errno.EIO),
    "ENOSPC, other writes": (OTHER, errno.ENOSPC),
    "EIO, truncation": (TRUNCATE, errno.EIO),
    "EIO, opening files": (OPEN, errno.EIO),
    "EIO, everything": (ALL, errno.EIO),
    "ENOSPC, everything": (ALL, errno.ENOSPC),
}
MUST_HIT = ("writes", "syncs", "everything", "tmpfs")
TMPFS_BYTES = 128 << 20
LOG_BYTES = 1 << 20  # more than a daemon ever says here
PROBES = {
    "kept": agent_pb2.JOURNALED,
    "brief": agent_pb2.EPHEMERAL,
    "large": agent_pb2.JOURNALED,
    "doomed": agent_pb2.JOURNALED,
}
HIDDEN = 512


class FailingDisk:
    """The folder's files, when the server is started with this environment."""

    def __init__(self, library, folder, kinds, code):
        self.kinds, self.code = kinds, code
        path = f"{folder}/control"
        with open(path, "wb") as file:
            file.write(bytes(16))
        with open(path, "r+b") as file:
            self.control = mmap.mmap(file.fileno(), 16)
        self.environment = {
            "LD_PRELOAD": library,
            "PHASIC_DISK_PREFIX": f"{folder}/phasic.db",
            "PHASIC_DISK_CONTROL": path,
            # Of a server with sanitizers: not being the first library is as it should be here.
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }

    def fail(self):
        self.control[4:8] = struct.pack("i", self.code)
        self.control[0:4] = struct.pack("i", self.kinds)

    def heal(self):
        self.control[0:4] = struct.pack("i", 0)

    def hits(self):
        return struct.unpack("q", self.control[8:16])[0]


class FullDisk:
    """A tmpfs, which is full but for a page when it fails."""

    environment = {}

    def __init__(self, folder):
        self.filler = pathlib.Path(folder) / "filler"

    def fail(self):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC

    def heal(self):
        self.filler.unlink()

    def hits(self):
        return 1


class Probe:
    """Agents of its own: one that needs the store, one that does not, and one whose snapshots are so large that
    the journal is written back to the store's file again and again."""

    def __init__(self, target):
        self.channel = grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        self.stub = agent_service_pb2_grpc.AgentServiceStub(self.channel)
        self.snapshots = 0
        for name, durability in PROBES.items():
            request = creation(name, "reinforce", durability, 1)
            if name == "large":
                request.agent.preset.parameters["hidden"].number_value = HIDDEN
                request.agent.preset.spaces["observation"].box.shape[0] = HIDDEN
            try:
                self.stub.CreateAgent(request, timeout=TIMEOUT)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.ALREADY_EXISTS, error

    def call(self, method, request):
        """The reason for which it was not done; empty when it was."""
        try:
            getattr(self.stub, method)(request, timeout=TIMEOUT)
            return ""
        except grpc.RpcError as error:
            return from_rpc(error, method).reason or error.code().name

    def step(self, name):
        return self.call("Step", service.StepRequest(name=f"agents/{name}", observation=[0.5] * 4))

    def snapshot(self):
        """Stores a snapshot and deletes the one before; asked again it finds its own."""
        name = f"s{self.snapshots}"
        made = service.CreateSnapshotRequest(parent="agents/large", snapshot_id=name, request_id=name)
        reason = self.call("CreateSnapshot", made)
        if reason:
            return reason
        reason = self.call("DeleteSnapshot", service.DeleteSnapshotRequest(name=f"agents/large/snapshots/{name}"))
        self.snapshots += reason == ""
        return reason

    def delete(self):
        """What is wrong when it is asked for twice: once refused, it is not done, or it could come back."""
        request = service.DeleteAgentRequest(name="agents/doomed")
        first, second = self.call("DeleteAgent", request), self.call("DeleteAgent", request)
        if first == "STORE_UNAVAILABLE" and second == "AGENT_NOT_FOUND":
            return ["a deletion that is not kept was told as done"]
        return []

    def is_serving(self):
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        return check(b"", timeout=TIMEOUT) == b"\x08\x01"


class Tally:
    def __init__(self):
        self.refused = self.not_serving = self.hits = 0
        self.resumed = 0.0
        self.wrong = []


def recoveries(daemon):
    """How often the store was good again. One that is full is, for a while: proving it empties its log."""
    return daemon.log(most=LOG_BYTES).count("the store is good again")


def episode(run, disk, daemon, tally):
    """Load, a fault, and what came of it; the clients end with what they were not told."""
    failing, end = threading.Event(), threading.Event()
    probe = Probe(daemon.target)
    jobs = [run.pool.submit(ledger.run, daemon.target, failing, end) for ledger in run.ledgers]
    concurrent.futures.wait(jobs, LOAD, concurrent.futures.FIRST_EXCEPTION)
    failing.set()
    disk.fail()
    try:
        until = time.monotonic() + LENGTH
        while time.monotonic() < until:
            recovered = recoveries(daemon)
            reason = probe.step("kept") or probe.snapshot()
            if reason:
                tally.refused += 1
                if reason != "STORE_UNAVAILABLE":
                    tally.wrong.append(f"refused with {reason}")
                if not probe.is_serving():
                    tally.not_serving += 1
                elif recoveries(daemon) == recovered:
                    tally.wrong.append("SERVING after a step was refused, and not good again in between")
                tally.wrong += probe.delete()
            reason = probe.step("brief")
            if reason:
                tally.wrong.append(f"an EPHEMERAL agent's step: {reason}")
            time.sleep(0.02)
        end.set()
        for job in jobs:
            job.result()
    finally:
        end.set()
        disk.heal()
    healed = time.monotonic()
    while not probe.is_serving() or probe.step("kept"):
        if time.monotonic() > healed + 4 * RESUMES:
            tally.wrong.append("never resumed")
            return
        time.sleep(0.02)
    tally.resumed = max(tally.resumed, time.monotonic() - healed)
    for ledger in run.ledgers:
        tally.wrong += [f"a client was refused with {r!r}" for r in ledger.refusals if r != "STORE_UNAVAILABLE"]


def agree(run, target):
    """Everybody asks again and compares."""
    never, now = threading.Event(), threading.Event()
    now.set()
    run.each(lambda ledger: ledger.run(target, never, now))


def play(name, folder, disk, seed):
    """One fault, several times; then all must agree in the same process and in the next."""
    tally = Tally()
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    with Daemon(binary, arguments=["--store=memory:"]) as reference:
        run = Run(folder, reference.target, seed, CLIENTS, disk.environment)
        daemon = None
        try:
            daemon = run.start(others=PROBES)
            for _ in range(EPISODES):
                episode(run, disk, daemon, tally)
                agree(run, daemon.target)
            kept = Probe(daemon.target).stub.GetAgent(
                service.GetAgentRequest(name="agents/kept", view=agent_pb2.FULL), timeout=TIMEOUT
            )
            daemon.kill()
            run.each(lambda ledger: ledger.crashed(time.monotonic()))
            daemon = run.start(others=PROBES)
            agree(run, daemon.target)
            again = Probe(daemon.target).stub.GetAgent(
                service.GetAgentRequest(name="agents/kept", view=agent_pb2.FULL), timeout=TIMEOUT
            )
            if again.digest != kept.digest:
                tally.wrong.append("the probe's agent is another after kill -9")
            code = daemon.stop()
            if code != 0:
                tally.wrong.append(f"exit code {code}: {daemon.log()}")
        except (Fault, RuntimeError) as fault:
            tally.wrong.append(str(fault))
        finally:
            tally.hits = disk.hits()
            if daemon is not None:
                daemon.kill()
    total = run.total()
    print(
        f"{name}: {tally.hits} hits, {tally.refused} refused, resumed after {tally.resumed:.2f} s; "
        f"{total['retries']} asked again, {total['digests']} digests, {total['Step']} steps",
        flush=True,
    )
    for what, count in collections.Counter(tally.wrong).items():
        print(f"  {count} x {what}", flush=True)
    return tally


def results(name, tally):
    must = any(what in name for what in MUST_HIT)
    yield f"{name}: promises broken", len(tally.wrong), "== 0", not tally.wrong
    if must:
        yield f"{name}: calls refused, health NOT_SERVING", tally.not_serving, ">= 1", tally.not_serving >= 1
    yield f"{name}: s until it resumed", round(tally.resumed, 3), f"<= {RESUMES:g}", tally.resumed <= RESUMES


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="faults whose name contains this")
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as temporary:
        temporary = pathlib.Path(temporary)
        library = str(temporary / "failing_disk.so")
        source = pathlib.Path(__file__).parent / "failing_disk.cc"
        compiler = [os.environ.get("CXX", "g++"), "-std=c++20", "-O1", "-shared", "-fPIC"]
        subprocess.run([*compiler, "-o", library, source, "-ldl"], check=True)
        cases = {name: (lambda f, k=kinds: FailingDisk(library, f, *k)) for name, kinds in FAULTS.items()}
        cases["ENOSPC, a full tmpfs"] = FullDisk
        for number, (name, make) in enumerate(cases.items()):
            if arguments.only and arguments.only not in name:
                continue
            folder = temporary / str(number)
            folder.mkdir()
            mounted = make is FullDisk
            if mounted:
                mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)]
                if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
                    print(f"{name}: left out; this user may not mount one")
                    continue
            try:
                tally = play(name, folder, make(folder), arguments.seed)
            finally:
                if mounted:
                    subprocess.run(["umount", str(folder)], check=True)
            for what, value, bound, right in results(name, tally):
                good &= right
                print("RESULT", json.dumps({"name": what, "value": value, "bound": bound, "pass": right}), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
