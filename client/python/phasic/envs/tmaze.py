# SPDX-License-Identifier: Apache-2.0
"""A T-maze: a cue at the start says on which side of the junction at the corridor's end the reward lies.

After B. Bakker, "Reinforcement learning with long short-term memory", NIPS 14 (2001), with the pay put off: the choice
of an arm is rewarded only some steps later.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from phasic.spaces import Discrete, MultiBinary

FORWARD, LEFT, RIGHT = 0, 1, 2

Observation = npt.NDArray[np.int8]


class TMaze:
    """Walk down the corridor, then turn to the side of the cue.

    Observation: four switches: cue left, cue right, at the junction, in an arm. Action: 0 forward, 1 left, 2 right. In
    the corridor only forward moves on, at the junction only a turn does; any other action stays and costs `bump`. In
    the arm actions have no effect: `delay` steps after the turn the episode is terminated, with reward 1 for the right
    side and -1 for the wrong one. It is truncated after `max_steps` steps.

    The cue is seen for `cue_steps` observations from the start. With the default, 1, only an agent with a memory can do
    better than chance at the junction. None: it is seen until the turn, and what has to be bridged is the
    time from the turn to its reward alone.
    """

    metadata: Mapping[str, Any] = {"render_modes": []}

    def __init__(
        self,
        length: int = 5,
        delay: int = 3,
        cue_steps: Optional[int] = 1,
        bump: float = 0.05,
        max_steps: int = 100,
    ) -> None:
        if length < 1 or delay < 0 or max_steps < 1 or (cue_steps is not None and cue_steps < 1):
            raise ValueError("length, cue_steps and max_steps must be at least 1, delay at least 0")
        self.observation_space = MultiBinary(4)
        self.action_space = Discrete(3)
        self._length = length
        self._delay = delay
        self._cue_steps = max_steps + 1 if cue_steps is None else cue_steps
        self._bump = bump
        self._max_steps = max_steps
        self._random = np.random.default_rng()
        self._cue = LEFT
        self._position = 0
        self._turn: Optional[int] = None
        self._wait = 0
        self._steps = max_steps

    def reset(
        self, *, seed: Optional[int] = None, options: Optional[Mapping[str, Any]] = None
    ) -> Tuple[Observation, Dict[str, Any]]:
        """Begin an episode at the corridor's start, with a new cue."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self._cue = LEFT if self._random.random() < 0.5 else RIGHT
        self._position, self._turn, self._wait, self._steps = 0, None, self._delay, 0
        return self._observe(), {"cue": self._cue}

    def step(self, action: int) -> Tuple[Observation, float, bool, bool, Dict[str, Any]]:
        if self._steps >= self._max_steps or self._wait < 0:
            raise RuntimeError("the episode has ended or none has begun: call reset() first")
        if action not in self.action_space:
            raise ValueError(f"action is {action!r}, must be 0, 1 or 2")
        self._steps += 1
        reward = self._move(int(action))
        terminated = self._turn is not None and self._wait == 0
        if terminated:
            self._wait = -1
            reward += 1.0 if self._turn == self._cue else -1.0
        truncated = not terminated and self._steps >= self._max_steps
        return self._observe(), reward, terminated, truncated, {"cue": self._cue}

    def close(self) -> None:
        """Nothing to give back."""

    def _move(self, action: int) -> float:
        """What the move itself earns."""
        if self._turn is not None:
            self._wait -= 1
        elif self._position < self._length and action == FORWARD:
            self._position += 1
        elif self._position == self._length and action != FORWARD:
            self._turn = action
        else:
            return -self._bump
        return 0.0

    def _observe(self) -> Observation:
        cue = self._turn is None and self._steps < self._cue_steps
        seen = (
            cue and self._cue == LEFT,
            cue and self._cue == RIGHT,
            self._turn is None and self._position == self._length,
            self._turn is not None,
        )
        return np.array(seen, np.int8)
