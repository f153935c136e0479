# SPDX-License-Identifier: Apache-2.0
"""What the server of fake_server.py does with many agents or steps at once."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import grpc
import numpy as np

from faults import Fault, status_of
from phasic.rpc import error_details_pb2 as details_pb2
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2


class ManyAtOnce:
    """A part of FakeServer. Observations and actions of batches are bytes."""

    def __init__(self) -> None:
        self.item_faults: List[Dict[int, Fault]] = []  # Of the next batches, by item: they fail, and nothing is done.

    def BatchCreateAgents(self, request: Any, context: grpc.ServicerContext) -> Any:
        def work() -> service_pb2.BatchCreateAgentsResponse:
            return service_pb2.BatchCreateAgentsResponse(agents=[self._create(one) for one in request.requests])

        return self._serve("BatchCreateAgents", context, work)

    def BatchStep(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._serve("BatchStep", context, lambda: self._batch_step(request))

    def _batch_step(self, request: service_pb2.BatchStepRequest) -> service_pb2.BatchStepResponse:
        faults = self.item_faults.pop(0) if self.item_faults else {}
        by_uid = {agent.message.uid: agent.message for agent in self.agents.values()}
        count = len(request.uid)
        size = next((by_uid[uid].ports[1].size for uid in request.uid if uid in by_uid), 0)
        rows = np.frombuffer(request.observation_bytes, "<f4").reshape(count, -1)
        actions = np.zeros((count, size), "<f4")
        response = service_pb2.BatchStepResponse()
        for item, uid in enumerate(request.uid):
            try:
                if item in faults:
                    raise faults[item]
                if uid not in by_uid:
                    raise Fault(grpc.StatusCode.NOT_FOUND, "AGENT_NOT_FOUND", f"there is no uid {uid}")
                done = self._step(_step_of(request, item, rows, by_uid[uid].name))
            except Fault as fault:
                status = details_pb2.Status.FromString(status_of(fault))
                response.failures.add(item=item, status=status)
                done = service_pb2.StepResponse()
            actions[item, : len(done.action)] = done.action
            response.step.append(done.step)
            response.episode.append(done.episode)
            response.time.append(done.time)
            if request.reward:
                response.disposition.append(done.dispositions[0] if done.dispositions else 0)
        if request.observation_bytes:
            response.action_bytes = actions.tobytes()
        return response

    def Interact(self, items: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        self.calls["Interact"] += 1
        for item in items:
            answer = service_pb2.InteractResponse(id=item.id)
            try:
                with self._lock:
                    answer.step.CopyFrom(self._step(item.step))
            except Fault as fault:
                answer.error.CopyFrom(details_pb2.Status.FromString(status_of(fault)))
            yield answer


def _step_of(request: service_pb2.BatchStepRequest, item: int, rows: Any, name: str) -> service_pb2.StepRequest:
    step = service_pb2.StepRequest(
        name=name, request_id=request.request_id, run_id=request.run_id, greedy=request.greedy, ticks=request.ticks
    )
    step.step = request.step[item]
    step.end = request.end[item] if request.end else agent_pb2.NONE
    if step.end != agent_pb2.TERMINATED:
        step.observation.extend(rows[item].tolist())
    if request.reward and (not request.has_reward or request.has_reward[item]):
        step.rewards.add().value = request.reward[item]
    if request.allowed:
        width = len(request.allowed) // len(request.uid)
        step.action_masks.add(allowed=request.allowed[item * width : (item + 1) * width])
    return step
