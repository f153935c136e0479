#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Python client as a load of process_load.h.

    python_load.py TARGET step NAME     one Step after the other
    python_load.py TARGET batch UID...  one BatchStep after the other: observations and actions are bytes
"""

import sys
import time

import grpc
import numpy as np
from phasic.v1 import agent_service_pb2 as service, agent_service_pb2_grpc

INPUTS = 32
REWARD = 0.01
TIMEOUT = 20


def step(stub, name):
    """A function that does one step of what a loop does, and returns how many operations those were."""
    observation = np.linspace(-1, 1, INPUTS, dtype=np.float32)

    def once():
        request = service.StepRequest(name=name, observation=observation.tolist())
        request.rewards.add(value=REWARD)
        assert len(stub.Step(request, timeout=TIMEOUT).action) == 1
        return 1

    return once


def batch(stub, *uids):
    """The same, for a vectorised world."""
    uids = [int(uid) for uid in uids]
    observations = np.linspace(-1, 1, len(uids) * INPUTS, dtype=np.float32).reshape(len(uids), INPUTS)
    rewards = np.full(len(uids), REWARD, np.float32)
    request = service.BatchStepRequest(uid=uids)

    def once():
        request.observation_bytes = observations.tobytes()
        request.reward[:] = rewards.tolist()
        response = stub.BatchStep(request, timeout=TIMEOUT)
        assert not response.failures and len(np.frombuffer(response.action_bytes, "<f4")) == len(uids)
        return len(uids)

    return once


def main():
    target, kind, *rest = sys.argv[1:]
    channel = grpc.insecure_channel(target, options=[("grpc.enable_retries", 0)])
    grpc.channel_ready_future(channel).result(TIMEOUT)
    once = {"step": step, "batch": batch}[kind](agent_service_pb2_grpc.AgentServiceStub(channel), *rest)
    for line in sys.stdin:
        end = time.monotonic() + float(line)
        operations = once()
        while time.monotonic() < end:
            operations += once()
        print(operations, flush=True)


if __name__ == "__main__":
    main()
