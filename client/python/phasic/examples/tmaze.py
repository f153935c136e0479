# SPDX-License-Identifier: Apache-2.0
"""A T-maze: turn to the side that the cue shows; the reward comes some steps after the turn.

    python -m phasic.examples.tmaze [--target ADDRESS]
"""

from __future__ import annotations

import argparse

import numpy as np

import phasic
from phasic.envs import TMaze

EPISODES = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--target", help="the server (default: PHASIC_SERVER, else 127.0.0.1:50051)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    # The cue stays in sight: this agent has no memory but its eligibility traces, which bridge the delay.
    env = TMaze(length=5, delay=3, cue_steps=None)
    with phasic.connect(options.target) as client:
        agent = client.create_agent("actor-critic", env=env, seed=options.seed, labels={"env": "tmaze"})
        print(f"{agent.name}: corridor, junction, and a delay of 3 steps")
        returns = []

        def tell(episode: phasic.Episode) -> None:
            returns.append(episode.return_)
            if episode.index % 50 == 49:
                print(f"episode {episode.index + 1:3}: mean return of the last 50 {np.mean(returns[-50:]):6.2f}")

        phasic.run(env, agent, EPISODES, seed=options.seed, callback=tell)


if __name__ == "__main__":
    main()
