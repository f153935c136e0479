# SPDX-License-Identifier: Apache-2.0
"""Agents in vector environments: the loop of reinforcement learning, a call for each step of all of them."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from phasic import spaces
from phasic._call import unique_id
from phasic.agent import Agent
from phasic.batch import Batch
from phasic.loop import Episode

_Array = npt.NDArray[Any]
# Where environments that reset in the same step leave the last observations; the second name is Gymnasium 0.29's.
_FINAL = ("final_obs", "final_observation")


def run_vector(
    env: Any,
    agents: Sequence[Agent],
    episodes: int,
    *,
    callback: Optional[Callable[[Episode], Any]] = None,
    greedy: bool = False,
    train: bool = True,
    seed: Optional[int] = None,
) -> List[Episode]:
    """Let each agent act and learn in its own environment of a vector. One call to the server for a step of all.

    An agent is told the end of its episode with the last reward and the last observation, whichever way the
    environments reset: in the next step, in the same one, or when asked to (`options={"reset_mask": ...}`), as
    `env.metadata["autoreset_mode"]` says. But for the first way, a second call tells the ends. Masks in
    `infos["action_mask"]` are passed on. Episodes that an earlier run left open are first reset.

    The first episodes to end are the short ones: for a fair mean ask for many more than there are environments.

    Args:
        env: `num_envs`, `reset(seed=...) -> (observations, infos)`, `step(actions) -> (observations, rewards,
            terminations, truncations, infos)`, `single_observation_space`, `single_action_space`.
        agents: one for each environment, as `client.create_agents(preset, env=env)` makes them.
        episodes: how many in all, as they end; those still open then are left so.
        callback: called after each episode; when it returns True, the run ends.
        greedy: act without exploring.
        train: False: the agents are frozen for the length of the run.
        seed: for the environments' first reset.

    Raises:
        Error: the first failure of any agent.
        ValueError: not one agent for each environment.
    """
    if len(agents) != env.num_envs:
        raise ValueError(f"{len(agents)} agents cannot act in {env.num_envs} environments")
    loop = _Loop(env, agents[0]._client.batch(agents), greedy)
    modes = {} if train else _freeze(agents)
    done: List[Episode] = []
    try:
        loop.begin(seed)
        while len(done) < episodes:
            for episode in loop.step(len(done))[: episodes - len(done)]:
                done.append(episode)
                if callback is not None and callback(episode) is True:
                    return done
    finally:
        for agent, mode in modes.items():
            agent.update(mode=mode)
    return done


def _freeze(agents: Sequence[Agent]) -> Dict[Agent, str]:
    """Freezes those that learn; their modes until now."""
    learning = [agent for agent in agents if agent.refresh().mode != "frozen"]
    modes = {agent: agent.mode for agent in learning}
    for agent in learning:
        agent.freeze()
    return modes


class _Loop:
    """A batch of agents in a vector of environments."""

    def __init__(self, env: Any, batch: Batch, greedy: bool) -> None:
        self._env = env
        self._batch = batch
        batch.run_id = unique_id()
        self._greedy = greedy
        self._mode = _autoreset(env)
        observed = spaces.as_space(env.single_observation_space)
        self._acted = spaces.as_space(env.single_action_space)
        # What their alternatives count from; the agents' count from 0.
        self._observed_start = np.asarray(getattr(observed, "start", 0))
        self._acted_start = np.asarray(getattr(self._acted, "start", 0))
        self._action_dtype = np.dtype(env.single_action_space.dtype)

    def begin(self, seed: Optional[int]) -> None:
        count = self._env.num_envs
        self._returns = np.zeros(count)
        self._lengths = np.zeros(count, np.int64)
        self._began = np.full(count, time.perf_counter())
        # Environments whose observation begins an episode: there is no reward of a last action.
        self._fresh = np.ones(count, bool)
        observations, infos = self._env.reset() if seed is None else self._env.reset(seed=seed)
        self._act(observations, None, _allowed(infos))
        self._fresh = np.zeros(count, bool)

    def step(self, ended: int) -> List[Episode]:
        """One step of every environment; returns the episodes that ended with it, counted on from `ended`."""
        observations, rewards, terminated, truncated, infos = self._env.step(self._actions)
        rewards = np.where(self._fresh, 0.0, rewards)
        self._returns += rewards
        self._lengths += ~self._fresh
        over = np.asarray(terminated, bool) | np.asarray(truncated, bool)
        if not self._mode and over.any():
            self._mode = "same" if any(key in infos for key in _FINAL) else "next"
        allowed = _allowed(infos)
        if self._mode in ("same", "disabled"):
            if over.any():
                observations, allowed = self._tell_ends(observations, rewards, terminated, over, infos, allowed)
            self._fresh = over
            self._act(observations, rewards, allowed)
            self._fresh = np.zeros_like(over)
        else:
            # One that ended before has only been reset in this step, whatever its action was.
            self._act(observations, rewards, allowed, terminated, truncated)
            self._fresh = over
        ends = enumerate(np.flatnonzero(over).tolist(), ended)
        return [self._end(index, bool(terminated[index]), number) for number, index in ends]

    def _act(
        self,
        observations: _Array,
        rewards: Optional[_Array],
        allowed: Optional[_Array],
        terminated: Optional[_Array] = None,
        truncated: Optional[_Array] = None,
    ) -> None:
        """Step the agents, and keep what they do."""
        result = self._batch.step(
            self._observed(observations),
            rewards,
            has_reward=None if rewards is None else ~self._fresh,
            terminated=terminated,
            truncated=truncated,
            allowed=allowed,
            greedy=self._greedy,
        ).check()
        self._actions = result.actions.reshape(-1, *self._acted.shape).astype(self._action_dtype)
        if self._acted_start.any():
            self._actions += self._acted_start

    def _tell_ends(
        self,
        observations: _Array,
        rewards: _Array,
        terminated: _Array,
        over: _Array,
        infos: Any,
        allowed: Optional[_Array],
    ) -> Tuple[_Array, Optional[_Array]]:
        """Tell the ends; returns what begins the next episodes, and their masks."""
        items = np.flatnonzero(over)
        if self._mode == "same":
            final = next((infos[key] for key in _FINAL if key in infos), None)
            if final is None:
                raise ValueError(f"the environments reset in the same step, but infos has no {_FINAL[0]}")
        else:
            final = observations
            observations, infos = self._env.reset(options={"reset_mask": over})
            begun = _allowed(infos)
            if begun is not None and allowed is not None:
                allowed = np.where(over[:, None], begun, allowed)
        last = np.stack([np.asarray(final[item]) for item in items])
        ends = np.asarray(terminated, bool)[items]
        self._batch.step(
            self._observed(last), rewards[items], terminated=ends, truncated=~ends, items=items
        ).check()
        return observations, allowed

    def _observed(self, observations: _Array) -> _Array:
        """What the agents' port takes."""
        array: _Array = np.asarray(observations)
        if self._observed_start.any():
            array = array - self._observed_start
        return array

    def _end(self, index: int, terminated: bool, number: int) -> Episode:
        now = time.perf_counter()
        episode = Episode(
            index=number,
            return_=float(self._returns[index]),
            length=int(self._lengths[index]),
            end="terminated" if terminated else "truncated",
            seconds=now - self._began[index],
            env=index,
        )
        self._returns[index], self._lengths[index], self._began[index] = 0.0, 0, now
        return episode


def _autoreset(env: Any) -> str:
    """When environments reset: "next", "same" or "disabled"; "" when they do not say so, as until Gymnasium 1.0: then
    the first end shows it."""
    mode = (getattr(env, "metadata", None) or {}).get("autoreset_mode")
    if mode is None:
        return ""
    word = str(getattr(mode, "value", mode)).lower().replace("_", "").replace("step", "")
    if word not in ("next", "same", "disabled"):
        raise ValueError(f"autoreset_mode is {mode!r}, must be next-step, same-step or disabled")
    return word


def _allowed(infos: Any) -> Optional[_Array]:
    """The action masks; everything is allowed to an environment that gives none."""
    if "action_mask" not in infos:
        return None
    masks: _Array = np.array(infos["action_mask"], bool)
    if "_action_mask" in infos:
        masks[~np.asarray(infos["_action_mask"], bool)] = True
    return masks
