# SPDX-License-Identifier: Apache-2.0
"""Errors as the contract has them: a code, a text, and details in a trailer."""

from __future__ import annotations

import grpc
from google.protobuf import any_pb2, duration_pb2, message as message_lib

from phasic.rpc import error_details_pb2 as details_pb2


class Fault(Exception):
    """What a method raises to answer with an error."""

    def __init__(self, code: grpc.StatusCode, reason: str, text: str, *more: message_lib.Message, **metadata: str):
        super().__init__(text)
        self.code, self.text = code, text
        self.details = [details_pb2.ErrorInfo(reason=reason, domain="phasic", metadata=metadata), *more]


def status_of(fault: Fault) -> bytes:
    status = details_pb2.Status(code=fault.code.value[0], message=fault.text)
    for detail in fault.details:
        url = f"type.googleapis.com/google.rpc.{detail.DESCRIPTOR.name}"
        status.details.append(any_pb2.Any(type_url=url, value=detail.SerializeToString()))
    return status.SerializeToString()


def bad_field(field: str, text: str) -> Fault:
    violation = details_pb2.BadRequest.FieldViolation(field=field, description=text)
    return Fault(
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID", text, details_pb2.BadRequest(field_violations=[violation])
    )


def queue_full(seconds: float) -> Fault:
    delay = duration_pb2.Duration(nanos=int(seconds * 1e9))
    retry = details_pb2.RetryInfo(retry_delay=delay)
    return Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_WAITING", "the queue is full", retry)
