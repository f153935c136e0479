// SPDX-License-Identifier: Apache-2.0
//
// Spaces: what may enter or leave a port, in the words of reinforcement learning.
import type { Space as SpaceMessage, Space__Output } from './generated/phasic/v1/Space.js';

/** One of n alternatives, 0 to n - 1. Its values are numbers. */
export interface Discrete {
  kind: 'discrete';
  n: number;
}

/** n switches, each 0 or 1. Its values are Uint8Array. */
export interface MultiBinary {
  kind: 'multi-binary';
  n: number;
}

/** Several choices at once: element i is 0 to nvec[i] - 1. Its values are Int32Array. */
export interface MultiDiscrete {
  kind: 'multi-discrete';
  nvec: number[];
}

/** Real numbers, each within its bounds. Its values are Float32Array, row-major. */
export interface Box {
  kind: 'box';
  shape: number[];
  /** The least value of each element, or one for all; absent or -Infinity: no bound. */
  low?: number | number[];
  /** The greatest value of each element, or one for all; absent or Infinity: no bound. */
  high?: number | number[];
}

export type Space = Discrete | MultiBinary | MultiDiscrete | Box;

/** A value of a space. */
export type Value = number | Uint8Array | Int32Array | Float32Array;

export function discrete(n: number): Discrete {
  return { kind: 'discrete', n };
}

export function multiBinary(n: number): MultiBinary {
  return { kind: 'multi-binary', n };
}

export function multiDiscrete(nvec: number[]): MultiDiscrete {
  return { kind: 'multi-discrete', nvec };
}

/** A box of this shape; a number is the length of a vector. */
export function box(shape: number | number[], low?: number | number[], high?: number | number[]): Box {
  return { kind: 'box', shape: typeof shape === 'number' ? [shape] : shape, low, high };
}

/** How many numbers a value has. */
export function sizeOf(space: Space): number {
  switch (space.kind) {
    case 'discrete':
      return 1;
    case 'multi-binary':
      return space.n;
    case 'multi-discrete':
      return space.nvec.length;
    case 'box':
      return space.shape.reduce((product, size) => product * size, 1);
  }
}

/** The value that these numbers, flat, are in this space. */
export function toValue(space: Space, numbers: ArrayLike<number>): Value {
  switch (space.kind) {
    case 'discrete':
      return numbers[0] ?? 0;
    case 'multi-binary':
      return Uint8Array.from(numbers);
    case 'multi-discrete':
      return Int32Array.from(numbers);
    case 'box':
      return Float32Array.from(numbers);
  }
}

/** The wire has no bound for a whole box as no bounds at all. */
function toBounds(bound: number | number[] | undefined): number[] {
  const bounds = bound === undefined ? [] : [bound].flat();
  return bounds.every((value) => Math.abs(value) === Infinity) ? [] : bounds;
}

function fromBounds(bounds: number[]): number | number[] | undefined {
  return bounds.length === 1 ? bounds[0] : bounds.length ? bounds : undefined;
}

export function spaceToMessage(space: Space): SpaceMessage {
  switch (space.kind) {
    case 'discrete':
      return { discrete: { n: space.n } };
    case 'multi-binary':
      return { multiBinary: { n: space.n } };
    case 'multi-discrete':
      return { multiDiscrete: { nvec: space.nvec } };
    case 'box':
      return { box: { shape: space.shape, low: toBounds(space.low), high: toBounds(space.high) } };
  }
}

/** @throws RangeError: a kind that this client does not know. */
export function spaceFromMessage(message: Space__Output | null): Space {
  if (message?.discrete) return discrete(message.discrete.n);
  if (message?.multiBinary) return multiBinary(message.multiBinary.n);
  if (message?.multiDiscrete) return multiDiscrete(message.multiDiscrete.nvec);
  if (message?.box) return box(message.box.shape, fromBounds(message.box.low), fromBounds(message.box.high));
  throw new RangeError('this space is of a kind that this client does not know');
}
