# SPDX-License-Identifier: Apache-2.0
"""An agent's state as a whole: written to, stored, restored, and taken elsewhere."""

from __future__ import annotations

import abc
import re
import threading
from typing import Any, List, Mapping, Optional, Union

import numpy as np
import numpy.typing as npt

from phasic._call import unique_id
from phasic._files import File, receive
from phasic._look import AgentLook
from phasic.errors import StepMismatch
from phasic.info import Snapshot
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2

_PAGE_SIZE = 200
_PART = re.compile(r"(.+)\[(\d*)(:?)(\d*)\]")


class AgentState(AgentLook, abc.ABC):
    """What `Agent` does with its state as a whole."""

    _lock: threading.Lock

    @abc.abstractmethod
    def _adopt(self, message: agent_pb2.Agent) -> None:
        """Take this as the agent's present state."""

    def write_state(
        self,
        values: Mapping[str, npt.ArrayLike],
        *,
        step: Optional[int] = None,
        etag: Optional[str] = None,
    ) -> int:
        """Set weights and other state, all or none. Returns the digest of the state that it gives.

            agent.write_state({"synapses.weights": other.inspect()["synapses.weights"].array()})
            agent.write_state({"synapses.weights[100:200]": 0.0})  # A lesion.

        Args:
            values: arrays, or one number for all elements, by "component.variable". "[5]", "[100:200]" or "[100:]"
                after it are some of its elements, in row-major order as those of the arrays.
            step: only if the agent's next step has this index, else StepMismatch. Then the call may be tried again.
            etag: only if the agent still has this one, else Aborted.
        """
        writes = [to_write(part, value) for part, value in values.items()]
        request = service_pb2.WriteStateRequest(name=self.name, writes=writes, etag=etag or "", step=step)
        method, safe = self._client._agents.WriteState, step is not None and not etag
        try:
            return int(self._client._call("WriteState", method, request, safe=safe).digest)
        except StepMismatch as error:
            error.believed = step
            raise

    def snapshot(self, snapshot_id: Optional[str] = None, *, note: str = "") -> Snapshot:
        """Store the state as it is, for `restore` and `clone`.

        Args:
            snapshot_id: lower-case letters, digits and hyphens; None: the server draws one.
            note: up to 63 characters.

        Raises:
            FailedPrecondition: the server keeps nothing, or the agent is ephemeral.
            AlreadyExists: the id is taken.
        """
        request = service_pb2.CreateSnapshotRequest(
            parent=self.name, snapshot_id=snapshot_id or "", note=note, request_id=unique_id()
        )
        method = self._client._agents.CreateSnapshot
        return Snapshot.from_proto(self._client._call("CreateSnapshot", method, request, safe=True))

    def snapshots(self) -> List[Snapshot]:
        """The agent's snapshots, by id."""
        found: List[Snapshot] = []
        token = ""
        while True:
            request = service_pb2.ListSnapshotsRequest(parent=self.name, page_size=_PAGE_SIZE, page_token=token)
            page = self._client._call("ListSnapshots", self._client._agents.ListSnapshots, request, safe=True)
            found.extend(Snapshot.from_proto(snapshot) for snapshot in page.snapshots)
            token = page.next_page_token
            if not token:
                return found

    def get_snapshot(self, snapshot_id: str) -> Snapshot:
        """The snapshot of this id, or NotFound."""
        request = service_pb2.GetSnapshotRequest(name=self._snapshot_name(snapshot_id))
        method = self._client._agents.GetSnapshot
        return Snapshot.from_proto(self._client._call("GetSnapshot", method, request, safe=True))

    def delete_snapshot(self, snapshot: Union[str, Snapshot]) -> None:
        """Delete a snapshot for good. Not repeated by itself."""
        request = service_pb2.DeleteSnapshotRequest(name=self._snapshot_name(snapshot))
        self._client._call("DeleteSnapshot", self._client._agents.DeleteSnapshot, request, safe=False)

    def restore(self, snapshot: Union[str, Snapshot], *, etag: Optional[str] = None) -> None:
        """Go on from the snapshot with every bit of it; what came after it is lost. Not repeated by itself.

        Args:
            snapshot: one of this agent's, or its id.
            etag: only if the agent still has this one, else Aborted.
        """
        request = service_pb2.RestoreSnapshotRequest(name=self._snapshot_name(snapshot), etag=etag or "")
        method = self._client._agents.RestoreSnapshot
        message = self._client._call("RestoreSnapshot", method, request, safe=False)
        with self._lock:
            self._adopt(message)

    def export(
        self,
        file: File,
        *,
        snapshot: Union[None, str, Snapshot] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Write the whole agent to a file, which `Client.import_agent` makes an agent of. It is a safetensors file.

        Args:
            file: a path, where the file is whole or not there; or a binary file, open for writing.
            snapshot: one of this agent's, or its id; None: the state as it is.
            timeout: seconds for each try as a whole; None: no limit.
        """
        request = service_pb2.ExportAgentRequest(name=self.name, snapshot=snapshot_id_of(snapshot))
        receive(self._client._caller, "ExportAgent", self._client._agents.ExportAgent, request, file, timeout)

    def _snapshot_name(self, snapshot: Union[str, Snapshot]) -> str:
        if isinstance(snapshot, Snapshot):
            return snapshot.name
        return snapshot if "/" in snapshot else f"{self.name}/snapshots/{snapshot}"


def snapshot_id_of(snapshot: Union[None, str, Snapshot]) -> str:
    return snapshot.id if isinstance(snapshot, Snapshot) else snapshot or ""


def to_write(part: str, value: Any) -> agent_pb2.VariableWrite:
    """The message that writes these values to "component.variable", or to some elements of it.

    Raises:
        ValueError: the part is empty, or has another number of elements than there are values.
    """
    found = _PART.fullmatch(part)
    name, begin, colon, end = found.groups() if found else (part, "", ":", "")
    write = agent_pb2.VariableWrite(variable=name, offset=int(begin or 0))
    count = int(end) - write.offset if end else None if colon else 1
    if (count is not None and count < 1) or not (colon or begin):
        raise ValueError(f"{part} has no elements")
    array = np.asarray(value, np.float64)
    if array.ndim == 0:
        write.fill, write.count = float(array), count or 0
        return write
    if count not in (None, array.size):
        raise ValueError(f"{part} has {count} elements, not {array.size}")
    write.values.extend(array.ravel().tolist())
    return write
