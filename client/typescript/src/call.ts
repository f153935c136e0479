// SPDX-License-Identifier: Apache-2.0
//
// Calls: a deadline on each try, and more tries where repeating can do nothing twice.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ServiceError } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { DeadlineExceeded, fromServiceError, PhasicError, ResourceExhausted, Unavailable } from './errors.js';

/**
 * How often and how long to try a call that can be repeated safely. A wait is drawn between half and all of
 * `firstWaitMs`, which doubles up to `longestWaitMs`, try after try; the server may ask for a longer one.
 */
export interface Retry {
  /** Tries in all, the first included; 1 means never again. */
  tries: number;
  /**
   * Milliseconds after which no further try begins. One that has begun keeps its whole deadline: cut short, it would
   * hide why the others failed.
   */
  totalMs: number;
  /** Milliseconds before the second try. */
  firstWaitMs: number;
  /** Milliseconds between two tries at most. */
  longestWaitMs: number;
}

export const DEFAULT_RETRY: Readonly<Retry> = { tries: 8, totalMs: 60_000, firstWaitMs: 50, longestWaitMs: 5_000 };

/** A name for a request, reward or run that no other has. */
export function uniqueId(): string {
  return randomBytes(8).toString('hex');
}

/** Whether another try may end differently. A full queue counts only if the server says how long to wait. */
function isWorthRepeating(error: PhasicError): boolean {
  if (error instanceof Unavailable || error instanceof DeadlineExceeded) return true;
  return error instanceof ResourceExhausted && error.retryDelayMs !== undefined;
}

/**
 * The answer of the first try that has one.
 *
 * @param attempt makes the call once, by its own deadline; fails with a PhasicError.
 * @throws the last try's error, which knows how many there were.
 */
export async function withRetry<A>(
  attempt: () => Promise<A>,
  { tries, totalMs, firstWaitMs, longestWaitMs }: Retry,
): Promise<A> {
  const stop = Date.now() + totalMs;
  for (let done = 1; ; ++done) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PhasicError)) throw error;
      error.tries = done;
      // From here it leads back to who called; where it was made, only to gRPC.
      Error.captureStackTrace(error, withRetry);
      if (done >= tries || !isWorthRepeating(error)) throw error;
      const drawn = Math.min(longestWaitMs, firstWaitMs * 2 ** (done - 1)) * (0.5 + Math.random() / 2);
      const wait = Math.max(drawn, error.retryDelayMs ?? 0);
      if (Date.now() + wait >= stop) throw error;
      await sleep(wait);
    }
  }
}

/** A method of the contract: what it takes and what it gives. */
export type Method<Q, A> = MethodDefinition<Q, object, object, A>;

/** The method as errors call it. */
export function nameOf({ path }: { path: string }): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** One try of a method with one answer. */
export function callUnary<Q, A>(channel: Client, method: Method<Q, A>, request: Q, timeoutMs: number): Promise<A> {
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      { deadline: Date.now() + timeoutMs },
      (error, answer) => (error ? reject(fromServiceError(error, nameOf(method))) : resolve(answer as A)),
    );
  });
}

/** One try of a method that answers in many messages. */
export async function callStreaming<Q, A>(
  channel: Client,
  method: Method<Q, A>,
  request: Q,
  timeoutMs: number,
): Promise<A[]> {
  const call = channel.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    { deadline: Date.now() + timeoutMs },
  );
  const answers: A[] = [];
  try {
    for await (const answer of call) answers.push(answer as A);
  } catch (error) {
    throw fromServiceError(error as ServiceError, nameOf(method));
  }
  return answers;
}

/** A method's many answers as they come. Tried again until the first has come; ended when nobody reads on. */
export async function* follow<Q, A>(
  channel: Client,
  method: Method<Q, A>,
  request: Q,
  retry: Retry,
  timeoutMs: number,
): AsyncGenerator<A, void, undefined> {
  const { path, requestSerialize, responseDeserialize } = method;
  const begin = async () => {
    const options = { deadline: Date.now() + timeoutMs };
    const call = channel.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, options);
    const answers = call[Symbol.asyncIterator]() as AsyncIterator<A>;
    const next = () =>
      answers.next().catch((error: unknown) => {
        throw fromServiceError(error as ServiceError, nameOf(method));
      });
    return { call, next, first: await next() };
  };
  const { call, next, first } = await withRetry(begin, retry);
  try {
    for (let answer = first; !answer.done; answer = await next()) yield answer.value;
  } finally {
    call.cancel();
  }
}
