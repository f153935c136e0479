// SPDX-License-Identifier: Apache-2.0
//
// Steps one after the other without waiting for answers, over one stream.
import type { Client as Channel, ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { Agent } from './agent.js';
import { batchRequest, batchResult, type Batch, type BatchResult } from './batch.js';
import { methods } from './contract.js';
import { fromServiceError, fromStatus, StepMismatch, Unavailable, type PhasicError } from './errors.js';
import type { InteractRequest } from './generated/phasic/v1/InteractRequest.js';
import type { InteractResponse__Output } from './generated/phasic/v1/InteractResponse.js';
import { StepResult, stepRequest, type Observation, type StepOptions } from './step.js';

/** Items without an answer at which the server reads no further. */
const SERVER_WINDOW = 256;

interface Waiting {
  resolve: (response: InteractResponse__Output) => void;
  reject: (error: PhasicError) => void;
}

/**
 * A pipeline of steps, from `Client.openStream`.
 *
 *     const answers = [];
 *     for (const observation of observations) {
 *       await stream.ready();
 *       answers.push(stream.step(agent, observation));
 *     }
 *     for (const answer of answers) console.log((await answer).action);
 *     await stream.end();
 *
 * Each item has a promise, which settles when its own answer comes; answers about one agent come in the order of its
 * items. An item that fails rejects its promise, and the stream goes on: later steps of the same agent that were
 * sent already fail with StepMismatch, for they name their index, and nothing is done out of order.
 *
 * An item's failure that nobody awaits is not reported. When the stream itself breaks, all its items without an answer
 * fail with Unavailable or the like, and may have been done: `Agent.refresh` takes over the agent's index. Items are not
 * repeated by themselves.
 */
export class Stream {
  readonly #call: ClientDuplexStream<InteractRequest, InteractResponse__Output>;
  readonly #window: number;
  readonly #ended: Promise<void>;
  readonly #unanswered = new Map<number, Waiting>();
  /** Items of `#unanswered` that wait for room. */
  readonly #queue: InteractRequest[] = [];
  #lastId = 0;
  #isClosing = false;
  #broken?: PhasicError;
  #wakeUp: (() => void)[] = [];

  /** @internal */
  constructor(channel: Channel, window = SERVER_WINDOW) {
    const { path, requestSerialize, responseDeserialize } = methods.Interact;
    this.#call = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    this.#window = window;
    this.#ended = new Promise((resolve, reject) => {
      this.#call.on('data', (response: InteractResponse__Output) => this.#settle(response));
      this.#call.on('drain', () => this.#pump());
      this.#call.on('error', (error: ServiceError) => reject(fromServiceError(error, 'Interact')));
      this.#call.on('end', () => resolve());
    });
    this.#ended
      .then(() => this.#break(new Unavailable('UNAVAILABLE', 'the stream has ended', 'Interact')))
      .catch((error: PhasicError) => this.#break(error));
  }

  /** Items without an answer, those that wait to be sent included. */
  get pending(): number {
    return this.#unanswered.size;
  }

  /**
   * Waits until an item would be sent at once. Whoever sends without it is not held back: items queue up here.
   *
   * @throws PhasicError: the stream is broken.
   */
  async ready(): Promise<void> {
    while (!this.#broken && this.pending >= this.#window) {
      await new Promise<void>((resolve) => this.#wakeUp.push(resolve));
    }
    if (this.#broken) throw this.#broken;
  }

  /** As `Agent.step`, with the index that follows those of the agent's steps that have no answer yet. */
  step(
    agent: Agent,
    observation?: Observation | null,
    reward?: number | null,
    options: Omit<StepOptions, 'timeoutMs'> = {},
  ): Promise<StepResult> {
    const request = stepRequest(agent.portSet, observation, reward, options);
    const { step, giveBack } = agent.claimStep();
    const answer = this.#send({ step: { ...request, name: agent.name, runId: agent.runId, step } });
    return unobserved(
      answer.then(
        (response) => new StepResult(response.step!, agent.portSet),
        (error: PhasicError) => {
          if (error instanceof StepMismatch) error.believed = step;
          giveBack();
          throw error;
        },
      ),
    );
  }

  /** As `Client.stepBatch`. */
  stepBatch(batch: Batch): Promise<BatchResult> {
    const answer = this.#send({ batchStep: batchRequest(batch) });
    return unobserved(answer.then((response) => batchResult(response.batchStep!, 'Interact')));
  }

  /**
   * Says that all is said, and waits for the answers that are missing.
   *
   * @throws PhasicError: the stream broke before they came.
   */
  async end(): Promise<void> {
    this.#isClosing = true;
    this.#pump();
    await this.#ended;
  }

  /** Gives up at once. Items without an answer fail with Cancelled, and may have been done. */
  cancel(): void {
    this.#call.cancel();
  }

  #send(item: InteractRequest): Promise<InteractResponse__Output> {
    if (this.#isClosing) return Promise.reject(new Error('the stream takes no items after end()'));
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#unanswered.set(id, { resolve, reject });
      this.#queue.push({ ...item, id });
      this.#pump();
    });
  }

  /** Sends while there is room: in the window, and in the connection. */
  #pump(): void {
    while (!this.#call.writableNeedDrain && this.pending - this.#queue.length < this.#window) {
      const item = this.#queue.shift();
      if (!item) break;
      this.#call.write(item);
    }
    if (this.#isClosing && !this.#queue.length && !this.#call.writableEnded) this.#call.end();
  }

  #settle(response: InteractResponse__Output): void {
    const id = response.id.toNumber();
    const waiting = this.#unanswered.get(id);
    this.#unanswered.delete(id);
    if (response.error) waiting?.reject(fromStatus(response.error, 'Interact'));
    else waiting?.resolve(response);
    this.#pump();
    this.#wake();
  }

  #break(error: PhasicError): void {
    this.#broken = error;
    this.#queue.length = 0;
    for (const { reject } of this.#unanswered.values()) reject(error);
    this.#unanswered.clear();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#wakeUp;
    this.#wakeUp = [];
    for (const resolve of waiting) resolve();
  }
}

/** A promise whose failure, where nobody awaits it, ends no process. */
function unobserved<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
