# SPDX-License-Identifier: Apache-2.0
"""Agents: step them, reward them, look into them."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Tuple, Union

from google.protobuf import field_mask_pb2

from phasic._call import unique_id
from phasic._state import AgentState, snapshot_id_of
from phasic._step import Event, Ports, StepResult, disposition, fill, to_reward
from phasic.errors import Error, StepMismatch
from phasic.info import Port, Snapshot
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2

if TYPE_CHECKING:
    from phasic.client import Client

MODES = {"learning": agent_pb2.LEARNING, "frozen": agent_pb2.FROZEN, "shadow": agent_pb2.SHADOW}


class Agent(AgentState):
    """A hosted agent, from `Client.create_agent`, `Client.agent`, `Client.import_agent` or `Agent.clone`.

    The handle counts the agent's steps, and sends with each step the index that it should have and an id of the call. So
    a call that got no answer is tried again and nothing is learned twice; and when another client steps the
    same agent, the next step fails with `StepMismatch` instead of mixing two episodes. If `step` fails for want of an
    answer (`Unavailable`, `DeadlineExceeded`, Ctrl-C), calling it again with the same arguments is safe too.

    One thread at a time may be in `step`; the other methods may be called from any thread.
    """

    def __init__(self, client: Client, message: agent_pb2.Agent) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._request = service_pb2.StepRequest()
        self._ports = Ports(message)
        self._id_prefix = unique_id()
        self._ids = itertools.count()
        # Sent with each step: names the run of the environment. A new one, while an episode is open, first resets it.
        self.run_id = ""
        self._adopt(message)

    def _adopt(self, message: agent_pb2.Agent) -> None:
        """Take this as the agent's present state, its step index included."""
        self._message = message
        self._next_step = int(message.stats.steps)
        self._begun = False  # No step was done since the index was read.
        self._unanswered: Optional[Tuple[str, bytes]] = None  # A step that may have been done: its id and bytes.

    @property
    def ports(self) -> Tuple[Port, ...]:
        """Inputs first."""
        return self._ports.all

    @property
    def next_step(self) -> int:
        """The index that the next step will have, as this handle knows it."""
        return self._next_step

    def __repr__(self) -> str:
        return f"<phasic.Agent {self.id} ({self.preset or 'circuit'}, {self.mode}, step {self.next_step})>"

    # The loop.

    def step(
        self,
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
        timeout: Optional[float] = None,
    ) -> StepResult:
        """Deliver a reward, show an observation, let time pass, get an action: one turn of the loop.

        Args:
            observation: a number or array for the only input port, or a dict of these by port. May be left out when
                the episode is terminated.
            reward: what the last action earned, for the circuit's first channel.
            end: "terminated": the world ended the episode, what follows is worth nothing. "truncated": it was cut
                off, and the observation is the last one. Then no action comes back.
            greedy: the likeliest or mean action, without exploring.
            ticks: ticks of simulated time, instead of the circuit's own.
            mask: which alternatives of a Discrete output may be chosen; of a MultiDiscrete one, those of all its
                choices in turn, or a sequence of masks, one for each choice; or a dict of masks by port.
            report: what to return besides the action, as "component.variable".
            record: what to record while the step's ticks pass: "component.variable" to "one sample every so many
                ticks", e.g. {"hidden.v": 1}.
            rewards: more rewards, by channel.
            taken_action: in shadow mode, and only there, what was done on this observation; with several output
                ports, a dict by port.
            timeout: seconds for each try, instead of the client's own.

        Raises:
            StepMismatch: another client steps this agent. Nothing was done.
            InvalidArgument: an observation outside its space and the like. Nothing was done.
            Error: any other. Nothing was done, except perhaps with Unavailable and DeadlineExceeded.
        """
        with self._lock:
            request = self._request
            request.Clear()
            request.name = self._message.name
            request.run_id = self.run_id
            fill(
                *(request, self._ports, observation, reward, rewards, end, greedy, ticks, mask, report, record),
                taken_action,
            )
            return StepResult(self._send_step(request, timeout), self._ports)

    def end_episode(
        self,
        observation: Any = None,
        reward: Optional[float] = None,
        *,
        terminated: Optional[bool] = None,
        **options: Any,
    ) -> StepResult:
        """A step that ends the episode, with the reward of the last action.

        Terminated unless said otherwise, when there is no observation; truncated when there is one.
        """
        if terminated is None:
            terminated = observation is None
        return self.step(observation, reward, end="terminated" if terminated else "truncated", **options)

    def reset_episode(self) -> int:
        """End the episode as truncated, without a last observation. Returns the index of the episode that begins.

        Clears potentials, activity and traces; never weights, baselines or the step count. May be repeated: before an
        episode's first step there is none to end.
        """
        with self._lock:
            request = service_pb2.ResetEpisodeRequest(name=self.name, step=self._next_step)
            try:
                answer = self._client._call("ResetEpisode", self._client._agents.ResetEpisode, request, safe=True)
            except StepMismatch as error:
                error.believed = self._next_step
                raise
        return int(answer.episode)

    def reward(
        self,
        value: Union[float, Sequence[float]],
        channel: Optional[str] = None,
        reward_id: Optional[str] = None,
        *,
        event: Union[Event, int, None] = None,
    ) -> str:
        """Deliver a reward by itself, at any time.

        It meets the eligibility traces as they are; or, of a circuit with a reward window, as they were after the
        step that it is for.

        Args:
            value: a number, or one for each element of the channel.
            channel: the modulator's name; None: the circuit's first.
            reward_id: a reward whose id the agent knows already is not delivered again. None: a new one.
            event: what it is for: `StepResult.event`, or a step's index. None: now.

        Returns:
            "applied"; "duplicate" (also when an earlier try of this very call had arrived); "not_learning", from a
            frozen agent; "pending", held for its step, or until it is combined with others; "expired", its step has left
            the reward window; or "unknown_event", there was no such decision. The last two were not delivered.

        Raises:
            FailedPrecondition: it is for a step, and the circuit keeps no reward window.
        """
        message = to_reward(channel or "", value)
        if isinstance(event, Event):
            message.event.incarnation, message.event.step = event
        elif event is not None:
            message.step = event
        message.reward_id = reward_id or unique_id()
        request = service_pb2.RewardRequest(name=self.name, rewards=[message])
        answer = self._client._call("Reward", self._client._agents.Reward, request, safe=True)
        return disposition(answer.dispositions[0])

    def _count_ahead(self) -> int:
        """The index of a step that is sent without waiting for its answer."""
        with self._lock:
            self._begun = True
            self._next_step += 1
            return self._next_step - 1

    def _count_again(self, index: int) -> None:
        """A step that was sent with this index was not done."""
        with self._lock:
            self._next_step = index

    def _send_step(
        self, request: service_pb2.StepRequest, timeout: Optional[float]
    ) -> service_pb2.StepResponse:
        request.step = self._next_step
        self._identify(request)
        sent_before = self._unanswered is not None
        try:
            try:
                response = self._try_step(request, timeout)
            except StepMismatch as error:
                # Nothing was done. Taking over the index mixes no episodes only if this handle has none of its own.
                if error.actual is None or error.tries > 1 or self._begun or sent_before:
                    raise
                request.step = error.actual
                response = self._try_step(request, timeout)
        except StepMismatch as error:
            error.believed = int(request.step)
            raise
        except Error as error:
            if error.is_ambiguous:
                self._unanswered = (request.request_id, request.SerializeToString())
            raise
        except BaseException:
            self._unanswered = (request.request_id, request.SerializeToString())
            raise
        self._unanswered = None
        self._begun = True
        self._next_step = int(response.step) + 1
        return response

    def _try_step(
        self, request: service_pb2.StepRequest, timeout: Optional[float]
    ) -> service_pb2.StepResponse:
        answer: service_pb2.StepResponse = self._client._call(
            "Step", self._client._agents.Step, request, safe=True, timeout=timeout
        )
        return answer

    def _identify(self, request: service_pb2.StepRequest) -> None:
        """Give the request its id: that of an unanswered step if it is the same step again, else a new one."""
        if self._unanswered is not None:
            request.request_id, body = self._unanswered
            if request.SerializeToString() == body:
                return
        request.request_id = f"{self._id_prefix}-{next(self._ids):x}"

    # Looking.

    def refresh(self) -> Agent:
        """Read the agent anew, and take over its step index."""
        request = service_pb2.GetAgentRequest(name=self.name)
        message = self._client._call("GetAgent", self._client._agents.GetAgent, request, safe=True)
        with self._lock:
            self._adopt(message)
        return self

    # Changing.

    def update(
        self,
        *,
        mode: Optional[str] = None,
        labels: Optional[Mapping[str, Optional[str]]] = None,
        live_parameters: Optional[Mapping[str, float]] = None,
        etag: Optional[str] = None,
    ) -> Agent:
        """Change mode, labels and live parameters, without a reset.

        Args:
            mode: "learning", "frozen", or "shadow": it learns from what someone else does (`step`, taken_action).
            labels: values by key; None as a value takes the label away. Other labels stay.
            live_parameters: values by "component.parameter". Others stay.
            etag: change only if the agent still has this one, else Aborted.
        """
        changed = agent_pb2.Agent(name=self.name, etag=etag or "")
        paths = []
        if mode is not None:
            changed.mode = mode_to_proto(mode)
            paths.append("mode")
        for key, value in (labels or {}).items():
            paths.append(f"labels.{key}")
            if value is not None:
                changed.labels[key] = value
        if live_parameters:
            changed.live_parameters.update(live_parameters)
            paths.append("live_parameters")
        if not paths:
            return self
        request = service_pb2.UpdateAgentRequest(
            agent=changed, update_mask=field_mask_pb2.FieldMask(paths=paths)
        )
        self._message = self._client._call(
            "UpdateAgent", self._client._agents.UpdateAgent, request, safe=not etag
        )
        return self

    def freeze(self) -> Agent:
        """Act on, learn nothing."""
        return self.update(mode="frozen")

    def learn(self) -> Agent:
        """Learn again."""
        return self.update(mode="learning")

    def clone(
        self,
        agent_id: Optional[str] = None,
        *,
        seed: Optional[int] = None,
        labels: Optional[Mapping[str, str]] = None,
        snapshot: Union[None, str, Snapshot] = None,
    ) -> Agent:
        """A fork with every bit of state. Without a seed of its own it explores exactly as this one would.

        Args:
            labels: None: this one's.
            snapshot: begin with the state of this snapshot of the agent's, or of this id; None: the state as it is.
        """
        request = service_pb2.CloneAgentRequest(
            name=self.name,
            agent_id=agent_id or "",
            labels=labels,
            snapshot=snapshot_id_of(snapshot),
            request_id=unique_id(),
        )
        if seed is not None:
            request.seed = seed
        answer = self._client._call("CloneAgent", self._client._agents.CloneAgent, request, safe=True)
        return Agent(self._client, answer)

    def delete(self, *, etag: Optional[str] = None) -> None:
        """End the agent and its state for good. Not repeated by itself."""
        request = service_pb2.DeleteAgentRequest(name=self.name, etag=etag or "")
        self._client._call("DeleteAgent", self._client._agents.DeleteAgent, request, safe=False)


def mode_to_proto(mode: str) -> agent_pb2.Mode:
    try:
        return MODES[mode.lower()]
    except KeyError:
        raise ValueError(f"mode is {mode!r}, must be one of {sorted(MODES)}") from None
