#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That kill -9 at any moment loses nothing that was acknowledged, and that nothing is done twice.

16 clients create, step (alone, in streams, in batches), reward, reset, freeze, clone and delete agents of every
durability; at a random moment the server is killed, and started again on the same store. The clients ask again for
what was under way. Then every JOURNALED and SYNCED agent must be as on a reference server that got the same inputs
and was never killed: every answer, every digest, every count. SNAPSHOT agents lose at most their period, EPHEMERAL
ones are gone, deleted ones stay so. In some rounds agents leave memory after 0.1 s without a call. At the end the
server stops in order: then nothing is lost. """

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
from unittest import mock

from phasic.daemon import Daemon
from phasic.v1 import agent_service_pb2 as service

from ledger import SOFT_SLACK, TIMEOUT, Fault, Ledger, connect

ROUNDS, CLIENTS = 200, 16
PERIOD = 1.0  # of SNAPSHOT agents, seconds
LONGEST = 2.5  # until a server is killed, seconds


class Run:
    """Clients, and the servers that they meet on one store."""

    def __init__(self, folder, reference, seed, clients, environment=None):
        self.binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
        self.folder, self.random = folder, random.Random(seed)
        self.environment = environment or {}
        self.ledgers = [Ledger(n, seed, reference, PERIOD) for n in range(clients)]
        self.pool = concurrent.futures.ThreadPoolExecutor(clients)
        self.start_seconds = []

    def start(self, others=()):
        """A server; `others` are agents that may be there beside the clients'."""
        sleepy = self.random.random() < 0.5
        daemon = Daemon(
            self.binary,
            f"unix:{self.folder}/phasic.sock",
            [
                f"--store=sqlite://{self.folder}/phasic.db",
                f"--snapshot-period={PERIOD:g}",
                f"--hibernate-after={0.1 if sleepy else 600:g}",
            ],
        )
        begin = time.monotonic()
        with mock.patch.dict(os.environ, self.environment):
            daemon.start()
        self.start_seconds.append(time.monotonic() - begin)
        self.check_list(daemon.target, others)
        return daemon

    def check_list(self, target, others):
        """Who was made is there, who was deleted is not."""
        channel, stub = connect(target)
        found, token = set(), ""
        while True:
            page = stub.ListAgents(service.ListAgentsRequest(page_size=1000, page_token=token), timeout=TIMEOUT)
            found |= {agent.name.rpartition("/")[2] for agent in page.agents}
            token = page.next_page_token
            if not token:
                break
        channel.close()
        both = [ledger.may_exist() for ledger in self.ledgers]
        must, may = (set().union(*sets) for sets in zip(*both))
        missing, excess = sorted(must - found), sorted(found - may - set(others))
        if missing or excess:
            raise Fault(f"agents missing: {missing}; agents too many: {excess}")

    def each(self, function):
        for job in [self.pool.submit(function, ledger) for ledger in self.ledgers]:
            job.result()

    def round(self):
        """Load, and a kill in the middle of it."""
        killed, never = threading.Event(), threading.Event()
        daemon = self.start()
        for ledger in self.ledgers:
            ledger.resolved.clear()
        jobs = [self.pool.submit(ledger.run, daemon.target, killed, never) for ledger in self.ledgers]
        try:
            life = self.random.choice([0.1, LONGEST]) * self.random.random()
            if self.random.random() < 0.7:
                # The other times it may be killed while the clients ask again.
                self.await_resolved(jobs)
            concurrent.futures.wait(jobs, life, concurrent.futures.FIRST_EXCEPTION)
        finally:
            killed.set()
            killed_at = time.monotonic()
            daemon.kill()
        for job in jobs:
            job.result()
        self.each(lambda ledger: ledger.crashed(killed_at))

    def await_resolved(self, jobs):
        for ledger, job in zip(self.ledgers, jobs):
            while not ledger.resolved.wait(0.05) and not job.done():
                pass

    def last_round(self):
        """A stop in order; then nothing at all is lost. Returns the exit code."""
        killed, now = threading.Event(), threading.Event()
        daemon = self.start()
        jobs = [self.pool.submit(ledger.run, daemon.target, killed, now) for ledger in self.ledgers]
        concurrent.futures.wait(jobs, LONGEST, concurrent.futures.FIRST_EXCEPTION)
        now.set()
        for job in jobs:
            job.result()
        code = daemon.stop()
        self.each(lambda ledger: ledger.crashed(time.monotonic()))
        lost = self.total()["SNAPSHOT steps lost"]
        daemon = self.start()
        try:
            self.each(lambda ledger: ledger.run(daemon.target, killed, now))
        finally:
            daemon.stop()
        return code, self.total()["SNAPSHOT steps lost"] - lost

    def total(self):
        return sum((ledger.counts for ledger in self.ledgers), collections.Counter())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    arguments = parser.parse_args()
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    faults, rounds, code, lost = [], 0, None, None
    with tempfile.TemporaryDirectory() as folder, Daemon(binary, arguments=["--store=memory:"]) as reference:
        run = Run(folder, reference.target, arguments.seed, arguments.clients)
        begin = time.monotonic()
        try:
            while rounds < arguments.rounds:
                run.round()
                rounds += 1
                if rounds % 10 == 0:
                    store = sum(f.stat().st_size for f in pathlib.Path(folder).glob("phasic.db*"))
                    print(
                        f"round {rounds}, {time.monotonic() - begin:.0f} s, {run.total()['digests']} digests, "
                        f"store {store / 1e6:.1f} MB",
                        flush=True,
                    )
            code, lost = run.last_round()
        except (Fault, RuntimeError) as fault:
            print(f"round {rounds}: {fault}")
            faults.append(fault)
        total = run.total()
        oldest = max(ledger.oldest_lost for ledger in run.ledgers)
    print("; ".join(f"{count} {what}" for what, count in sorted(total.items())))
    starts = run.start_seconds or [0.0]
    print(f"starts took {sum(starts) / len(starts):.2f} s, at most {max(starts):.2f} s")
    enough, retries = arguments.rounds * arguments.clients, total["retries"]
    rows = [
        ("rounds of kill -9", rounds, f"== {arguments.rounds}", rounds == arguments.rounds),
        (
            "answers, digests and counts that differ from the reference's, or are missing",
            len(faults),
            "== 0",
            not faults,
        ),
        ("digests compared", total["digests"], f">= {enough}", total["digests"] >= enough),
        (
            "calls asked again that were under way",
            retries,
            f">= {arguments.rounds}",
            retries >= arguments.rounds,
        ),
        (
            f"oldest acknowledged step that a SNAPSHOT agent lost, s (period {PERIOD:g} s)",
            round(oldest, 3),
            f"<= {PERIOD + SOFT_SLACK:g}",
            oldest <= PERIOD + SOFT_SLACK,
        ),
        ("SNAPSHOT steps lost by a stop in order", -1 if lost is None else lost, "== 0", lost == 0),
        ("exit code of a stop in order", -1 if code is None else code, "== 0", code == 0),
    ]
    for name, value, bound, good in rows:
        print("RESULT", json.dumps({"name": name, "value": value, "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
