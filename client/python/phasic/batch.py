# SPDX-License-Identifier: Apache-2.0
"""Steps of many agents in one call, on numpy arrays: for vectorised environments."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from phasic._call import unique_id, worth_repeating
from phasic._step import disposition
from phasic.agent import Agent
from phasic.errors import Error, StepMismatch, from_status
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2

if TYPE_CHECKING:
    from phasic.client import Client

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class BatchResult:
    """What came of a batch. Arrays have an element, or a row, for each item.

    Attributes:
        actions: float32 [items, action size]; 0 where an episode ended and where the item failed.
        failures: what went wrong, by item. Those items were not done; the others were.
    """

    __slots__ = ("actions", "failures", "_response")

    def __init__(
        self, response: service_pb2.BatchStepResponse, failures: Dict[int, Error], action_size: int
    ) -> None:
        self._response = response
        self.actions: Floats = np.zeros((len(response.step), action_size), np.float32)
        if response.action_bytes:  # They come in the form of the observations: none, when all were terminated.
            self.actions[:] = np.frombuffer(response.action_bytes, "<f4").reshape(self.actions.shape)
        self.failures = failures

    @property
    def steps(self) -> Integers:
        """The index of each step in its agent's life; 0 where it failed."""
        return np.array(self._response.step, np.int64)

    @property
    def episodes(self) -> Integers:
        """The index of the episode that each step belonged to; 0 where it failed."""
        return np.array(self._response.episode, np.int64)

    @property
    def time(self) -> npt.NDArray[np.float64]:
        """Simulated time after each step, in milliseconds; 0 where it failed."""
        return np.array(self._response.time, np.float64)

    @property
    def dispositions(self) -> Tuple[Optional[str], ...]:
        """What became of each reward: "applied" or "not_learning", None where there was none."""
        return tuple(disposition(value) if value else None for value in self._response.disposition)

    def check(self) -> BatchResult:
        """This result, or the first of its failures as the exception that it is."""
        for _, error in sorted(self.failures.items()):
            raise error
        return self


class Batch:
    """Agents that step together, from `Client.batch`: up to 4,096 with one input and one output each,
    of the same sizes.

    It counts their steps as an `Agent` does its own, and sends them with an id of the call. So a batch that got no
    answer, or whose agents were too busy, is tried again and nothing is learned twice. If `step` fails for want of an
    answer, calling it again with the same arguments is safe too. Other methods of the agents may be called meanwhile,
    but steps of theirs go through the batch; `refresh` takes over the indices when they did not.

    One thread at a time may be in `step`.

    Attributes:
        run_id: sent with each step, as `Agent.run_id`.
    """

    def __init__(self, client: Client, agents: Sequence[Agent]) -> None:
        """Nothing is sent yet.

        Raises:
            ValueError: no agents, one of them twice, several ports, or ports of different sizes.
        """
        self._client = client
        self._agents = tuple(agents)
        self._uids = [agent.uid for agent in agents]
        if len(set(self._uids)) != len(self._uids) or not self._uids:
            raise ValueError("a batch needs agents, each of them once")
        sizes = {tuple((port.direction, port.size) for port in agent.ports) for agent in agents}
        ports = sizes.pop()
        if sizes or [direction for direction, _ in ports] != ["input", "output"]:
            raise ValueError("a batch needs agents of one input and one output, of the same sizes")
        (_, self._observation_size), (_, self._action_size) = ports
        self._request = service_pb2.BatchStepRequest()
        self._id_prefix = unique_id()
        self._ids = itertools.count()
        self.run_id = ""
        self._adopt()

    def _adopt(self) -> None:
        self._next: Integers = np.array([agent.next_step for agent in self._agents], np.int64)
        self._begun = np.zeros(len(self._agents), bool)  # This batch has done a step since the index was read.
        self._unanswered: Optional[Tuple[str, bytes]] = None  # What may have been done: its id and bytes.

    @property
    def agents(self) -> Tuple[Agent, ...]:
        return self._agents

    @property
    def next_steps(self) -> Integers:
        """The indices that the next steps will have, as this batch knows them."""
        return self._next.copy()

    def __len__(self) -> int:
        return len(self._agents)

    def __repr__(self) -> str:
        return f"<phasic.Batch of {len(self)} agents>"

    def refresh(self) -> Batch:
        """Read the agents anew, and take over their step indices. One call for each agent."""
        for agent in self._agents:
            agent.refresh()
        self._adopt()
        return self

    def step(
        self,
        observations: Any = None,
        rewards: Any = None,
        *,
        has_reward: Any = None,
        terminated: Any = None,
        truncated: Any = None,
        allowed: Any = None,
        greedy: bool = False,
        ticks: Optional[int] = None,
        items: Any = None,
        timeout: Optional[float] = None,
    ) -> BatchResult:
        """A turn of the loop for each agent; see `Agent.step`. Arrays have an element, or a row, for each item.

        Args:
            observations: numbers [items, ...], as many in each row as the input takes. Rows of the terminated are not
                read; may be left out when all are.
            rewards: what the last actions earned, for the circuits' first channel.
            has_reward: False where there is no reward.
            terminated: True where the world ended the episode.
            truncated: True where it was cut off. Where both are True it is terminated.
            allowed: which alternatives of the output may be chosen [items, alternatives].
            greedy: the likeliest or mean actions, without exploring.
            ticks: ticks of simulated time, instead of the circuits' own.
            items: which of the agents take part, by their indices in the batch; None: all.
            timeout: seconds for each try, instead of the client's own.

        Returns:
            also what failed: look at its `failures`, or call its `check()`.

        Raises:
            ValueError: arrays of other sizes.
            Error: of the call as a whole. Nothing was done, except perhaps with Unavailable and DeadlineExceeded.
        """
        chosen = np.arange(len(self)) if items is None else np.asarray(items, np.int64)
        request, count = self._request, len(chosen)
        request.Clear()
        request.uid.extend(self._uids if items is None else [self._uids[item] for item in chosen])
        request.run_id = self.run_id
        if observations is not None:
            rows = _column("observations", np.asarray(observations, "<f4"), count)
            if rows.size != count * self._observation_size:
                raise ValueError(f"observations are {rows.shape}, not {count} rows of {self._observation_size}")
            request.observation_bytes = rows.tobytes()
        if rewards is not None:
            request.reward.extend(_column("rewards", np.asarray(rewards, np.float32), count).tolist())
        if has_reward is not None:
            request.has_reward.extend(_column("has_reward", np.asarray(has_reward, bool), count).tolist())
        if terminated is not None or truncated is not None:
            over = np.zeros(count, bool) if terminated is None else np.asarray(terminated, bool)
            cut = np.zeros(count, bool) if truncated is None else np.asarray(truncated, bool)
            ends = np.where(over, agent_pb2.TERMINATED, np.where(cut, agent_pb2.TRUNCATED, agent_pb2.NONE))
            request.end.extend(_column("terminated and truncated", ends, count).tolist())
        if allowed is not None:
            request.allowed.extend(_column("allowed", np.asarray(allowed, bool), count).ravel().tolist())
        request.greedy = greedy
        request.ticks = ticks or 0
        return self._send(request, chosen, timeout)

    def _send(
        self, request: service_pb2.BatchStepRequest, chosen: Integers, timeout: Optional[float]
    ) -> BatchResult:
        request.step.extend(self._next[chosen].tolist())
        self._identify(request)
        sent_before = self._unanswered is not None
        try:
            attempt = _Attempt(self._client, request, timeout)
            if not sent_before and self._take_over(attempt, chosen):
                del request.step[:]
                request.step.extend(self._next[chosen].tolist())
                attempt = _Attempt(self._client, request, timeout)
        except Error as error:
            if error.is_ambiguous:
                self._unanswered = (request.request_id, request.SerializeToString())
            raise
        except BaseException:
            self._unanswered = (request.request_id, request.SerializeToString())
            raise
        self._unanswered = None
        done = np.ones(len(chosen), bool)
        for item, failure in attempt.failures.items():
            done[item] = False
            if isinstance(failure, StepMismatch):
                failure.believed = int(request.step[item])
        self._next[chosen[done]] += 1
        self._begun[chosen[done]] = True
        return BatchResult(attempt.response, attempt.failures, self._action_size)

    def _take_over(self, attempt: _Attempt, chosen: Integers) -> bool:
        """Take over the indices of agents that this batch has not stepped yet; whether there were any.

        The others are then answered from memory when the batch is sent again. Taking over mixes no episodes only where
        this batch has none of its own.
        """
        found = False
        for item, error in attempt.failures.items():
            if isinstance(error, StepMismatch) and error.actual is not None:
                if attempt.tries == 1 and not self._begun[chosen[item]]:
                    self._next[chosen[item]] = error.actual
                    found = True
        return found

    def _identify(self, request: service_pb2.BatchStepRequest) -> None:
        """Give the request its id: that of an unanswered batch if it is the same again, else a new one."""
        if self._unanswered is not None:
            request.request_id, body = self._unanswered
            if request.SerializeToString() == body:
                return
        request.request_id = f"{self._id_prefix}-{next(self._ids):x}"


class _Attempt:
    """A batch on the wire, tried again while some of its agents are too busy: the others then answer from memory."""

    def __init__(self, client: Client, request: service_pb2.BatchStepRequest, timeout: Optional[float]) -> None:
        self.tries = 0
        self.response: Any = None
        self.failures: Dict[int, Error] = {}

        def once(message: service_pb2.BatchStepRequest, timeout: float) -> None:
            self.tries += 1
            self.response = None
            response = client._agents.BatchStep(message, timeout=timeout)
            self.failures = {
                failure.item: from_status(failure.status, f"BatchStep item {failure.item}")
                for failure in response.failures
            }
            self.response = response
            for error in self.failures.values():
                if worth_repeating(error):
                    raise error

        try:
            client._call("BatchStep", once, request, safe=True, timeout=timeout)
        except Error:
            if self.response is None:
                raise


def _column(name: str, array: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    if array.ndim < 1 or len(array) != count:
        raise ValueError(f"{name} are {array.shape}, must have one for each of {count} items")
    return array

