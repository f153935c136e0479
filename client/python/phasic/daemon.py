# SPDX-License-Identifier: Apache-2.0
"""Starts and stops a phasicd of one's own: for experiments, tests and demonstrations.

    with Daemon("build/release/bin/phasicd") as daemon, phasic.connect(daemon.target) as client:
        ...
"""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
from types import TracebackType
from typing import IO, Optional, Sequence, Type, Union

from phasic.client import connect
from phasic.errors import DeadlineExceeded, Unavailable

_SHOWN_LOG_BYTES = 4000


def free_target() -> str:
    """A loopback address that nobody listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def is_taken(target: str) -> bool:
    """Whether somebody listens at "host:port" or "unix:/path"."""
    try:
        if target.startswith("unix:"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(target[5:])
        else:
            host, _, port = target.rpartition(":")
            socket.create_connection((host.strip("[]"), int(port)), timeout=2.0).close()
    except OSError:
        return False
    return True


class Daemon:
    """A phasicd that lives from `start` to `stop`, in a process group of its own, so that a Ctrl-C at the terminal is
    not for it.

    Attributes:
        target: where it listens.
    """

    def __init__(
        self,
        binary: Union[str, pathlib.Path],
        target: Optional[str] = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Nothing is started yet.

        Args:
            binary: the path of phasicd.
            target: "host:port" or "unix:/path"; None: a free port of loopback.
            arguments: more of its flags.
        """
        self.target = target or free_target()
        is_socket = self.target.startswith("unix:")
        listen = ["--listen=none", f"--unix={self.target[5:]}"] if is_socket else [f"--listen={self.target}"]
        self._command = [str(binary), *listen, *arguments]
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self._log: Optional[IO[bytes]] = None
        self._last_words = ""

    @property
    def pid(self) -> int:
        """Of the process, which must have been started."""
        if self._process is None:
            raise RuntimeError("this phasicd was not started")
        return self._process.pid

    def start(self, timeout: float = 30.0) -> Daemon:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: its address is taken; or it ended, or did not answer in time: the text has its last words.
        """
        if is_taken(self.target):
            raise RuntimeError(f"{self.target} is taken")
        stop = time.monotonic() + timeout
        self._log = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._close_log()
            raise RuntimeError(f"{self._command[0]} could not be started: {error.strerror}") from None
        while True:
            code = self._process.poll()
            if code is not None:
                self._close_log()
                raise RuntimeError(f"phasicd ended with exit code {code}:\n{self.log()}")
            try:
                connect(self.target, timeout=1.0).close()
                return self
            except (Unavailable, DeadlineExceeded):
                if time.monotonic() > stop:
                    self.kill()
                    raise RuntimeError(f"phasicd did not answer in {timeout:g} s:\n{self.log()}") from None
                time.sleep(0.02)

    def stop(self, timeout: float = 30.0) -> int:
        """Ask it to end (SIGTERM) and return its exit code, which is 0 after a clean drain.

        Raises:
            RuntimeError: it did not end in time, and was killed.
        """
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"phasicd did not end in {timeout:g} s:\n{self.log()}") from None
        self._close_log()
        return code

    def wait(self) -> int:
        """Wait until it ends by itself; returns its exit code."""
        return 0 if self._process is None else self._process.wait()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._close_log()

    def log(self, most: int = _SHOWN_LOG_BYTES) -> str:
        """The end of what it wrote, `most` bytes of it while it runs."""
        if self._log is not None:
            log = self._log.fileno()
            start = max(0, os.fstat(log).st_size - most)
            self._last_words = os.pread(log, most, start).decode(errors="replace")
        return self._last_words

    def _close_log(self) -> None:
        self.log()
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Daemon:
        return self.start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()
