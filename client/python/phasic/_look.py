# SPDX-License-Identifier: Apache-2.0
"""Looking into an agent, which changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterator, Optional, Sequence

from phasic._facts import AgentFacts
from phasic._inspect import Assembler
from phasic.info import Variable
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2
from phasic.watch import Glimpse, watch

if TYPE_CHECKING:
    from phasic.client import Client


class AgentLook(AgentFacts):
    """What `Agent` shows of itself."""

    _client: Client

    def digest(self) -> int:
        """A hash of every bit of state: agents of one circuit with equal digests act and learn alike from here on."""
        request = service_pb2.GetAgentRequest(name=self.name, view=agent_pb2.FULL)
        return int(self._client._call("GetAgent", self._client._agents.GetAgent, request, safe=True).digest)

    def inspect(
        self,
        component: Optional[str] = None,
        variable: Optional[str] = None,
        *,
        offset: int = 0,
        count: int = 0,
        summary_only: bool = False,
    ) -> Dict[str, Variable]:
        """Weights, traces, activity, modulators, as "component.variable". Looking changes nothing.

        Args:
            component: a population, projection, modulator or port; None: all.
            variable: one of its variables, e.g. "weights"; None: all.
            offset: elements from here on, in row-major order...
            count: ...so many; 0 means all that follow.
            summary_only: no elements, only the summaries.
        """
        request = service_pb2.InspectRequest(
            name=self.name,
            component=component or "",
            variable=variable or "",
            offset=offset,
            count=count,
            summary_only=summary_only,
        )

        def whole(message: service_pb2.InspectRequest, timeout: float) -> Dict[str, Variable]:
            parts = Assembler(summary_only)
            for part in self._client._agents.Inspect(message, timeout=timeout):
                parts.add(part)
            return parts.variables()

        found: Dict[str, Variable] = self._client._call("Inspect", whole, request, safe=True)
        return found

    def watch(
        self, topics: Sequence[str] = (), *, stride: int = 1, max_rate: float = 10.0
    ) -> Iterator[Glimpse]:
        """What the agent does, as it does it: a first glimpse at once, then one whenever something has happened.

        Ends when the loop over it does, or with an Error: `NotFound` when the agent ends. Changes nothing.

        Args:
            topics: of "rewards", "actions", "modulators", "spikes", "traces" and "weights"; empty: all.
            stride: of the steps only those whose index is a multiple of this.
            max_rate: glimpses a second at most.
        """
        return watch(self._client, self.name, topics, stride, max_rate)
