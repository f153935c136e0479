# SPDX-License-Identifier: Apache-2.0
"""Calls: a deadline on each try, and more tries where repeating can do nothing twice."""

from __future__ import annotations

import dataclasses
import random
import secrets
import time
from typing import Any, Callable, Optional

import grpc

from phasic.errors import DeadlineExceeded, Error, ResourceExhausted, Unavailable, from_rpc


@dataclasses.dataclass(frozen=True)
class Retry:
    """How often and how long to try a call that can be repeated safely.

    A wait is drawn between half and all of `first_wait`, which doubles up to `longest_wait`, try after try.

    Attributes:
        tries: tries in all, the first included; 1 means never again.
        total: seconds after which no further try begins. One that has begun keeps its whole deadline: cut short, it
            would hide why the others failed.
        first_wait: seconds before the second try.
        longest_wait: seconds between two tries at most.
    """

    tries: int = 8
    total: float = 60.0
    first_wait: float = 0.05
    longest_wait: float = 5.0

    def wait(self, failed: int) -> float:
        """Seconds to wait after so many failed tries."""
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (failed - 1))
        return longest * random.uniform(0.5, 1.0)


NEVER = Retry(tries=1)


def unique_id() -> str:
    """A name for a request, reward or run that no other has."""
    return secrets.token_hex(8)


def worth_repeating(error: Error) -> bool:
    """Whether another try may end differently. A full queue counts only if the server says how long to wait."""
    if isinstance(error, (Unavailable, DeadlineExceeded)):
        return True
    return isinstance(error, ResourceExhausted) and error.retry_delay is not None


class Caller:
    """Makes the calls of one client. Safe for many threads."""

    def __init__(self, timeout: float, retry: Retry) -> None:
        self.timeout = timeout
        self.retry = retry

    def call(
        self,
        name: str,
        method: Callable[..., Any],
        request: Any,
        *,
        safe: bool,
        timeout: Optional[float] = None,
    ) -> Any:
        """The answer of `method`, or an Error.

        Args:
            name: the method's name, for messages.
            safe: whether doing the same request again does nothing twice. Only then is it tried again.
            timeout: seconds for each try; None: the client's own.
        """
        patience = self.timeout if timeout is None else timeout
        try:
            return method(request, timeout=patience)
        except grpc.RpcError as error:
            failure = from_rpc(error, name)
        except Error as error:  # In the answer itself.
            failure = error
        return self._again(name, method, request, failure, self.retry if safe else NEVER, patience)

    def _again(
        self,
        name: str,
        method: Callable[..., Any],
        request: Any,
        failure: Error,
        retry: Retry,
        patience: float,
    ) -> Any:
        # The first try may have taken all its patience, and counts.
        stop = time.monotonic() + retry.total - (patience if isinstance(failure, DeadlineExceeded) else 0.0)
        failed = 1
        while failed < retry.tries and worth_repeating(failure):
            wait = max(retry.wait(failed), failure.retry_delay or 0.0)
            if time.monotonic() + wait >= stop:
                break
            time.sleep(wait)
            try:
                return method(request, timeout=patience)
            except grpc.RpcError as error:
                failure = from_rpc(error, name)
            except Error as error:
                failure = error
            failed += 1
        failure.tries = failed
        raise failure from None
