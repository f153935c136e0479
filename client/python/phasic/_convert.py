# SPDX-License-Identifier: Apache-2.0
"""Values between Python and the wire."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Union

import numpy as np
import numpy.typing as npt
from google.protobuf import json_format, struct_pb2

from phasic import spaces
from phasic.v1 import agent_pb2, circuit_pb2

Array = npt.NDArray[Any]
# What a port gives: an int for Discrete, an array for the others.
PortValue = Union[int, Array]

_DTYPES: Dict[int, np.dtype[Any]] = {
    agent_pb2.Tensor.DTYPE_UNSPECIFIED: np.dtype("<f4"),
    agent_pb2.Tensor.FLOAT32: np.dtype("<f4"),
    agent_pb2.Tensor.FLOAT64: np.dtype("<f8"),
    agent_pb2.Tensor.UINT8: np.dtype("u1"),
    agent_pb2.Tensor.UINT16: np.dtype("<u2"),
    agent_pb2.Tensor.UINT32: np.dtype("<u4"),
    agent_pb2.Tensor.UINT64: np.dtype("<u8"),
}


def dtype_of(code: int) -> np.dtype[Any]:
    return _DTYPES[code]


def from_tensor(tensor: agent_pb2.Tensor) -> Array:
    """An array of its own; the message may go."""
    return np.frombuffer(tensor.data, dtype_of(tensor.dtype)).reshape(tuple(tensor.shape)).copy()


def to_tensor(name: str, value: Any) -> agent_pb2.Tensor:
    """The value as FLOAT32, which is what ports take."""
    array = np.asarray(value, "<f4")
    return agent_pb2.Tensor(name=name, shape=array.shape, dtype=agent_pb2.Tensor.FLOAT32, data=array.tobytes())


def to_floats(value: Any) -> List[float]:
    """A flat list of numbers, row by row, from a number, an array or nested sequences."""
    if isinstance(value, (int, float)):
        return [value]
    flat: List[float] = np.asarray(value).ravel().tolist()
    return flat


def reader(space: spaces.Space) -> Callable[[Any], PortValue]:
    """What makes a value of the space out of its numbers, given flat in a sequence or array."""
    if isinstance(space, spaces.Discrete):
        return lambda numbers: int(numbers[0])
    dtype, shape = space.dtype, space.shape
    return lambda numbers: np.array(numbers, dtype).reshape(shape)


def to_value(value: Any) -> struct_pb2.Value:
    """A parameter's value: a number, a word, a truth value or a list of these."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    elif isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, (int, float)):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[to_value(item) for item in value]))
    raise TypeError(f"a parameter is a number, a word, a truth value or a list of these, not {value!r}")


def from_value(value: struct_pb2.Value) -> Any:
    """Numbers come back as floats."""
    return json_format.MessageToDict(value)


def to_preset(
    preset: str, parameters: Optional[Mapping[str, Any]], port_spaces: Optional[Mapping[str, Any]]
) -> agent_pb2.PresetSource:
    source = agent_pb2.PresetSource(preset=preset)
    for name, value in (parameters or {}).items():
        source.parameters[name].CopyFrom(to_value(value))
    for name, space in (port_spaces or {}).items():
        source.spaces[name].CopyFrom(spaces.to_proto(space))
    return source


def to_circuit(circuit: Any) -> circuit_pb2.CircuitSpec:
    """A circuit from its message or from a dict with the fields' names, as `Circuit.spec` gives it.

    Raises:
        ValueError: the dict names a field that there is not, or gives one a value of the wrong kind.
    """
    if isinstance(circuit, circuit_pb2.CircuitSpec):
        return circuit
    message = circuit_pb2.CircuitSpec()
    try:
        json_format.ParseDict(circuit, message)
    except json_format.ParseError as error:
        raise ValueError(f"circuit: {error}") from None
    return message


def from_circuit(circuit: circuit_pb2.CircuitSpec) -> Dict[str, Any]:
    found: Dict[str, Any] = json_format.MessageToDict(circuit, preserving_proto_field_name=True)
    return found
