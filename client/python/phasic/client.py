# SPDX-License-Identifier: Apache-2.0
"""The connection to a server."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple, Type

import grpc

from phasic._call import NEVER, Caller, Retry, unique_id
from phasic._convert import to_circuit, to_preset
from phasic._facts import durability_to_proto
from phasic._files import File, receive, send
from phasic.agent import Agent, mode_to_proto
from phasic.batch import Batch
from phasic.errors import AlreadyExists, Unavailable
from phasic.info import Circuit, Component, ServerInfo, StoreCheck, Validation
from phasic.stream import Stream
from phasic.v1 import agent_pb2, agent_service_pb2, agent_service_pb2_grpc
from phasic.v1 import circuit_pb2, circuit_service_pb2, circuit_service_pb2_grpc
from phasic.v1 import server_service_pb2, server_service_pb2_grpc

DEFAULT_PORT = 50051
DEFAULT_TARGET = f"127.0.0.1:{DEFAULT_PORT}"

_MAX_MESSAGE_BYTES = 16 << 20
_PAGE_SIZE = 200


def connect(
    target: Optional[str] = None,
    *,
    timeout: float = 15.0,
    retry: Retry = Retry(),
    wait: float = 0.0,
) -> Client:
    """Connect to a server.

    Args:
        target: "host:port", "host" (port 50051) or "unix:/path". None: what the environment's PHASIC_SERVER says, else
            127.0.0.1:50051.
        timeout: seconds for each try of a call, unless the call says otherwise.
        retry: how often and how long calls that can be repeated safely are tried again.
        wait: seconds to wait for a server that is not there yet.

    Raises:
        Unavailable: no phasic server answers there.
    """
    client = Client(target or os.environ.get("PHASIC_SERVER") or DEFAULT_TARGET, timeout=timeout, retry=retry)
    stop = time.monotonic() + wait
    while True:
        try:
            client._probe(timeout)
            return client
        except Unavailable as error:
            if time.monotonic() >= stop:
                client.close()
                message = f"no phasic server answers at {client.target}; `phasicd` starts one ({error.message})"
                raise Unavailable(message, reason=error.reason) from None
        except BaseException:
            client.close()
            raise
        time.sleep(0.05)


class Client:
    """A connection, from `phasic.connect`. A context manager; safe for many threads."""

    def __init__(self, target: str, *, timeout: float, retry: Retry) -> None:
        self.target = _with_port(target)
        options: List[Tuple[str, Any]] = [
            ("grpc.enable_retries", 0),  # Only this client knows what may be repeated.
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),
            # The environment's http_proxy is for the web; it would swallow calls to this machine.
            ("grpc.enable_http_proxy", 0),
        ]
        self._channel = grpc.insecure_channel(self.target, options)
        self._agents = _stub(agent_service_pb2_grpc.AgentServiceStub, self._channel)
        self._circuits = _stub(circuit_service_pb2_grpc.CircuitServiceStub, self._channel)
        self._server = _stub(server_service_pb2_grpc.ServerServiceStub, self._channel)
        self._caller = Caller(timeout, retry)
        self._call = self._caller.call

    def close(self) -> None:
        """End the connection. The agents live on."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<phasic.Client {self.target}>"

    # Agents.

    def create_agent(
        self,
        preset: Optional[str] = None,
        *,
        agent_id: Optional[str] = None,
        env: Any = None,
        parameters: Optional[Mapping[str, Any]] = None,
        spaces: Optional[Mapping[str, Any]] = None,
        circuit: Any = None,
        seed: Optional[int] = None,
        labels: Optional[Mapping[str, str]] = None,
        mode: Optional[str] = None,
        durability: Optional[str] = None,
        exist_ok: bool = False,
    ) -> Agent:
        """Make an agent, from a preset or from a whole circuit.

        Args:
            preset: e.g. "actor-critic"; `client.circuits()` has them all.
            agent_id: lower-case letters, digits and hyphens; None: the server draws one.
            env: take the spaces of "observation" and "action" from this environment (the Gymnasium API), or from each
                single one of this vector environment.
            parameters: what to change in the preset: its named parameters, or "component.parameter".
            spaces: spaces by port: phasic's or Gymnasium's own. They come before those of `env`.
            circuit: instead of a preset, a circuit: a dict as `Circuit.spec` has it, or a CircuitSpec message.
            seed: decides every random number of the agent; None: drawn by the server, see `Agent.seed`.
            labels: e.g. {"env": "cartpole"}.
            mode: "learning" (the default), "frozen" or "shadow".
            durability: what of it survives. "ephemeral": nothing, it ends with the server's process. "snapshot": what
                it knew about a minute ago. "journaled": all that was answered survives a crash. "synced": also a loss
                of power. None: "journaled" where the server has a store, else "ephemeral".
            exist_ok: if there is an agent of this id and preset already, return that one.

        Raises:
            AlreadyExists: the id is taken.
            InvalidArgument: see `violations` for each faulty field.
        """
        message = _new_agent(preset, env, parameters, spaces, circuit, seed, labels, mode, durability)
        request = agent_service_pb2.CreateAgentRequest(
            agent_id=agent_id or "", agent=message, request_id=unique_id()
        )
        try:
            answer = self._call("CreateAgent", self._agents.CreateAgent, request, safe=True)
        except AlreadyExists:
            if not (exist_ok and agent_id):
                raise
            agent = self.agent(agent_id)
            if agent.preset != (preset or ""):
                raise
            return agent
        return Agent(self, answer)

    def create_agents(
        self,
        preset: Optional[str] = None,
        count: Optional[int] = None,
        *,
        agent_id: Optional[str] = None,
        env: Any = None,
        parameters: Optional[Mapping[str, Any]] = None,
        spaces: Optional[Mapping[str, Any]] = None,
        circuit: Any = None,
        seed: Optional[int] = None,
        labels: Optional[Mapping[str, str]] = None,
        mode: Optional[str] = None,
        durability: Optional[str] = None,
    ) -> List[Agent]:
        """Make several agents alike in one call: all, or none. Each learns by itself.

        Args:
            count: how many, up to 4,096; None: as many as `env` has environments.
            agent_id: the first is called "{agent_id}-0", the next "{agent_id}-1"; None: the server draws ids.
            env: a vector environment (the Gymnasium API) or a single one.
            seed: the first one's; the next has one more. None: drawn by the server.

        The other arguments and errors are those of `create_agent`.
        """
        if count is None:
            if env is None or not hasattr(env, "num_envs"):
                raise ValueError("give a count, or a vector environment as env")
            count = int(env.num_envs)
        message = _new_agent(preset, env, parameters, spaces, circuit, None, labels, mode, durability)
        call = unique_id()
        requests = []
        for index in range(count):
            request = agent_service_pb2.CreateAgentRequest(agent=message, request_id=f"{call}-{index:x}")
            request.agent_id = f"{agent_id}-{index}" if agent_id else ""
            if seed is not None:
                request.agent.seed = (seed + index) % 2**64
            requests.append(request)
        batch = agent_service_pb2.BatchCreateAgentsRequest(requests=requests)
        answer = self._call("BatchCreateAgents", self._agents.BatchCreateAgents, batch, safe=True)
        return [Agent(self, made) for made in answer.agents]

    def batch(self, agents: Sequence[Agent]) -> Batch:
        """The agents as one, which step together: for vectorised environments.

        Raises:
            ValueError: no agents, one of them twice, several ports, or ports of different sizes.
        """
        return Batch(self, agents)

    def stream(self, *, timeout: Optional[float] = None) -> Stream:
        """A stream of steps that do not wait for each other's answers. A context manager.

        Args:
            timeout: seconds for the stream as a whole; None: no limit.
        """
        return Stream(self, timeout)

    def agent(self, agent_id: str) -> Agent:
        """The agent of this id or name.

        Raises:
            NotFound: there is none.
        """
        request = agent_service_pb2.GetAgentRequest(name=_agent_name(agent_id))
        return Agent(self, self._call("GetAgent", self._agents.GetAgent, request, safe=True))

    def agents(self, filter: str = "") -> Iterator[Agent]:
        """All agents by id, or those whose labels pass: `labels.env = "cartpole" AND labels.owner = "ada"`."""
        token = ""
        while True:
            request = agent_service_pb2.ListAgentsRequest(
                page_size=_PAGE_SIZE, page_token=token, filter=filter
            )
            page = self._call("ListAgents", self._agents.ListAgents, request, safe=True)
            for message in page.agents:
                yield Agent(self, message)
            token = page.next_page_token
            if not token:
                return

    def import_agent(
        self,
        file: File,
        *,
        agent_id: Optional[str] = None,
        durability: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Agent:
        """Make an agent from what `Agent.export` wrote.

        Args:
            file: a path, or a binary file that is open for reading.
            agent_id: None: the server draws one.
            durability: as of `create_agent`; None: the exported agent's, where this server can.
            timeout: seconds for each try as a whole; None: no limit.

        Raises:
            AlreadyExists: the id is taken.
            InvalidArgument: it is no such file.
        """
        first = agent_service_pb2.ImportAgentRequest(
            agent_id=agent_id or "", request_id=unique_id(), durability=durability_to_proto(durability)
        )
        return Agent(self, send(self._caller, "ImportAgent", self._agents.ImportAgent, first, file, timeout))

    # Circuits.

    def circuits(self) -> List[Circuit]:
        """The presets, without their specs and building blocks."""
        found: List[Circuit] = []
        token = ""
        while True:
            request = circuit_service_pb2.ListCircuitsRequest(page_size=_PAGE_SIZE, page_token=token)
            page = self._call("ListCircuits", self._circuits.ListCircuits, request, safe=True)
            found.extend(Circuit.from_proto(circuit) for circuit in page.circuits)
            token = page.next_page_token
            if not token:
                return found

    def circuit(self, name: str) -> Circuit:
        """A preset with all that is known of it."""
        name = name if name.startswith("circuits/") else f"circuits/{name}"
        request = circuit_service_pb2.GetCircuitRequest(name=name)
        return Circuit.from_proto(self._call("GetCircuit", self._circuits.GetCircuit, request, safe=True))

    def components(self, kind: str = "") -> List[Component]:
        """The building blocks: of one kind ("population", "rule", "modulator", "encoder", "decoder") or all."""
        number = circuit_pb2.ComponentInfo.Kind.Value(kind.upper() or "KIND_UNSPECIFIED")
        request = circuit_service_pb2.ListComponentsRequest(kind=number)
        answer = self._call("ListComponents", self._circuits.ListComponents, request, safe=True)
        return [Component.from_proto(component) for component in answer.components]

    def validate(
        self,
        preset: Optional[str] = None,
        *,
        env: Any = None,
        parameters: Optional[Mapping[str, Any]] = None,
        spaces: Optional[Mapping[str, Any]] = None,
        circuit: Any = None,
    ) -> Validation:
        """Every fault that `create_agent` would find in these, or the size and ports that the agent would have."""
        request = circuit_service_pb2.ValidateCircuitRequest()
        _set_source(request, preset, parameters, _all_spaces(env, spaces), circuit)
        answer = self._call("ValidateCircuit", self._circuits.ValidateCircuit, request, safe=True)
        return Validation.from_proto(answer)

    # The server.

    def info(self) -> ServerInfo:
        """Version, limits and load."""
        request = server_service_pb2.GetServerInfoRequest()
        return ServerInfo.from_proto(
            self._call("GetServerInfo", self._server.GetServerInfo, request, safe=True)
        )

    def backup(self, file: File, *, timeout: Optional[float] = None) -> None:
        """Copy the server's store, as of one moment, to a file that a server can be started on.

        Args:
            file: a path, where the file is whole or not there; or a binary file, open for writing.
            timeout: seconds for each try as a whole; None: no limit.

        Raises:
            FailedPrecondition: the server keeps nothing.
        """
        request = server_service_pb2.BackupStoreRequest()
        receive(self._caller, "BackupStore", self._server.BackupStore, request, file, timeout)

    def check_store(self, *, timeout: Optional[float] = None) -> StoreCheck:
        """Have the server read its whole store and check every checksum and reference. True when all is well.

        Args:
            timeout: seconds for each try; None: no limit.

        Raises:
            FailedPrecondition: the server keeps nothing.
        """

        def whole(request: server_service_pb2.CheckStoreRequest, **_: float) -> Any:
            return self._server.CheckStore(request, timeout=timeout)

        request = server_service_pb2.CheckStoreRequest()
        return StoreCheck.from_proto(self._call("CheckStore", whole, request, safe=True))

    def _probe(self, timeout: float) -> None:
        """One try to reach the server."""
        once = Caller(timeout, NEVER)
        once.call(
            "GetServerInfo", self._server.GetServerInfo, server_service_pb2.GetServerInfoRequest(), safe=False
        )


def _stub(kind: Any, channel: grpc.Channel) -> Any:
    """A generated stub, which has no types."""
    return kind(channel)


def _new_agent(
    preset: Optional[str],
    env: Any,
    parameters: Optional[Mapping[str, Any]],
    spaces: Optional[Mapping[str, Any]],
    circuit: Any,
    seed: Optional[int],
    labels: Optional[Mapping[str, str]],
    mode: Optional[str],
    durability: Optional[str],
) -> agent_pb2.Agent:
    """What `create_agent` asks for."""
    message = agent_pb2.Agent(labels=labels, seed=seed, durability=durability_to_proto(durability))
    if mode is not None:
        message.mode = mode_to_proto(mode)
    _set_source(message, preset, parameters, _all_spaces(env, spaces), circuit)
    return message


def _set_source(
    message: Any,
    preset: Optional[str],
    parameters: Optional[Mapping[str, Any]],
    spaces: Mapping[str, Any],
    circuit: Any,
) -> None:
    if (preset is None) == (circuit is None):
        raise ValueError("give either a preset or a circuit")
    if preset is not None:
        message.preset.CopyFrom(to_preset(preset, parameters, spaces))
        return
    if parameters or spaces:
        raise ValueError("parameters, spaces and env change a preset; a circuit says all of it itself")
    message.circuit.CopyFrom(to_circuit(circuit))


def _all_spaces(env: Any, spaces: Optional[Mapping[str, Any]]) -> Mapping[str, Any]:
    found = {}
    if env is not None:
        # Of a vector environment, those of each single one.
        single = "single_" if hasattr(env, "single_observation_space") else ""
        found["observation"] = getattr(env, f"{single}observation_space")
        found["action"] = getattr(env, f"{single}action_space")
    return {**found, **(spaces or {})}


def _agent_name(agent_id: str) -> str:
    return agent_id if "/" in agent_id else f"agents/{agent_id}"


def _with_port(target: str) -> str:
    if ":" in target or "/" in target:
        return target
    return f"{target}:{DEFAULT_PORT}"
