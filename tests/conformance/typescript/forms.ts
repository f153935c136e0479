// SPDX-License-Identifier: Apache-2.0
//
// What the table says in JSON, and what the library takes and gives, each as the other. ../README.md says the forms.
import type * as phasic from 'phasic';
import { batchRequest } from '../../../client/typescript/src/batch.js';
import type { Space__Output } from '../../../client/typescript/src/generated/phasic/v1/Space.js';
import { spaceFromMessage, spaceToMessage } from '../../../client/typescript/src/spaces.js';
import { toReward, type Ports, type StepResult } from '../../../client/typescript/src/step.js';
import type { Json } from './table.js';

/** The arguments of a call, of which the table vouches for the types. */
export type Args = any;

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** With the contract's field names, except in maps. */
export function snake(value: Json, key = ''): Json {
  if (Array.isArray(value)) return value.map((item) => snake(item));
  if (typeof value !== 'object' || value === null || ['parameters', 'bindings'].includes(key)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [toSnakeCase(name), snake(item, name)]));
}

/** Numbers that JSON cannot say come as words. */
export function numbers(value: Args): Args {
  if (Array.isArray(value)) return value.map(numbers);
  return typeof value === 'string' ? Number(value) : value;
}

export function toSpace({ discrete, multi_binary, multi_discrete, box }: Args): phasic.Space {
  const given = { discrete, multiBinary: multi_binary, multiDiscrete: multi_discrete, box: box && { low: [], high: [], ...box } };
  return spaceFromMessage(given as Space__Output);
}

function fromSpace(space: phasic.Space): Json {
  const message = spaceToMessage(space) as Args;
  const { low = [], high = [] } = message.box ?? {};
  if (message.box) message.box = { shape: message.box.shape, ...(low.length && { low }), ...(high.length && { high }) };
  return snake(message);
}

function fromSpaces(spaces: Record<string, phasic.Space>): Json {
  return Object.fromEntries(Object.entries(spaces).map(([port, space]) => [port, fromSpace(space)]));
}

export function fromPort({ name, direction, space, size, maskable }: phasic.Port): Json {
  return { name, direction, space: fromSpace(space), size, maskable };
}

export function fromError({ code, reason, violations, metadata, resource }: phasic.PhasicError): Json {
  return { code, reason, fields: violations.map(({ field }) => field), metadata, resource };
}

export function fromCircuit({ name, parameters, spaces, spec, components }: phasic.Circuit): Json {
  return {
    name,
    parameters: parameters.map(({ name, default: value, min, max }) => ({ name, default: value, min, max })),
    spaces: fromSpaces(spaces),
    spec: snake(spec as Json),
    components: components.map(({ kind, name }) => ({ kind, name })),
  };
}

function fromArrays(arrays: Record<string, phasic.NdArray>): Json {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, values: Array.from(data, Number) }]),
  );
}

function fromValue(value: phasic.Value) {
  return typeof value === 'number'
    ? { shape: [], values: [value] }
    : { shape: [value.length], values: Array.from(value) };
}

export function fromResult(result: StepResult, ports: Ports): Json {
  const { action, report, recordings, step, episode, time, dispositions, event } = result;
  const isOne = ports.outputs.length === 1;
  const one = isOne ? (action as phasic.Value | undefined) : undefined;
  const several = isOne ? {} : ((action ?? {}) as Record<string, phasic.Value>);
  return {
    action: one === undefined ? [] : fromValue(one).values,
    actions: Object.fromEntries(Object.entries(several).map(([port, value]) => [port, fromValue(value)])),
    report: fromArrays(report),
    recordings: fromArrays(recordings),
    step,
    episode,
    time,
    dispositions,
    event: event ? { incarnation: String(event.incarnation), step: event.step } : null,
  };
}

export function fromBatch({ action, step, episode, time, disposition, failures }: phasic.BatchResult, form: string): Json {
  const width = action.length / step.length;
  return {
    actions: step.map((_, item) => Array.from(action.subarray(item * width, (item + 1) * width))),
    form,
    steps: step,
    episodes: episode,
    time,
    dispositions: disposition.map((one) => one ?? null),
    failures: failures.map(({ item, error }) => ({ item, error: fromError(error) })),
  };
}

/** The batch as the library takes it, or rather would, were all of the table's right. */
export function toBatch(args: Args): phasic.Batch {
  const { uids, observations, rewards, ends, steps, allowed, run_id, greedy, ticks } = args;
  return {
    uid: uids.map(BigInt),
    observation: observations && Float32Array.from(numbers(observations).flat()),
    reward: rewards && numbers(rewards),
    end: ends,
    step: steps,
    allowed: allowed?.flat(),
    runId: run_id,
    greedy,
    ticks,
  };
}

/** The library has no batches in numbers one by one, nor rewards of which another list says whether they are. */
export function toBatchRequest(args: Args) {
  const request = { ...batchRequest(toBatch(args)), hasReward: args.has_reward, requestId: args.request_id };
  if (args.form === 'bytes' || !args.observations) return request;
  return { ...request, observationBytes: undefined, observation: numbers(args.observations).flat() };
}

export function stepOptions({ end, greedy, ticks, mask, masks, report, record = [], taken_action }: Args): phasic.StepOptions {
  const recorded = record.map(({ variable, every = 0 }: Args) => [variable, every]);
  const takenAction = taken_action && numbers(taken_action);
  return { end, greedy, ticks, mask: masks ?? mask, report, record: Object.fromEntries(recorded), takenAction };
}

export function observationOf({ inputs, observation }: Args): phasic.Observation | undefined {
  if (!inputs) return numbers(observation);
  return Object.fromEntries(Object.entries(inputs).map(([port, values]) => [port, numbers(values)]));
}

/** The decision that a reward is for, as the library takes it; undefined: now. */
export function eventOf({ step, event }: Args): phasic.Event | number | undefined {
  return event ? { incarnation: BigInt(event.incarnation), step: event.step } : step;
}

export function rewardOf({ value, values, channel, reward_id: rewardId, ...time }: Args) {
  const message = toReward(numbers(value ?? values ?? []), channel, rewardId, eventOf(time));
  const { value: one, values: several, ...rest } = message;
  return { ...rest, value: value === undefined ? undefined : one, values: values && (several ?? numbers(values)) };
}

export function fromSnapshot({ id, step, note, digest }: phasic.Snapshot): Json {
  return { snapshot: id, step, note, digest: String(digest) };
}

/** The elements that are written, as the library names them; undefined when it cannot. */
export function toPart({ variable, offset = 0, values, fill, count }: Args): string | undefined {
  if (offset < 0 || (fill === undefined) === (values === undefined)) return undefined;
  const written = values?.length ?? count;
  return `${variable}[${offset}:${written ? offset + written : ''}]`;
}

/** "uint32" of a Uint32Array; null of none. */
export function dtypeOf(data: phasic.NdArray['data'] | undefined): string | null {
  return data ? data.constructor.name.replace(/^Big|Array$/g, '').toLowerCase() : null;
}
