# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping a server of one's own."""

import os
import pathlib
import socket
import tempfile
import unittest

import phasic
from phasic.daemon import Daemon, free_target, is_taken

FAKE = pathlib.Path(__file__).resolve().parent / "fake_phasicd.py"


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class DaemonTest(unittest.TestCase):
    def test_start_and_stop(self):
        with Daemon(FAKE) as daemon:
            pid = daemon.pid
            with phasic.connect(daemon.target) as client:
                self.assertEqual(client.info().store, "memory")
        self.assertFalse(is_alive(pid))
        with self.assertRaises(phasic.Unavailable):
            phasic.connect(daemon.target)

    def test_given_target(self):
        target = free_target()
        with Daemon(FAKE, target) as daemon:
            self.assertEqual(daemon.target, target)
            phasic.connect(target).close()

    def test_a_taken_address_is_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            target = f"127.0.0.1:{listener.getsockname()[1]}"
            with self.assertRaisesRegex(RuntimeError, f"{target} is taken"):
                Daemon(FAKE, target).start()

    def test_who_listens(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
            path = f"{folder}/socket"
            self.assertFalse(is_taken(f"unix:{path}"))
            listener.bind(path)
            listener.listen()
            self.assertTrue(is_taken(f"unix:{path}"))
        self.assertFalse(is_taken(free_target()))

    def test_stop_returns_the_exit_code(self):
        daemon = Daemon(FAKE, arguments=["--exit-code=4"]).start()
        self.assertEqual(daemon.stop(), 4)
        self.assertEqual(daemon.stop(), 4)
        self.assertEqual(Daemon(FAKE).stop(), 0)

    def test_a_start_that_fails_says_why(self):
        with self.assertRaisesRegex(RuntimeError, "exit code 3:\nthe disk is on fire"):
            Daemon(FAKE, arguments=["--fail-at-start"]).start()
        with self.assertRaisesRegex(RuntimeError, "No such file"):
            Daemon("/nowhere/phasicd").start()
        with self.assertRaisesRegex(RuntimeError, "not started"):
            Daemon(FAKE).pid

    def test_a_server_that_does_not_answer_is_killed(self):
        daemon = Daemon(FAKE, arguments=["--deaf"])
        with self.assertRaisesRegex(RuntimeError, "did not answer in 0.5 s"):
            daemon.start(timeout=0.5)
        self.assertFalse(is_alive(daemon.pid))

    def test_a_server_that_does_not_end_is_killed(self):
        daemon = Daemon(FAKE, arguments=["--ignore-sigterm"]).start()
        with self.assertRaisesRegex(RuntimeError, "did not end"):
            daemon.stop(timeout=0.3)
        self.assertFalse(is_alive(daemon.pid))


if __name__ == "__main__":
    unittest.main()
