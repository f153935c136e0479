#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Agents outlive phasicd: its sudden end, its end in order, and their own sleep."""

import pathlib
import signal
import tempfile
import unittest

import grpc

from daemon import PATIENCE, Daemon, bandit, details, eventually, refusal
from phasic.v1 import agent_pb2, agent_service_pb2, server_service_pb2, server_service_pb2_grpc


def step(stub, name="agents/a", **more):
    request = agent_service_pb2.StepRequest(name=name, observation=[0], **more)
    request.rewards.add(value=0.5)
    return stub.Step(request, timeout=PATIENCE)


def get(stub, name="agents/a"):
    return stub.GetAgent(agent_service_pb2.GetAgentRequest(name=name, view=agent_pb2.FULL), timeout=PATIENCE)


class StoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "deep" / "phasic.db"
        self.store = f"--store=sqlite://{self.path}"

    def test_what_was_answered_survives_a_kill(self):
        with Daemon(self.store) as daemon:
            self.assertIn(str(self.path), daemon.lines[1])
            stub = daemon.agents()
            made = bandit(stub)
            self.assertEqual(made.durability, agent_pb2.JOURNALED)
            answers = [step(stub, request_id=f"q{i}") for i in range(20)]
            digest = get(stub).digest
            daemon.terminate(signal.SIGKILL)
            daemon.wait()
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            listed = stub.ListAgents(agent_service_pb2.ListAgentsRequest(), timeout=PATIENCE).agents
            self.assertEqual([agent.stats.residency for agent in listed], [agent_pb2.HIBERNATED])
            again = step(stub, request_id="q19")
            self.assertEqual(again, answers[19], "a retry is answered from memory")
            agent = get(stub)
            self.assertEqual((agent.uid, agent.incarnation, agent.digest), (made.uid, made.incarnation, digest))
            self.assertEqual(agent.stats.steps, 20)
            self.assertEqual(agent.stats.residency, agent_pb2.RESIDENT)
            daemon.terminate()
            code, errors = daemon.wait()
            self.assertEqual(code, 0, errors)
        with Daemon(self.store) as daemon:
            self.assertEqual(get(daemon.agents()).digest, digest)
            info = server_service_pb2_grpc.ServerServiceStub(daemon.channel()).GetServerInfo(
                server_service_pb2.GetServerInfoRequest(), timeout=PATIENCE
            )
            self.assertEqual((info.store, info.load.agents), ("sqlite", 1))
            self.assertEqual(info.load.journal_bytes, 0, "the end in order stores states")

    def test_streams_and_batches_wake_agents_in_their_order(self):
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            uids = [bandit(stub, name).uid for name in ("a", "b")]
            daemon.terminate(signal.SIGKILL)
            daemon.wait()
        with Daemon(self.store) as daemon:
            stub = daemon.agents()

            def requests():
                for i in range(100):
                    request = agent_service_pb2.InteractRequest(id=i)
                    if i % 2 == 0:
                        request.step.name = "agents/a"
                        request.step.observation.append(0)
                        request.step.step = i
                    else:
                        request.batch_step.uid.extend(uids)
                        request.batch_step.observation.extend([0, 0])
                        request.batch_step.step.extend([i, i // 2])
                    yield request

            answers = list(stub.Interact(requests(), timeout=PATIENCE))
            self.assertEqual([answer.id for answer in answers], list(range(100)))
            for answer in answers:
                self.assertNotEqual(answer.WhichOneof("result"), "error", answer)
                self.assertEqual(len(answer.batch_step.failures), 0, answer)
            self.assertEqual(get(stub).stats.steps, 100)
            self.assertEqual(get(stub, "agents/b").stats.steps, 50)

    def test_a_batch_that_takes_long_wakes_whom_it_has_to(self):
        names = [f"a{i}" for i in range(24)]
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            uids = [bandit(stub, name).uid for name in names]
            daemon.terminate(signal.SIGKILL)
            daemon.wait()
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            awake = names[::3]
            for name in awake:
                step(stub, f"agents/{name}")
            request = agent_service_pb2.BatchStepRequest(
                uid=uids, observation=[0] * len(uids), ticks=200, step=[int(name in awake) for name in names]
            )
            answer = stub.BatchStep(request, timeout=PATIENCE)
            self.assertEqual(len(answer.failures), 0, answer)
            for name in names:
                self.assertEqual(get(stub, f"agents/{name}").stats.steps, 1 + (name in awake))

    def test_idle_agents_sleep_and_wake_as_they_were(self):
        with Daemon(self.store, "--hibernate-after=0.2") as daemon:
            stub = daemon.agents()
            bandit(stub)
            step(stub)
            digest = get(stub).digest
            server = server_service_pb2_grpc.ServerServiceStub(daemon.channel())

            def resident():
                request = server_service_pb2.GetServerInfoRequest()
                return server.GetServerInfo(request, timeout=PATIENCE).load.resident_agents

            eventually(lambda: resident() == 0, "asleep")
            self.assertEqual(get(stub).digest, digest)
            self.assertEqual(step(stub).step, 1)

    def test_a_second_server_is_refused(self):
        with Daemon(self.store):
            code, errors = refusal("--listen=127.0.0.1:0", self.store)
            self.assertEqual(code, 1)
            self.assertIn(str(self.path), errors)
            self.assertIn("another process", errors)

    def test_a_backup_is_a_store(self):
        copy = self.path.parent / "copy.db"
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            bandit(stub)
            step(stub)
            digest = get(stub).digest
            server = server_service_pb2_grpc.ServerServiceStub(daemon.channel())
            chunks = server.BackupStore(server_service_pb2.BackupStoreRequest(), timeout=PATIENCE)
            copy.write_bytes(b"".join(chunk.data for chunk in chunks))
            step(stub)
        with Daemon(f"--store=sqlite://{copy}") as daemon:
            self.assertEqual(get(daemon.agents()).digest, digest)

    def test_a_file_that_is_no_store_is_refused_and_stays(self):
        self.path.parent.mkdir()
        self.path.write_bytes(b"not a database" * 1000)
        code, errors = refusal("--listen=127.0.0.1:0", self.store)
        self.assertEqual(code, 1)
        self.assertIn(str(self.path), errors)
        self.assertEqual(self.path.read_bytes(), b"not a database" * 1000)

    def test_the_deleted_stay_deleted(self):
        with Daemon(self.store) as daemon:
            stub = daemon.agents()
            bandit(stub)
            stub.DeleteAgent(agent_service_pb2.DeleteAgentRequest(name="agents/a"), timeout=PATIENCE)
            daemon.terminate(signal.SIGKILL)
            daemon.wait()
        with Daemon(self.store) as daemon:
            with self.assertRaises(grpc.RpcError) as raised:
                step(daemon.agents())
            _, found = details(raised.exception)
            self.assertEqual(found["ErrorInfo"].reason, "AGENT_NOT_FOUND")


if __name__ == "__main__":
    unittest.main()
