# SPDX-License-Identifier: Apache-2.0
"""States as a whole: durability, writes, snapshots, export and import, and the server's store."""

import io
import os
import pathlib
import tempfile
import unittest

import grpc
import numpy as np
import phasic
from fake_server import FakeServer
from fake_store import BACKUP
from phasic._state import to_write


class StateTest(unittest.TestCase):
    def setUp(self):
        self.server = FakeServer()
        self.server.store = "sqlite"
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = phasic.connect(self.server.target, retry=phasic.Retry(tries=3, first_wait=0.01))
        self.addCleanup(self.client.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def weights(self, agent):
        return agent.inspect("actor")["actor.weights"].array().ravel().tolist()

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    # Durability.

    def test_durability(self):
        agent = self.client.create_agent("echo", durability="synced")
        self.assertEqual((agent.durability, agent.numerics, agent.stats.residency), ("synced", (1,), "resident"))
        self.assertEqual(self.client.create_agent("echo").durability, "journaled")
        many = self.client.create_agents("echo", 2, durability="snapshot")
        self.assertEqual([one.durability for one in many], ["snapshot"] * 2)
        self.assertEqual(agent.clone().durability, "synced")
        with self.assertRaisesRegex(ValueError, "durability is 'eternal', must be one of .*'synced'"):
            self.client.create_agent("echo", durability="eternal")

    def test_a_server_that_keeps_nothing(self):
        self.server.store = "memory"
        agent = self.client.create_agent("echo")
        self.assertEqual(agent.durability, "ephemeral")
        with self.assertRaises(phasic.InvalidArgument) as caught:
            self.client.create_agent("echo", durability="journaled")
        self.assertEqual(caught.exception.violations[0].field, "agent.durability")
        for call in (agent.snapshot, agent.snapshots, lambda: agent.restore("s"), self.client.check_store, lambda: self.client.backup(self.folder / "b")):
            with self.assertRaises(phasic.FailedPrecondition) as caught:
                call()
            self.assertEqual(caught.exception.reason, "NO_STORE")
            self.assertIn("NO_STORE", str(caught.exception))
        self.assertEqual(self.files(), [])

    # Writes.

    def test_writes(self):
        agent = self.client.create_agent("echo")
        agent.write_state({"actor.weights": np.arange(6).reshape(2, 3) / 2})
        self.assertEqual(self.weights(agent), [0, 0.5, 1, 1.5, 2, 2.5])
        agent.write_state({"actor.weights[1:3]": [7, 8], "actor.weights[5]": 9, "actor.weights[:1]": np.float32(4)})
        self.assertEqual(self.weights(agent), [4, 7, 8, 1.5, 2, 9])
        agent.write_state({"actor.weights[4:]": 0.0})
        self.assertEqual(self.weights(agent), [4, 7, 8, 1.5, 0, 0])
        whole = agent.write_state({"actor.weights": -1})
        self.assertEqual(self.weights(agent), [-1] * 6)
        self.assertEqual(agent.write_state({"actor.weights": [-1] * 6}), whole)

    def test_a_part_is_as_large_as_it_says(self):
        for part, value in (("a.w[2:2]", 0), ("a.w[3:1]", 0), ("a.w[]", 0), ("a.w[1:3]", [1]), ("a.w[1]", [1, 2])):
            with self.assertRaisesRegex(ValueError, "elements", msg=part):
                to_write(part, value)
        with self.assertRaises(ValueError):
            to_write("a.w", "heavy")
        whole = to_write("a.b.w[10:]", True)
        self.assertEqual((whole.variable, whole.offset, whole.count, whole.fill), ("a.b.w", 10, 0, 1.0))

    def test_faulty_writes_change_nothing(self):
        agent = self.client.create_agent("echo")
        before = self.weights(agent)
        with self.assertRaises(phasic.NotFound) as caught:
            agent.write_state({"actor.weights": 1, "actor.colour": 1})
        self.assertEqual(caught.exception.reason, "VARIABLE_NOT_FOUND")
        with self.assertRaises(phasic.InvalidArgument) as caught:
            agent.write_state({"actor.weights[4:7]": [1, 2, 3]})
        self.assertEqual(caught.exception.violations[0].field, "writes[0].values")
        self.assertIn("writes[0].values", str(caught.exception))
        agent.step([1])
        with self.assertRaises(phasic.StepMismatch) as caught:
            agent.write_state({"actor.weights": 1}, step=0)
        self.assertEqual((caught.exception.believed, caught.exception.actual), (0, 1))
        with self.assertRaises(phasic.Aborted) as caught:
            agent.write_state({"actor.weights": 1}, etag="other")
        self.assertEqual(caught.exception.reason, "ETAG_MISMATCH")
        self.assertEqual(self.weights(agent), before)

    def test_a_write_is_tried_again_only_with_its_step(self):
        agent = self.client.create_agent("echo")
        self.server.fail("WriteState", done=True)
        agent.write_state({"actor.weights": 1}, step=agent.next_step)
        self.assertEqual(self.server.calls["WriteState"], 2)
        for options in ({}, {"etag": agent.etag}, {"etag": agent.etag, "step": 0}):
            self.server.fail("WriteState")
            with self.assertRaises(phasic.Unavailable) as caught:
                agent.write_state({"actor.weights": 1}, **options)
            self.assertEqual(caught.exception.tries, 1)

    # Snapshots.

    def test_snapshots(self):
        agent = self.client.create_agent("echo")
        agent.step([1])
        made = agent.snapshot("first", note="before the lesion")
        self.assertEqual((made.id, made.name), ("first", f"{agent.name}/snapshots/first"))
        self.assertEqual((made.step, made.note, made.incarnation), (1, "before the lesion", agent.incarnation))
        self.assertGreater(made.bytes, 0)
        self.assertIsNotNone(made.create_time.tzinfo)
        self.assertTrue(agent.snapshot().id)
        agent.snapshot("z")
        self.assertEqual([snapshot.id for snapshot in agent.snapshots()], ["first", "s-1", "z"])
        self.assertEqual(self.server.calls["ListSnapshots"], 3)
        self.assertEqual(agent.get_snapshot("first"), made)
        with self.assertRaises(phasic.AlreadyExists) as caught:
            agent.snapshot("first")
        self.assertEqual(caught.exception.reason, "SNAPSHOT_EXISTS")
        agent.delete_snapshot(made)
        agent.delete_snapshot("z")
        self.assertEqual([snapshot.id for snapshot in agent.snapshots()], ["s-1"])
        with self.assertRaises(phasic.NotFound) as caught:
            agent.get_snapshot("first")
        self.assertEqual(caught.exception.reason, "SNAPSHOT_NOT_FOUND")

    def test_a_snapshot_whose_answer_is_lost_is_made_once(self):
        agent = self.client.create_agent("echo")
        self.server.fail("CreateSnapshot", done=True)
        agent.snapshot()
        self.assertEqual(self.server.calls["CreateSnapshot"], 2)
        self.assertEqual(len(agent.snapshots()), 1)

    def test_an_ephemeral_agent_has_none(self):
        with self.assertRaises(phasic.FailedPrecondition):
            self.client.create_agent("echo", durability="ephemeral").snapshot()

    def test_restore(self):
        agent = self.client.create_agent("echo")
        agent.step([1])
        kept, incarnation = agent.snapshot(), agent.incarnation
        agent.step([1])
        agent.write_state({"actor.weights": 0})
        agent.freeze()
        agent.restore(kept)
        self.assertEqual((agent.next_step, agent.mode), (1, "learning"))
        self.assertNotEqual(agent.incarnation, incarnation)
        self.assertEqual(self.weights(agent), [0, 1, 2, 3, 4, 5])
        self.assertEqual(agent.step([1]).step, 1)
        agent.restore(kept.id, etag=agent.etag)
        self.assertEqual(agent.next_step, 1)
        with self.assertRaises(phasic.Aborted):
            agent.restore(kept, etag="other")

    def test_unsafe_calls_are_made_once(self):
        agent = self.client.create_agent("echo")
        kept = agent.snapshot()
        for method, call in (("RestoreSnapshot", agent.restore), ("DeleteSnapshot", agent.delete_snapshot)):
            self.server.fail(method)
            with self.assertRaises(phasic.Unavailable):
                call(kept)
            self.assertEqual(self.server.calls[method], 1, method)

    def test_clone_of_a_snapshot(self):
        agent = self.client.create_agent("echo")
        kept = agent.snapshot("kept")
        agent.step([1])
        agent.write_state({"actor.weights": 0})
        for snapshot in (kept, "kept"):
            twin = agent.clone(snapshot=snapshot)
            self.assertEqual((twin.next_step, self.weights(twin)), (0, [0, 1, 2, 3, 4, 5]))
        self.assertEqual(agent.clone().next_step, 1)

    # Files.

    def test_an_exported_agent_is_imported(self):
        agent = self.client.create_agent("echo", durability="snapshot")
        kept = agent.snapshot()
        agent.step([1])
        path = self.folder / "a.safetensors"
        agent.export(path)
        copy = self.client.import_agent(str(path), agent_id="copy")
        self.assertEqual((copy.id, copy.next_step, copy.durability), ("copy", 1, "snapshot"))
        agent.export(str(path), snapshot=kept)
        self.assertEqual(self.client.import_agent(path, durability="synced").durability, "synced")
        self.assertEqual(self.client.agent(copy.id).step([1]).step, 1)
        self.assertEqual(self.files(), ["a.safetensors"])
        with self.assertRaises(phasic.AlreadyExists):
            self.client.import_agent(path, agent_id="copy")

    def test_open_files(self):
        agent = self.client.create_agent("echo")
        file = io.BytesIO()
        agent.export(file)
        file.seek(0)
        copy = self.client.import_agent(file)
        self.assertEqual(self.weights(copy), self.weights(agent))
        self.server.fail("ExportAgent")
        with self.assertRaises(phasic.Unavailable) as caught:
            agent.export(io.BytesIO())
        self.assertEqual(caught.exception.tries, 1)
        self.server.fail("ImportAgent")
        with self.assertRaises(phasic.Unavailable):
            self.client.import_agent(io.BytesIO(file.getvalue()))

    def test_a_broken_export_begins_anew(self):
        agent = self.client.create_agent("echo")
        self.server.fail("ExportAgent", done=True)
        agent.export(self.folder / "a")
        self.assertEqual(self.weights(self.client.import_agent(self.folder / "a")), self.weights(agent))

    def test_a_failed_export_leaves_what_was_there(self):
        agent = self.client.create_agent("echo")
        path = self.folder / "a"
        path.write_bytes(b"earlier")
        self.server.fail("ExportAgent", grpc.StatusCode.DATA_LOSS, done=True)
        with self.assertRaises(phasic.DataLoss):
            agent.export(path)
        self.assertEqual((self.files(), path.read_bytes()), (["a"], b"earlier"))
        with self.assertRaises(FileNotFoundError):
            agent.export(self.folder / "none" / "a")
        with self.assertRaises(IsADirectoryError):
            agent.export(self.folder)

    def test_what_the_path_leads_to_is_written(self):
        agent = self.client.create_agent("echo")
        (self.folder / "link").symlink_to("a")
        agent.export(self.folder / "link")
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual(self.weights(self.client.import_agent(self.folder / "a")), self.weights(agent))
        agent.export("/dev/null")
        self.assertTrue(pathlib.Path("/dev/null").is_char_device())

    def test_an_import_whose_answer_is_lost_is_done_once(self):
        self.client.create_agent("echo").export(self.folder / "a")
        self.server.fail("ImportAgent", done=True)
        self.client.import_agent(self.folder / "a")
        self.assertEqual((self.server.calls["ImportAgent"], len(self.server.agents)), (2, 2))

    def test_big_files_travel_in_parts(self):
        path = self.folder / "a"
        path.write_bytes(os.urandom(5 << 20))
        with self.assertRaises(phasic.InvalidArgument) as caught:
            self.client.import_agent(path, agent_id="big")
        self.assertEqual(caught.exception.reason, "BAD_EXPORT")
        (parts,) = self.server.received
        self.assertEqual((parts[0].agent_id, parts[0].data), ("big", b""))
        self.assertEqual(b"".join(part.data for part in parts), path.read_bytes())
        self.assertLessEqual(max(len(part.data) for part in parts), 1 << 20)

    def test_faults_of_the_file_are_told_as_they_are(self):
        with self.assertRaises(FileNotFoundError):
            self.client.import_agent(self.folder / "none")
        agent = self.client.create_agent("echo")
        with self.assertRaisesRegex(ValueError, "closed file"):
            closed = io.BytesIO()
            closed.close()
            agent.export(closed)
        self.assertEqual(agent.step([1]).step, 0)

    # The store.

    def test_backup(self):
        self.server.fail("BackupStore", done=True)
        self.client.backup(self.folder / "b")
        self.assertEqual((self.folder / "b").read_bytes(), BACKUP)
        file = io.BytesIO()
        self.client.backup(file, timeout=10)
        self.assertEqual(file.getvalue(), BACKUP)

    def test_check_store(self):
        self.client.create_agent("echo").snapshot()
        good = self.client.check_store()
        self.assertTrue(good)
        self.assertEqual((good.agents, good.snapshots, good.bytes, good.faults), (1, 1, len(BACKUP), ()))
        self.server.faults_of_store = ["snapshot 3: its checksum is wrong"]
        self.server.fail("CheckStore")
        bad = self.client.check_store(timeout=10)
        self.assertFalse(bad)
        self.assertEqual(bad.faults, ("snapshot 3: its checksum is wrong",))
        self.assertEqual(self.client.info().store, "sqlite")


if __name__ == "__main__":
    unittest.main()
