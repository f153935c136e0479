#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An exported agent is a file that anybody can read; what is imported is checked."""

import json
import struct
import unittest

import grpc
import numpy

from daemon import PATIENCE, Daemon, details
from phasic.v1 import agent_pb2, agent_service_pb2

DTYPES = {"F32": "<f4", "F64": "<f8", "U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8"}
INSPECTED = {1: "<f4", 2: "<f8", 3: "<u1", 4: "<u2", 5: "<u4", 6: "<u8"}


def read_safetensors(data):
    """(metadata, tensors), from the format's public description: eight bytes of little-endian length, a header of JSON,
    and the tensors, each at its offsets, row-major and little-endian."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length].decode("utf-8"))
    buffer = data[8 + length :]
    metadata = header.pop("__metadata__", {})
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end, name  # no holes
        end = stop
        dtype = numpy.dtype(DTYPES[entry["dtype"]])
        assert (8 + length + begin) % dtype.itemsize == 0, name
        tensors[name] = numpy.frombuffer(buffer[begin:stop], dtype).reshape(entry["shape"])
    assert end == len(buffer)
    return metadata, tensors


def write_safetensors(metadata, tensors):
    header, at = {"__metadata__": metadata}, 0
    names = {numpy.dtype(value): key for key, value in DTYPES.items()}
    for name, tensor in tensors.items():
        end = at + tensor.nbytes
        header[name] = {"dtype": names[tensor.dtype], "shape": tensor.shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for t in tensors.values())


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon().__enter__()
        cls.stub = cls.daemon.agents()
        request = agent_service_pb2.CreateAgentRequest(agent_id="a")
        request.agent.preset.preset = "actor-critic"
        request.agent.labels["env"] = "cart"
        request.agent.seed = 7
        cls.stub.CreateAgent(request, timeout=PATIENCE)
        cls.walk("a", 0, 30)
        cls.file = cls.export("a")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.terminate()
        code, errors = cls.daemon.wait()
        assert code == 0, errors  # sanitizers too have nothing to say

    @classmethod
    def walk(cls, agent, begin, end):
        """The actions of some steps."""
        actions = []
        for t in range(begin, end):
            step = agent_service_pb2.StepRequest(name=f"agents/{agent}", run_id="run")
            step.observation.extend([0.1 * (t % 7), -0.2 * (t % 3), 0.01 * (t % 5), 0.3])
            step.rewards.add(value=0.1 * (t % 4), reward_id=f"r{t}")
            actions.append(list(cls.stub.Step(step, timeout=PATIENCE).action))
        return actions

    @classmethod
    def export(cls, agent):
        request = agent_service_pb2.ExportAgentRequest(name=f"agents/{agent}")
        return b"".join(m.data for m in cls.stub.ExportAgent(request, timeout=PATIENCE))

    def get(self, agent):
        request = agent_service_pb2.GetAgentRequest(name=f"agents/{agent}", view=agent_pb2.FULL)
        return self.stub.GetAgent(request, timeout=PATIENCE)

    def bring(self, data, agent="", chunk=100_000):
        def messages():
            yield agent_service_pb2.ImportAgentRequest(agent_id=agent)
            for at in range(0, len(data), chunk):
                yield agent_service_pb2.ImportAgentRequest(data=data[at : at + chunk])

        return self.stub.ImportAgent(messages(), timeout=PATIENCE)

    def assert_refused(self, data, words=""):
        with self.assertRaises(grpc.RpcError) as raised:
            self.bring(data)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        status, found = details(raised.exception)
        self.assertEqual(found["ErrorInfo"].reason, "BAD_EXPORT")
        self.assertEqual(found["BadRequest"].field_violations[0].field, "data")
        self.assertIn(words, status.message)

    def test_the_file_has_what_inspect_shows(self):
        metadata, tensors = read_safetensors(self.file)
        request = agent_service_pb2.InspectRequest(name="agents/a")
        shown = {}
        for message in self.stub.Inspect(request, timeout=PATIENCE):
            shown.setdefault(f"{message.component}.{message.variable}", []).append(message)
        self.assertEqual(set(tensors), set(shown))
        for name, messages in shown.items():
            data = b"".join(message.data for message in messages)
            expected = numpy.frombuffer(data, INSPECTED[messages[0].dtype])
            expected = expected.reshape(tuple(messages[0].shape))
            self.assertEqual(tensors[name].dtype, expected.dtype, name)
            self.assertEqual(tensors[name].shape, expected.shape, name)
            self.assertEqual(tensors[name].tobytes(), expected.tobytes(), name)
        agent = self.get("a")
        self.assertEqual(metadata["format"], "phasic-agent")
        self.assertEqual(int(metadata["digest"]), agent.digest)
        self.assertEqual(int(metadata["seed"]), 7)
        self.assertEqual(metadata["labels.env"], "cart")
        self.assertEqual(metadata["mode"], "LEARNING")
        self.assertEqual(metadata["durability"], "EPHEMERAL")
        self.assertEqual(json.loads(metadata["preset"])["preset"], "actor-critic")
        parts = [part.name for part in agent.circuit.populations]
        self.assertEqual([part["name"] for part in json.loads(metadata["circuit"])["populations"]], parts)

    def test_what_is_imported_goes_on_alike(self):
        self.stub.CloneAgent(
            agent_service_pb2.CloneAgentRequest(name="agents/a", agent_id="original"), timeout=PATIENCE
        )
        file = self.export("original")
        brought = self.bring(file, "brought", chunk=1_000)
        original, now = self.get("original"), self.get("brought")
        self.assertEqual(now.digest, original.digest)
        self.assertEqual(brought.uid, now.uid)
        for field in ("uid", "incarnation"):
            self.assertNotEqual(getattr(now, field), getattr(original, field))
        for field in ("labels", "mode", "seed", "preset", "circuit", "live_parameters", "size", "ports", "channels"):
            self.assertEqual(getattr(now, field), getattr(original, field), field)
        self.assertEqual(now.stats.steps, 30)
        self.assertEqual(now.stats.rewards_applied, 30)
        # Rewards that are known stay known.
        again = agent_service_pb2.RewardRequest(name="agents/brought")
        again.rewards.add(value=1, reward_id="r29")
        self.assertEqual(
            list(self.stub.Reward(again, timeout=PATIENCE).dispositions), [agent_pb2.DUPLICATE]
        )
        self.assertEqual(self.walk("original", 30, 60), self.walk("brought", 30, 60))
        self.assertEqual(self.get("original").digest, self.get("brought").digest)

    def test_a_file_that_another_program_wrote_is_as_good(self):
        metadata, tensors = read_safetensors(self.file)
        order = sorted(tensors)
        file = write_safetensors(metadata, {name: tensors[name] for name in order})
        self.bring(file, "rewritten")
        self.assertEqual(self.get("rewritten").digest, int(metadata["digest"]))

    def test_a_repeated_call_is_answered_with_the_same_agent(self):
        def messages():
            yield agent_service_pb2.ImportAgentRequest(agent_id="once", request_id="r", data=self.file)

        first = self.stub.ImportAgent(messages(), timeout=PATIENCE)
        second = self.stub.ImportAgent(messages(), timeout=PATIENCE)
        self.assertEqual(first.uid, second.uid)
        with self.assertRaises(grpc.RpcError) as raised:
            self.bring(self.file, "once")
        self.assertEqual(raised.exception.code(), grpc.StatusCode.ALREADY_EXISTS)

    def test_a_file_that_was_cut_is_refused(self):
        (length,) = struct.unpack("<Q", self.file[:8])
        for size in (0, 3, 8, 9, 100, length, length + 7, length + 8, length + 9, len(self.file) - 1):
            self.assert_refused(self.file[:size])
        self.assert_refused(self.file + b"\0", "left over")

    def test_a_header_that_lies_is_refused(self):
        metadata, tensors = read_safetensors(self.file)
        (length,) = struct.unpack("<Q", self.file[:8])
        header = json.loads(self.file[8 : 8 + length])
        data = self.file[8 + length :]

        def file(text):
            return struct.pack("<Q", len(text)) + text + data

        def changed(name, **facts):
            lying = {**header, name: {**header[name], **facts}}
            return file(json.dumps(lying).encode())

        name = next(name for name in tensors if name.endswith(".weights"))
        begin, end = header[name]["data_offsets"]
        self.assert_refused(changed(name, data_offsets=[begin + 4, end + 4]), name)
        self.assert_refused(changed(name, data_offsets=[begin, end - 4]), name)
        self.assert_refused(changed(name, data_offsets=[begin, 2**63]), name)
        self.assert_refused(changed(name, shape=[2**62, 2**62]), name)
        self.assert_refused(changed(name, shape=header[name]["shape"][::-1] + [1]), name)
        self.assert_refused(changed(name, dtype="F64"), name)
        self.assert_refused(changed(name, dtype="BF16"), name)
        twice = json.dumps(header)[:-1] + f', "{name}": {json.dumps(header[name])}}}'
        self.assert_refused(file(twice.encode()), "twice")
        self.assert_refused(file(b"[" * 1_000_000))
        self.assert_refused(file(b'{"a":' * 100_000))
        self.assert_refused(file(b'{"\xff": {}}'))
        self.assert_refused(struct.pack("<Q", 2**63) + data)
        self.assert_refused(struct.pack("<Q", 2**32) + data)

    def test_state_that_does_harm_is_refused(self):
        metadata, tensors = read_safetensors(self.file)

        def spoilt(name, value, **more):
            tensor = tensors[name].copy()
            tensor.flat[0] = value
            return write_safetensors({**metadata, **more}, {**tensors, name: tensor})

        weights = next(name for name in tensors if name.endswith(".weights"))
        self.assert_refused(spoilt(weights, numpy.nan), weights)
        self.assert_refused(spoilt(weights, numpy.inf), weights)
        self.assert_refused(spoilt(weights, 0.5), "digest")
        self.assert_refused(spoilt("agent.seed", 8), "digest")
        live = next(name for name in tensors if name.endswith(".live_parameters"))
        self.assert_refused(spoilt(live, -1e9), "live parameter")
        flag = next(name for name in tensors if name.endswith(".fired"))
        self.assert_refused(spoilt(flag, 2), flag)
        rest = {name: tensor for name, tensor in tensors.items() if name != weights}
        self.assert_refused(write_safetensors(metadata, rest), weights)
        more = {**tensors, "agent.more": numpy.zeros(1, "<f4")}
        self.assert_refused(write_safetensors(metadata, more), "agent.more")
        for key, value in (
            ("format", "x"),
            ("version", "2"),
            ("fingerprint", "1"),
            ("circuit", "{"),
            ("circuit", '{"populations": [{"name": "p", "model": "none", "size": 1}]}'),
            ("preset", "[]"),
            ("labels.Bad Key", "x"),
            ("labels.env", "x" * 64),
            ("mode", "ASLEEP"),
            ("durability", "FOREVER"),
            ("rewards_applied", "many"),
            ("reward_ids.0", ""),
            ("numerics", "x"),
        ):
            self.assert_refused(write_safetensors({**metadata, key: value}, tensors))
        for key in ("format", "circuit", "digest", "mode", "run_id", "numerics"):
            less = {name: value for name, value in metadata.items() if name != key}
            self.assert_refused(write_safetensors(less, tensors), key if key != "circuit" else "")

    def test_there_are_no_snapshots_without_a_store(self):
        request = agent_service_pb2.ExportAgentRequest(name="agents/a", snapshot="s")
        with self.assertRaises(grpc.RpcError) as raised:
            list(self.stub.ExportAgent(request, timeout=PATIENCE))
        self.assertEqual(raised.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
        self.assertEqual(details(raised.exception)[1]["ErrorInfo"].reason, "NO_STORE")


if __name__ == "__main__":
    unittest.main()
