#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plays the table through the Python library: python_driver.py CASES TARGET [--skip=TAG,...].

What the library keeps to itself, as the ids of its calls, goes through its generated stubs.
"""

import argparse
import base64
import dataclasses
import io
import sys

import grpc
import phasic
import python_forms as forms
import table
from google.protobuf import field_mask_pb2, json_format
from phasic import _step, errors
from phasic._facts import durability_to_proto
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2

# What the library's own steps can say; anything else goes through the stubs.
_OF_STEP = {
    *("agent", "observation", "inputs", "reward", "end", "greedy", "ticks", "mask", "masks", "report", "record"),
    "taken_action",
}
_OF_BATCH = {"uids", "observations", "form", "rewards", "has_reward", "ends", "greedy", "ticks", "allowed"}


class Driver:
    """Performs the table's calls, one method for each `op`."""

    def __init__(self, client):
        self.client = client
        self.agents = {}  # handles by name
        self.made = {}  # handles by uid
        self.prefix = ""

    def perform(self, op, arguments, prefix):
        self.prefix = prefix
        try:
            return "reply", getattr(self, {"import": "perform_import"}.get(op, op))(arguments)
        except phasic.Error as error:
            return "error", forms.from_error(error)
        except grpc.RpcError as error:
            return "error", forms.from_error(errors.from_rpc(error, op))

    # Names. An agent of the table has the case's prefix at the server.

    def name(self, arguments):
        return arguments["name"] if "name" in arguments else f"agents/{self.prefix}{arguments['agent']}"

    def handle(self, arguments):
        """The library's handle, as it was left; a fresh one after `forget`."""
        name = self.name(arguments)
        if name not in self.agents:
            self.agents[name] = self.client.agent(name)
        return self.agents[name]

    def forget(self, arguments):
        """After a call that the handle knows nothing of."""
        self.agents.pop(self.name(arguments), None)

    def raw(self, method, request):
        return self.client._call(method, getattr(self.client._agents, method), request, safe=False)

    def from_agent(self, agent, digest=0):
        self.made[str(agent.uid)] = agent
        return forms.from_agent(agent, self.prefix, digest)

    # Agents.

    def create_request(self, arguments):
        message = agent_pb2.Agent(labels=arguments.get("labels"))
        if "seed" in arguments:
            message.seed = int(arguments["seed"])
        if "mode" in arguments:
            message.mode = phasic.agent.mode_to_proto(arguments["mode"])
        message.durability = durability_to_proto(arguments.get("durability"))
        message.live_parameters.update(arguments.get("live_parameters", {}))
        self.set_source(message, arguments)
        return service_pb2.CreateAgentRequest(
            parent=arguments.get("parent", ""),
            agent_id=f"{self.prefix}{arguments['agent']}" if "agent" in arguments else arguments.get("id", ""),
            agent=message,
            request_id=arguments.get("request_id", ""),
            validate_only=arguments.get("validate_only", False),
        )

    def set_source(self, message, arguments):
        if "preset" in arguments:
            message.preset.preset = arguments["preset"]
            for name, value in arguments.get("parameters", {}).items():
                json_format.ParseDict(value, message.preset.parameters[name])
            for port, space in arguments.get("spaces", {}).items():
                json_format.ParseDict(space, message.preset.spaces[port])
        elif "circuit" in arguments:
            json_format.ParseDict(arguments["circuit"], message.circuit)

    def create(self, arguments):
        plain = {"agent", "preset", "circuit", "parameters", "spaces", "seed", "labels", "mode", "durability"}
        if set(arguments) <= plain and "agent" in arguments and ("preset" in arguments or "circuit" in arguments):
            given = {key: value for key, value in arguments.items() if key not in ("agent", "spaces", "seed")}
            found = self.client.create_agent(
                agent_id=f"{self.prefix}{arguments['agent']}",
                spaces={port: forms.to_space(space) for port, space in arguments.get("spaces", {}).items()},
                seed=int(arguments["seed"]) if "seed" in arguments else None,
                **given,
            )
        else:
            found = phasic.Agent(self.client, self.raw("CreateAgent", self.create_request(arguments)))
        return self.from_agent(found)

    def batch_create(self, arguments):
        requests = [self.create_request(request) for request in arguments["requests"]]
        request = service_pb2.BatchCreateAgentsRequest(parent=arguments.get("parent", ""), requests=requests)
        made = self.raw("BatchCreateAgents", request).agents
        return {"agents": [self.from_agent(phasic.Agent(self.client, message)) for message in made]}

    def get(self, arguments):
        agent = self.client.agent(self.name(arguments))
        return self.from_agent(agent, agent.digest() if arguments.get("view") == "full" else 0)

    def list(self, arguments):
        if set(arguments) <= {"filter"}:
            return {"agents": [self.from_agent(agent) for agent in self.client.agents(**arguments)]}
        page = self.raw("ListAgents", service_pb2.ListAgentsRequest(**arguments))
        agents = [self.from_agent(phasic.Agent(self.client, message)) for message in page.agents]
        return {"agents": agents, "next_page_token": page.next_page_token}

    def update(self, arguments):
        if "paths" not in arguments:
            changes = ("mode", "labels", "live_parameters", "etag")
            options = {key: arguments[key] for key in changes if key in arguments}
            return self.from_agent(self.handle(arguments).update(**options))
        changed = agent_pb2.Agent(name=self.name(arguments), labels=arguments.get("labels"))
        if "mode" in arguments:
            changed.mode = phasic.agent.mode_to_proto(arguments["mode"])
        changed.live_parameters.update(arguments.get("live_parameters", {}))
        mask = field_mask_pb2.FieldMask(paths=arguments["paths"])
        self.forget(arguments)
        message = self.raw("UpdateAgent", service_pb2.UpdateAgentRequest(agent=changed, update_mask=mask))
        return self.from_agent(phasic.Agent(self.client, message))

    def delete(self, arguments):
        self.handle(arguments).delete(etag=arguments.get("etag"))
        self.forget(arguments)
        return {}

    def clone(self, arguments):
        if "request_id" not in arguments:
            seed = int(arguments["seed"]) if "seed" in arguments else None
            made = self.handle(arguments).clone(
                f"{self.prefix}{arguments['to']}",
                seed=seed,
                labels=arguments.get("labels"),
                snapshot=arguments.get("snapshot"),
            )
            return self.from_agent(made)
        request = service_pb2.CloneAgentRequest(
            name=self.name(arguments), agent_id=f"{self.prefix}{arguments['to']}", request_id=arguments["request_id"]
        )
        return self.from_agent(phasic.Agent(self.client, self.raw("CloneAgent", request)))

    # States as a whole.

    def write_state(self, arguments):
        options = {key: arguments[key] for key in ("step", "etag") if key in arguments}
        writes = [dict(write) for write in arguments["writes"]]
        for write in writes:
            write.update({key: forms.numbers(write[key]) for key in ("values", "fill") if key in write})
        parts = [forms.to_part(write) for write in writes]
        if parts and all(parts) and len(set(parts)) == len(parts):
            values = {part: write.get("values", write.get("fill")) for part, write in zip(parts, writes)}
            return {"digest": str(self.handle(arguments).write_state(values, **options))}
        messages = [agent_pb2.VariableWrite(**write) for write in writes]
        request = service_pb2.WriteStateRequest(name=self.name(arguments), writes=messages, **options)
        return {"digest": str(self.raw("WriteState", request).digest)}

    def create_snapshot(self, arguments):
        snapshot = self.handle(arguments).snapshot(arguments.get("snapshot"), note=arguments.get("note", ""))
        return forms.from_snapshot(snapshot)

    def get_snapshot(self, arguments):
        return forms.from_snapshot(self.handle(arguments).get_snapshot(arguments["snapshot"]))

    def list_snapshots(self, arguments):
        return {"snapshots": [forms.from_snapshot(snapshot) for snapshot in self.handle(arguments).snapshots()]}

    def delete_snapshot(self, arguments):
        self.handle(arguments).delete_snapshot(arguments["snapshot"])
        return {}

    def restore_snapshot(self, arguments):
        agent = self.handle(arguments)
        agent.restore(arguments["snapshot"], etag=arguments.get("etag"))
        return self.from_agent(agent)

    def export(self, arguments):
        file = io.BytesIO()
        self.handle(arguments).export(file, snapshot=arguments.get("snapshot"))
        return {"file": base64.b64encode(file.getvalue()).decode()}

    def perform_import(self, arguments):
        file, agent_id = base64.b64decode(arguments["file"]), f"{self.prefix}{arguments['to']}"
        durability = arguments.get("durability")
        if "request_id" not in arguments:
            made = self.client.import_agent(io.BytesIO(file), agent_id=agent_id, durability=durability)
            return self.from_agent(made)
        request = service_pb2.ImportAgentRequest(
            agent_id=agent_id,
            request_id=arguments["request_id"],
            durability=durability_to_proto(durability),
            data=file,
        )
        return self.from_agent(phasic.Agent(self.client, self.raw("ImportAgent", iter([request]))))

    def backup(self, arguments):
        file = io.BytesIO()
        self.client.backup(file)
        return {"bytes": len(file.getvalue())}

    def check_store(self, arguments):
        return dataclasses.asdict(self.client.check_store())

    # The loop.

    def step_request(self, arguments, ports):
        request = service_pb2.StepRequest(name=self.name(arguments), run_id=arguments.get("run_id", ""))
        _step.fill(request, ports, rewards=None, **forms.to_step_arguments(arguments))
        request.rewards.extend(forms.to_reward(reward) for reward in arguments.get("rewards", ()))
        request.request_id = arguments.get("request_id", "")
        if "step" in arguments:
            request.step = arguments["step"]
        return request

    def ports(self, arguments):
        """The agent's ports; none of an agent that there is not, for it is the call that has to fail."""
        try:
            return self.handle(arguments)._ports
        except phasic.NotFound:
            return _step.Ports(agent_pb2.Agent())

    def step(self, arguments):
        ports = self.ports(arguments)
        if ports.all and set(arguments) <= _OF_STEP:
            return forms.from_result(self.handle(arguments).step(**forms.to_step_arguments(arguments)), ports)
        self.forget(arguments)
        response = self.raw("Step", self.step_request(arguments, ports))
        return forms.from_result(_step.StepResult(response, ports), ports)

    def reward(self, arguments):
        only = arguments["rewards"][0] if len(arguments["rewards"]) == 1 else {}
        if ("value" in only) != ("values" in only):
            became = self.handle(arguments).reward(
                forms.numbers(only.get("value", only.get("values"))),
                only.get("channel"),
                only.get("reward_id"),
                event=forms.to_event(only),
            )
            return {"dispositions": [became]}
        request = service_pb2.RewardRequest(
            name=self.name(arguments), rewards=[forms.to_reward(reward) for reward in arguments["rewards"]]
        )
        return {"dispositions": [_step.disposition(value) for value in self.raw("Reward", request).dispositions]}

    def reset(self, arguments):
        if "step" not in arguments:
            return {"episode": self.handle(arguments).reset_episode()}
        request = service_pb2.ResetEpisodeRequest(name=self.name(arguments), step=arguments["step"])
        return {"episode": self.raw("ResetEpisode", request).episode}

    # Many at once.

    def batch(self, arguments):
        self.agents.clear()
        if arguments.get("form") == "bytes" and set(arguments) <= _OF_BATCH:
            try:
                return self.library_batch(arguments)
            except ValueError:
                pass  # What the library refuses to send, the server has to refuse too.
        return forms.from_batch(self.raw("BatchStep", forms.to_batch_request(arguments)))

    def library_batch(self, arguments):
        ends = arguments.get("ends")
        result = self.client.batch([self.made[uid] for uid in arguments["uids"]]).step(
            forms.numbers(arguments.get("observations")),
            forms.numbers(arguments.get("rewards")),
            has_reward=arguments.get("has_reward"),
            terminated=ends and [end == "terminated" for end in ends],
            truncated=ends and [end == "truncated" for end in ends],
            allowed=arguments.get("allowed"),
            greedy=arguments.get("greedy", False),
            ticks=arguments.get("ticks"),
        )
        return {
            "actions": result.actions.tolist(),
            "form": "bytes",
            "steps": result.steps.tolist(),
            "episodes": result.episodes.tolist(),
            "time": result.time.tolist(),
            "dispositions": list(result.dispositions),
            "failures": [{"item": item, "error": forms.from_error(error)} for item, error in result.failures.items()],
        }

    def stream(self, arguments):
        ports = {}
        items = []
        for item in arguments["items"]:
            request = service_pb2.InteractRequest(id=item["id"])
            if "step" in item:
                ports[item["id"]] = self.ports(item["step"])
                request.step.CopyFrom(self.step_request(item["step"], ports[item["id"]]))
            else:
                request.batch_step.CopyFrom(forms.to_batch_request(item["batch"]))
            items.extend([request] * item.get("times", 1))
        self.agents.clear()
        answers = self.client._agents.Interact(iter(items), timeout=60)
        return {"responses": [self.from_item(answer, ports) for answer in answers]}

    def from_item(self, response, ports):
        kind = response.WhichOneof("result")
        if kind == "error":
            return {"id": response.id, "error": forms.from_error(errors.from_status(response.error, "Interact"))}
        if kind == "batch_step":
            return {"id": response.id, "batch": forms.from_batch(response.batch_step)}
        of = ports[response.id]
        return {"id": response.id, "step": forms.from_result(_step.StepResult(response.step, of), of)}

    # Looking.

    def inspect(self, arguments):
        options = {key: value for key, value in arguments.items() if key not in ("agent", "name")}
        found = self.handle(arguments).inspect(**options)
        return {"variables": {name: forms.from_variable(variable) for name, variable in found.items()}}

    def validate(self, arguments):
        request = phasic.v1.circuit_service_pb2.ValidateCircuitRequest()
        self.set_source(request, arguments)
        answer = self.client._call(
            "ValidateCircuit", self.client._circuits.ValidateCircuit, request, safe=True
        )
        found = phasic.Validation.from_proto(answer)
        return {
            "violations": [violation.field for violation in found.violations],
            "size": None if found.size is None else forms.from_size(found.size),
            "ports": [forms.from_port(port) for port in found.ports],
        }

    def circuits(self, arguments):
        return {"circuits": [forms.from_circuit(circuit) for circuit in self.client.circuits()]}

    def circuit(self, arguments):
        return forms.from_circuit(self.client.circuit(arguments["circuit"]))

    def components(self, arguments):
        found = self.client.components(arguments.get("kind", ""))
        return {"components": [forms.from_component(component) for component in found]}

    def info(self, arguments):
        info = self.client.info()
        return {
            "version": info.version,
            "api_version": info.api_version,
            "store": info.store,
            "limits": dict(info.limits),
            "load": dict(info.load),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("target")
    parser.add_argument("--skip", default="", help="tags, joined by commas")
    options = parser.parse_args()
    with phasic.connect(options.target) as client:
        failed = table.run(table.load(options.cases), Driver(client).perform, options.skip.split(","))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
