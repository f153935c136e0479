# SPDX-License-Identifier: Apache-2.0
"""Files that come and go in chunks: whole at their place, or not there at all."""

from __future__ import annotations

import contextlib
import os
from typing import IO, Any, Callable, Iterator, Optional, Union, cast

from phasic._call import Caller, unique_id

# A path, or a binary file that is open already.
File = Union[str, "os.PathLike[str]", IO[bytes]]

_CHUNK_BYTES = 1 << 20


def receive(
    caller: Caller,
    name: str,
    method: Callable[..., Any],
    request: Any,
    file: File,
    timeout: Optional[float],
) -> None:
    """Writes the `data` of a server stream's messages.

    A path gets its file when the last byte has come, and until then keeps the one that it has; the call is tried
    again from the start. Into an open file, or into a device or pipe, it is tried once.
    """

    def into(out: IO[bytes]) -> Callable[..., None]:
        def whole(message: Any, **_: float) -> None:
            if out is not file:
                out.seek(0)
                out.truncate()
            for part in method(message, timeout=timeout):
                out.write(part.data)

        return whole

    if not isinstance(file, (str, os.PathLike)):
        caller.call(name, into(file), request, safe=False)
        return
    path = os.path.realpath(file)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            caller.call(name, into(file), request, safe=False)
    else:
        with _replacing(path) as out:
            caller.call(name, into(out), request, safe=True)


def send(
    caller: Caller,
    name: str,
    method: Callable[..., Any],
    first: Any,
    file: File,
    timeout: Optional[float],
) -> Any:
    """Sends a message, and then the file in the `data` of more.

    From a path it is tried again, from an open file once.
    """
    path = file if isinstance(file, (str, os.PathLike)) else None
    fault: Optional[BaseException] = None

    def parts(head: Any) -> Iterator[Any]:
        # On a thread of gRPC's, which would swallow a fault of the file.
        nonlocal fault
        yield head
        try:
            with contextlib.ExitStack() as stack:
                # Opened anew for each try: the thread of an earlier one may still be reading.
                opened = stack.enter_context(open(path, "rb")) if path is not None else cast(IO[bytes], file)
                while chunk := opened.read(_CHUNK_BYTES):
                    yield type(head)(data=chunk)
        except GeneratorExit:
            raise
        except BaseException as error:
            fault = error
            raise

    def whole(message: Any, **_: float) -> Any:
        try:
            return method(parts(message), timeout=timeout)
        except Exception:
            if fault is not None:
                raise fault from None
            raise

    return caller.call(name, whole, first, safe=path is not None)


@contextlib.contextmanager
def _replacing(path: str) -> Iterator[IO[bytes]]:
    """A new file beside the path, which takes its place when all went well, and else goes."""
    folder, base = os.path.split(path)
    temporary = os.path.join(folder, f".{base}.{unique_id()}.part")
    try:
        with open(temporary, "xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(temporary)
        raise
