# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions: one class for each canonical code, all of them `phasic.Error`.

An error of the server changed nothing there. Its `reason` is a stable word for programs (`"AGENT_NOT_FOUND"`),
its text is for people, and `violations` lists each faulty field of a request.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple, Type

import grpc

from phasic.rpc import error_details_pb2

_DETAILS_KEY = "grpc-status-details-bin"

# Codes that gRPC itself gives when no answer came.
_NO_ANSWER = ("CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED", "INTERNAL", "UNAVAILABLE")


class FieldViolation(NamedTuple):
    """A faulty field of a request, e.g. ("observation[3]", "is not finite")."""

    field: str
    description: str


class Error(Exception):
    """A call that failed.

    Attributes:
        code: the canonical code, e.g. "NOT_FOUND".
        reason: the cause for programs, e.g. "AGENT_NOT_FOUND"; empty when the server was not reached.
        message: the server's sentence.
        violations: each faulty field, of an INVALID_ARGUMENT.
        metadata: what a program may want to know, e.g. {"step": "17"}.
        resource: the name of the resource that it is about, or "".
        retry_delay: seconds to wait before another try, when the server says so.
        method: the call, e.g. "Step".
        tries: how often it was tried.
    """

    code = "UNKNOWN"
    tries = 1

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        violations: Tuple[FieldViolation, ...] = (),
        metadata: Optional[Mapping[str, str]] = None,
        resource: str = "",
        retry_delay: Optional[float] = None,
        method: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.violations = violations
        self.metadata: Dict[str, str] = dict(metadata or {})
        self.resource = resource
        self.retry_delay = retry_delay
        self.method = method

    @property
    def is_ambiguous(self) -> bool:
        """Whether the call may have been done all the same."""
        return self.tries > 1 or self.code in _NO_ANSWER

    def __str__(self) -> str:
        head = f"{self.method}: " if self.method else ""
        text = f"{head}{self.reason or self.code}: {self.message}"
        for violation in self.violations:
            text += f"\n  {violation.field}: {violation.description}"
        return text


class Cancelled(Error):
    code = "CANCELLED"


class Unknown(Error):
    code = "UNKNOWN"


class InvalidArgument(Error):
    code = "INVALID_ARGUMENT"


class DeadlineExceeded(Error):
    """No answer in time. Whether the call was done is not known; repeating the same `Agent.step` finds out."""

    code = "DEADLINE_EXCEEDED"


class NotFound(Error):
    code = "NOT_FOUND"


class AlreadyExists(Error):
    code = "ALREADY_EXISTS"


class PermissionDenied(Error):
    code = "PERMISSION_DENIED"


class ResourceExhausted(Error):
    code = "RESOURCE_EXHAUSTED"


class FailedPrecondition(Error):
    code = "FAILED_PRECONDITION"


class Aborted(Error):
    code = "ABORTED"


class StepMismatch(Aborted):
    """The agent's next step has another index than this handle believed: nothing was done.

    Either another client steps the agent too, or a step whose answer never came had been done after all.
    `Agent.refresh()` takes over the agent's index.

    Attributes:
        believed: the index that the call carried.
        actual: the index that the agent's next step has, when the server told.
    """

    believed: Optional[int] = None
    actual: Optional[int] = None

    def __str__(self) -> str:
        hint = "another client steps this agent, or an unanswered step was done; Agent.refresh() takes over its index"
        return f"{super().__str__()} (believed {self.believed}, is {self.actual}: {hint})"


class OutOfRange(Error):
    code = "OUT_OF_RANGE"


class Unimplemented(Error):
    code = "UNIMPLEMENTED"


class Internal(Error):
    code = "INTERNAL"


class Unavailable(Error):
    """The server was not reached or is going down."""

    code = "UNAVAILABLE"


class DataLoss(Error):
    code = "DATA_LOSS"


class Unauthenticated(Error):
    code = "UNAUTHENTICATED"


_BY_CODE: Dict[str, Type[Error]] = {
    kind.code: kind
    for kind in (
        Cancelled,
        Unknown,
        InvalidArgument,
        DeadlineExceeded,
        NotFound,
        AlreadyExists,
        PermissionDenied,
        ResourceExhausted,
        FailedPrecondition,
        Aborted,
        OutOfRange,
        Unimplemented,
        Internal,
        Unavailable,
        DataLoss,
        Unauthenticated,
    )
}

_CODES: Dict[int, str] = {code.value[0]: code.name for code in grpc.StatusCode}


def _unpack(value: bytes) -> Dict[str, Any]:
    """The keyword arguments of Error that a status's details give; none if any cannot be parsed."""
    try:
        return _arguments(error_details_pb2.Status.FromString(value))
    except Exception:  # noqa: BLE001 - DecodeError's base differs between protobuf runtimes
        return {}


def _arguments(status: error_details_pb2.Status) -> Dict[str, Any]:
    """Unknown details are left out."""
    found: Dict[str, Any] = {}
    for detail in status.details:
        kind = detail.type_url.rsplit("/", 1)[-1]
        if kind == "google.rpc.ErrorInfo":
            info = error_details_pb2.ErrorInfo.FromString(detail.value)
            found["reason"] = info.reason
            found["metadata"] = dict(info.metadata)
        elif kind == "google.rpc.BadRequest":
            bad = error_details_pb2.BadRequest.FromString(detail.value)
            found["violations"] = tuple(FieldViolation(v.field, v.description) for v in bad.field_violations)
        elif kind == "google.rpc.ResourceInfo":
            found["resource"] = error_details_pb2.ResourceInfo.FromString(detail.value).resource_name
        elif kind == "google.rpc.RetryInfo":
            delay = error_details_pb2.RetryInfo.FromString(detail.value).retry_delay
            found["retry_delay"] = delay.seconds + delay.nanos / 1e9
    return found


def from_rpc(error: grpc.RpcError, method: str) -> Error:
    """The exception for what gRPC raised. Details that cannot be parsed are left out; the code and text stay."""
    details: Dict[str, Any] = {}
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            details = _unpack(value)
    return _make(error.code().name, error.details() or "no message", method, details)


def from_status(status: error_details_pb2.Status, method: str) -> Error:
    """The exception for an error that came in band: of one item of a batch or stream."""
    return _make(_CODES.get(status.code, "UNKNOWN"), status.message, method, _unpack(status.SerializeToString()))


def _make(code: str, message: str, method: str, details: Mapping[str, Any]) -> Error:
    kind = _BY_CODE.get(code, Unknown)
    if details.get("reason") == "STEP_MISMATCH":
        kind = StepMismatch
    result = kind(message, method=method, **details)
    if isinstance(result, StepMismatch):
        step = result.metadata.get("step", "")
        result.actual = int(step) if step.isdigit() else None
    return result
