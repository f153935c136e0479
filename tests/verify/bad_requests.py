#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""That a bad request is refused with its code, its reason and the path of the faulty field, and changes nothing.

Steps are sent through every way there is: by themselves, in a stream, and, where a batch can say the same, in a batch.
After each request every agent must have the digest that it had before, and the same agents must be there.
"""

import argparse
import json
import os
import pathlib
import sys

import grpc
from faults import BATCHES, CALLS, SETUP, STEPS
from phasic.daemon import Daemon
from phasic.rpc import error_details_pb2
from phasic.v1 import agent_pb2, agent_service_pb2, agent_service_pb2_grpc

TIMEOUT = 60
MESSAGES = {
    "ErrorInfo": error_details_pb2.ErrorInfo,
    "BadRequest": error_details_pb2.BadRequest,
    "QuotaFailure": error_details_pb2.QuotaFailure,
    "PreconditionFailure": error_details_pb2.PreconditionFailure,
}


def told(status):
    """(code, reason, fields) of a google.rpc.Status."""
    reason, fields = "", []
    for detail in status.details:
        kind = detail.type_url.rsplit(".", 1)[-1]
        if kind not in MESSAGES:
            continue
        message = MESSAGES[kind].FromString(detail.value)
        if kind == "ErrorInfo":
            reason = message.reason
        elif kind == "BadRequest":
            fields += [violation.field for violation in message.field_violations]
        else:
            fields += [violation.subject for violation in message.violations]
    return code_name(status.code), reason, fields


def code_name(number):
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


class Server:
    """A server with the agents of SETUP, and what they are like before any fault."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.stub = agent_service_pb2_grpc.AgentServiceStub(self.channel)
        self.uids = {}
        for request in SETUP:
            made = self.stub.CreateAgent(request, timeout=TIMEOUT)
            self.uids[request.agent_id] = made.uid
        for agent, observation in (("box", [0.5, -0.5, 0.0]), ("explosive", [1.0])):
            for _ in range(5):
                step = agent_service_pb2.StepRequest(name=f"agents/{agent}", observation=observation)
                self.stub.Step(step, timeout=TIMEOUT)
        self.before = self.digests()

    def digests(self):
        found = {}
        for agent in self.stub.ListAgents(agent_service_pb2.ListAgentsRequest(), timeout=TIMEOUT).agents:
            request = agent_service_pb2.GetAgentRequest(name=agent.name, view=agent_pb2.FULL)
            whole = self.stub.GetAgent(request, timeout=TIMEOUT)
            found[whole.name] = (whole.digest, whole.etag)
        return found

    def by_itself(self, method, request, timeout=TIMEOUT):
        try:
            response = getattr(self.stub, method)(request, timeout=timeout)
            if not hasattr(response, "DESCRIPTOR"):
                list(response)
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            if "grpc-status-details-bin" not in trailers:
                return error.code().name, "", []
            return told(error_details_pb2.Status.FromString(trailers["grpc-status-details-bin"]))
        return "OK", "", []

    def in_stream(self, **item):
        request = agent_service_pb2.InteractRequest(id=7, **item)
        (response,) = self.stub.Interact(iter([request]), timeout=TIMEOUT)
        assert response.id == 7
        return told(response.error) if response.HasField("error") else ("OK", "", [])

    def item(self, response):
        """Of a batch of one item, or the first that failed."""
        return told(response.failures[0].status) if response.failures else ("OK", "", [])


def verdicts(server, fault, ways):
    """What is wrong with the answers to a fault, way by way."""
    for way, answer in ways:
        code, reason, fields = answer()
        good = (code, reason) == (fault.code, fault.reason) and (not fault.field or fault.field in fields)
        if not good:
            wanted = f"{fault.code} {fault.reason} {fault.field}"
            yield f"{fault.name}, {way}: wanted {wanted}; got {code} {reason} {fields}"
        if server.digests() != server.before:
            yield f"{fault.name}, {way}: changed something"
            server.before = server.digests()


def memory(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="of no use here")
    parser.parse_args()
    counts, wrong = {"by itself": 0, "in a stream": 0, "in a batch": 0}, []
    with Daemon(pathlib.Path(os.environ["PHASIC_BIN"]) / "phasicd") as daemon:
        server = Server(daemon.target)
        at_rest = memory(daemon.pid)
        for fault in STEPS:
            ways = [
                ("by itself", lambda f=fault: server.by_itself("Step", f.request, f.timeout)),
                ("in a stream", lambda f=fault: server.in_stream(step=f.request)),
            ]
            if fault.timeout != TIMEOUT:
                ways.pop()
            wrong += verdicts(server, fault, ways)
            for way, _ in ways:
                counts[way] += 1
        for fault in BATCHES:
            request = fault.request(server.uids)
            if fault.whole:
                ways = [
                    ("in a batch", lambda: server.by_itself("BatchStep", request)),
                    ("in a stream", lambda: server.in_stream(batch_step=request)),
                ]
                counts["in a stream"] += 1
            else:
                ways = [
                    ("in a batch", lambda: server.item(server.stub.BatchStep(request, timeout=TIMEOUT)))
                ]
            counts["in a batch"] += 1
            wrong += verdicts(server, fault, ways)
        for fault in CALLS:
            wrong += verdicts(
                server, fault, [("by itself", lambda f=fault: server.by_itself(f.method, f.request))]
            )
            counts["by itself"] += 1
        grown = memory(daemon.pid) - at_rest
    for line in wrong:
        print(line)
    faults = len(STEPS) + len(BATCHES) + len(CALLS)
    print(f"{faults} bad requests, sent {', '.join(f'{n} times {way}' for way, n in counts.items())}")
    results = [
        ("bad requests", faults, ">= 80", faults >= 80),
        ("answers that are not as promised, or that changed something", len(wrong), "== 0", not wrong),
        ("MiB that the server grew by at most meanwhile", round(grown, 1), "<= 64", grown <= 64),
    ]
    for name, value, bound, good in results:
        print("RESULT", json.dumps({"name": name, "value": value, "bound": bound, "pass": good}))
    return 0 if all(good for *_, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
