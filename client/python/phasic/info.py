# SPDX-License-Identifier: Apache-2.0
"""What the server says about agents, circuits and itself, as plain values."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy.typing as npt

from phasic._convert import from_circuit
from phasic.errors import FieldViolation
from phasic.spaces import Space, from_proto as space_from_proto
from phasic.v1 import agent_pb2, circuit_pb2, circuit_service_pb2, server_service_pb2
from phasic.v1 import agent_service_pb2 as service_pb2


@dataclasses.dataclass(frozen=True)
class Port:
    """A named end of a circuit. `direction` is "input" or "output"; `size` counts the numbers of a value."""

    name: str
    direction: str
    space: Space
    size: int
    maskable: bool

    @classmethod
    def from_proto(cls, port: agent_pb2.PortInfo) -> Port:
        direction = "input" if port.direction == agent_pb2.PortInfo.INPUT else "output"
        return cls(port.name, direction, space_from_proto(port.space), port.size, port.maskable)


@dataclasses.dataclass(frozen=True)
class Channel:
    """A modulator as rewards address it. `size` counts the numbers of a reward."""

    name: str
    model: str
    size: int


@dataclasses.dataclass(frozen=True)
class Size:
    """What an agent takes: neurons, synapses, bytes of state now and at most, seconds of one step (estimated)."""

    neurons: int
    synapses: int
    bytes: int
    max_bytes: int
    step_seconds: float

    @classmethod
    def from_proto(cls, size: agent_pb2.AgentSize) -> Size:
        return cls(size.neurons, size.synapses, size.bytes, size.max_bytes, size.step_seconds)


@dataclasses.dataclass(frozen=True)
class Stats:
    """What an agent has lived through.

    `mean_return` is the mean sum of rewards over the last `mean_return_episodes` episodes, up to 100; None before the
    first has ended. `time` is simulated, in milliseconds. `residency` says where its state is: "resident" in memory,
    or "hibernated" in the server's store, from where the next call that needs it wakes it.
    """

    steps: int
    episodes: int
    mean_return: Optional[float]
    mean_return_episodes: int
    rewards_applied: int
    rewards_duplicate: int
    rewards_not_learning: int
    rewards_pending: int
    rewards_expired: int
    rewards_unknown_event: int
    time: float
    last_active: Optional[datetime.datetime]
    residency: str

    @classmethod
    def from_proto(cls, stats: agent_pb2.AgentStats) -> Stats:
        active = stats.HasField("last_active_time")
        return cls(
            steps=stats.steps,
            episodes=stats.episodes,
            mean_return=stats.mean_return if stats.HasField("mean_return") else None,
            mean_return_episodes=stats.mean_return_episodes,
            rewards_applied=stats.rewards_applied,
            rewards_duplicate=stats.rewards_duplicate,
            rewards_not_learning=stats.rewards_not_learning,
            rewards_pending=stats.rewards_pending,
            rewards_expired=stats.rewards_expired,
            rewards_unknown_event=stats.rewards_unknown_event,
            time=stats.time,
            last_active=stats.last_active_time.ToDatetime(datetime.timezone.utc) if active else None,
            residency=agent_pb2.Residency.Name(stats.residency).lower() if stats.residency else "",
        )


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A stored state of an agent. `step` is the index of the next step in it; `digest` is as `Agent.digest`."""

    name: str
    create_time: datetime.datetime
    step: int
    incarnation: int
    digest: int
    bytes: int
    note: str

    @property
    def id(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @classmethod
    def from_proto(cls, s: agent_pb2.Snapshot) -> Snapshot:
        created = s.create_time.ToDatetime(datetime.timezone.utc)
        return cls(s.name, created, s.step, s.incarnation, s.digest, s.bytes, s.note)


@dataclasses.dataclass(frozen=True)
class Summary:
    """Of all elements of a variable; `norm` is the square root of the sum of squares."""

    count: int
    min: float
    max: float
    mean: float
    norm: float

    @classmethod
    def from_proto(cls, s: service_pb2.InspectResponse.Summary) -> Summary:
        return cls(s.count, s.min, s.max, s.mean, s.norm)


@dataclasses.dataclass(frozen=True)
class Variable:
    """One variable of one part of an agent, e.g. the weights of a projection.

    `data` has the variable's shape, or is flat when a slice was asked for, or None when only the summary was. `step` is
    the index of the agent's next step when it was read. `life` says what ends it: "learned", "adaptive", "trace",
    "fast" or "clock"; or "fixed", of the circuit, such as the "sources" and "targets" of a sparse projection.
    """

    component: str
    variable: str
    unit: str
    life: str
    shape: Tuple[int, ...]
    summary: Summary
    step: int
    offset: int
    data: Optional[npt.NDArray[Any]]

    @property
    def name(self) -> str:
        return f"{self.component}.{self.variable}"

    def array(self) -> npt.NDArray[Any]:
        """`data`, which must have been asked for."""
        if self.data is None:
            raise ValueError(f"{self.name}: only the summary was asked for")
        return self.data

    def __repr__(self) -> str:
        s = self.summary
        text = f"norm {s.norm:.4g}, mean {s.mean:.4g}, {s.min:.4g} to {s.max:.4g}"
        return f"<{self.name} {list(self.shape)} {self.life}: {text}>"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """What a preset or building block says of one of its parameters.

    `choices` holds the allowed words when it is a word, the first being the default. `live`: may change while the
    agent lives. `source`: where the default comes from.
    """

    name: str
    description: str
    unit: str
    default: float
    min: float
    max: float
    choices: Tuple[str, ...]
    list: bool
    live: bool
    source: str

    @classmethod
    def from_proto(cls, p: circuit_pb2.ParameterInfo) -> Parameter:
        words = tuple(p.choices)
        return cls(
            p.name, p.description, p.unit, p.default_value, p.min, p.max, words, p.list, p.live, p.source
        )


@dataclasses.dataclass(frozen=True)
class Component:
    """A building block: `kind` is "population", "rule", "modulator", "encoder" or "decoder".

    `sites` and `variables` map names to descriptions; `terms` are a rule's, in words.
    """

    kind: str
    name: str
    summary: str
    equations: str
    source: str
    parameters: Tuple[Parameter, ...]
    sites: Mapping[str, str]
    variables: Mapping[str, str]
    terms: Tuple[str, ...]

    @classmethod
    def from_proto(cls, c: circuit_pb2.ComponentInfo) -> Component:
        return cls(
            kind=circuit_pb2.ComponentInfo.Kind.Name(c.kind).lower(),
            name=c.name,
            summary=c.summary,
            equations=c.equations,
            source=c.source,
            parameters=tuple(Parameter.from_proto(p) for p in c.parameters),
            sites={site.name: site.description for site in c.sites},
            variables={variable.name: variable.description for variable in c.variables},
            terms=tuple(c.terms),
        )


@dataclasses.dataclass(frozen=True)
class Circuit:
    """A preset. `spec` (a dict that `create_agent(circuit=...)` takes) and `components` come with `Client.circuit`."""

    name: str
    summary: str
    description: str
    parameters: Tuple[Parameter, ...]
    spaces: Mapping[str, Space]
    spec: Dict[str, Any]
    components: Tuple[Component, ...]

    @classmethod
    def from_proto(cls, circuit: circuit_pb2.Circuit) -> Circuit:
        return cls(
            name=circuit.name.rsplit("/", 1)[-1],
            summary=circuit.summary,
            description=circuit.description,
            parameters=tuple(Parameter.from_proto(p) for p in circuit.parameters),
            spaces={port: space_from_proto(space) for port, space in circuit.spaces.items()},
            spec=from_circuit(circuit.spec),
            components=tuple(Component.from_proto(c) for c in circuit.components),
        )


@dataclasses.dataclass(frozen=True)
class Validation:
    """Every fault of a circuit, or what an agent of it would be. True when there is no fault."""

    violations: Tuple[FieldViolation, ...]
    size: Optional[Size]
    ports: Tuple[Port, ...]

    def __bool__(self) -> bool:
        return not self.violations

    @classmethod
    def from_proto(cls, answer: circuit_service_pb2.ValidateCircuitResponse) -> Validation:
        return cls(
            violations=tuple(FieldViolation(v.field, v.description) for v in answer.violations),
            size=Size.from_proto(answer.size) if answer.HasField("size") else None,
            ports=tuple(Port.from_proto(port) for port in answer.ports),
        )


@dataclasses.dataclass(frozen=True)
class ServerInfo:
    """The server. `store` says where agents live: "memory" means that they end with its process, "sqlite" that those
    that are not ephemeral do not.

    `limits` and `load` hold numbers by the names that they have in the contract, e.g. `limits["max_agents"]`.
    """

    version: str
    api_version: str
    isa: str
    store: str
    limits: Mapping[str, float]
    load: Mapping[str, float]

    @classmethod
    def from_proto(cls, info: server_service_pb2.ServerInfo) -> ServerInfo:
        limits = {field.name: getattr(info.limits, field.name) for field in info.limits.DESCRIPTOR.fields}
        load = {field.name: getattr(info.load, field.name) for field in info.load.DESCRIPTOR.fields}
        return cls(info.version, info.api_version, info.isa, info.store, limits, load)


@dataclasses.dataclass(frozen=True)
class StoreCheck:
    """What a server's store holds, and what is wrong with it: the first 100 faults. True when there is none."""

    agents: int
    states: int
    snapshots: int
    records: int
    bytes: int
    faults: Tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.faults

    @classmethod
    def from_proto(cls, c: server_service_pb2.CheckStoreResponse) -> StoreCheck:
        return cls(c.agents, c.states, c.snapshots, c.records, c.bytes, tuple(c.faults))


def summary_from_proto(summary: Any) -> Summary:
    """From an InspectResponse.Summary."""
    return Summary(summary.count, summary.min, summary.max, summary.mean, summary.norm)


