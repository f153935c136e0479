// SPDX-License-Identifier: Apache-2.0
//
// Plays the table through the TypeScript library: driver.js CASES TARGET [--skip=TAG,...].
//
// What the library keeps to itself, as the ids of its calls, goes through its methods of the contract.
import { readFileSync } from 'node:fs';
import { Client as Channel, credentials } from '@grpc/grpc-js';
import * as phasic from 'phasic';
import { Agent } from '../../../client/typescript/src/agent.js';
import { batchResult } from '../../../client/typescript/src/batch.js';
import { fromStatus } from '../../../client/typescript/src/errors.js';
import type { Agent__Output } from '../../../client/typescript/src/generated/phasic/v1/Agent.js';
import type { InteractResponse__Output } from '../../../client/typescript/src/generated/phasic/v1/InteractResponse.js';
import { toClone, toCreate, toImport, toUpdate } from '../../../client/typescript/src/requests.js';
import { Ports, StepResult, stepRequest, toDisposition } from '../../../client/typescript/src/step.js';
import { upload } from '../../../client/typescript/src/transfer.js';
import {
  dtypeOf,
  eventOf,
  fromBatch,
  fromCircuit,
  fromError,
  fromPort,
  fromResult,
  fromSnapshot,
  numbers,
  observationOf,
  rewardOf,
  snake,
  stepOptions,
  toBatch,
  toBatchRequest,
  toPart,
  toSpace,
  type Args,
} from './forms.js';
import { run, type Arguments, type Json } from './table.js';

const { methods } = phasic;
const LIBRARY_CREATES = ['agent', 'preset', 'circuit', 'parameters', 'spaces', 'seed', 'labels', 'mode', 'durability', 'live_parameters'];
const LIBRARY_STEPS = ['agent', 'observation', 'inputs', 'reward', 'end', 'greedy', 'ticks', 'mask', 'masks', 'report', 'record', 'taken_action'];
const LIBRARY_BATCHES = ['uids', 'observations', 'form', 'rewards', 'has_reward', 'ends', 'steps', 'greedy', 'ticks', 'allowed', 'run_id'];

function hasOnly(args: Arguments, keys: string[]): boolean {
  return Object.keys(args).every((key) => keys.includes(key));
}

async function wholeOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Performs the table's calls: a method for each `op`. */
class Driver {
  readonly #client: phasic.Client;
  /** Streams as the table has them, whose ids may come twice. */
  readonly #channel: Channel;
  readonly #agents = new Map<string, phasic.Agent>();
  #prefix = '';

  constructor(client: phasic.Client) {
    this.#client = client;
    this.#channel = new Channel(client.target, credentials.createInsecure());
  }

  close(): void {
    this.#channel.close();
  }

  async perform(op: string, args: Arguments, prefix: string): Promise<{ kind: 'reply' | 'error'; answer: Json }> {
    this.#prefix = prefix;
    try {
      const work = (this as unknown as Record<string, (args: Args) => Promise<Json>>)[op];
      if (!work) throw new Error(`there is no op ${op}`);
      return { kind: 'reply', answer: await work.call(this, args) };
    } catch (error) {
      if (error instanceof phasic.PhasicError) return { kind: 'error', answer: fromError(error) };
      throw error;
    }
  }

  // Names. An agent of the table has the case's prefix at the server.

  #name({ name, agent }: Args): string {
    return name ?? `agents/${this.#prefix}${agent}`;
  }

  /** The library's handle, as it was left; a fresh one when the step index may be another's doing. */
  async #handle(args: Args): Promise<phasic.Agent> {
    const name = this.#name(args);
    const agent = this.#agents.get(name) ?? (await this.#client.getAgent(name));
    this.#agents.set(name, agent);
    return agent;
  }

  #fromMessage(message: Agent__Output): Json {
    return this.#fromAgent(new Agent(this.#client, message));
  }

  #fromAgent(agent: phasic.Agent, digest = 0n): Json {
    const { lastActive: _, ...stats } = agent.stats;
    return {
      agent: agent.id.startsWith(this.#prefix) ? agent.id.slice(this.#prefix.length) : agent.id,
      name: agent.name,
      uid: String(agent.uid),
      incarnation: String(agent.incarnation),
      etag: agent.etag,
      labels: agent.labels,
      mode: agent.mode,
      durability: agent.durability ?? '',
      numerics: agent.numerics,
      seed: String(agent.seed),
      preset: agent.preset,
      parameters: agent.parameters as Json,
      live_parameters: agent.liveParameters,
      size: snake({ ...agent.size }),
      ports: agent.ports.map(fromPort),
      channels: agent.channels.map((channel) => ({ ...channel })),
      stats: snake({ ...stats, meanReturn: stats.meanReturn ?? null }),
      digest: String(digest),
    };
  }

  // Agents.

  #spec({ agent, id, preset, circuit, spaces, seed, live_parameters, ...rest }: Args): phasic.AgentSpec {
    const { parameters, labels, mode, durability } = rest;
    return {
      source: preset ?? circuit ?? '',
      agentId: agent === undefined ? id : `${this.#prefix}${agent}`,
      parameters,
      spaces: spaces && Object.fromEntries(Object.entries(spaces).map(([port, space]) => [port, toSpace(space)])),
      seed: seed && BigInt(seed),
      labels,
      mode,
      durability,
      liveParameters: live_parameters,
    };
  }

  #createRequest(args: Args) {
    const request = toCreate(this.#spec(args));
    if (!args.preset && !args.circuit) delete request.agent!.preset;
    return { ...request, parent: args.parent, requestId: args.request_id, validateOnly: args.validate_only };
  }

  async create(args: Args): Promise<Json> {
    if (hasOnly(args, LIBRARY_CREATES) && (args.preset || args.circuit)) {
      const { source, ...options } = this.#spec(args);
      return this.#fromAgent(await this.#client.createAgent(source, options));
    }
    return this.#fromMessage(await this.#client.call(methods.CreateAgent, this.#createRequest(args)));
  }

  async batch_create({ requests }: Args): Promise<Json> {
    if (requests.every((request: Args) => hasOnly(request, LIBRARY_CREATES))) {
      const made = await this.#client.batchCreateAgents(requests.map((request: Args) => this.#spec(request)));
      return { agents: made.map((agent) => this.#fromAgent(agent)) };
    }
    const request = { requests: requests.map((one: Args) => this.#createRequest(one)) };
    const { agents } = await this.#client.call(methods.BatchCreateAgents, request);
    return { agents: agents.map((message) => this.#fromMessage(message)) };
  }

  async get(args: Args): Promise<Json> {
    const agent = await this.#client.getAgent(this.#name(args));
    return this.#fromAgent(agent, args.view === 'full' ? await agent.digest() : 0n);
  }

  async list(args: Args): Promise<Json> {
    if (hasOnly(args, ['filter'])) {
      const agents = [];
      for await (const agent of this.#client.listAgents(args.filter)) agents.push(this.#fromAgent(agent));
      return { agents, next_page_token: '' };
    }
    const request = { filter: args.filter, pageSize: args.page_size, pageToken: args.page_token };
    const page = await this.#client.call(methods.ListAgents, request);
    return { agents: page.agents.map((message) => this.#fromMessage(message)), next_page_token: page.nextPageToken };
  }

  async update({ mode, labels, live_parameters: liveParameters, etag, paths, ...named }: Args): Promise<Json> {
    const changes = { mode, labels, liveParameters, etag };
    if (!paths) return this.#fromAgent(await (await this.#handle(named)).update(changes));
    const request = { ...toUpdate(this.#name(named), changes), updateMask: { paths } };
    this.#agents.delete(this.#name(named));
    return this.#fromMessage(await this.#client.call(methods.UpdateAgent, request));
  }

  async delete(args: Args): Promise<Json> {
    await (await this.#handle(args)).delete({ etag: args.etag });
    this.#agents.delete(this.#name(args));
    return {};
  }

  async clone({ to, seed, labels, snapshot, request_id: requestId, ...named }: Args): Promise<Json> {
    const options = { agentId: `${this.#prefix}${to}`, seed: seed && BigInt(seed), labels, snapshot };
    if (requestId === undefined) return this.#fromAgent(await (await this.#handle(named)).clone(options));
    const request = { ...toClone(this.#name(named), options), requestId };
    return this.#fromMessage(await this.#client.call(methods.CloneAgent, request));
  }

  // States as a whole.

  async write_state({ writes, step, etag, ...named }: Args): Promise<Json> {
    const parts = writes.map(toPart);
    if (parts.length && !parts.includes(undefined) && new Set(parts).size === parts.length) {
      const values = writes.map(({ fill, values }: Args, i: number) => [parts[i], numbers(fill ?? values)]);
      const agent = await this.#handle(named);
      return { digest: String(await agent.writeState(Object.fromEntries(values), { step, etag })) };
    }
    const sent = writes.map(({ fill, values, ...rest }: Args) => ({ ...rest, fill: numbers(fill), values: numbers(values) }));
    const { digest } = await this.#client.call(methods.WriteState, { name: this.#name(named), writes: sent, step, etag });
    return { digest: digest.toString() };
  }

  async create_snapshot({ snapshot: snapshotId, note, ...named }: Args): Promise<Json> {
    return fromSnapshot(await (await this.#handle(named)).snapshot({ snapshotId, note }));
  }

  async get_snapshot({ snapshot, ...named }: Args): Promise<Json> {
    return fromSnapshot(await (await this.#handle(named)).getSnapshot(snapshot));
  }

  async list_snapshots(args: Args): Promise<Json> {
    return { snapshots: (await (await this.#handle(args)).listSnapshots()).map(fromSnapshot) };
  }

  async delete_snapshot({ snapshot, ...named }: Args): Promise<Json> {
    await (await this.#handle(named)).deleteSnapshot(snapshot);
    return {};
  }

  async restore_snapshot({ snapshot, etag, ...named }: Args): Promise<Json> {
    return this.#fromAgent(await (await this.#handle(named)).restore(snapshot, { etag }));
  }

  async export({ snapshot, ...named }: Args): Promise<Json> {
    const file = await wholeOf((await this.#handle(named)).export({ snapshot }));
    return { file: file.toString('base64') };
  }

  async import({ to, file, durability, request_id: requestId }: Args): Promise<Json> {
    const options = { agentId: `${this.#prefix}${to}`, durability };
    const bytes = Buffer.from(file, 'base64');
    if (requestId === undefined) return this.#fromAgent(await this.#client.importAgent(bytes, options));
    const first = { ...toImport(options), requestId };
    return this.#fromMessage(await upload(this.#channel, methods.ImportAgent, first, bytes, Infinity));
  }

  async backup(): Promise<Json> {
    return { bytes: (await wholeOf(this.#client.backup())).length };
  }

  async check_store(): Promise<Json> {
    return { ...(await this.#client.checkStore()) };
  }

  // The loop.

  /** The agent's ports; none of an agent that there is not, for it is the call that has to fail. */
  async #ports(args: Args): Promise<Ports> {
    try {
      return (await this.#handle(args)).portSet;
    } catch (error) {
      if (error instanceof phasic.NotFound) return new Ports({ ports: [] });
      throw error;
    }
  }

  #stepRequest(args: Args, ports: Ports) {
    const request = stepRequest(ports, observationOf(args), numbers(args.reward), stepOptions(args));
    const rewards = [...(request.rewards ?? []), ...(args.rewards ?? []).map(rewardOf)];
    const { step, request_id: requestId, run_id: runId } = args;
    return { ...request, rewards, name: this.#name(args), step, requestId, runId };
  }

  async step(args: Args): Promise<Json> {
    const ports = await this.#ports(args);
    if (ports.all.length && hasOnly(args, LIBRARY_STEPS)) {
      const agent = await this.#handle(args);
      return fromResult(await agent.step(observationOf(args), numbers(args.reward), stepOptions(args)), ports);
    }
    this.#agents.delete(this.#name(args));
    const response = await this.#client.call(methods.Step, this.#stepRequest(args, ports));
    return fromResult(new StepResult(response, ports), ports);
  }

  async reward(args: Args): Promise<Json> {
    const [{ value, values, channel, reward_id: rewardId, ...time } = {} as Args] = args.rewards;
    if (args.rewards.length === 1 && (value === undefined) !== (values === undefined)) {
      const agent = await this.#handle(args);
      return { dispositions: [await agent.reward(numbers(value ?? values), channel, rewardId, eventOf(time))] };
    }
    const request = { name: this.#name(args), rewards: args.rewards.map(rewardOf) };
    const { dispositions } = await this.#client.call(methods.Reward, request);
    return { dispositions: dispositions.map(toDisposition) };
  }

  async reset(args: Args): Promise<Json> {
    if (args.step === undefined) return { episode: await (await this.#handle(args)).resetEpisode() };
    const { episode } = await this.#client.call(methods.ResetEpisode, { name: this.#name(args), step: args.step });
    return { episode: episode.toNumber() };
  }

  // Many at once.

  async batch(args: Args): Promise<Json> {
    this.#agents.clear();
    if (hasOnly(args, LIBRARY_BATCHES) && args.form === 'bytes' && !args.has_reward) {
      return fromBatch(await this.#client.stepBatch(toBatch(args)), 'bytes');
    }
    const response = await this.#client.call(methods.BatchStep, toBatchRequest(args));
    return fromBatch(batchResult(response, 'BatchStep'), response.actionBytes.length ? 'bytes' : 'floats');
  }

  async stream({ items }: Args): Promise<Json> {
    const ports = new Map<number, Ports>();
    const requests = [];
    for (const { id, times = 1, step, batch } of items) {
      if (step) ports.set(id, await this.#ports(step));
      const request = step
        ? { id, step: this.#stepRequest(step, ports.get(id)!) }
        : { id, batchStep: toBatchRequest(batch) };
      requests.push(...Array(times).fill(request));
    }
    this.#agents.clear();
    const { path, requestSerialize, responseDeserialize } = methods.Interact;
    const call = this.#channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    for (const request of requests) call.write(request);
    call.end();
    const responses: Json[] = [];
    for await (const response of call) responses.push(this.#fromItem(response as InteractResponse__Output, ports));
    return { responses };
  }

  #fromItem({ id: long, step, batchStep, error }: InteractResponse__Output, ports: Map<number, Ports>): Json {
    const id = long.toNumber();
    if (error) return { id, error: fromError(fromStatus(error, 'Interact')) };
    if (step) return { id, step: fromResult(new StepResult(step, ports.get(id)!), ports.get(id)!) };
    return { id, batch: fromBatch(batchResult(batchStep!, 'Interact'), batchStep!.actionBytes.length ? 'bytes' : 'floats') };
  }

  // Looking.

  async inspect({ component, variable, offset, count, summary_only: summaryOnly, ...named }: Args): Promise<Json> {
    const agent = await this.#handle(named);
    const found = await agent.inspect({ component, variable, offset, count, summaryOnly });
    const entries = Object.entries(found).map(([name, { life, unit, shape, step, offset, data, summary }]) => {
      const values = Array.from(data ?? [], Number);
      return [name, { life, unit, shape, step, offset, dtype: dtypeOf(data), values, summary: { ...summary } }];
    });
    return { variables: Object.fromEntries(entries) };
  }

  async validate(args: Args): Promise<Json> {
    const { source, parameters, spaces } = this.#spec(args);
    if (!source) await this.#client.call(methods.ValidateCircuit, {});
    const { violations, size, ports } = await this.#client.validateCircuit(source, { parameters, spaces });
    return {
      violations: violations.map(({ field }) => field),
      size: size ? snake({ ...size }) : null,
      ports: ports.map(fromPort),
    };
  }

  async circuits(): Promise<Json> {
    return { circuits: (await this.#client.listCircuits()).map(fromCircuit) };
  }

  async circuit({ circuit }: Args): Promise<Json> {
    return fromCircuit(await this.#client.getCircuit(circuit));
  }

  async components({ kind }: Args): Promise<Json> {
    const components = await this.#client.listComponents(kind);
    return { components: components.map(({ kind, name }) => ({ kind, name })) };
  }

  async info(): Promise<Json> {
    const { limits, load, ...info } = await this.#client.serverInfo();
    return { ...(snake(info) as Arguments), limits: snake(limits), load: snake(load) };
  }
}

const [cases, target, ...flags] = process.argv.slice(2);
const skip = flags.flatMap((flag) => (flag.startsWith('--skip=') ? flag.slice(7).split(',') : []));
const client = await phasic.connect(target);
const driver = new Driver(client);
const table = JSON.parse(readFileSync(cases!, 'utf8'));
const failed = await run(table.cases, (op, args, prefix) => driver.perform(op, args, prefix), skip);
driver.close();
client.close();
process.exitCode = failed ? 1 : 0;
