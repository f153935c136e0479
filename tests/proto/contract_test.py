#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the contract check catches what it is for: each breaks a copy of the real contract in one way.

PHASIC_DESCRIPTORS names protoc's descriptor set of the contract.
"""

import copy
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import contract
from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto


def _find(items, name):
    return next(item for item in items if item.name == name)


class ContractTest(unittest.TestCase):
    def setUp(self):
        self.descriptors = descriptor_pb2.FileDescriptorSet.FromString(
            pathlib.Path(os.environ["PHASIC_DESCRIPTORS"]).read_bytes()
        )
        self.released = contract.entries(self.descriptors)
        self.mutated = copy.deepcopy(self.descriptors)

    def file(self, name):
        return _find(self.mutated.file, f"phasic/v1/{name}.proto")

    def message(self, name, file="agent"):
        return _find(self.file(file).message_type, name)

    def field(self, name, message="Agent"):
        return _find(self.message(message).field, name)

    def method(self, name):
        service = _find(self.file("agent_service").service, "AgentService")
        return _find(service.method, name)

    def assert_broken(self, *expected):
        breaks, _ = contract.compare(self.released, contract.entries(self.mutated))
        self.assertEqual(sorted(breaks), sorted(expected))

    def test_the_contract_agrees_with_itself(self):
        self.assertEqual(contract.compare(self.released, self.released), ([], []))
        self.assertGreater(len(self.released), 200)

    def test_released_text_round_trips(self):
        text = "# A comment.\n" + "\n".join(f"{k} {v}" for k, v in self.released.items())
        self.assertEqual(contract.parse(text), self.released)

    def test_every_kind_of_declaration_has_its_line(self):
        for what, how in {
            "message phasic.v1.GetServerInfoRequest": "",
            "field phasic.v1.Agent.seed": "= 8 optional fixed64",
            "field phasic.v1.Agent.labels": "= 6 map<string, string>",
            "field phasic.v1.Agent.preset": "= 9 oneof source phasic.v1.PresetSource",
            "field phasic.v1.Tensor.dtype": "= 3 phasic.v1.Tensor.Dtype",
            "field phasic.v1.StepRequest.observation": "= 2 repeated float",
            "value phasic.v1.Tensor.Dtype.FLOAT32": "= 1",
            "value phasic.v1.Mode.FROZEN": "= 2",
            "method phasic.v1.AgentService.Inspect": (
                "(phasic.v1.InspectRequest) returns (stream phasic.v1.InspectResponse)"
            ),
        }.items():
            self.assertEqual(self.released.get(what), how, what)

    def test_removed_field(self):
        message = self.message("Agent")
        message.field.remove(_find(message.field, "uid"))
        self.assert_broken("field phasic.v1.Agent.uid = 2 fixed64: is gone")

    def test_renumbered_field(self):
        self.field("uid").number = 99
        self.assert_broken("field phasic.v1.Agent.uid = 2 fixed64: is now = 99 fixed64")

    def test_retyped_field(self):
        self.field("uid").type = Field.TYPE_UINT64
        self.assert_broken("field phasic.v1.Agent.uid = 2 fixed64: is now = 2 uint64")

    def test_relabelled_field(self):
        self.field("etag").label = Field.LABEL_REPEATED
        self.assert_broken("field phasic.v1.Agent.etag = 5 string: is now = 5 repeated string")

    def test_lost_presence(self):
        seed = self.field("seed")
        seed.proto3_optional = False
        seed.ClearField("oneof_index")
        self.assert_broken("field phasic.v1.Agent.seed = 8 optional fixed64: is now = 8 fixed64")

    def test_renamed_field(self):
        self.field("uid").name = "id"
        self.assert_broken("field phasic.v1.Agent.uid = 2 fixed64: is gone")

    def test_removed_message(self):
        messages = self.file("server_service").message_type
        messages.remove(_find(messages, "GetServerInfoRequest"))
        self.assert_broken("message phasic.v1.GetServerInfoRequest: is gone")

    def test_renumbered_and_removed_enum_value(self):
        values = _find(self.file("agent").enum_type, "Mode").value
        values.remove(_find(values, "FROZEN"))
        _find(values, "LEARNING").number = 7
        self.assert_broken(
            "value phasic.v1.Mode.LEARNING = 1: is now = 7",
            "value phasic.v1.Mode.FROZEN = 2: is gone",
        )

    def test_removed_method(self):
        methods = _find(self.file("agent_service").service, "AgentService").method
        methods.remove(_find(methods, "CloneAgent"))
        self.assert_broken(
            "method phasic.v1.AgentService.CloneAgent (phasic.v1.CloneAgentRequest) returns"
            " (phasic.v1.Agent): is gone"
        )

    def test_retyped_and_restreamed_method(self):
        self.method("Inspect").server_streaming = False
        self.method("Step").output_type = ".phasic.v1.Agent"
        self.assert_broken(
            "method phasic.v1.AgentService.Inspect (phasic.v1.InspectRequest) returns"
            " (stream phasic.v1.InspectResponse): is now (phasic.v1.InspectRequest) returns"
            " (phasic.v1.InspectResponse)",
            "method phasic.v1.AgentService.Step (phasic.v1.StepRequest) returns"
            " (phasic.v1.StepResponse): is now (phasic.v1.StepRequest) returns (phasic.v1.Agent)",
        )

    def test_additions_are_fine(self):
        self.message("Agent").field.add(
            name="colour", number=99, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL
        )
        breaks, additions = contract.compare(self.released, contract.entries(self.mutated))
        self.assertEqual(breaks, [])
        self.assertEqual(additions, ["field phasic.v1.Agent.colour = 99 string"])


class CommandTest(unittest.TestCase):
    """The command as a release uses it."""

    def run_with(self, released, *options):
        """(exit code, the RELEASED file afterwards)."""
        script = pathlib.Path(__file__).with_name("contract.py")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "released.txt"
            path.write_text(released)
            command = [sys.executable, script, os.environ["PHASIC_DESCRIPTORS"], path, *options]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.returncode, path.read_text()

    def test_release_adds_what_is_new(self):
        before = "# A comment.\nvalue phasic.v1.Mode.FROZEN = 2\n"
        self.assertEqual(self.run_with(before), (0, before))
        code, after = self.run_with(before, "--release")
        self.assertEqual(code, 0)
        self.assertTrue(after.startswith("# A comment.\n"))
        self.assertIn("\nfield phasic.v1.Agent.uid = 2 fixed64\n", after)
        self.assertEqual(self.run_with(after, "--release"), (0, after))

    def test_release_never_writes_over_a_break(self):
        broken = "value phasic.v1.Mode.FROZEN = 3\n"
        self.assertEqual(self.run_with(broken), (1, broken))
        self.assertEqual(self.run_with(broken, "--release"), (1, broken))


if __name__ == "__main__":
    unittest.main()
