// SPDX-License-Identifier: Apache-2.0
//
// Arrays of numbers between typed arrays and the wire's little-endian bytes. A typed array has the machine's order, which
// is the wire's on everything that Node is built for but AIX and s390x; those are not served.
import type { Tensor, Tensor__Output } from './generated/phasic/v1/Tensor.js';

/** One number, or several, row-major. */
export type Numbers =
  | number
  | readonly number[]
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Numbers with their shape, row-major. */
export interface NdArray {
  shape: number[];
  data: Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;
}

const KINDS = {
  DTYPE_UNSPECIFIED: Float32Array,
  FLOAT32: Float32Array,
  FLOAT64: Float64Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
};

/** An array of its own; the message may go. */
export function fromBytes(dtype: Tensor__Output['dtype'], bytes: Uint8Array): NdArray['data'] {
  return new KINDS[dtype](new Uint8Array(bytes).buffer);
}

export function floatsFromBytes(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** A copy: the caller may fill the array anew before a message is sent, or sent again. */
export function floatsToBytes(floats: Float32Array): Buffer {
  return Buffer.from(floats.slice().buffer);
}

export function fromTensor({ shape, dtype, data }: Tensor__Output): NdArray {
  return { shape: shape.map((size) => size.toNumber()), data: fromBytes(dtype, data) };
}

export function toFloats(values: Numbers): Float32Array {
  if (values instanceof Float32Array) return values;
  return typeof values === 'number' ? Float32Array.of(values) : Float32Array.from(values);
}

/** A flat list of numbers. */
export function toList(values: Numbers): number[] {
  return typeof values === 'number' ? [values] : Array.from(values);
}

/** The numbers as FLOAT32, which is what ports take. */
export function toTensor(name: string, values: Numbers): Tensor {
  const floats = toFloats(values);
  return { name, shape: [floats.length], dtype: 'FLOAT32', data: floatsToBytes(floats) };
}

/** Tensors by their names. */
export function byName(tensors: Tensor__Output[]): Record<string, NdArray> {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, fromTensor(tensor)]));
}
