# SPDX-License-Identifier: Apache-2.0
"""What the server of fake_server.py does with states as a whole: writes, snapshots, files, its store."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Tuple

import grpc
import numpy as np
from google.protobuf import empty_pb2

from faults import Fault, bad_field
from phasic.rpc import error_details_pb2 as details_pb2
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2, server_service_pb2

CHUNK_BYTES = 7
BACKUP = b"the whole store of this server"


class Store:
    """A part of FakeServer. It keeps something while `store` is "sqlite"."""

    def __init__(self) -> None:
        self.store = "memory"
        self.faults_of_store: List[str] = []
        self.snapshots: Dict[str, Tuple[agent_pb2.Snapshot, bytes]] = {}
        self.snapshot_requests: Dict[str, str] = {}
        self.received: List[List[service_pb2.ImportAgentRequest]] = []

    def _chosen(self, durability: int) -> int:
        if not durability:
            return agent_pb2.EPHEMERAL if self.store == "memory" else agent_pb2.JOURNALED
        if durability != agent_pb2.EPHEMERAL and self.store == "memory":
            raise bad_field("agent.durability", "this server keeps nothing")
        return durability

    def _need_store(self, durability: int = agent_pb2.JOURNALED) -> None:
        if self.store == "memory" or durability == agent_pb2.EPHEMERAL:
            raise Fault(grpc.StatusCode.FAILED_PRECONDITION, "NO_STORE", "nothing is kept")

    def WriteState(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("WriteState", context, lambda: self._write(request))

    def _write(self, request: service_pb2.WriteStateRequest) -> service_pb2.WriteStateResponse:
        agent = self._find(request.name)
        steps = agent.message.stats.steps
        if request.HasField("step") and request.step != steps:
            raise Fault(grpc.StatusCode.ABORTED, "STEP_MISMATCH", "not the next step", step=str(steps))
        if request.etag and request.etag != agent.message.etag:
            raise Fault(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", "the agent has changed")
        weights = agent.weights.copy()
        for index, write in enumerate(request.writes):
            if write.variable != "actor.weights":
                raise Fault(grpc.StatusCode.NOT_FOUND, "VARIABLE_NOT_FOUND", f"there is no {write.variable}")
            values = np.array(write.values)
            if write.HasField("fill"):
                values = np.full(write.count or weights.size - write.offset, write.fill)
            if write.offset + values.size > weights.size:
                raise bad_field(f"writes[{index}].values", "reach beyond the variable")
            weights.ravel()[write.offset : write.offset + values.size] = values
        agent.weights = weights
        return service_pb2.WriteStateResponse(digest=_digest(weights))

    # Snapshots.

    def CreateSnapshot(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("CreateSnapshot", context, lambda: self._store(request))

    def _store(self, request: service_pb2.CreateSnapshotRequest) -> agent_pb2.Snapshot:
        agent = self._find(request.parent)
        self._need_store(agent.message.durability)
        if request.request_id in self.snapshot_requests:
            return self.snapshots[self.snapshot_requests[request.request_id]][0]
        name = f"{agent.message.name}/snapshots/{request.snapshot_id or f's-{len(self.snapshots)}'}"
        if name in self.snapshots:
            raise Fault(grpc.StatusCode.ALREADY_EXISTS, "SNAPSHOT_EXISTS", f"there is a {name} already")
        state = agent.message.SerializeToString() + agent.weights.tobytes()
        snapshot = agent_pb2.Snapshot(
            name=name,
            step=agent.message.stats.steps,
            incarnation=agent.message.incarnation,
            digest=_digest(agent.weights),
            bytes=len(state),
            note=request.note,
        )
        snapshot.create_time.GetCurrentTime()
        self.snapshots[name] = (snapshot, state)
        self.snapshot_requests[request.request_id] = name
        return snapshot

    def _snapshot(self, name: str) -> Tuple[agent_pb2.Snapshot, bytes]:
        self._need_store(self._find(name.split("/snapshots/")[0]).message.durability)
        if name not in self.snapshots:
            resource = details_pb2.ResourceInfo(resource_type="snapshot", resource_name=name)
            raise Fault(grpc.StatusCode.NOT_FOUND, "SNAPSHOT_NOT_FOUND", f"there is no {name}", resource)
        return self.snapshots[name]

    def GetSnapshot(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("GetSnapshot", context, lambda: self._snapshot(request.name)[0])

    def ListSnapshots(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> service_pb2.ListSnapshotsResponse:
            # One to a page, as of agents.
            message = self._find(request.parent).message
            self._need_store(message.durability)
            prefix = f"{message.name}/snapshots/"
            names = sorted(name for name in self.snapshots if name.startswith(prefix) and name > request.page_token)
            answer = service_pb2.ListSnapshotsResponse(snapshots=[self.snapshots[name][0] for name in names[:1]])
            answer.next_page_token = names[0] if len(names) > 1 else ""
            return answer

        return self._serve("ListSnapshots", context, work)

    def DeleteSnapshot(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> empty_pb2.Empty:
            self._snapshot(request.name)
            del self.snapshots[request.name]
            return empty_pb2.Empty()

        return self._serve("DeleteSnapshot", context, work)

    def RestoreSnapshot(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> agent_pb2.Agent:
            _, state = self._snapshot(request.name)
            agent = self._find(request.name.split("/snapshots/")[0])
            if request.etag and request.etag != agent.message.etag:
                raise Fault(grpc.StatusCode.ABORTED, "ETAG_MISMATCH", "the agent has changed")
            incarnation = agent.message.incarnation
            message, agent.weights = read_state(state)
            agent.message.CopyFrom(message)
            agent.message.incarnation = incarnation + 1000
            return agent.message

        return self._serve("RestoreSnapshot", context, work)

    def _state_of(self, name: str, snapshot: str) -> bytes:
        agent = self._find(name)
        if snapshot:
            return self._snapshot(f"{agent.message.name}/snapshots/{snapshot}")[1]
        return agent.message.SerializeToString() + agent.weights.tobytes()

    # Files.

    def ExportAgent(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        yield from self._chunks("ExportAgent", context, lambda: self._state_of(request.name, request.snapshot))

    def BackupStore(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        def work() -> bytes:
            self._need_store()
            return BACKUP

        yield from self._chunks("BackupStore", context, work)

    def _chunks(self, method: str, context: grpc.ServicerContext, work: Any) -> Iterator[Any]:
        """One that is told to fail although it is done breaks in the middle."""
        kind = {"ExportAgent": service_pb2.ExportAgentResponse, "BackupStore": server_service_pb2.BackupStoreResponse}
        faults = self._faults[method]
        if faults and faults[0][0]:
            yield kind[method](data=b"broken")
            faults[0] = (False, faults[0][1])
        file = self._serve(method, context, work)
        for start in range(0, len(file), CHUNK_BYTES):
            yield kind[method](data=file[start : start + CHUNK_BYTES])

    def ImportAgent(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Any:
        parts = list(requests)
        self.received.append(parts)

        def work() -> agent_pb2.Agent:
            first = parts[0]
            if first.request_id in self._created:
                return self.agents[self._created[first.request_id]].message
            try:
                message, weights = read_state(b"".join(part.data for part in parts))
            except Exception:
                raise Fault(grpc.StatusCode.INVALID_ARGUMENT, "BAD_EXPORT", "that is no exported agent") from None
            if first.durability:
                message.durability = self._chosen(first.durability)
            made = self._add(first.agent_id or f"agent-{len(self._created)}", message, first.request_id)
            self._find(made.name).weights = weights
            return made

        return self._serve("ImportAgent", context, work)

    def CheckStore(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> server_service_pb2.CheckStoreResponse:
            self._need_store()
            return server_service_pb2.CheckStoreResponse(
                agents=len(self.agents),
                states=1,
                snapshots=len(self.snapshots),
                records=3,
                bytes=len(BACKUP),
                faults=self.faults_of_store,
            )

        return self._serve("CheckStore", context, work)


def new_weights() -> Any:
    return np.arange(6, dtype="<f4").reshape(2, 3)


def _digest(weights: Any) -> int:
    return hash(weights.tobytes()) % 2**64


def read_state(state: bytes) -> Tuple[agent_pb2.Agent, Any]:
    size = new_weights().nbytes
    message = agent_pb2.Agent.FromString(state[:-size])
    if not message.name:
        raise ValueError("no agent")
    return message, np.frombuffer(state[-size:], "<f4").reshape(2, 3).copy()
