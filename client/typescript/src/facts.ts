// SPDX-License-Identifier: Apache-2.0
//
// What an agent is, as its server last told.
import { toBigInt } from './contract.js';
import type { Agent__Output } from './generated/phasic/v1/Agent.js';
import { toDate, toSize, toStats, type Channel, type Port, type Size, type Stats } from './info.js';
import { parameterFromMessage, type Parameter } from './json.js';
import { Ports } from './step.js';

/** Whether an agent learns. Frozen: it acts, and its traces run; weights, baselines and statistics stay as they are. */
export type Mode = 'learning' | 'frozen' | 'shadow';

/**
 * What of an agent survives. Ephemeral: nothing, it ends with the server's process. Snapshot: what it knew about a minute
 * ago. Journaled: all that was answered survives a crash. Synced: also a loss of power.
 */
export type Durability = 'ephemeral' | 'snapshot' | 'journaled' | 'synced';

/** Reads an agent's message. `Agent.refresh` asks for a new one. */
export abstract class AgentFacts {
  /** @internal */
  message: Agent__Output;
  /** @internal */
  readonly portSet: Ports;

  /** @internal */
  constructor(message: Agent__Output) {
    this.message = message;
    this.portSet = new Ports(message);
  }

  /** tenants/{tenant}/agents/{agent} */
  get name(): string {
    return this.message.name;
  }

  get id(): string {
    return this.name.slice(this.name.lastIndexOf('/') + 1);
  }

  /** Never used again, even after the agent is deleted. */
  get uid(): bigint {
    return toBigInt(this.message.uid);
  }

  /** New whenever a state begins: on create, clone, import and restore. */
  get incarnation(): bigint {
    return toBigInt(this.message.incarnation);
  }

  get createTime(): Date {
    return toDate(this.message.createTime);
  }

  get etag(): string {
    return this.message.etag;
  }

  get labels(): Record<string, string> {
    return { ...this.message.labels };
  }

  get mode(): Mode {
    return this.message.mode.toLowerCase() as Mode;
  }

  /** Absent: the server told none that this library knows. */
  get durability(): Durability | undefined {
    const word = this.message.durability.toLowerCase();
    return word === 'durability_unspecified' ? undefined : (word as Durability);
  }

  /** The versions of the server's arithmetic that have computed its state, ascending. */
  get numerics(): number[] {
    return [...this.message.numerics];
  }

  /** Decides every random number of the agent. */
  get seed(): bigint {
    return this.message.seed ? toBigInt(this.message.seed) : 0n;
  }

  /** The preset's name, or "" when the agent was made from a circuit. */
  get preset(): string {
    return this.message.preset?.preset ?? '';
  }

  /** What was changed in the preset. */
  get parameters(): Record<string, Parameter> {
    const given = Object.entries(this.message.preset?.parameters ?? {});
    return Object.fromEntries(given.map(([name, value]) => [name, parameterFromMessage(value)]));
  }

  /** Parameters that `update` may change, as "component.parameter". */
  get liveParameters(): Record<string, number> {
    return { ...this.message.liveParameters };
  }

  get size(): Size {
    return toSize(this.message.size);
  }

  /** Inputs first. */
  get ports(): readonly Port[] {
    return this.portSet.all;
  }

  /** The first is the one that rewards without a channel reach. */
  get channels(): Channel[] {
    return this.message.channels.map(({ name, model, size }) => ({ name, model, size }));
  }

  /** As of the last `refresh` (or `update`). */
  get stats(): Stats {
    return toStats(this.message.stats);
  }
}
