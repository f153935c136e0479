// SPDX-License-Identifier: Apache-2.0
//
// A server in this process that keeps the contract's promises and hosts agents that learn nothing: it counts steps,
// remembers requests and rewards, and can be told to fail and to lose answers. An agent's action is 0.
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { methods } from 'phasic';
import { messageType } from '../../../client/typescript/src/contract.js';
import { FakeStore } from './fake_store.js';

type Message = Record<string, any>;
type Call = { request: Message };

/** What an error of the server says. */
export interface Fault {
  code?: keyof typeof status;
  reason?: string;
  text?: string;
  metadata?: Record<string, string>;
  /** The faulty one. */
  field?: string;
  /** Milliseconds, as RetryInfo. */
  retryDelayMs?: number;
  /** The call is done, and its answer is lost. */
  done?: boolean;
}

export interface HostedAgent {
  message: Message;
  steps: number;
  weights: number[];
  answers: Map<string, Message>;
  rewardIds: Set<string>;
}

function pack(kind: string, detail: Message): Message {
  const value = messageType(`phasic.rpc.${kind}`).serialize(detail);
  return { type_url: `type.googleapis.com/google.rpc.${kind}`, value };
}

export function toStatus({ code = 'UNAVAILABLE', reason = 'DRAINING', text = 'told to fail', ...rest }: Fault): Message {
  const details = [pack('ErrorInfo', { reason, domain: 'phasic', metadata: rest.metadata })];
  if (rest.field) details.push(pack('BadRequest', { fieldViolations: [{ field: rest.field, description: 'is wrong' }] }));
  const seconds = Math.floor((rest.retryDelayMs ?? 0) / 1e3);
  const nanos = ((rest.retryDelayMs ?? 0) % 1e3) * 1e6;
  if (rest.retryDelayMs !== undefined) details.push(pack('RetryInfo', { retryDelay: { seconds, nanos } }));
  return { code: status[code], message: text, details };
}

/** An error as grpc-js answers it. */
function toServiceError(fault: Fault) {
  const packed = toStatus(fault);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(messageType('phasic.rpc.Status').serialize(packed)));
  return { code: packed['code'] as status, details: packed['message'] as string, metadata };
}

function isSaid(durability: string | undefined): boolean {
  return durability !== undefined && durability !== 'DURABILITY_UNSPECIFIED';
}

export class FakeServer {
  readonly agents = new Map<string, HostedAgent>();
  readonly store = new FakeStore((name) => this.#find(name));
  /** The requests of each method, in order. */
  readonly requests: Record<string, Message[]> = {};
  /** Streams answer only while this is false. */
  isHolding = false;
  /** Items that a stream has read. */
  itemsRead = 0;
  port = 0;
  readonly #server = new Server();
  readonly #faults: Record<string, Fault[]> = {};
  readonly #created = new Map<string, Message>();
  readonly #held: (() => void)[] = [];
  #stream?: ServerDuplexStream<Message, Message>;

  get target(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(port = 0): Promise<this> {
    const works: Record<string, (request: Message) => Message> = {
      CreateAgent: (request) => this.#create(request),
      BatchCreateAgents: ({ requests }) => ({ agents: requests.map((one: Message) => this.#create(one)) }),
      CloneAgent: ({ name, snapshot, ...rest }) => this.#load(this.store.fileOf(name, snapshot), rest),
      GetAgent: ({ name }) => this.#describe(this.#find(name)),
      ListAgents: ({ pageToken }) => this.#list(pageToken),
      UpdateAgent: ({ agent }) => Object.assign(this.#find(agent.name).message, { mode: agent.mode, etag: '2' }),
      DeleteAgent: ({ name }) => (this.agents.delete(this.#find(name).message['name']), {}),
      Step: (request) => this.#step(request),
      BatchStep: (request) => this.#batch(request),
      Reward: ({ name, rewards }) => ({ dispositions: rewards.map((one: Message) => this.#reward(this.#find(name), one)) }),
      ResetEpisode: () => ({ episode: 1 }),
      GetServerInfo: () => ({ version: '0.1.0', limits: { maxAgents: 10 } }),
      ...this.store.works,
    };
    const unary = Object.entries(works).map(([name, work]) => [name, this.#unary(name, work)]);
    const files = Object.entries(this.store.files).map(([name, work]) => [name, this.#file(name, work)]);
    const handlers = {
      ...Object.fromEntries([...unary, ...files]),
      ImportAgent: this.#import(),
      Interact: (call: ServerDuplexStream<Message, Message>) => this.#interact(call),
    };
    const served = Object.entries(methods).filter(([name]) => name in handlers);
    this.#server.addService(Object.fromEntries(served) as never, handlers);
    this.port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      this.#server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    return this;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  /** The next call of the method fails so. */
  fail(method: string, fault: Fault = {}): void {
    (this.#faults[method] ??= []).push(fault);
  }

  /** Answers what a stream has asked for while `isHolding`. */
  release(): void {
    this.isHolding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** Ends the stream under way with an error. */
  breakStream(fault: Fault = {}): void {
    this.#stream?.emit('error', toServiceError(fault));
  }

  count(method: string): number {
    return this.requests[method]?.length ?? 0;
  }

  #perform(method: string, request: Message, work: (request: Message) => Message): Message {
    (this.requests[method] ??= []).push(request);
    const fault = this.#faults[method]?.shift();
    if (fault && !fault.done) throw fault;
    const answer = work(request);
    if (fault) throw fault;
    return answer;
  }

  #unary(method: string, work: (request: Message) => Message) {
    return ({ request }: Call, answer: sendUnaryData<Message>) => {
      try {
        answer(null, this.#perform(method, request, work));
      } catch (fault) {
        answer(toServiceError(fault as Fault));
      }
    };
  }

  /** One that fails although it is done breaks in the middle. */
  #file(method: string, work: (request: Message) => Buffer[]) {
    return (call: ServerWritableStream<Message, Message>) => {
      const isBroken = this.#faults[method]?.[0]?.done;
      if (isBroken) call.write({ data: Buffer.from('broken') });
      try {
        const { chunks } = this.#perform(method, call.request, (request) => ({ chunks: work(request) }));
        for (const data of chunks as Buffer[]) call.write({ data });
        call.end();
      } catch (fault) {
        call.emit('error', toServiceError(fault as Fault));
      }
    };
  }

  #import() {
    return async (call: ServerReadableStream<Message, Message>, answer: sendUnaryData<Message>) => {
      const parts: Message[] = [];
      try {
        for await (const part of call) parts.push(part as Message);
      } catch {
        return; // The client gave up.
      }
      const request = { ...parts[0], file: Buffer.concat(parts.map(({ data }) => data)) };
      this.#unary('ImportAgent', ({ file, ...rest }) => this.#load(file, rest))({ request }, answer);
    };
  }

  /** An agent of an exported one. */
  #load(file: Buffer, { durability, seed, labels, ...rest }: Message): Message {
    let exported: HostedAgent;
    try {
      exported = JSON.parse(String(file));
    } catch {
      throw { code: 'INVALID_ARGUMENT', reason: 'BAD_EXPORT' } as Fault;
    }
    const changes = { ...(isSaid(durability) && { durability }), ...(seed && { seed }), ...(labels && { labels }) };
    const made = this.#create({ ...rest, agent: { ...exported.message, ...changes } });
    Object.assign(this.#find(made['name']), { steps: exported.steps, weights: exported.weights });
    return { ...made, stats: { steps: exported.steps } };
  }

  #interact(call: ServerDuplexStream<Message, Message>): void {
    this.#stream = call;
    call.on('data', (request: Message) => {
      ++this.itemsRead;
      const answer = () => call.write({ id: request['id'], ...this.#item(request) });
      if (this.isHolding) this.#held.push(answer);
      else answer();
    });
    call.on('end', () => call.end());
  }

  #item({ step, batchStep }: Message): Message {
    try {
      if (step) return { step: this.#perform('Interact', step, () => this.#step(step)) };
      return { batchStep: this.#perform('Interact', batchStep, () => this.#batch(batchStep)) };
    } catch (fault) {
      return { error: toStatus(fault as Fault) };
    }
  }

  #find(name: string): HostedAgent {
    const found = this.agents.get(name.replace(/^agents/, 'tenants/default/agents'));
    if (!found) throw { code: 'NOT_FOUND', reason: 'AGENT_NOT_FOUND', text: `there is no agent ${name}` } as Fault;
    return found;
  }

  #describe({ message, steps }: HostedAgent): Message {
    return { ...message, stats: { steps, residency: 'RESIDENT' } };
  }

  #create({ agentId, agent, requestId }: Message): Message {
    const earlier = this.#created.get(requestId);
    if (earlier) return earlier;
    const name = `tenants/default/agents/${agentId || `agent-${this.agents.size}`}`;
    if (this.agents.has(name)) throw { code: 'ALREADY_EXISTS', reason: 'AGENT_EXISTS', text: 'taken' } as Fault;
    if (this.store.kind === 'memory' && isSaid(agent.durability) && agent.durability !== 'EPHEMERAL') {
      throw { code: 'INVALID_ARGUMENT', reason: 'BAD_FIELD', field: 'agent.durability' } as Fault;
    }
    const durability = isSaid(agent.durability) ? agent.durability : this.store.kind === 'memory' ? 'EPHEMERAL' : 'JOURNALED';
    const ports = Object.entries<Message>(agent.preset?.spaces ?? {}).map(([port, space]) => {
      return { name: port, direction: port === 'action' ? 'OUTPUT' : 'INPUT', space, size: 1 };
    });
    const uid = String(2n ** 63n + BigInt(this.agents.size));
    const message = {
      ...agent,
      ...(ports.length && { ports }),
      ...{ name, uid, durability, mode: 'LEARNING', etag: '1', numerics: [1] },
      stats: { residency: 'RESIDENT' },
    };
    this.agents.set(name, { message, steps: 0, weights: [0, 1, 2, 3], answers: new Map(), rewardIds: new Set() });
    this.#created.set(requestId, message);
    return message;
  }

  /** One to a page, whatever is asked for: clients must follow the tokens. */
  #list(pageToken: string): Message {
    const [first, second] = [...this.agents.keys()].sort().filter((name) => name > pageToken);
    return { agents: first ? [this.agents.get(first)!.message] : [], nextPageToken: second ? first : '' };
  }

  #step({ name, step, requestId, end, observation, inputs, rewards }: Message): Message {
    const agent = this.#find(name);
    const earlier = requestId && agent.answers.get(requestId);
    if (earlier) return earlier;
    this.#check(agent, step?.toNumber());
    if (observation.some(Number.isNaN)) throw { code: 'INVALID_ARGUMENT', reason: 'BAD_OBSERVATION' } as Fault;
    const dispositions = rewards.map((one: Message) => this.#reward(agent, one));
    const isSeen = end === 'NONE' && (observation.length > 0 || inputs.length > 0);
    const answer = { step: agent.steps++, action: isSeen ? [0] : [], dispositions };
    if (requestId) agent.answers.set(requestId, answer);
    return answer;
  }

  #check({ steps }: HostedAgent, step: number | undefined): void {
    if (step === undefined || step === steps) return;
    const text = `the next step is ${steps}, not ${step}`;
    throw { code: 'ABORTED', reason: 'STEP_MISMATCH', text, metadata: { step: String(steps) } } as Fault;
  }

  #batch({ uid, observationBytes, step }: Message): Message {
    const byUid = new Map([...this.agents.values()].map((agent) => [agent.message['uid'], agent]));
    const response: Message = { actionBytes: observationBytes, step: [], episode: [], time: [], failures: [] };
    uid.forEach((one: Message, item: number) => {
      try {
        const agent = byUid.get(String(BigInt.asUintN(64, BigInt(one.toString()))));
        if (!agent) throw { code: 'NOT_FOUND', reason: 'AGENT_NOT_FOUND' } as Fault;
        this.#check(agent, step[item]?.toNumber());
        response['step'].push(agent.steps++);
      } catch (fault) {
        response['failures'].push({ item, status: toStatus(fault as Fault) });
        response['step'].push(0);
      }
    });
    return response;
  }

  #reward({ rewardIds }: HostedAgent, { rewardId }: Message): string {
    if (rewardId && rewardIds.has(rewardId)) return 'DUPLICATE';
    rewardIds.add(rewardId);
    return 'APPLIED';
  }
}
