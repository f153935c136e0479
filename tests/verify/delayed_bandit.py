#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That the preset `bandit` learns over gRPC from rewards that come late.

A contextual bandit of 4 contexts and 3 arms: the best arm of a context pays 1 with probability 0.9, the others with 0.1.
Each reward comes by itself, in a Reward call, Gamma(2, 5) decisions after its own (10 on average, in any order, several at once
or none). Two ways to bridge that:

- by trace: the reward is for now, and meets what the eligibility trace remembers;
- by event: the reward names the event that Step answered, and meets the trace of that decision, inside the reward window.

The score is what the last 1,000 choices earn on average, as a share of what the best choices would.
"""

import argparse
import heapq
import json
import os
import pathlib
import sys

import numpy as np
import phasic
from phasic.daemon import Daemon
from phasic.spaces import Discrete

CONTEXTS, ARMS = 4, 3
GOOD, BAD = 0.9, 0.1
JUDGED = 1_000
BOUND = 0.9
SEEDS = 3
WINDOW = 100  # A delay beyond it comes once in ten million rewards.

# How each bridges the delay, and how many decisions it gets.
TRACE = {"parameters": {"tau": 15.0, "learning_rate": 0.02}, "decisions": 30_000}
EVENT = {"parameters": {"tau": 0.1, "learning_rate": 0.1, "reward_window": WINDOW}, "decisions": 5_000}


def play(client, seed, parameters, decisions, by_event):
    """The score, and how often each disposition was answered."""
    world = np.random.default_rng(seed)
    best = world.integers(ARMS, size=CONTEXTS)
    spaces = {"observation": Discrete(CONTEXTS), "action": Discrete(ARMS)}
    agent = client.create_agent("bandit", spaces=spaces, parameters=parameters, seed=seed)
    due, told, earned = [], {}, 0.0
    for decision in range(decisions):
        context = int(world.integers(CONTEXTS))
        choice = agent.step(context)
        chance = GOOD if choice.action == best[context] else BAD
        when = decision + world.gamma(2, 5)
        heapq.heappush(due, (when, decision, float(world.random() < chance), choice.event))
        while due and due[0][0] <= decision:
            _, _, value, event = heapq.heappop(due)
            answer = agent.reward(value, event=event if by_event else None)
            told[answer] = told.get(answer, 0) + 1
        if decision >= decisions - JUDGED:
            earned += chance
    agent.delete()
    return earned / JUDGED / GOOD, told


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    first = parser.parse_args().seed
    binary = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
    passed = True
    with Daemon(binary, arguments=["--store=memory:"]) as daemon, phasic.connect(daemon.target) as client:
        for name, way in (("by trace", TRACE), ("by event", EVENT)):
            scores = []
            for seed in range(first, first + SEEDS):
                score, told = play(client, seed, way["parameters"], way["decisions"], way is EVENT)
                print(f"{name}, seed {seed}: {score:.3f} of the optimum; {told}", flush=True)
                scores.append(score)
            worst = min(scores)
            passed = passed and worst >= BOUND
            result = {"name": f"share of the optimum, {name}, worst of {SEEDS} seeds", "value": worst}
            print("RESULT", json.dumps({**result, "bound": f">= {BOUND}", "pass": worst >= BOUND}), flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
