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
    "baseline-variance": Experiment(
        "baselines take variance from REINFORCE and leave its mean; the optimal one takes the most"
    ),
    "arp-xor": Experiment("A_R-P learns exclusive or in 50 of 50 seeds, where REINFORCE stays in local maxima"),
    "node-perturbation-scaling": Experiment("node perturbation learns as fast as theory says"),
    "weight-perturbation-scaling": Experiment(
        "weight perturbation learns as fast as theory says, and as much slower than node perturbation"
    ),
    "covariance-forms": Experiment("three forms of the covariance rule: one mean, the covariance"),
    "eligibility-zero-mean": Experiment(
        "what score-function rules remember of a draw is 0 on average, at a million samples"
    ),
    "td-lambda": Experiment(
        "TD(lambda), three kinds of traces, on the 19-state walk: the forward views; its error as published",
        ("td-lambda-f64", "td-lambda-f32"),
    ),
    "rmax-drift": Experiment(
        "a wrong baseline moves R-STDP by (E R - b) <e> and R-max not at all"
    ),
    "continuous-td": Experiment(
        "a spiking critic on a linear track learns the value that theory gives, in 50 trials"
    ),
    "eprop-identity": Experiment(
        "e-prop's eligibility traces factorise the exact gradient; its estimate points along it"
    ),
    "episode-end": Experiment(
        "terminated and truncated episodes give the values that theory gives"
    ),
    "factored-trace": Experiment(
        "a trace kept as its factors: replayed, the same bits; as a low-rank product, the same forward pass"
    ),
    "time-addressed-reward": Experiment(
        "rewards that name a step meet its very trace; one trial late, they teach as if in time",
        ("time-addressed-reward-f64", "time-addressed-reward-f32"),
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
    "delayed-bandit": Experiment(
        "a bandit over gRPC whose rewards come late, in any order: learned by trace and by event"
    ),
    "distal-reward": Experiment(
        "a reward one to three seconds late finds the synapse that it is for, among 64,000; uncorrelated, it does not"
    ),
    "rstdp-exact": Experiment(
        "dopamine-modulated STDP, event by event, is that of continuous time: 1 us Euler steps, and the closed form"
    ),
    "lazy-clip": Experiment(
        "weights clipped when touched are those clipped in every tick, for gates of one sign and of both",
        ("lazy-clip-f64", "lazy-clip-f32"),
    ),
    "toy-circuits": Experiment(
        "circuits that touch every concept: snapshot, clone, lanes, FROZEN"
    ),
}

if __name__ == "__main__":
    sys.exit(main(EXPERIMENTS, FOLDER, __doc__))
