// SPDX-License-Identifier: Apache-2.0
//
// What an agent does, as it does it.
import { orEmpty } from './contract.js';
import type { WatchResponse__Output } from './generated/phasic/v1/WatchResponse.js';
import { toStats, type Stats } from './info.js';
import { toSummary, type Summary } from './inspect.js';
import { toDisposition, type Disposition, type End } from './step.js';

export type Topic = 'rewards' | 'actions' | 'modulators' | 'spikes' | 'traces' | 'weights';

export interface WatchOptions {
  /** What to tell; absent: all. */
  topics?: Topic[];
  /** Of the steps only those whose index is a multiple of this; absent: all. */
  stride?: number;
  /** Glimpses a second at most; absent: 10. */
  maxRate?: number;
}

/** What a step did, or rewards that came by themselves. */
export interface Moment {
  /** The step's index; absent where rewards came by themselves, before the step `nextStep`. */
  step?: number;
  nextStep: number;
  episode: number;
  /** Simulated time in milliseconds. */
  time: number;
  end?: End;
  rewards: { channel: string; values: number[]; disposition: Disposition }[];
  /** The values of all output ports, one after the other. */
  action: number[];
  /** Outputs of modulators by "component.variable". */
  modulators: Record<string, number[]>;
  /** The neurons that fired in the last tick, by population. */
  spikes: Record<string, number[]>;
}

/** What has happened since the glimpse before, and how the agent is now. */
export interface Glimpse {
  /** The last that came, oldest first. */
  moments: Moment[];
  /** Moments before those that are not told. */
  dropped: number;
  stats: Stats;
  /** By "component.variable". */
  traces: Record<string, Summary>;
  /** By "component.variable". */
  weights: Record<string, Summary>;
}

export function watchRequest({ topics = [], stride, maxRate }: WatchOptions) {
  return { topics: topics.map((topic) => topic.toUpperCase() as Uppercase<Topic>), stride, maxRate };
}

export function toGlimpse({ moments, dropped, stats, traces, weights }: WatchResponse__Output): Glimpse {
  return {
    moments: moments.map(toMoment),
    dropped: dropped.toNumber(),
    stats: toStats(stats),
    traces: toSummaries(traces),
    weights: toSummaries(weights),
  };
}

function toMoment(moment: WatchResponse__Output['moments'][number]): Moment {
  const { turn, step, nextStep, episode, time, end, rewards, action, modulators, spikes } = moment;
  const index = turn === 'step' ? orZero(step) : undefined;
  return {
    step: index,
    nextStep: index === undefined ? orZero(nextStep) : index + 1,
    episode: episode.toNumber(),
    time,
    end: end === 'NONE' ? undefined : (end.toLowerCase() as End),
    rewards: rewards.map(({ disposition, ...rest }) => ({ ...rest, disposition: toDisposition(disposition) })),
    action,
    modulators: Object.fromEntries(modulators.map((level) => [nameOf(level), level.values])),
    spikes: Object.fromEntries(spikes.map(({ component, units }) => [component, units])),
  };
}

function orZero(count: { toNumber(): number } | undefined): number {
  return count?.toNumber() ?? 0;
}

function nameOf({ component, variable }: { component: string; variable: string }): string {
  return `${component}.${variable}`;
}

function toSummaries(sizes: WatchResponse__Output['traces']): Record<string, Summary> {
  return Object.fromEntries(
    sizes.map((size) => [nameOf(size), toSummary(orEmpty(size.summary, 'phasic.v1.InspectResponse.Summary'))]),
  );
}
