# SPDX-License-Identifier: Apache-2.0
"""Agents in environments: the loop of reinforcement learning, for anything with the Gymnasium API."""

from __future__ import annotations

import dataclasses
import itertools
import time
from typing import Any, Callable, List, Mapping, Optional

import numpy as np

from phasic import spaces
from phasic._call import unique_id
from phasic.agent import Agent


@dataclasses.dataclass(frozen=True)
class Episode:
    """An episode that ended. `end` is "terminated" or "truncated"; `return_` the sum of its rewards; `env` the index of
    its environment, of a vector of them."""

    index: int
    return_: float
    length: int
    end: str
    seconds: float
    env: int = 0


def run(
    env: Any,
    agent: Agent,
    episodes: int,
    *,
    max_steps: Optional[int] = None,
    callback: Optional[Callable[[Episode], Any]] = None,
    greedy: bool = False,
    train: bool = True,
    seed: Optional[int] = None,
) -> List[Episode]:
    """Let the agent act and learn in the environment. One call to the server for each step of the environment.

    An action mask in `info["action_mask"]` is passed on. A Dict space is that of several ports, by name. The reward of the
    last step travels with the end of the episode and the last observation. An episode that an earlier run left open is
    first reset.

    Args:
        env: `reset(seed=...) -> (observation, info)`, `step(action) -> (observation, reward, terminated, truncated,
            info)`, `observation_space`, `action_space`.
        episodes: how many episodes.
        max_steps: an episode as long as this is cut off (truncated).
        callback: called after each episode; when it returns True, the run ends.
        greedy: act without exploring.
        train: False: the agent is frozen for the length of the run.
        seed: for the environment's first reset.
    """
    agent.refresh()
    mode, run_id = agent.mode, agent.run_id
    agent.run_id = unique_id()
    if not train and mode != "frozen":
        agent.freeze()
    done: List[Episode] = []
    loop = _Loop(env, agent, greedy, max_steps)
    try:
        for index in range(episodes):
            episode = loop.episode(index, seed if index == 0 else None)
            done.append(episode)
            if callback is not None and callback(episode) is True:
                break
    finally:
        agent.run_id = run_id
        if agent.mode != mode:
            agent.update(mode=mode)
    return done


class _Loop:
    """One agent in one environment."""

    def __init__(self, env: Any, agent: Agent, greedy: bool, max_steps: Optional[int]) -> None:
        self._env = env
        self._agent = agent
        self._greedy = greedy
        self._max_steps = max_steps
        self._observe = _to_agent(env.observation_space)
        self._act = _to_env(env.action_space)

    def episode(self, index: int, seed: Optional[int]) -> Episode:
        env, agent, greedy, observe, act = self._env, self._agent, self._greedy, self._observe, self._act
        began = time.perf_counter()
        observation, info = env.reset() if seed is None else env.reset(seed=seed)
        reward: Optional[float] = None
        total = 0.0
        for length in itertools.count(1):
            answer = agent.step(observe(observation), reward, greedy=greedy, mask=info.get("action_mask"))
            observation, earned, terminated, truncated, info = env.step(act(answer.action))
            reward = float(earned)
            total += reward
            if terminated or truncated or length == self._max_steps:
                break
        end = "terminated" if terminated else "truncated"
        agent.step(observe(observation), reward, end=end)
        return Episode(index, total, length, end, time.perf_counter() - began)


def _unchanged(value: Any) -> Any:
    return value


def _to_agent(space: Any) -> Callable[[Any], Any]:
    """From an observation of the environment to what its port takes: alternatives count from 0."""
    if _is_dict(space):
        each = {port: _to_agent(part) for port, part in space.spaces.items()}
        return lambda values: {port: convert(values[port]) for port, convert in each.items()}
    known = spaces.as_space(space)
    if isinstance(known, (spaces.Discrete, spaces.MultiDiscrete)) and np.any(known.start):
        start = known.start
        return lambda value: np.asarray(value) - start
    return _unchanged


def _to_env(space: Any) -> Callable[[Any], Any]:
    """From what an output port gives to an action of the environment."""
    if _is_dict(space):
        each = {port: _to_env(part) for port, part in space.spaces.items()}
        if len(each) == 1:  # The agent gives the value of its only port as it is.
            ((only, convert_only),) = each.items()
            return lambda value: {only: convert_only(value)}
        return lambda values: {port: convert(values[port]) for port, convert in each.items()}
    known = spaces.as_space(space)
    if isinstance(known, spaces.Discrete):
        start = known.start
        return (lambda value: value + start) if start else _unchanged
    dtype, shape = np.dtype(space.dtype), known.shape
    if isinstance(known, spaces.MultiDiscrete):
        starts = known.start
        return lambda value: (value.reshape(shape) + starts).astype(dtype)
    if isinstance(known, spaces.Box) and (dtype != np.float32 or shape == ()):
        return lambda value: np.asarray(value, dtype).reshape(shape)
    return _unchanged


def _is_dict(space: Any) -> bool:
    """Whether it is a Gymnasium Dict: a space for each port."""
    return isinstance(getattr(space, "spaces", None), Mapping)
