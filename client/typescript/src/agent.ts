// SPDX-License-Identifier: Apache-2.0
//
// Agents: step them, reward them, look into them.
import { uniqueId } from './call.js';
import type { Client } from './client.js';
import { methods, toBigInt } from './contract.js';
import { PhasicError, StepMismatch } from './errors.js';
import { AgentFacts } from './facts.js';
import type { Agent__Output } from './generated/phasic/v1/Agent.js';
import type { StepRequest } from './generated/phasic/v1/StepRequest.js';
import type { StepResponse__Output } from './generated/phasic/v1/StepResponse.js';
import { assemble, type InspectOptions, type Variable } from './inspect.js';
import type { Changes, CloneOptions } from './requests.js';
import {
  snapshotId,
  snapshotName,
  toSnapshot,
  toWrite,
  type Snapshot,
  type SnapshotOptions,
  type SnapshotRef,
  type WriteOptions,
} from './state.js';
import {
  StepResult,
  stepRequest,
  toDisposition,
  toReward,
  type Disposition,
  type End,
  type Event,
  type Observation,
  type StepOptions,
} from './step.js';
import type { Numbers } from './tensor.js';
import type { TransferOptions } from './transfer.js';
import { toGlimpse, watchRequest, type Glimpse, type WatchOptions } from './watch.js';

/**
 * A hosted agent, from `Client.createAgent`, `Client.getAgent`, `Client.importAgent` or `Agent.clone`.
 *
 * The handle counts the agent's steps, and sends with each step the index that it should have and an id of the call. So
 * a call that got no answer is tried again and nothing is learned twice; and when another client steps the same agent,
 * the next step fails with StepMismatch instead of mixing two episodes. If `step` fails for want of an answer
 * (Unavailable, DeadlineExceeded), calling it again with the same arguments is safe too.
 *
 * Steps asked for before an earlier one has its answer wait for it, in order. To send them at once, use a Stream.
 */
export class Agent extends AgentFacts {
  /** Sent with each step: names the run of the environment. A new one, while an episode is open, first resets it. */
  runId = '';

  readonly #client: Client;
  readonly #idPrefix = uniqueId();
  #ids = 0;
  #nextStep = 0;
  /** Counts how often `#nextStep` was set back. */
  #era = 0;
  /** Whether a step was done since the index was read. */
  #begun = false;
  /** A step that may have been done. */
  #unanswered?: { requestId: string; bytes: Buffer };
  #turn: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(client: Client, message: Agent__Output) {
    super(message);
    this.#client = client;
    this.#adopt(message);
  }

  /** Takes this as the agent's present state, its step index included. */
  #adopt(message: Agent__Output): void {
    this.message = message;
    this.#nextStep = this.stats.steps;
    this.#era++;
    this.#begun = false;
    this.#unanswered = undefined;
  }

  /** The index that the next step will have, as this handle knows it. */
  get nextStep(): number {
    return this.#nextStep;
  }

  /**
   * @internal Takes the next index for a step that is sent before earlier ones have their answers. Given back when the
   * step was not done: then none was that was claimed after it, and they need not give back theirs.
   */
  claimStep(): { step: number; giveBack: () => void } {
    const step = this.#nextStep++;
    const era = this.#era;
    this.#begun = true;
    const giveBack = () => {
      if (era !== this.#era) return;
      this.#nextStep = step;
      this.#era++;
    };
    return { step, giveBack };
  }

  // The loop.

  /**
   * Delivers a reward, shows an observation, lets time pass, gets an action: one turn of the loop.
   *
   * @param observation may be left out when the episode is terminated.
   * @param reward what the last action earned, for the circuit's first channel.
   * @throws StepMismatch: another client steps this agent. Nothing was done.
   * @throws InvalidArgument: an observation outside its space and the like. Nothing was done.
   * @throws PhasicError: any other. Nothing was done, except perhaps with Unavailable and DeadlineExceeded.
   */
  async step(
    observation?: Observation | null,
    reward?: number | null,
    options: StepOptions = {},
  ): Promise<StepResult> {
    const request = { ...stepRequest(this.portSet, observation, reward, options), name: this.name, runId: this.runId };
    const response = await this.#inTurn(() => this.#step(request, options.timeoutMs));
    return new StepResult(response, this.portSet);
  }

  /**
   * A step that ends the episode, with the reward of the last action: terminated when there is no observation, truncated
   * when there is one, unless said otherwise.
   */
  endEpisode(
    observation?: Observation | null,
    reward?: number | null,
    options: StepOptions = {},
  ): Promise<StepResult> {
    const end: End = observation === undefined || observation === null ? 'terminated' : 'truncated';
    return this.step(observation, reward, { end, ...options });
  }

  /**
   * Ends the episode as truncated, without a last observation; returns the index of the episode that begins. Clears
   * potentials, activity and traces; never weights, baselines or the step count. May be repeated: before an episode's
   * first step there is none to end.
   */
  resetEpisode(): Promise<number> {
    return this.#inTurn(async () => {
      const request = { name: this.name, step: this.#nextStep };
      try {
        const { episode } = await this.#client.call(methods.ResetEpisode, request, { safe: true });
        return episode.toNumber();
      } catch (error) {
        throw withBelieved(error, this.#nextStep);
      }
    });
  }

  /**
   * Delivers a reward by itself, at any time. It meets the eligibility traces as they are; or, of a circuit with a
   * reward window, as they were after the step that it is for.
   *
   * @param value a number, or one for each element of the channel.
   * @param channel the modulator's name; empty: the circuit's first.
   * @param rewardId a reward whose id the agent knows already is not delivered again.
   * @param event what it is for: `StepResult.event`, or a step's index; none: now.
   * @returns "duplicate" also when an earlier try of this very call had arrived; "expired" and "unknown_event" were not
   *   delivered.
   */
  async reward(value: Numbers, channel = '', rewardId = uniqueId(), event?: Event | number): Promise<Disposition> {
    const request = { name: this.name, rewards: [toReward(value, channel, rewardId, event)] };
    const { dispositions } = await this.#client.call(methods.Reward, request, { safe: true });
    return toDisposition(dispositions[0] ?? 'DISPOSITION_UNSPECIFIED');
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const earlier = this.#turn;
    let done = () => {};
    this.#turn = new Promise((resolve) => (done = resolve));
    await earlier;
    try {
      return await work();
    } finally {
      done();
    }
  }

  async #step(filled: StepRequest, timeoutMs?: number): Promise<StepResponse__Output> {
    const hadUnanswered = this.#unanswered !== undefined;
    const request = this.#identify({ ...filled, step: this.#nextStep });
    const once = () => this.#client.call(methods.Step, request, { safe: true, timeoutMs });
    try {
      const response = await once().catch((error: unknown) => {
        // Nothing was done. Taking over the index mixes no episodes only if this handle has none of its own.
        const mayTakeOver = error instanceof StepMismatch && error.tries === 1 && !this.#begun && !hadUnanswered;
        if (!mayTakeOver || error.actual === undefined) throw error;
        request.step = error.actual;
        return once();
      });
      this.#unanswered = undefined;
      this.#nextStep = response.step.toNumber() + 1;
      this.#begun = true;
      return response;
    } catch (error) {
      if (error instanceof PhasicError && error.isAmbiguous) {
        this.#unanswered = { requestId: String(request.requestId), bytes: methods.Step.requestSerialize(request) };
      }
      throw withBelieved(error, Number(request.step));
    }
  }

  /** Gives the request its id: that of an unanswered step if it is the same step again, else a new one. */
  #identify(request: StepRequest): StepRequest {
    if (this.#unanswered) {
      const again = { ...request, requestId: this.#unanswered.requestId };
      if (methods.Step.requestSerialize(again).equals(this.#unanswered.bytes)) return again;
    }
    return { ...request, requestId: `${this.#idPrefix}-${(this.#ids++).toString(16)}` };
  }

  // Looking.

  /** Reads the agent anew, and takes over its step index. */
  refresh(): Promise<this> {
    return this.#inTurn(async () => {
      this.#adopt(await this.#client.call(methods.GetAgent, { name: this.name }, { safe: true }));
      return this;
    });
  }

  /** A hash of every bit of state: agents of one circuit with equal digests act and learn alike from here on. */
  async digest(): Promise<bigint> {
    const { digest } = await this.#client.call(methods.GetAgent, { name: this.name, view: 'FULL' }, { safe: true });
    return toBigInt(digest);
  }

  /** Weights, traces, activity, modulators, by "component.variable". Looking changes nothing. */
  async inspect(options: InspectOptions = {}): Promise<Record<string, Variable>> {
    const parts = await this.#client.callStreaming(methods.Inspect, { ...options, name: this.name });
    return assemble(parts, options.summaryOnly ?? false);
  }

  /**
   * What it does, as it does it: a first glimpse at once, then one whenever something has happened. Ends when the loop
   * over it does. Changes nothing.
   *
   * @throws NotFound: the agent has ended.
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<Glimpse, void, undefined> {
    const request = { ...watchRequest(options), name: this.name };
    for await (const message of this.#client.follow(methods.Watch, request)) yield toGlimpse(message);
  }

  // Changing.

  /** Changes mode, labels and live parameters, without a reset. */
  async update(changes: Changes): Promise<this> {
    this.message = (await this.#client.updateAgent(this.name, changes)).message;
    return this;
  }

  /** Acts on, learns nothing. */
  freeze(): Promise<this> {
    return this.update({ mode: 'frozen' });
  }

  /** Learns again. */
  learn(): Promise<this> {
    return this.update({ mode: 'learning' });
  }

  /**
   * Sets weights and other state, all or none; returns the digest of the state that it gives.
   *
   * @param values numbers, or one for all elements, by "component.variable". "[5]", "[100:200]" or "[100:]" after it are
   *     some of its elements, in row-major order as those of the arrays.
   */
  async writeState(values: Record<string, Numbers>, { step, etag }: WriteOptions = {}): Promise<bigint> {
    const writes = Object.entries(values).map(([part, numbers]) => toWrite(part, numbers));
    const safe = step !== undefined && !etag;
    try {
      const { digest } = await this.#client.call(methods.WriteState, { name: this.name, writes, step, etag }, { safe });
      return toBigInt(digest);
    } catch (error) {
      throw step === undefined ? error : withBelieved(error, step);
    }
  }

  // Snapshots.

  /**
   * Stores the state as it is, for `restore` and `clone`.
   *
   * @throws FailedPrecondition: the server keeps nothing, or the agent is ephemeral.
   * @throws AlreadyExists: the id is taken.
   */
  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    const request = { ...options, parent: this.name, requestId: uniqueId() };
    return toSnapshot(await this.#client.call(methods.CreateSnapshot, request, { safe: true }));
  }

  /** The agent's snapshots, by id. */
  async listSnapshots(): Promise<Snapshot[]> {
    const found: Snapshot[] = [];
    let pageToken = '';
    do {
      const request = { parent: this.name, pageToken };
      const page = await this.#client.call(methods.ListSnapshots, request, { safe: true });
      found.push(...page.snapshots.map(toSnapshot));
      pageToken = page.nextPageToken;
    } while (pageToken);
    return found;
  }

  /** @throws NotFound: there is none of this id. */
  async getSnapshot(id: string): Promise<Snapshot> {
    const request = { name: snapshotName(this.name, id) };
    return toSnapshot(await this.#client.call(methods.GetSnapshot, request, { safe: true }));
  }

  /** Deletes a snapshot for good. Not repeated by itself. */
  async deleteSnapshot(snapshot: SnapshotRef): Promise<void> {
    await this.#client.call(methods.DeleteSnapshot, { name: snapshotName(this.name, snapshot) });
  }

  /** Goes on from the snapshot with every bit of it; what came after it is lost. Not repeated by itself. */
  restore(snapshot: SnapshotRef, { etag }: { etag?: string } = {}): Promise<this> {
    return this.#inTurn(async () => {
      this.#adopt(await this.#client.call(methods.RestoreSnapshot, { name: snapshotName(this.name, snapshot), etag }));
      return this;
    });
  }

  /** The whole agent as a file for `Client.importAgent` and `saveFile`: safetensors. */
  export(options: { snapshot?: SnapshotRef } & TransferOptions = {}): AsyncGenerator<Buffer, void, undefined> {
    const snapshot = options.snapshot && snapshotId(options.snapshot);
    return this.#client.download(methods.ExportAgent, { name: this.name, snapshot }, options);
  }

  /** A fork with every bit of state. Without a seed of its own it explores exactly as this one would. */
  clone(options: CloneOptions = {}): Promise<Agent> {
    return this.#client.cloneAgent(this.name, options);
  }

  /** Ends the agent and its state for good. Not repeated by itself. */
  delete(options: { etag?: string } = {}): Promise<void> {
    return this.#client.deleteAgent(this.name, options);
  }
}

function withBelieved(error: unknown, step: number): unknown {
  if (error instanceof StepMismatch) error.believed = step;
  return error;
}
