# SPDX-License-Identifier: Apache-2.0
"""Cart-pole: keep a pole upright by pushing the cart that it stands on to the left or to the right.

The problem is that of A. G. Barto, R. S. Sutton and C. W. Anderson, "Neuronlike adaptive elements that can solve
difficult learning control problems", IEEE Transactions on Systems, Man, and Cybernetics 13 (1983) 834-846. Numbers and
limits are those of Gymnasium's CartPole-v1 (https://gymnasium.farama.org/environments/classic_control/cart_pole/), which
counts as solved when the mean return of 100 episodes reaches 475.
"""

from __future__ import annotations

import math
from typing import Any, Dict, Mapping, Optional, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from phasic.spaces import Box, Discrete

GRAVITY = 9.8  # m/s^2
CART_MASS = 1.0  # kg
POLE_MASS = 0.1  # kg
HALF_LENGTH = 0.5  # m, from the hinge to the pole's middle
FORCE = 10.0  # N
TIME_STEP = 0.02  # s
MAX_POSITION = 2.4  # m
MAX_ANGLE = math.radians(12)
MAX_STEPS = 500
SOLVED = 475.0

Observation = npt.NDArray[np.float32]
_N = TypeVar("_N", float, npt.NDArray[np.float64])


class CartPole:
    """Reward 1 for each step until the pole falls or the cart leaves the track (terminated), 500 steps at most (truncated).

    Observation: the cart's position (m) and velocity, the pole's angle (rad, 0 is upright) and angular velocity.
    Action: 0 pushes to the left, 1 to the right.
    """

    metadata: Mapping[str, Any] = {"render_modes": []}

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        bound = np.array([2 * MAX_POSITION, np.inf, 2 * MAX_ANGLE, np.inf])
        self.observation_space = Box(-bound, bound)
        self.action_space = Discrete(2)
        self._max_steps = max_steps
        self._random = np.random.default_rng()
        self._state: Optional[Tuple[float, float, float, float]] = None
        self._steps = 0

    def reset(
        self, *, seed: Optional[int] = None, options: Optional[Mapping[str, Any]] = None
    ) -> Tuple[Observation, Dict[str, Any]]:
        """Begin an episode: each number of the state uniform between -0.05 and 0.05."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        x, velocity, angle, spin = self._random.uniform(-0.05, 0.05, size=4).tolist()
        self._state = (x, velocity, angle, spin)
        self._steps = 0
        return np.array(self._state, np.float32), {}

    def step(self, action: int) -> Tuple[Observation, float, bool, bool, Dict[str, Any]]:
        if self._state is None:
            raise RuntimeError("the episode has ended or none has begun: call reset() first")
        if action not in self.action_space:
            raise ValueError(f"action is {action!r}, must be 0 or 1")
        state = self._state = _advance(self._state, FORCE if action == 1 else -FORCE)
        self._steps += 1
        terminated = abs(state[0]) > MAX_POSITION or abs(state[2]) > MAX_ANGLE
        truncated = not terminated and self._steps >= self._max_steps
        if terminated or truncated:
            self._state = None
        return np.array(state, np.float32), 1.0, terminated, truncated, {}

    def close(self) -> None:
        """Nothing to give back."""


def _advance(state: Tuple[float, float, float, float], force: float) -> Tuple[float, float, float, float]:
    return advance(state, force, math.sin(state[2]), math.cos(state[2]))


def advance(state: Tuple[_N, _N, _N, _N], force: _N, sine: _N, cosine: _N) -> Tuple[_N, _N, _N, _N]:
    """The state one time step later, by Euler's method; no friction. Equations: Barto et al. 1983, appendix.

    Of one cart-pole or, in arrays, of many. `sine` and `cosine` are those of the state's angle.
    """
    x, velocity, angle, spin = state
    mass = CART_MASS + POLE_MASS
    pole = POLE_MASS * HALF_LENGTH
    push = (force + pole * spin * spin * sine) / mass
    inertia = HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cosine * cosine / mass)
    spin_rate = (GRAVITY * sine - cosine * push) / inertia
    acceleration = push - pole * spin_rate * cosine / mass
    return (
        x + TIME_STEP * velocity,
        velocity + TIME_STEP * acceleration,
        angle + TIME_STEP * spin,
        spin + TIME_STEP * spin_rate,
    )
