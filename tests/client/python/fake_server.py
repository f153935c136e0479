# SPDX-License-Identifier: Apache-2.0
"""A server in this process that keeps the contract's promises and hosts agents that learn nothing.

It counts steps and remembers requests and rewards as the contract says, and can be told to lose answers. An agent's
action is the index of its largest observation (Discrete) or the observation itself, cut to the action's size.
"""

from __future__ import annotations

import collections
import threading
from concurrent import futures
from typing import Any, Callable, Dict, List, Tuple

import grpc
import numpy as np
from google.protobuf import empty_pb2

from fake_many import ManyAtOnce
from fake_store import Store, new_weights, read_state
from faults import Fault, bad_field, status_of
from phasic.rpc import error_details_pb2 as details_pb2
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2, agent_service_pb2_grpc
from phasic.v1 import circuit_pb2, circuit_service_pb2, circuit_service_pb2_grpc
from phasic.v1 import server_service_pb2, server_service_pb2_grpc

PRESETS = ("echo", "actor-critic", "bandit")
REMEMBERED_STEPS = 8
REMEMBERED_REWARDS = 1024


class HostedAgent:
    """An agent's message with what the server remembers of it."""

    def __init__(self, message: agent_pb2.Agent) -> None:
        self.message = message
        self.answers: "collections.OrderedDict[str, service_pb2.StepResponse]" = collections.OrderedDict()
        self.reward_ids: "collections.OrderedDict[str, None]" = collections.OrderedDict()
        self.steps: List[service_pb2.StepRequest] = []
        self.weights = new_weights()
        self.run_id = ""
        self.episode_open = False

    def end_episode(self) -> None:
        self.message.stats.episodes += self.episode_open
        self.episode_open = False


class FakeServer(
    ManyAtOnce,
    Store,
    agent_service_pb2_grpc.AgentServiceServicer,
    circuit_service_pb2_grpc.CircuitServiceServicer,
    server_service_pb2_grpc.ServerServiceServicer,
):
    """Served at `target` from `start` to `stop`."""

    def __init__(self) -> None:
        ManyAtOnce.__init__(self)
        Store.__init__(self)
        self.agents: Dict[str, HostedAgent] = {}
        self.calls: "collections.Counter[str]" = collections.Counter()
        self.target = ""
        self._created: Dict[str, str] = {}
        self._faults: Dict[str, List[Tuple[bool, Fault]]] = collections.defaultdict(list)
        self._lock = threading.RLock()

    def start(self, port: int = 0) -> None:
        self._server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        agent_service_pb2_grpc.add_AgentServiceServicer_to_server(self, self._server)
        circuit_service_pb2_grpc.add_CircuitServiceServicer_to_server(self, self._server)
        server_service_pb2_grpc.add_ServerServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.target = f"127.0.0.1:{self.port}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None).wait(5.0)

    def fail(self, method: str, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE, *, done: bool = False) -> None:
        """The next call of the method fails: with `done`, it is done and its answer is lost."""
        self.fail_with(method, Fault(code, "DRAINING", "told to fail"), done=done)

    def fail_with(self, method: str, fault: Fault, *, done: bool = False) -> None:
        self._faults[method].append((done, fault))

    def _serve(self, method: str, context: grpc.ServicerContext, work: Callable[[], Any]) -> Any:
        with self._lock:
            self.calls[method] += 1
            try:
                done, fault = self._faults[method].pop(0) if self._faults[method] else (True, None)
                answer = work() if done else None
                if fault is not None:
                    raise fault
                return answer
            except Fault as failure:
                context.set_trailing_metadata((("grpc-status-details-bin", status_of(failure)),))
                context.abort(failure.code, failure.text)

    def _find(self, name: str) -> HostedAgent:
        found = self.agents.get(name.rsplit("/", 1)[-1])
        if found is None:
            resource = details_pb2.ResourceInfo(resource_type="agent", resource_name=name)
            raise Fault(grpc.StatusCode.NOT_FOUND, "AGENT_NOT_FOUND", f"there is no agent {name}", resource)
        return found

    # AgentService

    def CreateAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("CreateAgent", context, lambda: self._create(request))

    def _create(self, request: service_pb2.CreateAgentRequest) -> agent_pb2.Agent:
        if request.request_id in self._created:
            return self.agents[self._created[request.request_id]].message
        message = agent_pb2.Agent()
        message.CopyFrom(request.agent)
        if message.WhichOneof("source") == "preset" and message.preset.preset not in PRESETS:
            raise bad_field("agent.preset.preset", "there is no such preset")
        message.durability = self._chosen(message.durability)
        if not message.HasField("seed"):
            message.seed = 7
        return self._add(request.agent_id or f"agent-{len(self._created)}", message, request.request_id)

    def _add(self, agent_id: str, message: agent_pb2.Agent, request_id: str) -> agent_pb2.Agent:
        if agent_id in self.agents:
            raise Fault(grpc.StatusCode.ALREADY_EXISTS, "AGENT_EXISTS", f"there is an agent {agent_id} already")
        message.name = f"tenants/default/agents/{agent_id}"
        message.uid = message.incarnation = len(self._created) + 1
        message.mode = message.mode or agent_pb2.LEARNING
        message.stats.residency = agent_pb2.RESIDENT
        message.numerics[:] = [1]
        message.etag = "1"
        message.create_time.GetCurrentTime()
        if not message.ports:
            self._add_ports(message)
        if not message.live_parameters:
            message.live_parameters["actor.rate"] = 0.1
        self.agents[agent_id] = HostedAgent(message)
        self._created[request_id] = agent_id
        return message

    def _add_ports(self, message: agent_pb2.Agent) -> None:
        for name, direction in (("observation", agent_pb2.PortInfo.INPUT), ("action", agent_pb2.PortInfo.OUTPUT)):
            port = message.ports.add(name=name, direction=direction, size=1)
            if name in message.preset.spaces:
                port.space.CopyFrom(message.preset.spaces[name])
            else:
                port.space.discrete.n = 2
            if port.space.HasField("box"):
                for size in port.space.box.shape:
                    port.size *= size
            elif port.space.HasField("multi_discrete"):
                port.size = len(port.space.multi_discrete.nvec)
            elif port.space.HasField("multi_binary"):
                port.size = port.space.multi_binary.n
        message.channels.add(name="reward", model="raw", size=1)

    def GetAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("GetAgent", context, lambda: self._find(request.name).message)

    def ListAgents(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> service_pb2.ListAgentsResponse:
            # One to a page, whatever is asked for: clients must follow the tokens.
            names = sorted(name for name in self.agents if name > request.page_token)
            answer = service_pb2.ListAgentsResponse(agents=[self.agents[name].message for name in names[:1]])
            answer.next_page_token = names[0] if len(names) > 1 else ""
            return answer

        return self._serve("ListAgents", context, work)

    def UpdateAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> agent_pb2.Agent:
            message, given = self._find(request.agent.name).message, request.agent
            if given.etag and given.etag != message.etag:
                raise Fault(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", "the agent has changed")
            for path in request.update_mask.paths:
                if path == "mode":
                    message.mode = given.mode
                elif path == "live_parameters":
                    message.live_parameters.update(given.live_parameters)
                elif path.startswith("labels."):
                    key = path.partition(".")[2]
                    message.labels.pop(key, None)
                    if key in given.labels:
                        message.labels[key] = given.labels[key]
                else:
                    raise bad_field("update_mask", f"{path} cannot change")
            message.etag = str(int(message.etag) + 1)
            return message

        return self._serve("UpdateAgent", context, work)

    def DeleteAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> empty_pb2.Empty:
            self._find(request.name)
            del self.agents[request.name.rsplit("/", 1)[-1]]
            return empty_pb2.Empty()

        return self._serve("DeleteAgent", context, work)

    def CloneAgent(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> agent_pb2.Agent:
            if request.request_id in self._created:
                return self.agents[self._created[request.request_id]].message
            message, weights = read_state(self._state_of(request.name, request.snapshot))
            if request.HasField("seed"):
                message.seed = request.seed
            made = self._add(request.agent_id or f"agent-{len(self._created)}", message, request.request_id)
            self._find(made.name).weights = weights
            return made

        return self._serve("CloneAgent", context, work)

    def Step(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("Step", context, lambda: self._step(request))

    def _step(self, request: service_pb2.StepRequest) -> service_pb2.StepResponse:
        agent = self._find(request.name)
        stats = agent.message.stats
        if request.request_id and request.request_id in agent.answers:
            return agent.answers[request.request_id]
        if request.HasField("step") and request.step != stats.steps:
            raise Fault(grpc.StatusCode.ABORTED, "STEP_MISMATCH", "not the next step", step=str(stats.steps))
        values = self._observation(agent, request)
        if request.run_id and agent.run_id and request.run_id != agent.run_id and agent.episode_open:
            agent.end_episode()
        agent.run_id = request.run_id or agent.run_id
        response = service_pb2.StepResponse(
            step=stats.steps, episode=stats.episodes, dispositions=[self._deliver(agent, r) for r in request.rewards]
        )
        stats.steps += 1
        stats.time = response.time = float(stats.steps * (request.ticks or 1))
        for name in request.report:
            response.report.append(_tensor(name, values))
        for recording in request.record:
            samples = (request.ticks or 1) // recording.every
            response.recordings.append(_tensor(recording.variable, [values] * samples))
        if request.end == agent_pb2.NONE:
            agent.episode_open = True
            self._act(agent, request, values, response)
        else:
            agent.end_episode()
        agent.steps.append(service_pb2.StepRequest.FromString(request.SerializeToString()))
        if request.request_id:
            agent.answers[request.request_id] = response
            while len(agent.answers) > REMEMBERED_STEPS:
                agent.answers.popitem(last=False)
        return response

    def _observation(self, agent: HostedAgent, request: service_pb2.StepRequest) -> List[float]:
        port = agent.message.ports[0]
        values = list(request.observation)
        if request.inputs:
            values = np.frombuffer(request.inputs[0].data, "<f4").tolist()
        if not values and request.end == agent_pb2.TERMINATED:
            return []
        if len(values) != port.size:
            raise bad_field("observation", f"has {len(values)} values, must have {port.size}")
        for index, value in enumerate(values):
            if value != value:
                raise bad_field(f"observation[{index}]", "is not finite")
        return values

    def _act(
        self,
        agent: HostedAgent,
        request: service_pb2.StepRequest,
        values: List[float],
        response: service_pb2.StepResponse,
    ) -> None:
        port = agent.message.ports[1]
        if port.space.HasField("discrete"):
            allowed = list(range(port.space.discrete.n))
            if request.action_masks:
                allowed = [index for index in allowed if request.action_masks[0].allowed[index]]
            response.action.append(max(allowed, key=lambda index: values[index] if index < len(values) else -1.0))
        else:
            response.action.extend((values * port.size)[: port.size])

    def _deliver(self, agent: HostedAgent, reward: agent_pb2.Reward) -> int:
        stats = agent.message.stats
        if reward.channel not in ("", "reward"):
            raise bad_field("rewards[0].channel", f"there is no channel {reward.channel}")
        if reward.reward_id in agent.reward_ids:
            stats.rewards_duplicate += 1
            return agent_pb2.DUPLICATE
        if reward.reward_id:
            agent.reward_ids[reward.reward_id] = None
            while len(agent.reward_ids) > REMEMBERED_REWARDS:
                agent.reward_ids.popitem(last=False)
        if agent.message.mode == agent_pb2.FROZEN:
            stats.rewards_not_learning += 1
            return agent_pb2.NOT_LEARNING
        stats.rewards_applied += 1
        return agent_pb2.APPLIED

    def Reward(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> service_pb2.RewardResponse:
            agent = self._find(request.name)
            return service_pb2.RewardResponse(dispositions=[self._deliver(agent, r) for r in request.rewards])

        return self._serve("Reward", context, work)

    def ResetEpisode(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> service_pb2.ResetEpisodeResponse:
            agent = self._find(request.name)
            if request.HasField("step") and request.step != agent.message.stats.steps:
                steps = str(agent.message.stats.steps)
                raise Fault(grpc.StatusCode.ABORTED, "STEP_MISMATCH", "not the next step", step=steps)
            agent.end_episode()
            return service_pb2.ResetEpisodeResponse(episode=agent.message.stats.episodes)

        return self._serve("ResetEpisode", context, work)

    def Inspect(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Weights 0..5 of "actor", one more for each episode, in messages of two elements, and a scalar of "critic"."""

        def work() -> List[service_pb2.InspectResponse]:
            agent = self._find(request.name)
            if request.component not in ("", "actor", "critic"):
                raise Fault(grpc.StatusCode.NOT_FOUND, "VARIABLE_NOT_FOUND", f"there is no {request.component}")
            parts = []
            actor = agent.weights + np.float32(agent.message.stats.episodes)
            for name, array in (("actor", actor), ("critic", np.float32([0.5]))):
                if request.component not in ("", name):
                    continue
                flat = array.ravel()[request.offset :][: request.count or None]
                for start in range(0, 1 if request.summary_only else len(flat), 2):
                    part = service_pb2.InspectResponse(component=name, variable="weights", life="learned")
                    part.shape.extend(array.shape)
                    part.dtype = agent_pb2.Tensor.FLOAT32
                    part.step = agent.message.stats.steps
                    part.offset = request.offset + start
                    if start == 0:
                        part.summary.count, part.summary.max = array.size, array.max()
                        part.summary.norm, part.summary.mean = np.linalg.norm(array), array.mean()
                    if not request.summary_only:
                        part.data = flat[start : start + 2].tobytes()
                    parts.append(part)
            return parts

        yield from self._serve("Inspect", context, work)

    # CircuitService and ServerService

    def ListCircuits(self, request: Any, context: grpc.ServicerContext) -> Any:
        answer = circuit_service_pb2.ListCircuitsResponse(circuits=[_echo_circuit(full=False)])
        return self._serve("ListCircuits", context, lambda: answer)

    def GetCircuit(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> circuit_pb2.Circuit:
            if request.name != "circuits/echo":
                raise Fault(grpc.StatusCode.NOT_FOUND, "CIRCUIT_NOT_FOUND", f"there is no {request.name}")
            return _echo_circuit(full=True)

        return self._serve("GetCircuit", context, work)

    def ListComponents(self, request: Any, context: grpc.ServicerContext) -> Any:
        components = list(_echo_circuit(full=True).components)
        kept = [c for c in components if request.kind in (0, c.kind)]
        answer = circuit_service_pb2.ListComponentsResponse(components=kept)
        return self._serve("ListComponents", context, lambda: answer)

    def ValidateCircuit(self, request: Any, context: grpc.ServicerContext) -> Any:
        answer = circuit_service_pb2.ValidateCircuitResponse()
        if request.WhichOneof("source") == "circuit" and not request.circuit.outputs:
            answer.violations.add(field="circuit.outputs", description="is empty")
        else:
            answer.size.neurons = 3
        return self._serve("ValidateCircuit", context, lambda: answer)

    def GetServerInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        answer = server_service_pb2.ServerInfo(version="0.1.0", api_version="v1", store=self.store)
        answer.limits.max_agents = 10
        answer.load.agents = len(self.agents)
        return self._serve("GetServerInfo", context, lambda: answer)


def _tensor(name: str, values: Any) -> agent_pb2.Tensor:
    data = np.asarray(values, "<f4")
    return agent_pb2.Tensor(name=name, shape=data.shape, dtype=agent_pb2.Tensor.FLOAT32, data=data.tobytes())


def _echo_circuit(full: bool) -> circuit_pb2.Circuit:
    circuit = circuit_pb2.Circuit(name="circuits/echo", summary="says what it hears")
    circuit.parameters.add(name="rate", unit="1/ms", default_value=0.1, min=0.0, max=1.0, live=True)
    circuit.spaces["observation"].discrete.n = 2
    if full:
        circuit.spec.dt = 1.0
        circuit.spec.outputs.add(name="action", source="out", decoder="index")
        circuit.components.add(kind=circuit_pb2.ComponentInfo.DECODER, name="index", summary="the largest")
    return circuit
