# SPDX-License-Identifier: Apache-2.0
"""Many cart-poles at once, each as in cartpole.py."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from phasic.envs import cartpole
from phasic.spaces import Box, Discrete, MultiBinary

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class VectorCartPole:
    """`num_envs` cart-poles with Gymnasium's API for vector environments. One that has ended is reset in the next step:
    its action there has no effect, and its reward is 0."""

    metadata: Mapping[str, Any] = {"render_modes": [], "autoreset_mode": "NextStep"}

    def __init__(self, num_envs: int, max_steps: int = cartpole.MAX_STEPS) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs is {num_envs}, must be at least 1")
        single = cartpole.CartPole(max_steps)
        self.num_envs = num_envs
        self.single_observation_space = single.observation_space
        self.single_action_space = single.action_space
        shape = (num_envs, 4)
        self.observation_space = Box(
            np.broadcast_to(single.observation_space.low, shape), np.broadcast_to(single.observation_space.high, shape)
        )
        self.action_space = MultiBinary(num_envs)
        self._max_steps = max_steps
        self._random = np.random.default_rng()
        self._state: Optional[Floats] = None
        self._steps = np.zeros(num_envs, np.int64)
        self._over = np.zeros(num_envs, bool)

    def reset(
        self, *, seed: Optional[int] = None, options: Optional[Mapping[str, Any]] = None
    ) -> Tuple[npt.NDArray[np.float32], Dict[str, Any]]:
        """Begin an episode in each: every number of the states uniform between -0.05 and 0.05."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        state: Floats = self._random.uniform(-0.05, 0.05, (self.num_envs, 4))
        self._state = state
        self._steps = np.zeros(self.num_envs, np.int64)
        self._over = np.zeros(self.num_envs, bool)
        return state.astype(np.float32), {}

    def step(
        self, actions: npt.NDArray[Any]
    ) -> Tuple[npt.NDArray[np.float32], Floats, Bools, Bools, Dict[str, Any]]:
        if self._state is None:
            raise RuntimeError("no episode has begun: call reset() first")
        actions = np.asarray(actions)
        if actions.shape != (self.num_envs,) or not np.all((actions == 0) | (actions == 1)):
            raise ValueError(f"actions must be {self.num_envs} of 0 or 1")
        fresh = self._over
        x, velocity, angle, spin = self._state.T
        force = np.where(actions == 1, cartpole.FORCE, -cartpole.FORCE)
        moved = cartpole.advance((x, velocity, angle, spin), force, np.sin(angle), np.cos(angle))
        state: Floats = np.stack(moved, axis=1)
        state[fresh] = self._random.uniform(-0.05, 0.05, (int(fresh.sum()), 4))
        self._state = state
        self._steps = np.where(fresh, 0, self._steps + 1)
        position, lean = np.abs(state[:, 0]), np.abs(state[:, 2])
        terminated = (position > cartpole.MAX_POSITION) | (lean > cartpole.MAX_ANGLE)
        truncated = ~terminated & (self._steps >= self._max_steps)
        self._over = terminated | truncated
        return state.astype(np.float32), np.where(fresh, 0.0, 1.0), terminated, truncated, {}

    def close(self) -> None:
        """Nothing to give back."""
