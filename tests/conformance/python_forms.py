# SPDX-License-Identifier: Apache-2.0
"""What the table says in JSON, and what the library takes and gives, each as the other. README.md says the forms."""

import numpy as np
import phasic
from google.protobuf import json_format
from phasic import _step, errors, spaces
from phasic.v1 import agent_pb2, agent_service_pb2 as service_pb2, space_pb2

_WORDS = ("NaN", "Infinity", "-Infinity")


def numbers(value):
    """Numbers that JSON cannot say come as words."""
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return float(value) if value in _WORDS else value


def to_space(value):
    return spaces.from_proto(json_format.ParseDict(value, space_pb2.Space()))


def from_space(space):
    return json_format.MessageToDict(spaces.to_proto(space), preserving_proto_field_name=True)


def to_event(value):
    """The decision that a reward is for, as the library takes it; None: now."""
    event = value.get("event")
    return phasic.Event(int(event["incarnation"]), event["step"]) if event else value.get("step")


def from_event(event):
    return event and {"incarnation": str(event.incarnation), "step": event.step}


def to_reward(value):
    message = agent_pb2.Reward(channel=value.get("channel", ""), reward_id=value.get("reward_id", ""))
    message.values.extend(numbers(value.get("values", [])))
    if "value" in value:
        message.value = numbers(value["value"])
    event = to_event(value)
    if isinstance(event, phasic.Event):
        message.event.incarnation, message.event.step = event
    elif event is not None:
        message.step = event
    return message


def from_array(array):
    return {"shape": list(array.shape), "values": array.ravel().tolist()}


def from_error(error):
    return {
        "code": error.code,
        "reason": error.reason,
        "fields": [violation.field for violation in error.violations],
        "metadata": error.metadata,
        "resource": error.resource,
    }


def from_port(port):
    return {
        "name": port.name,
        "direction": port.direction,
        "space": from_space(port.space),
        "size": port.size,
        "maskable": port.maskable,
    }


def from_size(size):
    return {"neurons": size.neurons, "synapses": size.synapses, "bytes": size.bytes, "max_bytes": size.max_bytes}


def from_parameter(parameter):
    return {"name": parameter.name, "default": parameter.default, "min": parameter.min, "max": parameter.max}


def from_circuit(circuit):
    return {
        "name": circuit.name,
        "parameters": [from_parameter(parameter) for parameter in circuit.parameters],
        "spaces": {port: from_space(space) for port, space in circuit.spaces.items()},
        "spec": circuit.spec,
        "components": [from_component(component) for component in circuit.components],
    }


def from_component(component):
    return {"kind": component.kind, "name": component.name}


def from_snapshot(snapshot):
    return {"snapshot": snapshot.id, "step": snapshot.step, "note": snapshot.note, "digest": str(snapshot.digest)}


def to_part(write):
    """The elements that are written, as the library names them; None when it cannot."""
    count = write["count"] if "fill" in write and write.get("count") else len(write.get("values", ()))
    if write.get("offset", 0) < 0 or ("fill" in write) == ("values" in write):
        return None
    begin = write.get("offset", 0)
    return f"{write['variable']}[{begin}:{begin + count if count else ''}]"


def from_variable(variable):
    s = variable.summary
    return {
        "life": variable.life,
        "unit": variable.unit,
        "shape": list(variable.shape),
        "step": variable.step,
        "offset": variable.offset,
        "dtype": None if variable.data is None else variable.data.dtype.name,
        "values": [] if variable.data is None else variable.data.ravel().tolist(),
        "summary": {"count": s.count, "min": s.min, "max": s.max, "mean": s.mean, "norm": s.norm},
    }


def from_result(result, ports):
    action = result.action
    one = len(ports.outputs) == 1
    return {
        "action": [] if action is None or not one else np.ravel(action).tolist(),
        "actions": {} if action is None or one else {port: from_array(np.array(a)) for port, a in action.items()},
        "report": {name: from_array(array) for name, array in result.report.items()},
        "recordings": {name: from_array(array) for name, array in result.recordings.items()},
        "step": result.step,
        "episode": result.episode,
        "time": result.time,
        "dispositions": list(result.dispositions),
        "event": from_event(result.event),
    }


def from_batch(response):
    actions = np.array(response.action, "<f4") if response.action else np.frombuffer(response.action_bytes, "<f4")
    return {
        "actions": actions.reshape(len(response.step), -1).tolist(),
        "form": "bytes" if response.action_bytes else "floats",
        "steps": list(response.step),
        "episodes": list(response.episode),
        "time": list(response.time),
        "dispositions": [_step.disposition(value) if value else None for value in response.disposition],
        "failures": [
            {"item": failure.item, "error": from_error(errors.from_status(failure.status, "BatchStep"))}
            for failure in response.failures
        ],
    }


def to_step_arguments(arguments):
    inputs = {port: np.float32(numbers(value)) for port, value in arguments.get("inputs", {}).items()}
    return {
        "observation": inputs or numbers(arguments.get("observation")),
        "reward": numbers(arguments.get("reward")),
        "end": arguments.get("end"),
        "greedy": arguments.get("greedy", False),
        "ticks": arguments.get("ticks"),
        "mask": arguments.get("masks", arguments.get("mask")),
        "report": arguments.get("report", ()),
        "taken_action": numbers(arguments.get("taken_action")),
        "record": {recording["variable"]: recording.get("every", 1) for recording in arguments.get("record", ())},
    }


def to_batch_request(arguments):
    rows = np.array(numbers(arguments.get("observations", [])), "<f4")
    request = service_pb2.BatchStepRequest(
        uid=[int(uid) for uid in arguments["uids"]],
        reward=numbers(arguments.get("rewards", [])),
        has_reward=arguments.get("has_reward", []),
        end=[0 if end is None else _step.ENDS[end] for end in arguments.get("ends", [])],
        step=arguments.get("steps", []),
        request_id=arguments.get("request_id", ""),
        run_id=arguments.get("run_id", ""),
        greedy=arguments.get("greedy", False),
        ticks=arguments.get("ticks", 0),
        allowed=[one for row in arguments.get("allowed", []) for one in row],
    )
    if arguments.get("form") == "bytes":
        request.observation_bytes = rows.tobytes()
    else:
        request.observation.extend(rows.ravel().tolist())
    return request


def from_agent(agent, prefix, digest=0):
    stats = agent.stats
    return {
        "agent": agent.id[len(prefix) :] if agent.id.startswith(prefix) else agent.id,
        "name": agent.name,
        "uid": str(agent.uid),
        "incarnation": str(agent.incarnation),
        "etag": agent.etag,
        "labels": agent.labels,
        "mode": agent.mode,
        "durability": agent.durability,
        "numerics": list(agent.numerics),
        "seed": str(agent.seed),
        "preset": agent.preset,
        "parameters": agent.parameters,
        "live_parameters": agent.live_parameters,
        "size": from_size(agent.size),
        "ports": [from_port(port) for port in agent.ports],
        "channels": [{"name": c.name, "model": c.model, "size": c.size} for c in agent.channels],
        "stats": {
            "steps": stats.steps,
            "episodes": stats.episodes,
            "mean_return": stats.mean_return,
            "mean_return_episodes": stats.mean_return_episodes,
            "rewards_applied": stats.rewards_applied,
            "rewards_duplicate": stats.rewards_duplicate,
            "rewards_not_learning": stats.rewards_not_learning,
            "rewards_pending": stats.rewards_pending,
            "rewards_expired": stats.rewards_expired,
            "rewards_unknown_event": stats.rewards_unknown_event,
            "time": stats.time,
            "residency": stats.residency,
        },
        "digest": str(digest),
    }
