// SPDX-License-Identifier: Apache-2.0
//
// phasic: agents that learn online by reward-modulated synaptic plasticity, hosted by `phasicd`.
export type { Agent } from './agent.js';
export type { Batch, BatchResult } from './batch.js';
export { DEFAULT_RETRY, uniqueId, type Method, type Retry } from './call.js';
export { connect, DEFAULT_PORT, DEFAULT_TARGET, type CallOptions, type Client, type ConnectOptions } from './client.js';
export { methods } from './contract.js';
export * from './errors.js';
export type { Durability, Mode } from './facts.js';
export type {
  Channel,
  Circuit,
  Component,
  Kind,
  ParameterInfo,
  Port,
  ServerInfo,
  Size,
  Stats,
  StoreCheck,
  Validation,
} from './info.js';
export type { InspectOptions, Summary, Variable } from './inspect.js';
export type { CircuitSpec, Parameter } from './json.js';
export type { AgentSpec, Changes, CloneOptions, CreateOptions, ImportOptions, Overrides, Source } from './requests.js';
export {
  box,
  discrete,
  multiBinary,
  multiDiscrete,
  sizeOf,
  type Box,
  type Discrete,
  type MultiBinary,
  type MultiDiscrete,
  type Space,
  type Value,
} from './spaces.js';
export type { Action, Disposition, End, Event, Mask, Observation, StepOptions, StepResult } from './step.js';
export type { Snapshot, SnapshotOptions, SnapshotRef, WriteOptions } from './state.js';
export type { Stream } from './stream.js';
export type { NdArray, Numbers } from './tensor.js';
export { saveFile, type Bytes, type TransferOptions } from './transfer.js';
export type { Glimpse, Moment, Topic, WatchOptions } from './watch.js';
