// SPDX-License-Identifier: Apache-2.0
//
// An agent's state as a whole: what is written to it, and what is stored of it.
import { toBigInt } from './contract.js';
import type { Snapshot__Output } from './generated/phasic/v1/Snapshot.js';
import type { VariableWrite } from './generated/phasic/v1/VariableWrite.js';
import { toDate } from './info.js';
import { toList, type Numbers } from './tensor.js';

/** A stored state of an agent. */
export interface Snapshot {
  /** tenants/{tenant}/agents/{agent}/snapshots/{snapshot} */
  name: string;
  id: string;
  createTime: Date;
  /** The index of the next step in it. */
  step: number;
  /** Of the agent whose state it is. */
  incarnation: bigint;
  /** As `Agent.digest`. */
  digest: bigint;
  /** What it takes in the store. */
  bytes: number;
  note: string;
}

/** One of an agent's snapshots, or its id. */
export type SnapshotRef = string | Pick<Snapshot, 'name'>;

export interface WriteOptions {
  /** Only if the agent's next step has this index, else StepMismatch. Then the call may be tried again. */
  step?: number;
  /** Only if the agent still has this one, else Aborted. */
  etag?: string;
}

export interface SnapshotOptions {
  /** Lower-case letters, digits and hyphens, up to 63; absent: the server draws one. */
  snapshotId?: string;
  /** Up to 63 characters. */
  note?: string;
}

export function toSnapshot({ name, createTime, step, incarnation, digest, bytes, note }: Snapshot__Output): Snapshot {
  return {
    name,
    id: idOf(name),
    createTime: toDate(createTime),
    step: step.toNumber(),
    incarnation: toBigInt(incarnation),
    digest: toBigInt(digest),
    bytes: bytes.toNumber(),
    note,
  };
}

export function snapshotId(snapshot: SnapshotRef): string {
  return idOf(typeof snapshot === 'string' ? snapshot : snapshot.name);
}

export function snapshotName(agent: string, snapshot: SnapshotRef): string {
  const name = typeof snapshot === 'string' ? snapshot : snapshot.name;
  return name.includes('/') ? name : `${agent}/snapshots/${name}`;
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/**
 * The message that writes these numbers to "component.variable", or to some elements of it: "[5]", "[10:20]", "[10:]".
 *
 * @throws RangeError: the part is empty, or has another number of elements than there are numbers.
 */
export function toWrite(part: string, numbers: Numbers): VariableWrite {
  const [, variable = part, from = '', colon = ':', to = ''] = /^(.+)\[(\d*)(:?)(\d*)\]$/.exec(part) ?? [];
  const offset = Number(from);
  const count = to ? Number(to) - offset : colon ? undefined : 1;
  if ((count !== undefined && count < 1) || !(colon || from)) throw new RangeError(`${part} has no elements`);
  if (typeof numbers === 'number') return { variable, offset, fill: numbers, count: count ?? 0 };
  if (count !== undefined && count !== numbers.length) {
    throw new RangeError(`${part} has ${count} elements, not ${numbers.length}`);
  }
  return { variable, offset, values: toList(numbers) };
}
