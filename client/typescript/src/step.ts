// SPDX-License-Identifier: Apache-2.0
//
// One step on the wire: filling the request, reading the response.
import { toBigInt, toLong } from './contract.js';
import type { ActionMask } from './generated/phasic/v1/ActionMask.js';
import type { Agent__Output } from './generated/phasic/v1/Agent.js';
import type { Disposition__Output } from './generated/phasic/v1/Disposition.js';
import type { Reward as RewardMessage } from './generated/phasic/v1/Reward.js';
import type { StepRequest } from './generated/phasic/v1/StepRequest.js';
import type { StepResponse__Output } from './generated/phasic/v1/StepResponse.js';
import { toPort, type Port } from './info.js';
import { toValue, type Value } from './spaces.js';
import { byName, fromTensor, toList, toTensor, type NdArray, type Numbers } from './tensor.js';

// A bigger observation travels as bytes, which cost less than one number after the other.
const LISTED_UP_TO = 256;

/** What an agent sees: numbers for the only input port, or for each by its name. */
export type Observation = Numbers | Record<string, Numbers>;

/** What an agent does: a value of the only output port's space, or one for each port by its name. */
export type Action = Value | Record<string, Value>;

/** How an episode ends: the world ended it, or it was cut off. */
export type End = 'terminated' | 'truncated';

/** What became of a reward. */
export type Disposition = 'applied' | 'duplicate' | 'not_learning' | 'pending' | 'expired' | 'unknown_event';

/** A decision of an agent, which a later reward may name. */
export interface Event {
  incarnation: bigint;
  step: number;
}

/** Which alternatives of a discrete output may be chosen. */
export type Mask = readonly boolean[];

export interface StepOptions {
  /** Ends the episode. Then no action comes back. */
  end?: End;
  /** The likeliest or mean action, without exploring. */
  greedy?: boolean;
  /** Ticks of simulated time, instead of the circuit's own. */
  ticks?: number;
  /** For the only output, or by port. */
  mask?: Mask | Record<string, Mask>;
  /** What to return besides the action, as "component.variable". */
  report?: readonly string[];
  /** What to record while the ticks pass: by "component.variable", every how many ticks. */
  record?: Record<string, number>;
  /** More rewards, by channel. */
  rewards?: Record<string, Numbers>;
  /** In shadow mode, and only there: what was done on this observation, for the only output or by port. */
  takenAction?: Numbers | Record<string, Numbers>;
  /** Milliseconds for each try, instead of the client's own. */
  timeoutMs?: number;
}

/** An agent's ports, with what is needed to read and write their values. */
export class Ports {
  readonly all: Port[];
  readonly inputs: Port[];
  readonly outputs: Port[];

  constructor({ ports }: Pick<Agent__Output, 'ports'>) {
    this.all = ports.map(toPort);
    this.inputs = this.all.filter(({ direction }) => direction === 'input');
    this.outputs = this.all.filter(({ direction }) => direction === 'output');
  }
}

/** What came of a step. */
export class StepResult {
  /** Undefined at an end of episode. In shadow mode what the agent would have done. */
  readonly action?: Action;
  /** What the step was asked to report, by "component.variable". */
  readonly report: Record<string, NdArray>;
  /** What it was asked to record: samples x the variable's shape. */
  readonly recordings: Record<string, NdArray>;
  /** This step's index. Like every count of steps a number, exact up to 2^53. */
  readonly step: number;
  /** The index of the episode that the step belonged to. */
  readonly episode: number;
  /** Simulated time after the step, in milliseconds. */
  readonly time: number;
  /** What became of each reward. */
  readonly dispositions: Disposition[];
  /** This decision, as a later reward may name it; undefined at an end of episode. */
  readonly event?: Event;

  constructor(response: StepResponse__Output, { outputs }: Ports) {
    this.action = readAction(response, outputs);
    this.report = byName(response.report);
    this.recordings = byName(response.recordings);
    this.step = response.step.toNumber();
    this.episode = response.episode.toNumber();
    this.time = response.time;
    this.dispositions = response.dispositions.map(toDisposition);
    const { event } = response;
    if (event) this.event = { incarnation: toBigInt(event.incarnation), step: event.step.toNumber() };
  }

  /**
   * The action, where it is one of the alternatives of the only, discrete output.
   *
   * @throws TypeError: it is not.
   */
  get choice(): number {
    if (typeof this.action === 'number') return this.action;
    throw new TypeError(this.action === undefined ? 'an end of episode has no action' : 'the action is no single choice');
  }
}

function readAction(response: StepResponse__Output, outputs: Port[]): Action | undefined {
  const [only] = outputs;
  if (only && response.action.length) return toValue(only.space, response.action);
  if (!response.actions.length) return undefined;
  const tensors = new Map(response.actions.map((tensor) => [tensor.name, tensor]));
  const values = outputs.flatMap(({ name, space }) => {
    const tensor = tensors.get(name);
    return tensor ? [[name, toValue(space, fromTensor(tensor).data as Float32Array)]] : [];
  });
  return Object.fromEntries(values);
}

export function toDisposition(name: Disposition__Output): Disposition {
  return name.toLowerCase() as Disposition;
}

export function toEnd(end: End): 'TERMINATED' | 'TRUNCATED' {
  return end === 'terminated' ? 'TERMINATED' : 'TRUNCATED';
}

export function toReward(value: Numbers, channel = '', rewardId = '', event?: Event | number): RewardMessage {
  const time = typeof event === 'number' ? { step: event } : event && { event: { ...event, incarnation: toLong(event.incarnation) } };
  return { channel, rewardId, ...time, ...(typeof value === 'number' ? { value } : { values: toList(value) }) };
}

function isByPort<T>(value: T | Record<string, T>): value is Record<string, T> {
  return typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** The arguments of `Agent.step` as a request. The server checks them. */
export function stepRequest(
  ports: Ports,
  observation: Observation | null | undefined,
  reward: number | null | undefined,
  { end, greedy, ticks, mask, report, record = {}, rewards = {}, takenAction }: StepOptions,
): StepRequest {
  return {
    ...observe(ports, observation),
    rewards: [
      ...(typeof reward === 'number' ? [toReward(reward)] : []),
      ...Object.entries(rewards).map(([channel, value]) => toReward(value, channel)),
    ],
    end: end && toEnd(end),
    greedy,
    ticks,
    actionMasks: toMasks(mask),
    report: report && [...report],
    record: Object.entries(record).map(([variable, every]) => ({ variable, every })),
    takenAction: takenAction === undefined ? [] : toTaken(ports, takenAction),
  };
}

/** The values of all outputs, one after the other. */
function toTaken({ outputs }: Ports, action: Numbers | Record<string, Numbers>): number[] {
  if (!isByPort<Numbers>(action)) return toList(action);
  return outputs.flatMap(({ name }) => {
    const values = action[name];
    if (values === undefined) throw new RangeError(`takenAction says nothing of the output ${name}`);
    return toList(values);
  });
}

function observe({ inputs }: Ports, observation: Observation | null | undefined): StepRequest {
  if (observation === null || observation === undefined) return {};
  if (isByPort<Numbers>(observation)) {
    return { inputs: Object.entries(observation).map(([port, values]) => toTensor(port, values)) };
  }
  const [only] = inputs;
  const isBig = typeof observation !== 'number' && observation.length > LISTED_UP_TO;
  return isBig && only && inputs.length === 1
    ? { inputs: [toTensor(only.name, observation)] }
    : { observation: toList(observation) };
}

function toMasks(mask: StepOptions['mask']): ActionMask[] {
  if (!mask) return [];
  const masks = isByPort<Mask>(mask) ? mask : { '': mask };
  return Object.entries(masks).map(([port, allowed]) => ({ port, allowed: [...allowed] }));
}
