#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That every space can be observed and acted in, over gRPC: it is checked as Gymnasium checks its own, and learned in.

Checks, for every preset with every pair of an observation space and an action space:

- every sample of the observation space is taken, and every action lies in the action space;
- what lies outside is refused with the path of the faulty element, and the agent's digest stays;
- where the action is one or several choices, no alternative that a random mask forbids is ever chosen.

Learning, for every pair, with the presets' own defaults: an observation carries two switches, and the action must say
them. Each kind says them in its way (see OBSERVATIONS and ACTIONS). The reward is the share of switches said rightly,
for a Box how near each number is to the end of its range that says the switch. (Not to a point within: as the normal
numbers drawn are clipped on one side only, the best mean lies beyond it.) A score of 0 is what the best player who is
blind to the observation gets, 1 is perfect; it is measured greedily, frozen, after training, and averaged over the
seeds. `bandit` is rewarded with the next step; `actor-critic` at the end of episodes of one step, 20 times as much: its
policy is at home with values of 1 to 100, as its description says.

Control: the same with `bandit`, but each reward told is one of a uniformly random player's, drawn at random. It says
nothing of observation or action, so the score must stay at chance.
"""

import argparse
import concurrent.futures
import itertools
import json
import multiprocessing
import os
import pathlib
import signal
import sys

import numpy as np
import phasic
from phasic.daemon import Daemon

PRESETS = ("actor-critic", "bandit", "reinforce")
# By condition: how many seeds, and trials in each. An episode takes two calls, so those are dear.
SEEDS = {"bandit": 5, "actor-critic": 3, "shuffled": 5}
TRIALS = {"bandit": 800, "actor-critic": 1500, "shuffled": 800}
TESTS = 200
CHECKS = 40
EPISODE_REWARD = 20
POOL = 1000
WORKERS = 2
# Chosen before anything was measured.
LEAST_SCORE = 0.7
LEAST_MEAN_SCORE = 0.85
MOST_CONTROL_MEAN = 0.1
MOST_CONTROL = 0.5


def multi_discrete(switches, random):
    """One of 0, 3 for a switch that is off, of 1, 2 for one that is on."""
    return np.where(switches, random.integers(1, 3, 2), 3 * random.integers(0, 2, 2))


def multi_binary(switches, random):
    """The switches, and one that says nothing."""
    return np.append(switches, random.integers(2))


def box(switches, random):
    """The sign of each number."""
    return np.where(switches, 1, -1) * random.uniform(0.3, 1.0, 2)


# By kind: the space, what an observation of two switches is, and values outside with the path of the fault.
OBSERVATIONS = {
    "Discrete": (
        phasic.Discrete(4),
        lambda switches, random: 2 * switches[0] + switches[1],
        [(4, "[0]"), (-1, "[0]"), (0.5, "[0]"), (np.nan, "[0]"), ([0, 0], "")],
    ),
    "MultiDiscrete": (
        phasic.MultiDiscrete([4, 4]),
        multi_discrete,
        [([4, 0], "[0]"), ([0, 4], "[1]"), ([0, -1], "[1]"), ([0, 1.5], "[1]"), ([np.inf, 0], "[0]"), ([0], "")],
    ),
    "MultiBinary": (
        phasic.MultiBinary(3),
        multi_binary,
        [([0, 2, 0], "[1]"), ([0, 0, 0.5], "[2]"), ([-1, 0, 0], "[0]"), ([np.nan, 0, 0], "[0]"), ([0, 1], "")],
    ),
    "Box": (
        phasic.Box(-1.0, 1.0, (2,)),
        box,
        [([0, 1.5], "[1]"), ([-1.5, 0], "[0]"), ([0, np.nan], "[1]"), ([-np.inf, 0], "[0]"), ([0, 0, 0], "")],
    ),
}

# By kind: the space, the reward of an action for two switches, and what the best blind player gets.
ACTIONS = {
    "Discrete": (phasic.Discrete(4), lambda action, s: float(action == 2 * s[0] + s[1]), 0.25),
    "MultiDiscrete": (phasic.MultiDiscrete([2, 3]), lambda action, s: np.mean(action == s * (1, 2)), 0.5),
    "MultiBinary": (phasic.MultiBinary(2), lambda action, s: np.mean(action == 1 - s), 0.5),
    "Box": (phasic.Box(-1.0, 1.0, (2,)), lambda action, s: 1 - np.mean(np.abs(action - (2 * s - 1))) / 2, 0.5),
}
PAIRS = tuple(itertools.product(OBSERVATIONS, ACTIONS))


def make(client, preset, pair, seed):
    spaces = {"observation": OBSERVATIONS[pair[0]][0], "action": ACTIONS[pair[1]][0]}
    return client.create_agent(preset, spaces=spaces, seed=seed)


# Checks.


def draw_mask(space, random):
    """A mask for each choice, with at least one alternative allowed; None where the space takes none."""
    if not isinstance(space, (phasic.Discrete, phasic.MultiDiscrete)):
        return None
    masks = []
    for n in np.atleast_1d(getattr(space, "nvec", getattr(space, "n", 0))):
        mask = random.integers(2, size=n)
        mask[random.integers(n)] = 1
        masks.append(mask)
    return masks


def is_refused(agent, observation, path):
    """Whether it is refused at the path, and the agent stays as it was."""
    digest = agent.digest()
    try:
        agent.step(observation)
    except phasic.InvalidArgument as error:
        return error.violations[0].field == "observation" + path and agent.digest() == digest
    return False


def check(client, preset, pair, seed, counts):
    """Adds to the counts what was tried, and what went wrong."""
    agent = make(client, preset, pair, seed)
    observations, _, outside = OBSERVATIONS[pair[0]]
    actions = ACTIONS[pair[1]][0]
    observations.seed(seed)
    random = np.random.default_rng(seed)
    for index in range(CHECKS):
        mask = draw_mask(actions, random) if index % 2 else None
        action = agent.step(observations.sample(), random.normal(), mask=mask, greedy=index % 4 >= 2).action
        counts["steps"] += 1
        counts["outside"] += action not in actions
        if mask is not None:
            counts["masked"] += 1
            counts["forbidden"] += any(not m[a] for m, a in zip(mask, np.atleast_1d(action)))
    for observation, path in outside:
        counts["faults"] += 1
        counts["not refused"] += not is_refused(agent, observation, path)
    agent.delete()


def run_checks(target, seed):
    counts = dict.fromkeys(("steps", "outside", "masked", "forbidden", "faults", "not refused"), 0)
    with phasic.connect(target) as client:
        for preset, pair in itertools.product(PRESETS, PAIRS):
            check(client, preset, pair, seed, counts)
    print(f"checks: {counts}")
    return [
        report(f"spaces/actions outside their space, of {counts['steps']}", counts["outside"], "== 0"),
        report(f"spaces/masked alternatives chosen, of {counts['masked']} steps", counts["forbidden"], "== 0"),
        report(f"spaces/faults not refused as they should, of {counts['faults']}", counts["not refused"], "== 0"),
    ]


# Learning.


class Task:
    """Says two switches by way of an observation, and rewards an action that says them."""

    def __init__(self, pair, random):
        self.show, (self.actions, self.judge, self.blind) = OBSERVATIONS[pair[0]][1], ACTIONS[pair[1]]
        self.random = random

    def observe(self):
        self.switches = self.random.integers(2, size=2)
        return self.show(self.switches, self.random)

    def reward(self, action):
        return float(self.judge(action, self.switches))

    def random_players_rewards(self):
        self.actions.seed(int(self.random.integers(2**32)))
        for _ in range(POOL):
            self.observe()
            yield self.reward(self.actions.sample())


def train_by_step(agent, task, told, trials):
    reward = None
    for _ in range(trials):
        reward = told(agent.step(task.observe(), reward).action)
    agent.reward(reward)


def train_by_episode(agent, task, told, trials):
    for _ in range(trials):
        agent.end_episode(reward=EPISODE_REWARD * told(agent.step(task.observe()).action))


def run_one(target, condition, pair, seed):
    """In a process of its own: the score after training."""
    task = Task(pair, np.random.default_rng(seed))
    told = task.reward
    if condition == "shuffled":
        pool = list(task.random_players_rewards())
        told = lambda action: pool[task.random.integers(POOL)]  # noqa: E731
    with phasic.connect(target) as client:
        preset, train = ("actor-critic", train_by_episode) if condition == "actor-critic" else ("bandit", train_by_step)
        agent = make(client, preset, pair, seed)
        train(agent, task, told, TRIALS[condition])
        agent.freeze()
        earned = [task.reward(agent.step(task.observe(), greedy=True).action) for _ in range(TESTS)]
        agent.delete()
    return (np.mean(earned) - task.blind) / (1 - task.blind)


def run_learning(target, seeds):
    """{condition: {pair: mean score}}"""
    found = {}
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(WORKERS, mp_context=spawn) as pool:
        jobs = {
            (condition, pair): [pool.submit(run_one, target, condition, pair, seed) for seed in seeds[: SEEDS[condition]]]
            for condition, pair in itertools.product(SEEDS, PAIRS)
        }
        try:
            for (condition, pair), runs in jobs.items():
                scores = [run.result() for run in runs]
                found.setdefault(condition, {})[pair] = float(np.mean(scores))
                each = " ".join(f"{score:5.2f}" for score in scores)
                print(f"{condition:12}  {pair[0]:>13} -> {pair[1]:13}  mean {np.mean(scores):5.2f}  seeds {each}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def judge_learning(found):
    verdicts = []
    for condition in ("bandit", "actor-critic"):
        scores = list(found[condition].values())
        verdicts.append(report(f"spaces/{condition}, worst pair's score", min(scores), f">= {LEAST_SCORE}"))
        verdicts.append(report(f"spaces/{condition}, mean score", float(np.mean(scores)), f">= {LEAST_MEAN_SCORE}"))
    control = list(found["shuffled"].values())
    verdicts.append(report("spaces/shuffled rewards, best pair's score", max(control), f"<= {MOST_CONTROL}"))
    verdicts.append(report("spaces/shuffled rewards, mean score", float(np.mean(control)), f"<= {MOST_CONTROL_MEAN}"))
    return verdicts


def report(name, value, bound):
    relation, number = bound.split()
    verdict = {"==": value == float(number), "<=": value <= float(number), ">=": value >= float(number)}[relation]
    print("RESULT " + json.dumps({"name": name, "value": value, "bound": bound, "pass": bool(verdict)}))
    return bool(verdict)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every random number")
    seed = abs(parser.parse_args().seed)
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(max(SEEDS.values()))]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with Daemon(pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd") as daemon:
        verdicts = run_checks(daemon.target, seeds[0])
        verdicts += judge_learning(run_learning(daemon.target, seeds))
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
