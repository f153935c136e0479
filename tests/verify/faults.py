# SPDX-License-Identifier: Apache-2.0
"""Bad requests, each with what must be said of it. Requests are in Protobuf's text form."""

import dataclasses
from typing import Callable

from google.protobuf import text_format
from phasic.v1 import agent_service_pb2 as service

TIMEOUT = 60


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    request: object
    code: str
    reason: str
    field: str = ""  # one that must be among those named; empty: none is asked for
    method: str = "Step"
    timeout: float = TIMEOUT


@dataclasses.dataclass(frozen=True)
class BatchFault:
    name: str
    request: Callable  # of the agents' uids by name
    code: str
    reason: str
    field: str = ""
    whole: bool = True  # the batch as a whole, not an item of it


def parse(message, text):
    return text_format.Parse(text, message())


CIRCUIT = """
  inputs { name: "in" space { box { shape: 1 } } encoder: "raw" target: "a" }
  populations { name: "a" model: "rate" size: 1 }
  populations { name: "b" model: "%s" size: 1 }
  projections { name: "ab" source: "a" target: "b" rule {
    name: "reinforce-trace" bindings { key: "reward" value: "reward" }
    parameters { key: "learning_rate" value { number_value: 1e6 } } } }
  modulators { name: "reward" model: "raw" }
  outputs { name: "out" source: "b" decoder: "rates" }
"""
PORTS = """
  inputs { name: "eye" space { box { shape: 2 low: -1 high: 1 } } encoder: "raw" target: "retina" }
  inputs { name: "cue" space { discrete { n: 3 } } encoder: "one-hot" target: "policy" }
  populations { name: "retina" model: "rate" size: 2 }
  populations { name: "policy" model: "softmax" size: 3 }
  modulators { name: "reward" model: "raw" }
  modulators { name: "teacher" model: "raw" size: 2 }
  outputs { name: "move" source: "policy.choice" decoder: "index" }
  outputs { name: "rates" source: "retina" decoder: "rates" }
"""
LARGE = """
  inputs { name: "in" space { box { shape: 1 } } encoder: "raw" target: "a" }
  populations { name: "a" model: "rate" size: 1 }
  populations { name: "crowd" model: "rate" size: 100000 }
  outputs { name: "out" source: "a" decoder: "rates" }
"""
PRESET = """preset { preset: "actor-critic"
  spaces { key: "observation" value { box { shape: 3 low: -1 high: 1 } } }
  spaces { key: "action" value { discrete { n: 4 } } } }"""


def create(text):
    return parse(service.CreateAgentRequest, text)


SETUP = [
    create(f'agent_id: "box" agent {{ seed: 1 {PRESET} }}'),
    create(f'agent_id: "ports" agent {{ seed: 2 circuit {{ {PORTS} }} }}'),
    create(f'agent_id: "explosive" agent {{ seed: 3 circuit {{ {CIRCUIT % "gaussian"} }} }}'),
    create(f'agent_id: "large" agent {{ seed: 4 circuit {{ {LARGE} }} }}'),
]

INVALID = "INVALID_ARGUMENT"
LONG = "x" * 64
OBSERVATION = "observation: [0.5, -0.5, 0]"
PORT_INPUTS = (
    r'inputs { name: "eye" data: "\000\000\000\000\000\000\000\000" } '
    r'inputs { name: "cue" data: "\000\000\000\000" }'
)


def step(name, text, code, reason, field="", agent="box", timeout=TIMEOUT):
    request = parse(service.StepRequest, f'name: "agents/{agent}" {text}')
    return Fault(name, request, code, reason, field, timeout=timeout)


def named(name, full, code, reason, field=""):
    return Fault(name, parse(service.StepRequest, f'name: "{full}" {OBSERVATION}'), code, reason, field)


def field(name, text, path, agent="box"):
    return step(name, f"{OBSERVATION} {text}" if agent == "box" else text, INVALID, "BAD_FIELD", path, agent)


def observation(name, values, path):
    return step(name, f"observation: [{values}]", INVALID, "BAD_OBSERVATION", path)


def reward(name, text, path, reason="BAD_FIELD", agent="box"):
    inputs = OBSERVATION if agent == "box" else PORT_INPUTS
    return step(name, f"{inputs} rewards {{ {text} }}", INVALID, reason, path, agent)


STEPS = [
    named("no name", "", INVALID, "BAD_FIELD", "name"),
    named("a name that is none", "box", INVALID, "BAD_FIELD", "name"),
    named("a name with too much", "agents/box/steps", INVALID, "BAD_FIELD", "name"),
    named("an id in capitals", "agents/BOX", INVALID, "BAD_FIELD", "name"),
    named("an unknown agent", "agents/nobody", "NOT_FOUND", "AGENT_NOT_FOUND"),
    named("another tenant's agent", "tenants/other/agents/box", "NOT_FOUND", "AGENT_NOT_FOUND"),
    step("no observation", "", INVALID, "BAD_OBSERVATION", "observation"),
    observation("too few values", "0, 0", "observation"),
    observation("too many values", "0, 0, 0, 0", "observation"),
    observation("not a number", "0, nan, 0", "observation[1]"),
    observation("infinity", "inf, 0, 0", "observation[0]"),
    observation("minus infinity", "0, 0, -inf", "observation[2]"),
    observation("above its bound", "0, 0, 1.5", "observation[2]"),
    observation("below its bound", "-1.0001, 0, 0", "observation[0]"),
    step("a truncated episode without its observation", "end: TRUNCATED", INVALID, "BAD_OBSERVATION"),
    field("an unknown end", "end: 9", "end"),
    field("negative ticks", "ticks: -1", "ticks"),
    step("too many ticks", f"{OBSERVATION} ticks: 100001", INVALID, "BAD_TICKS", "ticks"),
    step("a step of the past", f"{OBSERVATION} step: 4", "ABORTED", "STEP_MISMATCH"),
    step("a step of the future", f"{OBSERVATION} step: 6", "ABORTED", "STEP_MISMATCH"),
    field("a long request_id", f'request_id: "{LONG}"', "request_id"),
    field("a long run_id", f'run_id: "{LONG}"', "run_id"),
    field("an observation and inputs", 'inputs { name: "observation" }', "inputs"),
    step(
        "a turn that takes too long",
        "observation: 0 ticks: 100000",
        "RESOURCE_EXHAUSTED",
        "TURN_TOO_LONG",
        "ticks",
        "large",
    ),
    field("an observation for two ports", "observation: [0, 0, 0]", "observation", "ports"),
    field("an unknown input port", PORT_INPUTS + 'inputs { name: "ear" }', "inputs[2].name", "ports"),
    field("an input port twice", PORT_INPUTS + 'inputs { name: "eye" }', "inputs[2].name", "ports"),
    field("an input that is missing", r'inputs { name: "cue" data: "\000\000\000\000" }', "inputs", "ports"),
    field("a tensor of bytes", 'inputs { name: "eye" dtype: UINT8 data: "ab" }', "inputs[0].dtype", "ports"),
    field("a tensor too short", 'inputs { name: "eye" data: "abcd" }', "inputs[0].data", "ports"),
    field(
        "a tensor of another shape",
        r'inputs { name: "eye" shape: [3] data: "\000\000\000\000\000\000\000\000" }',
        "inputs[0].shape",
        "ports",
    ),
    field(
        "a tensor of negative shape",
        r'inputs { name: "eye" shape: [-1, -2] data: "\000\000\000\000\000\000\000\000" }',
        "inputs[0].shape",
        "ports",
    ),
    step(
        "a tensor with no number in it",
        r'inputs { name: "cue" data: "\000\000\000\000" }'
        r'inputs { name: "eye" data: "\000\000\000\000\000\000\300\177" }',
        INVALID,
        "BAD_OBSERVATION",
        "inputs[1].data[1]",
        "ports",
    ),
    reward("a reward for an unknown channel", 'channel: "pain" value: 1', "rewards[0].channel"),
    reward("a reward without a value", "", "rewards[0].value"),
    reward("a reward with two values", "value: 1 values: [1]", "rewards[0].value"),
    reward("a reward that is no number", "value: nan", "rewards[0].value", "BAD_REWARD"),
    reward("an infinite reward", "value: inf", "rewards[0].value", "BAD_REWARD"),
    reward("a reward too large for a float", "value: 1e39", "rewards[0].value", "BAD_REWARD"),
    reward("a vector for a scalar channel", "values: [1, 2]", "rewards[0].values", "BAD_REWARD"),
    reward(
        "a scalar for a vector channel", 'channel: "teacher" value: 1', "rewards[0].value", "BAD_REWARD", "ports"
    ),
    reward(
        "infinity in a vector",
        'channel: "teacher" values: [1, -inf]',
        "rewards[0].values[1]",
        "BAD_REWARD",
        "ports",
    ),
    reward("a long reward_id", f'value: 1 reward_id: "{LONG}"', "rewards[0].reward_id"),
    field("too many rewards", "rewards { value: 1 }" * 1025, "rewards"),
    field("a mask for an unknown port", 'action_masks { port: "leg" allowed: true }', "action_masks[0].port"),
    field("a mask too short", "action_masks { allowed: [true] }", "action_masks[0].allowed"),
    field("a mask that allows nothing", "action_masks { allowed: [0, 0, 0, 0] }", "action_masks[0].allowed"),
    field("a mask twice", "action_masks { allowed: [1, 0, 0, 0] }" * 2, "action_masks[1].port"),
    field(
        "a mask where none is taken",
        PORT_INPUTS + 'action_masks { port: "rates" allowed: [1, 1] }',
        "action_masks[0].port",
        "ports",
    ),
    field("an unknown variable to report", 'report: "policy.mood"', "report[0]"),
    step(
        "a report too large", 'observation: 0 report: "crowd.rate"', INVALID, "BAD_FIELD", "report", "large"
    ),
    field("an unknown variable to record", 'record { variable: "policy.mood" }', "record[0].variable"),
    field(
        "a record every minus one ticks", 'record { variable: "policy.choice" every: -1 }', "record[0].every"
    ),
    step(
        "a record too large",
        'observation: 0 ticks: 11 record { variable: "crowd.rate" }',
        INVALID,
        "BAD_FIELD",
        "record",
        "large",
    ),
    step(
        "rewards that diverge",
        "observation: 1 rewards { value: 3e38 } rewards { value: 3e38 }",
        "FAILED_PRECONDITION",
        "AGENT_DIVERGED",
        "ab.weights",
        "explosive",
    ),
    step("a deadline that has passed", OBSERVATION, "DEADLINE_EXCEEDED", "", timeout=-1),
]


def batch(text="", agents=("box",), rows=(OBSERVATION,)):
    def request(uids):
        message = parse(service.BatchStepRequest, text)
        message.uid.extend(uids.get(agent, 12345) for agent in agents)
        for row in rows:
            message.MergeFrom(parse(service.BatchStepRequest, row))
        return message

    return request


def whole(name, path, text="", **more):
    return BatchFault(name, batch(text, **more), INVALID, "BAD_FIELD", path)


def item(name, code, reason, path="", text="", **more):
    return BatchFault(name, batch(text, **more), code, reason, path, whole=False)


BATCHES = [
    whole("an empty batch", "uid", agents=(), rows=()),
    whole("a batch too large", "uid", agents=("box",) * 4097, rows=()),
    whole("an agent twice", "uid[1]", agents=("box", "box"), rows=(OBSERVATION,) * 2),
    whole("rows of unlike size", "observation", "observation: [1, 1]", agents=("box", "ports")),
    whole("observations in two forms", "observation_bytes", r'observation_bytes: "abcd"'),
    whole("bytes of no float", "observation_bytes", 'observation_bytes: "abc"', rows=()),
    whole("too many rewards for a batch", "reward", "reward: [1, 2]"),
    whole("has_reward without reward", "has_reward", "has_reward: true"),
    whole("too many ends", "end", "end: [NONE, NONE]"),
    whole("too many steps", "step", "step: [1, 2]"),
    whole("negative ticks for a batch", "ticks", "ticks: -5"),
    whole("a long request_id for a batch", "request_id", f'request_id: "{LONG}"'),
    whole("a long run_id for a batch", "run_id", f'run_id: "{LONG}"'),
    item("an unknown uid", "NOT_FOUND", "AGENT_NOT_FOUND", agents=("nobody",)),
    item("rows too short", INVALID, "BAD_OBSERVATION", "observation", rows=("observation: [0, 0]",)),
    item("no rows", INVALID, "BAD_OBSERVATION", "observation", rows=()),
    item(
        "no number in a row",
        INVALID,
        "BAD_OBSERVATION",
        "observation[2]",
        rows=("observation: [0, 0, nan]",),
    ),
    item(
        "beyond a bound in a row",
        INVALID,
        "BAD_OBSERVATION",
        "observation[0]",
        rows=("observation: [9, 0, 0]",),
    ),
    item("a reward of a batch that is no number", INVALID, "BAD_REWARD", "reward[0]", "reward: nan"),
    item("an unknown end in a batch", INVALID, "BAD_FIELD", "end[0]", "end: 7"),
    item("a step of the past in a batch", "ABORTED", "STEP_MISMATCH", text="step: 0"),
    item(
        "a mask of a batch that allows nothing",
        INVALID,
        "BAD_ACTION_MASK",
        "allowed",
        "allowed: [0, 0, 0, 0]",
    ),
    item("a mask of a batch too short", INVALID, "BAD_ACTION_MASK", "allowed", "allowed: [1, 1]"),
    item("too many ticks for a batch", INVALID, "BAD_TICKS", "ticks", "ticks: 100001"),
    item(
        "a reward of a batch that diverges",
        "FAILED_PRECONDITION",
        "AGENT_DIVERGED",
        text="reward: 3e38 run_id: 'new'",
        agents=("explosive",),
        rows=("observation: 1e30",),
    ),
]


def call(method, request_type, name, text, code, reason, path=""):
    return Fault(name, parse(request_type, text), code, reason, path, method)


def creation(name, text, path, reason="BAD_CIRCUIT", code=INVALID):
    return call("CreateAgent", service.CreateAgentRequest, name, text, code, reason, path)


def circuit(name, path, extra="", base=CIRCUIT % "gaussian"):
    full = f"agent.circuit.{path}" if path else "agent.circuit"
    return creation(name, f"agent {{ circuit {{ {base} {extra} }} }}", full)


def preset(name, path, text):
    return creation(name, f"agent {{ preset {{ {text} }} }}", f"agent.preset.{path}")


BANDIT = 'preset: "bandit"'
CALLS = [
    creation("an id that is none", f'agent_id: "9lives" agent {{ {PRESET} }}', "agent_id", "BAD_FIELD"),
    creation("nothing to make an agent from", 'agent_id: "x"', "agent.preset"),
    creation(
        "an id that is taken",
        f'agent_id: "box" agent {{ {PRESET} }}',
        "",
        "AGENT_EXISTS",
        "ALREADY_EXISTS",
    ),
    creation(
        "another tenant",
        f'parent: "tenants/other" agent {{ {PRESET} }}',
        "",
        "TENANT_NOT_FOUND",
        "NOT_FOUND",
    ),
    creation(
        "a bad label",
        f'agent {{ {PRESET} labels {{ key: "Big" value: "x" }} }}',
        "agent.labels.Big",
        "BAD_FIELD",
    ),
    creation("an unknown mode", f"agent {{ {PRESET} mode: 7 }}", "agent.mode", "BAD_FIELD"),
    creation(
        "an unknown live parameter",
        f'agent {{ {PRESET} live_parameters {{ key: "mood" value: 1 }} }}',
        "agent.live_parameters.mood",
        "BAD_FIELD",
    ),
    preset("an unknown preset", "preset", 'preset: "genius"'),
    preset(
        "an unknown parameter",
        "parameters.mood",
        BANDIT + 'parameters { key: "mood" value { number_value: 1 } }',
    ),
    preset(
        "a parameter out of its range",
        "parameters.learning_rate",
        BANDIT + 'parameters { key: "learning_rate" value { number_value: -1 } }',
    ),
    preset(
        "a space for an unknown port",
        "spaces.ear",
        BANDIT + 'spaces { key: "ear" value { discrete { n: 2 } } }',
    ),
    preset(
        "a space with nothing in it",
        "spaces.action.discrete.n",
        BANDIT + 'spaces { key: "action" value { discrete { n: 0 } } }',
    ),
    circuit("a circle", "projections[1].delay", 'projections { name: "ba" source: "b" target: "a" }'),
    circuit("two parts of a name", "populations[2].name", 'populations { name: "a" model: "rate" size: 1 }'),
    circuit("an unknown model", "populations[2].model", 'populations { name: "c" model: "magic" size: 1 }'),
    circuit(
        "too many neurons",
        "populations[2].size",
        'populations { name: "c" model: "rate" size: 2000000000 }',
    ),
    circuit(
        "too many synapses",
        "projections[1]",
        'populations { name: "c" model: "rate" size: 1000000 } populations { name: "d" model: "rate" size: 1000000 }'
        'projections { name: "cd" source: "c" target: "d" }',
    ),
    circuit(
        "too large a state",
        "",
        'populations { name: "c" model: "rate" size: 15000 } populations { name: "d" model: "gaussian" size: 15000 }'
        'projections { name: "cd" source: "c" target: "d" rule { name: "reinforce-trace"'
        ' bindings { key: "reward" value: "reward" } } }',
    ),
    circuit(
        "too long a delay",
        "projections[1].delay",
        'projections { name: "x" source: "a" target: "b" delay: 1000000 }',
    ),
    circuit(
        "a source that is none",
        "projections[1].source",
        'projections { name: "x" source: "z" target: "b" }',
    ),
    circuit(
        "a site that is none",
        "projections[1].target",
        'projections { name: "x" source: "a" target: "b.apical" }',
    ),
    circuit(
        "a rule that is none",
        "projections[1].rule.name",
        'projections { name: "x" source: "a" target: "b" rule { name: "y" } }',
    ),
    circuit("a negative time step", "dt", "dt: -1"),
    circuit("sweeps beyond bounds", "sweeps", "sweeps: 100000"),
    call(
        "GetAgent",
        service.GetAgentRequest,
        "an unknown view",
        'name: "agents/box" view: 9',
        INVALID,
        "BAD_FIELD",
        "view",
    ),
    call(
        "DeleteAgent",
        service.DeleteAgentRequest,
        "an old etag",
        'name: "agents/box" etag: "x"',
        "ABORTED",
        "ETAG_MISMATCH",
    ),
    call(
        "UpdateAgent",
        service.UpdateAgentRequest,
        "a change of the seed",
        'agent { name: "agents/box" } update_mask { paths: "seed" }',
        INVALID,
        "BAD_FIELD",
        "update_mask.paths[0]",
    ),
    call(
        "UpdateAgent",
        service.UpdateAgentRequest,
        "an old etag of a change",
        'agent { name: "agents/box" etag: "x" mode: FROZEN }',
        "ABORTED",
        "ETAG_MISMATCH",
    ),
    call(
        "CloneAgent",
        service.CloneAgentRequest,
        "a clone of nobody",
        'name: "agents/nobody"',
        "NOT_FOUND",
        "AGENT_NOT_FOUND",
    ),
    call(
        "CloneAgent",
        service.CloneAgentRequest,
        "a clone with a taken id",
        'name: "agents/box" agent_id: "ports"',
        "ALREADY_EXISTS",
        "AGENT_EXISTS",
    ),
    call(
        "ListAgents",
        service.ListAgentsRequest,
        "a negative page",
        "page_size: -1",
        INVALID,
        "BAD_FIELD",
        "page_size",
    ),
    call(
        "ListAgents",
        service.ListAgentsRequest,
        "a page token of somebody's own",
        'page_token: "x"',
        INVALID,
        "BAD_FIELD",
        "page_token",
    ),
    call(
        "ListAgents",
        service.ListAgentsRequest,
        "a filter that is none",
        'filter: "age > 7"',
        INVALID,
        "BAD_FIELD",
        "filter",
    ),
    call("Reward", service.RewardRequest, "no reward", 'name: "agents/box"', INVALID, "BAD_FIELD", "rewards"),
    call(
        "Reward",
        service.RewardRequest,
        "rewards of which one is bad",
        'name: "agents/explosive" rewards { value: 1 } rewards { value: nan }',
        INVALID,
        "BAD_REWARD",
        "rewards[1].value",
    ),
    call(
        "Reward",
        service.RewardRequest,
        "rewards that diverge together",
        'name: "agents/explosive" rewards { value: 1 } rewards { value: 3e38 }',
        "FAILED_PRECONDITION",
        "AGENT_DIVERGED",
    ),
    call(
        "ResetEpisode",
        service.ResetEpisodeRequest,
        "a reset at another step",
        'name: "agents/box" step: 99',
        "ABORTED",
        "STEP_MISMATCH",
    ),
    call(
        "Inspect",
        service.InspectRequest,
        "an unknown component",
        'name: "agents/box" component: "soul"',
        "NOT_FOUND",
        "VARIABLE_NOT_FOUND",
    ),
    call(
        "Inspect",
        service.InspectRequest,
        "a negative offset",
        'name: "agents/box" component: "policy" variable: "choice" offset: -1',
        INVALID,
        "BAD_FIELD",
        "offset",
    ),
    call(
        "BatchCreateAgents",
        service.BatchCreateAgentsRequest,
        "no agents",
        "",
        INVALID,
        "BAD_FIELD",
        "requests",
    ),
    call(
        "BatchCreateAgents",
        service.BatchCreateAgentsRequest,
        "agents of which one is bad",
        f'requests {{ agent_id: "x" agent {{ {PRESET} }} }} requests {{ agent {{ preset {{ preset: '
        f'"genius" }} }} }}',
        INVALID,
        "BAD_CIRCUIT",
        "requests[1].agent.preset.preset",
    ),
    call(
        "BatchCreateAgents",
        service.BatchCreateAgentsRequest,
        "agents of which one exists",
        f'requests {{ agent_id: "x" agent {{ {PRESET} }} }} requests {{ agent_id: "box" agent {{ '
        f'{PRESET} }} }}',
        "ALREADY_EXISTS",
        "AGENT_EXISTS",
    ),
]
