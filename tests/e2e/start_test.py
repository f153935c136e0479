#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How phasicd starts, where it listens, and when it refuses to."""

import os
import signal
import socket
import stat
import tempfile
import unittest

from daemon import PATIENCE, Daemon, bandit, refusal
from phasic.v1 import agent_service_pb2, server_service_pb2, server_service_pb2_grpc


class StartTest(unittest.TestCase):
    def test_it_says_where_it_listens_and_that_state_is_in_memory(self):
        with Daemon() as daemon:
            self.assertRegex(daemon.lines[0], r"^phasicd \d+\.\d+\.\d+ listens on 127\.0\.0\.1:\d+$")
            self.assertIn("in memory only", daemon.lines[1])
            bandit(daemon.agents())
            daemon.terminate()
            self.assertEqual(daemon.wait()[0], 0)

    def test_a_second_one_on_the_same_port_fails(self):
        with Daemon() as daemon:
            code, errors = refusal("--listen", daemon.addresses[0])
            self.assertEqual(code, 1)
            self.assertIn(f"cannot listen on {daemon.addresses[0]}", errors)
            # Nor by another name of the same address, nor beside a free one.
            port = daemon.addresses[0].rsplit(":", 1)[1]
            self.assertEqual(refusal("--listen", f"localhost:{port}")[0], 1)
            self.assertEqual(refusal("--insecure", "--listen", f"0.0.0.0:{port}")[0], 1)
            code, errors = refusal("--listen", f"127.0.0.1:0,127.0.0.1:{port}")
            self.assertEqual(code, 1)
            self.assertIn(f"cannot listen on 127.0.0.1:{port}", errors)
            bandit(daemon.agents())

    def test_beyond_loopback_needs_insecure(self):
        code, errors = refusal("--listen", "0.0.0.0:0")
        self.assertEqual(code, 2)
        self.assertIn("--insecure", errors)
        with Daemon("--listen=0.0.0.0:0", "--insecure") as daemon:
            port = daemon.addresses[0].rsplit(":", 1)[1]
            bandit(daemon.agents(f"127.0.0.1:{port}"))

    def test_several_addresses(self):
        with Daemon("--listen=127.0.0.1:0,127.0.0.2:0") as daemon:
            self.assertEqual(len(daemon.addresses), 2)
            bandit(daemon.agents(daemon.addresses[0]))
            request = agent_service_pb2.GetAgentRequest(name="agents/a")
            daemon.agents(daemon.addresses[1]).GetAgent(request, timeout=PATIENCE)

    def test_bad_flags_exit_with_2(self):
        for flags in [("--nope",), ("--listen", "nowhere"), ("--max-agents", "0")]:
            code, errors = refusal(*flags)
            self.assertEqual(code, 2, flags)
            self.assertEqual(errors.count("\n"), 1, errors)

    def test_limits_come_from_flags_and_environment(self):
        with Daemon("--max-agents=3", env={"PHASICD_MAX_TOTAL_BYTES": "1G", "PHASICD_MAX_AGENTS": "9"}) as daemon:
            stub = server_service_pb2_grpc.ServerServiceStub(daemon.channel())
            info = stub.GetServerInfo(server_service_pb2.GetServerInfoRequest(), timeout=PATIENCE)
            self.assertEqual(info.limits.max_agents, 3)
            self.assertEqual(info.limits.max_total_bytes, 1 << 30)
            self.assertEqual(info.store, "memory")


class UnixSocketTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "phasic.sock")

    def test_serves_beside_tcp(self):
        with Daemon("--unix", self.path) as daemon:
            self.assertEqual(daemon.addresses[1], f"unix:{self.path}")
            bandit(daemon.agents(daemon.addresses[1]))
            request = agent_service_pb2.StepRequest(name="agents/a", observation=[0])
            daemon.agents(daemon.addresses[0]).Step(request, timeout=PATIENCE)
            daemon.terminate()
            self.assertEqual(daemon.wait()[0], 0)
        self.assertFalse(os.path.exists(self.path))

    def test_serves_alone(self):
        with Daemon("--listen=none", "--unix", self.path) as daemon:
            self.assertEqual(daemon.addresses, [f"unix:{self.path}"])
            bandit(daemon.agents())

    def test_a_second_one_on_the_same_path_fails(self):
        with Daemon("--unix", self.path) as daemon:
            code, errors = refusal("--listen=127.0.0.1:0", "--unix", self.path)
            self.assertEqual(code, 1)
            self.assertIn("another server", errors)
            bandit(daemon.agents(daemon.addresses[1]))

    def test_a_socket_of_a_killed_server_is_taken_over(self):
        with Daemon("--unix", self.path) as daemon:
            daemon.terminate(signal.SIGKILL)
            daemon.wait()
        self.assertTrue(stat.S_ISSOCK(os.stat(self.path).st_mode))
        with Daemon("--unix", self.path) as daemon:
            bandit(daemon.agents(daemon.addresses[1]))

    def test_somebody_elses_socket_stays(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(self.path)
            other.listen()
            self.assertEqual(refusal("--listen=127.0.0.1:0", "--unix", self.path)[0], 1)
            self.assertTrue(os.path.exists(self.path))

    def test_a_file_stays(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("precious")
        self.assertEqual(refusal("--listen=127.0.0.1:0", "--unix", self.path)[0], 1)
        with open(self.path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")


if __name__ == "__main__":
    unittest.main()
