#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What phasic's speed is worth, as ratios that hold on any machine. `./dev bench` builds what they need and runs them."""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "support"))

from experiments import Experiment, main  # noqa: E402
from support.results import write  # noqa: E402

EXPERIMENTS = {
    "learn-dense": Experiment("a learning step over the matrix-vector product that it cannot do without"),
    "learn-sparse-reward": Experiment("the same when 1 step in 100 is rewarded"),
    "small-agents": Experiment("many small agents over a large one"),
    "rng": Experiment("a random number without state over one with"),
    "exact": Experiment("every way to compute a rule over the rule as it is written"),
    "learn-spiking": Experiment("a spiking network over plain loops, Brian2, and itself over gRPC"),
    "scale-agents": Experiment("a step of one of 10 to 100 thousand agents over memory and what carries it"),
    "memory": Experiment("what an agent takes beside its state"),
    "wake": Experiment("a step of an agent that is only in the store"),
    "million": Experiment("a million agents in 1 GiB: made, and stepped at random"),
    "rpc-stream": Experiment("a step over the message of a stream that carries it"),
    "rpc-unary": Experiment("a step over the call that carries it"),
    "rpc-uds": Experiment("a stream over calls, and a Unix socket over TCP"),
    "rpc-batch": Experiment("a step as one of 64 over what carries them"),
    "rpc-python": Experiment("batches from Python over steps, and over what carries them"),
    "rpc-journaled": Experiment("steps of JOURNALED agents beside those of EPHEMERAL ones"),
    "journal-cost": Experiment("the same, by its other name", ("rpc-journaled",)),
    "rpc-idle-gap": Experiment("an answer after about a second without calls"),
    "scale-cores": Experiment("what more cores do over what one does"),
}

if __name__ == "__main__":
    summaries = {name: experiment.summary for name, experiment in EXPERIMENTS.items()}
    sys.exit(main(EXPERIMENTS, FOLDER, __doc__, record=lambda results: write(FOLDER, summaries, results)))
