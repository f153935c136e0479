# SPDX-License-Identifier: Apache-2.0
"""A real phasicd in a process of its own."""

import os
import pathlib
import re
import select
import signal
import subprocess
import time

import grpc

from phasic.rpc import error_details_pb2
from phasic.v1 import agent_service_pb2, agent_service_pb2_grpc

PHASICD = pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd"
# Generous: sanitizers and busy machines are slow.
PATIENCE = 60


class Daemon:
    """Runs with a free port of loopback unless told otherwise."""

    def __init__(self, *flags, env=None):
        listen = () if any(flag.startswith("--listen") for flag in flags) else ("--listen=127.0.0.1:0",)
        self.process = subprocess.Popen(
            [PHASICD, *listen, *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.lines = []
        self.addresses = []

    def __enter__(self):
        try:
            self.lines = [self._line(), self._line()]
            told = re.fullmatch(r"phasicd \S+ listens on (.*)", self.lines[0])
            assert told, self.lines
        except BaseException:
            self.__exit__()
            raise
        self.addresses = told.group(1).split(" and ")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def _line(self):
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            byte = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not byte:
                raise AssertionError(f"phasicd said no more than {line}, and {self.process.poll()}")
            line += byte
        return line.decode().rstrip("\n")

    def channel(self, address=None):
        return grpc.insecure_channel(
            address or self.addresses[0],
            options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)],
        )

    def agents(self, address=None):
        return agent_service_pb2_grpc.AgentServiceStub(self.channel(address))

    def worked(self):
        """The seconds of CPU time that it has taken so far; a busy machine makes them no more."""
        return time.clock_gettime((~self.process.pid << 3) | 2)  # the clock of clock_getcpuclockid(3)

    def terminate(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """(exit code, standard error)"""
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


def refusal(*flags, env=None):
    """(exit code, standard error) of a phasicd that is expected not to start."""
    done = subprocess.run(
        [PHASICD, *flags],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, **(env or {})},
    )
    return done.returncode, done.stderr


def bandit(stub, agent_id="a"):
    """A new agent that takes a step at once."""
    request = agent_service_pb2.CreateAgentRequest(agent_id=agent_id)
    request.agent.preset.preset = "bandit"
    request.agent.seed = 1
    return stub.CreateAgent(request, timeout=PATIENCE)


def slow_step(daemon, seconds, agent_id="slow"):
    """A new agent, and the request for a step of it that takes about so long, or longer."""
    stub = daemon.agents()
    request = agent_service_pb2.CreateAgentRequest(agent_id=agent_id)
    circuit = request.agent.circuit
    circuit.inputs.add(name="in", encoder="raw", target="crowd.drive").space.box.shape.append(1)
    circuit.populations.add(name="crowd", model="rate", size=1)
    circuit.populations.add(name="noise", model="gaussian", size=9_000)
    circuit.outputs.add(name="out", source="crowd", decoder="rates")
    stub.CreateAgent(request, timeout=PATIENCE)
    step = agent_service_pb2.StepRequest(name=f"agents/{agent_id}", observation=[0], ticks=2_000)

    def measure():
        begin = daemon.worked()
        stub.Step(step, timeout=PATIENCE)
        return daemon.worked() - begin

    # The best of some: a step only ever takes longer than it should. A turn may have no more ticks of this agent.
    step.ticks = min(65_000, int(2_000 * seconds / min(measure() for _ in range(4))))
    return step


def begin_slow(daemon, call):
    """What the call returns, which sends a slow step, once that has begun: once the server is at work."""
    before = daemon.worked()
    sent = call()
    eventually(lambda: daemon.worked() > before + 0.2, "the slow step begins")
    return sent


def eventually(test, what):
    end = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.01)


def details(error):
    """(status, {name: message}) of an error's details."""
    metadata = dict(error.trailing_metadata())
    status = error_details_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    found = {}
    for item in status.details:
        name = item.type_url.removeprefix("type.googleapis.com/google.rpc.")
        found[name] = getattr(error_details_pb2, name).FromString(item.value)
    return status, found
