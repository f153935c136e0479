# SPDX-License-Identifier: Apache-2.0
"""Steps that do not wait for each other's answers."""

from __future__ import annotations

import collections
import queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Deque, Mapping, Optional, Sequence, Tuple, Type, Union

import grpc

from phasic._step import StepResult, fill
from phasic.agent import Agent
from phasic.errors import StepMismatch, from_rpc, from_status
from phasic.v1 import agent_service_pb2 as service_pb2

if TYPE_CHECKING:
    from phasic.client import Client


class Stream:
    """Sends steps of any agents, and gives their results in the order in which they were sent: from `Client.stream`.

        with client.stream() as stream:
            for agent in agents:
                stream.send(agent, observation)
            for agent in agents:
                agent, result = stream.receive()

    For steps whose arguments do not depend on the answers still awaited: those of several agents, or a recorded episode.
    One at a time, `Agent.step` is faster: grpcio hands each item of a stream from thread to thread. For agents that are
    alike, a `Batch` is faster by far.

    Each step carries its index, so after one that failed the agent's later ones in flight fail with `StepMismatch`, and
    nothing is done out of turn. Nothing is tried again: when the stream itself breaks, `Agent.refresh` tells what was
    done. Use it in one thread, and an agent's own `step` only when none of its steps is in flight.
    """

    def __init__(self, client: Client, timeout: Optional[float]) -> None:
        self._requests: "queue.SimpleQueue[Optional[service_pb2.InteractRequest]]" = queue.SimpleQueue()
        self._awaited: Deque[Tuple[Agent, int]] = collections.deque()
        self._answers = client._agents.Interact(iter(self._requests.get, None), timeout=timeout)

    @property
    def pending(self) -> int:
        """How many results are still to be received."""
        return len(self._awaited)

    def send(
        self,
        agent: Agent,
        observation: Any = None,
        reward: Optional[float] = None,
        *,
        end: Optional[str] = None,
        greedy: bool = False,
        ticks: Optional[int] = None,
        mask: Any = None,
        report: Sequence[str] = (),
        record: Optional[Mapping[str, int]] = None,
        rewards: Optional[Mapping[str, Union[float, Sequence[float]]]] = None,
        taken_action: Any = None,
    ) -> None:
        """Send a step, with the arguments of `Agent.step`. Does not wait, not even for a server that is behind."""
        item = service_pb2.InteractRequest()
        step = item.step
        step.name, step.run_id = agent.name, agent.run_id
        fill(
            *(step, agent._ports, observation, reward, rewards, end, greedy, ticks, mask, report, record),
            taken_action,
        )
        step.step = agent._count_ahead()
        self._awaited.append((agent, int(step.step)))
        self._requests.put(item)

    def receive(self) -> Tuple[Agent, StepResult]:
        """Wait for the next result, of the step that was sent first.

        Raises:
            LookupError: there is none to come.
            Error: of that step, which was not done, and the stream goes on; or of the stream, which ends with it.
        """
        if not self._awaited:
            raise LookupError("every step that was sent has been answered")
        try:
            answer = next(self._answers)
        except grpc.RpcError as error:
            self._awaited.clear()
            raise from_rpc(error, "Interact") from None
        agent, index = self._awaited.popleft()
        if answer.WhichOneof("result") == "step":
            return agent, StepResult(answer.step, agent._ports)
        failure = from_status(answer.error, "Interact")
        if isinstance(failure, StepMismatch):
            failure.believed = index
        else:
            agent._count_again(index)
        raise failure

    def close(self) -> None:
        """End the stream. Steps whose results have not been received may be done or not."""
        self._requests.put(None)
        if self._awaited:
            self._answers.cancel()

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
