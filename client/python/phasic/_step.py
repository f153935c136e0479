# SPDX-License-Identifier: Apache-2.0
"""One step on the wire: filling the request, reading the response."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from phasic._convert import Array, PortValue, from_tensor, reader, to_floats, to_tensor
from phasic.info import Port
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2

# A bigger array travels as bytes, which costs less than one Python float for each element.
_PACKED_UP_TO = 256

ENDS = {"terminated": agent_pb2.TERMINATED, "truncated": agent_pb2.TRUNCATED}
_DISPOSITIONS = {value: name.lower() for name, value in agent_pb2.Disposition.items()}

Action = Union[PortValue, Dict[str, PortValue]]


class Ports:
    """An agent's ports, with what is needed to read and write their values."""

    def __init__(self, message: agent_pb2.Agent) -> None:
        self.all = tuple(Port.from_proto(port) for port in message.ports)
        self.inputs = tuple(port for port in self.all if port.direction == "input")
        self.outputs = tuple(port for port in self.all if port.direction == "output")
        self.readers = {port.name: reader(port.space) for port in self.outputs}
        self.only_reader = self.readers[self.outputs[0].name] if len(self.outputs) == 1 else None


class Event(NamedTuple):
    """A decision of an agent, which a later reward may name."""

    incarnation: int
    step: int


class StepResult:
    """What came of a step.

    Attributes:
        action: for the only output port, an int if its space is Discrete, else an array; with several ports, a dict
            of these; None at an end of episode. In shadow mode what the agent would have done.
    """

    __slots__ = ("action", "_response")

    def __init__(self, response: service_pb2.StepResponse, ports: Ports) -> None:
        self._response = response
        self.action: Any = None
        if response.action and ports.only_reader is not None:
            self.action = ports.only_reader(response.action)
        elif response.actions:
            self.action = {t.name: ports.readers[t.name](from_tensor(t).ravel()) for t in response.actions}

    @property
    def report(self) -> Dict[str, Array]:
        """What the step was asked to report, as "component.variable"."""
        return {tensor.name: from_tensor(tensor) for tensor in self._response.report}

    @property
    def recordings(self) -> Dict[str, Array]:
        """What the step was asked to record, as "component.variable": samples x the variable's shape."""
        return {tensor.name: from_tensor(tensor) for tensor in self._response.recordings}

    @property
    def step(self) -> int:
        """This step's index."""
        return int(self._response.step)

    @property
    def episode(self) -> int:
        """The index of the episode that the step belonged to."""
        return int(self._response.episode)

    @property
    def time(self) -> float:
        """Simulated time after the step, in milliseconds."""
        return float(self._response.time)

    @property
    def event(self) -> Optional[Event]:
        """This decision, as a later reward may name it; None at an end of episode."""
        if not self._response.HasField("event"):
            return None
        return Event(int(self._response.event.incarnation), int(self._response.event.step))

    @property
    def dispositions(self) -> Tuple[str, ...]:
        """What became of each reward, as `Agent.reward` has it."""
        return tuple(disposition(value) for value in self._response.dispositions)

    def __repr__(self) -> str:
        return f"StepResult(action={self.action!r}, step={self.step}, episode={self.episode})"


def disposition(value: int) -> str:
    return _DISPOSITIONS.get(value, str(value))


def to_reward(channel: str, value: Union[float, Sequence[float]]) -> agent_pb2.Reward:
    if np.ndim(value) == 0:
        return agent_pb2.Reward(channel=channel, value=float(value))  # type: ignore[arg-type]
    return agent_pb2.Reward(channel=channel, values=to_floats(value))


def fill(
    request: service_pb2.StepRequest,
    ports: Ports,
    observation: Any,
    reward: Optional[float],
    rewards: Optional[Mapping[str, Union[float, Sequence[float]]]],
    end: Optional[str],
    greedy: bool,
    ticks: Optional[int],
    mask: Any,
    report: Sequence[str],
    record: Optional[Mapping[str, int]],
    taken_action: Any,
) -> None:
    """Write the arguments of `Agent.step` into an empty request.

    Raises:
        ValueError: an argument that no agent could take. The server checks the rest.
    """
    if isinstance(observation, np.ndarray) and observation.size > _PACKED_UP_TO and len(ports.inputs) == 1:
        request.inputs.append(to_tensor(ports.inputs[0].name, observation))
    elif isinstance(observation, Mapping):
        request.inputs.extend(to_tensor(port, value) for port, value in observation.items())
    elif observation is not None:
        request.observation.extend(to_floats(observation))
    if reward is not None:
        request.rewards.add().value = reward
    if rewards:
        request.rewards.extend(to_reward(channel, value) for channel, value in rewards.items())
    if end is not None:
        if end not in ENDS:
            raise ValueError(f"end is {end!r}, must be None or one of {sorted(ENDS)}")
        request.end = ENDS[end]
    if greedy:
        request.greedy = True
    if ticks is not None:
        request.ticks = ticks
    if mask is not None:
        masks = mask if isinstance(mask, Mapping) else {"": mask}
        for port, allowed in masks.items():
            request.action_masks.add(port=port, allowed=_flat(allowed))
    if report:
        request.report.extend(report)
    for variable, every in (record or {}).items():
        request.record.add(variable=variable, every=every)
    if isinstance(taken_action, Mapping):
        if set(taken_action) != {port.name for port in ports.outputs}:
            raise ValueError(f"taken_action is of {sorted(taken_action)}, must be of each output port")
        for port in ports.outputs:
            request.taken_action.extend(to_floats(taken_action[port.name]))
    elif taken_action is not None:
        request.taken_action.extend(to_floats(taken_action))


def _flat(mask: Any) -> List[bool]:
    """One truth value for each alternative, choice after choice, from an array or from a sequence of masks by choice."""
    if isinstance(mask, (tuple, list)):
        return [allowed for part in mask for allowed in _flat(part)]
    flat: List[bool] = np.asarray(mask, bool).ravel().tolist()
    return flat
