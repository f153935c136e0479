# SPDX-License-Identifier: Apache-2.0
"""A contextual bandit whose rewards come late: eligibility traces find out which choice each was for.

    python -m phasic.examples.bandit [--target ADDRESS]
"""

from __future__ import annotations

import argparse
from typing import Any

import phasic
from phasic.envs import DelayedBandit

EPISODES = 60


class CountOptimal(DelayedBandit):
    """Counts how often the best arm was chosen in the running episode."""

    optimal = 0

    def reset(self, **options: Any) -> Any:
        self.optimal = 0
        return super().reset(**options)

    def step(self, action: int) -> Any:
        result = super().step(action)
        self.optimal += result[4]["optimal"]
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--target", help="the server (default: PHASIC_SERVER, else 127.0.0.1:50051)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    env = CountOptimal()
    with phasic.connect(options.target) as client:
        agent = client.create_agent("bandit", env=env, seed=options.seed, labels={"env": "delayed-bandit"})
        print(f"{agent.name}: {env.observation_space.n} contexts, {env.action_space.n} arms")

        def tell(episode: phasic.Episode) -> None:
            if episode.index % 10 == 9:
                print(f"episode {episode.index + 1:3}: best arm in {env.optimal / episode.length:4.0%} of choices")

        phasic.run(env, agent, EPISODES, seed=options.seed, callback=tell)


if __name__ == "__main__":
    main()
