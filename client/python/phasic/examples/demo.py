# SPDX-License-Identifier: Apache-2.0
"""The whole of phasic in one minute: start a server, let an agent learn to balance a pole, look into it.

    python -m phasic.examples.demo --phasicd build/release/bin/phasicd

It leaves the server running until Ctrl-C; with --once it stops it, and exits 0 only if the agent has learned.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import shutil
import signal
import sys
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import phasic
from phasic.daemon import Daemon, free_target, is_taken
from phasic.envs import cartpole
from phasic.examples import terminal

EPISODES = 600
WINDOW = 100  # Episodes in the mean that counts.

OWN_ENVIRONMENT = """\
import phasic

env = ...  # anything with reset() and step(action), observation_space and action_space, as in Gymnasium
with phasic.connect({target!r}) as client:
    agent = client.create_agent("actor-critic", env=env)
    for episode in phasic.run(env, agent, episodes=300):
        print(episode.index, episode.return_)
    # or turn by turn:
    action = agent.step(observation).action
    action = agent.step(observation, reward).action
    agent.step(observation, reward, end="terminated")"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m phasic.examples.demo", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--phasicd", default="phasicd", metavar="PATH", help="the server (default: on PATH)")
    parser.add_argument("--phasic", default="phasic", metavar="PATH", help="the command line client, for hints")
    parser.add_argument("--once", action="store_true", help="stop the server; exit 0 only if the agent learned")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the agent and the environment")
    options = parser.parse_args(arguments)

    # A kill is to end the server too, as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    daemon, target = _choose_server(options.phasicd)
    learned = False
    try:
        if daemon is not None:
            daemon.start()
            print(f"phasicd listens at {target} (process {daemon.pid}).")
        learned = _demonstrate(target, options.phasic, options.seed)
        if not options.once and daemon is not None:
            print("The server keeps running. Ctrl-C ends it; agents outlive it.", flush=True)
            print(f"phasicd ended by itself, with exit code {daemon.wait()}:\n{daemon.log()}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print()
        if options.once:
            learned = False
    except (RuntimeError, phasic.Error) as error:
        print(f"demo: {error}", file=sys.stderr)
        learned = False
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # It is ending already.
        stopped = _stop(daemon)
    return 0 if stopped and learned else 1


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop(daemon: Optional[Daemon]) -> bool:
    """Whether the server, if it is ours, ended cleanly."""
    if daemon is None:
        return True
    try:
        code = daemon.stop()
    except RuntimeError as error:
        print(f"demo: {error}", file=sys.stderr)
        return False
    if code != 0:
        print(f"demo: phasicd ended with exit code {code}:\n{daemon.log()}", file=sys.stderr)
        return False
    print("phasicd has ended cleanly.")
    return True


def _choose_server(binary: str) -> Tuple[Optional[Daemon], str]:
    """The server to use: the one that is there already, else one of our own."""
    target = phasic.DEFAULT_TARGET
    if is_taken(target):
        try:
            with phasic.connect(target, timeout=5.0) as client:
                version = client.info().version
            print(f"A phasic server ({version}) listens at {target} already: this one is used, and stays.")
            return None, target
        except phasic.Error:
            target = free_target()
            print(f"{phasic.DEFAULT_TARGET} is taken by another program, so {target} is used.")
    return Daemon(shutil.which(binary) or binary, target), target


def _demonstrate(target: str, cli: str, seed: int) -> bool:
    with phasic.connect(target) as client:
        env = cartpole.CartPole()
        agent = _create(client, env, seed)
        size = agent.size
        print(
            f"{agent.name} is an actor-critic with {size.neurons} neurons, {size.synapses} synapses and "
            f"{size.bytes / 1024:.0f} KiB of state."
        )
        before = _weights(agent)
        print(f"\nIt learns cart-pole: 500 steps at most; solved at a mean return of {cartpole.SOLVED:.0f}.")
        returns = _train(env, agent, seed)
        mean = sum(returns[-WINDOW:]) / WINDOW if len(returns) >= WINDOW else 0.0
        learned = mean >= cartpole.SOLVED

        print("\nReturn of each episode:\n")
        print("\n".join(terminal.curve(returns, top=cartpole.MAX_STEPS, mark=cartpole.SOLVED)))
        print("\nIts weights, before and after:\n")
        print("\n".join(_table(before, _weights(agent))))
        verdict = f"Solved after {len(returns)} episodes" if learned else f"Not solved in {len(returns)} episodes"
        print(f"\n{verdict}: mean return of the last {WINDOW} is {mean:.1f}.\n")
        print("Your own environment:\n")
        print("\n".join(f"    {line}" for line in OWN_ENVIRONMENT.format(target=target).splitlines()))
        print(f"\nThe agent is {agent.name} at {target}. Look at it:\n")
        server = "" if target == phasic.DEFAULT_TARGET else f" --server {target}"
        print(f"    {cli} agents get {agent.id}{server}")
        print(f"    {cli} agents inspect {agent.id}{server}\n", flush=True)
        return learned


def _create(client: phasic.Client, env: cartpole.CartPole, seed: int) -> phasic.Agent:
    """An agent "cartpole", or "cartpole-2" and so on if that is there already."""
    for number in itertools.count(1):
        agent_id = "cartpole" if number == 1 else f"cartpole-{number}"
        with contextlib.suppress(phasic.AlreadyExists):
            return client.create_agent(
                "actor-critic",
                agent_id=agent_id,
                env=env,
                seed=seed,
                labels={"env": "cartpole"},
            )
    raise AssertionError("itertools.count ends never")


def _train(env: cartpole.CartPole, agent: phasic.Agent, seed: int) -> List[float]:
    """The returns of the episodes until it is solved."""
    returns: List[float] = []
    progress = terminal.Progress()
    state = (0.0, "")

    def after(episode: phasic.Episode) -> bool:
        nonlocal state
        returns.append(episode.return_)
        window = returns[-WINDOW:]
        mean = sum(window) / len(window)
        text = f"episode {len(returns):3d}  return {episode.return_:3.0f}  mean of last {len(window)}: {mean:5.1f}"
        state = (mean / cartpole.SOLVED, text)
        progress.show(*state)
        return len(returns) >= WINDOW and mean >= cartpole.SOLVED

    phasic.run(env, agent, EPISODES, seed=seed, callback=after)
    progress.finish(*state)
    return returns


def _weights(agent: phasic.Agent) -> Dict[str, phasic.Summary]:
    """The summaries of what the agent learns, by projection."""
    found = agent.inspect(summary_only=True).values()
    return {v.component: v.summary for v in found if v.variable == "weights" and v.life == "learned"}


def _table(before: Dict[str, phasic.Summary], after: Dict[str, phasic.Summary]) -> Iterator[str]:
    # A projection without a rule keeps its weights, and has nothing to show.
    names = [name for name in after if after[name] != before[name]]
    longest = max((len(name) for name in names), default=0)
    yield f"  {'':{longest}}          {'norm':>9} {'min':>9} {'max':>9} {'mean':>9}   synapses"
    for name in names:
        for when, s in (("before", before[name]), ("after ", after[name])):
            numbers = " ".join(f"{value:9.4f}" for value in (s.norm, s.min, s.max, s.mean))
            yield f"  {name:{longest}}  {when}  {numbers}   {s.count}"


if __name__ == "__main__":
    sys.exit(main())
