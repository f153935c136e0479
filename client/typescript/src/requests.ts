// SPDX-License-Identifier: Apache-2.0
//
// What a caller says to make and change agents, and the requests that come of it.
import { uniqueId } from './call.js';
import { toLong } from './contract.js';
import type { Durability, Mode } from './facts.js';
import type { CloneAgentRequest } from './generated/phasic/v1/CloneAgentRequest.js';
import type { CreateAgentRequest } from './generated/phasic/v1/CreateAgentRequest.js';
import type { ImportAgentRequest } from './generated/phasic/v1/ImportAgentRequest.js';
import type { UpdateAgentRequest } from './generated/phasic/v1/UpdateAgentRequest.js';
import type { ValidateCircuitRequest } from './generated/phasic/v1/ValidateCircuitRequest.js';
import { circuitToMessage, mapValues, parameterToMessage, type CircuitSpec, type Parameter } from './json.js';
import { spaceToMessage, type Space } from './spaces.js';
import { snapshotId, type SnapshotRef } from './state.js';

/** What an agent is made of: a preset's name, e.g. "actor-critic", or a whole circuit. */
export type Source = string | CircuitSpec;

/** What to change in a preset. A circuit says all of it itself. */
export interface Overrides {
  /** The preset's named parameters, or "component.parameter" for any of its circuit. */
  parameters?: Record<string, Parameter>;
  /** Spaces by port: "observation", "action". */
  spaces?: Record<string, Space>;
}

export interface CreateOptions extends Overrides {
  /** Lower-case letters, digits and hyphens, up to 63; absent: the server draws one. */
  agentId?: string;
  /** Decides every random number of the agent; absent: drawn by the server, see `Agent.seed`. */
  seed?: bigint | number;
  /** E.g. { env: "cartpole" }. */
  labels?: Record<string, string>;
  /** "learning" by default. */
  mode?: Mode;
  /** "journaled" by default where the server has a store, else "ephemeral". */
  durability?: Durability;
  /** Parameters that may change while it lives, as "component.parameter". */
  liveParameters?: Record<string, number>;
}

/** One of several agents to make. */
export interface AgentSpec extends CreateOptions {
  source: Source;
}

export interface CloneOptions {
  /** Absent: the server draws one. */
  agentId?: string;
  /** Absent: the original's, and so the same exploration. */
  seed?: bigint | number;
  /** Absent: the original's. */
  labels?: Record<string, string>;
  /** One of the original's snapshots, to begin with its state; absent: the state as it is. */
  snapshot?: SnapshotRef;
}

export interface ImportOptions {
  /** Absent: the server draws one. */
  agentId?: string;
  /** Absent: the exported agent's, where this server can. */
  durability?: Durability;
}

export interface Changes {
  mode?: Mode;
  /** Values by key; null takes the label away. Other labels stay. */
  labels?: Record<string, string | null>;
  /** Values by "component.parameter". Others stay. */
  liveParameters?: Record<string, number>;
  /** Change only if the agent still has this one, else Aborted. */
  etag?: string;
}

export function toName(id: string): string {
  return id.includes('/') ? id : `agents/${id}`;
}

function toSeed(seed: bigint | number | undefined) {
  return seed === undefined ? undefined : toLong(BigInt(seed));
}

export function toSource(source: Source, { parameters = {}, spaces = {} }: Overrides): ValidateCircuitRequest {
  if (typeof source === 'string') {
    const preset = {
      preset: source,
      parameters: mapValues(parameters, parameterToMessage),
      spaces: mapValues(spaces, spaceToMessage),
    };
    return { preset };
  }
  if (Object.keys({ ...parameters, ...spaces }).length) {
    throw new TypeError('parameters and spaces change a preset; a circuit says all of it itself');
  }
  return { circuit: circuitToMessage(source) };
}

export function toCreate(spec: AgentSpec): CreateAgentRequest {
  const { source, agentId, seed, labels, mode, durability, liveParameters, ...overrides } = spec;
  const kept = durability && toDurability(durability);
  const options = { seed: toSeed(seed), labels, mode: mode && toMode(mode), durability: kept, liveParameters };
  return { agentId, agent: { ...toSource(source, overrides), ...options }, requestId: uniqueId() };
}

export function toClone(id: string, { seed, snapshot, ...rest }: CloneOptions): CloneAgentRequest {
  const from = snapshot && snapshotId(snapshot);
  return { ...rest, seed: toSeed(seed), snapshot: from, name: toName(id), requestId: uniqueId() };
}

export function toImport({ agentId, durability }: ImportOptions): ImportAgentRequest {
  return { agentId, durability: durability && toDurability(durability), requestId: uniqueId() };
}

export function toUpdate(id: string, { mode, labels = {}, liveParameters, etag }: Changes): UpdateAgentRequest {
  const kept = Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null);
  const paths = Object.keys(labels).map((key) => `labels.${key}`);
  if (mode) paths.push('mode');
  if (liveParameters) paths.push('live_parameters');
  const values = { labels: Object.fromEntries(kept), mode: mode && toMode(mode), liveParameters };
  return { agent: { name: toName(id), etag, ...values }, updateMask: { paths } };
}

function toDurability(durability: Durability): Uppercase<Durability> {
  return durability.toUpperCase() as Uppercase<Durability>;
}

function toMode(mode: Mode): Uppercase<Mode> {
  return mode.toUpperCase() as Uppercase<Mode>;
}
