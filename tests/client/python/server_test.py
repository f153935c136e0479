# SPDX-License-Identifier: Apache-2.0
"""The Python client against phasicd itself, which PHASIC_BIN has."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np
import phasic
from phasic.daemon import Daemon
from phasic.envs import CartPole, DelayedBandit, TMaze, VectorCartPole
from phasic.v1 import agent_service_pb2 as service_pb2

PHASICD = pathlib.Path(os.environ.get("PHASIC_BIN", "")) / "phasicd"
NOTHING_KEPT = ["--store=memory:"]


@unittest.skipUnless(PHASICD.is_file(), "there is no phasicd in PHASIC_BIN")
class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(PHASICD, arguments=NOTHING_KEPT).start()
        cls.client = phasic.connect(cls.daemon.target)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.daemon.stop()
        assert code == 0, f"phasicd ended with exit code {code}: {cls.daemon.log()}"

    def make(self, **options):
        agent = self.client.create_agent("actor-critic", env=CartPole(), **options)
        self.addCleanup(self.delete, agent)
        return agent

    def delete(self, agent):
        try:
            agent.delete()
        except phasic.NotFound:
            pass

    def test_info(self):
        info = self.client.info()
        self.assertEqual((info.api_version, info.store), ("v1", "memory"))
        self.assertGreater(info.limits["max_agents"], 0)

    def test_presets(self):
        names = [circuit.name for circuit in self.client.circuits()]
        self.assertEqual(names, sorted(names))
        self.assertTrue({"actor-critic", "bandit", "reinforce"} <= set(names))
        for name in names:
            circuit = self.client.circuit(name)
            self.assertTrue(circuit.parameters and circuit.components and circuit.summary)
            checked = self.client.validate(name)
            self.assertTrue(checked, checked.violations)
            made = self.client.create_agent(name)
            self.addCleanup(self.delete, made)
            self.assertEqual(made.size.synapses, checked.size.synapses)
            again = self.client.create_agent(circuit=circuit.spec)
            self.addCleanup(self.delete, again)
            self.assertEqual(again.size.synapses, made.size.synapses)
        self.assertTrue(self.client.components("rule"))

    def test_validate_names_every_fault(self):
        checked = self.client.validate("actor-critic", parameters={"no_such": 1, "bins": -3})
        self.assertFalse(checked)
        fields = " ".join(violation.field for violation in checked.violations)
        self.assertIn("no_such", fields)
        self.assertIn("bins", fields)

    def test_environments(self):
        for env in (CartPole(), DelayedBandit(), TMaze(cue_steps=None)):
            agent = self.client.create_agent("actor-critic", env=env, seed=3)
            self.addCleanup(self.delete, agent)
            done = phasic.run(env, agent, 5, seed=1)
            stats = agent.refresh().stats
            self.assertEqual(stats.episodes, 5)
            self.assertEqual(stats.steps, sum(episode.length + 1 for episode in done))
            self.assertAlmostEqual(stats.mean_return, np.mean([episode.return_ for episode in done]), places=4)

    def test_a_continuous_action(self):
        spaces = {"observation": phasic.Box(-1, 1, (2,)), "action": phasic.Box([-1, -2], [1, 2])}
        agent = self.client.create_agent("actor-critic", spaces=spaces)
        self.addCleanup(self.delete, agent)
        for _ in range(20):
            action = agent.step([0.5, -0.5], 0.0).action
            self.assertEqual((action.shape, action.dtype), ((2,), np.float32))
            self.assertIn(action, agent.ports[1].space)

    def test_a_step_sent_twice_is_done_once(self):
        agent = self.make()
        request = service_pb2.StepRequest(name=agent.name, observation=[0, 0, 0, 0], step=0, request_id="a")
        first = self.client._agents.Step(request, timeout=60)
        second = self.client._agents.Step(request, timeout=60)
        self.assertEqual(first, second)
        self.assertEqual(agent.refresh().stats.steps, 1)

    def test_two_handles_notice_each_other(self):
        mine = self.make()
        mine.step(np.zeros(4))
        theirs = self.client.agent(mine.id)
        theirs.step(np.zeros(4))
        with self.assertRaises(phasic.StepMismatch) as caught:
            mine.step(np.zeros(4))
        self.assertEqual((caught.exception.believed, caught.exception.actual), (1, 2))
        self.assertEqual(mine.refresh().step(np.zeros(4)).step, 2)

    def test_faulty_observations_change_nothing(self):
        agent = self.make()
        digest = agent.digest()
        for observation, field in (([0, np.nan, 0, 0], "observation[1]"), ([0, 0], "observation"), ([9, 0, 0, 0], "observation[0]")):
            with self.assertRaises(phasic.InvalidArgument) as caught:
                agent.step(observation)
            self.assertEqual(caught.exception.violations[0].field, field)
            self.assertTrue(caught.exception.reason)
        self.assertEqual(agent.digest(), digest)

    def test_names(self):
        agent = self.make(agent_id="one", labels={"env": "cartpole"})
        with self.assertRaises(phasic.AlreadyExists) as caught:
            self.make(agent_id="one")
        self.assertEqual(caught.exception.reason, "AGENT_EXISTS")
        self.assertEqual(self.make(agent_id="one", exist_ok=True).uid, agent.uid)
        self.make(agent_id="two", labels={"env": "other"})
        self.assertEqual([a.id for a in self.client.agents('labels.env = "cartpole"')], ["one"])
        agent.delete()
        with self.assertRaises(phasic.NotFound) as caught:
            self.client.agent("one")
        self.assertEqual(caught.exception.reason, "AGENT_NOT_FOUND")

    def test_more_agents_than_a_page(self):
        names = [self.make(labels={"many": "yes"}).id for _ in range(205)]
        self.assertEqual([a.id for a in self.client.agents('labels.many = "yes"')], sorted(names))

    def test_clones_act_alike(self):
        agent = self.make()
        phasic.run(CartPole(), agent, 3, seed=1)
        twin = agent.clone()
        self.addCleanup(self.delete, twin)
        self.assertEqual(twin.digest(), agent.digest())
        lives = [[e.length for e in phasic.run(CartPole(), who, 5, seed=2)] for who in (agent, twin)]
        self.assertEqual(lives[0], lives[1])
        self.assertEqual(twin.digest(), agent.digest())

    def test_frozen_agents_learn_nothing(self):
        agent = self.make()
        phasic.run(CartPole(), agent, 3, seed=1)
        before = self.learned(agent)
        phasic.run(CartPole(), agent, 3, train=False)
        self.assertEqual(agent.freeze().reward(1.0), "not_learning")
        for name, values in self.learned(agent).items():
            np.testing.assert_array_equal(values, before[name])
        agent.learn()
        phasic.run(CartPole(), agent, 3)
        self.assertTrue(any(np.any(values != before[name]) for name, values in self.learned(agent).items()))

    def learned(self, agent):
        return {name: v.array() for name, v in agent.inspect().items() if v.life == "learned"}

    def test_inspect(self):
        agent = self.make()
        phasic.run(CartPole(), agent, 3, seed=1)
        digest = agent.digest()
        weights = [v for v in agent.inspect().values() if v.variable == "weights"]
        self.assertTrue(weights)
        for variable in weights:
            values = variable.array()
            self.assertEqual(values.shape, variable.shape)
            self.assertEqual(variable.step, agent.next_step)
            self.assertAlmostEqual(np.linalg.norm(values), variable.summary.norm, places=4)
            part = agent.inspect(variable.component, "weights", offset=2, count=3)[variable.name]
            np.testing.assert_array_equal(part.array(), values.ravel()[2:5])
        self.assertEqual(agent.digest(), digest)
        with self.assertRaises(phasic.NotFound) as caught:
            agent.inspect("nothing")
        self.assertEqual(caught.exception.reason, "VARIABLE_NOT_FOUND")

    def test_rewards_and_live_parameters(self):
        agent = self.make()
        agent.step(np.zeros(4))
        self.assertEqual(agent.reward(1.0, reward_id="r"), "applied")
        self.assertEqual(agent.reward(1.0, reward_id="r"), "duplicate")
        name, value = next(iter(agent.live_parameters.items()))
        agent.update(live_parameters={name: value / 2})
        self.assertAlmostEqual(agent.refresh().live_parameters[name], value / 2)
        with self.assertRaises(phasic.Aborted):
            agent.update(labels={"a": "b"}, etag="not this")

    def test_what_is_written_is_what_is_found(self):
        agent, twin = self.make(seed=1), self.make(seed=1)
        self.assertEqual((agent.durability, agent.stats.residency, len(agent.numerics)), ("ephemeral", "resident", 1))
        phasic.run(CartPole(), agent, 3, seed=1)
        name = "policy_weights.weights"
        learned = agent.inspect()[name].array()
        twin.write_state({name: learned})
        np.testing.assert_array_equal(twin.inspect()[name].array(), learned)
        digest = twin.write_state({f"{name}[2:5]": 0.0}, step=0)
        self.assertEqual(twin.digest(), digest)
        expected = learned.copy()
        expected.ravel()[2:5] = 0
        np.testing.assert_array_equal(twin.inspect()[name].array(), expected)
        with self.assertRaises(phasic.NotFound) as caught:
            twin.write_state({"policy_weights.colour": 1})
        self.assertEqual(caught.exception.reason, "VARIABLE_NOT_FOUND")
        with self.assertRaises(phasic.InvalidArgument) as caught:
            twin.write_state({name: np.nan})
        self.assertEqual(caught.exception.violations[0].field, "writes[0].fill")
        self.assertEqual(twin.digest(), digest)

    def test_an_exported_agent_goes_on_alike(self):
        agent = self.make(labels={"a": "b"})
        phasic.run(CartPole(), agent, 3, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.safetensors"
            agent.export(path)
            copy = self.client.import_agent(path)
        self.addCleanup(self.delete, copy)
        self.assertEqual((copy.digest(), copy.next_step, copy.labels), (agent.digest(), agent.next_step, {"a": "b"}))
        lives = [[e.length for e in phasic.run(CartPole(), who, 5, seed=2)] for who in (agent, copy)]
        self.assertEqual(lives[0], lives[1])
        self.assertEqual(copy.digest(), agent.digest())

    def test_nothing_is_kept(self):
        agent = self.make()
        for call in (agent.snapshot, agent.snapshots, self.client.check_store):
            with self.assertRaises(phasic.FailedPrecondition) as caught:
                call()
            self.assertEqual(caught.exception.reason, "NO_STORE")
        with self.assertRaises(phasic.InvalidArgument) as caught:
            self.make(durability="journaled")
        self.assertEqual(caught.exception.violations[0].field, "agent.durability")

    def make_many(self, count, **options):
        agents = self.client.create_agents("actor-critic", count, env=CartPole(), **options)
        for agent in agents:
            self.addCleanup(self.delete, agent)
        return agents

    def test_a_batch_does_what_single_steps_do(self):
        together, alone = self.make_many(5, seed=1), self.make_many(5, seed=1)
        batch = self.client.batch(together)
        random = np.random.default_rng(0)
        for step in range(30):
            seen, rewards, cut = random.uniform(-0.4, 0.4, (5, 4)), random.normal(size=5), random.random(5) < 0.1
            result = batch.step(seen, rewards, has_reward=np.full(5, step > 0), truncated=cut).check()
            for item, agent in enumerate(alone):
                reward = float(np.float32(rewards[item])) if step else None
                single = agent.step(seen[item], reward, end="truncated" if cut[item] else None)
                self.assertEqual(result.actions[item, 0], single.action or 0)
                self.assertEqual((result.episodes[item], result.time[item]), (single.episode, single.time))
        self.assertEqual([a.digest() for a in together], [a.digest() for a in alone])

    def test_a_batch_tells_what_failed(self):
        agents = self.make_many(3)
        batch = self.client.batch(agents)
        agents[1].delete()
        result = batch.step([[0] * 4, [0] * 4, [0, 0, 9, 0]], [1.0] * 3)
        reasons = {item: error.reason for item, error in result.failures.items()}
        self.assertEqual(reasons, {1: "AGENT_NOT_FOUND", 2: "BAD_OBSERVATION"})
        self.assertEqual(result.failures[2].violations[0].field, "observation_bytes[10]")
        self.assertEqual(result.dispositions, ("applied", None, None))
        self.assertEqual(batch.next_steps.tolist(), [1, 0, 0])

    def test_a_batch_of_continuous_actions(self):
        spaces = {"observation": phasic.Box(-1, 1, (2,)), "action": phasic.Box([-1, -2], [1, 2])}
        agents = self.client.create_agents("actor-critic", 4, spaces=spaces)
        result = self.client.batch(agents).step(np.zeros((4, 2))).check()
        self.assertEqual(result.actions.shape, (4, 2))
        self.assertTrue(all(row in spaces["action"] for row in result.actions))
        for agent in agents:
            agent.delete()

    def test_vector_environments(self):
        env = VectorCartPole(6, max_steps=40)
        agents = self.make_many(6, seed=1)
        done = phasic.run_vector(env, agents, 60, seed=1)
        self.assertEqual(len(done), 60)
        for index, agent in enumerate(agents):
            stats, mine = agent.refresh().stats, [episode for episode in done if episode.env == index]
            self.assertIn(stats.episodes - len(mine), (0, 1))  # More may end with the last step.
            if stats.episodes == len(mine):
                self.assertAlmostEqual(stats.mean_return, np.mean([episode.return_ for episode in mine]), places=4)

    def test_streams(self):
        agents, alone = self.make_many(3, seed=1), self.make_many(3, seed=1)
        with self.client.stream() as stream:
            for _ in range(100):
                for agent in agents:
                    stream.send(agent, np.full(4, 0.1), 0.5)
            actions = [stream.receive()[1].action for _ in range(300)]
        self.assertEqual(actions, [agent.step(np.full(4, 0.1), 0.5).action for _ in range(100) for agent in alone])
        self.assertEqual([a.digest() for a in agents], [a.digest() for a in alone])

    def test_recordings(self):
        agent = self.make()
        result = agent.step(np.zeros(4), ticks=6, record={"policy.probability": 2}, report=["policy.probability"])
        recorded = result.recordings["policy.probability"]
        self.assertEqual(recorded.shape, (3, 2))
        np.testing.assert_array_equal(recorded[-1], result.report["policy.probability"])

    def test_masks(self):
        agent = self.make()
        self.assertEqual({agent.step(np.zeros(4), mask=[False, True]).action for _ in range(30)}, {1})


@unittest.skipUnless(PHASICD.is_file(), "there is no phasicd in PHASIC_BIN")
class StoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.start("phasic.db")

    def start(self, store):
        """A server of its own on this store, in place of the last one."""
        self.daemon = Daemon(PHASICD, arguments=[f"--store=sqlite://{self.folder / store}"]).start()
        self.addCleanup(self.daemon.stop)
        self.client = phasic.connect(self.daemon.target)
        self.addCleanup(self.client.close)

    def make(self, **options):
        agent = self.client.create_agent("actor-critic", agent_id="one", env=CartPole(), **options)
        phasic.run(CartPole(), agent, 3, seed=1)
        return agent

    def test_what_was_answered_survives_a_crash(self):
        self.assertEqual(self.client.info().store, "sqlite")
        agent = self.make(labels={"a": "b"})
        self.assertEqual(agent.durability, "journaled")
        agent.write_state({"policy_weights.weights[0]": 0.5})
        digest, steps = agent.digest(), agent.next_step
        self.daemon.kill()
        self.start("phasic.db")
        (found,) = self.client.agents()
        self.assertEqual((found.uid, found.labels, found.durability), (agent.uid, {"a": "b"}, "journaled"))
        self.assertEqual(found.digest(), digest)
        self.assertEqual(found.refresh().next_step, steps)
        self.assertEqual(found.step(np.zeros(4)).step, steps)

    def test_snapshots(self):
        agent = self.make()
        digest, steps, incarnation = agent.digest(), agent.next_step, agent.incarnation
        kept = agent.snapshot("kept", note="before the lesion")
        self.assertEqual((kept.digest, kept.step, kept.incarnation), (digest, steps, incarnation))
        phasic.run(CartPole(), agent, 2, seed=2)
        agent.write_state({"policy_weights.weights": 0.0})
        self.assertNotEqual(agent.digest(), digest)
        twin = agent.clone(snapshot=kept)
        self.assertEqual((twin.digest(), twin.next_step), (digest, steps))
        agent.restore(kept)
        self.assertEqual((agent.digest(), agent.next_step), (digest, steps))
        self.assertNotEqual(agent.incarnation, incarnation)
        self.assertEqual(agent.step(np.zeros(4)).step, steps)
        agent.export(self.folder / "a", snapshot=kept)
        self.assertEqual(self.client.import_agent(self.folder / "a").digest(), digest)
        self.assertEqual([(one.id, one.note) for one in agent.snapshots()], [("kept", "before the lesion")])
        with self.assertRaises(phasic.AlreadyExists) as caught:
            agent.snapshot("kept")
        self.assertEqual(caught.exception.reason, "SNAPSHOT_EXISTS")
        agent.delete_snapshot(kept)
        with self.assertRaises(phasic.NotFound) as caught:
            agent.restore(kept)
        self.assertEqual(caught.exception.reason, "SNAPSHOT_NOT_FOUND")

    def test_a_backup_is_a_store(self):
        digest = self.make().digest()
        self.client.backup(self.folder / "copy.db")
        checked = self.client.check_store()
        self.assertTrue(checked, checked.faults)
        self.assertEqual(checked.agents, 1)
        self.daemon.stop()
        self.start("copy.db")
        self.assertEqual(self.client.agent("one").digest(), digest)
        self.assertTrue(self.client.check_store())


@unittest.skipUnless(PHASICD.is_file(), "there is no phasicd in PHASIC_BIN")
class LifeTest(unittest.TestCase):
    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            with Daemon(PHASICD, f"unix:{folder}/phasic.sock", NOTHING_KEPT) as daemon:
                client = phasic.connect(daemon.target)
                self.addCleanup(client.close)
                self.assertEqual(client.info().api_version, "v1")

    def test_sigterm_ends_it_cleanly_under_load(self):
        daemon = Daemon(PHASICD, arguments=NOTHING_KEPT).start()
        client = phasic.connect(daemon.target, retry=phasic.Retry(tries=1))
        agent = client.create_agent("actor-critic", env=CartPole())
        phasic.run(CartPole(), agent, 2)
        self.assertEqual(daemon.stop(), 0)
        with self.assertRaises(phasic.Unavailable):
            agent.step(np.zeros(4))
        client.close()

    def test_a_second_daemon_at_the_same_port_does_not_start(self):
        with Daemon(PHASICD, arguments=NOTHING_KEPT) as first:
            command = [str(PHASICD), f"--listen={first.target}", *NOTHING_KEPT]
            second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(second.returncode, 0)
            self.assertIn(first.target, second.stderr)


if __name__ == "__main__":
    unittest.main()
