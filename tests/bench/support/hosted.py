# SPDX-License-Identifier: Apache-2.0
"""What measurements of many hosted agents share."""

import pathlib

import grpc
from phasic.v1 import agent_pb2, agent_service_pb2 as service

BATCH = 4_096  # agents that one call makes or steps
TIMEOUT = 600


def status(pid, name):
    """A line of /proc/PID/status, in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return 1024 * int(line.split()[1])
    raise ValueError(name)


def connect(target):
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
    return grpc.insecure_channel(target, options=options)


def bandit(**fields):
    """An agent to be made."""
    agent = agent_pb2.Agent(**fields)
    agent.preset.preset = "bandit"
    return agent


def create(stub, begin, end, agent):
    """Makes a<begin> to a<end - 1>, all as `agent` is but for their seeds; returns them."""
    request = service.BatchCreateAgentsRequest()
    for index in range(begin, end):
        one = request.requests.add(agent_id=f"a{index}", agent=agent)
        one.agent.seed = index
    made = stub.BatchCreateAgents(request, timeout=TIMEOUT).agents
    assert len(made) == end - begin, len(made)
    return made
