# SPDX-License-Identifier: Apache-2.0
"""Example environments with the Gymnasium API; none of them needs Gymnasium."""

from phasic.envs.cartpole import CartPole
from phasic.envs.delayed_bandit import DelayedBandit
from phasic.envs.tmaze import TMaze
from phasic.envs.vector_cartpole import VectorCartPole

__all__ = ["CartPole", "DelayedBandit", "TMaze", "VectorCartPole"]
