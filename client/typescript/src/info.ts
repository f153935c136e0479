// SPDX-License-Identifier: Apache-2.0
//
// What the server says about agents, circuits and itself, as plain values.
import type { Long } from '@grpc/proto-loader';
import { orEmpty } from './contract.js';
import type { FieldViolation } from './errors.js';
import type { AgentSize__Output } from './generated/phasic/v1/AgentSize.js';
import type { AgentStats__Output } from './generated/phasic/v1/AgentStats.js';
import type { CheckStoreResponse__Output } from './generated/phasic/v1/CheckStoreResponse.js';
import type { Circuit__Output } from './generated/phasic/v1/Circuit.js';
import type { ComponentInfo__Output } from './generated/phasic/v1/ComponentInfo.js';
import type { PortInfo__Output } from './generated/phasic/v1/PortInfo.js';
import type { ServerInfo__Output } from './generated/phasic/v1/ServerInfo.js';
import type { Timestamp__Output } from './generated/google/protobuf/Timestamp.js';
import type { ValidateCircuitResponse__Output } from './generated/phasic/v1/ValidateCircuitResponse.js';
import { circuitFromMessage, type CircuitSpec } from './json.js';
import { spaceFromMessage, type Space } from './spaces.js';

/** A named end of a circuit. */
export interface Port {
  name: string;
  direction: 'input' | 'output';
  space: Space;
  /** Numbers per value. */
  size: number;
  /** Whether the output takes an action mask. */
  maskable: boolean;
}

/** A modulator as rewards address it. */
export interface Channel {
  name: string;
  /** The modulator's kind. */
  model: string;
  /** Numbers per reward. */
  size: number;
}

/** What an agent takes. */
export interface Size {
  neurons: number;
  synapses: number;
  /** Bytes of state when made. */
  bytes: number;
  /** Bytes of state at most. */
  maxBytes: number;
  /** Estimated seconds of one step. */
  stepSeconds: number;
}

/** What an agent has lived through. */
export interface Stats {
  steps: number;
  episodes: number;
  /** The mean sum of rewards over the last `meanReturnEpisodes` episodes, up to 100; absent before the first has ended. */
  meanReturn?: number;
  meanReturnEpisodes: number;
  rewardsApplied: number;
  rewardsDuplicate: number;
  rewardsNotLearning: number;
  rewardsPending: number;
  rewardsExpired: number;
  rewardsUnknownEvent: number;
  /** Simulated time in milliseconds. */
  time: number;
  lastActive?: Date;
  /** Where its state is: in memory, or in the server's store, from where the next call that needs it wakes it. */
  residency?: 'resident' | 'hibernated';
}

/** What a server's store holds, and what is wrong with it: the first 100 faults. */
export interface StoreCheck {
  agents: number;
  states: number;
  snapshots: number;
  records: number;
  bytes: number;
  faults: string[];
}

/** What a preset or building block says of one of its parameters. */
export interface ParameterInfo {
  name: string;
  description: string;
  unit: string;
  default: number;
  min: number;
  max: number;
  /** The allowed words when it is a word, the first being the default. */
  choices: string[];
  list: boolean;
  /** Whether it may change while the agent lives. */
  live: boolean;
  /** Where the default comes from. */
  source: string;
}

export type Kind = 'population' | 'rule' | 'modulator' | 'encoder' | 'decoder';

/** A building block. */
export interface Component {
  kind: Kind;
  name: string;
  summary: string;
  equations: string;
  source: string;
  parameters: ParameterInfo[];
  /** Descriptions by name: where projections and encoders may end. */
  sites: Record<string, string>;
  /** Descriptions by name: what it remembers and gives. */
  variables: Record<string, string>;
  /** A rule's factors, terms and gates, in words. */
  terms: string[];
}

/** A preset. `spec` (which `createAgent` takes too) and `components` come with `Client.getCircuit` only. */
export interface Circuit {
  name: string;
  summary: string;
  description: string;
  parameters: ParameterInfo[];
  spaces: Record<string, Space>;
  spec: CircuitSpec;
  components: Component[];
}

/** Every fault of a circuit, or what an agent of it would be. */
export interface Validation {
  violations: FieldViolation[];
  size?: Size;
  ports: Port[];
}

/** The server. */
export interface ServerInfo {
  version: string;
  apiVersion: string;
  isa: string;
  /** Where agents live: "memory" means that they end with the server's process, "sqlite" that only ephemeral ones do. */
  store: string;
  /** Numbers by the names that the contract has for them in camelCase, e.g. `limits.maxAgents`. */
  limits: Record<string, number>;
  load: Record<string, number>;
}

/** The message's numbers, 64-bit ones too, which are exact up to 2^53. */
function numbers<T extends object>(message: T): { [K in keyof T]: T[K] extends Long ? number : T[K] } {
  const entries = Object.entries(message).filter(([name]) => !name.startsWith('_'));
  const plain = entries.map(([name, value]) => [name, typeof value === 'object' ? value.toNumber() : value]);
  return Object.fromEntries(plain);
}

export function toDate(time: Timestamp__Output | null): Date {
  const { seconds, nanos } = orEmpty(time, 'google.protobuf.Timestamp');
  return new Date(seconds.toNumber() * 1e3 + nanos / 1e6);
}

export function toPort({ name, direction, space, size, maskable }: PortInfo__Output): Port {
  return { name, direction: direction === 'INPUT' ? 'input' : 'output', space: spaceFromMessage(space), size, maskable };
}

export function toSize(size: AgentSize__Output | null): Size {
  return numbers(orEmpty(size, 'phasic.v1.AgentSize'));
}

export function toStats(stats: AgentStats__Output | null): Stats {
  const { lastActiveTime, residency, ...rest } = orEmpty(stats, 'phasic.v1.AgentStats');
  return {
    ...numbers(rest),
    lastActive: lastActiveTime ? toDate(lastActiveTime) : undefined,
    residency: residency === 'RESIDENCY_UNSPECIFIED' ? undefined : (residency.toLowerCase() as Stats['residency']),
  };
}

export function toComponent({ kind, sites, variables, parameters, ...rest }: ComponentInfo__Output): Component {
  return {
    ...rest,
    kind: kind.toLowerCase() as Kind,
    parameters: parameters.map(toParameterInfo),
    sites: descriptions(sites),
    variables: descriptions(variables),
  };
}

function toParameterInfo({ defaultValue, ...rest }: Circuit__Output['parameters'][number]): ParameterInfo {
  return { ...rest, default: defaultValue };
}

function descriptions(items: { name: string; description: string }[]): Record<string, string> {
  return Object.fromEntries(items.map(({ name, description }) => [name, description]));
}

export function toCircuit({ name, parameters, spaces, spec, components, ...rest }: Circuit__Output): Circuit {
  return {
    ...rest,
    name: name.slice(name.lastIndexOf('/') + 1),
    parameters: parameters.map(toParameterInfo),
    spaces: Object.fromEntries(Object.entries(spaces).map(([port, space]) => [port, spaceFromMessage(space)])),
    spec: circuitFromMessage(orEmpty(spec, 'phasic.v1.CircuitSpec')),
    components: components.map(toComponent),
  };
}

export function toValidation({ violations, size, ports }: ValidateCircuitResponse__Output): Validation {
  return { violations, size: size ? toSize(size) : undefined, ports: ports.map(toPort) };
}

export function toStoreCheck({ faults, ...counts }: CheckStoreResponse__Output): StoreCheck {
  return { ...numbers(counts), faults };
}

export function toServerInfo({ limits, load, ...rest }: ServerInfo__Output): ServerInfo {
  return {
    ...rest,
    limits: numbers(orEmpty(limits, 'phasic.v1.Limits')),
    load: numbers(orEmpty(load, 'phasic.v1.Load')),
  };
}
