#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The experiments that show what phasic promises. `./dev verify` builds what they need and runs them."""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "support"))

from experiments import Experiment, main  # noqa: E402

EXPERIMENTS = {
    "cartpole": Experiment(
        "actor-critic reaches CartPole-v1's 475 in 9 of 10 seeds; its controls do not"
    ),
    "reinforce-gradient": Experiment(
        "REINFORCE's expected change is the exact gradient of the expected reward",
        ("reinforce-gradient-f64", "reinforce-gradient-f32"),
    ),
    "td-lambda": Experiment(
        "TD(lambda) on the 19-state walk: forward view is backward view; its error as published",
        ("td-lambda-f64", "td-lambda-f32"),
    ),
    "episode-end": Experiment(
        "terminated and truncated episodes give the values that theory gives"
    ),
    "spaces": Experiment(
        "every space as observation and as action: what lies outside is refused, what lies inside is learned"
    ),
    "determinism": Experiment(
        "200 agents, any threads, order, kernels and CPU: the same digests"
    ),
    "bad-requests": Experiment(
        "over 80 bad requests, every way they can come: code, reason, field; nothing changed"
    ),
    "idempotency": Experiment(
        "five minutes over a network that loses, delays, repeats and cuts: nothing lost or done twice"
    ),
    "load": Experiment("128 callers that cancel and go at random: no crash, no leak, right counts"),
    "crash": Experiment(
        "200 rounds of kill -9 under load: nothing acknowledged is lost, nothing is done twice"
    ),
    "power-loss": Experiment(
        "a disk that drops and tears what was not synced: SYNCED agents lose nothing, nothing is silently wrong"
    ),
    "disk-faults": Experiment(
        "a disk that fails or is full: clear refusals, nothing lost, and it goes on by itself"
    ),
    "restore-equals-uninterrupted": Experiment(
        "every preset, restored at powers of two in a new process, any threads and kernels: the same bits",
        ("restore",),
    ),
    "upgrade": Experiment("stores that earlier versions wrote open, replay to the digests of then, and go on"),
    "presets-learn": Experiment(
        "each preset learns the task that it is for; frozen, or rewarded at random, it does not"
    ),
    "distal-reward": Experiment(
        "a reward one to three seconds late finds the synapse that it is for, among 64,000; uncorrelated, it does not"
    ),
    "rstdp-exact": Experiment(
        "dopamine-modulated STDP, event by event, is that of continuous time: 1 us Euler steps, and the closed form"
    ),
    "lazy-clip": Experiment(
        "weights clipped when touched are those clipped in every tick, for gates of one sign and of both"
    ),
    "toy-circuits": Experiment(
        "seven circuits that touch every concept: snapshot, clone, lanes, FROZEN"
    ),
}

if __name__ == "__main__":
    sys.exit(main(EXPERIMENTS, FOLDER, __doc__))
