# SPDX-License-Identifier: Apache-2.0
"""An environment of one's own, and an agent in it.

    python -m phasic.examples.own_env
"""

import phasic


class Corridor:
    """Walk from the left end to the right one; each step costs something. Actions: 0 left, 1 right."""

    observation_space = phasic.Box(0.0, 1.0, (1,))
    action_space = phasic.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.place = 0
        return [0.0], {}

    def step(self, action):
        self.place = max(0, self.place + (1 if action == 1 else -1))
        arrived = self.place == 10
        return [self.place / 10], 1.0 if arrived else -0.05, arrived, False, {}


def main():
    env = Corridor()
    with phasic.connect() as client:
        agent = client.create_agent("actor-critic", env=env)
        for episode in phasic.run(env, agent, episodes=100, max_steps=200)[::10]:
            print(f"episode {episode.index:3}: {episode.length:3} steps, return {episode.return_:6.2f}")


if __name__ == "__main__":
    main()
