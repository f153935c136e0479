#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the preset `actor-critic` learns cart-pole over gRPC, and that what it learns is in the rewards.

Learning: in 10 seeds, the mean return of the last 100 episodes reaches 475 (CartPole-v1's own criterion) within 600
episodes of at most 500 steps.

Two controls, 300 episodes each in 20 seeds, must stay below 60 in their last 100, on average over the seeds (a uniformly
random player gets about 22; a policy that noise alone moves is a good one now and then, so a single seed says little):

- frozen: the same agent, FROZEN from the start.
- shuffled: the same agent learns, but from shuffled outcomes. In cart-pole every reward is 1, so shuffling
  rewards alone would change nothing: what teaches is when an episode ends. So the outcome of a step is its reward
  together with its end, and each step is told an outcome drawn at random from those of a uniformly random player: as
  many rewards and ends as the agent itself has at first, but they say nothing of the state or the action that they
  come with. (Shuffling the agent's own outcomes would still tell it something: ends become rarer when it does well,
  and that calms the very noise that moves its policy.)
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import signal
import sys
import time

import numpy as np
import phasic
from phasic.daemon import Daemon
from phasic.envs import cartpole

SEEDS = 10
NEEDED = 9
EPISODES = 600
WINDOW = 100
CONTROL_EPISODES = 300
CONTROL_SEEDS = 20
CONTROL_BOUND = 60.0
POOL = 5000
WORKERS = 2


class ShuffledOutcomes:
    """Cart-pole that tells outcomes of a random player instead of its own. `returns` has those of the true episodes."""

    def __init__(self, seed):
        self._env = cartpole.CartPole()
        self.observation_space = self._env.observation_space
        self.action_space = self._env.action_space
        self.returns = []
        self._random = np.random.default_rng(seed)
        self._pool = []
        self._env.reset(seed=seed)
        while len(self._pool) < POOL:
            _, *outcome, _ = self._env.step(int(self._random.integers(2)))
            self._pool.append(outcome)
            if outcome[1] or outcome[2]:
                self._env.reset()
        self._observation, _ = self._env.reset()
        self._return = 0.0

    def reset(self, *, seed=None, options=None):
        """A told end is none for the cart: it goes on where it is."""
        return self._observation, {}

    def step(self, action):
        self._observation, *outcome, _ = self._env.step(action)
        self._return += outcome[0]
        if outcome[1] or outcome[2]:
            self.returns.append(self._return)
            self._return = 0.0
            self._observation, _ = self._env.reset()
        told = self._pool[int(self._random.integers(POOL))]
        return (self._observation, *told, {})


def mean_of_last(returns):
    return float(np.mean(returns[-WINDOW:]))


def run_learning(agent, seed):
    returns = []

    def solved(episode):
        returns.append(episode.return_)
        return len(returns) >= WINDOW and mean_of_last(returns) >= cartpole.SOLVED

    phasic.run(cartpole.CartPole(), agent, EPISODES, seed=seed, callback=solved)
    return returns


def run_frozen(agent, seed):
    agent.freeze()
    return [e.return_ for e in phasic.run(cartpole.CartPole(), agent, CONTROL_EPISODES, seed=seed)]


def run_shuffled(agent, seed):
    env = ShuffledOutcomes(seed)
    forever = sys.maxsize
    phasic.run(env, agent, forever, callback=lambda _: len(env.returns) >= CONTROL_EPISODES)
    return env.returns[:CONTROL_EPISODES]


CONDITIONS = {"learning": run_learning, "frozen": run_frozen, "shuffled": run_shuffled}


def run_one(target, condition, seed):
    """In a process of its own: the returns of the condition's episodes, the agent's steps, and the seconds."""
    began = time.monotonic()
    with phasic.connect(target) as client:
        agent = client.create_agent("actor-critic", env=cartpole.CartPole(), seed=seed)
        returns = CONDITIONS[condition](agent, seed)
        steps = agent.refresh().stats.steps
        agent.delete()
    return returns, steps, time.monotonic() - began


def run_all(target, seeds):
    """{condition: {seed: returns}}, told as they come."""
    found = {condition: {} for condition in CONDITIONS}
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(WORKERS, mp_context=spawn) as pool:
        jobs = {
            pool.submit(run_one, target, condition, seed): (condition, seed)
            for condition in CONDITIONS
            for seed in seeds[: SEEDS if condition == "learning" else CONTROL_SEEDS]
        }
        try:
            for job in concurrent.futures.as_completed(jobs):
                condition, seed = jobs[job]
                returns, steps, seconds = job.result()
                found[condition][seed] = returns
                print(
                    f"{condition:8}  seed {seed:10}  {len(returns):3} episodes  mean of last {WINDOW} "
                    f"{mean_of_last(returns):6.1f}  {steps:6} steps  {seconds:5.1f} s",
                    flush=True,
                )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def report(name, value, bound, verdict):
    print("RESULT " + json.dumps({"name": name, "value": value, "bound": bound, "pass": bool(verdict)}))
    return bool(verdict)


def judge(found):
    """Prints the results; whether all pass."""
    learning = found["learning"].values()
    solved = [returns for returns in learning if mean_of_last(returns) >= cartpole.SOLVED]
    print(f"episodes until solved: {sorted(len(returns) for returns in solved)}")
    verdicts = [report("cartpole/seeds-solved", len(solved), f">= {NEEDED} of {SEEDS}", len(solved) >= NEEDED)]
    for condition in ("frozen", "shuffled"):
        means = [mean_of_last(returns) for returns in found[condition].values()]
        print(f"{condition}: mean {np.mean(means):.1f}, median {np.median(means):.1f}, best {max(means):.1f}")
        mean = float(np.mean(means))
        verdicts.append(report(f"cartpole/{condition}-return", mean, f"< {CONTROL_BOUND:.0f}", mean < CONTROL_BOUND))
    return all(verdicts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every random number")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in np.random.SeedSequence(abs(arguments.seed)).generate_state(CONTROL_SEEDS)]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with Daemon(pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd") as daemon:
        return 0 if judge(run_all(daemon.target, seeds)) else 1


if __name__ == "__main__":
    sys.exit(main())
