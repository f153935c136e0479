# SPDX-License-Identifier: Apache-2.0
"""The examples, against a server that learns nothing: what they print, what they start and stop."""

import contextlib
import functools
import io
import pathlib
import signal
import socket
import unittest
from unittest import mock

import phasic
from fake_server import FakeServer
from phasic.daemon import free_target
from phasic.envs import cartpole
from phasic.examples import bandit, demo, own_env, terminal, tmaze

FAKE = pathlib.Path(__file__).resolve().parent / "fake_phasicd.py"


def run_main(main, *arguments):
    """Exit code, standard output and standard error of a main function. Signal handlers are put back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(*arguments)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return code, out.getvalue(), err.getvalue()


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.target = free_target()
        for patch in (
            mock.patch.object(phasic, "DEFAULT_TARGET", self.target),
            mock.patch.object(demo, "EPISODES", 12),
            mock.patch.object(demo, "WINDOW", 5),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def demo(self, *arguments):
        return run_main(demo.main, ["--phasicd", str(FAKE), "--phasic", "bin/phasic", *arguments])

    def assert_gone(self):
        with self.assertRaises(ConnectionRefusedError), socket.create_connection(self.address()):
            pass

    def address(self):
        host, _, port = self.target.rpartition(":")
        return host, int(port)

    def test_once_without_learning_fails_and_stops_the_server(self):
        code, out, err = self.demo("--once")
        self.assertEqual((code, err), (1, ""))
        self.assertIn("Not solved in 12 episodes", out)
        self.assertIn(f"phasicd listens at {self.target}", out)
        self.assertRegex(out, r"actor  before  +7.4162 .*\n +actor  after ")
        self.assertNotIn("critic", out.partition("Its weights")[2].partition("Not solved")[0])
        self.assertIn("bin/phasic agents inspect cartpole\n", out)
        self.assertIn(f"phasic.connect('{self.target}')", out)
        self.assertIn("phasicd has ended cleanly.", out)
        self.assert_gone()

    def test_once_with_learning_succeeds(self):
        with mock.patch.object(cartpole, "SOLVED", 5.0):
            code, out, err = self.demo("--once")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Solved after 5 episodes", out)

    def test_an_unclean_end_fails(self):
        class Unclean(demo.Daemon):
            def __init__(self, binary, target):
                super().__init__(binary, target, ["--exit-code=9"])

        with mock.patch.object(cartpole, "SOLVED", 5.0), mock.patch.object(demo, "Daemon", Unclean):
            code, _, err = self.demo("--once")
        self.assertEqual(code, 1)
        self.assertIn("exit code 9", err)

    def test_without_once_the_server_runs_until_interrupted(self):
        def interrupt(daemon):
            phasic.connect(daemon.target).close()
            signal.raise_signal(signal.SIGINT)

        with mock.patch.object(cartpole, "SOLVED", 5.0), mock.patch.object(demo.Daemon, "wait", interrupt):
            code, out, _ = self.demo()
        self.assertEqual(code, 0)
        self.assertIn("Ctrl-C ends it", out)
        self.assertIn("phasicd has ended cleanly.", out)
        self.assert_gone()

    def test_a_server_that_is_there_is_used_and_stays(self):
        server = FakeServer()
        server.start(self.address()[1])
        self.addCleanup(server.stop)
        self.demo()
        _, out, _ = self.demo()
        self.assertIn("this one is used, and stays", out)
        self.assertIn("agents/cartpole-2", out)
        self.assertEqual(sorted(server.agents), ["cartpole", "cartpole-2"])

    def test_another_program_at_the_port_is_left_alone(self):
        with socket.create_server(self.address()) as other:
            other.settimeout(10)
            code, out, _ = self.demo("--once")
        self.assertEqual(code, 1)
        self.assertIn(f"{self.target} is taken by another program", out)
        self.assertIn("Not solved", out)
        self.assertIn("--server 127.0.0.1:", out)

    def test_a_server_that_does_not_start(self):
        code, _, err = run_main(demo.main, ["--phasicd", "/nowhere/phasicd", "--once"])
        self.assertEqual(code, 1)
        self.assertIn("/nowhere/phasicd could not be started: No such file", err)


class SmallExamplesTest(unittest.TestCase):
    def test_they_run(self):
        server = FakeServer()
        server.start()
        self.addCleanup(server.stop)
        for module, episodes in ((bandit, 10), (tmaze, 50)):
            arguments = ["x", "--target", server.target]
            with mock.patch.object(module, "EPISODES", episodes), mock.patch("sys.argv", arguments):
                _, out, _ = run_main(module.main)
            self.assertIn(f"episode  {episodes}", out)
        short = functools.partial(phasic.run, max_steps=5)
        with mock.patch.object(phasic, "run", lambda env, agent, episodes, max_steps: short(env, agent, episodes)):
            with mock.patch.dict("os.environ", PHASIC_SERVER=server.target):
                _, out, _ = run_main(own_env.main)
        self.assertIn("episode  90", out)


class TerminalTest(unittest.TestCase):
    def test_bar(self):
        self.assertEqual(terminal.bar(0, 4), "░░░░")
        self.assertEqual(terminal.bar(0.5, 4), "██░░")
        self.assertEqual(terminal.bar(9 / 32, 4), "█▏░░")
        self.assertEqual(terminal.bar(2, 4), "████")

    def test_curve(self):
        lines = terminal.curve([0, 250, 500, 475], top=500, mark=475, rows=2)
        self.assertEqual(lines[0], "  475 ┤  █▇")
        self.assertEqual(lines[1], "      │ ███")
        self.assertEqual(terminal.curve([], top=1, mark=1), [])

    def test_curve_takes_means_when_there_are_more_values_than_columns(self):
        lines = terminal.curve([0, 100] * 50, top=100, mark=90, rows=2, columns=10)
        self.assertEqual(lines[0], "   90 ┤" + " " * 10)
        self.assertEqual(lines[1], "      │" + "█" * 10)
        self.assertTrue(lines[-1].rstrip().endswith("100  episode"))

    def test_progress_in_a_terminal_and_elsewhere(self):
        plain = io.StringIO()
        progress = terminal.Progress(plain)
        for step in range(100):
            progress.show(step / 100, f"step {step}")
        progress.finish(1.0, "done")
        self.assertEqual(plain.getvalue(), "  step 0  0 s\n  done  0 s\n")
        screen = io.StringIO()
        screen.isatty = lambda: True
        progress = terminal.Progress(screen)
        progress.show(0.5, "half")
        progress.finish(1.0, "done")
        self.assertIn("\r\033[K", screen.getvalue())
        self.assertTrue(screen.getvalue().endswith("done  0 s\n"))


if __name__ == "__main__":
    unittest.main()
