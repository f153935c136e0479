#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the contract only grows.

    contract.py DESCRIPTORS RELEASED              fails if something released was removed, renumbered or retyped
    contract.py DESCRIPTORS RELEASED --release    the same, then writes what is new into RELEASED

DESCRIPTORS is protoc's descriptor set of the contract as it is; RELEASED (released.txt, beside this file) has one line
for each message, field, enum value and method that was ever released:

    message phasic.v1.Agent
    field phasic.v1.Agent.seed = 8 optional fixed64
    value phasic.v1.Mode.FROZEN = 2
    method phasic.v1.AgentService.Inspect (phasic.v1.InspectRequest) returns (stream phasic.v1.InspectResponse)

Additions pass: they are not promised until their lines are in RELEASED.
"""

import argparse
import pathlib
import sys

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto


def _type(field):
    if field.type in (Field.TYPE_MESSAGE, Field.TYPE_ENUM):
        return field.type_name.lstrip(".")
    return Field.Type.Name(field.type).removeprefix("TYPE_").lower()


def _field(field, message, maps):
    """How a field is declared, but for its name and number."""
    if _type(field) in maps:
        key, value = maps[_type(field)].field
        return f"map<{_type(key)}, {_type(value)}>"
    if field.label == Field.LABEL_REPEATED:
        return f"repeated {_type(field)}"
    if field.proto3_optional:
        return f"optional {_type(field)}"
    if field.HasField("oneof_index"):
        return f"oneof {message.oneof_decl[field.oneof_index].name} {_type(field)}"
    return _type(field)


def _enum(enum, scope):
    for value in enum.value:
        yield f"value {scope}.{enum.name}.{value.name}", f"= {value.number}"


def _message(message, scope):
    name = f"{scope}.{message.name}"
    maps = {f"{name}.{m.name}": m for m in message.nested_type if m.options.map_entry}
    yield f"message {name}", ""
    for field in message.field:
        yield f"field {name}.{field.name}", f"= {field.number} {_field(field, message, maps)}"
    for enum in message.enum_type:
        yield from _enum(enum, name)
    for nested in message.nested_type:
        if not nested.options.map_entry:
            yield from _message(nested, name)


def _service(service, scope):
    for method in service.method:
        request, response = (
            ("stream " if streaming else "") + type_name.lstrip(".")
            for streaming, type_name in (
                (method.client_streaming, method.input_type),
                (method.server_streaming, method.output_type),
            )
        )
        name = f"method {scope}.{service.name}.{method.name}"
        yield name, f"({request}) returns ({response})"


def entries(descriptors):
    """{what: how it is declared} of the contract's own files in a FileDescriptorSet, in their order."""
    result = {}
    for file in descriptors.file:
        if file.package.split(".")[0] != "phasic":
            continue
        for message in file.message_type:
            result.update(_message(message, file.package))
        for enum in file.enum_type:
            result.update(_enum(enum, file.package))
        for service in file.service:
            result.update(_service(service, file.package))
    return result


def parse(text):
    """The entries of a RELEASED file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {" ".join(words[:2]): " ".join(words[2:]) for words in map(str.split, lines)}


def compare(released, current):
    """(breaks, additions), as lines."""
    breaks = []
    for what, how in released.items():
        line = f"{what} {how}".strip()
        if what not in current:
            breaks.append(f"{line}: is gone")
        elif current[what] != how:
            breaks.append(f"{line}: is now {current[what]}")
    additions = [f"{what} {how}".strip() for what, how in current.items() if what not in released]
    return breaks, additions


def main():
    parser = argparse.ArgumentParser(description="Checks that the contract only grows.")
    parser.add_argument("descriptors", type=pathlib.Path)
    parser.add_argument("released", type=pathlib.Path)
    parser.add_argument("--release", action="store_true", help="write what is new into RELEASED")
    arguments = parser.parse_args()

    current = entries(
        descriptor_pb2.FileDescriptorSet.FromString(arguments.descriptors.read_bytes())
    )
    text = arguments.released.read_text()
    breaks, additions = compare(parse(text), current)
    for line in breaks:
        print(f"BROKEN  {line}")
    for line in additions:
        print(f"new     {line}")
    if breaks:
        print(
            f"\nReleased clients depend on what is broken here ({arguments.released}). Keep it, and"
            " give the new meaning a name and a number of its own."
        )
        return 1
    if additions and arguments.release:
        comments = [line for line in text.splitlines() if line.startswith("#")]
        lines = [f"{what} {how}".strip() for what, how in current.items()]
        arguments.released.write_text("\n".join(comments + lines) + "\n")
        print(f"\nWrote {arguments.released}.")
    elif additions:
        print(
            "\nAdditions are fine. With the release that serves them:\n"
            f"  {sys.argv[0]} {arguments.descriptors} {arguments.released} --release"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
