# SPDX-License-Identifier: Apache-2.0
"""What an agent does, as it does it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

import grpc
import numpy as np
import numpy.typing as npt

from phasic._step import disposition
from phasic.errors import from_rpc
from phasic.info import Stats, Summary
from phasic.v1 import agent_pb2
from phasic.v1 import agent_service_pb2 as service_pb2

if TYPE_CHECKING:
    from phasic.client import Client

Sizes = Iterable[service_pb2.WatchResponse.Size]


@dataclasses.dataclass(frozen=True)
class SeenReward:
    """A reward that came: its numbers, and what became of it ("applied", "duplicate", ...)."""

    channel: str
    values: Tuple[float, ...]
    disposition: str


@dataclasses.dataclass(frozen=True)
class Moment:
    """What a step did, or rewards that came by themselves.

    `step` is the step's index; None where rewards came by themselves, before the step `next_step`. `time` is simulated,
    in milliseconds. `end` is None, "terminated" or "truncated". `action` has the values of all output ports, one after
    the other. `modulators` are outputs by "component.variable"; `spikes` the neurons that fired in the last tick, by
    population.
    """

    step: Optional[int]
    next_step: int
    episode: int
    time: float
    end: Optional[str]
    rewards: Tuple[SeenReward, ...]
    action: npt.NDArray[np.float32]
    modulators: Dict[str, npt.NDArray[np.float32]]
    spikes: Dict[str, npt.NDArray[np.uint32]]

    @classmethod
    def from_proto(cls, m: service_pb2.WatchResponse.Moment) -> Moment:
        stepped = m.WhichOneof("turn") == "step"
        return cls(
            step=m.step if stepped else None,
            next_step=m.step + 1 if stepped else m.next_step,
            episode=m.episode,
            time=m.time,
            end=agent_pb2.End.Name(m.end).lower() if m.end else None,
            rewards=tuple(
                SeenReward(r.channel, tuple(r.values), disposition(r.disposition)) for r in m.rewards
            ),
            action=np.array(m.action, np.float32),
            modulators={f"{x.component}.{x.variable}": np.array(x.values, np.float32) for x in m.modulators},
            spikes={x.component: np.array(x.units, np.uint32) for x in m.spikes},
        )


@dataclasses.dataclass(frozen=True)
class Glimpse:
    """What has happened since the glimpse before, and how the agent is now.

    `moments` are the last that came, oldest first; `dropped` counts those before them that are not told. `traces` and
    `weights` are summaries by "component.variable".
    """

    moments: List[Moment]
    dropped: int
    stats: Stats
    traces: Dict[str, Summary]
    weights: Dict[str, Summary]

    @classmethod
    def from_proto(cls, message: service_pb2.WatchResponse) -> Glimpse:
        return cls(
            moments=[Moment.from_proto(m) for m in message.moments],
            dropped=message.dropped,
            stats=Stats.from_proto(message.stats),
            traces=_summaries(message.traces),
            weights=_summaries(message.weights),
        )


def _summaries(sizes: Sizes) -> Dict[str, Summary]:
    return {f"{size.component}.{size.variable}": Summary.from_proto(size.summary) for size in sizes}


def watch(
    client: Client, name: str, topics: Sequence[str], stride: int, max_rate: float
) -> Iterator[Glimpse]:
    """See Agent.watch."""
    request = service_pb2.WatchRequest(name=name, stride=stride, max_rate=max_rate)
    for topic in topics:
        try:
            request.topics.append(service_pb2.WatchRequest.Topic.Value(topic.upper()))
        except ValueError:
            known = sorted(word.lower() for word in service_pb2.WatchRequest.Topic.keys()[1:])
            raise ValueError(f"topics has {topic!r}, must be of {known}") from None
    return _glimpses(client._agents.Watch(request))


def _glimpses(call: Any) -> Iterator[Glimpse]:
    try:
        for message in call:
            yield Glimpse.from_proto(message)
    except grpc.RpcError as error:
        raise from_rpc(error, "Watch") from None
    finally:
        call.cancel()
