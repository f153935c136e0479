# SPDX-License-Identifier: Apache-2.0
"""phasic: agents that learn online by reward-modulated synaptic plasticity, hosted by `phasicd`.

    import phasic
    from phasic.envs import CartPole

    env = CartPole()
    with phasic.connect() as client:
        agent = client.create_agent("actor-critic", env=env)
        for episode in phasic.run(env, agent, episodes=300):
            print(episode.index, episode.return_)

Or turn by turn, with anything that gives observations and rewards:

    action = agent.step(observation, reward).action
"""

from phasic._call import Retry
from phasic._step import Event, StepResult
from phasic.agent import Agent
from phasic.batch import Batch, BatchResult
from phasic.client import DEFAULT_PORT, DEFAULT_TARGET, Client, connect
from phasic.errors import (
    Aborted,
    AlreadyExists,
    Cancelled,
    DataLoss,
    DeadlineExceeded,
    Error,
    FailedPrecondition,
    FieldViolation,
    Internal,
    InvalidArgument,
    NotFound,
    OutOfRange,
    PermissionDenied,
    ResourceExhausted,
    StepMismatch,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from phasic.info import (
    Channel,
    Circuit,
    Component,
    Parameter,
    Port,
    ServerInfo,
    Size,
    Snapshot,
    Stats,
    StoreCheck,
    Summary,
    Validation,
    Variable,
)
from phasic.loop import Episode, run
from phasic.spaces import Box, Discrete, MultiBinary, MultiDiscrete
from phasic.stream import Stream
from phasic.vector import run_vector
from phasic.watch import Glimpse, Moment, SeenReward

__version__ = "0.1.0"

__all__ = [
    "Aborted",
    "Agent",
    "AlreadyExists",
    "Batch",
    "BatchResult",
    "Box",
    "Cancelled",
    "Channel",
    "Circuit",
    "Client",
    "Component",
    "DEFAULT_PORT",
    "DEFAULT_TARGET",
    "DataLoss",
    "DeadlineExceeded",
    "Discrete",
    "Episode",
    "Error",
    "Event",
    "FailedPrecondition",
    "FieldViolation",
    "Glimpse",
    "Internal",
    "InvalidArgument",
    "Moment",
    "MultiBinary",
    "MultiDiscrete",
    "NotFound",
    "OutOfRange",
    "Parameter",
    "PermissionDenied",
    "Port",
    "ResourceExhausted",
    "Retry",
    "SeenReward",
    "ServerInfo",
    "Size",
    "Snapshot",
    "Stats",
    "StepMismatch",
    "StepResult",
    "StoreCheck",
    "Stream",
    "Summary",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "Validation",
    "Variable",
    "connect",
    "run",
    "run_vector",
]
