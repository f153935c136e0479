// SPDX-License-Identifier: Apache-2.0
//
// The connection to a server.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as Channel, credentials } from '@grpc/grpc-js';
import { Agent } from './agent.js';
import { batchRequest, batchResult, type Batch, type BatchResult } from './batch.js';
import {
  callStreaming,
  callUnary,
  DEFAULT_RETRY,
  follow,
  uniqueId,
  withRetry,
  type Method,
  type Retry,
} from './call.js';
import { methods } from './contract.js';
import { AlreadyExists, Unavailable } from './errors.js';
import {
  toCircuit,
  toComponent,
  toServerInfo,
  toStoreCheck,
  toValidation,
  type Circuit,
  type Component,
  type Kind,
  type ServerInfo,
  type StoreCheck,
  type Validation,
} from './info.js';
import {
  toClone,
  toCreate,
  toImport,
  toName,
  toSource,
  toUpdate,
  type AgentSpec,
  type Changes,
  type CloneOptions,
  type CreateOptions,
  type ImportOptions,
  type Overrides,
  type Source,
} from './requests.js';
import { Stream } from './stream.js';
import { upload, type Bytes, type TransferOptions } from './transfer.js';

export const DEFAULT_PORT = 50051;
export const DEFAULT_TARGET = `127.0.0.1:${DEFAULT_PORT}`;

const MAX_MESSAGE_BYTES = 16 << 20;
const PAGE_SIZE = 200;

export interface ConnectOptions {
  /** Milliseconds for each try of a call, unless the call says otherwise; 15,000 by default. */
  timeoutMs?: number;
  /** How often and how long calls that can be repeated safely are tried again. */
  retry?: Partial<Retry>;
  /** Milliseconds to wait for a server that is not there yet; 0 by default. */
  waitMs?: number;
}

export interface CallOptions {
  /** Whether doing the same request again does nothing twice. Only then is it tried again. */
  safe?: boolean;
  /** Milliseconds for each try, instead of the client's own. */
  timeoutMs?: number;
}

/**
 * Connects to a server.
 *
 * @param target "host:port", "host" (port 50051) or "unix:/path"; absent: what the environment's PHASIC_SERVER says, else
 *     127.0.0.1:50051.
 * @throws Unavailable: no phasic server answers there.
 */
export async function connect(target?: string, options: ConnectOptions = {}): Promise<Client> {
  const client = new Client(target || process.env['PHASIC_SERVER'] || DEFAULT_TARGET, options);
  const stop = Date.now() + (options.waitMs ?? 0);
  for (;;) {
    try {
      await client.call(methods.GetServerInfo, {});
      return client;
    } catch (error) {
      if (error instanceof Unavailable && Date.now() < stop) {
        await sleep(50);
        continue;
      }
      client.close();
      if (!(error instanceof Unavailable)) throw error;
      const text = `no phasic server answers at ${client.target}; \`phasicd\` starts one (${error.details})`;
      throw new Unavailable('UNAVAILABLE', text, '', { reason: error.reason });
    }
  }
}

/** A connection, from `connect`. Any number of calls may be under way at once. */
export class Client {
  readonly target: string;
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #retry: Retry;

  /** @internal */
  constructor(target: string, { timeoutMs = 15_000, retry }: ConnectOptions) {
    this.target = /[:/]/.test(target) ? target : `${target}:${DEFAULT_PORT}`;
    this.#timeoutMs = timeoutMs;
    this.#retry = { ...DEFAULT_RETRY, ...retry };
    this.#channel = new Channel(this.target, credentials.createInsecure(), {
      'grpc.enable_retries': 0, // Only this client knows what may be repeated.
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2000,
      // The environment's http_proxy is for the web; it would swallow calls to this machine.
      'grpc.enable_http_proxy': 0,
    });
  }

  /** Ends the connection. The agents live on. */
  close(): void {
    this.#channel.close();
  }

  // Agents.

  /**
   * Makes an agent.
   *
   * @throws AlreadyExists: the id is taken.
   * @throws InvalidArgument: see `violations` for each faulty field.
   */
  async createAgent(source: Source, options: CreateOptions & { existOk?: boolean } = {}): Promise<Agent> {
    const { existOk, ...rest } = options;
    try {
      return new Agent(this, await this.call(methods.CreateAgent, toCreate({ ...rest, source }), { safe: true }));
    } catch (error) {
      if (!(error instanceof AlreadyExists && existOk && options.agentId)) throw error;
      const agent = await this.getAgent(options.agentId);
      if (agent.preset !== (typeof source === 'string' ? source : '')) throw error;
      return agent;
    }
  }

  /** Makes several agents: all, or none. An error's violations name the agent that each is about: "requests[3].agent". */
  async batchCreateAgents(specs: readonly AgentSpec[]): Promise<Agent[]> {
    const request = { requests: specs.map(toCreate) };
    const { agents } = await this.call(methods.BatchCreateAgents, request, { safe: true });
    return agents.map((message) => new Agent(this, message));
  }

  /**
   * The agent of this id or name.
   *
   * @throws NotFound: there is none.
   */
  async getAgent(id: string): Promise<Agent> {
    return new Agent(this, await this.call(methods.GetAgent, { name: toName(id) }, { safe: true }));
  }

  /** All agents by id, or those whose labels pass: `labels.env = "cartpole" AND labels.owner = "ada"`. */
  async *listAgents(filter = ''): AsyncGenerator<Agent, void, undefined> {
    let pageToken = '';
    do {
      const request = { pageSize: PAGE_SIZE, pageToken, filter };
      const page = await this.call(methods.ListAgents, request, { safe: true });
      for (const message of page.agents) yield new Agent(this, message);
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  /** Changes an agent's mode, labels and live parameters, without a reset. Repeated by itself unless an etag is given. */
  async updateAgent(id: string, changes: Changes): Promise<Agent> {
    return new Agent(this, await this.call(methods.UpdateAgent, toUpdate(id, changes), { safe: !changes.etag }));
  }

  /** Ends an agent and its state for good. Not repeated by itself. */
  async deleteAgent(id: string, { etag }: { etag?: string } = {}): Promise<void> {
    await this.call(methods.DeleteAgent, { name: toName(id), etag });
  }

  /** A fork with every bit of state. Without a seed of its own it explores exactly as its original would. */
  async cloneAgent(id: string, options: CloneOptions = {}): Promise<Agent> {
    return new Agent(this, await this.call(methods.CloneAgent, toClone(id, options), { safe: true }));
  }

  /**
   * Makes an agent from what `Agent.export` gave. Repeated by itself when all bytes are there at once.
   *
   * @throws AlreadyExists: the id is taken.
   * @throws InvalidArgument: it is no such file.
   */
  async importAgent(bytes: Bytes, { timeoutMs = Infinity, ...options }: ImportOptions & TransferOptions = {}): Promise<Agent> {
    const first = toImport(options);
    const attempt = () => upload(this.#channel, methods.ImportAgent, first, bytes, timeoutMs);
    return new Agent(this, await withRetry(attempt, this.#retryIf(bytes instanceof Uint8Array)));
  }

  // Many steps at once.

  /**
   * A step of many agents in one message. Items fail by themselves: see `failures`. Handles of these agents do not count
   * such steps; `Agent.refresh` takes over the index.
   */
  async stepBatch(batch: Batch, { timeoutMs }: { timeoutMs?: number } = {}): Promise<BatchResult> {
    const request = { ...batchRequest(batch), requestId: uniqueId() };
    return batchResult(await this.call(methods.BatchStep, request, { safe: true, timeoutMs }), 'BatchStep');
  }

  /**
   * Opens a stream of steps that do not wait for each other's answers.
   *
   * @param window items without an answer at most; 256, where the server stops reading, by default.
   */
  openStream({ window }: { window?: number } = {}): Stream {
    return new Stream(this.#channel, window);
  }

  // Circuits.

  /** The presets, without their specs and building blocks. */
  async listCircuits(): Promise<Circuit[]> {
    const found: Circuit[] = [];
    let pageToken = '';
    do {
      const page = await this.call(methods.ListCircuits, { pageSize: PAGE_SIZE, pageToken }, { safe: true });
      found.push(...page.circuits.map(toCircuit));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return found;
  }

  /** A preset with all that is known of it. */
  async getCircuit(name: string): Promise<Circuit> {
    const request = { name: name.includes('/') ? name : `circuits/${name}` };
    return toCircuit(await this.call(methods.GetCircuit, request, { safe: true }));
  }

  /** The building blocks: of one kind or all. */
  async listComponents(kind?: Kind): Promise<Component[]> {
    const request = { kind: kind && (kind.toUpperCase() as Uppercase<Kind>) };
    const { components } = await this.call(methods.ListComponents, request, { safe: true });
    return components.map(toComponent);
  }

  /** Every fault that `createAgent` would find in these, or the size and ports that the agent would have. */
  async validateCircuit(source: Source, overrides: Overrides = {}): Promise<Validation> {
    return toValidation(await this.call(methods.ValidateCircuit, toSource(source, overrides), { safe: true }));
  }

  // The server.

  /** Version, limits and load. */
  async serverInfo(): Promise<ServerInfo> {
    return toServerInfo(await this.call(methods.GetServerInfo, {}, { safe: true }));
  }

  /**
   * A copy of the server's store, as of one moment: a file that a server can be started on, for `saveFile`.
   *
   * @throws FailedPrecondition: the server keeps nothing.
   */
  backup(options: TransferOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    return this.download(methods.BackupStore, {}, options);
  }

  /** Has the server read its whole store and check every checksum and reference: all is well when there are no `faults`. */
  async checkStore({ timeoutMs = Infinity }: TransferOptions = {}): Promise<StoreCheck> {
    const attempt = () => callUnary(this.#channel, methods.CheckStore, {}, timeoutMs);
    return toStoreCheck(await withRetry(attempt, this.#retry));
  }

  // The contract itself.

  /** The answer of any of the contract's `methods`, in its own words. */
  call<Q, A>(method: Method<Q, A>, request: Q, { safe, timeoutMs }: CallOptions = {}): Promise<A> {
    const attempt = () => callUnary(this.#channel, method, request, timeoutMs ?? this.#timeoutMs);
    return withRetry(attempt, this.#retryIf(safe));
  }

  #retryIf(safe = false): Retry {
    return { ...this.#retry, ...(safe ? {} : { tries: 1 }) };
  }

  /** The answers of a method that gives many, as they come. Asked for when the first is wanted. */
  follow<Q, A>(
    method: Method<Q, A>,
    request: Q,
    { timeoutMs = Infinity }: TransferOptions = {},
  ): AsyncGenerator<A, void, undefined> {
    return follow(this.#channel, method, request, this.#retry, timeoutMs);
  }

  /** The bytes that a method gives, chunk by chunk, as `follow`. */
  async *download<Q>(
    method: Method<Q, { data: Buffer }>,
    request: Q,
    options: TransferOptions = {},
  ): AsyncGenerator<Buffer, void, undefined> {
    for await (const { data } of this.follow(method, request, options)) yield data;
  }

  /** All answers of a method that gives many and changes nothing. */
  callStreaming<Q, A>(method: Method<Q, A>, request: Q): Promise<A[]> {
    const attempt = () => callStreaming(this.#channel, method, request, this.#timeoutMs);
    return withRetry(attempt, this.#retry);
  }
}
