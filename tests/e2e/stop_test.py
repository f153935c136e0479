#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How phasicd goes down: calls in flight end cleanly, new ones are turned away, and it exits with 0."""

import signal
import time
import unittest

import grpc

from daemon import PATIENCE, Daemon, bandit, begin_slow, details, eventually, slow_step
from phasic.v1 import agent_service_pb2

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


def health(channel, service=""):
    """The raw answer: the health service's messages have no package in Debian."""
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    request = b"\x0a" + bytes([len(service)]) + service.encode() if service else b""
    return check(request, timeout=PATIENCE)


class StopTest(unittest.TestCase):
    def in_flight(self, daemon, seconds, count=1):
        """So many calls of a slow step, the first of which has begun."""
        step = slow_step(daemon, seconds)
        stub = daemon.agents()
        return begin_slow(daemon, lambda: [stub.Step.future(step, timeout=PATIENCE) for _ in range(count)])

    def test_calls_in_flight_end_and_new_ones_are_turned_away(self):
        with Daemon("--drain-timeout=60") as daemon:
            channel = daemon.channel()
            stub = daemon.agents()
            bandit(stub)
            self.assertEqual(health(channel), SERVING)
            futures = self.in_flight(daemon, 1.5, 3)
            daemon.terminate()
            eventually(lambda: health(channel) == NOT_SERVING, "not serving")
            self.assertEqual(health(channel, "phasic.v1.AgentService"), NOT_SERVING)
            with self.assertRaises(grpc.RpcError) as raised:
                stub.Step(
                    agent_service_pb2.StepRequest(name="agents/a", observation=[0]), timeout=PATIENCE
                )
            self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
            _, found = details(raised.exception)
            self.assertEqual(found["ErrorInfo"].reason, "DRAINING")
            self.assertEqual(found["RetryInfo"].retry_delay.seconds, 1)
            self.assertEqual(len({future.result().step for future in futures}), 3)
            code, errors = daemon.wait()
            self.assertEqual(code, 0, errors)

    def test_sigint_does_the_same(self):
        with Daemon() as daemon:
            futures = self.in_flight(daemon, 1.5)
            daemon.terminate(signal.SIGINT)
            self.assertGreater(futures[0].result().time, 4 * 1_000)
            self.assertEqual(daemon.wait()[0], 0)

    def test_after_the_timeout_who_still_waits_is_cancelled(self):
        with Daemon("--drain-timeout=0.2") as daemon:
            futures = self.in_flight(daemon, 1.5, 8)
            daemon.terminate()
            code, errors = daemon.wait()
            self.assertEqual(code, 0, errors)
            # A turn that has begun is never broken off; of the others none is begun.
            failed = [future.exception() for future in futures if future.exception()]
            self.assertGreaterEqual(len(failed), 4)
            for error in failed:
                self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))

    def test_a_second_signal_exits_at_once(self):
        with Daemon("--drain-timeout=60") as daemon:
            futures = self.in_flight(daemon, 2.0, 8)
            daemon.terminate()
            eventually(lambda: health(daemon.channel()) == NOT_SERVING, "not serving")
            daemon.terminate()
            self.assertEqual(daemon.wait()[0], 3)
            # Long before the eight are done.
            self.assertGreaterEqual(len([future for future in futures if future.exception()]), 6)

    def test_open_streams_do_not_hold_it_up(self):
        with Daemon("--drain-timeout=60") as daemon:
            channel = daemon.channel()
            watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
            self.assertEqual(next(watch), SERVING)
            begin = time.monotonic()
            daemon.terminate()
            self.assertEqual(next(watch), NOT_SERVING)
            self.assertEqual(daemon.wait()[0], 0)
            self.assertLess(time.monotonic() - begin, 40)

    def test_idle_clients_do_not_hold_it_up(self):
        with Daemon() as daemon:
            stubs = [daemon.agents() for _ in range(8)]
            for i, stub in enumerate(stubs):
                bandit(stub, f"a{i}")
            begin = time.monotonic()
            daemon.terminate()
            self.assertEqual(daemon.wait()[0], 0)
            self.assertLess(time.monotonic() - begin, 20)


if __name__ == "__main__":
    unittest.main()
