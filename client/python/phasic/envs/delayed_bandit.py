# SPDX-License-Identifier: Apache-2.0
"""A contextual bandit whose rewards come late: after a random number of further decisions.

The contextual (associative) bandit is that of R. S. Sutton and A. G. Barto, "Reinforcement Learning: An Introduction",
2nd ed. (2018), section 2.9; late rewards as in P. Joulani, A. Gyorgy and C. Szepesvari, "Online learning under delayed
feedback", ICML 2013. Which decision a reward is for is not said: the eligibility traces have to bridge the time.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from phasic.spaces import Discrete


class DelayedBandit:
    """In each context one arm pays more often than the others; a decision's reward, 0 or 1, comes `delay` steps later.

    Observation: the context, drawn anew for each decision. Action: an arm. The arm that pays best in context c is drawn
    once, from the seed; it pays with probability `good`, the others with `bad`. A delay is uniform from 0 to `max_delay`
    further decisions; the reward of a step is the sum of what falls due then. After `decisions` decisions the
    episode is truncated, and what is still due falls due at once.

    `info` has "optimal" (whether the arm was the best one) and "delays" (of the rewards in this step, in decisions).
    """

    metadata: Mapping[str, Any] = {"render_modes": []}

    def __init__(
        self,
        contexts: int = 4,
        arms: int = 3,
        max_delay: int = 3,
        good: float = 0.9,
        bad: float = 0.1,
        decisions: int = 100,
    ) -> None:
        if max_delay < 0 or decisions < 1:
            raise ValueError("max_delay must be at least 0 and decisions at least 1")
        if not 0 <= bad < good <= 1:
            raise ValueError("probabilities: 0 <= bad < good <= 1")
        self.observation_space = Discrete(contexts)
        self.action_space = Discrete(arms)
        self._max_delay = max_delay
        self._good = good
        self._bad = bad
        self._decisions = decisions
        self._random = np.random.default_rng()
        self._best: Optional[npt.NDArray[np.int64]] = None
        self._due: List[Tuple[int, int, float]] = []
        self._step = decisions
        self._context = 0

    def reset(
        self, *, seed: Optional[int] = None, options: Optional[Mapping[str, Any]] = None
    ) -> Tuple[int, Dict[str, Any]]:
        """Begin an episode. A seed draws new best arms; without one they stay, as does what was learned of them."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        if seed is not None or self._best is None:
            self._best = self._random.integers(self.action_space.n, size=self.observation_space.n)
        self._due.clear()
        self._step = 0
        return self._draw_context(), {}

    def step(self, action: int) -> Tuple[int, float, bool, bool, Dict[str, Any]]:
        if self._best is None or self._step >= self._decisions:
            raise RuntimeError("the episode has ended or none has begun: call reset() first")
        if action not in self.action_space:
            raise ValueError(f"action is {action!r}, must be in 0..{self.action_space.n - 1}")
        optimal = bool(action == self._best[self._context])
        pays = float(self._random.random() < (self._good if optimal else self._bad))
        due = self._step + int(self._random.integers(self._max_delay + 1))
        self._due.append((due, self._step, pays))
        truncated = self._step + 1 >= self._decisions
        fallen = [entry for entry in self._due if truncated or entry[0] <= self._step]
        self._due = [entry for entry in self._due if not truncated and entry[0] > self._step]
        info = {"optimal": optimal, "delays": [self._step - made for _, made, _ in fallen]}
        self._step += 1
        return self._draw_context(), sum(pays for _, _, pays in fallen), False, truncated, info

    def close(self) -> None:
        """Nothing to give back."""

    def _draw_context(self) -> int:
        self._context = int(self._random.integers(self.observation_space.n))
        return self._context
