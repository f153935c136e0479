# SPDX-License-Identifier: Apache-2.0
"""Connecting, agents as resources, circuits and the server's own words."""

import socket
import threading
import unittest

import grpc
import phasic
from fake_server import FakeServer
from phasic.envs import CartPole, VectorCartPole


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target, retry=phasic.Retry(first_wait=0.01))
        self.addCleanup(self.client.close)

    def test_nobody_there(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            with self.assertRaisesRegex(phasic.Unavailable, "no phasic server answers at 127.0.0.1"):
                phasic.connect(f"127.0.0.1:{free.getsockname()[1]}")

    def test_waits_for_a_server(self):
        late = FakeServer()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        timer = threading.Timer(0.4, lambda: late.start(port))
        timer.start()
        with phasic.connect(f"127.0.0.1:{port}", wait=20) as client:
            self.assertEqual(client.info().api_version, "v1")
        timer.join()
        late.stop()

    def test_port_is_added(self):
        client = phasic.Client("somewhere", timeout=1, retry=phasic.Retry())
        self.assertEqual(client.target, "somewhere:50051")
        client.close()

    def test_create_says_everything(self):
        agent = self.client.create_agent(
            "echo",
            agent_id="one",
            env=CartPole(),
            spaces={"action": phasic.Discrete(3)},
            parameters={"rate": 0.5, "kind": "a", "on": True, "bins": (4, 7)},
            labels={"env": "cartpole"},
            seed=0,
            mode="frozen",
        )
        self.assertEqual((agent.id, agent.preset, agent.seed, agent.mode), ("one", "echo", 0, "frozen"))
        self.assertEqual(agent.labels, {"env": "cartpole"})
        self.assertEqual(agent.parameters, {"rate": 0.5, "kind": "a", "on": True, "bins": [4, 7]})
        self.assertEqual([port.name for port in agent.ports], ["observation", "action"])
        self.assertEqual(agent.ports[0].space, CartPole().observation_space)
        self.assertEqual(agent.ports[1].space, phasic.Discrete(3))
        self.assertEqual(agent.channels, (phasic.Channel("reward", "raw", 1),))

    def test_create_without_a_seed_gets_one(self):
        self.assertEqual(self.client.create_agent("echo").seed, 7)

    def test_create_is_tried_again_and_makes_one_agent(self):
        self.server.fail("CreateAgent", done=True)
        agent = self.client.create_agent("echo")
        self.assertEqual(self.server.calls["CreateAgent"], 2)
        self.assertEqual([agent.id], list(self.server.agents))

    def test_create_from_a_circuit(self):
        spec = self.client.circuit("echo").spec
        self.assertEqual(spec["outputs"][0]["decoder"], "index")
        agent = self.client.create_agent(circuit=spec)
        self.assertEqual(self.server.agents[agent.id].message.circuit.outputs[0].source, "out")
        with self.assertRaisesRegex(ValueError, "circuit: .*outputz"):
            self.client.create_agent(circuit={"outputz": []})

    def test_create_takes_one_source(self):
        with self.assertRaisesRegex(ValueError, "either"):
            self.client.create_agent()
        with self.assertRaisesRegex(ValueError, "either"):
            self.client.create_agent("echo", circuit={})
        with self.assertRaisesRegex(ValueError, "preset"):
            self.client.create_agent(circuit={}, parameters={"rate": 1})

    def test_create_names_the_faulty_field(self):
        with self.assertRaises(phasic.InvalidArgument) as caught:
            self.client.create_agent("nothing")
        self.assertEqual(caught.exception.violations[0].field, "agent.preset.preset")
        self.assertEqual(self.server.calls["CreateAgent"], 1)

    def test_exist_ok(self):
        self.client.create_agent("echo", agent_id="one")
        with self.assertRaises(phasic.AlreadyExists):
            self.client.create_agent("echo", agent_id="one")
        self.assertEqual(self.client.create_agent("echo", agent_id="one", exist_ok=True).id, "one")
        with self.assertRaises(phasic.AlreadyExists):
            self.client.create_agent(circuit={}, agent_id="one", exist_ok=True)

    def test_agents_follows_the_pages(self):
        for name in ("c", "a", "b"):
            self.client.create_agent("echo", agent_id=name)
        self.assertEqual([agent.id for agent in self.client.agents()], ["a", "b", "c"])
        self.assertEqual(self.server.calls["ListAgents"], 3)

    def test_get_by_id_and_by_name(self):
        made = self.client.create_agent("echo", agent_id="one")
        self.assertEqual(self.client.agent("one").uid, made.uid)
        self.assertEqual(self.client.agent(made.name).uid, made.uid)
        with self.assertRaises(phasic.NotFound) as caught:
            self.client.agent("two")
        self.assertEqual(caught.exception.reason, "AGENT_NOT_FOUND")
        self.assertEqual(caught.exception.resource, "agents/two")

    def test_reading_is_tried_again_a_bounded_number_of_times(self):
        self.client.create_agent("echo", agent_id="one")
        for _ in range(3):
            self.server.fail("GetAgent")
        self.client.agent("one")
        self.assertEqual(self.server.calls["GetAgent"], 4)
        for _ in range(20):
            self.server.fail("GetAgent")
        with self.assertRaises(phasic.Unavailable) as caught:
            self.client.agent("one")
        self.assertEqual(caught.exception.tries, phasic.Retry().tries)

    def test_circuits(self):
        (listed,) = self.client.circuits()
        self.assertEqual((listed.name, listed.spec, listed.components), ("echo", {}, ()))
        self.assertEqual(listed.parameters[0].name, "rate")
        self.assertTrue(listed.parameters[0].live)
        full = self.client.circuit("echo")
        self.assertEqual(full.spaces, {"observation": phasic.Discrete(2)})
        self.assertEqual(full.components[0].kind, "decoder")
        with self.assertRaises(phasic.NotFound):
            self.client.circuit("none")
        self.assertEqual([c.name for c in self.client.components("decoder")], ["index"])
        self.assertEqual(self.client.components("rule"), [])

    def test_validate(self):
        bad = self.client.validate(circuit={})
        self.assertFalse(bad)
        self.assertEqual(bad.violations[0].field, "circuit.outputs")
        self.assertIsNone(bad.size)
        good = self.client.validate("echo", env=CartPole())
        self.assertTrue(good)
        self.assertEqual(good.size.neurons, 3)

    def test_info(self):
        info = self.client.info()
        self.assertEqual((info.version, info.store), ("0.1.0", "memory"))
        self.assertEqual(info.limits["max_agents"], 10)
        self.assertEqual(info.load["agents"], 0)

    def test_a_call_without_an_answer_ends_at_its_deadline(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            client = phasic.Client(
                f"127.0.0.1:{silent.getsockname()[1]}", timeout=0.3, retry=phasic.Retry(tries=2, first_wait=0.01)
            )
            with self.assertRaises((phasic.DeadlineExceeded, phasic.Unavailable)):
                client.info()
            client.close()

    def test_many_agents_at_once(self):
        agents = self.client.create_agents("echo", 3, agent_id="many", seed=5, labels={"a": "b"}, mode="frozen")
        self.assertEqual([(a.id, a.seed) for a in agents], [("many-0", 5), ("many-1", 6), ("many-2", 7)])
        self.assertEqual((agents[2].labels, agents[2].mode), ({"a": "b"}, "frozen"))
        drawn = self.client.create_agents("echo", env=VectorCartPole(2))
        self.assertEqual([a.ports[0].space for a in drawn], [CartPole().observation_space] * 2)
        self.assertNotEqual(drawn[0].id, drawn[1].id)
        with self.assertRaisesRegex(ValueError, "count"):
            self.client.create_agents("echo", env=CartPole())

    def test_many_agents_are_made_once(self):
        self.server.fail("BatchCreateAgents", done=True)
        agents = self.client.create_agents("echo", 3)
        self.assertEqual(self.server.calls["BatchCreateAgents"], 2)
        self.assertEqual(sorted(self.server.agents), sorted(agent.id for agent in agents))

    def test_a_reset_may_be_repeated(self):
        agent = self.client.create_agent("echo")
        agent.step([1.0])
        self.server.fail("ResetEpisode", done=True)
        self.assertEqual(agent.reset_episode(), 1)
        self.assertEqual(self.server.calls["ResetEpisode"], 2)

    def test_unsafe_calls_are_made_once(self):
        agent = self.client.create_agent("echo", agent_id="one")
        for method, call in (
            ("DeleteAgent", agent.delete),
            ("UpdateAgent", lambda: agent.update(mode="frozen", etag=agent.etag)),
        ):
            self.server.fail(method, grpc.StatusCode.UNAVAILABLE)
            with self.assertRaises(phasic.Unavailable):
                call()
            self.assertEqual(self.server.calls[method], 1, method)
        agent.delete()
        self.assertEqual(self.server.agents, {})


if __name__ == "__main__":
    unittest.main()
