# SPDX-License-Identifier: Apache-2.0
"""What an agent is, as its server last told."""

from __future__ import annotations

import datetime
from typing import Any, Dict, Optional, Tuple

from phasic._convert import from_value
from phasic.info import Channel, Size, Stats
from phasic.v1 import agent_pb2

# The weakest first.
_DURABILITIES = {
    "ephemeral": agent_pb2.EPHEMERAL,
    "snapshot": agent_pb2.SNAPSHOT,
    "journaled": agent_pb2.JOURNALED,
    "synced": agent_pb2.SYNCED,
}


class AgentFacts:
    """Reads an agent's message. `Agent.refresh()` asks for a new one."""

    _message: agent_pb2.Agent

    @property
    def name(self) -> str:
        """tenants/{tenant}/agents/{agent}"""
        return str(self._message.name)

    @property
    def id(self) -> str:
        return self.name.rsplit("/", 1)[-1]

    @property
    def uid(self) -> int:
        """Never used again, even after the agent is deleted."""
        return int(self._message.uid)

    @property
    def incarnation(self) -> int:
        """New whenever a state begins: on create, clone, import and restore."""
        return int(self._message.incarnation)

    @property
    def create_time(self) -> datetime.datetime:
        created: datetime.datetime = self._message.create_time.ToDatetime(datetime.timezone.utc)
        return created

    @property
    def etag(self) -> str:
        return str(self._message.etag)

    @property
    def labels(self) -> Dict[str, str]:
        return dict(self._message.labels)

    @property
    def mode(self) -> str:
        """ "learning", "frozen" or "shadow"."""
        return str(agent_pb2.Mode.Name(self._message.mode)).lower()

    @property
    def durability(self) -> str:
        """What it survives, "ephemeral", "snapshot", "journaled" or "synced": see `Client.create_agent`."""
        return durability_from_proto(self._message.durability)

    @property
    def numerics(self) -> Tuple[int, ...]:
        """The versions of the server's arithmetic that have computed its state, ascending."""
        return tuple(self._message.numerics)

    @property
    def seed(self) -> int:
        return int(self._message.seed)

    @property
    def preset(self) -> str:
        """The preset's name, or "" when the agent was made from a circuit."""
        return str(self._message.preset.preset)

    @property
    def parameters(self) -> Dict[str, Any]:
        """What was changed in the preset."""
        return {name: from_value(value) for name, value in self._message.preset.parameters.items()}

    @property
    def live_parameters(self) -> Dict[str, float]:
        """Parameters that `update` may change, as "component.parameter"."""
        return dict(self._message.live_parameters)

    @property
    def size(self) -> Size:
        return Size.from_proto(self._message.size)

    @property
    def channels(self) -> Tuple[Channel, ...]:
        """The first is the one that rewards without a channel reach."""
        return tuple(Channel(c.name, c.model, c.size) for c in self._message.channels)

    @property
    def stats(self) -> Stats:
        """As of the last `refresh` (or `update`)."""
        return Stats.from_proto(self._message.stats)


def durability_to_proto(durability: Optional[str]) -> agent_pb2.Durability:
    """None: the server chooses."""
    if durability is None:
        return agent_pb2.DURABILITY_UNSPECIFIED
    try:
        return _DURABILITIES[durability.lower()]
    except KeyError:
        raise ValueError(f"durability is {durability!r}, must be one of {list(_DURABILITIES)}") from None


def durability_from_proto(durability: agent_pb2.Durability) -> str:
    """Empty for one that this package does not know."""
    return next((word for word, number in _DURABILITIES.items() if number == durability), "")
