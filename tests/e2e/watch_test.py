#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Watching an agent from end to end: the Python client, the command line, and a server that goes down."""

import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

import phasic
from daemon import PATIENCE, Daemon

BIN = pathlib.Path(os.environ["PHASIC_BIN"])
PHASIC = BIN / "phasic"
SPACES = {"observation": phasic.Discrete(1), "action": phasic.Discrete(2)}


def moments(glimpses, count):
    """The first so many moments, and the glimpses until then."""
    seen, so_far = [], []
    for glimpse in glimpses:
        so_far.append(glimpse)
        seen += glimpse.moments
        if len(seen) >= count:
            break
    return seen, so_far


class WatchTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.daemon = self.enterContext(Daemon(f"--store=sqlite://{self.folder.name}/phasic.db", "--hibernate-after=1"))
        self.client = phasic.connect(self.daemon.addresses[0])
        self.addCleanup(self.client.close)
        self.agent = self.client.create_agent("bandit", spaces=SPACES, seed=1)

    def test_steps_and_rewards_are_told(self):
        glimpses = self.agent.watch(max_rate=100)
        first = next(glimpses)
        self.assertEqual((first.moments, first.dropped, first.stats.steps), ([], 0, 0))
        taken = [self.agent.step(0, 0.5).action for _ in range(3)]
        self.agent.reward(2)
        seen, so_far = moments(glimpses, 4)
        self.assertEqual([m.step for m in seen], [0, 1, 2, None])
        self.assertEqual([int(m.action[0]) for m in seen[:3]], taken)
        self.assertEqual(seen[3].next_step, 3)
        [reward] = seen[3].rewards
        self.assertEqual((reward.values, reward.disposition), ((2.0,), "applied"))
        self.assertIn("policy_weights.weights", so_far[-1].weights)
        self.assertEqual(so_far[-1].stats.steps, 3)

    def test_an_agent_that_sleeps_is_watched_and_not_woken(self):
        glimpses = self.agent.watch(max_rate=100)
        next(glimpses)
        self.agent.step(0)
        moments(glimpses, 1)
        end = time.monotonic() + PATIENCE
        while self.agent.refresh().stats.residency != "hibernated":
            self.assertLess(time.monotonic(), end, "it never sleeps")
            time.sleep(0.1)
        time.sleep(0.5)
        self.assertEqual(self.agent.refresh().stats.residency, "hibernated")
        self.agent.step(0)
        seen, _ = moments(glimpses, 1)
        self.assertEqual([m.step for m in seen], [1])

    def test_whoever_watches_is_told_the_end(self):
        glimpses = self.agent.watch()
        next(glimpses)
        self.agent.delete()
        with self.assertRaises(phasic.NotFound):
            list(glimpses)
        other = self.client.create_agent("bandit", spaces=SPACES)
        glimpses = other.watch()
        next(glimpses)
        begin = time.monotonic()
        self.daemon.terminate()
        with self.assertRaises(phasic.Unavailable) as caught:
            list(glimpses)
        self.assertEqual(caught.exception.reason, "DRAINING")
        code, errors = self.daemon.wait()
        self.assertEqual(code, 0, errors)
        self.assertLess(time.monotonic() - begin, PATIENCE / 2)

    def test_nonsense_is_refused(self):
        with self.assertRaisesRegex(ValueError, "smell.*actions"):
            self.agent.watch(["smell"])
        with self.assertRaises(phasic.InvalidArgument) as caught:
            next(self.agent.watch(max_rate=-1))
        self.assertEqual([v.field for v in caught.exception.violations], ["max_rate"])

    def test_the_command_line(self):
        command = [PHASIC, "--server", self.daemon.addresses[0], "agents", "watch", self.agent.id]
        one = subprocess.run([*command, "--messages=1"], capture_output=True, text=True, timeout=PATIENCE, check=True)
        self.assertRegex(one.stdout, r"^now at step 0 .*\|policy_weights\.weights\| ")

        stop = threading.Event()

        def step():
            while not stop.wait(0.01):
                self.agent.step(0, 1.0)

        stepping = threading.Thread(target=step)
        stepping.start()
        try:
            flags = ["--json", "--topic=rewards", "--topic=actions", "--stride=2", "--rate=50", "--messages=3"]
            told = subprocess.run([*command, *flags], capture_output=True, text=True, timeout=PATIENCE, check=True)
        finally:
            stop.set()
            stepping.join()
        documents, text = [], told.stdout.strip()
        while text:
            document, end = json.JSONDecoder().raw_decode(text)
            documents.append(document)
            text = text[end:].strip()
        self.assertEqual(len(documents), 3)
        seen = [moment for document in documents for moment in document["moments"]]
        self.assertTrue(seen)
        for moment in seen:
            self.assertEqual(moment["step"] % 2, 0)
            self.assertEqual(moment["rewards"][0]["values"], [1])
            self.assertEqual(len(moment["action"]), 1)


if __name__ == "__main__":
    unittest.main()
