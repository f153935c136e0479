# SPDX-License-Identifier: Apache-2.0
"""One client of a server that is killed again and again, and all that it knows: what was acknowledged, in order, and
what was under way. A reference server gets the same inputs, and must give the same answers and digests."""

import collections
import dataclasses
import itertools
import random
import threading
import time

import grpc
from google.protobuf import text_format
from phasic.errors import from_rpc, from_status
from phasic.v1 import agent_pb2, agent_service_pb2 as service, agent_service_pb2_grpc

TIMEOUT = 60
WINDOW = 8  # steps under way at once: as many answers as an agent keeps
SOFT_SLACK = 2.0  # seconds beyond its period until a SNAPSHOT agent's state is in the store, on a busy machine
BROKEN = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
)


class Killed(Exception):
    """The server was."""


def without_event(answer):
    """An event names the agent's life, and the reference has one of its own."""
    if not isinstance(answer, service.StepResponse):
        return answer
    plain = service.StepResponse()
    plain.CopyFrom(answer)
    plain.ClearField("event")
    return plain


class Fault(Exception):
    """Something is not as promised."""


@dataclasses.dataclass
class Entry:
    method: str
    request: object
    response: object = None
    time: float = float("inf")  # when it was acknowledged
    killed_at: float = 0.0  # when the server was killed that had done it


def connect(target):
    channel = grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
    return channel, agent_service_pb2_grpc.AgentServiceStub(channel)


def creation(name, preset, durability, seed):
    request = service.CreateAgentRequest(agent_id=name, request_id=name)
    request.agent.seed, request.agent.durability = seed, durability
    request.agent.preset.preset = preset
    request.agent.preset.spaces["observation"].box.shape.append(4)
    request.agent.preset.spaces["action"].discrete.n = 3
    return request


def full(stub, name):
    return stub.GetAgent(service.GetAgentRequest(name=name, view=agent_pb2.FULL), timeout=TIMEOUT)


class Ledger:
    """Its agents are its own: `resolve` brings them and the reference to where both must agree, `act` does the
    next thing."""

    def __init__(self, number, seed, reference, period):
        self.number, self.period = number, period
        self.random = random.Random(seed * 1000 + number)
        self.reference = connect(reference)[1]
        self.stub, self.resolved = None, threading.Event()
        self.names = itertools.count()
        self.ids = itertools.count()
        self.log, self.replayed = [], 0
        self.pending = []
        self.steps = {}  # of each durable agent, acknowledged ones
        self.uids, self.etags, self.modes = {}, {}, {}
        self.snapshots = {}  # ids, of each agent that has some
        self.deleted = collections.deque(maxlen=8)
        self.refusals = collections.Counter()  # reasons, by a server that lives
        self.soft, self.soft_log = f"soft-{number}", []
        self.soft_steps = None
        self.brief, self.brief_steps, self.brief_gone = f"brief-{number}", None, False
        self.counts = collections.Counter()
        self.oldest_lost = 0.0

    # What the driver asks for.

    def may_exist(self):
        """(names that must be there, names that may be)"""
        unsure = {e.request.agent_id for e in self.pending if e.method in ("CreateAgent", "CloneAgent")}
        unsure |= {self._id(e.request.name) for e in self.pending if e.method == "DeleteAgent"}
        must = (set(self.steps) | ({self.soft} if self.soft_steps is not None else set())) - unsure
        return must, must | unsure | {self.soft}

    def run(self, target, killed, until):
        """Resolves and then acts until `until` is set, or a call is not answered because the server is killed or
        its store fails: `killed` tells that before it happens."""
        self.killed = killed
        channel, self.stub = connect(target)
        try:
            self.resolve()
            self.resolved.set()
            while not until.is_set():
                self.act()
        except Killed:
            pass
        finally:
            channel.close()

    def crashed(self, killed_at):
        """The process has ended. The reference catches up."""
        self.brief_gone = True
        for entry in self.soft_log:
            entry.killed_at = entry.killed_at or killed_at
        self.catch_up()

    # Calls.

    def call(self, method, request, expected=()):
        """The response; None for an expected code."""
        try:
            response = getattr(self.stub, method)(request, timeout=TIMEOUT)
            if method == "BatchStep" and response.failures:
                raise self.refused(method, response.failures[0].status)
            return response
        except grpc.RpcError as error:
            if error.code() in expected:
                return None
            raise self.broken(method, request, error) from None

    def broken(self, method, request, error):
        if self.killed.is_set() and error.code() in BROKEN:
            self.refusals[from_rpc(error, method).reason] += 1
            return Killed()
        return Fault(f"client {self.number}: {method} {request}: {error.code().name} {error.details()}")

    def refused(self, method, status):
        """As broken, for an item of a stream or a batch."""
        error = from_status(status, method)
        if self.killed.is_set() and error.code == "UNAVAILABLE":
            self.refusals[error.reason] += 1
            return Killed()
        return Fault(f"client {self.number}: {method}: {error!r}")

    def done(self, entry, response):
        """An acknowledged entry, the first of those that are pending."""
        assert self.pending[0] is entry
        entry.response, entry.time = response, time.monotonic()
        self.keep(entry)
        self.pending.pop(0)

    def keep(self, entry):
        request, response = entry.request, entry.response
        self.counts[entry.method] += 1
        if entry.method == "BatchStep":
            self.log += self.items(request, response)
            for item in self.log[-len(request.uid) :]:
                self.steps[self._id(item.request.name)] += 1
            return
        self.log.append(entry)
        if entry.method in ("CreateAgent", "CloneAgent"):
            self.uids[request.agent_id] = response.uid
            self.etags[request.agent_id] = response.etag
            self.modes[request.agent_id] = response.mode
            self.steps[request.agent_id] = response.stats.steps
        elif entry.method == "Step":
            self.steps[self._id(request.name)] += 1
        elif entry.method == "DeleteAgent":
            del self.steps[self._id(request.name)]
            self.snapshots.pop(self._id(request.name), None)
            self.deleted.append(request.name)
        elif entry.method == "CreateSnapshot":
            self.snapshots.setdefault(self._id(request.parent), []).append(request.snapshot_id)
        elif entry.method == "RestoreSnapshot":
            name = request.name.split("/")[1]
            self.etags[name], self.modes[name] = response.etag, response.mode
            self.steps[name] = response.stats.steps
        elif entry.method == "UpdateAgent":
            self.etags[self._id(request.agent.name)] = response.etag
            self.modes[self._id(request.agent.name)] = response.mode

    def items(self, batch, answer):
        """The same as steps by themselves."""
        names = {uid: name for name, uid in self.uids.items()}
        size = len(batch.observation) // len(batch.uid)
        for i, uid in enumerate(batch.uid):
            request = service.StepRequest(
                name=f"agents/{names[uid]}",
                observation=batch.observation[i * size : (i + 1) * size],
                rewards=[agent_pb2.Reward(value=batch.reward[i])],
                end=batch.end[i],
                step=batch.step[i],
                request_id=batch.request_id,
            )
            response = service.StepResponse(
                action=[] if batch.end[i] else [answer.action[i]],
                step=answer.step[i],
                episode=answer.episode[i],
                time=answer.time[i],
                dispositions=[answer.disposition[i]],
            )
            yield Entry("Step", request, response)

    def send(self, method, request):
        entry = Entry(method, request)
        self.pending.append(entry)
        self.done(entry, self.call(method, request))

    # After a crash.

    def resolve(self):
        """Asks again for what was under way; then all must be as on the reference."""
        while self.pending:
            self.retry(self.pending[0])
        self.repeat_last()
        self.catch_up()
        self.check()
        self.check_soft()
        self.check_brief()

    def retry(self, entry):
        method, request = entry.method, entry.request
        self.counts["retries"] += 1
        if method == "UpdateAgent":
            response = self.call(method, request, (grpc.StatusCode.ABORTED,))
            if response is None:  # Another etag: it was done.
                response = self.call("GetAgent", service.GetAgentRequest(name=request.agent.name))
                if response.mode != request.agent.mode or response.etag == request.agent.etag:
                    raise Fault(f"client {self.number}: an update neither done nor possible: {response}")
        elif method == "DeleteAgent":
            response = self.call(method, request, (grpc.StatusCode.NOT_FOUND,))
        else:
            response = self.call(method, request)
        self.done(entry, response)
        if method == "Reward" and response.dispositions[0] == agent_pb2.DUPLICATE:
            self.counts["rewards done before the crash"] += 1
            response.dispositions[0] = self.disposition(self._id(request.name))

    def repeat_last(self):
        """What was acknowledged is answered again, and not done again."""
        for entry in self.log[-3:]:
            if entry.method == "Step" and self._id(entry.request.name) in self.steps:
                later = [e for e in self.log[-3:] if e.method in ("DeleteAgent", "RestoreSnapshot")]
                if later or not entry.request.request_id:
                    continue
                again = self.call("Step", entry.request)
                self.counts["repeats"] += 1
                if not entry.response.HasField("event"):  # a batch's item has none
                    again = without_event(again)
                if again != entry.response:
                    raise Fault(f"client {self.number}: answered again otherwise: {again} {entry}")

    def check(self):
        for name, steps in self.steps.items():
            found = self.call("GetAgent", service.GetAgentRequest(name=f"agents/{name}", view=agent_pb2.FULL))
            self.compare(found, full(self.reference, f"agents/{name}"))
            if found.stats.steps != steps or found.uid != self.uids[name]:
                raise Fault(f"client {self.number}: {name} has {found.stats.steps} steps, not {steps}: {found}")
        for name in self.deleted:
            if self.call("GetAgent", service.GetAgentRequest(name=name), (grpc.StatusCode.NOT_FOUND,)):
                raise Fault(f"client {self.number}: {name} is there again")
            self.counts["deletions that held"] += 1

    def compare(self, found, wanted):
        # Not rewards_duplicate: who asks again may be killed again.
        stats = ("steps", "episodes", "rewards_applied", "rewards_not_learning", "time")
        for one, other, what in [
            (found.digest, wanted.digest, "digest"),
            (found.mode, wanted.mode, "mode"),
            *((getattr(found.stats, name), getattr(wanted.stats, name), name) for name in stats),
        ]:
            if one != other:
                raise Fault(
                    f"client {self.number}: {found.name} ({agent_pb2.Durability.Name(found.durability)}): {what} is "
                    f"{one}, not {other}, at step {found.stats.steps} of {wanted.stats.steps}; the last of its "
                    f"inputs:\n{self.history(found.name)}"
                )
        self.counts["digests"] += 1

    def history(self, name):
        mine = [entry for entry in self.log if self._id(name) in str(entry.request)][-10:]
        return "\n".join(f"{e.method} {text_format.MessageToString(e.request, as_one_line=True)}" for e in mine)

    def check_soft(self):
        """It has a state that it had not long before, and all that led to it."""
        if self.soft_steps is None:
            request = creation(self.soft, "actor-critic", agent_pb2.SNAPSHOT, self.number)
            self.call("CreateAgent", request)
            (_, alike), = plain(Entry("CreateAgent", request))
            self.reference.CreateAgent(alike, timeout=TIMEOUT)
            self.soft_steps = 0
        found = self.call("GetAgent", service.GetAgentRequest(name=f"agents/{self.soft}", view=agent_pb2.FULL))
        kept = found.stats.steps - self.soft_steps
        if not 0 <= kept <= len(self.soft_log):
            raise Fault(f"client {self.number}: {self.soft} has {found.stats.steps} steps, {self.soft_steps} before")
        for entry in self.soft_log[kept:]:
            if entry.response is not None:
                self.counts["SNAPSHOT steps lost"] += 1
                self.oldest_lost = max(self.oldest_lost, entry.killed_at - entry.time)
        self.replay(self.soft_log[:kept])
        self.soft_log.clear()
        self.soft_steps = found.stats.steps
        self.compare(found, full(self.reference, f"agents/{self.soft}"))

    def check_brief(self):
        name = f"agents/{self.brief}"
        if self.brief_steps is not None and not self.brief_gone:
            found = self.call("GetAgent", service.GetAgentRequest(name=name))
            if found.stats.steps != self.brief_steps:
                raise Fault(f"client {self.number}: {self.brief} has not {self.brief_steps} steps: {found}")
            return
        if self.brief_steps is not None:
            if self.call("GetAgent", service.GetAgentRequest(name=name), (grpc.StatusCode.NOT_FOUND,)):
                raise Fault(f"client {self.number}: the EPHEMERAL {self.brief} is there again")
            self.counts["EPHEMERAL agents gone"] += 1
        self.brief_steps = None
        self.call("CreateAgent", creation(self.brief, "reinforce", agent_pb2.EPHEMERAL, self.number))
        self.brief_steps, self.brief_gone = 0, False

    # The reference.

    def catch_up(self):
        self.replay(self.log[self.replayed :])
        self.replayed = len(self.log)

    def replay(self, entries):
        for is_step, group in itertools.groupby(entries, lambda e: e.method == "Step"):
            group = list(group)
            if is_step:
                requests = (service.InteractRequest(id=i, step=e.request) for i, e in enumerate(group))
                answers = self.reference.Interact(requests, timeout=600)
                for entry, answer in zip(group, answers):
                    self.same(entry, answer.step, answer)
            else:
                for entry in group:
                    for method, request in plain(entry):
                        answer = getattr(self.reference, method)(request, timeout=TIMEOUT)
                    if entry.method in ("Reward", "WriteState"):
                        self.same(entry, answer, answer)

    def same(self, entry, answer, shown):
        if entry.response is not None and without_event(entry.response) != without_event(answer):
            raise Fault(f"client {self.number}: {entry.request} was answered {entry.response}, not {shown}")
        self.counts["answers compared"] += 1

    # Load.

    def act(self):
        choice = self.random.random()
        if len(self.steps) < 4 or choice < 0.02:
            return self.create()
        name = self.random.choice(list(self.steps))
        if choice < 0.30:
            self.send("Step", self.step(name, self.steps[name]))
        elif choice < 0.42:
            self.stream()
        elif choice < 0.54:
            self.batch()
        elif choice < 0.66:
            self.send("Reward", self.reward(name))
        elif choice < 0.69:
            self.send(
                "ResetEpisode", service.ResetEpisodeRequest(name=f"agents/{name}", step=self.steps[name])
            )
        elif choice < 0.72:
            self.update(name)
        elif choice < 0.74:
            if len(self.steps) < 8:
                clone = self.name()
                self.send(
                    "CloneAgent",
                    service.CloneAgentRequest(name=f"agents/{name}", agent_id=clone, request_id=clone),
                )
        elif choice < 0.76:
            if len(self.steps) > 4:
                self.send("DeleteAgent", service.DeleteAgentRequest(name=f"agents/{name}"))
        elif choice < 0.78:
            self.write(name)
        elif choice < 0.80:
            self.snapshot(name)
        elif choice < 0.9:
            self.step_soft()
        else:
            self.step_brief()

    def name(self):
        return f"a{self.number}-{next(self.names)}"

    def create(self):
        durability = self.random.choice([agent_pb2.JOURNALED, agent_pb2.SYNCED])
        preset = self.random.choice(["actor-critic", "reinforce"])
        if len(self.steps) < 8:
            self.send("CreateAgent", creation(self.name(), preset, durability, self.random.getrandbits(60)))

    def observation(self):
        return [self.random.uniform(-1, 1) for _ in range(4)]

    def step(self, name, index):
        request = service.StepRequest(
            name=f"agents/{name}", observation=self.observation(), step=index, request_id=f"s{next(self.ids)}"
        )
        for _ in range(self.random.randrange(3)):
            request.rewards.add(value=self.random.gauss(0, 1), reward_id=f"r{next(self.ids)}")
        choice = self.random.random()
        if choice < 0.1:
            request.end = agent_pb2.TERMINATED if choice < 0.05 else agent_pb2.TRUNCATED
        elif choice < 0.15:
            request.run_id = f"run-{next(self.ids)}"
        elif choice < 0.2:
            request.greedy = True
        elif choice < 0.25:
            request.ticks = 3
        return request

    def reward(self, name):
        reward = agent_pb2.Reward(value=self.random.gauss(0, 1), reward_id=f"r{next(self.ids)}")
        return service.RewardRequest(name=f"agents/{name}", rewards=[reward])

    def disposition(self, name):
        return agent_pb2.NOT_LEARNING if self.modes[name] == agent_pb2.FROZEN else agent_pb2.APPLIED

    def update(self, name):
        mode = self.random.choice([agent_pb2.LEARNING, agent_pb2.LEARNING, agent_pb2.FROZEN])
        agent = agent_pb2.Agent(name=f"agents/{name}", mode=mode, etag=self.etags[name])
        self.send("UpdateAgent", service.UpdateAgentRequest(agent=agent))

    def write(self, name):
        request = service.WriteStateRequest(name=f"agents/{name}", step=self.steps[name])
        values = [self.random.uniform(-0.1, 0.1) for _ in range(self.random.randrange(1, 9))]
        request.writes.add(variable="policy_weights.weights", offset=self.random.randrange(32), values=values)
        self.send("WriteState", request)

    def snapshot(self, name):
        known = self.snapshots.get(name, [])
        if known and self.random.random() < 0.5:
            path = f"agents/{name}/snapshots/{self.random.choice(known)}"
            self.send("RestoreSnapshot", service.RestoreSnapshotRequest(name=path))
        elif len(known) < 5:
            made = f"s{self.number}-{next(self.names)}"
            request = service.CreateSnapshotRequest(parent=f"agents/{name}", snapshot_id=made, request_id=made)
            self.send("CreateSnapshot", request)

    def stream(self):
        count = self.random.randrange(1, WINDOW + 1)
        coming = collections.Counter()
        for _ in range(count):
            name = self.random.choice(list(self.steps))
            self.pending.append(Entry("Step", self.step(name, self.steps[name] + coming[name])))
            coming[name] += 1
        requests = [service.InteractRequest(id=i, step=e.request) for i, e in enumerate(self.pending)]
        try:
            for answer in self.stub.Interact(iter(requests), timeout=TIMEOUT):
                if answer.WhichOneof("result") != "step":
                    raise self.refused("Interact", answer.error)
                self.done(self.pending[0], answer.step)
        except grpc.RpcError as error:
            raise self.broken("Interact", self.pending[:1], error) from None
        if self.pending:
            raise Fault(f"client {self.number}: a stream ended with {len(self.pending)} unanswered")

    def batch(self):
        names = self.random.sample(sorted(self.steps), self.random.randrange(1, len(self.steps) + 1))
        request = service.BatchStepRequest(request_id=f"b{next(self.ids)}")
        for name in names:
            request.uid.append(self.uids[name])
            request.observation.extend(self.observation())
            request.reward.append(self.random.gauss(0, 1))
            request.end.append(self.random.choice([agent_pb2.NONE] * 15 + [agent_pb2.TRUNCATED]))
            request.step.append(self.steps[name])
        self.send("BatchStep", request)

    def step_soft(self):
        entry = Entry("Step", self.step(self.soft, self.soft_steps + len(self.soft_log)))
        self.soft_log.append(entry)
        entry.response = self.call("Step", entry.request)
        entry.time = time.monotonic()
        self.counts["SNAPSHOT steps"] += 1

    def step_brief(self):
        self.call("Step", self.step(self.brief, self.brief_steps))
        self.brief_steps += 1
        self.counts["EPHEMERAL steps"] += 1

    @staticmethod
    def _id(name):
        return name.rpartition("/")[2]


def plain(entry):
    """The same for the reference, which has no store: a snapshot is a clone there."""
    request = type(entry.request)()
    request.CopyFrom(entry.request)
    if entry.method == "CreateAgent":
        request.agent.durability = agent_pb2.EPHEMERAL
    elif entry.method == "UpdateAgent":
        request.agent.etag = ""
    elif entry.method == "CreateSnapshot":
        return [("CloneAgent", service.CloneAgentRequest(name=request.parent, agent_id=request.snapshot_id))]
    elif entry.method == "RestoreSnapshot":
        _, agent, _, snapshot = request.name.split("/")
        return [
            ("DeleteAgent", service.DeleteAgentRequest(name=f"agents/{agent}")),
            ("CloneAgent", service.CloneAgentRequest(name=f"agents/{snapshot}", agent_id=agent)),
        ]
    return [(entry.method, request)]
