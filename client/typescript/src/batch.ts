// SPDX-License-Identifier: Apache-2.0
//
// A step of many agents in one message: vectorised environments.
import { toLong } from './contract.js';
import { fromStatus, type PhasicError } from './errors.js';
import type { BatchStepRequest } from './generated/phasic/v1/BatchStepRequest.js';
import type { BatchStepResponse__Output } from './generated/phasic/v1/BatchStepResponse.js';
import { toDisposition, toEnd, type Disposition, type End } from './step.js';
import { floatsFromBytes, floatsToBytes } from './tensor.js';

/** A step of B agents. All arrays but `observation` and `allowed` have B elements. */
export interface Batch {
  /** Agents by `Agent.uid`: 1 to 4,096, each once. */
  uid: readonly bigint[];
  /** B x size, row-major. Absent only when all items are terminated; the rows of those are not read. */
  observation?: Float32Array;
  /** For each agent's first channel, delivered before the observation; null: none. */
  reward?: Float32Array | readonly (number | null)[];
  /** null: the episode goes on. */
  end?: readonly (End | null)[];
  /** The index that each agent's step should have; an item that is wrong fails with StepMismatch. */
  step?: readonly number[];
  /** Names the run of the environment, as `Agent.runId`. */
  runId?: string;
  /** The likeliest or mean action, without exploring. */
  greedy?: boolean;
  /** Ticks of simulated time, instead of the circuits' own. */
  ticks?: number;
  /** B x alternatives: which of the agents' only output may be chosen. */
  allowed?: readonly boolean[];
}

/** What came of a batch. All arrays but `action` and `failures` have B elements. */
export interface BatchResult {
  /** B x size, row-major; 0 for items that end an episode and for those that failed. */
  action: Float32Array;
  /** The index of each step; 0 where it failed. */
  step: number[];
  /** The index of the episode that each step belonged to; 0 where it failed. */
  episode: number[];
  /** Simulated time after each item, in milliseconds. */
  time: number[];
  /** What became of each reward; undefined where there was none. Empty when there were no rewards. */
  disposition: (Disposition | undefined)[];
  /** The items that were not done, in order. */
  failures: { item: number; error: PhasicError }[];
}

export function batchRequest({ uid, observation, reward, end, step, allowed, ...rest }: Batch): BatchStepRequest {
  const rewards = reward && Array.from<number | null>(reward);
  return {
    ...rest,
    uid: uid.map(toLong),
    observationBytes: observation && floatsToBytes(observation),
    reward: rewards?.map((value) => value ?? 0),
    hasReward: rewards?.includes(null) ? rewards.map((value) => value !== null) : undefined,
    end: end?.map((how) => (how ? toEnd(how) : 'NONE')),
    step: step && [...step],
    allowed: allowed && [...allowed],
  };
}

export function batchResult(response: BatchStepResponse__Output, method: string): BatchResult {
  return {
    // As bytes, unless there were no observations to say so.
    action: response.action.length ? Float32Array.from(response.action) : floatsFromBytes(response.actionBytes),
    step: response.step.map((index) => index.toNumber()),
    episode: response.episode.map((index) => index.toNumber()),
    time: response.time,
    disposition: response.disposition.map((name) =>
      name === 'DISPOSITION_UNSPECIFIED' ? undefined : toDisposition(name),
    ),
    failures: response.failures.flatMap(({ item, status }) =>
      status ? [{ item, error: fromStatus(status, method) }] : [],
    ),
  };
}
